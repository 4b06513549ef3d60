/* question.h - the questions that the programs ask of a store, as SQL. */
#ifndef RUAD_QUESTION_H
#define RUAD_QUESTION_H
#include "filter.h"

/* Each question gives rows of named columns, which question.c lists. */
enum ruad_question {
	RUAD_ASK_REPORTS, /* reports, the last received first */
	RUAD_ASK_REPORT, /* all of one report but its records */
	RUAD_ASK_RECORDS, /* the records of one report, as in the document */
	RUAD_ASK_SUMMARY, /* policy domains, most messages first */
	/* Who sends in the name of f->domain, most failing messages first: by
	 * address, network (/24, /48), author domain, and domain of DKIM
	 * signatures and of SPF results; the last two count a message under
	 * each domain that it has, and look at the records. Of each the source
	 * of most failing messages. */
	RUAD_ASK_SOURCES,
	RUAD_ASK_NETWORKS,
	RUAD_ASK_AUTHORS,
	RUAD_ASK_DKIM_DOMAINS,
	RUAD_ASK_SPF_DOMAINS,
	/* What fails, most messages first, by policy domain, author domain,
	 * source and disposition. */
	RUAD_ASK_FAILURES,
	RUAD_ASK_TIMELINE, /* days, the first first, without a gap */
	RUAD_ASK_CADENCE, /* reporters: how often, how well */
	/* The results of the largest group of failing records with equal
	 * results that one source has: a row for each result in document
	 * order, or one row without where there is none. Looks at the newest
	 * RUAD_FAILURE_RECORDS records of the source only. The report_key is
	 * that of the newest report with such a record. */
	RUAD_ASK_FAILURE,
	RUAD_ASK_QUARANTINE, /* what was refused, the last received first */
	RUAD_ASK_REGISTERED, /* the domains that are registered, or ignored */
	/* How those that are registered stand in DNS, as last watched. */
	RUAD_ASK_STANDINGS,
	/* Policy domains of reports that are neither, nor below such. */
	RUAD_ASK_UNREGISTERED,
	RUAD_ASK_DOMAIN, /* f->domain and all below it, in one row */
	/* Organisations and the domains that authenticated their mails, and
	 * pins without a report. */
	RUAD_ASK_REPORTERS,
	/* Of reports whose records are there, those of one mail together. */
	RUAD_ASK_REPORT_KEYS,
	/* Of question_console.c: what DNS had for f->domain, the newest first;
	 * reports of each reporter by day; what came in and was refused; the
	 * codes of what was refused. */
	RUAD_ASK_HISTORY,
	RUAD_ASK_DOTS,
	RUAD_ASK_INTAKE,
	RUAD_ASK_REASONS,
	RUAD_ASK_COUNT
};

/* Bounds the time of RUAD_ASK_FAILURE: a source may have millions. */
#define RUAD_FAILURE_RECORDS 5000

/* Room for the longest statement. */
#define RUAD_QUESTION_BYTES 20000

/* The text of those of question_console.c, with names in braces; NULL: it is
 * none of them. For question.c alone. */
const char *ruad_question_console(enum ruad_question question);

/* The same of the summary, which depends on what is asked for. */
const char *ruad_question_summary(unsigned conditions);

/* What these files share. */
/* Goes from one policy domain to the next in the index of reports. */
#define RUAD_QUESTION_WITH_REPORT \
	" with_report (k) AS (" \
	"  SELECT min(policy_domain_key) FROM report UNION ALL" \
	"  SELECT (SELECT min(r.policy_domain_key) FROM report AS r" \
	"   WHERE r.policy_domain_key > k) FROM with_report" \
	"  WHERE k IS NOT NULL)"

/* Sums over {days} AS y. */
#define RUAD_QUESTION_COUNTS \
	"sum(y.messages) AS messages," \
	" sum(y.messages) FILTER (WHERE y.dkim = 1 OR y.spf = 1)" \
	"  AS messages_pass," \
	" sum(y.messages) FILTER (WHERE y.dkim = 2 AND y.spf = 2)" \
	"  AS messages_fail," \
	" sum(y.messages) FILTER (WHERE y.disposition IN (1, 2))" \
	"  AS disposition_none," \
	" sum(y.messages) FILTER (WHERE y.disposition = 3)" \
	"  AS disposition_quarantine," \
	" sum(y.messages) FILTER (WHERE y.disposition = 4)" \
	"  AS disposition_reject," \
	" min(y.day) AS first_day, max(y.day) AS last_day"

/* Write the statement that asks under these conditions, a set of
 * ruad_filter_conditions(). Its parameters are those that ruad_filter_bind()
 * binds, :limit, and :records, which is RUAD_FAILURE_RECORDS. */
void ruad_question_compose(enum ruad_question question, unsigned conditions,
    char sql[RUAD_QUESTION_BYTES]);

#endif
