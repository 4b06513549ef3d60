/* report.h - one DMARC aggregate report as plain data: RFC 7489 appendix C and
 * its drafts, and RFC 9990 appendix A. Texts are interned, records are compact,
 * and everything lives in one arena, so a report of a million records fits in
 * memory. Values are normalised; words that were not understood are kept raw
 * beside them. */
#ifndef RUAD_REPORT_H
#define RUAD_REPORT_H
#include "arena.h"
#include "err.h"
#include "limit.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Values are stored as these numbers; 0 is "the report does not say". Never
 * renumber. The words for them stand in word.c and in the views. */
enum ruad_policy {
	RUAD_POLICY_UNKNOWN,
	RUAD_POLICY_NONE,
	RUAD_POLICY_QUARANTINE,
	RUAD_POLICY_REJECT
};
enum ruad_mode { RUAD_MODE_UNKNOWN, RUAD_MODE_RELAXED, RUAD_MODE_STRICT };
enum ruad_testing { RUAD_TESTING_UNKNOWN, RUAD_TESTING_NO, RUAD_TESTING_YES };
enum ruad_discovery {
	RUAD_DISCOVERY_UNKNOWN,
	RUAD_DISCOVERY_PSL,
	RUAD_DISCOVERY_TREEWALK
};
enum ruad_disposition {
	RUAD_DISPOSITION_UNKNOWN,
	RUAD_DISPOSITION_NONE,
	RUAD_DISPOSITION_PASS,
	RUAD_DISPOSITION_QUARANTINE,
	RUAD_DISPOSITION_REJECT
};
enum ruad_verdict {
	RUAD_VERDICT_UNKNOWN,
	RUAD_VERDICT_PASS,
	RUAD_VERDICT_FAIL
};
/* Strict implies relaxed: STRICT is "identical", RELAXED "same organizational
 * domain, not identical". RFC 7489 section 3.1, RFC 9989 section 4.10.2. */
enum ruad_alignment {
	RUAD_ALIGNMENT_NONE,
	RUAD_ALIGNMENT_RELAXED,
	RUAD_ALIGNMENT_STRICT
};
enum ruad_method { RUAD_METHOD_DKIM = 1, RUAD_METHOD_SPF };
enum ruad_result { /* RFC 8601 section 2.7 */
	RUAD_RESULT_OTHER, /* a word that is no result: see result_raw */
	RUAD_RESULT_NONE,
	RUAD_RESULT_PASS,
	RUAD_RESULT_FAIL,
	RUAD_RESULT_POLICY,
	RUAD_RESULT_NEUTRAL,
	RUAD_RESULT_SOFTFAIL,
	RUAD_RESULT_TEMPERROR,
	RUAD_RESULT_PERMERROR
};
enum ruad_scope { RUAD_SCOPE_UNKNOWN, RUAD_SCOPE_MFROM, RUAD_SCOPE_HELO };
enum ruad_reason_type {
	RUAD_REASON_OTHER = 1,
	RUAD_REASON_FORWARDED,
	RUAD_REASON_SAMPLED_OUT,
	RUAD_REASON_TRUSTED_FORWARDER,
	RUAD_REASON_MAILING_LIST,
	RUAD_REASON_LOCAL_POLICY,
	RUAD_REASON_POLICY_TEST_MODE
};
enum ruad_dialect { /* a label for people; parsing never depends on it */
	RUAD_DIALECT_D0 = 1, /* drafts of 2012/13 */
	RUAD_DIALECT_D1, /* RFC 7489 */
	RUAD_DIALECT_D2_LIKE, /* elements of RFC 9990 without its namespace */
	RUAD_DIALECT_D2 /* RFC 9990 */
};

struct ruad_names;

/* Index of an interned text; RUAD_ABSENT where the report has none. */
typedef uint32_t ruad_text;
#define RUAD_ABSENT UINT32_MAX

struct ruad_name {
	const char *text; /* UTF-8; a domain: lower case, A-labels */
	uint32_t len; /* bytes */
	bool bad; /* used as a domain, but is none: never aligns */
	/* Its organizational domain, set by align.c: a part of `text`, or NULL
	 * where there is none. */
	const char *org_domain;
};

struct ruad_auth { /* one dkim or spf element of auth_results */
	enum ruad_method method;
	enum ruad_result result;
	enum ruad_scope scope; /* spf only */
	ruad_text domain;
	ruad_text selector; /* dkim only */
	ruad_text result_raw; /* when it differs from the canonical word */
	ruad_text human_result;
};

/* The auth_results of a record; records with the same results share one. */
struct ruad_auth_set {
	const struct ruad_auth *auth; /* in document order */
	uint32_t count;
};

struct ruad_reason { /* policy_evaluated/reason */
	enum ruad_reason_type type;
	ruad_text type_raw; /* when it differs */
	ruad_text comment;
};
struct ruad_reason_set {
	const struct ruad_reason *reason;
	uint32_t count;
};

struct ruad_record {
	unsigned char ip[16]; /* IPv4 as ::ffff:a.b.c.d */
	int64_t messages;
	uint32_t row_no; /* position in the document, from 1 */
	ruad_text header_from;
	ruad_text envelope_from; /* "" is the null reverse-path */
	ruad_text envelope_to;
	uint32_t auth_set; /* index into the report's sets */
	uint32_t reason_set;
	uint8_t disposition; /* enum ruad_disposition */
	uint8_t dkim,
	    spf; /* enum ruad_verdict: the reporter's aligned result */
	uint8_t derived; /* bit 0: dkim, bit 1: spf not sent but derived */
	uint8_t dkim_alignment, spf_alignment; /* enum ruad_alignment, ours */
};
#define RUAD_DERIVED_DKIM 1u
#define RUAD_DERIVED_SPF 2u

/* A word of the report that was replaced by a canonical one. */
struct ruad_raw_word {
	struct ruad_raw_word *next;
	uint32_t row_no; /* 0: of the report itself */
	const char *field; /* element name, static */
	const char *word;
};

struct ruad_refused_row {
	struct ruad_refused_row *next;
	uint32_t row_no;
	enum ruad_code code;
	const char *text; /* printable ASCII */
};

struct ruad_report_error { /* report_metadata/error */
	struct ruad_report_error *next;
	const char *text;
};

struct ruad_report {
	struct ruad_arena *arena; /* owns all of this */

	/* report_metadata; NULL where absent */
	const char *org_name;
	const char *org_key; /* org_name, lower case, blanks collapsed */
	const char *email;
	const char *extra_contact_info;
	const char *report_id;
	int64_t begin, end; /* seconds since the epoch, UTC, as sent */
	const char *generator;
	struct ruad_report_error *errors;

	/* policy_published */
	ruad_text policy_domain;
	enum ruad_policy p, sp, np;
	enum ruad_mode adkim, aspf;
	int pct; /* -1: absent */
	const char *fo;
	enum ruad_testing testing;
	enum ruad_discovery discovery_method;

	/* what it looked like */
	const char *version_raw;
	const char *namespace_uri;
	enum ruad_dialect dialect;
	const char *where; /* "part 2: a.zip: b.xml", printable ASCII */

	/* totals over the rows that are kept */
	uint32_t records;
	uint32_t rows_refused;
	int64_t messages;
	int64_t messages_pass;

	struct ruad_warnings warnings;
	struct ruad_raw_word *raw_words;
	struct ruad_refused_row *refused_rows; /* the first of them */
	unsigned char content_hash[32]; /* SHA-256 of the normalised report */

	struct ruad_names *texts; /* the table behind `names`, see names.h */
	struct ruad_name *names; /* interned texts */
	uint32_t name_count;
	struct ruad_auth_set *auth_sets; /* set 0 is empty */
	uint32_t auth_set_count;
	struct ruad_reason_set *reason_sets; /* set 0 is empty */
	uint32_t reason_set_count;
	struct ruad_record **record_blocks; /* see ruad_report_record() */
};

/* Records lie in blocks, so that a growing report is never copied. */
#define RUAD_RECORD_BLOCK 64u

/* Record n of the report, from 0 and below report->records. */
static inline struct ruad_record *
ruad_report_record(const struct ruad_report *r, uint32_t n)
{
	return &r->record_blocks[n / RUAD_RECORD_BLOCK][n % RUAD_RECORD_BLOCK];
}

/* The text behind an index; NULL for RUAD_ABSENT. Owned by the report. */
static inline const char *
ruad_report_text(const struct ruad_report *r, ruad_text t)
{
	return t == RUAD_ABSENT ? NULL : r->names[t].text;
}

/* DMARC pass of a record as the reporter saw it: one aligned mechanism is
 * enough (RFC 7489 section 3.1.1, RFC 9989 section 5.3.6). */
enum ruad_verdict ruad_record_dmarc(const struct ruad_record *rec);

void ruad_report_free(struct ruad_report **r); /* sets *r NULL; NULL is fine */

#endif
