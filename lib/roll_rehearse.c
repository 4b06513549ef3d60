/* roll_rehearse.c - a rehearsal from the roll-ups: the facts of messages are
 * read back and judged by the same code that judges the records. */
#include "roll.h"
#include <string.h>
#include "sql.h"

/* ?1 domain, ?2 and ?3 the first and the last day, ?4 the day after the last
 * one that is over. */
#define HERE "(SELECT domain_key FROM domain WHERE name = ?1)"

static const char facts_sql[] =
    "SELECT (SELECT count(DISTINCT day) FROM roll_report"
    "  WHERE domain_key = " HERE " AND day >= ?2 AND day <= ?3 AND day < ?4),"
    " (SELECT count(DISTINCT reporter_key) FROM roll_report"
    "  WHERE domain_key = " HERE " AND day BETWEEN ?2 AND ?3),"
    " (SELECT ?3 - min(day) + 1 FROM roll_day WHERE domain_key = " HERE "),"
    " (SELECT count(DISTINCT day) FROM roll_sender"
    "  WHERE domain_key = " HERE " AND day BETWEEN ?2 AND ?3"
    "  AND NOT detailed)";

static const char rows_sql[] =
    "SELECT f.dkim, f.spf, f.dkim_alignment, f.spf_alignment, f.disposition,"
    " f.p, f.sp, f.np, f.adkim, f.aspf, f.sampled, f.place, f.reasons,"
    " f.arc, f.own_source, f.own_broken, f.detailed, sum(f.messages),"
    " min(f.day), max(f.day), n.name, n.basis, n.kind,"
    " n.first_pass_day < ?4, f.sender_id"
    " FROM roll_sender AS f JOIN roll_name AS n ON n.sender_id = f.sender_id"
    " WHERE f.domain_key = " HERE " AND f.day BETWEEN ?2 AND ?3"
    " GROUP BY f.sender_id, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14,"
    "  15, 16, 17";

/* Columns of rows_sql. */
enum {
	R_DKIM,
	R_SPF,
	R_DKIM_ALIGNMENT,
	R_SPF_ALIGNMENT,
	R_DISPOSITION,
	R_P,
	R_SP,
	R_NP,
	R_ADKIM,
	R_ASPF,
	R_SAMPLED,
	R_PLACE,
	R_REASONS,
	R_ARC,
	R_OWN_SOURCE,
	R_OWN_BROKEN,
	R_DETAILED,
	R_MESSAGES,
	R_FIRST_DAY,
	R_LAST_DAY,
	R_NAME,
	R_BASIS,
	R_KIND,
	R_OLD,
	R_SENDER
};

static struct ruad_bound
prepare(sqlite3 *db, const char *sql, const struct ruad_rehearsal_ask *ask,
    int64_t last)
{
	struct ruad_bound b = { .db = db };

	b.rc = sqlite3_prepare_v2(db, sql, -1, &b.stmt, NULL);
	ruad_sql_text(&b, ask->domain);
	ruad_sql_int(&b, ask->first_day);
	ruad_sql_int(&b, ask->last_day);
	ruad_sql_int(&b, last);
	return b;
}

static enum ruad_status
read_facts(sqlite3 *db, const struct ruad_rehearsal_ask *ask,
    struct ruad_rehearsal *out, struct ruad_err *err)
{
	struct ruad_bound b =
	    prepare(db, facts_sql, ask, ask->first_day + ask->days);
	int64_t n[4];
	enum ruad_status st = ruad_sql_get(&b, n, 4, err);

	sqlite3_finalize(b.stmt);
	if (st == RUAD_OK)
		ruad_rehearsal_set_facts(ask, n, out);
	return st;
}

/* The static word that equals a text. */
static const char *
basis_of(const char *text)
{
	static const char *const words[] = { "name", "dkim", "spf", "ptr",
		"network" };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strcmp(words[i], text) == 0)
			return words[i];
	}
	return words[4];
}

static int
word(sqlite3_stmt *s, int column)
{
	return sqlite3_column_int(s, column);
}

static enum ruad_status
take_row(struct ruad_rehearsal_sum *sum, sqlite3_stmt *s, struct ruad_err *err)
{
	const struct ruad_rehearse_auth auth = {
		.own_broken = word(s, R_OWN_BROKEN) != 0
	};
	const struct ruad_rehearsal_group g = {
		.row = {
		    .dkim = (enum ruad_verdict)word(s, R_DKIM),
		    .spf = (enum ruad_verdict)word(s, R_SPF),
		    .dkim_alignment =
			(enum ruad_alignment)word(s, R_DKIM_ALIGNMENT),
		    .spf_alignment =
			(enum ruad_alignment)word(s, R_SPF_ALIGNMENT),
		    .disposition =
			(enum ruad_disposition)word(s, R_DISPOSITION),
		    .seen = { (enum ruad_policy)word(s, R_P),
			(enum ruad_policy)word(s, R_SP),
			(enum ruad_policy)word(s, R_NP),
			(enum ruad_mode)word(s, R_ADKIM),
			(enum ruad_mode)word(s, R_ASPF) },
		    .sampled = word(s, R_SAMPLED) != 0,
		    .place = (enum ruad_rehearse_place)word(s, R_PLACE),
		    .reasons = (unsigned)word(s, R_REASONS),
		    .arc = word(s, R_ARC) != 0,
		    .own_source = word(s, R_OWN_SOURCE) != 0,
		    .auth = word(s, R_DETAILED) != 0 ? &auth : NULL,
		},
		.messages = sqlite3_column_int64(s, R_MESSAGES),
		.source_key = sqlite3_column_int64(s, R_SENDER),
		.first_day = sqlite3_column_int64(s, R_FIRST_DAY),
		.last_day = sqlite3_column_int64(s, R_LAST_DAY),
		.source_ip = "",
		.header_from = "",
		.sender = (const char *)sqlite3_column_text(s, R_NAME),
		.basis = basis_of(
		    (const char *)sqlite3_column_text(s, R_BASIS)),
		.kind = (enum ruad_sender_kind)word(s, R_KIND),
		.old_source = word(s, R_OLD) != 0,
	};

	return ruad_rehearsal_sum_add(sum, &g, err);
}

static enum ruad_status
read_rows(sqlite3 *db, const struct ruad_rehearsal_ask *ask,
    struct ruad_rehearsal_sum *sum, struct ruad_err *err)
{
	struct ruad_bound b = prepare(db, rows_sql, ask,
	    ask->last_day + 1 - ask->limits->new_days);
	enum ruad_status st;

	while ((st = ruad_sql_next(&b, err)) == RUAD_OK) {
		st = take_row(sum, b.stmt, err);
		if (st != RUAD_OK)
			break;
	}
	sqlite3_finalize(b.stmt);
	return st == RUAD_END ? RUAD_OK : st;
}

enum ruad_status
ruad_roll_rehearse(sqlite3 *db, const struct ruad_rehearsal_ask *given,
    struct ruad_rehearsal *out, struct ruad_err *err)
{
	struct ruad_rehearsal_ask ask = *given;
	struct ruad_senders senders;
	struct ruad_rehearsal_sum *sum;
	enum ruad_status st = ruad_senders_open(db, ask.domain, &senders, err);

	*out = (struct ruad_rehearsal){ 0 };
	ask.senders = &senders;
	if (st == RUAD_OK)
		st = read_facts(db, &ask, out, err);
	if (st == RUAD_OK) {
		sum = ruad_rehearsal_sum_new(&ask, out);
		st = sum != NULL ? read_rows(db, &ask, sum, err)
				 : ruad_fail_memory(err, "rehearse");
		if (st == RUAD_OK)
			ruad_rehearsal_sum_end(sum);
	}
	ruad_senders_close(&senders);
	if (st != RUAD_OK)
		ruad_rehearsal_free(out);
	return st;
}

enum ruad_status
ruad_roll_ready(sqlite3 *db, const char *domain,
    const struct ruad_roll_published *published,
    const struct ruad_roll_bounds *bounds, int64_t today,
    struct ruad_roll_ready *out, struct ruad_err *err)
{
	struct ruad_rehearse_ask asked = { .without_dkim = NULL };
	struct ruad_rehearsal_ask ask = { .domain = domain,
		.policy = &asked,
		.limits = &out->limits,
		.last_day = today };
	enum ruad_status st;

	*out = (struct ruad_roll_ready){ .limits = bounds->ready };
	if (published->policy.p == RUAD_POLICY_REJECT) {
		out->done = true;
		return RUAD_OK;
	}
	ruad_rehearsal_choose(&published->policy, &asked.policy);
	out->target = asked.policy;
	out->limits.days =
	    ruad_rehearse_strictest(&asked.policy) == RUAD_POLICY_REJECT
	    ? bounds->days_reject
	    : bounds->days_quarantine;
	ask.days = out->limits.days;
	ask.first_day = today - ask.days;
	out->first_day = ask.first_day;
	out->last_day = today;
	st = ruad_roll_rehearse(db, &ask, &out->rehearsal, err);
	if (st == RUAD_OK)
		out->verdict = ruad_ready_judge(&out->rehearsal.facts,
		    &out->limits, out->condition);
	return st;
}
