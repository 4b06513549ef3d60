/* question_console.c - the questions that only the console asks, as question.c
 * has all others. */
#include <stddef.h>
#include "question.h"
#include "sql.h"

const char *
ruad_question_console(enum ruad_question question)
{
	static const char *const sql[RUAD_ASK_COUNT] = {
		[RUAD_ASK_HISTORY] =
		    "SELECT h.*, h.first_epoch FROM (SELECT v.*,"
		    "  CAST(strftime('%s', v.first_utc) AS INTEGER)"
		    "   AS first_epoch"
		    "  FROM v_record_history AS v WHERE v.domain = :domain) AS "
		    "h"
		    " WHERE :after_epoch = 0 OR h.first_epoch < :after_epoch"
		    " ORDER BY h.first_epoch DESC LIMIT :limit",

		/* None of these days came before it was over. */
		[RUAD_ASK_DOTS] =
		    "SELECT o.org_name, " RUAD_SQL_DAY " AS day,"
		    " count(*) AS reports FROM report AS r"
		    " JOIN reporter AS o ON o.reporter_key = r.reporter_key"
		    " WHERE r.received_epoch >= :since {reports}"
		    " GROUP BY +r.reporter_key, day",

		/* By the time of arrival, as the quarantine has it. */
		[RUAD_ASK_INTAKE] =
		    "SELECT (SELECT count(*) FROM report AS r"
		    "  WHERE r.received_epoch >= :since"
		    "  AND r.received_epoch < :until) AS stored,"
		    " (SELECT count(*) FROM conflict AS x"
		    "  WHERE x.received_epoch >= :since"
		    "  AND x.received_epoch < :until) AS conflict,"
		    " coalesce(sum(q.outcome = 'refused'), 0) AS refused,"
		    " coalesce(sum(q.outcome <> 'refused'), 0) AS not_a_report"
		    " FROM quarantine AS q"
		    " CROSS JOIN mail AS m ON m.mail_key = q.mail_key"
		    " WHERE true {quarantine}",

		[RUAD_ASK_REASONS] =
		    "SELECT q.code, q.outcome, count(*) AS count"
		    " FROM quarantine AS q"
		    " CROSS JOIN mail AS m ON m.mail_key = q.mail_key"
		    " WHERE true {quarantine} GROUP BY q.code, q.outcome"
		    " ORDER BY count DESC, q.code LIMIT :limit",
	};

	return sql[question];
}
