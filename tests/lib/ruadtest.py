"""ruadtest - what the end-to-end tests share: TAP output, temporary places that
are always cleaned up, the programs under test, and a look into the store.

A test is a script of functions that take (tap, box) and ends with
main(function, ...). Programs are found below $builddir, files of the project
below $srcdir. Everything listens on 127.0.0.1 or on unix sockets.
"""
import contextlib
import functools
import json
import os
import random
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
import traceback

SRCDIR = os.path.abspath(os.environ.get("srcdir") or os.path.join(
    os.path.dirname(os.path.abspath(__file__)), "../.."))
BUILDDIR = os.path.abspath(os.environ.get("builddir") or ".")
RUAD = os.path.join(BUILDDIR, "ruad")
RUADCTL = os.path.join(BUILDDIR, "ruadctl")
ROOT = os.geteuid() == 0
# Sanitizers make programs slower, not wrong: waits are scaled.
SLOW = float(os.environ.get("RUAD_TEST_SLOW", "1"))
SANITIZER = bool(os.environ.get("RUAD_TEST_SANITIZER"))


class Tap:
    """Test Anything Protocol on standard output; the plan comes last."""

    def __init__(self):
        self.count = self.failed = 0
        self.lock = threading.Lock()

    def ok(self, good, name, why=""):
        with self.lock:
            self.count += 1
            self.failed += not good
            print("%s %d - %s" % ("ok" if good else "not ok", self.count,
                                  name.replace("#", "no. ")))
        if not good:
            self.note(why)
        sys.stdout.flush()
        return bool(good)

    def equal(self, got, want, name):
        return self.ok(got == want, name, "want: %s\ngot:  %s" %
                       (brief(want), brief(got)))

    def match(self, pattern, text, name):
        return self.ok(re.search(pattern, text, re.M), name,
                       "want: %s\ngot:  %s" % (pattern, brief(text)))

    def skip(self, name, why):
        with self.lock:
            self.count += 1
            print("ok %d - %s # SKIP %s" % (self.count, name, why))

    def note(self, text):
        for line in str(text).splitlines():
            print("# " + line)
        sys.stdout.flush()

    def plan(self):
        print("1..%d" % self.count)
        sys.stdout.flush()


def brief(value):
    text = value if isinstance(value, str) else repr(value)
    return text if len(text) < 3000 else text[:1500] + " ... " + text[-1400:]


class Box(contextlib.ExitStack):
    """A temporary directory, and all that must be stopped before it goes."""

    def __init__(self, prefix="ruad-test-"):
        super().__init__()
        # Postfix runs as another user and must be able to get in.
        self.dir = tempfile.mkdtemp(prefix=prefix)
        os.chmod(self.dir, 0o755)
        self.callback(shutil.rmtree, self.dir, ignore_errors=True)
        self.logs = []

    def path(self, *names):
        return os.path.join(self.dir, *names)

    def subdir(self, name, mode=0o755, owner=None, group=None):
        path = self.path(name)
        os.makedirs(path, exist_ok=True)
        os.chmod(path, mode)
        if owner is not None and ROOT:
            shutil.chown(path, owner, group or owner)
            os.chmod(path, mode)
        return path


def run_one(test, tap):
    name = test.__name__.replace("test_", "").replace("_", " ")
    tap.note("%s: %s" % (name, (test.__doc__ or "").strip()))
    start = time.monotonic()
    with Box() as box:
        before = tap.failed
        try:
            test(tap, box)
        except Exception:
            tap.ok(False, name + ": ran to its end", traceback.format_exc())
        if SANITIZER:
            tap.equal(sanitizer_findings(box.logs), [],
                      name + ": the sanitizer has nothing to say")
        if tap.failed != before:
            for log in box.logs:
                tap.note("%s:" % log)
                with contextlib.suppress(OSError):
                    with open(log, errors="replace") as f:
                        tap.note("".join(f.readlines()[-40:]))
    tap.note("%s: %.1f s" % (name, time.monotonic() - start))


def is_of_libmilter(report):
    """Whether a report of ThreadSanitizer is about libmilter alone.

    It takes its locks down at the stop while its own threads still hold them.
    The callbacks run below its functions: who touched the data is the innermost
    frame that is not the sanitizer's."""
    inner = []
    for stack in re.split(r"\n\s*\n", report):
        if not re.search(r"(?:[Ww]rite|[Rr]ead) of size|Mutex \S+ .*created",
                         stack):
            continue
        frames = [m for m in re.findall(r"^\s+#\d+ .*\((\S+?)\+0x", stack, re.M)
                  if not m.startswith("libtsan")]
        inner.append(frames[0] if frames else "")
    return bool(inner) and all(m.startswith("libmilter") for m in inner)


def sanitizer_findings(logs):
    found = []
    for log in logs:
        with contextlib.suppress(OSError):
            with open(log, errors="replace") as f:
                text = f.read()
            for report in re.split(r"^=+$", text, flags=re.M):
                lines = re.findall(r"^.*(?:Sanitizer:|runtime error:).*$",
                                   report, re.M)
                if "WARNING: ThreadSanitizer" in report and \
                        is_of_libmilter(report):
                    continue
                found += [n for n in lines
                          if "ThreadSanitizer: reported" not in n]
    return found


def main(*tests):
    """Run the tests named on the command line, or all."""
    signal.signal(signal.SIGTERM, lambda *a: sys.exit(1))
    signal.signal(signal.SIGHUP, lambda *a: sys.exit(1))
    os.umask(0o022)
    tap = Tap()
    wanted = sys.argv[1:]
    for test in tests:
        if not wanted or test.__name__ in wanted:
            run_one(test, tap)
    tap.plan()
    sys.exit(1 if tap.failed else 0)


def need_root():
    """Postfix, mounts and dropped privileges need root: start the script anew
    through sudo where that works without asking."""
    if ROOT:
        return
    keep = ["%s=%s" % (k, v) for k, v in os.environ.items()
            if k in ("builddir", "srcdir", "PATH", "TMPDIR", "G_SLICE") or
            k.startswith("RUAD_TEST") or k.endswith("SAN_OPTIONS")]
    if SANITIZER and shutil.which("setarch"):
        keep += ["setarch", "-R"]  # sudo undoes it, see ./test
    probe = subprocess.run(["sudo", "-n", "true"], capture_output=True) \
        if shutil.which("sudo") else None
    if probe is not None and probe.returncode == 0:
        os.execvp("sudo", ["sudo", "-n", "env", *keep, sys.executable, "-B",
                           *sys.argv])
    print("1..0 # SKIP needs root, or sudo without a password")
    sys.exit(0)


def need_programs(*names):
    """Skip the whole script where a program that it drives is missing."""
    path = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"
    for name in names:
        if shutil.which(name, path=path) is None:
            print("1..0 # SKIP %s is not installed" % name)
            sys.exit(0)


def free_port():
    """A free port on 127.0.0.1, below those that the kernel hands out."""
    for _ in range(1000):
        port = random.SystemRandom().randrange(20000, 32000)
        with socket.socket() as s:
            try:
                s.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue
    raise RuntimeError("no free port")


def wait_for(what, secs=30, step=0.02):
    """Call what() until it gives something true; returns that, or the last
    thing it gave when time is up."""
    end = time.monotonic() + secs * SLOW
    while True:
        got = what()
        if got or time.monotonic() > end:
            return got
        time.sleep(step)


def connect(spec, timeout=60):
    """Connect to unix:PATH or inet:PORT@HOST."""
    kind, _, rest = spec.partition(":")
    if kind in ("unix", "local"):
        s = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        s.settimeout(timeout)
        try:
            s.connect(rest)
        except OSError:
            s.close()
            raise
        return s
    port, _, host = rest.partition("@")
    return socket.create_connection((host or "127.0.0.1", int(port)), timeout)


def can_connect(spec):
    try:
        connect(spec, 5).close()
        return True
    except OSError:
        return False


def conf_value(value):
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, (list, tuple)):
        return "{%s}" % ", ".join(conf_value(v) for v in value)
    return '"%s"' % value


class Ruad:
    """The daemon under test, with a configuration file and a store of its own.

    As root it runs as nobody, as in production it would as an own user."""

    def __init__(self, box, name="ruad", env=None, **options):
        self.box = box
        self.dir = box.subdir(name, 0o755, "nobody", "nogroup")
        self.conf = os.path.join(self.dir, "ruad.conf")
        self.store = os.path.join(self.dir, "ruad.db")
        self.log_path = os.path.join(self.dir, "log")
        spool = box.subdir(name + "/spool", 0o700, "nobody", "nogroup")
        self.env = dict(os.environ, **(env or {}))
        if SANITIZER:  # what ThreadSanitizer reports is read from the log
            self.env["TSAN_OPTIONS"] = ":".join(filter(None, (
                self.env.get("TSAN_OPTIONS"), "exitcode=0")))
        self.process = None
        self.options = {
            "socket": "unix:" + os.path.join(self.dir, "sock"),
            "socket_mode": "0666",
            "spool_dir": spool,
            "store": self.store,
            "log_to": "stderr",
            "recipients": ["rua@reports.test.example"],
        }
        if SANITIZER:  # which makes everything slow
            self.options.update(max_read_time="0")
        if ROOT and not SANITIZER:  # LeakSanitizer has to trace the process
            self.options.update(user="nobody", group="nogroup")
        self.options.update(options)
        self.write_conf()
        box.logs.append(self.log_path)
        box.callback(self.end)

    @property
    def socket(self):
        return self.options["socket"]

    def write_conf(self, **changes):
        """Change options; None takes one out."""
        self.options.update(changes)
        with open(self.conf, "w") as f:
            for name, value in self.options.items():
                if value is not None:
                    f.write("%s = %s\n" % (name, conf_value(value)))

    def command(self):
        return [RUAD, "-c", self.conf]

    def start(self, wait=True):
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(
                self.command(), stdout=log, stderr=log,
                stdin=subprocess.DEVNULL, env=self.env, cwd="/")
        if wait and not wait_for(lambda: self.process.poll() is not None or
                                 can_connect(self.socket)):
            raise RuntimeError("ruad does not listen: " + self.log()[-500:])
        if wait and self.process.poll() is not None:
            raise RuntimeError("ruad ended at once: " + self.log()[-500:])
        return self

    def signal(self, number):
        self.process.send_signal(number)

    def wait(self, secs=60):
        try:
            return self.process.wait(secs * SLOW)
        except subprocess.TimeoutExpired:
            return None

    def stop(self):
        """SIGTERM; returns the exit status."""
        self.signal(signal.SIGTERM)
        return self.wait()

    def kill(self):
        self.signal(signal.SIGKILL)
        self.process.wait()

    def reload(self):
        """SIGUSR1, and wait for what the log says of it."""
        size = os.path.getsize(self.log_path)
        self.signal(signal.SIGUSR1)
        wait_for(lambda: os.path.getsize(self.log_path) > size, 10)
        time.sleep(0.1)
        return self.log()[size:]

    def end(self):
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    def log(self):
        with contextlib.suppress(FileNotFoundError):
            with open(self.log_path, errors="replace") as f:
                return f.read()
        return ""

    def report_lines(self):
        """The log lines that speak of a report mail."""
        return [line for line in self.log().splitlines()
                if re.search(r"\breport=[a-z]", line)]


def ruadctl(*args, store=None, timeout=120, **kw):
    """Run ruadctl; returns the finished process with text output."""
    command = [RUADCTL] + (["-d", store] if store else []) + list(args)
    return subprocess.run(command, capture_output=True, text=True,
                          timeout=timeout * SLOW, **kw)


def run_measured(command):
    """Run a command; (exit status, standard output, peak RSS in MB)."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        process = subprocess.Popen(command, stdout=out, stderr=err)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        err.seek(0)
        text = out.read().decode(errors="replace")
        if process.returncode not in (0, 1):
            text += err.read().decode(errors="replace")
        return process.returncode, text, usage.ru_maxrss / 1024


def as_json(*args, store):
    """What a question of ruadctl gives."""
    run = ruadctl("-o", "json", *args, store=store)
    if run.returncode != 0:
        raise RuntimeError("%s: %s" % (args, run.stderr))
    return json.loads(run.stdout)


def open_store(path):
    """Read-only, as a sysadmin would look."""
    con = sqlite3.connect("file:%s?mode=ro" % path, uri=True, timeout=30)
    con.row_factory = sqlite3.Row
    return contextlib.closing(con)


def query(path, sql, *args):
    with open_store(path) as con:
        return [tuple(row) for row in con.execute(sql, args)]


def store_totals(path):
    """(reports, records, messages, passed), counted from the rows."""
    if not os.path.exists(path):
        return (0, 0, 0, 0)
    return query(path, """
        SELECT (SELECT count(*) FROM v_report), count(*),
          coalesce(sum(messages), 0),
          coalesce(sum(CASE WHEN 'pass' IN (dkim, spf) THEN messages END), 0)
        FROM v_record""")[0]


def store_reports(path):
    """{identity: (records, messages, passed)}, counted from the rows."""
    rows = query(path, """
        SELECT r.org_name, r.report_id, r.policy_domain, r.begin_epoch,
          r.end_epoch, count(c.row_no), coalesce(sum(c.messages), 0),
          coalesce(sum(CASE WHEN 'pass' IN (c.dkim, c.spf)
            THEN c.messages END), 0)
        FROM v_report AS r LEFT JOIN v_record AS c USING (report_key)
        GROUP BY r.report_key""")
    return {row[:5]: row[5:] for row in rows}


def wanted_reports(mails):
    return {m.facts.key: (m.facts.records, m.facts.messages, m.facts.passed)
            for m in mails}


def dump(path):
    """Every row of every table, as SQL."""
    with open_store(path) as con:
        return list(con.iterdump())


DAILY = """
    SELECT (r.begin_epoch + r.end_epoch) / 2 / 86400 AS day,
      r.policy_domain, coalesce(c.header_from, r.policy_domain), c.source_ip,
      c.disposition, c.dkim, c.spf, c.dkim_alignment, c.spf_alignment,
      sum(c.messages), count(DISTINCT c.report_key)
    FROM v_record AS c JOIN v_report AS r USING (report_key)
    GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9"""


def recount_days(con):
    """For tests that change other tables by hand: domain_day as the migration
    that made it counts it."""
    with open(os.path.join(SRCDIR, "sql/0009_domain_day.sql")) as f:
        text = f.read()
    con.execute("DELETE FROM domain_day")
    con.execute(text[text.index("INSERT INTO"):])


def check_store(tap, path, mails, name):
    """The store holds exactly these reports, whole and once, and is sound."""
    tap.equal(store_reports(path), wanted_reports(mails),
              name + ": every report with its exact totals")
    with open_store(path) as con:
        tap.equal([r[0] for r in con.execute("PRAGMA integrity_check")],
                  ["ok"], name + ": integrity_check")
        tap.equal(list(con.execute("PRAGMA foreign_key_check")), [],
                  name + ": foreign_key_check")
        recount = sorted(map(repr, (tuple(r) for r in con.execute(DAILY))))
        daily = sorted(map(repr, (tuple(r) for r in con.execute(
            "SELECT strftime('%s', day) / 86400, policy_domain, header_from,"
            " source_ip, disposition, dkim, spf, dkim_alignment,"
            " spf_alignment, messages, reports FROM v_daily"))))
        tap.equal(daily, recount, name + ": daily equals a recount")
        tap.equal([tuple(r) for r in con.execute(
            "SELECT sum(messages), sum(messages_pass), sum(reports)"
            " FROM domain_day")], [tuple(r) for r in con.execute(
                "SELECT sum(messages), sum(messages_pass), count(*)"
                " FROM report")], name + ": sums of days are those of reports")


class Locker:
    """Another process that holds the write lock of a store."""

    CODE = ("import sqlite3, sys\n"
            "c = sqlite3.connect(sys.argv[1], isolation_level=None,"
            " timeout=60)\n"
            "c.execute('BEGIN IMMEDIATE')\n"
            "print('locked', flush=True)\n"
            "sys.stdin.read()\n"
            "c.execute('ROLLBACK')\n")

    def __init__(self, path):
        self.process = subprocess.Popen(
            [sys.executable, "-c", self.CODE, path],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.process.stdout.readline()

    def release(self):
        if self.process.poll() is None:
            self.process.stdin.close()
            self.process.wait()
            self.process.stdout.close()

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.release()


def in_thread(function, *args, **kw):
    """Run it beside the test; join() returns what it returned."""
    box = {}

    @functools.wraps(function)
    def call():
        try:
            box["value"] = function(*args, **kw)
        except BaseException as e:
            box["error"] = e

    thread = threading.Thread(target=call, daemon=True)
    thread.start()

    def join(secs=300):
        thread.join(secs * SLOW)
        if "error" in box:
            raise box["error"]
        if thread.is_alive():
            raise RuntimeError("%s does not end" % function.__name__)
        return box["value"]
    join.is_alive = thread.is_alive
    return join
