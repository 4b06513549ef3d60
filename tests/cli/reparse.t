#!/usr/bin/python3 -B
"""ruadctl reparse: stored reports beside what their originals say, and put
right."""
import contextlib
import csv
import io
import json
import os
import sqlite3
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "../lib"))
import gen
import ruadtest
from ruadtest import ruadctl

DOMAINS = ("shop.example", "bank.example")
PUBLIC = os.path.join(ruadtest.SRCDIR, "tests/corpus/public")


def fill(box, count=20, **options):
    """(store, mails), by a configuration with these options."""
    store, conf = box.path("filled.db"), box.path("fill.conf")
    with open(conf, "w") as f:
        for name, value in options.items():
            f.write("%s = %s\n" % (name, ruadtest.conf_value(value)))
    mails = gen.reports("reparse", count, DOMAINS, days=2)
    files = box.subdir("mails")
    for n, mail in enumerate(mails):
        with open(os.path.join(files, "%03d.eml" % n), "wb") as f:
            f.write(mail.data)
    run = ruadctl("-c", conf, "ingest", "--jobs", "1", files, store=store)
    if run.returncode != 0:
        raise RuntimeError("ingest: " + run.stdout + run.stderr)
    return store, mails


def sql(store, *statements):
    with contextlib.closing(sqlite3.connect(store, timeout=30)) as con:
        for s in statements:
            con.execute(s)
        con.commit()


def lines(*args, store):
    """(status, objects, standard error)"""
    run = ruadctl("-o", "jsonl", "reparse", *args, store=store)
    return (run.returncode, [json.loads(x) for x in run.stdout.splitlines()],
            run.stderr)


def test_fresh(tap, box):
    """What has just been stored reads the same, whatever it is."""
    store = box.path("public.db")
    run = ruadctl("ingest", PUBLIC, store=store, timeout=600)
    tap.equal(run.returncode, 1, "ingest: some are refused")
    before = ruadtest.dump(store)
    reports = ruadtest.store_totals(store)[0]
    for args in (("--all",), ("--all", "--apply")):
        status, rows, text = lines(*args, store=store)
        tap.equal((status, rows), (0, []), "%s: no difference" %
                  " ".join(args))
        tap.match(r"^ruadctl: %d reports read again: %d same$" %
                  (reports, reports), text, " ".join(args) + ": totals")
    tap.equal(ruadtest.dump(store), before, "and nothing has changed")


def test_tampered(tap, box):
    """One record is another: told, and with --apply put right."""
    store, mails = fill(box)
    messages = ruadtest.query(store, "SELECT messages FROM v_record"
                              " WHERE report_key = 3 AND row_no = 1")[0][0]
    before = ruadtest.dump(store)
    sql(store, "UPDATE record SET messages = messages + 1000"
        " WHERE report_key = 3 AND row_no = 1")
    tampered = ruadtest.dump(store)
    status, rows, text = lines("--all", store=store)
    tap.equal(status, 1, "told: status 1")
    tap.equal(rows, [{
        "report_key": 3, "outcome": "differs", "code": None, "text": None,
        "difference_count": 1, "differences": [
            {"row_no": 1, "field": "messages", "stored": str(messages + 1000),
             "read": str(messages)}]}], "told: what and where")
    tap.match("19 same, 1 differs", text, "told: how many")
    tap.match("see --apply", text, "told: how to put it right")
    tap.equal(ruadtest.dump(store), tampered, "looking changes nothing")
    run = ruadctl("reparse", "3", store=store)
    tap.match(r"^ *3 +differs +1 +messages +%d +%d$" %
              (messages + 1000, messages), run.stdout, "as a table")
    run = ruadctl("-o", "csv", "reparse", "3", store=store)
    tap.equal([(r["report_key"], r["row_no"], r["field"])
               for r in csv.DictReader(io.StringIO(run.stdout))],
              [("3", "1", "messages")], "as CSV")
    status, rows, text = lines("--all", "--apply", store=store)
    tap.equal((status, [r["outcome"] for r in rows]), (0, ["replaced"]),
              "put right: status 0")
    tap.equal(lines("--all", store=store)[:2], (0, []), "no difference then")
    tap.equal(sorted(ruadtest.dump(store)), sorted(before),
              "the store is as it was")
    ruadtest.check_store(tap, store, mails, "put right")


def test_many(tap, box):
    """Every report in another way, at once: the roll-up is that of the records
    when all are put right."""
    store, mails = fill(box)
    sql(store,
        "UPDATE record SET disposition = 4 WHERE report_key % 4 = 0",
        "DELETE FROM record WHERE report_key % 4 = 1 AND row_no = 1"
        " AND report_key IN (SELECT report_key FROM report"
        "  WHERE records > 1)",
        "UPDATE record SET header_from_key = NULL, spf = 1"
        " WHERE report_key % 4 = 2",
        "UPDATE report SET report_id = 'x' || report_key, org_name = 'X'"
        " WHERE report_key % 4 = 3")
    status, rows, text = lines("--all", store=store)
    tap.equal((status, {r["outcome"] for r in rows}), (1, {"differs"}), "told")
    status, rows, text = lines("--all", "--apply", store=store)
    tap.equal((status, {r["outcome"] for r in rows}), (0, {"replaced"}),
              "put right")
    ruadtest.check_store(tap, store, mails, "put right")
    tap.equal(lines("--all", store=store)[:2], (0, []), "no difference then")


def test_no_original(tap, box):
    """Reports whose originals were not kept are named and left alone."""
    store, mails = fill(box, 3, keep_raw=False)
    before = ruadtest.dump(store)
    status, rows, text = lines("--all", "--apply", store=store)
    tap.equal((status, [r["outcome"] for r in rows]),
              (1, ["no-original"] * 3), "named: status 1")
    tap.match("not kept", rows[0]["text"], "and why")
    tap.equal(ruadtest.dump(store), before, "left alone")
    run = ruadctl("reparse", "1", store=store)
    tap.match("1 +no-original .*not kept", run.stdout, "in a table, too")


def test_limit(tap, box):
    """A report that is over a limit by now stays."""
    store, mails = fill(box, 3)
    conf = box.path("tight.conf")
    with open(conf, "w") as f:
        f.write("max_text_bytes = 256\nmax_records = 1\n")
    run = ruadctl("-c", conf, "-o", "jsonl", "reparse", "--all", "--apply",
                  store=store)
    rows = [json.loads(x) for x in run.stdout.splitlines()]
    tap.equal((run.returncode, {(r["outcome"], r["code"]) for r in rows}),
              (1, {("refused", "XML_LIMIT")}), "named")
    ruadtest.check_store(tap, store, mails, "left alone")


def test_selection(tap, box):
    """Which reports are read, and that some must be named."""
    store, mails = fill(box)
    sql(store, "UPDATE report SET org_email = 'x'")
    of = {d: sorted(k for (k,) in ruadtest.query(
        store, "SELECT report_key FROM v_report WHERE policy_domain = ?", d))
        for d in DOMAINS}

    def keys(*args):
        return sorted(r["report_key"] for r in lines(*args, store=store)[1])

    tap.equal(keys("--all"), list(range(1, 21)), "--all")
    tap.equal(keys("7", "2", "7"), [2, 7], "by key")
    for domain in DOMAINS:
        tap.equal(keys("--domain", domain), of[domain], "--domain " + domain)
    tap.equal(keys("--reporter", mails[0].facts.org.lower()),
              [n + 1 for n, m in enumerate(mails)
               if m.facts.org == mails[0].facts.org], "--reporter")
    tap.equal(keys("--until", "2020-01-01"), [], "--until")
    tap.equal(lines("99", store=store)[1][0]["outcome"], "gone",
              "one that is not there")
    for args in ((), ("1", "--all"), ("x",), ("--apply",), ("0",)):
        run = ruadctl("reparse", *args, store=store)
        tap.equal((run.returncode, run.stdout), (2, ""),
                  "usage: " + " ".join(args))


def test_hostile(tap, box):
    """What stands in a report never reaches a terminal as it is."""
    store, mails = fill(box, 1)
    sql(store, "UPDATE report SET org_email = 'a' || char(27) || '[2J' ||"
        " char(8238) || '=1+1'")
    for fmt in ("table", "json", "jsonl", "csv"):
        run = ruadctl("-o", fmt, "reparse", "--all", store=store)
        tap.equal((run.returncode, "\x1b" in run.stdout,
                   "\u202e" in run.stdout), (1, False, False), fmt)


def test_beside_writer(tap, box):
    """Reports are put right while others come in."""
    store, mails = fill(box)
    more = gen.reports("meanwhile", 200, DOMAINS)
    files = box.subdir("more")
    for n, mail in enumerate(more):
        with open(os.path.join(files, "%03d.eml" % n), "wb") as f:
            f.write(mail.data)
    sql(store, "UPDATE report SET org_email = 'x'")
    join = ruadtest.in_thread(ruadctl, "ingest", files, store=store)
    status, rows, text = lines("--all", "--apply", store=store)
    tap.equal((status, {r["outcome"] for r in rows}), (0, {"replaced"}),
              "put right")
    tap.equal(join().returncode, 0, "the others are stored")
    ruadtest.check_store(tap, store, mails + more, "both")


ruadtest.main(test_fresh, test_tampered, test_many, test_no_original,
              test_limit, test_selection, test_hostile, test_beside_writer)
