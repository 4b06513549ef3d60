#!/usr/bin/python3 -B
"""ruadctl export and raw: stored reports as XML that says the same, and the
originals byte for byte."""
import contextlib
import os
import pty
import re
import sqlite3
import subprocess
import sys
import xml.etree.ElementTree as ElementTree

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "../lib"))
import gen
import ruadtest
from ruadtest import RUADCTL, query, ruadctl

DOMAINS = ("shop.example", "bank.example")
NS = "{urn:ietf:params:xml:ns:dmarc-2.0}"

# What no report of the generator has: every element of RFC 9990, and texts
# that markup is made of.
FULL = """<?xml version="1.0"?>
<feedback xmlns="urn:ietf:params:xml:ns:dmarc-2.0"><version>1.0</version>
<report_metadata><org_name>A &amp; B &lt;Inc&gt;</org_name>
<email>dmarc@a.example</email>
<extra_contact_info>"quoted" 'text' ]]&gt;</extra_contact_info>
<report_id>&lt;&lt;1!2@x&gt;&gt;</report_id>
<date_range><begin>1700000000</begin><end>1700086399</end></date_range>
<error>one &amp; two</error><generator>maker 1.0</generator></report_metadata>
<policy_published><domain>shop.example</domain>
<discovery_method>treewalk</discovery_method><p>reject</p><sp>quarantine</sp>
<np>none</np><fo>1:d</fo><adkim>s</adkim><aspf>r</aspf><testing>y</testing>
</policy_published>
<record><row><source_ip>2001:db8::1</source_ip><count>7</count>
<policy_evaluated><disposition>pass</disposition><dkim>pass</dkim>
<spf>fail</spf><reason><type>policy_test_mode</type><comment>t=y &amp; so
</comment></reason><reason><type>strange_reason</type></reason>
</policy_evaluated></row>
<identifiers><envelope_to>to.example</envelope_to><envelope_from/>
<header_from>\u00fc.shop.example</header_from></identifiers>
<auth_results><dkim><domain>shop.example</domain><selector>s1</selector>
<result>pass</result><human_result>good &lt;sig&gt;</human_result></dkim>
<dkim><domain>not a domain!</domain><selector>x</selector>
<result>hardfail</result></dkim>
<spf><domain>mail.example</domain><scope>mfrom</scope><result>softfail</result>
<human_result>because</human_result></spf></auth_results></record>
<record><row><source_ip>192.0.2.1</source_ip><count>1</count></row>
<identifiers><header_from>shop.example</header_from></identifiers>
<auth_results/></record></feedback>
"""
# What must be the same in both stores; keys need not be.
SAME = (
    "SELECT org_name, org_email, report_id, policy_domain, begin_utc, end_utc,"
    " p, sp, np, adkim, aspf, pct, fo, testing, discovery_method, records,"
    " messages, messages_pass, extra_contact_info, generator"
    " FROM v_report ORDER BY 1, 3, 4",
    "SELECT policy_domain, org_name, begin_utc, row_no, source_ip, messages,"
    " disposition, dkim, spf, dmarc, header_from, envelope_from, envelope_to,"
    " dkim_alignment, spf_alignment, reasons FROM v_record"
    " ORDER BY 1, 2, 3, 4",
    "SELECT r.report_id, a.row_no, a.position, a.method, a.domain, a.selector,"
    " a.scope, a.result, a.result_raw, a.alignment, a.human_result"
    " FROM v_auth AS a JOIN v_report AS r USING (report_key)"
    " ORDER BY 1, 2, 3, 4",
    "SELECT * FROM v_daily ORDER BY 1, 2, 3, 4, 5, 6, 7, 8, 9",
    "SELECT report_id, content_hash FROM report ORDER BY 1",
    "SELECT e.text FROM report_error AS e ORDER BY 1",
    "SELECT x.type, x.type_raw, x.comment FROM reason AS x ORDER BY 1, 2, 3",
)


def write(path, data):
    with open(path, "wb") as f:
        f.write(data)
    return path


def fill(box, count=30):
    """A store of reports of all the generator's styles, and a full one."""
    store = box.path("site.db")
    files = box.subdir("mails")
    mails = gen.reports("export", count, DOMAINS)
    for n, mail in enumerate(mails):
        write(os.path.join(files, "%03d.eml" % n), mail.data)
    write(os.path.join(files, "999.xml"), FULL.encode())
    run = ruadctl("ingest", "--jobs", "1", files, store=store)
    if run.returncode != 0:
        raise RuntimeError("ingest: " + run.stdout + run.stderr)
    return store, mails


def taken_in_again(box, directory):
    store = box.path("again.db")
    run = ruadctl("ingest", directory, store=store)
    if run.returncode != 0:
        raise RuntimeError("ingest: " + run.stdout + run.stderr)
    return store


def test_no_difference(tap, box):
    """Exported and taken in elsewhere, every report is the same."""
    store, mails = fill(box)
    out = box.subdir("out")
    run = ruadctl("export", "--format", "xml", "--all", "--directory", out,
                  store=store)
    tap.equal((run.returncode, run.stdout, run.stderr), (0, "", ""),
              "export: status 0")
    tap.equal(len(os.listdir(out)), len(mails) + 1, "a file for each report")
    again = taken_in_again(box, out)
    for sql in SAME:
        tap.equal(query(again, sql), query(store, sql),
                  "the same: " + " ".join(sql.split()[1:4]))
    run = ruadctl("-o", "csv", "ingest", out, store=store)
    tap.equal(set(re.findall(r",(stored|duplicate|conflict|refused),",
                             run.stdout)), {"duplicate"},
              "where it came from, it is a duplicate")


def test_form(tap, box):
    """The form of RFC 9990: namespace, elements and their order; texts are
    escaped; a number names the file."""
    store, mails = fill(box, count=2)
    key = query(store, "SELECT report_key FROM v_report WHERE np = 'none' AND"
                " generator = 'maker 1.0'")[0][0]
    run = ruadctl("export", str(key), store=store)
    tap.equal((run.returncode, run.stderr), (0, ""), "to standard output")
    root = ElementTree.fromstring(run.stdout)
    tap.equal(root.tag, NS + "feedback", "root and namespace")
    tap.equal([e.tag.replace(NS, "") for e in root],
              ["version", "report_metadata", "policy_published", "record",
               "record"], "children in order")
    record = root.find(NS + "record")
    tap.equal([e.tag.replace(NS, "") for e in record],
              ["row", "identifiers", "auth_results"], "record in order")
    tap.equal([e.tag.replace(NS, "") for e in record.find(
        NS + "auth_results")], ["dkim", "dkim", "spf"], "dkim before spf")
    tap.equal(root.find(NS + "report_metadata/" + NS + "org_name").text,
              "A & B <Inc>", "texts are escaped")
    tap.ok(record.find(NS + "identifiers/" + NS + "envelope_from")
           is not None, "the null reverse-path is an empty element")


def test_as_7489(tap, box):
    """The form of RFC 7489 has nothing that this does not know."""
    store, mails = fill(box, count=20)
    out = box.subdir("out")
    run = ruadctl("export", "--as", "7489", "--all", "--directory", out,
                  store=store)
    tap.equal(run.returncode, 0, "status 0")
    tags, words = set(), set()
    for name in os.listdir(out):
        root = ElementTree.parse(os.path.join(out, name)).getroot()
        tap.equal((root.tag, root[0].tag, root[0].text),
                  ("feedback", "version", root[0].text or "1.0"),
                  name.split("!")[0] + ": no namespace, a version")
        for e in root.iter():
            tags.add(e.tag)
            if e.tag in ("disposition", "type"):
                words.add(e.text)
    tap.equal(tags & {"np", "testing", "discovery_method", "generator"}, set(),
              "no element of RFC 9990")
    tap.equal(words & {"pass", "policy_test_mode"}, set(), "no word of it")
    again = taken_in_again(box, out)
    for sql in ("SELECT count(*), sum(messages), sum(messages_pass)"
                " FROM v_report",
                "SELECT source_ip, sum(messages) FROM v_record GROUP BY 1"):
        tap.equal(query(again, sql), query(store, sql), "the same: " + sql)


def test_refused(tap, box):
    """What cannot be exported is named."""
    store, _ = fill(box, count=3)
    for args, status, pattern in (
            (["export"], 2, "name either"),
            (["export", "1", "--all"], 2, "name either"),
            (["export", "--all"], 2, "4 reports are no document"),
            (["export", "99"], 2, "no report 99"),
            (["export", "x"], 2, "bad REPORT_KEY"),
            (["export", "1", "--format", "pdf"], 2, "export: xml"),
            (["export", "1", "--as", "822"], 2, "9990 or 7489"),
            (["export", "1", "--directory", box.path("none")], 2,
             "No such file or directory"),
            (["raw"], 2, "usage: ruadctl raw"), (["raw", "99"], 2,
                                                 "no report 99")):
        run = ruadctl(*args, store=store)
        tap.equal((run.returncode, run.stdout), (status, ""),
                  "%s: status %d" % (" ".join(args[:3]), status))
        tap.match(pattern, run.stderr, "%s: says why" % " ".join(args[:3]))
    out = box.subdir("out")
    ruadctl("export", "1", "--directory", out, store=store)
    run = ruadctl("export", "1", "--directory", out, store=store)
    tap.equal(run.returncode, 2, "a file is not overwritten")
    with contextlib.closing(sqlite3.connect(store)) as con:
        con.execute("DELETE FROM record WHERE report_key = 1")
        con.commit()
    run = ruadctl("export", "1", store=store)
    tap.equal((run.returncode, run.stdout), (1, ""), "expired: a finding")
    tap.match("report 1: left out: its records have been expired", run.stderr,
              "expired: says so")
    for args in (["export", "1"], ["raw", "1"]):
        run = ruadctl(*args, store=box.path("missing.db"))
        tap.equal(run.returncode, 2, args[0] + ": no store: status 2")
        run = ruadctl(*args, store=write(box.path("junk"), b"x" * 5000))
        tap.equal(run.returncode, 2, args[0] + ": not a store: status 2")


def test_hostile_names(tap, box):
    """A reporter's name cannot lead out of the directory."""
    store, _ = fill(box, count=1)
    with contextlib.closing(sqlite3.connect(store)) as con:
        con.execute("UPDATE reporter SET org_key = '../../' || org_key")
        con.commit()
    out = box.subdir("out")
    ruadctl("export", "--all", "--directory", out, store=store)
    tap.equal([n for n in os.listdir(out) if not re.match(
        r"[\w-][\w.-]*![\w-][\w.-]*!\d+!\d+!\d+\.xml\Z", n)], [],
        "names of files are plain")


def test_raw(tap, box):
    """The same bytes, to a file or a pipe, but not to a terminal."""
    store, mails = fill(box, count=3)
    wanted = {m.facts.report_id: m.data for m in mails}
    for key, report_id in query(store, "SELECT report_key, report_id FROM"
                                " v_report"):
        run = subprocess.run([RUADCTL, "-d", store, "raw", str(key)],
                             capture_output=True)
        tap.equal((run.returncode, run.stdout),
                  (0, wanted.get(report_id, FULL.encode())),
                  "the bytes of " + report_id)
    path = box.path("x.eml")
    tap.equal(ruadctl("raw", "1", path, store=store).returncode, 0, "to a file")
    tap.equal(ruadctl("raw", "1", path, store=store).returncode, 2,
              "which is not overwritten")
    for args, status in ((["raw", "1"], 2), (["raw", "--force", "1"], 0)):
        master, slave = pty.openpty()
        run = subprocess.Popen([RUADCTL, "-d", store, *args], stdout=slave,
                               stderr=subprocess.PIPE, text=True)
        os.close(slave)
        got = b""
        with contextlib.suppress(OSError):
            while True:
                data = os.read(master, 65536)
                if not data:
                    break
                got += data
        os.close(master)
        err = run.communicate(timeout=60)[1]
        tap.equal((run.returncode, bool(got), "not for a terminal" in err),
                  (status, status == 0, status != 0),
                  "to a terminal: " + " ".join(args))
    with contextlib.closing(sqlite3.connect(store)) as con:
        con.execute("DELETE FROM raw")
        con.commit()
    run = ruadctl("raw", "1", store=store)
    tap.equal((run.returncode, run.stdout), (1, ""), "not kept: a finding")


def test_closed_pipe(tap, box):
    """A reader that goes away is no failure."""
    store, _ = fill(box, count=3)
    for args in (["export", "1"], ["raw", "1"]):
        read, to = os.pipe()
        os.close(read)
        with os.fdopen(to, "wb") as out:
            run = subprocess.run([RUADCTL, "-d", store, *args], stdout=out,
                                 stderr=subprocess.PIPE, text=True)
        tap.equal((run.returncode, run.stderr), (0, ""), args[0])


ruadtest.main(test_no_difference, test_form, test_as_7489, test_refused,
              test_hostile_names, test_raw, test_closed_pipe)
