#!/usr/bin/python3 -B
"""The API of DMARC records against a real authoritative server: what DNS has
now, what a record would be, whether it is there, and all else that DNS says."""
import os
import re
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "../lib"))
import dnszone
import ruadtest
import webtest
from ruadtest import query, ruadctl

ruadtest.need_root()
ruadtest.need_programs("knotd", "keymgr")

OWN = "mailto:dmarc@rua.example"
RUA = "rua=" + OWN
# A key made for this test; its private half is gone.
KEY = ("MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAtMC9P7abO+KNQTPZ"
       "0ii4Yg4FqhXy95oH4fV/zlcqGaZmsyuMv1STjzFhcic0yaJy8lldV4JACuDp"
       "NjlEq/6xDFz2mfEzh+4A+XcAu6FWRvstSDmKF49qxtgotP5Un7/2NcMLJsIu"
       "eKaL+5+9A18kEw4UxVzuNt0xmMWhVE4lOJX9HXBZTJcIkMjx3n5upwYlUCjH"
       "V3bMULEQKrRGcze1eZ6vJ/XxJutRRHvZhxIBDAmJ0cIZJTdrx2alDcMxsBmO"
       "gqj/0YJIJePDi2kKC0A+vmMwxQxXRCQOM6DGicYfXS31ycSv8bF+6BpI7+1y"
       "FP/i5DXL1FkBFuz3BFO6M2nXvwIDAQAB")


def zone(records, example="v=DMARC1; p=none; " + RUA):
    """The root zone, with these and what all tests use."""
    lines = ["ns A 127.0.0.1", "example.com A 192.0.2.1",
             "example.com MX 10 example.com.",
             "rua.example A 192.0.2.2",
             "*._report._dmarc.rua.example " + dnszone.txt("v=DMARC1"),
             "example.com " + dnszone.txt(
                 "v=spf1 include:_spf.mailer.example ip4:192.0.2.0/24 -all"),
             "_spf.mailer.example " + dnszone.txt(
                 "v=spf1 a:example.com ~all"),
             "s1._domainkey.example.com " + dnszone.txt(
                 "v=DKIM1; k=rsa; p=" + KEY),
             "sub.example.com A 192.0.2.3", "two.example A 192.0.2.4",
             "_dmarc.two.example " + dnszone.txt("v=DMARC1; p=none"),
             "_dmarc.two.example " + dnszone.txt("v=DMARC1; p=reject"),
             "hostile.example A 192.0.2.5",
             "_dmarc.hostile.example " + dnszone.txt(
                 "v=DMARC1; p = None ; rua=mailto: a@x.example; "
                 "x=<script>alert(1)</script>")]
    if example is not None:
        lines.append("_dmarc.example.com " + dnszone.txt(example))
    return lines + list(records)


def report(day):
    begin = int(time.time()) // 86400 * 86400 - day * 86400
    return ("<feedback><report_metadata><org_name>reporter.example</org_name>"
            "<email>a@reporter.example</email><report_id>%d</report_id>"
            "<date_range><begin>%d</begin><end>%d</end></date_range>"
            "</report_metadata><policy_published><domain>example.com</domain>"
            "<adkim>s</adkim><aspf>r</aspf><p>none</p><sp>none</sp><pct>100"
            "</pct></policy_published><record><row><source_ip>192.0.2.1"
            "</source_ip><count>2</count><policy_evaluated><disposition>none"
            "</disposition><dkim>pass</dkim><spf>pass</spf></policy_evaluated>"
            "</row><identifiers><header_from>example.com</header_from>"
            "</identifiers><auth_results><dkim><domain>example.com</domain>"
            "<selector>s1</selector><result>pass</result></dkim><dkim><domain>"
            "example.com</domain><selector>gone</selector><result>fail"
            "</result></dkim><spf><domain>example.com</domain><result>pass"
            "</result></spf></auth_results></record></feedback>" %
            (begin, begin, begin + 86399))


def site(box, server, name="web", **options):
    """ruad-web with a report about example.com, which is registered."""
    store = box.path("ruad.db")
    path = box.path("a.xml")
    with open(path, "w") as f:
        f.write(report(2))
    ruadctl("ingest", path, store=store)
    ruadctl("domain", "add", "example.com", store=store)
    options = {"recipients": ["dmarc@rua.example"], "dns_servers": [server],
               "dns_trust_anchor": "", "dns_timeout": "20s", **options}
    web = webtest.Web(box, name, store=store, **options).start()
    return web, web.peer()


def test_record(tap, box):
    """What DNS has now."""
    server = dnszone.Server(box, {".": zone([])})
    web, c = site(box, server.address)
    r = c.get("domains/example.com/record")
    tap.equal((r.status, r["record"], r["outcome"]),
              (200, "v=DMARC1; p=none; " + RUA, "found"), "the record")
    tap.equal([t["tag"] for t in r["tags"]], ["v", "p", "rua"], "its tags")
    tap.equal((r["effective"]["rfc9989"]["policy"], r["reports_here"],
               r["inherited_from"]), ("none", True, None), "what it means")
    tap.equal((r["draft"]["p"], r["draft"]["rua"], r["own_rua"]),
              ("none", [OWN], [OWN]), "what a form begins with")
    tap.equal(r["ttl"], 3600, "TTL")
    r = c.get("domains/sub.example.com/record")
    tap.equal((r["record"], r["inherited_from"], r["outcome"], r["records"]),
              ("v=DMARC1; p=none; " + RUA, "example.com", "no_name", []),
              "inherited")
    r = c.get("domains/two.example/record")
    tap.equal((len(r["records"]), r["record"]), (2, None), "two records")
    tap.equal(r["effective"]["rfc7489"]["state"], "several", "none holds")
    r = c.get("domains/hostile.example/record")
    problem = next(p for p in r["problems"] if p["code"] == "RECORD_URI_BLANK")
    tap.equal(r["record"][problem["pos"]], " ", "a problem has its place")
    r = c.get("domains/none.example/record")
    tap.equal((r["record"], r["effective"]["rfc9989"]["state"], r["ttl"]),
              (None, "nothing", None), "no record at all")
    tap.equal(web.wrong, [], "replies are as openapi.json says")


def test_preview(tap, box):
    """What a record would be."""
    server = dnszone.Server(box, {".": zone([])})
    web, c = site(box, server.address)
    path = "domains/example.com/record/preview"

    def record(**body):
        reply = c.post(path, {"p": "none", **body})
        return reply["record"] if reply.status == 200 else reply
    r = c.post(path, {"p": "quarantine"})
    tap.equal((r.status, r["record"], r["rua_added"]),
              (200, "v=DMARC1; p=quarantine; " + RUA, True), "the record")
    tap.equal(r["diff"], [{"tag": "p", "before": "none",
                           "after": "quarantine"}], "what changes")
    tap.equal(r["name"], "_dmarc.example.com", "its name")
    for name, text in (("bind", r'_dmarc\.example\.com\. 3600 IN TXT "v='),
                       ("nsupdate", "update add"), ("route53", "UPSERT"),
                       ("cloudflare", '"content"'), ("terraform", "resource"),
                       ("powerdns", "rrsets"), ("text", "Type   TXT")):
        tap.match(text, r["instructions"][name], name)
    other = r["authorisations"][0]
    tap.equal((other["host"], other["name"], other["value"]),
              ("rua.example", "example.com._report._dmarc.rua.example",
               "v=DMARC1"), "another organisation must allow it")
    for body, want in (
            ({"sp": "none", "np": "none", "adkim": "r", "aspf": "r",
              "fo": ["0"], "t": "n", "psd": "u"}, ""),
            ({"sp": "reject"}, " sp=reject;"),
            ({"np": "reject"}, " np=reject;"),
            ({"adkim": "s", "aspf": "s"}, " adkim=s; aspf=s;"),
            ({"t": "y"}, " t=y;")):
        tap.equal(record(**body), "v=DMARC1; p=none;%s %s" % (want, RUA),
                  ascii(body))
    tap.equal(record(pct=50), "v=DMARC1; p=none; " + RUA, "pct is dropped")
    tap.match("; pct=50", record(pct=50, keep_pct=True), "unless kept")
    tap.match("; ri=3600", record(ri=3600, keep_ri=True), "ri, too")
    tap.match("fo=1:d", record(fo=["1", "d"], ruf=["mailto:f@rua.example"]),
              "fo with an address")
    tap.equal(record(rua=["a@example.com"]),
              "v=DMARC1; p=none; %s,mailto:a@example.com" % RUA,
              "a bare address, and our own before it")
    tap.equal(record(rua=[OWN]), "v=DMARC1; p=none; " + RUA, "never twice")
    long = ["mailto:%s@%s.example" % ("a" * 60, "b" * 50) for _ in range(3)]
    r = c.post(path, {"p": "none", "rua": long})
    tap.match(r'" *\n? *"', r["instructions"]["bind"], "longer than a string")

    for body, want in (
            ({}, ("/p", "required", None)),
            ({"p": "all"}, ("/p", "enum", None)),
            ({"p": 1}, ("/p", "enum", None)),
            ({"p": "none; rua=mailto:x@y.example"}, ("/p", "enum", None)),
            ({"p": "none", "adkim": "x"}, ("/adkim", "enum", None)),
            ({"p": "none", "pct": 101}, ("/pct", "range", None)),
            ({"p": "none", "pct": "9"}, ("/pct", "range", None)),
            ({"p": "none", "fo": ["x"]}, ("/fo/0", "enum", None)),
            ({"p": "none", "fo": "1"}, ("/fo", "type", None)),
            ({"p": "none", "rua": "a@b.example"}, ("/rua", "type", None)),
            ({"p": "none", "rua": [7]}, ("/rua/0", "type", None)),
            ({"p": "none", "rua": [OWN, "mailto: a@b.example"]},
             ("/rua/1", "mailto_blank", 8)),
            ({"p": "none", "rua": ["mailto:a@b.example; p=none"]},
             ("/rua/0", "character", 19)),
            ({"p": "none", "rua": ["mailto:a@b.example,x"]},
             ("/rua/0", "character", 19)),
            ({"p": "none", "rua": ["ftp"]}, ("/rua/0", "record_uri", 0)),
            ({"p": "none", "ruf": ["mailto:é@b.example"]},
             ("/ruf/0", "character", 8))):
        reply = c.post(path, body)
        error = reply["errors"][0]
        tap.equal((reply.status, error["pointer"], error["code"],
                   error.get("params", {}).get("position")), (422, *want),
                  ascii(body))
    reply = c.post(path, {"p": "x", "rua": ["mailto: a@b.example"], "t": 1})
    tap.equal(len(reply["errors"]), 3, "all errors at once")
    r = c.post("domains/none.example/record/preview", {"p": "none"})
    tap.equal((r["before"], r["before_outcome"], r["diff"][0]["before"]),
              (None, "no_name", None), "a domain without a record")
    tap.equal(web.wrong, [], "replies are as openapi.json says")


def checks(reply):
    return {c["code"]: c["state"] for c in reply["checks"]}


def test_verify(tap, box):
    """Whether it is there, before and after it is published."""
    server = dnszone.Server(box, {".": zone([], None)})
    web, c = site(box, server.address)
    path = "domains/example.com/record/verify"
    new = "v=DMARC1; p=none; " + RUA
    r = c.post(path, {"record": new})
    tap.equal((r.status, r["verified"], checks(r)["found"]),
              (200, False, "error"), "nothing yet")
    server.change(".", zone([]))
    r = c.post(path, {"record": "v=DMARC1;p=none;" + RUA})
    tap.equal((r["verified"], checks(r)),
              (True, {"found": "ok", "one": "ok", "valid": "ok",
                      "equals": "ok", "ttl": "ok", "authorised": "ok",
                      "reports_here": "ok"}), "published")
    tap.equal(query(web.store, "SELECT state FROM v_record_history"
                    " WHERE domain = 'example.com' AND newest"),
              [("verified",)], "and remembered")
    r = c.post(path, {"record": "v=DMARC1; p=reject; " + RUA})
    tap.equal((r["verified"], checks(r)["equals"], checks(r)["ttl"]),
              (False, "error", "warning"), "another one")
    tap.match(r"^\d{4}-\d\d-\d\dT", next(
        x["until_utc"] for x in r["checks"] if x["code"] == "ttl"),
        "the old value may be used until then")
    server.change(".", zone([], "v=DMARC1; p=reject; " + RUA))
    r = c.post(path)
    tap.equal((r["verified"], checks(r)["ttl"]), (True, "warning"),
              "after a change the old one lives on")
    tap.equal(c.post(path, {"record": 5}).status, 422, "no text")
    server.change(".", zone([], "v=DMARC1; p=none; rua=mailto:a@two.example"))
    r = c.post(path)
    tap.equal((r["verified"], checks(r)["authorised"],
               checks(r)["reports_here"]), (False, "error", "error"),
              "an address that is not ours, and not allowed")
    r = c.post(path)
    limited = c.post(path)
    tap.equal((r.status, limited.status, limited.code), (200, 429, "too_many"),
              "six times a minute")
    tap.ok(0 < int(limited.headers["Retry-After"]) <= 60, "and when again")

    # Newest first, and what changed.
    rows, after = [], ""
    while True:
        reply = c.get("domains/example.com/record/history?limit=1" + after)
        rows += reply["items"]
        if reply["next"] is None:
            break
        after = "&after=" + reply["next"]
    tap.equal(rows, c.get("domains/example.com/record/history")["items"],
              "the history, page by page")
    tap.ok(rows[0]["newest"], "the newest first", rows)
    tap.match("^v=DMARC1; p=none; rua=mailto:a@two", rows[0]["record"], "it")
    tap.equal(c.get("domains/example.com/record/history?format=csv").status,
              200, "as CSV")
    tap.equal(web.wrong, [], "replies are as openapi.json says")


def test_dns(tap, box):
    """All else that DNS says."""
    server = dnszone.Server(box, {".": zone([])})
    web, c = site(box, server.address)
    r = c.get("domains/example.com/dns")
    tap.equal(r.status, 200, "found")
    spf = r["spf"]
    tap.equal((spf["lookups"], spf["lookups_max"], spf["voids"]), (2, 10, 0),
              "SPF: look-ups")
    term = spf["tree"]["terms"][0]
    tap.equal((term["term"], term["node"]["lookups"],
               term["node"]["terms"][0]["term"]),
              ("include:_spf.mailer.example", 1, "a:example.com"),
              "SPF: the tree")
    keys = {k["selector"]: k for k in r["dkim"]}
    tap.equal((keys["s1"]["state"], keys["s1"]["passes"],
               keys["gone"]["state"]), ("ok", True, "missing"), "keys")
    tap.equal([a["state"] for a in r["authorisation"]], ["ok"],
              "reports may go there")
    tap.equal([p["code"] for p in r["seen"]], ["SEEN_DIFFERENT"],
              "a reporter saw adkim=s")
    names = {(a["name"], a["type"]): a for a in r["answers"]}
    tap.equal(names["_dmarc.example.com", "TXT"]["data"],
              ["v=DMARC1; p=none; " + RUA], "the answers as they came")
    tap.equal(names["s1._domainkey.example.com", "TXT"]["ttl"], 3600, "TTL")
    tap.equal(len(names), len(r["answers"]), "each question once")
    tap.equal(c.get("domains/none.example/dns").status, 200, "of nothing")
    tap.equal(web.wrong, [], "replies are as openapi.json says")


def test_silent(tap, box):
    """Name servers that do not answer keep nobody else waiting."""
    silent = dnszone.Silent(box)
    web, c = site(box, silent.address, dns_timeout="2s", dns_deadline="3s")
    waiting = [ruadtest.in_thread(c.get, "domains/example.com/record")
               for _ in range(12)]
    tap.equal(c.get("reports").status, 200, "others are answered meanwhile")
    got = {(r.status, r.code) for r in (w() for w in waiting)}
    tap.equal(got, {(504, "dns_timeout")}, "DNS does not answer")
    reply = c.post("domains/example.com/record/verify")
    tap.equal((reply.status, reply.code), (504, "dns_timeout"), "verify")
    reply = c.post("domains/example.com/record/preview", {"p": "none"})
    tap.equal((reply.status, reply["before_outcome"]), (200, "timeout"),
              "a preview needs no answer")
    tap.equal(web.wrong, [], "replies are as openapi.json says")
    tap.equal(web.stop(), 0, "it still runs")


ruadtest.main(test_record, test_preview, test_verify, test_dns, test_silent)
