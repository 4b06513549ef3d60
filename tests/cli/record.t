#!/usr/bin/python3 -B
"""ruadctl record: DMARC records read and judged."""
import json
import os
import pty
import re
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "../lib"))
import gen
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


def test_names(tap, box):
    """The table of a check says which key of several a remark is about."""
    mails = box.subdir("mails")
    for n, mail in enumerate(gen.reports(
            "names", 6, ("shop.example",), days=6,
            start=(int(time.time()) // 86400 - 7) * 86400)):
        with open(os.path.join(mails, "%d.eml" % n), "wb") as f:
            f.write(mail.data)
    store, conf = box.path("site.db"), box.path("ruad.conf")
    with open(conf, "w") as f:
        f.write('dns_servers = {"127.0.0.1@%d"}\ndns_timeout = 100ms\n' %
                ruadtest.free_port())
    tap.equal(ruadctl("ingest", mails, store=store).returncode, 0, "reports")
    run = ruadctl("-c", conf, "record", "check", "shop.example", store=store)
    tap.equal(run.returncode, 75, "no name server: try again")
    tap.match(r"dkim +LOOKUP_FAILED +\w+\._domainkey\.shop\.example ",
              run.stdout, "the key is named")


def test_codes(tap, box):
    """Each code is documented."""
    def read(name):
        with open(os.path.join(ruadtest.SRCDIR, name)) as f:
            return f.read()

    codes = re.findall(r"^\tX\((\w+)\)", read("lib/remark.h"), re.M)
    page = re.findall(r"^\.It Er (\w+)$", read("doc/ruadctl.1"), re.M)
    tap.ok(len(codes) > 50, "codes are found")
    tap.equal([c for c in codes if c not in page], [], "all are documented")


def configure(box, **options):
    """A configuration that asks nobody; its path."""
    path = box.path("ruad.conf")
    with open(path, "w") as f:
        for key, value in dict(
                {"recipients": ["*@any.example", "dmarc@reports.example"],
                 "dns_servers": ["127.0.0.1@1"], "dns_trust_anchor": "",
                 "dns_timeout": "200ms", "dns_deadline": "400ms"},
                **options).items():
            f.write("%s = %s\n" % (key, ruadtest.conf_value(value)))
    return path


def generate(conf, *args, **kw):
    return ruadctl("-c", conf, "record", "generate", *args,
                   stdin=subprocess.DEVNULL, **kw)


def test_generate(tap, box):
    """A record from options alone: what is added, kept, refused."""
    conf = configure(box)
    run = generate(conf, "shop.example", "--new", "--p", "reject", "--sp",
                   "none")
    tap.equal(run.returncode, 0, "from options")
    tap.match(r"^Name +_dmarc\.shop\.example$", run.stdout, "its name")
    tap.match(r"^Value +v=DMARC1; p=reject; sp=none; "
              r"rua=mailto:dmarc@reports\.example$", run.stdout,
              "with the address of this host")
    tap.match(r"^Name +shop\.example\._report\._dmarc\.reports\.example$",
              run.stdout, "with what the other host must publish")
    tap.match(r"p=reject: what receivers do", run.stderr, "tags are explained")
    tap.match(r"48 hours", run.stderr, "says how long it takes")
    run = generate(conf, "shop.reports.example", "--new")
    tap.ok("_report" not in run.stdout, "none inside of the organisation")
    run = generate(conf, "shop.example", "--new", "--rua", "mailto: a@b")
    tap.equal((run.returncode, run.stdout), (2, ""), "nonsense is refused")
    lines = run.stderr.splitlines()
    at = [i for i, n in enumerate(lines) if "^ at" in n][0]
    tap.equal(lines[at].index("^"), lines[at - 1].index(" a@b"),
              "and pointed at")
    for option, value in (("--p", "block"), ("--t", "yes"), ("--pct", "101"),
                          ("--fo", "2"), ("--adkim", "strict"),
                          ("--ri", "day"), ("--rf", "xml"),
                          ("--ruf", "a@b@c"), ("--psd", "1"),
                          ("--p", "none; p=reject")):
        run = generate(conf, "shop.example", "--new", option, value)
        tap.equal((run.returncode, run.stdout), (2, ""),
                  "%s %s is refused" % (option, value))
    run = generate(conf, "shop.example", "--new", "--pct", "50")
    tap.match(r"pct is historic: receivers of RFC 7489 heed it", run.stderr,
              "historic tags are told of")
    tap.match(r"; pct=50$", run.stdout, "and kept")
    run = generate(conf, "shop.example", "--new", "--pct", "50", "--historic",
                   "drop")
    tap.ok("pct" not in run.stdout, "or dropped")
    run = generate(conf, "shop.example")
    tap.equal(run.returncode, 75, "without DNS there is nothing to begin with")
    tap.match(r"--new", run.stderr, "says what to do")
    run = generate(configure(box, recipients=[]), "shop.example", "--new")
    tap.match(r"recipients of ruad\.conf\(5\) is empty", run.stderr,
              "without recipients no address is added")


def test_formats(tap, box):
    """What those take who publish it; long texts are split."""
    conf = configure(box)
    long = "mailto:" + "%s" * 60 + "@reports.example"
    rua = ",".join([long.replace("%s", c) for c in "abcd"])
    record = "v=DMARC1; p=none; rua=" + rua
    strings = '"%s" "%s"' % (record[:255], record[255:])
    one = ("reports.example", "--new", "--rua", rua, "--format")
    run = generate(conf, *one, "text")
    tap.ok("Value  %s\n" % record in run.stdout, "text: as it is")
    tap.ok(strings in run.stdout, "text: and split")
    run = generate(conf, *one, "bind")
    tap.equal("".join(re.findall(r'"(.*)"', run.stdout)), record, "bind")
    run = generate(conf, *one, "nsupdate")
    tap.ok("update add _dmarc.reports.example. 3600 TXT %s\nsend\n" % strings
           in run.stdout, "nsupdate")
    got = json.loads(generate(conf, *one, "route53").stdout)
    change = got["Changes"][0]["ResourceRecordSet"]
    tap.equal((change["Name"], change["ResourceRecords"][0]["Value"]),
              ("_dmarc.reports.example.", strings), "route53")
    got = json.loads(generate(conf, *one, "cloudflare").stdout)
    tap.equal((got["name"], got["content"]),
              ("_dmarc.reports.example", strings), "cloudflare")
    got = json.loads(generate(conf, *one, "powerdns").stdout)["rrsets"][0]
    tap.equal((got["name"], got["records"][0]["content"]),
              ("_dmarc.reports.example.", strings), "powerdns")
    run = generate(conf, *one, "terraform")
    tap.match(r'^  name = "_dmarc"$', run.stdout, "terraform")
    tap.match(r'^resource "dns_txt_record_set" "_1a_example__report_',
              generate(conf, "1a.example", *one[1:], "terraform").stdout,
              "terraform: no name begins with a digit")
    tap.match(r'^  txt  = \["%s"\]$' % re.escape(record), run.stdout,
              "terraform splits itself")
    tap.equal(generate(conf, *one, "paper").returncode, 2, "no such format")


def test_questions(tap, box):
    """On a terminal, without options: it asks, and takes no nonsense."""
    conf = configure(box)
    ours, theirs = pty.openpty()
    with subprocess.Popen(
            [ruadtest.RUADCTL, "-c", conf, "record", "generate", "--new",
             "reports.example"], stdin=theirs, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True) as process:
        os.close(theirs)
        os.write(ours, b"block\nquarantine\n\n\n\ns\n\na@b.example, c d@e\n\n"
                       b"f@reports.example\n9\n1:d\n")
        out, err = process.communicate(timeout=60 * ruadtest.SLOW)
    os.close(ours)
    tap.equal(process.returncode, 0, "questions are answered")
    tap.match(r"^Value +v=DMARC1; p=quarantine; adkim=s; "
              r"fo=1:d; rua=mailto:dmarc@reports\.example; "
              r"ruf=mailto:f@reports\.example$", out, "as answered")
    tap.match(r"fo: allowed is", err, "fo is asked where ruf is given")
    tap.match(r"a blank inside an address", err,
              "an address is judged at once")
    tap.match(r"p: allowed is none, quarantine or reject", err,
              "a wrong answer is told, and asked for again")


ruadtest.main(test_lint, test_stdin, test_names, test_codes, test_generate,
              test_formats, test_questions)
