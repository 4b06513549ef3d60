#!/usr/bin/python3 -B
"""ruad-web as a server of HTTP: headers, files, limits, and requests that are
meant to confuse it."""
import contextlib
import http.client
import os
import random
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "../lib"))
import ruadtest
import webtest

HEADERS = ("Content-Security-Policy", "X-Content-Type-Options",
           "Referrer-Policy", "Cross-Origin-Opener-Policy")


def test_headers(tap, box):
    """Each reply carries them, whatever it is."""
    web = webtest.Web(box).start()
    c = web.client()
    for path, status in (("/", 200), ("/d/example.com/senders", 200),
                         ("healthz", 200), ("openapi.json", 200),
                         ("nothing", 404), ("/none.js", 404)):
        reply = c.get(path)
        tap.equal(reply.status, status, path)
        tap.equal([h for h in HEADERS if h not in reply.headers], [],
                  path + ": its headers")
        tap.equal(reply.headers.get("Strict-Transport-Security"), None,
                  path + ": not without TLS")
    tap.equal(c.get("healthz").headers["Cache-Control"], "no-store",
              "nobody keeps what the API says")
    reply = c.get("/")
    tap.equal(reply.headers["Cache-Control"], "no-cache", "index.html")
    again = c.get("/", headers={"If-None-Match": reply.headers["ETag"]})
    tap.equal((again.status, again.body), (304, b""), "is known already")
    reply = c.ask("PUT", "healthz", {})
    tap.equal((reply.status, reply.headers["Allow"], reply.code),
              (405, "GET, HEAD", "method_not_allowed"), "405")
    tap.equal(c.ask("POST", "/", {}).status, 405, "files are only read")
    reply = c.ask("HEAD", "healthz")
    tap.equal((reply.status, reply.body), (200, b""), "HEAD")
    tap.equal(web.wrong, [], "replies are as openapi.json says")
    tap.equal(web.stop(), 0, "SIGTERM ends it")
    tap.equal(os.path.exists(web.socket), False, "its socket is gone")


def test_smuggling(tap, box):
    """Two ways to find the end of a body, or none."""
    web = webtest.Web(box).start()
    inner = b"GET /api/v1/healthz HTTP/1.1\r\nHost: x\r\n\r\n"
    for name, head, status in (
            ("two Content-Length", "Content-Length: 0\r\nContent-Length: %d",
             400),
            ("the same twice", "Content-Length: %d\r\nContent-Length: %d",
             400),
            ("both", "Content-Length: %d\r\nTransfer-Encoding: chunked", 400),
            ("two Transfer-Encoding",
             "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity", 400),
            ("chunked", "Transfer-Encoding: chunked", 411),
            ("unknown coding", "Transfer-Encoding: xchunked", 411)):
        for method in ("POST", "PATCH", "DELETE", "GET"):
            n = head.count("%d")
            data = ("%s /api/v1/readyz HTTP/1.1\r\nHost: x\r\n%s\r\n\r\n" % (
                method, head % ((len(inner),) * n))).encode() + inner
            got = webtest.statuses(web.raw(data, half_close=True))
            tap.equal(got, [status], "%s: %s" % (method, name))
    # A body that is not read is no request either.
    for method in ("POST", "PATCH", "DELETE", "PUT"):
        data = ("%s /api/v1/readyz HTTP/1.1\r\nHost: x\r\n"
                "Content-Type: application/json\r\n"
                "Content-Length: %d\r\n\r\n" % (method, len(inner))).encode()
        got = webtest.statuses(web.raw(data + inner, half_close=True))
        tap.equal(got, [405], method + ": its body is not the next request")
    # libmicrohttpd answers the end of the connection with a second one.
    got = web.raw(b"GET /api/v1/healthz HTTP/1.1\r\n\r\n")
    tap.equal(set(webtest.statuses(got)), {400}, "no Host")
    got = webtest.statuses(web.raw(
        inner + inner.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")))
    tap.equal(got, [200, 200], "two requests are two")
    tap.equal(web.client().get("healthz").status, 200, "it still answers")


def test_sizes(tap, box):
    """Headers and bodies beyond what is allowed."""
    web = webtest.Web(box).start()
    got = web.raw(b"GET /api/v1/healthz HTTP/1.1\r\nHost: x\r\nX: " +
                  b"a" * 200000 + b"\r\n\r\n")
    tap.ok(webtest.statuses(got) in ([431], [413], []), "a huge header",
           got[:200])
    got = web.raw(b"GET /" + b"a" * 200000 + b" HTTP/1.1\r\nHost: x\r\n\r\n")
    tap.ok(webtest.statuses(got) in ([414], []), "a huge URL", got[:200])
    got = web.raw(b"GET /api/v1/healthz HTTP/1.1\r\nHost: x\r\n"
                  b"Content-Length: 3\r\n\r\nabc", half_close=True)
    tap.equal(webtest.statuses(got), [400], "a GET with a body")
    tap.equal(web.client().get("healthz").status, 200, "it still answers")


def able(web):
    with contextlib.suppress(OSError, http.client.HTTPException):
        return web.client().get("healthz").status == 200


def is_closed(s):
    try:
        return s.recv(1) == b""
    except BlockingIOError:
        return False
    except OSError:
        return True


def test_per_address(tap, box):
    """One address has 64 connections at most, and others do not suffer."""
    web = webtest.Web(box).start()
    full = [ruadtest.connect("inet:%d@127.0.0.1" % web.port)
            for _ in range(80)]
    for s in full:
        s.setblocking(False)
    closed = ruadtest.wait_for(
        lambda: [s for s in full if is_closed(s)][15:] and
        [s for s in full if is_closed(s)], 10)
    tap.equal(len(closed), 16, "16 of 80 are closed at once")
    tap.equal(web.peer().get("healthz").status, 200, "the socket is open")
    for s in full:
        s.close()
    tap.ok(ruadtest.wait_for(lambda: able(web)), "and so is the port again")


MUTATED = (
    b"POST /api/v1/session HTTP/1.1\r\nHost: x\r\n"
    b"Content-Type: application/json\r\nSec-Fetch-Site: none\r\n"
    b"Content-Length: 33\r\n\r\n{\"login\":\"a\",\"password\":\"bcdefgh\"}")
PIECES = (b"\r\n", b"\0", b": ", b"Transfer-Encoding: chunked\r\n",
          b"Content-Length: 5\r\n", b"%00", b"{" * 50, b"\xff" * 5,
          b"Cookie: __Host-ruad=x\r\n", b"Authorization: Bearer x\r\n",
          b"X-Forwarded-For: 192.0.2.1\r\n", b"Expect: 100-continue\r\n")


def mutate(r):
    data = bytearray(MUTATED)
    for _ in range(r.randrange(1, 8)):
        at = r.randrange(len(data))
        kind = r.randrange(3)
        if kind == 0:
            data[at] = r.randrange(256)
        elif kind == 1:
            del data[at:at + r.randrange(1, 20)]
        else:
            data[at:at] = r.choice(PIECES)
    return bytes(data)


def test_mutations(tap, box):
    """Requests that are damaged in all ways get an answer or none, and nobody
    is let in."""
    web = webtest.Web(box).start()
    r = random.Random(5)
    seen = set()
    for _ in range(400):
        seen.update(webtest.statuses(web.raw(mutate(r), half_close=True)))
    tap.ok(400 in seen, "answers", seen)
    tap.equal([s for s in seen if s < 400 and s != 100 or s >= 500], [],
              "none of them good, none a fault of ours")
    c = web.client()
    for path in ("/%00", "/api/v1/domains/%00x", "/api/v1/domains/%ff%fe",
                 "/api/v1/users?after=" + "A" * 5000, "//", "/api", "/api/",
                 "/%2e%2e/%2e%2e/etc/passwd", "/assets/%00", "/a%0d%0ab:%20c",
                 "/api/v1/users/99999999999999999999",
                 "/api/v1/domains/" + "a." * 200):
        reply = c.get(path)
        tap.ok(reply.status in (200, 401, 404) and b"root:" not in reply.body,
               path[:40], reply)
        tap.equal(reply.headers.get("b"), None, path[:40] + ": no header")
    tap.equal(web.stop(), 0, "and it ends as it should")


def test_half_open(tap, box):
    """Connections that say nothing keep nobody else out."""
    web = webtest.Web(box).start()
    idle = [ruadtest.connect("inet:%d@127.0.0.1" % web.port)
            for _ in range(40)]
    for s in idle[::2]:
        s.sendall(b"GET /api/v1/healthz HT")
    tap.equal(web.client().get("healthz").status, 200, "beside 40 of them")
    for s in idle:
        s.close()
    with ruadtest.connect("inet:%d@127.0.0.1" % web.port) as s:
        for byte in (b"GET /api/v1/healthz HTTP/1.1\r\nHost: x\r\n"
                     b"Connection: close\r\n\r\n"):
            s.sendall(bytes([byte]))
        tap.equal(s.recv(15), b"HTTP/1.1 200 OK", "byte by byte")
    tap.equal(web.stop(), 0, "and they do not keep it from ending")


def test_configuration(tap, box):
    """What is refused."""
    def run(**options):
        web = webtest.Web(box, **options)
        return subprocess.run([webtest.RUAD_WEB, "-t", "-c", web.conf],
                              capture_output=True, text=True)
    tap.equal(run().returncode, 0, "the default")
    got = run(web_listen="inet:8810@0.0.0.0")
    tap.equal(got.returncode, 2, "all addresses without TLS")
    tap.match("insecure_listen", got.stderr, "and what to do")
    tap.equal(run(web_listen="inet:8810@0.0.0.0",
                  insecure_listen=True).returncode, 0, "on purpose")
    tap.equal(run(web_listen="inet:8810@192.0.2.1").returncode, 2, "another")
    tap.equal(run(web_listen="inet6:8810@::1").returncode, 0, "loopback")
    tap.equal(run(web_listen="", web_socket="").returncode, 2, "nowhere")
    tap.equal(run(web_tls_certificate="/none", web_tls_key="/none").returncode,
              2, "no certificate")
    tap.equal(run(web_tls_certificate="/none").returncode, 2, "no key")
    web = webtest.Web(box, "taken").start()
    other = subprocess.run([webtest.RUAD_WEB, "-c", web.conf],
                           capture_output=True, text=True)
    tap.equal(other.returncode, 75, "the port is taken")


def test_console_dir(tap, box):
    """Another console, for those who work on it."""
    site = box.subdir("site")
    box.subdir("site/assets")
    for name, text in (("index.html", "<p>index"), ("assets/a.js", "x"),
                       (".hidden", "no")):
        with open(os.path.join(site, name), "w") as f:
            f.write(text)
    os.symlink("/etc/passwd", os.path.join(site, "assets/b.js"))
    web = webtest.Web(box, args=["--console-dir=" + site]).start()
    c = web.client()
    tap.equal(c.get("/").body, b"<p>index", "index.html")
    tap.equal(c.get("/d/example.com").body, b"<p>index", "a page")
    tap.equal(c.get("/assets/a.js").body, b"x", "a file")
    for path in ("/.hidden", "/assets/b.js", "/assets/../.hidden",
                 "/assets/../../web/ruad.conf", "/assets/%2e%2e/.hidden",
                 "/assets//a.js", "/assets", "/assets/none.js"):
        reply = c.get(path)
        tap.ok(reply.status == 404 or reply.body == b"<p>index", path, reply)


def test_peer(tap, box):
    """Who connects on the unix socket is known."""
    web = webtest.Web(box).start()
    reply = web.client().get("readyz")
    tap.equal((reply.status, reply.code), (401, "login_required"), "nobody")
    reply = web.peer().get("readyz")
    tap.equal(reply.status, 503 if ruadtest.ROOT else 401,
              "root may ask; there is no store")


ruadtest.main(test_headers, test_smuggling, test_sizes, test_mutations,
              test_per_address, test_half_open, test_configuration,
              test_console_dir, test_peer)
