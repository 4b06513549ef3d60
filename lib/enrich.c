/* enrich.c - see enrich.h. */
#include "enrich.h"
#include <string.h>
#include "put.h"
#include "sql.h"

static const char list_sql[] =
    "SELECT s.source_key, s.ip FROM source AS s WHERE (s.ptr_epoch IS NULL"
    "  OR s.ptr_epoch < iif(s.ptr IS NULL, ?3, ?2))"
    " AND EXISTS (SELECT 1 FROM daily AS y WHERE y.source_key = s.source_key"
    "  AND y.day >= ?1)"
    " ORDER BY s.ptr_epoch, s.source_key LIMIT ?4";

enum ruad_status
ruad_enrich_list(sqlite3 *db, int64_t first_day, int64_t old_epoch,
    int64_t none_epoch, struct ruad_enrich_source *out, size_t cap,
    size_t *count_out, struct ruad_err *err)
{
	struct ruad_bound b = { .db = db };
	enum ruad_status st;

	*count_out = 0;
	b.rc = sqlite3_prepare_v2(db, list_sql, -1, &b.stmt, NULL);
	ruad_sql_int(&b, first_day);
	ruad_sql_int(&b, old_epoch);
	ruad_sql_int(&b, none_epoch);
	ruad_sql_int(&b, (int64_t)cap);
	while ((st = ruad_sql_next(&b, err)) == RUAD_OK && *count_out < cap) {
		struct ruad_enrich_source *s = &out[(*count_out)++];

		s->source_key = sqlite3_column_int64(b.stmt, 0);
		memcpy(s->ip, sqlite3_column_blob(b.stmt, 1), sizeof(s->ip));
		s->ptr[0] = '\0';
	}
	sqlite3_finalize(b.stmt);
	return st == RUAD_END ? RUAD_OK : st;
}

struct change {
	const struct ruad_enrich_source *source;
	size_t count;
	int64_t now;
};

static enum ruad_status
put(struct ruad_put *p, void *arg, struct ruad_err *err)
{
	const struct change *c = arg;
	enum ruad_status st = RUAD_OK;

	for (size_t i = 0; i < c->count && st == RUAD_OK; i++) {
		const struct ruad_enrich_source *s = &c->source[i];
		struct ruad_bound b = ruad_sql_bind(p->sql, RUAD_SQL_SET_PTR);

		ruad_sql_int(&b, s->source_key);
		ruad_sql_text(&b, s->ptr[0] != '\0' ? s->ptr : NULL);
		ruad_sql_int(&b, c->now);
		st = ruad_sql_run(&b, err);
	}
	return st;
}

enum ruad_status
ruad_enrich_put(struct ruad_store *s, const struct ruad_enrich_source *source,
    size_t count, int64_t now, struct ruad_err *err)
{
	struct change c = { source, count, now };

	return ruad_store_do(s, put, &c, err);
}
