/* check_xml.c - from the bytes of a file to its reports: encodings, clean text,
 * repairs, documents. Every row of the catalogue X1 to X27 and the steps of
 * normalisation, each also read one byte at a time. */
#include <stdio.h>
#include <string.h>
#include "charset.h"
#include "check_main.h"
#include "feedback.h"
#include "make_archive.h"
#include "normal.h"
#include "repair.h"
#include "replay.h"
#include "slow_source.h"
#include "xml.h"

#define B(text) text, sizeof(text) - 1

/* A report in pieces; the address is none of a special range. */
#define METADATA(org) \
	"<report_metadata><org_name>" org "</org_name><email>a@r.example" \
	"</email><report_id>1</report_id><date_range><begin>1700006400" \
	"</begin><end>1700092799</end></date_range></report_metadata>"
#define POLICY \
	"<policy_published><domain>example.com</domain><p>none</p>" \
	"</policy_published>"
#define RECORD \
	"<record><row><source_ip>203.0.114.1</source_ip><count>1</count>" \
	"<policy_evaluated><disposition>none</disposition><dkim>fail</dkim>" \
	"<spf>pass</spf></policy_evaluated></row><identifiers><header_from>" \
	"example.com</header_from></identifiers><auth_results><spf><domain>" \
	"example.com</domain><result>pass</result></spf></auth_results>" \
	"</record>"
#define BODY(org) METADATA(org) POLICY RECORD
#define DOC(org) "<feedback>" BODY(org) "</feedback>"
#define DECLARED(encoding) "<?xml version=\"1.0\" encoding=\"" encoding "\"?>\n"

enum form { PLAIN, LE, BE }; /* as it stands, or as UTF-16 */

static const struct row {
	const char *name;
	const char *bytes;
	size_t len;
	/* Of each report "org/records[warnings];", of each refusal "!CODE;". */
	const char *want;
	enum form form;
} rows[] = {
	{ "X1: no declaration", B(DOC("a")), "a/1[];", PLAIN },
	{ "X2: declaration glued to the root",
	    B("<?xml version=\"1.0\"?>" DOC("a")), "a/1[];", PLAIN },
	{ "X2: standalone",
	    B("<?xml version=\"1.0\" standalone=\"yes\"?>" DOC("a")), "a/1[];",
	    PLAIN },
	{ "X2: single quotes",
	    B("<?xml version='1.0' encoding='UTF-8'?>" DOC("a")), "a/1[];",
	    PLAIN },
	{ "X3: stray quote", B("<?xml version=\"1.0\"?\">" DOC("a")), "a/1[];",
	    PLAIN },
	{ "X3: no version", B("<?xml encoding=\"UTF-8\"?>" DOC("a")), "a/1[];",
	    PLAIN },
	{ "X3: version 1.1", B("<?xml version=\"1.1\"?>" DOC("a")), "a/1[];",
	    PLAIN },
	{ "X3: version 2.0", B("<?xml version=\"2.0\"?>" DOC("a")), "a/1[];",
	    PLAIN },
	{ "X3: nothing in it", B("<?xml?>" DOC("a")), "a/1[];", PLAIN },
	{ "X4: white space before", B(" \r\n\t" DECLARED("UTF-8") DOC("a")),
	    "a/1[];", PLAIN },
	{ "X4: NULs before", B("\0\0\n" DECLARED("UTF-8") DOC("a")), "a/1[];",
	    PLAIN },
	{ "X5: byte order mark",
	    B("\xef\xbb\xbf" DECLARED("UTF-8") DOC("\xc3\xa9")),
	    "\xc3\xa9/1[];", PLAIN },
	{ "X5: and UTF-16 declared",
	    B("\xef\xbb\xbf" DECLARED("UTF-16") DOC("\xc3\xa9")),
	    "\xc3\xa9/1[];", PLAIN },
	{ "X5: and windows-1252 declared",
	    B("\xef\xbb\xbf" DECLARED("windows-1252") DOC("\xc3\xa9")),
	    "\xc3\xa9/1[];", PLAIN },
	{ "X5: mark and white space", B("\xef\xbb\xbf\r\n" DOC("a")), "a/1[];",
	    PLAIN },
	{ "X5: mark, but no UTF-8",
	    B("\xef\xbb\xbf" DECLARED("iso-8859-1") DOC("\xe9")),
	    "\xc3\xa9/1[XML_BAD_UTF8];", PLAIN },
	{ "X6: UTF-16LE with mark",
	    B("\xef\xbb\xbf" DECLARED("UTF-8") DOC("\xc3\xa9")),
	    "\xc3\xa9/1[];", LE },
	{ "X6: UTF-16LE without", B(DOC("\xc3\xa9")), "\xc3\xa9/1[];", LE },
	{ "X6: UTF-16BE with mark",
	    B("\xef\xbb\xbf" DECLARED("UTF-8") DOC("\xc3\xa9")),
	    "\xc3\xa9/1[];", BE },
	{ "X6: UTF-16BE without", B(DECLARED("UTF-16") DOC("\xc3\xa9")),
	    "\xc3\xa9/1[];", BE },
	{ "X6: UTF-16LE behind blanks",
	    B("\r\n \t" DECLARED("UTF-16") DOC("\xc3\xa9")), "\xc3\xa9/1[];",
	    LE },
	{ "X6: UTF-16BE behind blanks", B("\n" DOC("\xc3\xa9")),
	    "\xc3\xa9/1[];", BE },
	{ "X6: UTF-16BE behind a NUL and a blank", B("\0\n" DOC("a")), "a/1[];",
	    BE },
	{ "X6: UTF-8 behind a NUL is no UTF-16", B("\0" DOC("a")), "a/1[];",
	    PLAIN },
	{ "X6: UTF-16LE with half a surrogate pair",
	    B(DOC("a\xed\xa0\xbd"
		  "b")),
	    "a\xef\xbf\xbd"
	    "b/1[XML_BAD_UTF8];",
	    LE },
	{ "X6: UTF-16BE with the other half",
	    B(DOC("\xed\xb2\xa9"
		  "ab")),
	    "\xef\xbf\xbd"
	    "ab/1[XML_BAD_UTF8];",
	    BE },
	{ "X7: UTF-16 declared, UTF-8 sent", B(DECLARED("UTF-16") DOC("a")),
	    "a/1[];", PLAIN },
	{ "X7: the same beyond ASCII", B(DECLARED("UTF-16") DOC("\xc3\xa9")),
	    "\xc3\xa9/1[XML_BAD_UTF8];", PLAIN },
	{ "X8: unknown encoding", B(DECLARED("x-nonsense") DOC("a")), "a/1[];",
	    PLAIN },
	{ "X8: unknown, bytes beyond ASCII",
	    B(DECLARED("x-nonsense") DOC("\xe9")), "\xc3\xa9/1[XML_BAD_UTF8];",
	    PLAIN },
	{ "X9: Latin-1 under UTF-8", B(DECLARED("UTF-8") DOC("Caf\xe9")),
	    "Caf\xc3\xa9/1[XML_BAD_UTF8];", PLAIN },
	{ "X9: windows-1252 quote, no declaration", B(DOC("\x91x\x92")),
	    "\xe2\x80\x98x\xe2\x80\x99/1[XML_BAD_UTF8];", PLAIN },
	{ "X9: UTF-8 and Latin-1 mixed", B(DOC("\xc3\xa9\xe9")),
	    "\xc3\xa9\xc3\xa9/1[XML_BAD_UTF8];", PLAIN },
	{ "X9: no character of windows-1252", B(DOC("\x81\xc3")),
	    "\xef\xbf\xbd\xc3\x83/1[XML_BAD_UTF8];", PLAIN },
	{ "X9: us-ascii declared, high bytes",
	    B(DECLARED("us-ascii") DOC("\xe9")), "\xc3\xa9/1[XML_BAD_UTF8];",
	    PLAIN },
	{ "X9: over-long, surrogate, beyond",
	    B(DOC("\xc0\x80\xed\xa0\x80\xf4\x90\x80\x80")),
	    "\xc3\x80\xe2\x82\xac\xc3\xad\xc2\xa0\xe2\x82\xac\xc3\xb4"
	    "\xef\xbf\xbd\xe2\x82\xac\xe2\x82\xac/1[XML_BAD_UTF8];",
	    PLAIN },
	/* F.3.1 step 2, rules c to e */
	{ "2c: GB2312", B(DECLARED("GB2312") DOC("\xd6\xd0")),
	    "\xe4\xb8\xad/1[];", PLAIN },
	{ "2c: Shift_JIS", B(DECLARED("Shift_JIS") DOC("\x93\xfa\x96\x7b")),
	    "\xe6\x97\xa5\xe6\x9c\xac/1[];", PLAIN },
	{ "2c: ISO-2022-JP",
	    B(DECLARED("ISO-2022-JP") DOC("\x1b$BF|K\\\x1b(B")),
	    "\xe6\x97\xa5\xe6\x9c\xac/1[];", PLAIN },
	{ "2c: GB2312 declared, but it is not",
	    B(DECLARED("GB2312") DOC("\xd6\xff")),
	    "\xc3\x96\xc3\xbf/1[XML_BAD_UTF8];", PLAIN },
	{ "2d: windows-1252 declared, ASCII sent",
	    B(DECLARED("windows-1252") DOC("a")), "a/1[];", PLAIN },
	{ "2d: windows-1252 declared, UTF-8 sent",
	    B(DECLARED("windows-1252") DOC("\xc3\xa9")),
	    "\xc3\xa9/1[XML_BAD_UTF8];", PLAIN },
	{ "2e: iso-8859-2", B(DECLARED("iso-8859-2") DOC("\xb1")),
	    "\xc4\x85/1[];", PLAIN },
	{ "2e: windows-1251", B(DECLARED("Windows-1251") DOC("\xc0\xe0")),
	    "\xd0\x90\xd0\xb0/1[];", PLAIN },
	{ "2e: koi8-r", B(DECLARED("koi8-r") DOC("\xc1")), "\xd0\xb0/1[];",
	    PLAIN },
	{ "2e: no character of the encoding",
	    B(DECLARED("windows-1252") DOC("\x81\xe9")),
	    "\xef\xbf\xbd\xc3\xa9/1[XML_BAD_UTF8];", PLAIN },
	{ "2: a name for iconv only",
	    B(DECLARED("iso-8859-2//IGNORE") DOC("\xb1")),
	    "\xc2\xb1/1[XML_BAD_UTF8];", PLAIN },
	{ "3: a long declaration",
	    B("<?xml version=\"1.0\"                                        "
	      "                                                             "
	      "                                                             "
	      "                encoding=\"windows-1252\"?>" DOC("\xc3\xa9")),
	    "\xc3\xa9/1[];", PLAIN },
	{ "1: junk before",
	    B("HTTP/1.1 200 OK\r\n\r\n" DECLARED("UTF-8") DOC("a")),
	    "a/1[XML_LEADING_JUNK];", PLAIN },
	{ "1: NULs and white space behind", B(DOC("a") "\r\n\0\0 \0"), "a/1[];",
	    PLAIN },
	{ "X10: junk behind", B(DOC("a") "\r\n-- \r\nA footer"),
	    "a/1[XML_TRAILING_JUNK];", PLAIN },
	{ "X10: markup behind", B(DOC("a") "<footer>"),
	    "a/1[XML_TRAILING_JUNK];", PLAIN },
	{ "X10: a page behind", B(DOC("a") "<!DOCTYPE html><p>x"),
	    "a/1[XML_TRAILING_JUNK];", PLAIN },
	{ "X10: what XML allows behind",
	    B(DOC("a") "\n<!-- x --> <?x y?><!----><?z?>\n"), "a/1[];", PLAIN },
	{ "X10: a document in a comment behind",
	    B(DOC("a") "<!-- " DOC("b") " -->"), "a/1[];", PLAIN },
	{ "X10: a comment and junk behind", B(DOC("a") "<!-- x -->y"),
	    "a/1[XML_TRAILING_JUNK];", PLAIN },
	{ "X10: a comment without end behind", B(DOC("a") "<!-- x --"),
	    "a/1[XML_TRAILING_JUNK];", PLAIN },
	{ "X10: a declaration behind", B(DOC("a") "<?xml version='1.0'?>"),
	    "a/1[XML_TRAILING_JUNK];", PLAIN },
	{ "X11: a comment between", B(DOC("a") "<!-- x -->" DOC("b")),
	    "a/1[XML_CONCATENATED];b/1[XML_CONCATENATED];", PLAIN },
	{ "X11: two documents", B(DOC("a") DOC("b")),
	    "a/1[XML_CONCATENATED];b/1[XML_CONCATENATED];", PLAIN },
	{ "X11: with declarations",
	    B(DECLARED("UTF-8") DOC("a") "\n" DECLARED("UTF-8") DOC("b")),
	    "a/1[XML_CONCATENATED];b/1[XML_CONCATENATED];", PLAIN },
	{ "X11: junk between and behind",
	    B(DOC("a") "x" DOC("b") " y " DOC("c") "z"),
	    "a/1[XML_CONCATENATED];b/1[XML_CONCATENATED];"
	    "c/1[XML_TRAILING_JUNK XML_CONCATENATED];",
	    PLAIN },
	{ "X11: the second is cut", B(DOC("a") "<feedback>" METADATA("b")),
	    "a/1[XML_CONCATENATED];!XML_TRUNCATED;", PLAIN },
	{ "X11: the first is broken",
	    B("<feedback><record></feedback>" DOC("b")),
	    "!XML_MALFORMED;b/1[XML_CONCATENATED];", PLAIN },
	{ "X11: the second needs repair", B(DOC("a") DOC("b & c")),
	    "a/1[XML_CONCATENATED];b & c/1[XML_REPAIRED XML_CONCATENATED];",
	    PLAIN },
	{ "X12: control character",
	    B(DOC("a\x0b"
		  "b")),
	    "a\xef\xbf\xbd"
	    "b/1[XML_BAD_UTF8];",
	    PLAIN },
	{ "X12: reference to one", B(DOC("a&#11;b&#x0B;c&#0;d")),
	    "a\xef\xbf\xbd"
	    "b\xef\xbf\xbd"
	    "c\xef\xbf\xbd"
	    "d/1[XML_BAD_UTF8];",
	    PLAIN },
	{ "X12: NUL", B(DOC("a\0b")),
	    "a\xef\xbf\xbd"
	    "b/1[XML_BAD_UTF8];",
	    PLAIN },
	{ "X12: no characters",
	    B(DOC("\xef\xbf\xbe\xef\xbf\xbf&#xFFFF;"
		  "&#xD800;&#x110000;x")),
	    "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"
	    "x/1[XML_BAD_UTF8];",
	    PLAIN },
	{ "X12: behind a broken sequence", B(DOC("\xc3\x01x")),
	    "\xc3\x83\xef\xbf\xbdx/1[XML_BAD_UTF8];", PLAIN },
	{ "X12: sound references", B(DOC("&#65;&#x42;&#9;&#xe9;")),
	    "AB\t\xc3\xa9/1[];", PLAIN },
	{ "X13: bare &", B(DOC("AT&T")), "AT&T/1[XML_REPAIRED];", PLAIN },
	{ "X13: URL", B(DOC("http://x/?a=1&b=2&c")),
	    "http://x/?a=1&b=2&c/1[XML_REPAIRED];", PLAIN },
	{ "X13: beside sound ones",
	    B(DOC("&amp;&lt;&gt;&quot;&apos;&#65;& &;")),
	    "&<>\"'A& &;/1[XML_REPAIRED];", PLAIN },
	{ "X13: unknown entity", B(DOC("&nbsp;x")), "&nbsp;x/1[XML_REPAIRED];",
	    PLAIN },
	{ "X13: broken references", B(DOC("&#; &#x; &#xg; &#1")),
	    "&#; &#x; &#xg; &#1/1[XML_REPAIRED];", PLAIN },
	{ "X13: not in CDATA", B(DOC("<![CDATA[&amp; &]]> &")),
	    "&amp; & &/1[XML_REPAIRED];", PLAIN },
	{ "X14: address in brackets", B(DOC("<a@b>")), "<a@b>/1[XML_REPAIRED];",
	    PLAIN },
	{ "X14: < in a name", B(DOC("bad<xml.net")),
	    "bad<xml.net/1[XML_REPAIRED];", PLAIN },
	{ "X14: < and &", B(DOC("a < b & c > d")),
	    "a < b & c > d/1[XML_REPAIRED];", PLAIN },
	{ "X14: an element nobody knows", B(DOC("<x>b")),
	    "<x>b/1[XML_REPAIRED];", PLAIN },
	{ "X14: a foreign prefix stays",
	    B("<feedback>" METADATA("a<1") POLICY RECORD
		"<y:z xmlns:y=\"urn:y\">t</y:z></feedback>"),
	    "a<1/1[XML_REPAIRED];", PLAIN },
	{ "X14: comments stay", B(DOC("a<1<!-- <& -->b")),
	    "a<1b/1[XML_REPAIRED];", PLAIN },
	{ "X14: in front of a known name", B(DOC("a<org_name")),
	    "a<org_name/1[XML_REPAIRED];", PLAIN },
	{ "X14: a foreign element with our names in it stays",
	    B("<feedback>" METADATA("a<1 b") POLICY
		"<z xmlns=\"urn:z\">" RECORD "</z>" RECORD "</feedback>"),
	    "a<1 b/1[XML_REPAIRED];", PLAIN },
	{ "X14: so does an unknown one",
	    B("<feedback>" METADATA("a<1 b") POLICY "<vendor>" RECORD
						    "</vendor></feedback>"),
	    "a<1 b/0[XML_REPAIRED];", PLAIN },
	{ "X14: one without its end must not hold ours",
	    B("<feedback>" METADATA("a<1 b") POLICY "<vendor>" RECORD
						    "</Vendor></feedback>"),
	    "!XML_MALFORMED;", PLAIN },
	{ "X14: an element closed, the same name as text",
	    B("<feedback>" METADATA("a <v b") POLICY "<v>" RECORD
						     "</v></feedback>"),
	    "!XML_MALFORMED;", PLAIN },
	{ "X14: a schema with our names in it",
	    B("<feedback>" METADATA("a & b") POLICY
		"<schema xmlns=\"urn:z\">" RECORD "</schema></feedback>"),
	    "a & b/0[XML_REPAIRED];", PLAIN },
	{ "X22: a foreign prefix stays foreign",
	    B("<feedback xmlns:z=\"urn:z\">" METADATA("a & b") POLICY
		"<z:record></z:record>" RECORD "</feedback>"),
	    "a & b/1[XML_REPAIRED];", PLAIN },
	{ "X15: unclosed schema wrapper",
	    B("<xs:schema xmlns:xs=\"http://www.w3.org/2001/XMLSchema\">\n" DOC(
		"a")),
	    "a/1[XML_REPAIRED];", PLAIN },
	{ "X15: wrapper with undeclared prefix", B("<xs:schema>" DOC("a")),
	    "a/1[XML_REPAIRED];", PLAIN },
	{ "X15: inside the report",
	    B("<feedback><schema>" BODY("a") "</feedback>"),
	    "a/1[XML_REPAIRED];", PLAIN },
	{ "X15: foreign wrapper", B("<reports><x>" DOC("a") "</x></reports>"),
	    "a/1[XML_TRAILING_JUNK XML_REPAIRED];", PLAIN },
	{ "X15: wrapper with a namespace",
	    B("<e xmlns=\"urn:e\">" DOC("a") "</e>"),
	    "a/1[XML_TRAILING_JUNK XML_REPAIRED];", PLAIN },
	{ "X15: and a prefix",
	    B("<s:e xmlns:s=\"urn:s\"><s:b>" DOC("a") "</s:b></s:e>"),
	    "a/1[XML_TRAILING_JUNK XML_REPAIRED];", PLAIN },
	{ "X15: two reports in it", B("<r>" DOC("a") DOC("b") "</r>"),
	    "a/1[XML_REPAIRED XML_CONCATENATED];"
	    "b/1[XML_TRAILING_JUNK XML_CONCATENATED];",
	    PLAIN },
	{ "X15: too deep", B("<a><b><c>" DOC("a") "</c></b></a>"),
	    "!XML_NOT_FEEDBACK;", PLAIN },
	{ "X16: prefix everywhere",
	    B("<d:feedback xmlns:d=\"urn:ietf:params:xml:ns:dmarc-2.0\">"
	      "<d:report_metadata><d:org_name>a</d:org_name>"
	      "</d:report_metadata></d:feedback>"),
	    "a/0[];", PLAIN },
	{ "X16: undeclared prefix",
	    B("<d:feedback><d:report_metadata><d:org_name>a</d:org_name>"
	      "</d:report_metadata></d:feedback>"),
	    "a/0[];", PLAIN },
	{ "X16: two colons",
	    B("<a:d:feedback><a:d:report_metadata><org_name>a</org_name>"
	      "</a:d:report_metadata></a:d:feedback>"),
	    "a/0[];", PLAIN },
	{ "X17: upper case",
	    B("<FEEDBACK><Report_Metadata><ORG_NAME>a</ORG_NAME>"
	      "</Report_Metadata>" RECORD "</FEEDBACK>"),
	    "a/1[XML_NAME_CASE];", PLAIN },
	{ "X18: DOCTYPE", B("<!DOCTYPE feedback>" DOC("a")), "!XML_DTD;",
	    PLAIN },
	{ "X18: external",
	    B("<!DOCTYPE feedback SYSTEM \"file:///etc/passwd\">" DOC("a")),
	    "!XML_DTD;", PLAIN },
	{ "X18: entities",
	    B("<!DOCTYPE f [<!ENTITY a \"b\"><!ENTITY c \"&a;&a;\">]>" DOC(
		"&c;")),
	    "!XML_DTD;", PLAIN },
	{ "X18: behind a declaration",
	    B(DECLARED("UTF-8") "<!-- x --><!DOCTYPE f>" DOC("a")), "!XML_DTD;",
	    PLAIN },
	{ "X18: of a second document",
	    B(DOC("a") "<!DOCTYPE f [<!ENTITY e \"b\">]>" DOC("&e;")),
	    "a/1[XML_CONCATENATED];!XML_DTD;", PLAIN },
	{ "X18: between elements",
	    B("<feedback>" METADATA("a") POLICY "<!DOCTYPE x>" RECORD
						"</feedback>"),
	    "!XML_DTD;", PLAIN },
	{ "X18: behind a wrapper", B("<xs:schema><!DOCTYPE f []>" DOC("a")),
	    "!XML_DTD;", PLAIN },
	{ "X18: not in a comment, not in CDATA",
	    B("<!-- <!DOCTYPE x> -->" DOC("<![CDATA[<!DOCTYPE x>]]> &")),
	    "<!DOCTYPE x> &/1[XML_REPAIRED];", PLAIN },
	{ "X18: with something to repair", B("<!DOCTYPE f>" DOC("a & b")),
	    "!XML_DTD;", PLAIN },
	{ "X19: cut between elements", B("<feedback>" METADATA("a") POLICY),
	    "!XML_TRUNCATED;", PLAIN },
	{ "X19: cut in a record",
	    B("<feedback>" BODY("a") "<record><row><source_ip>203.0"),
	    "!XML_TRUNCATED;", PLAIN },
	{ "X19: cut in a tag", B("<feedback>" BODY("a") "<rec"),
	    "!XML_TRUNCATED;", PLAIN },
	{ "X19: cut in the last tag", B("<feedback>" BODY("a") "</feedbac"),
	    "!XML_TRUNCATED;", PLAIN },
	{ "X19: cut, and to be repaired",
	    B("<feedback>" METADATA("a & b") POLICY), "!XML_TRUNCATED;",
	    PLAIN },
	{ "X19: cut in a comment", B("<feedback>" BODY("a") "<!-- "),
	    "!XML_TRUNCATED;", PLAIN },
	{ "X19: closing tags missing",
	    B("<feedback>" METADATA("a") "<record><row></feedback>"),
	    "!XML_MALFORMED;", PLAIN },
	{ "X20: another root", B("<Error><Code>x</Code></Error>"),
	    "!XML_NOT_FEEDBACK;", PLAIN },
	{ "X20: RSS", B("<rss version=\"2.0\"><channel/></rss>"),
	    "!XML_NOT_FEEDBACK;", PLAIN },
	{ "X20: broken and another root", B("<Error><Code>x</Error>"),
	    "!XML_NOT_FEEDBACK;", PLAIN },
	{ "X20: a longer name", B("<feedbacks></feedbacks>"),
	    "!XML_NOT_FEEDBACK;", PLAIN },
	{ "X21: CDATA, comment, instruction",
	    B(DOC("a<!-- x --><![CDATA[<b>&]]><?pi x?>c")), "a<b>&c/1[];",
	    PLAIN },
	{ "X21: closing tag in CDATA", B(DOC("<![CDATA[</feedback>]]>")),
	    "</feedback>/1[];", PLAIN },
	{ "X22: attribute twice",
	    B("<feedback a=\"1\" a=\"2\">" BODY("a") "</feedback>"),
	    "a/1[XML_REPAIRED];", PLAIN },
	{ "X22: attributes malformed",
	    B("<feedback xmlns=urn:x version=1.0 \"x\">" BODY(
		"a") "</feedback>"),
	    "a/1[XML_REPAIRED];", PLAIN },
	{ "X22: together with X13 and X14",
	    B("<feedback a a>" BODY("a & <b") "</feedback>"),
	    "a & <b/1[XML_REPAIRED];", PLAIN },
	{ "X22: of another element only",
	    B("<feedback><report_metadata a=1><org_name>a</org_name>"
	      "</report_metadata></feedback>"),
	    "!XML_MALFORMED;", PLAIN },
	{ "X24: no bytes", B(""), "!XML_NO_MARKUP;", PLAIN },
	{ "X24: blanks", B(" \r\n "), "!XML_NO_MARKUP;", PLAIN },
	{ "X24: \"unused\"", B("unused"), "!XML_NO_MARKUP;", PLAIN },
	{ "X24: JSON", B("{\"a\": 1}"), "!XML_NO_MARKUP;", PLAIN },
	{ "X25: element misspelt",
	    B("<feedback>" METADATA("a") POLICY "<recrod></recrod></feedback>"),
	    "a/0[];", PLAIN },
	{ "X25: identities",
	    B("<feedback>" METADATA("a") "<record><row><source_ip>203.0.114.1"
					 "</source_ip><count>1</count></"
					 "row><identities><header_from>"
					 "example.com</header_from></"
					 "identities></record></feedback>"),
	    "a/1[XML_NAME_CASE];", PLAIN },
	{ "X26: text between elements",
	    B("<feedback>11" BODY("a") "</feedback>"), "a/1[XML_STRAY_TEXT];",
	    PLAIN },
	{ "X26: white space between elements",
	    B("<feedback>\t\xc2\xa0\n" BODY("a") "</feedback>"), "a/1[];",
	    PLAIN },
	{ "X27: pretty-printed",
	    B("<feedback>\n " METADATA(
		"\n\t a b\n \xc2\xa0") "\n" POLICY "\n" RECORD
				       "\n</feedback>\n"),
	    "a b/1[];", PLAIN },
	{ "self-closing root", B("<feedback/>"), "-/0[];", PLAIN },
};

/* The characters of UTF-8 (below U+10000, and halves of pairs) as UTF-16. */
static struct bytes
to_utf16(const char *s, size_t len, enum form form)
{
	struct bytes b = { NULL, 0 };
	size_t i;

	for (i = 0; i < len; i++) {
		unsigned char c = (unsigned char)s[i];
		unsigned u = c;
		unsigned char pair[2];

		if (c >= 0xe0) {
			u = (c & 0xfu) << 12 |
			    ((unsigned char)s[i + 1] & 0x3fu) << 6 |
			    ((unsigned char)s[i + 2] & 0x3fu);
			i += 2;
		} else if (c >= 0xc0) {
			u = (c & 0x1fu) << 6 | ((unsigned char)s[++i] & 0x3fu);
		}
		pair[form == LE ? 0 : 1] = (unsigned char)(u & 0xff);
		pair[form == LE ? 1 : 0] = (unsigned char)(u >> 8);
		bytes_add(&b, pair, 2);
	}
	return b;
}

static void
trace_report(struct bytes *out, const struct ruad_report *r,
    const struct ruad_raw_report *raw)
{
	char words[600], text[900];
	const char *org = raw->text[RUAD_EL_ORG_NAME];

	snprintf(text, sizeof(text), "%s/%u[%s];", org != NULL ? org : "-",
	    r->records, ruad_warnings_text(&r->warnings, words, sizeof(words)));
	bytes_add_text(out, text);
}

/* What comes out of these bytes. */
static void
trace(const void *data, size_t len, const struct ruad_limits *lim, bool slow,
    struct bytes *out)
{
	struct ruad_budget budget = { 0, 1 << 26 };
	struct ruad_memory_source m;
	struct slow_source s;
	struct ruad_feedback *f;
	struct ruad_report *r;
	struct ruad_raw_report raw;
	struct ruad_err err;
	enum ruad_status st;

	bytes_add_text(out, "");
	ruad_memory_source_init(&m, data, len);
	slow_source_init(&s, &m.source);
	ck_assert_int_eq(ruad_feedback_new(slow ? &s.source : &m.source, lim,
			     &budget, &f, &err),
	    RUAD_OK);
	while ((st = ruad_feedback_next(f, &r, &raw, &err)) != RUAD_END) {
		ck_assert_int_ne(st, RUAD_TEMP);
		if (st == RUAD_OK) {
			trace_report(out, r, &raw);
			ruad_report_free(&r);
			continue;
		}
		ck_assert_ptr_null(r);
		bytes_add_text(out, "!");
		bytes_add_text(out, ruad_code_name(err.code));
		bytes_add_text(out, ";");
	}
	ruad_feedback_free(&f);
	ck_assert_uint_eq(budget.used, 0);
}

START_TEST(file)
{
	const struct row *row = &rows[_i / 2];
	struct bytes in = { NULL, 0 }, out = { NULL, 0 };
	struct ruad_limits lim;

	if (row->form == PLAIN)
		bytes_add(&in, row->bytes, row->len);
	else
		in = to_utf16(row->bytes, row->len, row->form);
	ruad_limits_default(&lim);
	trace(in.data, in.len, &lim, _i % 2 == 1, &out);
	ck_assert_msg(strcmp((char *)out.data, row->want) == 0, "%s: %.300s",
	    row->name, (char *)out.data);
	bytes_free(&in);
	bytes_free(&out);
}
END_TEST

/* The parser is fed in steps of 64 KiB, the text is read again for repairs, and
 * up to 256 KiB are kept: nothing may depend on where these end. */
START_TEST(seams)
{
	struct bytes in = { NULL, 0 }, out = { NULL, 0 };
	struct ruad_limits lim;
	size_t i, shift = (size_t)_i;
	char blank = ' ';

	bytes_add_text(&in, "<feedback>" METADATA("a & <b> \xe9 &#1;") POLICY);
	for (i = 0; i < shift; i++)
		bytes_add(&in, &blank, 1);
	for (i = 0; i < 900; i++) {
		bytes_add_text(&in, RECORD);
		bytes_add_text(&in,
		    i % 2 == 0 ? "<!--\xe9 & <-->"
			       : "<extra>&\xc3\xa9</extra>");
	}
	bytes_add_text(&in, "</feedback>\n" DECLARED("UTF-8") DOC("\xc3\xa9"));
	ruad_limits_default(&lim);
	trace(in.data, in.len, &lim, false, &out);
	ck_assert_str_eq((char *)out.data,
	    "a & <b> \xc3\xa9 \xef\xbf\xbd/900[XML_BAD_UTF8 XML_REPAIRED "
	    "XML_CONCATENATED];"
	    "\xc3\xa9/1[XML_BAD_UTF8 XML_CONCATENATED];");
	bytes_free(&in);
	bytes_free(&out);
}
END_TEST

/* Tokens that the parser would collect, or compare with each other, before
 * anybody can count them; and text that only looks like one. */
static const struct token_row {
	const char *head, *unit;
	size_t count;
	const char *tail, *want;
} token_rows[] = {
	{ "<feedback>" METADATA("a & b") POLICY, RECORD, 1000, "</feedback>",
	    "a & b/1000[XML_REPAIRED];" },
	{ "<feedback>" METADATA("a < b's") POLICY, RECORD, 1000, "</feedback>",
	    "a < b's/1000[XML_REPAIRED];" },
	{ "<feedback>" METADATA("a<b c's") POLICY, RECORD, 1000, "</feedback>",
	    "a<b c's/1000[XML_REPAIRED];" },
	{ "<feedback>" METADATA("a") POLICY "<!--", "xxxxxxxx", 20000,
	    "--></feedback>", "a/0[];" },
	{ "<feedback>" METADATA("a") POLICY "<!--", "xxxxxxxx", 50000,
	    "--></feedback>", "!XML_LIMIT;" },
	{ "<feedback>" METADATA("a") POLICY "<?x ", "xxxxxxxx", 50000,
	    "?></feedback>", "!XML_LIMIT;" },
	{ "<feedback>" METADATA("a") POLICY "<x><![CDATA[", "xxxxxxxx", 50000,
	    "]]></x></feedback>", "!XML_LIMIT;" },
	{ "<feedback>" METADATA("a") POLICY "<x y=\"", "xxxxxxxx", 1000,
	    "\"/></feedback>", "a/0[];" },
	{ "<feedback>" METADATA("a") POLICY "<x y=\"", "xxxxxxxx", 5000,
	    "\"/></feedback>", "!XML_LIMIT;" },
	{ "<feedback>" METADATA("a") POLICY "<x", " y%zu=''", 30,
	    "/></feedback>", "a/0[];" },
	{ "<feedback>" METADATA("a") POLICY "<x", " y%zu=''", 5000,
	    "/></feedback>", "!XML_LIMIT;" },
	{ "<feedback>" METADATA("a") POLICY, "<y%zu/>", 4000, "</feedback>",
	    "a/0[];" },
	{ "<feedback>" METADATA("a") POLICY, "<y%zu/>", 4100, "</feedback>",
	    "!XML_LIMIT;" },
};

START_TEST(token)
{
	const struct token_row *row = &token_rows[_i];
	struct bytes in = { NULL, 0 }, out = { NULL, 0 };
	const char *number = strstr(row->unit, "%zu");
	struct ruad_limits lim;
	char text[32];
	size_t i;

	bytes_add_text(&in, row->head);
	for (i = 0; i < row->count; i++) {
		if (number == NULL) {
			bytes_add_text(&in, row->unit);
			continue;
		}
		snprintf(text, sizeof(text), "%.*s%zu%s",
		    (int)(number - row->unit), row->unit, i, number + 3);
		bytes_add_text(&in, text);
	}
	bytes_add_text(&in, row->tail);
	ruad_limits_default(&lim);
	trace(in.data, in.len, &lim, false, &out);
	ck_assert_str_eq((char *)out.data, row->want);
	bytes_free(&in);
	bytes_free(&out);
}
END_TEST

/* The last bytes of a window are the first ones of a character, a tag, a
 * reference. */
START_TEST(windows)
{
	static const char *const pieces[] = { "\xc3\xa9", "&amp;", "&#x41;",
		"<!--x-->", "<b/>", "\xe9", "&" };
	struct bytes in = { NULL, 0 }, out = { NULL, 0 };
	struct ruad_limits lim;
	size_t at, piece = (size_t)_i % COUNT(pieces);
	size_t edge = (size_t)_i / COUNT(pieces) % 2 == 0 ? 65536 : 262144;
	char want[200], *blanks = malloc(edge + 2);

	ck_assert_ptr_nonnull(blanks);
	for (at = edge - 9; at < edge + 2; at++) {
		bytes_add_text(&in, "<feedback>");
		memset(blanks, ' ', edge + 2);
		bytes_add(&in, blanks, at - in.len);
		bytes_add_text(&in, "<report_metadata><org_name>x");
		bytes_add_text(&in, pieces[piece]);
		bytes_add_text(&in,
		    "y</org_name></report_metadata>"
		    "</feedback>");
		ruad_limits_default(&lim);
		trace(in.data, in.len, &lim, false, &out);
		snprintf(want, sizeof(want), "x%sy/0[%s];",
		    piece == 0 || piece == 5       ? "\xc3\xa9"
			: piece == 1 || piece == 6 ? "&"
			: piece == 2               ? "A"
						   : "",
		    piece == 5       ? "XML_BAD_UTF8"
			: piece == 6 ? "XML_REPAIRED"
				     : "");
		ck_assert_str_eq((char *)out.data, want);
		bytes_free(&in);
		bytes_free(&out);
	}
	free(blanks);
}
END_TEST

/* Every prefix of a report is refused, none gives a part of it. */
START_TEST(prefixes)
{
	static const char whole[] = DECLARED("UTF-8") DOC("a &amp; \xc3\xa9");
	struct bytes out = { NULL, 0 };
	struct ruad_limits lim;
	size_t len;

	ruad_limits_default(&lim);
	for (len = 0; len < sizeof(whole) - 1; len++) {
		trace(whole, len, &lim, false, &out);
		ck_assert_msg(out.data[0] == '!' &&
			strchr((char *)out.data, ';') ==
			    (char *)out.data + out.len - 1,
		    "%zu: %s", len, (char *)out.data);
		bytes_free(&out);
	}
}
END_TEST

/* ---- the stages alone ---- */

static const struct survey_row {
	const char *name;
	const char *bytes;
	size_t len;
	uint64_t bytes_want;
	enum ruad_charset charset;
	const char *iconv_name;
	bool contradicted, scrub;
} survey_rows[] = {
	{ "ASCII", B("<a/>\n\0 "), 4, RUAD_CHARSET_UTF8, "", false, false },
	{ "UTF-8", B("<a>\xe2\x82\xac\xf0\x9f\x98\x80</a>"), 14,
	    RUAD_CHARSET_UTF8, "", false, false },
	{ "declared otherwise", B(DECLARED("latin1") "\xc3\xa9"), 42,
	    RUAD_CHARSET_UTF8, "", true, false },
	{ "declared as utf8", B(DECLARED("utf8") "\xc3\xa9"), 40,
	    RUAD_CHARSET_UTF8, "", false, false },
	{ "cut sequence", B("<a>\xe2\x82"), 5, RUAD_CHARSET_MIXED, "", false,
	    false },
	{ "NULs inside", B("<\0a\0"), 4, RUAD_CHARSET_ICONV, "UTF-16LE", false,
	    true },
	{ "NUL inside", B("<\0a>"), 4, RUAD_CHARSET_UTF8, "", false, true },
	{ "NUL later", B("<a\0>"), 4, RUAD_CHARSET_UTF8, "", false, true },
	{ "reference", B("<a>&#1;"), 7, RUAD_CHARSET_UTF8, "", false, true },
	{ "nothing", B(""), 0, RUAD_CHARSET_UTF8, "", false, false },
};

START_TEST(survey)
{
	const struct survey_row *row = &survey_rows[_i];
	unsigned char cache[64];
	struct ruad_memory_source m;
	struct ruad_survey s;
	struct ruad_err err;

	ruad_memory_source_init(&m, row->bytes, row->len);
	ck_assert_int_eq(ruad_charset_survey(&m.source, cache, sizeof(cache),
			     &s, &err),
	    RUAD_OK);
	ck_assert_msg(s.charset == row->charset && s.bytes == row->bytes_want &&
		s.contradicted == row->contradicted && s.scrub == row->scrub &&
		strcmp(s.name, row->iconv_name) == 0,
	    "%s: charset %d bytes %llu contradicted %d scrub %d name %s",
	    row->name, (int)s.charset, (unsigned long long)s.bytes,
	    s.contradicted, s.scrub, s.name);
	ck_assert(s.cached);
	ck_assert_mem_eq(cache, row->bytes, row->len);
}
END_TEST

static const struct repair_row {
	const char *name;
	enum ruad_repair_stage stage;
	const char *in, *want;
} repair_rows[] = {
	{ "none", RUAD_REPAIR_NONE, "<schema><feedback a>& <x",
	    "<schema><feedback a>& <x" },
	{ "X15", RUAD_REPAIR_SCHEMA,
	    "<xs:schema a='b'><x:schema></schema ><Schema><schemas>",
	    "<schemas>" },
	{ "X15: with an end", RUAD_REPAIR_SCHEMA,
	    "<schema a='b'><xs:schema><schema/><x/></schema ></schema>",
	    "<schema a='b'><schema/><x/></schema >" },
	{ "X22", RUAD_REPAIR_ROOT,
	    "<feedback a=1 b><d:feedback c/></feedback ><feedbacks a>",
	    "<feedback><d:feedback/></feedback ><feedbacks a>" },
	{ "X22: namespaces stay", RUAD_REPAIR_ROOT,
	    "<feedback a=1 xmlns='urn:a' b xmlns:x = \"urn:b\" xmlns:y=urn:c "
	    "xmlns:x='urn:d' xmlnsz='urn:e' c='&' xmlns:z='urn:f />",
	    "<feedback xmlns='urn:a' xmlns:x = \"urn:b\"/>" },
	{ "X22 and X13", RUAD_REPAIR_AMPERSAND, "<feedback xmlns:x='&amp;&'>",
	    "<feedback xmlns:x='&amp;&amp;'>" },
	{ "X13", RUAD_REPAIR_AMPERSAND, "& &amp; &x; &#1; &#xa; &#xg; &",
	    "&amp; &amp; &amp;x; &#1; &#xa; &amp;#xg; &amp;" },
	{ "X13 in comments and CDATA", RUAD_REPAIR_AMPERSAND,
	    "<!-- & --><![CDATA[ & ]]>&", "<!-- & --><![CDATA[ & ]]>&amp;" },
	{ "X14", RUAD_REPAIR_MARKUP,
	    "<row><a@b></row>< <1<p><p@x></x><x:y><?pi?><!x><",
	    "<row>&lt;a@b></row>&lt; &lt;1<p>&lt;p@x>&lt;/x><x:y><?pi?>"
	    "&lt;!x>&lt;" },
	{ "X14: unknown elements with an end", RUAD_REPAIR_MARKUP,
	    "<a><b xmlns='urn:b'>1 <2</b><c/><c d='e'/></b></a><f><f/></p>",
	    "<a><b xmlns='urn:b'>1 &lt;2</b><c/><c d='e'/>&lt;/b></a>&lt;f>"
	    "<f/></p>" },
};

/* A repair of what is left in `m`, which has been surveyed. */
static struct ruad_repair *
surveyed(struct ruad_memory_source *m, size_t len, struct ruad_source *in,
    enum ruad_repair_stage stage)
{
	struct ruad_repair *r;
	struct ruad_err err;
	size_t at = m->at;

	ck_assert_int_eq(ruad_repair_new(in, len, NULL, &r, &err), RUAD_OK);
	ck_assert_int_eq(ruad_repair_survey(r, &err), RUAD_OK);
	m->at = at;
	ruad_repair_start(r, stage);
	return r;
}

START_TEST(repair)
{
	const struct repair_row *row = &repair_rows[_i];
	struct ruad_memory_source m;
	struct slow_source s;
	struct ruad_repair *r;
	struct ruad_err err;
	char buf[300];
	size_t n;

	ruad_memory_source_init(&m, row->in, strlen(row->in));
	slow_source_init(&s, &m.source);
	r = surveyed(&m, strlen(row->in), &s.source, row->stage);
	ck_assert_int_eq(ruad_source_fill(ruad_repair_source(r), buf,
			     sizeof(buf) - 1, &n, &err),
	    RUAD_OK);
	buf[n] = '\0';
	ck_assert_msg(strcmp(buf, row->want) == 0, "%s: %s", row->name, buf);
	ck_assert_int_eq(ruad_source_rewind(ruad_repair_source(r), &err),
	    RUAD_TEMP);
	ruad_repair_free(&r);
}
END_TEST

/* The same at the ends of the windows of the stage. */
START_TEST(repair_windows)
{
	static const struct {
		const char *in, *want;
	} pieces[] = { { "&amp;", "&amp;" }, { "&#x41;", "&#x41;" },
		{ "& ", "&amp; " }, { "<a@b>", "&lt;a@b>" },
		{ "<row>", "<row>" }, { "<xs:schema a='b'>", "" },
		{ "<feedback a='b' c>", "<feedback>" },
		{ "<!--&<-->", "<!--&<-->" },
		{ "<![CDATA[&<]]>", "<![CDATA[&<]]>" } };
	static const size_t edges[] = { 65536, 69632, 131072, 135168 };
	const size_t edge = edges[(size_t)_i % COUNT(edges)];
	const char *in = pieces[(size_t)_i / COUNT(edges)].in;
	const char *want = pieces[(size_t)_i / COUNT(edges)].want;
	char *text = malloc(edge + 200), *out = malloc(edge + 400);
	struct ruad_memory_source m;
	struct ruad_repair *r;
	struct ruad_err err;
	size_t at, n;

	ck_assert(text != NULL && out != NULL);
	for (at = edge - 20; at < edge + 2; at++) {
		memset(text, ' ', at);
		sprintf(text + at, "%s</x:y>", in);
		ruad_memory_source_init(&m, text, strlen(text));
		r = surveyed(&m, strlen(text), &m.source, RUAD_REPAIR_MARKUP);
		ck_assert_int_eq(ruad_source_fill(ruad_repair_source(r), out,
				     edge + 399, &n, &err),
		    RUAD_OK);
		out[n] = '\0';
		ck_assert_uint_eq(strspn(out, " "), at);
		ck_assert_int_eq(strncmp(out + at, want, strlen(want)), 0);
		ck_assert_str_eq(out + at + strlen(want), "</x:y>");
		ruad_repair_free(&r);
	}
	free(text);
	free(out);
}
END_TEST

/* F.3.1 step 1: 256 bytes of junk are dropped, not more. */
START_TEST(junk)
{
	struct bytes in = { NULL, 0 }, out = { NULL, 0 };
	struct ruad_limits lim;
	char fill[257];

	memset(fill, 'x', sizeof(fill));
	bytes_add(&in, fill, 256 + (size_t)_i);
	bytes_add_text(&in, DECLARED("windows-1252") DOC("a"));
	ruad_limits_default(&lim);
	trace(in.data, in.len, &lim, false, &out);
	ck_assert_str_eq((char *)out.data,
	    _i == 0 ? "a/1[XML_LEADING_JUNK];" : "!XML_MALFORMED;");
	bytes_free(&in);
	bytes_free(&out);
}
END_TEST

/* A piece in the middle is repaired alone. */
START_TEST(repair_piece)
{
	static const char text[] = "&&<a>&</a>&&";
	struct ruad_memory_source m;
	struct ruad_repair *r;
	struct ruad_err err;
	char buf[100];
	size_t n;

	ruad_memory_source_init(&m, text, sizeof(text) - 1);
	m.at = 2;
	r = surveyed(&m, 8, &m.source, RUAD_REPAIR_AMPERSAND);
	ck_assert_int_eq(ruad_source_fill(ruad_repair_source(r), buf,
			     sizeof(buf) - 1, &n, &err),
	    RUAD_OK);
	buf[n] = '\0';
	ck_assert_str_eq(buf, "<a>&amp;</a>");
	ruad_repair_free(&r);
}
END_TEST

/* Put back and forth, near and far, it gives the bytes of that place. */
START_TEST(replay)
{
	static const uint64_t places[] = { 0, 70000, 69990, 600000, 400000,
		130000, 131071, 1400000, 1399999, 1200000, 1, 1500001, 0 };
	size_t i, n, len = 1500000;
	unsigned char *data = malloc(len), got[1000];
	struct ruad_memory_source m;
	struct ruad_replay r;
	struct ruad_err err;
	uint64_t want;

	ck_assert_ptr_nonnull(data);
	for (i = 0; i < len; i++)
		data[i] = (unsigned char)(i * 7 + i / 251);
	ruad_memory_source_init(&m, data, len);
	ck_assert_int_eq(ruad_replay_init(&r, &m.source, &err), RUAD_OK);
	for (i = 0; i < COUNT(places); i++) {
		ck_assert_int_eq(ruad_replay_seek(&r, places[i], &err),
		    RUAD_OK);
		ck_assert_int_eq(ruad_source_fill(&r.source, got, sizeof(got),
				     &n, &err),
		    RUAD_OK);
		want = places[i] < len ? len - places[i] : 0;
		ck_assert_uint_eq(n, want < sizeof(got) ? want : sizeof(got));
		ck_assert_mem_eq(got, data + places[i], n);
	}
	ck_assert_int_eq(ruad_source_rewind(&r.source, &err), RUAD_OK);
	ck_assert_int_eq(ruad_source_read(&r.source, got, 1, &n, &err),
	    RUAD_OK);
	ck_assert_uint_eq(got[0], data[0]);
	ruad_replay_done(&r);
	free(data);
}
END_TEST

/* A source that fails, after some bytes. */
struct failing {
	struct ruad_source source;
	struct ruad_memory_source m;
	enum ruad_status status;
	enum ruad_code code;
};

static enum ruad_status
failing_read(struct ruad_source *self, void *buf, size_t cap, size_t *len_out,
    struct ruad_err *err)
{
	struct failing *f = (struct failing *)self;
	enum ruad_status st =
	    ruad_source_read(&f->m.source, buf, cap, len_out, err);

	return st == RUAD_END
	    ? ruad_fail(err, f->status, f->code, "test: fails")
	    : st;
}

static enum ruad_status
failing_rewind(struct ruad_source *self, struct ruad_err *err)
{
	struct failing *f = (struct failing *)self;

	return ruad_source_rewind(&f->m.source, err);
}

/* What fails below is passed on, and nothing is taken for the end. */
START_TEST(failing_input)
{
	static const struct {
		enum ruad_status status;
		enum ruad_code code;
	} cases[] = { { RUAD_BAD, RUAD_ARC_CRC },
		{ RUAD_LIMIT, RUAD_LIMIT_SIZE }, { RUAD_TEMP, RUAD_OUR_IO } };
	struct failing f = { .source = { failing_read, failing_rewind },
		.status = cases[_i].status,
		.code = cases[_i].code };
	struct ruad_feedback *fb;
	struct ruad_limits lim;
	struct ruad_err err;

	ruad_limits_default(&lim);
	ruad_memory_source_init(&f.m, B(DOC("a")));
	ck_assert_int_eq(ruad_feedback_new(&f.source, &lim, NULL, &fb, &err),
	    cases[_i].status);
	ck_assert_int_eq(err.code, cases[_i].code);
	ck_assert_ptr_null(fb);
}
END_TEST

/* A source that is over at some point of all that is read from it, as the time
 * for a mail may be. */
struct running_out {
	struct ruad_source source;
	struct ruad_memory_source m;
	size_t left;
};

static enum ruad_status
running_out_read(struct ruad_source *self, void *buf, size_t cap,
    size_t *len_out, struct ruad_err *err)
{
	struct running_out *r = (struct running_out *)self;
	enum ruad_status st =
	    ruad_source_read(&r->m.source, buf, cap, len_out, err);

	if (st != RUAD_OK)
		return st;
	if (*len_out > r->left)
		return ruad_fail(err, RUAD_LIMIT, RUAD_LIMIT_TIME, "test");
	r->left -= *len_out;
	return RUAD_OK;
}

static enum ruad_status
running_out_rewind(struct ruad_source *self, struct ruad_err *err)
{
	struct running_out *r = (struct running_out *)self;

	return ruad_source_rewind(&r->m.source, err);
}

/* Wherever it happens, the limit is what is told, once, and nothing leaks. */
START_TEST(running_out)
{
	struct running_out r = { .source = { running_out_read,
				     running_out_rewind } };
	struct bytes in = { NULL, 0 };
	struct ruad_limits lim;
	struct ruad_feedback *fb;
	struct ruad_report *report;
	struct ruad_raw_report raw;
	struct ruad_budget budget = { .max = 0 };
	struct ruad_err err;
	enum ruad_status st;
	size_t step, i;

	bytes_add_text(&in, DOC("a") "<feedback>" METADATA("a & b") POLICY);
	for (i = 0; i < 2000; i++)
		bytes_add_text(&in, RECORD);
	bytes_add_text(&in, "<x></feedback>" DOC("b") "<!DOCTYPE x>");
	ruad_limits_default(&lim);
	for (step = 1; step < 40; step++) {
		r.left = in.len + step * 65536;
		ruad_memory_source_init(&r.m, in.data, in.len);
		ck_assert_int_eq(ruad_feedback_new(&r.source, &lim, &budget,
				     &fb, &err),
		    RUAD_OK);
		do {
			st = ruad_feedback_next(fb, &report, &raw, &err);
			ck_assert_int_ne(st, RUAD_TEMP);
			if (st == RUAD_OK)
				ruad_report_free(&report);
			else if (st == RUAD_LIMIT)
				ck_assert_int_eq(err.code, RUAD_LIMIT_TIME);
		} while (st == RUAD_OK || st == RUAD_BAD);
		ck_assert_ptr_null(report);
		ruad_feedback_free(&fb);
		ck_assert_uint_eq(budget.used, 0);
	}
	bytes_free(&in);
}
END_TEST

static Suite *
xml_suite(void)
{
	Suite *s = suite_create("xml");
	TCase *tc = tcase_create("xml");

	suite_add_tcase(s, tc);
	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc, file, 0, 2 * (int)COUNT(rows));
	tcase_add_loop_test(tc, seams, 0, 20);
	add_rows(tc, token, token_rows);
	tcase_add_loop_test(tc, windows, 0, 14);
	tcase_add_test(tc, prefixes);
	add_rows(tc, survey, survey_rows);
	add_rows(tc, repair, repair_rows);
	tcase_add_loop_test(tc, repair_windows, 0, 9 * 4);
	tcase_add_loop_test(tc, junk, 0, 2);
	tcase_add_test(tc, repair_piece);
	tcase_add_test(tc, replay);
	tcase_add_loop_test(tc, failing_input, 0, 3);
	tcase_add_test(tc, running_out);
	return s;
}

int
main(void)
{
	ruad_xml_global_init();
	return run_suite(xml_suite());
}
