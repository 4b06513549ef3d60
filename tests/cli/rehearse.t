#!/usr/bin/python3 -B
"""ruadctl rehearse: the published policy gives what reporters say, any other
what a recount in SQL gives, from records and from daily sums."""
import contextlib
import csv
import io
import json
import os
import sqlite3
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "../lib"))
import gen
import ruadtest
from ruadtest import ruadctl

DOMAINS = ("shop.example", "bank.example", "club.example.org")
DAY = 86400
FIRST, LAST = "2025-01-01", "2025-01-31"
SPAN = ("--since", FIRST, "--until", LAST)
WHERE = "policy_domain = :domain"


def fill(box, seed, count=90, start=gen.START):
    """A store with reports of gen.py."""
    files = box.subdir("mails-%s" % seed)
    store = box.path("store-%s.db" % seed)
    for n, mail in enumerate(gen.reports(seed, count, DOMAINS, start=start)):
        with open(os.path.join(files, "%03d.eml" % n), "wb") as f:
            f.write(mail.data)
    run = ruadctl("ingest", files, store=store)
    if run.returncode != 0:
        raise RuntimeError("ingest: " + run.stdout + run.stderr)
    return store


def rehearse(store, domain, *options, span=SPAN):
    run = ruadctl("-o", "json", "rehearse", domain, *span, *options,
                  store=store)
    if run.returncode not in (0, 1):
        raise RuntimeError("rehearse: " + run.stdout + run.stderr)
    answer = json.loads(run.stdout)
    answer["status"] = run.returncode
    return answer


def one(store, sql, **values):
    """The first row, or its only column."""
    with ruadtest.open_store(store) as con:
        row = tuple(con.execute(sql, values).fetchone())
    return row[0] if len(row) == 1 else row


def published(store, domain):
    return one(store, "SELECT p FROM v_report WHERE " + WHERE, domain=domain)


def change(store, *statements):
    with contextlib.closing(sqlite3.connect(store)) as con:
        for sql in statements:
            con.execute(sql)
        con.commit()


def sums(answer):
    return tuple(answer[n] for n in (
        "messages", "pass_then", "quarantine_then", "reject_then"))


REPORTED = """
    SELECT sum(messages), sum(iif(dkim = 'pass' OR spf = 'pass', messages, 0)),
      sum(iif(disposition = 'quarantine', messages, 0)),
      sum(iif(disposition = 'reject', messages, 0))
    FROM %s WHERE """ + WHERE


def test_published(tap, box):
    """The published policy reproduces the verdicts of the reporters."""
    policies = set()
    for seed in range(6):
        store = fill(box, seed, 60)
        for domain in DOMAINS:
            p = published(store, domain)
            policies.add(p)
            name = "seed %d, %s, p=%s" % (seed, domain, p)
            answer = rehearse(store, domain, "--p", p, "--sp", p)
            tap.equal(sums(answer), one(store, REPORTED % "v_record",
                                        domain=domain), name)
            tap.equal((answer["pass_now"], answer["disagreeing"],
                       answer["changes"], answer["undecided"]),
                      (answer["pass_then"], 0, [], 0),
                      "and the results give the same: " + name)
    tap.equal(policies, {"none", "quarantine", "reject"}, "all policies")


def test_sums(tap, box):
    """Classes, senders and changes add up, in all formats."""
    store = fill(box, "sums")
    for domain in DOMAINS:
        a = rehearse(store, domain, "--p", "reject", "--adkim", "s",
                     "--limit", "0")
        senders = a["senders"]
        tap.ok(len(senders) > 3, "several senders")
        tap.equal([sum(s[n] for s in senders) for n in (
            "messages", "mine_pass", "mine_fail", "forwarded", "unknown",
            "undecided", "refused", "excepted", "pass_now")],
            [a["messages"], a["pass_then"], a["mine_fail"], a["forwarded"],
             a["unknown"], a["undecided"],
             a["quarantine_then"] + a["reject_then"], a["excepted"],
             a["pass_now"]], "senders of " + domain)
        tap.equal(a["pass_then"] + a["mine_fail"] + a["forwarded"] +
                  a["unknown"] + a["undecided"], a["messages"], "classes")
        worse = [c for c in a["changes"] if c["dmarc_now"] == "pass"]
        tap.equal(sum(c["messages"] for c in worse),
                  a["pass_now"] - a["pass_then"], "what passes no more")
        tap.equal([c["class"] for c in a["changes"]], sorted(
            (c["class"] for c in a["changes"]),
            key=lambda w: w != "mine-fail"), "ours first")
        run = ruadctl("-o", "csv", "rehearse", domain, *SPAN, "--p",
                      "reject", "--adkim", "s", store=store)
        rows = list(csv.DictReader(io.StringIO(run.stdout)))
        tap.equal([(r["sender"], int(r["messages"])) for r in rows],
                  [(s["sender"], s["messages"]) for s in senders], "CSV")
        run = ruadctl("-o", "jsonl", "rehearse", domain, *SPAN, "--p",
                      "reject", "--adkim", "s", store=store)
        tap.equal([json.loads(line) for line in run.stdout.splitlines()],
                  senders, "JSON lines")
        run = ruadctl("rehearse", domain, *SPAN, "--limit", "2", store=store)
        tap.match(r"(?s)Verdict +not.*CONDITION.*SENDER.*DNS is not looked",
                  run.stdout, "table")


# What a message would come to, over the records with all their results.
# :s1 and :gone are what is given up, '' for nothing.
RECOUNT = """
    WITH kept AS (
      SELECT c.report_key, c.row_no,
        max(iif(a.method = 'dkim' AND a.selector IS NOT :s1,
          (a.alignment = 'strict') + (a.alignment <> 'none'), 0)) AS dkim,
        max(iif(a.method = 'spf' AND a.domain IS NOT :gone,
          (a.alignment = 'strict') + (a.alignment <> 'none'), 0)) AS spf
      FROM v_record AS c LEFT JOIN v_auth AS a
        ON a.report_key = c.report_key AND a.row_no = c.row_no
      WHERE c.policy_domain = :domain GROUP BY 1, 2),
    told AS (
      SELECT c.messages, c.header_from <> :domain AS below,
        k.dkim >= :adkim OR k.spf >= :aspf AS pass,
        c.dmarc = 'fail' AND c.reasons IS NOT NULL AS exception
      FROM kept AS k JOIN v_record AS c USING (report_key, row_no))
    SELECT sum(messages), sum(iif(pass, messages, 0)),
      sum(iif(NOT pass AND NOT (exception AND :p <> 'none')
        AND iif(below, :wsp, :wp) = 'quarantine', messages, 0)),
      sum(iif(NOT pass AND NOT (exception AND :p <> 'none')
        AND iif(below, :wsp, :wp) = 'reject', messages, 0))
    FROM told"""

QUESTIONS = (
    {},
    {"p": "none"},
    {"p": "quarantine"},
    {"p": "reject", "sp": "none"},
    {"p": "none", "sp": "reject"},
    {"adkim": "s"},
    {"aspf": "s"},
    {"adkim": "s", "aspf": "s", "p": "quarantine", "sp": "reject"},
    {"without-dkim": "S1"},
    {"without-dkim": "esp", "adkim": "s"},
    {"without-dkim": "s1", "without-spf": "shop.example"},
    {"without-spf": "bank.example", "adkim": "s"},
)


def test_recount(tap, box):
    """Whatever is asked, the numbers are those of a recount in SQL."""
    store = fill(box, "recount", 120)
    level = {"r": 1, "s": 2}
    seen = set()
    for domain in DOMAINS:
        p = published(store, domain)
        for q in QUESTIONS:
            q = dict({"p": "reject"}, **q)
            q.setdefault("sp", q["p"])
            options = sum((["--" + k, v] for k, v in q.items()), [])
            answer = rehearse(store, domain, *options)
            want = one(store, RECOUNT, domain=domain, p=p, wp=q["p"],
                       wsp=q["sp"], adkim=level[q.get("adkim", "r")],
                       aspf=level[q.get("aspf", "r")],
                       s1=q.get("without-dkim", "").lower(),
                       gone=q.get("without-spf", ""))
            tap.equal(sums(answer), want, "%s %s" % (domain, options))
            tap.equal(answer["undecided"], 0, "and all of it is decided")
            seen.add(want)
    tap.ok(len(seen) > 15, "the answers differ")


def test_daily(tap, box):
    """Days of which records have been expired count from the roll-up."""
    store = fill(box, "daily")
    whole = {d: rehearse(store, d, "--p", "reject", "--adkim", "s")
             for d in DOMAINS}
    # As after an expiry: of one day only some reports have lost theirs.
    change(store, "DELETE FROM record WHERE report_key IN (SELECT report_key"
           " FROM report WHERE begin_epoch < %d)" % (gen.START + 5 * DAY),
           "DELETE FROM record WHERE report_key = (SELECT max(report_key) "
           "FROM report)")
    for domain in DOMAINS:
        p = published(store, domain)
        a = rehearse(store, domain, "--p", p, "--sp", p)
        tap.equal(sums(a), one(store, REPORTED % "v_daily", domain=domain),
                  "published, %s" % domain)
        tap.equal((a["changes"], a["undecided"]), ([], 0), "no change")
        b = rehearse(store, domain, "--p", "reject", "--adkim", "s")
        tap.equal([b[n] for n in ("messages", "pass_now", "pass_then")],
                  [whole[domain][n] for n in ("messages", "pass_now",
                                              "pass_then")], "adkim=s")
        tap.ok(b["days_without_records"] >= 4, "days are counted")
        tap.ok(any("records have been expired" in r for r in b["remarks"]),
               "and it is said what that means")
        tap.ok(any(s["known_by"] == "network" and s["mine_pass"] > 0
                   for s in b["senders"]), "senders are networks then")
        c = rehearse(store, domain, "--without-dkim", "s1")
        tap.ok(c["undecided"] > 0, "selectors are not known then")
        tap.equal(c["verdict"], "not enough data", "nor is it judged")


def good_store(box):
    """A domain with nothing wrong, for the last 40 days."""
    today = int(time.time()) // DAY
    store = box.path("good.db")
    files = box.subdir("good")
    row = gen.Row("192.0.2.1", 100, "none", "pass", "pass", "shop.example",
                  "shop.example", (("dkim", "shop.example", "s1", "pass"),
                                   ("spf", "shop.example", "", "pass")))
    for n in range(1, 41):
        begin = (today - n) * DAY
        for style in gen.STYLES[3:6]:
            facts = gen.Facts(style.org, str(n), "shop.example", begin,
                              begin + DAY - 1, 1, 100, 100)
            with open(os.path.join(files, "%d-%s.xml" % (n, style.domain)),
                      "wb") as f:
                f.write(gen.document(style, facts, "none", [row]))
    run = ruadctl("ingest", files, store=store)
    if run.returncode != 0:
        raise RuntimeError("ingest: " + run.stdout + run.stderr)
    return store


def failed(answer):
    return [c["condition"] for c in answer["conditions"] if not c["met"]]


def conf(box, **options):
    path = box.path("ruad.conf")
    with open(path, "w") as f:
        for name, value in options.items():
            f.write("%s = %d\n" % (name, value))
    return path


def test_verdict(tap, box):
    """Ready, not yet, not enough data; the bounds of the configuration."""
    store = good_store(box)
    ask = lambda *o: rehearse(store, "shop.example", *o, span=())
    a = ask()
    tap.equal((a["verdict"], a["status"], failed(a), a["days"]),
              ("ready", 0, [], 14), "none to quarantine, after 14 days")
    tap.match("p=quarantine sp=quarantine", a["rehearsed"], "the next step")
    a = ask("--p", "reject")
    tap.equal((a["verdict"], a["days"]), ("ready", 28), "reject: 28 days")
    a = ask("--days", "5")
    tap.equal((a["verdict"], a["status"], failed(a)),
              ("not enough data", 1, ["report_days"]), "too few days")
    path = conf(box, ready_days_quarantine=5)
    tap.equal(ask("-c", path)["verdict"], "ready", "fewer by configuration")
    path = conf(box, ready_reporters=4)
    tap.equal(failed(ask("-c", path)), ["reporters"], "too few reporters")
    path = conf(box, ready_new_days=60)
    tap.equal(failed(ask("-c", path)), ["history_days", "new_senders"],
              "too new for that")
    a = ask("--without-dkim", "s1", "--without-spf", "shop.example")
    tap.equal((a["verdict"], failed(a)), (
        "not yet", ["mine_fail_percent", "mine_fail_messages"]),
        "nothing passes any more")
    tap.equal(a["conditions"][4]["senders"], ["shop.example"], "and who")
    tap.ok(a["conditions"][4]["advice"], "and what to do")
    a = ask("--p", "none", "--without-dkim", "s1", "--without-spf",
            "shop.example")
    tap.equal((a["verdict"], a["pass_then"], a["mine_fail"] > 0),
              ("ready", 0, True), "p=none refuses nothing")
    change(store, "UPDATE record SET dkim = 2, spf = 2, dkim_alignment = 0,"
           " spf_alignment = 0, auth_set_key = NULL WHERE report_key <= 3")
    a = ask()
    tap.equal(a["mine_refused"], 300, "no results, but the address is ours")
    tap.match("SPF passes from this address", a["senders"][0]["evidence"],
              "which is said")
    tap.equal(failed(a), ["mine_fail_percent", "mine_fail_messages"],
              "not yet")


def test_usage(tap, box):
    """What cannot be asked."""
    store = fill(box, "usage", 5)
    for args, text in (
            ((), "usage: ruadctl rehearse DOMAIN"),
            (("a..b",), "bad DOMAIN"),
            (("shop.example", "--p", "Reject"),
             "none, quarantine or reject"),
            (("shop.example", "--p", ""), "none, quarantine or reject"),
            (("shop.example", "--adkim", "x"), "r or s"),
            (("shop.example", "--without-dkim", ""), "selector"),
            (("shop.example", "--without-spf", "a b"), "bad value"),
            (("shop.example", "--by", "ip"), "takes no option --by")):
        run = ruadctl("rehearse", *args, store=store)
        tap.equal(run.returncode, 2, "exit status of " + " ".join(args))
        tap.match(text, run.stderr, "what is said")
    a = rehearse(store, "nowhere.example")
    tap.equal((a["verdict"], a["messages"], a["published"], a["senders"]),
              ("not enough data", 0, None, []), "no report")


ruadtest.main(test_published, test_sums, test_recount, test_daily,
              test_verdict, test_usage)
