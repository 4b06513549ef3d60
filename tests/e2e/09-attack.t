#!/usr/bin/python3 -B
"""Mails made to take time and memory: what one costs, and 200 at once beside
ordinary mail."""
import json
import os
import re
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "../lib"))
import gen
import hostile
import mta
import ruadtest
import smtp

ruadtest.need_root()
ruadtest.need_programs("postfix")

RUA = "rua@reports.test.example"
OTHER = "other@test.example"
HOPELESS = ("048", "049", "050", "051", "052", "053", "055", "056", "057",
            "058", "061", "062", "064", "075", "076")
PUBLIC = os.path.join(ruadtest.SRCDIR, "tests/corpus/public")
# What ruad.conf(5) says at memory_max: its default, and what comes on top.
MEMORY_MB = 256 + 128
CPU_SECS = 2  # for each MiB of a mail


def corpus():
    """{name: mail} of the public corpus' hostile mails that nothing can be
    saved of."""
    mails = {}
    for name in os.listdir(PUBLIC):
        if name[:3] in HOPELESS:
            with open(os.path.join(PUBLIC, name), "rb") as f:
                mails[name] = f.read()
    return mails


def run_with_usage(command):
    """(processor seconds, standard output)"""
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as p:
        out = p.stdout.read()
        _, status, usage = os.wait4(p.pid, 0)
        p.returncode = os.waitstatus_to_exitcode(status)
    return usage.ru_utime + usage.ru_stime, out


def test_cost(tap, box):
    """Each alone: refused with a code, within its time."""
    mails = corpus()
    mails.update((name, make()) for name, make in hostile.SHAPES.items())
    store, path = box.path("cost.db"), box.path("mail.eml")
    spent = 0
    for name, data in mails.items():
        with open(path, "wb") as f:
            f.write(data)
        secs, out = run_with_usage([ruadtest.RUADCTL, "-d", store, "-o",
                                    "jsonl", "ingest", path])
        spent += secs
        answer = json.loads(out) if out else {"outcome": "none", "code": None}
        limit = CPU_SECS * max(1, len(data) / hostile.MIB) * ruadtest.SLOW
        tap.ok(answer["outcome"] in ("refused", "not-a-report") and
               answer["code"], "%s: %s" % (name, answer["code"]), out[:300])
        tap.ok(secs <= limit, "%s: at most %.1f s" % (name, limit),
               "%.2f s" % secs)
    tap.note("%.1f s of processor time for %d mails of %.0f MB" % (
        spent, len(mails), sum(map(len, mails.values())) / 1e6))
    tap.equal(ruadtest.query(store, "SELECT count(*) FROM v_report"), [(0,)],
              "no report came out of them")


def flood(count):
    """So many hostile mails: all there are, then again."""
    kinds = list(corpus().values()) + [f() for f in hostile.SHAPES.values()]
    return [b"Message-ID: <%d@evil.example>\r\n" % n + re.sub(
        rb"(?im)^Message-ID:.*\n", b"", kinds[n % len(kinds)], count=1)
            for n in range(count)]


def peak_mb(pid):
    with open("/proc/%d/status" % pid) as f:
        return int(re.search(r"VmHWM:\s*(\d+) kB", f.read())[1]) / 1024


def test_flood(tap, box):
    """200 hostile mails over 40 sessions, ordinary mail and reports through
    the same Postfix and ruad."""
    pf, ruad = mta.pair(box)
    bad = flood(200)
    plain = gen.ordinary("attack", 120)
    reports = gen.reports("attack", 20)
    wait_bad = ruadtest.in_thread(
        smtp.send_all, pf.port, [("x@evil.example", [RUA], d) for d in bad],
        sessions=40, per_session=2)
    wait_reports = ruadtest.in_thread(
        smtp.send_all, pf.port, [smtp.job(m) for m in reports], sessions=2)
    out = smtp.send_all(pf.port, [("anna@sender.example", [OTHER], d)
                                  for d in plain], sessions=4)
    tap.equal((len(out.accepted), out.refused), (120, {}),
              "every ordinary mail is accepted")
    tap.note("put off: %d ordinary mails" % len(out.deferred))
    out = wait_reports()
    tap.equal((len(out.accepted), out.refused), (20, {}),
              "every report is accepted")
    tap.note("put off: %d reports" % len(out.deferred))
    out = wait_bad()
    tap.equal((len(out.accepted), out.refused), (200, {}),
              "the hostile ones are accepted as well")
    tap.note("put off: %d hostile mails" % len(out.deferred))
    got = [d for d in pf.delivered(340) if d.recipient == OTHER]
    tap.equal([n for n, p in enumerate(plain)
               if not any(d.ends_with(p) for d in got)], [],
              "ordinary mail arrives byte for byte")
    tap.equal(len(got), 120, "and once")
    if not ruadtest.SANITIZER:
        peak = peak_mb(ruad.process.pid)
        tap.ok(peak <= MEMORY_MB, "memory: at most %d MB" % MEMORY_MB,
               "%.0f MB" % peak)
        tap.note("peak: %.0f MB" % peak)
    ruadtest.check_store(tap, ruad.store, reports, "only the reports")
    lines = "".join(ruad.report_lines())
    tap.equal([n for n in range(200) if "<%d@evil.example>" % n not in lines],
              [], "each hostile mail has its line in the log")
    kept = {m for (m,) in ruadtest.query(
        ruad.store, "SELECT message_id FROM v_quarantine "
        "WHERE code IS NOT NULL AND text IS NOT NULL")}
    tap.equal([m for m in re.findall(r"report=refused.*?message-id=<(.*?)>",
                                     lines) if m not in kept], [],
              "the refused ones are in quarantine, with a code and a text")
    tap.ok(len(kept) >= 100, "many are", "%d" % len(kept))
    more = gen.reports("after", 1)
    reply = smtp.send_one(pf.port, more[0].data, [RUA], more[0].sender)
    tap.equal(reply[0], 250, "a report afterwards is accepted")
    ruadtest.check_store(tap, ruad.store, reports + more, "and stored")
    tap.equal(ruad.stop(), 0, "ruad ends with 0")


ruadtest.main(test_cost, test_flood)
