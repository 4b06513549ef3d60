"""hostile - mails made to take time and memory: bombs in archives, XML that
parsers handle in quadratic time, headers and MIME trees without end. They are
built when they are asked for; a name always gives the same bytes."""
import base64
import gzip
import io
import random
import struct
import zipfile
import zlib

MIB = 1 << 20
# No report comes out of it, however well it is written.
META = (b"<report_metadata><org_name>evil.example</org_name>"
        b"<email>a@evil.example</email><report_id>%s</report_id><date_range>"
        b"<begin>-1</begin><end>1735775999</end></date_range>"
        b"</report_metadata><policy_published><domain>shop.example</domain>"
        b"<p>none</p></policy_published>")
HEAD = b"<feedback>" + META % b"1"
END = b"</feedback>"
RECORD = (b"<record><row><source_ip>192.0.2.1</source_ip><count>1</count>"
          b"<policy_evaluated><disposition>none</disposition><dkim>pass</dkim>"
          b"<spf>pass</spf></policy_evaluated></row><identifiers><header_from>"
          b"shop.example</header_from></identifiers><auth_results><spf>"
          b"<domain>shop.example</domain><result>pass</result></spf>"
          b"</auth_results></record>")

SHAPES = {}  # name: function that gives the mail


def mail(body, *fields):
    """A mail with fields in front of its own ones."""
    head = (b"From: Mallory <reports@evil.example>\r\n"
            b"To: rua@reports.test.example\r\n"
            b"Subject: Report Domain: shop.example\r\nMIME-Version: 1.0\r\n")
    return head + b"".join(fields) + b"\r\n" + body


def attached(blob, media_type=b"application/gzip"):
    return mail(base64.encodebytes(blob).replace(b"\n", b"\r\n"),
                b"Content-Type: %s\r\n" % media_type,
                b"Content-Transfer-Encoding: base64\r\n")


def squeeze(head, unit, size, tail, bits=31):
    """Deflate `unit` repeated to `size` bytes, in a gzip unless told."""
    c = zlib.compressobj(6, zlib.DEFLATED, bits)
    block = unit * max(1, 65536 // len(unit))
    out = [c.compress(head)]
    out += [c.compress(block) for _ in range(size // len(block))]
    return b"".join(out) + c.compress(tail) + c.flush()


def zipped(files):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as z:
        for name, data in files:
            z.writestr(zipfile.ZipInfo(name, (2025, 1, 1, 0, 0, 0)), data,
                       zipfile.ZIP_DEFLATED, 6)
    return out.getvalue()


def shape(name, function):
    SHAPES[name] = function


def repeated(name, head, unit, tail, size=63 * MIB):
    """A report in a gzip, most of which is one thing."""
    shape(name, lambda: attached(squeeze(head, unit, size, tail)))


def numbered(name, head, unit, count, tail):
    """The same with a number in each unit."""
    shape(name, lambda: attached(gzip.compress(
        head + b"".join(unit % i for i in range(count)) + tail, 6, mtime=0)))


def documents(name, unit, count):
    shape(name, lambda: attached(gzip.compress(unit * count, 6, mtime=0)))


# XML: what is many, long or deep
repeated("blanks", HEAD, b" ", END)
repeated("elements", HEAD, b"<a/>", END)
repeated("known elements", HEAD + b"<record><row>", b"<count/>", b"</row>")
repeated("references", HEAD + b"<x>", b"&amp;", b"</x>" + END)
repeated("forbidden references", HEAD + b"<x>", b"&#1;", b"</x>" + END)
repeated("control characters", HEAD + b"<x>", b"\x01", b"</x>" + END)
repeated("no UTF-8", HEAD + b"<x>", b"\xff", b"</x>" + END)
repeated("GB 18030", b"<?xml version='1.0' encoding='gb18030'?>" + HEAD +
         b"<x>", b"\x81\x30\x81\x30", b"</x>" + END)
repeated("long text", HEAD + b"<record><row><count>", b"x", b"</count>" + END)
repeated("comment", HEAD + b"<!--", b"x", b"-->" + END)
repeated("comments", HEAD, b"<!---->", END)
repeated("instruction", HEAD + b"<?x ", b"x", b"?>" + END)
repeated("instructions", HEAD, b"<?x?>", END)
repeated("CDATA", HEAD + b"<x><![CDATA[", b"x", b"]]></x>" + END)
repeated("attribute", HEAD + b'<x a="', b"x", b'"/>' + END, 2 * MIB)
repeated("entity in attribute", HEAD + b'<x a="', b"&lt;", b'"/>' + END)
repeated("tag name", HEAD + b"<", b"a", b"/>" + END)
repeated("entity name", HEAD + b"<x>&", b"a", b";</x>" + END)
repeated("end tag", HEAD + b"</feedback", b" ", b">")
repeated("nesting", HEAD, b"<a>", END, 9 * MIB)
repeated("open roots", b"", b"<feedback>", b"", 20 * MIB)
repeated("cut roots", b"<feedback>&", b"</feedback", b"", 20 * MIB)
numbered("attributes", HEAD + b"<x", b' a%d=""', 900000, b"/>" + END)
numbered("namespaces of a tag", HEAD + b"<x", b' xmlns:a%d="u"', 100000,
         b"/>" + END)
numbered("namespaces", HEAD, b'<x xmlns="urn:%d"/>', 1000000, END)
numbered("names", HEAD, b"<a%d/>", 1000000, END)

# XML that is repaired again and again
repeated("bare <", HEAD + b"<x>", b"< ", b"</x>" + END)
repeated("<<<", b"<feedback>", b"<", END)
repeated("bare &", HEAD + b"<x>", b"& ", b"</x>" + END)
repeated("flaw at the end", HEAD, b"<a/>", b"&</x>" + END)

# documents and archives
documents("empty documents", b"<feedback/>", 500000)
documents("broken documents", b"<feedback>&</feedback>", 11000)
shape("small documents", lambda: attached(gzip.compress(b"".join(
    b"<feedback>%s</x>" % (META % b"%d" % i) for i in range(5000)), 6)))
shape("gzip in gzip in gzip", lambda: attached(gzip.compress(gzip.compress(
    squeeze(b"", b"\0", 300 * MIB, b""), mtime=0), mtime=0)))
shape("gzip members", lambda: attached(
    gzip.compress(b"", 6, mtime=0) * 200000))
shape("gzip name", lambda: attached(
    b"\x1f\x8b\x08\x08\0\0\0\0\0\x03" + b"a" * 3 * MIB))
shape("zip of bombs", lambda: attached(zipped(
    ("%d.xml" % i, HEAD + b" " * MIB + b"&" + END) for i in range(64)),
    b"application/zip"))
shape("zip of 100,000", lambda: attached(zipped(
    ("%d" % i, b"") for i in range(100000)), b"application/zip"))


def zips_in_zips(data):
    for _ in range(3):
        data = zipped(("%d" % i, data) for i in range(64))
    return attached(data, b"application/zip")


shape("zips of nothing", lambda: zips_in_zips(b"x"))
shape("zips of broken documents", lambda: zips_in_zips(b"<feedback>&"))


def streamed_zip(count, size):
    """Entries whose lengths stand behind them, and no directory."""
    data = squeeze(b"", b"x", size, b"", -15)
    crc = zlib.crc32(b"x" * size)
    entry = (struct.pack("<IHHHHHIIIHH", 0x04034b50, 20, 8, 8, 0, 0x5a21, 0,
                         0, 0, 1, 0) + b"a" + data +
             struct.pack("<IIII", 0x08074b50, crc, len(data), size))
    return attached(entry * count, b"application/zip")


shape("zip without lengths", lambda: streamed_zip(16, 64 * MIB))

# headers and MIME
shape("nested groups", lambda: mail(b"", b"Cc: %s\r\n" % (b"a:" * 29000)))
shape("addresses", lambda: mail(b"", (b"To: %s\r\n" % (b"a," * 14000)) * 40))
shape("address fields", lambda: mail(b"", b"To: a\r\n" * 90000))
shape("header lines", lambda: mail(b"", *(
    b"X-%d: %s\r\n" % (i, b"y" * 990) for i in range(20000))))
shape("a header field", lambda: mail(b"", b"X-A: y\r\n", b" yyyyyyyyyyy\r\n" *
                                     200000))
shape("encoded words", lambda: mail(b"", b"Subject: %s\r\n" % (
    b"=?utf-8?q?a?= " * 200000)))
shape("parameters", lambda: mail(b"", b"Content-Type: application/xml%s\r\n" %
                                 b"".join(b"; name*%d*=a" % i
                                          for i in range(200000))))
MIXED = b'Content-Type: multipart/mixed; boundary="b"\r\n'
MAIL = b"Content-Type: message/rfc822\r\n"
BASE64 = b"Content-Transfer-Encoding: base64\r\n"
shape("fields of parts", lambda: mail(
    (b"--b\r\n" + b"a:\r\n" * 2000 + b"\r\nx\r\n") * 400, MIXED))
shape("parts", lambda: mail(b"--b\r\n\r\nx\r\n" * 200000, MIXED))
shape("deep MIME", lambda: mail(b"", *(
    b'Content-Type: multipart/mixed; boundary="b%d"\r\n\r\n--b%d\r\n' % (i, i)
    for i in range(4000))))
shape("mails in mails", lambda: mail(b"", MAIL, (b"\r\n" + MAIL) * 100000))
shape("fields of an encoded mail", lambda: mail(base64.encodebytes(
    b"MIME-Version: 1.0\n" + b"a:\n" * 1000000 + b"\nx\n"), MAIL, BASE64))
shape("parts of an encoded mail", lambda: mail(base64.encodebytes(
    b"MIME-Version: 1.0\n" + MIXED + b"\n" + b"--b\n\n" * 500000), MAIL,
    BASE64))
shape("lines", lambda: mail(b"\r\n" * 2 * MIB,
                            b"Content-Type: application/xml\r\n"))
shape("dashes", lambda: mail(b"--" * 2 * MIB, MIXED))
shape("texts with reports", lambda: mail((
    b"--b\r\nContent-Type: text/plain\r\n\r\n<feedback>" + b"<a/>" * 5000 +
    b"&</feedback>\r\n") * 190, MIXED))
shape("base64 of nothing", lambda: mail(
    b"H4sI\r\n-\r\n" * 300000, b"Content-Type: text/plain\r\n"))
shape("base64 padding", lambda: mail(
    b"=H4sI\r\n" * 500000, b"Content-Type: application/gzip\r\n", BASE64))
shape("base64 junk", lambda: mail(
    random.Random("junk").randbytes(20 * MIB).replace(b"\n", b"\r\n"),
    b"Content-Type: application/gzip\r\n", BASE64))
