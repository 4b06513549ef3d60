#!/usr/bin/python3 -B
"""The corpus through ruadctl ingest, compared with what is expected of each
mail; the collection of oddities, for which there must always be an answer."""
import json
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "../lib"))
import ruadtest

CORPUS = os.path.join(ruadtest.SRCDIR, "tests/corpus")
OUTCOMES = {"stored", "duplicate", "conflict", "refused", "not-a-report"}


def test_public(tap, box):
    """judge.py on the public set."""
    command = ["/usr/bin/python3", "-B", os.path.join(CORPUS, "judge.py"),
               "--ruadctl", ruadtest.RUADCTL,
               "--set", os.path.join(CORPUS, "public")]
    if ruadtest.SANITIZER:  # address space says nothing under a sanitizer
        command += ["--limit-mb", str(64 << 20), "--timeout", "600"]
    run = subprocess.run(command, capture_output=True, text=True)
    lines = run.stdout.splitlines() or [run.stderr]
    tap.ok(run.returncode == 0 and lines[-1].endswith(" 0 failed"),
           "judge: " + lines[-1], run.stdout + run.stderr)


def test_quirks(tap, box):
    """Each odd file gets an outcome, refusals have code and text, and the
    store agrees with what was said."""
    store = box.path("quirks.db")
    for kind in ("mail", "xml"):
        base = os.path.join(CORPUS, "quirks", kind)
        names = sorted(os.listdir(base))
        run = ruadtest.ruadctl("-o", "jsonl", "ingest", "--jobs", "1",
                               *[os.path.join(base, n) for n in names],
                               store=store)
        tap.ok(run.returncode in (0, 1), kind + ": exit status 0 or 1",
               "%d %s" % (run.returncode, run.stderr))
        lines = [json.loads(line) for line in run.stdout.splitlines()]
        tap.equal([os.path.basename(x["path"]) for x in lines], names,
                  kind + ": a line for each file, in order")
        tap.equal({x["outcome"] for x in lines} - OUTCOMES, set(),
                  kind + ": known outcomes only")
        silent = [x["path"] for x in lines for r in [x] + x["reports"]
                  if r["outcome"] in ("refused", "not-a-report") and
                  not (r["code"] and r["text"])]
        tap.equal(silent, [], kind + ": refusals say why")
    bad = ruadtest.query(store, """
        SELECT r.report_key FROM v_report AS r LEFT JOIN
          (SELECT report_key, count(*) AS n, sum(messages) AS m FROM v_record
           GROUP BY 1) AS c USING (report_key)
        WHERE r.records <> coalesce(c.n, 0)
          OR r.messages <> coalesce(c.m, 0)""")
    tap.equal(bad, [], "totals of reports agree with their records")
    tap.equal(ruadtest.query(store, "PRAGMA integrity_check"), [("ok",)],
              "integrity_check")


ruadtest.main(test_public, test_quirks)
