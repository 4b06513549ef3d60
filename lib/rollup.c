/* rollup.c - see rollup.h. What is to be done stands in a table, so that a stop
 * at any time loses nothing. */
#include "rollup.h"
#include <stdlib.h>
#include "rollup_day.h"
#include "sql.h"

struct ruad_rollup {
	sqlite3 *db; /* owned */
	struct ruad_rollup_settings set;
	int data_version; /* of the store, when it was looked at last */
};

/* A list of names or labels as one number. */
#define NAMES_PRINT \
	"(SELECT coalesce(sum(length(domain) * 31 + length(sender) * 7" \
	" + unicode(sender) * 3 + kind), 0) FROM sender_name)"

static const char new_reports_sql[] =
    "INSERT OR IGNORE INTO roll_todo SELECT " RUAD_SQL_DAY
    ", r.policy_domain_key FROM report AS r WHERE r.report_key >"
    " coalesce((SELECT number FROM roll_state WHERE name = 'report'), 0)";
static const char new_key_sql[] =
    "INSERT INTO roll_state SELECT 'report', coalesce(max(report_key), 0)"
    " FROM report WHERE true"
    " ON CONFLICT DO UPDATE SET number = excluded.number";

static const char *const thorough_sql[] = {
	/* Days whose rows are others; and those that are gone. */
	"INSERT OR IGNORE INTO roll_todo SELECT f.day, f.policy_domain_key"
	" FROM (SELECT y.policy_domain_key, y.day, " RUAD_ROLLUP_PRINT
	"  AS print FROM daily AS y GROUP BY y.policy_domain_key, y.day) AS f"
	" LEFT JOIN roll_print AS p ON p.domain_key = f.policy_domain_key"
	"  AND p.day = f.day WHERE p.print IS NOT f.print",
	"INSERT OR IGNORE INTO roll_todo SELECT p.day, p.domain_key"
	" FROM roll_print AS p WHERE NOT EXISTS (SELECT 1 FROM daily AS y"
	"  WHERE y.policy_domain_key = p.domain_key AND y.day = p.day)",
	/* Addresses with a name that is newer. */
	"INSERT OR IGNORE INTO roll_todo SELECT DISTINCT y.day,"
	" y.policy_domain_key FROM source AS s"
	" JOIN daily AS y ON y.source_key = s.source_key"
	" WHERE s.ptr IS NOT NULL AND s.ptr_epoch > coalesce("
	"  (SELECT number FROM roll_state WHERE name = 'ptr'), 0)",
	"INSERT INTO roll_state SELECT 'ptr', coalesce(max(ptr_epoch), 0)"
	" FROM source WHERE true"
	" ON CONFLICT DO UPDATE SET number = excluded.number",
	/* Senders that were imported. */
	"INSERT OR IGNORE INTO roll_todo SELECT day, domain_key FROM roll_print"
	" WHERE " NAMES_PRINT " IS NOT"
	" coalesce((SELECT number FROM roll_state WHERE name = 'names'), 0)",
	"INSERT INTO roll_state SELECT 'names', " NAMES_PRINT
	" ON CONFLICT DO UPDATE SET number = excluded.number",
};

/* Labels that are others than those that the classes have; 0: none. */
static const char labels_sql[] =
    "SELECT l.policy_domain, l.sender, l.label FROM sender_label AS l"
    " LEFT JOIN roll_label AS o ON o.policy_domain = l.policy_domain"
    "  AND o.sender = l.sender WHERE o.label IS NOT l.label"
    " UNION ALL SELECT o.policy_domain, o.sender, 0 FROM roll_label AS o"
    " LEFT JOIN sender_label AS l ON l.policy_domain = o.policy_domain"
    "  AND l.sender = o.sender WHERE l.label IS NULL";
static const char copy_labels_sql[] =
    "DELETE FROM roll_label;"
    "INSERT INTO roll_label SELECT policy_domain, sender, label"
    " FROM sender_label;";

static const char bump_sql[] =
    "UPDATE roll_state SET number = number + 1 WHERE name = 'version'";

/* What else changes pages: registrations, marks and records in DNS. */
#define REGISTRY_PRINT \
	"(SELECT count(*) * 1000003 + coalesce(sum(since_epoch % 1000003" \
	" + length(coalesce(note, '')) + coalesce(unicode(note), 0)), 0)" \
	" FROM registered_domain)" \
	" + (SELECT count(*) * 7 FROM ignored_domain)" \
	" + (SELECT coalesce(sum(last_epoch % 1000003), 0)" \
	"  FROM record_history)" \
	" + (SELECT count(*) * 13 + coalesce(max(quarantine_key), 0)" \
	"  FROM quarantine)" \
	" + (SELECT coalesce(sum(since_epoch % 1000003" \
	"  + length(coalesce(note, ''))), 0) FROM sender_label)"
static const char registry_sql[] =
    "SELECT " REGISTRY_PRINT " IS NOT coalesce((SELECT number FROM roll_state"
    " WHERE name = 'registry'), 0)";
static const char keep_registry_sql[] =
    "INSERT INTO roll_state SELECT 'registry', " REGISTRY_PRINT
    " WHERE true ON CONFLICT DO UPDATE SET number = excluded.number";

enum ruad_status
ruad_rollup_open(const struct ruad_rollup_settings *set,
    struct ruad_rollup **out, struct ruad_err *err)
{
	struct ruad_rollup *r = *out = calloc(1, sizeof(*r));
	enum ruad_status st;

	if (r == NULL)
		return ruad_fail_memory(err, "rollup");
	r->set = *set;
	st =
	    ruad_roll_open(set->path, set->store, RUAD_ROLL_WRITE, &r->db, err);
	if (st != RUAD_OK)
		ruad_rollup_close(out);
	return st;
}

void
ruad_rollup_close(struct ruad_rollup **r)
{
	if (*r == NULL)
		return;
	ruad_roll_close(&(*r)->db);
	free(*r);
	*r = NULL;
}

static enum ruad_status
begin(struct ruad_rollup *r, struct ruad_err *err)
{
	return ruad_sql_exec(r->db, "BEGIN IMMEDIATE", err);
}

static enum ruad_status
end(struct ruad_rollup *r, enum ruad_status st, struct ruad_err *err)
{
	if (st == RUAD_OK || st == RUAD_END) {
		enum ruad_status done = ruad_sql_exec(r->db, "COMMIT", err);

		if (done == RUAD_OK)
			return st;
		st = done;
	}
	sqlite3_exec(r->db, "ROLLBACK", NULL, NULL, NULL);
	return st;
}

/* RUAD_END: there was none. */
static enum ruad_status
follow_labels(struct ruad_rollup *r, struct ruad_err *err)
{
	struct ruad_bound b = { .db = r->db };
	enum ruad_status st;
	bool any = false;

	b.rc = sqlite3_prepare_v2(r->db, labels_sql, -1, &b.stmt, NULL);
	while ((st = ruad_sql_next(&b, err)) == RUAD_OK) {
		any = true;
		st = ruad_rollup_label(r->db,
		    (const char *)sqlite3_column_text(b.stmt, 0),
		    (const char *)sqlite3_column_text(b.stmt, 1),
		    (enum ruad_sender_label)sqlite3_column_int(b.stmt, 2), err);
		if (st != RUAD_OK)
			break;
	}
	sqlite3_finalize(b.stmt);
	if (st != RUAD_END || !any)
		return st;
	return ruad_sql_exec(r->db, copy_labels_sql, err);
}

/* Whether what stands beside the reports is another than when it was looked at
 * last, which then is now. */
static enum ruad_status
follow_registry(struct ruad_rollup *r, int *changed_out, struct ruad_err *err)
{
	enum ruad_status st =
	    ruad_sql_exec_int(r->db, registry_sql, changed_out, err);

	if (st != RUAD_OK || *changed_out == 0)
		return st;
	st = ruad_sql_exec(r->db, keep_registry_sql, err);
	return st == RUAD_OK
	    ? ruad_sql_exec(r->db, "DELETE FROM roll_ready", err)
	    : st;
}

static enum ruad_status
look(struct ruad_rollup *r, bool thorough, struct ruad_err *err)
{
	enum ruad_status st = ruad_sql_exec(r->db, new_reports_sql, err);
	int changed = 0;

	if (st == RUAD_OK)
		st = ruad_sql_exec(r->db, new_key_sql, err);
	for (size_t i = 0; thorough && st == RUAD_OK &&
	     i < sizeof(thorough_sql) / sizeof(thorough_sql[0]);
	     i++)
		st = ruad_sql_exec(r->db, thorough_sql[i], err);
	if (st == RUAD_OK)
		st = follow_registry(r, &changed, err);
	if (st != RUAD_OK)
		return st;
	st = follow_labels(r, err);
	if (st == RUAD_OK || (st == RUAD_END && changed != 0))
		st = ruad_sql_exec(r->db, bump_sql, err);
	return st;
}

enum ruad_status
ruad_rollup_look(struct ruad_rollup *r, bool thorough, struct ruad_err *err)
{
	int version = 0;
	enum ruad_status st = ruad_sql_exec_int(r->db,
	    "PRAGMA store.data_version", &version, err);

	if (st != RUAD_OK || (!thorough && version == r->data_version))
		return st;
	st = begin(r, err);
	if (st != RUAD_OK)
		return st;
	st = end(r, look(r, thorough, err), err);
	if (st == RUAD_OK || st == RUAD_END)
		r->data_version = version;
	return st == RUAD_END ? RUAD_OK : st;
}

static enum ruad_status
mark(struct ruad_rollup *r, const char *domain, const char *label, bool parked,
    struct ruad_err *err)
{
	struct ruad_bound b = { .db = r->db };
	enum ruad_status st;

	b.rc = sqlite3_prepare_v2(r->db,
	    "INSERT OR REPLACE INTO domain_mark VALUES (?1, ?2, ?3)", -1,
	    &b.stmt, NULL);
	ruad_sql_text(&b, domain);
	ruad_sql_text(&b, label);
	ruad_sql_int(&b, parked);
	st = ruad_sql_run(&b, err);
	sqlite3_finalize(b.stmt);
	return st == RUAD_OK ? ruad_sql_exec(r->db, bump_sql, err) : st;
}

enum ruad_status
ruad_rollup_mark(struct ruad_rollup *r, const char *domain, const char *label,
    bool parked, struct ruad_err *err)
{
	enum ruad_status st = begin(r, err);

	return st == RUAD_OK ? end(r, mark(r, domain, label, parked, err), err)
			     : st;
}

/* The days on which senders were seen, of a domain that has nothing more to be
 * counted. */
static const char *const names_sql[] = {
	"UPDATE roll_name AS n SET first_day = f.first_day,"
	" last_day = f.last_day, first_pass_day = f.first_pass_day"
	" FROM (SELECT sender_id, min(day) AS first_day, max(day) AS last_day,"
	"  min(day) FILTER (WHERE class = 0) AS first_pass_day"
	"  FROM roll_sender WHERE domain_key = ?1 GROUP BY sender_id) AS f"
	" WHERE n.sender_id = f.sender_id AND (n.first_day IS NOT f.first_day"
	"  OR n.last_day IS NOT f.last_day"
	"  OR n.first_pass_day IS NOT f.first_pass_day)",
	"DELETE FROM roll_ready WHERE domain_key = ?1",
};

static enum ruad_status
step(struct ruad_rollup *r, struct ruad_err *err)
{
	struct ruad_bound b = { .db = r->db };
	int64_t next[3] = { 0, 0, 0 }; /* domain, day, days of the domain */
	enum ruad_status st;

	b.rc = sqlite3_prepare_v2(r->db,
	    "SELECT t.domain_key, t.day, (SELECT count(*) FROM roll_todo AS o"
	    " WHERE o.domain_key = t.domain_key)"
	    " FROM roll_todo AS t ORDER BY t.day DESC LIMIT 1",
	    -1, &b.stmt, NULL);
	st = ruad_sql_get(&b, next, 3, err);
	sqlite3_finalize(b.stmt);
	if (st != RUAD_OK || next[2] == 0)
		return st == RUAD_OK ? RUAD_END : st;
	st = ruad_rollup_day(r->db, r->set.orgdom, next[0], next[1], err);
	if (st == RUAD_OK)
		st = ruad_rollup_run(r->db,
		    "DELETE FROM roll_todo WHERE domain_key = ?1 AND day = ?2",
		    next[0], next[1], 0, err);
	for (size_t i = 0; st == RUAD_OK && next[2] == 1 &&
	     i < sizeof(names_sql) / sizeof(names_sql[0]);
	     i++)
		st = ruad_rollup_run(r->db, names_sql[i], next[0], 0, 0, err);
	return st == RUAD_OK ? ruad_sql_exec(r->db, bump_sql, err) : st;
}

enum ruad_status
ruad_rollup_step(struct ruad_rollup *r, struct ruad_err *err)
{
	enum ruad_status st = begin(r, err);

	return st == RUAD_OK ? end(r, step(r, err), err) : st;
}

static enum ruad_status
keep_ready(struct ruad_rollup *r, int64_t domain_key, int64_t today,
    const struct ruad_roll_ready *ready, struct ruad_err *err)
{
	struct ruad_bound b = { .db = r->db };
	enum ruad_status st;
	int64_t blockers = 0;

	for (int i = 0; i < RUAD_READY_COUNT && !ready->done; i++)
		blockers += !ready->condition[i].met;
	b.rc = sqlite3_prepare_v2(r->db,
	    "INSERT OR REPLACE INTO roll_ready VALUES (?1, ?2, ?3, ?4, ?5)", -1,
	    &b.stmt, NULL);
	ruad_sql_int(&b, domain_key);
	ruad_sql_int(&b, today);
	ruad_sql_int(&b, ready->target.p);
	ruad_sql_int(&b, ready->done ? 3 : (int64_t)ready->verdict);
	ruad_sql_int(&b, blockers);
	st = ruad_sql_run(&b, err);
	sqlite3_finalize(b.stmt);
	return st;
}

static enum ruad_status
judge(struct ruad_rollup *r, int64_t domain_key, const char *domain,
    int64_t today, struct ruad_err *err)
{
	struct ruad_roll_published published;
	struct ruad_roll_ready ready;
	enum ruad_status st =
	    ruad_roll_published(r->db, domain, &published, err);

	if (st == RUAD_OK)
		st = ruad_roll_ready(r->db, domain, &published, &r->set.bounds,
		    today, &ready, err);
	if (st != RUAD_OK)
		return st;
	st = keep_ready(r, domain_key, today, &ready, err);
	ruad_rehearsal_free(&ready.rehearsal);
	return st;
}

/* All that want an answer, in one transaction. RUAD_END: none did. */
static enum ruad_status
judge_all(struct ruad_rollup *r, int64_t today, struct ruad_err *err)
{
	struct ruad_bound b = { .db = r->db };
	enum ruad_status st;
	bool any = false;

	b.rc = sqlite3_prepare_v2(r->db,
	    "SELECT d.domain_key, d.name FROM (SELECT DISTINCT domain_key"
	    "  FROM roll_print) AS p JOIN domain AS d"
	    "  ON d.domain_key = p.domain_key"
	    " LEFT JOIN roll_ready AS y ON y.domain_key = p.domain_key"
	    " WHERE y.day IS NOT ?1",
	    -1, &b.stmt, NULL);
	ruad_sql_int(&b, today);
	while ((st = ruad_sql_next(&b, err)) == RUAD_OK) {
		any = true;
		st = judge(r, sqlite3_column_int64(b.stmt, 0),
		    (const char *)sqlite3_column_text(b.stmt, 1), today, err);
		if (st != RUAD_OK)
			break;
	}
	sqlite3_finalize(b.stmt);
	if (st != RUAD_END || !any)
		return st;
	return ruad_sql_exec(r->db, bump_sql, err);
}

enum ruad_status
ruad_rollup_judge(struct ruad_rollup *r, int64_t today, struct ruad_err *err)
{
	enum ruad_status st = begin(r, err);

	if (st != RUAD_OK)
		return st;
	st = end(r, judge_all(r, today, err), err);
	return st == RUAD_END ? RUAD_OK : st;
}
