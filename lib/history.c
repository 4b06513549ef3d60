/* history.c - see history.h. */
#include "history.h"
#include <stdio.h>
#include <string.h>
#include "put.h"
#include "sql.h"

static const char *const words[] = {
	[RUAD_STANDING_REGISTERED] = "registered",
	[RUAD_STANDING_PUBLISHED] = "published",
	[RUAD_STANDING_VERIFIED] = "verified",
	[RUAD_STANDING_FAILING] = "failing",
};

static const char last_sql[] =
    "SELECT state, code, text, record_name, record, ttl, first_epoch,"
    " last_epoch FROM record_history WHERE domain = ?"
    " ORDER BY first_epoch DESC LIMIT 1";

const char *
ruad_standing_word(enum ruad_standing standing)
{
	return words[standing];
}

static void
copy_text(sqlite3_stmt *stmt, int column, char *out, size_t cap)
{
	const unsigned char *text = sqlite3_column_text(stmt, column);

	snprintf(out, cap, "%s", text != NULL ? (const char *)text : "");
}

static void
read_row(sqlite3_stmt *stmt, struct ruad_history *out)
{
	char word[20];

	copy_text(stmt, 0, word, sizeof(word));
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strcmp(words[i], word) == 0)
			out->standing = (enum ruad_standing)i;
	}
	copy_text(stmt, 1, out->code, sizeof(out->code));
	copy_text(stmt, 2, out->text, sizeof(out->text));
	copy_text(stmt, 3, out->record_name, sizeof(out->record_name));
	copy_text(stmt, 4, out->record, sizeof(out->record));
	out->ttl_secs = sqlite3_column_int64(stmt, 5);
	out->first_epoch = sqlite3_column_int64(stmt, 6);
	out->last_epoch = sqlite3_column_int64(stmt, 7);
}

enum ruad_status
ruad_history_last(sqlite3 *db, const char *domain, struct ruad_history *out,
    struct ruad_err *err)
{
	struct ruad_bound b = { .db = db };
	enum ruad_status st;

	memset(out, 0, sizeof(*out));
	b.rc = sqlite3_prepare_v2(db, last_sql, -1, &b.stmt, NULL);
	if (b.rc != SQLITE_OK)
		return ruad_sql_fail(db, b.rc, err);
	ruad_sql_text(&b, domain);
	st = ruad_sql_next(&b, err);
	if (st == RUAD_OK)
		read_row(b.stmt, out);
	sqlite3_finalize(b.stmt);
	return st;
}

bool
ruad_history_same(const struct ruad_history *a, const struct ruad_history *b)
{
	return a->standing == b->standing && strcmp(a->code, b->code) == 0 &&
	    strcmp(a->record_name, b->record_name) == 0 &&
	    strcmp(a->record, b->record) == 0;
}

struct change {
	const char *domain;
	const struct ruad_history *now;
};

static const char *
or_null(const char *text)
{
	return text[0] != '\0' ? text : NULL;
}

/* In the transaction: another program may have looked since. */
static enum ruad_status
put(struct ruad_put *p, void *arg, struct ruad_err *err)
{
	struct change *c = arg;
	const struct ruad_history *now = c->now;
	struct ruad_history last;
	struct ruad_bound b;
	enum ruad_status st =
	    ruad_history_last(p->sql->db, c->domain, &last, err);

	if (st == RUAD_OK && ruad_history_same(&last, now)) {
		b = ruad_sql_bind(p->sql, RUAD_SQL_TOUCH_HISTORY);
		ruad_sql_text(&b, c->domain);
		ruad_sql_int(&b, last.first_epoch);
		ruad_sql_int(&b, now->last_epoch);
		ruad_sql_int(&b, now->ttl_secs);
		ruad_sql_text(&b, or_null(now->text));
		return ruad_sql_run(&b, err);
	}
	if (st != RUAD_OK && st != RUAD_END)
		return st;
	b = ruad_sql_bind(p->sql, RUAD_SQL_ADD_HISTORY);
	ruad_sql_text(&b, c->domain);
	ruad_sql_int(&b, now->last_epoch);
	ruad_sql_text(&b, words[now->standing]);
	ruad_sql_text(&b, or_null(now->code));
	ruad_sql_text(&b, or_null(now->text));
	ruad_sql_text(&b, or_null(now->record_name));
	ruad_sql_text(&b, or_null(now->record));
	ruad_sql_int(&b, now->ttl_secs);
	return ruad_sql_run(&b, err);
}

enum ruad_status
ruad_history_put(struct ruad_store *s, const char *domain,
    const struct ruad_history *now, struct ruad_err *err)
{
	struct change c = { .domain = domain, .now = now };

	return ruad_store_do(s, put, &c, err);
}
