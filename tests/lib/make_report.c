/* make_report.c - fills struct ruad_report without the parser. */
#include "make_report.h"
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum name { /* the texts of every report; those of the sets follow */
	NAME_DOMAIN,
	NAME_SUB,
	NAME_OTHER,
	NAME_BAD,
	NAME_EMPTY,
	NAME_RAW,
	NAME_COMMENT,
	NAME_COUNT
};

static void *
need(void *p)
{
	if (p == NULL)
		abort();
	return p;
}

static void
set_name(struct ruad_report *r, uint32_t i, const char *text, const char *org)
{
	struct ruad_name *name = &r->names[i];

	name->text = need(ruad_arena_strdup(r->arena, text));
	name->len = (uint32_t)strlen(text);
	if (org != NULL)
		name->org_domain = strstr(name->text, org);
}

static void
set_names(struct ruad_report *r, const char *domain, uint32_t sets)
{
	char text[300];
	uint32_t i;

	r->name_count = NAME_COUNT + sets;
	r->names = need(
	    ruad_arena_alloc(r->arena, r->name_count * sizeof(r->names[0])));
	set_name(r, NAME_DOMAIN, domain, domain);
	snprintf(text, sizeof(text), "mail.%s", domain);
	set_name(r, NAME_SUB, text, domain);
	set_name(r, NAME_OTHER, "other.example", NULL);
	set_name(r, NAME_BAD, "not a domain", NULL);
	r->names[NAME_BAD].bad = true;
	set_name(r, NAME_EMPTY, "", NULL);
	set_name(r, NAME_RAW, "hardfail", NULL);
	set_name(r, NAME_COMMENT, "a list; it's \"quoted\"", NULL);
	for (i = 0; i < sets; i++) {
		snprintf(text, sizeof(text), "s%u", i);
		set_name(r, NAME_COUNT + i, text, NULL);
	}
}

static void
set_sets(struct ruad_report *r, uint32_t sets)
{
	struct ruad_auth *auth;
	struct ruad_reason *reason;
	uint32_t i;

	r->auth_set_count = sets + 1;
	r->auth_sets = need(ruad_arena_alloc(r->arena,
	    r->auth_set_count * sizeof(r->auth_sets[0])));
	for (i = 1; i <= sets; i++) {
		auth = need(ruad_arena_alloc(r->arena, 2 * sizeof(*auth)));
		auth[0] = (struct ruad_auth){ RUAD_METHOD_DKIM,
			RUAD_RESULT_PASS, RUAD_SCOPE_UNKNOWN, NAME_DOMAIN,
			NAME_COUNT + i - 1, RUAD_ABSENT, RUAD_ABSENT };
		auth[1] = (struct ruad_auth){ RUAD_METHOD_SPF, RUAD_RESULT_FAIL,
			RUAD_SCOPE_MFROM, NAME_OTHER, RUAD_ABSENT, NAME_RAW,
			NAME_COMMENT };
		r->auth_sets[i].auth = auth;
		r->auth_sets[i].count = 2;
	}
	r->reason_set_count = 2;
	r->reason_sets = need(ruad_arena_alloc(r->arena,
	    r->reason_set_count * sizeof(r->reason_sets[0])));
	reason = need(ruad_arena_alloc(r->arena, sizeof(*reason)));
	*reason = (struct ruad_reason){ RUAD_REASON_MAILING_LIST, RUAD_ABSENT,
		NAME_COMMENT };
	r->reason_sets[1].reason = reason;
	r->reason_sets[1].count = 1;
}

static void
set_ip(unsigned char *ip, uint32_t number, bool six)
{
	static const unsigned char mapped[12] = { [10] = 0xff, [11] = 0xff };
	static const unsigned char net[12] = { 0x20, 1, 0x0d, 0xb8 };

	memcpy(ip, six ? net : mapped, 12);
	ip[12] = (unsigned char)(number >> 24);
	ip[13] = (unsigned char)(number >> 16);
	ip[14] = (unsigned char)(number >> 8);
	ip[15] = (unsigned char)number;
}

static void
set_record(struct ruad_report *r, uint32_t i, const struct make_report *m,
    uint32_t sets)
{
	static const ruad_text from[] = { NAME_DOMAIN, NAME_SUB, NAME_DOMAIN,
		RUAD_ABSENT, NAME_BAD };
	struct ruad_record *rec = ruad_report_record(r, i);

	set_ip(rec->ip, m->first_ip + i * m->ip_step, i % 16 == 15);
	rec->messages = m->messages != 0 ? m->messages : 1;
	rec->row_no = m->broken && i + 1 == m->records ? 1 : i + 1;
	rec->header_from = from[i % 5];
	rec->envelope_from = i % 7 == 0 ? NAME_EMPTY : RUAD_ABSENT;
	rec->envelope_to = i % 11 == 0 ? NAME_OTHER : RUAD_ABSENT;
	rec->auth_set = i % (sets + 1);
	rec->reason_set = i % 13 == 0 ? 1 : 0;
	rec->disposition = (uint8_t)(i % 5);
	rec->dkim = (uint8_t)(i % 3);
	rec->spf = (uint8_t)(i % 2 + 1);
	rec->derived = i % 3 == 0 ? RUAD_DERIVED_DKIM : 0;
	rec->dkim_alignment = (uint8_t)(i % 3);
	rec->spf_alignment = RUAD_ALIGNMENT_NONE;
	r->messages += rec->messages;
	if (ruad_record_dmarc(rec) == RUAD_VERDICT_PASS)
		r->messages_pass += rec->messages;
}

static void
set_records(struct ruad_report *r, const struct make_report *m, uint32_t sets)
{
	uint32_t blocks =
	    (m->records + RUAD_RECORD_BLOCK - 1) / RUAD_RECORD_BLOCK;
	uint32_t i;

	r->record_blocks = need(ruad_arena_alloc(r->arena,
	    (blocks + 1) * sizeof(r->record_blocks[0])));
	for (i = 0; i < blocks; i++)
		r->record_blocks[i] = need(ruad_arena_alloc(r->arena,
		    RUAD_RECORD_BLOCK * sizeof(struct ruad_record)));
	for (i = 0; i < m->records; i++)
		set_record(r, i, m, sets);
	r->records = m->records;
}

static void
set_remarks(struct ruad_report *r)
{
	struct ruad_raw_word *w = need(ruad_arena_alloc(r->arena, sizeof(*w)));
	struct ruad_refused_row *row =
	    need(ruad_arena_alloc(r->arena, sizeof(*row)));
	struct ruad_report_error *e =
	    need(ruad_arena_alloc(r->arena, sizeof(*e)));

	w->row_no = 1;
	w->field = "disposition";
	w->word = "monitor";
	r->raw_words = w;
	row->row_no = r->records + 1;
	row->code = RUAD_ROW_IP;
	row->text = "row 3: source_ip is not an address: \"x\"";
	r->refused_rows = row;
	r->rows_refused = 1;
	e->text = "no reply from 2001:db8::1";
	r->errors = e;
	ruad_warn(&r->warnings, RUAD_ROW_DISPOSITION);
}

static void
set_hash(struct ruad_report *r, unsigned content)
{
	char text[100];
	int len = snprintf(text, sizeof(text), "%u %u", r->records, content);

	crypto_hash_sha256(r->content_hash, (const unsigned char *)text,
	    (unsigned long long)len);
}

struct ruad_report *
make_report(const struct make_report *m)
{
	struct ruad_arena *arena = need(ruad_arena_new(NULL));
	struct ruad_report *r = need(ruad_arena_alloc(arena, sizeof(*r)));
	uint32_t sets = m->auth_sets != 0 ? m->auth_sets : 3;
	char *org;

	r->arena = arena;
	r->org_name = need(
	    ruad_arena_strdup(arena, m->org != NULL ? m->org : "Receiver Inc"));
	r->org_key = org = need(ruad_arena_strdup(arena, r->org_name));
	for (; *org != '\0'; org++)
		if (*org >= 'A' && *org <= 'Z')
			*org = (char)(*org - 'A' + 'a');
	r->email = "dmarc@receiver.example";
	r->report_id =
	    need(ruad_arena_strdup(arena, m->id != NULL ? m->id : "1"));
	r->begin = m->begin != 0 ? m->begin : 1700000000;
	r->end = m->end != 0 ? m->end : r->begin + 86399;
	r->policy_domain = NAME_DOMAIN;
	r->p = RUAD_POLICY_REJECT;
	r->adkim = RUAD_MODE_RELAXED;
	r->pct = m->content % 2 == 0 ? 100 : -1;
	r->fo = "1";
	r->dialect = RUAD_DIALECT_D1;
	r->version_raw = "1.0";
	r->where = "part 1: r.zip: r.xml";
	set_names(r, m->domain != NULL ? m->domain : "example.com", sets);
	set_sets(r, sets);
	set_records(r, m, sets);
	set_remarks(r);
	set_hash(r, m->content);
	return r;
}

struct ruad_delivery *
make_mail(unsigned number)
{
	struct ruad_delivery *d = need(ruad_delivery_new(NULL));

	d->queue_id = "4QF1";
	d->message_id = "<m@receiver.example>";
	d->mail_from = "";
	d->header_from = "receiver.example";
	d->subject = "Report Domain: example.com";
	d->received_epoch = 1700090000;
	d->bytes = 4321;
	d->is_mail = true;
	crypto_hash_sha256(d->digest, (const unsigned char *)&number,
	    sizeof(number));
	return d;
}

struct ruad_item *
add_report(struct ruad_delivery *d, const struct make_report *m)
{
	return need(ruad_delivery_add(d, make_report(m)));
}

struct ruad_item *
add_refusal(struct ruad_delivery *d, enum ruad_code code, const char *where)
{
	struct ruad_item *item = need(ruad_delivery_add(d, NULL));

	item->code = code;
	item->text = ruad_code_help(code);
	item->where = where;
	item->bytes = 99;
	return item;
}

struct ruad_delivery *
make_delivery(unsigned number, const struct make_report *m)
{
	struct ruad_delivery *d = make_mail(number);

	add_report(d, m);
	return d;
}
