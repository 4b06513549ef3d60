#!/usr/bin/python3 -B
"""ruadctl: usage, questions to stores of all kinds, every format of output."""
import concurrent.futures
import contextlib
import csv
import fcntl
import io
import json
import os
import pty
import re
import shlex
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "../lib"))
import gen
import ruadtest
from ruadtest import as_json, ruadctl

DOMAINS = ("shop.example", "bank.example")
COMMANDS = ("summary", "failures", "sources", "timeline", "reports",
            "reporters", "show", "ingest", "quarantine", "reparse", "domain",
            "reporter", "record", "reload", "expire", "backup", "restore",
            "check", "status", "stats", "import", "export", "raw",
            "help", "version")
QUESTIONS = (["summary"], ["summary", DOMAINS[0]], ["sources", DOMAINS[0]],
             ["sources", DOMAINS[0], "--by", "network"],
             ["sources", DOMAINS[0], "--by", "spf-domain"], ["failures"],
             ["timeline", DOMAINS[0]], ["reports"], ["reporters"],
             ["show", "1"])
HOSTILE = "x\x1b[2J\u009b1m\u202e\u200b=\u65e5\u672c"
# Bytes that no terminal may see; the line end is ours.
UNSAFE = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f"
                    "\u2028-\u202e\u2060-\u206f]")


def fill(box, count=60):
    """A store with reports; (path, mails)."""
    store = box.path("filled.db")
    mails = gen.reports("cli", count, DOMAINS)
    files = box.subdir("mails")
    for n, mail in enumerate(mails):
        with open(os.path.join(files, "%03d.eml" % n), "wb") as f:
            f.write(mail.data)
    run = ruadctl("ingest", files, store=store)
    if run.returncode != 0:
        raise RuntimeError("ingest: " + run.stdout + run.stderr)
    return store, mails


def empty_store(box):
    store = box.path("empty.db")
    run = ruadctl("ingest", box.subdir("nothing"), store=store)
    if run.returncode != 0:
        raise RuntimeError("ingest: " + run.stderr)
    return store


def refused(tap, args, pattern, name, store=None, code=2, **kw):
    """The command fails with this status, says why, and prints no data."""
    run = ruadctl(*args, store=store, **kw)
    tap.equal((run.returncode, run.stdout), (code, ""), name + ": status %d" %
              code)
    tap.match(pattern, run.stderr, name + ": says why")


def test_help(tap, box):
    """Help on everything, with two examples each."""
    run = ruadctl("help")
    tap.equal(run.returncode, 0, "help")
    for name in COMMANDS:
        tap.match(r"^  %s +\S" % name, run.stdout, "help lists " + name)
    tap.equal(ruadctl("--help").stdout, run.stdout, "--help is help")
    for name in COMMANDS:
        text = ruadctl("help", name)
        tap.equal(text.returncode, 0, "help " + name)
        examples = re.findall(r"^  ruadctl .*\b%s\b" % name, text.stdout,
                              re.M)
        tap.equal(len(examples), 2, "help %s: two examples" % name)
        tap.equal(ruadctl(name, "--help").stdout, text.stdout,
                  name + " --help")
    page = open(os.path.join(ruadtest.SRCDIR, "doc/ruadctl.1")).read()
    for name in re.findall(r"^  ([a-z]+) ", ruadctl("help").stdout.split(
            "Commands:")[1].split("\n\n")[0], re.M):
        text = ruadctl("help", name).stdout
        tap.match(r"^\.Ss %s\b" % name, page, name + ": is in the page")
        tap.equal(ruadctl(name, "--help").stdout, text, name + ": --help")
        examples = re.findall(r"^  ruadctl (.*)$",
                              text.split("\nExamples:\n")[1], re.M)
        tap.equal(len(examples), 2, name + ": two examples")
        for words in examples:
            words = shlex.split(words.split(" <")[0].split(" >")[0],
                                comments=True)
            tap.equal(ruadctl(*words, "--help").returncode, 0,
                      "its options are right: " + " ".join(words))
        for option in re.findall(r" --([a-z-]+)", text.split(
                "\nOptions:\n")[1].split("\n\n")[0]):
            tap.ok("Fl -%s" % option in page, "%s: --%s is in the page" % (
                name, option))
    run = ruadctl("version")
    tap.match(r"^ruadctl \d+\.\d+\.\d+, schema version \d+, SQLite \d",
              run.stdout, "version")
    tap.equal(ruadctl("--version").stdout, run.stdout, "--version")


def test_usage(tap, box):
    """Wrong usage: status 2, and what would have been right."""
    bad = (
        ((), r"^usage: ruadctl"),
        (("sumary",), r'unknown command "sumary": did you mean summary\?'),
        (("frobnicate",), r'unknown command "frobnicate": see ruadctl help'),
        (("help", "report"), r"did you mean reports\?"),
        (("quarantine", "lst"), r"did you mean list\? see ruadctl help"),
        (("quarantine", "xyzzy"), r'cannot "xyzzy": see ruadctl help'),
        (("summary", "--sinse", "2024-01-01"), r"did you mean --since\?"),
        (("summary", "--xyzzy"), r"unknown option --xyzzy"),
        (("summary", "-x"), r"unknown option -x"),
        (("reports", "--limit"), r"--limit needs a value"),
        (("summary", "--help=x"), r"--help takes no value"),
        (("summary", "--limit", "3"), r"summary takes no option --limit"),
        (("show", "1", "--days", "3"), r"show takes no option --days"),
        (("-o", "xml", "summary"), r"table, json, jsonl or csv"),
        (("summary", "--since", "yesterday"), r"2024-05-31"),
        (("summary", "--since", "2024-02-30"), r"bad value"),
        (("summary", "--since", "2024-13-01"), r"bad value"),
        (("summary", "--since", "2024-01-01T25:00:00Z"), r"bad value"),
        (("summary", "--since", "2024-01-01T10:00:00"), r"bad value"),
        (("summary", "--until", "2024-01-01x"), r"bad value"),
        (("summary", "--days", "-1"), r"a number of days"),
        (("reports", "--days", "0"), r"from 1 to 100000"),
        (("summary", "--days", "3", "--since", "2024-01-01"), r"exclude"),
        (("summary", "--since", "2024-02-01", "--until", "2024-01-01"),
         r"before"),
        (("reports", "--limit", "many"), r"a number of rows"),
        (("reports", "x"), r"usage: ruadctl reports"),
        (("summary", "a.example", "b.example"), r"usage: ruadctl summary"),
        (("sources",), r"usage: ruadctl sources DOMAIN"),
        (("sources", "not a domain"), r"bad DOMAIN"),
        (("show",), r"usage: ruadctl show REPORT_KEY"),
        (("show", "x"), r"bad REPORT_KEY"),
        (("ingest",), r"usage: ruadctl ingest PATH"),
        (("ingest", "--jobs", "0", "x"), r"a number from 1 to 64"),
        (("-d", "postgresql://host/ruad", "summary"), r"PostgreSQL"),
        (("-c", box.path("none.conf"), "summary"), r"none\.conf"),
    )
    for args, pattern in bad:
        refused(tap, args, pattern, "ruadctl " + " ".join(args))
    conf = box.path("bad.conf")
    with open(conf, "w") as f:
        f.write("\nbusy_timeout = soon\n")
    refused(tap, ["-c", conf, "summary"], r"bad\.conf:2: .*busy_timeout",
            "a bad configuration")
    refused(tap, ["sum\x1b[2Jmary"], r'"sum\\x1b\[2Jmary"',
            "a hostile argument")


def test_no_store(tap, box):
    """Where there is no store, nothing is created, and it is said."""
    missing = box.path("missing.db")
    for args in QUESTIONS:
        refused(tap, args, r"missing\.db: No such file", "missing: " +
                " ".join(args), store=missing)
    tap.ok(not os.path.exists(missing), "missing: still missing")
    garbage, other, newer = (box.path(n) for n in ("garbage", "other",
                                                   "newer"))
    with open(garbage, "w") as f:
        f.write("this is no database\n" * 400)
    with contextlib.closing(sqlite3.connect(other)) as con:
        con.execute("CREATE TABLE t (x)")
    os.rename(empty_store(box), newer)
    with contextlib.closing(sqlite3.connect(newer)) as con:
        con.execute("PRAGMA user_version = 4711")
    for args in QUESTIONS + (["ingest", box.dir],):
        name = args[0] + ": "
        refused(tap, args, r"garbage: not a store", name + "garbage",
                store=garbage)
        refused(tap, args, r"other: not a store of ours", name + "another "
                "program's", store=other)
        refused(tap, args, r"4711, but this program knows only", name +
                "a newer version", store=newer)
    refused(tap, ["summary"], r"not a file", "a directory", store=box.dir)
    refused(tap, ["ingest", box.path("nothing")], r"none/x\.db",
            "ingest into no directory", store=box.path("none", "x.db"))


def test_locked(tap, box):
    """A store that somebody keeps for himself: try again."""
    store = empty_store(box)
    with contextlib.closing(sqlite3.connect(store)) as con:
        con.execute("PRAGMA locking_mode = EXCLUSIVE")
        con.execute("BEGIN EXCLUSIVE")
        con.execute("DELETE FROM raw")
        # Each waits for a while first: all at once.
        with concurrent.futures.ThreadPoolExecutor(len(QUESTIONS)) as pool:
            for args, run in zip(QUESTIONS, pool.map(
                    lambda args: ruadctl(*args, store=store), QUESTIONS)):
                name = "locked: " + " ".join(args)
                tap.equal((run.returncode, run.stdout), (75, ""), name)
                tap.match(r"locked by another program", run.stderr,
                          name + ": says why")
    tap.equal(ruadctl("summary", store=store).returncode, 0, "and again")


def test_read_only(tap, box):
    """A store in a place where nothing can be written, for a user who may only
    read: the answers are the same, and nothing is left there."""
    place = box.subdir("place")
    store, _ = fill(box, 10)
    kept = os.path.join(place, "ruad.db")
    want = [ruadctl(*args, store=store).stdout for args in QUESTIONS]
    with contextlib.closing(sqlite3.connect(store)) as con:
        con.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    shutil.copy(store, kept)
    os.chmod(kept, 0o444)
    os.chmod(place, 0o555)
    user = {"user": 65534, "group": 65534, "extra_groups": []} \
        if ruadtest.ROOT else {}
    # The build may be where that user cannot go.
    program = shutil.copy(ruadtest.RUADCTL, box.path("ruadctl"))
    for args, stdout in zip(QUESTIONS, want):
        run = subprocess.run([program, "-d", kept, *args], text=True,
                             capture_output=True, **user)
        tap.equal((run.returncode, run.stdout), (0, stdout),
                  "read-only: " + " ".join(args))
    tap.equal(os.listdir(place), ["ruad.db"], "nothing is left")
    os.chmod(kept, 0)
    run = subprocess.run([program, "-d", kept, "summary"], text=True,
                         capture_output=True, **user)
    tap.equal((run.returncode, run.stdout), (75, ""), "not readable at all")
    tap.match(r"ruad\.db: .*[Pp]ermission denied", run.stderr, "says why")


def test_empty(tap, box):
    """On an empty store everything works and says that there is nothing."""
    store = empty_store(box)
    for args in QUESTIONS[:-1]:
        name = " ".join(args)
        run = ruadctl(*args, store=store)
        tap.equal((run.returncode, run.stdout), (0, ""), name + ": table")
        tap.match(r"^ruadctl: no ", run.stderr, name + ": says so")
        run = ruadctl("-o", "json", *args, store=store)
        tap.equal((run.returncode, run.stdout), (0, "[\n]\n"),
                  name + ": json")
        tap.match(r"\Aruadctl: no [^\n]*\n\Z", run.stderr,
                  name + ": says so once")
        tap.equal(ruadctl("-o", "jsonl", *args, store=store).stdout, "",
                  name + ": jsonl")
        tap.match(r"\A[a-z_,]+\n\Z", ruadctl("-o", "csv", *args,
                                             store=store).stdout,
                  name + ": csv has its head")
    refused(tap, ["show", "1"], r"there is no report 1", "show 1",
            store=store)


def rows_of(text, fmt):
    """The rows of an output as {name: text}."""
    if fmt == "csv":
        return list(csv.DictReader(io.StringIO(text)))
    rows = json.loads(text) if fmt == "json" else [
        json.loads(line) for line in text.splitlines()]
    if isinstance(rows, dict):
        rows = rows["rows"]
    return [{k: flat(v) for k, v in row.items()} for row in rows]


def flat(value):
    if value is None:
        return ""
    if isinstance(value, list):
        return " ".join(v for v in value if isinstance(v, str))
    return str(value)


def test_formats(tap, box):
    """All formats have the same rows."""
    store, _ = fill(box)
    for args in QUESTIONS:
        name = " ".join(args)
        out = {}
        for fmt in ("json", "jsonl", "csv", "table"):
            run = ruadctl("-o", fmt, *args, store=store)
            tap.equal(run.returncode, 0, "%s: %s" % (name, fmt))
            out[fmt] = run.stdout
        rows = rows_of(out["jsonl"], "jsonl")
        tap.ok(rows, name + ": has rows")
        tap.equal(rows_of(out["json"], "json"), rows, name + ": json")
        table = rows_of(out["csv"], "csv")
        for row in rows + table:
            row.pop("auth_results", None)
        tap.equal(table, rows, name + ": csv")
        tap.ok(len(out["table"].splitlines()) > min(len(rows), 50),
               name + ": table")
        behind = ruadctl(*args, "-o", "json", "--store", store)
        tap.equal(behind.stdout, out["json"], name + ": options behind")


def test_summary(tap, box):
    """Totals are those of what was sent."""
    store, mails = fill(box)
    for row in as_json("summary", store=store):
        facts = [m.facts for m in mails
                 if m.facts.domain == row["policy_domain"]]
        sent, passed = (sum(f.messages for f in facts),
                        sum(f.passed for f in facts))
        tap.equal((row["messages"], row["messages_pass"], row["reports"],
                   row["reporters"]),
                  (sent, passed, len(facts), len({f.org for f in facts})),
                  row["policy_domain"] + ": totals")
        tap.equal(row["pass_percent"], 1000 * passed // sent / 10,
                  row["policy_domain"] + ": percent")
        tap.equal(row["disposition_none"] + row["disposition_quarantine"] +
                  row["disposition_reject"], sent,
                  row["policy_domain"] + ": dispositions")
        tap.equal(as_json("summary", row["policy_domain"].upper() + ".",
                          store=store), [row], "of this domain alone")
    days = sorted({m.facts.begin // 86400 for m in mails})
    for option in (["--since", "2025-01-05"],
                   ["--since", "2025-01-05T00:00:00Z"],
                   ["--since", "2025-01-05T02:00:00+02:00"]):
        want = sum(m.facts.messages for m in mails
                   if m.facts.begin >= 1736035200)
        got = sum(r["messages"] for r in as_json("summary", *option,
                                                 store=store))
        tap.equal(got, want, "summary " + " ".join(option))
        got = len(as_json("reports", *option, store=store))
        tap.equal(got, sum(m.facts.begin >= 1736035200 for m in mails),
                  "reports " + " ".join(option))
    got = sum(r["messages"] for r in as_json(
        "summary", "--until", "2025-01-01", store=store))
    tap.equal(got, sum(m.facts.messages for m in mails
                       if m.facts.begin // 86400 == days[0]),
              "--until takes the day in")
    tap.equal(as_json("summary", "--days", "3", store=store), [],
              "--days: nothing of late")


def test_sources(tap, box):
    """Failing sources first, with totals of the records and a reason."""
    store, _ = fill(box)
    rows = as_json("sources", DOMAINS[0], store=store)
    want = ruadtest.query(store, """
        SELECT source_ip, sum(messages),
          sum(CASE dmarc WHEN 'pass' THEN messages ELSE 0 END),
          sum(CASE dmarc WHEN 'fail' THEN messages ELSE 0 END)
        FROM v_record WHERE policy_domain = ? GROUP BY 1""", DOMAINS[0])
    tap.equal(sorted((r["source_ip"], r["messages"], r["messages_pass"],
                      r["messages_fail"]) for r in rows), sorted(want),
              "sources have the totals of their records")
    fails = [r["messages_fail"] for r in rows]
    tap.equal(fails, sorted(fails, reverse=True), "failing first")
    tap.ok(fails[0] > 0 and fails[-1] == 0, "some fail, some do not")
    tap.equal([r for r in rows if (r["why"] is None) != (
        r["messages_fail"] == 0)], [], "who fails has a reason")
    tap.equal(rows[:3], as_json("sources", DOMAINS[0], "--limit", "3",
                                store=store), "--limit")


# Results of authentication of a failing record, and the words for them. The
# author domain is shop.example.
REASONS = (
    ("", "", "no SPF result; no DKIM signature"),
    ("pass bounce.mailer.example", "", "SPF passed for bounce.mailer.example, "
     "not aligned; no DKIM signature"),
    ("softfail shop.example", "fail shop.example",
     "SPF softfail for shop.example; DKIM fail for shop.example"),
    ("none host.example", "pass list.example", "no SPF record at "
     "host.example; DKIM passed for list.example, not aligned"),
    ("pass shop.example", "", "SPF passed for shop.example, aligned, but the "
     "reporter says fail; no DKIM signature"),
    ("pass bounce.shop.example", "pass mail.shop.example",
     "SPF passed for bounce.shop.example, not identical as the policy "
     "demands; DKIM passed for mail.shop.example, not identical as the "
     "policy demands"),
)


def report_xml(spf, dkim, number):
    """A report of one failing record."""
    def result(method, text):
        word, _, domain = text.partition(" ")
        return ("<%s><domain>%s</domain><result>%s</result></%s>" %
                (method, domain, word, method)) if text else ""

    return """<?xml version="1.0"?><feedback><report_metadata>
<org_name>why.example</org_name><email>a@why.example</email>
<report_id>why%d</report_id><date_range><begin>1735689600</begin>
<end>1735775999</end></date_range></report_metadata><policy_published>
<domain>shop.example</domain><adkim>s</adkim><aspf>s</aspf><p>none</p>
</policy_published><record><row><source_ip>192.0.2.%d</source_ip>
<count>5</count><policy_evaluated><disposition>none</disposition>
<dkim>fail</dkim><spf>fail</spf></policy_evaluated></row><identifiers>
<header_from>shop.example</header_from></identifiers><auth_results>%s%s
</auth_results></record></feedback>""" % (
        number, number, result("dkim", dkim), result("spf", spf))


def test_why(tap, box):
    """The reason in words."""
    store = box.path("why.db")
    for n, (spf, dkim, _) in enumerate(REASONS, 1):
        path = box.path("why%d.xml" % n)
        with open(path, "w") as f:
            f.write(report_xml(spf, dkim, n))
        run = ruadctl("ingest", path, store=store)
        tap.equal(run.returncode, 0, "ingest of case %d" % n)
    rows = {r["source_ip"]: r["why"] for r in
            as_json("sources", "shop.example", store=store)}
    for n, (_, _, words) in enumerate(REASONS, 1):
        tap.equal(rows.get("192.0.2.%d" % n), words, "case %d" % n)


def test_reports_and_show(tap, box):
    """Lists and their filters; a report with its records."""
    store, mails = fill(box)
    rows = as_json("reports", store=store)
    tap.equal({(r["org_name"], r["report_id"], r["policy_domain"]):
               (r["records"], r["messages"], r["messages_pass"])
               for r in rows},
              {m.facts.key[:3]: (m.facts.records, m.facts.messages,
                                 m.facts.passed) for m in mails},
              "reports: all, with their totals")
    tap.equal(len(as_json("reports", "--domain", DOMAINS[1], store=store)),
              sum(m.facts.domain == DOMAINS[1] for m in mails), "--domain")
    tap.equal({r["org_name"] for r in as_json(
        "reports", "--reporter", "YONDER  inc", store=store)},
        {"Yonder Inc."}, "--reporter")
    run = ruadctl("reports", store=store)
    tap.equal(len(run.stdout.splitlines()), 51, "a table has 50 rows")
    tap.match(r"see --limit", run.stderr, "and says so")
    run = ruadctl("reports", "--limit", "0", store=store)
    tap.equal((len(run.stdout.splitlines()), run.stderr), (61, ""),
              "--limit 0 has all")
    tap.equal(len(as_json("reports", "--limit", "7", store=store)), 7,
              "--limit 7")
    key = rows[0]["report_key"]
    one = as_json("show", str(key), store=store)
    tap.equal((one["report_id"], one["records"], one["messages"]),
              (rows[0]["report_id"], len(one["rows"]),
               sum(r["messages"] for r in one["rows"])), "show: totals")
    tap.equal([r["row_no"] for r in one["rows"]],
              list(range(1, one["records"] + 1)), "show: in order")
    tap.equal(sorted(one["rows"][0]["auth_results"][0]),
              ["alignment", "domain", "human_result", "method", "result",
               "scope", "selector"], "show: results of authentication")
    refused(tap, ["show", "4711"], r"there is no report 4711", "show 4711",
            store=store)


def test_hostile(tap, box):
    """Nothing from a report reaches a terminal or a spreadsheet raw."""
    store, _ = fill(box, 6)
    with contextlib.closing(sqlite3.connect(store)) as con:
        con.execute("UPDATE report SET org_name = ?, report_id = '=1+1|' || "
                    "report_key, warnings = ?, org_email = '+a@b'",
                    (HOSTILE, "A B"))
        con.execute("UPDATE domain SET name = name || ? WHERE domain_key NOT "
                    "IN (SELECT policy_domain_key FROM report)", (HOSTILE,))
        con.execute("UPDATE auth_result SET selector = ?", (HOSTILE,))
        con.commit()
    utf8 = dict(os.environ, LC_ALL="C.UTF-8")
    plain = dict(os.environ, LC_ALL="C")
    for args in QUESTIONS:
        for fmt in ("table", "json", "jsonl", "csv"):
            run = subprocess.run(
                [ruadtest.RUADCTL, "-d", store, "-o", fmt, *args], env=utf8,
                capture_output=True)
            text = (run.stdout + run.stderr).decode()
            if fmt == "csv":
                text = text.replace("\r\n", "\n")
            name = "%s %s" % (fmt, " ".join(args))
            tap.equal((run.returncode, UNSAFE.findall(text)), (0, []), name)
            if fmt == "csv":
                cells = [c for row in csv.reader(io.StringIO(text))
                         for c in row]
                tap.equal([c for c in cells if c[:1] in tuple("=+-@\t\r")
                           and not re.fullmatch(r"[-+][0-9.]+", c)], [],
                          name + ": no formula")
    run = subprocess.run([ruadtest.RUADCTL, "-d", store, "reports"],
                         env=utf8, capture_output=True)
    tap.match(r"x\\x1b\[2J\\u009b1m\\u202e\\u200b=\u65e5\u672c",
              run.stdout.decode(), "escaped, wide characters as they are")
    run = subprocess.run([ruadtest.RUADCTL, "-d", store, "reports"],
                         env=plain, capture_output=True)
    tap.ok(run.stdout.isascii(), "ASCII where the locale has no more")
    tap.equal(as_json("show", "1", store=store)["org_name"], HOSTILE,
              "JSON means what was sent")


def test_closed_pipe(tap, box):
    """A reader that goes away is no error."""
    store, _ = fill(box)
    with contextlib.closing(sqlite3.connect(store)) as con:
        # More than any pipe holds.
        con.execute("""
            WITH RECURSIVE n (x) AS (SELECT 1000 UNION ALL
              SELECT x + 1 FROM n WHERE x < 21000)
            INSERT INTO report SELECT x, reporter_key, policy_domain_key,
              'r' || x, begin_epoch, end_epoch, mail_key, received_epoch,
              org_name, org_email, extra_contact_info, generator, p, sp, np,
              adkim, aspf, pct, fo, testing, discovery_method, dialect,
              version, namespace, part, records, messages, messages_pass,
              rows_refused, warnings, content_hash
            FROM n, report WHERE report_key = 1""")
        con.commit()
    for args in QUESTIONS:
        for fmt in ("table", "json", "jsonl", "csv"):
            reader, writer = os.pipe()
            os.close(reader)
            run = subprocess.run(
                [ruadtest.RUADCTL, "-d", store, "-o", fmt, *args],
                stdout=writer, stderr=subprocess.PIPE, text=True)
            os.close(writer)
            tap.equal((run.returncode, re.sub("^.*see --limit\n", "",
                                              run.stderr)), (0, ""),
                      "%s %s: nobody reads" % (fmt, " ".join(args)))
    for fmt in ("table", "json", "jsonl", "csv"):
        with subprocess.Popen(
                [ruadtest.RUADCTL, "-d", store, "-o", fmt, "reports",
                 "--limit", "0"], stdout=subprocess.PIPE,
                stderr=subprocess.PIPE) as process:
            process.stdout.read(10)
            process.stdout.close()
            err = process.stderr.read()
        tap.equal((process.returncode, err), (0, b""), fmt)
    if os.path.exists("/dev/full"):
        for args in (*QUESTIONS, ["help"], ["help", "show"],
                     ["show", "--help"], ["version"], ["stats"],
                     ["export", "1"], ["record", "generate", "--new",
                                       "shop.example"]):
            with open("/dev/full", "w") as full:
                run = subprocess.run([ruadtest.RUADCTL, "-d", store, *args],
                                     stdout=full, stderr=subprocess.PIPE)
            tap.equal(run.returncode, 75, "a full disk is one: " +
                      " ".join(args))
            tap.match(b"No space left", run.stderr, "and told")


def on_terminal(command, **env):
    """Run with all streams on a terminal; (status, what it showed)."""
    master, slave = pty.openpty()
    env = dict({k: v for k, v in os.environ.items() if k != "NO_COLOR"},
               TERM="xterm", **env)
    process = subprocess.Popen(command, stdin=slave, stdout=slave,
                               stderr=slave, env=env)
    os.close(slave)
    shown = b""
    with contextlib.suppress(OSError):  # EIO is the end
        while chunk := os.read(master, 65536):
            shown += chunk
    os.close(master)
    return process.wait(), shown.decode(errors="replace")


def test_terminal(tap, box):
    """Colour on a terminal alone, and not against the user's will."""
    store, _ = fill(box)
    command = [ruadtest.RUADCTL, "-d", store, "summary"]
    status, shown = on_terminal(command)
    tap.equal(status, 0, "on a terminal")
    tap.match("\x1b\\[3[0-9]", shown, "there is colour")
    tap.ok("\x1b" not in on_terminal(command, NO_COLOR="1")[1], "NO_COLOR")
    tap.ok("\x1b" not in ruadctl("summary", store=store).stdout, "in a pipe")


def test_default_store(tap, box):
    """The store of the configuration."""
    ruad = ruadtest.Ruad(box)
    refused(tap, ["-c", ruad.conf, "summary"], re.escape(ruad.store),
            "the configured store is not there")
    tap.equal(ruadctl("-c", ruad.conf, "ingest", box.subdir("nothing"))
              .returncode, 0, "ingest creates it")
    tap.equal(ruadctl("-c", ruad.conf, "-o", "json", "summary").stdout,
              "[\n]\n", "and it can be asked")


def test_reload(tap, box):
    """SIGUSR1 goes to who holds the lock, and to nobody else."""
    lock = box.path("lock")
    conf = box.path("ruad.conf")
    with open(conf, "w") as f:
        f.write('lock_file = "%s"\n' % lock)
    refused(tap, ["-c", conf, "reload"], r"does not run", "no lock file",
            code=75)
    got = threading.Event()
    signal.signal(signal.SIGUSR1, lambda *a: got.set())
    with open(lock, "w") as f:
        f.write("%d\n" % os.getpid())
        f.flush()
        refused(tap, ["-c", conf, "reload"], r"does not run",
                "a lock file that nobody holds", code=75)
        tap.ok(not got.wait(0.1), "no signal yet")
        fcntl.flock(f, fcntl.LOCK_EX)
        run = ruadctl("-c", conf, "reload")
        tap.equal((run.returncode, run.stdout, run.stderr), (0, "", ""),
                  "reload")
        tap.ok(got.wait(10), "the signal has come")
    signal.signal(signal.SIGUSR1, signal.SIG_DFL)


ruadtest.main(test_help, test_usage, test_no_store, test_locked, test_read_only,
              test_empty,
              test_formats, test_summary, test_sources, test_why,
              test_reports_and_show, test_hostile, test_closed_pipe,
              test_terminal, test_default_store, test_reload)
