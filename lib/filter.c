/* filter.c - the table of filters. A row is a condition: what sets it, and what
 * it says of each table. Conditions are constants of ours; their values are
 * bound. */
#include "filter.h"
#include <limits.h>
#include <sqlite3.h>
#include <stddef.h>
#include "sql.h"

enum kind { KIND_TEXT, KIND_IP, KIND_INT, KIND_BOOL };

/* The fields of a filter that are bound under a name. */
static const struct {
	const char *name;
	enum kind kind;
	size_t offset;
} params[] = {
#define PARAM(name, kind, field) \
	{ \
		":" name, kind, offsetof(struct ruad_filter, field) \
	}
	PARAM("domain", KIND_TEXT, domain),
	PARAM("header_from", KIND_TEXT, header_from),
	PARAM("ip_first", KIND_IP, ip_first),
	PARAM("ip_last", KIND_IP, ip_last),
	PARAM("reporter", KIND_TEXT, reporter),
	PARAM("since", KIND_INT, since),
	PARAM("until", KIND_INT, until),
	PARAM("before", KIND_INT, before),
	PARAM("dispositions", KIND_INT, dispositions),
	PARAM("spf", KIND_INT, spf),
	PARAM("dkim", KIND_INT, dkim),
	PARAM("dmarc", KIND_INT, dmarc),
	PARAM("selector", KIND_TEXT, selector),
	PARAM("spf_domain", KIND_TEXT, spf_domain),
	PARAM("dkim_domain", KIND_TEXT, dkim_domain),
	PARAM("code", KIND_TEXT, code),
	PARAM("quarantine", KIND_INT, quarantine_key),
	PARAM("grants", KIND_TEXT, grants),
	PARAM("outcomes", KIND_INT, outcomes),
	PARAM("after_epoch", KIND_INT, after_epoch),
	PARAM("after_key", KIND_INT, after_key),
	PARAM("after_row", KIND_INT, after_row),
	PARAM("report", KIND_INT, report_key),
	PARAM("source", KIND_INT, source_key),
#undef PARAM
};

#define KEY_OF(param) "(SELECT domain_key FROM domain WHERE name = " param ")"
#define SOURCES \
	"(SELECT source_key FROM source WHERE ip BETWEEN :ip_first AND" \
	" :ip_last)"
/* enum ruad_verdict of both mechanisms together. */
#define DMARC(t) \
	"(CASE WHEN " t ".dkim = 1 OR " t ".spf = 1 THEN 1" \
	" WHEN " t ".dkim = 2 AND " t ".spf = 2 THEN 2 ELSE 0 END)"
#define IN_SET(value, param) " AND (1 << " value ") & " param " <> 0"
/* The + keeps the index of all results of a domain out of it, of which there
 * may be more than of this record. */
#define HAS_RESULT(method, param) \
	" AND iif(" param " = '', NOT EXISTS (SELECT 1 FROM auth_result AS t" \
	"  WHERE t.auth_set_key = c.auth_set_key AND +t.method = " method \
	"  AND t.domain_key IS NOT NULL)," \
	" EXISTS (SELECT 1 FROM auth_result AS t" \
	"  WHERE t.auth_set_key = c.auth_set_key AND +t.method = " method \
	"  AND +t.domain_key = " KEY_OF(param) "))"

/* The policy domains that are granted, each with all below it. */
#define GRANTED \
	"(SELECT d.domain_key FROM domain AS d, json_each(:grants) AS g" \
	" WHERE " RUAD_SQL_BELOW("d.name", "g.value") ")"
/* enum ruad_share of the messages of a report. */
#define SHARE \
	"(CASE WHEN r.messages = 0 THEN 0" \
	" WHEN r.messages_pass = r.messages THEN 1" \
	" WHEN r.messages_pass > 0 THEN 2 ELSE 3 END)"

/* A condition is set by its field: a text or an address that is there, a number
 * that is not `any`. `on` has "" where it says nothing of a table. */
struct condition {
	enum kind kind;
	size_t offset;
	int64_t any;
	bool of_record; /* it picks out records of a report */
	bool not_daily; /* the roll-up does not know */
	const char *on[RUAD_FILTER_PLACES];
};

#define ON(daily, report, record) \
	{ \
		[RUAD_FILTER_DAILY] = daily, [RUAD_FILTER_REPORT] = report, \
		[RUAD_FILTER_RECORD] = record \
	}

/* What the middle of a period says of its begin, for the sake of indexes: no
 * report covers more than max_span may be, 3660 days. */
#define NOT_LONG_BEFORE " AND r.begin_epoch >= :since - 1830 * 86400"

#define FIELD(kind, field) kind, offsetof(struct ruad_filter, field)

static const struct condition conditions[] = {
	{ FIELD(KIND_TEXT, domain), 0, false, false,
	    ON(" AND y.policy_domain_key = " KEY_OF(":domain"),
		" AND r.policy_domain_key = " KEY_OF(":domain"), NULL) },
	{ FIELD(KIND_TEXT, header_from), 0, true, false,
	    ON(" AND y.header_from_key = " KEY_OF(":header_from"), NULL,
		" AND coalesce(c.header_from_key, r.policy_domain_key)"
		" = " KEY_OF(":header_from")) },
	{ FIELD(KIND_IP, ip_first), 0, true, false,
	    { [RUAD_FILTER_DAILY] = " AND y.source_key IN " SOURCES,
		[RUAD_FILTER_HINT] =
		    " AND r.report_key IN (SELECT k.report_key"
		    " FROM record AS k WHERE k.source_key IN " SOURCES ")",
		[RUAD_FILTER_RECORD] = " AND c.source_key IN " SOURCES } },
	{ FIELD(KIND_TEXT, reporter), 0, false, true,
	    ON(NULL,
		" AND r.reporter_key IN (SELECT reporter_key FROM reporter"
		" WHERE instr(org_key, :reporter) > 0)",
		NULL) },
	{ FIELD(KIND_INT, since), INT64_MIN, false, false,
	    { [RUAD_FILTER_DAYS] = " AND y.day >= :since / 86400",
		[RUAD_FILTER_BEFORE] = " AND y.day < :since / 86400",
		[RUAD_FILTER_PERIOD] =
		    NOT_LONG_BEFORE " AND " RUAD_SQL_MIDDLE " >= :since",
		[RUAD_FILTER_QUARANTINE] =
		    " AND m.received_epoch >= :since" } },
	{ FIELD(KIND_INT, until), INT64_MAX, false, false,
	    { [RUAD_FILTER_DAYS] = " AND y.day <= (:until - 1) / 86400",
		[RUAD_FILTER_PERIOD] = " AND r.begin_epoch < :until"
				       " AND " RUAD_SQL_MIDDLE " < :until",
		[RUAD_FILTER_QUARANTINE] = " AND m.received_epoch < :until" } },
	{ FIELD(KIND_INT, before), 0, false, false,
	    { [RUAD_FILTER_BEFORE] = " AND y.day >= :before / 86400" } },
	{ FIELD(KIND_BOOL, trusted), 0, false, true,
	    ON(NULL,
		" AND (SELECT t.trusted FROM v_report AS t"
		" WHERE t.report_key = r.report_key)",
		NULL) },
	{ FIELD(KIND_INT, dispositions), 0, true, false,
	    ON(IN_SET("y.disposition", ":dispositions"), NULL,
		IN_SET("c.disposition", ":dispositions")) },
	{ FIELD(KIND_INT, spf), 0, true, false,
	    ON(IN_SET("y.spf", ":spf"), NULL, IN_SET("c.spf", ":spf")) },
	{ FIELD(KIND_INT, dkim), 0, true, false,
	    ON(IN_SET("y.dkim", ":dkim"), NULL, IN_SET("c.dkim", ":dkim")) },
	{ FIELD(KIND_INT, dmarc), 0, true, false,
	    ON(IN_SET(DMARC("y"), ":dmarc"), NULL,
		IN_SET(DMARC("c"), ":dmarc")) },
	{ FIELD(KIND_TEXT, selector), 0, true, true,
	    ON(NULL, NULL,
		" AND EXISTS (SELECT 1 FROM auth_result AS t"
		" WHERE t.auth_set_key = c.auth_set_key"
		" AND t.selector = :selector)") },
	{ FIELD(KIND_TEXT, spf_domain), 0, true, true,
	    ON(NULL, NULL, HAS_RESULT("2", ":spf_domain")) },
	{ FIELD(KIND_TEXT, dkim_domain), 0, true, true,
	    ON(NULL, NULL, HAS_RESULT("1", ":dkim_domain")) },
	{ FIELD(KIND_TEXT, code), 0, false, false,
	    { [RUAD_FILTER_QUARANTINE] = " AND q.code = :code" } },
	{ FIELD(KIND_INT, quarantine_key), 0, false, false,
	    { [RUAD_FILTER_QUARANTINE] =
		    " AND q.quarantine_key = :quarantine" } },
	{ FIELD(KIND_TEXT, grants), 0, false, false,
	    ON(" AND y.policy_domain_key IN " GRANTED,
		" AND r.policy_domain_key IN " GRANTED, NULL) },
	{ FIELD(KIND_INT, outcomes), 0, false, true,
	    ON(NULL, IN_SET(SHARE, ":outcomes"), NULL) },
	{ FIELD(KIND_BOOL, odd), 0, false, true,
	    ON(NULL,
		" AND (r.warnings <> '' OR r.rows_refused > 0 OR EXISTS"
		" (SELECT 1 FROM conflict AS x"
		"  WHERE x.report_key = r.report_key))",
		NULL) },
	{ FIELD(KIND_INT, after_key), 0, false, true,
	    { [RUAD_FILTER_REPORT] = " AND (r.received_epoch, r.report_key)"
				     " < (:after_epoch, :after_key)",
		[RUAD_FILTER_QUARANTINE] =
		    " AND (m.received_epoch, q.quarantine_key)"
		    " < (:after_epoch, :after_key)" } },
	{ FIELD(KIND_INT, after_row), 0, false, false,
	    { [RUAD_FILTER_RECORD] = " AND c.row_no > :after_row" } },
};

enum { CONDITION_COUNT = sizeof(conditions) / sizeof(conditions[0]) };

_Static_assert(CONDITION_COUNT <= sizeof(unsigned) * CHAR_BIT,
    "conditions are bits");

static const void *
field(const struct ruad_filter *f, size_t offset)
{
	return (const char *)f + offset;
}

static bool
is_set(const struct condition *c, const struct ruad_filter *f)
{
	const void *at = field(f, c->offset);

	switch (c->kind) {
	case KIND_TEXT:
		return *(const char *const *)at != NULL;
	case KIND_IP:
		return *(const unsigned char *const *)at != NULL;
	case KIND_INT:
		return *(const int64_t *)at != c->any;
	case KIND_BOOL:
		return *(const bool *)at;
	}
	return false;
}

unsigned
ruad_filter_conditions(const struct ruad_filter *f)
{
	unsigned set = 0;

	for (unsigned i = 0; i < CONDITION_COUNT; i++) {
		if (is_set(&conditions[i], f))
			set |= 1u << i;
	}
	return set;
}

bool
ruad_filter_needs_records(unsigned set)
{
	for (unsigned i = 0; i < CONDITION_COUNT; i++) {
		if ((set & 1u << i) != 0 && conditions[i].not_daily)
			return true;
	}
	return false;
}

bool
ruad_filter_has_record(unsigned set)
{
	for (unsigned i = 0; i < CONDITION_COUNT; i++) {
		if ((set & 1u << i) != 0 && conditions[i].of_record)
			return true;
	}
	return false;
}

/* Whether there is none but the domain and what says something of days. */
static bool
is_domain_or_days(unsigned set, bool days)
{
	for (unsigned i = 0; i < CONDITION_COUNT; i++) {
		const struct condition *c = &conditions[i];

		if ((set & 1u << i) == 0 ||
		    c->offset == offsetof(struct ruad_filter, domain))
			continue;
		if (!days ||
		    (c->on[RUAD_FILTER_DAYS] == NULL &&
			c->on[RUAD_FILTER_BEFORE] == NULL))
			return false;
	}
	return true;
}

bool
ruad_filter_is_whole(unsigned set)
{
	return is_domain_or_days(set, false);
}

bool
ruad_filter_is_days(unsigned set)
{
	return is_domain_or_days(set, true);
}

const char *
ruad_filter_sql(unsigned n, enum ruad_filter_place place)
{
	if (n >= CONDITION_COUNT)
		return NULL;
	return conditions[n].on[place] != NULL ? conditions[n].on[place] : "";
}

static int
bind(sqlite3_stmt *stmt, int i, enum kind kind, const void *at)
{
	switch (kind) {
	case KIND_TEXT:
		return sqlite3_bind_text(stmt, i, *(const char *const *)at, -1,
		    SQLITE_STATIC);
	case KIND_IP:
		return sqlite3_bind_blob(stmt, i,
		    *(const unsigned char *const *)at, 16, SQLITE_STATIC);
	case KIND_INT:
		return sqlite3_bind_int64(stmt, i, *(const int64_t *)at);
	case KIND_BOOL:
		return sqlite3_bind_int(stmt, i, *(const bool *)at);
	}
	return SQLITE_MISUSE;
}

int
ruad_filter_bind(const struct ruad_filter *f, sqlite3_stmt *stmt)
{
	int rc = SQLITE_OK;

	for (size_t n = 0; n < sizeof(params) / sizeof(params[0]); n++) {
		int i = sqlite3_bind_parameter_index(stmt, params[n].name);

		if (i != 0 && rc == SQLITE_OK)
			rc = bind(stmt, i, params[n].kind,
			    field(f, params[n].offset));
	}
	return rc;
}
