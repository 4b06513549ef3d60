"""Values: the table of words A.5, and the tables of F.4 to F.7."""
import re

from .parts import (BEGIN, END, NAME, auth, element, elements, evaluated,
                    feedback, gz, gzip_part, mail, metadata, multipart, part,
                    policy, record, report, rows, zipped)

DAY = 86400


def together(*documents):
    """A zip of documents without rows, each with its own id."""
    return zipped(*[("%d.xml" % (i + 1), re.sub(
        "<report_id>r1<", "<report_id>r%d<" % (i + 1), doc))
        for i, doc in enumerate(documents)])


def of_policy(**lists):
    """One document for each place in the lists of values."""
    n = max(len(v) for v in lists.values())
    return together(*[feedback(metadata(), policy(**{
        k: v[i] for k, v in lists.items()})) for i in range(n)])


def words(case):
    case("a5-p", "A.5, F.5, A.3.3: words of p, sp and np -> synonyms and "
         "case are normalised, an unknown word is absent, with a warning",
         "zip", of_policy(p=("none", "Reject", "unknown", "block"),
                   sp=("quarantine", "monitor", "", "NONE"),
                   np=("reject", "", "QUARANTINE", "p")))
    case("a5-adkim", "A.5, A.3.3: words of adkim and aspf -> synonyms and "
         "case are normalised, an unknown word is absent, with a warning",
         "zip", of_policy(adkim=("r", "Relaxed", "unknown", ""),
                   aspf=("S", "strict", "x", "unknown")))
    case("a5-testing", "A.5, A.3.3: words of testing, and t in its place -> "
         "they are normalised, an unknown word is absent, with a warning",
         "zip",
         of_policy(testing=("y", "N", "yes", "true", "1", "no", "false", "0",
                            "maybe", None),
                   t=(None,) * 9 + ("y",)))
    case("a5-discovery", "A.5, A.3.3: words of discovery_method -> they are "
         "normalised, an unknown word is absent, with a warning", "zip",
         of_policy(discovery_method=("psl", "TreeWalk", "tree_walk",
                                     "tree-walk", "dns")))
    case("a5-pct", "A.5, F.5, A.3.3: forms of pct -> a percent sign and "
         "decimals are dropped, what is no number or out of range is absent, "
         "with a warning", "zip", of_policy(
             pct=("0", "100", "50%", "33.3", "101", "-1", "all", "")))
    case("a5-disposition", "A.5, A.3.5: words of disposition -> synonyms are "
         "normalised, an unknown word is absent, with a warning", "xml",
         rows(*[record(count=i + 1, evaluated=evaluated(word))
                for i, word in enumerate((
                    "none", "Pass", "quarantine", "REJECT", "accept",
                    "delivered", "", "unknown", "bounced"))]))
    case("a5-verdict", "A.5, A.3.5: words of policy_evaluated/dkim and spf "
         "-> what is no aligned pass is a fail, with a warning; an unknown "
         "word is absent, with a warning", "xml", rows(*[
             record(count=i + 1, evaluated=evaluated("none", *pair),
                    results="") for i, pair in enumerate((
                        ("pass", "PASS"), ("Fail", "none"),
                        ("neutral", "softfail"), ("hardfail", "temperror"),
                        ("permerror", "policy"), ("", "unknown"),
                        ("not.evaluated", "aligned")))]))
    case("a5-reason", "A.5, F.6.5, A.3.5: reason types, several of them -> "
         "the seven words in any spelling; an unknown one is other, with the "
         "word kept and a warning", "xml", rows(*[
             record(count=i + 1, evaluated=evaluated(reason="".join(
                 element("reason", element("type", word) +
                         element("comment", comment))
                 for word, comment in some)))
             for i, some in enumerate((
                 (("forwarded", None), ("sampled_out", ""),
                  ("trusted_forwarder", "c"), ("mailing_list", None),
                  ("local_policy", None), ("other", None),
                  ("policy_test_mode", None)),
                 (("Mailing-List", None), ("local policy", None), ("", "c"),
                  ("arc", "c"))))]))
    case("a5-dkim-result", "A.5, F.7, A.3.7: results of DKIM, one with more "
         "behind the word -> synonyms are normalised and kept, an unknown "
         "word is kept as it is, with a warning", "xml",
         rows(record(results="".join(auth("dkim", result=word) for word in (
             "none", "pass", "fail", "policy", "neutral", "temperror",
             "permerror", "Pass", "softfail", "hardfail", "invalid",
             "temp_error", "perm-error", "error", "unknown", "discard",
             "nxdomain", "signed", "", "neutral (bad version)", "maybe")))))
    case("a5-spf-result", "A.5, A.3.7: results of SPF -> synonyms are "
         "normalised and kept, an unknown word is kept as it is, with a "
         "warning", "xml",
         rows(record(results="".join(auth("spf", result=word) for word in (
             "none", "neutral", "pass", "fail", "softfail", "temperror",
             "permerror", "policy", "hardfail", "unknown", "error",
             "TempError", "SoftFail", "", "nxdomain", "discard",
             "maybe")))))
    case("a5-scope", "A.5, A.3.7: words of scope -> they are normalised, an "
         "unknown word is mfrom, with a warning",
         "xml", rows(record(results="".join(
             auth("spf", scope=word) for word in (
                 "mfrom", "helo", "mailfrom", "mail_from", "envelope", "EHLO",
                 None, "pra")))))


def no_org(**more):
    return feedback(metadata(None, **more), policy())


def organisation(case):
    bare = dict(sender="dmarc@author.example", subject="Report")
    case("f41-from-email", "F.4.1: no org_name -> the domain of email", "eml",
         mail(gzip_part(no_org()), **bare))
    case("f41-from-subject", "F.4.1: neither org_name nor email -> the "
         "submitter of the Subject", "eml", mail(
             gzip_part(no_org(email=None)), sender="dmarc@author.example",
             subject="Report Domain: example.com Submitter: Submitter Inc"))
    case("f41-from-file-name", "F.4.1: nor a Subject -> the receiver of the "
         "file name", "eml", mail(gzip_part(no_org(email=None)), **bare))
    case("f41-from-author", "F.4.1: nor a file name -> the domain of the "
         "mail's author", "eml", mail(gzip_part(no_org(email=None),
                                                name="r.gz"), **bare))
    case("f41-none", "F.4.1: no organisation anywhere -> the report is "
         "refused", "xml", no_org(email=None))
    case("f41-empty", "F.4.1: an empty org_name -> as if it were missing",
         "xml", feedback(metadata(" \n"), policy()))
    case("f41-forms", "F.4.1, A.3.2: a brand, a domain, another script, "
         "control characters, too long -> stored as text of at most 255 "
         "bytes, with a warning where cut", "zip", together(*[
             feedback(metadata(name), policy()) for name in (
                 "XYZ  Corporation", "Mail.Receiver.Example",
                 "\u041f\u043e\u0447\u0442\u0430", "A\u0085B\u202eC\tD",
                 "\u00e9" * 200)]))


def report_id(case):
    case("f42-forms", "F.4.2, A.3.2: brackets, braces and quotes around the "
         "id -> stripped, blanks collapsed; all else is opaque",
         "zip", zipped(*[
             ("%d.xml" % i, feedback(metadata(id=id), policy()))
             for i, id in enumerate((
                 "&lt;1.2.3@receiver.example&gt;", "{6b06}", '"q"',
                 " a \n b ", "example.com:1700006400",
                 "a9cbd6e6-3f5c-44a5-b9a4-3a4a1f2e1c55",
                 "1709600619.487850", "x+", "0" * 64, "a" * 512))]))
    no_id = feedback(metadata(id=None), policy())
    case("f42-from-subject", "F.4.2: no report_id -> that of the Subject, "
         "with a warning", "eml", mail(
             gzip_part(no_id, name=NAME + "!u1.xml.gz"), subject="Report "
             "Domain: example.com Submitter: receiver.example Report-ID: "
             "<s1@x>"))
    case("f42-from-file-name", "F.4.2: nor in the Subject -> that of the file "
         "name, with a warning", "eml", mail(
             gzip_part(no_id, name=NAME + "!u1.xml.gz")))
    case("f42-made", "F.4.2: no id anywhere -> it is made from the content, "
         "with a warning", "xml", no_id)
    case("f42-too-long", "F.4.2: an id of more than 512 bytes -> it is made "
         "from the content, with a warning", "xml", feedback(
             metadata(id="a" * 513), policy()))
    case("f42-two-pairs", "F.4.2: two kinds of brackets around the id, in XML "
         "and Subject -> both are stripped in both", "eml", mail(
             gzip_part(feedback(metadata(id="{&lt;q@x&gt;}"), policy())),
             subject="Report Domain: example.com Submitter: receiver.example "
             "Report-ID: {<q@x>}"))
    case("f42-differs", "F.4.2: another id in the Subject -> the XML is "
         "right, with a warning", "eml", mail(gzip_part(), subject="Report "
                                              "Domain: example.com Submitter:"
                                              " receiver.example Report-ID: "
                                              "example.com-1@x"))


def times(*pairs):
    return together(*[feedback(metadata(begin=b, end=e), policy())
                      for b, e in pairs])


def period(case):
    case("f43-forms", "F.4.3, A.3.2: decimals, sign, leading zeros, blanks "
         "-> they are read, decimals dropped", "zip", times(
             ("1700006400.0", "1700092799.123456"),
             ("+1700006400", " 0001700092799\n")))
    case("f43-milliseconds", "F.4.3: milliseconds and microseconds -> they "
         "are divided, with a warning", "zip", times(
             ("1700006400000", "1700092799999"),
             ("1700006400000000", "1700092799000000")))
    case("f43-calendar", "F.4.3: dates of ISO 8601, with and without zone -> "
         "they are read, with a warning", "zip", times(
             ("2023-11-15T00:00:00Z", "2023-11-15T23:59:59Z"),
             ("2023-11-15 00:00:00", "2023-11-15 23:59:59"),
             ("2023-11-15T01:00:00+01:00", "2023-11-15T23:59:59.999+0000"),
             ("2023-11-15", "2023-11-16")))
    case("f43-calendar-basic", "F.4.3: dates of the basic format of ISO 8601 "
         "with a time -> they are read, with a warning", "zip", times(
             ("20231115T000000Z", "20231115T235959Z"),
             ("20231115 0000", "20231116T005959+0100")))
    broken = ((None, None), ("", ""), ("integer", END), (0, END),
              (BEGIN, "-1"), ("2023-02-30", "2023-13-01"))
    case("f43-unusable", "F.4.3: missing, empty, no number, 0, negative -> "
         "the report is refused", "zip", times(*broken))
    case("f43-from-file-name", "F.4.3: the same with a file name that gives "
         "the period -> it is taken, with a warning", "eml", mail(
             multipart(*[gzip_part(feedback(metadata(
                 id="r%d" % i, begin=b, end=e), policy()))
                 for i, (b, e) in enumerate(broken)])))
    case("f43-equal", "F.4.3: end equal to begin -> accepted", "xml",
         feedback(metadata(end=BEGIN), policy()))
    case("f43-reversed", "F.4.3: end before begin -> they are exchanged, with "
         "a warning", "xml", feedback(metadata(begin=END, end=BEGIN),
                                      policy()))
    case("f43-reversed-file-name", "F.4.3: end before begin, and a file name "
         "in order -> that is taken, with a warning", "eml", mail(gzip_part(
             feedback(metadata(begin=END, end=BEGIN - DAY), policy()))))
    now = 1700200000
    case("f43-future", "F.4.3: begin more than two days ahead -> the report "
         "is refused", "zip", times((now + 2 * DAY, now + 2 * DAY),
                                    (now + 2 * DAY + 1, now + 3 * DAY)))
    case("f43-end-ahead", "F.4.3: end more than two days ahead -> kept, with "
         "a warning", "xml", feedback(metadata(begin=now, end=now + 3 * DAY),
                                      policy()))
    case("f43-before-2012", "F.4.3: before 2012 -> accepted, with a warning",
         "xml", feedback(metadata(begin=300000000, end=300086399), policy()))
    case("f43-span", "F.4.3: a period of more than a day -> 26 hours are "
         "normal, up to 62 days carry a warning, more is refused", "zip",
         times(
             (BEGIN, BEGIN + 26 * 3600), (BEGIN, BEGIN + 26 * 3600 + 1),
             (BEGIN - 60 * DAY, BEGIN + 2 * DAY - DAY),
             (BEGIN - 61 * DAY, BEGIN + DAY),
             (BEGIN - 61 * DAY, BEGIN + DAY + 1)))
    case("f43-conventions", "F.4.3: exclusive end, hourly, other day "
         "boundaries -> stored as sent", "zip", times(
             (BEGIN, BEGIN + DAY), (BEGIN, BEGIN + 3600),
             (BEGIN - 7200, END - 7200)))


def contact(case):
    case("f44-email", "F.4.4, A.3.2: mailto, display name, brackets, several "
         "-> the first address; otherwise the text, with a warning", "zip",
         together(*[feedback(metadata(email=text), policy()) for text in (
             "mailto:a@receiver.example", "A B &lt;a@receiver.example&gt;",
             "&lt;a@receiver.example&gt;",
             "a@receiver.example, b@receiver.example", "nobody")]))
    case("f44-error", "F.4.4, A.3.2: error several times, HTML as contact -> "
         "all are kept as text", "xml", feedback(
             metadata(error="one</error><error></error><error>two",
                      extra_contact_info="&lt;a href='x'&gt;us&lt;/a&gt;"),
             policy()))
    case("f44-errors-many", "A.3.2: more than 16 errors -> 16 are kept, with "
         "a warning", "xml", feedback(metadata(error="</error><error>".join(
             "e%d" % i for i in range(17))), policy()))
    case("f44-no-metadata", "A.3.1: no report_metadata, and nothing in the "
         "mail -> the report is refused", "xml", feedback(policy(), record()))
    case("f44-metadata-from-mail", "A.3.1: no report_metadata, but a mail "
         "that says it all -> it is taken from there, with a warning", "eml",
         mail(gzip_part(feedback(policy(), record())), subject="Report "
              "Domain: example.com Submitter: receiver.example Report-ID: "
              "<s1>"))


def published(case):
    case("f5-p-only", "F.5: p only -> the rest is absent", "xml",
         feedback(metadata(), policy()))
    case("f5-unknown-elements", "F.5: rf, ri, rua, ruf, v, psd, "
         "version_published -> they are passed over", "xml", feedback(
             metadata(), policy(rf="afrf", ri="86400", rua="mailto:a@b",
                                ruf="mailto:a@b", v="DMARC1", psd="n",
                                version_published="1")))
    case("f5-fo", "F.5, A.3.3: fo -> the text as it is", "zip",
         of_policy(fo=("0", "1:d:s", "", "0:1")))
    case("f5-domain-forms", "F.5: policy domain in upper case, with a dot, as "
         "_dmarc name, URL or mail address -> the domain, with a warning "
         "where it was none", "zip", together(*[
             feedback(metadata(), policy(domain)) for domain in (
                 "EXAMPLE.com", "example.com.", " example.com ",
                 "_dmarc.example.com", "https://example.com/x",
                 "postmaster@example.com", "b\u00fccher.example")]))
    case("f5-domain-above", "F.5: the organizational domain where a record "
         "of the subdomain may have applied -> what the reporter believed is "
         "stored", "xml", feedback(metadata(), policy(p="reject"),
                                   record(header_from="mail.example.com")))
    case("f5-domain-below", "F.5: a subdomain, with messages of the "
         "organizational domain beside its own -> what the reporter believed "
         "is stored, with a warning", "xml", feedback(
             metadata(), policy("mail.example.com"), record(),
             record(count=2, header_from="mail.example.com")))
    case("f5-domain-bad", "F.6.4: a policy domain that is no domain name -> "
         "as if it were missing, with a warning", "xml", feedback(
             metadata(), policy("*.example.com"), record()))
    case("f5-domain-from-file-name", "A.3.3: no policy domain -> that of the "
         "file name, with a warning", "eml", mail(gzip_part(feedback(
             metadata(), policy(None))), subject="Report Domain: example.org "
             "Submitter: receiver.example"))
    case("f5-domain-from-subject", "A.3.3: nor in the file name -> that of "
         "the Subject, with a warning", "eml", mail(gzip_part(feedback(
             metadata(), policy(None)), name="r.gz"), subject="Report Domain: "
             "example.org Submitter: receiver.example"))
    case("f5-domain-from-rows", "A.3.3, A.3.1: nor in the Subject -> the "
         "most frequent header_from, with a warning", "xml", feedback(
             metadata(), record(header_from="example.net"), record(),
             record()))
    case("f5-domain-none", "A.3.3: no policy domain anywhere -> the report is "
         "refused", "xml", feedback(metadata(), policy(None)))


def empty(case):
    case("f61-no-record", "F.6.1, A.3.1: no record at all -> an empty report",
         "xml", feedback(metadata(), policy()))
    case("f61-null-report", "F.6.1: one record with count 0 and no source_ip "
         "-> an empty report", "xml", rows(record(
             "", 0, evaluated("none", "fail", "fail"), results="")))


def many(field, values):
    """A row for each value of a field, and one that is sound."""
    return rows(*[record(**{"count": i + 1, field: value})
                  for i, value in enumerate(values)])


def addresses(case):
    case("f62-forms", "F.6.2, A.3.4: forms of an address -> one form", "xml",
         many("ip", ("192.0.2.1", " 192.0.2.1\n", "2001:DB8:0:0:0:0:0:1",
                     "::ffff:c000:201", "::FFFF:192.0.2.1", "[2001:db8::1]",
                     "IPv6:2001:db8::1", "ipv6:2001:db8::2")))
    case("f62-zone", "F.6.2: an address with a zone -> the zone is dropped, "
         "with a warning", "xml", many("ip", ("fe80::1%eth0",)))
    case("f62-refused", "F.6.2: what is no address -> the row is refused",
         "xml", many("ip", (
             "192.0.2.01", "0xc0.0.2.1", "3221225985", "192.0.2",
             "192.0.2.1/32", "192.0.2.1:25", "mx.example.com", "unknown",
             "192.0.2.1 192.0.2.2", "192.0.2.9")))
    case("f62-missing", "F.6.2: source_ip empty or missing, count above 0 -> "
         "the row is refused, the others are kept", "xml",
         many("ip", ("", None, "192.0.2.1")))
    case("f62-special", "F.6.2: unspecified, loopback, private and "
         "documentation addresses -> accepted, with a warning", "xml",
         many("ip", ("0.0.0.0", "::", "127.0.0.1", "::1", "10.1.2.3",
                     "198.51.100.7", "203.0.113.9")))
    case("f62-public", "F.6.2: an address of none of the special ranges -> no "
         "warning", "xml", many("ip", ("192.88.99.1", "2001:20::1")))


def counts(case):
    case("f63-forms", "F.6.3, A.3.4: a sign, leading zeros, .0 -> the number",
         "xml", many("count", ("+5", "007", "3.0", "4.000", "1000000000000")))
    case("f63-zero", "F.6.3: count 0 with an address -> the row is dropped, "
         "with a warning", "xml", many("count", (0, 1)))
    case("f63-refused", "F.6.3: negative, no number, missing, too large -> "
         "the row is refused", "xml", many("count", (
             "-1", "many", None, "", "1,000", "1.5", "1000000000001",
             "99999999999999999999", 1)))


def domains(case):
    case("f64-forms", "F.6.4: brackets, quotes, a trailing dot, upper case, "
         "umlauts -> the domain in one form", "xml", many("header_from", (
             "&lt;example.com&gt;", '"example.com"', "example.com..",
             "Mail.EXAMPLE.com", "b\u00fccher.example.com",
             "xn--bcher-kva.example.com", "localhost", "_x.example.com")))
    case("f64-address", "F.6.4: a mail address in place of a domain -> what "
         "is before the @ is dropped, with a warning", "xml",
         many("header_from", ("Jane.Doe@example.com",
                              "&lt;a@b@example.com&gt;")))
    case("f64-bad", "F.6.4: what is no domain name -> it is kept as it is, "
         "marked, with a warning, and never aligns", "xml",
         many("header_from", (
             "*.example.com", "exam ple.com", "a..example.com",
             "x" * 64 + ".example.com", ".".join(["abcdefg"] * 33),
             "bad<xml.example".replace("<", "&lt;"))))
    case("f64-placeholders", "F.6.4: words for nothing -> absent", "xml",
         many("header_from", ("not.evaluated", "unknown", "NONE", "n/a", "-",
                              "null", "(null)", "undefined")))
    case("f64-address-literal", "F.6.4: an address in place of a domain -> it "
         "is kept as it is, marked, with a warning", "xml", rows(record(
             ids=element("envelope_from", "[192.0.2.1]"),
             results=auth(domain="192.0.2.1"))))
    case("f64-missing", "F.6.4, A.3.6: header_from, envelope_from, "
         "envelope_to missing or empty -> absent; an empty envelope_from is "
         "the null sender", "xml", rows(
             record(header_from=None), record(header_from="", count=2),
             record(ids=None, count=3), record(count=4, ids=elements(dict(
                 envelope_from="", envelope_to=""))),
             record(count=5, ids=elements(dict(
                 envelope_from="bounce.example.com",
                 envelope_to="receiver.example")))))
    case("f64-null-sender", "F.6.4: envelope_from as SMTP writes the null "
         "reverse-path -> the null sender", "xml", rows(record(
             ids=element("envelope_from", "&lt;&gt;"))))
    case("f64-identities", "F.6.4, A.3.6: identities in place of identifiers "
         "-> they are read, with a warning", "xml", rows(record().replace(
             "identifiers", "identities")))


def reason(inside):
    return evaluated(reason=element("reason", inside))


def records(case):
    case("f65-empty-reason", "F.6.5: an empty reason -> it is dropped", "xml",
         rows(record(evaluated=evaluated(reason="<reason/>")),
              record(count=2, evaluated=reason("<type/><comment> </comment>")),
              record(count=3, evaluated=reason("<type/><comment>c"
                                               "</comment>"))))
    case("f65-plain-reason", "F.6.5: a reason of text alone -> the type, or a "
         "comment", "xml", rows(
             record(evaluated=reason("local_policy")),
             record(count=2, evaluated=reason(" we like them "))))
    case("f65-arc-reason", "F.6.5: local_policy with ARC data in every row -> "
         "it is stored", "xml", rows(record(evaluated=reason(
             "<type>local_policy</type><comment>arc=pass as[1].d=x.example "
             "as[1].s=s</comment>"))))
    case("f65-reasons-many", "F.0.2: more than 16 reasons -> 16 are kept, "
         "with a warning", "xml", rows(record(evaluated=evaluated(
             reason="<reason><type>other</type></reason>" * 17))))
    case("f65-reasons-at-limit", "F.0.2: 16 reasons -> all are kept", "xml",
         rows(record(evaluated=evaluated(
             reason="<reason><type>other</type></reason>" * 16))))
    case("f65-repeated-rows", "F.6.5: the same row again and again -> each is "
         "kept", "xml", rows(record(), record(), record()))
    case("f65-bad-row", "F.6.5: a bad row among good ones -> it is refused "
         "and counted, the report is kept", "xml", rows(
             record("unknown"), *[record(count=i + 1) for i in range(9)]))
    case("f65-many-bad-rows", "F.6.5: more than a tenth of the rows refused "
         "-> the report is kept, with a warning", "xml", rows(
             record("unknown"), *[record(count=i + 1) for i in range(8)]))
    case("f65-all-bad-rows", "F.6.5: all rows refused -> the report is "
         "refused", "xml", rows(record("unknown"), record(count="x")))
    case("f65-missing-verdict", "F.6.5: policy_evaluated without dkim -> it "
         "is derived", "xml", rows(record(evaluated=evaluated(dkim=None))))
    case("f65-disposition-pass", "F.6.5: disposition pass in a report of RFC "
         "7489 -> accepted", "xml", rows(record(evaluated=evaluated("pass")),
                                         version="1.0"))
    case("f65-no-policy-evaluated", "A.3.4: no policy_evaluated -> nothing was "
         "evaluated: there is no verdict, and none is derived", "xml", rows(
             record(evaluated=None, results=auth("dkim") +
                    auth(domain="example.net"))))


def derived(case):
    nothing = evaluated("none", None, None)
    case("a6-derivation", "A.6: missing verdicts -> derived from the results "
         "where they are certain", "xml", feedback(
             metadata(), policy(adkim="r", aspf="s"), *[
                 record(count=i + 1, evaluated=nothing, results=results,
                        **more)
                 for i, (results, more) in enumerate((
                     ("", {}), (auth("dkim", result="fail"), {}),
                     (auth("dkim", "EXAMPLE.com"), {}),
                     (auth("dkim", "mail.example.com"), {}),
                     (auth("dkim", "example.net"), {}), (auth(), {}),
                     (auth(domain="mail.example.com"), {}),
                     (auth(scope="helo"), {}),
                     (auth(scope="helo"), {"ids": "<envelope_from/>"})))]))
    case("a6-checks", "A.6: verdicts that contradict the disposition, and a "
         "header_from outside the policy domain -> stored as sent, with a "
         "warning", "xml", feedback(
             metadata(), policy(p="reject"),
             record(evaluated=evaluated("reject")),
             record(count=2, evaluated=evaluated("none", spf="fail")),
             record(count=3, header_from="notexample.com")))
    case("a6-other-spelling", "A.6: the domain in upper case, with a dot or as "
         "a U-label in file name and Subject -> it is the same domain", "eml",
         mail(gzip_part(feedback(metadata(), policy("xn--bcher-kva.example"),
                                 record(header_from="b\u00fccher.example")),
                        name=NAME.replace("example.com",
                                          "XN--BCHER-KVA.example.")),
              subject="=?utf-8?Q?Report_Domain:_b=C3=BCcher.example._Submitter"
              ":_x?="))
    case("a6-file-name-differs", "A.6: another period and domain in file name "
         "and Subject -> the XML is right, with a warning", "eml", mail(
             gzip_part(feedback(metadata(), policy("example.net")))))


def results(case):
    case("f7-empty", "F.7: auth_results empty or missing -> no results",
         "xml", rows(record(results=""), record(
             count=2, results="").replace("<auth_results></auth_results>",
                                          "")))
    case("f7-spf-first", "F.7: spf before dkim -> accepted, in the order of "
         "the document", "xml", rows(record(results=auth() + auth("dkim"))))
    case("f7-several", "F.7, A.3.7: several spf and dkim -> all are kept, "
         "and any of them may be the aligned one", "xml", rows(record(
             results=auth("dkim", "example.net", selector="a") +
             auth("dkim", "mail.example.com", selector="b") +
             auth("dkim", "example.org", selector="c") +
             auth(domain="mx.example.net", scope="helo") +
             auth(scope="mfrom"))))
    case("f7-spf-no-domain", "F.7: spf without domain, or with an empty one "
         "-> kept without", "xml", rows(record(
             results=auth(domain=None, scope="helo") +
             auth(domain="", result="none"))))
    case("f7-dkim-no-domain", "F.7: dkim with empty domain and selector -> "
         "kept without; it is no usable signature", "xml", rows(record(
             evaluated=evaluated(dkim=None), results=auth(
                 "dkim", "", "fail", selector="") +
             auth("dkim", "", "none", selector=""))))
    case("f7-no-selector", "F.7: dkim without selector -> there is none, not "
         "even a word for it", "xml", rows(record(results=auth("dkim"))))
    case("f7-not-evaluated", "F.7: dkim/domain not.evaluated -> absent",
         "xml", rows(record(results=auth("dkim", "not.evaluated", "none"))))
    case("f7-human-result", "F.7, A.3.7: human_result empty, of several "
         "lines, huge -> text of at most 1024 bytes", "gz", gz(rows(record(
             results=auth(human_result="") + auth(human_result="a\n\tb\nc") +
             auth(human_result="x" * 1025)))))
    case("f7-selector", "F.7, A.3.7: selectors -> opaque, trimmed, at most "
         "255 bytes",
         "xml", rows(record(results=auth("dkim", selector=" S.1 a ") +
                            auth("dkim", selector="s" * 256))))
    case("f7-dkim-many", "F.7: more than 100 dkim -> 100 are kept, with a "
         "warning", "gz", gz(rows(record(results="".join(
             auth("dkim", "a%d.example" % i) for i in range(101))))))
    case("f7-dkim-at-limit", "F.7: 100 dkim -> all are kept", "gz", gz(rows(
        record(results="".join(auth("dkim", "a%d.example" % i)
                               for i in range(100))))))
    case("f7-foreign", "F.7: arc or other elements among auth_results -> they "
         "are passed over", "xml", rows(record(
             results=auth() + "<arc><domain>x.example</domain></arc>")))


def identity(case):
    def two(a, b):
        return mail(multipart(part("text/xml", a, None),
                              part("text/xml", b, None)))

    case("a7-duplicate", "A.7: the same report in other white space, with "
         "another generator and contact -> a duplicate", "eml", two(
             report(), feedback(metadata(email="x@receiver.example",
                                         generator="x"), "\n", policy(),
                                record())))
    case("a7-org-case", "A.7: org_name in other case -> a duplicate", "eml",
         two(report(), feedback(metadata("RECEIVER  inc"), policy(),
                                record())))
    case("a7-conflict", "A.7, F.4.2: the same identity with other content -> "
         "a conflict, the first stays", "eml", two(report(), feedback(
             metadata(), policy(), record(count=2))))
    case("a7-same-id", "A.7, F.4.2: the same id of another organisation, day "
         "or domain -> another report", "eml", mail(multipart(*[
             part("text/xml", doc, None) for doc in (
                 report(), feedback(metadata("Other Inc"), policy()),
                 feedback(metadata(begin=BEGIN - DAY, end=END - DAY),
                          policy()),
                 feedback(metadata(), policy("example.net")))])))
    case("a7-overlap", "A.7: another id for an overlapping period -> stored, "
         "with a warning", "eml", two(report(), feedback(
             metadata(id="r2", begin=BEGIN + 3600, end=END + 3600), policy(),
             record())))


def make(case):
    for group in (words, organisation, report_id, period, contact, published,
                  empty, addresses, counts, domains, records, derived,
                  results, identity):
        group(case)
