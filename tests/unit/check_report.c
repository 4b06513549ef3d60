/* check_report.c - what a report says once it is read: metadata, policy, rows,
 * results, identity. Each case edits a sound report and looks for a line of
 * what came of it (tests/lib/dump.h) and for the warnings. */
#include <sodium.h>
#include <string.h>
#include "check_main.h"
#include "dump.h"
#include "read_xml.h"
#include "xml.h"

/* What the mail says, in cases that have one. */
#define FILE_NAME 1u
#define SUBJECT 2u
#define FROM 4u

static const struct ruad_file_hint file_hint = { .receiver = "file.example",
	.policy_domain = "file.example.com",
	.begin = 1700010000,
	.end = 1700020000,
	.unique_id = "fileid" };
static const struct ruad_subject_hint subject_hint = {
	.domain = "subject.example.com",
	.submitter = "Subject Org",
	.report_id = "subjectid"
};

static const struct row {
	const char *name;
	const char *from, *to; /* the edit; NULL: none */
	const char *want; /* in the dump, or "!CODE" for a refusal */
	const char *warnings;
	unsigned mail;
} rows[] = {
	{ "as it is", NULL, NULL,
	    "  org \"Receiver Inc\" key \"receiver inc\"\n"
	    "  email \"a@r.example\"\n"
	    "  id \"id1\"\n"
	    "  period 1700006400 to 1700092799\n"
	    "  policy domain \"example.com\" p none sp none adkim r aspf r "
	    "pct 100\n"
	    "  dialect D1 version \"1.0\"\n"
	    "  records 1 refused 0 messages 2 pass 0\n"
	    "  row 1: 203.0.114.1 messages 2 disposition none dkim fail spf "
	    "pass\n"
	    "    aligned dkim none spf none\n"
	    "    identifiers header_from \"example.com\"\n"
	    "    dkim fail domain \"example.com\" selector \"s1\"\n"
	    "    spf pass domain \"example.com\" scope mfrom\n",
	    "", 0 },

	/* ---- A.1: dialects, namespaces, versions ---- */
	{ "A.1: no version", "<version>1.0</version>", "", "  dialect D0\n", "",
	    0 },
	{ "A.1: version 1", ">1.0<", ">1<", "  dialect D1 version \"1\"\n", "",
	    0 },
	{ "A.1: version +01.00", ">1.0<", "> +01.00 <",
	    "  dialect D1 version \"+01.00\"\n", "", 0 },
	{ "A.1: version 0.1", ">1.0<", ">0.1<",
	    "  dialect D1 version \"0.1\"\n", "REP_VERSION", 0 },
	{ "A.1: version 2.0", ">1.0<", ">2.0<",
	    "  dialect D1 version \"2.0\"\n", "REP_VERSION", 0 },
	{ "A.1: version 1,0", ">1.0<", ">1,0<",
	    "  dialect D1 version \"1,0\"\n", "REP_VERSION", 0 },
	{ "A.1: version 1e0", ">1.0<", ">1e0<",
	    "  dialect D1 version \"1e0\"\n", "REP_VERSION", 0 },
	{ "A.1: empty version", ">1.0<", "><", "  dialect D1\n", "", 0 },
	{ "A.1: namespace 0.1, no version",
	    "<feedback>\n<version>1.0</version>",
	    "<feedback xmlns=\"http://dmarc.org/dmarc-xml/0.1\">",
	    "  dialect D1 namespace \"http://dmarc.org/dmarc-xml/0.1\"\n", "",
	    0 },
	{ "A.1: namespace 0.2", "<feedback>",
	    "<feedback xmlns=\"http://dmarc.org/dmarc-xml/0.2\">",
	    "  dialect D1 version \"1.0\" namespace "
	    "\"http://dmarc.org/dmarc-xml/0.2\"\n",
	    "", 0 },
	{ "A.1: namespace 2.0", "<feedback>",
	    "<feedback xmlns=\"urn:ietf:params:xml:ns:dmarc-2.0\">",
	    "  dialect D2 version \"1.0\" namespace "
	    "\"urn:ietf:params:xml:ns:dmarc-2.0\"\n",
	    "", 0 },
	{ "A.1: a namespace of its own", "<feedback>",
	    "<feedback xmlns=\"urn:x\">", "  records 1 refused 0", "", 0 },
	{ "A.1: a prefix that is not used", "<feedback>",
	    "<feedback xmlns:n=\"http://dmarc.org/dmarc-xml/0.1\">",
	    "  dialect D1 version \"1.0\"\n", "", 0 },
	{ "A.1: ours under another prefix", "<org_name>Receiver Inc</org_name>",
	    "<q:org_name xmlns:q=\"urn:ietf:params:xml:ns:dmarc-2.0\">Q"
	    "</q:org_name>",
	    "  org \"Q\" key \"q\"\n", "", 0 },
	{ "A.1: foreign org_name", "<org_name>",
	    "<x:org_name xmlns:x=\"urn:x\">X</x:org_name>"
	    "<org_name>",
	    "  org \"Receiver Inc\" key", "", 0 },
	{ "A.1: foreign record", "<record>",
	    "<x:record xmlns:x=\"urn:x\"><row/></x:record><record>",
	    "  records 1 refused 0", "", 0 },
	{ "A.1: np proves nothing", "<sp>none</sp>",
	    "<sp>none</sp><np>reject</np>",
	    "pct 100\n  dialect D1 version \"1.0\"\n", "", 0 },
	{ "A.1: testing", "<pct>100</pct>", "<testing>n</testing>",
	    "adkim r aspf r testing n\n  dialect D2? version \"1.0\"\n", "",
	    0 },
	{ "A.1: discovery_method", "<pct>100</pct>",
	    "<discovery_method>psl</discovery_method>",
	    " discovery_method psl\n  dialect D2? ", "", 0 },
	{ "A.1: generator", "</report_metadata>",
	    "<generator>g 1</generator></report_metadata>",
	    "  dialect D2? version \"1.0\" generator \"g 1\"\n", "", 0 },
	{ "A.1: extension", "<record>",
	    "<extension><domain>x</domain></extension><record>",
	    "  dialect D2? ", "", 0 },

	/* ---- A.2: order, unknown content, duplicates ---- */
	{ "A3: record first", "<version>1.0</version>",
	    "<record><identifiers><header_from>a.example.com</header_from>"
	    "</identifiers><auth_results/><row><count>3</count><source_ip>"
	    "203.0.114.9</source_ip></row></record><version>1.0</version>",
	    "  row 1: 203.0.114.9 messages 3\n"
	    "    aligned dkim none spf none\n"
	    "    identifiers header_from \"a.example.com\"\n"
	    "  row 2: ",
	    "", 0 },
	{ "A3: spf before dkim", "<auth_results>",
	    "<auth_results><spf><result>none</result></spf>",
	    "    spf none scope mfrom\n    dkim fail domain", "", 0 },
	{ "A4: unknown elements", "<begin>", "<x><end>5</end></x><begin>",
	    "  period 1700006400 to 1700092799\n", "", 0 },
	{ "A4: unknown in the policy", "<p>none</p>",
	    "<q><p>reject</p></q><p>none</p>", " p none ", "", 0 },
	{ "A4: unknown inside a leaf", "Receiver Inc",
	    "Receiver <b>bold <org_name>x</org_name></b>Inc",
	    "  org \"Receiver Inc\" key", "", 0 },
	{ "A5: CDATA and comments", "Receiver Inc",
	    "Rec<!-- x --><![CDATA[eiver & ]]>Inc", "  org \"Receiver & Inc\"",
	    "", 0 },
	{ "A5: trimmed", "Receiver Inc",
	    "\t\r\n \xc2\xa0\xef\xbb\xbf\xe2\x80\x8b"
	    "A\xe2\x80\x8b \xc2\xa0\n",
	    "  org \"A\" key \"a\"\n", "", 0 },
	{ "A5: blank is absent", "<sp>none</sp>", "<sp>\t\xc2\xa0</sp>",
	    " p none adkim", "", 0 },
	{ "A5: stray text", "<p>none</p>", "<p>none</p>11", " p none sp none",
	    "XML_STRAY_TEXT", 0 },
	{ "A6: a leaf twice", "<email>",
	    "<email>first@r.example</email><email>",
	    "  email \"first@r.example\"\n", "XML_DUP_ELEMENT", 0 },
	{ "A6: the first is empty", "<email>", "<email/><email>",
	    "  email \"a@r.example\"\n", "XML_DUP_ELEMENT", 0 },
	{ "A6: the second is empty", "<org_name>",
	    "<org_name>x</org_name>"
	    "<org_name>",
	    "  org \"x\"", "XML_DUP_ELEMENT", 0 },
	{ "A6: a leaf of a row twice", "<count>", "<count>7</count><count>",
	    " messages 7 ", "XML_DUP_ELEMENT", 0 },
	{ "A6: the first is empty in a row", "<count>",
	    "<count> </count><count>", " messages 2 ", "XML_DUP_ELEMENT", 0 },
	{ "A6: policy twice", "<record>",
	    "<policy_published><p>reject</p></policy_published><record>",
	    " p none ", "XML_DUP_ELEMENT", 0 },
	{ "A6: metadata twice", "<policy_published>",
	    "<report_metadata><org_name>x</org_name></report_metadata>"
	    "<policy_published>",
	    "  org \"Receiver Inc\"", "XML_DUP_ELEMENT", 0 },
	{ "A6: row twice", "</row>", "</row><row><count>9</count></row>",
	    " messages 2 ", "XML_DUP_ELEMENT", 0 },
	{ "A6: identifiers twice", "</identifiers>",
	    "</identifiers><identifiers><header_from>x</header_from>"
	    "</identifiers>",
	    " header_from \"example.com\"", "XML_DUP_ELEMENT", 0 },
	{ "A6: empty metadata before", "<report_metadata>",
	    "<report_metadata> <org_name/><date_range/></report_metadata>"
	    "<report_metadata>",
	    "  org \"Receiver Inc\"", "XML_DUP_ELEMENT", 0 },
	{ "A6: empty policy before", "<policy_published>",
	    "<policy_published/><policy_published>", " p none ",
	    "XML_DUP_ELEMENT", 0 },
	{ "A6: empty row before", "<row>", "<row/><row>", " messages 2 ",
	    "XML_DUP_ELEMENT", 0 },
	{ "A6: begin and end apart", "<end>", "</date_range><date_range><end>",
	    "  period 1700006400 to 1700092799\n", "XML_DUP_ELEMENT", 0 },
	{ "A6: two periods", "</date_range>",
	    "</date_range><date_range><begin>1</begin><end>2</end></"
	    "date_range>",
	    "  period 1700006400 to 1700092799\n", "XML_DUP_ELEMENT", 0 },

	/* ---- A.1: the exact name first, wherever it stands ---- */
	{ "A1: odd leaf of a row before", "<count>", "<Count>9</Count><count>",
	    " messages 2 ", "", 0 },
	{ "A1: odd leaf of a row behind", "</count>",
	    "</count><Count>9</Count>", " messages 2 ", "", 0 },
	{ "A1: it would refuse the row", "<count>", "<Count>x</Count><count>",
	    " messages 2 ", "", 0 },
	{ "A1: alone", "<count>2</count>", "<Count>9</Count>", " messages 9 ",
	    "XML_NAME_CASE", 0 },
	{ "A1: beside an empty one", "<count>2</count>",
	    "<Count>9</Count><count/>", " messages 9 ",
	    "XML_NAME_CASE XML_DUP_ELEMENT", 0 },
	{ "A1: alone and twice", "<count>2</count>",
	    "<Count/><COUNT>9</COUNT><Count>8</Count>", " messages 9 ",
	    "XML_NAME_CASE XML_DUP_ELEMENT", 0 },
	{ "A1: odd p", "<p>none</p>", "<P>reject</P><p>none</p>", " p none ",
	    "", 0 },
	{ "A1: odd domain", "<domain>example.com</domain>",
	    "<Domain>other.example</Domain><domain>example.com</domain>",
	    "  policy domain \"example.com\" p none ", "", 0 },
	{ "A1: odd result", "<selector>s1</selector>",
	    "<selector>s1</selector><Domain>x.example</Domain>"
	    "<Selector>s2</Selector>",
	    " selector \"s1\"", "", 0 },
	{ "A1: odd version", "<version>1.0</version>",
	    "<Version>2.0</Version><version>1.0</version>",
	    " version \"1.0\"\n", "", 0 },
	{ "A1: odd version alone", "<version>1.0</version>",
	    "<Version>1.0</Version>", " version \"1.0\"\n", "XML_NAME_CASE",
	    0 },
	{ "A1: odd policy before", "<policy_published>",
	    "<Policy_Published><p>reject</p><np>reject</np></Policy_Published>"
	    "<policy_published>",
	    " p none sp none adkim", "", 0 },
	{ "A1: odd policy behind", "</policy_published>",
	    "</policy_published><Policy_Published><np>reject</np>"
	    "</Policy_Published>",
	    " p none sp none adkim", "", 0 },
	{ "A1: odd metadata before", "<report_metadata>",
	    "<Report_Metadata><org_name>x</org_name><generator>g</generator>"
	    "<error>e</error></Report_Metadata><report_metadata>",
	    "  org \"Receiver Inc\" key \"receiver inc\"\n"
	    "  email \"a@r.example\"\n",
	    "", 0 },
	{ "A1: odd period before", "<date_range>",
	    "<Date_Range><begin>1</begin></Date_Range><date_range>",
	    "  period 1700006400 to 1700092799\n", "", 0 },
	{ "A1: odd row before", "<row>",
	    "<Row><source_ip>x</source_ip><count>5</count><policy_evaluated>"
	    "<disposition>bounced</disposition><reason>r</reason>"
	    "</policy_evaluated></Row><row>",
	    " messages 2 disposition none dkim fail spf pass\n    aligned",
	    "ROW_DISPOSITION", 0 },
	{ "A1: odd verdict before", "<policy_evaluated>",
	    "<POLICY_EVALUATED><dkim>pass</dkim></POLICY_EVALUATED>"
	    "<policy_evaluated>",
	    " disposition none dkim fail spf pass\n", "", 0 },
	{ "A1: alias before", "<identifiers>",
	    "<identities><header_from>x.example</header_from><envelope_to>"
	    "y.example</envelope_to></identities><identifiers>",
	    "    identifiers header_from \"example.com\"", "", 0 },
	{ "A1: alias behind", "</identifiers>",
	    "</identifiers><identities><header_from>x</header_from>"
	    "</identities>",
	    " header_from \"example.com\"", "", 0 },
	{ "A6: auth_results twice: merged", "</auth_results>",
	    "</auth_results><auth_results><dkim><domain>b.example</domain>"
	    "<result>pass</result></dkim></auth_results>",
	    " scope mfrom\n    dkim pass domain \"b.example\"\n", "", 0 },

	/* ---- F.4.1: org_name ---- */
	{ "F.4.1: empty: domain of email", "Receiver Inc", "",
	    "  org \"r.example\" key \"r.example\"\n", "REP_FALLBACK", 0 },
	{ "F.4.1: then the Subject",
	    "<org_name>Receiver Inc</org_name>\n<email>a@r.example</email>", "",
	    "  org \"Subject Org\" key \"subject org\"\n",
	    "REP_FALLBACK REP_MISMATCH", SUBJECT | FILE_NAME | FROM },
	{ "F.4.1: then the file name",
	    "<org_name>Receiver Inc</org_name>\n<email>a@r.example</email>", "",
	    "  org \"file.example\"", "REP_FALLBACK REP_MISMATCH",
	    FILE_NAME | FROM },
	{ "F.4.1: then From",
	    "<org_name>Receiver Inc</org_name>\n<email>a@r.example</email>", "",
	    "  org \"from.example\"", "REP_FALLBACK", FROM },
	{ "F.4.1: nowhere",
	    "<org_name>Receiver Inc</org_name>\n<email>a@r.example</email>", "",
	    "!REP_NO_ORG", "", 0 },
	{ "F.4.1: other scripts and controls", "Receiver Inc",
	    "\xe6\x97\xa5\xc2\x9b\xe2\x80\xae"
	    "A\n  B",
	    "  org \"\\xe6\\x97\\xa5"
	    "A   B\" key \"\\xe6\\x97\\xa5"
	    "a b\"\n",
	    "", 0 },
	{ "A.7: key of the organisation", "Receiver Inc", "RECEIVER \t  Inc",
	    " key \"receiver inc\"\n", "", 0 },

	/* ---- F.4.2: report_id ---- */
	{ "F.4.2: angle brackets", ">id1<", ">&lt;a@b&gt;<", "  id \"a@b\"\n",
	    "", 0 },
	{ "F.4.2: one pair only", ">id1<", ">&lt;&lt;a&gt;&gt;<",
	    "  id \"<a>\"\n", "", 0 },
	{ "F.4.2: braces", ">id1<", ">{a-b}<", "  id \"a-b\"\n", "", 0 },
	{ "F.4.2: quotes", ">id1<", ">\"a b\"<", "  id \"a b\"\n", "", 0 },
	{ "F.4.2: white space inside", ">id1<", "> a \n\t b <",
	    "  id \"a b\"\n", "", 0 },
	{ "F.4.2: opaque", ">id1<", ">example.com:1700006400+<",
	    "  id \"example.com:1700006400+\"\n", "", 0 },
	{ "F.4.2: missing: Subject", "<report_id>id1</report_id>", "",
	    "  id \"subjectid\"\n", "REP_ID_SYNTH REP_MISMATCH",
	    SUBJECT | FILE_NAME },
	{ "F.4.2: then the file name", "<report_id>id1</report_id>", "",
	    "  id \"fileid\"\n", "REP_ID_SYNTH REP_MISMATCH", FILE_NAME },
	{ "F.4.2: then made", ">id1<", "> <", "  id \"sha256:", "REP_ID_SYNTH",
	    0 },
	{ "F.4.2: empty in brackets", ">id1<", ">{ }<",
	    "  id \"sha256:", "REP_ID_SYNTH", 0 },
	{ "F.4.2: the XML wins", NULL, NULL, "  id \"id1\"\n", "REP_MISMATCH",
	    SUBJECT },

	/* ---- F.4.3: period ---- */
	{ "F.4.3: decimals", ">1700006400<", ">1700006400.999<",
	    "  period 1700006400 to", "", 0 },
	{ "F.4.3: sign, zeros, white space", ">1700006400<",
	    "> +01700006400\n<", "  period 1700006400 to", "", 0 },
	{ "F.4.3: milliseconds", ">1700006400<", ">1700006400000<",
	    "  period 1700006400 to", "REP_TIME_FORMAT", 0 },
	{ "F.4.3: microseconds", ">1700006400<", ">1700006400000000<",
	    "  period 1700006400 to", "REP_TIME_FORMAT", 0 },
	{ "F.4.3: calendar", ">1700006400<", ">2023-11-15T00:00:00Z<",
	    "  period 1700006400 to", "REP_TIME_FORMAT", 0 },
	{ "F.4.3: missing, no file name", "<begin>1700006400</begin>", "",
	    "!REP_NO_RANGE", "", SUBJECT | FROM },
	{ "F.4.3: missing, file name", "<begin>1700006400</begin>", "",
	    "  period 1700010000 to 1700020000\n", "REP_FALLBACK REP_MISMATCH",
	    FILE_NAME },
	{ "F.4.3: no word of it", ">1700092799<", ">integer<",
	    "  period 1700010000 to 1700020000\n", "REP_FALLBACK REP_MISMATCH",
	    FILE_NAME },
	{ "F.4.3: 0", ">1700006400<", ">0<", "!REP_NO_RANGE", "", 0 },
	{ "F.4.3: negative", ">1700006400<", ">-1700006400<", "!REP_NO_RANGE",
	    "", 0 },
	{ "F.4.3: end is begin", ">1700092799<", ">1700006400<",
	    "  period 1700006400 to 1700006400\n", "", 0 },
	{ "F.4.3: reversed", ">1700092799<", ">1700006399<",
	    "  period 1700006399 to 1700006400\n", "REP_RANGE_REVERSED", 0 },
	{ "F.4.3: reversed, file name", ">1700092799<", ">1700006399<",
	    "  period 1700010000 to 1700020000\n",
	    "REP_RANGE_REVERSED REP_MISMATCH", FILE_NAME },
	{ "F.4.3: begins 2 days ahead",
	    "<begin>1700006400</begin><end>1700092799",
	    "<begin>1700372800</begin><end>1700372801",
	    "  period 1700372800 to 1700372801\n", "REP_RANGE_ODD", 0 },
	{ "F.4.3: begins later than that",
	    "<begin>1700006400</begin><end>1700092799",
	    "<begin>1700372801</begin><end>1700372801", "!REP_RANGE_FUTURE", "",
	    0 },
	{ "F.4.3: begins beyond all numbers",
	    "<begin>1700006400</begin><end>1700092799",
	    "<begin>99999999999999999999</begin><end>99999999999999999999",
	    "!REP_RANGE_FUTURE", "", 0 },
	{ "F.4.3: ends beyond all numbers", ">1700092799<",
	    ">99999999999999999999<", "!REP_SPAN_HUGE", "", FILE_NAME },
	{ "F.4.3: ends 2 days ahead", ">1700092799<", ">1700372800<",
	    " to 1700372800\n", "REP_SPAN", 0 },
	{ "F.4.3: ends later than that", ">1700092799<", ">1700372801<",
	    " to 1700372801\n", "REP_RANGE_ODD REP_SPAN", 0 },
	{ "F.4.3: before 2012", "<begin>1700006400</begin><end>1700092799",
	    "<begin>1325375999</begin><end>1325376000",
	    "  period 1325375999 to 1325376000\n", "REP_RANGE_ODD", 0 },
	{ "F.4.3: from 2012 on", "<begin>1700006400</begin><end>1700092799",
	    "<begin>1325376000</begin><end>1325376001", "  period 1325376000",
	    "", 0 },
	{ "F.4.3: 26 hours", ">1700092799<", ">1700100000<", " to 1700100000\n",
	    "", 0 },
	{ "F.4.3: a second more", ">1700092799<", ">1700100001<",
	    " to 1700100001\n", "REP_SPAN", 0 },
	{ "F.4.3: 62 days", ">1700006400<", ">1694735999<",
	    "  period 1694735999 to 1700092799\n", "REP_SPAN", 0 },
	{ "F.4.3: a second more", ">1700006400<", ">1694735998<",
	    "!REP_SPAN_HUGE", "", 0 },

	/* ---- F.4.4: others ---- */
	{ "F.4.4: display name", ">a@r.example<",
	    ">DMARC team &lt;a@r.example&gt;<", "  email \"a@r.example\"\n", "",
	    0 },
	{ "F.4.4: mailto", ">a@r.example<", ">mailto:a@r.example<",
	    "  email \"a@r.example\"\n", "", 0 },
	{ "F.4.4: several", ">a@r.example<", ">a@r.example, b@r.example<",
	    "  email \"a@r.example\"\n", "", 0 },
	{ "F.4.4: a lone @ before", ">a@r.example<", ">@ home: a@r.example<",
	    "  email \"a@r.example\"\n", "", 0 },
	{ "F.4.4: unescaped brackets", ">a@r.example<", "><a@r.example><",
	    "  email \"a@r.example\"\n", "XML_REPAIRED", 0 },
	{ "F.4.4: no address", ">a@r.example<", ">r.example<",
	    "  email \"r.example\"\n", "REP_EMAIL", 0 },
	{ "F.4.4: no email", "<email>a@r.example</email>", "",
	    "receiver inc\"\n  id", "", 0 },
	{ "F.4.4: contact", "</report_metadata>",
	    "<extra_contact_info lang=\"de\">&lt;a href=\"x\"&gt;"
	    "</extra_contact_info></report_metadata>",
	    "  contact \"<a href=\\\"x\\\">\"\n", "", 0 },
	{ "F.4.4: errors", "</report_metadata>",
	    "<error>a</error><error/><error>b</error></report_metadata>",
	    "  error \"a\"\n  error \"b\"\n", "", 0 },

	/* ---- A.3.3, A.5, F.5: policy ---- */
	{ "F.5: p alone",
	    "<adkim>r</adkim><aspf>r</aspf>\n<p>none</p><sp>none"
	    "</sp><pct>100</pct>",
	    "<p>reject</p>", "  policy domain \"example.com\" p reject\n", "",
	    0 },
	{ "F.5: sp empty", "<sp>none</sp>", "<sp></sp>", " p none adkim", "",
	    0 },
	{ "F.5: unknown", "<p>none</p>", "<p>unknown</p>",
	    "\"example.com\" sp none", "REP_POLICY_VALUE", 0 },
	{ "F.5: unknown is kept", "<p>none</p>", "<p>unknown</p>",
	    "  raw p \"unknown\"\n", "REP_POLICY_VALUE", 0 },
	{ "F.5: upper case", "<p>none</p>", "<p>REJECT</p>", " p reject ", "",
	    0 },
	{ "A.5: monitor", "<p>none</p>", "<p>monitor</p>",
	    "  raw p \"monitor\"\n", "", 0 },
	{ "A.5: another word", "<p>none</p>", "<p>block</p>",
	    "  raw p \"block\"\n", "REP_POLICY_VALUE", 0 },
	{ "A.5: np", "<pct>100</pct>", "<np>quarantine</np>",
	    " sp none np quarantine adkim", "", 0 },
	{ "A.5: relaxed", "<adkim>r</adkim>", "<adkim>strict</adkim>",
	    " adkim s aspf r", "", 0 },
	{ "A.5: mode unknown", "<aspf>r</aspf>", "<aspf>x</aspf>",
	    " adkim r pct", "REP_POLICY_VALUE", 0 },
	{ "F.5: pct with %", ">100<", ">50%<", " pct 50\n", "", 0 },
	{ "F.5: pct decimal", ">100<", ">12.5<", " pct 12\n",
	    "REP_POLICY_VALUE", 0 },
	{ "F.5: pct out of range", ">100<", ">101<", " aspf r\n",
	    "REP_POLICY_VALUE", 0 },
	{ "A.5: testing", "<pct>100</pct>", "<testing>true</testing>",
	    " testing y\n", "", 0 },
	{ "A.3.3: t for testing", "<pct>100</pct>", "<t>y</t>", " testing y\n",
	    "XML_NAME_CASE", 0 },
	{ "A.3.3: testing before t", "<pct>100</pct>",
	    "<t>y</t><testing>n</testing>", " testing n\n", "", 0 },
	{ "A.3.3: t behind testing", "<pct>100</pct>",
	    "<testing>n</testing><t>y</t>", " testing n\n", "", 0 },
	{ "A.5: testing unknown", "<pct>100</pct>", "<testing>q</testing>",
	    " aspf r\n", "REP_POLICY_VALUE", 0 },
	{ "A.5: discovery", "<pct>100</pct>",
	    "<discovery_method>tree-walk</discovery_method>",
	    " discovery_method treewalk\n", "", 0 },
	{ "A.5: discovery unknown", "<pct>100</pct>",
	    "<discovery_method>dns</discovery_method>", " aspf r\n",
	    "REP_POLICY_VALUE", 0 },
	{ "F.5: other tags are skipped", "<pct>100</pct>",
	    "<rf>a</rf><ri>1</ri><rua>b</rua><ruf>c</ruf><v>DMARC1</v>"
	    "<psd>n</psd><version_published>1</version_published>",
	    " aspf r\n  dialect D1 ", "", 0 },
	{ "F.5: fo", "<pct>100</pct>", "<fo> 1:d:s </fo>", " fo \"1:d:s\"\n",
	    "", 0 },
	{ "F.5: fo empty", "<pct>100</pct>", "<fo/>", " aspf r\n", "", 0 },
	{ "F.5: domain, upper case and dot", ">example.com<",
	    "> EXAMPLE.com. <", "domain \"example.com\"", "", 0 },
	{ "F.5: domain, _dmarc.", ">example.com<", ">_dmarc.example.com<",
	    "domain \"example.com\"", "REP_POLICY_VALUE", 0 },
	{ "F.5: domain, URL", ">example.com<", ">https://example.com/x<",
	    "domain \"example.com\"", "REP_POLICY_VALUE", 0 },
	{ "F.5: domain, mail address", ">example.com<", ">x@example.com<",
	    "domain \"example.com\"", "ROW_ADDR_AS_DOMAIN", 0 },
	{ "A.3.3: domain missing: file name", "<domain>example.com</domain>",
	    "", "domain \"file.example.com\"",
	    "REP_FALLBACK REP_MISMATCH ROW_FROM_OUTSIDE", FILE_NAME | SUBJECT },
	{ "A.3.3: then the Subject", "<domain>example.com</domain>", "",
	    "domain \"subject.example.com\"",
	    "REP_FALLBACK REP_MISMATCH ROW_FROM_OUTSIDE", SUBJECT },
	{ "A.3.3: then the usual header_from", "<domain>example.com</domain>",
	    "", "domain \"example.com\"", "REP_FALLBACK", 0 },
	{ "A.3.3: a bad one is as good as none", ">example.com<", ">not one<",
	    "domain \"example.com\"", "REP_FALLBACK ROW_DOMAIN", 0 },

	/* ---- F.6.1: no useful records ---- */
	{ "F.6.1: null report",
	    "<source_ip>203.0.114.1</source_ip><count>2</count>",
	    "<source_ip/><count>0</count>",
	    "  records 0 refused 0 messages 0 pass 0\n", "", 0 },

	/* ---- F.6.2: source_ip ---- */
	{ "F.6.2: no address", ">203.0.114.1<", ">203.0.114.1/32<",
	    "!REP_NO_ROWS", "", 0 },
	{ "F.6.2: missing", "<source_ip>203.0.114.1</source_ip>", "",
	    "!REP_NO_ROWS", "", 0 },
	{ "F.6.2: special", ">203.0.114.1<", ">192.168.0.1<",
	    "  row 1: 192.168.0.1 messages 2", "ROW_IP_SPECIAL", 0 },
	{ "F.6.2: zone", ">203.0.114.1<", ">2a00::1%eth0<",
	    "  row 1: 2a00::1 messages 2", "ROW_IP_SPECIAL", 0 },
	{ "F.6.2: mapped", ">203.0.114.1<", ">::ffff:203.0.114.1<",
	    "  row 1: 203.0.114.1 messages 2", "", 0 },

	/* ---- F.6.3: count ---- */
	{ "F.6.3: 0", "<count>2</count>", "<count>0</count>",
	    "  records 0 refused 0", "ROW_COUNT_ZERO", 0 },
	{ "F.6.3: negative", "<count>2</count>", "<count>-2</count>",
	    "!REP_NO_ROWS", "", 0 },
	{ "F.6.3: missing", "<count>2</count>", "", "!REP_NO_ROWS", "", 0 },
	{ "F.6.3: 10^12", "<count>2</count>", "<count>1000000000000</count>",
	    " messages 1000000000000 ", "", 0 },

	/* ---- F.6.4: domains of a row ---- */
	{ "F.6.4: header_from missing",
	    "<header_from>example.com</header_from>", "", "    identifiers\n",
	    "ROW_NO_FROM", 0 },
	{ "F.6.4: header_from is a placeholder", "<header_from>example.com",
	    "<header_from>not.evaluated", "    identifiers\n", "ROW_NO_FROM",
	    0 },
	{ "F.6.4: identifiers missing",
	    "<identifiers><header_from>example.com</header_from></identifiers>",
	    "", "    identifiers\n", "ROW_NO_FROM", 0 },
	{ "F.6.4: identities",
	    "<identifiers><header_from>example.com"
	    "</header_from></identifiers>",
	    "<identities><header_from>example.com</header_from></identities>",
	    " header_from \"example.com\"\n", "XML_NAME_CASE", 0 },
	{ "F.6.4: envelope_from", "</identifiers>",
	    "<envelope_from>B.example.</envelope_from></identifiers>",
	    " envelope_from \"b.example\"\n", "", 0 },
	{ "F.6.4: envelope_from empty", "</identifiers>",
	    "<envelope_from/></identifiers>",
	    " header_from \"example.com\" envelope_from \"\"\n", "", 0 },
	{ "F.6.4: envelope_from, a placeholder", "</identifiers>",
	    "<envelope_from>none</envelope_from></identifiers>",
	    " header_from \"example.com\"\n", "", 0 },
	{ "F.6.4: the first that is not empty", "</identifiers>",
	    "<envelope_from/><envelope_from>b.example</envelope_from>"
	    "</identifiers>",
	    " envelope_from \"b.example\"\n", "XML_DUP_ELEMENT", 0 },
	{ "F.6.4: envelope_from, an address literal", "</identifiers>",
	    "<envelope_from>[192.0.2.1]</envelope_from></identifiers>",
	    " envelope_from \"[192.0.2.1]\" (bad)\n", "ROW_DOMAIN", 0 },
	{ "F.6.4: envelope_to", "</identifiers>",
	    "<envelope_to>x@c.example</envelope_to></identifiers>",
	    " envelope_to \"c.example\"\n", "ROW_ADDR_AS_DOMAIN", 0 },
	{ "F.6.4: a bad name", "<header_from>example.com",
	    "<header_from>exa mple.com",
	    " header_from \"exa mple.com\" (bad)\n",
	    "ROW_DOMAIN ROW_FROM_OUTSIDE", 0 },
	{ "A.6: header_from below", "<header_from>example.com",
	    "<header_from>a.example.com", " header_from \"a.example.com\"\n",
	    "", 0 },
	{ "A.6: header_from outside", "<header_from>example.com",
	    "<header_from>badexample.com", " header_from \"badexample.com\"\n",
	    "ROW_FROM_OUTSIDE", 0 },

	/* ---- A.3.5, A.5, F.6.5: policy_evaluated ---- */
	{ "A.5: disposition", "<disposition>none", "<disposition>Delivered",
	    "    raw disposition \"Delivered\"\n", "", 0 },
	{ "A.5: disposition unknown", "<disposition>none", "<disposition>spam",
	    "    raw disposition \"spam\"\n", "ROW_DISPOSITION", 0 },
	{ "A.5: disposition is then absent", "<disposition>none",
	    "<disposition>spam", " messages 2 dkim fail spf pass\n",
	    "ROW_DISPOSITION", 0 },
	{ "A.5: disposition empty", "<disposition>none", "<disposition>",
	    " messages 2 dkim fail spf pass\n", "", 0 },
	{ "F.6.5: disposition pass", "<disposition>none", "<disposition>pass",
	    " disposition pass dkim", "", 0 },
	{ "A.5: verdict, upper case", "<spf>pass</spf></policy",
	    "<spf>PASS</spf></policy", " spf pass\n", "", 0 },
	{ "A.5: verdict, a result", "<dkim>fail</dkim>",
	    "<dkim>temperror</dkim>", " dkim fail spf pass\n",
	    "ROW_ALIGN_VALUE", 0 },
	{ "A.5: verdict, kept raw", "<dkim>fail</dkim>",
	    "<dkim>temperror</dkim>", "    raw dkim \"temperror\"\n",
	    "ROW_ALIGN_VALUE", 0 },
	{ "A.5: verdict unknown", "<dkim>fail</dkim>",
	    "<dkim>not.evaluated</dkim>", " disposition none spf pass\n", "",
	    0 },
	{ "A.5: verdict, another word", "<dkim>fail</dkim>", "<dkim>ok</dkim>",
	    " disposition none spf pass\n", "ROW_ALIGN_VALUE", 0 },
	{ "F.6.5: reason", "</policy_evaluated>",
	    "<reason><comment>c</comment><type>forwarded</type></reason>"
	    "</policy_evaluated>",
	    "    reason forwarded comment \"c\"\n", "", 0 },
	{ "F.6.5: several", "</policy_evaluated>",
	    "<reason><type>sampled_out</type></reason><reason><type>"
	    "policy_test_mode</type></reason></policy_evaluated>",
	    "    reason sampled_out\n    reason policy_test_mode\n", "", 0 },
	{ "F.6.5: self-closing", "</policy_evaluated>",
	    "<reason/></policy_evaluated>", "\"example.com\"\n    dkim fail",
	    "", 0 },
	{ "F.6.5: empty", "</policy_evaluated>",
	    "<reason><type/><comment> </comment></reason></policy_evaluated>",
	    "\"example.com\"\n    dkim fail", "", 0 },
	{ "F.6.5: type empty", "</policy_evaluated>",
	    "<reason><type></type><comment>c</comment></reason>"
	    "</policy_evaluated>",
	    "    reason other comment \"c\"\n", "", 0 },
	{ "F.6.5: plain text, a type", "</policy_evaluated>",
	    "<reason>local_policy</reason></policy_evaluated>",
	    "    reason local_policy\n", "", 0 },
	{ "F.6.5: plain text, another", "</policy_evaluated>",
	    "<reason>arc=pass</reason></policy_evaluated>",
	    "    reason other comment \"arc=pass\"\n", "", 0 },
	{ "F.6.5: text beside the elements", "</policy_evaluated>",
	    "<reason><type>other</type>arc</reason></policy_evaluated>",
	    "    reason other\n", "XML_STRAY_TEXT", 0 },
	{ "A.5: reason spelt otherwise", "</policy_evaluated>",
	    "<reason><type>Mailing-List</type></reason></policy_evaluated>",
	    "    reason mailing_list raw \"Mailing-List\"\n", "", 0 },
	{ "A.5: reason unknown", "</policy_evaluated>",
	    "<reason><type>arc</type><comment>c</comment></reason>"
	    "</policy_evaluated>",
	    "    reason other raw \"arc\" comment \"c\"\n", "ROW_REASON", 0 },

	/* ---- A.5, F.7: auth_results ---- */
	{ "F.7: empty dkim",
	    "<dkim><domain>example.com</domain><selector>s1"
	    "</selector><result>fail</result></dkim>",
	    "<dkim><domain/><selector/><result>fail</result></dkim>",
	    "    dkim fail\n", "", 0 },
	{ "F.7: dkim without result", "<result>fail</result>", "",
	    "    dkim none domain", "", 0 },
	{ "F.7: dkim without selector", "<selector>s1</selector>", "",
	    "    dkim fail domain \"example.com\"\n", "", 0 },
	{ "F.7: domain not evaluated", "<dkim><domain>example.com",
	    "<dkim><domain>not.evaluated", "    dkim fail selector \"s1\"\n",
	    "", 0 },
	{ "F.7: a remark", "<result>fail", "<result>neutral (bad version)",
	    "    dkim neutral domain \"example.com\" selector \"s1\" raw "
	    "\"neutral (bad version)\"\n",
	    "", 0 },
	{ "A.5: dkim result", "<result>fail", "<result>hardfail",
	    "    dkim fail domain \"example.com\" selector \"s1\" raw "
	    "\"hardfail\"\n",
	    "", 0 },
	{ "A.5: dkim result unknown", "<result>fail", "<result>good",
	    "    dkim other domain \"example.com\" selector \"s1\" raw "
	    "\"good\"\n",
	    "ROW_DKIM_RESULT", 0 },
	{ "A.5: spf result", "<result>pass", "<result>Unknown",
	    "    spf temperror domain \"example.com\" scope mfrom raw "
	    "\"Unknown\"\n",
	    "", 0 },
	{ "A.5: spf result unknown", "<result>pass", "<result>ok",
	    "    spf other domain \"example.com\" scope mfrom raw \"ok\"\n",
	    "ROW_SPF_RESULT", 0 },
	{ "A.5: scope", "<result>pass", "<scope>ehlo</scope><result>pass",
	    "    spf pass domain \"example.com\" scope helo\n", "", 0 },
	{ "A.5: scope kept raw", "<result>pass",
	    "<scope>ehlo</scope><result>pass", "    raw scope \"ehlo\"\n", "",
	    0 },
	{ "A.5: scope unknown", "<result>pass",
	    "<scope>pra</scope><result>pass",
	    "    spf pass domain \"example.com\" scope mfrom\n",
	    "ROW_SPF_RESULT", 0 },
	{ "F.7: several spf", "</auth_results>",
	    "<spf><scope>helo</scope><result>none</result></spf>"
	    "</auth_results>",
	    " scope mfrom\n    spf none scope helo\n", "", 0 },
	{ "F.7: spf domain empty",
	    "<spf><domain>example.com</domain><result>pass",
	    "<spf><domain/><result>none", "    spf none scope mfrom\n", "", 0 },
	{ "F.7: human_result", "<selector>s1</selector>",
	    "<selector> S.1 x </selector><human_result>a\n\tb\xc2\x85"
	    "</human_result>",
	    " selector \"S.1 x\" human_result \"a  b\"", "", 0 },
	{ "F.7: foreign element behind", "</auth_results>",
	    "</auth_results><a:arc xmlns:a=\"urn:a\"><dkim>pass</dkim></a:arc>",
	    "  records 1 refused 0", "", 0 },

	{ "F.6.4: the null reverse-path of SMTP", "</header_from>",
	    "</header_from><envelope_from> &lt;&gt; </envelope_from>",
	    " envelope_from \"\"\n", "", 0 },
	/* ---- A.6: the mail and the XML ---- */
	{ "A.6: file name disagrees", NULL, NULL, "  records 1", "REP_MISMATCH",
	    FILE_NAME },
};

static char *
edit(const struct row *row)
{
	return row->from == NULL
	    ? strdup(read_xml_sound)
	    : read_xml_edit(read_xml_sound, row->from, row->to);
}

START_TEST(report)
{
	const struct row *row = &rows[_i];
	struct ruad_hints hints = { .file = row->mail & FILE_NAME ? &file_hint
								  : NULL,
		.subject = row->mail & SUBJECT ? &subject_hint : NULL,
		.header_from = row->mail & FROM ? "from.example" : NULL };
	struct ruad_limits lim;
	struct ruad_report *r;
	struct ruad_err err;
	char *xml = edit(row), *text, words[600];

	ruad_limits_default(&lim);
	r = read_xml(xml, &hints, &lim, &err);
	if (row->want[0] == '!') {
		ck_assert_msg(r == NULL, "%s: is read", row->name);
		ck_assert_msg(strcmp(ruad_code_name(err.code), row->want + 1) ==
			0,
		    "%s: %s", row->name, ruad_code_name(err.code));
		free(xml);
		return;
	}
	ck_assert_msg(r != NULL, "%s: %s", row->name, err.text);
	text = dump_report_text(r);
	ck_assert_msg(strstr(text, row->want) != NULL, "%s: %s", row->name,
	    text);
	ruad_warnings_text(&r->warnings, words, sizeof(words));
	ck_assert_msg(strcmp(words, row->warnings) == 0, "%s: %s", row->name,
	    words);
	free(text);
	free(xml);
	ruad_report_free(&r);
}
END_TEST

/* ---- whole sections missing ---- */

/* A copy without what stands from `begin` to the end of `end`. */
static char *
without(const char *xml, const char *begin, const char *end)
{
	const char *a = strstr(xml, begin), *b = strstr(xml, end);
	char *copy = malloc(strlen(xml) + 1);

	ck_assert_ptr_nonnull(copy);
	ck_assert(a != NULL && b != NULL);
	memcpy(copy, xml, (size_t)(a - xml));
	strcpy(copy + (a - xml), b + strlen(end));
	return copy;
}

static const struct section_row {
	const char *name;
	const char *begin, *end;
	const char *want;
	unsigned mail;
} section_rows[] = {
	{ "no metadata, nothing else says it", "<report_metadata>",
	    "</report_metadata>", "!REP_NO_METADATA", 0 },
	{ "no metadata, no period", "<report_metadata>", "</report_metadata>",
	    "!REP_NO_RANGE", SUBJECT },
	{ "no metadata, no organisation", "<report_metadata>",
	    "</report_metadata>", "  org \"file.example\"", FILE_NAME },
	{ "no metadata, the mail says it", "<report_metadata>",
	    "</report_metadata>",
	    "  id \"subjectid\"\n  period 1700010000 to 1700020000\n",
	    FILE_NAME | SUBJECT },
	{ "no policy", "<policy_published>", "</policy_published>",
	    "  policy domain \"example.com\"\n", 0 },
	{ "no record", "<record>", "</record>", "  records 0 refused 0", 0 },
	{ "no policy, no record", "<policy_published>", "</record>",
	    "!REP_NO_DOMAIN", 0 },
	{ "nothing", "<version>", "</record>", "!REP_NO_METADATA",
	    FILE_NAME | SUBJECT },
	{ "no policy_evaluated", "<policy_evaluated>", "</policy_evaluated>",
	    "  row 1: 203.0.114.1 messages 2\n", 0 },
	{ "no auth_results", "<auth_results>", "</auth_results>",
	    "    identifiers header_from \"example.com\"\n", 0 },
	{ "no row", "<row>", "</row>", "!REP_NO_ROWS", 0 },
};

START_TEST(section)
{
	const struct section_row *row = &section_rows[_i];
	struct ruad_hints hints = { .file = row->mail & FILE_NAME ? &file_hint
								  : NULL,
		.subject = row->mail & SUBJECT ? &subject_hint : NULL };
	struct ruad_limits lim;
	struct ruad_report *r;
	struct ruad_err err;
	char *xml = without(read_xml_sound, row->begin, row->end), *text;

	ruad_limits_default(&lim);
	r = read_xml(xml, &hints, &lim, &err);
	if (row->want[0] == '!') {
		ck_assert_msg(r == NULL, "%s: is read", row->name);
		ck_assert_str_eq(ruad_code_name(err.code), row->want + 1);
	} else {
		ck_assert_msg(r != NULL, "%s: %s", row->name, err.text);
		text = dump_report_text(r);
		ck_assert_msg(strstr(text, row->want) != NULL, "%s: %s",
		    row->name, text);
		free(text);
	}
	ruad_report_free(&r);
	free(xml);
}
END_TEST

/* ---- rows among rows ---- */

/* The sound report with other records, one for each pair of address and
 * count. */
static char *
with_rows(const char *const *ips, const char *const *counts, size_t n)
{
	char *head = without(read_xml_sound, "<record>", "</feedback>"), *xml;
	char row[300];
	size_t i;

	xml = malloc(strlen(head) + n * sizeof(row) + 20);
	ck_assert_ptr_nonnull(xml);
	strcpy(xml, head);
	for (i = 0; i < n; i++) {
		snprintf(row, sizeof(row),
		    "<record><row><source_ip>%s</source_ip><count>%s</count>"
		    "</row><identifiers><header_from>example.com</header_from>"
		    "</identifiers></record>",
		    ips[i], counts[i]);
		strcat(xml, row);
	}
	strcat(xml, "</feedback>");
	free(head);
	return xml;
}

/* F.6.5: a bad row is dropped alone, and what is left keeps its number. */
START_TEST(bad_rows)
{
	static const char *const ips[] = { "203.0.114.1", "x", "",
		"203.0.114.2", "203.0.114.3", "203.0.114.4", "" };
	static const char *const counts[] = { "1", "1", "1", "x",
		"1000000000001", "5", "0" };
	char *xml = with_rows(ips, counts, COUNT(ips)), *text;
	struct ruad_limits lim;
	struct ruad_report *r;
	struct ruad_err err;

	ruad_limits_default(&lim);
	r = read_xml(xml, NULL, &lim, &err);
	ck_assert_ptr_nonnull(r);
	text = dump_report_text(r);
	ck_assert_ptr_nonnull(strstr(text,
	    "  records 2 refused 4 messages 6 pass 0\n"
	    "  row 2: refused ROW_IP\n"
	    "  row 3: refused ROW_IP_MISSING\n"
	    "  row 4: refused ROW_COUNT\n"
	    "  row 5: refused ROW_COUNT_HUGE\n"
	    "  row 1: 203.0.114.1 messages 1\n"));
	ck_assert_ptr_nonnull(
	    strstr(text, "  row 6: 203.0.114.4 messages 5\n"));
	ck_assert(ruad_warned(&r->warnings, RUAD_REP_MANY_BAD_ROWS));
	free(text);
	free(xml);
	ruad_report_free(&r);
}
END_TEST

/* F.6.5: more than 10 % is remarkable, 10 % is not. */
START_TEST(many_bad_rows)
{
	const char *ips[20], *counts[20];
	size_t i, n = _i == 0 ? 20 : 19;
	struct ruad_limits lim;
	struct ruad_report *r;
	struct ruad_err err;
	char *xml;

	for (i = 0; i < n; i++) {
		ips[i] = i < 2 ? "x" : "203.0.114.1";
		counts[i] = "1";
	}
	xml = with_rows(ips, counts, n);
	ruad_limits_default(&lim);
	r = read_xml(xml, NULL, &lim, &err);
	ck_assert_ptr_nonnull(r);
	ck_assert_int_eq(ruad_warned(&r->warnings, RUAD_REP_MANY_BAD_ROWS),
	    n == 19);
	free(xml);
	ruad_report_free(&r);
}
END_TEST

/* A refused row leaves nothing of itself in the report. */
START_TEST(bad_row_leaves_nothing)
{
	char *xml = read_xml_edit(read_xml_sound, "<record>",
	    "<record><row><source_ip>x</source_ip><count>1</count>"
	    "<policy_evaluated><disposition>accept</disposition><reason><type>"
	    "other</type></reason></policy_evaluated></row><auth_results><dkim>"
	    "<result>pass</result></dkim></auth_results></record><record>");
	struct ruad_limits lim;
	struct ruad_report *r;
	struct ruad_err err;

	ruad_limits_default(&lim);
	r = read_xml(xml, NULL, &lim, &err);
	ck_assert_ptr_nonnull(r);
	ck_assert_ptr_null(r->raw_words);
	ck_assert_uint_eq(r->auth_set_count, 2);
	ck_assert_uint_eq(r->reason_set_count, 1);
	ck_assert_uint_eq(r->records, 1);
	ck_assert_uint_eq(ruad_report_record(r, 0)->row_no, 2);
	free(xml);
	ruad_report_free(&r);
}
END_TEST

/* A name that is bad does not spoil a good one, in whatever order. */
START_TEST(bad_name_beside_good)
{
	char *xml = read_xml_edit(read_xml_sound, "</identifiers>",
	    "<envelope_from>exa\xe2\x80\xaemple.com</envelope_from>"
	    "<envelope_to>example.com</envelope_to></identifiers>");
	struct ruad_limits lim;
	struct ruad_report *r;
	struct ruad_record *rec;
	struct ruad_err err;

	ruad_limits_default(&lim);
	r = read_xml(xml, NULL, &lim, &err);
	ck_assert_ptr_nonnull(r);
	rec = ruad_report_record(r, 0);
	ck_assert(!r->names[rec->header_from].bad);
	ck_assert(r->names[rec->envelope_from].bad);
	ck_assert_uint_ne(rec->envelope_from, rec->header_from);
	ck_assert_uint_eq(rec->envelope_to, rec->header_from);
	free(xml);
	ruad_report_free(&r);
}
END_TEST

/* ---- lengths of texts ---- */

static const struct length_row {
	const char *name;
	const char *from, *before, *behind; /* the edit, but for the text */
	const char *field; /* in the dump */
	size_t max;
} length_rows[] = {
	{ "F.4.1: org_name", "Receiver Inc", "", "", "  org \"", 255 },
	{ "A.3.2: contact", "</report_metadata>", "<extra_contact_info>",
	    "</extra_contact_info></report_metadata>", "  contact \"", 1024 },
	{ "A.3.2: error", "</report_metadata>", "<error>",
	    "</error></report_metadata>", "  error \"", 1024 },
	{ "A.3.2: generator", "</report_metadata>", "<generator>",
	    "</generator></report_metadata>", " generator \"", 255 },
	{ "F.7: human_result", "<selector>s1</selector>", "<human_result>",
	    "</human_result>", " human_result \"", 1024 },
	{ "F.7: selector", ">s1<", ">", "<", " selector \"", 255 },
	{ "F.6.5: comment", "</policy_evaluated>", "<reason><comment>",
	    "</comment></reason></policy_evaluated>", " comment \"", 1024 },
};

static char *
fill(const struct length_row *row, size_t n)
{
	size_t a = strlen(row->before);
	char *to = malloc(a + n + strlen(row->behind) + 1), *xml;

	ck_assert_ptr_nonnull(to);
	strcpy(to, row->before);
	memset(to + a, 'x', n);
	strcpy(to + a + n, row->behind);
	xml = read_xml_edit(read_xml_sound, row->from, to);
	free(to);
	return xml;
}

START_TEST(length)
{
	const struct length_row *row = &length_rows[_i];
	struct ruad_limits lim;
	struct ruad_report *r;
	struct ruad_err err;
	char *xml, *text, *at;
	size_t n;

	ruad_limits_default(&lim);
	for (n = row->max; n <= row->max + 1; n++) {
		xml = fill(row, n);
		r = read_xml(xml, NULL, &lim, &err);
		ck_assert_msg(r != NULL, "%s: %s", row->name, err.text);
		text = dump_report_text(r);
		at = strstr(text, row->field);
		ck_assert_msg(at != NULL, "%s: %s", row->name, text);
		ck_assert_msg(strspn(at + strlen(row->field), "x") == row->max,
		    "%s: %zu", row->name, strspn(at + strlen(row->field), "x"));
		ck_assert_int_eq(ruad_warned(&r->warnings, RUAD_REP_TEXT_CUT),
		    n > row->max);
		free(text);
		free(xml);
		ruad_report_free(&r);
	}
}
END_TEST

/* F.4.2: 512 bytes of an id are kept, a longer one is replaced. */
START_TEST(long_id)
{
	static const struct length_row id = { .name = "id",
		.from = ">id1<",
		.before = ">",
		.behind = "<" };
	struct ruad_limits lim;
	struct ruad_report *r;
	struct ruad_err err;
	char *xml = fill(&id, 512);

	ruad_limits_default(&lim);
	r = read_xml(xml, NULL, &lim, &err);
	ck_assert_ptr_nonnull(r);
	ck_assert_uint_eq(strlen(r->report_id), 512);
	ck_assert(!ruad_warned(&r->warnings, RUAD_REP_ID_SYNTH));
	ruad_report_free(&r);
	free(xml);
	xml = fill(&id, 513);
	r = read_xml(xml, NULL, &lim, &err);
	ck_assert_ptr_nonnull(r);
	ck_assert_uint_eq(strlen(r->report_id), 39);
	ck_assert_int_eq(strncmp(r->report_id, "sha256:", 7), 0);
	ck_assert(ruad_warned(&r->warnings, RUAD_REP_ID_SYNTH));
	ruad_report_free(&r);
	free(xml);
}
END_TEST

/* A.3.2: 16 errors are kept. */
START_TEST(many_errors)
{
	char list[20 * 20] = "", *xml;
	const struct ruad_report_error *e;
	struct ruad_limits lim;
	struct ruad_report *r;
	struct ruad_err err;
	int i, kept = 0;

	for (i = 0; i < 16 + _i; i++)
		strcat(list, "<error>x</error>");
	strcat(list, "</report_metadata>");
	xml = read_xml_edit(read_xml_sound, "</report_metadata>", list);
	ruad_limits_default(&lim);
	r = read_xml(xml, NULL, &lim, &err);
	ck_assert_ptr_nonnull(r);
	for (e = r->errors; e != NULL; e = e->next)
		kept++;
	ck_assert_int_eq(kept, 16);
	ck_assert_int_eq(ruad_warned(&r->warnings, RUAD_REP_TEXT_CUT), _i > 0);
	free(xml);
	ruad_report_free(&r);
}
END_TEST

/* ---- identity: what makes another report, and what does not ---- */

static const struct hash_row {
	const char *name;
	const char *from, *to;
	bool same;
} hash_rows[] = {
	{ "declaration", "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n", "",
	    true },
	{ "encoding", "UTF-8", "iso-8859-1", true },
	{ "white space between elements", "<record>", "\n\t <record>\r\n",
	    true },
	{ "white space in a value", ">id1<", ">\n id1\t<", true },
	{ "comment", "<record>", "<!-- x --><record>", true },
	{ "generator", "</report_metadata>",
	    "<generator>g</generator></report_metadata>", true },
	{ "email", "a@r.example", "b@r.example", true },
	{ "contact", "</report_metadata>",
	    "<extra_contact_info>x</extra_contact_info></report_metadata>",
	    true },
	{ "namespace", "<feedback>",
	    "<feedback xmlns=\"urn:ietf:params:xml:ns:dmarc-2.0\">", true },
	{ "case of a word", "<p>none</p>", "<p>NONE</p>", true },
	{ "case of a domain", "<header_from>example", "<header_from>EXAMPLE",
	    true },
	{ "spelling of an address", "203.0.114.1", "::ffff:203.0.114.1", true },
	{ "spelling of a count", "<count>2<", "<count>+02.0<", true },
	{ "unknown element", "<record>", "<x/><record>", true },
	{ "a row for nobody", "</feedback>",
	    "<record><row><count>0</count></row></record></feedback>", true },
	{ "organisation", "Receiver Inc", "Receiver Ltd", false },
	{ "report_id", ">id1<", ">id2<", false },
	{ "begin", ">1700006400<", ">1700006401<", false },
	{ "end", ">1700092799<", ">1700092800<", false },
	{ "error", "</report_metadata>", "<error>x</error></report_metadata>",
	    false },
	{ "domain", "<domain>example.com", "<domain>example.org", false },
	{ "p", "<p>none</p>", "<p>reject</p>", false },
	{ "sp", "<sp>none</sp>", "", false },
	{ "np", "<sp>", "<np>none</np><sp>", false },
	{ "adkim", "<adkim>r", "<adkim>s", false },
	{ "aspf", "<aspf>r", "<aspf>s", false },
	{ "pct", ">100<", ">99<", false },
	{ "fo", "<pct>", "<fo>1</fo><pct>", false },
	{ "testing", "<pct>", "<testing>n</testing><pct>", false },
	{ "discovery_method", "<pct>",
	    "<discovery_method>psl</discovery_method><pct>", false },
	{ "address", "203.0.114.1", "203.0.114.2", false },
	{ "count", "<count>2<", "<count>3<", false },
	{ "disposition", "<disposition>none", "<disposition>pass", false },
	{ "dkim", "<dkim>fail", "<dkim>pass", false },
	{ "spf", "<spf>pass</spf></p", "<spf>fail</spf></p", false },
	{ "verdict missing", "<dkim>fail</dkim>", "", false },
	{ "reason", "</policy_evaluated>",
	    "<reason><type>other</type></reason></policy_evaluated>", false },
	{ "reason word", "</policy_evaluated>",
	    "<reason><type>x</type></reason></policy_evaluated>", false },
	{ "header_from", "<header_from>example", "<header_from>b.example",
	    false },
	{ "envelope_from", "</identifiers>",
	    "<envelope_from>a.example"
	    "</envelope_from></identifiers>",
	    false },
	{ "envelope_from empty", "</identifiers>",
	    "<envelope_from/></identifiers>", false },
	{ "envelope_to", "</identifiers>",
	    "<envelope_to>a.example</envelope_to></identifiers>", false },
	{ "dkim domain", "<dkim><domain>e", "<dkim><domain>a.e", false },
	{ "selector", ">s1<", ">s2<", false },
	{ "dkim result", "<result>fail", "<result>none", false },
	{ "dkim result word", "<result>fail", "<result>hardfail", false },
	{ "human_result", "<selector>",
	    "<human_result>x</human_result>"
	    "<selector>",
	    false },
	{ "spf domain", "<spf><domain>e", "<spf><domain>a.e", false },
	{ "scope", "<result>pass", "<scope>helo</scope><result>pass", false },
	{ "spf result", "<result>pass", "<result>neutral", false },
	{ "another result", "<auth_results>",
	    "<auth_results><dkim><result>none</result></dkim>", false },
	{ "another row", "</feedback>",
	    "<record><row><source_ip>203.0.114.1</source_ip><count>2</count>"
	    "</row></record></feedback>",
	    false },
	{ "a refused row", "</feedback>",
	    "<record><row><source_ip>x</source_ip></row></record></feedback>",
	    false },
};

static void
hash_of(const char *xml, unsigned char *hash)
{
	struct ruad_limits lim;
	struct ruad_report *r;
	struct ruad_err err;

	ruad_limits_default(&lim);
	r = read_xml(xml, NULL, &lim, &err);
	ck_assert_msg(r != NULL, "%s", err.text);
	memcpy(hash, r->content_hash, sizeof(r->content_hash));
	ruad_report_free(&r);
}

START_TEST(hash)
{
	const struct hash_row *row = &hash_rows[_i];
	char *xml = read_xml_edit(read_xml_sound, row->from, row->to);
	unsigned char a[32], b[32];

	hash_of(read_xml_sound, a);
	hash_of(xml, b);
	ck_assert_msg((memcmp(a, b, 32) == 0) == row->same, "A.7: %s",
	    row->name);
	free(xml);
}
END_TEST

/* The order of rows and of results counts: it is what the report says. And two
 * texts side by side are not one. */
START_TEST(hash_order)
{
	static const char *const ips[] = { "203.0.114.1", "203.0.114.2" };
	static const char *const ips_turned[] = { "203.0.114.2",
		"203.0.114.1" };
	static const char *const counts[] = { "1", "1" };
	unsigned char a[32], b[32];
	char *xml = with_rows(ips, counts, 2);

	hash_of(xml, a);
	free(xml);
	xml = with_rows(ips_turned, counts, 2);
	hash_of(xml, b);
	free(xml);
	ck_assert_mem_ne(a, b, 32);
	xml = read_xml_edit(read_xml_sound, "<selector>s1</selector>",
	    "<selector>ab</selector><human_result>c</human_result>");
	hash_of(xml, a);
	free(xml);
	xml = read_xml_edit(read_xml_sound, "<selector>s1</selector>",
	    "<selector>a</selector><human_result>bc</human_result>");
	hash_of(xml, b);
	free(xml);
	ck_assert_mem_ne(a, b, 32);
}
END_TEST

/* F.4.2: an id that is made is the same for the same content, and another for
 * another. */
START_TEST(made_id)
{
	char *none = read_xml_edit(read_xml_sound, "id1", "");
	char *spaced = read_xml_edit(none, "<record>", " <record>");
	char *other = read_xml_edit(none, "<count>2", "<count>3");
	struct ruad_limits lim;
	struct ruad_report *a, *b, *c;
	struct ruad_err err;

	ruad_limits_default(&lim);
	a = read_xml(none, NULL, &lim, &err);
	b = read_xml(spaced, NULL, &lim, &err);
	c = read_xml(other, NULL, &lim, &err);
	ck_assert(a != NULL && b != NULL && c != NULL);
	ck_assert_uint_eq(strlen(a->report_id), 7 + 32);
	ck_assert_str_eq(a->report_id, b->report_id);
	ck_assert_str_ne(a->report_id, c->report_id);
	ck_assert_mem_eq(a->content_hash, b->content_hash, 32);
	free(none);
	free(spaced);
	free(other);
	ruad_report_free(&a);
	ruad_report_free(&b);
	ruad_report_free(&c);
}
END_TEST

/* The number is part of every store: it must not change by accident. */
START_TEST(hash_is_fixed)
{
	unsigned char h[32];
	char hex[65];

	hash_of(read_xml_sound, h);
	sodium_bin2hex(hex, sizeof(hex), h, sizeof(h));
	ck_assert_str_eq(hex,
	    "5fcd9d1ea9a52bb101199f652d7da72c"
	    "9e29486965c3d92cc33fcd2ef4aca507");
}
END_TEST

static Suite *
report_suite(void)
{
	Suite *s = suite_create("report");
	TCase *tc = tcase_create("report");

	suite_add_tcase(s, tc);
	add_rows(tc, report, rows);
	add_rows(tc, section, section_rows);
	tcase_add_test(tc, bad_rows);
	tcase_add_loop_test(tc, many_bad_rows, 0, 2);
	tcase_add_test(tc, bad_row_leaves_nothing);
	tcase_add_test(tc, bad_name_beside_good);
	add_rows(tc, length, length_rows);
	tcase_add_test(tc, long_id);
	tcase_add_loop_test(tc, many_errors, 0, 2);
	add_rows(tc, hash, hash_rows);
	tcase_add_test(tc, hash_order);
	tcase_add_test(tc, made_id);
	tcase_add_test(tc, hash_is_fixed);
	return s;
}

int
main(void)
{
	ruad_xml_global_init();
	if (sodium_init() < 0)
		return EXIT_FAILURE;
	return run_suite(report_suite());
}
