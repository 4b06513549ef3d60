"""webtest - ruad-web under test: started on a free port and a unix socket, with
a store of its own, and a client that checks each reply against openapi.json."""
import base64
import contextlib
import hmac
import http.client
import json
import os
import re
import signal
import socket
import struct
import subprocess
import time

try:
    import jsonschema
except ImportError:
    jsonschema = None

import ruadtest

PASSWORD = "correct horse battery"
RUAD_WEB = os.path.join(ruadtest.BUILDDIR, "ruad-web")
with open(os.path.join(ruadtest.SRCDIR, "web/openapi.json")) as f:
    OPENAPI = json.load(f)


class Reply:
    def __init__(self, response, body):
        self.status = response.status
        self.headers = response.headers
        self.body = body

    def __getitem__(self, name):
        return self.json[name]

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def code(self):
        """That of the problem, or None."""
        kind = self.headers.get("Content-Type", "")
        return self.json["code"] if kind == "application/problem+json" else None

    def __repr__(self):
        return "%d %s" % (self.status, self.body[:500])


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("localhost")
        self.unix = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(60)
        self.sock.connect(self.unix)


def find_operation(method, path):
    """What openapi.json says of a request: (pattern, operation)."""
    path = path.partition("?")[0].removeprefix("/api/v1")
    method = "get" if method == "HEAD" else method.lower()
    for pattern, item in OPENAPI["paths"].items():
        form = re.sub(r"\\{\w+\\}", "[^/]+", re.escape(pattern))
        if method in item and re.fullmatch(form, path):
            return pattern, item[method]
    return None, None


def resolve(schema):
    while "$ref" in schema:
        node = OPENAPI
        for piece in schema["$ref"][2:].split("/"):
            node = node[piece]
        schema = node
    return schema


def schema_of(operation, status, kind):
    replies = operation["responses"]
    reply = replies.get(str(status)) or replies.get("default")
    if reply is None:
        return None
    return resolve(reply).get("content", {}).get(kind, {}).get("schema")


def check_schema(reply, method, path):
    """What is wrong with a reply, or None."""
    kind = reply.headers.get("Content-Type", "").partition(";")[0]
    pattern, operation = find_operation(method, path)
    if operation is None:
        return None
    schema = schema_of(operation, reply.status, kind)
    if not reply.body or kind not in ("application/json",
                                      "application/problem+json"):
        return None
    if schema is None:
        return "%s %s: no schema for %d %s" % (method, pattern, reply.status,
                                               kind)
    if jsonschema is None:
        return None
    validator = jsonschema.validators.validator_for(
        {"$schema": "https://json-schema.org/draft/2020-12/schema"})
    whole = {"components": OPENAPI["components"], **schema}
    for error in validator(whole).iter_errors(reply.json):
        return "%s %s %d: %s: %s" % (
            method, pattern, reply.status,
            "/".join(map(str, error.absolute_path)), error.message[:300])
    return None


def totp(secret, step=0):
    """The code of RFC 6238 for a secret in base32, some steps from now."""
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    count = struct.pack(">Q", int(time.time()) // 30 + step)
    mac = hmac.digest(key, count, "sha1")
    at = mac[-1] & 15
    return "%06d" % ((int.from_bytes(mac[at:at + 4], "big") & 0x7fffffff) %
                     1000000)


class Client:
    """Talks to one address. Keeps cookies, as a browser does, and sends what a
    browser sends."""

    def __init__(self, web, unix=False):
        self.web = web
        self.unix = unix
        self.cookies = {}
        self.headers = {} if unix else {"Sec-Fetch-Site": "same-origin"}

    def connect(self):
        if self.unix:
            return UnixConnection(self.web.socket)
        return http.client.HTTPConnection("127.0.0.1", self.web.port,
                                          timeout=60)

    def ask(self, method, path, body=None, headers=None, raw=None):
        """One request; `body` is sent as JSON, `raw` as it is."""
        if not path.startswith("/"):
            path = "/api/v1/" + path
        send = dict(self.headers)
        if body is not None:
            raw = json.dumps(body).encode()
            send["Content-Type"] = "application/json"
        if self.cookies:
            send["Cookie"] = "; ".join("%s=%s" % c
                                       for c in self.cookies.items())
        send.update(headers or {})
        send = {k: v for k, v in send.items() if v is not None}
        with contextlib.closing(self.connect()) as c:
            # A request that is refused at once may be so before it is sent.
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                c.request(method, path, raw, send)
            response = c.getresponse()
            reply = Reply(response, response.read())
        for cookie in reply.headers.get_all("Set-Cookie") or []:
            name, _, value = cookie.partition(";")[0].partition("=")
            if value:
                self.cookies[name] = value
            else:
                self.cookies.pop(name, None)
        wrong = None if method == "HEAD" else check_schema(reply, method, path)
        if wrong:
            self.web.wrong.append(wrong)
        return reply

    def get(self, path, **kw):
        return self.ask("GET", path, **kw)

    def post(self, path, body=None, **kw):
        return self.ask("POST", path, {} if body is None else body, **kw)

    def patch(self, path, body, **kw):
        return self.ask("PATCH", path, body, **kw)

    def put(self, path, body, **kw):
        return self.ask("PUT", path, body, **kw)

    def delete(self, path, body=None, **kw):
        return self.ask("DELETE", path, body, **kw)


class Web:
    """ruad-web under test."""

    def __init__(self, box, name="web", store=None, args=(), **options):
        self.dir = box.subdir(name)
        self.port = ruadtest.free_port()
        self.socket = os.path.join(self.dir, "s")
        self.store = store or os.path.join(self.dir, "ruad.db")
        self.web_store = os.path.join(self.dir, "web.db")
        self.conf = os.path.join(self.dir, "ruad.conf")
        self.log_path = os.path.join(self.dir, "log")
        self.args = list(args)
        self.wrong = []  # replies that are not as openapi.json says
        self.options = {
            "store": self.store, "web_store": self.web_store,
            "web_listen": "inet:%d@127.0.0.1" % self.port,
            "web_socket": "unix:" + self.socket, "log_to": "stderr",
            "log_level": "debug", "password_memory": "8M",
            "password_passes": 1,
        }
        self.options.update(options)
        self.process = None
        self.write_conf()
        box.logs.append(self.log_path)
        box.callback(self.end)

    def write_conf(self, **changes):
        self.options.update(changes)
        with open(self.conf, "w") as f:
            for key, value in self.options.items():
                if value is not None:
                    f.write("%s = %s\n" % (key, ruadtest.conf_value(value)))

    def start(self, wait=True):
        before = self.log().count("is ready")
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(
                [RUAD_WEB, "-c", self.conf, *self.args], stdout=log,
                stderr=log, stdin=subprocess.DEVNULL, cwd="/")
        if wait:
            ruadtest.wait_for(lambda: self.process.poll() is not None or
                              self.log().count("is ready") > before)
            if self.process.poll() is not None:
                raise RuntimeError("ruad-web ended at once: " + self.log())
        return self

    def client(self):
        return Client(self)

    def peer(self):
        """A client on the unix socket: who runs the test."""
        return Client(self, unix=True)

    def log(self):
        with contextlib.suppress(FileNotFoundError):
            with open(self.log_path, errors="replace") as f:
                return f.read()
        return ""

    def ruadctl(self, *args, **kw):
        return ruadtest.ruadctl("-c", self.conf, *args, **kw)

    def add_user(self, login, role="viewer", *args):
        """A user with the password of PASSWORD."""
        run = self.ruadctl("user", "add", "--role", role, "--password", login,
                           *args, input=PASSWORD + "\n")
        if run.returncode != 0:
            raise RuntimeError(run.stderr)

    def login(self, login, password=None):
        """A client that has logged in, with a second factor where the role
        must have one: its secret is client.secret."""
        c = self.client()
        reply = c.post("session", {"login": login,
                                   "password": password or PASSWORD})
        if reply.status != 200:
            raise RuntimeError("%s: %s" % (login, reply))
        if reply["state"] == "enrol":
            c.secret = c.post("me/totp")["secret"]
            reply = c.post("me/totp/confirm", {"code": totp(c.secret, -1)})
            if reply.status != 200:
                raise RuntimeError("%s: %s" % (login, reply))
            c.recovery_codes = reply["recovery_codes"]
        return c

    def user(self, login, role="viewer", *args):
        """Add a user, and log in."""
        self.add_user(login, role, *args)
        return self.login(login)

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(60 * ruadtest.SLOW)

    def end(self):
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    def raw(self, data, half_close=False):
        """Send bytes, and return all that comes back until the end."""
        with socket.create_connection(("127.0.0.1", self.port), 60) as s:
            with contextlib.suppress(OSError):
                s.sendall(data)
                if half_close:
                    s.shutdown(socket.SHUT_WR)
            got = b""
            with contextlib.suppress(OSError):
                while True:
                    more = s.recv(65536)
                    if not more:
                        break
                    got += more
            return got


def statuses(answer):
    """The statuses of all replies in these bytes."""
    return [int(n) for n in re.findall(rb"HTTP/1\.1 (\d{3})", answer)]
