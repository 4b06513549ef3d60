/* identity.c - the canonical form is a sequence of fields, each text with its
 * length before it, so that no two reports share one. Lists of results are
 * hashed once each. Changing anything here makes every stored report differ
 * from its next copy. */
#include "identity.h"
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#define HASH_BYTES crypto_hash_sha256_BYTES

typedef char hash_fits
    [sizeof(((struct ruad_report *)0)->content_hash) == HASH_BYTES ? 1 : -1];

static void
add_bytes(crypto_hash_sha256_state *h, const void *p, size_t len)
{
	crypto_hash_sha256_update(h, p, len);
}

/* Big-endian, so that the hash is the same on every machine. */
static void
add_number(crypto_hash_sha256_state *h, int64_t v)
{
	unsigned char b[8];
	uint64_t u = (uint64_t)v;
	int i;

	for (i = 7; i >= 0; i--) {
		b[i] = (unsigned char)u;
		u >>= 8;
	}
	add_bytes(h, b, sizeof(b));
}

/* An absent text has length -1, an empty one 0. */
static void
add_text(crypto_hash_sha256_state *h, const char *s)
{
	size_t len = s != NULL ? strlen(s) : 0;

	add_number(h, s != NULL ? (int64_t)len : -1);
	add_bytes(h, s, len);
}

static void
add_name(crypto_hash_sha256_state *h, const struct ruad_report *r, ruad_text t)
{
	add_text(h, ruad_report_text(r, t));
}

static void
hash_auth_set(const struct ruad_report *r, const struct ruad_auth_set *set,
    unsigned char *out)
{
	crypto_hash_sha256_state h;
	uint32_t i;

	crypto_hash_sha256_init(&h);
	for (i = 0; i < set->count; i++) {
		const struct ruad_auth *a = &set->auth[i];

		add_number(&h, a->method);
		add_number(&h, a->result);
		add_number(&h, a->scope);
		add_name(&h, r, a->domain);
		add_name(&h, r, a->selector);
		add_name(&h, r, a->result_raw);
		add_name(&h, r, a->human_result);
	}
	crypto_hash_sha256_final(&h, out);
}

static void
hash_reason_set(const struct ruad_report *r, const struct ruad_reason_set *set,
    unsigned char *out)
{
	crypto_hash_sha256_state h;
	uint32_t i;

	crypto_hash_sha256_init(&h);
	for (i = 0; i < set->count; i++) {
		add_number(&h, set->reason[i].type);
		add_name(&h, r, set->reason[i].type_raw);
		add_name(&h, r, set->reason[i].comment);
	}
	crypto_hash_sha256_final(&h, out);
}

static void
add_errors(crypto_hash_sha256_state *h, const struct ruad_report *r)
{
	const struct ruad_report_error *e;

	for (e = r->errors; e != NULL; e = e->next)
		add_text(h, e->text);
	add_text(h, NULL);
}

static void
add_policy(crypto_hash_sha256_state *h, const struct ruad_report *r)
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
add_record(crypto_hash_sha256_state *h, const struct ruad_report *r,
    const struct ruad_record *rec, const unsigned char *auth,
    const unsigned char *reason)
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
	add_bytes(h, auth + rec->auth_set * HASH_BYTES, HASH_BYTES);
	add_bytes(h, reason + rec->reason_set * HASH_BYTES, HASH_BYTES);
}

bool
ruad_identity_hash(struct ruad_report *r, const char *report_id)
{
	crypto_hash_sha256_state h;
	unsigned char *auth = malloc((size_t)r->auth_set_count * HASH_BYTES);
	unsigned char *reason =
	    malloc((size_t)r->reason_set_count * HASH_BYTES);
	bool ok = auth != NULL && reason != NULL;
	uint32_t i;

	if (!ok)
		goto out;
	for (i = 0; i < r->auth_set_count; i++)
		hash_auth_set(r, &r->auth_sets[i], auth + i * HASH_BYTES);
	for (i = 0; i < r->reason_set_count; i++)
		hash_reason_set(r, &r->reason_sets[i], reason + i * HASH_BYTES);
	crypto_hash_sha256_init(&h);
	add_text(&h, "ruad report 1");
	add_text(&h, r->org_key);
	add_text(&h, report_id);
	add_number(&h, r->begin);
	add_number(&h, r->end);
	add_errors(&h, r);
	add_policy(&h, r);
	add_number(&h, r->rows_refused);
	add_number(&h, r->records);
	for (i = 0; i < r->records; i++)
		add_record(&h, r, ruad_report_record(r, i), auth, reason);
	crypto_hash_sha256_final(&h, r->content_hash);
out:
	free(auth);
	free(reason);
	return ok;
}
