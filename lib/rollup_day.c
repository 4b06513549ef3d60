/* rollup_day.c - a day goes through a temporary table of groups with equal
 * facts, as a rehearsal of what was published reads them; the tables are sums
 * over it. */
#include "rollup_day.h"
#include <string.h>
#include "rehearsal.h"
#include "sql.h"

/* An address that passed SPF for the domain in the days before is ours, even
 * where no message of this day shows it. */
#define EVIDENCE_DAYS 27

static const char group_table_sql[] =
    "CREATE TEMP TABLE IF NOT EXISTS roll_group (sender_id INTEGER,"
    "  source_key INTEGER, author_key INTEGER, auth_set_key INTEGER,"
    "  null_path INTEGER, org_id INTEGER, base INTEGER, class INTEGER,"
    "  dkim INTEGER, spf INTEGER, dkim_alignment INTEGER,"
    "  spf_alignment INTEGER, disposition INTEGER, p INTEGER, sp INTEGER,"
    "  np INTEGER, adkim INTEGER, aspf INTEGER, sampled INTEGER,"
    "  place INTEGER, reasons INTEGER, arc INTEGER, own_source INTEGER,"
    "  own_broken INTEGER, detailed INTEGER, messages INTEGER,"
    "  failed INTEGER, refused INTEGER);"
    "DELETE FROM temp.roll_group;";

static const char add_group_sql[] =
    "INSERT INTO temp.roll_group VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9,"
    " ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23,"
    " ?24, ?25, ?26, iif(?9 = 2 AND ?10 = 2, ?26, 0),"
    " iif(?13 IN (3, 4), ?26, 0))";

/* Of domain ?1, day ?2. */
static const char *const clear_sql[] = {
	"DELETE FROM roll_sender WHERE domain_key = ?1 AND day = ?2",
	"DELETE FROM roll_source WHERE domain_key = ?1 AND day = ?2"
	" AND sender_id IN (SELECT sender_id FROM roll_name"
	"  WHERE domain_key = ?1)",
	"DELETE FROM roll_auth WHERE domain_key = ?1 AND day = ?2"
	" AND sender_id IN (SELECT sender_id FROM roll_name"
	"  WHERE domain_key = ?1)",
	"DELETE FROM roll_day WHERE domain_key = ?1 AND day = ?2",
	"DELETE FROM roll_tally WHERE domain_key = ?1 AND day = ?2",
	"DELETE FROM roll_report WHERE domain_key = ?1 AND day = ?2",
	"DELETE FROM roll_print WHERE domain_key = ?1 AND day = ?2",
};

#define DAY_FROM_SENDERS(where) \
	"INSERT INTO roll_day SELECT domain_key, day, class, disposition," \
	" dkim, spf, sum(messages) FROM roll_sender WHERE " where \
	" GROUP BY 1, 2, 3, 4, 5, 6"

#define TALLY_FROM_SOURCES(where) \
	"INSERT INTO roll_tally SELECT domain_key, day, org_id, class," \
	" sum(messages), sum(failed), sum(refused) FROM roll_source " \
	"WHERE " where " GROUP BY 1, 2, 3, 4"

static const char *const fill_sql[] = {
	"INSERT INTO roll_sender SELECT ?1, ?2, row_number() OVER (),"
	" sender_id, base, class, dkim, spf, dkim_alignment, spf_alignment,"
	" disposition, p, sp, np, adkim, aspf, sampled, place, reasons, arc,"
	" own_source, own_broken, detailed, sum(messages)"
	" FROM temp.roll_group GROUP BY sender_id, base, class, dkim, spf,"
	"  dkim_alignment, spf_alignment, disposition, p, sp, np, adkim, aspf,"
	"  sampled, place, reasons, arc, own_source, own_broken, detailed",

	"INSERT INTO roll_source SELECT ?1, sender_id, ?2, source_key, base,"
	" class, org_id, sum(messages), sum(failed), sum(refused)"
	" FROM temp.roll_group GROUP BY sender_id, source_key, base",

	/* As v_auth has the alignment. */
	"INSERT INTO roll_auth SELECT ?1, sender_id, ?2, row_number() OVER (),"
	" base, class, method, domain_key, selector, result, alignment,"
	" sum(messages), sum(failed), sum(first * messages),"
	" sum(first * failed), sum(first * refused) FROM ("
	"  SELECT g.sender_id, g.base, g.class, a.method, a.domain_key,"
	"   a.selector, a.result,"
	"   CASE WHEN a.result <> 2 OR d.bad OR h.bad OR d.name IS NULL"
	"    OR (a.scope = 2 AND NOT g.null_path) THEN 0"
	"    WHEN d.name = h.name THEN 2"
	"    WHEN d.org_domain = h.org_domain THEN 1 ELSE 0 END AS alignment,"
	"   g.messages, g.failed, g.refused,"
	"   NOT EXISTS (SELECT 1 FROM auth_result AS e"
	"    WHERE e.auth_set_key = a.auth_set_key AND e.position < a.position"
	"    AND e.method = a.method AND e.domain_key IS a.domain_key) AS first"
	"  FROM temp.roll_group AS g"
	"  JOIN auth_result AS a ON a.auth_set_key = g.auth_set_key"
	"  LEFT JOIN domain AS d ON d.domain_key = a.domain_key"
	"  JOIN domain AS h ON h.domain_key = g.author_key"
	"  UNION ALL SELECT g.sender_id, g.base, g.class, m.column1, NULL,"
	"   NULL, 1, 0, g.messages, g.failed, g.refused, 1"
	"  FROM temp.roll_group AS g CROSS JOIN (VALUES (1), (2)) AS m"
	"  WHERE g.detailed AND NOT EXISTS (SELECT 1 FROM auth_result AS a"
	"   WHERE a.auth_set_key = g.auth_set_key AND a.method = m.column1))"
	" GROUP BY sender_id, base, class, method, domain_key, selector,"
	"  result, alignment",

	DAY_FROM_SENDERS("domain_key = ?1 AND day = ?2"),

	"INSERT INTO roll_tally SELECT ?1, ?2, org_id, class, sum(messages),"
	" sum(failed), sum(refused) FROM temp.roll_group"
	" GROUP BY org_id, class",

	"INSERT INTO roll_report SELECT ?1, ?2, r.reporter_key, count(*),"
	" sum(r.messages), max(r.received_epoch) FROM report AS r"
	" WHERE r.policy_domain_key = ?1 AND r.begin_epoch"
	"  BETWEEN (?2 - ?3) * 86400 AND (?2 + 1) * 86400"
	" AND " RUAD_SQL_DAY " = ?2 GROUP BY r.reporter_key",

	/* Who has been seen; days that are gone are left to rollup.c. */
	"UPDATE roll_name AS n SET"
	" first_day = min(coalesce(n.first_day, ?2), ?2),"
	" last_day = max(coalesce(n.last_day, ?2), ?2), first_pass_day ="
	"  iif(f.passes, min(coalesce(n.first_pass_day, ?2), ?2),"
	"  n.first_pass_day)"
	" FROM (SELECT sender_id, max(class = 0) AS passes"
	"  FROM temp.roll_group GROUP BY sender_id) AS f"
	" WHERE n.sender_id = f.sender_id",

	/* See rollup.c. */
	"INSERT INTO roll_print SELECT ?1, ?2, " RUAD_ROLLUP_PRINT
	" FROM daily AS y WHERE y.policy_domain_key = ?1 AND y.day = ?2"
	" HAVING count(*) > 0",
};

static const char find_name_sql[] =
    "SELECT sender_id FROM roll_name WHERE domain_key = ?1 AND name = ?2"
    " AND basis = ?3 AND kind = ?4";
static const char put_name_sql[] =
    "INSERT INTO roll_name (domain_key, name, basis, kind)"
    " VALUES (?1, ?2, ?3, ?4) ON CONFLICT (domain_key, name)"
    " DO UPDATE SET basis = excluded.basis, kind = excluded.kind"
    " RETURNING sender_id";
static const char find_org_sql[] =
    "SELECT org_id FROM roll_org WHERE name = ?1 AND known_by = ?2";
static const char put_org_sql[] =
    "INSERT INTO roll_org (name, known_by) VALUES (?1, ?2) RETURNING org_id";

struct counter {
	sqlite3 *db; /* borrowed */
	const struct ruad_orgdom *orgdom; /* borrowed */
	int64_t domain_key, span_days;
	sqlite3_stmt *add, *find_name, *put_name, *find_org, *put_org;
	/* The sender of the last group, and its number. */
	const struct ruad_rehearsal_sender *sender;
	int64_t sender_id;
};

enum ruad_status
ruad_rollup_run(sqlite3 *db, const char *sql, int64_t one, int64_t two,
    int64_t three, struct ruad_err *err)
{
	const int64_t value[3] = { one, two, three };
	struct ruad_bound b = { .db = db };
	enum ruad_status st;
	int n;

	b.rc = sqlite3_prepare_v2(db, sql, -1, &b.stmt, NULL);
	n = sqlite3_bind_parameter_count(b.stmt);
	for (int i = 0; i < n && i < 3; i++)
		ruad_sql_int(&b, value[i]);
	st = ruad_sql_run(&b, err);
	sqlite3_finalize(b.stmt);
	return st;
}

static enum ruad_status
run_all(sqlite3 *db, const char *const *sql, size_t count, int64_t domain_key,
    int64_t day, int64_t span_days, struct ruad_err *err)
{
	enum ruad_status st = RUAD_OK;

	for (size_t i = 0; i < count && st == RUAD_OK; i++)
		st = ruad_rollup_run(db, sql[i], domain_key, day, span_days,
		    err);
	return st;
}

static struct ruad_bound
bind_name(const struct counter *c, sqlite3_stmt *stmt,
    const struct ruad_rehearsal_sender *s)
{
	struct ruad_bound b = { .db = c->db, .stmt = stmt };

	ruad_sql_int(&b, c->domain_key);
	ruad_sql_text(&b, s->name);
	ruad_sql_text(&b, s->basis);
	ruad_sql_int(&b, s->kind);
	return b;
}

/* The number of a sender, which is given one where it is new. */
static enum ruad_status
number_sender(struct counter *c, const struct ruad_rehearsal_sender *s,
    struct ruad_err *err)
{
	struct ruad_bound b;
	enum ruad_status st;

	if (s == c->sender)
		return RUAD_OK;
	b = bind_name(c, c->find_name, s);
	st = ruad_sql_get(&b, &c->sender_id, 1, err);
	if (st == RUAD_OK && c->sender_id == 0) {
		b = bind_name(c, c->put_name, s);
		st = ruad_sql_get(&b, &c->sender_id, 1, err);
	}
	c->sender = st == RUAD_OK ? s : NULL;
	return st;
}

/* The number of who runs a source. */
static enum ruad_status
number_org(struct counter *c, const struct ruad_rehearsal_group *g,
    const struct ruad_rehearsal_sender *s, int64_t *out, struct ruad_err *err)
{
	const char *name =
	    g->ptr != NULL ? ruad_orgdom_find(c->orgdom, g->ptr) : NULL;
	const char *known_by = "ptr";
	struct ruad_bound b = { .db = c->db, .stmt = c->find_org };
	enum ruad_status st;

	if (name == NULL) {
		name = s->name;
		known_by =
		    strcmp(s->basis, "network") == 0 ? "network" : "sender";
	}
	ruad_sql_text(&b, name);
	ruad_sql_text(&b, known_by);
	st = ruad_sql_get(&b, out, 1, err);
	if (st != RUAD_OK || *out != 0)
		return st;
	b = (struct ruad_bound){ .db = c->db, .stmt = c->put_org };
	ruad_sql_text(&b, name);
	ruad_sql_text(&b, known_by);
	return ruad_sql_get(&b, out, 1, err);
}

static enum ruad_rehearse_class
labelled(enum ruad_rehearse_class base, enum ruad_sender_label label)
{
	if (base == RUAD_REHEARSED_MINE_PASS || base == RUAD_REHEARSED_UNSURE)
		return base;
	switch (label) {
	case RUAD_LABEL_NONE:
		return base;
	case RUAD_LABEL_MINE:
		return RUAD_REHEARSED_MINE_FAIL;
	case RUAD_LABEL_FORWARDER:
		return RUAD_REHEARSED_FORWARDED;
	case RUAD_LABEL_NOT_MINE:
		return RUAD_REHEARSED_STRANGER;
	}
	return base;
}

static enum ruad_status
add_group(const struct counter *c, const struct ruad_rehearsal_group *g,
    const struct ruad_rehearse_row *row, enum ruad_rehearse_class base,
    int64_t org_id, struct ruad_err *err)
{
	struct ruad_bound b = { .db = c->db, .stmt = c->add };

	ruad_sql_int(&b, c->sender_id);
	ruad_sql_int(&b, g->source_key);
	ruad_sql_int(&b, g->author_key);
	ruad_sql_key(&b, g->auth_set_key);
	ruad_sql_int(&b, g->null_path);
	ruad_sql_int(&b, org_id);
	ruad_sql_int(&b, base);
	ruad_sql_int(&b, labelled(base, row->label));
	ruad_sql_int(&b, row->dkim);
	ruad_sql_int(&b, row->spf);
	ruad_sql_int(&b, row->dkim_alignment);
	ruad_sql_int(&b, row->spf_alignment);
	ruad_sql_int(&b, row->disposition);
	ruad_sql_int(&b, row->seen.p);
	ruad_sql_int(&b, row->seen.sp);
	ruad_sql_int(&b, row->seen.np);
	ruad_sql_int(&b, row->seen.adkim);
	ruad_sql_int(&b, row->seen.aspf);
	ruad_sql_int(&b, row->sampled);
	ruad_sql_int(&b, row->place);
	ruad_sql_int(&b, row->reasons);
	ruad_sql_int(&b, row->arc);
	ruad_sql_int(&b, row->own_source);
	ruad_sql_int(&b, row->auth != NULL && row->auth->own_broken);
	ruad_sql_int(&b, row->auth != NULL);
	ruad_sql_int(&b, g->messages);
	return ruad_sql_run(&b, err);
}

/* What became of the messages, by the policy that was published. */
static enum ruad_status
count_group(void *arg, const struct ruad_rehearsal_group *g,
    const struct ruad_rehearse_row *row,
    const struct ruad_rehearsal_sender *sender, struct ruad_err *err)
{
	const struct ruad_rehearse_ask as_seen = { .policy = row->seen };
	struct ruad_rehearse_row bare = *row;
	struct counter *c = arg;
	int64_t org_id = 0;
	enum ruad_status st = number_sender(c, sender, err);

	bare.label = RUAD_LABEL_NONE;
	if (st == RUAD_OK)
		st = number_org(c, g, sender, &org_id, err);
	return st == RUAD_OK
	    ? add_group(c, g, row, ruad_rehearse(&as_seen, &bare).class, org_id,
		  err)
	    : st;
}

/* Read the groups of the day. */
static enum ruad_status
read_day(struct counter *c, const char *domain, int64_t day,
    struct ruad_err *err)
{
	static const struct ruad_rehearse_ask as_it_was = {
		.policy = { .p = RUAD_POLICY_NONE }
	};
	static const struct ruad_ready_limits limits = { .days = 1 };
	struct ruad_senders senders;
	struct ruad_rehearsal_ask ask = { .domain = domain,
		.first_day = day,
		.last_day = day,
		.days = 1,
		.policy = &as_it_was,
		.limits = &limits,
		.orgdom = c->orgdom,
		.senders = &senders,
		.evidence_days = EVIDENCE_DAYS,
		.span_days = c->span_days,
		.groups_only = true,
		.each = count_group,
		.each_arg = c };
	struct ruad_rehearsal result = { 0 };
	enum ruad_status st = ruad_senders_open(c->db, domain, &senders, err);

	if (st == RUAD_OK)
		st = ruad_rehearsal_read(c->db, &ask, &result, err);
	if (st == RUAD_OK)
		ruad_rehearsal_free(&result);
	ruad_senders_close(&senders);
	return st;
}

static enum ruad_status
prepare(struct counter *c, struct ruad_err *err)
{
	const struct {
		sqlite3_stmt **stmt;
		const char *sql;
	} all[] = { { &c->add, add_group_sql },
		{ &c->find_name, find_name_sql },
		{ &c->put_name, put_name_sql }, { &c->find_org, find_org_sql },
		{ &c->put_org, put_org_sql } };

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		int rc = sqlite3_prepare_v2(c->db, all[i].sql, -1, all[i].stmt,
		    NULL);

		if (rc != SQLITE_OK)
			return ruad_sql_fail(c->db, rc, err);
	}
	return RUAD_OK;
}

static enum ruad_status
fill_groups(struct counter *c, int64_t day, struct ruad_err *err)
{
	struct ruad_bound b = { .db = c->db };
	enum ruad_status st;
	char domain[300] = "";

	b.rc = sqlite3_prepare_v2(c->db,
	    "SELECT name FROM domain WHERE domain_key = ?1", -1, &b.stmt, NULL);
	ruad_sql_int(&b, c->domain_key);
	st = ruad_sql_next(&b, err);
	if (st == RUAD_OK)
		sqlite3_snprintf(sizeof(domain), domain, "%s",
		    sqlite3_column_text(b.stmt, 0));
	sqlite3_finalize(b.stmt);
	if (st != RUAD_OK)
		return st == RUAD_END ? RUAD_OK : st;
	st = prepare(c, err);
	if (st == RUAD_OK)
		st = read_day(c, domain, day, err);
	sqlite3_finalize(c->add);
	sqlite3_finalize(c->find_name);
	sqlite3_finalize(c->put_name);
	sqlite3_finalize(c->find_org);
	sqlite3_finalize(c->put_org);
	return st;
}

enum ruad_status
ruad_rollup_day(sqlite3 *db, const struct ruad_orgdom *orgdom,
    int64_t domain_key, int64_t day, int64_t span_days, struct ruad_err *err)
{
	struct counter c = { .db = db,
		.orgdom = orgdom,
		.domain_key = domain_key,
		.span_days = span_days };
	enum ruad_status st = ruad_sql_exec(db, group_table_sql, err);

	if (st == RUAD_OK)
		st = run_all(db, clear_sql,
		    sizeof(clear_sql) / sizeof(clear_sql[0]), domain_key, day,
		    span_days, err);
	if (st == RUAD_OK)
		st = fill_groups(&c, day, err);
	if (st == RUAD_OK)
		st = run_all(db, fill_sql,
		    sizeof(fill_sql) / sizeof(fill_sql[0]), domain_key, day,
		    span_days, err);
	return st;
}

/* Classes by their numbers, as labelled() has them: base in, label ?3. */
#define LABELLED \
	" SET class = CASE WHEN base IN (0, 4) THEN base" \
	" ELSE CASE ?3 WHEN 1 THEN 2 WHEN 2 THEN 1 WHEN 3 THEN 3" \
	" ELSE base END END WHERE domain_key = ?1 AND sender_id = ?2"

_Static_assert(RUAD_REHEARSED_MINE_PASS == 0 && RUAD_REHEARSED_FORWARDED == 1 &&
	RUAD_REHEARSED_MINE_FAIL == 2 && RUAD_REHEARSED_STRANGER == 3 &&
	RUAD_REHEARSED_UNSURE == 4,
    "numbers in SQL and in the database");

static const char *const label_sql[] = {
	"UPDATE roll_sender" LABELLED,
	"UPDATE roll_source" LABELLED,
	"UPDATE roll_auth" LABELLED,
	"DELETE FROM roll_day WHERE domain_key = ?1",
	DAY_FROM_SENDERS("domain_key = ?1"),
	"DELETE FROM roll_tally WHERE domain_key = ?1",
	TALLY_FROM_SOURCES("domain_key = ?1"),
	"DELETE FROM roll_ready WHERE domain_key = ?1",
};

enum ruad_status
ruad_rollup_label(sqlite3 *db, const char *domain, const char *sender,
    enum ruad_sender_label label, struct ruad_err *err)
{
	struct ruad_bound b = { .db = db };
	int64_t key[2] = { 0, 0 };
	enum ruad_status st;

	b.rc = sqlite3_prepare_v2(db,
	    "SELECT domain_key, sender_id FROM roll_name WHERE domain_key ="
	    " (SELECT domain_key FROM domain WHERE name = ?1)"
	    " AND name = ?2 COLLATE NOCASE",
	    -1, &b.stmt, NULL);
	ruad_sql_text(&b, domain);
	ruad_sql_text(&b, sender);
	st = ruad_sql_get(&b, key, 2, err);
	sqlite3_finalize(b.stmt);
	if (key[0] == 0)
		return st;
	for (size_t i = 0;
	     i < sizeof(label_sql) / sizeof(label_sql[0]) && st == RUAD_OK; i++)
		st = ruad_rollup_run(db, label_sql[i], key[0], key[1], label,
		    err);
	return st;
}
