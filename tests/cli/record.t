#!/usr/bin/python3 -B
"""ruadctl record: DMARC records read and judged."""
import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "../lib"))
import ruadtest
from ruadtest import ruadctl

GOOD = "v=DMARC1; p=reject; rua=mailto:dmarc@reports.example"


def test_lint(tap, box):
    """A record of the command line: exit status, places, both readings."""
    run = ruadctl("record", "lint", GOOD)
    tap.equal(run.returncode, 0, "a good record")
    tap.match(r"^Under RFC 7489\s+p=reject", run.stdout, "says what it means")
    bad = "v=DMARC1; p=none; rua=mailto: a@b"
    run = ruadctl("record", "lint", bad)
    tap.equal(run.returncode, 1, "a blank in an address is a finding")
    lines = run.stdout.splitlines()
    tap.equal(lines[0], bad, "the record comes first")
    tap.equal(lines[1].index("^"), bad.index(" a@b"), "the mark is at the "
              "blank")
    run = ruadctl("-o", "json", "record", "lint", bad)
    found = {r["code"]: r for r in json.loads(run.stdout)["remarks"]}
    tap.equal(found["RECORD_URI_BLANK"]["at"], bad.index(" a@b") + 1,
              "JSON has the position")
    run = ruadctl("record", "lint", "v=dmarc1; p=none")
    tap.equal(run.returncode, 1, "no DMARC record")
    tap.match(r"^Under RFC 9989\s+ignore it", run.stdout, "says so")
    run = ruadctl("record", "lint", "v=DMARC1; sp=none; p=none")
    tap.equal(run.returncode, 1, "a record that some receivers ignore")


def test_stdin(tap, box):
    """The record from standard input, whatever stands in it."""
    run = ruadctl("record", "lint", "-", input=GOOD + "\n")
    tap.equal(run.returncode, 0, "read from standard input")
    hostile = "v=DMARC1; p=\x1b[2Jreject; \u202ex=\u65e5"
    run = ruadctl("record", "lint", "-", input=hostile)
    tap.equal(run.returncode, 1, "hostile bytes are a finding")
    tap.ok("\x1b" not in run.stdout and "\u202e" not in run.stdout,
           "and do not reach the terminal")
    for form in ("json", "jsonl", "csv"):
        run = ruadctl("-o", form, "record", "lint", "-", input=hostile)
        tap.ok("\x1b" not in run.stdout, "nor in " + form)
    tap.equal(ruadctl("record", "lint").returncode, 2, "no record: usage")
    tap.equal(ruadctl("record", "lnit", "x").returncode, 2, "no such action")


ruadtest.main(test_lint, test_stdin)
