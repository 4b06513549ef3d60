#!/usr/bin/python3 -B
"""The API of domains and senders: its numbers are those of the store, counted by
other SQL; changes, rights, hostile texts."""
import contextlib
import csv
import grp
import io
import json
import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "../lib"))
import gen
import ruadtest
import sample
import webtest

DOMAIN = "example.com"
D = "domains/%s/" % DOMAIN
TODAY = int(time.time()) // gen.DAY
FROM = time.strftime("%Y-%m-%d", time.gmtime((TODAY - 89) * gen.DAY))


def start(box, name="web", store=None, **options):
    """ruad-web with the sample data, once all of it is counted."""
    if store is None:
        store = os.path.join(box.subdir(name + "-store"), "ruad.db")
        sample.fill(store)
    web = webtest.Web(box, name, store=store, **options).start()
    settle(web)
    return web, web.peer()


def rows(web, sql, *args):
    return ruadtest.query(web.store, sql, *args)


def settle(web):
    """Wait until the roll-ups have all messages of the store."""
    def done():
        want = rows(web, "SELECT sum(messages) FROM daily")[0][0]
        try:
            got, todo = ruadtest.query(
                web.web_store, "SELECT (SELECT sum(messages) FROM roll_day),"
                " (SELECT count(*) FROM roll_todo) + (SELECT count(DISTINCT"
                " domain_key) FROM roll_print) - (SELECT count(*)"
                " FROM roll_ready)")[0]
        except ruadtest.sqlite3.OperationalError:
            return False
        return got == want and todo == 0
    ruadtest.wait_for(done, 120)


OF_DOMAIN = (" FROM v_daily WHERE policy_domain = '%s' AND day >= '%s'" %
             (DOMAIN, FROM))
PASS = "(dkim = 'pass' OR spf = 'pass')"


def test_numbers(tap, box):
    """Against the views of the store."""
    web, c = start(box)
    items = c.get("domains")["items"]
    tap.equal([d["domain"] for d in items],
              ["example.com", "example.it", "example.jp", "parked.example"],
              "the domains")
    steps = [(d["policy"]["p"], d["next_step"]["answer"]) for d in items]
    tap.equal(steps, [("none", "no"), ("quarantine", "yes"),
                      ("reject", "done"), ("reject", "done")], "their steps")
    total, passed = rows(
        web, "SELECT sum(messages), sum(iif(%s, messages, 0))%s" %
        (PASS, OF_DOMAIN))[0]
    o = c.get(D + "overview").json
    tap.equal((o["sums"]["messages"], o["sums"]["mine_pass"]),
              (total, passed), "sums of the overview")
    tap.equal(o["ready"]["answer"], "no", "not yet")
    got = {b["code"]: [s["sender"] for s in b["senders"]]
           for b in o["ready"]["blockers"]}
    want = rehearse(web)
    tap.equal(got, {x["condition"]: x["senders"] for x in want["conditions"]
                    if not x["met"]}, "blockers as ruadctl rehearse has them")
    tap.equal(o["ready"]["refused"],
              {"mine": want["mine_refused"],
               "forwarded": want["forwarded_refused"],
               "unknown": want["unknown_refused"]}, "what would be refused")
    tap.equal((o["spoofing"]["answer"], o["reports"]["answer"]),
              ("yes", "ok"), "spoofed; reports come")
    tap.equal(c.get("domains/example.jp/overview")["spoofing"]["answer"],
              "refused", "and where all of it is refused")
    days = {r[0]: r[1:] for r in c.get(D + "timeline")["rows"]}
    tap.equal({d: n[:2] for d, n in days.items() if n[0]},
              {d: [n, p] for d, n, p in rows(
                  web, "SELECT day, sum(messages), sum(iif(%s, messages, 0))"
                  "%s GROUP BY day" % (PASS, OF_DOMAIN))}, "days")
    months = c.get(D + "timeline?bucket=month&by=disposition").json
    tap.equal([(r[0], r[1]) for r in months["rows"]],
              rows(web, "SELECT substr(day, 1, 7) || '-01', sum(messages)%s"
                   " GROUP BY 1 ORDER BY 1" % OF_DOMAIN), "months")
    both = c.get(D + "timeline?by=alignment")["rows"]
    tap.equal(sum(r[2] for r in both),
              rows(web, "SELECT sum(messages)%s AND dkim = 'pass'"
                   " AND spf = 'pass'" % OF_DOMAIN)[0][0], "both aligned")
    tap.equal([m["changed"] for m in months["markers"]],
              [["np", "adkim"], ["adkim", "aspf"]], "changes of the record")
    check_senders(tap, web, c, total)
    tap.equal(web.wrong, [], "replies are as openapi.json says")


def rehearse(web, *args):
    """What ruadctl says of it; it may have findings."""
    run = ruadtest.ruadctl("-o", "json", "rehearse", DOMAIN, *args,
                           store=web.store)
    return json.loads(run.stdout)


def check_senders(tap, web, c, total):
    for group in ("sender", "ip", "asn"):
        items = c.get(D + "senders?limit=500&group=" + group)["items"]
        tap.equal(sum(i["messages"] for i in items), total, group + ": sum")
    ips = c.get(D + "senders?limit=500&group=ip&sort=name")["items"]
    tap.equal([(i["key"], i["messages"], i["failed"]) for i in ips],
              rows(web, "SELECT source_ip, sum(messages), sum(iif(dkim = "
                   "'fail' AND spf = 'fail', messages, 0))%s"
                   " GROUP BY 1 ORDER BY 1" % OF_DOMAIN), "addresses")
    for group, method in (("dkim", "dkim"), ("envelope", "spf")):
        items = c.get(D + "senders?limit=500&sort=name&group=" + group)
        want = rows(
            web, "SELECT domain, sum(messages) FROM (SELECT DISTINCT"
            " a.report_key, a.row_no, a.domain, r.messages FROM v_auth AS a"
            " JOIN v_record AS r USING (report_key, row_no)"
            " WHERE a.method = ? AND r.policy_domain = ?"
            " AND r.begin_utc >= ?) GROUP BY 1 ORDER BY 1",
            method, DOMAIN, FROM)
        tap.equal([(i["key"], i["messages"]) for i in items["items"]], want,
                  "by domain of " + method)
    tallies = c.get(D + "tallies?limit=500&bucket=month&count=true").json
    tap.equal(sum(i["messages"] for i in tallies["items"]), total, "tallies")
    tap.equal(tallies["total"], len(tallies["items"]), "and their number")
    sim = c.get(D + "simulate?p=reject&adkim=s&from=%s" % FROM).json
    day = time.strftime("%Y-%m-%d", time.gmtime((TODAY + 1) * gen.DAY))
    want = rehearse(web, "--p", "reject", "--adkim", "s", "--since", FROM,
                    "--until", day)
    names = [n for n in sim if n in want and isinstance(sim[n], int)]
    tap.equal({n: sim[n] for n in names}, {n: want[n] for n in names},
              "a simulation is what ruadctl rehearse says")


def test_events(tap, box):
    """The feeds of all domains in one."""
    web, c = start(box)
    want = []
    for domain in c.get("domains?limit=500")["items"]:
        name = domain["domain"]
        want += [{**i, "domain": name} for i in
                 c.get("domains/%s/changes?limit=500" % name)["items"]]
    got, after = [], ""
    while True:
        reply = c.get("alerts/events?limit=2" + after)
        got += reply["items"]
        if reply["next"] is None:
            break
        after = "&after=" + reply["next"]

    def key(i):
        return json.dumps(i, sort_keys=True)
    tap.ok(want, "there are changes")
    tap.equal(sorted(map(key, got)), sorted(map(key, want)), "all of them")
    tap.equal([i["day"] for i in got],
              sorted((i["day"] for i in got), reverse=True), "newest first")
    tap.equal(len(c.get("alerts/events?format=ndjson").body.splitlines()),
              len(want), "as lines")
    tap.equal(web.client().get("alerts/events").status, 401, "not for anybody")
    tap.equal(web.wrong, [], "replies are as openapi.json says")


def test_changes(tap, box):
    """The feed of the week, and a sender."""
    web, c = start(box)
    items = c.get(D + "changes")["items"]
    codes = {(i["code"], (i["sender"] or {}).get("sender")) for i in items}
    for want in (("sender_new", "mailerx.example"),
                 ("volume_up", "203.0.113.0/24"), ("record_changed", None),
                 ("reporter_quiet", None)):
        tap.ok(want in codes, want[0], codes)
    to = time.strftime("%Y-%m-%d", time.gmtime((TODAY - 13) * gen.DAY))
    codes = [(i["code"], (i["sender"] or {}).get("sender"))
             for i in c.get(D + "changes?to=" + to)["items"]]
    tap.ok(("sender_failing", "crmhost.example") in codes,
           "two weeks ago: started to fail", codes)
    new = next(i for i in items if i["code"] == "sender_new")
    s = c.get("senders/%d" % new["sender"]["id"]).json
    tap.equal([w["code"] for w in s["why"]],
              ["spf_not_aligned", "dkim_not_aligned"], "why it fails")
    tap.equal([w["code"] for w in s["fix"]], ["find_out"], "what to do")
    tap.equal(sum(r[1] for r in s["series"]["rows"]), s["messages"],
              "its days")
    tap.equal(sum(i["messages"] for i in s["ips"]), s["messages"],
              "its addresses")
    tap.ok(s["reporters"], "who has seen it")
    etag = c.get("senders/%d" % s["id"]).headers["ETag"]
    path = "senders/%d" % s["id"]
    reply = c.patch(path, {"label": "mine", "note": "<b>\u00fc"},
                    headers={"If-Match": '"other"'})
    tap.equal((reply.status, reply.code), (412, "stale"), "stale")
    reply = c.patch(path, {"label": "mine", "note": "<b>\u00fc"},
                    headers={"If-Match": etag})
    tap.equal((reply.status, reply["class"], reply["note"]),
              (200, "mine_fail", "<b>\u00fc"), "labelled")
    tap.equal([w["code"] for w in reply["fix"]],
              ["custom_dkim", "custom_return_path"], "now it can be mended")
    row = c.get(D + "senders?label=mine&q=mailerx")["items"][0]
    tap.equal((row["mine_fail"], row["unknown"]), (s["messages"], 0),
              "and the list follows")
    tap.equal(sum(r[4] for r in c.get(D + "timeline")["rows"]),
              c.get(D + "overview")["sums"]["mine_fail"], "and the timeline")
    tap.equal(c.patch(path, {"label": None})["class"], "unknown", "taken off")
    for body in ({"label": "x"}, {"label": 1}, {"note": "no label"},
                 {"label": "mine", "note": 3}):
        tap.equal(c.patch(path, body).code, "validation", str(body))
    tap.equal(c.get("senders/999999").status, 404, "no such sender")
    tap.equal(c.get("senders/x").status, 404, "no number")
    tap.equal(web.wrong, [], "replies are as openapi.json says")


def test_paging(tap, box):
    """Cursors, ETags, filters, and what is wrong with a request."""
    web, c = start(box)
    for path in (D + "senders?group=ip&sort=-messages",
                 D + "senders?sort=name", D + "tallies?bucket=month",
                 "domains?sort=-unknown", D + "senders?sort=last_day"):
        whole = c.get(path + "&limit=500")["items"]
        pieces, after = [], ""
        while after is not None:
            page = c.get(path + "&limit=2" + after).json
            pieces += page["items"]
            after = page["next"] and "&after=" + page["next"]
        tap.equal([json.dumps(p) for p in pieces],
                  [json.dumps(p) for p in whole], "pages of " + path)
    page = c.get(D + "senders?limit=1")
    tap.match("rel=\"next\"", page.headers["Link"], "Link")
    reply = c.get(D + "senders?limit=1&sort=name&after=" + page["next"])
    tap.equal((reply.status, reply.code), (400, "cursor_mismatch"),
              "a cursor of another list")
    for path in (D + "overview", "domains", D + "senders", D + "tallies"):
        first = c.get(path)
        again = c.get(path, headers={"If-None-Match": first.headers["ETag"]})
        tap.equal((again.status, again.body), (304, b""), path + ": 304")
        tap.equal(c.get(path).body, first.body, path + ": the same again")
    for what in ("ip=203.0.113.0/25", "ip=203.0.113.5", "ip=2001:db8:bad::/48",
                 "asn=64500", "cc=zz", "org=nobody", "min_messages=100000",
                 "class=unknown", "class=mine_fail,forwarded", "q=SENDgrid",
                 "label=none"):
        for group in ("sender", "ip", "asn", "dkim", "envelope"):
            reply = c.get("%ssenders?group=%s&%s" % (D, group, what))
            tap.equal(reply.status, 200, group + " " + what)
    names = [i["name"] for i in c.get(D + "senders?q=SENDgrid")["items"]]
    tap.equal(names, ["SendGrid"], "q")
    ips = c.get(D + "senders?group=ip&ip=203.0.113.0/29")["items"]
    tap.equal(sorted(i["key"] for i in ips),
              ["203.0.113.5", "203.0.113.6", "203.0.113.7"], "a network")
    for bad in ("ip=1.2.3", "ip=1.2.3.4/33", "class=x", "label=x", "sort=ip;",
                "group=x", "asn=-1", "limit=0", "limit=501", "from=2026-02-30",
                "from=2999-01-01", "from=1999-01-01", "to=x",
                "min_messages=1e9"):
        reply = c.get(D + "senders?" + bad)
        tap.equal((reply.status, reply.code), (400, "bad_request"), bad)
    for bad in ("timeline?bucket=x", "timeline?by=x", "simulate?p=x",
                "simulate?adkim=x", "tallies?bucket=year"):
        tap.equal(c.get(D + bad).status, 400, bad)
    tap.equal(c.get("domains/none.example/overview").status, 404, "no domain")
    # A report that arrives is seen.
    etag = c.get(D + "overview").headers["ETag"]
    mail = gen.reports("late", 1, (DOMAIN,), start=(TODAY - 2) * gen.DAY)[0]
    path = os.path.join(box.subdir("late"), "m.eml")
    with open(path, "wb") as f:
        f.write(mail.data)
    sample.ctl(web.store, "ingest", path)
    settle(web)
    reply = c.get(D + "overview", headers={"If-None-Match": etag})
    tap.equal(reply.status, 200, "new data, new answer")
    tap.equal(web.wrong, [], "replies are as openapi.json says")


def test_domains(tap, box):
    """Registered, noted, taken off, purged."""
    web, c = start(box)
    reply = c.post("domains", {"name": "EXAMPLE.net", "note": "shop",
                               "label": "Shop"})
    tap.equal((reply.status, reply.headers["Location"], reply["domain"],
               reply["note"], reply["label"]),
              (201, "/api/v1/domains/example.net", "example.net", "shop",
               "Shop"), "registered")
    tap.equal(c.post("domains", {"name": "example.net"}).code, "exists",
              "twice")
    for body in ({}, {"name": "a b"}, {"name": 5}, {"name": "x.example",
                                                   "note": 5},
                 {"name": "y.example", "parked": "yes"},
                 {"name": "z.example", "label": "x" * 300}):
        tap.equal(c.post("domains", body).code, "validation", str(body)[:50])
    new = c.get("domains/example.net")
    tap.equal((new["messages"], new["last_report"],
               new["next_step"]["answer"]), (0, None, "no_data"),
              "nothing is known of it")
    tap.equal(c.get("domains/example.net/overview")["reports"]["answer"],
              "none", "its overview")
    etag = new.headers["ETag"]
    reply = c.patch("domains/example.net", {"parked": True, "note": None},
                    headers={"If-Match": etag})
    tap.equal((reply.status, reply["parked"], reply["label"]),
              (200, True, "Shop"), "merged")
    tap.ok(not reply["note"], "the note is off", reply["note"])
    tap.equal(c.patch("domains/example.net", {"parked": False},
                      headers={"If-Match": etag}).code, "stale", "stale")
    tap.equal(c.patch("domains/none.example", {}).status, 404, "no domain")
    found = c.get("domains/unregistered")["items"]
    tap.equal([(d["domain"], d["reports"]) for d in found],
              [(sample.OLD, 23)], "not registered")
    tap.equal(c.patch("domains/unregistered/" + sample.OLD,
                      {"ignored": True})["ignored"], True, "ignored")
    tap.equal(c.get("domains/unregistered")["items"], [], "and gone")
    c.patch("domains/unregistered/" + sample.OLD, {"ignored": False})
    tap.equal(len(c.get("domains/unregistered")["items"]), 1, "back")
    tap.equal(c.patch("domains/unregistered/" + DOMAIN,
                      {"ignored": True}).status, 409, "it is registered")
    for body in ({}, {"confirm": "yes"}, {"confirm": "delete", "purge": 1}):
        tap.equal(c.delete("domains/example.it", body).code, "validation",
                  str(body))
    reply = c.delete("domains/example.it", {"confirm": "delete"})
    tap.equal((reply.status, reply["purged_reports"]), (200, 0), "taken off")
    tap.ok(rows(web, "SELECT count(*) FROM v_report WHERE policy_domain ="
                " 'example.it'")[0][0] > 0, "its reports stay")
    reply = c.delete("domains/parked.example",
                     {"confirm": "delete", "purge": True})
    tap.ok(reply["purged_reports"] > 200, "purged", reply)
    tap.equal(rows(web, "SELECT count(*) FROM v_report WHERE policy_domain ="
                   " 'parked.example'"), [(0,)], "its reports are gone")
    ruadtest.wait_for(
        lambda: c.get("domains/parked.example").status == 404, 60)
    names = [d["domain"] for d in c.get("domains")["items"]]
    tap.equal(names, ["example.com", "example.jp", "example.net"], "the list")
    tap.match("user=root", web.log(), "the log says who did it")
    tap.equal(sorted({a["action"] for a in c.get("audit?limit=500")["items"]}),
              ["domain.changed", "domain.ignored", "domain.listed",
               "domain.purged", "domain.registered",
               "domain.unregistered"], "and so does the audit")
    tap.equal(web.wrong, [], "replies are as openapi.json says")


def status_of(web, method, path, body=None):
    c = webtest.UnixConnection(web.socket)
    # Who is refused before the body is read may not be able to send it.
    with contextlib.suppress(BrokenPipeError):
        c.request(method, "/api/v1/" + path,
                  None if body is None else json.dumps(body),
                  {"Content-Type": "application/json"} if body else {})
    return c.getresponse().status


def as_viewer(gid, work):
    """What `work` gives in a process of a user with no rights but to look."""
    read, write = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            os.setgroups([])
            os.setgid(gid)
            os.setuid(65534)
            os.write(write, json.dumps(work()).encode())
        except (OSError, ImportError) as e:
            os.write(write, json.dumps(repr(e)).encode())
        finally:
            os._exit(0)
    os.close(write)
    with os.fdopen(read) as f:
        text = f.read()
    os.waitpid(pid, 0)
    return json.loads(text)


def test_roles(tap, box):
    """Who may only look may not write, and others may not even look."""
    ruadtest.need_root()
    group = next(g for g in grp.getgrall() if g.gr_gid != 0)
    web, c = start(box, web_viewer_group=group.gr_name)
    os.chmod(web.socket, 0o666)
    os.chmod(box.dir, 0o755)
    os.chmod(web.dir, 0o755)
    writes = (("POST", "domains", {"name": "v.example"}),
              ("PATCH", "domains/" + DOMAIN, {"parked": True}),
              ("DELETE", "domains/" + DOMAIN, {"confirm": "delete"}),
              ("PATCH", "domains/unregistered/" + sample.OLD,
               {"ignored": True}), ("PATCH", "senders/1", {"label": "mine"}))
    reads = ("domains", "domains/unregistered", "domains/" + DOMAIN,
             D + "overview", D + "timeline", D + "changes", D + "senders",
             D + "simulate", D + "tallies", "senders/1")
    before = rows(web, "SELECT (SELECT count(*) FROM registered_domain),"
                  " (SELECT count(*) FROM ignored_domain),"
                  " (SELECT count(*) FROM sender_label)")
    seen = as_viewer(group.gr_gid,
                     lambda: [status_of(web, "GET", p) for p in reads] +
                     [status_of(web, *w) for w in writes])
    tap.equal(seen, [200] * len(reads) + [403] * len(writes), "a viewer")
    anybody = web.client()
    tap.equal([anybody.get(p).status for p in reads], [401] * len(reads),
              "nobody in particular reads")
    tap.equal({anybody.ask(*w).status for w in writes}, {401},
              "and nobody writes")
    tap.equal(rows(web, "SELECT (SELECT count(*) FROM registered_domain),"
                   " (SELECT count(*) FROM ignored_domain),"
                   " (SELECT count(*) FROM sender_label)"), before,
              "nothing has changed")


def test_grants(tap, box):
    """Whom one domain is granted, for them it alone exists."""
    web, c = start(box)
    editor = web.user("jp", "editor", "--domain", "example.jp")
    tap.equal([d["domain"] for d in editor.get("domains")["items"]],
              ["example.jp"], "the list")
    tap.equal(editor.get("domains/unregistered")["items"], [],
              "nothing is there to be registered")
    theirs, ours = [c.get("domains/%s/senders" % d)["items"][0]["id"]
                    for d in ("example.com", "example.jp")]
    paths = ["domains/example.com" + p for p in
             ("", "/overview", "/timeline", "/changes", "/senders",
              "/simulate", "/tallies")] + ["senders/%d" % theirs]
    tap.equal({editor.get(p).status for p in paths}, {404}, "another domain")
    tap.equal(editor.get("senders/%d" % ours).status, 200, "its own sender")
    for method, path, body in (
            ("PATCH", "domains/example.com", {"parked": True}),
            ("PATCH", "senders/%d" % theirs, {"label": "mine"})):
        tap.equal(editor.ask(method, path, body).status, 404,
                  "%s %s" % (method, path))
    tap.equal(editor.delete("domains/example.com",
                            {"confirm": "delete"}).status in (403, 404), True,
              "does not delete it")
    tap.equal(editor.post("domains", {"name": "mine.example"}).status, 403,
              "registers no other one")
    reply = editor.patch("senders/%d" % ours, {"label": "not-mine"})
    tap.equal((reply.status, reply["label"]), (200, "not-mine"), "labels")
    viewer = web.user("v", "viewer")
    tap.equal(len(viewer.get("domains")["items"]), 4, "who sees all")
    tap.equal([d["domain"] for d in editor.get("domains")["items"]],
              ["example.jp"], "and is not told to others")
    tap.equal(viewer.patch("senders/%d" % ours, {"label": None}).code,
              "forbidden", "a viewer labels nothing")
    tap.equal(web.wrong, [], "replies are as openapi.json says")


EVIL = ('=HYPERLINK("http://x.example")', "+1+A1", "@SUM(A1)",
        "<script>alert(1)</script>", "'; DROP TABLE report; --", "\u202etxt",
        "\ud55c\uae00 \U0001f600", "%s%n%x", "{{7*7}}", "a\"b\\c")


def test_hostile(tap, box):
    """What reporters write comes out as text."""
    store = os.path.join(box.subdir("store"), "ruad.db")
    mails = box.subdir("mails")
    for n, text in enumerate(EVIL):
        style = gen.Style(text, "evil.example", "xml", "bare",
                          "application/xml")
        lines = [gen.Row("192.0.2.%d" % (n + 1), 10, "none", "fail", "fail",
                         "example.com", "x.example",
                         (("dkim", text, text, "pass"),
                          ("spf", text, "", "pass")))]
        facts = gen.count_rows(style, "evil-%d" % n, "example.com",
                               (TODAY - 2) * gen.DAY, lines)
        xml = gen.document(style, facts, "none", lines)
        with open(os.path.join(mails, "%d.xml" % n), "wb") as f:
            f.write(xml)
    sample.ctl(store, "ingest", mails)
    sample.ctl(store, "domain", "add", "example.com")
    web, c = start(box, store=store)
    reply = c.get(D + "senders?limit=500")
    tap.equal(sum(i["messages"] for i in reply["items"]), 10 * len(EVIL),
              "all are counted")
    for item in reply["items"]:
        s = c.get("senders/%d" % item["id"])
        tap.equal((s.status, s["sender"]), (200, item["name"]), item["name"])
    orgs = {r["org_name"] for i in reply["items"]
            for r in c.get("senders/%d" % i["id"])["reporters"]}
    tap.ok("<script>alert(1)</script>" in orgs, "names as they are", orgs)
    for path in (D + "senders?group=dkim", D + "senders", D + "tallies",
                 D + "changes", "domains", "domains/unregistered"):
        for accept, kind in (("text/csv", "text/csv; charset=utf-8"),
                             ("application/x-ndjson",
                              "application/x-ndjson")):
            got = c.get(path, headers={"Accept": accept})
            tap.equal((got.status, got.headers["Content-Type"]), (200, kind),
                      path + " as " + accept)
            if accept == "text/csv":
                table = list(csv.reader(io.StringIO(got.body.decode())))
                bad = [cell for line in table for cell in line
                       if cell[:1] in "=+@\t\r" and cell[:1]]
                tap.equal(bad, [], path + ": no formula")
                tap.equal({len(line) for line in table}, {len(table[0])},
                          path + ": columns")
            else:
                lines = got.body.decode().splitlines()
                tap.ok(all(isinstance(json.loads(x), dict) for x in lines),
                       path + ": objects")
    for text in EVIL:
        path = D + "senders?q=" + "".join("%%%02X" % b for b in text.encode())
        tap.equal(c.get(path).status, 200, "looked for: " + text)
    for path in ("domains/%3Cscript%3E", "domains/..%2f..%2fetc",
                 "domains/" + "a" * 300, "domains/%00", "senders/%2e",
                 "senders/-1", "senders/99999999999999999999"):
        tap.ok(c.get(path).status in (400, 404), path)
    tap.equal(rows(web, "SELECT count(*) FROM report"), [(len(EVIL),)],
              "the store is whole")
    tap.equal(web.wrong, [], "replies are as openapi.json says")


def test_without_store(tap, box):
    """The console is there before the first report is."""
    web = webtest.Web(box).start()
    c = web.peer()
    reply = c.get("domains")
    tap.ok(reply.status in (200, 500, 503), "no store yet", reply)
    reply = c.post("domains", {"name": "first.example"})
    tap.ok(reply.status in (201, 500, 503), "a domain makes it", reply)
    path = os.path.join(box.subdir("mails"), "m.eml")
    with open(path, "wb") as f:
        f.write(gen.reports("first", 1)[0].data)
    sample.ctl(web.store, "ingest", path)
    sample.ctl(web.store, "domain", "add", "second.example")
    ruadtest.wait_for(lambda: c.get("domains").status == 200, 60)
    names = {d["domain"] for d in c.get("domains")["items"]}
    tap.ok("second.example" in names, "then it is there", names)
    tap.equal(web.stop(), 0, "and ends")


if __name__ == "__main__":
    ruadtest.main(test_numbers, test_changes, test_events, test_paging,
                  test_domains, test_roles, test_grants, test_hostile, test_without_store)
