#!/usr/bin/python3 -B
"""ruadctl ingest: where mails come from, what is said of each, and that the
store holds exactly what was given."""
import csv
import fcntl
import gzip
import io
import json
import os
import resource
import signal
import struct
import subprocess
import sys
import termios

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "../lib"))
import gen
import ruadtest
from ruadtest import RUADCTL, ruadctl

LINE = ["path", "outcome", "code", "text", "reports"]
REPORT = ["outcome", "code", "text", "report_key", "org_name", "report_id",
          "policy_domain", "begin", "end", "records", "rows_refused",
          "messages", "warnings"]


def write(path, data):
    with open(path, "wb") as f:
        f.write(data)
    return path


def lines_of(run):
    return [json.loads(line) for line in run.stdout.splitlines()]


def ingest(*args, store, **kw):
    """(status, lines, standard error)"""
    run = ruadctl("-o", "jsonl", "ingest", *args, store=store, **kw)
    return run.returncode, lines_of(run), run.stderr


def mbox(mails, newline=b"\n", last_blank=True):
    """The mails as mboxrd."""
    out = []
    for data in mails:
        text = data.replace(b"\r\n", b"\n")
        quoted = b"\n".join(
            b">" + line if line.lstrip(b">").startswith(b"From ") else line
            for line in text.split(b"\n"))
        out.append(b"From a@b Thu Jan  1 00:00:00 1970\n" + quoted)
    text = b"\n".join(out) + (b"\n" if last_blank else b"")
    return text.replace(b"\n", newline)


def test_lines(tap, box):
    """The line of JSON has the keys of the contract, and the facts."""
    store = box.path("a.db")
    mail = gen.reports("lines", 1)[0]
    path = write(box.path("a.eml"), mail.data)
    status, lines, _ = ingest(path, store=store)
    tap.equal((status, len(lines)), (0, 1), "one line")
    line, report = lines[0], lines[0]["reports"][0]
    tap.equal((list(line), list(report)), (LINE, REPORT), "keys, in order")
    f = mail.facts
    tap.equal([line["path"], line["outcome"], line["code"], line["text"]],
              [path, "stored", None, None], "of the mail")
    tap.equal([report[k] for k in REPORT if k != "warnings"],
              ["stored", None, None, 1, f.org, f.report_id, f.domain, f.begin,
               f.end, f.records, 0, f.messages], "of the report")
    tap.ok(isinstance(report["warnings"], list), "warnings are a list")
    status, lines, _ = ingest(path, store=store)
    tap.equal((status, lines[0]["outcome"], lines[0]["reports"][0]["outcome"],
               lines[0]["reports"][0]["report_key"]),
              (0, "duplicate", "duplicate", 1), "again: a duplicate")
    tap.equal(ruadtest.store_totals(store), gen.totals([mail]), "stored once")


def test_warnings(tap, box):
    """Each report has the warnings of its own part, here as in the store."""
    store = box.path("w.db")
    status, (line,), _ = ingest(os.path.join(
        ruadtest.SRCDIR, "tests/corpus/cases/m17-beside/in.eml"), store=store)
    warnings = [report["warnings"] for report in line["reports"]]
    tap.equal((status, warnings), (
        0, [[], ["MIME_RECOVERED"], ["ARC_RECOVERED"]]),
              "warnings of MIME and of archives")
    tap.equal(ruadtest.query(
        store, "SELECT warnings FROM v_report ORDER BY report_key"),
              [(" ".join(w),) for w in warnings], "the store has the same")


def test_outcomes(tap, box):
    """Refused and not a report: lines, and exit status."""
    store = box.path("a.db")
    plain = write(box.path("plain.eml"), gen.ordinary("o", 1)[0])
    bad = write(box.path("bad.xml"), b"<?xml version='1.0'?><feedback><x>")
    status, lines, _ = ingest(plain, store=store)
    tap.equal((status, lines[0]["outcome"], lines[0]["reports"]),
              (0, "not-a-report", []), "not a report")
    tap.ok(lines[0]["code"] and lines[0]["text"], "not a report: says why")
    status, lines, _ = ingest(bad, plain, store=store)
    tap.equal((status, lines[0]["outcome"]), (1, "refused"), "refused")
    tap.equal(list(lines[0]["reports"][0]), REPORT, "refused: all keys")
    tap.ok(lines[0]["code"] and lines[0]["text"], "refused: says why")
    run = ruadctl("ingest", bad, plain, store=store)
    tap.equal(run.returncode, 1, "table: status")
    tap.match(r"^\S*bad\.xml: refused: XML_\w+: \S", run.stdout,
              "table: a line for what is refused")
    tap.match(r"^2 mails: 1 refused, 1 not-a-report$", run.stdout,
              "table: totals")
    tap.equal(len(run.stdout.splitlines()), 3, "table: no more")
    empty = write(box.path("empty"), b"")
    run = ruadctl("ingest", empty, store=box.path("t.db"))
    tap.equal(run.stdout.splitlines()[:2], [
        empty + ": refused: BLOB_EMPTY: unpack: the attachment or file is "
        "empty", "1 mail: 1 refused"], "table: an empty file")


def test_paths(tap, box):
    """Files, directories, Maildirs; in the order given, and by name."""
    mails = gen.reports("paths", 12)
    top = box.subdir("top")
    for n, name in enumerate(("b.eml", "a.eml", "sub/c.eml", ".hidden",
                              ".dir/d.eml", "sub/tmp/e.eml")):
        os.makedirs(os.path.dirname(os.path.join(top, name)), exist_ok=True)
        write(os.path.join(top, name), mails[n].data)
    os.symlink("nowhere", os.path.join(top, "dangling"))
    os.symlink("b.eml", os.path.join(top, "link.eml"))
    os.mkfifo(os.path.join(top, "pipe"))
    status, lines, _ = ingest("--jobs", "1", top, store=box.path("a.db"))
    tap.equal((status, [os.path.relpath(x["path"], top) for x in lines]),
              (0, ["a.eml", "b.eml", "link.eml", "sub/c.eml",
                   "sub/tmp/e.eml"]), "a directory, walked by name")
    maildir = box.subdir("Maildir")
    for n, name in enumerate(("new/1", "cur/2:2,S", "tmp/3", "dovecot.index",
                              ".Sent/cur/4", "cur/.x", "other/5")):
        os.makedirs(os.path.dirname(os.path.join(maildir, name)),
                    exist_ok=True)
        write(os.path.join(maildir, name), mails[n].data)
    status, lines, _ = ingest("-j1", maildir, store=box.path("b.db"))
    tap.equal((status, [os.path.relpath(x["path"], maildir) for x in lines]),
              (0, ["cur/2:2,S", "new/1"]), "a Maildir: cur and new")
    above = os.path.dirname(maildir)
    status, lines, _ = ingest("-j1", above, store=box.path("c.db"))
    tap.ok("tmp/3" not in json.dumps(lines), "a Maildir below a directory")
    given = [os.path.join(top, n) for n in ("b.eml", "sub", "a.eml")]
    status, lines, _ = ingest("-j1", *given, store=box.path("d.db"))
    tap.equal([os.path.relpath(x["path"], top) for x in lines],
              ["b.eml", "sub/c.eml", "sub/tmp/e.eml", "a.eml"],
              "arguments in the order given")
    odd = write(box.path("odd \x1b[2J\udcff.eml"), mails[0].data)
    status, lines, _ = ingest(odd, store=box.path("e.db"))
    tap.match(r"odd \\x1b\[2J\\xff\.eml$", lines[0]["path"],
              "a name that is no UTF-8")
    # A name that looks like an option, or like standard input.
    write(box.path("--jobs"), mails[0].data)
    write(box.path("-"), mails[1].data)
    status, lines, _ = ingest("--", "--jobs", "./-", store=box.path("f.db"),
                              cwd=box.dir)
    tap.equal([x["path"] for x in lines], ["--jobs", "./-"], "odd names")


def test_no_store(tap, box):
    """A store that cannot be made: trying again does not help."""
    run = ruadctl("ingest", box.path("x.eml"), store=box.path("no/x.db"))
    tap.equal((run.returncode, run.stdout), (2, ""), "no directory: status 2")
    tap.match("not writable", run.stderr, "no directory: says so")


def test_mbox_no_blanks(tap, box):
    """Mails of an mbox with no empty lines between them."""
    mails = gen.reports("noblank", 3)
    data = b"".join(
        b"From a@b Thu Jan  1 00:00:00 1970\n" +
        m.data.replace(b"\r\n", b"\n").rstrip(b"\n") + b"\n"
        for m in mails).replace(b"\n\n", b"\n\nThis is\nFrom here on.\n", 1)
    status, lines, _ = ingest(write(box.path("m"), data),
                              store=box.path("n.db"))
    tap.equal((status, [x["outcome"] for x in lines]), (0, ["stored"] * 3),
              "each is one; a sentence that begins with From is none")


def test_missing(tap, box):
    """What is not there is said, and the rest is done."""
    store = box.path("a.db")
    mail = gen.reports("missing", 1)[0]
    path = write(box.path("a.eml"), mail.data)
    status, lines, err = ingest(box.path("none.eml"), path, store=store)
    tap.equal((status, [x["path"] for x in lines]), (2, [path]),
              "a path that is not there")
    tap.match(r"none\.eml: No such file", err, "and it is said")
    if not ruadtest.ROOT:
        os.chmod(path, 0)
        status, lines, _ = ingest(path, store=store)
        tap.equal((status, lines[0]["outcome"], lines[0]["code"]),
                  (75, "error", "OUR_IO"), "a file that cannot be read")


def test_bare(tap, box):
    """Bare reports, whatever they are called."""
    store = box.path("a.db")
    xml = b"""<?xml version="1.0"?><feedback><report_metadata>
<org_name>o.example</org_name><email>a@o.example</email>
<report_id>%d</report_id><date_range><begin>1735689600</begin>
<end>1735775999</end></date_range></report_metadata><policy_published>
<domain>d.example</domain><p>none</p></policy_published><record><row>
<source_ip>192.0.2.1</source_ip><count>5</count><policy_evaluated>
<disposition>none</disposition><dkim>pass</dkim><spf>fail</spf>
</policy_evaluated></row><identifiers><header_from>d.example</header_from>
</identifiers><auth_results/></record></feedback>"""
    paths = [write(box.path("r"), xml % 1),
             write(box.path("r.eml"), gzip.compress(xml % 2))]
    status, lines, _ = ingest("-j1", *paths, store=store)
    tap.equal((status, [x["outcome"] for x in lines]), (0, ["stored"] * 2),
              "XML and gzip")
    run = subprocess.run([RUADCTL, "-d", store, "-o", "jsonl", "ingest", "-"],
                         input=gzip.compress(xml % 3), capture_output=True)
    line = json.loads(run.stdout)
    tap.equal((line["path"], line["outcome"]), ("-", "stored"),
              "gzip on standard input")
    tap.equal(ruadtest.store_totals(store), (3, 3, 15, 15), "totals")


def test_mbox(tap, box):
    """Mails of an mbox, from a file and from a pipe, with every line end."""
    mails = gen.reports("mbox", 9)
    bodies = [m.data for m in mails]
    # A text before the report that tries to be a separator.
    trap = bodies[3].replace(
        b"\r\n\r\n", b"\r\nX-Trap: 1\r\n\r\nFrom here on\r\n>From there\r\n"
        b">>From afar\r\n\r\nFrom nowhere\r\n\r\n", 1) \
        if b"multipart" in bodies[3].lower() else bodies[3]
    bodies[3] = trap
    for newline in (b"\n", b"\r\n"):
        for last in (True, False):
            name = "%r, %s" % (newline, last)
            text = mbox(bodies, newline, last)
            store = box.path("%s.db" % name)
            path = write(box.path(name), text)
            status, lines, _ = ingest("-j1", path, store=store)
            tap.equal((status, [x["outcome"] for x in lines]),
                      (0, ["stored"] * 9), "mbox " + name)
            tap.equal([(x["path"], x["message"]) for x in lines],
                      [(path, n) for n in range(1, 10)], "path and number")
            ruadtest.check_store(tap, store, mails, "mbox " + name)
    with subprocess.Popen([RUADCTL, "-d", box.path("p.db"), "-o", "jsonl",
                           "ingest", "-"], stdin=subprocess.PIPE,
                          stdout=subprocess.PIPE) as process:
        for n in range(0, len(text), 777):
            process.stdin.write(text[n:n + 777])
            process.stdin.flush()
        process.stdin.close()
        lines = [json.loads(x) for x in process.stdout]
    tap.equal((process.returncode, len(lines)), (0, 9), "in small pieces")
    ruadtest.check_store(tap, box.path("p.db"), mails, "pipe")


def test_mbox_quoting(tap, box):
    """Exactly what the mbox has put in is taken out of the mails."""
    body = (b"Subject: x\n\nFrom a\n>From b\n>>From c\n From d\nFrom: e\n"
            b"> From f\n\n\nFrom g\n" + b"x" * 200000 + b"From h\n")
    store = box.path("q.db")
    path = write(box.path("q.mbox"), mbox([body, b"Subject: y\n\nz\n"]))
    status, lines, _ = ingest("-j1", path, store=store)
    tap.equal([x["outcome"] for x in lines], ["not-a-report"] * 2,
              "two mails")
    sizes = ruadtest.query(store, "SELECT bytes FROM mail ORDER BY mail_key")
    tap.equal(sizes, [(len(body),), (14,)], "sizes as they were")


def test_jobs(tap, box):
    """Many files with many threads: order, and exact totals."""
    mails = gen.reports("jobs", 150)
    files = box.subdir("files")
    for n, mail in enumerate(mails):
        write(os.path.join(files, "%03d.eml" % n), mail.data)
    for jobs in ("1", "2", "7"):
        store = box.path(jobs + ".db")
        status, lines, _ = ingest("--jobs", jobs, files, store=store)
        tap.equal((status, [x["path"] for x in lines]),
                  (0, sorted(x["path"] for x in lines)),
                  "jobs %s: in order" % jobs)
        ruadtest.check_store(tap, store, mails, "jobs " + jobs)
    status, lines, _ = ingest(files, files, store=store)
    tap.equal((status, {x["outcome"] for x in lines}, len(lines)),
              (0, {"duplicate"}, 300), "again, twice: duplicates")
    ruadtest.check_store(tap, store, mails, "again")


def test_formats(tap, box):
    """JSON and CSV say the same as JSON lines."""
    files = box.subdir("files")
    for n, mail in enumerate(gen.reports("formats", 5)):
        write(os.path.join(files, "%d" % n), mail.data)
    write(os.path.join(files, "9"), gen.ordinary("f", 1)[0])
    store = box.path("a.db")
    ingest(files, store=store)
    lines = ingest("-j1", files, store=store)[1]
    run = ruadctl("-o", "json", "ingest", files, store=store)
    tap.equal(json.loads(run.stdout), lines, "json")
    rows = list(csv.DictReader(io.StringIO(
        ruadctl("-o", "csv", "ingest", files, store=store).stdout)))
    tap.equal([(r["path"], r["outcome"], r["report_id"]) for r in rows],
              [(x["path"], x["outcome"],
                (x["reports"] or [{}])[0].get("report_id") or "")
               for x in lines], "csv")


def test_limits(tap, box):
    """A mail over the limit is refused, alone or in an mbox; the next one is
    read as usual."""
    conf = box.path("ruad.conf")
    store = box.path("a.db")
    with open(conf, "w") as f:
        f.write('max_message_bytes = 64k\nstore = "%s"\n' % store)
    mails = gen.reports("limits", 2, rows=(1, 3))
    large = b"Subject: large\n\n" + b"x" * 70000 + b"\n"
    path = write(box.path("large.eml"), large)
    run = ruadctl("-c", conf, "-o", "jsonl", "ingest", path)
    line = lines_of(run)[0]
    tap.equal((run.returncode, line["outcome"], line["code"],
               line["reports"]), (1, "refused", "LIMIT_SIZE", []),
              "a large file")
    path = write(box.path("m.mbox"),
                 mbox([mails[0].data, large, mails[1].data]))
    run = ruadctl("-c", conf, "-o", "jsonl", "ingest", path)
    tap.equal((run.returncode, [x["outcome"] for x in lines_of(run)]),
              (1, ["stored", "refused", "stored"]), "in an mbox")
    ruadtest.check_store(tap, store, mails, "limits")


def test_memory(tap, box):
    """Many reports at once within little memory: none is lost."""
    conf = box.path("ruad.conf")
    store = box.path("a.db")
    with open(conf, "w") as f:
        f.write('memory_max = 4M\nmail_memory_max = 16k\nstore = "%s"\n' %
                store)
    mails = gen.reports("memory", 40, rows=(500, 800))
    path = write(box.path("m.mbox"), mbox([m.data for m in mails]))
    run = ruadctl("-c", conf, "-o", "jsonl", "ingest", "--jobs", "8", path)
    tap.equal((run.returncode, {x["outcome"] for x in lines_of(run)}),
              (0, {"stored"}), "memory_max is small")
    ruadtest.check_store(tap, store, mails, "memory_max")
    if ruadtest.SANITIZER:
        return
    limit = 512 << 20
    run = subprocess.run(
        [RUADCTL, "-d", box.path("b.db"), "ingest", "--jobs", "16", path],
        capture_output=True, preexec_fn=lambda: resource.setrlimit(
            resource.RLIMIT_AS, (limit, limit)))
    tap.equal(run.returncode, 0, "512 MB of address space, 16 threads")
    ruadtest.check_store(tap, box.path("b.db"), mails, "512 MB")


def test_closed_pipe(tap, box):
    """Nobody reads the output: all is stored all the same."""
    mails = gen.reports("pipe", 300, rows=(1, 3))
    path = write(box.path("m.mbox"), mbox([m.data for m in mails]))
    for fmt in ("jsonl", "json", "csv", "table"):
        store = box.path(fmt + ".db")
        with subprocess.Popen([RUADCTL, "-d", store, "-o", fmt, "ingest",
                               path], stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE) as process:
            process.stdout.close()
            err = process.stderr.read()
        tap.equal((process.returncode, err), (0, b""), fmt)
        ruadtest.check_store(tap, store, mails, fmt)


def test_seen(tap, box):
    """What was stored whole is not read again; what was not, is."""
    store, conf = box.path("a.db"), box.path("ruad.conf")
    mails = gen.reports("seen", 6, rows=(5, 9))
    paths = [write(box.path("%d.eml" % n), m.data)
             for n, m in enumerate(mails)]
    first = ingest("-j1", *paths, store=store)[1]
    tap.equal([f for f in os.listdir(box.dir) if f.startswith("a.db")],
              ["a.db"], "all of the store is in its file")
    again = ingest("-j1", *paths, store=store)[1]
    for x, y in zip(first, again):
        want = dict(x["reports"][0], outcome="duplicate",
                    code="REP_DUP_EXACT", text="the same as report %d" %
                    x["reports"][0]["report_key"])
        tap.equal((list(y), y["reports"]), (LINE, [want]),
                  os.path.basename(x["path"]) + ": told as if it were read")
    with open(conf, "w") as f:  # with which none of them could be read
        f.write('max_records = 1\nstore = "%s"\n' % store)
    run = ruadctl("-c", conf, "-o", "jsonl", "ingest", *paths)
    tap.equal((run.returncode, {x["outcome"] for x in lines_of(run)}),
              (0, {"duplicate"}), "it is not read again")
    bad = write(box.path("bad.xml"), b"<?xml version='1.0'?><feedback><x>")
    for n in range(2):
        status, lines, _ = ingest(bad, store=store)
        tap.equal((status, lines[0]["outcome"]), (1, "refused"),
                  "what was refused is read again: %d" % n)
    mbox_path = write(box.path("all.mbox"), mbox([m.data for m in mails]))
    ingest(mbox_path, store=store)
    run = ruadctl("-c", conf, "-o", "jsonl", "ingest", mbox_path)
    tap.equal([x["message"] for x in lines_of(run)], [1, 2, 3, 4, 5, 6],
              "mails of an mbox keep their numbers")
    facts = mails[0].facts
    conflict = write(box.path("conflict.xml"), (
        "<?xml version='1.0'?><feedback><report_metadata><org_name>%s"
        "</org_name><report_id>%s</report_id><date_range><begin>%d</begin>"
        "<end>%d</end></date_range></report_metadata><policy_published>"
        "<domain>%s</domain><p>none</p></policy_published></feedback>" % (
            facts.org, facts.report_id, facts.begin, facts.end,
            facts.domain)).encode())
    for n, outcome in enumerate(("conflict", "duplicate")):
        status, lines, _ = ingest(conflict, store=store)
        tap.equal((lines[0]["outcome"], lines[0]["reports"][0]["report_key"]),
                  (outcome, 1), "what contradicts a report: %d" % n)


def test_interrupt(tap, box):
    """Stopped in the middle: whole reports, and a way to go on."""
    mails = gen.reports("stop", 100, rows=(1, 3))
    store = box.path("a.db")
    text = mbox([m.data for m in mails])
    with subprocess.Popen([RUADCTL, "-d", store, "-o", "jsonl", "ingest",
                           "-"], stdin=subprocess.PIPE,
                          stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE) as process:
        process.stdin.write(text[:len(text) // 2])
        process.stdin.flush()
        ruadtest.wait_for(lambda: unread(process.stdin) == 0)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate()
    done = len(out.splitlines())
    tap.equal(process.returncode, 75, "status: try again")
    tap.match(r"stopped after -, %d\. What was read is stored" % done,
              err.decode(), "and says where")
    tap.ok(0 < done < 100, "%d mails were read" % done)
    ruadtest.check_store(tap, store, mails[:done], "stopped")
    path = write(box.path("all.mbox"), text)
    status, lines, _ = ingest("-j1", path, store=store)
    tap.equal([x["outcome"] for x in lines],
              ["duplicate"] * done + ["stored"] * (100 - done), "and goes on")
    ruadtest.check_store(tap, store, mails, "afterwards")


def unread(pipe):
    """Bytes in a pipe that its reader has not taken."""
    return struct.unpack("i", fcntl.ioctl(pipe, termios.FIONREAD, b"1234"))[0]


def test_progress(tap, box):
    """A bar on a terminal, where there is much to do."""
    files = box.subdir("files")
    for n, mail in enumerate(gen.reports("bar", 60, rows=(1, 2))):
        write(os.path.join(files, "%02d" % n), mail.data)
    for limit, wanted in ((50, False), (60, True)):
        command = [RUADCTL, "-d", box.path("%d.db" % limit), "ingest"] + [
            os.path.join(files, "%02d" % n) for n in range(limit)]
        master, slave = os.openpty()
        process = subprocess.Popen(command, stdout=subprocess.PIPE,
                                   stderr=slave)
        os.close(slave)
        out = process.communicate()[0].decode()
        os.set_blocking(master, False)
        try:
            shown = os.read(master, 65536).decode()
        except BlockingIOError:
            shown = ""
        except OSError:
            shown = ""
        os.close(master)
        tap.equal("mails" in shown, wanted, "%d files: a bar: %s" %
                  (limit, wanted))
        tap.match("%d mails: %d stored" % (limit, limit), out, "and totals")


ruadtest.main(test_lines, test_warnings, test_outcomes, test_paths,
              test_missing, test_no_store, test_mbox_no_blanks, test_bare,
              test_mbox, test_mbox_quoting, test_jobs, test_formats,
              test_limits, test_memory, test_closed_pipe, test_seen,
              test_interrupt, test_progress)
