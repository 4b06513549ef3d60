#!/usr/bin/python3 -B
"""The questions of ruadctl: what each filter picks out, and what each command
makes of it, against a count of the records in Python."""
import collections
import contextlib
import datetime
import ipaddress
import os
import re
import sqlite3
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "../lib"))
import gen
import ruadtest
from ruadtest import as_json, ruadctl

DOMAINS = ("shop.example", "bank.example")
DAY = 86400


def fill(box, count=60):
    store = box.path("filled.db")
    files = box.subdir("mails")
    for n, mail in enumerate(gen.reports("query", count, DOMAINS)):
        with open(os.path.join(files, "%03d.eml" % n), "wb") as f:
            f.write(mail.data)
    run = ruadctl("ingest", files, store=store)
    if run.returncode != 0:
        raise RuntimeError("ingest: " + run.stdout + run.stderr)
    with contextlib.closing(sqlite3.connect(store)) as con:
        con.execute("UPDATE mail SET trust = 'pass', trust_domain = "
                    "'mailer.example' WHERE mail_key % 3 = 0")
        # Something of everything that a report can leave out.
        con.execute("UPDATE record SET disposition = 0 WHERE report_key = 7")
        con.execute("UPDATE record SET disposition = 2, spf = 0 "
                    "WHERE report_key = 8")
        con.execute("UPDATE record SET dkim = 0, spf = 2, header_from_key = "
                    "NULL WHERE report_key = 9")
        con.execute("DELETE FROM daily")
        con.execute("""
            INSERT INTO daily SELECT r.policy_domain_key,
              (r.begin_epoch + (r.end_epoch - r.begin_epoch) / 2) / 86400,
              coalesce(c.header_from_key, r.policy_domain_key), c.source_key,
              c.disposition, c.dkim, c.spf, c.dkim_alignment,
              c.spf_alignment, sum(c.messages), count(DISTINCT r.report_key)
            FROM report AS r JOIN record AS c USING (report_key)
            GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9""")
        ruadtest.recount_days(con)
        con.commit()
    return store


def records(store):
    """Each record as a dict, with what its report and its results say."""
    with ruadtest.open_store(store) as con:
        reports = {r["report_key"]: r for r in
                   con.execute("SELECT * FROM v_report")}
        auth = collections.defaultdict(list)
        for a in con.execute("SELECT * FROM v_auth"):
            auth[a["report_key"], a["row_no"]].append(dict(a))
        rows = []
        for c in con.execute("SELECT * FROM v_record"):
            r = reports[c["report_key"]]
            middle = r["begin_epoch"] + (r["end_epoch"] -
                                         r["begin_epoch"]) // 2
            rows.append(dict(
                c, author=c["header_from"] or c["policy_domain"],
                day=middle // DAY, trusted=r["trusted"],
                ip=ipaddress.ip_address(c["source_ip"]),
                results=auth[c["report_key"], c["row_no"]]))
    return rows


def in_network(text):
    network = ipaddress.ip_network(text)
    return lambda r: (r["ip"].version == network.version and
                      r["ip"] in network)


def filters(rows):
    """[(options, whether a record is meant)]: one filter each, and some
    together."""
    ip4 = next(r["source_ip"] for r in rows if r["ip"].version == 4)
    ip6 = next(r["source_ip"] for r in rows if r["ip"].version == 6)
    net4 = str(ipaddress.ip_network(ip4 + "/24", strict=False))
    net6 = str(ipaddress.ip_network(ip6 + "/32", strict=False))
    author = next(r["author"] for r in rows if r["author"] not in DOMAINS)
    selector = next(a["selector"] for r in rows for a in r["results"]
                    if a["selector"])
    middle = sorted(r["day"] for r in rows)[len(rows) // 2]
    day = datetime.date.fromordinal(
        datetime.date(1970, 1, 1).toordinal() + middle).isoformat()
    word = lambda r, name: r[name] or "unknown"
    one = [
        ([], lambda r: True),
        (["--domain", DOMAINS[1]],
         lambda r: r["policy_domain"] == DOMAINS[1]),
        (["--header-from", author.upper()], lambda r: r["author"] == author),
        (["--header-from", DOMAINS[0]], lambda r: r["author"] == DOMAINS[0]),
        (["--header-from", "nowhere.example"], lambda r: False),
        (["--source-ip", ip4], lambda r: r["source_ip"] == ip4),
        (["--source-ip", ip6], lambda r: r["source_ip"] == ip6),
        (["--source-ip", net4], in_network(net4)),
        (["--source-ip", ip4 + "/24"], in_network(net4)),
        (["--source-ip", net6], in_network(net6)),
        (["--source-ip", "0.0.0.0/0"], lambda r: r["ip"].version == 4),
        (["--source-ip", "::/0"], lambda r: True),
        (["--source-ip", "192.0.2.0/23"], in_network("192.0.2.0/23")),
        (["--reporter", "YONDER"],
         lambda r: "yonder" in r["org_name"].lower()),
        (["--selector", selector], lambda r: selector in [
            a["selector"] for a in r["results"]]),
        (["--trusted"], lambda r: r["trusted"] == 1),
        (["--since", day], lambda r: r["day"] >= middle),
        (["--until", day], lambda r: r["day"] <= middle),
    ]
    for name, words in (("disposition", ("none", "pass", "quarantine",
                                         "reject", "unknown")),
                        ("spf", ("pass", "fail", "unknown")),
                        ("dkim", ("pass", "fail", "unknown")),
                        ("dmarc", ("pass", "fail", "unknown"))):
        one += [(["--" + name, w], lambda r, n=name, w=w: word(r, n) == w)
                for w in words]
    one.append((["--disposition", "reject,none"],
                lambda r: r["disposition"] in ("reject", "none")))
    together = []
    for names in (("--dmarc", "--source-ip"), ("--domain", "--spf"),
                  ("--since", "--reporter", "--disposition"),
                  ("--since", "--until", "--dkim"),
                  ("--trusted", "--header-from", "--domain"),
                  ("--selector", "--dmarc", "--since")):
        parts = [next(f for f in one[1:] if f[0][0] == n) for n in names]
        together.append((sum((p[0] for p in parts), []),
                         lambda r, p=parts: all(t[1](r) for t in p)))
    return one + together


def sums(rows):
    return (sum(r["messages"] for r in rows),
            sum(r["messages"] for r in rows if r["dmarc"] == "pass"),
            sum(r["messages"] for r in rows if r["dmarc"] == "fail"))


def by(rows, key):
    groups = collections.defaultdict(list)
    for r in rows:
        groups[key(r)].append(r)
    return groups


def iso(day):
    return (datetime.date(1970, 1, 1) + datetime.timedelta(day)).isoformat()


def counts(row):
    return (row["messages"], row["messages_pass"], row["messages_fail"])


def test_filters(tap, box):
    """Each filter on each question, from the roll-up or from the records."""
    store = fill(box)
    everything = records(store)
    seen = 0
    for options, meant in filters(everything):
        name = " ".join(options) or "no filter"
        rows = [r for r in everything if meant(r)]
        seen += bool(rows)
        # Others had messages in the time before only.
        got = [r for r in as_json("summary", *options, store=store)
               if r["reports"] or not r["messages_before"]]
        tap.equal({r["policy_domain"]: counts(r) + (
            r["sources"], r["reports"]) for r in got},
            {d: sums(g) + (len({r["ip"] for r in g}),
                           len({r["report_key"] for r in g}))
             for d, g in by(rows, lambda r: r["policy_domain"]).items()},
            "summary: " + name)
        got = as_json("timeline", *options, store=store)
        tap.equal({r["day"]: counts(r) for r in got if r["messages"]},
                  {iso(d): sums(g) for d, g in
                   by(rows, lambda r: r["day"]).items()},
                  "timeline: " + name)
        got = as_json("reports", *options, store=store)
        tap.equal({r["report_key"] for r in got},
                  {r["report_key"] for r in rows}, "reports: " + name)
        got = as_json("reporters", *options, store=store)
        tap.equal({r["org_name"]: (r["reports"], r["days"]) for r in got},
                  {o: (len({r["report_key"] for r in g}),
                       len({r["day"] for r in g})) for o, g in
                   by(rows, lambda r: r["org_name"]).items()},
                  "reporters: " + name)
        bad = [r for r in rows if r["dmarc"] == "fail"]
        got = as_json("failures", *options, store=store)
        tap.equal({(r["policy_domain"], r["header_from"], r["source_ip"],
                    r["disposition"]): r["messages"] for r in got},
                  {k: sums(g)[0] for k, g in by(bad, lambda r: (
                      r["policy_domain"], r["author"], r["source_ip"],
                      r["disposition"])).items()}, "failures: " + name)
        tap.equal([r for r in got if not r["why"] or r["report_key"] not in {
            b["report_key"] for b in bad}], [],
            "failures have their reason and report: " + name)
    tap.ok(seen > 30, "most filters find something")


GROUPS = {
    "ip": ("source_ip", lambda r: [r["source_ip"]]),
    "network": ("network", lambda r: [str(ipaddress.ip_network(
        r["source_ip"] + ("/24" if r["ip"].version == 4 else "/48"),
        strict=False))]),
    "header-from": ("header_from", lambda r: [r["author"]]),
    "dkim-domain": ("dkim_domain", lambda r: {
        a["domain"] for a in r["results"] if a["method"] == "dkim" and
        a["domain"] is not None} or [None]),
    "spf-domain": ("spf_domain", lambda r: {
        a["domain"] for a in r["results"] if a["method"] == "spf" and
        a["domain"] is not None} or [None]),
}


def test_groups(tap, box):
    """sources by each of what there is, with filters."""
    store = fill(box)
    everything = records(store)
    some = [f for f in filters(everything) if "--domain" not in f[0]]
    for what, (column, keys) in GROUPS.items():
        for options, meant in some:
            name = "%s: %s" % (what, " ".join(options))
            want = collections.defaultdict(list)
            for r in everything:
                if r["policy_domain"] == DOMAINS[0] and meant(r):
                    for key in keys(r):
                        want[key].append(r)
            got = as_json("sources", DOMAINS[0], "--by", what, *options,
                          store=store)
            tap.equal({r[column]: counts(r) for r in got},
                      {k: sums(g) for k, g in want.items()}, name)
            tap.equal([r for r in got if (r["why"] is None) != (
                r["messages_fail"] == 0) or (r["why"] is not None and
                "no recent record" in r["why"])], [],
                "a reason for what fails: " + name)
            fails = [r["messages_fail"] for r in got]
            tap.equal(fails, sorted(fails, reverse=True),
                      "failing first: " + name)


def test_show(tap, box):
    """Filters among the records of one report."""
    store = fill(box, 12)
    key = ruadtest.query(store, "SELECT report_key FROM v_report "
                         "ORDER BY records DESC LIMIT 1")[0][0]
    everything = [r for r in records(store) if r["report_key"] == key]
    for options, meant in filters(records(store)):
        if not options or set(options) & {"--domain", "--reporter",
                                          "--trusted", "--since", "--until"}:
            continue
        got = as_json("show", str(key), *options, store=store)["rows"]
        tap.equal([r["row_no"] for r in got],
                  sorted(r["row_no"] for r in everything if meant(r)),
                  "show: " + " ".join(options))
    run = ruadctl("show", str(key), "--selector", "nowhere", store=store)
    tap.equal((run.returncode, run.stderr),
              (0, "ruadctl: no such records in this report\n"),
              "none is told")


def test_trend(tap, box):
    """The period before: as many days, and only where there is one."""
    store = fill(box, 10)
    tonight = int(ruadtest.query(store, "SELECT unixepoch()")[0][0]) // DAY
    with contextlib.closing(sqlite3.connect(store)) as con:
        keys = [r[0] for r in con.execute(
            "SELECT DISTINCT policy_domain_key FROM report ORDER BY 1")]
        con.execute("DELETE FROM daily")
        # (days ago, messages that pass, that fail); the last is too old.
        for days, good, bad in ((0, 30, 10), (2, 60, 0), (3, 100, 100),
                                (5, 0, 40), (6, 1000, 1000)):
            for verdict, n in ((1, good), (2, bad)):
                if n:
                    con.execute(
                        "INSERT INTO daily VALUES (?, ?, ?, 1, 1, ?, ?, 0, 0,"
                        " ?, 1)", (keys[0], tonight - days, keys[0], verdict,
                                   verdict, n))
        con.execute("INSERT INTO daily VALUES (?, ?, ?, 1, 1, 1, 1, 0, 0, 7,"
                    " 1)", (keys[1], tonight - 4, keys[1]))
        con.execute("DELETE FROM domain_day")
        con.execute(
            "INSERT INTO domain_day SELECT policy_domain_key, day,"
            " sum(messages), sum(messages * (dkim = 1)),"
            " sum(messages * (dkim = 2)), sum(messages), 0, 0, 1, 0, 0, 0"
            " FROM daily GROUP BY 1, 2")
        con.commit()
        names = [con.execute("SELECT name FROM domain WHERE domain_key = ?",
                             (k,)).fetchone()[0] for k in keys[:2]]
    columns = ("messages", "messages_before", "pass_percent",
               "pass_percent_before", "messages_change", "pass_change")
    rows = {r["policy_domain"]: tuple(r[c] for c in columns)
            for r in as_json("summary", "--days", "2", store=store)}
    tap.equal(rows[names[0]], (100, 240, 90.0, 41.6, -58.3, 48.4),
              "--days 2: against the three days before")
    tap.equal(rows[names[1]], (0, 7, None, 100.0, -100.0, None),
              "who has gone silent is there")
    rows = {r["policy_domain"]: tuple(r[c] for c in columns)
            for r in as_json("summary", "--since", iso(tonight - 3),
                             "--until", iso(tonight - 3), store=store)}
    tap.equal(rows[names[1]], (0, 7, None, 100.0, -100.0, None), "one day")
    tap.equal(rows[names[0]], (200, 0, 50.0, None, None, None),
              "one day, nothing before")
    rows = as_json("summary", store=store)
    tap.equal({tuple(r[c] for c in columns[1:] if c != "pass_percent")
               for r in rows}, {(None, None, None, None)},
              "without a beginning there is nothing before")


def test_roll_up(tap, box):
    """What only the roll-up still knows, and what it cannot know."""
    store = fill(box)
    before = {c: as_json(c, "--dmarc", "fail", store=store)
              for c in ("timeline", "failures")}
    with contextlib.closing(sqlite3.connect(store)) as con:
        con.execute("DELETE FROM record")
        con.execute("DELETE FROM report")
        con.commit()
    tap.equal(as_json("timeline", "--dmarc", "fail", store=store),
              before["timeline"], "timeline outlives the records")
    after = as_json("failures", "--dmarc", "fail", store=store)
    tap.equal([r["messages"] for r in after],
              [r["messages"] for r in before["failures"]], "so do failures")
    tap.equal({(r["why"], r["report_key"]) for r in after},
              {("neither SPF nor DKIM aligned; no recent record says more",
                None)}, "without the reason")
    tap.equal(as_json("timeline", "--reporter", "yonder", store=store), [],
              "days of a reporter are those of its records")


def test_timeline(tap, box):
    """No day is left out, and the bar is of its size."""
    store = fill(box, 20)
    with contextlib.closing(sqlite3.connect(store)) as con:
        key = con.execute("SELECT policy_domain_key FROM report").fetchone()[0]
        con.execute("DELETE FROM daily")
        for day, verdict, n in ((20000, 1, 10), (20000, 2, 20),
                                (20003, 1, 1), (20004, 2, 1)):
            con.execute("INSERT INTO daily VALUES (?, ?, ?, 1, 1, ?, ?, 0, 0,"
                        " ?, 1)", (key, day, key, verdict, verdict, n))
        con.commit()
    rows = as_json("timeline", store=store)
    tap.equal([(r["day"],) + counts(r) for r in rows],
              [(iso(20000), 30, 10, 20), (iso(20001), 0, 0, 0),
               (iso(20002), 0, 0, 0), (iso(20003), 1, 1, 0),
               (iso(20004), 1, 0, 1)], "each day")
    tap.equal(as_json("timeline", "--limit", "2", store=store), rows[-2:],
              "--limit: the last days")
    plain = subprocess.run([ruadtest.RUADCTL, "-d", store, "timeline"],
                           env=dict(os.environ, LC_ALL="C"), text=True,
                           capture_output=True).stdout.splitlines()
    tap.equal([re.search(r"[=x]*$", line)[0] for line in plain[1:]],
              ["=" * 10 + "x" * 20, "", "", "=", "x"], "the bar")
    utf8 = subprocess.run([ruadtest.RUADCTL, "-d", store, "timeline"],
                          env=dict(os.environ, LC_ALL="C.UTF-8"),
                          capture_output=True).stdout.decode()
    tap.match("\u2588{10}\u2591{20}", utf8, "and in UTF-8")
    for fmt in ("csv", "jsonl"):
        out = ruadctl("-o", fmt, "timeline", store=store).stdout
        tap.ok("bar" not in out, fmt + " has none")


def test_reporters(tap, box):
    """Cadence, gaps, quality."""
    store = fill(box, 8)
    with contextlib.closing(sqlite3.connect(store)) as con:
        keys = [r[0] for r in con.execute(
            "SELECT report_key FROM report ORDER BY 1")]
        con.execute("INSERT INTO reporter VALUES (900, 'calm', 'Calm')")
        con.execute("UPDATE report SET reporter_key = 900, warnings = '',"
                    " rows_refused = 0, org_name = 'Calm', report_id ="
                    " 'c' || report_key, received_epoch = 1736000000")
        for key, day, warnings, refused in (
                (keys[0], 20000, "ROW_IP_SPECIAL REP_SPAN", 2),
                (keys[1], 20000, "REP_SPAN", 0), (keys[2], 20002, "", 0),
                (keys[3], 20006, "", 1)):
            con.execute("UPDATE report SET begin_epoch = ?, end_epoch = ?,"
                        " warnings = ?, rows_refused = ? WHERE report_key ="
                        " ?", (day * DAY, day * DAY + DAY - 1, warnings,
                               refused, key))
        con.execute("DELETE FROM report WHERE report_key > ?", (keys[4],))
        con.execute("INSERT INTO reporter VALUES (901, 'last', 'Last')")
        con.execute("UPDATE report SET reporter_key = 901, begin_epoch = ?,"
                    " end_epoch = ?, received_epoch = 1737000000 WHERE"
                    " report_key = ?", (20009 * DAY, 20010 * DAY - 1,
                                        keys[4]))
        con.execute("UPDATE mail SET header_from = 'calm.example' WHERE "
                    "mail_key = (SELECT mail_key FROM report WHERE "
                    "report_key = ?)", (keys[0],))
        con.execute("UPDATE mail SET header_from = 'last.example' WHERE "
                    "mail_key = (SELECT mail_key FROM report WHERE "
                    "report_key = ?)", (keys[4],))
        con.execute("DELETE FROM quarantine")
        for outcome in ("refused", "refused", "not-a-report"):
            con.execute("INSERT INTO mail SELECT NULL, randomblob(32), 1,"
                        " received_epoch, 1, NULL, NULL, NULL,"
                        " 'calm.example', NULL, NULL, 0, 'none', NULL, NULL"
                        " FROM mail LIMIT 1")
            con.execute("INSERT INTO quarantine VALUES (NULL,"
                        " last_insert_rowid(), ?, 'X', 'x', NULL, 1)",
                        (outcome,))
        con.commit()
    rows = {r["org_name"]: r for r in as_json("reporters", store=store)}
    calm = rows["Calm"]
    tap.equal({n: calm[n] for n in (
        "reports", "days", "first_day", "last_day", "every_days", "gaps",
        "longest_gap_days", "quiet_days", "reports_with_warnings",
        "rows_refused", "refused", "warnings")},
        {"reports": 4, "days": 3, "first_day": iso(20000),
         "last_day": iso(20006), "every_days": 3.0, "gaps": 2,
         "longest_gap_days": 3, "quiet_days": 3, "reports_with_warnings": 2,
         "rows_refused": 3, "refused": 2,
         "warnings": ["REP_SPAN", "ROW_IP_SPECIAL"]}, "one with a rhythm")
    tap.equal([rows["Last"][n] for n in ("days", "every_days", "gaps",
                                         "quiet_days", "refused")],
              [1, None, 0, 0, 0], "one with a single report")


def test_wrong_values(tap, box):
    """A wrong value: status 2, and what is allowed."""
    bad = (
        (["--disposition", "junk"], "none, pass, quarantine, reject or"),
        (["--disposition", "none,"], "commas between"),
        (["--disposition", ""], "none, pass"),
        (["--spf", "softfail"], "pass, fail or unknown"),
        (["--dkim", "PASS"], "pass, fail or unknown"),
        (["--dmarc", "none"], "pass, fail or unknown"),
        (["--source-ip", "192.0.2"], "192.0.2.0/24"),
        (["--source-ip", "192.0.2.0/33"], "192.0.2.0/24"),
        (["--source-ip", "192.0.2.0/"], "192.0.2.0/24"),
        (["--source-ip", "192.0.2.0/-1"], "192.0.2.0/24"),
        (["--source-ip", "2001:db8::/129"], "2001:db8::/32"),
        (["--source-ip", "mail.example"], "192.0.2.7"),
        (["--header-from", "not a domain"], "domain"),
        (["--selector", ""], "name of a selector"),
        (["--reporter", " "], "part of a name"),
    )
    for args, wanted in bad:
        for command in ("summary", "failures", "timeline", "reports",
                        "reporters"):
            run = ruadctl(command, *args, store=box.path("none.db"))
            tap.equal((run.returncode, run.stdout), (2, ""),
                      " ".join([command, *args]))
            tap.match("allowed is .*" + re.escape(wanted), run.stderr,
                      "and what is allowed")
    for args, said in (
            (["sources", "a.example", "--by", "asn"],
             "ip, network, header-from, dkim-domain or spf-domain"),
            (["sources", "a.example", "--domain", "b.example"],
             "--domain is b.example"),
            (["sources"], "usage: ruadctl sources DOMAIN"),
            (["timeline", "--by", "ip"], "timeline takes no option --by"),
            (["failures", "--dmrac", "x"],
             "did you mean --dmarc")):
        run = ruadctl(*args, store=box.path("none.db"))
        tap.equal((run.returncode, run.stdout), (2, ""), " ".join(args))
        tap.match(re.escape(said), run.stderr, "and says why")


ruadtest.main(test_filters, test_groups, test_show, test_trend, test_roll_up,
              test_timeline, test_reporters, test_wrong_values)
