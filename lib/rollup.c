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

/* Days that are to be counted. */
static const char found_sql[] =
    "CREATE TEMP TABLE IF NOT EXISTS roll_found (day INTEGER,"
    " domain_key INTEGER); DELETE FROM temp.roll_found";
static const char keep_found_sql[] =
    "INSERT OR IGNORE INTO roll_todo SELECT day, domain_key"
    " FROM temp.roll_found";

/* The longest period of a report so far, in days. */
#define SPAN "coalesce(max((r.end_epoch - r.begin_epoch) / 86400 + 1), 1)"

static const char *const quick_sql[] = {
	"INSERT INTO temp.roll_found SELECT DISTINCT " RUAD_SQL_DAY
	", r.policy_domain_key FROM report AS r WHERE r.report_key >"
	" coalesce((SELECT number FROM roll_state WHERE name = 'report'), 0)",
	"INSERT INTO roll_state SELECT 'span', " SPAN
	" FROM report AS r WHERE r.report_key >"
	" coalesce((SELECT number FROM roll_state WHERE name = 'report'), 0)"
	" ON CONFLICT DO UPDATE SET number = max(number, excluded.number)",
	"INSERT INTO roll_state SELECT 'report', coalesce(max(report_key), 0)"
	" FROM report WHERE true"
	" ON CONFLICT DO UPDATE SET number = excluded.number",
};

/* Looked for before the transaction begins, which others wait for. */
static const char *const thorough_sql[] = {
	/* Days whose rows are others; and those that are gone. */
	"INSERT INTO temp.roll_found SELECT f.day, f.policy_domain_key"
	" FROM (SELECT y.policy_domain_key, y.day, " RUAD_ROLLUP_PRINT
	"  AS print FROM daily AS y GROUP BY y.policy_domain_key, y.day) AS f"
	" LEFT JOIN roll_print AS p ON p.domain_key = f.policy_domain_key"
	"  AND p.day = f.day WHERE p.print IS NOT f.print",
	"INSERT INTO temp.roll_found SELECT p.day, p.domain_key"
	" FROM roll_print AS p WHERE NOT EXISTS (SELECT 1 FROM daily AS y"
	"  WHERE y.policy_domain_key = p.domain_key AND y.day = p.day)",
	/* Addresses with a name that is newer. */
	"INSERT INTO temp.roll_found SELECT DISTINCT y.day,"
	" y.policy_domain_key FROM source AS s"
	" JOIN daily AS y ON y.source_key = s.source_key"
	" WHERE s.ptr IS NOT NULL AND s.ptr_epoch > coalesce("
	"  (SELECT number FROM roll_state WHERE name = 'ptr'), 0)",
	/* Senders that were imported. */
	"INSERT INTO temp.roll_found SELECT day, domain_key FROM roll_print"
	" WHERE " NAMES_PRINT " IS NOT"
	" coalesce((SELECT number FROM roll_state WHERE name = 'names'), 0)",
};
static const char *const thorough_state_sql[] = {
	"INSERT INTO roll_state SELECT 'ptr', coalesce(max(ptr_epoch), 0)"
	" FROM source WHERE true"
	" ON CONFLICT DO UPDATE SET number = excluded.number",
	"INSERT INTO roll_state SELECT 'names', " NAMES_PRINT
	" WHERE true ON CONFLICT DO UPDATE SET number = excluded.number",
	"INSERT INTO roll_state SELECT 'span', " SPAN
	" FROM report AS r WHERE true"
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

/* BEGIN IMMEDIATE would lock all that is attached: the store, too, which the
 * daemon writes. So the first statement writes to our own file alone. */
static enum ruad_status
begin(struct ruad_rollup *r, struct ruad_err *err)
{
	enum ruad_status st = ruad_sql_exec(r->db, "BEGIN", err);

	if (st == RUAD_OK)
		st = ruad_sql_exec(r->db,
		    "UPDATE roll_state SET number = number"
		    " WHERE name = 'layout'",
		    err);
	if (st != RUAD_OK)
		sqlite3_exec(r->db, "ROLLBACK", NULL, NULL, NULL);
	return st;
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
run_all(struct ruad_rollup *r, const char *const *sql, size_t count,
    struct ruad_err *err)
{
	enum ruad_status st = RUAD_OK;

	for (size_t i = 0; i < count && st == RUAD_OK; i++)
		st = ruad_sql_exec(r->db, sql[i], err);
	return st;
}

#define RUN_ALL(r, list, err) \
	run_all(r, list, sizeof(list) / sizeof((list)[0]), err)

static enum ruad_status
look(struct ruad_rollup *r, bool thorough, struct ruad_err *err)
{
	enum ruad_status st = RUN_ALL(r, quick_sql, err);
	int changed = 0;

	if (st == RUAD_OK && thorough)
		st = RUN_ALL(r, thorough_state_sql, err);
	if (st == RUAD_OK)
		st = ruad_sql_exec(r->db, keep_found_sql, err);
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
	st = ruad_sql_exec(r->db, found_sql, err);
	if (st == RUAD_OK && thorough)
		st = RUN_ALL(r, thorough_sql, err);
	if (st == RUAD_OK)
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

/* The days on which senders were seen, where a day is gone. */
static const char names_sql[] =
    "UPDATE roll_name AS n SET first_day = f.first_day,"
    " last_day = f.last_day, first_pass_day = f.first_pass_day"
    " FROM (SELECT sender_id, min(day) AS first_day, max(day) AS last_day,"
    "  min(day) FILTER (WHERE class = 0) AS first_pass_day"
    "  FROM roll_sender WHERE domain_key = ?1 GROUP BY sender_id) AS f"
    " WHERE n.sender_id = f.sender_id AND (n.first_day IS NOT f.first_day"
    "  OR n.last_day IS NOT f.last_day"
    "  OR n.first_pass_day IS NOT f.first_pass_day)";

/* Of the next day to be counted: its domain, the day, the longest period of a
 * report, and whether this is a day that is gone, with no more of its domain
 * behind it. */
struct next {
	int64_t domain_key, day, span_days, last_gone;
};

static enum ruad_status
find_next(struct ruad_rollup *r, struct next *out, struct ruad_err *err)
{
	struct ruad_bound b = { .db = r->db };
	int64_t n[4];
	enum ruad_status st;

	b.rc = sqlite3_prepare_v2(r->db,
	    "SELECT t.domain_key, t.day, (SELECT number FROM roll_state"
	    "  WHERE name = 'span'), NOT EXISTS (SELECT 1 FROM daily AS y"
	    "  WHERE y.policy_domain_key = t.domain_key AND y.day = t.day)"
	    " AND NOT EXISTS (SELECT 1 FROM roll_todo AS o"
	    "  WHERE o.domain_key = t.domain_key AND o.day < t.day)"
	    " FROM roll_todo AS t ORDER BY t.day DESC LIMIT 1",
	    -1, &b.stmt, NULL);
	st = ruad_sql_get(&b, n, 4, err);
	sqlite3_finalize(b.stmt);
	*out = (struct next){ n[0], n[1], n[2], n[3] };
	return st == RUAD_OK && n[0] == 0 ? RUAD_END : st;
}

static enum ruad_status
step(struct ruad_rollup *r, struct ruad_err *err)
{
	struct next next;
	enum ruad_status st = find_next(r, &next, err);

	if (st != RUAD_OK)
		return st;
	st = ruad_rollup_day(r->db, r->set.orgdom, next.domain_key, next.day,
	    next.span_days, err);
	if (st == RUAD_OK)
		st = ruad_rollup_run(r->db,
		    "DELETE FROM roll_todo WHERE domain_key = ?1 AND day = ?2",
		    next.domain_key, next.day, 0, err);
	if (st == RUAD_OK && next.last_gone != 0)
		st = ruad_rollup_run(r->db, names_sql, next.domain_key, 0, 0,
		    err);
	if (st == RUAD_OK)
		st = ruad_rollup_run(r->db,
		    "DELETE FROM roll_ready WHERE domain_key = ?1",
		    next.domain_key, 0, 0, err);
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
	    "  FROM roll_name) AS p JOIN domain AS d"
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
