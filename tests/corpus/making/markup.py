"""Bytes and XML: the rules of A.1 and A.2, the rows X1 to X27."""
from .parts import (DECL, D2, NAME, auth, element, evaluated, feedback, gz,
                    mail, metadata, multipart, part, policy, record, report,
                    rows, zipped)

BODY = report(decl="")


def org(name, decl=DECL):
    return feedback(metadata(name), policy(), record(), decl=decl)


def encodings(case):
    case("x01-no-declaration", "X1: no XML declaration -> it is read", "xml",
         BODY)
    case("x02-glued-declaration", "X2: a declaration glued to the root, "
         "standalone, single quotes -> it is read", "xml",
         "<?xml version='1.0' encoding='utf-8' standalone=\"yes\"?>" + BODY)
    for name, decl in (
            ("stray-quote", '<?xml version="1.0"?">'),
            ("no-version", '<?xml encoding="UTF-8"?>'),
            ("1.1", '<?xml version="1.1"?>'),
            ("2.0", '<?xml version="2.0"?>')):
        case("x03-" + name, "X3: the declaration %s -> it is dropped" % decl,
             "xml", decl + "\n" + BODY)
    case("x04-leading-blanks", "X4: blank lines before the declaration -> "
         "they are dropped", "xml", " \r\n\t\n" + report())
    case("x04-leading-junk", "X4: other bytes before the declaration -> they "
         "are dropped, with a warning", "xml", "-- begin --\n" + report())
    case("x04-leading-junk-long", "X4: more than 256 other bytes before the "
         "declaration -> it is refused", "eml", mail(multipart(
             part("text/xml", "x" * 257 + report(), None),
             part("application/zip", zipped(
                 ("r.xml", "x" * 257 + report("r2"))), name=NAME + ".zip"))))
    case("x05-bom", "X5: a byte order mark -> it is dropped", "xml",
         "\ufeff" + org("Empf\u00e4nger"))
    for name in ("UTF-16", "windows-1252"):
        case("x05-bom-and-" + name.lower(), "X5: a UTF-8 byte order mark with "
             "a declaration of %s -> the mark decides" % name, "xml",
             "\ufeff" + org("Empf\u00e4nger", '<?xml version="1.0" '
                            'encoding="%s"?>' % name))
    for name, bom in (("utf-16-le", ""), ("utf-16-be", ""),
                      ("utf-16-le", "\ufeff"), ("utf-16-be", "\ufeff")):
        case("x06-" + name + ("-bom" if bom else ""), "X6: %s %s byte order "
             "mark, declared as UTF-8 -> it is converted" %
             (name.upper(), "with" if bom else "without"), "xml",
             (bom + org("Empf\u00e4nger")).encode(name))
    for name in ("utf-16-le", "utf-16-be"):
        case("x06-" + name + "-blanks", "X6: %s without byte order mark "
             "behind blanks -> it is converted" % name.upper(), "xml",
             (" \r\n" + org("Empf\u00e4nger")).encode(name))
    case("x06-half-pair", "X6: UTF-16 with half of a surrogate pair -> that "
         "becomes U+FFFD, with a warning", "xml", ("\ufeff" + org(
             "A\ud83dB\udca9")).encode("utf-16-le", "surrogatepass"))
    case("x07-declared-utf-16", "X7: declared as UTF-16, but UTF-8 -> the "
         "bytes decide, with a warning", "xml",
         org("Empf\u00e4nger", '<?xml version="1.0" encoding="UTF-16"?>'))
    case("x08-unknown-encoding", "X8: an unknown encoding -> the bytes decide",
         "xml", '<?xml version="1.0" encoding="x-none"?>\n' + BODY)
    case("x09-latin-1-bytes", "X9: bytes of windows-1252 in UTF-8 -> they are "
         "converted, UTF-8 beside them stays, with a warning", "xml",
         org("Empf\u00e4nger ").encode().replace(
             b"r </", b"r \xfcb\x91r\x81</"))
    case("x09-declared-latin-1", "X9: bytes of ISO-8859-1, declared so -> "
         "they are converted", "xml", org(
             "Empf\u00e4nger", '<?xml version="1.0" encoding="ISO-8859-1"?>\n'
         ).encode("latin-1"))
    case("x09-declared-ascii", "X9: declared as us-ascii with other bytes -> "
         "they are taken as windows-1252, with a warning", "xml", org(
             "Empf\u00e4nger", '<?xml version="1.0" encoding="us-ascii"?>\n'
         ).encode("latin-1"))
    case("x09-contradicted", "X9: UTF-8 declared as windows-1252 -> it is "
         "UTF-8, with a warning", "xml", org(
             "Empf\u00e4nger",
             '<?xml version="1.0" encoding="windows-1252"?>'))
    case("x09-declared-gb2312", "X9: a Chinese encoding, declared so -> it is "
         "converted", "xml", org(
             "\u63a5\u6536", '<?xml version="1.0" encoding="GB2312"?>\n'
         ).encode("gb2312"))
    case("x09-either", "X9: bytes that are UTF-8 as well as the Chinese "
         "encoding that is declared -> they are taken as declared, with a "
         "warning", "xml", org("\u00fc\u00fc", '<?xml version="1.0" '
                               'encoding="GBK"?>\n'))


def pieces(case):
    case("x10-trailing-junk", "X10: bytes behind the report -> they are cut "
         "off, with a warning", "xml", report() + "</feedback>\nThe end.")
    case("x10-comment-behind", "X10: comments and instructions behind the "
         "report, as XML allows -> they are passed over", "xml",
         report() + "<!-- end of <feedback> -->\n<?end?>\n")
    case("x10-trailing-nul", "X10: zeros and blanks behind the report -> they "
         "are cut off", "xml", report() + "\0\0 \n")
    case("x11-concatenated", "X11: two documents in a file -> each is a "
         "report, with a warning", "xml", report() + report("r2"))
    case("x11-no-second-declaration", "X11: two documents in a file, one "
         "declaration -> each is a report, with a warning", "xml",
         report() + report("r2", decl=""))
    case("x11-second-broken", "X11: two documents in a file, the second cut "
         "off -> the first is stored, the second refused", "xml",
         report() + report("r2")[:-100])
    case("x11-two-encodings", "X11: two documents in a file, the second in "
         "UTF-8 and the first in another encoding -> both are read as the "
         "first, with a warning", "xml", org(
             "\u00fc", '<?xml version="1.0" encoding="iso-8859-1"?>\n'
         ).encode("latin-1") + org("Receiver \u00fc").encode())
    case("x11-first-broken", "X11: two documents in a file, the first "
         "malformed -> the second is stored, the first refused", "xml",
         report("r1").replace("</row>", "</wor>") + report("r2"))
    case("x12-control-characters", "X12: control characters, a reference to "
         "one, a NUL -> each becomes U+FFFD, with a warning", "xml",
         org("A\x0bB&#11;C&#x0;D\0E"))
    case("x12-noncharacters", "X12: U+FFFE, U+FFFF and references to "
         "surrogates -> each becomes U+FFFD, with a warning", "xml",
         org("A\ufffeB\uffffC&#xD800;D"))


def repairs(case):
    case("x13-bare-ampersand", "X13: a bare & in a text -> it is a &, with a "
         "warning", "xml", feedback(
             metadata("A&B &amp; C & D", extra_contact_info="https://"
                      "receiver.example/?a=1&b=2&lt=3&#38;&#x26;"),
             policy(), record()))
    case("x14-bare-brackets", "X14: bare < and > in a text -> they are text, "
         "with a warning", "xml", feedback(
             metadata("a <3 b > c", email="<dmarc@receiver.example>"),
             policy(), record(header_from="bad<xml.example")))
    hidden = record("203.0.113.9", 99)
    case("x14-foreign-element", "X14: bare < in a text beside a foreign and an "
         "unknown element that hold rows and results -> the text is mended, "
         "the elements are passed over with what they hold", "xml", feedback(
             metadata("a<b c"), policy(), '<z xmlns="urn:z">%s</z>' % hidden,
             "<vendor>%s</vendor>" % hidden, record(
                 results=auth() + '<arc xmlns="urn:a">%s</arc><arc xmlns='
                 '"urn:a"/>' % auth("dkim", "example.net"))))
    case("x14-unclosed-element", "X14: bare < in a text beside an unknown "
         "element without its end that holds rows -> it is refused", "xml",
         feedback(metadata("a<b c"), policy(), "<vendor>" + hidden +
                  "</Vendor>", record()))
    case("x13-foreign-prefix", "X13: a bare & in a report of RFC 9990 with "
         "foreign elements of our names -> the namespaces stay as they are",
         "xml", feedback(metadata("A & B"), policy(), record(), hidden.replace(
             "<record", "<x:record").replace("</record", "</x:record"),
             root='<feedback xmlns="%s" xmlns:x="urn:x">' % D2))
    case("x15-schema-wrapper", "X15: an unclosed schema element around the "
         "report -> it is dropped, with a warning", "xml", DECL +
         '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" '
         'targetNamespace="http://dmarc.org/dmarc-xml/0.1">\n' + BODY)
    case("x15-foreign-wrapper", "X15: other elements around the report, up to "
         "two -> it is read", "xml", DECL + "<a><b>" + BODY + "</b></a>")
    case("x15-foreign-wrapper-deep", "X15: three elements around the report "
         "-> it is none", "xml", DECL + "<a><b><c>" + BODY + "</c></b></a>")
    prefixed = BODY
    for tag in ("<", "</"):
        prefixed = prefixed.replace(tag, tag + "d:").replace("<d:/", "</")
    case("x16-prefix", "X16: a declared prefix on all elements -> names "
         "without it count", "xml", DECL + prefixed.replace(
             "<d:feedback>", '<d:feedback xmlns:d="%s">' % D2))
    case("x16-undeclared-prefix", "X16: an undeclared prefix on all elements "
         "-> names without it count", "xml", DECL + prefixed)
    case("x17-root-case", "X17: the root in upper case -> it is read, with a "
         "warning", "xml", BODY.replace("feedback>", "FEEDBACK>"))
    case("x17-all-upper", "X17: all elements in mixed case -> they are read, "
         "with a warning", "xml", BODY.replace("record>", "Record>").replace(
             "source_ip>", "Source_IP>").replace("count>", "COUNT>"))
    case("x22-duplicate-attribute", "X22: duplicate attributes on the root -> "
         "they are dropped, with a warning", "xml", BODY.replace(
             "<feedback>", '<feedback a="1" a="2">'))
    case("x22-malformed-attribute", "X22: malformed attributes on the root -> "
         "they are dropped, with a warning", "xml", BODY.replace(
             "<feedback>", "<feedback xmlns=urn:x version>"))


ENTITY = ('<!DOCTYPE feedback [<!ENTITY a "aaaaaaaaaa"><!ENTITY b '
          '"&a;&a;&a;&a;&a;&a;&a;&a;">]>')


def refused(case):
    for name, dtd, use in (
            ("internal", ENTITY, "&b;"),
            ("external", '<!DOCTYPE feedback SYSTEM "http://a.example/d">',
             "x"),
            ("xxe", '<!DOCTYPE feedback [<!ENTITY a SYSTEM '
             '"file:///etc/hostname">]>', "&a;")):
        case("x18-" + name, "X18: a document type declaration (%s) -> it is "
             "refused" % name, "xml", org(use, DECL + dtd))
    case("x18-second", "X18: a document type declaration in the second of two "
         "documents -> the first is stored, the second refused", "xml",
         report() + DECL + ENTITY + report("r2", decl=""))
    case("x18-inside", "X18: a document type declaration inside the report -> "
         "it is refused", "xml", feedback(metadata(), policy(),
                                          "<!DOCTYPE x>", record()))
    case("x18-behind-wrapper", "X18: a document type declaration behind an "
         "unclosed schema element -> it is refused", "xml",
         DECL + "<xs:schema>" + ENTITY + BODY)
    case("x19-truncated", "X19: a document that is cut off -> it is refused, "
         "never repaired", "xml", report()[:-90])
    case("x19-no-end-tag", "X19: the last end tag missing -> it is refused",
         "xml", feedback(end="\n"))
    case("x19-unclosed-element", "X19: an end tag missing in the middle -> it "
         "is refused", "xml", report().replace("</report_id>", ""))
    case("x20-html", "X20: HTML -> it is no report", "xml",
         "<html><head><title>404</title></head><body/></html>")
    case("x20-other-root", "X20: another root -> it is no report", "xml",
         DECL + "<Error><Code>AccessDenied</Code></Error>")
    case("x23-depth", "X23: elements nested too deeply -> it is refused",
         "xml", rows(record(), "<a>" * 32 + "</a>" * 32))
    case("x23-depth-at-limit", "X23: elements nested as deeply as the limit "
         "allows -> it is read", "xml", rows(record(), "<a>" * 31 +
                                             "</a>" * 31))
    case("x23-text", "X23: a text longer than the limit -> it is refused",
         "gz", gz(feedback(metadata(extra_contact_info="x" * 65537), policy(),
                           record())))
    case("x23-text-at-limit", "X23: a text as long as the limit -> it is "
         "read, and cut to what is stored, with a warning", "gz",
         gz(feedback(metadata(extra_contact_info="x" * 65536), policy(),
                     record())))
    case("x23-text-unknown", "X23: such a text in an unknown element -> it is "
         "refused", "gz", gz(rows(record(), "<x>%s<y/>%s</x>" % (
             "x" * 65530, "x" * 7))))
    case("x23-layout", "X23: as many blanks between elements, known and "
         "unknown -> it is read", "gz", gz(rows(
             record(), "\n" * 70000 + "<x>" + " " * 70000 + "</x>")))
    case("x23-attributes", "X23: more attributes than the limit -> it is "
         "refused", "xml", BODY.replace(
             "<row>", "<row %s>" % " ".join('a%d=""' % i for i in range(33))))
    case("x23-attributes-at-limit", "X23: as many attributes as the limit -> "
         "it is read", "xml", BODY.replace(
             "<row>", "<row %s>" % " ".join('a%d=""' % i for i in range(32))))
    case("x24-empty", "X24: a file of blanks -> refused as empty", "xml",
         " \n")
    case("x24-word", "X24: a word in place of XML -> it is refused", "xml",
         "unused\n")
    case("x24-json", "X24: JSON in place of XML -> there is no report", "xml",
         '{"feedback": {}}\n')


def texts(case):
    case("x21-cdata", "X21: CDATA, comments and instructions within values -> "
         "text and CDATA count, without the rest", "xml", feedback(
             metadata("<![CDATA[A & ]]><!-- no -->B<?no?> Inc",
                      "<!-- -->dmarc@<![CDATA[receiver]]>.example"),
             policy(), record(), "<!-- <record> -->"))
    case("x21-child-elements", "A.2: elements within a value -> they are "
         "passed over with what they hold", "xml", feedback(
             metadata("A<x>no</x>B"), policy(), record()))
    case("x25-misspelt", "X25: a misspelt element -> it is unknown; what is "
         "missing then decides about row and report", "xml", feedback(
             metadata().replace("email", "e-mail"), policy(),
             record().replace("source_ip", "sourceip"), record()))
    case("x26-stray-text", "X26: text between elements -> it is passed over, "
         "with a warning", "xml", report().replace(
             "<p>none</p>", "<p>none</p>11<pct>100</pct>"))
    case("x27-pretty-printed", "X27: values with blanks and line ends around "
         "and within -> they are trimmed and collapsed", "xml", feedback(
             metadata("\n  Receiver\n  Inc\n", "\tdmarc@receiver.example\t",
                      "\n\tr\n 1\u00a0", begin="\n1700006400\n"),
             policy("\n example.com\t", "\n none \n", adkim="\t s\t"),
             record("\n192.0.2.1\n", " 7 ", evaluated(
                 "\nnone\n", " fail ", "\u200bpass\ufeff"),
                 "\nexample.com\n", results=auth(
                     domain=" example.com ", result="\npass\n"))))


def structure(case):
    case("a1-namespace-0.1", "A.1: the namespace of RFC 7489 -> dialect D1",
         "xml", report(root='<feedback xmlns="http://dmarc.org/dmarc-xml/'
                       '0.1">'))
    case("a1-unused-prefix", "A.1: a namespace that is declared and not used "
         "-> it is read", "xml", report(
             root='<feedback xmlns:ns1="http://dmarc.org/dmarc-xml/0.1">',
             version="1.0"))
    case("a1-rfc9990", "A.1, A.3.1, A.3.2, A.3.3: all of RFC 9990 -> dialect "
         "D2", "xml", feedback(
        metadata(extra_contact_info="https://receiver.example/",
                 error="none", generator="ruad test 1"),
        policy(p="reject", sp="quarantine", np="reject", adkim="s", aspf="r",
               fo="1:d:s", testing="n", discovery_method="treewalk"),
        '<extension><x:y xmlns:x="urn:x">no</x:y></extension>',
        record(evaluated=evaluated("pass", "pass"), ids=element(
            "envelope_from", "bounce.example.com") + element(
            "envelope_to", "receiver.example"), results=auth(
                "dkim", selector="s1", human_result="fine") +
               auth(domain="bounce.example.com", scope="mfrom") +
               '</auth_results><x:z xmlns:x="urn:x"/><auth_results>'),
        root='<feedback xmlns="%s">' % D2, version="1.0"))
    case("a1-rfc9990-like", "A.1: elements of RFC 9990 without its namespace "
         "-> dialect D2?", "xml", feedback(
             metadata(generator="x"), policy(), record()))
    case("a1-np-alone", "A.1: np alone is no mark of RFC 9990 -> dialect D0",
         "xml", feedback(metadata(), policy(np="none"), record()))
    case("a1-version", "A.3.1: a version other than 1.0 -> it is stored as it "
         "is, with a warning", "xml", report(version="0.1"))
    case("a1-version-forms", "A.8: version 01.00 -> it is 1.0", "xml",
         report(version="+01.00"))
    case("a1-foreign-elements", "A.1: elements of a foreign namespace with "
         "our names -> they are passed over", "xml", rows(
             '<record xmlns="urn:x"><row><count>9</count></row></record>',
             record().replace("<count>", '<count xmlns="urn:x">9</count>'
                              "<count>")))
    case("a2-any-order", "A.2: children in any order -> they are read", "xml",
         feedback(record().replace("<row>", "<auth_results/><row>"),
                  policy(), "<report_metadata><date_range><end>1700092799"
                  "</end><begin>1700006400</begin></date_range><report_id>r1"
                  "</report_id><org_name>Receiver Inc</org_name>"
                  "</report_metadata>", "<version>1.0</version>"))
    case("a2-unknown-elements", "A.2: unknown elements anywhere -> they are "
         "passed over with what they hold", "xml", feedback(
             metadata().replace("<begin>", "<x><begin>1</begin></x><begin>"),
             policy().replace("<p>", "<x><p>reject</p></x><p>"),
             record().replace("<row>", "<x><row/></x><row>"), "<x/>"))
    case("a2-duplicate-leaf", "A.2: a value twice -> the first that says "
         "something counts, with a warning", "xml", feedback(
             metadata("</org_name><org_name>First</org_name><org_name>Second"),
             policy(), record(count="3</count><count>4")))
    case("a2-duplicate-container", "A.2, F.5: metadata, policy, row or "
         "identifiers twice -> the first counts, auth_results are merged, "
         "with a warning", "xml", feedback(
             metadata(), policy(), metadata("Second", id="r2"),
             policy("example.org", "reject"),
             record(results=auth() + "</auth_results><auth_results>" +
                    auth("dkim", selector="s")).replace(
                 "</row>", "</row><row><count>9</count></row>").replace(
                 "</identifiers>", "</identifiers><identifiers><header_from>"
                 "example.net</header_from></identifiers>")))
    case("a1-exact-names", "A.1: elements under an odd name beside those of "
         "the right name, before and behind -> they are unknown", "xml",
         feedback(
             metadata().replace("<org_name>", "<Org_Name>no</Org_Name>"
                                "<org_name>"),
             "<Policy_Published><p>reject</p><sp>reject</sp>"
             "</Policy_Published>", policy(),
             record().replace("<count>", "<Count>x</Count><count>").replace(
                 "<identifiers>", "<identities><header_from>no.example"
                 "</header_from></identities><identifiers>"),
             record(count=2).replace("</row>", "</row><Row><count>9</count>"
                                     "</Row>")))
    case("a2-empty-container", "A.2: metadata, policy, row or identifiers "
         "twice, the first without any value -> the second counts, with a "
         "warning", "xml", feedback(
             "<report_metadata/>", metadata(), "<policy_published><p/>"
             "</policy_published>", policy(), record().replace(
                 "<row>", "<row></row><row>").replace(
                 "<identifiers>", "<identifiers/><identifiers>")))
    case("a2-halved-period", "A.2: date_range twice, begin in one and end in "
         "the other -> both are read, with a warning", "xml", feedback(
             metadata().replace("<end>", "</date_range><date_range><end>"),
             policy(), record()))
    case("a2-attributes", "A.1: attributes -> they are passed over", "xml",
         report().replace("<org_name>", '<org_name xml:lang="en" a="b">'))


def make(case):
    for group in (encodings, pieces, repairs, refused, texts, structure):
        group(case)
