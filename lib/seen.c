/* seen.c - two questions. */
#include "seen.h"
#include <stdio.h>
#include <string.h>
#include "sql.h"

static const char selector_sql[] =
    "SELECT d.name, a.selector, sum(a.result = 2) AS passes"
    " FROM domain AS d JOIN auth_result AS a ON a.domain_key = d.domain_key"
    " WHERE (d.name = ?1 OR substr(d.name, -length(?1) - 1) = '.' || ?1)"
    " AND a.method = 1 AND a.selector <> '' AND NOT d.bad"
    " GROUP BY d.domain_key, lower(a.selector)"
    " ORDER BY passes DESC, d.name, a.selector LIMIT ?2";

/* SQLite gives the org_name of the row with the greatest end. */
static const char policy_sql[] =
    "SELECT r.p, r.sp, r.np, r.adkim, r.aspf, coalesce(r.pct, -1), count(*),"
    " max(r.end_epoch) AS last, r.org_name"
    " FROM report AS r JOIN domain AS d"
    " ON d.domain_key = r.policy_domain_key"
    " WHERE d.name = ?1 AND r.end_epoch >= ?3"
    " GROUP BY r.p, r.sp, r.np, r.adkim, r.aspf, r.pct"
    " ORDER BY last DESC LIMIT ?2";

static void
copy_text(sqlite3_stmt *stmt, int column, char *out, size_t cap)
{
	const unsigned char *text = sqlite3_column_text(stmt, column);

	snprintf(out, cap, "%s", text != NULL ? (const char *)text : "");
}

static void
read_selector(sqlite3_stmt *stmt, struct ruad_seen *out)
{
	struct ruad_seen_selector *s = &out->selector[out->selector_count++];

	copy_text(stmt, 0, s->domain, sizeof(s->domain));
	copy_text(stmt, 1, s->selector, sizeof(s->selector));
	s->passes = sqlite3_column_int64(stmt, 2) > 0;
}

static void
read_policy(sqlite3_stmt *stmt, struct ruad_seen *out)
{
	struct ruad_seen_policy *p = &out->policy[out->policy_count++];

	p->p = (enum ruad_policy)sqlite3_column_int(stmt, 0);
	p->sp = (enum ruad_policy)sqlite3_column_int(stmt, 1);
	p->np = (enum ruad_policy)sqlite3_column_int(stmt, 2);
	p->adkim = (enum ruad_mode)sqlite3_column_int(stmt, 3);
	p->aspf = (enum ruad_mode)sqlite3_column_int(stmt, 4);
	p->pct = sqlite3_column_int(stmt, 5);
	p->reports = sqlite3_column_int64(stmt, 6);
	p->end_epoch = sqlite3_column_int64(stmt, 7);
	copy_text(stmt, 8, p->org_name, sizeof(p->org_name));
}

static enum ruad_status
read_all(sqlite3 *db, const char *sql, const char *domain, int64_t since,
    void (*read)(sqlite3_stmt *stmt, struct ruad_seen *out),
    struct ruad_seen *out, struct ruad_err *err)
{
	struct ruad_bound b = { .db = db };
	enum ruad_status st;

	b.rc = sqlite3_prepare_v2(db, sql, -1, &b.stmt, NULL);
	if (b.rc != SQLITE_OK)
		return ruad_sql_fail(db, b.rc, err);
	ruad_sql_text(&b, domain);
	ruad_sql_int(&b, RUAD_SEEN_MAX);
	if (sqlite3_bind_parameter_count(b.stmt) > 2)
		ruad_sql_int(&b, since);
	while ((st = ruad_sql_next(&b, err)) == RUAD_OK)
		read(b.stmt, out);
	sqlite3_finalize(b.stmt);
	return st == RUAD_END ? RUAD_OK : st;
}

enum ruad_status
ruad_seen_read(sqlite3 *db, const char *domain, int64_t since_epoch,
    struct ruad_seen *out, struct ruad_err *err)
{
	enum ruad_status st;

	memset(out, 0, sizeof(*out));
	st = read_all(db, selector_sql, domain, 0, read_selector, out, err);
	if (st == RUAD_OK)
		st = read_all(db, policy_sql, domain, since_epoch, read_policy,
		    out, err);
	return st;
}

unsigned
ruad_seen_differences(const struct ruad_seen_policy *s,
    const struct ruad_reading *a)
{
	unsigned set = 0;

	if (s->p != RUAD_POLICY_UNKNOWN && s->p != a->p)
		set |= 1u << RUAD_TAG_P;
	if (s->sp != RUAD_POLICY_UNKNOWN && s->sp != a->sp)
		set |= 1u << RUAD_TAG_SP;
	if (s->adkim != RUAD_MODE_UNKNOWN && s->adkim != a->adkim)
		set |= 1u << RUAD_TAG_ADKIM;
	if (s->aspf != RUAD_MODE_UNKNOWN && s->aspf != a->aspf)
		set |= 1u << RUAD_TAG_ASPF;
	if (s->pct >= 0 && s->pct != a->pct)
		set |= 1u << RUAD_TAG_PCT;
	return set;
}
