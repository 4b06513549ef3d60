"""contest - who is measured at what. A contestant runs once and gives a
Sample; what it compares with is the `base` of its group."""
import os
import shutil

import measure
import ruadtest

FLOOR = os.path.join(ruadtest.BUILDDIR, "tests/bench/floor")


class Contestant:
    """`name` is its row. `why_not` says why it cannot run here."""
    why_not = None

    def __init__(self, name, data):
        self.name, self.data = name, data

    def run(self, box, syncs=None):
        """One run with files below `box`; `syncs` counts, when given."""
        raise NotImplementedError


class Program(Contestant):
    """Reads the files of a directory and ends."""
    ok = (0,)

    def command(self, store):
        raise NotImplementedError

    def sizes(self, store):
        return None, None

    def run(self, box, syncs=None):
        store = box.path("store.db")
        secs, cpu, rss, _ = measure.run(self.command(store),
                                        syncs and syncs.env, self.ok)
        stored, originals = self.sizes(store)
        return measure.Sample(secs, self.data.mails, self.data.records, cpu,
                              rss, stored, originals,
                              syncs and syncs.take())


class Floor(Program):
    def __init__(self, data, batch, *options):
        super().__init__("floor, %d in a transaction%s" % (
            batch, ", results as rows" if options else ""), data)
        self.options = ["-b", str(batch), *options]

    def command(self, store):
        return [FLOOR, *self.options, store, self.data.path]

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


class Group:
    """Rows of one kind on the same data. Ratios are to the row `base`, and
    those of `pairs` to another one."""

    def __init__(self, name, about, base, rows, pairs=None):
        self.name, self.about, self.base = name, about, base
        self.rows, self.pairs = rows, pairs or {}


def describe(data):
    text = "%s mail%s" % (format(data.mails, ","), "s" * (data.mails > 1))
    if data.records:
        text += ", %s records" % format(data.records, ",")
    if data.bytes:
        text += ", %.1f MB" % (data.bytes / 1e6)
    return text


RAISED = {"max_xml_bytes": "1G", "max_total_bytes": "1G",
          "max_read_time": "10m", "commit_timeout": "10m"}


def files(get):
    """From files: the floor, and ruadctl with one job and with two."""
    small, large, huge = get("small"), get("large"), get("huge")
    yield Group("small reports from files", describe(small),
                "floor, 64 in a transaction",
                [Floor(small, 64), Floor(small, 1), Floor(small, 64, "-r"),
                 Ingest(small, 1), Ingest(small, 1, keep=False),
                 Ingest(small, 2)])
    yield Group("large reports from files", describe(large),
                "floor, 1 in a transaction",
                [Floor(large, 1), Floor(large, 1, "-r"), Ingest(large, 1),
                 Ingest(large, 1, keep=False), Ingest(large, 2)])
    yield Group("a huge report from a file", describe(huge),
                "floor, 1 in a transaction",
                [Floor(huge, 1), Ingest(huge, 1, **RAISED)])


def groups(get):
    """All groups, in the order of the table. get(name) gives a set of mails."""
    yield from files(get)
