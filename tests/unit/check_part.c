/* check_part.c - mails as reporters, gateways and others build them: every row
 * M1 to M30 of the catalogue that is about the MIME tree, and the facts of the
 * mail. Each case is a mail and the trace of the parts that come out of it. */
#include <stdio.h>
#include <string.h>
#include "check_main.h"
#include "make_archive.h"
#include "mend.h"
#include "part.h"

#define XML "<feedback/>"
#define XML64 "PGZlZWRiYWNrLz4=" /* the same in base64 */
#define GZIP64 "H4sIAAAAAAACA7NJS01NSUpMzta3AwCEtwo7CwAAAA==" /* compressed */

#define HEAD "From: a@r.example\nSubject: x\nMIME-Version: 1.0\n"
#define MIXED HEAD "Content-Type: multipart/mixed; boundary=\"b1\"\n\n"
#define TEXT_PART "--b1\nContent-Type: text/plain\n\nhello\n"
#define GZIP_PART \
	"--b1\nContent-Type: application/gzip; name=\"r.xml.gz\"\n" \
	"Content-Transfer-Encoding: base64\n\n" GZIP64 "\n"
#define END "--b1--\n"
#define BASE64 "Content-Transfer-Encoding: base64\n"

static const struct row {
	const char *name;
	const char *mail;
	/* Of each part "where|file name|=content;" with (text) and (forwarded)
	 * behind the name, of each refusal "where!CODE;". */
	const char *want;
	bool recovered; /* MIME_RECOVERED */
} rows[] = {
	{ "M1: not multipart, gzip",
	    HEAD "Content-Type: application/gzip; name=a.gz\n" BASE64
		 "\n" GZIP64 "\n",
	    "part 1|a.gz|=GZIP;", false },
	{ "M1: not multipart, XML", HEAD "Content-Type: text/xml\n\n" XML "\n",
	    "part 1||=" XML "\n;", false },
	{ "M2: nested",
	    MIXED "--b1\nContent-Type: multipart/related; boundary=b2\n\n"
		  "--b2\nContent-Type: multipart/alternative; boundary=b3\n\n"
		  "--b3\nContent-Type: text/html\n\n<html>\n--b3--\n"
		  "--b2--\n" GZIP_PART END,
	    "part 2|r.xml.gz|=GZIP;", false },
	{ "M2: deep inside",
	    MIXED "--b1\nContent-Type: multipart/related; boundary=b2\n\n"
		  "--b2\nContent-Type: multipart/mixed; boundary=b3\n\n"
		  "--b3\nContent-Type: application/xml\n\n" XML
		  "\n--b3--\n--b2--\n" TEXT_PART END,
	    "part 1.1.1||=" XML ";part 2||(text)=hello;", false },
	{ "M3: alternative",
	    HEAD
	    "Content-Type: multipart/alternative; boundary=b1\n\n" TEXT_PART
	    "--b1\nContent-Type: text/xml\n\n" XML "\n" END,
	    "part 2||=" XML ";part 1||(text)=hello;", false },
	{ "M4: octet-stream",
	    MIXED "--b1\nContent-Type: application/octet-stream\n" BASE64
		  "\n" GZIP64 "\n" END,
	    "part 1||=GZIP;", false },
	{ "M4: an unlikely type",
	    MIXED "--b1\nContent-Type: image/png\n" BASE64 "\n" GZIP64 "\n" END,
	    "part 1||=GZIP;", false },
	{ "M4: a type that is none",
	    MIXED "--b1\nContent-Type: gzip\n" BASE64 "\n" GZIP64 "\n" END,
	    "part 1||=GZIP;", false },
	{ "M4: no type", MIXED "--b1\n" BASE64 "\n" GZIP64 "\n" END,
	    "part 1||=GZIP;", false },
	{ "M4: no type, XML", MIXED "--b1\n\n" XML "\n" END,
	    "part 1||=" XML ";", false },
	{ "M4: text/plain, a file",
	    MIXED "--b1\nContent-Type: text/plain; name=r.xml\n\n" XML
		  "\n" TEXT_PART END,
	    "part 1|r.xml|=" XML ";part 2||(text)=hello;", false },
	{ "M4: text/plain, an attachment",
	    MIXED "--b1\nContent-Type: text/plain\nContent-Disposition: "
		  "attachment\n\n" XML "\n" END,
	    "part 1||=" XML ";", false },
	{ "M13: a signature as octets",
	    MIXED "--b1\nContent-Type: application/octet-stream\n"
		  "Content-Disposition: attachment; filename=smime.p7s\n" BASE64
		  "\nMIAGCQ==\n" GZIP_PART END,
	    "part 2|r.xml.gz|=GZIP;", false },
	{ "M4: text/plain, gzip",
	    MIXED "--b1\nContent-Type: text/plain\n" BASE64 "\n" GZIP64
		  "\n" TEXT_PART END,
	    "part 1||=GZIP;part 2||(text)=hello;", false },
	{ "M5: misspelt field",
	    MIXED TEXT_PART "--b1\nContentType: application/gzip\n" BASE64
			    "\n" GZIP64 "\n" END,
	    "part 1||(text)=hello;part 2||=GZIP;", true },
	{ "M6: boundary not indented",
	    HEAD
	    "Content-Type: multipart/mixed;\nboundary=\"b1\"\n\n" GZIP_PART END,
	    "part 1|r.xml.gz|=GZIP;", true },
	{ "M6: in the header of a part",
	    MIXED "--b1\nContent-Type: application/gzip;\nname=\"a:b.gz\"\n"
		  "Content-Disposition: attachment;\nfilename=c.gz\n" BASE64
		  "\n" GZIP64 "\n" END,
	    "part 1|c.gz|=GZIP;", true },
	{ "M6: a line of words",
	    HEAD "X-Note: a\nlong note: it is\nContent-Type: text/xml\n\n" XML,
	    "part 1||=" XML ";", true },
	{ "M6: in an attached mail",
	    MIXED "--b1\nContent-Type: message/rfc822\n\nSubject: y\n"
		  "Content-Type: multipart/mixed;\nboundary=b2\n\n"
		  "--b2\nContent-Type: text/xml\n\n" XML "\n--b2--\n" END,
	    "part 1.1||(forwarded)=" XML ";", true },
	{ "M6: dashes in a text are no header",
	    HEAD "Content-Type: text/plain\n\nhello\n-- \nA. Person\n"
		 "--- a/b\nTitle\n",
	    "part 1||(text)=hello\n-- \nA. Person\n--- a/b\nTitle\n;", false },
	{ "M6: nor is something that looks like one",
	    HEAD "Content-Type: text/plain\n\n--- a/b\nNote: this\nis text\n",
	    "part 1||(text)=--- a/b\nNote: this\nis text\n;", false },
	{ "M7: format=flowed",
	    HEAD "Content-Type: text/plain; format=flowed\n\n<feed \n back \n"
		 "/>\n\n  x \n\n-- \ny\n",
	    "part 1||(text)=<feed back />\n\n x \n-- \ny\n;", false },
	{ "M7: format=flowed, CR LF",
	    "Content-Type: text/plain; format=flowed\r\n\r\n<feed \r\nback "
	    "\r\n\r\n-- \r\n",
	    "part 1||(text)=<feed back \r\n-- \r\n;", false },
	{ "M8: html", MIXED "--b1\nContent-Type: text/html\n\n" XML "\n" END,
	    "", false },
	{ "M9: not the last", MIXED GZIP_PART TEXT_PART END,
	    "part 1|r.xml.gz|=GZIP;part 2||(text)=hello;", false },
	{ "M10: several", MIXED GZIP_PART TEXT_PART GZIP_PART END,
	    "part 1|r.xml.gz|=GZIP;part 3|r.xml.gz|=GZIP;part 2||(text)=hello;",
	    false },
	{ "M11: forwarded",
	    MIXED TEXT_PART "--b1\nContent-Type: message/rfc822\n\n" HEAD
			    "Content-Type: text/xml\n\n" XML "\n" END,
	    "part 2||(forwarded)=" XML ";part 1||(text)=hello;", false },
	{ "M11: as base64",
	    MIXED "--b1\nContent-Type: message/rfc822\n" BASE64
		  "\nQ29udGVudC1UeXBlOiB0ZXh0L3htbAoKPGZlZWRiYWNrLz4K\n" END,
	    "part 1||(forwarded)=<feedback/>\n;", false },
	{ "M11: as a file",
	    MIXED "--b1\nContent-Type: application/octet-stream; name=x.EML\n\n"
		  "Content-Type: text/xml\n\n" XML "\n" END,
	    "part 1||(forwarded)=" XML ";", false },
	{ "M11: a file that is no mail",
	    MIXED
	    "--b1\nContent-Type: application/octet-stream; name=x.eml\n\n" XML
	    "\n" END,
	    "part 1|x.eml|=" XML ";", false },
	{ "M11: three levels",
	    MIXED "--b1\nContent-Type: message/rfc822\n\n"
		  "Content-Type: message/rfc822\n\n"
		  "Content-Type: message/rfc822\n\n"
		  "Content-Type: text/xml\n\n" XML "\n" END,
	    "part 1||(forwarded)=" XML ";", false },
	{ "M11: four levels",
	    MIXED "--b1\nContent-Type: message/rfc822\n\n"
		  "Content-Type: message/rfc822\n\n"
		  "Content-Type: message/rfc822\n\n"
		  "Content-Type: message/rfc822\n\n"
		  "Content-Type: text/xml\n\n" XML "\n" END,
	    "part 1(forwarded)!LIMIT_PARTS;", false },
	{ "M13: signed",
	    HEAD "Content-Type: multipart/signed; boundary=b1\n\n" GZIP_PART
		 "--b1\nContent-Type: application/pgp-signature\n\nx\n"
		 "--b1\nContent-Type: application/pkcs7-signature\n\nx\n"
		 "--b1\nContent-Type: application/x-pkcs7-signature\n\nx\n" END,
	    "part 1|r.xml.gz|=GZIP;", false },
	{ "M14: opaque", HEAD "Content-Type: application/pkcs7-mime\n\nx\n",
	    "part 1!MIME_ENCRYPTED;", false },
	{ "M14: opaque, x-",
	    MIXED TEXT_PART
	    "--b1\nContent-Type: application/x-pkcs7-mime\n\nx\n" END,
	    "part 2!MIME_ENCRYPTED;part 1||(text)=hello;", false },
	{ "M14: encrypted",
	    HEAD "Content-Type: multipart/encrypted; boundary=b1\n\n" TEXT_PART
		GZIP_PART END,
	    "part 1!MIME_ENCRYPTED;", false },
	{ "M15: TNEF",
	    MIXED "--b1\nContent-Type: application/ms-tnef; "
		  "name=winmail.dat\n\nx\n" GZIP_PART END,
	    "part 1!MIME_TNEF;part 2|r.xml.gz|=GZIP;", false },
	{ "M15: TNEF, vendor",
	    HEAD "Content-Type: application/vnd.ms-tnef\n\nx\n",
	    "part 1!MIME_TNEF;", false },
	{ "M16: junk in base64",
	    MIXED "--b1\nContent-Type: application/gzip\n" BASE64
		  "\nH4sI AAAA!AAACA7NJ\r\nS01N "
		  "SUpMz\tta3AwCEt\n\nwo7CwAA*AA==\n" END,
	    "part 1||=GZIP;", false },
	{ "M16: padding missing",
	    MIXED "--b1\nContent-Type: application/gzip\n" BASE64
		  "\nH4sIAAAAAAACA7NJS01NSUpMzta3AwCEtwo7CwAAAA\n" END,
	    "part 1||=GZIP;", false },
	{ "M16: half of the padding",
	    MIXED "--b1\nContent-Type: application/gzip\n" BASE64
		  "\nH4sIAAAAAAACA7NJS01NSUpMzta3AwCEtwo7CwAAAA=\n" END,
	    "part 1||=GZIP;", false },
	{ "M16: too much padding",
	    MIXED "--b1\nContent-Type: application/gzip\n" BASE64 "\n" GZIP64
		  "====\n" END,
	    "part 1||=GZIP;", false },
	{ "M16: data behind the padding",
	    MIXED "--b1\nContent-Type: application/gzip\n" BASE64 "\n" GZIP64
		  "\n" GZIP64 "\n" END,
	    "part 1||=GZIP;", true },
	{ "M16: other bytes behind the padding",
	    MIXED "--b1\nContent-Type: application/gzip\n" BASE64 "\n" GZIP64
		  "\n \t--\n" END,
	    "part 1||=GZIP;", false },
	{ "M17: base64 without a label",
	    MIXED "--b1\nContent-Type: application/gzip\n\n" GZIP64 "\n" END,
	    "part 1||=GZIP;", true },
	{ "M17: labelled 7bit, an empty line before",
	    MIXED "--b1\nContent-Type: text/xml\nContent-Transfer-Encoding: "
		  "7bit\n\n\n" XML64 "\n" END,
	    "part 1||=" XML ";", true },
	{ "M17: <?xml", MIXED "--b1\nContent-Type: text/xml\n\nPD94bWwg\n" END,
	    "part 1||=<?xml ;", true },
	{ "M17: not at the beginning",
	    MIXED "--b1\nContent-Type: application/x\n\nx\n" XML64
		  "\n" END GZIP_PART,
	    "part 1||=x\n" XML64 ";body||=" XML ";", true },
	{ "M18: an unknown encoding",
	    MIXED "--b1\nContent-Type: text/xml\nContent-Transfer-Encoding: "
		  "x-fancy\n\n" XML "\n" END,
	    "part 1||=" XML ";", true },
	{ "M18: and base64 in it",
	    MIXED "--b1\nContent-Type: application/gzip\n"
		  "Content-Transfer-Encoding: x-base64\n\n" GZIP64 "\n" END,
	    "part 1||=GZIP;", true },
	{ "M18: known ones are well",
	    MIXED "--b1\nContent-Type: text/xml\nContent-Transfer-Encoding: "
		  "8BIT\n\n" XML "\n--b1\nContent-Type: text/xml\n"
		  "Content-Transfer-Encoding: binary\n\n" XML "\n" END,
	    "part 1||=" XML ";part 2||=" XML ";", false },
	{ "M19: quoted-printable",
	    MIXED "--b1\nContent-Type: text/xml\nContent-Transfer-Encoding: "
		  "quoted-printable\n\n=3Cfeed=\nback=ZZ=/>=20\n" END,
	    "part 1||=<feedback=ZZ=/> ;", false },
	{ "M20: no boundary parameter",
	    HEAD
	    "Content-Type: multipart/mixed\n\npre\n" GZIP_PART TEXT_PART END,
	    "part 1|r.xml.gz|=GZIP;part 2||(text)=hello;", true },
	{ "M20: the wrong one",
	    HEAD "Content-Type: multipart/mixed; boundary=b2\n\n" GZIP_PART END,
	    "part 1|r.xml.gz|=GZIP;", true },
	{ "M20: base64 alone",
	    HEAD "Content-Type: multipart/mixed\n\nhello\n\n" GZIP64 "\n\nx\n",
	    "body||=GZIP;", true },
	{ "M20: nothing", HEAD "Content-Type: multipart/mixed\n\nhello\n",
	    "part 1!MIME_NO_BOUNDARY;", false },
	{ "M21: never closed", MIXED TEXT_PART GZIP_PART,
	    "part 2|r.xml.gz|=GZIP;part 1||(text)=hello;", false },
	{ "M21: cut",
	    MIXED "--b1\nContent-Type: text/xml\n" BASE64 "\nPGZlZWRiYWNr",
	    "part 1||=<feedback;", false },
	{ "M22: boundary with blanks and =",
	    HEAD "Content-Type: multipart/mixed; boundary=\"=_a b =\"\n\n"
		 "--=_a b =\nContent-Type: text/xml\n\n" XML "\n--=_a b =--\n",
	    "part 1||=" XML ";", false },
	{ "M22: white space behind it",
	    MIXED "--b1 \t\nContent-Type: text/xml\n\n" XML "\n--b1-- \n",
	    "part 1||=" XML ";", false },
	{ "M23: empty attachment",
	    MIXED "--b1\nContent-Type: application/gzip\n" BASE64
		  "\n\n" END GZIP_PART,
	    "part 1||=;body||=GZIP;", true },
	{ "M24: partial",
	    HEAD
	    "Content-Type: message/partial; id=x; number=1; total=2\n\n" XML,
	    "part 1!MIME_PARTIAL;", false },
	{ "M25: RFC 2231 in pieces",
	    MIXED "--b1\nContent-Type: application/gzip; name*0=r!e.exam;\n"
		  " name*1=ple!1!2.xml.gz\n" BASE64 "\n" GZIP64 "\n" END,
	    "part 1|r!e.example!1!2.xml.gz|=GZIP;", false },
	{ "M25: RFC 2231 encoded",
	    MIXED "--b1\nContent-Type: application/gzip\nContent-Disposition: "
		  "attachment; filename*=utf-8''a%21%C3%A9.gz\n" BASE64
		  "\n" GZIP64 "\n" END,
	    "part 1|a!\303\251.gz|=GZIP;", false },
	{ "M25: RFC 2047",
	    MIXED "--b1\nContent-Type: application/gzip; "
		  "name=\"=?utf-8?B?YSFiLmd6?=\"\n" BASE64 "\n" GZIP64 "\n" END,
	    "part 1|a!b.gz|=GZIP;", false },
	{ "M25: semicolon at the end",
	    MIXED
	    "--b1\nContent-Type: application/gzip; name=\"a!b.gz\";\n" BASE64
	    "\n" GZIP64 "\n" END,
	    "part 1|a!b.gz|=GZIP;", false },
	{ "M25: disposition before type",
	    MIXED "--b1\nContent-Type: application/gzip; name=b.gz\n"
		  "Content-Disposition: attachment; filename=a.gz\n" BASE64
		  "\n" GZIP64 "\n" END,
	    "part 1|a.gz|=GZIP;", false },
	{ "M26: CR LF",
	    "From: a@r.example\r\nContent-Type: multipart/mixed; "
	    "boundary=b1\r\n"
	    "\r\n--b1\r\nContent-Type: text/xml\r\n\r\n" XML "\r\n--b1--\r\n",
	    "part 1||=" XML ";", false },
	{ "M26: bare CR",
	    "From: a@r.example\rContent-Type: multipart/mixed; boundary=b1\r"
	    "\r--b1\rContent-Type: text/xml\r\r" XML "\r--b1--\r",
	    "part 1||=" XML ";", false },
	{ "M26: and not indented",
	    "From: a@r.example\rContent-Type: multipart/mixed;\rboundary=b1\r"
	    "\r--b1\rContent-Type: text/xml\r\r" XML "\r--b1--\r",
	    "part 1||=" XML ";", true },
	{ "M29: delivery status, the message is not looked into",
	    HEAD "Content-Type: multipart/report; boundary=b1; "
		 "report-type=delivery-status\n\n" TEXT_PART
		 "--b1\nContent-Type: message/delivery-status\n\nx: y\n"
		 "--b1\nContent-Type: message/rfc822\n\n"
		 "Content-Type: text/xml\n\n" XML "\n" END,
	    "part 1||(text)=hello;", false },
	{ "M29: failure report, the same",
	    HEAD "Content-Type: multipart/report; boundary=b1; "
		 "report-type=feedback-report\n\n" TEXT_PART
		 "--b1\nContent-Type: message/feedback-report\n\nx: y\n"
		 "--b1\nContent-Type: message/rfc822\n\n"
		 "Content-Type: text/xml\n\n" XML "\n" END,
	    "part 2||(labelled)=x: y;part 1||(text)=hello;", false },
	{ "M29: TLS report",
	    HEAD "Content-Type: multipart/report; boundary=b1; "
		 "report-type=tlsrpt\n\n" TEXT_PART
		 "--b1\nContent-Type: application/tlsrpt+gzip\n" BASE64
		 "\n" GZIP64 "\n" END,
	    "part 2||(labelled)=GZIP;part 1||(text)=hello;", false },
	{ "M30: uuencode is no encoding",
	    HEAD "Content-Type: application/gzip\nContent-Transfer-Encoding: "
		 "x-uuencode\n\nbegin 644 a\n+PGZE960B86-K+SX\n \nend\n",
	    "part 1||=begin 644 a\n+PGZE960B86-K+SX\n \nend\n;", false },
	{ "B.3: description",
	    MIXED "--b1\nContent-Type: application/gzip\nContent-Description: "
		  "a!b!1!2.gz\n" BASE64 "\n" GZIP64 "\n" END,
	    "part 1|[a!b!1!2.gz]|=GZIP;", false },
	{ "no body", HEAD, "part 1||(text)=;", false },
	{ "nothing at all", "", "", false },
};

static void
trace_part(struct bytes *out, const struct ruad_part *part)
{
	bytes_add_text(out, part->where);
	bytes_add_text(out, "|");
	bytes_add_text(out, part->file_name);
	if (*part->description != '\0') {
		bytes_add_text(out, "[");
		bytes_add_text(out, part->description);
		bytes_add_text(out, "]");
	}
	bytes_add_text(out, "|");
	if (part->text)
		bytes_add_text(out, "(text)");
	if (part->labelled)
		bytes_add_text(out, "(labelled)");
	if (part->forwarded)
		bytes_add_text(out, "(forwarded)");
	bytes_add_text(out, "=");
	if (part->len == 31 && memcmp(part->data, "\x1f\x8b", 2) == 0 &&
	    memcmp(part->data + 27, "\x0b\0\0\0", 4) == 0)
		bytes_add_text(out, "GZIP");
	else
		bytes_add(out, part->data, part->len);
	bytes_add_text(out, ";");
}

static void
trace_refusal(struct bytes *out, const struct ruad_part *part,
    const struct ruad_err *err)
{
	bytes_add_text(out, part->where);
	if (part->forwarded)
		bytes_add_text(out, "(forwarded)");
	bytes_add_text(out, "!");
	bytes_add_text(out, ruad_code_name(err->code));
	bytes_add_text(out, ";");
}

START_TEST(mail)
{
	const struct row *row = &rows[_i];
	struct ruad_budget budget = { 0, 1 << 28 };
	struct bytes out = { NULL, 0 };
	struct ruad_warnings w = { 0 };
	struct ruad_limits lim;
	struct ruad_parts *p;
	struct ruad_part part;
	struct ruad_err err;
	enum ruad_status st;

	bytes_add_text(&out, "");
	ruad_limits_default(&lim);
	ck_assert_int_eq(ruad_parts_new(row->mail, strlen(row->mail), &lim,
			     &budget, &p, &err),
	    RUAD_OK);
	while ((st = ruad_parts_next(p, &part, &err)) != RUAD_END) {
		ck_assert_int_ne(st, RUAD_TEMP);
		w.bits |= part.warnings.bits;
		if (st == RUAD_OK)
			trace_part(&out, &part);
		else
			trace_refusal(&out, &part, &err);
	}
	ck_assert_msg(strcmp((char *)out.data, row->want) == 0, "%s: %s",
	    row->name, (char *)out.data);
	ck_assert_msg(ruad_warned(&w, RUAD_MIME_RECOVERED) == row->recovered,
	    "%s: recovered %d", row->name, !row->recovered);
	ck_assert_int_eq(ruad_parts_next(p, &part, &err), RUAD_END);
	ruad_parts_free(&p);
	ck_assert_uint_eq(budget.used, 0);
	bytes_free(&out);
}
END_TEST

/* ---- facts ---- */

static const struct fact_row {
	const char *name;
	const char *mail;
	/* "subject|message-id|From domains|bounce failure tls" */
	const char *want;
} fact_rows[] = {
	{ "plain",
	    "Received: x\nFrom: A <a@R.example>\nSubject: s\n"
	    "Message-ID: <m@r.example>\n\nx",
	    "s|m@r.example|r.example,|" },
	{ "B.2: encoded Subject, folded",
	    "Subject: =?utf-8?B?UmVwb3J0IERvbWFpbjo=?=\n =?utf-8?Q?_caf=C3=A9?="
	    "\n\nx",
	    "Report Domain: caf\303\251|-||" },
	{ "several authors", "From: a@b.example, c@d.example\n\nx",
	    "-|-|b.example,d.example,|" },
	{ "two From fields", "From: a@b.example\nFrom: c@d.example\n\nx",
	    "-|-|b.example,d.example,|" },
	{ "From without a domain", "From: someone\n\nx", "-|-|,|" },
	{ "U-label in From", "From: a@b\303\274cher.example\n\nx",
	    "-|-|xn--bcher-kva.example,|" },
	{ "no header", "\nx", "-|-||" },
	{ "B.8: delivery status",
	    "Content-Type: multipart/report; boundary=b1; "
	    "report-type=delivery-status\n\n" TEXT_PART END,
	    "-|-||bounce " },
	{ "B.8: disposition notification",
	    "Content-Type: multipart/report; boundary=b1; "
	    "report-type=Disposition-Notification\n\n" TEXT_PART END,
	    "-|-||bounce " },
	{ "B.8: its part alone",
	    MIXED "--b1\nContent-Type: message/delivery-status\n\nx: y\n" END,
	    "x|-|r.example,|bounce " },
	{ "B.8: automatic reply", "Auto-Submitted: auto-replied\n\nx",
	    "-|-||bounce " },
	{ "B.8: with a remark",
	    "Auto-Submitted:\n Auto-Replied (vacation)\n\nx", "-|-||bounce " },
	{ "B.8: generated is no reply", "Auto-Submitted: auto-generated\n\nx",
	    "-|-||" },
	{ "B.8: failure report",
	    MIXED "--b1\nContent-Type: message/feedback-report\n\nx: y\n" END,
	    "x|-|r.example,|failure " },
	{ "B.8: TLS report", "Content-Type: application/tlsrpt+json\n\n{}",
	    "-|-||tls " },
	{ "B.8: TLS report, gzip",
	    MIXED "--b1\nContent-Type: application/tlsrpt+gzip\n\nx\n" END,
	    "x|-|r.example,|tls " },
	{ "M11: of the outer mail only",
	    MIXED
	    "--b1\nContent-Type: message/rfc822\n\nSubject: inner\n"
	    "From: x@inner.example\nAuto-Submitted: auto-replied\n\nx\n" END,
	    "x|-|r.example,|" },
};

static void
trace_facts(struct bytes *out, const struct ruad_mail_facts *f)
{
	size_t i;

	bytes_add_text(out, f->subject != NULL ? f->subject : "-");
	bytes_add_text(out, "|");
	bytes_add_text(out, f->message_id != NULL ? f->message_id : "-");
	bytes_add_text(out, "|");
	for (i = 0; i < f->from_domain_count; i++) {
		bytes_add_text(out, f->from_domains[i]);
		bytes_add_text(out, ",");
	}
	bytes_add_text(out, "|");
	bytes_add_text(out, f->bounce ? "bounce " : "");
	bytes_add_text(out, f->failure_report ? "failure " : "");
	bytes_add_text(out, f->tls_report ? "tls " : "");
}

START_TEST(facts)
{
	const struct fact_row *row = &fact_rows[_i];
	struct bytes out = { NULL, 0 };
	struct ruad_limits lim;
	struct ruad_parts *p;
	struct ruad_err err;

	ruad_limits_default(&lim);
	ck_assert_int_eq(ruad_parts_new(row->mail, strlen(row->mail), &lim,
			     NULL, &p, &err),
	    RUAD_OK);
	trace_facts(&out, ruad_parts_facts(p));
	ck_assert_msg(strcmp((char *)out.data, row->want) == 0, "%s: %s",
	    row->name, (char *)out.data);
	ruad_parts_free(&p);
	bytes_free(&out);
}
END_TEST

/* All fields come in their order, as they stand. */
START_TEST(fields)
{
	static const char text[] = "Received: a;\n\tb\nX-Empty:\n"
				   "Authentication-Results: mx; dmarc=pass\n"
				   "Received: c\n\nX-Body: no\n";
	static const struct ruad_field want[] = { { "Received", "a;\n\tb" },
		{ "X-Empty", "" },
		{ "Authentication-Results", "mx; dmarc=pass" },
		{ "Received", "c" } };
	const struct ruad_mail_facts *f;
	struct ruad_limits lim;
	struct ruad_parts *p;
	struct ruad_err err;
	size_t i;

	ruad_limits_default(&lim);
	ck_assert_int_eq(ruad_parts_new(text, sizeof(text) - 1, &lim, NULL, &p,
			     &err),
	    RUAD_OK);
	f = ruad_parts_facts(p);
	ck_assert_uint_eq(f->field_count, COUNT(want));
	for (i = 0; i < COUNT(want); i++) {
		const char *value = f->fields[i].value;

		ck_assert_str_eq(f->fields[i].name, want[i].name);
		ck_assert_str_eq(value + strspn(value, " "), want[i].value);
	}
	ruad_parts_free(&p);
}
END_TEST

/* The budget of all mails together is respected, and given back. */
START_TEST(scarce_memory)
{
	static const char text[] = MIXED GZIP_PART END;
	struct ruad_budget budget = { 0, 0 };
	struct ruad_limits lim;
	struct ruad_parts *p;
	struct ruad_err err;
	size_t needed;

	ruad_limits_default(&lim);
	ck_assert_int_eq(ruad_parts_new(text, sizeof(text) - 1, &lim, &budget,
			     &p, &err),
	    RUAD_OK);
	needed = budget.used;
	ruad_parts_free(&p);
	ck_assert_uint_eq(budget.used, 0);
	budget.max = needed - 1;
	ck_assert_int_eq(ruad_parts_new(text, sizeof(text) - 1, &lim, &budget,
			     &p, &err),
	    RUAD_TEMP);
	ck_assert_int_eq(err.code, RUAD_OUR_MEMORY);
	ck_assert_uint_eq(budget.used, 0);
	budget.max = needed;
	ck_assert_int_eq(ruad_parts_new(text, sizeof(text) - 1, &lim, &budget,
			     &p, &err),
	    RUAD_OK);
	ruad_parts_free(&p);
	ck_assert_uint_eq(budget.used, 0);
}
END_TEST

/* ---- mending alone ---- */

START_TEST(nothing_to_mend)
{
	static const char *const texts[] = { "", "a", HEAD "\nx",
		"A: b\r\n c\r\n\r\nx\r\ny", MIXED GZIP_PART END };
	const unsigned char *text = (const unsigned char *)texts[_i];
	unsigned char *out;
	size_t len;

	ck_assert_int_eq(ruad_mend_lines(text, strlen(texts[_i]), &out, &len,
			     NULL),
	    RUAD_OK);
	ck_assert_ptr_null(out);
}
END_TEST

START_TEST(is_field)
{
	static const struct {
		const char *line;
		bool field;
	} lines[] = { { "Subject: x", true }, { "X-a_1:", true },
		{ ": x", false }, { "Subject", false },
		{ "Two words: x", false }, { "<xml: x", false },
		{ "", false } };
	size_t i;

	for (i = 0; i < COUNT(lines); i++)
		ck_assert_msg(ruad_mend_is_field((const unsigned char *)lines[i]
						     .line,
				  strlen(lines[i].line)) == lines[i].field,
		    "%s", lines[i].line);
}
END_TEST

static Suite *
part_suite(void)
{
	Suite *s = suite_create("part");
	TCase *tc = tcase_create("part");

	suite_add_tcase(s, tc);
	add_rows(tc, mail, rows);
	add_rows(tc, facts, fact_rows);
	tcase_add_test(tc, fields);
	tcase_add_test(tc, scarce_memory);
	tcase_add_loop_test(tc, nothing_to_mend, 0, 5);
	tcase_add_test(tc, is_field);
	return s;
}

int
main(void)
{
	ruad_part_global_init();
	return run_suite(part_suite());
}
