#!/usr/bin/python3 -B
"""gen - report mails of our own making, and the totals a store must then show.

    gen.py [--seed N] [--count N] [--start EPOCH] DIR      one file per mail
    gen.py [--seed N] --huge RECORDS FILE                  one large gzip mail

The same seed gives the same bytes. Domains are reserved names, addresses come
from the documentation ranges. A large mail is written as a stream: its XML is
never held in memory.
"""
import argparse
import base64
import dataclasses
import gzip
import io
import os
import quopri
import random
import time
import zipfile
import zlib
from email.utils import formatdate
from xml.sax.saxutils import escape

RUA = "rua@reports.test.example"
DAY = 86400
START = 1735689600  # 2025-01-01
NAMESPACE = "urn:ietf:params:xml:ns:dmarc-2.0"


@dataclasses.dataclass(frozen=True)
class Style:
    """How one reporter writes: the document, and the mail around it."""
    org: str
    domain: str
    container: str  # gzip, zip, xml
    mail: str  # bare: the body is the report; mixed, html: beside a text
    media_type: str
    form: str = "D1"  # D0, D1: RFC 7489; D2: RFC 9990
    indent: str = "  "
    newline: str = "\n"
    envelope: bool = True
    subject: str = "Report Domain: {d} Submitter: {s} Report-ID: <{i}>"


STYLES = (
    Style("bigmail.example", "bigmail.example", "zip", "bare",
          "application/zip", form="D0", envelope=False,
          subject="Report domain: {d} Submitter: {s} Report-ID: {i}"),
    Style("Enterprise Views", "protection.views.example", "gzip", "html",
          "application/gzip", indent="", newline=""),
    Style("Yonder Inc.", "yonder.example", "gzip", "mixed",
          "application/gzip", form="D0", envelope=False),
    Style("Slow Mail & Co", "slowmail.example", "gzip", "mixed",
          "application/x-gzip", indent="\t"),
    Style("cloud-relay.example", "relay.cloud.example", "gzip", "mixed",
          "application/octet-stream", indent="    ",
          subject="Dmarc Aggregate Report Domain: {{{d}}}  "
          "Submitter: {{{s}}}  Report-ID: {{{i}}}"),
    Style("Gate Keeper", "gate.example", "zip", "mixed",
          "application/x-zip-compressed", newline="\r\n"),
    Style("plain.example.net", "plain.example.net", "xml", "mixed",
          "text/xml"),
    Style("nine.example.org", "nine.example.org", "gzip", "mixed",
          "application/gzip", form="D2"),
    Style("Nine Ninety Mail", "mail.ninety.example", "xml", "bare",
          "application/xml", form="D2", indent="\t"),
)


@dataclasses.dataclass(frozen=True)
class Row:
    ip: str
    count: int
    disposition: str
    dkim: str
    spf: str
    header_from: str
    envelope_from: str
    results: tuple  # ("dkim", domain, selector, result), ("spf", ...)
    reason: str = ""


@dataclasses.dataclass(frozen=True)
class Facts:
    """What the store must say of one report."""
    org: str
    report_id: str
    domain: str
    begin: int
    end: int
    records: int
    messages: int
    passed: int  # messages whose dkim or spf is pass

    @property
    def key(self):
        return (self.org, self.report_id, self.domain, self.begin, self.end)


@dataclasses.dataclass(frozen=True)
class Mail:
    data: bytes  # as in a file with CRLF
    message_id: str
    sender: str
    facts: Facts


def totals(mails):
    """(reports, records, messages, passed) over some mails."""
    facts = [m.facts for m in mails]
    return (len(facts), sum(f.records for f in facts),
            sum(f.messages for f in facts), sum(f.passed for f in facts))


def address(rng):
    if rng.random() < 0.2:
        return "2001:db8:%x::%x" % (rng.randrange(1, 0xffff),
                                    rng.randrange(1, 0xffff))
    return "%s.%d" % (rng.choice(("192.0.2", "198.51.100", "203.0.113")),
                      rng.randrange(1, 255))


class Owner:
    """A domain that gets reports, with the sources that send in its name."""

    def __init__(self, rng, name, strangers=(4, 20), address=address):
        self.name = name
        self.policy = rng.choice(("none", "quarantine", "reject"))
        self.sources = []
        add = self.sources.append
        for _ in range(rng.randrange(2, 5)):  # its own servers
            add((4, "none", "pass", "pass", name, name,
                 (("dkim", name, "s1", "pass"), ("spf", name, "", "pass")),
                 ""))
        for n in range(rng.randrange(1, 3)):  # a service that signs for it
            esp = "bounce.esp%d.example" % n
            add((6, "none", "pass", "fail", "news." + name, esp,
                 (("dkim", "esp%d.example" % n, "e", "pass"),
                  ("dkim", name, "esp", "pass"), ("spf", esp, "", "pass")),
                 ""))
        for n in range(rng.randrange(2, 6)):  # forwarders break SPF
            via = "forward%d.example" % n
            add((2, "none", "pass", "fail", name, via,
                 (("dkim", name, "s1", "pass"), ("spf", via, "", "pass")),
                 "forwarded"))
        for n in range(rng.randrange(2, 8)):  # lists break both
            via = "lists%d.example" % n
            add((1, "none", "fail", "fail", name, via,
                 (("dkim", name, "s1", "fail"), ("spf", via, "", "pass")),
                 "mailing_list"))
        for n in range(rng.randrange(*strangers)):
            via = "host%d.stranger.example" % n
            word = rng.choice(("none", "softfail", "fail"))
            add((1, self.policy, "fail", "fail", name, via,
                 (("spf", via, "", word),), ""))
        self.addresses = [address(rng) for _ in self.sources]

    def pick(self, rng):
        return rng.randrange(len(self.sources))

    def row(self, rng, busy=40):
        n = self.pick(rng)
        weight, disp, dkim, spf, header, env, results, why = self.sources[n]
        count = 1 + int(rng.expovariate(1 / (busy * weight)))
        return Row(self.addresses[n], count, disp, dkim, spf, header, env,
                   results, why)


class Writer:
    """XML in the layout of one reporter, piece by piece."""

    def __init__(self, style):
        self.style = style
        self.depth = 0
        self.out = []

    def line(self, text):
        self.out.append(self.style.indent * self.depth + text +
                        self.style.newline)

    def open(self, *names):
        for name in names:
            self.line("<%s>" % name)
            self.depth += 1

    def close(self, *names):
        for name in names:
            self.depth -= 1
            self.line("</%s>" % name)

    def leaf(self, name, value):
        self.line("<%s>%s</%s>" % (name, escape(str(value)), name))

    def take(self):
        text = "".join(self.out)
        self.out.clear()
        return text.encode()


def write_head(w, facts, policy):
    style = w.style
    w.line('<?xml version="1.0" encoding="UTF-8"?>')
    w.line("<feedback>" if style.form != "D2" else
           '<feedback xmlns="%s">' % NAMESPACE)
    w.depth = 1
    if style.form != "D0":
        w.leaf("version", "1.0")
    w.open("report_metadata")
    w.leaf("org_name", facts.org)
    w.leaf("email", "dmarc-reports@" + style.domain)
    w.leaf("report_id", facts.report_id)
    w.open("date_range")
    w.leaf("begin", facts.begin)
    w.leaf("end", facts.end)
    w.close("date_range")
    if style.form == "D2":
        w.leaf("generator", "Example Reporter 2.1")
    w.close("report_metadata")
    w.open("policy_published")
    w.leaf("domain", facts.domain)
    w.leaf("adkim", "r")
    w.leaf("aspf", "r")
    w.leaf("p", policy)
    w.leaf("sp", policy)
    if style.form == "D2":
        w.leaf("np", "reject")
        w.leaf("testing", "n")
        w.leaf("discovery_method", "treewalk")
    else:
        w.leaf("pct", 100)
    w.close("policy_published")


def write_row(w, row):
    style = w.style
    w.open("record", "row")
    w.leaf("source_ip", row.ip)
    w.leaf("count", row.count)
    w.open("policy_evaluated")
    w.leaf("disposition", row.disposition)
    w.leaf("dkim", row.dkim)
    w.leaf("spf", row.spf)
    reason = row.reason
    if style.form == "D2" and reason == "forwarded":
        reason = "trusted_forwarder"  # RFC 9990 has no "forwarded"
    if reason:
        w.open("reason")
        w.leaf("type", reason)
        w.leaf("comment", "seen <at> list & relay")
        w.close("reason")
    w.close("policy_evaluated", "row")
    w.open("identifiers")
    if style.envelope:
        w.leaf("envelope_from", row.envelope_from)
    w.leaf("header_from", row.header_from)
    w.close("identifiers")
    w.open("auth_results")
    for method, domain, selector, result in row.results:
        w.open(method)
        w.leaf("domain", domain)
        if method == "dkim":
            w.leaf("selector", selector)
        elif style.form != "D0":
            w.leaf("scope", "mfrom")
        w.leaf("result", result)
        w.close(method)
    w.close("auth_results", "record")


def document(style, facts, policy, rows):
    w = Writer(style)
    write_head(w, facts, policy)
    for row in rows:
        write_row(w, row)
    w.depth = 0
    w.line("</feedback>")
    return w.take()


def pack(style, stem, xml, when):
    """The attachment: its bytes and its file name."""
    if style.container == "gzip":
        out = io.BytesIO()
        with gzip.GzipFile(stem + ".xml", "wb", 6, out, mtime=when) as f:
            f.write(xml)
        return out.getvalue(), stem + ".xml.gz"
    if style.container == "zip":
        out = io.BytesIO()
        entry = zipfile.ZipInfo(stem + ".xml", time.gmtime(when)[:6])
        entry.compress_type = zipfile.ZIP_DEFLATED
        with zipfile.ZipFile(out, "w") as z:
            z.writestr(entry, xml)
        return out.getvalue(), stem + ".zip"
    return xml, stem + ".xml"


def header(style, facts, to, message_id):
    subject = style.subject.format(d=facts.domain, s=style.domain,
                                   i=facts.report_id)
    return ("From: DMARC Reports <dmarc-reports@%s>\nTo: %s\nDate: %s\n"
            "Subject: %s\nMessage-ID: <%s>\nMIME-Version: 1.0\n" %
            (style.domain, to, formatdate(facts.end + 3600), subject,
             message_id))


def attachment_head(style, name, encoding):
    return ('Content-Type: %s;\n\tname="%s"\n'
            'Content-Disposition: attachment;\n\tfilename="%s"\n'
            "Content-Transfer-Encoding: %s\n\n" %
            (style.media_type, name, name, encoding))


def wrap(style, facts, to, message_id, blob, name):
    """The whole mail, lines ending in CRLF."""
    if style.container == "xml":
        part = attachment_head(style, name, "quoted-printable").encode()
        part += quopri.encodestring(blob.replace(b"\r\n", b"\n"))
    else:
        part = attachment_head(style, name, "base64").encode()
        part += base64.encodebytes(blob)
    mail = header(style, facts, to, message_id).encode()
    if style.mail == "bare":
        return (mail + part).replace(b"\n", b"\r\n")
    text = ("text/html", "<p>A report for <b>%s</b>.</p>\n") \
        if style.mail == "html" else ("text/plain", "A report for %s.\n")
    mark = "=_%08x" % zlib.crc32(message_id.encode())
    mail += ('Content-Type: multipart/mixed;\n\tboundary="%s"\n\n'
             "--%s\nContent-Type: %s; charset=us-ascii\n\n%s\n--%s\n" %
             (mark, mark, text[0], text[1] % facts.domain, mark)).encode()
    mail += part + ("\n--%s--\n" % mark).encode()
    return mail.replace(b"\n", b"\r\n")


def count_rows(style, report_id, domain, begin, rows):
    return Facts(style.org, report_id, domain, begin, begin + DAY - 1,
                 len(rows), sum(r.count for r in rows),
                 sum(r.count for r in rows if "pass" in (r.dkim, r.spf)))


def each_report(seed, count, owners, days=14, start=START, rows=(1, 40),
                to=RUA, styles=STYLES):
    """`count` mails one after the other, one report each, all of different
    identity. `owners(rng)` gives the domains that are reported on."""
    rng = random.Random("reports/%s" % seed)
    choice = owners(rng)
    for serial in range(count):
        style = styles[serial % len(styles)]
        owner = choice[rng.randrange(len(choice))]
        begin = start + DAY * (serial * days // count)
        report_id = "%d.%06d.%08x" % (begin // DAY, serial,
                                      rng.getrandbits(32))
        lines = [owner.row(rng) for _ in range(rng.randint(*rows))]
        facts = count_rows(style, report_id, owner.name, begin, lines)
        stem = "%s!%s!%d!%d" % (style.domain, owner.name, begin, facts.end)
        xml = document(style, facts, owner.policy, lines)
        blob, name = pack(style, stem, xml, facts.end)
        message_id = "%d.%s@%s" % (serial, seed, style.domain)
        yield Mail(wrap(style, facts, to, message_id, blob, name),
                   message_id, "dmarc-reports@" + style.domain, facts)


def reports(seed, count, domains=("shop.example", "bank.example",
                                  "club.example.org"), **options):
    """A list of `count` mails, see each_report()."""
    return list(each_report(
        seed, count, lambda rng: [Owner(rng, name) for name in domains],
        **options))


def ordinary(seed, count):
    """Mails that are no reports, with what a filter could spoil: dots at the
    start of a line, 8-bit text, blanks at the end, long and empty lines."""
    rng = random.Random("ordinary/%s" % seed)
    words = ("lunch", "invoice", ".", "..dots", "\u00e4\u00f6\u00fc",
             "trailing  ", "\t", "", "From here", "x" * 900, "--=_mark")
    out = []
    for n in range(count):
        body = "\r\n".join(rng.choice(words)
                           for _ in range(rng.randrange(1, 60)))
        head = ("From: Anna <anna@sender.example>\r\nTo: other\r\n"
                "Date: %s\r\nSubject: Mail %d\r\n =?utf-8?q?folded?=\r\n"
                "Message-ID: <plain.%d.%s@sender.example>\r\n"
                "MIME-Version: 1.0\r\n"
                "Content-Type: text/plain; charset=utf-8\r\n"
                "Content-Transfer-Encoding: 8bit\r\n\r\n" %
                (formatdate(START + n), n, n, seed))
        out.append((head + body + "\r\n").encode())
    return out


def huge_rows(rng, owner, count):
    """Rows whose addresses are nearly all different."""
    for n in range(count):
        row = owner.row(rng, busy=3)
        yield dataclasses.replace(
            row, ip="2001:db8:%x:%x::%x" %
            (n >> 16, n & 0xffff, rng.randrange(1, 0xffff)))


class Base64File:
    """Write bytes to a file as base64 lines."""

    def __init__(self, file):
        self.file = file
        self.rest = b""

    def write(self, data):
        data = self.rest + data
        cut = len(data) - len(data) % 57
        self.rest = data[cut:]
        lines = base64.encodebytes(data[:cut])
        self.file.write(lines.replace(b"\n", b"\r\n"))

    def close(self):
        self.file.write(base64.encodebytes(self.rest)
                        .replace(b"\n", b"\r\n"))


def write_huge(path, records=500000, seed=1, to=RUA):
    """Write one mail with one report of `records` rows to `path`. Returns its
    Facts and the bytes of its XML."""
    rng = random.Random("huge/%s" % seed)
    style = Style("Vast Mail", "vast.example", "gzip", "bare",
                  "application/gzip")
    owner = Owner(rng, "shop.example")
    facts = Facts(style.org, "huge.%s" % seed, owner.name, START,
                  START + DAY - 1, records, 0, 0)
    w = Writer(style)
    squeeze = zlib.compressobj(6, zlib.DEFLATED, 31)
    messages = passed = xml_bytes = 0
    with open(path, "wb") as f:
        head = header(style, facts, to, "huge.%s@vast.example" % seed) + \
            attachment_head(style, "vast.example!shop.example.xml.gz",
                            "base64")
        f.write(head.encode().replace(b"\n", b"\r\n"))
        out = Base64File(f)
        write_head(w, facts, owner.policy)
        for n, row in enumerate(huge_rows(rng, owner, records), 1):
            write_row(w, row)
            messages += row.count
            passed += row.count if "pass" in (row.dkim, row.spf) else 0
            if n % 1000 == 0 or n == records:
                text = w.take()
                xml_bytes += len(text)
                out.write(squeeze.compress(text))
        w.depth = 0
        w.line("</feedback>")
        text = w.take()
        xml_bytes += len(text)
        out.write(squeeze.compress(text) + squeeze.flush())
        out.close()
    return dataclasses.replace(facts, messages=messages,
                               passed=passed), xml_bytes


def main():
    ap = argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--seed", default="1")
    ap.add_argument("--count", type=int, default=25)
    ap.add_argument("--start", type=int, default=START,
                    help="first day, seconds since 1970")
    ap.add_argument("--huge", type=int, metavar="RECORDS")
    ap.add_argument("path")
    a = ap.parse_args()
    if a.huge:
        facts, xml_bytes = write_huge(a.path, a.huge, a.seed)
        print("%d records, %d messages, %d passed, %d bytes of XML" %
              (facts.records, facts.messages, facts.passed, xml_bytes))
        return
    os.makedirs(a.path, exist_ok=True)
    mails = reports(a.seed, a.count, start=a.start)
    for n, mail in enumerate(mails):
        with open(os.path.join(a.path, "%06d.eml" % n), "wb") as f:
            f.write(mail.data)
    print("%d reports, %d records, %d messages, %d passed" % totals(mails))


if __name__ == "__main__":
    main()
