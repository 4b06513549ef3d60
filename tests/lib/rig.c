/* rig.c - see rig.h. */
#include "rig.h"
#include <check.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "temp_dir.h"

static const struct ruad_store_settings store_settings = { .busy_msecs = 5000 };

struct ruad_store *
rig_open_store(const char *path, const struct ruad_store_settings *set)
{
	struct ruad_store *s;
	struct ruad_err err = { 0 };

	ck_assert_msg(ruad_store_open(path, set, &s, &err) == RUAD_OK, "%s",
	    err.text);
	return s;
}

void
rig_begin(struct rig *r)
{
	memset(r, 0, sizeof(*r));
	ruad_limits_default(&r->set.limits);
	r->set.limits.read_msecs = 0; /* an answer must not depend on time */
	r->set.keep_raw = true;
	temp_dir_path(r->path, "store.db");
	r->store = rig_open_store(r->path, &store_settings);
}

static void
end_again(struct rig *r)
{
	ruad_again_free(&r->again);
	ruad_query_close(&r->query);
}

void
rig_end(struct rig *r)
{
	end_again(r);
	ruad_store_close(&r->store);
}

static const char * or (const char *text, const char *otherwise)
{
	return text != NULL ? text : otherwise;
}

static void
write_row(FILE *to, const struct rig_row *row, const char *domain)
{
	fprintf(to,
	    "<record><row><source_ip>%s</source_ip><count>%d</count>"
	    "<policy_evaluated><disposition>%s</disposition>"
	    "<dkim>pass</dkim><spf>fail</spf></policy_evaluated></row>"
	    "<identifiers><header_from>%s</header_from></identifiers>"
	    "<auth_results><dkim><domain>%s</domain><selector>s</selector>"
	    "<result>%s</result></dkim></auth_results></record>\n",
	    row->ip, row->messages, or (row->disposition, "none"), domain,
	    domain, or (row->result, "pass"));
}

char *
rig_xml(const struct rig_mail *m)
{
	const char *domain = or (m->domain, "example.com");
	int64_t begin = m->begin != 0 ? m->begin : 1700000000;
	char *text = NULL;
	size_t size;
	FILE *to = open_memstream(&text, &size);

	ck_assert_ptr_nonnull(to);
	fprintf(to,
	    "<?xml version=\"1.0\"?>\n<feedback><version>1.0</version>"
	    "<report_metadata><org_name>%s</org_name>"
	    "<email>r@reporter.example</email><report_id>%s</report_id>"
	    "<date_range><begin>%" PRId64 "</begin><end>%" PRId64
	    "</end></date_range></report_metadata>"
	    "<policy_published><domain>%s</domain><adkim>r</adkim>"
	    "<aspf>r</aspf><p>none</p><sp>none</sp><pct>100</pct>"
	    "</policy_published>\n",
	    or (m->org, "Reporter"), or (m->id, "1"), begin, begin + 86399,
	    domain);
	for (size_t i = 0; i < sizeof(m->rows) / sizeof(m->rows[0]); i++)
		if (m->rows[i].ip != NULL)
			write_row(to, &m->rows[i], domain);
	fputs("</feedback>\n", to);
	ck_assert_int_eq(fclose(to), 0);
	return text;
}

char *
rig_text(const struct rig_mail *m)
{
	char *xml = rig_xml(m), *text = NULL;
	size_t size;
	FILE *to;

	if (m->from == NULL)
		return xml;
	to = open_memstream(&text, &size);
	ck_assert_ptr_nonnull(to);
	if (m->auth != NULL)
		fprintf(to, "Authentication-Results: mx.example; %s\n",
		    m->auth);
	fprintf(to,
	    "From: reports@%s\nTo: rua@example.com\nSubject: report\n"
	    "Message-ID: <1@%s>\nMIME-Version: 1.0\n"
	    "Content-Type: multipart/mixed; boundary=\"=b\"\n\n"
	    "--=b\nContent-Type: text/xml; name=\"r.xml\"\n\n%s\n",
	    m->from, m->from, xml);
	if (m->more != NULL)
		fprintf(to, "--=b\n%s\n", m->more);
	fputs("--=b--\n", to);
	ck_assert_int_eq(fclose(to), 0);
	free(xml);
	return text;
}

enum ruad_outcome
rig_put(struct rig *r, const struct rig_mail *m)
{
	bool bare = m->from == NULL;
	char *text = rig_text(m);
	struct ruad_ingest *in;
	struct ruad_delivery *d;
	struct ruad_mail *mail;
	struct ruad_err err = { 0 };
	enum ruad_outcome outcome;

	ck_assert_int_eq(ruad_ingest_new(&r->set, &in, &err), RUAD_OK);
	ck_assert_int_eq(ruad_mail_borrow(text, strlen(text), RIG_RECEIVED,
			     &mail, &err),
	    RUAD_OK);
	ck_assert_int_eq(ruad_mail_set_queue_id(mail,
			     bare ? NULL : RIG_QUEUE_ID),
	    RUAD_OK);
	ck_assert_int_eq(ruad_mail_set_mail_from(mail,
			     bare ? NULL : RIG_MAIL_FROM),
	    RUAD_OK);
	ck_assert_int_eq(ruad_mail_set_file_name(mail,
			     bare ? RIG_FILE_NAME : NULL),
	    RUAD_OK);
	ck_assert_msg(ruad_ingest_read(in, mail, &d, &err) == RUAD_OK, "%s",
	    err.text);
	ck_assert_msg(ruad_store_put(r->store, &d, 1, &err) == RUAD_OK, "%s",
	    err.text);
	outcome = d->outcome;
	ruad_delivery_free(&d);
	ruad_mail_free(&mail);
	ruad_ingest_free(&in);
	free(text);
	return outcome;
}

void
rig_again(struct rig *r)
{
	struct ruad_again_settings set = { .ingest = r->set,
		.mail = { .spool_dir = ".",
		    .memory_bytes = 1 << 20,
		    .message_bytes = r->set.limits.message_bytes },
		.store = r->store };
	struct ruad_err err = { 0 };

	end_again(r);
	ck_assert_msg(ruad_query_open(r->path, 5000, &r->query, &err) ==
		RUAD_OK,
	    "%s", err.text);
	set.query = r->query;
	ck_assert_int_eq(ruad_again_new(&set, &r->again, &err), RUAD_OK);
}

enum ruad_status
rig_retry(struct rig *r, int64_t mail_key, enum ruad_outcome *outcome_out)
{
	struct ruad_delivery *d;
	struct ruad_err err = { 0 };
	enum ruad_status st;

	if (r->again == NULL)
		rig_again(r);
	st = ruad_again_retry(r->again, mail_key, &d, &err);
	ck_assert((st == RUAD_OK) == (d != NULL));
	ck_assert((st == RUAD_OK) == (err.text[0] == '\0'));
	*outcome_out = d != NULL ? d->outcome : RUAD_OUTCOME_NONE;
	ruad_delivery_free(&d);
	return st;
}

static void
write_difference(void *arg, const struct ruad_difference *d)
{
	fprintf(arg, "%" PRIu32 " %s: %s -> %s\n", d->row_no, d->field,
	    or (d->stored, "-"), or (d->read, "-"));
}

struct ruad_again_result
rig_compare(struct rig *r, int64_t report_key, bool apply, char *text,
    size_t cap)
{
	struct ruad_again_result result;
	struct ruad_err err = { 0 };
	FILE *to;

	if (r->again == NULL)
		rig_again(r);
	memset(text, 0, cap);
	to = fmemopen(text, cap, "w");
	ck_assert_ptr_nonnull(to);
	ck_assert_msg(ruad_again_compare(r->again, report_key, apply,
			  write_difference, to, &result, &err) == RUAD_OK,
	    "%s", err.text);
	ck_assert_int_eq(fclose(to), 0);
	return result;
}
