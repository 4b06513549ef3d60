#!/usr/bin/python3 -B
"""ruadctl quarantine, domain and reporter: what was refused is found, looked
at, read again and dropped; and what the operator says of domains and reporters
decides what is refused and what is trusted."""
import contextlib
import csv
import io
import json
import os
import pty
import re
import sqlite3
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "../lib"))
import gen
import ruadtest
from ruadtest import RUADCTL, query, ruadctl

DOMAINS = ("shop.example", "bank.example")
# Bytes that no terminal may see; the line end is ours.
UNSAFE = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f"
                    "\u2028-\u202e\u2060-\u206f]")


class Site:
    """A store, and a configuration that can be changed."""

    def __init__(self, box, **options):
        self.box = box
        self.store = box.path("site.db")
        self.conf = box.path("site.conf")
        self.configure(**options)

    def configure(self, **options):
        options.setdefault("store", self.store)
        with open(self.conf, "w") as f:
            for name, value in options.items():
                f.write("%s = %s\n" % (name, ruadtest.conf_value(value)))

    def ctl(self, *args, **kw):
        return ruadctl("-c", self.conf, *args, **kw)

    def lines(self, *args):
        """(status, objects)"""
        run = self.ctl("-o", "jsonl", *args)
        return run.returncode, [json.loads(x) for x in run.stdout.splitlines()]

    def ingest(self, data, name="mail.eml"):
        path = self.box.path(name)
        with open(path, "wb") as f:
            f.write(data)
        return self.ctl("ingest", path)

    def sql(self, *statements):
        with contextlib.closing(sqlite3.connect(self.store, timeout=30)) as c:
            for s in statements:
                c.execute(s)
            c.commit()

    def query(self, sql, *args):
        return query(self.store, sql, *args)


def mail_of(seed="q", rows=(3, 9), domains=DOMAINS[:1]):
    return gen.reports(seed, 1, domains, rows=rows)[0]


def with_auth(mail, result):
    """The mail as a filter of mx.example has judged it."""
    return b"Authentication-Results: mx.example; %s\r\n" % result.encode() + \
        mail.data


def sender_of(mail):
    return mail.sender.split("@")[1]


JUNK = {
    "bounce.eml": b"From: <>\r\nSubject: Undelivered\r\n"
                  b"Auto-Submitted: auto-replied\r\n\r\nno\r\n",
    "dtd.xml": b"<?xml version='1.0'?><!DOCTYPE feedback><feedback/>",
    "cut.xml": b"<?xml version='1.0'?>\n<feedback><report_metadata>",
    "hostile.eml": b"From: a@b.example\r\nSubject: x\x1b[2J\xe2\x80\xae=1+1\r\n"
                   b"Message-ID: <\x1b]0;x\x07@b>\r\n\r\nno \x1b[31mreport\r\n",
}


def fill(site):
    for name, data in JUNK.items():
        site.ingest(data, name)


def test_list(tap, box):
    """What was refused, by code and by time, in all formats."""
    site = Site(box)
    site.ingest(mail_of().data)
    run = site.ctl("quarantine", "list")
    tap.equal((run.returncode, run.stdout), (0, ""), "nothing refused")
    fill(site)
    status, rows = site.lines("quarantine", "list")
    tap.equal(status, 0, "list: status 0")
    tap.equal([r["quarantine_key"] for r in rows], [4, 3, 2, 1],
              "the last received first")
    tap.equal(sorted(r["code"] for r in rows),
              ["MAIL_BOUNCE", "MAIL_NO_REPORT", "XML_DTD", "XML_TRUNCATED"],
              "codes")
    tap.equal({r["kept"] for r in rows}, {1}, "originals are kept")
    status, rows = site.lines("quarantine", "list", "--code", "xml_dtd")
    tap.equal([r["code"] for r in rows], ["XML_DTD"], "--code, in any case")
    tap.equal(len(site.lines("quarantine", "list", "--limit", "2")[1]), 2,
              "--limit")
    site.sql("UPDATE mail SET received_epoch = 1700000000 WHERE mail_key IN "
             "(SELECT mail_key FROM quarantine WHERE code = 'XML_DTD')")
    for args, keys in ((("--days", "2"), [4, 3, 1]),
                       (("--until", "2024-01-01"), [2]),
                       (("--since", "2023-11-14T22:13:20Z", "--until",
                         "2023-11-14T22:13:20Z"), [2]),
                       (("--since", "2023-11-14T22:13:21Z", "--until",
                         "2023-11-15"), [])):
        tap.equal([r["quarantine_key"] for r in site.lines(
            "quarantine", "list", *args)[1]], keys, " ".join(args))
    for fmt in ("table", "json", "csv"):
        run = site.ctl("-o", fmt, "quarantine", "list")
        tap.equal((run.returncode, UNSAFE.findall(run.stdout)), (0, []),
                  fmt + ": nothing that a terminal obeys")
    tap.equal(len(list(csv.DictReader(io.StringIO(run.stdout)))), 4,
              "csv: all rows")


def test_show(tap, box):
    """Facts, what to do, and the beginning of the mail."""
    site = Site(box)
    fill(site)
    for key in "1234":
        run = site.ctl("quarantine", "show", key)
        tap.equal((run.returncode, UNSAFE.findall(run.stdout)), (0, []),
                  "show %s: safe" % key)
        tap.match(r"^What to do +\S", run.stdout, "show %s: advice" % key)
    tap.match(r"^no \\x1b\[31mreport$", run.stdout, "content, escaped")
    run = site.ctl("-o", "json", "quarantine", "show", "2")
    shown = json.loads(run.stdout)
    tap.equal((shown["code"], shown["meaning"]),
              ("XML_DTD", "the XML has a document type declaration"), "json")
    tap.equal([c["line"] for c in shown["content"]],
              [JUNK["dtd.xml"].decode()], "json: the lines of the content")
    site.sql("DELETE FROM raw")
    run = site.ctl("quarantine", "show", "2")
    tap.match(r"^What to do +The original was not kept", run.stdout,
              "without an original")
    for key in ("9", "0", "x", "-1", ""):
        run = site.ctl("quarantine", "show", "--", key)
        tap.equal((run.returncode, run.stdout), (2, ""),
                  "no such key: " + repr(key))


def test_export(tap, box):
    """Byte for byte, also what is no text."""
    site = Site(box)
    data = b"\x00\xff\r\n\x1a" + bytes(range(256)) * 400
    site.ingest(data, "binary")
    run = subprocess.run([RUADCTL, "-c", site.conf, "quarantine", "export",
                          "1"], capture_output=True)
    tap.equal((run.returncode, run.stdout == data), (0, True),
              "to standard output")
    path = box.path("out.eml")
    run = site.ctl("quarantine", "export", "1", path)
    with open(path, "rb") as f:
        tap.equal((run.returncode, f.read() == data), (0, True), "to a file")
    tap.equal(os.stat(path).st_mode & 0o777, 0o600, "which is ours alone")
    run = site.ctl("quarantine", "export", "1", path)
    tap.equal(run.returncode, 2, "which must not be there")
    parent, child = pty.openpty()
    run = subprocess.run([RUADCTL, "-c", site.conf, "quarantine", "export",
                          "1"], stdout=child, stderr=subprocess.PIPE)
    os.close(child)
    tap.equal(run.returncode, 2, "not to a terminal")
    os.close(parent)
    site.sql("DELETE FROM raw")
    run = site.ctl("quarantine", "export", "1")
    tap.equal((run.returncode, run.stdout), (1, ""), "not kept: status 1")
    tap.match("not kept", run.stderr, "not kept: says so")


def test_retry(tap, box):
    """Refused because of a limit, which is raised: the report is stored as if
    it had been then."""
    site = Site(box, max_records=1)
    mail = mail_of()
    run = site.ingest(mail.data)
    tap.equal(run.returncode, 1, "refused")
    received = mail.facts.end + 3600
    site.sql("UPDATE mail SET received_epoch = %d, queue_id = '4XyZ',"
             " mail_from = 'a@b.example'" % received)
    status, rows = site.lines("quarantine", "retry", "1")
    tap.equal((status, rows[0]["outcome"], rows[0]["code"]),
              (1, "refused", "XML_LIMIT"), "still refused: status 1")
    tap.equal(site.query("SELECT quarantine_key FROM v_quarantine"), [(1,)],
              "still there, under its key")
    site.configure()
    status, rows = site.lines("quarantine", "retry", "--all")
    tap.equal((status, len(rows)), (0, 1), "retry: status 0, a row")
    row = rows[0]
    tap.equal((row["quarantine_keys"], row["outcome"], row["code"]),
              ([1], "stored", None), "retry: stored")
    tap.equal([(r["org_name"], r["report_id"], r["records"], r["messages"])
               for r in row["reports"]],
              [(mail.facts.org, mail.facts.report_id, mail.facts.records,
                mail.facts.messages)], "retry: what was stored")
    tap.equal(site.query("SELECT unixepoch(received_utc), queue_id"
                         " FROM v_report"), [(received, "4XyZ")],
              "received then, with its queue id")
    tap.equal(site.query("SELECT mail_from FROM mail"), [("a@b.example",)],
              "from its sender")
    tap.equal(site.query("SELECT count(*) FROM v_quarantine"), [(0,)],
              "the quarantine is empty")
    ruadtest.check_store(tap, site.store, [mail], "retry")
    run = site.ctl("quarantine", "retry", "--all")
    tap.equal((run.returncode, run.stdout), (0, ""), "nothing left to do")


def test_retry_kinds(tap, box):
    """Duplicate, conflict, still bad, no original, and no report, in one."""
    site = Site(box, max_records=1)
    mails = gen.reports("kinds", 3, DOMAINS, rows=(3, 9))
    for n, mail in enumerate(mails):
        site.ingest(mail.data, "%d.eml" % n)
    fill(site)
    site.configure()
    # As another copy of the mail brings it.
    site.ingest(b"X-Copy: 1\r\n" + mails[0].data, "copy.eml")
    site.ingest(b"X-Copy: 1\r\n" + mails[1].data, "other.eml")
    site.sql("UPDATE report SET content_hash = zeroblob(32)"
             " WHERE report_key = 2",
             "DELETE FROM raw WHERE mail_key = 3")
    status, rows = site.lines("quarantine", "retry", "--all")
    tap.equal(status, 1, "status 1")
    tap.equal([r["outcome"] for r in rows],
              ["duplicate", "conflict", "no-original", "not-a-report",
               "refused", "refused", "not-a-report"], "each outcome")
    tap.equal([k for (k,) in site.query(
        "SELECT quarantine_key FROM v_quarantine ORDER BY 1")],
        [3, 4, 5, 6, 7], "what is known leaves, the rest stays")
    run = site.ctl("quarantine", "retry", "--code", "MAIL_BOUNCE")
    tap.equal(run.returncode, 0, "no report: nothing wrong")
    run = site.ctl("quarantine", "retry", "3")
    tap.equal(run.returncode, 1, "no original: status 1")
    tap.match("not kept", run.stdout, "no original: says so")
    tap.equal(UNSAFE.findall(site.ctl("quarantine", "retry",
                                      "--all").stdout), [], "safe")


def test_retry_usage(tap, box):
    """Nothing happens by accident."""
    site = Site(box)
    site.ingest(JUNK["dtd.xml"], "dtd.xml")
    for args, why in (
            (("retry",), "KEYs"), (("retry", "1", "--all"), "KEYs"),
            (("retry", "1", "7"), "has the key 7"), (("retry", "x"), "bad KEY"),
            (("retry", "--code", "NO_SUCH"), "a code"),
            (("list", "--all"), "takes no option --all"),
            (("frob",), "cannot"), ((), "usage"),
            (("drop",), "KEYs"), (("drop", "1", "--older-than", "1d"), "KEYs"),
            (("drop", "--older-than", "soon"), "90d"),
            (("drop", "--older-than", "1d", "--until", "2024-01-01"),
             "exclude")):
        run = site.ctl("quarantine", *args)
        tap.equal((run.returncode, run.stdout), (2, ""),
                  " ".join(args) + ": status 2")
        tap.match(why, run.stderr, " ".join(args) + ": says why")
    missing = box.path("none.db")
    for args in (("quarantine", "retry", "--all"), ("domain", "add", "a.test"),
                 ("reporter", "pin", "A", "a.test"), ("quarantine", "list")):
        run = ruadctl("-c", site.conf, "-d", missing, *args)
        tap.equal((run.returncode, os.path.exists(missing)), (2, False),
                  " ".join(args) + ": no store is created")


def test_drop(tap, box):
    """Only what was named, and only after it was confirmed."""
    site = Site(box)
    fill(site)
    count = "SELECT count(*), (SELECT count(*) FROM raw)," \
        " (SELECT count(*) FROM mail) FROM quarantine"
    for typed in ("", "no\n", "delete it\n", "DELETE\n"):
        run = site.ctl("quarantine", "drop", "1", input=typed)
        tap.equal((run.returncode, site.query(count)), (2, [(4, 4, 4)]),
                  "typed %r: nothing happens" % typed)
    run = site.ctl("quarantine", "drop", "1", "2", input="delete\n")
    tap.equal((run.returncode, site.query(count)), (0, [(2, 2, 2)]),
              "typed delete: gone")
    run = site.ctl("quarantine", "drop", "3", "1", "--yes")
    tap.equal((run.returncode, site.query(count)), (2, [(2, 2, 2)]),
              "one that is not there: nothing happens")
    site.sql("UPDATE mail SET received_epoch = received_epoch - 864000"
             " WHERE mail_key = 4")
    run = site.ctl("quarantine", "drop", "--older-than", "11d", "--yes")
    tap.equal((run.returncode, site.query(count)), (0, [(2, 2, 2)]),
              "--older-than 11d: nothing is")
    run = site.ctl("quarantine", "drop", "--older-than", "9d", "--code",
                   "XML_DTD", "--yes")
    tap.equal(site.query(count), [(2, 2, 2)], "--code: nothing of it is")
    run = site.ctl("quarantine", "drop", "--older-than", "9d", "--yes")
    tap.equal((run.returncode, site.query(
        "SELECT quarantine_key FROM quarantine")), (0, [(3,)]),
        "--older-than 9d: one is")


def test_registered(tap, box):
    """domains = registered: the table decides."""
    site = Site(box, domains="registered", keep_raw=False)
    site.ctl("ingest", box.subdir("none"))  # a store
    mails = gen.reports("reg", 6, DOMAINS)
    files = box.subdir("mails")
    for n, mail in enumerate(mails):
        with open(os.path.join(files, "%d.eml" % n), "wb") as f:
            f.write(mail.data)
    tap.equal(site.ctl("domain", "list").returncode, 0, "list: none")
    run = site.ctl("domain", "add", "Shop.Example.", "--note", "the shop")
    tap.equal((run.returncode, run.stdout), (0, ""), "add")
    run = site.ctl("ingest", files)
    shop = [m for m in mails if m.facts.domain == "shop.example"]
    bank = [m for m in mails if m.facts.domain == "bank.example"]
    tap.equal(run.returncode, 1, "ingest: findings")
    ruadtest.check_store(tap, site.store, shop, "of the registered one")
    tap.equal({r["code"] for r in site.lines("quarantine", "list")[1]},
              {"REP_FOREIGN_DOMAIN"}, "the others are refused")
    tap.equal(site.query("SELECT count(*) FROM raw"), [(len(bank),)],
              "and their originals kept")
    status, rows = site.lines("domain", "list")
    tap.equal([(r["domain"], r["reports"], r["note"]) for r in rows],
              [("shop.example", len(shop), "the shop")], "list: with counts")
    run = site.ctl("domain", "list", "--unregistered")
    tap.match("%d more refused for their domain" % len(bank), run.stderr,
              "--unregistered: what was refused is named")
    site.ctl("domain", "add", "bank.example")
    status, rows = site.lines("quarantine", "retry", "--code",
                              "REP_FOREIGN_DOMAIN")
    tap.equal((status, {r["outcome"] for r in rows}), (0, {"stored"}),
              "registered and read again: stored")
    ruadtest.check_store(tap, site.store, mails, "of both")
    tap.equal(site.query("SELECT count(*) FROM raw"), [(0,)],
              "no original without need")
    tap.equal(site.lines("domain", "list", "--unregistered"), (0, []),
              "nothing is unregistered")
    run = site.ctl("domain", "remove", "shop.example", input="no\n")
    tap.equal(run.returncode, 2, "remove: not without the word")
    run = site.ctl("domain", "remove", "shop.example", input="delete\n")
    tap.equal(run.returncode, 0, "remove: with the word")
    tap.match("go on sending until the rua", run.stderr, "remove: what stays")
    run = site.ctl("domain", "remove", "shop.example", "--yes")
    tap.equal((run.returncode, "will not be" in run.stderr), (2, False),
              "remove: once, and nothing is promised")
    status, rows = site.lines("domain", "list", "--unregistered")
    tap.equal([(r["domain"], r["reports"]) for r in rows],
              [("shop.example", len(shop))], "--unregistered: its reports")
    tap.equal(site.ctl("domain", "add", "no domain").returncode, 2,
              "no domain: status 2")
    tap.equal(site.ctl("domain", "ignore", "shop.example", "--note",
                       "sold").returncode, 0, "ignore")
    tap.equal(site.lines("domain", "list", "--unregistered"), (0, []),
              "an ignored one is not listed")
    tap.equal([(r["domain"], r["state"], r["note"])
               for r in site.lines("domain", "list")[1]],
              [("bank.example", "registered", None),
               ("shop.example", "ignored", "sold")], "list: both kinds")
    run = site.ctl("domain", "ignore", "x.bank.example")
    tap.equal(run.returncode, 2, "ignore: not what is registered")
    tap.match("is registered, or below", run.stderr, "ignore: says why")
    site.ctl("domain", "add", "shop.example")
    tap.equal({r["state"] for r in site.lines("domain", "list")[1]},
              {"registered"}, "add: it is ignored no more")


def test_domain_show(tap, box):
    """One domain and what is below it, at a glance."""
    site = Site(box)
    mails = gen.reports("show", 12, DOMAINS + ("mail.shop.example",))
    for n, mail in enumerate(mails):
        site.ingest(mail.data, "%d.eml" % n)
    mine = [m for m in mails if m.facts.domain.endswith("shop.example")]
    site.ctl("domain", "add", "shop.example", "--note", "the shop")
    row = site.lines("domain", "show", "Shop.Example")[1][0]
    tap.equal((row["domain"], row["state"], row["note"], row["reports"],
               row["policy_domains"], row["messages"], row["messages_pass"]),
              ("shop.example", "registered", "the shop", len(mine), 2,
               sum(m.facts.messages for m in mine),
               sum(m.facts.passed for m in mine)), "its numbers")
    tap.equal(row["p"], site.query(
        "SELECT p FROM v_report WHERE policy_domain = 'shop.example'"
        " ORDER BY begin_epoch DESC LIMIT 1")[0][0], "its policy, as seen last")
    row = site.lines("domain", "show", "mail.shop.example")[1][0]
    tap.equal((row["state"], row["by_domain"]), ("registered", "shop.example"),
              "one below: registered by the other")
    row = site.lines("domain", "show", "none.example")[1][0]
    tap.equal((row["state"], row["reports"], row["last_end_utc"]),
              ("not registered", 0, None), "one without reports")
    tap.match(r"^Reports +%d$" % len(mine), site.ctl(
        "domain", "show", "shop.example").stdout, "as a table")
    tap.equal(site.ctl("domain", "show", "no domain").returncode, 2,
              "no domain: status 2")


def test_trusted(tap, box):
    """Pins, and what counts with --trusted."""
    site = Site(box, authserv_ids=["mx.example"])
    mails = gen.reports("pins", 4, DOMAINS[:1])
    auth = ["dmarc=pass header.from=" + sender_of(mails[0]),
            "dmarc=pass header.from=" + sender_of(mails[1]),
            "dmarc=fail header.from=" + sender_of(mails[2]), "none"]
    for n, mail in enumerate(mails):
        site.ingest(with_auth(mail, auth[n]), "%d.eml" % n)
    tap.equal(site.query("SELECT trusted FROM v_report ORDER BY 1 DESC"),
              [(1,), (1,), (0,), (0,)], "without pins, those that passed")

    def counted(*args):
        rows = site.lines(*args)[1]
        return sum(r["messages"] for r in rows)

    of = [m.facts.messages for m in mails]
    for args in (("summary",), ("sources", "shop.example"), ("reports",),
                 ("summary", "shop.example", "--since", "2020-01-01")):
        tap.equal((counted(*args), counted(*args, "--trusted")),
                  (sum(of), of[0] + of[1]), " ".join(args) + " --trusted")
    tap.equal(site.lines("summary", "--trusted")[1][0]["messages_pass"],
              mails[0].facts.passed + mails[1].facts.passed,
              "summary --trusted: passed")
    run = site.ctl("reporter", "pin", mails[0].facts.org.upper(),
                   "elsewhere.example")
    tap.equal((run.returncode, run.stdout), (0, ""), "pin")
    tap.equal(counted("summary", "--trusted"), of[1],
              "a pin to another domain: not trusted")
    status, rows = site.lines("reporter", "list")
    tap.equal(sorted((r["domain"] or "", r["pinned"] or "", r["reports"])
                     for r in rows if r["org_name"].lower() ==
                     mails[0].facts.org.lower()),
              sorted([("elsewhere.example", "yes", 0),
                      (sender_of(mails[0]), "no", 1)]),
              "list: seen and pinned")
    again = gen.reports("pins again", 1, DOMAINS[:1])[0]
    site.ingest(with_auth(again, auth[0]), "again.eml")
    tap.equal(site.query("SELECT instr(warnings, 'REP_PIN') > 0, trusted"
                         " FROM v_report WHERE report_id = ?",
                         again.facts.report_id),
              [(1, 0)], "the next one has REP_PIN")
    site.ctl("reporter", "pin", mails[0].facts.org, sender_of(mails[0]))
    tap.equal(counted("summary", "--trusted"),
              of[0] + of[1] + again.facts.messages, "pinned as well: trusted")
    run = site.ctl("reporter", "unpin", mails[0].facts.org, "a.example")
    tap.equal(run.returncode, 2, "unpin: no such pin")
    run = site.ctl("reporter", "unpin", mails[0].facts.org)
    tap.equal((run.returncode, site.query(
        "SELECT count(*) FROM reporter_domain")), (0, [(0,)]), "unpin: all")
    tap.equal(site.ctl("reporter", "pin", " ", "a.example").returncode, 2,
              "pin: a name is needed")


ruadtest.main(test_list, test_show, test_export, test_retry, test_retry_kinds,
              test_retry_usage, test_drop, test_registered, test_domain_show, test_trusted)
