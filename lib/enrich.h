/* enrich.h - what is looked up of source addresses, kept in the store: which
 * are to be looked up, and what was found. */
#ifndef RUAD_ENRICH_H
#define RUAD_ENRICH_H
#include <sqlite3.h>
#include <stddef.h>
#include <stdint.h>
#include "err.h"
#include "store.h"

struct ruad_enrich_source {
	int64_t source_key;
	unsigned char ip[16];
	char ptr[256]; /* "": none that is confirmed */
	/* From files of the operator; 0, "": they do not say. */
	int64_t asn;
	char as_org[128], country[8];
};

/* Of addresses with messages since `first_day` (days since 1970-01-01), those
 * whose name was never looked up, or longer ago than `old_epoch`, or, where
 * there was none, than `none_epoch`; the ones longest unknown first, at most
 * `cap` of them. Fails like ruad_sql_fail(). */
RUAD_NODISCARD enum ruad_status ruad_enrich_list(sqlite3 *db, int64_t first_day,
    int64_t old_epoch, int64_t none_epoch, struct ruad_enrich_source *out,
    size_t cap, size_t *count_out, struct ruad_err *err);

/* Keep what was found, in one transaction. Fails like ruad_store_do(). */
RUAD_NODISCARD enum ruad_status ruad_enrich_put(struct ruad_store *s,
    const struct ruad_enrich_source *source, size_t count, int64_t now,
    struct ruad_err *err);

/* Addresses with messages since `first_day` whose key is above `last_key`, by
 * key; at most `cap` of them. Fails like ruad_sql_fail(). */
RUAD_NODISCARD enum ruad_status ruad_enrich_used(sqlite3 *db, int64_t first_day,
    int64_t last_key, struct ruad_enrich_source *out, size_t cap,
    size_t *count_out, struct ruad_err *err);

/* Keep what the files say, in one transaction that writes only what changes.
 * Fails like ruad_store_do(). */
RUAD_NODISCARD enum ruad_status ruad_enrich_put_geo(struct ruad_store *s,
    const struct ruad_enrich_source *source, size_t count,
    struct ruad_err *err);

#endif
