#!/usr/bin/python3 -B
"""ruadctl senders: who sends, by which name, and what a label changes."""
import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "../lib"))
import gen
import ruadtest
from ruadtest import as_json, ruadctl

DOMAIN = "shop.example"
SPAN = ("--since", "2025-01-01", "--until", "2025-01-02")
OWN = ("dkim", DOMAIN, "s1", "pass")
BROKEN = ("dkim", DOMAIN, "s1", "fail")


def row(ip, count, dkim, *results, reason=""):
    return gen.Row(ip, count, "none", dkim, "fail", DOMAIN, "x.example",
                   results, reason)


ROWS = (
    row("192.0.2.1", 100, "pass", OWN),
    row("192.0.2.2", 90, "pass", ("dkim", "sendgrid.net", "k", "pass"), OWN),
    row("192.0.2.3", 80, "fail", ("spf", "b.em.sendgrid.net", "", "pass")),
    row("192.0.2.4", 70, "fail", ("dkim", "google.com", "g", "pass"), BROKEN),
    row("192.0.2.5", 60, "fail", ("spf", "lists.club.example", "", "pass"),
        BROKEN, reason="mailing_list"),
    row("192.0.2.6", 50, "fail", ("spf", "mx.crm.example", "", "pass")),
    row("198.51.100.7", 40, "fail"),
    row("2001:db8:7:8::9", 30, "fail", ("spf", "x.example", "", "softfail")),
)
# What they are: the name, by what, the kind, the class, and how many.
WANT = {
    ("SendGrid", "dkim", "service", "mine-pass", 170),
    ("Google", "dkim", "mailbox", "forwarded", 70),
    ("club.example", "spf", None, "forwarded", 60),
    ("crm.example", "spf", None, "unknown", 50),
    (DOMAIN, "dkim", None, "mine-pass", 100),
    ("198.51.100.0/24", "network", None, "unknown", 40),
    ("2001:db8:7::/48", "network", None, "unknown", 30),
}


def fill(box):
    store, path = box.path("senders.db"), box.path("report.xml")
    facts = gen.Facts("Receiver", "1", DOMAIN, gen.START,
                      gen.START + gen.DAY - 1, len(ROWS), 0, 0)
    with open(path, "wb") as f:
        f.write(gen.document(gen.STYLES[3], facts, "none", ROWS))
    run = ruadctl("ingest", path, store=store)
    if run.returncode != 0:
        raise RuntimeError("ingest: " + run.stdout + run.stderr)
    return store


def senders(store, *options):
    return {s["sender"]: s for s in
            as_json("senders", DOMAIN, *SPAN, *options, store=store)}


def label(store, *args):
    return ruadctl("senders", "label", DOMAIN, *args, store=store)


def failed(store):
    run = ruadctl("-o", "json", "rehearse", DOMAIN, *SPAN, store=store)
    conditions = json.loads(run.stdout)["conditions"]
    return {c["condition"]: c["senders"] for c in conditions if not c["met"]}


def test_list(tap, box):
    """Names, kinds and classes."""
    store = fill(box)
    got = senders(store)
    tap.equal({(s["sender"], s["known_by"], s["kind"], s["class"],
                s["messages"]) for s in got.values()}, WANT, "all of them")
    tap.equal((got["SendGrid"]["mine_pass"], got["SendGrid"]["unknown"]),
              (90, 80), "one sender may do both")
    tap.match("known to forward", got["Google"]["evidence"], "why forwarded")
    tap.equal(list(senders(store, "--limit", "2")), list(got)[:2], "limit")
    tap.equal(as_json("senders", "list", DOMAIN, *SPAN, store=store),
              list(got.values()), "list is the same")
    run = ruadctl("senders", DOMAIN, *SPAN, store=store)
    tap.match(r"SENDER +BY +KIND +LABEL +CLASS", run.stdout, "table")
    run = ruadctl("senders", DOMAIN, "--days", "1", store=store)
    tap.match("no messages of these days", run.stderr, "other days")


def test_label(tap, box):
    """A label decides the class and what rehearse asks for."""
    store = fill(box)
    unknown = lambda: failed(store).get("unknown_senders")
    tap.equal(set(unknown()), {"SendGrid", "crm.example", "198.51.100.0/24",
                               "2001:db8:7::/48"}, "asked for before")
    for sender, word, name in (("CRM.example", "mine", "mine-fail"),
                               ("198.51.100.0/24", "forwarder",
                                "forwarded"),
                               ("2001:db8:7::/48", "not-mine", "unknown"),
                               ("club.example", "not-mine", "unknown"),
                               ("sendgrid", "mine", "mine-fail")):
        run = label(store, sender, word, "--note", "so it is")
        tap.equal((run.returncode, run.stderr), (0, ""), word)
        got = next(s for n, s in senders(store).items()
                   if n.lower() == sender.lower())
        tap.equal((got["label"], got["class"]), (word, name),
                  "class of " + sender)
    tap.equal(unknown(), None, "no unknown sender is left")
    tap.equal(set(failed(store)["mine_fail_messages"]),
              {"SendGrid", "crm.example"}, "but some of ours fail")
    tap.equal(ruadtest.query(store, "SELECT count(*), min(note) FROM "
                             "v_sender_label"), [(5, "so it is")], "stored")
    tap.equal(label(store, "crm.example", "none").returncode, 0, "taken off")
    tap.equal(senders(store)["crm.example"]["class"], "unknown", "as before")
    run = label(store, "crm.exmaple", "mine")
    tap.equal(run.returncode, 0, "a sender that is not there")
    tap.match(r"kept, but nothing .* see ruadctl senders", run.stderr,
              "is told")
    run = ruadctl("check", store=store)
    tap.equal(run.returncode, 0, "the store is sound")


def test_import(tap, box):
    """Names from a file, which replace those of before."""
    store, path = fill(box), box.path("names.csv")

    def load(text):
        with open(path, "w", newline="") as f:
            f.write(text)
        return ruadctl("senders", "import", path, store=store)

    run = load('base_reverse_dns,name,type\r\n'
               'crm.example,"The ""CRM"", Inc",Marketing\r\n'
               'CLUB.example,Club,Email Provider\r\n'
               'sendgrid.net,Twilio,SaaS\r\n')
    tap.equal((run.returncode, run.stderr.split(": ")[1].strip()),
              (0, "3 names imported, 0 lines left out"), "imported")
    got = senders(store)
    tap.equal((got['The "CRM", Inc']["kind"],
               got['The "CRM", Inc']["messages"]), ("service", 50),
              "by the domain of SPF")
    tap.equal(got["Club"]["kind"], "mailbox", "letters in any case")
    tap.equal(got["Twilio"]["messages"], 170, "before the catalogue")
    tap.ok("Google" in got and "SendGrid" not in got, "which still counts")
    tap.match("1 names imported, 0 lines", load(
        "Domain,Name,Type\ncrm.example,CRM,SaaS\n").stderr,
        "columns may have other names")
    label(store, "CRM", "mine")
    for text, name in (("crm.example,The CRM,SaaS\n", "The CRM"),
                       ("a.example,A,SaaS\n", "crm.example"),
                       ("crm.example,CRM,SaaS\n", "CRM")):
        load(text)
        tap.equal(senders(store)[name]["label"], "mine",
                  "its label is that of " + name)
    run = load("crm.example,CRM,Odd Word\nno domain,X,Y\n"
               "a.example,,SaaS\nonly.example\n\nb.example,B,Z,more\n")
    tap.equal(run.returncode, 1, "some lines are left out")
    tap.equal(run.stderr.count("names.csv: line"), 3, "each with its number")
    tap.match("2 names imported, 3 lines", run.stderr, "and counted")
    got = senders(store)
    tap.equal(got["CRM"]["kind"], None, "a kind that nobody knows")
    tap.ok("club.example" in got and "SendGrid" in got, "others are gone")
    for text, why in (("", "no sender in it"), ("a.example,x\n", "no sender"),
                      ('a.example,"x,y\n', "behind line 0")):
        run = load(text)
        tap.equal(run.returncode, 2, "refused: %r" % text)
        tap.match(why, run.stderr, "why")
    tap.equal(len(senders(store)), len(got), "and nothing is changed")
    run = ruadctl("senders", "import", path + ".not", store=store)
    tap.equal(run.returncode, 2, "no file")


def test_usage(tap, box):
    """What is refused."""
    store = fill(box)
    for args, text in (
            (("label", DOMAIN, "x.example", "ours"), "mine, forwarder"),
            (("label", DOMAIN, "", "mine"), "empty"),
            (("label", DOMAIN, "x.example", "none"), "has no label"),
            (("label", DOMAIN, "x.example"), "usage"),
            (("label", DOMAIN, "x.example", "mine", "--days", "1"),
             "takes no option --days"),
            (("a..example",), "bad DOMAIN"),
            ((DOMAIN, "--note", "x"), "takes no option --note"),
            (("nothing",), "senders cannot")):
        run = ruadctl("senders", *args, store=store)
        tap.equal(run.returncode, 2, "exit status of " + " ".join(args))
        tap.match(text, run.stderr, "what is said")


ruadtest.main(test_list, test_label, test_import, test_usage)
