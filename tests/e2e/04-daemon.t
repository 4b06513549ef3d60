#!/usr/bin/python3 -B
"""The daemon as a program: configuration, sockets, privileges, signals."""
import grp
import os
import pwd
import re
import signal
import socket
import stat
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "../lib"))
import gen
import milter
import ruadtest

ruadtest.need_root()

RUA = "rua@reports.test.example"


def send(ruad, mail, **kw):
    with milter.MilterClient(ruad.socket) as c:
        return c.open().send(mail.data, **kw)


def run(*args):
    return subprocess.run([ruadtest.RUAD, *args], capture_output=True,
                          text=True, timeout=60 * ruadtest.SLOW,
                          stdin=subprocess.DEVNULL)


def test_configuration(tap, box):
    """-t: file, line, what is allowed; exit 0 or 2."""
    ruad = ruadtest.Ruad(box)
    good = run("-t", "-c", ruad.conf)
    tap.equal(good.returncode, 0, "a good file: 0")
    sample = os.path.join(ruadtest.SRCDIR, "etc/ruad.conf")
    if os.path.exists(sample):
        got = run("-t", "-c", sample)
        tap.equal((got.returncode, got.stderr), (0, ""),
                  "the sample file is good")
    with open(ruad.conf) as f:
        base = f.read()
    line = base.count("\n") + 2
    path = box.path("bad.conf")
    bad = (
        ("after_store = discord", "discard"),
        ("on_refuse = perhaps", "reject"),
        ("on_error = never", "tempfail"),
        ("socket = \"tcp:25\"", "unix|inet"),
        ("queue_max = many", "queue_max|number|integer"),
        ("queue_max = 0", "queue_max|least|between"),
        ("busy_timeout = -1", "busy_timeout|least|between"),
        ("no_such_option = 1", "no_such_option"),
        ("recipients = {\"nobody\"}", "recipients|address"),
        ("recipients = {\"@\"}", "recipients|address"),
        ("keep_raw = perhaps", "keep_raw|true|false|yes|no"),
        ("log_level = shout", "log_level|err|info"),
        ("user = \"no-such-user-here\"", "no-such-user-here"),
        ("public_suffix_list = /no/such/list", "/no/such/list"),
        ("require_auth = enforce", "authserv_ids"),
        ("store \"x\"", "NAME = VALUE"),
    )
    for text, allowed in bad:
        with open(path, "w") as f:
            f.write(base + "# one more line\n" + text + "\n")
        got = run("-t", "-c", path)
        said = got.stderr
        tap.equal(got.returncode, 2, text + ": exit 2")
        tap.ok(re.search(allowed, said.replace(path, ""), re.I) and
               "bad.conf" in said, text + ": says what is allowed", said)
        tap.ok(re.search(r"bad\.conf:?( line )?%d\b" % line, said),
               text + ": names file and line %d" % line, said)
        tap.equal(said.count("\n"), 1, text + ": in one line")
    with open(path, "w") as f:
        f.write("store = /no/such/directory/ruad.db\n")
    got = run("-t", "-c", path)
    tap.equal(got.returncode, 2, "no directory for the store: exit 2")
    tap.match(r"bad\.conf:1: store: .*/no/such", got.stderr, "and its name")
    got = run("-t", "-c", box.path("none.conf"))
    tap.equal(got.returncode, 2, "no file: exit 2")
    tap.match(r"none\.conf", got.stderr, "no file: its name")
    with open(path, "w") as f:
        f.write(base + "on_refuse = perhaps\n")
    tap.equal(run("-c", path).returncode, 2, "a start with a bad file: exit 2")
    tap.equal(run("--no-such-option").returncode, 2, "wrong usage: exit 2")


def test_two_instances(tap, box):
    """A second one does not take over the socket."""
    first = ruadtest.Ruad(box).start()
    mails = gen.reports("two", 4)
    tap.equal(send(first, mails[0]).code, 250, "the first one works")
    second = subprocess.run(first.command(), capture_output=True, text=True,
                            timeout=60 * ruadtest.SLOW)
    tap.ok(second.returncode not in (0, None) and second.returncode > 0,
           "a second one with the same file ends",
           "exit status %s" % second.returncode)
    tap.ok(second.stderr.strip(), "and says why", second.stderr)
    tap.equal(send(first, mails[1]).code, 250, "the first one still works")
    other = ruadtest.Ruad(box, "other", socket=first.socket,
                          lock_file=box.path("other", "lock"))
    got = subprocess.run(other.command(), capture_output=True, text=True,
                         timeout=60 * ruadtest.SLOW)
    tap.ok(got.returncode > 0, "one with another lock file and the same "
           "socket ends", "exit status %s" % got.returncode)
    tap.ok(got.stderr.strip(), "and says why", got.stderr)
    tap.equal(send(first, mails[2]).code, 250, "the first one still works")
    tap.equal(first.stop(), 0, "it ends with 0")
    tap.ok(not ruadtest.can_connect(first.socket), "nobody listens any more")
    other.start()
    tap.equal(send(other, mails[3]).code, 250, "now the other one works")
    ruadtest.check_store(tap, first.store, mails[:3], "first")
    ruadtest.check_store(tap, other.store, mails[3:], "other")


def test_stale_socket(tap, box):
    """What kill -9 leaves behind is no obstacle."""
    ruad = ruadtest.Ruad(box).start()
    mails = gen.reports("stale", 2)
    tap.equal(send(ruad, mails[0]).code, 250, "before")
    ruad.kill()
    path = ruad.socket.partition(":")[2]
    tap.ok(os.path.exists(path), "the socket is left behind")
    ruad.start()
    tap.equal(send(ruad, mails[1]).code, 250, "after")
    ruadtest.check_store(tap, ruad.store, mails, "stale socket")
    tap.equal(ruad.stop(), 0, "ends with 0")
    tap.ok(not os.path.exists(path), "a clean stop removes the socket")
    with open(path, "w") as f:
        f.write("not a socket\n")
    ruad.start(wait=False)
    tap.ok((ruad.wait() or 0) > 0, "a plain file in its place is an error")
    with open(path) as f:
        tap.equal(f.read(), "not a socket\n", "and is left alone")


def test_stop(tap, box):
    """SIGTERM finishes what is at end-of-message."""
    ruad = ruadtest.Ruad(box, busy_timeout="20s", commit_timeout="30s").start()
    mails = gen.reports("stop", 4)
    tap.equal(send(ruad, mails[0]).code, 250, "before")
    idle = milter.MilterClient(ruad.socket).open()
    with ruadtest.Locker(ruad.store) as lock:
        joins = [ruadtest.in_thread(send, ruad, m) for m in mails[1:3]]
        time.sleep(1 * ruadtest.SLOW)
        ruad.signal(signal.SIGTERM)
        time.sleep(1)
        tap.equal(ruad.process.poll(), None, "it waits for them")
        lock.release()
    tap.equal([j().code for j in joins], [250, 250],
              "both get their answer")
    tap.equal(ruad.wait(), 0, "exit status 0")
    idle.close()
    ruadtest.check_store(tap, ruad.store, mails[:3], "stop")
    tap.equal([f for f in os.listdir(ruad.dir) if f.endswith("-wal") and
               os.path.getsize(os.path.join(ruad.dir, f))], [],
              "the write-ahead log is checkpointed")
    for number in (signal.SIGINT, signal.SIGTERM):
        ruad.start()
        # Its socket is there before libmilter looks after signals.
        with milter.MilterClient(ruad.socket) as c:
            c.open()
        start = time.monotonic()
        ruad.signal(number)
        tap.equal(ruad.wait(), 0, "idle: %s ends it with 0" %
                  signal.Signals(number).name)
        tap.note("after %.1f s" % (time.monotonic() - start))


def test_reload(tap, box):
    """SIGUSR1 reads the file again; a bad one changes nothing."""
    ruad = ruadtest.Ruad(box).start()
    mails = gen.reports("reload", 6)
    new = "new@reports.test.example"
    tap.equal((send(ruad, mails[0], recipients=[new]).verdict,
               ruadtest.store_totals(ruad.store)[0]), ("accept", 0),
              "an unknown recipient is let go")
    with milter.MilterClient(ruad.socket) as old:
        old.open()
        ruad.write_conf(recipients=[RUA, new], after_store="discard")
        tap.ok(ruad.reload(), "the log speaks of the reload")
        tap.equal(send(ruad, mails[0], recipients=[new]).verdict, "discard",
                  "new recipient and new verdict")
        v = old.send(mails[1].data)
        tap.equal(v.code, 250, "a session from before goes on")
    ruad.write_conf(after_store="deliver", queue_max="none")
    said = ruad.reload()
    tap.match(r"ruad\.conf", said, "a bad file: the log names it")
    tap.equal(send(ruad, mails[2], recipients=[new]).verdict, "discard",
              "and the old settings stay")
    ruad.write_conf(queue_max=None)
    ruad.reload()
    v = send(ruad, mails[3], recipients=[new])
    tap.ok(v.verdict in ("accept", "continue"), "a good file again", v)
    for _ in range(20):
        ruad.signal(signal.SIGUSR1)
    tap.equal(send(ruad, mails[4]).code, 250, "after many reloads")
    ruadtest.check_store(tap, ruad.store, mails[:5], "reload")
    tap.equal(ruad.stop(), 0, "ends with 0")


def test_domains(tap, box):
    """domains = registered: the table decides, at once; a list: the file."""
    ruad = ruadtest.Ruad(box, domains="registered").start()
    shop = gen.reports("shop", 2, ("shop.example",))
    bank = gen.reports("bank", 2, ("bank.example",))
    run = ruadtest.ruadctl("domain", "add", "shop.example", store=ruad.store)
    tap.equal(run.returncode, 0, "registered while ruad runs")
    send(ruad, shop[0])
    tap.equal(send(ruad, bank[0]).verdict, "accept",
              "a report of another domain is delivered")
    tap.match(r"report=refused code=REP_FOREIGN_DOMAIN .*bank\.example",
              ruad.log(), "and refused")
    ruadtest.ruadctl("domain", "add", "bank.example", store=ruad.store)
    send(ruad, bank[1])
    ruadtest.check_store(tap, ruad.store, [shop[0], bank[1]], "registered")
    ruad.write_conf(domains=["bank.example"])
    ruad.reload()
    send(ruad, shop[1])
    send(ruad, bank[0])
    ruadtest.check_store(tap, ruad.store, [shop[0], *bank], "a list")
    ruad.write_conf(domains="any")
    ruad.reload()
    send(ruad, shop[1])
    ruadtest.check_store(tap, ruad.store, [*shop, *bank], "any")
    tap.equal(ruad.stop(), 0, "ends with 0")


def status(pid):
    with open("/proc/%d/status" % pid) as f:
        return dict(line.rstrip("\n").split(":\t", 1) for line in f
                    if ":\t" in line)


def test_privileges(tap, box):
    """root is given up; owner and mode of the socket as configured."""
    ruad = ruadtest.Ruad(box, socket_group="postfix" if has_group("postfix")
                         else "daemon", socket_mode="0660", user="nobody",
                         group="nogroup", env={"ASAN_OPTIONS":
                                               "detect_leaks=0"}).start()
    nobody, nogroup = pwd.getpwnam("nobody").pw_uid, \
        grp.getgrnam("nogroup").gr_gid
    st = status(ruad.process.pid)
    tap.equal(st["Uid"].split(), [str(nobody)] * 4, "all four user ids")
    tap.equal(st["Gid"].split(), [str(nogroup)] * 4, "all four group ids")
    tap.ok("0" not in st["Groups"].split(), "not in group root",
           st["Groups"])
    for name in ("CapEff", "CapPrm", "CapAmb"):
        if name in st:
            tap.equal(int(st[name], 16), 0, "no capability: " + name)
    path = ruad.socket.partition(":")[2]
    info = os.stat(path)
    tap.equal((stat.S_IMODE(info.st_mode), info.st_uid,
               grp.getgrgid(info.st_gid).gr_name),
              (0o660, nobody, ruad.options["socket_group"]),
              "mode, owner and group of the socket")
    info = os.stat(ruad.store)
    tap.equal((info.st_uid, stat.S_IMODE(info.st_mode) & 0o007),
              (nobody, 0), "the store is its own and not for all")
    tap.equal(send(ruad, gen.reports("root", 1)[0]).code, 250, "it works")
    tap.equal(ruad.stop(), 0, "ends with 0")
    tap.ok(not os.path.exists(path), "and can remove its socket")
    ruad.write_conf(socket_mode="0600")
    ruad.start()
    tap.equal(stat.S_IMODE(os.stat(path).st_mode), 0o600, "another mode")


def has_group(name):
    try:
        grp.getgrnam(name)
        return True
    except KeyError:
        return False


class Notify:
    """The other end of sd_notify(3)."""

    def __init__(self, address):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.sock.bind(address)
        self.sock.settimeout(0.05)
        self.seen = ""

    def read(self):
        try:
            while True:
                self.seen += self.sock.recv(4096).decode() + "\n"
        except TimeoutError:
            return self.seen

    def wait(self, word):
        return ruadtest.wait_for(lambda: word in self.read(), 20)


def test_notify(tap, box):
    """sd_notify: ready when the socket listens, reloading, stopping."""
    for address in (box.path("notify"), "\0ruad-test-%d" % os.getpid()):
        n = Notify(address)
        if not address.startswith("\0"):
            os.chmod(address, 0o777)
        name = "path" if address[0] == "/" else "abstract"
        ruad = ruadtest.Ruad(box, "ruad-" + name, env={
            "NOTIFY_SOCKET": address.replace("\0", "@")})
        ruad.start(wait=False)
        tap.ok(n.wait("READY=1"), name + ": READY=1", n.seen)
        tap.equal(send(ruad, gen.reports("notify", 1)[0]).code, 250,
                  name + ": and it is ready")
        if address[0] == "/":
            n.seen = ""
            ruad.reload()
            tap.ok(n.wait("READY=1"), name + ": READY=1 after a reload",
                   n.seen)
            tap.ok("RELOADING=1" in n.seen, name + ": RELOADING=1", n.seen)
        tap.equal(ruad.stop(), 0, name + ": ends with 0")
        tap.ok("STOPPING=1" in n.read(), name + ": STOPPING=1", n.seen)
        n.sock.close()


def test_start_trouble(tap, box):
    """What is missing at the start is said in one line."""
    for name, options, word in (
            ("store", {"store": box.path("no/such/dir/ruad.db")}, "no/such"),
            ("socket", {"socket": "unix:" + box.path("no/such/sock")},
             "no/such"),
            ("spool", {"spool_dir": box.path("no/such/spool")}, "no/such"),
            ("lock", {"lock_file": box.path("no/such/lock")}, "no/such")):
        ruad = ruadtest.Ruad(box, name, **options)
        got = subprocess.run(ruad.command(), capture_output=True, text=True,
                             timeout=60 * ruadtest.SLOW)
        tap.ok(got.returncode > 0, name + ": it does not start",
               "exit status %s" % got.returncode)
        tap.ok(word in got.stderr, name + ": and says what is missing",
               got.stderr)
    ruad = ruadtest.Ruad(box, "foreign")
    with open(ruad.store, "w") as f:
        f.write("this is no database, but somebody's file\n" * 100)
    os.chown(ruad.store, pwd.getpwnam("nobody").pw_uid, -1)
    got = subprocess.run(ruad.command(), capture_output=True, text=True,
                         timeout=60 * ruadtest.SLOW)
    tap.ok(got.returncode > 0, "a store that is none: it does not start")
    with open(ruad.store) as f:
        tap.ok(f.read().startswith("this is no"), "and the file is untouched")


def test_odd_servers(tap, box):
    """Odd macros, aborts, cuts, bodies in small pieces: see milter.py."""
    ruad = ruadtest.Ruad(box).start()
    mails = gen.reports("odd", 12)
    with milter.MilterClient(ruad.socket) as c:
        c.open()
        c.head("a@b.example", [RUA])
        c.abort()
        tap.equal(c.send(mails[0].data).code, 250, "after an abort")
        c.head("a@b.example", [RUA])
        c.content(mails[1].data[:900])
        c.abort()
        tap.equal(c.send(mails[1].data, chunk=1000).code, 250,
                  "after an abort in the body, body in pieces")
        tap.equal(c.send(mails[2].data, chunk=7).code, 250,
                  "body in pieces of 7 bytes")
        v = c.send(mails[3].data, recipients=["x@test.example"])
        tap.equal(v.verdict, "accept", "a foreign mail is let go")
        tap.equal(c.send(mails[3].data, queue_id="").code, 250,
                  "an empty queue id")
        tap.equal(c.send(mails[4].data, queue_id="a\x1b[31m\nb%s%n" + "Q" *
                         500).code, 250, "a hostile queue id")
        c.quit()
    tap.ok("\x1b" not in ruad.log(), "no escape sequence in the log")
    with milter.MilterClient(ruad.socket, version=2) as c:
        c.open()
        tap.equal(c.send(mails[5].data).code, 250, "protocol 2")
        v = c.send(mails[6].data, recipients=["x@test.example"])
        tap.ok(v.code == 250 and not v.actions, "protocol 2: foreign mail", v)
        tap.equal(c.send(mails[6].data).code, 250, "protocol 2: once more")
    # libmilter asks for these two, offered or not.
    with milter.MilterClient(ruad.socket, steps=milter.NOCONNECT |
                             milter.NOHELO) as c:
        tap.equal(c.open().send(mails[7].data).code, 250,
                  "a server that offers next to no steps")
    # None at all would mean the four of the oldest protocol to libmilter.
    with milter.MilterClient(ruad.socket, actions=1) as c:
        tap.equal(c.open().send(mails[8].data).code, 250,
                  "a server that lets nobody delete recipients")
    for at in range(4):
        c = milter.MilterClient(ruad.socket)
        if at == 0:
            c.raw(b"\0\0")
        else:
            c.negotiate()
            c.head("a@b.example", [RUA])
            if at == 2:
                c.raw(b"\0\xff\xff\xffB")
            if at == 3:
                c.content(mails[0].data)
        c.close()
    with milter.MilterClient(ruad.socket) as c:
        c.open()
        c.head("a@b.example", [RUA] + ["u%d@test.example" % n
                                       for n in range(3000)])
        c.header("X-Long", b"x" * 60000)
        for n in range(3000):
            c.header("X-%d" % n, "v")
        c.content(mails[8].data)
        tap.equal(c.eom().code, 250, "3000 recipients, 3000 fields")
    tap.equal(ruad.process.poll(), None, "it is still alive")
    ruadtest.check_store(tap, ruad.store, mails[:9], "odd servers")
    tap.equal(ruad.stop(), 0, "ends with 0")


ruadtest.main(test_configuration, test_two_instances, test_stale_socket,
              test_stop, test_reload, test_domains, test_privileges, test_notify,
              test_start_trouble, test_odd_servers)
