#!/usr/bin/python3 -B
"""Trouble of this host: a locked store, a full disk, a full queue, a spool
directory that is gone. Senders get 4xx, nothing is half stored, and the totals
are exact once the trouble is over."""
import errno
import os
import shutil
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "../lib"))
import gen
import milter
import mta
import ruadtest
import smtp

ruadtest.need_root()
ruadtest.need_programs("postfix")

RUA = "rua@reports.test.example"
DAY = 86400
OTHER = "other@test.example"


def codes(out):
    return {reply[0] for _, reply in out.deferred}


def check_accepted(tap, path, mails, out, name):
    """What was accepted is stored, whole; what is stored is whole."""
    have = ruadtest.store_reports(path)
    want = ruadtest.wanted_reports(mails)
    tap.equal({k: v for k, v in have.items() if want.get(k) != v}, {},
              name + ": nothing is half stored")
    accepted = {mails[n].facts.key for n in out.accepted}
    tap.equal(accepted - set(have), set(), name + ": nothing accepted is lost")


def test_locked(tap, box):
    """Another process holds the store's lock for 20 seconds."""
    pf, ruad = mta.pair(box, busy_timeout="500ms")
    mails = gen.reports("locked", 60)
    first = smtp.send_all(pf.port, [smtp.job(m) for m in mails[:10]])
    tap.equal(len(first.accepted), 10, "before the lock")
    with ruadtest.Locker(ruad.store) as lock:
        sender = smtp.Sender(pf.port, [smtp.job(m) for m in mails[10:]],
                             sessions=5, pause=1)
        join = ruadtest.in_thread(sender.run)
        letter = gen.ordinary("locked", 1)[0]
        end = time.monotonic() + 20
        plain = []
        while time.monotonic() < end:
            start = time.monotonic()
            reply = smtp.send_one(pf.port, letter, [OTHER])
            plain.append((reply[0], time.monotonic() - start))
            time.sleep(2)
        tap.equal(len(sender.accepted), 0, "no report is accepted meanwhile")
        lock.release()
    out = join()
    tap.equal({c for c, _ in plain}, {250},
              "ordinary mail is accepted all the time")
    tap.note("ordinary mail waited up to %.1f s" % max(t for _, t in plain))
    tap.equal(codes(out), {451}, "senders of reports get 451")
    tap.equal((len(out.accepted), out.refused), (50, {}),
              "and succeed when the lock is gone")
    ruadtest.check_store(tap, ruad.store, mails, "after the lock")
    tap.match(r"report=error", ruad.log(), "the log says so")
    tap.equal(ruad.stop(), 0, "ruad ends with 0")


def test_accept_on_error(tap, box):
    """on_error = accept lets the mail go by, and says so."""
    pf, ruad = mta.pair(box, busy_timeout="200ms", on_error="accept")
    mails = gen.reports("accept", 2)
    smtp.send_one(pf.port, mails[0].data, [RUA])
    with ruadtest.Locker(ruad.store):
        reply = smtp.send_one(pf.port, mails[1].data, [RUA])
        tap.equal(reply[0], 250, "the mail is accepted")
    tap.equal(len(pf.delivered(2)), 2, "and delivered")
    tap.match(r"report=error", ruad.log(), "the log says that it was lost")
    ruadtest.check_store(tap, ruad.store, mails[:1], "on_error = accept")


def mount_tmpfs(tap, box, name, size):
    """A small file system of our own, or None."""
    path = box.subdir(name)
    run = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=%s,mode=755" %
                          size, "ruad-test", path], capture_output=True,
                         text=True)
    if run.returncode != 0:
        tap.skip("full disk", "mount: " + run.stderr.strip())
        return None
    box.callback(subprocess.run, ["umount", "-l", path])
    os.chmod(path, 0o755)
    return path


def fill(path):
    """Use up all space but a few kilobytes."""
    with open(path, "wb", buffering=0) as f:
        for block in (1 << 16, 1 << 12):
            try:
                while True:
                    f.write(b"\0" * block)
            except OSError as e:
                if e.errno != errno.ENOSPC:
                    raise


def test_full_disk(tap, box):
    """The file system of the store fills up."""
    small = mount_tmpfs(tap, box, "small", "6m")
    if small is None:
        return
    home = os.path.join(small, "store")
    os.mkdir(home)
    shutil.chown(home, "nobody", "nogroup")
    store = os.path.join(home, "ruad.db")
    pf, ruad = mta.pair(box, store=store, busy_timeout="500ms", keep_raw=True)
    mails = gen.reports("full", 150)
    jobs = [smtp.job(m) for m in mails]
    out = smtp.send_all(pf.port, jobs[:20])
    tap.equal(len(out.accepted), 20, "before the disk is full")
    fill(os.path.join(small, "filler"))
    out = smtp.send_all(pf.port, jobs, retry=False)
    tap.ok(len(out.deferred) > 20, "most mails are turned away",
           "%d accepted" % len(out.accepted))
    tap.equal((codes(out), out.refused), ({451}, {}), "all of these with 451")
    check_accepted(tap, store, mails, out, "full disk")
    letter = gen.ordinary("full", 1)[0]
    reply = smtp.send_one(pf.port, letter, [OTHER])
    tap.equal(reply[0], 250, "ordinary mail is accepted all the time")
    os.unlink(os.path.join(small, "filler"))
    out = smtp.send_all(pf.port, jobs, pause=0.5)
    tap.equal((len(out.accepted), out.refused), (150, {}),
              "with space again all are accepted, without a restart")
    ruadtest.check_store(tap, store, mails, "space again")
    tap.equal(ruad.stop(), 0, "ruad ends with 0")


def test_full_disk_growing(tap, box):
    """It fills up by the reports themselves, in the middle of a batch."""
    small = mount_tmpfs(tap, box, "small", "1500k")
    if small is None:
        return
    shutil.chown(small, "nobody", "nogroup")
    store = os.path.join(small, "ruad.db")
    pf, ruad = mta.pair(box, store=store, busy_timeout="500ms")
    mails = gen.reports("growing", 80, rows=(200, 400))
    jobs = [smtp.job(m) for m in mails]
    out = smtp.send_all(pf.port, jobs, retry=False)
    tap.ok(out.accepted and out.deferred, "some fit, some do not",
           "%d accepted" % len(out.accepted))
    tap.equal((codes(out), out.refused), ({451}, {}), "451 for the others")
    check_accepted(tap, store, mails, out, "growing")
    subprocess.run(["mount", "-o", "remount,size=60m", small], check=True)
    out = smtp.send_all(pf.port, jobs, pause=0.5)
    tap.equal((len(out.accepted), out.refused), (80, {}),
              "with more space all are accepted")
    ruadtest.check_store(tap, store, mails, "more space")


def test_queue_full(tap, box):
    """More mails at end-of-message than may wait for the writer."""
    ruad = ruadtest.Ruad(box, queue_max=2, batch_max=1, busy_timeout="1500ms",
                         commit_timeout="20s").start()
    mails = gen.reports("queue", 12)

    def one(mail):
        with milter.MilterClient(ruad.socket) as c:
            return c.open().send(mail.data, queue_id=mail.message_id[:6])

    with ruadtest.Locker(ruad.store) as lock:
        joins = [ruadtest.in_thread(one, m) for m in mails]
        verdicts = [j() for j in joins]
        lock.release()
    tap.equal({v.code for v in verdicts}, {451}, "all are turned away")
    tap.ok(not any("%" in v.text for v in verdicts), "no % in a reply")
    tap.match("OUR_BUSY|queue", ruad.log(), "the log names the queue")
    tap.equal([one(m).code for m in mails], [250] * 12,
              "later all are accepted")
    ruadtest.check_store(tap, ruad.store, mails, "queue")


def test_commit_time(tap, box):
    """A commit that takes too long is answered with 4xx in time; the next try
    is a duplicate or stored, never a second copy."""
    ruad = ruadtest.Ruad(box, busy_timeout="20s", commit_timeout="1s").start()
    mail = gen.reports("slow", 1)[0]
    with ruadtest.Locker(ruad.store) as lock:
        with milter.MilterClient(ruad.socket) as c:
            tap.equal(c.open().send(mail.data).code, 451, "451 in time")
        lock.release()
    with milter.MilterClient(ruad.socket) as c:
        code = c.open().send(mail.data).code
        if code != 250:  # the writer may still be busy with the first try
            time.sleep(2)
            code = c.send(mail.data).code
        tap.equal(code, 250, "250 later")
    ruadtest.check_store(tap, ruad.store, [mail], "slow commit")


def test_spool(tap, box):
    """A large mail needs the spool directory; small ones do not."""
    pf, ruad = mta.pair(box, mail_memory_max=65536)
    spool = ruad.options["spool_dir"]
    big = gen.reports("spool", 1, rows=(20000, 20000))[0]
    small = gen.reports("spool-small", 2)
    os.rmdir(spool)
    reply = smtp.send_one(pf.port, big.data, [RUA])
    tap.equal(reply[0], 451, "without it a large report gets 451")
    reply = smtp.send_one(pf.port, small[0].data, [RUA])
    tap.equal(reply[0], 250, "a small one is accepted")
    ruad.box.subdir(os.path.relpath(spool, box.dir), 0o700, "nobody",
                    "nogroup")
    reply = smtp.send_one(pf.port, big.data, [RUA])
    tap.equal(reply[0], 250, "with it the large one is accepted")
    tap.equal(os.listdir(spool), [], "no file stays in it")
    ruadtest.check_store(tap, ruad.store, [small[0], big], "spool")


def test_clock(tap, box):
    """The clock goes back by a year while ruad runs, so that reports seem to
    lie in the future; and it is set right again."""
    clock = box.path("clock")

    def set_clock(days):
        with open(clock, "r+") as f:
            f.write("%-20d" % (days * DAY))

    with open(clock, "w") as f:
        f.write("0" * 20)
    ruad = ruadtest.Ruad(box, env={
        "LD_PRELOAD": os.path.join(ruadtest.BUILDDIR,
                                   "tests/lib/shift_clock.so"),
        "SHIFT_CLOCK_FILE": clock}).start()
    pf = mta.Postfix(box, milters=ruad.socket).start()
    week = int(time.time()) // DAY * DAY - 7 * DAY
    mails = gen.reports("clock", 30, start=week, days=6)
    jobs = [smtp.job(m) for m in mails]
    out = smtp.send_all(pf.port, jobs[:10])
    tap.equal((len(out.accepted), out.deferred), (10, []), "before")
    set_clock(-365)
    letter = gen.ordinary("clock", 1)[0]
    tap.equal(smtp.send_one(pf.port, letter, [OTHER])[0], 250,
              "ordinary mail is accepted")
    sender = smtp.Sender(pf.port, jobs[10:], sessions=2, pause=0.5)
    join = ruadtest.in_thread(sender.run)
    ruadtest.wait_for(lambda: "OUR_CLOCK" in ruad.log())
    time.sleep(1)
    tap.equal(len(sender.accepted), 0, "no report is accepted meanwhile")
    tap.match(r"code=OUR_CLOCK text=\".*\b87\d\d hours.* set the clock right",
              ruad.log(), "the log says what to do")
    set_clock(0)
    out = join()
    tap.equal(codes(out), {451}, "senders of reports get 451")
    tap.equal((len(out.accepted), out.refused), (20, {}),
              "and succeed when the clock is right")
    ruadtest.check_store(tap, ruad.store, mails, "after that")
    tap.equal(ruadtest.query(ruad.store, "SELECT count(*) FROM quarantine"),
              [(0,)], "nothing sound was refused")


def test_memory(tap, box):
    """Mails that together exceed memory_max wait at their senders."""
    ruad = ruadtest.Ruad(box, memory_max=8 << 20).start()
    mails = gen.reports("memory", 6, rows=(8000, 8000))

    def one(mail):
        with milter.MilterClient(ruad.socket) as c:
            return c.open().send(mail.data).code

    got = [j() for j in [ruadtest.in_thread(one, m) for m in mails]]
    tap.equal(set(got) - {250, 451}, set(), "250 or 451, nothing else")
    tap.note("together: %s" % got)
    got = [one(m) for m in mails]
    tap.equal(got, [250] * 6, "one at a time all are accepted")
    ruadtest.check_store(tap, ruad.store, mails, "memory")


ruadtest.main(test_locked, test_accept_on_error, test_full_disk,
              test_full_disk_growing, test_queue_full, test_commit_time,
              test_spool, test_clock, test_memory)
