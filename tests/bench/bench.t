#!/usr/bin/python3 -B
"""The benchmark itself, on next to no data: it runs to its end and has all its
rows. No figure is looked at."""
import json
import os
import re
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "../lib"))
import ruadtest
import sample
import webtest

RUN = os.path.join(ruadtest.SRCDIR, "tests/bench/run")
GROUPS = ("small reports from files", "large reports from files",
          "small reports through the daemon", "a huge report",
          "small reports beside a huge one",
          "report mail through Postfix", "ordinary mail through Postfix")


def check_group(tap, group, text, page):
    tap.ok(group["rows"], group["group"] + ": has rows")
    for row in group["rows"]:
        tap.ok(row["why_not"] or len(row["samples"]) == 1,
               "%s: %s: measured, or the reason why not" %
               (group["group"], row["name"]))
        tap.ok(row["name"] in text and row["name"] in page,
               "%s: %s: printed" % (group["group"], row["name"]))


def test_run(tap, box):
    """One round, a thousandth of the data."""
    files = [box.path("out.json"), box.path("out.md")]
    run = subprocess.run(
        [RUN, "--runs", "1", "--scale", "0.001", "--data", box.path("data"),
         "--json", files[0], "--markdown", files[1]],
        capture_output=True, text=True)
    tap.equal((run.returncode, run.stderr), (0, ""), "ends with 0")
    if run.returncode != 0:
        return
    with open(files[0]) as f:
        groups = json.load(f)["groups"]
    with open(files[1]) as f:
        page = f.read()
    tap.equal([g["group"] for g in groups], list(GROUPS), "all groups")
    again = subprocess.run([RUN, "--again", files[0]], capture_output=True,
                           text=True)
    tap.equal(again.stdout, run.stdout, "--again prints the same")
    for group in groups:
        check_group(tap, group, run.stdout, page)


def test_growth(tap, box):
    """A few reports into a store."""
    run = subprocess.run([RUN, "--soak", "40"], capture_output=True,
                         text=True)
    tap.equal((run.returncode, run.stderr), (0, ""), "ends with 0")
    for word in ("large store beside a new one", "resident memory",
                 "bytes each", "ruadctl summary  ", "query/failing-sources.sql  ",
                 "the longest wait "):
        tap.match(re.escape(word), run.stdout, word)


def test_console(tap, box):
    """Two users, two questions each."""
    if not os.path.exists(webtest.RUAD_WEB):
        return tap.skip("the console", "built without it")
    store = box.path("ruad.db")
    sample.fill(store)
    run = subprocess.run(
        [os.path.join(ruadtest.SRCDIR, "tests/bench/console"), "--users", "2",
         "--requests", "2", store], capture_output=True, text=True)
    tap.equal(run.returncode, 0, "ends with 0: " + run.stderr[-300:])
    for word in ("roll-ups complete", "domain example.com", "overview",
                 "unregistered", "the slowest p95"):
        tap.match(re.escape(word), run.stdout, word)


ruadtest.main(test_run, test_growth, test_console)
