#!/usr/bin/python3 -B
"""A report of 500,000 records, some 350 MB of XML: memory does not follow the
size of a report, and the default limits refuse it."""
import os
import sys
import threading

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "../lib"))
import gen
import mta
import ruadtest
import smtp

ruadtest.need_root()
ruadtest.need_programs("postfix")

RECORDS = 500000
RUA = "rua@reports.test.example"
# Sanitizers keep freed memory; there only the function is looked at.
MEASURED = not ruadtest.SANITIZER
MEMORY_MB = 200
RAISED = {"max_xml_bytes": "1G", "max_total_bytes": "1G",
          "max_read_time": "10m", "commit_timeout": "10m"}


def check(tap, store, facts, name):
    tap.equal(ruadtest.store_reports(store),
              {facts.key: (facts.records, facts.messages, facts.passed)},
              name + ": exact totals")


def peak_rss_mb(pid):
    with open("/proc/%d/status" % pid) as f:
        for line in f:
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 1024
    return 0


def by_ruadctl(tap, box, path, facts):
    """ruadctl ingest: refused by the defaults, stored with raised limits."""
    ruad = ruadtest.Ruad(box)  # for its configuration file
    args = [ruadtest.RUADCTL, "-c", ruad.conf, "-o", "jsonl", "ingest", path]
    code, text, peak = ruadtest.run_measured(args)
    tap.equal(code, 1, "defaults: exit status 1")
    tap.match(r'"LIMIT_SIZE"', text, "defaults: LIMIT_SIZE")
    tap.equal(ruadtest.store_totals(ruad.store), (0, 0, 0, 0),
              "defaults: nothing stored")
    ruad.write_conf(**RAISED)
    code, text, peak = ruadtest.run_measured(args)
    tap.equal(code, 0, "raised limits: exit status 0")
    tap.match(r'"records": ?%d\b' % RECORDS, text, "raised limits: stored")
    tap.note("peak %.0f MB" % peak)
    if MEASURED:
        tap.ok(peak < MEMORY_MB, "peak RSS under %d MB" % MEMORY_MB,
               "%.0f MB" % peak)
    check(tap, ruad.store, facts, "ruadctl")
    code, text, _ = ruadtest.run_measured(args)
    tap.match(r'"duplicate"', text, "again: a duplicate")


def by_daemon(tap, box, path, facts):
    """Through Postfix, beside other mail."""
    with open(path, "rb") as f:
        data = f.read()
    pf, ruad = mta.pair(box, name="daemon", after_store="discard")
    reply = smtp.send_one(pf.port, data, [RUA])
    tap.equal(reply[0], 250, "defaults: accepted")
    tap.equal(ruadtest.query(ruad.store,
                             "SELECT code FROM v_quarantine"),
              [("LIMIT_SIZE",)], "defaults: quarantined with LIMIT_SIZE")
    tap.equal(ruadtest.store_totals(ruad.store), (0, 0, 0, 0),
              "defaults: nothing stored")
    ruad.write_conf(**RAISED)
    ruad.stop()
    ruad.start()
    small = gen.reports("beside", 20)
    out = {}

    def beside():
        out["small"] = smtp.send_all(pf.port, [smtp.job(m) for m in small],
                                     sessions=2, pause=1)

    thread = threading.Thread(target=beside)
    thread.start()
    with smtp.Session(pf.port, timeout=300) as s:
        reply = s.mail("dmarc-reports@vast.example", [RUA], data)
    thread.join()
    peak = peak_rss_mb(ruad.process.pid)
    tap.equal(reply[0], 250, "raised limits: accepted")
    tap.equal(len(out["small"].accepted), 20, "small reports beside it too")
    tap.note("peak %.0f MB, %d mails deferred meanwhile" %
             (peak, len(out["small"].deferred)))
    if MEASURED:
        tap.ok(peak < MEMORY_MB, "peak RSS under %d MB" % MEMORY_MB,
               "%.0f MB" % peak)
    want = dict(ruadtest.wanted_reports(small))
    want[facts.key] = (facts.records, facts.messages, facts.passed)
    tap.equal(ruadtest.store_reports(ruad.store), want, "exact totals")
    tap.equal(ruad.stop(), 0, "ends with 0")


def test_huge(tap, box):
    """One mail, twice: by the program and by the daemon."""
    path = box.path("huge.eml")
    facts, xml_bytes = gen.write_huge(path, RECORDS)
    tap.ok(xml_bytes > 300e6, "%d MB of XML" % (xml_bytes / 1e6))
    by_ruadctl(tap, box, path, facts)
    by_daemon(tap, box, path, facts)


ruadtest.main(test_huge)
