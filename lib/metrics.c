/* metrics.c - see metrics.h. Names of domains come from reports: they stand in
 * labels, where the format wants three characters escaped. */
#include "metrics.h"
#include "sql.h"
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>

static const char totals_sql[] =
    "SELECT (SELECT user_version FROM pragma_user_version),"
    " (SELECT page_count FROM pragma_page_count)"
    "  * (SELECT page_size FROM pragma_page_size),"
    " (SELECT freelist_count FROM pragma_freelist_count)"
    "  * (SELECT page_size FROM pragma_page_size),"
    " (SELECT coalesce(sum(reports), 0) FROM domain_day),"
    " (SELECT count(*) FROM quarantine),"
    " (SELECT max(last_received) FROM domain_day),"
    " (SELECT max(last_end) FROM domain_day),"
    " (SELECT max(m.received_epoch) FROM quarantine AS q"
    "  JOIN mail AS m ON m.mail_key = q.mail_key)";

static const char domain_sql[] =
    "SELECT d.name, sum(y.reports), sum(y.messages), sum(y.messages_pass),"
    " sum(y.rows_refused), max(y.last_received), max(y.last_end)"
    " FROM domain_day AS y JOIN domain AS d"
    " ON d.domain_key = y.policy_domain_key"
    " GROUP BY y.policy_domain_key ORDER BY 2 DESC, 1 LIMIT 1000";

static const char code_sql[] =
    "SELECT code, count(*) FROM quarantine GROUP BY code ORDER BY code";

/* One column of domain_sql, from 1. */
static const struct by_domain {
	const char *name, *help;
} by_domain[] = {
	{ "ruad_reports", "Reports in the store." },
	{ "ruad_report_messages", "Messages that reports in the store count." },
	{ "ruad_report_messages_pass", "Of these, with a DMARC pass." },
	{ "ruad_report_rows_refused", "Rows of reports that were refused." },
	{ "ruad_report_last_received_timestamp_seconds",
	    "When the last report came." },
	{ "ruad_report_last_end_timestamp_seconds",
	    "The end of the time that the latest report covers." },
};

static int64_t
wal_bytes(sqlite3 *db)
{
	const char *path = sqlite3_db_filename(db, "main");
	/* SQLite keeps the name of the log behind that of the file. */
	const char *wal = path != NULL ? sqlite3_filename_wal(path) : NULL;
	struct stat st;

	return wal != NULL && stat(wal, &st) == 0 ? (int64_t)st.st_size : 0;
}

enum ruad_status
ruad_metrics_read(sqlite3 *db, struct ruad_metrics *out, struct ruad_err *err)
{
	struct ruad_bound b = { .db = db };
	enum ruad_status st;
	int64_t n[8];

	b.rc = sqlite3_prepare_v2(db, totals_sql, -1, &b.stmt, NULL);
	st = ruad_sql_get(&b, n, 8, err);
	sqlite3_finalize(b.stmt);
	*out = (struct ruad_metrics){ 0 };
	if (st == RUAD_OK)
		*out = (struct ruad_metrics){
			.schema_version = n[0],
			.bytes = n[1],
			.free_bytes = n[2],
			.wal_bytes = wal_bytes(db),
			.reports = n[3],
			.quarantine = n[4],
			.last_received = n[5],
			.last_end = n[6],
			.last_refused = n[7],
		};
	return st;
}

void
ruad_metrics_begin(FILE *to, const char *name, const char *type,
    const char *help)
{
	fprintf(to, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

void
ruad_metrics_value(FILE *to, const char *name, const char *label,
    const char *label_value, double value)
{
	fputs(name, to);
	if (label != NULL && label_value != NULL) {
		fprintf(to, "{%s=\"", label);
		for (; *label_value != '\0'; label_value++) {
			if (*label_value == '\n')
				fputs("\\n", to);
			else if (*label_value == '\\' || *label_value == '"')
				fprintf(to, "\\%c", *label_value);
			else
				putc(*label_value, to);
		}
		fputs("\"}", to);
	}
	fprintf(to, " %.17g\n", value);
}

static void
write_gauge(FILE *to, const char *name, const char *help, int64_t value)
{
	ruad_metrics_begin(to, name, "gauge", help);
	ruad_metrics_value(to, name, NULL, NULL, (double)value);
}

/* All values of one metric: a column of the rows of a statement, whose first
 * is the label. */
static enum ruad_status
write_column(sqlite3_stmt *stmt, int column, FILE *to, const char *name,
    const char *label, struct ruad_err *err)
{
	struct ruad_bound b = { .db = sqlite3_db_handle(stmt), .stmt = stmt };
	enum ruad_status st;

	while ((st = ruad_sql_next(&b, err)) == RUAD_OK)
		ruad_metrics_value(to, name, label,
		    (const char *)sqlite3_column_text(stmt, 0),
		    (double)sqlite3_column_int64(stmt, column));
	return st == RUAD_END ? RUAD_OK : st;
}

static enum ruad_status
write_domains(sqlite3 *db, FILE *to, struct ruad_err *err)
{
	sqlite3_stmt *stmt = NULL;
	enum ruad_status st = RUAD_OK;
	int rc = sqlite3_prepare_v2(db, domain_sql, -1, &stmt, NULL);

	if (rc != SQLITE_OK)
		return ruad_sql_fail(db, rc, err);
	for (size_t i = 0;
	     st == RUAD_OK && i < sizeof(by_domain) / sizeof(by_domain[0]);
	     i++) {
		ruad_metrics_begin(to, by_domain[i].name, "gauge",
		    by_domain[i].help);
		st = write_column(stmt, (int)i + 1, to, by_domain[i].name,
		    "policy_domain", err);
	}
	sqlite3_finalize(stmt);
	return st;
}

static enum ruad_status
write_codes(sqlite3 *db, FILE *to, struct ruad_err *err)
{
	static const char name[] = "ruad_quarantine_by_code";
	sqlite3_stmt *stmt = NULL;
	enum ruad_status st;
	int rc = sqlite3_prepare_v2(db, code_sql, -1, &stmt, NULL);

	if (rc != SQLITE_OK)
		return ruad_sql_fail(db, rc, err);
	ruad_metrics_begin(to, name, "gauge",
	    "What is in quarantine, by the reason.");
	st = write_column(stmt, 1, to, name, "code", err);
	sqlite3_finalize(stmt);
	return st;
}

enum ruad_status
ruad_metrics_write(sqlite3 *db, FILE *to, struct ruad_err *err)
{
	struct ruad_metrics m;
	enum ruad_status st = ruad_metrics_read(db, &m, err);

	if (st != RUAD_OK)
		return st;
	write_gauge(to, "ruad_store_schema_version",
	    "Version of the schema of the store.", m.schema_version);
	write_gauge(to, "ruad_store_bytes", "Size of the store.", m.bytes);
	write_gauge(to, "ruad_store_free_bytes",
	    "Space in the store that is not used.", m.free_bytes);
	write_gauge(to, "ruad_store_wal_bytes",
	    "Size of the write-ahead log beside the store.", m.wal_bytes);
	write_gauge(to, "ruad_quarantine", "What was refused and is kept.",
	    m.quarantine);
	st = write_codes(db, to, err);
	if (st == RUAD_OK)
		st = write_domains(db, to, err);
	return st;
}
