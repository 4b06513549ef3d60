#!/usr/bin/python3 -B
"""ruadctl import: what parsedmarc has collected becomes the same reports."""
import json
import os
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "../lib"))
import gen
import ruadtest
from ruadtest import RUADCTL, query, ruadctl

DOMAINS = ("shop.example", "bank.example")

# In the form of parsedmarc's documentation, with names of our own.
SAMPLE = {
    "xml_schema": "draft",
    "report_metadata": {
        "org_name": "reporter.example",
        "org_email": "noreply@reporter.example",
        "org_extra_contact_info": "https://reporter.example/dmarc",
        "report_id": "9391651994964116463",
        "begin_date": "2012-04-27 20:00:00",
        "end_date": "2012-04-28 19:59:59", "errors": ["one <error>"]},
    "policy_published": {
        "domain": "shop.example", "adkim": "r", "aspf": "s", "p": "none",
        "sp": "reject", "pct": "50", "fo": "0"},
    "records": [{
        "source": {"ip_address": "192.0.2.94", "country": "XX",
                   "reverse_dns": "a.example", "base_domain": "a.example"},
        "count": 2,
        "alignment": {"spf": True, "dkim": False, "dmarc": True},
        "policy_evaluated": {
            "disposition": "none", "dkim": "fail", "spf": "pass",
            "policy_override_reasons": [
                {"type": "mailing_list", "comment": "x & y"}]},
        "identifiers": {"header_from": "shop.example",
                        "envelope_from": "shop.example",
                        "envelope_to": None},
        "auth_results": {
            "dkim": [{"domain": "other.example", "selector": "s1",
                      "result": "fail"}],
            "spf": [{"domain": "shop.example", "scope": "mfrom",
                     "result": "pass"}]}}]}


def write(path, data):
    with open(path, "wb") as f:
        f.write(data if isinstance(data, bytes) else data.encode())
    return path


def imported(box, text, name="new", zone="UTC", *args):
    """(finished process, store)"""
    store = box.path(name + ".db")
    path = write(box.path(name + ".json"), text)
    return ruadctl(*args, "import", "parsedmarc", path, store=store,
                   env=dict(os.environ, TZ=zone)), store


def stamp(epoch):
    return time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(epoch))


def as_parsedmarc(store):
    """The reports of a store as parsedmarc would have written them."""
    reports = []
    with ruadtest.open_store(store) as con:
        for r in con.execute("SELECT * FROM v_report ORDER BY report_key"):
            records = []
            for c in con.execute("SELECT * FROM v_record WHERE report_key = ?"
                                 " ORDER BY row_no", (r["report_key"],)):
                auth = {"dkim": [], "spf": []}
                for a in con.execute(
                        "SELECT * FROM v_auth WHERE report_key = ? AND"
                        " row_no = ? ORDER BY position",
                        (r["report_key"], c["row_no"])):
                    auth[a["method"]].append({
                        "domain": a["domain"], "selector": a["selector"],
                        "scope": a["scope"],
                        "result": a["result_raw"] or a["result"],
                        "human_result": a["human_result"]})
                records.append({
                    "source": {"ip_address": c["source_ip"]},
                    "count": c["messages"],
                    "policy_evaluated": {
                        "disposition": c["disposition"], "dkim": c["dkim"],
                        "spf": c["spf"], "policy_override_reasons": [
                            {"type": t, "comment": None}
                            for t in (c["reasons"] or "").split()]},
                    "identifiers": {k: c[k] for k in (
                        "header_from", "envelope_from", "envelope_to")},
                    "auth_results": auth})
            reports.append({
                "report_metadata": {
                    "org_name": r["org_name"], "org_email": r["org_email"],
                    "org_extra_contact_info": r["extra_contact_info"],
                    "report_id": r["report_id"], "errors": [],
                    "begin_date": stamp(r["begin_epoch"]),
                    "end_date": stamp(r["end_epoch"])},
                "policy_published": {
                    "domain": r["policy_domain"], "p": r["p"], "sp": r["sp"],
                    "adkim": r["adkim"], "aspf": r["aspf"],
                    "pct": None if r["pct"] is None else str(r["pct"]),
                    "fo": r["fo"]},
                "records": records})
    return reports


def test_same(tap, box):
    """By way of parsedmarc's JSON, the numbers are those of the mails."""
    mails = gen.reports("import", 30, DOMAINS)
    files = box.subdir("mails")
    for n, mail in enumerate(mails):
        write(os.path.join(files, "%d.eml" % n), mail.data)
    direct = box.path("direct.db")
    ruadctl("ingest", files, store=direct)
    reports = as_parsedmarc(direct)
    run, store = imported(box, json.dumps(reports, indent=2))
    tap.equal((run.returncode, run.stderr), (0, ""), "status 0")
    tap.match(r"^30 reports: 30 stored$", run.stdout, "counted")
    ruadtest.check_store(tap, store, mails, "imported")
    for sql in ("SELECT policy_domain, org_name, row_no, source_ip, messages,"
                " dmarc, header_from, dkim_alignment, spf_alignment"
                " FROM v_record ORDER BY 1, 2, begin_utc, 3, 4, 5",
                "SELECT * FROM v_daily ORDER BY 1, 2, 3, 4, 5, 6, 7, 8, 9"):
        tap.equal(query(store, sql), query(direct, sql), "the same: " +
                  sql[:40])
    tap.equal(query(store, "SELECT count(*) FROM raw"), [(0,)],
              "what is no original is not kept as one")
    for shape, text in (
            ("the whole output", json.dumps({
                "aggregate_reports": reports, "forensic_reports": []})),
            ("lines", "\n".join(map(json.dumps, reports)))):
        run, other = imported(box, text, "other")
        tap.equal(query(other, "SELECT report_id, content_hash FROM report"
                        " ORDER BY 1, 2"),
                  query(store, "SELECT report_id, content_hash FROM report"
                        " ORDER BY 1, 2"), shape + ": the same")
        os.remove(other)
    run, _ = imported(box, json.dumps(reports))
    tap.equal(run.returncode, 0, "again: status 0")
    tap.match(r"^30 reports: 30 duplicate$", run.stdout, "again: duplicates")


def test_sample(tap, box):
    """Every field of the sample; times are of the zone that parsedmarc ran
    in, or of the one they name."""
    run, store = imported(box, json.dumps(SAMPLE), "ny", "America/New_York")
    tap.equal(run.returncode, 0, "status 0")
    tap.equal(query(store, "SELECT org_name, org_email, extra_contact_info,"
                    " report_id, begin_epoch, end_epoch, policy_domain, adkim,"
                    " aspf, p, sp, pct, fo FROM v_report"),
              [("reporter.example", "noreply@reporter.example",
                "https://reporter.example/dmarc", "9391651994964116463",
                1335571200, 1335657599, "shop.example", "r", "s", "none",
                "reject", 50, "0")], "the report")
    tap.equal(query(store, "SELECT source_ip, messages, disposition, dkim,"
                    " spf, header_from, envelope_from, envelope_to, reasons,"
                    " spf_alignment FROM v_record"),
              [("192.0.2.94", 2, "none", "fail", "pass", "shop.example",
                "shop.example", None, "mailing_list", "strict")],
              "its record")
    tap.equal(query(store, "SELECT method, domain, selector, scope, result"
                    " FROM v_auth ORDER BY position"),
              [("dkim", "other.example", "s1", None, "fail"),
               ("spf", "shop.example", None, "mfrom", "pass")],
              "its results")
    tap.equal(query(store, "SELECT text FROM report_error"),
              [("one <error>",)], "its error")
    tap.equal(query(store, "SELECT comment FROM reason"), [("x & y",)],
              "its comment")
    for text, epoch in (("2012-04-28T00:00:00Z", 1335571200),
                        ("2012-04-28 02:00:00+02:00", 1335571200),
                        ("2012-04-28 00:00:00", 1335571200)):
        sample = json.loads(json.dumps(SAMPLE))
        sample["report_metadata"].update(begin_date=text, end_date=1335657599)
        run, store = imported(box, json.dumps(sample), "zone")
        tap.equal(query(store, "SELECT begin_epoch FROM v_report"),
                  [(epoch,)], text)
        os.remove(store)


def test_wrong(tap, box):
    """What is wrong is told, with its place; what stood before it stays."""
    good = json.dumps(SAMPLE)
    for name, text, stored, pattern in (
            ("no JSON", "hello", None, r"at byte \d+"),
            ("cut", "[" + good + ", {\"report_meta", 1, r"at byte \d+"),
            ("a list without end", "[" + good, 1, "in the midst of a list"),
            ("another list", "[" + good + ", {\"a\": 1}]", 1,
             "not an aggregate report"),
            ("a number", "17", None, r"at byte \d+"),
            ("deep", "[" * 100000, None, r"at byte \d+")):
        run, store = imported(box, text, "wrong")
        tap.equal(run.returncode, 2, name + ": status 2")
        tap.match(r"wrong\.json: .*" + pattern, run.stderr, name +
                  ": says where")
        tap.equal(query(store, "SELECT count(*) FROM report")[0][0],
                  stored or 0, name + ": what stood before it")
        os.remove(store)
    run, _ = imported(box, "", "none")
    tap.equal(run.returncode, 0, "an empty file: status 0")
    tap.match("^0 reports$", run.stdout, "an empty file: nothing")
    bad = json.loads(good)
    bad["policy_published"] = {}
    bad["report_metadata"]["begin_date"] = "yesterday"
    run, store = imported(box, json.dumps([bad, SAMPLE]), "bad", "UTC", "-o",
                          "jsonl")
    lines = [json.loads(x) for x in run.stdout.splitlines()]
    tap.equal((run.returncode, [x["outcome"] for x in lines],
               [x["message"] for x in lines]),
              (1, ["refused", "stored"], [1, 2]),
              "a report without a time: refused, the others go on")
    hostile = json.loads(good)
    hostile["report_metadata"]["org_name"] = "x\x1b[2J\x00]]></org_name><y>"
    hostile["records"][0]["count"] = 1e300
    hostile["records"].append({"source": [], "count": "many"})
    run, store = imported(box, json.dumps(hostile), "hostile")
    tap.ok(run.returncode in (0, 1) and "\x1b" not in run.stdout + run.stderr,
           "hostile values do no harm", run.stdout + run.stderr)
    for args, pattern in (
            (["import"], "usage: ruadctl import"),
            (["import", "opendmarc", "x"], "import cannot \"opendmarc\""),
            (["import", "parsedmarc", box.path("missing")], "No such file")):
        run = ruadctl(*args, store=box.path("x.db"))
        tap.equal((run.returncode, run.stdout), (2, ""), " ".join(args[:2]) +
                  ": status 2")
        tap.match(pattern, run.stderr, " ".join(args[:2]) + ": says why")


def test_large(tap, box):
    """Memory does not follow the size of the file."""
    path = box.path("large.json")
    with open(path, "w") as f:
        f.write("[")
        for n in range(3000):
            SAMPLE["report_metadata"]["report_id"] = "large-%d" % n
            f.write((",\n" if n else "") + json.dumps(dict(
                SAMPLE, records=SAMPLE["records"] * 20)))
        f.write("]")
    code, _, peak = ruadtest.run_measured(
        [RUADCTL, "-d", box.path("large.db"), "import", "parsedmarc", path])
    tap.equal(code, 0, "status 0")
    tap.equal(query(box.path("large.db"), "SELECT count(*) FROM report"),
              [(3000,)], "all are stored")
    if not ruadtest.SANITIZER:
        tap.ok(peak < 100, "less than 100 MB for a file of %d MB" %
               (os.path.getsize(path) // 1000000), "%d MB" % peak)


ruadtest.main(test_same, test_sample, test_wrong, test_large)
