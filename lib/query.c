/* query.c - the questions as SQL. Filters become fixed conditions, put in at
 * {daily} and {report}; their values are bound. So each combination gets the
 * plan that suits it, and no text of a user reaches SQL. */
#include "query.h"
#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <sqlite3.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include "sql.h"
#include "store.h"

#define APPLICATION_ID 0x52554144 /* "RUAD" */
#define SQL_MAX 6000 /* bytes of the longest statement */
#define COLUMNS_MAX 50

/* The first read takes the snapshot. */
#define SNAPSHOT "BEGIN; SELECT count(*) FROM sqlite_schema"

/* A per cent is cut to "12.3" of 12.39: what is not all must not look like
 * all. */
static const char *const question_sql[RUAD_ASK_COUNT] = {
	[RUAD_ASK_REPORTS] =
	    "SELECT v.report_key, v.org_name, v.policy_domain, v.report_id,"
	    " v.begin_utc, v.end_utc, v.p, v.records, v.messages,"
	    " v.messages_pass,"
	    " 1000 * v.messages_pass / nullif(v.messages, 0) / 10.0"
	    "  AS pass_percent,"
	    " v.rows_refused, v.warnings, v.trust, v.received_utc"
	    " FROM v_report AS v WHERE v.report_key IN ("
	    "  SELECT r.report_key FROM report AS r WHERE true {report}"
	    "  ORDER BY r.received_epoch DESC, r.report_key DESC LIMIT :limit)"
	    " ORDER BY v.received_utc DESC, v.report_key DESC",

	[RUAD_ASK_REPORT] =
	    "SELECT v.*,"
	    " (SELECT json_group_array(e.text) FROM report_error AS e"
	    "  WHERE e.report_key = v.report_key) AS errors,"
	    " (SELECT json_group_array(json_object('row_no', w.row_no,"
	    "  'field', w.field, 'word', w.word)) FROM raw_word AS w"
	    "  WHERE w.report_key = v.report_key) AS raw_words,"
	    " (SELECT json_group_array(json_object('row_no', f.row_no,"
	    "  'code', f.code, 'text', f.text)) FROM refused_row AS f"
	    "  WHERE f.report_key = v.report_key) AS refused_rows,"
	    " (SELECT json_group_array(json_object('received_utc',"
	    "   strftime('%Y-%m-%dT%H:%M:%SZ', c.received_epoch, 'unixepoch'),"
	    "   'records', c.records, 'messages', c.messages))"
	    "  FROM conflict AS c"
	    "  WHERE c.report_key = v.report_key) AS conflicts"
	    " FROM v_report AS v WHERE v.report_key = :report",

	[RUAD_ASK_RECORDS] =
	    "SELECT v.report_key, v.row_no, v.source_ip, v.messages,"
	    " v.disposition, v.dkim, v.spf, v.dmarc, v.header_from,"
	    " v.envelope_from, v.envelope_to, v.dkim_alignment,"
	    " v.spf_alignment, v.reasons,"
	    " (SELECT json_group_array(json_object('method', a.method,"
	    "   'domain', a.domain, 'selector', a.selector, 'scope', a.scope,"
	    "   'result', a.result, 'alignment', a.alignment,"
	    "   'human_result', a.human_result))"
	    "  FROM (SELECT * FROM v_auth AS x WHERE x.report_key = :report"
	    "   AND x.row_no = v.row_no ORDER BY x.position) AS a)"
	    "  AS auth_results"
	    " FROM v_record AS v WHERE v.report_key = :report"
	    " ORDER BY v.row_no",

	/* Goes from one policy domain to the next in the indexes, as v_domain
	 * does, so that only the days asked for are read. */
	[RUAD_ASK_SUMMARY] =
	    "WITH RECURSIVE with_report (k) AS ("
	    "  SELECT min(policy_domain_key) FROM report UNION ALL"
	    "  SELECT (SELECT min(r.policy_domain_key) FROM report AS r"
	    "   WHERE r.policy_domain_key > k) FROM with_report"
	    "  WHERE k IS NOT NULL),"
	    " counted AS (SELECT y.policy_domain_key AS k,"
	    "  sum(y.messages) AS messages,"
	    "  sum(y.messages) FILTER (WHERE y.dkim = 1 OR y.spf = 1)"
	    "   AS messages_pass,"
	    "  sum(y.messages) FILTER (WHERE y.dkim = 2 AND y.spf = 2)"
	    "   AS messages_fail,"
	    "  sum(y.messages) FILTER (WHERE y.disposition IN (1, 2))"
	    "   AS disposition_none,"
	    "  sum(y.messages) FILTER (WHERE y.disposition = 3)"
	    "   AS disposition_quarantine,"
	    "  sum(y.messages) FILTER (WHERE y.disposition = 4)"
	    "   AS disposition_reject,"
	    "  count(DISTINCT y.source_key) AS sources,"
	    "  min(y.day) AS first_day, max(y.day) AS last_day"
	    "  FROM v_domain AS v CROSS JOIN daily AS y"
	    "  ON y.policy_domain_key = v.policy_domain_key"
	    "  WHERE true {daily} GROUP BY y.policy_domain_key),"
	    " received AS (SELECT r.policy_domain_key AS k,"
	    "  count(*) AS reports,"
	    "  count(DISTINCT r.reporter_key) AS reporters,"
	    "  max(r.end_epoch) AS last_end,"
	    "  max(r.received_epoch) AS last_received"
	    "  FROM with_report CROSS JOIN report AS r"
	    "  ON r.policy_domain_key = with_report.k"
	    "  WHERE true {report} GROUP BY r.policy_domain_key)"
	    " SELECT d.name AS policy_domain,"
	    " coalesce(c.messages, 0) AS messages,"
	    " coalesce(c.messages_pass, 0) AS messages_pass,"
	    " coalesce(c.messages_fail, 0) AS messages_fail,"
	    " 1000 * coalesce(c.messages_pass, 0) / c.messages / 10.0"
	    "  AS pass_percent,"
	    " coalesce(c.disposition_none, 0) AS disposition_none,"
	    " coalesce(c.disposition_quarantine, 0)"
	    "  AS disposition_quarantine,"
	    " coalesce(c.disposition_reject, 0) AS disposition_reject,"
	    " coalesce(c.sources, 0) AS sources,"
	    " coalesce(p.reporters, 0) AS reporters,"
	    " coalesce(p.reports, 0) AS reports,"
	    " date(c.first_day * 86400, 'unixepoch') AS first_day,"
	    " date(c.last_day * 86400, 'unixepoch') AS last_day,"
	    " strftime('%Y-%m-%dT%H:%M:%SZ', p.last_end, 'unixepoch')"
	    "  AS last_report_utc,"
	    " strftime('%Y-%m-%dT%H:%M:%SZ', p.last_received, 'unixepoch')"
	    "  AS last_received_utc"
	    " FROM (SELECT k FROM counted UNION SELECT k FROM received) AS u"
	    " JOIN domain AS d ON d.domain_key = u.k"
	    " LEFT JOIN counted AS c ON c.k = u.k"
	    " LEFT JOIN received AS p ON p.k = u.k"
	    " ORDER BY messages DESC, policy_domain LIMIT :limit",

	[RUAD_ASK_SOURCES] =
	    "WITH pairs AS (SELECT y.source_key, y.header_from_key,"
	    "  sum(y.messages) AS messages,"
	    "  sum(CASE WHEN y.dkim = 1 OR y.spf = 1 THEN y.messages"
	    "   ELSE 0 END) AS messages_pass,"
	    "  sum(CASE WHEN y.dkim = 2 AND y.spf = 2 THEN y.messages"
	    "   ELSE 0 END) AS messages_fail,"
	    "  min(y.day) AS first_day, max(y.day) AS last_day"
	    "  FROM daily AS y WHERE true {daily}"
	    "  GROUP BY y.source_key, y.header_from_key),"
	    " named AS (SELECT p.*, h.name FROM pairs AS p"
	    "  JOIN domain AS h ON h.domain_key = p.header_from_key"
	    "  ORDER BY p.source_key, p.messages DESC)"
	    " SELECT s.source_key, s.ip_text AS source_ip,"
	    " sum(n.messages) AS messages,"
	    " sum(n.messages_pass) AS messages_pass,"
	    " sum(n.messages_fail) AS messages_fail,"
	    " group_concat(n.name, ' ') AS header_from,"
	    " date(min(n.first_day) * 86400, 'unixepoch') AS first_day,"
	    " date(max(n.last_day) * 86400, 'unixepoch') AS last_day,"
	    " s.ptr"
	    " FROM named AS n JOIN source AS s ON s.source_key = n.source_key"
	    " GROUP BY n.source_key"
	    " ORDER BY messages_fail DESC, messages DESC, s.ip"
	    " LIMIT :limit",

	[RUAD_ASK_FAILURE] =
	    "WITH recent AS (SELECT * FROM record WHERE source_key = :source"
	    "  ORDER BY report_key DESC, row_no DESC LIMIT :records),"
	    " failing AS (SELECT n.auth_set_key, n.reason_set_key,"
	    "  n.header_from_key, r.adkim, r.aspf,"
	    "  sum(n.messages) AS messages"
	    "  FROM recent AS n CROSS JOIN report AS r"
	    "  ON r.report_key = n.report_key"
	    "  WHERE n.dkim = 2 AND n.spf = 2 {report}"
	    "  GROUP BY 1, 2, 3, 4, 5),"
	    " worst AS (SELECT *, (SELECT sum(messages) FROM failing)"
	    "  AS of_messages FROM failing ORDER BY messages DESC LIMIT 1)"
	    " SELECT w.messages, w.of_messages, w.adkim, w.aspf,"
	    " (SELECT x.type FROM reason AS x"
	    "  WHERE x.reason_set_key = w.reason_set_key"
	    "  ORDER BY x.position LIMIT 1) AS reason,"
	    " a.method, d.name AS domain, a.result,"
	    /* As v_auth has it: the HELO name never aligns with anything. */
	    " CASE WHEN a.result <> 2 OR d.bad OR h.bad OR d.name IS NULL"
	    "  OR h.name IS NULL OR a.scope = 2 THEN 0"
	    "  WHEN d.name = h.name THEN 2"
	    "  WHEN d.org_domain = h.org_domain THEN 1"
	    "  ELSE 0 END AS alignment"
	    " FROM worst AS w"
	    " LEFT JOIN domain AS h ON h.domain_key = w.header_from_key"
	    " LEFT JOIN auth_result AS a ON a.auth_set_key = w.auth_set_key"
	    " LEFT JOIN domain AS d ON d.domain_key = a.domain_key"
	    " ORDER BY a.position",
};

/* The conditions of a filter, on daily AS y and on report AS r; "": none. */
enum condition { BY_DOMAIN, BY_REPORTER, BY_SINCE, BY_UNTIL, CONDITION_COUNT };

#define DOMAIN_KEY "(SELECT domain_key FROM domain WHERE name = :domain)"
/* As ruad_daily_day() has it. */
#define MIDDLE "(r.begin_epoch + (r.end_epoch - r.begin_epoch) / 2)"

static const struct {
	const char *on_daily, *on_report;
} condition_sql[CONDITION_COUNT] = {
	[BY_DOMAIN] = { " AND y.policy_domain_key = " DOMAIN_KEY,
	    " AND r.policy_domain_key = " DOMAIN_KEY },
	[BY_REPORTER] = { "",
	    " AND r.reporter_key IN (SELECT reporter_key FROM reporter"
	    " WHERE instr(org_key, :reporter) > 0)" },
	[BY_SINCE] = { " AND y.day >= :since / 86400",
	    " AND " MIDDLE " >= :since" },
	[BY_UNTIL] = { " AND y.day <= (:until - 1) / 86400",
	    " AND " MIDDLE " < :until" },
};

struct ruad_rows {
	sqlite3_stmt *stmt; /* owned */
	unsigned conditions; /* that the statement has, as bits */
	unsigned column_count;
	const char *column[COLUMNS_MAX]; /* names, owned by the statement */
};

struct ruad_query {
	sqlite3 *db; /* owned */
	struct ruad_rows rows[RUAD_ASK_COUNT];
};

static enum ruad_status
run(sqlite3 *db, const char *sql, struct ruad_err *err)
{
	int rc = sqlite3_exec(db, sql, NULL, NULL, NULL);

	return rc == SQLITE_OK ? RUAD_OK : ruad_sql_fail(db, rc, err);
}

static enum ruad_status
get_int(sqlite3 *db, const char *sql, int *out, struct ruad_err *err)
{
	sqlite3_stmt *stmt = NULL;
	enum ruad_status st = RUAD_OK;
	int rc = sqlite3_prepare_v2(db, sql, -1, &stmt, NULL);

	if (rc == SQLITE_OK && (rc = sqlite3_step(stmt)) == SQLITE_ROW)
		*out = sqlite3_column_int(stmt, 0);
	else
		st = ruad_sql_fail(db, rc, err);
	sqlite3_finalize(stmt);
	return st;
}

static enum ruad_status
open_database(struct ruad_query *q, const char *path, int flags,
    unsigned busy_msecs, struct ruad_err *err)
{
	int rc;

	sqlite3_close(q->db);
	q->db = NULL;
	rc = sqlite3_open_v2(path, &q->db,
	    SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX | flags, NULL);
	if (rc != SQLITE_OK)
		return ruad_sql_fail_open(q->db, path, rc, err);
	sqlite3_extended_result_codes(q->db, 1);
	sqlite3_busy_timeout(q->db, (int)busy_msecs);
	sqlite3_db_config(q->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	sqlite3_db_config(q->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	return run(q->db, SNAPSHOT, err);
}

/* Whether nobody has the store open: no write-ahead log lies beside it. */
static bool
is_unused(const char *path)
{
	char wal[PATH_MAX];
	struct stat st;

	if ((size_t)snprintf(wal, sizeof(wal), "%s-wal", path) >= sizeof(wal))
		return false;
	return stat(wal, &st) != 0 ? errno == ENOENT : st.st_size == 0;
}

/* SQLite needs to write beside a file with a write-ahead log even to read it.
 * Where it may not (a read-only file system, a user with no rights but to
 * read), and where nobody writes either, the file can be read as it stands. */
static enum ruad_status
open_immutable(struct ruad_query *q, const char *path, struct ruad_err *err)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "abcdefghijklmnopqrstuvwxyz"
				    "0123456789-._~/";
	char uri[3 * PATH_MAX + 32], *to = uri;

	if (strlen(path) >= PATH_MAX || !is_unused(path))
		return RUAD_TEMP;
	to += sprintf(to, "file:");
	for (; *path != '\0'; path++)
		to += sprintf(to, strchr(plain, *path) ? "%c" : "%%%02X",
		    (unsigned char)*path);
	sprintf(to, "?immutable=1");
	return open_database(q, uri, SQLITE_OPEN_URI, 0, err);
}

/* What SQLite's own words would leave unclear. */
static enum ruad_status
check_file(const char *path, struct ruad_err *err)
{
	struct stat st;

	if (stat(path, &st) != 0)
		return ruad_fail(err, RUAD_BAD, RUAD_OUR_STORE,
		    "store: %s: %s%s", path, strerror(errno),
		    errno == ENOENT ? "; the first report that is taken in "
				      "creates it"
				    : "");
	if (!S_ISREG(st.st_mode))
		return ruad_fail(err, RUAD_BAD, RUAD_OUR_STORE,
		    "store: %s: not a file", path);
	if (st.st_size == 0)
		return ruad_fail(err, RUAD_BAD, RUAD_OUR_STORE,
		    "store: %s: an empty file, not a store", path);
	return RUAD_OK;
}

static enum ruad_status
check_version(sqlite3 *db, const char *path, struct ruad_err *err)
{
	int id = 0, version = 0, known = ruad_store_schema_version();
	enum ruad_status st;

	st = get_int(db, "PRAGMA application_id", &id, err);
	if (st == RUAD_OK)
		st = get_int(db, "PRAGMA user_version", &version, err);
	if (st != RUAD_OK)
		return st;
	if (id != APPLICATION_ID || version < 1)
		return ruad_fail(err, RUAD_BAD, RUAD_OUR_STORE,
		    "store: %s: not a store of ours, but an SQLite file of "
		    "another program",
		    path);
	if (version > known)
		return ruad_fail(err, RUAD_BAD, RUAD_OUR_STORE,
		    "store: %s: has schema version %d, but this program knows "
		    "only versions up to %d: upgrade it",
		    path, version, known);
	if (version < known)
		return ruad_fail(err, RUAD_BAD, RUAD_OUR_STORE,
		    "store: %s: has schema version %d, this program needs %d: "
		    "starting ruad upgrades it",
		    path, version, known);
	return RUAD_OK;
}

enum ruad_status
ruad_query_open(const char *path, unsigned busy_msecs, struct ruad_query **out,
    struct ruad_err *err)
{
	struct ruad_err first, ignored;
	struct ruad_query *q;
	enum ruad_status st;

	*out = NULL;
	st = check_file(path, err);
	if (st != RUAD_OK)
		return st;
	q = calloc(1, sizeof(*q));
	if (q == NULL)
		return ruad_fail_memory(err, "store");
	st = open_database(q, path, 0, busy_msecs, &first);
	if (st == RUAD_TEMP && first.code == RUAD_OUR_STORE &&
	    open_immutable(q, path, &ignored) == RUAD_OK)
		st = RUAD_OK;
	if (st != RUAD_OK && err != NULL)
		*err = first;
	if (st == RUAD_OK)
		st = check_version(q->db, path, err);
	if (st != RUAD_OK) {
		ruad_query_close(&q);
		return st;
	}
	*out = q;
	return RUAD_OK;
}

static unsigned
conditions_of(const struct ruad_filter *f)
{
	return (f->domain != NULL ? 1u << BY_DOMAIN : 0) |
	    (f->reporter != NULL ? 1u << BY_REPORTER : 0) |
	    (f->since != INT64_MIN ? 1u << BY_SINCE : 0) |
	    (f->until != INT64_MAX ? 1u << BY_UNTIL : 0);
}

/* Write the statement: the text of the question with conditions put in. */
static void
compose(const char *text, unsigned conditions, char sql[SQL_MAX])
{
	size_t len = 0;

	while (*text != '\0') {
		bool daily = strncmp(text, "{daily}", 7) == 0;

		assert(len + 1 < SQL_MAX);
		if (!daily && *text != '{') {
			sql[len++] = *text++;
			continue;
		}
		for (unsigned i = 0; i < CONDITION_COUNT; i++) {
			const char *c = daily ? condition_sql[i].on_daily
					      : condition_sql[i].on_report;
			size_t n = strlen(c);

			if ((conditions & 1u << i) == 0)
				continue;
			assert(len + n < SQL_MAX);
			memcpy(sql + len, c, n);
			len += n;
		}
		text = strchr(text, '}') + 1;
	}
	sql[len] = '\0';
}

static enum ruad_status
prepare(struct ruad_query *q, enum ruad_question question, unsigned conditions,
    struct ruad_err *err)
{
	struct ruad_rows *rows = &q->rows[question];
	char sql[SQL_MAX];
	int rc;

	compose(question_sql[question], conditions, sql);
	sqlite3_finalize(rows->stmt);
	memset(rows, 0, sizeof(*rows));
	rc = sqlite3_prepare_v2(q->db, sql, -1, &rows->stmt, NULL);
	if (rc != SQLITE_OK)
		return ruad_sql_fail(q->db, rc, err);
	rows->conditions = conditions;
	rows->column_count = (unsigned)sqlite3_column_count(rows->stmt);
	assert(rows->column_count <= COLUMNS_MAX);
	for (unsigned i = 0; i < rows->column_count; i++) {
		rows->column[i] = sqlite3_column_name(rows->stmt, (int)i);
		if (rows->column[i] == NULL)
			return ruad_fail_memory(err, "store");
	}
	return RUAD_OK;
}

/* Bind a parameter where the statement has it. */
static int
bind_int(sqlite3_stmt *stmt, const char *name, int64_t value)
{
	int i = sqlite3_bind_parameter_index(stmt, name);

	return i == 0 ? SQLITE_OK : sqlite3_bind_int64(stmt, i, value);
}

static int
bind_text(sqlite3_stmt *stmt, const char *name, const char *text)
{
	int i = sqlite3_bind_parameter_index(stmt, name);

	return i == 0 ? SQLITE_OK
		      : sqlite3_bind_text(stmt, i, text, -1, SQLITE_STATIC);
}

static int
bind_filter(sqlite3_stmt *stmt, const struct ruad_filter *f)
{
	const struct {
		const char *name;
		int64_t value;
	} numbers[] = { { ":since", f->since }, { ":until", f->until },
		{ ":limit", f->limit > 0 ? f->limit : -1 },
		{ ":report", f->report_key }, { ":source", f->source_key },
		{ ":records", RUAD_FAILURE_RECORDS } };
	int rc = bind_text(stmt, ":domain", f->domain);

	if (rc == SQLITE_OK)
		rc = bind_text(stmt, ":reporter", f->reporter);
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		if (rc == SQLITE_OK)
			rc = bind_int(stmt, numbers[i].name, numbers[i].value);
	}
	return rc;
}

enum ruad_status
ruad_query_ask(struct ruad_query *q, enum ruad_question question,
    const struct ruad_filter *filter, struct ruad_rows **out,
    struct ruad_err *err)
{
	struct ruad_rows *rows = &q->rows[question];
	unsigned conditions = conditions_of(filter);
	enum ruad_status st;
	int rc;

	*out = NULL;
	if (rows->stmt == NULL || rows->conditions != conditions) {
		st = prepare(q, question, conditions, err);
		if (st != RUAD_OK)
			return st;
	}
	/* An error of the last run is told again here; it has been seen. */
	sqlite3_reset(rows->stmt);
	rc = bind_filter(rows->stmt, filter);
	if (rc != SQLITE_OK)
		return ruad_sql_fail(q->db, rc, err);
	*out = rows;
	return RUAD_OK;
}

enum ruad_status
ruad_rows_next(struct ruad_rows *rows, struct ruad_err *err)
{
	int rc = sqlite3_step(rows->stmt);

	if (rc == SQLITE_ROW)
		return RUAD_OK;
	if (rc == SQLITE_DONE)
		return RUAD_END;
	return ruad_sql_fail(sqlite3_db_handle(rows->stmt), rc, err);
}

/* The number of a column; that of all columns: there is none. */
static unsigned
find_column(const struct ruad_rows *rows, const char *name)
{
	unsigned i = 0;

	while (i < rows->column_count && strcmp(rows->column[i], name) != 0)
		i++;
	return i;
}

static int
column_of(const struct ruad_rows *rows, const char *name)
{
	unsigned i = find_column(rows, name);

	assert(i < rows->column_count);
	return (int)i;
}

bool
ruad_rows_has(const struct ruad_rows *rows, const char *column)
{
	return find_column(rows, column) < rows->column_count;
}

bool
ruad_rows_is_null(const struct ruad_rows *rows, const char *column)
{
	return sqlite3_column_type(rows->stmt, column_of(rows, column)) ==
	    SQLITE_NULL;
}

const char *
ruad_rows_text(const struct ruad_rows *rows, const char *column)
{
	return (const char *)sqlite3_column_text(rows->stmt,
	    column_of(rows, column));
}

int64_t
ruad_rows_int(const struct ruad_rows *rows, const char *column)
{
	return sqlite3_column_int64(rows->stmt, column_of(rows, column));
}

double
ruad_rows_real(const struct ruad_rows *rows, const char *column)
{
	return sqlite3_column_double(rows->stmt, column_of(rows, column));
}

enum ruad_status
ruad_query_refresh(struct ruad_query *q, struct ruad_err *err)
{
	for (unsigned i = 0; i < RUAD_ASK_COUNT; i++)
		sqlite3_reset(q->rows[i].stmt);
	return run(q->db, "COMMIT; " SNAPSHOT, err);
}

sqlite3 *
ruad_query_handle(struct ruad_query *q)
{
	return q->db;
}

void
ruad_query_close(struct ruad_query **q)
{
	if (*q == NULL)
		return;
	for (unsigned i = 0; i < RUAD_ASK_COUNT; i++)
		sqlite3_finalize((*q)->rows[i].stmt);
	sqlite3_close((*q)->db);
	free(*q);
	*q = NULL;
}
