/* identity.c - the canonical form is a sequence of fields, each text with its
 * length before it, so that no two reports share one. A list of results is
 * spelled out where a record is the first to have it, and named by its number
 * from then on. Changing anything here makes every stored report differ from
 * its next copy. */
#include "identity.h"
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#define HASH_BYTES crypto_hash_sha256_BYTES
/* Of a number: seven bits in a byte. */
#define NUMBER_BYTES 10
/* Fields are short: they are handed over many at a time. */
#define BUFFER_BYTES 1024

typedef char hash_fits
    [sizeof(((struct ruad_report *)0)->content_hash) == HASH_BYTES ? 1 : -1];

struct hash {
	crypto_hash_sha256_state state;
	size_t used;
	unsigned char buf[BUFFER_BYTES];
};

/* The numbers of the lists so far, by their index; 0: not seen yet. */
struct numbers {
	uint32_t *of;
	uint32_t last;
};

static void
flush(struct hash *h)
{
	crypto_hash_sha256_update(&h->state, h->buf, h->used);
	h->used = 0;
}

static void
add_bytes(struct hash *h, const void *p, size_t len)
{
	if (len > sizeof(h->buf) - h->used)
		flush(h);
	if (len > sizeof(h->buf)) {
		crypto_hash_sha256_update(&h->state, p, len);
	} else if (len > 0) {
		memcpy(h->buf + h->used, p, len);
		h->used += len;
	}
}

/* The lowest seven bits first, the eighth set while more follow: the same on
 * every machine. */
static void
add_number(struct hash *h, int64_t v)
{
	uint64_t u = (uint64_t)v;

	if (sizeof(h->buf) - h->used < NUMBER_BYTES)
		flush(h);
	for (; u > 0x7f; u >>= 7)
		h->buf[h->used++] = (unsigned char)(u | 0x80);
	h->buf[h->used++] = (unsigned char)u;
}

/* An absent text is 0, another one its length plus 1, and its bytes. */
static void
add_text(struct hash *h, const char *s)
{
	size_t len = s != NULL ? strlen(s) : 0;

	add_number(h, s != NULL ? (int64_t)len + 1 : 0);
	add_bytes(h, s, len);
}

static void
add_name(struct hash *h, const struct ruad_report *r, ruad_text t)
{
	add_text(h, ruad_report_text(r, t));
}

/* Add the number of a list; true: it is a new one, and its entries are due. */
static bool
add_list(struct hash *h, struct numbers *n, uint32_t index, uint32_t count)
{
	bool is_new = n->of[index] == 0;

	if (is_new)
		n->of[index] = ++n->last;
	add_number(h, n->of[index]);
	if (is_new)
		add_number(h, count);
	return is_new;
}

static void
add_auth_set(struct hash *h, const struct ruad_report *r, struct numbers *n,
    uint32_t index)
{
	const struct ruad_auth_set *set = &r->auth_sets[index];
	uint32_t i;

	if (!add_list(h, n, index, set->count))
		return;
	for (i = 0; i < set->count; i++) {
		const struct ruad_auth *a = &set->auth[i];

		add_number(h, a->method);
		add_number(h, a->result);
		add_number(h, a->scope);
		add_name(h, r, a->domain);
		add_name(h, r, a->selector);
		add_name(h, r, a->result_raw);
		add_name(h, r, a->human_result);
	}
}

static void
add_reason_set(struct hash *h, const struct ruad_report *r, struct numbers *n,
    uint32_t index)
{
	const struct ruad_reason_set *set = &r->reason_sets[index];
	uint32_t i;

	if (!add_list(h, n, index, set->count))
		return;
	for (i = 0; i < set->count; i++) {
		add_number(h, set->reason[i].type);
		add_name(h, r, set->reason[i].type_raw);
		add_name(h, r, set->reason[i].comment);
	}
}

static void
add_errors(struct hash *h, const struct ruad_report *r)
{
	const struct ruad_report_error *e;

	for (e = r->errors; e != NULL; e = e->next)
		add_text(h, e->text);
	add_text(h, NULL);
}

static void
add_policy(struct hash *h, const struct ruad_report *r)
{
	add_name(h, r, r->policy_domain);
	add_number(h, r->p);
	add_number(h, r->sp);
	add_number(h, r->np);
	add_number(h, r->adkim);
	add_number(h, r->aspf);
	add_number(h, r->pct);
	add_text(h, r->fo);
	add_number(h, r->testing);
	add_number(h, r->discovery_method);
}

static void
add_record(struct hash *h, const struct ruad_report *r,
    const struct ruad_record *rec, struct numbers *auth, struct numbers *reason)
{
	unsigned char verdicts[3] = { rec->disposition,
		rec->derived & RUAD_DERIVED_DKIM ? 0 : rec->dkim,
		rec->derived & RUAD_DERIVED_SPF ? 0 : rec->spf };

	add_bytes(h, rec->ip, sizeof(rec->ip));
	add_number(h, rec->messages);
	add_bytes(h, verdicts, sizeof(verdicts));
	add_name(h, r, rec->header_from);
	add_name(h, r, rec->envelope_from);
	add_name(h, r, rec->envelope_to);
	add_auth_set(h, r, auth, rec->auth_set);
	add_reason_set(h, r, reason, rec->reason_set);
}

static void
add_report(struct hash *h, const struct ruad_report *r, const char *report_id,
    struct numbers *auth, struct numbers *reason)
{
	uint32_t i;

	add_text(h, "ruad report 1");
	add_text(h, r->org_key);
	add_text(h, report_id);
	add_number(h, r->begin);
	add_number(h, r->end);
	add_errors(h, r);
	add_policy(h, r);
	add_number(h, r->rows_refused);
	add_number(h, r->records);
	for (i = 0; i < r->records; i++)
		add_record(h, r, ruad_report_record(r, i), auth, reason);
}

bool
ruad_identity_hash(struct ruad_report *r, const char *report_id)
{
	struct numbers auth = { 0 }, reason = { 0 };
	struct hash h = { .used = 0 };
	bool ok;

	/* One more, so that none is still an allocation. */
	auth.of = calloc((size_t)r->auth_set_count + 1, sizeof(*auth.of));
	reason.of = calloc((size_t)r->reason_set_count + 1, sizeof(*reason.of));
	ok = auth.of != NULL && reason.of != NULL;
	if (ok) {
		crypto_hash_sha256_init(&h.state);
		add_report(&h, r, report_id, &auth, &reason);
		flush(&h);
		crypto_hash_sha256_final(&h.state, r->content_hash);
	}
	free(auth.of);
	free(reason.of);
	return ok;
}
