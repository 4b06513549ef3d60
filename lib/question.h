/* question.h - the questions that the programs ask of a store, as SQL. */
#ifndef RUAD_QUESTION_H
#define RUAD_QUESTION_H
#include <stdbool.h>
#include <stdint.h>

/* Each question gives rows of named columns, which question.c lists. */
enum ruad_question {
	RUAD_ASK_REPORTS, /* reports, the last received first */
	RUAD_ASK_REPORT, /* all of one report but its records */
	RUAD_ASK_RECORDS, /* the records of one report, as in the document */
	RUAD_ASK_SUMMARY, /* policy domains, most messages first */
	RUAD_ASK_SOURCES, /* sources, most failing messages first */
	/* The results of the largest group of failing records with equal
	 * results that one source has: a row for each result in document
	 * order, or one row without where there is none. Looks at the newest
	 * RUAD_FAILURE_RECORDS records of the source only. */
	RUAD_ASK_FAILURE,
	RUAD_ASK_QUARANTINE, /* what was refused, the last received first */
	RUAD_ASK_REGISTERED, /* the domains that are registered */
	RUAD_ASK_UNREGISTERED, /* policy domains of reports that are not */
	/* Organisations and the domains that authenticated their mails, and
	 * pins without a report. */
	RUAD_ASK_REPORTERS,
	/* Of reports whose records are there, those of one mail together. */
	RUAD_ASK_REPORT_KEYS,
	RUAD_ASK_COUNT
};

/* Bounds the time of RUAD_ASK_FAILURE: a source may have millions. */
#define RUAD_FAILURE_RECORDS 5000

/* What is asked for. A zeroed filter with since and until set by
 * RUAD_FILTER_ALL asks for everything; a question ignores what it has no use
 * for. Texts are borrowed until the rows are read. */
struct ruad_filter {
	const char *domain; /* policy domain: lower case, A-labels */
	const char *reporter; /* part of a name, in lower case */
	/* Seconds since the epoch, UTC: the middle of the period of a report
	 * is from `since` on and before `until`; of what is in quarantine, the
	 * time of arrival. Of `daily`, all days that have a part in this. */
	int64_t since, until;
	/* Only reports that v_report calls trusted. Then no question looks at
	 * `daily`, which knows nothing of that, but at the records. */
	bool trusted;
	const char *code; /* of what is in quarantine */
	int64_t quarantine_key; /* the same; 0: any */
	int64_t limit; /* rows; 0: all */
	int64_t report_key; /* of RUAD_ASK_REPORT, _RECORDS */
	int64_t source_key; /* of RUAD_ASK_FAILURE */
};
#define RUAD_FILTER_ALL \
	{ \
		.since = INT64_MIN, .until = INT64_MAX \
	}

/* Room for the longest statement. */
#define RUAD_QUESTION_BYTES 8000

/* The conditions that a filter sets, as bits. */
unsigned ruad_question_conditions(const struct ruad_filter *f);

/* Write the statement that asks under these conditions. Its parameters are
 * named like the fields of the filter: those that it has must be bound. */
void ruad_question_compose(enum ruad_question question, unsigned conditions,
    char sql[RUAD_QUESTION_BYTES]);

#endif
