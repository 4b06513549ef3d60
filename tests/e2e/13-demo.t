#!/usr/bin/python3 -B
"""What ./demo shows, once the programs are built."""
import contextlib
import os
import re
import subprocess
import sys
import urllib.request

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "../lib"))
import ruadtest

ruadtest.need_root()
ruadtest.need_programs("postfix", "sqlite3")

def demo(*args, program="demo"):
    return subprocess.run(
        [sys.executable, "-B",
         os.path.join(ruadtest.SRCDIR, "tests/lib/%s.py" % program), *args],
        capture_output=True, text=True,
        timeout=300 * ruadtest.SLOW, stdin=subprocess.DEVNULL,
        cwd=ruadtest.SRCDIR,
        env=dict(os.environ, builddir=ruadtest.BUILDDIR,
                 srcdir=ruadtest.SRCDIR))


def check_shown(tap, run, name):
    tap.equal((run.returncode, run.stderr), (0, ""), name + ": succeeds")
    for what in (r"report=stored org=", r"\$ \S*ruadctl .* summary",
                 r"DOMAIN +MESSAGES", r"\$ \S*ruadctl .* sources ",
                 r"WHY IT FAILS"):
        tap.ok(re.search(what, run.stdout), "%s: %s" % (name, what),
               run.stdout)
    queries = re.findall(r"^  (sqlite3 .*)$", run.stdout, re.M)
    tap.equal(len(queries), 2, name + ": two queries to try")
    for query in queries:
        got = subprocess.run(query, shell=True, cwd=ruadtest.SRCDIR, text=True,
                             capture_output=True)
        tap.ok(got.returncode == 0 and got.stdout.count("\n") > 3,
               name + ": " + query, got.stdout + got.stderr)


def test_demo(tap, box):
    """It ends, and leaves the database alone."""
    try:
        check_shown(tap, demo(), "demo")
    finally:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(os.path.join(ruadtest.BUILDDIR, "demo.db"))


def test_keep(tap, box):
    """--keep leaves it running, and says how to stop it."""
    run = demo("--keep")
    stop = re.search(r"\./demo (--stop) (\S+)$", run.stdout, re.M)
    tap.ok(stop, "it says how to stop", run.stdout + run.stderr)
    try:
        check_shown(tap, run, "keep")
    finally:
        got = demo(*stop.groups())
    tap.equal((got.returncode, os.path.exists(stop[2])), (0, False),
              "stopped, and nothing is left")


def test_console(tap, box):
    """--console --keep: an address that answers, and a login for it."""
    if not os.path.exists(os.path.join(ruadtest.BUILDDIR, "ruad-web")):
        tap.skip("the console", "it is not built")
        return
    run = demo("--keep", program="demo_console")
    stop = re.search(r"\./demo (--stop) (\S+)$", run.stdout, re.M)
    tap.equal((run.returncode, run.stderr), (0, ""), "console: succeeds")
    if not tap.ok(stop, "it says how to stop", run.stdout + run.stderr):
        return
    try:
        address = re.search(r"^Address +(http://\S+)$", run.stdout, re.M)[1]
        tap.match(r"^Login +admin$", run.stdout, "it says the login")
        tap.match(r"^Password +\S{12,} ", run.stdout, "and the password")
        with urllib.request.urlopen(address) as page:
            tap.match("<title>ruad</title>", page.read().decode(),
                      "the console answers")
    finally:
        got = demo(*stop.groups())
    tap.equal((got.returncode, os.path.exists(stop[2])), (0, False),
              "console: stopped, and nothing is left")


ruadtest.main(test_demo, test_keep, test_console)
