/* filter.h - which part of a store is asked for: one declaration of every
 * filter, its values as bound parameters, and the conditions that it puts on
 * the tables. No text of a user reaches SQL. */
#ifndef RUAD_FILTER_H
#define RUAD_FILTER_H
#include <stdbool.h>
#include <stdint.h>

struct sqlite3_stmt;

/* How many messages of a report pass DMARC. */
enum ruad_share {
	RUAD_SHARE_EMPTY, /* it has none */
	RUAD_SHARE_ALL,
	RUAD_SHARE_SOME,
	RUAD_SHARE_NONE
};

/* What is asked for. A zeroed filter with since and until set by
 * RUAD_FILTER_ALL asks for everything; a question ignores what it has no use
 * for. Texts and bytes are borrowed until the rows are read. */
struct ruad_filter {
	const char *domain; /* policy domain: lower case, A-labels */
	const char *header_from; /* author domain, the same */
	/* 16 bytes each, as ruad_value_ip() gives them: the first and the last
	 * address of a network. Both or none. */
	const unsigned char *ip_first, *ip_last;
	const char *reporter; /* part of a name, in lower case */
	/* Seconds since the epoch, UTC: the middle of the period of a report
	 * is from `since` on and before `until`; of what is in quarantine, the
	 * time of arrival. Of `daily`, all days that have a part in this. */
	int64_t since, until;
	/* Where the period begins that this is compared with, and which ends
	 * at `since`; 0: there is none. */
	int64_t before;
	/* Only reports that v_report calls trusted. */
	bool trusted;
	/* Sets of values, as bits 1 << value; 0: any. What became of the
	 * messages (enum ruad_disposition); what the reporter found of SPF, of
	 * DKIM, and of both together (enum ruad_verdict). */
	int64_t dispositions, spf, dkim, dmarc;
	const char *selector; /* of a DKIM signature of the record */
	/* Domain of an SPF result, of a DKIM signature; "": there is none. */
	const char *spf_domain, *dkim_domain;
	const char *code; /* of what is in quarantine */
	int64_t quarantine_key; /* the same; 0: any */
	/* Policy domains that who asks may see, each with all below it: a JSON
	 * array of names in lower case and A-labels. */
	const char *grants;
	int64_t outcomes; /* of reports: a set of bits 1 << enum ruad_share */
	bool odd; /* only reports with warnings, refused rows or conflicts */
	/* Only what comes behind this row: of reports and of the quarantine its
	 * time of arrival and its key; of the records of one report its row_no;
	 * of a history its time alone. 0: from the start. */
	int64_t after_epoch, after_key, after_row;
	int64_t limit; /* rows; 0: all */
	int64_t report_key; /* of RUAD_ASK_REPORT, _RECORDS */
	int64_t source_key; /* of RUAD_ASK_FAILURE */
};
#define RUAD_FILTER_ALL \
	{ \
		.since = INT64_MIN, .until = INT64_MAX \
	}

/* The conditions that a filter sets, as bits. */
unsigned ruad_filter_conditions(const struct ruad_filter *f);

/* Whether the roll-up does not know one of these conditions: the records have
 * to be counted then. */
bool ruad_filter_needs_records(unsigned conditions);

/* Whether one of these conditions is on single records. */
bool ruad_filter_has_record(unsigned conditions);

/* Whether all of a policy domain is asked for, or all of the store. */
bool ruad_filter_is_whole(unsigned conditions);

/* Whether all of some days is asked for, of a policy domain or of the store. */
bool ruad_filter_is_days(unsigned conditions);

/* What a condition is put on. The statement gives the tables these names. */
enum ruad_filter_place {
	RUAD_FILTER_DAILY, /* daily AS y, but for its day */
	RUAD_FILTER_DAYS, /* its day */
	RUAD_FILTER_BEFORE, /* its day in the time before */
	RUAD_FILTER_REPORT, /* report AS r, but for its period */
	RUAD_FILTER_PERIOD, /* its period */
	RUAD_FILTER_HINT, /* the same reports once more, by an index */
	RUAD_FILTER_RECORD, /* record AS c, of report AS r */
	RUAD_FILTER_QUARANTINE, /* quarantine AS q, mail AS m */
	RUAD_FILTER_PLACES
};

/* The text that the n-th condition puts at this place, "" where it has no
 * meaning there; NULL: there are no more conditions. */
const char *ruad_filter_sql(unsigned n, enum ruad_filter_place place);

/* Bind the values that the statement has parameters for. Returns an SQLite
 * code. */
int ruad_filter_bind(const struct ruad_filter *f, struct sqlite3_stmt *stmt);

#endif
