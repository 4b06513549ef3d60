#!/usr/bin/python3 -B
"""ruadctl enrich against a real authoritative server: confirmed names only,
kept for their time, and used as names of senders."""
import contextlib
import ipaddress
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


def control(kind, size):
    """The bytes before a value: its type and its length."""
    first = [kind << 5] if kind < 8 else [0, kind - 7]
    first[0] |= min(size, 29)
    return bytes(first + ([size - 29] if size >= 29 else []))


def encode(value, kind=None):
    """A value as the format of MaxMind has it, version 2.0; a number is of
    16 bits unless another type is named."""
    if isinstance(value, str):
        return control(2, len(value)) + value.encode()
    if isinstance(value, list):
        return control(11, len(value))
    if isinstance(value, tuple):
        return encode(*value)
    if isinstance(value, dict):
        return control(7, len(value)) + b"".join(
            encode(k) + encode(v) for k, v in value.items())
    data = value.to_bytes(8, "big").lstrip(b"\0")
    return control(kind or 5, len(data)) + data


UINT32, UINT64 = 6, 9


def write_mmdb(path, network, data):
    """A database that knows one IPv4 network."""
    net = ipaddress.ip_network(network)
    bits = [int(net.network_address) >> (31 - i) & 1
            for i in range(net.prefixlen)]
    nodes = b""
    for n, bit in enumerate(bits):
        # A record of node_count is "not found", one above it data.
        there = n + 1 if n + 1 < len(bits) else len(bits) + 16
        pair = (there, len(bits)) if bit == 0 else (len(bits), there)
        nodes += b"".join(r.to_bytes(3, "big") for r in pair)
    meta = {"node_count": (len(bits), UINT32), "record_size": 24, "ip_version": 4,
            "database_type": "Test", "binary_format_major_version": 2,
            "binary_format_minor_version": 0, "languages": [],
            "build_epoch": (1700000000, UINT64), "description": {}}
    with open(path, "wb") as f:
        f.write(nodes + b"\0" * 16 + encode(data) + b"\xab\xcd\xefMaxMind.com" +
                encode(meta))


def test_geo(tap, box):
    """Networks and countries from files, without DNS."""
    store = fill(box)
    asn, country = box.path("asn.mmdb"), box.path("country.mmdb")
    write_mmdb(asn, "198.18.0.0/30",
               {"autonomous_system_number": (64500, UINT32),
                "autonomous_system_organization": "Net, Inc"})
    write_mmdb(country, "198.18.0.4/32",
               {"country": {"iso_code": "IT"}})
    tap.equal(enrich(store, configure(box, "bad.conf",
                                      asn_database=store))[0], 2,
              "a file of another kind")
    conf = configure(box, "geo.conf", asn_database=asn,
                     country_database=country)
    tap.equal(enrich(store, conf), (0, "5 addresses looked up in the files"),
              "nothing is asked")
    got = ruadtest.query(store, "SELECT source_ip, asn, as_org, country, ptr "
                         "FROM v_source ORDER BY 1")
    tap.equal([tuple(r) for r in got],
              [("198.18.0.%d" % n, 64500, "Net, Inc", None, None)
               for n in (1, 2, 3)] +
              [("198.18.0.4", None, None, "IT", None),
               ("198.18.0.5", None, None, None, None)], "what they say")
    write_mmdb(country, "198.18.0.4/32",
               {"country": {"iso_code": "JP"}})
    enrich(store, conf)
    tap.equal(ruadtest.query(store, "SELECT country FROM v_source WHERE "
                             "source_ip = '198.18.0.4'"), [("JP",)],
              "a new file counts")


ruadtest.main(test_enrich, test_geo)
