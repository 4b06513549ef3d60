/* dict.c - every dictionary is asked in the same order: the report's own array
 * of keys, the cache, the table; then the entry is added. Caches only hold what
 * the current transaction can see. */
#include "dict.h"
#include <arpa/inet.h>
#include <assert.h>
#include <netinet/in.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

/* BLAKE2b; enough that no two sets ever meet. */
#define DIGEST_BYTES 16

void
ruad_dict_init(struct ruad_dict *d, struct ruad_sql *sql)
{
	memset(d, 0, sizeof(*d));
	d->sql = sql;
	ruad_cache_init(&d->reporters);
	ruad_cache_init(&d->domains);
	ruad_cache_init(&d->sources);
	ruad_cache_init(&d->auth_sets);
	ruad_cache_init(&d->reason_sets);
}

void
ruad_dict_clear(struct ruad_dict *d)
{
	ruad_cache_clear(&d->reporters);
	ruad_cache_clear(&d->domains);
	ruad_cache_clear(&d->sources);
	ruad_cache_clear(&d->auth_sets);
	ruad_cache_clear(&d->reason_sets);
}

static int64_t *
keys_new(uint32_t count)
{
	/* One more, so that none is still an allocation. */
	return calloc((size_t)count + 1, sizeof(int64_t));
}

enum ruad_status
ruad_dict_enter(struct ruad_dict *d, const struct ruad_report *r,
    struct ruad_err *err)
{
	d->report = r;
	d->domain_keys = keys_new(r->name_count);
	d->auth_set_keys = keys_new(r->auth_set_count);
	d->reason_set_keys = keys_new(r->reason_set_count);
	if (d->domain_keys == NULL || d->auth_set_keys == NULL ||
	    d->reason_set_keys == NULL) {
		ruad_dict_leave(d);
		return ruad_fail_memory(err, "store");
	}
	return RUAD_OK;
}

void
ruad_dict_leave(struct ruad_dict *d)
{
	free(d->domain_keys);
	free(d->auth_set_keys);
	free(d->reason_set_keys);
	d->domain_keys = d->auth_set_keys = d->reason_set_keys = NULL;
	d->report = NULL;
}

static enum ruad_status
find_reporter(struct ruad_dict *d, int64_t *key_out, struct ruad_err *err)
{
	const char *org = d->report->org_key;
	size_t len = strlen(org);
	struct ruad_cache_entry *e = ruad_cache_find(&d->reporters, org, len);
	struct ruad_bound b;
	enum ruad_status st;

	if (e != NULL) {
		*key_out = e->key;
		return RUAD_OK;
	}
	b = ruad_sql_bind(d->sql, RUAD_SQL_FIND_REPORTER);
	ruad_sql_text(&b, org);
	st = ruad_sql_get(&b, key_out, 1, err);
	if (st == RUAD_OK && *key_out != 0)
		ruad_cache_add(&d->reporters, org, len,
		    (struct ruad_cache_entry){ .key = *key_out });
	return st;
}

enum ruad_status
ruad_dict_reporter(struct ruad_dict *d, int64_t *key_out, struct ruad_err *err)
{
	const struct ruad_report *r = d->report;
	struct ruad_bound b;
	enum ruad_status st = find_reporter(d, key_out, err);

	if (st != RUAD_OK || *key_out != 0)
		return st;
	b = ruad_sql_bind(d->sql, RUAD_SQL_ADD_REPORTER);
	ruad_sql_text(&b, r->org_key);
	ruad_sql_text(&b, r->org_name);
	st = ruad_sql_run(&b, err);
	if (st != RUAD_OK)
		return st;
	*key_out = sqlite3_last_insert_rowid(d->sql->db);
	ruad_cache_add(&d->reporters, r->org_key, strlen(r->org_key),
	    (struct ruad_cache_entry){ .key = *key_out });
	return RUAD_OK;
}

/* An entry's flag says that the organizational domain is known. */
static enum ruad_status
find_domain(struct ruad_dict *d, const struct ruad_name *name,
    struct ruad_cache_entry *out, struct ruad_err *err)
{
	struct ruad_cache_entry *e =
	    ruad_cache_find(&d->domains, name->text, name->len);
	struct ruad_bound b;
	enum ruad_status st;
	int64_t row[2];

	if (e != NULL) {
		*out = *e;
		return RUAD_OK;
	}
	b = ruad_sql_bind(d->sql, RUAD_SQL_FIND_DOMAIN);
	ruad_sql_text(&b, name->text);
	st = ruad_sql_get(&b, row, 2, err);
	if (st != RUAD_OK)
		return st;
	out->key = row[0];
	out->flag = row[1] != 0;
	if (out->key != 0)
		ruad_cache_add(&d->domains, name->text, name->len, *out);
	return RUAD_OK;
}

static enum ruad_status
add_domain(struct ruad_dict *d, const struct ruad_name *name, int64_t *key_out,
    struct ruad_err *err)
{
	struct ruad_bound b = ruad_sql_bind(d->sql, RUAD_SQL_ADD_DOMAIN);
	enum ruad_status st;

	ruad_sql_text(&b, name->text);
	ruad_sql_text(&b, name->org_domain);
	ruad_sql_int(&b, name->bad);
	st = ruad_sql_run(&b, err);
	if (st != RUAD_OK)
		return st;
	*key_out = sqlite3_last_insert_rowid(d->sql->db);
	ruad_cache_add(&d->domains, name->text, name->len,
	    (struct ruad_cache_entry){ .key = *key_out,
		.flag = name->org_domain != NULL });
	return RUAD_OK;
}

/* The name was first seen where its organizational domain did not matter. */
static enum ruad_status
set_org_domain(struct ruad_dict *d, const struct ruad_name *name, int64_t key,
    struct ruad_err *err)
{
	struct ruad_bound b = ruad_sql_bind(d->sql, RUAD_SQL_SET_ORG_DOMAIN);
	struct ruad_cache_entry *e =
	    ruad_cache_find(&d->domains, name->text, name->len);

	if (e != NULL)
		e->flag = true;
	ruad_sql_text(&b, name->org_domain);
	ruad_sql_key(&b, key);
	return ruad_sql_run(&b, err);
}

enum ruad_status
ruad_dict_domain(struct ruad_dict *d, ruad_text text, int64_t *key_out,
    struct ruad_err *err)
{
	const struct ruad_name *name;
	struct ruad_cache_entry e;
	enum ruad_status st;

	*key_out = 0;
	if (text == RUAD_ABSENT)
		return RUAD_OK;
	*key_out = d->domain_keys[text];
	if (*key_out != 0)
		return RUAD_OK;
	name = &d->report->names[text];
	st = find_domain(d, name, &e, err);
	if (st != RUAD_OK)
		return st;
	*key_out = e.key;
	if (e.key == 0)
		st = add_domain(d, name, key_out, err);
	else if (!e.flag && name->org_domain != NULL)
		st = set_org_domain(d, name, e.key, err);
	d->domain_keys[text] = *key_out;
	return st;
}

enum ruad_status
ruad_dict_find(struct ruad_dict *d, int64_t *reporter_key_out,
    int64_t *policy_domain_key_out, struct ruad_err *err)
{
	const struct ruad_report *r = d->report;
	struct ruad_cache_entry e;
	enum ruad_status st = find_reporter(d, reporter_key_out, err);

	if (st == RUAD_OK)
		st = find_domain(d, &r->names[r->policy_domain], &e, err);
	if (st == RUAD_OK)
		*policy_domain_key_out = e.key;
	return st;
}

static enum ruad_status
add_source(struct ruad_dict *d, const unsigned char *ip, int64_t *key_out,
    struct ruad_err *err)
{
	struct ruad_bound b = ruad_sql_bind(d->sql, RUAD_SQL_ADD_SOURCE);
	char text[INET6_ADDRSTRLEN];
	struct in6_addr addr;
	enum ruad_status st;

	memcpy(&addr, ip, sizeof(addr));
	if (IN6_IS_ADDR_V4MAPPED(&addr))
		inet_ntop(AF_INET, ip + 12, text, sizeof(text));
	else
		inet_ntop(AF_INET6, ip, text, sizeof(text));
	ruad_sql_bytes(&b, ip, sizeof(addr));
	ruad_sql_text(&b, text);
	st = ruad_sql_run(&b, err);
	if (st == RUAD_OK)
		*key_out = sqlite3_last_insert_rowid(d->sql->db);
	return st;
}

enum ruad_status
ruad_dict_source(struct ruad_dict *d, const unsigned char *ip, int64_t *key_out,
    struct ruad_err *err)
{
	struct ruad_cache_entry *e = ruad_cache_find(&d->sources, ip, 16);
	struct ruad_bound b;
	enum ruad_status st;

	if (e != NULL) {
		*key_out = e->key;
		return RUAD_OK;
	}
	b = ruad_sql_bind(d->sql, RUAD_SQL_FIND_SOURCE);
	ruad_sql_bytes(&b, ip, 16);
	st = ruad_sql_get(&b, key_out, 1, err);
	if (st == RUAD_OK && *key_out == 0)
		st = add_source(d, ip, key_out, err);
	if (st == RUAD_OK)
		ruad_cache_add(&d->sources, ip, 16,
		    (struct ruad_cache_entry){ .key = *key_out });
	return st;
}

/* Sets are compared by the digest of their entries: numbers as bytes, texts
 * with their length before them, in the same order on every machine. */
static void
digest_int(crypto_generichash_state *hash, uint32_t v)
{
	const unsigned char bytes[4] = { (unsigned char)v,
		(unsigned char)(v >> 8), (unsigned char)(v >> 16),
		(unsigned char)(v >> 24) };

	crypto_generichash_update(hash, bytes, sizeof(bytes));
}

static void
digest_text(crypto_generichash_state *hash, const struct ruad_report *r,
    ruad_text text)
{
	if (text == RUAD_ABSENT) {
		digest_int(hash, UINT32_MAX);
		return;
	}
	digest_int(hash, r->names[text].len);
	crypto_generichash_update(hash,
	    (const unsigned char *)r->names[text].text, r->names[text].len);
}

/* Find a set by its digest or add it; *added_out says that its entries are
 * still missing. */
static enum ruad_status
set_key(struct ruad_dict *d, struct ruad_cache *cache,
    crypto_generichash_state *hash, enum ruad_sql_id find, enum ruad_sql_id add,
    int64_t *key_out, bool *added_out, struct ruad_err *err)
{
	unsigned char digest[DIGEST_BYTES];
	struct ruad_cache_entry *e;
	struct ruad_bound b;
	enum ruad_status st;

	crypto_generichash_final(hash, digest, sizeof(digest));
	*added_out = false;
	e = ruad_cache_find(cache, digest, DIGEST_BYTES);
	if (e != NULL) {
		*key_out = e->key;
		return RUAD_OK;
	}
	b = ruad_sql_bind(d->sql, find);
	ruad_sql_bytes(&b, digest, DIGEST_BYTES);
	st = ruad_sql_get(&b, key_out, 1, err);
	if (st == RUAD_OK && *key_out == 0) {
		b = ruad_sql_bind(d->sql, add);
		ruad_sql_bytes(&b, digest, DIGEST_BYTES);
		st = ruad_sql_run(&b, err);
		*key_out = sqlite3_last_insert_rowid(d->sql->db);
		*added_out = true;
	}
	if (st == RUAD_OK)
		ruad_cache_add(cache, digest, DIGEST_BYTES,
		    (struct ruad_cache_entry){ .key = *key_out });
	return st;
}

static void
digest_auth_set(crypto_generichash_state *hash, const struct ruad_report *r,
    const struct ruad_auth_set *set)
{
	const struct ruad_auth *a;
	uint32_t i;

	crypto_generichash_init(hash, NULL, 0, DIGEST_BYTES);
	for (i = 0; i < set->count; i++) {
		a = &set->auth[i];
		digest_int(hash, a->method);
		digest_int(hash, a->result);
		digest_int(hash, a->scope);
		digest_text(hash, r, a->domain);
		digest_text(hash, r, a->selector);
		digest_text(hash, r, a->result_raw);
		digest_text(hash, r, a->human_result);
	}
}

static enum ruad_status
add_auth(struct ruad_dict *d, int64_t set_key, uint32_t position,
    const struct ruad_auth *a, struct ruad_err *err)
{
	struct ruad_bound b;
	enum ruad_status st;
	int64_t domain_key;

	st = ruad_dict_domain(d, a->domain, &domain_key, err);
	if (st != RUAD_OK)
		return st;
	b = ruad_sql_bind(d->sql, RUAD_SQL_ADD_AUTH_RESULT);
	ruad_sql_key(&b, set_key);
	ruad_sql_int(&b, position);
	ruad_sql_int(&b, a->method);
	ruad_sql_key(&b, domain_key);
	ruad_sql_text(&b, ruad_report_text(d->report, a->selector));
	ruad_sql_int(&b, a->scope);
	ruad_sql_int(&b, a->result);
	ruad_sql_text(&b, ruad_report_text(d->report, a->result_raw));
	ruad_sql_text(&b, ruad_report_text(d->report, a->human_result));
	return ruad_sql_run(&b, err);
}

enum ruad_status
ruad_dict_auth_set(struct ruad_dict *d, uint32_t set, int64_t *key_out,
    struct ruad_err *err)
{
	const struct ruad_auth_set *s = &d->report->auth_sets[set];
	crypto_generichash_state hash;
	enum ruad_status st;
	bool added;
	uint32_t i;

	assert(set < d->report->auth_set_count);
	*key_out = d->auth_set_keys[set];
	if (*key_out != 0 || s->count == 0)
		return RUAD_OK;
	digest_auth_set(&hash, d->report, s);
	st = set_key(d, &d->auth_sets, &hash, RUAD_SQL_FIND_AUTH_SET,
	    RUAD_SQL_ADD_AUTH_SET, key_out, &added, err);
	for (i = 0; st == RUAD_OK && added && i < s->count; i++)
		st = add_auth(d, *key_out, i, &s->auth[i], err);
	d->auth_set_keys[set] = *key_out;
	return st;
}

static void
digest_reason_set(crypto_generichash_state *hash, const struct ruad_report *r,
    const struct ruad_reason_set *set)
{
	uint32_t i;

	crypto_generichash_init(hash, NULL, 0, DIGEST_BYTES);
	for (i = 0; i < set->count; i++) {
		digest_int(hash, set->reason[i].type);
		digest_text(hash, r, set->reason[i].type_raw);
		digest_text(hash, r, set->reason[i].comment);
	}
}

static enum ruad_status
add_reason(struct ruad_dict *d, int64_t set_key, uint32_t position,
    const struct ruad_reason *reason, struct ruad_err *err)
{
	struct ruad_bound b = ruad_sql_bind(d->sql, RUAD_SQL_ADD_REASON);

	ruad_sql_key(&b, set_key);
	ruad_sql_int(&b, position);
	ruad_sql_int(&b, reason->type);
	ruad_sql_text(&b, ruad_report_text(d->report, reason->type_raw));
	ruad_sql_text(&b, ruad_report_text(d->report, reason->comment));
	return ruad_sql_run(&b, err);
}

enum ruad_status
ruad_dict_reason_set(struct ruad_dict *d, uint32_t set, int64_t *key_out,
    struct ruad_err *err)
{
	const struct ruad_reason_set *s = &d->report->reason_sets[set];
	crypto_generichash_state hash;
	enum ruad_status st;
	bool added;
	uint32_t i;

	assert(set < d->report->reason_set_count);
	*key_out = d->reason_set_keys[set];
	if (*key_out != 0 || s->count == 0)
		return RUAD_OK;
	digest_reason_set(&hash, d->report, s);
	st = set_key(d, &d->reason_sets, &hash, RUAD_SQL_FIND_REASON_SET,
	    RUAD_SQL_ADD_REASON_SET, key_out, &added, err);
	for (i = 0; st == RUAD_OK && added && i < s->count; i++)
		st = add_reason(d, *key_out, i, &s->reason[i], err);
	d->reason_set_keys[set] = *key_out;
	return st;
}
