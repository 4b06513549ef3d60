/* audit.c - each question is one statement that gives a row for every fault;
 * the first of them is told. They read tables as a whole, since that is what is
 * asked, and sort in temporary files. */
#include "audit.h"
#include "sql.h"
#include "text.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* The records as the roll-up has them. */
#define RECOUNT \
	"SELECT r.policy_domain_key, " RUAD_SQL_DAY " AS day," \
	" coalesce(c.header_from_key, r.policy_domain_key), c.source_key," \
	" c.disposition, c.dkim, c.spf, c.dkim_alignment, c.spf_alignment," \
	" sum(c.messages), count(DISTINCT c.report_key)" \
	" FROM report AS r JOIN record AS c ON c.report_key = r.report_key" \
	" GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9"

/* Policy domains and days of which records have been expired. */
#define EXPIRED \
	" expired (k, day) AS MATERIALIZED (" \
	"SELECT DISTINCT r.policy_domain_key, " RUAD_SQL_DAY \
	" FROM report AS r WHERE r.records > (SELECT count(*)" \
	"  FROM record AS c WHERE c.report_key = r.report_key))"

static const struct question {
	const char *name;
	bool fault;
	const char *sql; /* texts and numbers, told one behind the other */
	const char *what; /* of the rows */
} questions[RUAD_AUDIT_COUNT] = {
	[RUAD_AUDIT_FILE] = { "file", true, "PRAGMA integrity_check(100)",
	    "faults that SQLite finds" },
	[RUAD_AUDIT_KEYS] = { "foreign keys", true, "PRAGMA foreign_key_check",
	    "rows that point to none: table, row, parent, key" },
	[RUAD_AUDIT_TOTALS] = { "reports", true,
	    "SELECT r.report_key FROM report AS r"
	    " JOIN record AS c ON c.report_key = r.report_key"
	    " GROUP BY r.report_key HAVING count(*) > r.records"
	    "  OR (count(*) = r.records AND (sum(c.messages) <> r.messages"
	    "   OR coalesce(sum(c.messages) FILTER (WHERE c.dkim = 1"
	    "    OR c.spf = 1), 0) <> r.messages_pass))",
	    "reports whose records are not those that they came with: "
	    "report_key" },
	[RUAD_AUDIT_DAILY] = { "roll-up", true,
	    "WITH" EXPIRED ", wanted AS (" RECOUNT "),"
	    " missing AS (SELECT * FROM wanted EXCEPT SELECT * FROM daily),"
	    " beyond AS (SELECT * FROM daily EXCEPT SELECT * FROM wanted),"
	    " wrong AS (SELECT * FROM missing UNION ALL SELECT * FROM beyond)"
	    " SELECT DISTINCT d.name, date(w.day * 86400, 'unixepoch')"
	    " FROM wrong AS w JOIN domain AS d"
	    " ON d.domain_key = w.policy_domain_key"
	    " WHERE (w.policy_domain_key, w.day) NOT IN expired",
	    "days whose sums are not those of the records: domain, day" },
	/* While an expiry is under way, a day may have sums without a roll-up. */
	[RUAD_AUDIT_DAYS] = { "sums of days", true,
	    "WITH wanted AS (SELECT r.policy_domain_key AS k,"
	    " " RUAD_SQL_DAY " AS day, count(*), sum(r.rows_refused)"
	    " FROM report AS r GROUP BY 1, 2),"
	    " stored AS (SELECT policy_domain_key AS k, day, reports,"
	    " rows_refused FROM domain_day),"
	    " wrong AS (SELECT k, day FROM (SELECT * FROM wanted EXCEPT"
	    "   SELECT * FROM stored)"
	    "  UNION SELECT k, day FROM (SELECT * FROM stored EXCEPT"
	    "   SELECT * FROM wanted)"
	    "  UNION SELECT policy_domain_key, day FROM ("
	    "   SELECT y.policy_domain_key, y.day, " RUAD_SQL_DAY_SUMS
	    "    FROM daily AS y GROUP BY 1, 2"
	    "   EXCEPT SELECT policy_domain_key, day, messages,"
	    "    messages_pass, messages_fail, disposition_none,"
	    "    disposition_quarantine, disposition_reject"
	    "    FROM domain_day))"
	    " SELECT d.name, date(w.day * 86400, 'unixepoch')"
	    " FROM wrong AS w JOIN domain AS d ON d.domain_key = w.k",
	    "days whose sums are not those of the roll-up: domain, day" },
	[RUAD_AUDIT_EXPIRED] = { "expired days", true,
	    "WITH" EXPIRED ", claimed AS ("
	    "SELECT r.policy_domain_key AS k, " RUAD_SQL_DAY " AS day,"
	    " sum(r.messages) AS messages FROM report AS r GROUP BY 1, 2)"
	    " SELECT d.name, date(e.day * 86400, 'unixepoch')"
	    " FROM expired AS e JOIN claimed AS c"
	    " ON c.k = e.k AND c.day = e.day"
	    " JOIN domain AS d ON d.domain_key = e.k"
	    " WHERE c.messages < (SELECT sum(y.messages) FROM daily AS y"
	    "  WHERE y.policy_domain_key = e.k AND y.day = e.day)",
	    "days with more messages than their reports claim: domain, day" },
	[RUAD_AUDIT_MAILS] = { "mails", true,
	    "SELECT m.mail_key FROM mail AS m WHERE NOT EXISTS"
	    " (SELECT 1 FROM report AS x WHERE x.mail_key = m.mail_key)"
	    " AND NOT EXISTS (SELECT 1 FROM conflict AS x"
	    "  WHERE x.mail_key = m.mail_key)"
	    " AND NOT EXISTS (SELECT 1 FROM quarantine AS x"
	    "  WHERE x.mail_key = m.mail_key)",
	    "mails of which nothing else is in the store: mail_key" },
	[RUAD_AUDIT_ORPHANS] = { "dictionaries", false,
	    "WITH orphans (name, n) AS ("
	    "SELECT 'reporter', count(*) FROM reporter"
	    " WHERE reporter_key NOT IN (SELECT reporter_key FROM report)"
	    " UNION ALL SELECT 'domain', count(*) FROM domain"
	    " WHERE domain_key NOT IN (SELECT policy_domain_key FROM report"
	    "  UNION SELECT header_from_key FROM record"
	    "   WHERE header_from_key IS NOT NULL"
	    "  UNION SELECT envelope_from_key FROM record"
	    "   WHERE envelope_from_key IS NOT NULL"
	    "  UNION SELECT envelope_to_key FROM record"
	    "   WHERE envelope_to_key IS NOT NULL"
	    "  UNION SELECT domain_key FROM auth_result"
	    "   WHERE domain_key IS NOT NULL"
	    "  UNION SELECT policy_domain_key FROM daily"
	    "  UNION SELECT header_from_key FROM daily)"
	    " UNION ALL SELECT 'source', count(*) FROM source"
	    " WHERE source_key NOT IN (SELECT source_key FROM daily"
	    "  UNION SELECT source_key FROM record)"
	    " UNION ALL SELECT 'auth_set', count(*) FROM auth_set"
	    " WHERE auth_set_key NOT IN (SELECT auth_set_key FROM record"
	    "  WHERE auth_set_key IS NOT NULL)"
	    " UNION ALL SELECT 'reason_set', count(*) FROM reason_set"
	    " WHERE reason_set_key NOT IN (SELECT reason_set_key FROM record"
	    "  WHERE reason_set_key IS NOT NULL))"
	    " SELECT name, n FROM orphans WHERE n > 0",
	    "tables with rows that nothing points to any more; they do no "
	    "harm: table, rows" },
};

/* Append the columns of the row as far as they fit. */
static void
tell_row(sqlite3_stmt *stmt, struct ruad_audit_result *out)
{
	size_t len = strlen(out->text);
	char safe[120];

	for (int i = 0;
	     i < sqlite3_column_count(stmt) && len + 2 < sizeof(out->text);
	     i++) {
		const char *text = (const char *)sqlite3_column_text(stmt, i);

		text = text != NULL ? text : "";
		ruad_text_escape(safe, sizeof(safe), text, strlen(text));
		len += (size_t)snprintf(out->text + len,
		    sizeof(out->text) - len, " %s", safe);
	}
}

static bool
is_good(enum ruad_audit what, sqlite3_stmt *stmt)
{
	const char *text;

	if (what != RUAD_AUDIT_FILE)
		return false;
	text = (const char *)sqlite3_column_text(stmt, 0);
	return text != NULL && strcmp(text, "ok") == 0;
}

enum ruad_status
ruad_audit_run(sqlite3 *db, enum ruad_audit what, struct ruad_audit_result *out,
    struct ruad_err *err)
{
	const struct question *q = &questions[what];
	struct ruad_bound b = { .db = db };
	enum ruad_status st;

	*out = (struct ruad_audit_result){ .name = q->name, .fault = q->fault };
	b.rc = sqlite3_prepare_v2(db, q->sql, -1, &b.stmt, NULL);
	while ((st = ruad_sql_next(&b, err)) == RUAD_OK) {
		if (is_good(what, b.stmt))
			continue;
		if (out->count++ == 0) {
			snprintf(out->text, sizeof(out->text), "%s:", q->what);
			tell_row(b.stmt, out);
		}
	}
	sqlite3_finalize(b.stmt);
	if (st == RUAD_BAD) {
		out->fault = true;
		out->count++;
		snprintf(out->text, sizeof(out->text), "%s", err->text);
	}
	return st == RUAD_TEMP ? st : RUAD_OK;
}
