"""What cases are made of: reports, archives, mails. Same call, same bytes."""
import base64
import binascii
import io
import struct
import zipfile
import zlib

DECL = '<?xml version="1.0" encoding="UTF-8"?>\n'
D2 = "urn:ietf:params:xml:ns:dmarc-2.0"
BEGIN = 1700006400  # 2023-11-15 00:00:00 UTC
END = BEGIN + 86399
NAME = "receiver.example!example.com!%d!%d" % (BEGIN, END)
SUBJECT = "Report Domain: example.com Submitter: receiver.example"


def element(name, value):
    """An element; nothing at all for None."""
    return "" if value is None else "<%s>%s</%s>" % (name, value, name)


def elements(pairs):
    return "".join(element(name, value) for name, value in pairs.items())


def metadata(org="Receiver Inc", email="dmarc@receiver.example", id="r1",
             begin=BEGIN, end=END, **more):
    return element("report_metadata", elements(dict(
        org_name=org, email=email, report_id=id, date_range=elements(dict(
            begin=begin, end=end)), **more)))


def policy(domain="example.com", p="none", **more):
    return element("policy_published",
                   elements(dict(domain=domain, p=p, **more)))


def evaluated(disposition="none", dkim="fail", spf="pass", reason=""):
    return element("policy_evaluated", elements(dict(
        disposition=disposition, dkim=dkim, spf=spf)) + reason)


def auth(method="spf", domain="example.com", result="pass", **more):
    return element(method, elements(dict(domain=domain, **more,
                                         result=result)))


def record(ip="192.0.2.1", count=1, evaluated=evaluated(),
           header_from="example.com", ids="", results=auth()):
    """ids: further identifiers, as XML; None leaves an element out."""
    return element("record", element("row", elements(dict(
        source_ip=ip, count=count)) + (evaluated or "")) +
        ("" if ids is None else element(
            "identifiers", element("header_from", header_from) + ids)) +
        element("auth_results", results)) + "\n"


def feedback(*inside, decl=DECL, root="<feedback>", version=None, end=None):
    """A document of the given children; by default a whole report."""
    inside = inside or (metadata(), policy(), record())
    close = "</" + root[1:].split(" ")[0].rstrip(">") + ">\n"
    return (decl + root + "\n" + element("version", version) +
            "\n".join(inside) + (close if end is None else end))


def report(id="r1", **more):
    """A whole report that differs from others in its identity."""
    return feedback(metadata(id=id), policy(), record(), **more)


def rows(*records, **more):
    return feedback(metadata(), policy(), *records, **more)


def bytes_of(data):
    return data.encode() if isinstance(data, str) else data


# ---- archives ----

def gz(data, name=None, level=9):
    """One member; time and system are left out."""
    data = bytes_of(data)
    z = zlib.compressobj(level, zlib.DEFLATED, -15)
    head = b"\x1f\x8b\x08" + (b"\x08" if name else b"\0") + b"\0\0\0\0\0\xff"
    head += name.encode() + b"\0" if name else b""
    return (head + z.compress(data) + z.flush() +
            struct.pack("<II", zlib.crc32(data), len(data) & 0xffffffff))


class Stream(io.RawIOBase):
    """What cannot be sought in: zip then writes sizes behind the data."""

    def __init__(self):
        super().__init__()
        self.data = bytearray()

    def writable(self):
        return True

    def write(self, b):
        self.data += bytes(b)
        return len(b)


def zipped(*entries, method=zipfile.ZIP_DEFLATED, stream=False):
    """entries: (name, data); a name that ends in / is a directory."""
    out = Stream() if stream else io.BytesIO()
    with zipfile.ZipFile(out, "w") as z:
        for name, data in entries:
            info = zipfile.ZipInfo(name, (2023, 11, 16, 0, 0, 0))
            info.create_system = 3
            info.external_attr = (0o40755 if name.endswith("/") else
                                  0o100644) << 16
            z.writestr(info, bytes_of(data),
                       zipfile.ZIP_STORED if name.endswith("/") else method)
    return bytes(out.data) if stream else out.getvalue()


LOCAL, CENTRAL = b"PK\x03\x04", b"PK\x01\x02"


def patch_zip(data, field, value, entry=0):
    """Write a value into the local and the central header of an entry."""
    at = {"flags": ("<H", 6, 8), "method": ("<H", 8, 10),
          "crc": ("<I", 14, 16), "packed": ("<I", 18, 20),
          "size": ("<I", 22, 24)}[field]
    data = bytearray(data)
    for magic, offset in ((LOCAL, at[1]), (CENTRAL, at[2])):
        start = -1
        for _ in range(entry + 1):
            start = data.index(magic, start + 1)
        struct.pack_into(at[0], data, start + offset, value)
    return bytes(data)


def crc(data):
    return binascii.crc32(bytes_of(data))


# ---- mails ----

def b64(data, width=76):
    text = base64.b64encode(bytes_of(data)).decode()
    return "\n".join(text[i:i + width] for i in range(0, len(text), width))


def part(media_type, data, encoding="base64", name=None, fields=()):
    """A body with its own header."""
    head = []
    if media_type:
        head.append("Content-Type: " + media_type)
    if encoding:
        head.append("Content-Transfer-Encoding: " + encoding)
    if name:
        head.append('Content-Disposition: attachment; filename="%s"' % name)
    head += fields
    body = b64(data) if encoding == "base64" else data
    if isinstance(body, bytes):
        body = body.decode("latin-1")
    return "\n".join(head) + "\n\n" + body + "\n"


def text(body="See the attachment."):
    return part("text/plain", body, None)


def gzip_part(data=None, name=NAME + ".xml.gz", **more):
    return part("application/gzip", gz(report() if data is None else data),
                name=name, **more)


def multipart(*parts, kind="mixed", boundary="b1", close=True, more=""):
    return ("Content-Type: multipart/%s; boundary=%s%s\n\n" %
            (kind, boundary, more) +
            "".join("--%s\n%s" % (boundary, p) for p in parts) +
            ("--%s--\n" % boundary if close else ""))


def mail(content, subject=SUBJECT, sender="dmarc@receiver.example",
         fields=()):
    """content begins with its MIME header."""
    head = list(fields) + ["From: " + sender, "To: rua@example.com"]
    if subject:
        head.append("Subject: " + subject)
    head += ["Message-ID: <1@receiver.example>", "MIME-Version: 1.0"]
    return "\n".join(head) + "\n" + content


def report_mail(data=None, **more):
    """The usual one: a text, and a report with no helpful name."""
    return mail(multipart(text(), gzip_part(data, name="report.xml.gz")),
                **more)
