#!/usr/bin/python3 -B
"""kill -9 of ruad at random moments, under load, while senders try again: every
report is there in the end, whole and once.

RUAD_TEST_SEED repeats the moments of an earlier run as well as a clock can,
RUAD_TEST_KILLS is the number of kills in the first test (40)."""
import os
import random
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

SEED = os.environ.get("RUAD_TEST_SEED") or str(time.time_ns())
KILLS = int(os.environ.get("RUAD_TEST_KILLS") or 40)


def run_with_kills(tap, pf, ruad, jobs, kills, sessions):
    rng = random.Random(SEED)
    sender = smtp.Sender(pf.port, jobs, sessions=sessions, per_session=5,
                         pause=0.1)
    join = ruadtest.in_thread(sender.run)
    done = 0
    while done < kills and sender.open > 0:
        time.sleep(rng.uniform(0.01, 0.25) * ruadtest.SLOW)
        ruad.kill()
        done += 1
        if rng.random() < 0.5:
            time.sleep(rng.uniform(0, 0.3))
        ruad.start()
    out = join()
    tap.note("seed %s: %d kills, %d tries, %d deferred" %
             (SEED, done, out.tries, len(out.deferred)))
    return out, done


def test_small_reports(tap, box):
    """1200 small reports over five sessions, up to 40 kills; more of both where
    more are asked for."""
    pf, ruad = mta.pair(box)
    mails = gen.reports("crash", 30 * KILLS, rows=(1, 20))
    jobs = [smtp.job(m) for m in mails]
    out, done = run_with_kills(tap, pf, ruad, jobs, KILLS, 5)
    tap.equal((len(out.accepted), out.refused), (len(mails), {}),
              "every sender gets its 250 in the end")
    tap.ok(done >= 5 and out.deferred, "ruad was killed in mid-work",
           "%d kills, %d deferred" % (done, len(out.deferred)))
    tap.equal({r[0] // 100 for _, r in out.deferred} - {0, 4}, set(),
              "and senders saw nothing worse than 4xx")
    ruadtest.check_store(tap, ruad.store, mails, "after the kills")
    tap.equal(ruad.stop(), 0, "the last one ends with 0")
    ruadtest.check_store(tap, ruad.store, mails, "after the stop")


def test_large_reports(tap, box):
    """Reports of thousands of records: a kill hits the middle of a
    transaction."""
    pf, ruad = mta.pair(box, after_store="discard")
    mails = gen.reports("crash-large", 40, rows=(2000, 5000))
    jobs = [smtp.job(m) for m in mails]
    out, done = run_with_kills(tap, pf, ruad, jobs, 20, 3)
    tap.equal((len(out.accepted), out.refused), (40, {}), "all accepted")
    tap.ok(done >= 5 and out.deferred, "ruad was killed in mid-work",
           "%d kills, %d deferred" % (done, len(out.deferred)))
    ruadtest.check_store(tap, ruad.store, mails, "large reports")


def test_each_stage(tap, box):
    """Killed while a message stands at each stage of the protocol; what was
    not answered is not stored, and what was is."""
    ruad = ruadtest.Ruad(box).start()
    mails = gen.reports("stage", 8)
    stages = ("open", "mail", "rcpt", "data", "header", "body")
    for stage, mail in zip(stages, mails):
        with milter.MilterClient(ruad.socket) as c:
            c.open()
            if stage != "open":
                c.mail("<a@b.example>")
            if stage not in ("open", "mail"):
                c.rcpt("<rua@reports.test.example>")
            if stage in ("data", "header", "body"):
                c.data()
            if stage == "header":
                c.header(*milter.split_header(mail.data)[0])
            if stage == "body":
                c.content(mail.data)
            ruad.kill()
        ruad.start()
    tap.equal(ruadtest.store_totals(ruad.store), (0, 0, 0, 0),
              "nothing is stored before the end of the message")
    with milter.MilterClient(ruad.socket) as c:
        v = c.open().send(mails[6].data)
        tap.equal(v.code, 250, "answered with 250")
    ruad.kill()
    ruad.start()
    ruadtest.check_store(tap, ruad.store, mails[6:7],
                         "killed right after the answer")
    leftover = os.listdir(ruad.options["spool_dir"])
    tap.equal(leftover, [], "no spool file is left behind")


ruadtest.main(test_small_reports, test_large_reports, test_each_stage)
