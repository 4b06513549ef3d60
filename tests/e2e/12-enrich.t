#!/usr/bin/python3 -B
"""ruadctl enrich against a real authoritative server: confirmed names only,
kept for their time, and used as names of senders."""
import contextlib
import os
import sqlite3
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "../lib"))
import dnszone
import gen
import ruadtest
from ruadtest import as_json, ruadctl

ruadtest.need_programs("knotd", "keymgr")

DOMAIN = "shop.example"
# Addresses of RFC 2544: resolvers answer for those of documentation themselves.
ZONE = ["ns. A 127.0.0.1",
        "1.0.18.198.in-addr.arpa. PTR MX1.hoster.example.",
        "mx1.hoster.example. A 198.18.0.1",
        "2.0.18.198.in-addr.arpa. PTR mx1.hoster.example.",
        "3.0.18.198.in-addr.arpa. PTR x.fails.example.",
        "4.0.18.198.in-addr.arpa. PTR a.sendgrid.net.",
        "a.sendgrid.net. A 198.18.0.4"]
NAMES = {"198.18.0.1": "mx1.hoster.example", "198.18.0.2": None,
         "198.18.0.3": None, "198.18.0.4": "a.sendgrid.net",
         "198.18.0.5": None}


def fill(box):
    store, path = box.path("enrich.db"), box.path("report.xml")
    begin = (int(time.time()) // gen.DAY - 2) * gen.DAY
    rows = [gen.Row(ip, 10, "none", "fail", "fail", DOMAIN, DOMAIN, (), "")
            for ip in NAMES]
    facts = gen.Facts("Receiver", "1", DOMAIN, begin, begin + gen.DAY - 1,
                      len(rows), 0, 0)
    with open(path, "wb") as f:
        f.write(gen.document(gen.STYLES[3], facts, "none", rows))
    run = ruadctl("ingest", path, store=store)
    if run.returncode != 0:
        raise RuntimeError("ingest: " + run.stdout + run.stderr)
    return store


def configure(box, name, **options):
    path = box.path(name)
    with open(path, "w") as f:
        for key, value in dict({"dns_trust_anchor": "", "dns_timeout": "20s",
                                "dns_deadline": "60s", "enrich_rate": 1000},
                               **options).items():
            f.write("%s = %s\n" % (key, ruadtest.conf_value(value)))
    return path


def age(store, days):
    """As if all had been looked up that long ago."""
    with contextlib.closing(sqlite3.connect(store)) as con:
        con.execute("UPDATE source SET ptr_epoch = ptr_epoch - ?",
                    (days * gen.DAY,))
        con.commit()


def names(store):
    return dict(ruadtest.query(store, "SELECT ip_text, ptr FROM source"))


def enrich(store, conf, *options):
    run = ruadctl("-c", conf, "enrich", *options, store=store)
    return run.returncode, run.stderr.split(": ", 1)[-1].strip()


def test_enrich(tap, box):
    """Names that lead back, each asked for once in its time."""
    store = fill(box)
    server = dnszone.Server(box, {".": ZONE}, failing=("fails.example",))
    tap.equal(enrich(store, configure(box, "off.conf"))[0], 2,
              "off unless it is asked for")
    tap.equal(set(names(store).values()), {None}, "nothing was asked")
    conf = configure(box, "on.conf", enrich_ptr="yes",
                     dns_servers=[server.address])
    tap.equal(enrich(store, conf, "--limit", "1"),
              (0, "1 addresses looked up, 1 with a name; 0 not answered"),
              "one at a time")
    tap.equal(enrich(store, conf), (
        75, "3 addresses looked up, 1 with a name; 1 not answered"),
        "the others; one name server fails")
    tap.equal(names(store), NAMES, "only confirmed names")
    tap.equal(enrich(store, conf), (
        75, "0 addresses looked up, 0 with a name; 1 not answered"),
        "only what failed is asked for again")
    got = {s["sender"]: (s["known_by"], s["messages"]) for s in
           as_json("senders", DOMAIN, store=store)}
    tap.equal(got, {"hoster.example": ("ptr", 10), "SendGrid": ("ptr", 10),
                    "198.18.0.0/24": ("network", 30)}, "senders have names")
    tap.equal(ruadctl("check", store=store).returncode, 0,
              "the store is sound")
    server.change(".", ZONE[:1])
    age(store, 2)
    enrich(store, conf)
    tap.equal(names(store)["198.18.0.1"], "mx1.hoster.example",
              "a name holds for a week")
    age(store, 8)
    enrich(store, conf)
    tap.equal(set(names(store).values()), {None}, "and then is looked up")


ruadtest.main(test_enrich)
