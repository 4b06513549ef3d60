#!/usr/bin/python3 -B
"""Logging in to the console: passwords, second factors, sessions, tokens, and
who may do what."""
import base64
import grp
import json
import os
import re
import sqlite3
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "../lib"))
import ruadtest
import webtest
from webtest import PASSWORD, totp


def change(web, sql, *args):
    """Change the database of the console under the program."""
    with sqlite3.connect(web.web_store, timeout=10) as db:
        db.execute(sql, args)
    db.close()


def ask(web, sql):
    with sqlite3.connect(web.web_store, timeout=10) as db:
        rows = db.execute(sql).fetchall()
    db.close()
    return rows


def test_first_user(tap, box):
    """The way from nothing to an administrator, by the manual."""
    web = webtest.Web(box)
    run = web.ruadctl("user", "add", "--role", "admin", "hanako")
    tap.equal(run.returncode, 0, "user add")
    code = run.stdout.strip()
    tap.match(r"^[a-z2-9]{4}-[a-z2-9]{4}-[a-z2-9]{4}$", code, "its password")
    web.start()
    c = web.client()
    tap.equal(c.get("session").code, "login_required", "nobody is in")
    reply = c.post("session", {"login": "Hanako", "password": code})
    tap.equal((reply.status, reply["state"]), (200, "password"), "login")
    cookie = reply.headers["Set-Cookie"]
    tap.match(r"^__Host-ruad=[\w-]{43}; Secure; HttpOnly; SameSite=Strict; "
              r"Path=/$", cookie, "its cookie")
    for path in ("me", "users", "readyz", "settings"):
        tap.equal(c.get(path).code, "password_required", path)
    reply = c.put("me/password", {"password": code, "new": "short"})
    tap.equal((reply.status, reply["errors"][0]["code"]), (422, "too_short"),
              "a short one")
    reply = c.put("me/password", {"password": "wrong", "new": PASSWORD})
    tap.equal(reply.code, "login_failed", "without the old one")
    before = dict(c.cookies)
    reply = c.put("me/password", {"password": code, "new": PASSWORD})
    tap.equal((reply.status, reply.json), (200, {"state": "enrol"}), "a new one")
    tap.ok(before != c.cookies, "and a new cookie")
    tap.equal(c.get("users").code, "enrol_required", "an admin must enrol")
    tap.equal(c.get("session")["state"], "enrol", "it says so")
    enrol = c.post("me/totp")
    tap.match(r"^otpauth://totp/ruad:hanako\?secret=[A-Z2-7]{32}&issuer=ruad$",
              enrol["uri"], "the URI")
    svg = base64.b64decode(enrol["qr"].partition(",")[2])
    tap.ok(svg.startswith(b"<svg ") and svg.endswith(b"</svg>"), "its image")
    tap.equal(c.post("me/totp/confirm", {"code": "000000"}).code,
              "login_failed", "a wrong code")
    reply = c.post("me/totp/confirm", {"code": totp(enrol["secret"])})
    codes = reply["recovery_codes"]
    tap.equal((reply.status, len(set(codes))), (200, 10), "enrolled")
    tap.equal(c.get("users").status, 200, "all is open")
    me = c.get("me")
    tap.equal((me["login"], me["role"], me["totp"], me["recovery_codes"]),
              ("hanako", "admin", True, 10), "me")
    used = {"code": totp(enrol["secret"])}
    c2 = web.client()
    reply = c2.post("session", {"login": "hanako", "password": PASSWORD})
    tap.equal(reply["state"], "totp", "the next login asks for a code")
    tap.equal(c2.get("users").code, "totp_required", "nothing without it")
    tap.equal(c2.post("session/totp", used).code, "login_failed",
              "a code counts once")
    reply = c2.post("session/totp", {"code": totp(enrol["secret"], 1)})
    tap.equal(reply.json, {"state": "ok"}, "the next one")
    tap.equal(c2.get("users").status, 200, "in")
    for n, status in ((1, 200), (2, 401)):
        c3 = web.client()
        c3.post("session", {"login": "hanako", "password": PASSWORD})
        reply = c3.post("session/totp", {"code": codes[0].upper()})
        tap.equal(reply.status, status, "a recovery code, time %d" % n)
    tap.equal(c.get("me")["recovery_codes"], 9, "nine are left")
    with open(web.web_store, "rb") as f:
        tap.equal([s for s in (PASSWORD, code, enrol["secret"], codes[1],
                               c.cookies["__Host-ruad"])
                   if s.encode() in f.read()], [], "no secret is stored")
    tap.equal(oct(os.stat(web.web_store + ".key").st_mode & 0o777), "0o600",
              "mode of the key")
    tap.equal(web.wrong, [], "replies are as openapi.json says")
    tap.equal(PASSWORD in web.log(), False, "nor logged")


def test_throttle(tap, box):
    """Guessing takes longer and longer, whether there is such a user or not."""
    web = webtest.Web(box, require_2fa="none", trusted_proxies=["127.0.0.1"])
    web.add_user("taro")
    web.start()

    def attempt(login, password, ip):
        return web.client().post(
            "session", {"login": login, "password": password},
            headers={"X-Forwarded-For": "203.0.113.9, " + ip})
    for login, net in (("taro", "192.0.2.%d"), ("nobody", "198.51.100.%d")):
        got = [attempt(login, "guess %d" % n, net % n) for n in range(5)]
        tap.equal([r.status for r in got], [401] * 5, login + ": five")
        tap.equal(len({r.body[:60] for r in got}), 1, login + ": alike")
        tap.equal(ask(web, "SELECT failures, until_epoch - last_epoch"
                      " FROM throttle WHERE name = 'user:%s'" % login),
                  [(5, 1)], login + ": then wait")
    change(web, "UPDATE throttle SET until_epoch = unixepoch() + 500")
    for login, ip in (("taro", "192.0.2.200"), ("nobody", "203.0.113.1")):
        reply = attempt(login, PASSWORD, ip)
        tap.equal((reply.status, reply.code), (429, "too_many"),
                  login + ": not even with the password")
        tap.ok(400 <= int(reply.headers["Retry-After"]) <= 500,
               login + ": how long")
    change(web, "UPDATE throttle SET until_epoch = 0")
    tap.equal(attempt("taro", PASSWORD, "192.0.2.200").status, 200,
              "after the time")
    tap.match(r"ruad-web\[\d+\]: login failed: user=<taro> ip=192\.0\.2\.3$",
              web.log(), "a line for fail2ban")
    attempt("x> ip=203.0.113.1", "y", "192.0.2.77")
    tap.match(r"login failed: user=<\?> ip=192\.0\.2\.77$", web.log(),
              "which nobody can forge")
    change(web, "DELETE FROM throttle")
    got = [attempt("user%d" % n, "guess", "192.0.2.%d" % n).status
           for n in range(20)]
    tap.equal(got, [401] * 20, "20 logins from a network")
    tap.equal(ask(web, "SELECT failures, until_epoch - last_epoch FROM throttle"
                  " WHERE name = 'net:192.0.2.0/24'"), [(20, 1)], "then wait")
    change(web, "UPDATE throttle SET until_epoch = unixepoch() + 500")
    tap.equal(attempt("user99", "guess", "192.0.2.9").status, 429, "all of it")
    tap.equal(attempt("taro", PASSWORD, "192.0.3.1").status, 200,
              "not another one")
    joins = [ruadtest.in_thread(attempt, "taro", "x", "192.0.4.1")
             for _ in range(30)]
    got = [join().status for join in joins]
    tap.ok(5 <= got.count(401) <= 12, "many at once are no more", sorted(got))


def test_sessions(tap, box):
    """Sessions end, are listed, and end others."""
    web = webtest.Web(box, require_2fa="none").start()
    a = web.user("taro")
    b = web.login("taro")
    items = a.get("me/sessions")["items"]
    tap.equal([s["current"] for s in items].count(True), 1, "two, one of me")
    tap.equal((len(items), items[0]["address"]), (2, "127.0.0.1"), "from here")
    other = [s["id"] for s in items if not s["current"]][0]
    tap.equal(a.delete("me/sessions/%d" % other).status, 204, "end the other")
    tap.equal(b.get("me").code, "login_required", "it has ended")
    tap.equal(a.delete("me/sessions/%d" % other).status, 404, "only once")
    b, c = web.login("taro"), web.login("taro")
    tap.equal(a.delete("me/sessions").status, 204, "end all others")
    tap.equal([x.get("me").status for x in (a, b, c)], [200, 401, 401], "so")
    other = web.user("jiro")
    mine = a.get("me/sessions")["items"][0]["id"]
    tap.equal(other.delete("me/sessions/%d" % mine).status, 404,
              "not those of others")
    b = web.login("taro")
    new = PASSWORD + "!"
    tap.equal(a.put("me/password", {"password": PASSWORD,
                                    "new": new}).status, 200, "a new password")
    tap.equal([x.get("me").status for x in (a, b)], [200, 401],
              "ends the others")
    old = dict(a.cookies)
    b = web.client()
    b.cookies = dict(old)
    reply = b.post("session", {"login": "taro", "password": new})
    tap.equal(reply.status, 200, "login again in the same browser")
    tap.equal(a.get("me").status, 401, "ends the session of before")
    a = b
    change(web, "UPDATE session SET used_epoch = used_epoch - 1799")
    tap.equal(a.get("me").status, 200, "idle for half an hour, nearly")
    change(web, "UPDATE session SET used_epoch = used_epoch - 1801")
    tap.equal(a.get("me").status, 401, "idle for too long")
    a = web.login("taro", new)
    change(web, "UPDATE session SET expires_epoch = unixepoch()")
    tap.equal(a.get("me").status, 401, "too long at all")
    a = web.login("taro", new)
    reply = a.delete("session")
    tap.equal(reply.status, 204, "log out")
    tap.match("Max-Age=0", reply.headers["Set-Cookie"], "takes the cookie")
    tap.equal((a.cookies, a.get("me").status), ({}, 401), "is out")
    a = web.login("taro", new)
    reply = a.patch("me", {"language": "ja", "theme": "dark"})
    tap.equal((reply["language"], reply["theme"]), ("ja", "dark"), "language")
    tap.equal(a.get("session")["language"], "ja", "in the session, too")
    tap.equal(a.patch("me", {"language": "xx"}).status, 422, "none of ours")
    tap.equal(a.patch("me", {"language": None})["language"], None, "the default")
    tap.equal(web.ruadctl("user", "passwd", "--password", "taro",
                          input=PASSWORD + "\n").returncode, 0, "passwd")
    tap.equal(a.get("me").status, 401, "ends all of them")
    tap.equal(web.wrong, [], "replies are as openapi.json says")


def test_cross_origin(tap, box):
    """What another site could make a browser send is refused."""
    web = webtest.Web(box, require_2fa="none").start()
    c = web.user("taro")
    own = "http://127.0.0.1:%d" % web.port
    for headers, status in (
            ({"Sec-Fetch-Site": "same-origin"}, 200),
            ({"Sec-Fetch-Site": "none"}, 200),
            ({"Sec-Fetch-Site": "same-site"}, 403),
            ({"Sec-Fetch-Site": "cross-site"}, 403),
            ({"Sec-Fetch-Site": "cross-site", "Origin": own}, 403),
            ({"Sec-Fetch-Site": None, "Origin": own}, 200),
            ({"Sec-Fetch-Site": None, "Origin": own + "0"}, 403),
            ({"Sec-Fetch-Site": None, "Origin": "null"}, 403),
            ({"Sec-Fetch-Site": None, "Origin": "http://evil.example",
              "Host": "evil.example"}, 403),
            ({"Sec-Fetch-Site": None}, 403)):
        reply = c.patch("me", {"theme": "light"}, headers=headers)
        tap.equal(reply.status, status, "PATCH %s" % headers)
        reply = web.client().post("session", {
            "login": "taro", "password": PASSWORD}, headers=headers)
        tap.equal(reply.status, status, "login %s" % headers)
        tap.equal(c.get("me", headers=headers).status, 200, "GET")
    for kind, status in (("text/plain", 415),
                         ("application/x-www-form-urlencoded", 415),
                         ("multipart/form-data", 415), ("", 415),
                         ("application/jsonx", 415),
                         ("application/json; charset=utf-8", 200)):
        reply = c.ask("PATCH", "me", raw=b'{"theme":"dark"}',
                      headers={"Content-Type": kind})
        tap.equal(reply.status, status, "type %r" % kind)
    for raw, status in ((b"[]", 400), (b"{", 400), (b'{"a":1,"a":2}', 400),
                        (b'{"theme":"\\u0000"}', 400), (b"\xff", 400),
                        (b'{"x":"' + b"a" * 65528 + b'"}', 200),
                        (b'{"x":"' + b"a" * 65529 + b'"}', 413)):
        reply = c.ask("PATCH", "me", raw=raw,
                      headers={"Content-Type": "application/json"})
        tap.equal(reply.status, status, "body of %d" % len(raw))
    deep = b'{"x":' + b"[" * 30000 + b"]" * 30000 + b"}"
    reply = c.ask("PATCH", "me", raw=deep,
                  headers={"Content-Type": "application/json"})
    tap.equal(reply.status, 400, "30,000 lists in each other")
    web2 = webtest.Web(box, "proxied", require_2fa="none",
                       public_url="https://dmarc.example.com").start()
    web2.add_user("taro")
    reply = web2.client().post(
        "session", {"login": "taro", "password": PASSWORD},
        headers={"Sec-Fetch-Site": None, "Origin": "https://dmarc.example.com"})
    tap.equal(reply.status, 200, "public_url is the origin")
    web3 = webtest.Web(box, "plain", require_2fa="none",
                       public_url="http://dmarc.internal").start()
    web3.add_user("taro")
    reply = web3.client().post(
        "session", {"login": "taro", "password": PASSWORD},
        headers={"Sec-Fetch-Site": None, "Origin": "http://dmarc.internal"})
    tap.match(r"^ruad=[\w-]{43}; HttpOnly; SameSite=Strict; Path=/$",
              reply.headers["Set-Cookie"],
              "a cookie for browsers that take no Secure one")


def test_users(tap, box):
    """What administrators do to users."""
    web = webtest.Web(box).start()
    root = web.user("hanako", "admin")
    reply = root.post("users", {"login": "Taro", "role": "editor",
                                "domains": ["Example.JP", "b\u00fccher.example"]})
    tap.equal(reply.status, 201, "add")
    taro, code = reply["user"], reply["password"]
    tap.equal((taro["login"], taro["domains"], taro["one_time"]),
              ("taro", ["example.jp", "xn--bcher-kva.example"], True), "so")
    path = "users/%d" % taro["id"]
    tap.equal(reply.headers["Location"], "/api/v1/" + path, "Location")
    tap.equal(root.post("users", {"login": "taro", "role": "viewer"}).code,
              "exists", "again")
    reply = root.post("users", {"login": "a b", "role": "king",
                                "domains": ["no domain", 1]})
    tap.equal((reply.status, sorted(e["pointer"] for e in reply["errors"])),
              (422, ["/domains/0", "/domains/1", "/login", "/role"]), "all wrong")
    one = root.get(path)
    etag = one.headers["ETag"]
    tap.equal(root.get(path, headers={"If-None-Match": etag}).status, 304,
              "unchanged")
    other = web.user("saburo", "admin")
    first = root.patch(path, {"role": "viewer"}, headers={"If-Match": etag})
    second = other.patch(path, {"role": "admin"}, headers={"If-Match": etag})
    root.delete("users/%d" % other.get("session")["user_id"])
    tap.equal((first.status, second.status, second.code), (200, 412, "stale"),
              "two administrators at once")
    tap.equal(root.get(path)["role"], "viewer", "the first stays")
    tap.equal(root.patch(path, {}, headers={"If-Match": '"1.x"'}).status, 412,
              "no ETag of ours")
    c = web.client()
    c.post("session", {"login": "taro", "password": code})
    c.put("me/password", {"password": code, "new": PASSWORD})
    tap.equal(c.get("session")["state"], "ok", "a viewer needs no code")
    tap.equal(c.get("users").code, "forbidden", "nor sees users")
    grants = root.put(path + "/grants", {"all_domains": False,
                                         "domains": ["example.com"]})
    tap.equal(grants.json, {"all_domains": False, "domains": ["example.com"]},
              "grants")
    tap.equal(c.get("session")["domains"], ["example.com"], "hold at once")
    tap.equal(root.patch(path, {"disabled": True}).status, 200, "disable")
    tap.equal(c.get("me").status, 401, "ends the login")
    reply = web.client().post("session", {"login": "taro",
                                          "password": PASSWORD})
    tap.equal(reply.code, "login_failed", "and lets none in")
    root.patch(path, {"disabled": False})
    reply = root.post(path + "/password")
    tap.equal(reply.status, 200, "a one-time password")
    c = web.client()
    tap.equal(c.post("session", {"login": "taro", "password":
                                 reply["password"]})["state"], "password",
              "is to be replaced")
    me = "users/%d" % root.get("session")["user_id"]
    for what in (lambda: root.patch(me, {"role": "editor"}),
                 lambda: root.patch(me, {"disabled": True}),
                 lambda: root.delete(me)):
        tap.equal(what().code, "in_use", "the last administrator stays")
    tap.equal(root.get(me)["role"], "admin", "still")
    tap.equal(root.post(path + "/reset-2fa").status, 204, "reset-2fa")
    tap.equal(root.delete(path).status, 204, "remove")
    tap.equal([root.get(path).status, root.delete(path).status,
               root.get("users/x").status], [404] * 3, "gone")
    for n in range(5):
        root.post("users", {"login": "u%d" % n, "role": "viewer"})
    seen, after = [], ""
    while after is not None:
        page = root.get("users?limit=2" + (after and "&after=" + after))
        seen += [u["login"] for u in page["items"]]
        after = page["next"]
    tap.equal(seen, ["hanako"] + ["u%d" % n for n in range(5)], "pages")
    tap.equal(root.get("users?limit=2&after=AAAA").code, "cursor_mismatch",
              "no cursor")
    tap.equal([root.get("users?limit=" + n).status
               for n in ("0", "501", "x", "-1", "500")],
              [400, 400, 400, 400, 200], "limits")
    change(web, "UPDATE session SET password_epoch = unixepoch() - 601")
    tap.equal(root.delete(me).code, "step_up_required", "ten minutes later")
    tap.equal(root.get("users").status, 200, "reading goes on")
    tap.equal(root.post("session/step-up", {"password": "x"}).code,
              "login_failed", "a wrong password")
    tap.equal(root.post("session/step-up", {"password": PASSWORD}).status, 204,
              "the right one")
    tap.equal(root.delete(me).code, "in_use", "and on it goes")
    audit = root.get("audit?limit=500")["items"]
    actions = {a["action"] for a in audit}
    tap.equal(sorted({"user.add", "user.role", "user.grant", "user.disable",
                      "user.enable", "user.password", "user.reset_2fa",
                      "user.remove", "me.enrol"} - actions), [], "the audit")
    tap.equal({a["actor"] for a in audit},
              {"root", "hanako", "taro", "saburo"}, "by whom")
    csv = root.get("audit", headers={"Accept": "text/csv"}).body.decode()
    tap.equal(len(csv.splitlines()), len(audit) + 1, "as CSV")
    lines = root.get("audit?format=ndjson&action=user.add").body.splitlines()
    tap.equal({json.loads(n)["action"] for n in lines}, {"user.add"},
              "as lines of JSON, some of them")
    tap.equal(root.patch("settings", {"organisation": "Example KK",
                                      "language": "it"})["organisation"],
              "Example KK", "settings")
    etag = root.get("settings").headers["ETag"]
    root.patch("settings", {"language": "ko"})
    tap.equal(root.patch("settings", {"language": "ja"},
                         headers={"If-Match": etag}).status, 412, "stale")
    tap.equal(web.wrong, [], "replies are as openapi.json says")


def test_tokens(tap, box):
    """Tokens do what they may, and no more."""
    web = webtest.Web(box, require_2fa="none").start()
    c = web.user("taro", "editor")
    root = web.user("hanako", "admin")

    def bearer(secret):
        t = web.client()
        t.headers = {"Authorization": "Bearer " + secret}
        return t
    reply = c.post("tokens", {"name": "x", "scope": "read",
                              "domains": ["example.com"], "expires_days": 1})
    tap.equal(reply.status, 201, "add")
    secret, token = reply["secret"], reply["token"]
    tap.match(r"^ruad_pat_[\w-]{43}$", secret, "its form")
    t = bearer(secret)
    session = t.get("session")
    tap.equal((session["via"], session["role"], session["domains"],
               session["all_domains"]), ("token", "viewer", ["example.com"],
                                         False), "what it is")
    tap.equal(t.get("metrics").code, "forbidden", "no numbers of all domains")
    tap.equal(t.get("me").code, "session_required", "not for people's pages")
    tap.equal(t.post("tokens", {"name": "y", "scope": "read"}).code,
              "session_required", "nor for more tokens")
    reply = c.post("tokens", {"name": "y", "scope": "admin"})
    tap.equal((reply.status, reply["errors"][0]["pointer"]), (422, "/scope"),
              "no more than its user")
    admin = bearer(root.post("tokens", {"name": "a",
                                        "scope": "admin"})["secret"])
    tap.equal(admin.get("users").status, 200, "of an administrator")
    read = bearer(root.post("tokens", {"name": "r",
                                       "scope": "read"})["secret"])
    tap.equal(read.get("users").code, "forbidden", "only to read")
    tap.equal(admin.post("users", {"login": "z", "role": "viewer"}).status,
              201, "no step-up, no Origin")
    tap.equal([i["name"] for i in c.get("tokens")["items"]], ["x"], "own ones")
    tap.equal([i["name"] for i in root.get("tokens?all=true")["items"]],
              ["x", "a", "r"], "all")
    tap.equal([i["name"] for i in c.get("tokens?all=true")["items"]], ["x"],
              "not for an editor")
    tap.equal(c.delete("tokens/%d" % (token["id"] + 1)).status, 404,
              "not that of another")
    web.ruadctl("user", "role", "hanako", "viewer")
    web.add_user("other", "admin")
    tap.equal(web.ruadctl("user", "role", "hanako", "viewer").returncode, 0,
              "its user becomes a viewer")
    tap.equal(admin.get("users").code, "forbidden", "so does the token")
    reply = bearer(secret + "x").get("readyz")
    tap.equal((reply.status, reply.headers["WWW-Authenticate"]),
              (401, "Bearer"), "a wrong one")
    both = web.client()
    both.cookies = dict(c.cookies)
    both.headers = {"Authorization": "Bearer x"}
    tap.equal(both.get("me").status, 401, "a wrong one beside a cookie")
    change(web, "UPDATE token SET expires_epoch = unixepoch() WHERE name = 'x'")
    tap.equal(t.get("readyz").code, "login_required", "expired")
    tap.equal(c.delete("tokens/%d" % token["id"]).status, 204, "revoke")
    tap.equal(c.get("tokens")["items"], [], "none")
    tap.equal(web.wrong, [], "replies are as openapi.json says")


def values(path):
    return re.sub(r"\{d\}", "example.com", re.sub(r"\{\w*id\w*\}", "999999999",
                                                  path))


def test_roles(tap, box):
    """Every operation of openapi.json, with every role and with none."""
    web = webtest.Web(box, require_2fa="none").start()
    clients = {"none": web.client()}
    for role in ("viewer", "editor", "admin"):
        clients[role] = web.user(role, role)
    ranks = list(clients)
    wrong = []
    count = 0
    for path, item in webtest.OPENAPI["paths"].items():
        for method, operation in item.items():
            if method == "parameters":
                continue
            if path == "/session" and method == "delete":
                continue
            least = operation["x-role"]
            for role, c in clients.items():
                count += 1
                body = None if method in ("get", "delete") else {}
                kind = next(iter(operation.get("requestBody", {}).get(
                    "content", {"application/json": 0})))
                raw = None
                if kind not in ("application/json",
                                "application/merge-patch+json"):
                    body, raw = None, b"x"
                reply = c.ask(method.upper(), "/api/v1" + values(path), body,
                              raw=raw)
                enough = ranks.index(role) >= ranks.index(least)
                if role == "none" and least != "none":
                    good = reply.code == "login_required"
                elif not enough:
                    good = reply.code == "forbidden"
                else:
                    good = reply.code not in (
                        "forbidden", "internal", "step_up_required",
                        "cross_origin", "method_not_allowed")
                if not good:
                    wrong.append("%s %s as %s: %s" % (method, path, role,
                                                      reply))
    tap.ok(count > 100, "operations are found")
    tap.equal(wrong, [], "each role may do what it may")
    tap.equal(web.wrong, [], "replies are as openapi.json says")


def test_unix(tap, box):
    """On web_socket, the kernel says who it is."""
    web = webtest.Web(box).start()
    tap.equal(oct(os.stat(web.socket).st_mode & 0o777), "0o666", "its mode")
    if not ruadtest.ROOT:
        tap.skip("peers", "needs root")
        return
    os.chmod(web.dir, 0o755)
    c = web.peer()
    session = c.get("session")
    tap.equal((session["via"], session["role"], session["login"]),
              ("peer", "admin", "root"), "root")
    reply = c.post("users", {"login": "taro", "role": "viewer"})
    tap.equal(reply.status, 201, "adds a user, without Origin or step-up")
    tap.equal(c.get("me").code, "session_required", "but is none itself")
    reply = c.get("session", headers={"Remote-User": "taro"})
    tap.equal(reply["via"], "peer", "nor becomes one")

    def as_user(user, *headers, extra=()):
        run = subprocess.run(
            ["setpriv", "--reuid", user, "--regid", "nogroup", *extra, "curl",
             "-s", "--unix-socket", web.socket,
             *[a for h in headers for a in ("-H", h)],
             "http://x/api/v1/session"], capture_output=True, text=True)
        return json.loads(run.stdout)
    tap.equal(as_user("nobody", extra=["--clear-groups"])["code"],
              "login_required", "somebody is nobody")
    web.stop()
    web.write_conf(web_socket_group="mail")
    web.start()
    st = os.stat(web.socket)
    tap.equal((st.st_gid, oct(st.st_mode & 0o777)),
              (grp.getgrnam("mail").gr_gid, "0o660"), "for a group alone")
    web.stop()
    web.write_conf(web_viewer_group="games", web_admin_group="mail",
                   web_proxy_group="www-data", web_socket_group=None)
    web.start()
    for group, role in (("games", "viewer"), ("mail", "admin")):
        got = as_user("nobody", extra=["--groups", group])
        tap.equal((got["via"], got["role"], got["login"]),
                  ("peer", role, "nobody"), "a member of " + group)
    proxy = ["--groups", "www-data"]
    got = as_user("nobody", "Remote-User: Taro", extra=proxy)
    tap.equal((got["via"], got["login"], got["role"]),
              ("proxy", "taro", "viewer"), "a proxy says who it is")
    tap.equal(as_user("nobody", "Remote-User: none", extra=proxy)["code"],
              "login_required", "somebody unknown")
    tap.equal(as_user("nobody", extra=proxy)["code"], "login_required",
              "or nobody")
    tap.equal(as_user("nobody", "Remote-User: taro",
                      extra=["--groups", "games"])["via"], "peer",
              "others are not believed")


def test_tls(tap, box):
    """HTTPS by ruad-web itself."""
    key, cert = box.path("key.pem"), box.path("cert.pem")
    run = subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout",
         key, "-out", cert, "-days", "2", "-subj", "/CN=127.0.0.1"],
        capture_output=True)
    if run.returncode != 0:
        tap.skip("TLS", "openssl makes no certificate")
        return
    web = webtest.Web(box, web_tls_certificate=cert, web_tls_key=key).start()
    run = subprocess.run(["curl", "-sik", "https://127.0.0.1:%d/api/v1/healthz"
                          % web.port], capture_output=True, text=True)
    tap.match(r"(?i)^Strict-Transport-Security: max-age=31536000", run.stdout,
              "it answers, and wants to stay")
    tap.match(r'"state":"ok"', run.stdout, "healthz")
    tap.equal(web.raw(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")[:4] == b"HTTP",
              False, "not in the clear")
    other = webtest.Web(box, "other", web_tls_certificate=cert,
                        web_tls_key=cert)
    run = subprocess.run([webtest.RUAD_WEB, "-c", other.conf],
                         capture_output=True, text=True)
    tap.ok(run.returncode in (2, 75), "a key that is none", run)


ruadtest.main(test_first_user, test_throttle, test_sessions,
              test_cross_origin, test_users, test_tokens, test_roles,
              test_unix, test_tls)
