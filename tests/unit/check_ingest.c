/* check_ingest.c - whole mails and files, through all stages: what is found
 * beside what, what a mail is that holds no report, and the rules of the site.
 * Each case is a mail with marks in it that stand for reports. */
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <zlib.h>
#include "check_main.h"
#include "ingest.h"
#include "make_archive.h"
#include "read_xml.h"

/* ---- mails ---- */

#define HEAD \
	"From: Receiver <dmarc@r.example>\nTo: rua@example.com\n" \
	"Subject: Report Domain: example.com Submitter: r.example " \
	"Report-ID: id1\nMessage-ID: <m1@r.example>\nMIME-Version: 1.0\n"
#define MIXED HEAD "Content-Type: multipart/mixed; boundary=b1\n\n"
#define TEXT(text) "--b1\nContent-Type: text/plain\n\n" text "\n"
#define PART(type, text) "--b1\nContent-Type: " type "\n\n" text "\n"
#define BASE64(type, mark) \
	"--b1\nContent-Type: " type "\nContent-Transfer-Encoding: base64\n" \
	"\n" mark "\n"
#define END "--b1--\n"

static void
add_base64(struct bytes *to, struct bytes *data)
{
	size_t cap = sodium_base64_encoded_len(data->len,
	    sodium_base64_VARIANT_ORIGINAL);
	char *text = malloc(cap);

	ck_assert_ptr_nonnull(text);
	sodium_bin2base64(text, cap, data->data, data->len,
	    sodium_base64_VARIANT_ORIGINAL);
	bytes_add_text(to, text);
	free(text);
	bytes_free(data);
}

/* The sound report, with an edit; the caller frees it. */
static char *
other_report(const char *from, const char *to)
{
	return read_xml_edit(read_xml_sound, from, to);
}

static struct bytes
gzip_of(char *xml, const char *name)
{
	struct bytes b = make_gzip(xml, strlen(xml), name);

	free(xml);
	return b;
}

static struct bytes
two_in_zip(void)
{
	char *second = other_report(">id1<", ">id2<");
	struct make_entry e[] = { { .name = "1.xml",
				      .data = read_xml_sound,
				      .len = strlen(read_xml_sound) },
		{ .name = "readme.txt", .data = "hello", .len = 5 },
		{ .name = "2.xml", .data = second, .len = strlen(second) } };
	struct bytes b = make_zip(e, COUNT(e));

	free(second);
	return b;
}

/* A report without a period, in a zip whose entry is named so. */
static struct bytes
named_in_zip(void)
{
	char *xml = other_report("<begin>1700006400</begin>", "");
	struct make_entry e = { .name = "z!example.com!1700000001!1700000002",
		.data = xml,
		.len = strlen(xml) };
	struct bytes b = make_zip(&e, 1);

	free(xml);
	return b;
}

/* Append what a mark stands for. */
static void
add_mark(struct bytes *to, char mark)
{
	struct bytes b = { NULL, 0 };
	char *xml;

	switch (mark) {
	case 'X': /* the sound report */
		bytes_add_text(to, read_xml_sound);
		return;
	case 'Y': /* another one */
		xml = other_report(">id1<", ">id2<");
		bytes_add_text(to, xml);
		free(xml);
		return;
	case 'R': /* one that needs repair */
		xml = other_report("Receiver Inc", "A & B");
		bytes_add_text(to, xml);
		free(xml);
		return;
	case 'I': /* no row of it can be stored */
		xml = other_report("203.0.114.1", "none");
		bytes_add_text(to, xml);
		free(xml);
		return;
	case 'G': /* gzip */
		b = gzip_of(strdup(read_xml_sound), NULL);
		break;
	case 'C': /* gzip, cut */
		b = gzip_of(strdup(read_xml_sound), NULL);
		b.len -= 20;
		break;
	case 'N': /* gzip with a name, of a report without a period */
		b = gzip_of(other_report("<begin>1700006400</begin>", ""),
		    "g!example.com!1700000003!1700000004.xml");
		break;
	case 'Z': /* zip with two */
		b = two_in_zip();
		break;
	case 'E': /* zip whose entry has the name of a report */
		b = named_in_zip();
		break;
	case 'T': /* TLS report in gzip */
		b = gzip_of(strdup("{\"policies\": []}"), NULL);
		break;
	case 'U': /* "unused" in gzip */
		b = gzip_of(strdup("unused"), NULL);
		break;
	default:
		abort();
	}
	add_base64(to, &b);
}

/* The mail with "{X}" and the like replaced. */
static struct bytes
expand(const char *text)
{
	struct bytes b = { NULL, 0 };
	const char *at;

	bytes_add_text(&b, "");
	while ((at = strchr(text, '{')) != NULL) {
		bytes_add(&b, text, (size_t)(at - text));
		if (at[1] >= 'A' && at[1] <= 'Z' && at[2] == '}') {
			add_mark(&b, at[1]);
			text = at + 3;
		} else {
			bytes_add_text(&b, "{");
			text = at + 1;
		}
	}
	bytes_add_text(&b, text);
	return b;
}

static void
settings(struct ruad_ingest_settings *set)
{
	memset(set, 0, sizeof(*set));
	ruad_limits_default(&set->limits);
	set->limits.read_msecs = 0; /* an answer must not depend on time */
}

/* Read bytes; `mail_from` is NULL for what did not come by SMTP. */
static struct ruad_delivery *
read_bytes(const struct ruad_ingest_settings *set, const struct bytes *b,
    const char *mail_from)
{
	struct ruad_ingest *in;
	struct ruad_mail *m;
	struct ruad_delivery *d;
	struct ruad_err err;

	ck_assert_int_eq(ruad_ingest_new(set, &in, &err), RUAD_OK);
	ck_assert_int_eq(ruad_mail_borrow(b->data, b->len, READ_XML_RECEIVED,
			     &m, &err),
	    RUAD_OK);
	ck_assert_int_eq(ruad_mail_set_mail_from(m, mail_from), RUAD_OK);
	ck_assert_msg(ruad_ingest_read(in, m, &d, &err) == RUAD_OK, "%s",
	    err.text);
	ruad_mail_free(&m);
	ruad_ingest_free(&in);
	return d;
}

/* "where OUTCOME CODE [id] {warnings};" of each item. */
static void
trace(const struct ruad_delivery *d, struct bytes *out)
{
	const struct ruad_item *it;
	char words[600];

	bytes_add_text(out, d->is_mail ? "" : "file ");
	for (it = d->items; it != NULL; it = it->next) {
		bytes_add_text(out, it->where);
		bytes_add_text(out, *it->where != '\0' ? " " : "");
		bytes_add_text(out, ruad_outcome_word(it->outcome));
		bytes_add_text(out, it->code != RUAD_CODE_NONE ? " " : "");
		bytes_add_text(out, ruad_code_name(it->code));
		if (it->report != NULL) {
			ruad_warnings_text(&it->report->warnings, words,
			    sizeof(words));
			bytes_add_text(out, " [");
			bytes_add_text(out, it->report->report_id);
			bytes_add_text(out, "]");
			bytes_add_text(out, *words != '\0' ? " " : "");
			bytes_add_text(out, words);
		}
		bytes_add_text(out, ";");
	}
}

static const struct row {
	const char *name;
	const char *mail;
	const char *want;
	const char *mail_from; /* NULL: did not come by SMTP */
	bool forwarded;
} rows[] = {
	{ "one report", MIXED TEXT("hello") PART("text/xml", "{X}") END,
	    "part 2 none [id1];", "x@r.example", false },
	{ "gzip", MIXED BASE64("application/gzip; name=r.gz", "{G}") END,
	    "part 1: r.gz none [id1];", "x@r.example", false },
	{ "M1: not multipart",
	    HEAD "Content-Type: application/gzip\n"
		 "Content-Transfer-Encoding: base64\n\n{G}\n",
	    "part 1 none [id1];", "x@r.example", false },
	{ "M10: several parts",
	    MIXED PART("text/xml", "{X}") PART("application/xml", "{Y}") END,
	    "part 1 none [id1];part 2 none [id2] REP_MISMATCH;", NULL, false },
	{ "C12: several entries", MIXED BASE64("application/zip", "{Z}") END,
	    "part 1: 1.xml none [id1];part 1: 2.xml none [id2] REP_MISMATCH;",
	    NULL, false },
	{ "X11: several documents", MIXED PART("text/xml", "{X}{Y}") END,
	    "part 1 none [id1] XML_CONCATENATED;"
	    "part 1 none [id2] XML_CONCATENATED REP_MISMATCH;",
	    NULL, false },
	{ "M10: the same twice",
	    MIXED PART("text/xml", "{X}") BASE64("application/gzip", "{G}") END,
	    "part 1 none [id1];part 2 none [id1];", NULL, false },
	{ "good beside damaged",
	    MIXED BASE64("application/gzip", "{C}") PART("text/xml", "{X}")
		PART("text/xml", "<feedback>") BASE64("application/gzip", "{G}")
		    END,
	    "part 1 refused ARC_TRUNCATED;part 2 none [id1];"
	    "part 3 refused XML_TRUNCATED;part 4 none [id1];",
	    NULL, false },
	{ "M23: empty beside good",
	    MIXED PART("application/gzip", "") PART("text/xml", "{X}") END,
	    "part 1 refused BLOB_EMPTY;part 2 none [id1];", NULL, false },
	{ "M14: encrypted", HEAD "Content-Type: application/pkcs7-mime\n\nx\n",
	    "part 1 refused MIME_ENCRYPTED;", NULL, false },
	{ "M12: OLE", MIXED BASE64("application/octet-stream", "0M8R4A==") END,
	    "part 1 refused MIME_OLE;", NULL, false },
	{ "M28: \"unused\"", MIXED BASE64("application/gzip", "{U}") END,
	    "part 1 refused XML_NO_MARKUP;", NULL, false },
	{ "a report that is refused stays with its item",
	    MIXED PART("text/xml", "{I}") END, "part 1 refused REP_NO_ROWS;",
	    NULL, false },
	/* M11 */
	{ "M11: forwarded",
	    MIXED TEXT(
		"see below") "--b1\nContent-Type: message/rfc822\n\n"
			     "Subject: y\nContent-Type: text/xml\n\n{X}\n" END,
	    "part 2 none [id1];", NULL, true },
	{ "M11: something else is forwarded",
	    MIXED PART("text/xml", "{X}") "--b1\nContent-Type: message/rfc822\n"
					  "\nSubject: y\n\nhello\n" END,
	    "part 1 none [id1];", NULL, false },
	/* M7 */
	{ "M7: inline", HEAD "\n{X}", "part 1 none [id1];", NULL, false },
	{ "M7: inline, labelled", HEAD "Content-Type: text/plain\n\n{X}",
	    "part 1 none [id1] MIME_INLINE;", NULL, false },
	{ "M7: inline, text around it",
	    HEAD "Content-Type: text/plain\n\nHello,\n{X}\n-- \nme\n",
	    "part 1 none [id1] MIME_INLINE XML_TRAILING_JUNK;", NULL, false },
	{ "M7: beside a file", MIXED TEXT("{Y}") PART("text/xml", "{X}") END,
	    "part 2 none [id1];", NULL, false },
	{ "M7: to be repaired", HEAD "Content-Type: text/plain\n\n{R}",
	    "part 1 refused XML_MALFORMED [id1] MIME_INLINE XML_REPAIRED;",
	    NULL, false },
	{ "M7: quoted",
	    HEAD "Content-Type: text/plain\n\nYou wrote:\n> <feedback>\n"
		 "> </feedback>\n",
	    "part 1 refused XML_MALFORMED;", NULL, false },
	{ "M7: quoted, in an automatic reply",
	    "Auto-Submitted: auto-replied\n" HEAD
	    "Content-Type: text/plain\n\n> <feedback>\n> </feedback>\n",
	    "not-a-report MAIL_BOUNCE;", NULL, false },
	{ "M7: more than one span",
	    HEAD "Content-Type: text/plain\n\nHello,\n{X}\n{Y}",
	    "part 1 refused XML_MALFORMED;", NULL, false },
	{ "M7: several documents from the beginning",
	    HEAD "Content-Type: text/plain\n\n{X}{Y}",
	    "part 1 none [id1] MIME_INLINE XML_CONCATENATED;"
	    "part 1 none [id2] MIME_INLINE XML_CONCATENATED REP_MISMATCH;",
	    NULL, false },
	{ "M8: html", HEAD "Content-Type: text/html\n\n{X}",
	    "not-a-report MAIL_NO_REPORT;", NULL, false },
	{ "X20: a page as a file",
	    MIXED PART("application/octet-stream", "<html></html>") END,
	    "not-a-report MAIL_NO_REPORT;", NULL, false },
	/* B.8 */
	{ "B.8 2: failure report",
	    HEAD "Content-Type: multipart/report; boundary=b1\n\n" TEXT("x")
		PART("message/feedback-report", "Feedback-Type: auth-failure")
		    PART("message/rfc822", "Subject: y") END,
	    "not-a-report MAIL_FAILURE_REPORT;", NULL, false },
	{ "B.8 1 before 2",
	    MIXED PART("message/feedback-report", "x: y")
		PART("text/xml", "{X}") END,
	    "part 2 none [id1];", NULL, false },
	{ "B.8 3: TLS report by its type",
	    MIXED PART("application/tlsrpt+json", "{}") END,
	    "not-a-report MAIL_TLSRPT;", NULL, false },
	{ "B.8 3: TLS report by its key",
	    MIXED PART("application/json", "{\"policies\": []}") END,
	    "not-a-report MAIL_TLSRPT;", NULL, false },
	{ "B.8 3: TLS report in gzip",
	    MIXED BASE64("application/octet-stream", "{T}") END,
	    "not-a-report MAIL_TLSRPT;", NULL, false },
	{ "B.8 3: other JSON",
	    MIXED PART("application/json", "{\"policy\": []}") END,
	    "not-a-report MAIL_NO_REPORT;", NULL, false },
	{ "B.8 4: error report",
	    MIXED TEXT("Report-Date: x\nReport-Domain: y\nReport-ID: z\n"
		       "Submitter: a") END,
	    "not-a-report MAIL_ERROR_REPORT;", NULL, false },
	{ "B.8 4: three fields are too few",
	    MIXED TEXT("Report-Date: x\nReport-Domain: y\nReport-ID: z\n"
		       "the Submitter: a") END,
	    "not-a-report MAIL_NO_REPORT;", NULL, false },
	{ "B.8 5: delivery status",
	    HEAD "Content-Type: multipart/report; boundary=b1; "
		 "report-type=delivery-status\n\n" TEXT("x") END,
	    "not-a-report MAIL_BOUNCE;", NULL, false },
	{ "B.8 5: automatic reply", HEAD "Auto-Submitted: auto-replied\n\nx\n",
	    "not-a-report MAIL_BOUNCE;", NULL, false },
	{ "B.8 5: null sender", HEAD "\nhello\n", "not-a-report MAIL_BOUNCE;",
	    "", false },
	{ "B.8 5: null sender with a report", MIXED PART("text/xml", "{X}") END,
	    "part 1 none [id1];", "", false },
	{ "B.8 6: a person", HEAD "\nhello\n", "not-a-report MAIL_NO_REPORT;",
	    "x@r.example", false },
	{ "B.8 6: nothing", "", "file refused BLOB_EMPTY;", NULL, false },
	{ "M30: uuencode", HEAD "\nbegin 644 a\n+PGZE960B86-K+SX\n \nend\n",
	    "not-a-report MAIL_NO_REPORT;", NULL, false },
	/* M26 */
	{ "M26: separator of an mbox",
	    "From x@r.example Wed Nov 15 00:00:00 2023\n" MIXED PART("text/xml",
		"{X}") END,
	    "part 1 none [id1];", NULL, false },
	{ "M26: empty lines before", "\n\r\n" MIXED PART("text/xml", "{X}") END,
	    "part 1 none [id1];", NULL, false },
	{ "M26: both",
	    "\nFrom x@r.example Wed Nov 15 00:00:00 2023\r\n" MIXED
		PART("text/xml", "{X}") END,
	    "part 1 none [id1];", NULL, false },
	/* files */
	{ "file: XML", "{X}", "file none [id1];", NULL, false },
	{ "file: white space before", "\r\n {X}", "file none [id1];", NULL,
	    false },
	{ "file: junk before", "some junk: {X}",
	    "file none [id1] XML_LEADING_JUNK;", NULL, false },
	{ "file: a header before is a mail", "Subject: y\n\n{X}",
	    "part 1 none [id1];", NULL, false },
	{ "file: JSON", "{\"a\": 1}", "file refused XML_NO_MARKUP;", NULL,
	    false },
	{ "file: TLS report", "{\"policies\": []}",
	    "file not-a-report MAIL_TLSRPT;", NULL, false },
	{ "file: \"unused\"", "unused", "file refused XML_NO_MARKUP;", NULL,
	    false },
	{ "file: a page", "<html></html>", "file not-a-report MAIL_NO_REPORT;",
	    NULL, false },
	{ "file: wrong root", "<Error/>", "file refused XML_NOT_FEEDBACK;",
	    NULL, false },
	/* what came by SMTP is a mail */
	{ "SMTP: begins like XML", "<feedback>: x\n\n{X}", "part 1 none [id1];",
	    "x@evil.example", false },
};

START_TEST(mail)
{
	const struct row *row = &rows[_i];
	struct ruad_budget budget = { 0, 1 << 28 };
	struct ruad_ingest_settings set;
	struct bytes b = expand(row->mail), out = { NULL, 0 };
	struct ruad_delivery *d;

	settings(&set);
	set.budget = &budget;
	d = read_bytes(&set, &b, row->mail_from);
	trace(d, &out);
	ck_assert_msg(strcmp((char *)out.data, row->want) == 0, "%s: %s",
	    row->name, (char *)out.data);
	ck_assert_msg(d->forwarded == row->forwarded, "%s: forwarded %d",
	    row->name, d->forwarded);
	ruad_delivery_free(&d);
	ck_assert_uint_eq(budget.used, 0);
	bytes_free(&b);
	bytes_free(&out);
}
END_TEST

/* ---- facts ---- */

START_TEST(facts)
{
	struct ruad_ingest_settings set;
	struct bytes b = expand(MIXED PART("text/xml", "{X}") END);
	struct ruad_delivery *d;
	unsigned char digest[32];

	settings(&set);
	d = read_bytes(&set, &b, "bounce@r.example");
	ck_assert(d->is_mail);
	ck_assert_str_eq(d->subject,
	    "Report Domain: example.com Submitter: r.example Report-ID: id1");
	ck_assert_str_eq(d->message_id, "m1@r.example");
	ck_assert_str_eq(d->header_from, "r.example");
	ck_assert_str_eq(d->mail_from, "bounce@r.example");
	ck_assert_ptr_null(d->queue_id);
	ck_assert_ptr_null(d->file_name);
	ck_assert_int_eq(d->received_epoch, READ_XML_RECEIVED);
	ck_assert_uint_eq(d->bytes, b.len);
	ruad_mail_digest(b.data, b.len, digest);
	ck_assert_mem_eq(d->digest, digest, 32);
	ck_assert_int_eq(d->trust, RUAD_AUTH_OFF);
	ck_assert_uint_eq(d->items->bytes, strlen(read_xml_sound));
	ruad_delivery_free(&d);
	bytes_free(&b);
}
END_TEST

/* What is hostile in a header is harmless in the facts. */
START_TEST(hostile_facts)
{
	struct ruad_ingest_settings set;
	struct bytes b = expand("Subject: a\x1b[2J\xff\nMessage-ID: <\x07@x>\n"
				"From: x@exa\x01mple.com\n\nhello\n");
	struct ruad_delivery *d;
	const char *p;

	settings(&set);
	d = read_bytes(&set, &b, "a\x1b@b");
	ck_assert_ptr_null(strchr(d->subject, '\x1b'));
	for (p = d->message_id; *p != '\0'; p++)
		ck_assert_int_ge(*p, 0x20);
	ck_assert_ptr_null(strchr(d->mail_from, '\x1b'));
	ruad_delivery_free(&d);
	bytes_free(&b);
}
END_TEST

/* B.3: where the name of a file is taken from, in this order. */
static const struct name_row {
	const char *name;
	const char *mail;
	int64_t begin;
} name_rows[] = {
	{ "disposition",
	    MIXED "--b1\nContent-Type: application/gzip\nContent-Disposition: "
		  "attachment; filename=d!example.com!1700000005!1700000006.gz"
		  "\nContent-Transfer-Encoding: base64\n\n{N}\n" END,
	    1700000005 },
	{ "type",
	    MIXED BASE64("application/gzip; "
			 "name=t!example.com!1700000007!1700000008.gz",
		"{N}") END,
	    1700000007 },
	{ "gzip, the part has another name",
	    MIXED BASE64("application/gzip; name=report.gz", "{N}") END,
	    1700000003 },
	{ "entry of a zip", MIXED BASE64("application/zip", "{E}") END,
	    1700000001 },
	{ "description, when nothing else says it",
	    MIXED "--b1\nContent-Type: text/xml\nContent-Description: "
		  "c!example.com!1700000009!1700000010.xml\n\n"
		  "<feedback><report_metadata><org_name>o</org_name>"
		  "</report_metadata></feedback>\n" END,
	    1700000009 },
	{ "gzip before the description",
	    MIXED "--b1\nContent-Type: application/gzip\nContent-Description: "
		  "c!example.com!1700000009!1700000010.xml\n"
		  "Content-Transfer-Encoding: base64\n\n{N}\n" END,
	    1700000003 },
};

START_TEST(name)
{
	const struct name_row *row = &name_rows[_i];
	struct ruad_ingest_settings set;
	struct bytes b = expand(row->mail);
	struct ruad_delivery *d;

	settings(&set);
	d = read_bytes(&set, &b, NULL);
	ck_assert_msg(d->items->report != NULL, "B.3: %s: %s", row->name,
	    d->items->text);
	ck_assert_msg(d->items->report->begin == row->begin, "B.3: %s: %lld",
	    row->name, (long long)d->items->report->begin);
	ruad_delivery_free(&d);
	bytes_free(&b);
}
END_TEST

/* ---- rules of the site ---- */

#define AR(text) "Authentication-Results: mx.example; " text "\n"
#define SOUND MIXED PART("text/xml", "{X}") END

static const struct auth_row {
	const char *name;
	const char *mail;
	bool refused;
	enum ruad_auth_result trust;
	const char *mail_from;
} auth_rows[] = {
	{ "pass", AR("dmarc=pass header.from=r.example") SOUND, false,
	    RUAD_AUTH_PASS, "x@r.example" },
	{ "derived", AR("dkim=pass header.d=r.example") SOUND, false,
	    RUAD_AUTH_PASS_DERIVED, "x@r.example" },
	{ "fail", AR("dmarc=fail header.from=r.example") SOUND, true,
	    RUAD_AUTH_FAIL, "x@r.example" },
	{ "none", AR("dmarc=none header.from=r.example") SOUND, true,
	    RUAD_AUTH_NONE, "x@r.example" },
	{ "no field", SOUND, true, RUAD_AUTH_NONE, "x@r.example" },
	{ "somebody else's",
	    "Authentication-Results: mx.evil.example; dmarc=pass\n" SOUND, true,
	    RUAD_AUTH_UNTRUSTED, "x@r.example" },
	{ "M11: only in the mail that is forwarded",
	    MIXED "--b1\nContent-Type: message/rfc822\n\n" AR(
		"dmarc=pass") "From: x@r.example\nContent-Type: "
			      "text/xml\n\n{X}\n" END,
	    true, RUAD_AUTH_NONE, "x@r.example" },
	{ "a mail in a file", SOUND, true, RUAD_AUTH_NONE, NULL },
	{ "a bare report", "{X}", false, RUAD_AUTH_OFF, NULL },
	{ "SMTP: a mail that begins like a bare report",
	    "<feedback><!--: x\n\n-->{X}", true, RUAD_AUTH_FAIL,
	    "x@evil.example" },
};

START_TEST(require_auth)
{
	static const char *const ids[] = { "mx.example" };
	const struct auth_row *row = &auth_rows[_i / 3];
	struct ruad_ingest_settings set;
	struct bytes b = expand(row->mail);
	struct ruad_delivery *d;
	struct ruad_item *it;

	settings(&set);
	set.trust.authserv_ids = ids;
	set.trust.authserv_id_count = 1;
	set.require_auth = (enum ruad_require_auth)(_i % 3);
	d = read_bytes(&set, &b, row->mail_from);
	ck_assert_msg(d->trust == row->trust, "%s: %s", row->name,
	    ruad_auth_result_word(d->trust));
	for (it = d->items; it != NULL; it = it->next) {
		if (set.require_auth != RUAD_REQUIRE_AUTH_ENFORCE ||
		    !row->refused)
			continue;
		ck_assert_msg(it->outcome != RUAD_OUTCOME_NONE, "%s",
		    row->name);
		if (it->report != NULL)
			ck_assert_int_eq(it->code, RUAD_REP_UNAUTHENTICATED);
	}
	if (!row->refused || set.require_auth != RUAD_REQUIRE_AUTH_ENFORCE)
		ck_assert_msg(d->items->code != RUAD_REP_UNAUTHENTICATED, "%s",
		    row->name);
	ruad_delivery_free(&d);
	bytes_free(&b);
}
END_TEST

/* Without authserv_ids nobody can have passed. */
START_TEST(require_auth_of_nobody)
{
	struct ruad_ingest_settings set;
	struct bytes b = expand(AR("dmarc=pass header.from=r.example") SOUND);
	struct ruad_delivery *d;

	settings(&set);
	set.require_auth = RUAD_REQUIRE_AUTH_ENFORCE;
	d = read_bytes(&set, &b, "x@r.example");
	ck_assert_int_eq(d->trust, RUAD_AUTH_OFF);
	ck_assert_int_eq(d->items->code, RUAD_REP_UNAUTHENTICATED);
	ck_assert_int_eq(d->items->outcome, RUAD_REFUSED);
	ck_assert_ptr_nonnull(d->items->report);
	ruad_delivery_free(&d);
	bytes_free(&b);
}
END_TEST

static const struct domain_row {
	const char *domains[3];
	const char *policy_domain;
	bool ours;
} domain_rows[] = {
	{ { NULL }, "example.com", true },
	{ { "example.com" }, "example.com", true },
	{ { "example.com" }, "EXAMPLE.COM.", true },
	{ { "example.com" }, "a.b.example.com", true },
	{ { "example.org", "example.com" }, "example.com", true },
	{ { "xn--bcher-kva.example" }, "b\303\274cher.example", true },
	{ { "example.org" }, "example.com", false },
	{ { "example.com" }, "badexample.com", false },
	{ { "example.com" }, "com", false },
	{ { "a.example.com" }, "example.com", false },
	{ { "example.com" }, "example.com.evil.example", false },
};

START_TEST(domains)
{
	const struct domain_row *row = &domain_rows[_i];
	struct ruad_ingest_settings set;
	char element[200];
	char *xml;
	struct bytes b = { NULL, 0 };
	struct ruad_delivery *d;

	snprintf(element, sizeof(element), "<domain>%s</domain>",
	    row->policy_domain);
	xml = read_xml_edit(read_xml_sound, "<domain>example.com</domain>",
	    element);
	bytes_add_text(&b, xml);
	free(xml);
	settings(&set);
	set.domains = row->domains;
	while (set.domain_count < COUNT(row->domains) &&
	    row->domains[set.domain_count] != NULL)
		set.domain_count++;
	d = read_bytes(&set, &b, NULL);
	ck_assert_msg(d->items->outcome ==
		(row->ours ? RUAD_OUTCOME_NONE : RUAD_REFUSED),
	    "B.5: %s", row->policy_domain);
	ck_assert_int_eq(d->items->code,
	    row->ours ? RUAD_CODE_NONE : RUAD_REP_FOREIGN_DOMAIN);
	ruad_delivery_free(&d);
	bytes_free(&b);
}
END_TEST

/* ---- the original ---- */

static const struct raw_row {
	const char *name;
	const char *mail;
	bool keep, kept;
} raw_rows[] = {
	{ "stored, not wanted", SOUND, false, false },
	{ "stored, wanted", SOUND, true, true },
	{ "stored, wanted, compressed",
	    MIXED BASE64("application/gzip", "{G}") END, true, true },
	{ "refused", MIXED BASE64("application/gzip", "{C}") END, false, true },
	{ "stored and refused",
	    MIXED PART("text/xml", "{X}") BASE64("application/gzip", "{C}") END,
	    false, true },
	{ "no report", HEAD "\nhello\n", false, true },
	{ "a bare one", "{X}", true, true },
	/* D.6: somebody's mail */
	{ "failure report", MIXED PART("message/feedback-report", "x: y") END,
	    true, false },
};

START_TEST(raw)
{
	const struct raw_row *row = &raw_rows[_i];
	struct ruad_ingest_settings set;
	struct bytes b = expand(row->mail);
	struct ruad_delivery *d;
	unsigned char *again;
	uLongf len = b.len;

	settings(&set);
	set.keep_raw = row->keep;
	d = read_bytes(&set, &b, NULL);
	ck_assert_msg((d->raw != NULL) == row->kept, "%s: %d", row->name,
	    d->raw != NULL);
	if (d->raw != NULL) {
		again = malloc(b.len);
		ck_assert_ptr_nonnull(again);
		ck_assert_int_eq(uncompress(again, &len, d->raw, d->raw_bytes),
		    Z_OK);
		ck_assert_uint_eq(len, b.len);
		ck_assert_mem_eq(again, b.data, b.len);
		free(again);
	}
	ruad_delivery_free(&d);
	bytes_free(&b);
}
END_TEST

/* ---- trouble of ours ---- */

/* With whatever memory there is, a mail is read as it should be, or it is
 * trouble of ours; all of it is given back. */
START_TEST(scarce_memory)
{
	struct bytes b = expand(MIXED BASE64("application/zip", "{Z}")
		PART("message/rfc822", "Content-Type: text/xml\n\n{X}") END);
	struct ruad_budget budget = { 0, 1 };
	struct ruad_ingest_settings set;
	struct ruad_ingest *in;
	struct ruad_mail *m;
	struct ruad_delivery *d;
	struct ruad_err err;
	unsigned read = 0, failed = 0;

	settings(&set);
	set.budget = &budget;
	ck_assert_int_eq(ruad_ingest_new(&set, &in, &err), RUAD_OK);
	for (; budget.max < (1 << 20); budget.max += 4000) {
		ck_assert_int_eq(ruad_mail_borrow(b.data, b.len,
				     READ_XML_RECEIVED, &m, &err),
		    RUAD_OK);
		if (ruad_ingest_read(in, m, &d, &err) == RUAD_OK) {
			ck_assert_ptr_nonnull(d->items->next->next);
			ruad_delivery_free(&d);
			read++;
		} else {
			ck_assert_int_eq(err.status, RUAD_TEMP);
			ck_assert_int_eq(err.code, RUAD_OUR_MEMORY);
			ck_assert_ptr_null(d);
			failed++;
		}
		ruad_mail_free(&m);
		ck_assert_uint_eq(budget.used, 0);
	}
	ck_assert_uint_gt(read, 0);
	ck_assert_uint_gt(failed, 0);
	ruad_ingest_free(&in);
	bytes_free(&b);
}
END_TEST

static Suite *
ingest_suite(void)
{
	Suite *s = suite_create("ingest");
	TCase *tc = tcase_create("ingest");

	suite_add_tcase(s, tc);
	add_rows(tc, mail, rows);
	tcase_add_test(tc, facts);
	tcase_add_test(tc, hostile_facts);
	add_rows(tc, name, name_rows);
	tcase_add_loop_test(tc, require_auth, 0, 3 * (int)COUNT(auth_rows));
	tcase_add_test(tc, require_auth_of_nobody);
	add_rows(tc, domains, domain_rows);
	add_rows(tc, raw, raw_rows);
	tcase_add_test(tc, scarce_memory);
	return s;
}

int
main(void)
{
	if (sodium_init() < 0)
		return EXIT_FAILURE;
	return run_suite(ingest_suite());
}
