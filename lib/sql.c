/* sql.c - the table of statements. SQLite's own text of an error is copied at
 * once, for the next call on the handle would change it. */
#include "sql.h"
#include <string.h>

/* The reports of policy domain ?1 and day ?2; the bounds of begin, which no
 * report is far from, only make the search short. */
#define OF_DAY \
	" r.policy_domain_key = ?1 AND r.begin_epoch BETWEEN" \
	" (?2 - 4000) * 86400 AND (?2 + 4000) * 86400 AND " RUAD_SQL_DAY \
	" = ?2"

/* The reports of policy domain ?1 whose day is before ?4, from (?2, ?3) on.
 * None begins later than its day ends. */
#define OLD_REPORTS \
	" FROM report AS r WHERE r.policy_domain_key = ?1" \
	" AND (r.begin_epoch, r.report_key) >= (?2, ?3)" \
	" AND r.begin_epoch < ?4 * 86400 AND " RUAD_SQL_DAY " < ?4"
#define OLD_ORDER " ORDER BY r.begin_epoch, r.report_key"

static const char *const sql_text[RUAD_SQL_COUNT] = {
	/* IMMEDIATE: a batch waits for other writers here or never. */
	[RUAD_SQL_BEGIN] = "BEGIN IMMEDIATE",
	[RUAD_SQL_COMMIT] = "COMMIT",
	[RUAD_SQL_ROLLBACK] = "ROLLBACK",
	[RUAD_SQL_DATA_VERSION] = "PRAGMA data_version",
	[RUAD_SQL_USER_VERSION] = "PRAGMA user_version",

	[RUAD_SQL_FIND_REPORTER] =
	    "SELECT reporter_key FROM reporter WHERE org_key = ?",
	[RUAD_SQL_ADD_REPORTER] =
	    "INSERT INTO reporter (org_key, org_name) VALUES (?, ?)",
	[RUAD_SQL_FIND_DOMAIN] =
	    "SELECT domain_key, org_domain IS NOT NULL FROM domain"
	    " WHERE name = ?",
	[RUAD_SQL_ADD_DOMAIN] =
	    "INSERT INTO domain (name, org_domain, bad) VALUES (?, ?, ?)",
	[RUAD_SQL_SET_ORG_DOMAIN] =
	    "UPDATE domain SET org_domain = ? WHERE domain_key = ?",
	[RUAD_SQL_FIND_SOURCE] = "SELECT source_key FROM source WHERE ip = ?",
	[RUAD_SQL_ADD_SOURCE] =
	    "INSERT INTO source (ip, ip_text) VALUES (?, ?)",
	[RUAD_SQL_FIND_AUTH_SET] =
	    "SELECT auth_set_key FROM auth_set WHERE digest = ?",
	[RUAD_SQL_ADD_AUTH_SET] = "INSERT INTO auth_set (digest) VALUES (?)",
	[RUAD_SQL_ADD_AUTH_RESULT] =
	    "INSERT INTO auth_result (auth_set_key, position, method,"
	    " domain_key, selector, scope, result, result_raw, human_result)"
	    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
	[RUAD_SQL_FIND_REASON_SET] =
	    "SELECT reason_set_key FROM reason_set WHERE digest = ?",
	[RUAD_SQL_ADD_REASON_SET] =
	    "INSERT INTO reason_set (digest) VALUES (?)",
	[RUAD_SQL_ADD_REASON] =
	    "INSERT INTO reason (reason_set_key, position, type, type_raw,"
	    " comment) VALUES (?, ?, ?, ?, ?)",

	[RUAD_SQL_FIND_MAIL] = "SELECT mail_key FROM mail WHERE digest = ?",
	[RUAD_SQL_ADD_MAIL] =
	    "INSERT INTO mail (digest, is_mail, received_epoch, bytes,"
	    " queue_id, message_id, mail_from, header_from, subject,"
	    " file_name, forwarded, trust, trust_domain, trust_by)"
	    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
	[RUAD_SQL_ADD_RAW] = "INSERT INTO raw (mail_key, data) VALUES (?, ?)"
			     " ON CONFLICT DO NOTHING",
	[RUAD_SQL_FIND_QUARANTINE] =
	    "SELECT 1 FROM quarantine WHERE mail_key = ? AND outcome = ?"
	    " AND code = ? AND text = ? AND part IS ?",
	[RUAD_SQL_ADD_QUARANTINE] =
	    "INSERT INTO quarantine (mail_key, outcome, code, text, part,"
	    " bytes) VALUES (?, ?, ?, ?, ?, ?)",

	/* Where the fields of other filters were not looked at, what is known
	 * of them stays. */
	[RUAD_SQL_RENEW_MAIL] =
	    "UPDATE mail SET message_id = ?2, header_from = ?3, subject = ?4,"
	    " forwarded = ?5, trust = iif(?6 = 'off', trust, ?6),"
	    " trust_domain = iif(?6 = 'off', trust_domain, ?7),"
	    " trust_by = iif(?6 = 'off', trust_by, ?8) WHERE mail_key = ?1",
	[RUAD_SQL_PRUNE_MAIL] =
	    "DELETE FROM mail WHERE mail_key = ?1"
	    " AND NOT EXISTS (SELECT 1 FROM report WHERE mail_key = ?1)"
	    " AND NOT EXISTS (SELECT 1 FROM conflict WHERE mail_key = ?1)"
	    " AND NOT EXISTS (SELECT 1 FROM quarantine WHERE mail_key = ?1)",
	[RUAD_SQL_LAST_MAIL] = "SELECT max(received_epoch) FROM mail",
	[RUAD_SQL_DROP_RAW] =
	    "DELETE FROM raw WHERE mail_key = ?1"
	    " AND NOT EXISTS (SELECT 1 FROM quarantine WHERE mail_key = ?1)",
	[RUAD_SQL_LIST_QUARANTINE] =
	    "SELECT quarantine_key, part FROM quarantine WHERE mail_key = ?"
	    " ORDER BY quarantine_key",
	[RUAD_SQL_RENEW_QUARANTINE] =
	    "UPDATE quarantine SET outcome = ?2, code = ?3, text = ?4,"
	    " part = ?5, bytes = ?6 WHERE quarantine_key = ?1",
	[RUAD_SQL_FIND_QUARANTINED] =
	    "SELECT mail_key FROM quarantine WHERE quarantine_key = ?",
	[RUAD_SQL_DROP_QUARANTINE] =
	    "DELETE FROM quarantine WHERE quarantine_key = ?",

	[RUAD_SQL_FIND_REGISTERED] =
	    "SELECT 1 FROM registered_domain WHERE name = ?",
	[RUAD_SQL_ADD_REGISTERED] =
	    "INSERT INTO registered_domain (name, since_epoch, note)"
	    " VALUES (?, ?, ?) ON CONFLICT (name) DO UPDATE SET"
	    " note = coalesce(excluded.note, note)",
	[RUAD_SQL_DROP_REGISTERED] =
	    "DELETE FROM registered_domain WHERE name = ?",
	[RUAD_SQL_IGNORE] =
	    "INSERT INTO ignored_domain (name, since_epoch, note)"
	    " VALUES (?, ?, ?) ON CONFLICT (name) DO UPDATE SET"
	    " note = coalesce(excluded.note, note)",
	[RUAD_SQL_DROP_IGNORED] = "DELETE FROM ignored_domain WHERE name = ?",
	/* As v_report has it. */
	[RUAD_SQL_FIND_PIN] =
	    "SELECT count(*), max(?2 = domain"
	    " OR substr(?2, -length(domain) - 1) = '.' || domain)"
	    " FROM reporter_domain WHERE org_key = ?1",
	[RUAD_SQL_ADD_PIN] =
	    "INSERT INTO reporter_domain (org_key, domain, org_name,"
	    " since_epoch) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
	[RUAD_SQL_DROP_PIN] = "DELETE FROM reporter_domain WHERE org_key = ?1"
			      " AND (?2 IS NULL OR domain = ?2)",
	[RUAD_SQL_TOUCH_HISTORY] =
	    "UPDATE record_history SET last_epoch = max(last_epoch, ?3),"
	    " ttl = ?4, text = ?5 WHERE domain = ?1 AND first_epoch = ?2",
	/* A clock that was set back must not lose the newer finding. */
	[RUAD_SQL_ADD_HISTORY] =
	    "INSERT INTO record_history (domain, first_epoch, last_epoch,"
	    " state, code, text, record_name, record, ttl) SELECT ?1, t, t,"
	    " ?3, ?4, ?5, ?6, ?7, ?8 FROM (SELECT max(?2, coalesce((SELECT"
	    " max(first_epoch) + 1 FROM record_history WHERE domain = ?1),"
	    " ?2)) AS t)",

	[RUAD_SQL_SET_LABEL] =
	    "INSERT INTO sender_label (policy_domain, sender, label,"
	    " since_epoch, note) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE"
	    " SET label = excluded.label, since_epoch = excluded.since_epoch,"
	    " note = coalesce(excluded.note, note)",
	[RUAD_SQL_ADD_SENDER_NAME] =
	    "INSERT OR REPLACE INTO sender_name (domain, sender, type, kind)"
	    " VALUES (?, ?, ?, ?)",
	[RUAD_SQL_DROP_SENDER_NAMES] = "DELETE FROM sender_name",
	/* A name of several domains cannot be told apart any more. */
	[RUAD_SQL_LABELS_TO_DOMAINS] =
	    "UPDATE OR IGNORE sender_label AS l SET sender = n.domain FROM"
	    " (SELECT sender, min(domain) AS domain FROM sender_name"
	    " GROUP BY sender COLLATE NOCASE HAVING count(*) = 1) AS n"
	    " WHERE n.sender = l.sender COLLATE NOCASE",
	[RUAD_SQL_LABELS_TO_NAMES] =
	    "UPDATE OR IGNORE sender_label AS l SET sender = n.sender"
	    " FROM sender_name AS n WHERE n.domain = lower(l.sender)",
	[RUAD_SQL_SET_PTR] =
	    "UPDATE source SET ptr = ?2, ptr_epoch = ?3 WHERE source_key = ?1",
	[RUAD_SQL_SET_GEO] =
	    "UPDATE source SET asn = ?2, as_org = ?3, country = ?4"
	    " WHERE source_key = ?1"
	    " AND (asn, as_org, country) IS NOT (?2, ?3, ?4)",
	[RUAD_SQL_DROP_LABEL] = "DELETE FROM sender_label"
				" WHERE policy_domain = ? AND sender = ?",

	[RUAD_SQL_FIND_REPORT] =
	    "SELECT report_key, content_hash = ?6, records FROM report"
	    " WHERE reporter_key = ?1 AND policy_domain_key = ?2"
	    " AND report_id = ?3 AND begin_epoch = ?4 AND end_epoch = ?5",
	[RUAD_SQL_FIND_CONFLICT] =
	    "SELECT 1 FROM conflict WHERE report_key = ? AND content_hash = ?",
	[RUAD_SQL_FIND_READING] =
	    "SELECT 1 FROM report WHERE report_key = ? AND mail_key = ?"
	    " AND part IS ?",
	/* Periods that touch (end = begin) do not overlap. The lower bound of
	 * begin keeps the search short. */
	[RUAD_SQL_FIND_OVERLAP] =
	    "SELECT 1 FROM report"
	    " WHERE reporter_key = ?1 AND policy_domain_key = ?2"
	    " AND begin_epoch BETWEEN ?3 AND ?5 - 1 AND end_epoch > ?4"
	    " AND report_key <> ?6 ORDER BY begin_epoch DESC LIMIT 1",
	/* The key of the report to replace, or NULL for a new one. */
	[RUAD_SQL_PUT_REPORT] =
	    "INSERT INTO report (report_key, reporter_key, policy_domain_key,"
	    " report_id, begin_epoch, end_epoch, mail_key, received_epoch,"
	    " org_name, org_email, extra_contact_info, generator, p, sp, np,"
	    " adkim, aspf, pct, fo, testing, discovery_method, dialect,"
	    " version, namespace, part, records, messages, messages_pass,"
	    " rows_refused, warnings, content_hash)"
	    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?,"
	    " ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
	    " ON CONFLICT (report_key) DO UPDATE SET"
	    " reporter_key = excluded.reporter_key,"
	    " policy_domain_key = excluded.policy_domain_key,"
	    " report_id = excluded.report_id,"
	    " begin_epoch = excluded.begin_epoch,"
	    " end_epoch = excluded.end_epoch,"
	    " mail_key = excluded.mail_key,"
	    " received_epoch = excluded.received_epoch,"
	    " org_name = excluded.org_name, org_email = excluded.org_email,"
	    " extra_contact_info = excluded.extra_contact_info,"
	    " generator = excluded.generator,"
	    " p = excluded.p, sp = excluded.sp, np = excluded.np,"
	    " adkim = excluded.adkim, aspf = excluded.aspf,"
	    " pct = excluded.pct, fo = excluded.fo,"
	    " testing = excluded.testing,"
	    " discovery_method = excluded.discovery_method,"
	    " dialect = excluded.dialect, version = excluded.version,"
	    " namespace = excluded.namespace, part = excluded.part,"
	    " records = excluded.records, messages = excluded.messages,"
	    " messages_pass = excluded.messages_pass,"
	    " rows_refused = excluded.rows_refused,"
	    " warnings = excluded.warnings,"
	    " content_hash = excluded.content_hash",
	[RUAD_SQL_ADD_CONFLICT] =
	    "INSERT INTO conflict (report_key, content_hash, mail_key,"
	    " received_epoch, records, messages) VALUES (?, ?, ?, ?, ?, ?)",
	[RUAD_SQL_ADD_ERROR] =
	    "INSERT INTO report_error (report_key, position, text)"
	    " VALUES (?, ?, ?)",
	[RUAD_SQL_ADD_RAW_WORD] =
	    "INSERT INTO raw_word (report_key, row_no, field, word)"
	    " VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
	[RUAD_SQL_ADD_REFUSED_ROW] =
	    "INSERT INTO refused_row (report_key, row_no, code, text)"
	    " VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
	[RUAD_SQL_ADD_RECORD] =
	    "INSERT INTO record (report_key, row_no, source_key, messages,"
	    " disposition, dkim, spf, derived, dkim_alignment, spf_alignment,"
	    " header_from_key, envelope_from_key, envelope_to_key,"
	    " auth_set_key, reason_set_key)"
	    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
	[RUAD_SQL_ADD_DAILY] =
	    "INSERT INTO daily (policy_domain_key, day, header_from_key,"
	    " source_key, disposition, dkim, spf, dkim_alignment,"
	    " spf_alignment, messages, reports)"
	    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1)"
	    " ON CONFLICT DO UPDATE SET"
	    " messages = messages + excluded.messages, reports = reports + 1",

	[RUAD_SQL_COUNT_RECORDS] =
	    "SELECT count(*) FROM record WHERE report_key = ?",
	[RUAD_SQL_KEEP_CONFLICT] =
	    "INSERT INTO conflict (report_key, content_hash, mail_key,"
	    " received_epoch, records, messages) SELECT report_key,"
	    " content_hash, mail_key, received_epoch, records, messages"
	    " FROM report WHERE report_key = ?",
	[RUAD_SQL_DROP_CONFLICT] =
	    "DELETE FROM conflict WHERE report_key = ? AND content_hash = ?",
	[RUAD_SQL_COUNT_DAILY] =
	    "SELECT count(*) FROM (SELECT DISTINCT header_from_key,"
	    " source_key, disposition, dkim, spf, dkim_alignment,"
	    " spf_alignment FROM (SELECT coalesce(header_from_key, ?1)"
	    " AS header_from_key, source_key, disposition, dkim, spf,"
	    " dkim_alignment, spf_alignment FROM record"
	    " WHERE report_key = ?2))",
	[RUAD_SQL_SUBTRACT_DAILY] =
	    "UPDATE daily SET messages = daily.messages - x.messages,"
	    " reports = daily.reports - 1"
	    " FROM (SELECT coalesce(header_from_key, ?1) AS header_from_key,"
	    " source_key, disposition, dkim, spf, dkim_alignment,"
	    " spf_alignment, sum(messages) AS messages FROM record"
	    " WHERE report_key = ?3 GROUP BY 1, 2, 3, 4, 5, 6, 7) AS x"
	    " WHERE daily.policy_domain_key = ?1 AND daily.day = ?2"
	    " AND daily.header_from_key = x.header_from_key"
	    " AND daily.source_key = x.source_key"
	    " AND daily.disposition = x.disposition"
	    " AND daily.dkim = x.dkim AND daily.spf = x.spf"
	    " AND daily.dkim_alignment = x.dkim_alignment"
	    " AND daily.spf_alignment = x.spf_alignment",
	/* Rows that cannot be: more was taken out than had come in. */
	[RUAD_SQL_CHECK_DAILY] =
	    "SELECT count(*) FROM daily WHERE policy_domain_key = ?"
	    " AND day = ? AND (reports < 0 OR messages < 0"
	    "  OR (reports = 0) <> (messages = 0))",
	[RUAD_SQL_PRUNE_DAILY] =
	    "DELETE FROM daily WHERE policy_domain_key = ? AND day = ?"
	    " AND reports = 0",
	/* Whether nothing of the day has been expired: no report but ?3 has
	 * lost all its records, and the day sums up to what its reports claim,
	 * or, once it has been counted anew, to what is left of them. */
	[RUAD_SQL_CHECK_DAY] =
	    "SELECT NOT EXISTS (SELECT 1 FROM report AS r WHERE" OF_DAY
	    "  AND r.report_key <> ?3 AND r.records > 0"
	    "  AND NOT EXISTS (SELECT 1 FROM record AS c"
	    "   WHERE c.report_key = r.report_key))"
	    " AND (SELECT coalesce(sum(messages), 0) FROM daily"
	    "   WHERE policy_domain_key = ?1 AND day = ?2)"
	    "  IN ((SELECT coalesce(sum(r.messages), 0) FROM report AS r"
	    "    WHERE" OF_DAY "), (SELECT coalesce(sum(c.messages), 0)"
	    "    FROM report AS r JOIN record AS c"
	    "    ON c.report_key = r.report_key WHERE" OF_DAY "))",
	[RUAD_SQL_CLEAR_DAY] =
	    "DELETE FROM daily WHERE policy_domain_key = ? AND day = ?",
	[RUAD_SQL_RECOUNT_DAY] =
	    "INSERT INTO daily (policy_domain_key, day, header_from_key,"
	    " source_key, disposition, dkim, spf, dkim_alignment,"
	    " spf_alignment, messages, reports)"
	    " SELECT ?1, ?2, coalesce(c.header_from_key, ?1), c.source_key,"
	    " c.disposition, c.dkim, c.spf, c.dkim_alignment,"
	    " c.spf_alignment, sum(c.messages), count(DISTINCT c.report_key)"
	    " FROM report AS r JOIN record AS c"
	    " ON c.report_key = r.report_key WHERE" OF_DAY
	    " GROUP BY 3, 4, 5, 6, 7, 8, 9",
	[RUAD_SQL_ADD_DOMAIN_DAY] =
	    "INSERT INTO domain_day (policy_domain_key, day, messages,"
	    " messages_pass, messages_fail, disposition_none,"
	    " disposition_quarantine, disposition_reject, reports,"
	    " rows_refused, last_end, last_received)"
	    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, 1, ?, ?, ?)"
	    " ON CONFLICT DO UPDATE SET"
	    " messages = messages + excluded.messages,"
	    " messages_pass = messages_pass + excluded.messages_pass,"
	    " messages_fail = messages_fail + excluded.messages_fail,"
	    " disposition_none = disposition_none"
	    "  + excluded.disposition_none,"
	    " disposition_quarantine = disposition_quarantine"
	    "  + excluded.disposition_quarantine,"
	    " disposition_reject = disposition_reject"
	    "  + excluded.disposition_reject,"
	    " reports = reports + 1,"
	    " rows_refused = rows_refused + excluded.rows_refused,"
	    " last_end = max(last_end, excluded.last_end),"
	    " last_received = max(last_received, excluded.last_received)",
	[RUAD_SQL_DROP_DOMAIN_DAY] =
	    "DELETE FROM domain_day WHERE policy_domain_key = ? AND day = ?",
	[RUAD_SQL_RECOUNT_DOMAIN_DAY] =
	    "INSERT INTO domain_day (policy_domain_key, day, messages,"
	    " messages_pass, messages_fail, disposition_none,"
	    " disposition_quarantine, disposition_reject, reports,"
	    " rows_refused, last_end, last_received)"
	    " SELECT ?1, ?2, y.*, x.* FROM (SELECT " RUAD_SQL_DAY_SUMS
	    "  FROM daily AS y WHERE y.policy_domain_key = ?1"
	    "  AND y.day = ?2) AS y,"
	    " (SELECT count(*) AS reports, sum(r.rows_refused),"
	    "  max(r.end_epoch), max(r.received_epoch)"
	    "  FROM report AS r WHERE" OF_DAY ") AS x WHERE x.reports > 0",
	[RUAD_SQL_DROP_RECORDS] = "DELETE FROM record WHERE report_key = ?",
	[RUAD_SQL_DROP_RAW_WORDS] = "DELETE FROM raw_word WHERE report_key = ?",
	[RUAD_SQL_DROP_REFUSED_ROWS] =
	    "DELETE FROM refused_row WHERE report_key = ?",
	[RUAD_SQL_DROP_ERRORS] =
	    "DELETE FROM report_error WHERE report_key = ?",

	[RUAD_SQL_NEXT_REPORT_DOMAIN] =
	    "SELECT min(policy_domain_key) FROM report"
	    " WHERE policy_domain_key > ?",
	[RUAD_SQL_NEXT_DAILY_DOMAIN] =
	    "SELECT min(policy_domain_key) FROM daily"
	    " WHERE policy_domain_key > ?",
	[RUAD_SQL_OLD_RECORDS] =
	    "SELECT r.begin_epoch, r.report_key, r.records, 0" OLD_REPORTS
	    " AND EXISTS (SELECT 1 FROM record AS c"
	    "  WHERE c.report_key = r.report_key)" OLD_ORDER,
	[RUAD_SQL_OLD_QUARANTINE] =
	    "SELECT 0, q.quarantine_key, 1 + m.bytes / 4096, 0"
	    " FROM quarantine AS q"
	    " CROSS JOIN mail AS m ON m.mail_key = q.mail_key"
	    " WHERE q.quarantine_key >= ?3 AND m.received_epoch < ?4"
	    " ORDER BY q.quarantine_key",
	/* What is in quarantine is of no use without its original. */
	[RUAD_SQL_OLD_RAW] =
	    "SELECT m.received_epoch, m.mail_key,"
	    " 1 + length(x.data) / 4096, length(x.data)"
	    " FROM mail AS m CROSS JOIN raw AS x ON x.mail_key = m.mail_key"
	    " WHERE (m.received_epoch, m.mail_key) >= (?2, ?3)"
	    " AND m.received_epoch < ?4"
	    " AND NOT EXISTS (SELECT 1 FROM quarantine AS q"
	    "  WHERE q.mail_key = m.mail_key)"
	    " AND (?1 IS NULL OR (EXISTS (SELECT 1 FROM report AS r"
	    "   WHERE r.mail_key = m.mail_key)"
	    "  AND NOT EXISTS (SELECT 1 FROM report AS r"
	    "   WHERE r.mail_key = m.mail_key"
	    "   AND r.policy_domain_key <> ?1)))"
	    " ORDER BY m.received_epoch, m.mail_key",
	[RUAD_SQL_OLD_DAY] =
	    "SELECT day, header_from_key, count(*), 0 FROM daily"
	    " WHERE policy_domain_key = ?1 AND day < ?4"
	    " GROUP BY day, header_from_key ORDER BY day, header_from_key",
	[RUAD_SQL_OLD_REPORT] =
	    "SELECT r.begin_epoch, r.report_key, 20, r.mail_key" OLD_REPORTS
	    " AND NOT EXISTS (SELECT 1 FROM record AS c"
	    "  WHERE c.report_key = r.report_key)" OLD_ORDER,
	[RUAD_SQL_OLD_MAIL] =
	    "SELECT m.received_epoch, m.mail_key, 1, 0 FROM mail AS m"
	    " WHERE (m.received_epoch, m.mail_key) >= (?2, ?3)"
	    " AND m.received_epoch < ?4"
	    " AND NOT EXISTS (SELECT 1 FROM report AS x"
	    "  WHERE x.mail_key = m.mail_key)"
	    " AND NOT EXISTS (SELECT 1 FROM conflict AS x"
	    "  WHERE x.mail_key = m.mail_key)"
	    " AND NOT EXISTS (SELECT 1 FROM quarantine AS x"
	    "  WHERE x.mail_key = m.mail_key)"
	    " ORDER BY m.received_epoch, m.mail_key",
	[RUAD_SQL_OLD_SOURCE] =
	    "SELECT s.source_key, s.source_key, 1, 0 FROM source AS s"
	    " WHERE s.source_key > ?3 AND s.source_key < ?4"
	    " AND NOT EXISTS (SELECT 1 FROM daily AS x"
	    "  WHERE x.source_key = s.source_key)"
	    " AND NOT EXISTS (SELECT 1 FROM record AS x"
	    "  WHERE x.source_key = s.source_key)"
	    " ORDER BY s.source_key",
	[RUAD_SQL_TAKE_SOURCE] =
	    "DELETE FROM source WHERE source_key = ?1"
	    " AND NOT EXISTS (SELECT 1 FROM daily WHERE source_key = ?1)"
	    " AND NOT EXISTS (SELECT 1 FROM record WHERE source_key = ?1)",
	[RUAD_SQL_SOME_RECORDS] =
	    "SELECT max(row_no), count(*) FROM (SELECT row_no FROM record"
	    " WHERE report_key = ? ORDER BY row_no LIMIT ?)",
	[RUAD_SQL_TAKE_RECORDS] =
	    "DELETE FROM record WHERE report_key = ? AND row_no <= ?",
	/* Row 0 is the report itself. */
	[RUAD_SQL_TAKE_RAW_WORDS] = "DELETE FROM raw_word WHERE report_key = ?"
				    " AND row_no BETWEEN 1 AND ?",
	[RUAD_SQL_SOME_DAILY] =
	    "SELECT max(source_key), count(*) FROM (SELECT source_key"
	    " FROM daily WHERE policy_domain_key = ? AND day = ?"
	    " AND header_from_key = ? ORDER BY source_key LIMIT ?)",
	[RUAD_SQL_TAKE_DAILY] =
	    "DELETE FROM daily WHERE policy_domain_key = ? AND day = ?"
	    " AND header_from_key = ? AND source_key <= ?",
	/* The sums of a day stay as they are until its last report goes. */
	[RUAD_SQL_TAKE_FROM_DAY] =
	    "UPDATE domain_day SET reports = reports - 1,"
	    " rows_refused = domain_day.rows_refused - r.rows_refused"
	    " FROM report AS r WHERE r.report_key = ?1"
	    " AND domain_day.policy_domain_key = r.policy_domain_key"
	    " AND domain_day.day = " RUAD_SQL_DAY,
	[RUAD_SQL_PRUNE_DAY] =
	    "DELETE FROM domain_day WHERE reports = 0"
	    " AND (policy_domain_key, day) = (SELECT r.policy_domain_key,"
	    "  " RUAD_SQL_DAY " FROM report AS r WHERE r.report_key = ?1)",
	[RUAD_SQL_DROP_REPORT] = "DELETE FROM report WHERE report_key = ?",
};

enum ruad_status
ruad_sql_prepare(struct ruad_sql *q, struct ruad_err *err)
{
	int id, rc;

	for (id = 0; id < RUAD_SQL_COUNT; id++) {
		rc = sqlite3_prepare_v3(q->db, sql_text[id], -1,
		    SQLITE_PREPARE_PERSISTENT, &q->stmt[id], NULL);
		if (rc != SQLITE_OK)
			return ruad_sql_fail(q->db, rc, err);
	}
	return RUAD_OK;
}

void
ruad_sql_close(struct ruad_sql *q)
{
	int id;

	for (id = 0; id < RUAD_SQL_COUNT; id++)
		sqlite3_finalize(q->stmt[id]);
	sqlite3_close(q->db);
	memset(q, 0, sizeof(*q));
}

static const struct advice {
	int rc;
	enum ruad_status status;
	enum ruad_code code;
	const char *text;
} advice[] = {
	{ SQLITE_BUSY, RUAD_TEMP, RUAD_OUR_BUSY,
	    "locked by another program, try again" },
	{ SQLITE_LOCKED, RUAD_TEMP, RUAD_OUR_BUSY,
	    "locked by another program, try again" },
	{ SQLITE_NOMEM, RUAD_TEMP, RUAD_OUR_MEMORY, "out of memory" },
	{ SQLITE_FULL, RUAD_TEMP, RUAD_OUR_STORE,
	    "the disk is full, free some space" },
	{ SQLITE_IOERR, RUAD_TEMP, RUAD_OUR_STORE,
	    "reading or writing failed, check the disk and the kernel's log" },
	{ SQLITE_READONLY, RUAD_TEMP, RUAD_OUR_STORE,
	    "not writable, check owner and mode of file and directory" },
	{ SQLITE_CANTOPEN, RUAD_TEMP, RUAD_OUR_STORE,
	    "cannot be opened, check that its directory is there and"
	    " writable" },
	{ SQLITE_INTERRUPT, RUAD_LIMIT, RUAD_OUR_BUSY, "it took too long" },
	{ SQLITE_NOTADB, RUAD_BAD, RUAD_OUR_STORE,
	    "not a store of ours, nor any SQLite file" },
	{ SQLITE_CORRUPT, RUAD_BAD, RUAD_OUR_STORE,
	    "damaged, restore it from a backup" },
	{ 0, RUAD_TEMP, RUAD_OUR_STORE, "the store cannot be written" },
};

enum ruad_status
ruad_sql_fail_open(sqlite3 *db, const char *path, int rc, struct ruad_err *err)
{
	const char *text = sqlite3_errmsg(db);
	const struct advice *a = advice;

	while (a->rc != 0 && a->rc != (rc & 0xff))
		a++;
	return ruad_fail(err, a->status, a->code,
	    "store: %s: %s (SQLite: %s, %d)", path, a->text, text, rc);
}

enum ruad_status
ruad_sql_fail(sqlite3 *db, int rc, struct ruad_err *err)
{
	const char *path = db == NULL ? NULL : sqlite3_db_filename(db, "main");

	return ruad_sql_fail_open(db, path == NULL ? "" : path, rc, err);
}

struct ruad_bound
ruad_sql_bind(struct ruad_sql *q, enum ruad_sql_id id)
{
	return (struct ruad_bound){ .db = q->db, .stmt = q->stmt[id] };
}

static void
bound(struct ruad_bound *b, int rc)
{
	if (b->rc == SQLITE_OK)
		b->rc = rc;
}

void
ruad_sql_int(struct ruad_bound *b, int64_t value)
{
	bound(b, sqlite3_bind_int64(b->stmt, ++b->column, value));
}

void
ruad_sql_key(struct ruad_bound *b, int64_t key)
{
	if (key != 0)
		ruad_sql_int(b, key);
	else
		bound(b, sqlite3_bind_null(b->stmt, ++b->column));
}

void
ruad_sql_text(struct ruad_bound *b, const char *text)
{
	bound(b,
	    sqlite3_bind_text(b->stmt, ++b->column, text, -1, SQLITE_STATIC));
}

void
ruad_sql_bytes(struct ruad_bound *b, const void *bytes, size_t len)
{
	bound(b,
	    sqlite3_bind_blob64(b->stmt, ++b->column, bytes, len,
		SQLITE_STATIC));
}

enum ruad_status
ruad_sql_get(struct ruad_bound *b, int64_t *out, int n, struct ruad_err *err)
{
	enum ruad_status st = RUAD_OK;
	int i, rc = b->rc;

	if (rc == SQLITE_OK)
		rc = sqlite3_step(b->stmt);
	if (rc != SQLITE_ROW && rc != SQLITE_DONE)
		st = ruad_sql_fail(b->db, rc, err);
	for (i = 0; i < n; i++)
		out[i] =
		    rc == SQLITE_ROW ? sqlite3_column_int64(b->stmt, i) : 0;
	sqlite3_reset(b->stmt);
	return st;
}

enum ruad_status
ruad_sql_next(struct ruad_bound *b, struct ruad_err *err)
{
	enum ruad_status st;
	int rc = b->rc;

	if (rc == SQLITE_OK)
		rc = sqlite3_step(b->stmt);
	if (rc == SQLITE_ROW)
		return RUAD_OK;
	st = rc == SQLITE_DONE ? RUAD_END : ruad_sql_fail(b->db, rc, err);
	sqlite3_reset(b->stmt);
	return st;
}

enum ruad_status
ruad_sql_run(struct ruad_bound *b, struct ruad_err *err)
{
	return ruad_sql_get(b, NULL, 0, err);
}

enum ruad_status
ruad_sql_do(struct ruad_sql *q, enum ruad_sql_id id, struct ruad_err *err)
{
	struct ruad_bound b = ruad_sql_bind(q, id);

	return ruad_sql_run(&b, err);
}

enum ruad_status
ruad_sql_exec(sqlite3 *db, const char *sql, struct ruad_err *err)
{
	int rc = sqlite3_exec(db, sql, NULL, NULL, NULL);

	return rc == SQLITE_OK ? RUAD_OK : ruad_sql_fail(db, rc, err);
}

enum ruad_status
ruad_sql_exec_int(sqlite3 *db, const char *sql, int *out, struct ruad_err *err)
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
