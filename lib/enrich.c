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

static const char used_sql[] =
    "SELECT s.source_key, s.ip FROM source AS s WHERE s.source_key > ?2"
    " AND EXISTS (SELECT 1 FROM daily AS y WHERE y.source_key = s.source_key"
    "  AND y.day >= ?1) ORDER BY s.source_key LIMIT ?3";

/* Read the rows of a statement whose parameters are bound, and finalise it. */
static enum ruad_status
read_rows(struct ruad_bound *b, struct ruad_enrich_source *out, size_t cap,
    size_t *count_out, struct ruad_err *err)
{
	enum ruad_status st = RUAD_OK;

	*count_out = 0;
	while (*count_out < cap && (st = ruad_sql_next(b, err)) == RUAD_OK) {
		struct ruad_enrich_source *s = &out[(*count_out)++];

		*s = (struct ruad_enrich_source){
			.source_key = sqlite3_column_int64(b->stmt, 0)
		};
		memcpy(s->ip, sqlite3_column_blob(b->stmt, 1), sizeof(s->ip));
	}
	sqlite3_finalize(b->stmt);
	return st == RUAD_END ? RUAD_OK : st;
}

enum ruad_status
ruad_enrich_list(sqlite3 *db, int64_t first_day, int64_t old_epoch,
    int64_t none_epoch, struct ruad_enrich_source *out, size_t cap,
    size_t *count_out, struct ruad_err *err)
{
	struct ruad_bound b = { .db = db };

	b.rc = sqlite3_prepare_v2(db, list_sql, -1, &b.stmt, NULL);
	ruad_sql_int(&b, first_day);
	ruad_sql_int(&b, old_epoch);
	ruad_sql_int(&b, none_epoch);
	ruad_sql_int(&b, (int64_t)cap);
	return read_rows(&b, out, cap, count_out, err);
}

enum ruad_status
ruad_enrich_used(sqlite3 *db, int64_t first_day, int64_t last_key,
    struct ruad_enrich_source *out, size_t cap, size_t *count_out,
    struct ruad_err *err)
{
	struct ruad_bound b = { .db = db };

	b.rc = sqlite3_prepare_v2(db, used_sql, -1, &b.stmt, NULL);
	ruad_sql_int(&b, first_day);
	ruad_sql_int(&b, last_key);
	ruad_sql_int(&b, (int64_t)cap);
	return read_rows(&b, out, cap, count_out, err);
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

static const char *
or_null(const char *text)
{
	return text[0] != '\0' ? text : NULL;
}

static enum ruad_status
put_geo(struct ruad_put *p, void *arg, struct ruad_err *err)
{
	const struct change *c = arg;
	enum ruad_status st = RUAD_OK;

	for (size_t i = 0; i < c->count && st == RUAD_OK; i++) {
		const struct ruad_enrich_source *s = &c->source[i];
		struct ruad_bound b = ruad_sql_bind(p->sql, RUAD_SQL_SET_GEO);

		ruad_sql_int(&b, s->source_key);
		ruad_sql_key(&b, s->asn);
		ruad_sql_text(&b, or_null(s->as_org));
		ruad_sql_text(&b, or_null(s->country));
		st = ruad_sql_run(&b, err);
	}
	return st;
}

enum ruad_status
ruad_enrich_put_geo(struct ruad_store *s,
    const struct ruad_enrich_source *source, size_t count, struct ruad_err *err)
{
	struct change c = { source, count, 0 };

	return ruad_store_do(s, put_geo, &c, err);
}
