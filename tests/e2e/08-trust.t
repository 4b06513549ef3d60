#!/usr/bin/python3 -B
"""Whether the report mail itself passed DMARC: OpenDKIM and OpenDMARC verify
in front of ruad in one Postfix, and ruad reads what they add."""
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "../lib"))
import filters
import gen
import mta
import ruadtest
import smtp

ruadtest.need_root()
ruadtest.need_programs("postfix", *filters.PROGRAMS)

RUA = "rua@reports.test.example"
SENDER = "bounce@other.example"
BIG, SUB, OTHER = "bigmail.example", "out.bigmail.example", "other.example"
STRICT, BARE, BAD = "strict.example", "bare.example", "broken.example"
EVIL = "evil.example"
KEYS = (BIG, SUB, OTHER, STRICT, "out." + STRICT, BARE, EVIL)
POLICIES = {
    BIG: "v=DMARC1; p=reject",
    OTHER: "v=DMARC1; p=none",
    STRICT: "v=DMARC1; p=quarantine; adkim=s; aspf=s",
    BAD: "v=DMARC1; p=perhaps",
    EVIL: "v=DMARC1; p=reject",
}
HOP = (b"Received: from a.example by b.example; "
       b"Wed, 01 Jan 2025 10:00:00 +0000\r\n")
# What a border host needs, see ruad(8): strangers' results go, and those of
# the filters, which come later, stay.
STRIP = "regexp:{ { /^Authentication-Results:/ IGNORE } }"


def results(text):
    """A field with the name of our own filters, as a forger would write it."""
    return b"Authentication-Results: mx.test.example; %s\r\n" % text.encode()


def author(mail, *domains):
    """The mail with other authors, one for each domain, in one field."""
    names = ", ".join("reports@" + d for d in domains)
    return re.sub(rb"(?m)^From: .*?\r\n", b"From: %s\r\n" % names.encode(),
                  mail.data, count=1)


def forged(mail, domain, *fields):
    """Unsigned, with fields on top."""
    return b"".join(fields) + author(mail, domain)


def cases(f):
    """(name, mail to bytes, trust, trust_domain): each through OpenDKIM,
    OpenDMARC and ruad; nothing is stripped."""
    sign = f.sign
    return (
        ("genuine", lambda m: sign(author(m, BIG), BIG), "pass", BIG),
        ("genuine, policy none", lambda m: sign(author(m, OTHER), OTHER),
         "pass", OTHER),
        ("signed by a domain below", lambda m: sign(author(m, BIG), SUB),
         "pass", BIG),
        ("that, where alignment is strict",
         lambda m: sign(author(m, STRICT), "out." + STRICT), "fail", STRICT),
        ("signed by a stranger first, then genuine",
         lambda m: sign(sign(author(m, BIG), EVIL), BIG), "pass", BIG),
        ("unsigned", lambda m: author(m, BIG), "fail", BIG),
        ("signed by a stranger", lambda m: sign(author(m, BIG), EVIL),
         "fail", BIG),
        ("changed after it was signed",
         lambda m: sign(author(m, BIG), BIG) + b"x\r\n", "fail", BIG),
        ("unsigned, no policy", lambda m: author(m, BARE), "none", BARE),
        ("signed, no policy", lambda m: sign(author(m, BARE), BARE), "none",
         BARE),
        ("a policy that cannot be read", lambda m: author(m, BAD),
         "permerror", BAD),
        # OpenDKIM and OpenDMARC leave these two fields in the mail.
        ("a pass forged below Received, no policy",
         lambda m: forged(m, BARE, HOP,
                          results("dmarc=pass header.from=" + BARE)),
         "none", BARE),
        ("a pass forged on top, against OpenDMARC's fail",
         lambda m: forged(m, BIG, results("dmarc=pass header.from=" + BIG)),
         "fail", BIG),
        # OpenDKIM strips these: they have its name and a result of DKIM.
        ("a pass of DKIM and DMARC forged on top, no policy",
         lambda m: forged(m, BARE, results(
             "dkim=pass header.d=%s; dmarc=pass header.from=%s" %
             (BARE, BARE))), "none", BARE),
        ("the same below Received",
         lambda m: forged(m, BARE, HOP, results(
             "dkim=pass header.d=%s; dmarc=pass header.from=%s" %
             (BARE, BARE))), "none", BARE),
        ("the pass of somebody else's filter",
         lambda m: forged(m, BARE, b"Authentication-Results: mx.evil.example;"
                          b" dmarc=pass header.from=%s\r\n" % BARE.encode()),
         "none", BARE),
        ("two From fields, the first genuine",
         lambda m: sign(author(m, BIG), BIG).replace(
             b"\r\nTo:", b"\r\nFrom: x@evil.example\r\nTo:", 1), "fail", None),
        ("two From fields, the second genuine",
         lambda m: b"From: x@evil.example\r\n" + sign(author(m, BIG), BIG),
         "fail", None),
        ("two authors in one From field",
         lambda m: sign(author(m, BIG, EVIL), BIG), "fail", None),
        ("no From field", lambda m: re.sub(rb"(?m)^From: .*?\r\n", b"",
                                           m.data, count=1), "fail", None),
        ("a genuine mail forwarded by a stranger",
         lambda m: sign(forward(sign(author(m, BIG), BIG), EVIL), EVIL),
         "pass", EVIL),
        ("the same, unsigned outside",
         lambda m: forward(sign(author(m, BIG), BIG), EVIL), "fail", EVIL),
    )


def forward(inner, domain):
    return (b"From: fw@%s\r\nTo: rua\r\nSubject: Fwd: report\r\n"
            b"Date: Wed, 01 Jan 2025 10:00:00 +0000\r\nMIME-Version: 1.0\r\n"
            b"Content-Type: message/rfc822\r\n\r\n" % domain.encode() + inner)


class Site:
    """Postfix with the filters in front of ruad, which is listed last."""

    def __init__(self, box, only=("opendkim", "opendmarc"), **settings):
        self.pf = mta.Postfix(box, milters=", ".join(
            ["unix:filters/" + name for name in only] + ["unix:ruad/sock"]),
            **settings)
        self.filters = filters.Filters(box, self.pf, KEYS, POLICIES)
        self.ruad = ruadtest.Ruad(
            box, socket="unix:" + os.path.join(self.pf.socket_dir, "sock"),
            socket_group="postfix", authserv_ids=[filters.AUTHSERV_ID])
        self.ruad.start()
        self.pf.start()

    def change(self, **options):
        self.ruad.write_conf(**options)
        self.ruad.reload()

    def send(self, mails):
        """All at once; True if each was taken at the first try."""
        jobs = [(SENDER, [RUA], data) for data in mails]
        out = smtp.send_all(self.pf.port, jobs, sessions=4, retry=False)
        return len(out.accepted) == len(jobs)

    def check(self, tap, name, table, stored=lambda trust: True):
        """Send a report for each case and compare; stored(trust) says which
        of them must be in the store, all others must not. Returns the
        mails."""
        reports = gen.reports(name, len(table))
        mails = [case[1](m) for case, m in zip(table, reports)]
        tap.ok(self.send(mails), name + ": every mail is taken")
        got = {row[0]: row[1:] for row in ruadtest.query(
            self.ruad.store, "SELECT report_id, trust, trust_domain "
            "FROM v_report")}
        for (case, _, trust, domain), m in zip(table, reports):
            want = (trust, domain) if stored(trust) else None
            tap.equal(got.get(m.facts.report_id), want,
                      "%s: %s" % (name, case))
        return mails


def test_require_auth(tap, box):
    """Every kind of mail, with require_auth = flag, off, and enforce."""
    site = Site(box)
    table = cases(site.filters)
    site.check(tap, "flag", table)
    line = re.compile(r"report=stored .* trust=(\S+) ms=")
    tap.equal(sorted(line.search(x)[1] for x in site.ruad.report_lines()),
              sorted(case[2] for case in table), "flag: the log says the same")
    site.change(require_auth="off")
    site.check(tap, "off", table)

    site.change(require_auth="enforce")
    site.pf.empty_mailbox()
    mails = site.check(tap, "enforce", table, lambda trust: trust == "pass")
    kept = ruadtest.query(site.ruad.store, """
        SELECT q.outcome, q.code, q.text, raw.mail_key IS NOT NULL
        FROM v_quarantine AS q JOIN quarantine USING (quarantine_key)
        LEFT JOIN raw ON raw.mail_key = quarantine.mail_key""")
    tap.equal({(k[0], k[1], k[3]) for k in kept},
              {("refused", "REP_UNAUTHENTICATED", 1)},
              "enforce: the others are in quarantine, with their originals")
    tap.equal(sorted(re.search(r"itself: (\S+)", k[2])[1] for k in kept),
              sorted(case[2] for case in table if case[2] != "pass"),
              "enforce: the text says what DMARC came to")
    tap.equal(len(site.pf.delivered(len(mails))), len(mails),
              "enforce: all mails are delivered all the same")

    site.change(on_refuse="reject")
    reply = smtp.send_one(site.pf.port, mails[5], [RUA])
    tap.equal(reply[0], 550, "enforce and reject: an unsigned mail gets 550")
    reply = smtp.send_one(site.pf.port, mails[0], [RUA])
    tap.equal(reply[0], 250, "enforce and reject: a genuine one is taken")

    site.change(require_auth="flag", authserv_ids=["mx.stranger.example"])
    site.check(tap, "other authserv_ids",
               (("genuine", table[0][1], "untrusted", BIG),))
    site.change(authserv_ids=None)
    site.check(tap, "no authserv_ids", (("genuine", table[0][1], "off", None),))


def test_derived(tap, box):
    """OpenDKIM alone: ruad draws the conclusion itself."""
    site = Site(box, only=("opendkim",))
    sign = site.filters.sign
    table = (
        ("genuine", lambda m: sign(author(m, BIG), BIG), "pass-derived", BIG),
        ("signed by a domain below", lambda m: sign(author(m, BIG), SUB),
         "pass-derived", BIG),
        ("signed by a stranger", lambda m: sign(author(m, BIG), EVIL),
         "fail-derived", BIG),
        ("changed after it was signed",
         lambda m: sign(author(m, BIG), BIG) + b"x\r\n", "fail-derived", BIG),
        ("a pass of DKIM forged on top",
         lambda m: forged(m, BIG, results("dkim=pass header.d=" + BIG)),
         "none", BIG),  # OpenDKIM takes it off
    )
    site.check(tap, "OpenDKIM alone", table)
    site.change(require_auth="enforce")
    site.check(tap, "OpenDKIM alone, enforce", table,
               lambda trust: trust == "pass-derived")


def test_stripped(tap, box):
    """A border host that removes such fields from what comes in: no forged
    field reaches a filter. Without that, OpenDMARC itself believes the result
    of SPF here, wherever in the header it stands."""
    site = Site(box, header_checks=STRIP)
    spf = results("spf=pass smtp.mailfrom=" + SENDER.partition("@")[2])
    site.check(tap, "stripped", (
        ("genuine", lambda m: site.filters.sign(author(m, BIG), BIG), "pass",
         BIG),
        ("a pass of DMARC on top, no policy",
         lambda m: forged(m, BARE, results("dmarc=pass header.from=" + BARE)),
         "none", BARE),
        ("the same behind a comment",
         lambda m: forged(m, BARE, results("dmarc=pass").replace(
             b": mx", b": (x)\r\n\tmx")), "none", BARE),
        ("a pass of SPF on top", lambda m: forged(m, OTHER, spf), "fail",
         OTHER),
        ("a pass of SPF below Received",
         lambda m: forged(m, OTHER, HOP, spf), "fail", OTHER),
    ))
    kept = [len(d.header.get_all("Authentication-Results", []))
            for d in site.pf.delivered(5)]
    tap.equal(sorted(kept), [1, 1, 1, 1, 2],
              "stripped: what the filters add is delivered")


ruadtest.main(test_require_auth, test_derived, test_stripped)
