/* quarantine.c - see quarantine.h. */
#include "quarantine.h"
#include <string.h>

static const char *
text_of(const struct ruad_item *item)
{
	return item->text != NULL ? item->text : ruad_code_help(item->code);
}

/* What add and renew have in common, and in this order. */
static void
bind_item(struct ruad_bound *b, const struct ruad_item *item)
{
	ruad_sql_text(b, ruad_outcome_word(item->outcome));
	ruad_sql_text(b, ruad_code_name(item->code));
	ruad_sql_text(b, text_of(item));
	ruad_sql_text(b, item->where);
}

enum ruad_status
ruad_quarantine_has(struct ruad_sql *sql, int64_t mail_key,
    const struct ruad_item *item, bool *yes_out, struct ruad_err *err)
{
	struct ruad_bound b = ruad_sql_bind(sql, RUAD_SQL_FIND_QUARANTINE);
	enum ruad_status st;
	int64_t found;

	ruad_sql_key(&b, mail_key);
	bind_item(&b, item);
	st = ruad_sql_get(&b, &found, 1, err);
	*yes_out = found != 0;
	return st;
}

enum ruad_status
ruad_quarantine_add(struct ruad_sql *sql, int64_t mail_key,
    const struct ruad_item *item, struct ruad_err *err)
{
	struct ruad_bound b = ruad_sql_bind(sql, RUAD_SQL_ADD_QUARANTINE);

	ruad_sql_key(&b, mail_key);
	bind_item(&b, item);
	ruad_sql_int(&b, (int64_t)item->bytes);
	return ruad_sql_run(&b, err);
}

enum ruad_status
ruad_quarantine_load(struct ruad_sql *sql, int64_t mail_key,
    struct ruad_arena *arena, struct ruad_quarantine_row **out,
    struct ruad_err *err)
{
	struct ruad_bound b = ruad_sql_bind(sql, RUAD_SQL_LIST_QUARANTINE);
	struct ruad_quarantine_row **end = out, *row;
	enum ruad_status st;

	*out = NULL;
	ruad_sql_key(&b, mail_key);
	while ((st = ruad_sql_next(&b, err)) == RUAD_OK) {
		const char *part = (const char *)sqlite3_column_text(b.stmt, 1);

		row = *end = ruad_arena_alloc(arena, sizeof(*row));
		if (row == NULL)
			break;
		row->key = sqlite3_column_int64(b.stmt, 0);
		if (part != NULL)
			row->part = ruad_arena_strdup(arena, part);
		if (part != NULL && row->part == NULL)
			break;
		end = &row->next;
	}
	sqlite3_reset(b.stmt);
	if (st == RUAD_OK)
		return ruad_fail_memory(err, "store");
	return st == RUAD_END ? RUAD_OK : st;
}

static bool
same_part(const char *a, const char *b)
{
	return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

enum ruad_status
ruad_quarantine_renew(struct ruad_sql *sql, struct ruad_quarantine_row *rows,
    const struct ruad_item *item, bool *done_out, struct ruad_err *err)
{
	struct ruad_bound b;

	while (rows != NULL &&
	    (rows->renewed || !same_part(rows->part, item->where)))
		rows = rows->next;
	*done_out = rows != NULL;
	if (rows == NULL)
		return RUAD_OK;
	rows->renewed = true;
	b = ruad_sql_bind(sql, RUAD_SQL_RENEW_QUARANTINE);
	ruad_sql_key(&b, rows->key);
	bind_item(&b, item);
	ruad_sql_int(&b, (int64_t)item->bytes);
	return ruad_sql_run(&b, err);
}

static enum ruad_status
drop_row(struct ruad_sql *sql, int64_t key, struct ruad_err *err)
{
	struct ruad_bound b = ruad_sql_bind(sql, RUAD_SQL_DROP_QUARANTINE);

	ruad_sql_key(&b, key);
	return ruad_sql_run(&b, err);
}

enum ruad_status
ruad_quarantine_sweep(struct ruad_sql *sql,
    const struct ruad_quarantine_row *rows, struct ruad_err *err)
{
	enum ruad_status st = RUAD_OK;

	for (; rows != NULL && st == RUAD_OK; rows = rows->next)
		if (!rows->renewed)
			st = drop_row(sql, rows->key, err);
	return st;
}

enum ruad_status
ruad_quarantine_drop(struct ruad_sql *sql, int64_t key, int64_t *mail_key_out,
    struct ruad_err *err)
{
	struct ruad_bound b = ruad_sql_bind(sql, RUAD_SQL_FIND_QUARANTINED);
	enum ruad_status st;

	ruad_sql_key(&b, key);
	st = ruad_sql_get(&b, mail_key_out, 1, err);
	if (st == RUAD_OK && *mail_key_out != 0)
		st = drop_row(sql, key, err);
	return st;
}
