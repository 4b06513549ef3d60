"""Archives: the rows C1 to C23, and the sniffing of F.2.1."""
import bz2
import lzma
import struct
import zipfile
import zlib

from .parts import (CENTRAL, NAME, feedback, gz, gzip_part, mail, metadata,
                    multipart, part, patch_zip, policy, report, text, zipped)


def small(id="r1"):
    return feedback(metadata(id=id), policy())


def tar(name, data):
    head = bytearray(512)
    fields = ((0, name.encode()), (100, b"0000644\0"), (108, b"0000000\0"),
              (116, b"0000000\0"), (124, b"%011o\0" % len(data)),
              (136, b"14525000000\0"), (148, b"        "), (156, b"0"),
              (257, b"ustar\0" b"00"))
    for at, value in fields:
        head[at:at + len(value)] = value
    head[148:156] = b"%06o\0 " % sum(head)
    return bytes(head) + data + bytes(-len(data) % 512 + 1024)


def gzip_files(case):
    case("c01-wrong-extensions", "C1: a zip named .gz and a gzip named .zip "
         "-> the bytes decide", "eml", mail(multipart(
             part("application/gzip", zipped(("r.xml", small())),
                  name=NAME + ".xml.gz"),
             part("application/zip", gz(small("r2")), name=NAME + ".zip"))))
    case("c02-trailing-bytes", "C2: bytes behind the gzip -> they are passed "
         "over", "gz", gz(report()) + b"\r\n")
    case("c02-trailing-zeros", "C2: zeros behind the gzip -> they are passed "
         "over", "gz", gz(report()) + bytes(30))
    case("c03-members", "C3: two gzip members, a document in each -> both are "
         "read", "gz", gz(report()) + gz(report("r2")))
    whole = report()
    case("c03-members-split", "C3: one document in two gzip members -> it is "
         "read", "gz", gz(whole[:300]) + gz(whole[300:]))
    case("c04-truncated", "C4: a gzip cut off within its data -> it is "
         "refused", "gz", gz(report())[:-60])
    case("c05-no-trailer", "C5: a gzip without its last 8 bytes -> it is "
         "refused", "gz", gz(report())[:-8])
    case("c06-wrong-crc", "C6: a gzip with a wrong checksum -> it is refused",
         "gz", gz(report())[:-8] + b"abcd" + gz(report())[-4:])
    case("c06-wrong-length", "C6: a gzip with a wrong length -> it is refused",
         "gz", gz(report())[:-4] + b"\1\0\0\0")
    stored = bytearray(gz(report(), level=0))
    stored[200] ^= 4
    case("c06-flipped-bit", "C6: a gzip with a changed bit in its data -> it "
         "is refused", "gz", bytes(stored))
    case("c07-gzip-in-gzip", "C7: a gzip within a gzip -> it is read", "gz",
         gz(gz(report())))
    case("c07-three-layers", "C7: three layers of gzip -> they are read", "gz",
         gz(gz(gz(report()))))
    case("c07-four-layers", "C7: four layers of gzip -> refused: three are "
         "the limit", "gz", gz(gz(gz(gz(report())))))
    case("c08-gzip-in-zip", "C8: gzip and zip within a zip -> they are read",
         "zip", zipped(("a.gz", gz(small())),
                       ("b.zip", zipped(("b.xml", small("r2"))))))
    case("c09-zip-in-gzip", "C9: a zip within a gzip -> it is read", "gz",
         gz(zipped(("r.xml", report()))))
    case("c10-tar-in-gzip", "C10: a tar within a gzip -> it is refused", "gz",
         gz(tar("r.xml", report().encode())))


def zip_files(case):
    case("c11-odd-names", "C11: directories, absolute names and .. in a zip "
         "-> names are never used as paths", "zip", zipped(
             ("d/", ""), ("d/r.xml", small()), ("/etc/r.xml", small("r2")),
             ("../../r.xml", small("r3")), ("d\\r.xml", small("r4"))))
    case("c12-several-entries", "C12: several XML files in a zip beside "
         "others -> each XML file is a report, the others are passed over",
         "zip", zipped(
             ("a.xml", small()), ("__MACOSX/._a.xml", small("no")),
             ("._b.xml", "\0\5\26\7"), (".DS_Store", "\0\0\0\1Bud1"),
             ("readme.txt", "Reports."), ("b.xml", small("r2"))))
    secret = zipped(("a.xml", small("secret")), ("b.xml", small("r2")))
    case("c13-encrypted", "C13: an encrypted entry in a zip -> it is refused, "
         "the others are read", "zip", patch_zip(secret, "flags", 1))
    for name, method in (("stored", zipfile.ZIP_STORED),
                         ("bzip2", zipfile.ZIP_BZIP2),
                         ("lzma", zipfile.ZIP_LZMA)):
        case("c14-" + name, "C14: a zip with the method %s -> it is read" %
             name, "zip", zipped(("r.xml", report()), method=method))
    case("c14-unknown-method", "C14: a zip with an unknown method -> the "
         "entry is refused, the others are read", "zip", patch_zip(zipped(
             ("a.xml", small()), ("b.xml", small("r2"))), "method", 97))
    case("c15-wrong-crc", "C15: an entry with a wrong checksum -> it is "
         "refused, the others are read", "zip", patch_zip(zipped(
             ("a.xml", small()), ("b.xml", small("r2"))), "crc", 1))
    whole = zipped(("r.xml", report()))
    damaged = bytearray(whole)
    damaged[100:104] = b"\xff\xff\xff\xff"
    case("c15-damaged", "C15: an entry with changed bytes that cannot be "
         "unpacked -> it is refused as damaged", "zip", bytes(damaged))
    case("c16-no-directory", "C16: a zip cut off before its directory -> it "
         "is read, with a warning", "zip", whole[:whole.index(CENTRAL)])
    case("c17-truncated", "C17: a zip cut off within its data -> it is "
         "refused", "zip", whole[:whole.index(CENTRAL) - 50])
    around = b"#!/bin/sh\nexit\n" + whole + b"\r\n"
    case("c18-bytes-around", "C18: bytes before and behind a zip -> it is "
         "read, with a warning", "zip", around)
    case("c18-bytes-around-part", "C18: bytes before and behind a zip in a "
         "mail -> it is read, with a warning", "eml", mail(multipart(
             text(), part("application/zip", around, name=NAME + ".zip"))))
    stored = zipped(("r.xml", report()), method=zipfile.ZIP_STORED)
    changed = stored.replace(b"<count>1<", b"<count>9<")
    case("c18-stored", "C18: bytes before a zip that is not compressed -> it "
         "is read as a zip, with a warning", "zip", b"xx" + stored)
    case("c18-stored-changed", "C18: bytes before a zip that is not "
         "compressed and whose data was changed -> it is refused", "zip",
         b"xx" + changed)
    case("c18-stored-cut", "C18: bytes before a zip that is not "
         "compressed, changed and cut off before its directory -> it is "
         "refused", "zip", b"xx" + changed[:changed.index(CENTRAL)])
    case("c18-stored-in-gzip", "C18: bytes before a zip that is not "
         "compressed, in a gzip -> it is read as a zip, with a warning", "gz",
         gz(b"xx" + stored))
    case("c18-bytes-behind", "C18: a line end behind a zip -> it is read",
         "zip", whole + b"\r\n")
    case("c19-streamed", "C19: a zip whose sizes stand behind the data -> it "
         "is read", "zip", zipped(("r.xml", report()), stream=True))


def hostile(case):
    whole = zipped(("r.xml", report()))
    case("c20-size-too-small", "C20: a zip that understates the size of an "
         "entry -> never a part of a report", "zip",
         patch_zip(whole, "size", 100))
    case("c20-size-too-large", "C20: a zip that overstates the size of an "
         "entry -> never more than there is", "zip",
         patch_zip(whole, "size", 1 << 30))
    case("c20-bomb-gzip", "C20: a gzip that grows beyond the limit -> it is "
         "refused", "gz", gz(feedback(metadata(), policy()) +
                             " " * (1 << 20)))
    case("c20-at-limit", "C20, F.0.2: a gzip of exactly the limit, a "
         "thousandth of it when packed -> it is read", "gz",
         gz(small() + " " * ((1 << 20) - len(small()))))
    case("c20-bomb-total", "C20: entries that together grow beyond the limit "
         "of a mail -> what exceeds it is refused", "zip", zipped(*[
             ("%d.xml" % i, small("r%d" % i) + " " * 700000)
             for i in range(4)]))
    case("c20-bomb-layers", "C20: a zip in a zip that grows beyond the limit "
         "-> it is refused", "zip", zipped(("a.zip", zipped(
             ("a.xml", small() + " " * (1 << 20))))))
    case("c20-entries", "C20: more entries than the limit -> the zip is "
         "refused", "zip", zipped(*[("%d" % i, "") for i in range(64)],
                                  ("r.xml", small())))
    case("c20-entries-at-limit", "C20: as many entries as the limit -> the "
         "zip is read", "zip", zipped(
             *[("%d" % i, "x") for i in range(63)], ("r.xml", small())))
    overlapping = bytearray(zipped(("a.xml", small()), ("b.xml", small("r2"))))
    second = overlapping.index(CENTRAL, overlapping.index(CENTRAL) + 1)
    struct.pack_into("<I", overlapping, second + 42, 0)
    case("c20-overlapping", "C20: a zip with two entries over the same bytes "
         "-> nothing is read that is not there", "zip", bytes(overlapping),
         uncut="cut before the directory, both entries are there")


def empty_and_other(case):
    case("c21-empty-zip", "C21: a zip without entries -> refused as empty",
         "zip", zipped())
    case("c21-empty-gzip", "C21: a gzip of nothing -> refused as empty", "gz",
         gz(""))
    case("c21-empty-file", "C21: a file of no bytes -> refused as empty",
         "gz", b"")
    doc = report().encode()
    others = (("bz2", bz2.compress(doc)), ("xz", lzma.compress(doc)),
              ("lzma", lzma.compress(doc, lzma.FORMAT_ALONE)),
              ("lz", b"LZIP\1\x0c" + bytes(30)),
              ("7z", b"7z\xbc\xaf\x27\x1c\0\4" + bytes(30)),
              ("zst", b"\x28\xb5\x2f\xfd\4" + bytes(30)),
              ("rar", b"Rar!\x1a\7\1\0" + bytes(30)),
              ("Z", b"\x1f\x9d\x90" + bytes(30)),
              ("z", b"\x1f\xa0" + bytes(30)), ("zz", zlib.compress(doc)),
              ("tar", tar("r.xml", b"<feedback/>")))
    case("c22-other-formats", "C22: bzip2, xz, lzma, lzip, 7z, zstd, rar, "
         "compress, pack, zlib and tar -> they are refused", "eml",
         mail(multipart(*[part("application/octet-stream", data,
                               name="r.xml." + name)
                          for name, data in others])))
    case("c23-extensions", "C23: .xml.zip with .xml, and an entry without "
         "extension -> extensions do not matter", "eml", mail(multipart(
             part("application/zip", zipped(("r.xml", small())),
                  name=NAME + ".xml.zip"),
             part("application/zip", zipped((NAME, small("r2"))),
                  name=NAME + ".zip"))))


def sniffed(case):
    case("f21-leading-blanks", "F.2.1: up to 16 blanks and zeros before an "
         "archive -> it is read, with a warning", "gz",
         b"\r\n\0 \t" + gz(report()))
    case("f21-leading-blanks-many", "F.2.1: more than 256 blanks before "
         "an archive -> it is none", "eml", mail(multipart(text(), part(
             "application/gzip", b"\n" * 257 + gz(report())))))
    case("f21-split-marker", "F.2.1: a zip that begins with the marker of "
         "split archives -> it is read", "zip",
         b"PK\7\10" + zipped(("r.xml", report())))
    case("f21-json", "F.2.1: JSON that is no TLS report -> there is no "
         "report", "eml", mail(multipart(text(), part(
             "application/json", '{"a": 1}'))))
    case("f21-gzip-behind", "F.2.1: up to 256 other bytes before a gzip -> it "
         "is read, with a warning", "eml", mail(multipart(*[
             part("application/octet-stream", data) for data in (
                 b"Report:\n" + gz(small()), b"x" * 256 + gz(small("r2")),
                 gz(b"x" + gz(small("r3"))))])))
    case("f21-gzip-behind-damaged", "F.2.1: other bytes before a damaged gzip "
         "-> it is refused", "gz", b"x" + gz(report())[:-8] + bytes(8))
    case("f21-pdf", "F.2.1: a PDF beside the report -> it is passed over",
         "eml", mail(multipart(part("application/pdf", "%PDF-1.4\n%%EOF\n"),
                               gzip_part())))


def make(case):
    for group in (gzip_files, zip_files, hostile, empty_and_other, sniffed):
        group(case)
