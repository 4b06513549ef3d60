/* recall.c - one statement, guarded by a mutex: it takes microseconds. It keeps
 * no snapshot, which would keep the write-ahead log from being begun anew. */
#include "recall.h"
#include "query.h"
#include "sql.h"
#include <pthread.h>
#include <stdlib.h>

#define BUSY_MSECS 5000

static const char recall_sql[] =
    "SELECT r.report_key, r.org_name, r.report_id, d.name, r.begin_epoch,"
    " r.end_epoch, r.records, r.rows_refused, r.messages, r.warnings"
    " FROM mail AS m CROSS JOIN report AS r ON r.mail_key = m.mail_key"
    " JOIN domain AS d ON d.domain_key = r.policy_domain_key"
    " WHERE m.digest = ?"
    " AND NOT EXISTS (SELECT 1 FROM quarantine AS x"
    "  WHERE x.mail_key = m.mail_key)"
    " AND NOT EXISTS (SELECT 1 FROM conflict AS x"
    "  WHERE x.mail_key = m.mail_key)"
    " ORDER BY r.report_key";

struct ruad_recall {
	pthread_mutex_t mutex; /* guards all below */
	struct ruad_query *query; /* owned */
	sqlite3_stmt *stmt; /* owned */
};

enum ruad_status
ruad_recall_open(const char *path, struct ruad_recall **out,
    struct ruad_err *err)
{
	struct ruad_recall *s = *out = calloc(1, sizeof(*s));
	enum ruad_status st;
	sqlite3 *db;
	int rc;

	if (s == NULL)
		return ruad_fail_memory(err, "recall");
	/* With static attributes it cannot fail. */
	pthread_mutex_init(&s->mutex, NULL);
	st = ruad_query_open(path, BUSY_MSECS, &s->query, err);
	if (st == RUAD_OK) {
		db = ruad_query_handle(s->query);
		st = ruad_sql_exec(db, "COMMIT", err);
	}
	if (st == RUAD_OK) {
		rc = sqlite3_prepare_v3(db, recall_sql, -1,
		    SQLITE_PREPARE_PERSISTENT, &s->stmt, NULL);
		if (rc != SQLITE_OK)
			st = ruad_sql_fail(db, rc, err);
	}
	if (st != RUAD_OK)
		ruad_recall_close(out);
	return st;
}

static struct ruad_recall_report
report_of(sqlite3_stmt *stmt)
{
	return (struct ruad_recall_report){
		.report_key = sqlite3_column_int64(stmt, 0),
		.org_name = (const char *)sqlite3_column_text(stmt, 1),
		.report_id = (const char *)sqlite3_column_text(stmt, 2),
		.policy_domain = (const char *)sqlite3_column_text(stmt, 3),
		.begin = sqlite3_column_int64(stmt, 4),
		.end = sqlite3_column_int64(stmt, 5),
		.records = sqlite3_column_int64(stmt, 6),
		.rows_refused = sqlite3_column_int64(stmt, 7),
		.messages = sqlite3_column_int64(stmt, 8),
		.warnings = (const char *)sqlite3_column_text(stmt, 9),
	};
}

enum ruad_status
ruad_recall_find(struct ruad_recall *s, struct ruad_mail *mail,
    ruad_recall_tell *tell, void *arg, bool *found_out, struct ruad_err *err)
{
	unsigned char digest[RUAD_MAIL_DIGEST_BYTES];
	struct ruad_recall_report r;
	struct ruad_bound b;
	const unsigned char *data;
	enum ruad_status st;
	size_t len;

	*found_out = false;
	st = ruad_mail_bytes(mail, &data, &len, err);
	if (st != RUAD_OK)
		return st;
	ruad_mail_digest(data, len, digest);
	pthread_mutex_lock(&s->mutex);
	b = (struct ruad_bound){ .db = ruad_query_handle(s->query),
		.stmt = s->stmt };
	ruad_sql_bytes(&b, digest, sizeof(digest));
	while ((st = ruad_sql_next(&b, err)) == RUAD_OK) {
		*found_out = true;
		r = report_of(s->stmt);
		if (!tell(&r, arg)) {
			st = ruad_fail_memory(err, "recall");
			break;
		}
	}
	sqlite3_reset(s->stmt);
	pthread_mutex_unlock(&s->mutex);
	return st == RUAD_END ? RUAD_OK : st;
}

void
ruad_recall_close(struct ruad_recall **recall)
{
	struct ruad_recall *s = *recall;

	if (s == NULL)
		return;
	*recall = NULL;
	sqlite3_finalize(s->stmt);
	ruad_query_close(&s->query);
	pthread_mutex_destroy(&s->mutex);
	free(s);
}
