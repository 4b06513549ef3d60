/* dict.h - the dictionaries of the store: reporters, domains, sources, sets of
 * authentication results and of reasons. Each distinct one is stored once; here
 * it is found, or added, and remembered. */
#ifndef RUAD_DICT_H
#define RUAD_DICT_H
#include "cache.h"
#include "err.h"
#include "report.h"
#include "sql.h"

struct ruad_dict {
	struct ruad_sql *sql; /* borrowed */
	struct ruad_cache reporters, domains, sources, auth_sets, reason_sets;
	/* The report that is being stored, borrowed, and the keys of its texts
	 * and sets, owned; 0: not looked up yet. */
	const struct ruad_report *report;
	int64_t *domain_keys, *auth_set_keys, *reason_set_keys;
};

void ruad_dict_init(struct ruad_dict *d, struct ruad_sql *sql);

/* Forget all that is remembered: after a rollback, when another program has
 * written, and at the end. */
void ruad_dict_clear(struct ruad_dict *d);

/* The calls below speak of the texts and sets of this report, which must live
 * until ruad_dict_leave(). RUAD_TEMP: out of memory. */
RUAD_NODISCARD enum ruad_status ruad_dict_enter(struct ruad_dict *d,
    const struct ruad_report *r, struct ruad_err *err);
void ruad_dict_leave(struct ruad_dict *d);

/* The keys of the reporter and of the policy domain, 0: not in the store.
 * Writes nothing. This and all below fail like ruad_sql_fail(). */
RUAD_NODISCARD enum ruad_status ruad_dict_find(struct ruad_dict *d,
    int64_t *reporter_key_out, int64_t *policy_domain_key_out,
    struct ruad_err *err);

/* Keys of things that are added where they are not in the store yet: the
 * reporter; a text used as a domain (0 for RUAD_ABSENT); an address of 16
 * bytes, IPv4 as ::ffff:a.b.c.d; a set of the report by its index (0 for an
 * empty one). */
RUAD_NODISCARD enum ruad_status ruad_dict_reporter(struct ruad_dict *d,
    int64_t *key_out, struct ruad_err *err);
RUAD_NODISCARD enum ruad_status ruad_dict_domain(struct ruad_dict *d,
    ruad_text text, int64_t *key_out, struct ruad_err *err);
RUAD_NODISCARD enum ruad_status ruad_dict_source(struct ruad_dict *d,
    const unsigned char *ip, int64_t *key_out, struct ruad_err *err);
RUAD_NODISCARD enum ruad_status ruad_dict_auth_set(struct ruad_dict *d,
    uint32_t set, int64_t *key_out, struct ruad_err *err);
RUAD_NODISCARD enum ruad_status ruad_dict_reason_set(struct ruad_dict *d,
    uint32_t set, int64_t *key_out, struct ruad_err *err);

#endif
