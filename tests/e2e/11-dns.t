#!/usr/bin/python3 -B
"""ruadctl record against a real authoritative server: fifty domains, good and
broken in every way, each with its exit status and what its owner is told."""
import json
import os
import re
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "../lib"))
import dnszone
import ruadtest
from ruadtest import ruadctl

ruadtest.need_programs("knotd", "keymgr")

RUA = "rua=mailto:dmarc@rua.example"
GOOD = "v=DMARC1; p=reject; " + RUA
# A key made for this test; its private half is gone.
RSA_1024 = ("MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDUijsxLIKCe93ncap2zmp7"
            "2SiZeeZGsCzsv/ZTLxwoq9kQTOrEnMbYKhoX2wetq9fLxZFZTxlj4URbTizl"
            "U9cTbpu7ux1xEX7IGNz1z9tsyT2oA6fgA3K+ekwDXMJcslmdj7z8kDpPy5BK"
            "B7wVTFd0vIl7Rfj6VlJAfBeZPD597QIDAQAB")

# domain: (records of it, exit status, pattern in the output).
# A record is (name below the domain, data); "" is the domain itself.
A = ("", "A 192.0.2.1")
SPF = ("", dnszone.txt("v=spf1 ip4:192.0.2.0/24 -all"))


def dmarc(*texts):
    return [("_dmarc", dnszone.txt(t)) for t in texts]


DOMAINS = {
    # good ones
    "good.example": ([A, SPF, *dmarc(GOOD)], 0, r"^Under RFC 9989 +reject"),
    "none.example": ([A, SPF, *dmarc("v=DMARC1; p=none; " + RUA)], 0,
                     r"^Under RFC 7489 +none \(p of none\.example\)"),
    "quarantine.example": ([A, *dmarc("v=DMARC1; p=quarantine; " + RUA)], 0,
                           r"^Under RFC 7489 +quarantine"),
    "strict.example": ([A, *dmarc(GOOD + "; adkim=s; aspf=s")], 0,
                       r"adkim=s aspf=s"),
    "sub.good.example": ([A], 0, r"RECORD_INHERITED.* good\.example holds"),
    "deep.er.good.example": ([A], 0, r"RECORD_INHERITED"),
    "absent.np.example": (None, 0, r"^Under RFC 9989 +none \(np of"),
    "np.example": ([A, *dmarc("v=DMARC1; p=reject; np=none; " + RUA)], 0,
                   r"RECORD_TAG_NEW"),
    "own.good.example": ([A, *dmarc("v=DMARC1; p=none; " + RUA)], 0,
                         r"^Record at +_dmarc\.own\.good\.example"),
    "cname.example": ([A, ("_dmarc", "CNAME _dmarc.good.example.")], 0,
                      r"RECORD_CNAME.*CNAME to _dmarc\.good\.example"),
    "long.example": ([A, *dmarc(GOOD + ",mailto:" + "x" * 60 + "@" +
                                "y" * 60 + "." + "z" * 60 + ".rua.example," +
                                "mailto:d@rua.example" +
                                "; adkim=r; aspf=r; fo=0; sp=reject")],
                     1, r"RUA_NO_MX"),
    "testing.example": ([A, *dmarc(GOOD + "; t=y")], 0,
                        r"applied is quarantine \(t=y\)"),
    "pct.example": ([A, *dmarc(GOOD + "; pct=50")], 0, r"RECORD_SAMPLED"),
    "beside.example": ([A, *dmarc(GOOD, "v=spf1 -all")], 0,
                       r"RECORD_BESIDE.*1 other TXT"),
    "case.example": ([A, *dmarc("V = DMARC1 ; P = Reject ; " + RUA)], 0,
                     r"^Under RFC 7489 +reject"),
    # psd
    "bank.example": ([A, *dmarc(GOOD + "; psd=y")], 0, r"RECORD_PSD"),
    "mail.giant.bank.example": ([A], 0,
                                r"walk +giant\.bank\.example"),
    "giant.bank.example": ([A, *dmarc("v=DMARC1; p=none; sp=quarantine; " +
                                      RUA)], 0, r"^Under RFC 9989 +none"),
    "mail.mega.bank.example": ([A], 0, r"walk +mega\.bank\.example"),
    "psdn.good.example": ([A, *dmarc(GOOD + "; psd=n")], 0,
                          r"RECORD_DIFFER.*organizational domain"),
    # broken records
    "version.example": ([A, *dmarc("v=dmarc1; p=none")], 1, r"RECORD_VERSION +_dmarc\.version\.example +3 "),
    "slip.good.example": ([A, *dmarc(" v=DMARC1; p=none")], 1,
                          r"RECORD_LEADING_BLANK +_dmarc\.slip\.good\.example"),
    "spf-only.example": ([A, SPF], 1, r"RECORD_NONE"),
    "several.example": ([A, *dmarc(GOOD, "v=DMARC1; p=none; " + RUA)], 1,
                        r"RECORD_SEVERAL.*2 DMARC records"),
    "several.good.example": ([A, *dmarc(GOOD, "v=DMARC1; p=none")], 1,
                             r"RECORD_DIFFER|RECORD_SEVERAL"),
    "twice.example": ([A, *dmarc("v=DMARC1; p=none; p=none")], 1,
                      r"RECORD_TAG_TWICE"),
    "policy.example": ([A, *dmarc("v=DMARC1; p=block; " + RUA)], 1,
                       r"RECORD_POLICY_WORD"),
    "nothing.example": ([A, *dmarc("v=DMARC1; p=block")], 1, r"no DMARC"),
    "sp.example": ([A, *dmarc("v=DMARC1; p=reject; sp=x; " + RUA)], 1,
                   r"whole record for p=none"),
    "blank.example": ([A, *dmarc("v=DMARC1; p=none; rua=mailto: a@b.example")],
                      1, r"RECORD_URI_BLANK"),
    "scheme.example": ([A, *dmarc("v=DMARC1; p=none; rua=a@b.example")], 1,
                       r"mailto:.* is missing"),
    "bytes.example": ([A, ("_dmarc", r'TXT "v=DMARC1; p=none; x=\226"')], 1,
                      r"RECORD_BYTES"),
    "adkim.example": ([A, *dmarc(GOOD + "; adkim=strict")], 1,
                      r"adkim: allowed is r or s"),
    "order.example": ([A, *dmarc("v=DMARC1; sp=none; p=none; " + RUA)], 0,
                      r"RECORD_ORDER"),
    "norua.example": ([A, *dmarc("v=DMARC1; p=reject")], 0,
                      r"nobody sends aggregate reports"),
    "missing.example": ([A, *dmarc("v=DMARC1; " + RUA)], 0,
                        r"RECORD_POLICY_MISSING"),
    # no record, no domain
    "empty.example": ([A], 1, r"RECORD_NONE.*record generate"),
    "nxdomain.example": (None, 1, r"does not exist"),
    # where reports go
    "inside.example": ([A, ("", "MX 10 mail"), *dmarc(
        "v=DMARC1; p=none; rua=mailto:a@inside.example")], 0,
        r"^Under RFC 7489"),
    "unauthorised.example": ([A, *dmarc(
        "v=DMARC1; p=none; rua=mailto:a@other.example")], 1,
        r"unauthorised\.example\._report\._dmarc\.other\.example"),
    "delegated.example": ([A, *dmarc(
        "v=DMARC1; p=none; rua=mailto:a@third.example")], 0,
        r"RUA_AUTHORISED.*third\.example allows"),
    "replaced.example": ([A, *dmarc(
        "v=DMARC1; p=none; rua=mailto:a@third.example")], 0,
        r"RUA_REPLACED.*b@third\.example instead"),
    "stolen.example": ([A, *dmarc(
        "v=DMARC1; p=none; rua=mailto:a@third.example")], 1,
        r"another host: senders use neither(?![^\0]*RUA_AUTHORISED)"),
    "nomx.example": ([A, *dmarc(
        "v=DMARC1; p=none; rua=mailto:a@void.nomx.example")], 1,
        r"RUA_NO_MX.*no mail can be sent"),
    "nullmx.example": ([A, ("", "MX 0 ."), *dmarc(
        "v=DMARC1; p=none; rua=mailto:a@nullmx.example")], 1, r"null MX"),
    # SPF
    "spfall.example": ([A, ("", dnszone.txt("v=spf1 +all")), *dmarc(GOOD)], 1,
                       r"SPF_ALL.*whole world"),
    "spftwo.example": ([A, SPF, ("", dnszone.txt("v=spf1 -all")),
                        *dmarc(GOOD)], 1, r"2 SPF records"),
    "spfmany.example": ([A, ("", dnszone.txt("v=spf1 " + " ".join(
        "a:h%d.spfmany.example" % i for i in range(11)) + " -all")),
        *[("h%d" % i, "A 192.0.2.2") for i in range(11)], *dmarc(GOOD)], 1,
        r"SPF_LOOKUPS.*11 DNS lookups, 10 are allowed(?![^\0]*SPF_OK)"),
    "spfvoid.example": ([A, ("", dnszone.txt(
        "v=spf1 a:x.spfvoid.example a:y.spfvoid.example "
        "a:z.spfvoid.example -all")), *dmarc(GOOD)], 1,
        r"3 lookups that find nothing"),
    "spfloop.example": ([A, ("", dnszone.txt(
        "v=spf1 include:spfloop.example -all")), *dmarc(GOOD)], 1,
        r"SPF_LOOKUPS"),
    "spfbad.example": ([A, ("", dnszone.txt("v=spf1 ipv4:192.0.2.1 -all")),
                        *dmarc(GOOD)], 1, r"no mechanism of SPF"),
    "spfname.example": ([A, ("", dnszone.txt(
        "v=spf1 include:..x a:%s.example -all" % ("y" * 64))),
        *dmarc(GOOD)], 1, r"\.\.x has no SPF record"),
    "hostile.example": ([A, ("_dmarc", r'TXT "v=DMARC1; p=\027[31mreject; '
                             r'x=\000\255; rua=mailto:a@b.example"')], 1,
                        r"RECORD_BYTES"),
    # trouble of DNS
    "servfail.example": (None, 75, r"SERVFAIL.*try again"),
    "sub.servfail.example": (None, 75, r"SERVFAIL"),
    "signed.example": (None, 0, r"DNSSEC_OK"),
    "bogus.example": (None, 1, r"DNSSEC validation failed"),
}

REPORTS = ["third.example. A 192.0.2.3", "third.example. MX 10 third.example.",
           "other.example. A 192.0.2.3", "rua.example. A 192.0.2.3",
           "*._report._dmarc.rua.example. " + dnszone.txt("v=DMARC1"),
           "delegated.example._report._dmarc.third.example. " +
           dnszone.txt("v=DMARC1;"),
           "replaced.example._report._dmarc.third.example. " +
           dnszone.txt("v=DMARC1; rua=mailto:b@third.example"),
           "stolen.example._report._dmarc.third.example. " +
           dnszone.txt("v=DMARC1; rua=mailto:b@other.example")]


def serve(box, **options):
    """The zones, a server for them, and a configuration; its path."""
    root = ["ns. A 127.0.0.1"] + REPORTS
    for domain, (records, _, _) in DOMAINS.items():
        for name, data in records or []:
            root.append("%s%s%s. %s" % (name, "." if name else "", domain,
                                        data))
    inner = ["@ A 192.0.2.1", "_dmarc " + dnszone.txt(GOOD)]
    server = dnszone.Server(box, {".": root, "signed.example": inner,
                                  "bogus.example": inner,
                                  "key.example": inner},
                            signed=("signed.example", "bogus.example",
                                    "key.example"),
                            failing=("servfail.example",))
    anchor = box.path("anchors")
    with open(anchor, "w") as f:
        f.write("signed.example. 3600 IN %s\n" % server.key("signed.example"))
        # Not the key that the zone is signed with.
        f.write("bogus.example. 3600 IN %s\n" % server.key("key.example"))
    return configure(box, "dns.conf", server.address, dns_trust_anchor=anchor,
                     **options)


def configure(box, name, address, **options):
    path = box.path(name)
    with open(path, "w") as f:
        for key, value in dict(
                {"store": box.path("none.db"), "dns_servers": [address],
                 "dns_trust_anchor": "", "dns_timeout": "20s",
                 "dns_deadline": "60s"}, **options).items():
            f.write("%s = %s\n" % (key, ruadtest.conf_value(value)))
    return path


def test_domains(tap, box):
    """Every domain: exit status, and what is told."""
    conf = serve(box)
    tap.ok(len(DOMAINS) >= 50, "there are fifty of them")
    for domain, (_, code, pattern) in DOMAINS.items():
        run = ruadctl("-c", conf, "record", "check", domain)
        tap.equal(run.returncode, code, "%s: status %d" % (domain, code)) or \
            tap.note(run.stdout + run.stderr)
        tap.match(pattern, run.stdout, domain + ": is told why")
        tap.ok(not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f]", run.stdout),
               domain + ": nothing that a terminal obeys")
    run = ruadctl("-c", conf, "-o", "json", "record", "check", "good.example")
    got = json.loads(run.stdout)
    tap.equal((got["domain"], got["record"], got["ttl"], got["differ"],
               got["walk"]), ("good.example", GOOD, 3600, False,
                              ["good.example", "example"]), "as JSON")
    run = ruadctl("-c", conf, "-o", "json", "record", "check",
                  "several.good.example")
    tap.ok(json.loads(run.stdout)["differ"],
           "several records: the generations differ")


def generate(conf, *args):
    return ruadctl("-c", conf, "record", "generate", *args,
                   stdin=subprocess.DEVNULL)


def test_generate(tap, box):
    """Records begin with what DNS has; what is written can be published."""
    conf = serve(box, recipients=["dmarc@rua.example"])
    run = generate(conf, "pct.example", "--sp", "none")
    tap.match(r"^Value +v=DMARC1; p=reject; sp=none; %s; pct=50$" % RUA,
              run.stdout, "what DNS has, and what is changed")
    tap.ok("_report" in run.stdout, "with the authorisation of the address")
    run = generate(conf, "sub.good.example")
    tap.match(r"inherits that of good\.example", run.stderr,
              "a name below another is told what holds")
    tap.match(r"^Value +v=DMARC1; p=reject; " + RUA, run.stdout,
              "and begins with that")
    run = generate(conf, "absent.np.example")
    tap.match(r"^Value +v=DMARC1; p=none; " + RUA, run.stdout,
              "so does one that does not exist, with np")
    run = generate(conf, "cname.example", "--p", "none")
    tap.match(r"is a CNAME.*_dmarc\.good\.example", run.stderr,
              "a CNAME is told of")
    run = generate(conf, "several.example", "--p", "none")
    tap.match(r"2 records are at", run.stderr, "several records")
    tap.equal(generate(conf, "servfail.example").returncode, 75,
              "DNS fails: status 75")
    run = generate(conf, "bogus.example")
    tap.equal((run.returncode, run.stdout), (75, ""),
              "DNSSEC proves it wrong: no weaker record by chance")
    tap.match(r"DNSSEC validation failed", run.stderr, "and that is told")
    long = ",".join("mailto:%s@rua.example" % (c * 60) for c in "abcde")
    run = generate(conf, "good.example", "--rua", long, "--format", "bind")
    server = dnszone.Server(box, {".": ["ns. A 127.0.0.1",
                                        "good.example. A 192.0.2.1",
                                        "rua.example. A 192.0.2.1",
                                        run.stdout]}, name="again")
    conf = configure(box, "again.conf", server.address)
    run = ruadctl("-c", conf, "-o", "json", "record", "check", "good.example")
    tap.equal((run.returncode, json.loads(run.stdout)["record"]),
              (0, "v=DMARC1; p=reject; rua=" + long),
              "the zone file format, served: the same record, allowed")


def test_watch(tap, box):
    """A registered domain from its first day to its last: only changes are
    told, and kept."""
    store = box.path("watch.db")
    base = ["ns. A 127.0.0.1", "rua.example. A 192.0.2.1", *REPORTS]
    server = dnszone.Server(box, {".": base + ["shop.example. A 192.0.2.1"]})
    conf = configure(box, "watch.conf", server.address, store=store,
                     recipients=["dmarc@rua.example"])
    ruadctl("ingest", box.subdir("nothing"), store=store)

    def watch():
        run = ruadctl("-c", conf, "-o", "json", "record", "watch")
        return run.returncode, json.loads(run.stdout or "null"), run.stderr

    tap.equal(watch(), (0, [], ""), "nothing is registered: nothing to tell")
    ruadctl("-c", conf, "domain", "add", "shop.example")
    # Not one of ours.
    ruadctl("-c", conf, "domain", "ignore", "good.example")
    steps = (
        ("no record", [], 0, "registered", "RECORD_NONE"),
        ("not for us", ["v=DMARC1; p=none; rua=mailto:a@shop.example"], 0,
         "published", "RUA_NOT_HERE"),
        ("for us", ["v=DMARC1; p=none; " + RUA], 0, "verified", None),
        ("another policy", [GOOD], 0, "verified", None),
        ("two", [GOOD, "v=DMARC1; p=none"], 1, "failing", "RECORD_SEVERAL"),
        ("put right", [GOOD], 0, "verified", None),
        ("taken away", [], 1, "failing", "RECORD_NONE"))
    was = None
    for name, texts, code, state, why in steps:
        server.change(".", base + ["shop.example. A 192.0.2.1"] +
                      ["_dmarc.shop.example. " + dnszone.txt(t)
                       for t in texts])
        status, rows, _ = watch()
        tap.equal((status, [(r["domain"], r["state"], r["was"], r["code"])
                            for r in rows]),
                  (code, [("shop.example", state, was, why)]), name)
        tap.equal(watch()[:2], (code, []), name + ": told once")
        if name == "another policy":
            tap.ok(rows[0]["old_until_utc"], "how long the old one is in use")
        was = state
    run = ruadctl("-c", conf, "record", "watch")
    tap.equal((run.returncode, run.stdout), (1, ""),
              "cron gets no mail where nothing changed")
    tap.equal(ruadtest.query(
        store, "SELECT state FROM v_record_history ORDER BY first_utc, newest"),
        [(s[3],) for s in steps], "the store has them all")
    run = ruadctl("-c", conf, "-o", "json", "record", "list")
    tap.equal([(r["domain"], r["state"], r["code"], r["record"])
               for r in json.loads(run.stdout)],
              [("shop.example", "failing", "RECORD_NONE", None)],
              "list tells how it stands")
    run = ruadctl("-c", conf, "record", "check", "shop.example")
    tap.match(r"^State +failing$", run.stdout, "check tells the state")
    ruadctl("-c", conf, "domain", "remove", "--yes", "shop.example")
    ruadctl("-c", conf, "domain", "add", "new.example")
    run = ruadctl("-c", conf, "record", "list")
    tap.match(r"^new\.example +registered +20", run.stdout,
              "list: a domain that was never watched")
    server.stop()
    conf = configure(box, "watch.conf", dnszone.Silent(box).address,
                     store=store, dns_timeout="100ms", dns_deadline="300ms")
    tap.equal(watch()[:2], (75, []), "DNS does not answer: status 75")
    tap.equal(ruadtest.query(store, "SELECT count(*) FROM record_history"
                             " WHERE domain = 'new.example'"), [(0,)],
              "and nothing is made of that")


REPORT = """<feedback><report_metadata><org_name>seen.example</org_name>
<email>a@seen.example</email><report_id>%(id)s</report_id><date_range>
<begin>%(begin)d</begin><end>%(end)d</end></date_range></report_metadata>
<policy_published><domain>keys.example</domain><adkim>r</adkim><aspf>r</aspf>
<p>%(p)s</p><sp>%(p)s</sp><pct>100</pct></policy_published>
<record><row><source_ip>192.0.2.9</source_ip><count>3</count>
<policy_evaluated><disposition>none</disposition><dkim>pass</dkim>
<spf>fail</spf></policy_evaluated></row>
<identifiers><header_from>keys.example</header_from></identifiers>
<auth_results>%(auth)s</auth_results></record></feedback>"""
AUTH = ("<dkim><domain>keys.example</domain><selector>%s</selector>"
        "<result>%s</result></dkim>")


def test_seen(tap, box):
    """What reports have shown: selectors, and the policy."""
    store = box.path("seen.db")
    server = dnszone.Server(box, {".": [
        "ns. A 127.0.0.1", "rua.example. A 192.0.2.1", *REPORTS,
        "keys.example. A 192.0.2.1",
        "_dmarc.keys.example. " + dnszone.txt(GOOD),
        "new._domainkey.keys.example. " + dnszone.txt(
            "v=DKIM1; k=rsa; p=" + RSA_1024),
        "old._domainkey.keys.example. " + dnszone.txt("v=DKIM1; p=")]})
    conf = configure(box, "seen.conf", server.address, store=store)

    def report(ident, policy, age):
        path = box.path(ident + ".xml")
        end = int(time.time()) - age
        with open(path, "w") as f:
            f.write(REPORT % {"id": ident, "p": policy, "end": end,
                              "begin": end - 86399, "auth": AUTH % (
                                  "new", "pass") + AUTH % ("old", "pass") +
                              AUTH % ("lost", "pass") +
                              AUTH % ("forged", "fail") +
                              AUTH % ("no..name", "pass") +
                              AUTH % ("y" * 64, "pass") +
                              AUTH % ("\u202e a;b", "pass")})
        ruadctl("ingest", path, store=store)

    def check():
        run = ruadctl("-c", conf, "-o", "json", "record", "check",
                      "keys.example")
        rows = json.loads(run.stdout)["remarks"]
        return run.returncode, {(r["about"], (r["name"] or "").split(".")[0],
                                 r["code"]): r["severity"] for r in rows}

    report("old", "none", 90000)
    code, rows = check()
    tap.equal(code, 0, "warnings alone, whatever a selector is: status 0")
    for key, severity in {
            ("dkim", "new", "DKIM_SHORT"): "warning",
            ("dkim", "old", "DKIM_REVOKED"): "warning",
            ("dkim", "lost", "DKIM_MISSING"): "warning",
            ("dkim", "forged", "DKIM_MISSING"): "info",
            ("reports", "_dmarc", "SEEN_DIFFERENT"): "warning"}.items():
        tap.equal(rows.get(key), severity, " ".join(key))
    report("new", "reject", 3600)
    tap.equal(check()[1].get(("reports", "_dmarc", "SEEN_SAME")), "info",
              "a newer report shows the record of today")


def test_no_answer(tap, box):
    """A server that never answers: status 75, in bounded time."""
    conf = configure(box, "silent.conf", dnszone.Silent(box).address,
                     dns_timeout="100ms", dns_deadline="300ms")
    run = ruadctl("-c", conf, "record", "check", "good.example")
    tap.equal(run.returncode, 75, "no answer: status 75")
    tap.match(r"no answer in time", run.stdout, "says so")


def test_daemon(tap, box):
    """What takes mail in cannot ask DNS: the daemon has no resolver."""
    run = subprocess.run(["readelf", "-d", ruadtest.RUAD],
                         capture_output=True, text=True)
    tap.ok("NEEDED" in run.stdout and "unbound" not in run.stdout,
           "ruad is not linked with libunbound")
    run = subprocess.run(["nm", ruadtest.RUAD], capture_output=True, text=True)
    tap.equal(re.findall(r"\b(?:ub_|ruad_dns_|ruad_resolver_|ruad_discover)\w*"
                         r"|\bgetaddrinfo\b|\bres_n?query\b", run.stdout), [],
              "nor with anything of ours that asks DNS")


ruadtest.main(test_domains, test_generate, test_watch, test_seen, test_no_answer, test_daemon)
