#!/usr/bin/python3 -B
"""The API of reports: lists that stay in place while others come in, hostile
texts, uploads of every kind, the quarantine, and who may see what."""
import base64
import csv
import gzip
import io
import json
import os
import re
import sqlite3
import sys
import time
import zipfile
from xml.sax.saxutils import escape

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "../lib"))
import milter
import ruadtest
import webtest
from ruadtest import query, ruadctl

ruadtest.need_root()

DAY = 86400
BEGIN = int(time.time()) // DAY * DAY - 5 * DAY
HOSTILE = ('=cmd|"/c calc"!A0', "../../etc/passwd\r\nX-Injected: 1",
           "<script>alert(1)</script>", "'; DROP TABLE report; --",
           "%s%n\\u202e\u202egnp.exe", "+1+1", "@SUM(A1)", "-2", "\t=1",
           "\u0085\u2028\x7f", "x" * 3000, "日本 한국 ü")


def record(count=3, dkim="pass", spf="fail", selector="s1", comment=None,
           ip="192.0.2.1", header_from="example.com"):
    reason = ("<reason><type>other</type><comment>%s</comment></reason>" %
              escape(comment)) if comment else ""
    return ("<record><row><source_ip>%s</source_ip><count>%d</count>"
            "<policy_evaluated><disposition>none</disposition><dkim>%s</dkim>"
            "<spf>%s</spf>%s</policy_evaluated></row><identifiers>"
            "<header_from>%s</header_from></identifiers><auth_results><dkim>"
            "<domain>example.com</domain><selector>%s</selector>"
            "<result>pass</result></dkim><spf><domain>bounce.example.net"
            "</domain><result>pass</result></spf></auth_results></record>" %
            (ip, count, dkim, spf, reason, header_from, escape(selector)))


def report(ident, org="reporter.example", domain="example.com", day=0,
           records=None, p="none", adkim="r", pct="100"):
    return ("<?xml version=\"1.0\"?><feedback><report_metadata><org_name>%s"
            "</org_name><email>a@reporter.example</email><report_id>%s"
            "</report_id><date_range><begin>%d</begin><end>%d</end>"
            "</date_range></report_metadata><policy_published><domain>%s"
            "</domain><adkim>%s</adkim><aspf>r</aspf><p>%s</p><sp>%s</sp>"
            "<pct>%s</pct></policy_published>%s</feedback>" %
            (escape(org), escape(ident), BEGIN + day * DAY,
             BEGIN + (day + 1) * DAY - 1, domain, adkim, p, p, pct,
             "".join(records or [record()]))).encode()


def zipped(data, name="a.xml"):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as z:
        z.writestr(name, data)
    return out.getvalue()


def mailed(data):
    return (b"From: a@reporter.example\r\n"
            b"To: rua@reports.test.example\r\n"
            b"Subject: Report Domain: example.com\r\nMIME-Version: 1.0\r\n"
            b"Content-Type: application/gzip; name=\"a.xml.gz\"\r\n"
            b"Content-Transfer-Encoding: base64\r\n\r\n" +
            base64.encodebytes(data).replace(b"\n", b"\r\n"))


def ingest(box, store, *documents):
    """Put reports, or what looks like some, into a store."""
    path = box.subdir("in%d" % len(os.listdir(box.dir)))
    for i, data in enumerate(documents):
        with open(os.path.join(path, "%03d.xml" % i), "wb") as f:
            f.write(data)
    return ruadctl("ingest", "--jobs", "1", path, store=store)


def site(box, *documents, **options):
    """ruad-web with a store of these reports."""
    store = box.path("ruad.db")
    ingest(box, store, *(documents or [report("first")]))
    web = webtest.Web(box, store=store, **options).start()
    return web, web.peer()


def pages(client, path, limit):
    """All items of a list, page by page."""
    items, after = [], ""
    while True:
        reply = client.get("%s%slimit=%d%s" % (
            path, "&" if "?" in path else "?", limit, after))
        items += reply["items"]
        if reply["next"] is None:
            return items
        after = "&after=" + reply["next"]


def test_list(tap, box):
    """The list: order, filters, pages, counts, conditional requests."""
    documents = [report("r%02d" % i, org="org%d.example" % (i % 3), day=i % 4,
                        domain="example.com" if i % 2 else "example.net",
                        records=[record(dkim="pass" if i % 5 else "fail")])
                 for i in range(23)]
    documents.append(report("none", records=[
        record(dkim="fail"), record(ip="192.0.2.2")]))
    web, c = site(box, *documents)
    ids = [r["report_id"] for r in pages(c, "reports", 5)]
    tap.equal(len(ids), 24, "all of them")
    tap.equal(len(set(ids)), 24, "each once")
    tap.equal(ids, [r["report_id"] for r in c.get("reports?limit=500")["items"]],
              "in one order")
    tap.equal(c.get("reports?count=true&limit=1")["total"], 24, "counted")

    def some(question):
        return {r["report_id"] for r in pages(c, "reports?" + question, 7)}
    tap.equal(some("domain=example.net"),
              {"r%02d" % i for i in range(0, 23, 2)}, "of a domain")
    tap.equal(some("domain=EXAMPLE.net."), some("domain=example.net"),
              "however it is written")
    tap.equal(some("org=ORG1"), {"r%02d" % i for i in range(1, 23, 3)},
              "of a reporter")
    tap.equal(some("outcome=partial"), {"none"}, "some messages fail")
    tap.equal(some("outcome=fail"), {"r%02d" % i for i in range(0, 23, 5)},
              "all fail")
    tap.equal(some("outcome=fail,partial"), some("outcome=fail") | {"none"},
              "a list of outcomes")
    first = time.strftime("%Y-%m-%d", time.gmtime(BEGIN))
    second = time.strftime("%Y-%m-%d", time.gmtime(BEGIN + DAY))
    tap.equal(some("from=%s&to=%s" % (second, second)),
              {"r%02d" % i for i in range(1, 23, 4)}, "of one day")
    for bad in ("from=2026-02-30", "from=x", "from=%s&to=%s" % (second, first),
                "outcome=good", "limit=0", "limit=501", "limit=x",
                "from=2020-01-01&to=2026-01-01"):
        tap.equal(c.get("reports?" + bad).status, 400, bad)
    reply = c.get("reports?limit=3")
    tap.equal(c.get("reports?limit=3&org=a&after=" + reply["next"]).code,
              "cursor_mismatch", "a cursor of another list")
    tap.equal(c.get("reports?after=x").code, "cursor_mismatch", "no cursor")
    tap.match('rel="next"', reply.headers["Link"], "and a link to the next")

    again = c.get("reports?limit=3",
                  headers={"If-None-Match": reply.headers["ETag"]})
    tap.equal((again.status, again.body), (304, b""), "nothing has changed")
    tap.equal(c.get("reports?limit=4", headers={
        "If-None-Match": reply.headers["ETag"]}).status, 200, "another page")
    # What comes in between moves nothing.
    ingest(box, web.store, report("later", day=1))
    again = c.get("reports?limit=3",
                  headers={"If-None-Match": reply.headers["ETag"]})
    tap.equal(again.status, 200, "now something has")
    tap.equal(again["items"][0]["report_id"], "later", "the newest is first")
    rest = c.get("reports?limit=3&after=" + reply["next"])["items"]
    tap.equal([r["report_id"] for r in rest], ids[3:6],
              "the second page goes on behind the first")
    tap.equal(web.wrong, [], "replies are as openapi.json says")


def test_report(tap, box):
    """One report, its records, and it as XML again."""
    records = [record(count=i + 1, ip="192.0.2.%d" % (i + 1),
                      comment="why %d" % i) for i in range(130)]
    web, c = site(box, report("one", records=records, p="reject"))
    db = sqlite3.connect(web.store)
    db.execute("INSERT INTO record_history VALUES ('example.com', ?, ?,"
               " 'verified', NULL, NULL, '_dmarc.example.com',"
               " 'v=DMARC1; p=none; adkim=r', 3600)", (BEGIN - DAY, BEGIN))
    db.commit()
    key = c.get("reports")["items"][0]["report_key"]
    r = c.get("reports/%d" % key)
    tap.equal((r["report_id"], r["records"], r["outcome"], r["has_raw"]),
              ("one", 130, "pass", True), "the report")
    tap.equal(r["policy_published"]["p"], "reject", "what the reporter saw")
    tap.equal(r["dns"]["record"], "v=DMARC1; p=none; adkim=r", "what DNS had")
    tap.equal(r["differences"],
              [{"tag": "p", "reported": "reject", "dns": "none"},
               {"tag": "sp", "reported": "reject", "dns": "none"}],
              "what differs")
    rows = pages(c, "reports/%d/records" % key, 50)
    tap.equal([x["row_no"] for x in rows], list(range(1, 131)), "its records")
    tap.equal(rows[4]["auth_results"][0]["selector"], "s1", "with results")
    tap.equal(rows[4]["reasons"], ["other"], "with reasons")
    reply = c.get("reports/%d/records" % key, headers={"Accept": "text/csv"})
    tap.equal(len(list(csv.reader(io.StringIO(reply.body.decode())))), 131,
              "as CSV, all of them")
    for id in ("0", "99999", "x", "-1", "1e3", "9" * 30):
        for path in ("", "/records", "/raw"):
            tap.equal(c.get("reports/%s%s" % (id, path)).status, 404,
                      "reports/%s%s" % (id, path))
    raw = c.get("reports/%d/raw" % key)
    tap.equal(raw.headers["Content-Type"], "application/xml", "XML")
    tap.equal(raw.headers["X-Content-Type-Options"], "nosniff", "nosniff")
    tap.match(r'^attachment; filename="reporter\.example!example\.com!\d+!\d+'
              r'\.xml"$', raw.headers["Content-Disposition"], "a file")
    tap.equal(c.get("reports/%d/raw?original=true" % key).body,
              report("one", records=records, p="reject"), "as it came")
    other = box.path("other.db")
    ingest(box, other, raw.body)
    tap.equal(query(other, "SELECT report_id, records, messages FROM v_report"),
              [("one", 130, sum(range(1, 131)))], "which is the same report")
    tap.equal(web.wrong, [], "replies are as openapi.json says")


def test_hostile(tap, box):
    """Texts of others in JSON, CSV, names of files and headers."""
    documents = [report("id %d %s" % (i, text), org=text, records=[
        record(selector=text, comment=text, header_from="example.com")])
        for i, text in enumerate(HOSTILE)]
    web, c = site(box, *documents)
    items = pages(c, "reports", 5)
    tap.ok(len(items) >= len(HOSTILE) - 1, "they are stored", len(items))
    for item in items:
        key = item["report_key"]
        name = ascii(item["org_name"])[:40]
        tap.equal(c.get("reports/%d" % key).status, 200, name)
        tap.equal(c.get("reports/%d/records" % key).status, 200, name)
        raw = c.get("reports/%d/raw" % key)
        tap.equal(raw.status, 200, name + ": XML")
        tap.match(r'^attachment; filename="[A-Za-z0-9._!-]+"$',
                  raw.headers["Content-Disposition"], name + ": file")
        tap.ok("X-Injected" not in raw.headers, name + ": no header of it")
        tap.ok("filename=\"." not in raw.headers["Content-Disposition"],
               name + ": not hidden")
    reply = c.get("reports?format=csv")
    tap.match("text/csv", reply.headers["Content-Type"], "CSV")
    table = list(csv.reader(io.StringIO(reply.body.decode())))
    tap.equal({len(row) for row in table}, {len(table[0])}, "all columns")
    tap.equal([cell for row in table for cell in row
               if cell[:1] in "=@+\t\r" and cell[:1]], [],
              "nothing that a spreadsheet takes for a formula")
    lines = c.get("reports?format=ndjson").body.decode().splitlines()
    tap.equal(len([json.loads(x) for x in lines]), len(items), "NDJSON")
    for path in ("reporters", "reporters?format=csv", "reporters?org=%27%3B"):
        tap.equal(c.get(path).status, 200, path)
    for text in HOSTILE:
        from urllib.parse import quote
        for name in ("domain", "org", "after", "limit", "from", "outcome"):
            status = c.get("reports?%s=%s" % (name, quote(text[:500]))).status
            tap.ok(status in (200, 400, 404), "%s=%s" % (name, ascii(text)[:20]),
                   status)
    tap.equal(web.wrong, [], "replies are as openapi.json says")
    tap.equal(web.stop(), 0, "it still runs")


def upload(client, data, kind="application/octet-stream", **headers):
    return client.ask("POST", "reports", raw=data, headers={
        "Content-Type": kind, **headers})


def test_upload(tap, box):
    """Reports by hand, of every kind."""
    web, c = site(box)
    for name, data, kind in (
            ("xml", report("up xml"), "application/xml"),
            ("gzip", gzip.compress(report("up gz")), "application/gzip"),
            ("zip", zipped(report("up zip")), "application/zip"),
            ("mail", mailed(gzip.compress(report("up eml"))),
             "message/rfc822"),
            ("no type", report("up none"), "text/plain")):
        reply = upload(c, data, kind)
        tap.equal((reply.status, reply["outcome"]), (201, "stored"), name)
        key = reply["reports"][0]["report_key"]
        tap.equal(c.get("reports/%d" % key).status, 200, name + ": there")
        reply = upload(c, data, kind)
        tap.equal((reply.status, reply["outcome"]), (200, "duplicate"),
                  name + " again")
    reply = upload(c, report("up xml", records=[record(count=99)]))
    tap.equal((reply.status, reply["outcome"]), (200, "conflict"),
              "the same report with other content")
    n = query(web.store, "SELECT count(*) FROM report")[0][0]
    tap.equal(n, 6, "nothing twice")

    broken = report("bad").replace(b"</report_metadata>", b"\n\n</oops>")
    reply = upload(c, broken)
    tap.equal((reply.status, reply.code), (422, "unreadable"), "damaged XML")
    tap.equal(reply["errors"][0]["params"], {"line": 3}, "and where")
    for name, data in (("noise", os.urandom(3000)), ("text", b"hello"),
                       ("cut gzip", gzip.compress(report("x"))[:200]),
                       ("cut zip", zipped(report("x"))[:200])):
        reply = upload(c, data)
        tap.equal((reply.status, reply.code), (422, "unreadable"), name)
    tap.equal(upload(c, b"").status, 422, "nothing")
    got = web.raw(b"POST /api/v1/reports HTTP/1.1\r\nHost: x\r\n"
                  b"Content-Length: 9000000\r\n\r\n")
    tap.equal(webtest.statuses(got), [413], "more than 8 MB")

    for i, name in enumerate(("../../etc/passwd", "a\x1b[31m.xml",
                              "<script>.xml", "x" * 3000, "\xe9.xml",
                              "o.example!example.com!1!2.xml")):
        reply = upload(c, report("name %d" % i), **{"X-File-Name": name})
        tap.equal(reply.status, 201, ascii(name)[:40])
        tap.equal(c.get("reports/%d" % reply["reports"][0]["report_key"])
                  .status, 200, ascii(name)[:40] + ": told")
        reply = upload(c, b"<feedback>%d" % i, **{"X-File-Name": name})
        tap.equal(reply.status, 422, ascii(name)[:40] + ": refused")
    tap.equal(c.get("ingest?limit=500").status, 200, "and listed")

    key = {"Idempotency-Key": "once"}
    a = upload(c, report("keyed"), **key)
    b = upload(c, report("keyed"), **key)
    tap.equal((a.status, b.status, a.body), (201, 201, b.body),
              "the same key gives the same answer")
    tap.equal(upload(c, report("keyed 2"), **key).status, 201,
              "other bytes are another report")
    tap.equal(upload(c, report("keyed")).status, 200, "without the key")
    tap.equal(web.client().ask("POST", "reports", raw=report("x")).status, 401,
              "not for everybody")
    tap.equal(web.wrong, [], "replies are as openapi.json says")


def test_reporters(tap, box):
    """Who reports, page by page, with the dots of 30 days."""
    today = int(time.time()) // DAY
    documents = [report("%s %d" % (org, day), org=org, day=day)
                 for org, days in (("a.example", 4), ("b.example", 2),
                                   ("C.example", 2), ("d.example", 1))
                 for day in range(days)]
    web, c = site(box, *documents)
    rows = pages(c, "reporters", 1)
    tap.equal([(r["org_name"], r["reports"]) for r in rows],
              [("a.example", 4), ("b.example", 2), ("C.example", 2),
               ("d.example", 1)], "most reports first")
    dots = rows[0]["dots"]
    at = BEGIN // DAY - (today - 29)
    tap.equal((len(dots), sum(dots), dots[at:at + 4]), (30, 4, [1] * 4),
              "a dot for each day")
    tap.equal(rows[3]["dots"].count(1), 1, "and none for others")
    tap.equal(len(c.get("reporters?format=ndjson").body.splitlines()), 4,
              "as lines")
    tap.equal(pages(c, "reporters?domain=other.example", 5), [],
              "of another domain")
    tap.equal(web.wrong, [], "replies are as openapi.json says")


def test_ingest(tap, box):
    """What was refused: listed, fetched, tried again."""
    good = report("hidden", domain="late.example")
    web, c = site(box, report("fine"), domains=["example.com"])
    reply = upload(c, good)
    tap.equal(reply.status, 422, "we do not answer for this domain")
    for i in range(6):
        upload(c, b"<feedback><report_metadata>%d" % i)
    r = c.get("ingest?limit=3")
    tap.equal(r["counts"], {"stored": 1, "conflict": 0, "refused": 7,
                            "not_a_report": 0}, "counts")
    tap.equal(sum(x["count"] for x in r["reasons"]), 7, "and reasons")
    tap.equal((r["daemon"], r["store"]["reports"], r["store"]["quarantine"]),
              (None, 1, 7), "the store")
    items = pages(c, "ingest", 3)
    tap.equal(len(items), 7, "all that was refused")
    first = c.get("ingest")
    tap.equal(c.get("ingest", headers={
        "If-None-Match": first.headers["ETag"]}).status, 304, "unchanged")
    key = next(i for i in items if "late.example" in i["text"] or
               i["code"] == "REP_FOREIGN" or "domain" in i["text"])
    raw = c.get("ingest/%d/raw" % key["quarantine_key"])
    tap.equal((raw.status, raw.body), (200, good), "its original")
    tap.match("^attachment", raw.headers["Content-Disposition"], "as a file")
    tap.equal(raw.headers["X-Content-Type-Options"], "nosniff", "nosniff")
    again = c.post("ingest/%d/retry" % key["quarantine_key"])
    tap.equal((again.status, again["outcome"]), (200, "refused"),
              "it is still refused")
    tap.equal(web.wrong, [], "replies are as openapi.json says")
    web.stop()
    web = webtest.Web(box, "wider", store=web.store,
                      domains=["example.com", "late.example"]).start()
    c = web.peer()
    again = c.post("ingest/%d/retry" % key["quarantine_key"])
    tap.equal((again.status, again["outcome"]), (200, "stored"), "now not")
    tap.equal(c.post("ingest/%d/retry" % key["quarantine_key"]).status, 404,
              "it has left the quarantine")
    tap.equal(len(pages(c, "ingest", 3)), 6, "the others stay")
    for id in ("0", "x", "999"):
        tap.equal(c.get("ingest/%s/raw" % id).status, 404, id)
        tap.equal(c.post("ingest/%s/retry" % id).status, 404, id)
    tap.equal(web.client().get("ingest").status, 401, "not for everybody")
    tap.equal(web.wrong, [], "replies are as openapi.json says")


def test_grants(tap, box):
    """Who has been granted one domain sees nothing of others; and each role
    does what it may."""
    web, root = site(box, report("mine", domain="example.com"),
                     report("below", domain="sub.example.com"),
                     report("other", domain="example.net", org="o.example"),
                     b"<feedback><report_metadata>", require_2fa="none")
    users = {}
    for login, role in (("v", "viewer"), ("e", "editor"), ("n", "editor")):
        web.add_user(login, role)
        user = next(u for u in root.get("users")["items"]
                    if u["login"] == login)
        reply = root.put("users/%d/grants" % user["id"], {
            "all_domains": False,
            "domains": [] if login == "n" else ["example.com"]})
        tap.equal(reply.status, 200, "grants of " + login)
        users[login] = web.login(login)
    keys = {r["report_id"]: r["report_key"]
            for r in root.get("reports")["items"]}
    for login in "ve":
        c = users[login]
        tap.equal({r["report_id"] for r in pages(c, "reports", 1)},
                  {"mine", "below"}, login + ": reports")
        tap.equal(c.get("reports?count=true")["total"], 2, login + ": counted")
        tap.equal(len(c.get("reports?format=ndjson").body.splitlines()), 2,
                  login + ": as lines")
        tap.equal([r["org_name"] for r in c.get("reporters")["items"]],
                  ["reporter.example"], login + ": reporters")
        for path in ("", "/records", "/records?format=csv", "/raw"):
            tap.equal(c.get("reports/%d%s" % (keys["mine"], path)).status, 200,
                      login + ": its own" + path)
            tap.equal(c.get("reports/%d%s" % (keys["other"], path)).status,
                      404, login + ": another" + path)
        tap.equal(c.get("reports/%d/raw?original=true" %
                        keys["mine"]).status, 403, login + ": the mail")
        tap.equal(c.get("reports?domain=example.net").status, 404,
                  login + ": a list of another domain")
        for path in ("record", "record/history", "dns"):
            tap.equal(c.get("domains/example.net/" + path).status, 404,
                      login + ": " + path)
        tap.equal(c.get("ingest")["items"], [], login + ": no mails")
        tap.equal(c.get("ingest")["counts"]["stored"], 3, login + ": counts")
    for login in "nve":
        tap.equal((users[login].get("ingest/1/raw").status,
                   users[login].post("ingest/1/retry").status), (403, 403),
                  login + ": the quarantine is for administrators")
    tap.equal(root.get("ingest/1/raw").status, 200, "as root is one")
    for path in ("record/preview", "record/verify"):
        tap.equal(users["v"].post("domains/example.com/" + path,
                                  {"p": "none"}).status, 403, path)
    tap.equal(upload(users["v"], report("x")).status, 403, "a viewer's upload")
    tap.equal(upload(users["e"], report("x")).status, 201, "an editor's")
    tap.equal(upload(users["e"], report("y", domain="a.example.com")).status,
              201, "about a name below")
    tap.equal(upload(users["e"], report("y", domain="example.net")).status,
              422, "about another domain")
    tap.equal(upload(users["n"], report("z")).status, 422, "without grants")
    tap.equal(users["n"].get("reports")["items"], [], "and without reports")
    reply = users["e"].ask("POST", "reports", raw=report("w"), headers={
        "Sec-Fetch-Site": "cross-site", "Content-Type": "text/plain"})
    tap.equal((reply.status, reply.code), (403, "cross_origin"),
              "from another site")
    tap.equal(web.wrong, [], "replies are as openapi.json says")


def test_daemon(tap, box):
    """Numbers that only the daemon has."""
    for name in ("unix", "inet"):
        at = ("unix:" + box.path("metrics") if name == "unix" else
              "inet:%d@127.0.0.1" % ruadtest.free_port())
        ruad = ruadtest.Ruad(box, "ruad-" + name, user="root", group="root",
                             metrics_socket=at).start()
        for _ in range(2):
            with milter.MilterClient(ruad.socket) as c:
                c.open().send(mailed(gzip.compress(report("by mail"))))
        web = webtest.Web(box, name, store=ruad.store,
                          metrics_socket=at).start()
        got = web.peer().get("ingest")
        tap.equal((got["counts"]["stored"], got["daemon"]),
                  (1, {"queue": 0, "duplicates": 1, "errors": 0}), name)
        tap.equal(ruad.stop(), 0, name + ": ruad ends")
        tap.equal(web.peer().get("ingest")["daemon"], None,
                  name + ": and nothing is known")
        tap.equal(web.wrong, [], name + ": as openapi.json says")


def test_busy(tap, box):
    """Another program holds the store: try again, nothing is lost."""
    web, c = site(box)
    with ruadtest.Locker(web.store):
        reply = upload(c, report("later"))
        tap.equal(reply.status, 503, "busy")
        tap.ok("Retry-After" in reply.headers, "and when to try again")
        tap.equal(c.get("reports").status, 200, "reading goes on")
    tap.equal(upload(c, report("later")).status, 201, "then it is stored")


ruadtest.main(test_list, test_report, test_hostile, test_upload,
              test_reporters, test_ingest, test_grants,
              test_daemon, test_busy)
