"""contest - who is measured at what. A contestant runs once and gives a
Sample; what it compares with is the `base` of its group."""
import json
import os
import shutil
import subprocess

import measure
import mta
import ruadtest
import table

TOOLS = os.path.join(ruadtest.BUILDDIR, "tests/bench")
RUA = "rua@reports.test.example"
OTHER = "anna@test.example"
PEER_MAILS = 40  # for what is slow
RAISED = {"max_xml_bytes": "1G", "max_total_bytes": "1G",
          "max_read_time": "10m", "commit_timeout": "10m"}


def tool(name):
    return os.path.join(TOOLS, name)


class Contestant:
    """`name` is its row. `why_not` says why it cannot run here."""
    why_not = None
    is_durable = True  # waits for the disk, so that this can be counted

    def __init__(self, name, data):
        self.name, self.data = name, data

    def run(self, box, syncs=None):
        """One run with files below `box`; `syncs` counts, when given."""
        raise NotImplementedError


class Program(Contestant):
    """Reads the files of a directory and ends."""

    def command(self, store):
        raise NotImplementedError

    def env(self, store):
        return {}

    def stored(self, store):
        """What it made of the mails: (reports, records)."""
        return self.data.mails, self.data.records

    def sizes(self, store):
        return None, None

    def run(self, box, syncs=None):
        store = box.path("store.db")
        env = dict(self.env(store), **(syncs.env if syncs else {}))
        secs, cpu, rss, _ = measure.run(self.command(store), env)
        reports, records = self.stored(store)
        return measure.Sample(secs, reports, records, cpu, rss,
                              *self.sizes(store), syncs and syncs.take())


class Floor(Program):
    def __init__(self, data, batch, *options):
        super().__init__("floor, %d in a transaction%s" % (
            batch, ", results as rows" if options else ""), data)
        self.options = ["-b", str(batch), *options]

    def command(self, store):
        return [tool("floor"), *self.options, store, self.data.path]

    def sizes(self, store):
        got = ruadtest.query(store, "SELECT (SELECT count(*) FROM report),"
                                    " (SELECT count(*) FROM record)")[0]
        if got != (self.data.mails, self.data.records):
            raise measure.Failed("the floor has %d reports, %d records" % got)
        return os.path.getsize(store), None


class Ingest(Program):
    """ruadctl ingest. Originals are kept unless `keep` is false."""

    def __init__(self, data, jobs, keep=True, **limits):
        super().__init__("ruadctl ingest, %d job%s%s" % (
            jobs, "s" * (jobs > 1), "" if keep else ", no originals"), data)
        self.jobs = jobs
        self.limits = dict(limits, keep_raw=keep)

    def command(self, store):
        conf = store + ".conf"
        with open(conf, "w") as f:
            for item in self.limits.items():
                f.write("%s = %s\n" % (item[0],
                                       ruadtest.conf_value(item[1])))
        return [ruadtest.RUADCTL, "-c", conf, "-d", store, "ingest",
                "--jobs", str(self.jobs), self.data.path]

    def sizes(self, store):
        measure.check_store(store, self.data)
        return measure.store_bytes(store)


def socket_path(ruad):
    return ruad.socket.partition(":")[2]


def send(program, *arguments):
    """Run a client; what it prints. All mails must be taken."""
    out = json.loads(measure.run([tool(program), *map(str, arguments)])[3])
    if out["later"] or out["refused"]:
        raise measure.Failed("%(taken)d mails taken, %(later)d deferred,"
                             " %(refused)d refused" % out)
    return out


class Direct(Contestant):
    """The daemon, given mails by a milter client without a mail server."""

    def __init__(self, data, connections, **options):
        super().__init__("ruad, %d connection%s" % (
            connections, "s" * (connections > 1)), data)
        self.connections, self.options = connections, options

    def run(self, box, syncs=None):
        ruad = ruadtest.Ruad(box, env=syncs and syncs.env, **self.options)
        pid = ruad.start().process.pid
        before = measure.cpu_secs(pid)
        if syncs:
            syncs.take()  # those of the new store
        out = send("milter_client", "-c", self.connections, "-n",
                   self.data.mails, socket_path(ruad), self.data.path)
        sample = measure.Sample(
            out["secs"], self.data.mails, self.data.records,
            measure.cpu_secs(pid) - before, measure.memory_mb(pid),
            syncs=syncs and syncs.take(), wait_ms=out["wait_ms"])
        if ruad.stop() != 0:
            raise measure.Failed("ruad does not end with 0")
        measure.check_store(ruad.store, self.data)
        sample.stored_bytes, sample.original_bytes = \
            measure.store_bytes(ruad.store)
        return sample


class Beside(Contestant):
    """Synthetic reports through the daemon for as long as it is busy with a
    mail of `data`, or without that one. What counts is how long they wait."""
    CONNECTIONS, BATCH = 5, 200

    def __init__(self, data, alone, **options):
        super().__init__("ruad, %d connections%s" % (
            self.CONNECTIONS, ", nothing beside" if alone else
            ", a huge report beside"), data)
        self.alone, self.options = alone, options

    def begin_huge(self, ruad):
        """A function that says whether it is still on its way."""
        if self.alone:
            rounds = iter(range(3))
            return lambda: next(rounds, None) is not None
        join = ruadtest.in_thread(
            send, "milter_client", "-n", 1, socket_path(ruad), self.data.path)
        return lambda: join.is_alive() or join()["taken"] != 1

    def run(self, box, syncs=None):
        ruad = ruadtest.Ruad(box, env=syncs and syncs.env, **self.options)
        pid = ruad.start().process.pid
        if syncs:
            syncs.take()
        is_busy, outs = self.begin_huge(ruad), []
        while is_busy():
            outs.append(send("milter_client", "-c", self.CONNECTIONS, "-s",
                             len(outs) * self.BATCH, "-n", self.BATCH,
                             socket_path(ruad)))
        wait = {k: max(o["wait_ms"][k] for o in outs)
                for k in outs[0]["wait_ms"]}
        sample = measure.Sample(
            sum(o["secs"] for o in outs), len(outs) * self.BATCH, None,
            rss_mb=measure.memory_mb(pid), wait_ms=wait)
        if syncs:
            sample.syncs = syncs.take()
        if ruad.stop() != 0:
            raise measure.Failed("ruad does not end with 0")
        reports = ruadtest.query(ruad.store, "SELECT count(*) FROM v_report")
        if reports != [(sample.reports + (not self.alone),)]:
            raise measure.Failed("%d reports stored" % reports[0])
        return sample


class Mta(Contestant):
    """A private Postfix, with a filter or without; what it takes it throws
    away. The processor time is that of the filter."""
    FILTERS = {"no": "no filter", "early": "a filter that lets go at once",
               "read": "a filter that reads all", "ruad": "ruad"}

    def __init__(self, data, kind, sessions, recipient, warm_up):
        super().__init__("%s, %d session%s" % (
            self.FILTERS[kind], sessions, "s" * (sessions > 1)), data)
        self.kind, self.sessions, self.recipient = kind, sessions, recipient
        self.is_durable = kind == "ruad"
        self.warm_up = warm_up  # mails that leave nothing behind
        if not ruadtest.ROOT:
            self.why_not = "needs root"
        elif not shutil.which("postfix", path="/usr/sbin:/usr/bin"):
            self.why_not = "postfix is not installed"

    def filter(self, box, postfix, syncs):
        """Start it; its process id, and a function that ends it."""
        path = os.path.join(postfix.socket_dir, "sock")
        if self.kind == "ruad":
            ruad = ruadtest.Ruad(
                box, socket="unix:" + path, socket_group="postfix",
                socket_mode="0660", env=syncs and syncs.env).start()
            return ruad.process.pid, lambda: self.end_ruad(ruad)
        process = measure.Background(box, tool("null_milter"), self.kind,
                                     path)
        process.wait_for(lambda: ruadtest.can_connect("unix:" + path))
        return process.pid, process.stop

    def end_ruad(self, ruad):
        if ruad.stop() != 0:
            raise measure.Failed("ruad does not end with 0")
        if self.recipient == RUA:
            measure.check_store(ruad.store, self.data)

    def send(self, postfix, data, mails, recipient):
        return send("smtp_client", "-c", self.sessions, "-n", mails, "-r",
                    recipient, postfix.port, data.path)

    def run(self, box, syncs=None):
        has_filter = self.kind != "no"
        postfix = mta.Postfix(
            box, milters="unix:ruad/sock" if has_filter else "",
            virtual_transport="discard:")
        pid, stop = self.filter(box, postfix, syncs) if has_filter \
            else (None, lambda: None)
        postfix.start()
        self.send(postfix, self.warm_up, 3 * self.sessions, OTHER)
        before = pid and measure.cpu_secs(pid)
        if syncs:
            syncs.take()
        out = self.send(postfix, self.data, self.data.mails, self.recipient)
        sample = measure.Sample(
            out["secs"], self.data.mails, self.data.records,
            pid and measure.cpu_secs(pid) - before,
            pid and measure.memory_mb(pid),
            syncs=syncs and syncs.take(),
            wait_ms=out["wait_ms"])
        ruadtest.wait_for(postfix.queue_empty, 60, 0.1)
        postfix.stop()
        stop()
        return sample


MAIL_DMARC_INI = """\
[organization]
domain = test.example
org_name = Test
email = postmaster@test.example
[report_store]
backend = SQL
dsn = dbi:SQLite:dbname=%s
user =
pass =
[dmarc]
backend = perl
[dns]
timeout = 5
public_suffix_list = /usr/share/publicsuffix/public_suffix_list.dat
"""


class MailDmarc(Program):
    """The receiver of Mail::DMARC with its SQLite store, one process for all
    mails. What it cannot read it skips, and that is not counted."""
    module = "Mail::DMARC::Report::Receive"

    def __init__(self, data):
        super().__init__("Mail::DMARC, %d mails" % data.mails, data)
        if not shutil.which("perl") or subprocess.run(
                ["perl", "-M" + self.module, "-MDBD::SQLite", "-e1"],
                capture_output=True).returncode != 0:
            self.why_not = "libmail-dmarc-perl, libdbd-sqlite3-perl are " \
                "not installed"

    def env(self, store):
        with open(store + ".ini", "w") as f:
            f.write(MAIL_DMARC_INI % store)
        return {"MAIL_DMARC_CONFIG_FILE": store + ".ini"}

    def command(self, store):
        return ["/usr/bin/perl", "-M" + self.module, "-e",
                "my $r = %s->new(); for my $m (@ARGV)"
                " { eval { $r->from_file($m) } }" % self.module,
                *self.data.files()]

    def stored(self, store):
        return ruadtest.query(store, """
            SELECT count(DISTINCT report_id), count(*)
            FROM report_record""")[0]

    def sizes(self, store):
        return os.path.getsize(store), None


class DmarcCat(Program):
    """dmarc-cat reads one attachment, prints it, and ends."""
    is_durable = False

    def __init__(self, data, attachments):
        super().__init__("dmarc-cat, prints only, %d mail%s" % (
            data.mails, "s" * (data.mails > 1)), data)
        self.attachments = attachments
        if not shutil.which("dmarc-cat"):
            self.why_not = "dmarc-cat is not installed"

    def command(self, store):
        return ["/bin/sh", "-ec", 'for f; do dmarc-cat -N "$f"; done', "sh",
                *self.attachments]


def describe(data):
    text = "%s mail%s" % (format(data.mails, ","), "s" * (data.mails > 1))
    if data.records:
        text += ", %s records" % format(data.records, ",")
    if data.bytes:
        text += ", %.1f MB" % (data.bytes / 1e6)
    return text


def files(get):
    """From files: the floor, ruadctl with one job and with two, and others."""
    small, large = get("small"), get("large")
    few = small.first(min(PEER_MAILS, small.mails // 10))
    one = large.first(1)
    yield table.Group("small reports from files", describe(small),
                      "floor, 64 in a transaction",
                      [Floor(small, 64), Floor(small, 1),
                       Floor(small, 64, "-r"), Ingest(small, 1),
                       Ingest(small, 1, keep=False), Ingest(small, 2),
                       DmarcCat(few, few.attachments()),
                       MailDmarc(few)])
    yield table.Group("large reports from files", describe(large),
                      "floor, 1 in a transaction",
                      [Floor(large, 1), Floor(large, 1, "-r"),
                       Ingest(large, 1), Ingest(large, 1, keep=False),
                       Ingest(large, 2), DmarcCat(one, one.attachments())])


def direct(get):
    """The daemon, with the connections and nothing else."""
    small, huge = get("small"), get("huge")
    one, two = Ingest(small, 1), Ingest(small, 2)
    rows = [Direct(small, n) for n in (1, 5, 20, 50, 200)]
    yield table.Group("small reports through the daemon", describe(small),
                      two.name, [one, two, *rows], {rows[0].name: one.name})
    floor = Floor(huge, 1)
    yield table.Group("a huge report", describe(huge), floor.name,
                      [floor, Ingest(huge, 1, **RAISED),
                       Direct(huge, 1, **RAISED)])
    alone = Beside(huge, True, **RAISED)
    yield table.Group("small reports beside a huge one", describe(huge),
                      alone.name, [alone, Beside(huge, False, **RAISED)])


def behind_postfix(get):
    """Postfix, one mail in each session. Ratios are to the same number of
    sessions with a filter that lets go at once."""
    ordinary = get("ordinary")
    for data, recipient, unit in (
            (get("small").first(ordinary.mails), RUA, "report"),
            (ordinary, OTHER, "mail")):
        kinds = [k for k in Mta.FILTERS if k != "read" or unit == "report"]
        rows, pairs = [], {}
        for sessions in (1, 5, 20):
            group = [Mta(data, k, sessions, recipient, ordinary)
                     for k in kinds]
            pairs.update({c.name: group[1].name for c in group})
            rows += group
        yield table.Group("%s mail through Postfix" % (
            "report" if unit == "report" else "ordinary"), describe(data),
            "a filter that lets go at once", rows, pairs, unit)


def groups(get):
    """All groups, in the order of the table. get(name) gives mails."""
    yield from files(get)
    yield from direct(get)
    yield from behind_postfix(get)
