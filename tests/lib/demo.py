"""demo - what ./demo runs as root once the programs are built: report mails
through a private Postfix and ruad, and what a sysadmin sees then."""
import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time

import gen
import mta
import ruadtest
import smtp

COUNT, DAYS = 25, 14
DOMAINS = ("shop.example", "bank.example", "club.example.org")
MARK = "ruad-demo"  # the file that tells --stop what the directory is
QUERIES = (
    "SELECT policy_domain, sum(messages) AS messages, "
    "sum(CASE WHEN dmarc = 'pass' THEN messages END) AS pass "
    "FROM v_record GROUP BY 1",
    "SELECT source_ip, header_from, sum(messages) AS messages "
    "FROM v_record WHERE dmarc = 'fail' GROUP BY 1, 2 "
    "ORDER BY 3 DESC LIMIT 5")


def say(text):
    print("== " + text, flush=True)


def show(*args, store):
    """Run ruadctl as a sysadmin would, and show how."""
    print("$ %s -d %s %s" % (os.path.relpath(ruadtest.RUADCTL,
                                             ruadtest.SRCDIR), store,
                             " ".join(args)), flush=True)
    status = subprocess.run([ruadtest.RUADCTL, "-d", store, "-o", "table",
                             *args]).returncode
    if status not in (0, 1):
        raise RuntimeError("ruadctl %s: exit status %d" % (args[0], status))
    print(flush=True)


def worst_domain(store):
    return ruadtest.query(store, """
        SELECT policy_domain FROM v_record
        WHERE dmarc = 'fail' GROUP BY 1 ORDER BY sum(messages) DESC
        LIMIT 1""")[0][0]


def send(pf):
    today = int(time.time()) // gen.DAY
    mails = gen.reports("demo", COUNT, DOMAINS, days=DAYS,
                        start=(today - DAYS - 1) * gen.DAY)
    out = smtp.send_all(pf.port, [smtp.job(m) for m in mails], sessions=5)
    if len(out.accepted) != COUNT:
        raise RuntimeError("only %d of %d mails were accepted" %
                           (len(out.accepted), COUNT))
    return mails


def keep_result(store):
    """A copy of the database for the caller, who may be behind sudo."""
    kept = os.path.join(ruadtest.BUILDDIR, "demo.db")
    shutil.copyfile(store, kept)
    if os.environ.get("SUDO_UID"):
        os.chown(kept, int(os.environ["SUDO_UID"]),
                 int(os.environ["SUDO_GID"]))
    return os.path.relpath(kept, ruadtest.SRCDIR)


def run(box, keep):
    say("A private Postfix on 127.0.0.1, and ruad behind it")
    pf, ruad = mta.pair(box)
    print("Postfix listens on port %d, ruad on %s" % (pf.port, ruad.socket))
    say("%d report mails about %s through SMTP" % (COUNT, ", ".join(DOMAINS)))
    mails = send(pf)
    lines = ruad.report_lines()
    print("\n".join(lines[:6]))
    print("... and %d more lines in %s" % (len(lines) - 6, ruad.log_path)
          if keep else "... and %d more lines" % (len(lines) - 6))
    store = ruad.store
    if ruadtest.store_totals(store) != gen.totals(mails):
        raise RuntimeError("the store does not hold what was sent")
    if not keep:
        ruad.stop()
        store = keep_result(store)
    say("What a sysadmin sees")
    show("summary", store=store)
    show("sources", worst_domain(store), store=store)
    say("The database: " + store)
    print("Try:")
    sudo = "sudo " if keep and os.environ.get("SUDO_UID") else ""
    for text in QUERIES:
        print('  %ssqlite3 -box %s "%s"' % (sudo, store, text))
    if keep:
        with open(box.path(MARK), "w") as f:
            f.write("%d\n" % ruad.process.pid)
        print("\nPostfix and ruad keep running. Send mail to "
              "rua@reports.test.example at 127.0.0.1:%d.\n"
              "Stop them: ./demo --stop %s" % (pf.port, box.dir))
        box.pop_all()  # nothing of it is undone


def stop(path):
    """Undo what --keep left."""
    try:
        with open(os.path.join(path, MARK)) as f:
            pid = int(f.read())
    except (OSError, ValueError):
        sys.exit("demo: %s was not left by ./demo --keep" % path)
    with contextlib.suppress(OSError):
        with open("/proc/%d/cmdline" % pid, "rb") as f:
            if os.fsencode(path) in f.read():
                os.kill(pid, signal.SIGTERM)
                ruadtest.wait_for(lambda: not mta.alive(pid), 30)
    conf = os.path.join(path, "postfix/etc")
    subprocess.run(["postfix", "-c", conf, "stop"], capture_output=True,
                   env=dict(os.environ, PATH="/usr/sbin:/usr/bin:/sbin:/bin"))
    shutil.rmtree(path)
    print("Stopped, and %s is gone." % path)


def main():
    signal.signal(signal.SIGTERM, lambda *a: sys.exit(1))
    os.umask(0o022)
    if sys.argv[1:2] == ["--stop"]:
        return stop(os.path.abspath(sys.argv[2]))
    with ruadtest.Box("ruad-demo-") as box:
        try:
            run(box, "--keep" in sys.argv[1:])
        except (RuntimeError, OSError) as e:
            for log in box.logs:
                with contextlib.suppress(OSError):
                    with open(log, errors="replace") as f:
                        print("%s:\n%s" % (log, "".join(f.readlines()[-15:])),
                              file=sys.stderr)
            sys.exit("demo: %s" % e)


if __name__ == "__main__":
    main()
