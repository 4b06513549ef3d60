"""Mails: the rows M1 to M30, and how mails are classified."""
import base64
import gzip

from .parts import (BEGIN, D2, DECL, END, NAME, b64, feedback, gz, gzip_part,
                    mail, metadata, multipart, part, policy, record, report,
                    report_mail, text, zipped)

HTML = part("text/html", "<html><body>Report</body></html>", None)


def small(id):
    """Of a reporter of its own."""
    return feedback(metadata(org=id, id=id), policy())


def plain(body, more=""):
    return part("text/plain" + more, body, None)


def gunzip(data):
    return gzip.decompress(data).decode()


def undated(number):
    """A report whose period only the file name knows."""
    return gz(feedback(metadata(id="r%d" % number, begin=None, end=None),
                       policy()))


def dated_name(number):
    return "receiver.example!example.com!%d!%d" % (
        BEGIN - number * 86400, END - number * 86400)


def structure(case):
    case("m01-body-is-the-report", "M1: the body of the mail is the archive, "
         "without multipart -> it is read", "eml",
         mail(part("application/zip; name=" + NAME + ".zip",
                   zipped((NAME + ".xml", report())))))
    case("m02-nested-multipart", "M2: the report beside HTML in a nested "
         "multipart -> the whole tree is walked", "eml",
         mail(multipart(multipart(
             multipart(text(), HTML, kind="alternative", boundary="b3"),
             gzip_part(), kind="related", boundary="b2"))))
    case("m03-alternative", "M3: the report is one of the alternatives of a "
         "multipart/alternative -> no alternative is chosen, all are read",
         "eml", mail(multipart(text(), part("text/xml", report(), None),
                               kind="alternative")))
    case("m04-wrong-types", "M4: any media type, gzip labelled zip -> the "
         "bytes decide", "eml", mail(multipart(
             *[part(t, gz(feedback(metadata(id=t.strip()), policy())))
               for t in ("application/octet-stream", "application/x-gzip",
                         "application/x-zip-compressed", "application/xml",
                         "application/zip", "text/xml", "image/png",
                         "bogus")])))
    case("m04-no-type", "M4: a part with no Content-Type -> the bytes decide",
         "eml", mail(multipart(text(), part(None, gz(report()),
                                            name=NAME + ".xml.gz"))))
    case("m04-text-plain", "M4: an archive labelled text/plain -> the bytes "
         "decide", "eml", mail(multipart(
             text(), part("text/plain", gz(report()), name="r.gz"))))
    case("m05-misspelt-field", "M5: ContentType in place of Content-Type -> "
         "the bytes decide, with a warning", "eml", mail(multipart(
             text(), part(None, gz(report()), fields=(
                 "ContentType: application/gzip",)))))
    case("m06-fold-without-indent", "M6: the boundary on a line that is not "
         "indented -> the line continues the field before it, with a warning",
         "eml", mail(multipart(text(), gzip_part()).replace(
             "; boundary", ";\nboundary")))
    case("m06-name-without-indent-beside", "M6: a file name on a line that is "
         "not indented, beside a clean report -> only the report with that "
         "name has the warning", "eml", mail(multipart(
             part("application/gzip", undated(1), fields=(
                 "Content-Disposition: attachment;",
                 "filename=" + NAME + ".xml.gz")),
             part("application/gzip", gz(small("r2")), fields=(
                 "Content-Disposition: attachment;",
                 "\tfilename=a.xml.gz")))))
    case("m06-name-without-indent", "M6: a file name on a line that is not "
         "indented -> the line continues the field before it, with a warning",
         "eml", mail(multipart(text(), part(
             "application/gzip", undated(1), fields=(
                 "Content-Disposition: attachment;",
                 "filename=" + NAME + ".xml.gz")))))


def inline(case):
    case("m07-inline", "M7: the text of the mail is the report -> it is read, "
         "with a warning", "eml", mail(plain(report())))
    case("m07-inline-span", "M7: a report within the text of the mail -> the "
         "one span of feedback is read, with a warning", "eml", mail(plain(
             "Hello,\n\nhere is the report:\n\n" + report(decl="") +
             "\nYours, the postmaster")))
    case("m07-inline-flowed", "M7: a report in a text with format=flowed -> "
         "soft line ends are undone first", "eml", mail(plain(
             report(id="r1 b").replace("r1 b", "r1 \nb"),
             "; format=flowed")))
    case("m07-inline-delsp", "M7: a report in a text with format=flowed and "
         "DelSp=yes -> the blanks before soft line ends are undone, too",
         "eml", mail(plain(report().replace("192.0.2.1", "192.0. \n2.1"),
                           "; format=flowed; DelSp=yes")))
    case("m07-inline-quoted", "M7: a report in the text, quoted with > -> it "
         "is refused", "eml", mail(plain(
             "> " + report().replace("\n", "\n> "))))
    case("m07-inline-cut", "M7: a report in the text that is cut off -> it is "
         "refused", "eml", mail(plain(report(end=""))))
    case("m07-inline-upper", "M7: a report in the text with its root in upper "
         "case and a prefix -> it is read", "eml", mail(plain(report(
             root='<n:FEEDBACK xmlns:n="urn:x">'))))
    case("m07-inline-doctype", "M7: a report in the text with a document type "
         "declaration -> it is refused", "eml", mail(plain(report(
             decl="<!DOCTYPE feedback>\n"))))
    case("m07-inline-utf-16", "M7: a report in a text in UTF-16 -> it is read",
         "eml", mail(part("text/plain; charset=utf-16", b"\xff\xfe" +
                          report().encode("utf-16-le"))))
    case("m07-inline-references", "M7: a report in the text with numbers for "
         "its brackets -> it is refused", "eml", mail(plain(
             report().replace("<", "&#60;"))))
    case("m07-inline-entities", "M7: a report in the text with entities for "
         "its brackets -> it is refused", "eml", mail(plain(
             report().replace("<", "&lt;").replace(">", "&gt;"))))
    case("m07-inline-broken", "M7: a report in the text that would need "
         "repair -> it is refused", "eml", mail(plain(report().replace(
             "Receiver Inc", "Receiver & Co"))))
    case("m07-inline-two", "M7: two reports in the text -> there is no one "
         "span, and it is refused", "eml", mail(plain(
             "One:\n" + report(decl="") + "and two:\n" +
             report("r2", decl=""))),
         uncut="cut within the second, there is one span")
    case("m07-inline-beside", "M7: a report in the text beside an attached one"
         " -> the text is left alone", "eml", mail(multipart(
             plain(report("r2")), gzip_part())),
         uncut="cut before the attachment, the text is all there is")
    case("m08-html", "M8: a report within an HTML part -> HTML is never read",
         "eml", mail(multipart(text(), part("text/html", report(decl=""),
                                            None))))
    case("m08-html-archive", "M8: base64 of an archive as an HTML part -> "
         "HTML is never read", "eml", mail(multipart(
             text(), part("text/html", gz(report())))))
    case("m09-any-position", "M9: texts before and behind the report -> the "
         "position does not matter", "eml", mail(multipart(
             text(), gzip_part(), text("Sent by a robot."))))


def several(case):
    case("m10-two-reports", "M10: two reports in one mail -> each is a report",
         "eml", mail(multipart(
             gzip_part(), gzip_part(feedback(
                 metadata(id="r2"), policy("example.net"),
                 record(header_from="example.net")),
                 name="receiver.example!example.net!%d!%d.xml.gz" %
                 (BEGIN, END)))))
    case("m10-same-twice", "M10: the same report as .xml and .xml.gz -> it "
         "counts once", "eml", mail(multipart(
             part("text/xml", report(), None, name=NAME + ".xml"),
             gzip_part())))
    case("m10-good-and-damaged", "M10: a good report beside a damaged one -> "
         "the good one is stored, the damaged one refused", "eml",
         mail(multipart(part("application/gzip", gz(report("r2"))[:-20],
                             name="a.xml.gz"), gzip_part(name="b.xml.gz"))))


def forwarded(case):
    ar = "Authentication-Results: mx.example; dmarc=%s header.from=%s"
    inner = mail(multipart(text(), gzip_part()), fields=(
        ar % ("pass", "receiver.example"),))
    case("m11-forwarded", "M11: the report mail forwarded as message/rfc822 "
         "-> it is read; what counts as authenticated is the outer mail",
         "eml", mail(multipart(text(), part("message/rfc822", inner, None)),
                     subject="FW: " + NAME, sender="someone@example.net",
                     fields=(ar % ("fail", "example.net"),)))
    case("m11-forwarded-base64", "M11: a forwarded mail in base64 -> it is "
         "read", "eml", mail(multipart(
             text(), part("message/rfc822", report_mail()))))
    case("m11-forwarded-octets", "M11: a forwarded mail as .eml and "
         "application/octet-stream -> it is read", "eml", mail(multipart(
             text(), part("application/octet-stream", report_mail(),
                          name="report.eml"))))
    for levels, word in ((3, "three"), (4, "four")):
        content = report_mail()
        for level in range(levels):
            content = mail(part("message/rfc822", content, None),
                           subject="FW")
        case("m11-forwarded-%s-times" % word, "M11: a mail within a mail, %s "
             "levels -> %s" % (word, "it is read" if levels == 3 else
                               "the fourth level is not looked into"),
             "eml", content)


def refused(case):
    case("m12-ole", "M12: an Outlook .msg file (OLE) -> it is refused", "eml",
         mail(multipart(text(), part(
             "application/vnd.ms-outlook",
             b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500),
             name="report.msg"))))
    case("m13-signed", "M13: multipart/signed -> the report within is read, "
         "the signature passed over", "eml", mail(multipart(
             multipart(text(), gzip_part(), boundary="b2"),
             part("application/pkcs7-signature", b"\x30\x80\x06\x09sig",
                  name="smime.p7s"), kind="signed",
             more='; protocol="application/pkcs7-signature"')))
    case("m13-signed-pgp", "M13: multipart/signed with a PGP signature -> the "
         "report within is read, the signature passed over", "eml",
         mail(multipart(gzip_part(), part(
             "application/pgp-signature", "-----BEGIN PGP SIGNATURE-----\n"
             "\niQ==\n-----END PGP SIGNATURE-----", None), kind="signed",
             more='; protocol="application/pgp-signature"')))
    case("m13-signature-octets", "M13: a signature .p7s with no telling type, "
         "beside the report -> it is passed over", "eml", mail(multipart(
             gzip_part(), part("application/octet-stream",
                               b"\x30\x80\x06\x09sig",
                               name="smime.p7s"))))
    case("m14-opaque", "M14: application/pkcs7-mime -> it is refused", "eml",
         mail(part("application/pkcs7-mime; smime-type=signed-data",
                   b"\x30\x82\x01\x00\x06\x09" + bytes(200),
                   name="smime.p7m")))
    case("m14-opaque-octets", "M14: PKCS#7 data with no telling type -> it is "
         "refused by its bytes", "eml", mail(part(
             "application/octet-stream", b"\x30\x80\x06\x09" + bytes(200))))
    case("m14-encrypted", "M14: multipart/encrypted -> it is refused", "eml",
         mail(multipart(part("application/pgp-encrypted", "Version: 1", None),
                        part("application/octet-stream",
                             "-----BEGIN PGP MESSAGE-----\n\nhQ==\n"
                             "-----END PGP MESSAGE-----", None),
                        kind="encrypted",
                        more='; protocol="application/pgp-encrypted"')))
    tnef = b"\x78\x9f\x3e\x22" + bytes(100)
    case("m15-tnef", "M15: winmail.dat -> it is refused", "eml",
         mail(multipart(text(), part("application/ms-tnef", tnef,
                                     name="winmail.dat"))))
    case("m15-tnef-octets", "M15: TNEF with no telling type -> it is refused "
         "by its bytes", "eml", mail(multipart(
             text(), part("application/octet-stream", tnef))))


def encodings(case):
    lines = b64(gz(report())).rstrip("=").split("\n")
    junk = "\n".join("!" + line[:20] + " \t" + line[20:40] + "\r\n" +
                     line[40:] + "*" for line in lines)
    case("m16-base64-junk", "M16: blanks, line ends and other characters "
         "within base64, padding missing -> they are passed over", "eml",
         mail(multipart(part("application/gzip", "", None, fields=(
             "Content-Transfer-Encoding: base64",)) + junk + "\n")))
    case("m16-base64-padded", "M16: too much padding in base64 -> it is read",
         "eml", mail(multipart(part("application/gzip", "", None, fields=(
             "Content-Transfer-Encoding: base64",)) +
             b64(gz(report())).rstrip("=") + "=====\n")))
    case("m16-base64-data-follows", "M16: data behind the padding of base64 "
         "-> it ends at the padding, with a warning", "eml", mail(multipart(
             part("application/gzip", "", None, fields=(
                 "Content-Transfer-Encoding: base64",)) +
             b64(gz(report() + " " * pad(report()))) + "\nAAAA\nTWFu\n")))
    for name, encoding in (("7bit", "7bit"), ("none", None),
                           ("binary", "binary")):
        case("m17-base64-as-" + name, "M17: base64 declared as %s -> it is "
             "decoded, with a warning" % (encoding or "nothing"), "eml",
             mail(multipart(text(), part(
                 "application/gzip", b64(gz(report())), encoding))))
    case("m17-base64-blanks", "M17: blanks before base64 declared as 7bit -> "
         "it is decoded, with a warning", "eml", mail(multipart(
             text(), part("application/gzip", " \t" + b64(gz(report())),
                          "7bit"))))
    case("m17-base64-utf-16", "M17: XML in UTF-16 and base64 declared as 8bit "
         "-> it is decoded, with a warning", "eml", mail(multipart(*[
             part("text/xml", b64(bom + report("r%d" % i, decl=decl).encode(
                 codec)), "8bit")
             for i, (bom, codec, decl) in enumerate((
                 (b"\xff\xfe", "utf-16-le", DECL),
                 (b"\xff\xfe", "utf-16-le", ""),
                 (b"\xfe\xff", "utf-16-be", DECL),
                 (b"\xfe\xff", "utf-16-be", ""),
                 (b"", "utf-16-le", DECL), (b"", "utf-16-le", ""),
                 (b"", "utf-16-be", DECL), (b"", "utf-16-be", "")))])))
    case("m17-not-encoded", "M17: XML declared as base64 that is not encoded "
         "-> it is read as it is, with a warning", "eml", mail(multipart(
             text(), part("text/xml", "", None, fields=(
                 "Content-Transfer-Encoding: base64",)) + report())))
    case("m17-base64-xml", "M17: XML, zip and gzip in base64 declared as 8bit "
         "-> they are decoded, with a warning", "eml", mail(multipart(
             part("text/xml", b64(feedback(metadata(), policy())), "8bit"),
             part("text/xml", b64(feedback(metadata(id="r2"), policy(),
                                           decl="")), "8bit"),
             part("text/xml", b64("\ufeff" + feedback(
                 metadata(id="r3"), policy())), "8bit"),
             part("application/zip", b64(zipped(
                 ("r", feedback(metadata(id="r4"), policy())))), "8bit"))))
    case("m17-beside", "M17: a clean report beside one in base64 declared as "
         "7bit, and one within a zip behind other bytes -> each report has "
         "the warnings of its own part", "eml", mail(multipart(
             part("application/gzip", gz(small("r1"))),
             part("application/gzip", b64(gz(small("r2"))), "7bit"),
             part("application/zip", b"x" + zipped(("r", small("r3")))))))
    case("m18-unknown-encoding", "M18: an unknown transfer encoding -> it is "
         "taken as 8bit, and base64 is seen, with a warning", "eml",
         mail(multipart(text(), part("application/gzip", b64(gz(report())),
                                     "x-base64"))))
    case("m19-quoted-printable", "M19: XML in quoted-printable, with soft "
         "line ends and a sequence that is none -> it is decoded, the rest "
         "kept as it is", "eml", mail(part("text/xml", report(
             id="a=3Db=ZZc").replace('"', "=22").replace(
                 "</org_name>", "</org_na=\nme>"), "quoted-printable")))


def pad(doc):
    """Blanks that give the archive of a document a padded base64."""
    return next(n for n in range(99)
                if base64.b64encode(gz(doc + " " * n)).endswith(b"=="))


def boundaries(case):
    whole = multipart(text(), gzip_part())
    case("m20-no-boundary", "M20: a multipart without its boundary parameter "
         "-> the first line like one is it, with a warning", "eml",
         mail(whole.replace("; boundary=b1", "")))
    case("m20-no-boundary-prefix", "M20: a multipart without any boundary -> "
         "base64 of a report is looked for, with a warning", "eml",
         mail("Content-Type: multipart/mixed\n\nSome text\n" +
              b64(gz(report())) + "\n"))
    case("m20-no-boundary-nothing", "M20: a multipart without boundary, and "
         "nothing like a report -> it is refused", "eml",
         mail("Content-Type: multipart/mixed\n\nSome text\n"))
    case("m21-never-closed", "M21: the boundary is never closed -> the part "
         "ends with the mail", "eml", mail(multipart(
             text(), gzip_part(), close=False)))
    case("m21-cut", "M21: the mail is cut off within the report -> the report "
         "is refused", "eml", mail(multipart(text(), gzip_part(),
                                             close=False))[:-250])
    case("m22-odd-boundaries", "M22: a boundary with = and blanks, and blanks "
         "behind it -> the rules of MIME", "eml", mail(multipart(
             text(), gzip_part(), boundary="=_a b=c")
             .replace("boundary==_a b=c", 'boundary="=_a b=c"')
             .replace("--=_a b=c\n", "--=_a b=c \t\n")))
    case("m23-empty", "M23: an attachment of no bytes -> refused as empty",
         "eml", mail(multipart(text(), part("application/gzip", "",
                                            name="a.xml.gz"))))
    case("m23-empty-beside", "M23: an attachment of no bytes beside a report "
         "-> the report is stored", "eml", mail(multipart(
             part("application/gzip", "", name="a.xml.gz"), gzip_part())))
    case("m24-partial", "M24: message/partial -> it is refused", "eml",
         mail(part('message/partial; id="x@receiver.example"; number=1; '
                   "total=2", report_mail(), None)))


def names(case):
    n = [dated_name(i) + ".xml.gz" for i in range(6)]
    half = len(n[1]) // 2

    def one(i, *fields):
        return part("application/gzip", undated(i), fields=fields)

    case("m25-file-names", "M25: file names in pieces, encoded, unquoted, "
         "with a trailing semicolon, in Content-Type or in "
         "Content-Description -> they are read; here they give the period",
         "eml", mail(multipart(
             one(1, "Content-Disposition: attachment;",
                 ' filename*0="%s";' % n[1][:half],
                 ' filename*1="%s"' % n[1][half:]),
             one(2, "Content-Disposition: attachment;", ' filename="=?utf-8?B?'
                 + base64.b64encode(n[2].encode()).decode() + '?="'),
             part("application/gzip;\n name*0=%s;\n name*1=%s" % (
                 n[3][:half], n[3][half:]), undated(3)),
             one(4, "Content-Disposition: attachment; filename=\"%s\";" %
                 n[4]),
             one(5, "Content-Description: " + n[5]))))
    case("b3-second-name", "B.3: a file name that says nothing, and one in "
         "Content-Type, of a gzip or of the entry that it was in which does "
         "-> each name is tried; here they give the period", "eml",
         mail(multipart(
             part("application/gzip; name=%s.gz" % n[1], undated(1),
                  name="report.gz"),
             part("application/gzip", gz(gunzip(undated(2)), name=n[2]),
                  name="report.gz"),
             part("application/zip", zipped((n[3] + ".gz", undated(3))),
                  name="report.zip"))))


def surroundings(case):
    whole = report_mail()
    case("m26-mbox", "M26: a From line of an mbox before the mail -> it is "
         "passed over", "eml", "From dmarc@receiver.example Thu Nov 16 "
         "00:00:00 2023\n" + whole)
    case("m26-leading-lines", "M26: empty lines before the mail -> they are "
         "passed over", "eml", "\r\n\r\n" + whole.replace("\n", "\r\n"))
    case("m26-crlf", "M26: line ends of CR LF -> it is read", "eml",
         whole.replace("\n", "\r\n"))
    case("m26-bare-cr", "M26: line ends of CR alone -> it is read", "eml",
         whole.replace("\n", "\r"))
    case("m27-banner", "M27: a gateway's banner in the text, and prefixes in "
         "the Subject -> they do not matter; here the Subject gives the "
         "policy domain", "eml", mail(multipart(
             text("CAUTION: external mail. <feedback>?"),
             gzip_part(feedback(metadata(), policy(None)), name="r.gz")),
             subject="[EXTERNAL] FW: [Preview] Report Domain: example.org "
             "Submitter: receiver.example Report-ID: <x>"))
    case("m28-unused", "M28: the word \"unused\" in a gzip -> refused: it is "
         "no XML", "eml", mail(multipart(text(), part(
             "application/gzip", base64.b64decode(
                 "H4sIAKImTmQAAyvNKy1OTQEA+UgslAYAAAA="),
             name=NAME + ".xml.gz"))))
    case("m30-yenc", "M30: yEnc in the body -> there is no report", "eml",
         mail(plain("=ybegin line=128 size=3 name=a.gz\nIII\n=yend size=3")))
    case("m30-uuencode", "M30: uuencode in the body -> there is no report",
         "eml", mail(plain("begin 644 a.xml\n#0V%T\n`\nend")))


def classified(case):
    case("m29-error-report", "M29, B.8: an error report of RFC 7489 -> "
         "nothing to store", "eml", mail(plain(
             "Report-Date: Thu, 16 Nov 2023 00:00:00 +0000\nReport-Domain: "
             "example.com\nReport-ID: r1\nReport-Size: 9000000\nSubmitter: "
             "receiver.example\nSubmitting-URI: mailto:rua@example.com"),
             subject="Report Size Error"))
    case("m29-error-report-case", "M29: an error report of RFC 7489 with its "
         "names in lower case -> nothing to store", "eml", mail(plain(
             "submitter: receiver.example\nreport-size: 9000000\nreport-id: "
             "r1\nreport-domain: example.com"), subject="Report Size Error"))
    case("m29-bounce", "M29, B.8: a bounce that returns a report -> it is "
         "ignored", "eml", mail(multipart(
             text("It could not be delivered."),
             part("message/delivery-status", "Reporting-MTA: dns; mx.example"
                  "\n\nFinal-Recipient: rfc822; a@example.com\n"
                  "Action: failed\nStatus: 5.1.1", None),
             part("message/rfc822", report_mail(), None), kind="report",
             more="; report-type=delivery-status"), subject="Undelivered"))
    case("m29-auto-reply", "M29, B.8: an automatic reply -> it is ignored",
         "eml", mail(plain("I am out of office."), fields=(
             "Auto-Submitted: auto-replied",)))
    case("m29-spam", "M29, B.8: other mail -> there is no report", "eml",
         mail(plain("Buy now! https://shop.example/"), subject="Offer"))
    case("b8-failure-report", "B.8: a failure report (ruf) -> nothing is "
         "stored, and the mail is not kept", "eml", mail(multipart(
             text(), part("message/feedback-report",
                          "Feedback-Type: auth-failure\nVersion: 1\n"
                          "User-Agent: x/1\nAuth-Failure: dmarc", None),
             part("text/rfc822-headers", "From: a@example.com\n"
                  "Subject: private", None), kind="report",
             more="; report-type=feedback-report")))
    tls = '{"organization-name":"Receiver","policies":[]}'
    case("b8-tls-report", "B.8: an SMTP TLS report -> it is not stored",
         "eml", mail(multipart(text(), part("application/tlsrpt+gzip",
                                            gz(tls)), kind="report",
                               more="; report-type=tlsrpt")))
    case("b8-tls-report-octets", "B.8: an SMTP TLS report with no telling "
         "type -> its JSON has policies, and it is not stored", "eml",
         mail(multipart(text(), part("application/octet-stream", gz(tls)))))
    case("b8-tls-report-damaged", "B.8: a damaged SMTP TLS report -> it is "
         "not stored", "eml", mail(multipart(
             text(), part("application/tlsrpt+gzip", gz(tls)[:-8]),
             kind="report", more="; report-type=tlsrpt")))
    case("b8-other-labels", "B.8: aggregate reports labelled as SMTP TLS "
         "report and as failure report -> the bytes decide", "eml",
         mail(multipart(part("application/tlsrpt+gzip", gz(small("r1"))),
                        part("message/feedback-report", gz(small("r2"))))))
    case("b8-report-and-failure", "B.8: an aggregate report beside a failure "
         "report -> the aggregate report is stored", "eml", mail(multipart(
             text(), part("message/feedback-report",
                          "Feedback-Type: auth-failure\nVersion: 1", None),
             gzip_part())))


def limits(case):
    """The report comes last, so that a part of the mail has none."""
    for name, n, end in (("at-limit", 198, "it is read"),
                         ("past-limit", 199, "it is refused")):
        case("f02-parts-" + name, "F.0.2: a multipart of %d parts -> %s" %
             (n + 1, end), "eml", mail(multipart(
                 *["\n\n"] * n, gzip_part())))
    for name, n, end in (("at-limit", 9, "it is read"),
                         ("past-limit", 10, "it is refused")):
        content = gzip_part()
        for level in range(n):
            content = multipart(content, boundary="b%d" % level)
        case("f02-depth-" + name, "F.0.2: a part within %d multiparts -> %s" %
             (n, end), "eml", mail(content))


def trust(case):
    ar = "Authentication-Results: "
    for name, what, result, fields in (
            ("pass", "a trusted result", "pass",
             (ar + "mx.example; dmarc=pass header.from=receiver.example",)),
            ("forged", "a result below the first Received", "untrusted",
             ("Received: by mx.example", ar + "mx.example; dmarc=pass "
              "header.from=receiver.example")),
            ("derived", "no DMARC result, but an aligned DKIM pass",
             "pass-derived", (ar + "mx.example; dkim=pass "
                              "header.d=receiver.example",)),
            ("contradiction", "two trusted results that contradict", "fail",
             (ar + "mx.example; dmarc=pass header.from=receiver.example",
              ar + "mx.example; dmarc=fail header.from=receiver.example"))):
        case("g-" + name, "G: %s on the report mail -> %s is stored with its "
             "reports" % (what, result), "eml", mail(
                 gzip_part(feedback(metadata(), policy())), fields=fields))
    case("g-d2-mail", "B.2: a mail as RFC 9990 has it -> it is stored", "eml",
         mail(gzip_part(feedback(
             metadata(generator="ruad test"), policy(
                 np="reject", testing="n", discovery_method="treewalk"),
             record(), root='<feedback xmlns="%s">' % D2)),
             subject=SUBJECT_WITH_ID))


SUBJECT_WITH_ID = ("Report Domain: example.com Submitter: receiver.example "
                   "Report-ID: <r1>")


def make(case):
    for group in (structure, inline, several, forwarded, refused, encodings,
                  boundaries, names, surroundings, classified, limits,
                  trust):
        group(case)
