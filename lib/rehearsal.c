/* rehearsal.c - the SQL of a rehearsal. A day is read from its records where
 * they are all there, else from the roll-up, so that no message counts twice:
 * both have the same sums. */
#include "rehearsal.h"
#include <string.h>
#include "sql.h"

static const char seen_sql[] =
    "SELECT r.p, r.sp,"
    /* Reports of RFC 7489 have no np. */
    " (SELECT x.np FROM report AS x WHERE x.np <> 0"
    "  AND x.policy_domain_key = r.policy_domain_key"
    "  AND x.begin_epoch >= r.begin_epoch - 7 * 86400"
    "  ORDER BY x.begin_epoch DESC LIMIT 1),"
    " r.adkim, r.aspf, coalesce(r.pct, 100), r.testing = 2"
    " FROM report AS r WHERE r.policy_domain_key ="
    "  (SELECT domain_key FROM domain WHERE name = ?1)"
    " ORDER BY r.begin_epoch DESC, r.report_key DESC LIMIT 1";

/* ?1 domain, ?2 and ?3 the first and the last day. The period of a report
 * begins before its middle, and not more than ?6 days before. */
#define KEPT \
	" here (k) AS (SELECT domain_key FROM domain WHERE name = ?1)," \
	" kept AS MATERIALIZED (SELECT r.report_key, " RUAD_SQL_DAY \
	"  AS day, r.reporter_key, r.p, iif(r.sp = 0, r.p, r.sp) AS sp," \
	"  r.np, max(r.adkim, 1)" \
	"   AS adkim, max(r.aspf, 1) AS aspf," \
	"  coalesce(r.pct < 100, 0) OR r.testing = 2 AS sampled," \
	"  r.records = (SELECT count(*) FROM record AS c" \
	"   WHERE c.report_key = r.report_key) AS whole" \
	"  FROM here CROSS JOIN report AS r" \
	"  ON r.policy_domain_key = here.k" \
	"  WHERE r.begin_epoch BETWEEN (?2 - ?6) * 86400" \
	"   AND (?3 + 1) * 86400 AND " RUAD_SQL_DAY " BETWEEN ?2 AND ?3)," \
	" whole (day) AS MATERIALIZED (SELECT day FROM kept" \
	"  GROUP BY day HAVING min(whole))"

static const char facts_sql[] =
    "WITH" KEPT " SELECT (SELECT count(DISTINCT day) FROM kept WHERE day < ?4),"
    " (SELECT count(DISTINCT reporter_key) FROM kept),"
    " (SELECT ?3 - min(y.day) + 1 FROM here CROSS JOIN daily AS y"
    "  ON y.policy_domain_key = here.k),"
    " (SELECT count(DISTINCT y.day) FROM here CROSS JOIN daily AS y"
    "  ON y.policy_domain_key = here.k WHERE y.day BETWEEN ?2 AND ?3"
    "  AND y.day NOT IN whole)";

/* The messages in groups of equal facts, those of one list of results and one
 * author together. ?4 is the first of the days in which senders are new (0: that
 * is not asked), ?5 of those that tell which addresses are ours. */
static const char groups_sql[] =
    "WITH" KEPT ","
    " passed AS MATERIALIZED (SELECT DISTINCT y.source_key"
    "  FROM here CROSS JOIN daily AS y ON y.policy_domain_key = here.k"
    "  WHERE y.day BETWEEN ?5 AND ?3 AND y.spf = 1),"
    /* A name that is aligned strictly has something in DNS. */
    " alive AS MATERIALIZED (SELECT DISTINCT y.header_from_key"
    "  FROM here CROSS JOIN daily AS y ON y.policy_domain_key = here.k"
    "  WHERE y.day BETWEEN ?5 AND ?3 AND ((y.dkim = 1"
    "   AND y.dkim_alignment = 2) OR (y.spf = 1"
    "   AND y.spf_alignment = 2))),"
    /* What was published on a day, where its reports agree. */
    " published AS MATERIALIZED (SELECT day,"
    "  iif(min(p) = max(p) AND min(sp) = max(sp), p, 0) AS p,"
    "  iif(min(p) = max(p) AND min(sp) = max(sp), sp, 0) AS sp,"
    "  max(np) AS np,"
    "  iif(min(adkim) = max(adkim), adkim, 0) AS adkim,"
    "  iif(min(aspf) = max(aspf), aspf, 0) AS aspf,"
    "  max(sampled) AS sampled FROM kept GROUP BY day),"
    " found AS (SELECT c.source_key,"
    "  coalesce(c.header_from_key, here.k) AS author_key,"
    "  c.auth_set_key, c.reason_set_key,"
    "  coalesce((SELECT f.name FROM domain AS f"
    "   WHERE f.domain_key = c.envelope_from_key) = '', 0) AS null_path,"
    "  c.disposition, c.dkim, c.spf, c.dkim_alignment, c.spf_alignment,"
    "  k.p, k.sp, k.np, k.adkim, k.aspf, k.sampled, 1 AS detailed,"
    "  sum(c.messages) AS messages, min(k.day) AS first_day,"
    "  max(k.day) AS last_day, max(c.report_key) AS report_key"
    "  FROM here CROSS JOIN kept AS k CROSS JOIN record AS c"
    "  ON c.report_key = k.report_key WHERE k.day IN whole"
    "  GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16"
    " UNION ALL SELECT y.source_key, y.header_from_key, NULL, NULL, 0,"
    "  y.disposition, y.dkim, y.spf, y.dkim_alignment, y.spf_alignment,"
    "  coalesce(b.p, 0), coalesce(b.sp, 0), coalesce(b.np, 0),"
    "  coalesce(b.adkim, 0), coalesce(b.aspf, 0), coalesce(b.sampled, 1),"
    "  0, sum(y.messages), min(y.day), max(y.day), 0"
    "  FROM here CROSS JOIN daily AS y ON y.policy_domain_key = here.k"
    "  LEFT JOIN published AS b ON b.day = y.day"
    "  WHERE y.day BETWEEN ?2 AND ?3 AND y.day NOT IN whole"
    "  GROUP BY 1, 2, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16)"
    " SELECT g.source_key, g.author_key, g.auth_set_key, g.null_path,"
    " g.disposition, g.dkim, g.spf, g.dkim_alignment, g.spf_alignment,"
    " g.p, g.sp, g.np, g.adkim, g.aspf, g.sampled, g.detailed,"
    " g.messages, g.first_day, g.last_day, g.report_key,"
    " s.ip_text, s.ip, s.ptr, s.sender, h.name, h.org_domain, h.bad,"
    " h.domain_key <> (SELECT k FROM here), g.author_key IN alive,"
    " g.source_key IN passed,"
    " (SELECT sum(DISTINCT 1 << x.type) FROM reason AS x"
    "  WHERE x.reason_set_key = g.reason_set_key),"
    " (SELECT max(x.type = 6 AND instr(lower(x.comment), 'arc=pass') > 0)"
    "  FROM reason AS x WHERE x.reason_set_key = g.reason_set_key),"
    /* The + has it look by source. */
    " ?4 <> 0 AND (g.dkim = 1 OR g.spf = 1) AND EXISTS (SELECT 1 FROM daily AS "
    "o"
    "  WHERE o.source_key = g.source_key AND o.day < ?4"
    "  AND +o.policy_domain_key = (SELECT k FROM here)"
    "  AND (o.dkim = 1 OR o.spf = 1))"
    " FROM found AS g JOIN source AS s ON s.source_key = g.source_key"
    " JOIN domain AS h ON h.domain_key = g.author_key"
    " ORDER BY g.auth_set_key, g.author_key, g.null_path, g.source_key,"
    "  g.report_key";

/* Columns of groups_sql. */
enum {
	G_SOURCE,
	G_AUTHOR,
	G_AUTH_SET,
	G_NULL_PATH,
	G_DISPOSITION,
	G_DKIM,
	G_SPF,
	G_DKIM_ALIGNMENT,
	G_SPF_ALIGNMENT,
	G_P,
	G_SP,
	G_NP,
	G_ADKIM,
	G_ASPF,
	G_SAMPLED,
	G_DETAILED,
	G_MESSAGES,
	G_FIRST_DAY,
	G_LAST_DAY,
	G_REPORT,
	G_IP_TEXT,
	G_IP,
	G_PTR,
	G_SENDER,
	G_NAME,
	G_ORG_DOMAIN,
	G_BAD,
	G_BELOW,
	G_ALIVE,
	G_PASSED,
	G_REASONS,
	G_ARC,
	G_OLD
};

static const char results_sql[] =
    "SELECT a.method, a.result, a.scope, d.name, d.org_domain, d.bad,"
    " a.selector FROM auth_result AS a"
    " LEFT JOIN domain AS d ON d.domain_key = a.domain_key"
    " WHERE a.auth_set_key = ?1 ORDER BY a.position";

struct reader {
	const struct ruad_rehearsal_ask *ask;
	struct ruad_rehearsal_sum *sum;
	struct ruad_bound groups, results; /* owned */
	/* Of the list of results that was read last. */
	struct ruad_rehearse_auth auth;
	int64_t auth_set, auth_author;
	bool auth_null_path;
};

static struct ruad_bound
prepare(sqlite3 *db, const char *sql)
{
	struct ruad_bound b = { .db = db };

	b.rc = sqlite3_prepare_v2(db, sql, -1, &b.stmt, NULL);
	return b;
}

static const char *
text(sqlite3_stmt *stmt, int column)
{
	return (const char *)sqlite3_column_text(stmt, column);
}

static int64_t
number(const struct reader *r, int column)
{
	return sqlite3_column_int64(r->groups.stmt, column);
}

static int
word(const struct reader *r, int column)
{
	return sqlite3_column_int(r->groups.stmt, column);
}

enum ruad_status
ruad_rehearsal_seen(sqlite3 *db, const char *domain,
    struct ruad_rehearsal_seen *out, struct ruad_err *err)
{
	struct ruad_bound b = prepare(db, seen_sql);
	enum ruad_status st;

	*out = (struct ruad_rehearsal_seen){ 0 };
	ruad_sql_text(&b, domain);
	st = ruad_sql_next(&b, err);
	if (st == RUAD_OK) {
		out->found = true;
		out->policy.p = (enum ruad_policy)sqlite3_column_int(b.stmt, 0);
		out->policy.sp =
		    (enum ruad_policy)sqlite3_column_int(b.stmt, 1);
		out->policy.np =
		    (enum ruad_policy)sqlite3_column_int(b.stmt, 2);
		out->policy.adkim =
		    (enum ruad_mode)sqlite3_column_int(b.stmt, 3);
		out->policy.aspf =
		    (enum ruad_mode)sqlite3_column_int(b.stmt, 4);
		out->pct = sqlite3_column_int64(b.stmt, 5);
		out->testing = sqlite3_column_int(b.stmt, 6) != 0;
	}
	sqlite3_finalize(b.stmt);
	return st == RUAD_END ? RUAD_OK : st;
}

/* One step up. */
static enum ruad_policy
next_policy(enum ruad_policy p)
{
	return p == RUAD_POLICY_QUARANTINE || p == RUAD_POLICY_REJECT
	    ? RUAD_POLICY_REJECT
	    : RUAD_POLICY_QUARANTINE;
}

/* A policy of reports that is that of the names above is as good as absent:
 * reporters fill it in. */
static enum ruad_policy
own_policy(enum ruad_policy policy, enum ruad_policy above)
{
	return policy == above ? RUAD_POLICY_UNKNOWN : policy;
}

void
ruad_rehearsal_choose(const struct ruad_rehearse_policy *seen,
    struct ruad_rehearse_policy *p)
{
	if (p->p == RUAD_POLICY_UNKNOWN)
		p->p = next_policy(seen->p);
	if (p->sp == RUAD_POLICY_UNKNOWN)
		p->sp = own_policy(seen->sp, seen->p);
	if (p->np == RUAD_POLICY_UNKNOWN)
		p->np = own_policy(seen->np,
		    seen->sp != RUAD_POLICY_UNKNOWN ? seen->sp : seen->p);
	if (p->adkim == RUAD_MODE_UNKNOWN)
		p->adkim = seen->adkim;
	if (p->aspf == RUAD_MODE_UNKNOWN)
		p->aspf = seen->aspf;
}

/* Bind what all statements are about. */
static void
bind_days(struct ruad_bound *b, const struct ruad_rehearsal_ask *ask)
{
	ruad_sql_text(b, ask->domain);
	ruad_sql_int(b, ask->first_day);
	ruad_sql_int(b, ask->last_day);
}

/* A report is refused where its period is longer than a year. */
static int64_t
span_days(const struct ruad_rehearsal_ask *ask)
{
	return ask->span_days > 0 ? ask->span_days : 367;
}

static enum ruad_status
read_facts(sqlite3 *db, const struct ruad_rehearsal_ask *ask,
    struct ruad_rehearsal *out, struct ruad_err *err)
{
	struct ruad_bound b = prepare(db, facts_sql);
	enum ruad_status st;
	int64_t n[4];

	bind_days(&b, ask);
	ruad_sql_int(&b, ask->first_day + ask->days);
	ruad_sql_int(&b, 0); /* ?5: not used */
	ruad_sql_int(&b, span_days(ask));
	st = ruad_sql_get(&b, n, 4, err);
	sqlite3_finalize(b.stmt);
	if (st == RUAD_OK)
		ruad_rehearsal_set_facts(ask, n, out);
	return st;
}

/* Read a list of results against its author, unless it is the last one. */
static enum ruad_status
read_results(struct reader *r, int64_t set, struct ruad_err *err)
{
	sqlite3_stmt *g = r->groups.stmt, *s = r->results.stmt;
	const struct ruad_rehearse_name author = { text(g, G_NAME),
		text(g, G_ORG_DOMAIN), word(r, G_BAD) != 0 };
	bool null_path = word(r, G_NULL_PATH) != 0;
	enum ruad_status st;

	if (set == r->auth_set && number(r, G_AUTHOR) == r->auth_author &&
	    null_path == r->auth_null_path)
		return RUAD_OK;
	r->auth = (struct ruad_rehearse_auth){ 0 };
	r->auth_set = set;
	r->auth_author = number(r, G_AUTHOR);
	r->auth_null_path = null_path;
	sqlite3_reset(s);
	r->results.column = 0;
	ruad_sql_int(&r->results, set);
	while ((st = ruad_sql_next(&r->results, err)) == RUAD_OK) {
		const struct ruad_rehearse_result result = {
			.method = (enum ruad_method)sqlite3_column_int(s, 0),
			.result = (enum ruad_result)sqlite3_column_int(s, 1),
			.scope = (enum ruad_scope)sqlite3_column_int(s, 2),
			.domain = { text(s, 3), text(s, 4),
			    sqlite3_column_int(s, 5) != 0 },
			.selector = text(s, 6),
		};

		ruad_rehearse_add(&r->auth, r->ask->policy, &author, null_path,
		    &result);
	}
	return st == RUAD_END ? RUAD_OK : st;
}

static struct ruad_rehearse_row
row_of(const struct reader *r)
{
	enum ruad_rehearse_place place = word(r, G_BELOW) == 0 ? RUAD_PLACE_OWN
	    : word(r, G_ALIVE) != 0 ? RUAD_PLACE_BELOW
				    : RUAD_PLACE_UNSEEN;

	return (struct ruad_rehearse_row){
		.dkim = (enum ruad_verdict)word(r, G_DKIM),
		.spf = (enum ruad_verdict)word(r, G_SPF),
		.dkim_alignment =
		    (enum ruad_alignment)word(r, G_DKIM_ALIGNMENT),
		.spf_alignment = (enum ruad_alignment)word(r, G_SPF_ALIGNMENT),
		.disposition = (enum ruad_disposition)word(r, G_DISPOSITION),
		.seen = { (enum ruad_policy)word(r, G_P),
		    (enum ruad_policy)word(r, G_SP),
		    (enum ruad_policy)word(r, G_NP),
		    (enum ruad_mode)word(r, G_ADKIM),
		    (enum ruad_mode)word(r, G_ASPF) },
		.sampled = word(r, G_SAMPLED) != 0,
		.place = place,
		.reasons = (unsigned)word(r, G_REASONS),
		.arc = word(r, G_ARC) != 0,
		.own_source = word(r, G_PASSED) != 0,
		.auth = word(r, G_DETAILED) != 0 ? &r->auth : NULL,
	};
}

static enum ruad_status
take_group(struct reader *r, struct ruad_err *err)
{
	sqlite3_stmt *g = r->groups.stmt;
	struct ruad_rehearsal_group group;
	enum ruad_status st = read_results(r, number(r, G_AUTH_SET), err);

	if (st != RUAD_OK)
		return st;
	group = (struct ruad_rehearsal_group){
		.row = row_of(r),
		.messages = number(r, G_MESSAGES),
		.source_key = number(r, G_SOURCE),
		.author_key = number(r, G_AUTHOR),
		.first_day = number(r, G_FIRST_DAY),
		.last_day = number(r, G_LAST_DAY),
		.report_key = number(r, G_REPORT),
		.source_ip = text(g, G_IP_TEXT),
		.header_from = text(g, G_NAME),
		.ip = sqlite3_column_blob(g, G_IP),
		.ptr = text(g, G_PTR),
		.sender = text(g, G_SENDER),
		.old_source = word(r, G_OLD) != 0,
		.auth_set_key = number(r, G_AUTH_SET),
		.null_path = word(r, G_NULL_PATH) != 0,
	};
	return ruad_rehearsal_sum_add(r->sum, &group, err);
}

static enum ruad_status
read_groups(struct reader *r, sqlite3 *db, struct ruad_err *err)
{
	enum ruad_status st;

	r->auth_set = -1;
	r->results = prepare(db, results_sql);
	r->groups = prepare(db, groups_sql);
	bind_days(&r->groups, r->ask);
	ruad_sql_int(&r->groups,
	    r->ask->groups_only
		? 0
		: r->ask->last_day + 1 - r->ask->limits->new_days);
	ruad_sql_int(&r->groups, r->ask->first_day - r->ask->evidence_days);
	ruad_sql_int(&r->groups, span_days(r->ask));
	while ((st = ruad_sql_next(&r->groups, err)) == RUAD_OK) {
		st = take_group(r, err);
		if (st != RUAD_OK)
			break;
	}
	sqlite3_finalize(r->groups.stmt);
	sqlite3_finalize(r->results.stmt);
	return st == RUAD_END ? RUAD_OK : st;
}

enum ruad_status
ruad_rehearsal_read(sqlite3 *db, const struct ruad_rehearsal_ask *ask,
    struct ruad_rehearsal *out, struct ruad_err *err)
{
	struct reader r = { .ask = ask };
	enum ruad_status st;

	*out = (struct ruad_rehearsal){ 0 };
	st = ask->groups_only ? RUAD_OK : read_facts(db, ask, out, err);
	if (st == RUAD_OK) {
		r.sum = ruad_rehearsal_sum_new(ask, out);
		st = r.sum != NULL ? read_groups(&r, db, err)
				   : ruad_fail_memory(err, "rehearse");
	}
	if (st == RUAD_OK)
		ruad_rehearsal_sum_end(r.sum);
	else
		ruad_rehearsal_free(out);
	return st;
}
