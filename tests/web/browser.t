#!/usr/bin/python3 -B
"""The console in Debian's Chromium: against the real server with the sample
data, and against answers that a store does not give at will. Pictures of every
page stay in tests/web/shots below the build directory."""
import json
import os
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "../lib"))
import ruadtest

ruadtest.need_root()
ruadtest.need_programs("node", "chromium", "knotd")
UI = os.path.join(ruadtest.SRCDIR, "web/ui")
for needed in ("node_modules/playwright-core", "dist/manifest.json"):
    if not os.path.exists(os.path.join(UI, needed)):
        print("1..0 # SKIP web/ui/%s is not there" % needed)
        sys.exit(0)

import demo_console

ROLES = ("viewer", "editor", "admin")
HERE = os.path.join(ruadtest.SRCDIR, "tests/web/browser")


def configure(box, web, root):
    """What the tests in the browser have to know; the file's name."""
    shots = os.path.join(ruadtest.BUILDDIR, "tests/web/shots")
    shutil.rmtree(shots, ignore_errors=True)
    os.makedirs(shots)
    config = {
        "ui": UI, "dist": os.path.join(UI, "dist"), "shots": shots,
        "api": os.path.join(ruadtest.SRCDIR, "web/openapi.json"),
        "chromium": shutil.which("chromium"),
        "timeout": int(30000 * ruadtest.SLOW),
        "url": "http://127.0.0.1:%d" % web.port,
        "users": {r: {"login": r, "password":
                      demo_console.add_user(root, r, r)} for r in ROLES},
    }
    with open(box.path("config.json"), "w") as f:
        json.dump(config, f)
    return f.name


def test_browser(tap, box):
    """All of it, one test point for each thing looked at."""
    web, root = demo_console.start(box)
    config = configure(box, web, root)
    count = 0
    with subprocess.Popen(
            ["node", os.path.join(HERE, "run.mjs"), config], text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            # What Chromium leaves goes with the rest.
            env=dict(os.environ, HOME=box.subdir("home"),
                     TMPDIR=box.subdir("tmp"))) as run:
        for line in run.stdout:
            if line.startswith("{"):
                result = json.loads(line)
                tap.ok(result["ok"], result["name"], result["why"])
                count += 1
            else:
                tap.note(line.rstrip())
    tap.equal(run.returncode, 0, "the tests in the browser ran to their end")
    tap.ok(count > 100, "and they were many")
    tap.equal(web.wrong, [], "replies are as openapi.json says")


ruadtest.main(test_browser)
