/* webstore.c - one handle behind one mutex: what is asked here takes less than
 * a millisecond. */
#include "webstore.h"
#include <pthread.h>
#include <sqlite3.h>
#include <stdlib.h>
#include "migrate.h"
#include "migrations.h"

#define APPLICATION_ID 0x52554157 /* "RUAW" */

enum { BUSY_MSECS = 2000 };

struct ruad_webstore {
	pthread_mutex_t lock;
	sqlite3 *db; /* owned */
};

static const struct ruad_schema schema = { APPLICATION_ID, ruad_web_migrations,
	&ruad_web_migration_count };

enum ruad_status
ruad_webstore_open(const char *path, struct ruad_webstore **out,
    struct ruad_err *err)
{
	struct ruad_webstore *s = *out = calloc(1, sizeof(*s));
	enum ruad_status st;

	if (s == NULL)
		return ruad_fail_memory(err, "store");
	pthread_mutex_init(&s->lock, NULL);
	st = ruad_migrate_open(path, &schema, BUSY_MSECS, &s->db, err);
	if (st != RUAD_OK)
		ruad_webstore_close(out);
	return st;
}

void
ruad_webstore_close(struct ruad_webstore **s)
{
	if (*s == NULL)
		return;
	sqlite3_close((*s)->db);
	pthread_mutex_destroy(&(*s)->lock);
	free(*s);
	*s = NULL;
}

void
ruad_webstore_lock(struct ruad_webstore *s)
{
	pthread_mutex_lock(&s->lock);
}

void
ruad_webstore_unlock(struct ruad_webstore *s)
{
	pthread_mutex_unlock(&s->lock);
}

enum ruad_status
ruad_webstore_begin(struct ruad_webstore *s, struct ruad_err *err)
{
	enum ruad_status st;

	ruad_webstore_lock(s);
	st = ruad_sql_exec(s->db, "BEGIN IMMEDIATE", err);
	if (st != RUAD_OK)
		ruad_webstore_unlock(s);
	return st;
}

enum ruad_status
ruad_webstore_end(struct ruad_webstore *s, enum ruad_status st,
    struct ruad_err *err)
{
	if (st == RUAD_OK)
		st = ruad_sql_exec(s->db, "COMMIT", err);
	if (st != RUAD_OK)
		sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL);
	ruad_webstore_unlock(s);
	return st;
}

struct ruad_bound
ruad_webstore_ask(struct ruad_webstore *s, const char *sql)
{
	struct ruad_bound b = { .db = s->db };

	b.rc = sqlite3_prepare_v2(s->db, sql, -1, &b.stmt, NULL);
	return b;
}

void
ruad_webstore_done(struct ruad_bound *b)
{
	sqlite3_finalize(b->stmt);
	b->stmt = NULL;
}

enum ruad_status
ruad_webstore_run(struct ruad_bound *b, int64_t *changed_out,
    struct ruad_err *err)
{
	enum ruad_status st = ruad_sql_run(b, err);

	if (changed_out != NULL)
		*changed_out = sqlite3_changes(b->db);
	ruad_webstore_done(b);
	return st;
}

const char *
ruad_webstore_text(const struct ruad_bound *b, int n)
{
	const unsigned char *text = sqlite3_column_text(b->stmt, n);

	return text != NULL ? (const char *)text : "";
}

enum ruad_status
ruad_webstore_audit(struct ruad_webstore *s, const struct ruad_audit_entry *e,
    struct ruad_err *err)
{
	struct ruad_bound b = ruad_webstore_ask(s,
	    "INSERT INTO audit (epoch, actor, via, address, action, object,"
	    " detail) VALUES (?, ?, ?, ?, ?, ?, ?)");

	ruad_sql_int(&b, e->epoch);
	ruad_sql_text(&b, e->actor);
	ruad_sql_text(&b, e->via);
	ruad_sql_text(&b, e->address);
	ruad_sql_text(&b, e->action);
	ruad_sql_text(&b, e->object);
	ruad_sql_text(&b, e->detail);
	return ruad_webstore_run(&b, NULL, err);
}
