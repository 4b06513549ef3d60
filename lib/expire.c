/* expire.c - phases, one for each kind of thing. What to take is looked for
 * outside of a transaction, since that may mean to read much; what is found is
 * taken away by its key inside of one. The statement that finds leaves out what
 * the one that takes away would leave, so that each step gets on.
 *
 * Of the dictionaries only sources go: strangers bring ever new ones, and both
 * tables that point to them have an index to see by that nothing does. The
 * others grow with what is the operator's own, and stay. */
#include "expire.h"
#include "put.h"
#include "sql.h"
#include <stdlib.h>

/* What is found in one step, at most. */
#define FOUND_MAX 256
/* What a report costs beside its records, in rows. */
#define REPORT_ROWS 20

struct found {
	int64_t a, b; /* where to go on; b is the key, but of a day */
	int64_t rows; /* about what it costs */
	int64_t extra; /* bytes of an original; the mail of a report */
};

struct ruad_expire {
	struct ruad_store *store; /* borrowed */
	struct ruad_sql *sql; /* of the store */
	int64_t limit[RUAD_EXPIRE_COUNT]; /* of the age; INT64_MIN: none */
	int64_t only_key; /* of the domain to which all is limited; 0: none */
	struct ruad_expire_totals totals;
	/* where we are */
	unsigned phase;
	int64_t domain_key; /* in phases that go by domain; 0: before them */
	int64_t a, b;
	/* this step */
	struct found found[FOUND_MAX];
	size_t found_count;
	int64_t rows; /* left of its bound */
	struct ruad_expire_totals step;
};

typedef enum ruad_status take_one(struct ruad_put *p, struct ruad_expire *e,
    const struct found *f, struct ruad_err *err);

static take_one take_records, take_raw, take_quarantine, take_day, take_report,
    take_mail, take_source;

static const struct phase {
	enum ruad_sql_id find;
	enum ruad_sql_id next_domain; /* 0: it does not go by domain */
	take_one *take;
} phases[RUAD_EXPIRE_COUNT] = {
	[RUAD_EXPIRE_RECORDS] = { RUAD_SQL_OLD_RECORDS,
	    RUAD_SQL_NEXT_REPORT_DOMAIN, take_records },
	[RUAD_EXPIRE_QUARANTINE] = { RUAD_SQL_OLD_QUARANTINE, 0,
	    take_quarantine },
	[RUAD_EXPIRE_RAW] = { RUAD_SQL_OLD_RAW, 0, take_raw },
	[RUAD_EXPIRE_DAILY] = { RUAD_SQL_OLD_DAY, RUAD_SQL_NEXT_DAILY_DOMAIN,
	    take_day },
	[RUAD_EXPIRE_REPORTS] = { RUAD_SQL_OLD_REPORT,
	    RUAD_SQL_NEXT_REPORT_DOMAIN, take_report },
	[RUAD_EXPIRE_MAILS] = { RUAD_SQL_OLD_MAIL, 0, take_mail },
	[RUAD_EXPIRE_SOURCES] = { RUAD_SQL_OLD_SOURCE, 0, take_source },
};

/* The key of the domain to which all is limited. */
static enum ruad_status
find_domain(struct ruad_expire *e, const char *name, struct ruad_err *err)
{
	struct ruad_bound b = ruad_sql_bind(e->sql, RUAD_SQL_FIND_DOMAIN);
	enum ruad_status st;

	ruad_sql_text(&b, name);
	st = ruad_sql_get(&b, &e->only_key, 1, err);
	if (st == RUAD_OK && e->only_key == 0)
		return ruad_fail(err, RUAD_END, RUAD_CODE_NONE,
		    "store: there is nothing about %s", name);
	return st;
}

enum ruad_status
ruad_expire_new(struct ruad_store *store,
    const struct ruad_expire_settings *set, struct ruad_expire **out,
    struct ruad_err *err)
{
	struct ruad_expire *e = *out = calloc(1, sizeof(*e));
	enum ruad_status st = RUAD_OK;

	if (e == NULL)
		return ruad_fail_memory(err, "expire");
	e->store = store;
	e->sql = ruad_store_sql(store);
	e->limit[RUAD_EXPIRE_RECORDS] = set->records_day;
	e->limit[RUAD_EXPIRE_RAW] = set->raw_epoch;
	e->limit[RUAD_EXPIRE_QUARANTINE] =
	    set->domain == NULL ? set->quarantine_epoch : INT64_MIN;
	e->limit[RUAD_EXPIRE_DAILY] = set->daily_day;
	e->limit[RUAD_EXPIRE_REPORTS] = set->daily_day;
	e->limit[RUAD_EXPIRE_MAILS] =
	    set->domain == NULL ? set->mail_epoch : INT64_MIN;
	e->limit[RUAD_EXPIRE_SOURCES] =
	    set->domain == NULL && set->sources ? INT64_MAX : INT64_MIN;
	e->a = e->b = INT64_MIN;
	if (set->domain != NULL)
		st = find_domain(e, set->domain, err);
	if (st != RUAD_OK)
		ruad_expire_free(out);
	return st;
}

/* Take the rows of the statement until they are enough. */
static enum ruad_status
find_some(struct ruad_expire *e, struct ruad_err *err)
{
	struct ruad_bound b = ruad_sql_bind(e->sql, phases[e->phase].find);
	enum ruad_status st = RUAD_OK;
	int64_t rows = 0;

	ruad_sql_key(&b,
	    phases[e->phase].next_domain != 0 ? e->domain_key : e->only_key);
	ruad_sql_int(&b, e->a);
	ruad_sql_int(&b, e->b);
	ruad_sql_int(&b, e->limit[e->phase]);
	e->found_count = 0;
	while (rows < e->rows && e->found_count < FOUND_MAX &&
	    (st = ruad_sql_next(&b, err)) == RUAD_OK) {
		struct found *f = &e->found[e->found_count++];

		f->a = sqlite3_column_int64(b.stmt, 0);
		f->b = sqlite3_column_int64(b.stmt, 1);
		f->rows = sqlite3_column_int64(b.stmt, 2);
		f->extra = sqlite3_column_int64(b.stmt, 3);
		rows += f->rows;
	}
	sqlite3_reset(b.stmt);
	return st == RUAD_END ? RUAD_OK : st;
}

/* The next domain of this phase; *found_out is false behind the last. */
static enum ruad_status
next_domain(struct ruad_expire *e, bool *found_out, struct ruad_err *err)
{
	struct ruad_bound b;
	enum ruad_status st = RUAD_OK;
	int64_t key = 0;

	if (e->only_key != 0) {
		if (e->domain_key == 0)
			key = e->only_key;
	} else {
		b = ruad_sql_bind(e->sql, phases[e->phase].next_domain);
		ruad_sql_int(&b, e->domain_key);
		st = ruad_sql_get(&b, &key, 1, err);
	}
	e->domain_key = key;
	e->a = e->b = INT64_MIN;
	*found_out = key != 0;
	return st;
}

static void
next_phase(struct ruad_expire *e)
{
	e->phase++;
	e->domain_key = 0;
	e->a = e->b = INT64_MIN;
}

/* Find what is next, wherever that is. RUAD_END: nothing. */
static enum ruad_status
find(struct ruad_expire *e, struct ruad_err *err)
{
	enum ruad_status st = RUAD_OK;

	while (e->phase < RUAD_EXPIRE_COUNT && st == RUAD_OK) {
		bool by_domain = phases[e->phase].next_domain != 0;
		bool more = false;

		if (e->limit[e->phase] == INT64_MIN) {
			next_phase(e);
			continue;
		}
		if (!by_domain || e->domain_key != 0)
			st = find_some(e, err);
		if (st == RUAD_OK && e->found_count > 0)
			return RUAD_OK;
		if (st == RUAD_OK && by_domain)
			st = next_domain(e, &more, err);
		if (st == RUAD_OK && !more)
			next_phase(e);
	}
	return st == RUAD_OK ? RUAD_END : st;
}

/* Run a statement with two keys, or three; *count_out is added to. */
static enum ruad_status
take_rows(struct ruad_sql *sql, enum ruad_sql_id id, const int64_t *keys,
    size_t count, int64_t *count_out, struct ruad_err *err)
{
	struct ruad_bound b = ruad_sql_bind(sql, id);
	enum ruad_status st;

	for (size_t i = 0; i < count; i++)
		ruad_sql_int(&b, keys[i]);
	st = ruad_sql_run(&b, err);
	if (st == RUAD_OK)
		*count_out += sqlite3_changes(sql->db);
	return st;
}

/* The records of a report as far as the bound goes, from the first on, and the
 * words that belong to them. */
static enum ruad_status
take_records(struct ruad_put *p, struct ruad_expire *e, const struct found *f,
    struct ruad_err *err)
{
	struct ruad_bound b = ruad_sql_bind(p->sql, RUAD_SQL_SOME_RECORDS);
	int64_t last_count[2], words = 0;
	enum ruad_status st;

	ruad_sql_key(&b, f->b);
	ruad_sql_int(&b, e->rows);
	st = ruad_sql_get(&b, last_count, 2, err);
	if (st == RUAD_OK)
		st = take_rows(p->sql, RUAD_SQL_TAKE_RECORDS,
		    (int64_t[]){ f->b, last_count[0] }, 2,
		    &e->step.rows[RUAD_EXPIRE_RECORDS], err);
	if (st == RUAD_OK)
		st = take_rows(p->sql, RUAD_SQL_TAKE_RAW_WORDS,
		    (int64_t[]){ f->b, last_count[0] }, 2, &words, err);
	e->rows -= last_count[1];
	return st;
}

static enum ruad_status
take_raw(struct ruad_put *p, struct ruad_expire *e, const struct found *f,
    struct ruad_err *err)
{
	int64_t count = 0;
	enum ruad_status st = take_rows(p->sql, RUAD_SQL_DROP_RAW,
	    (int64_t[]){ f->b }, 1, &count, err);

	e->step.rows[RUAD_EXPIRE_RAW] += count;
	e->step.raw_bytes += count * f->extra;
	e->rows -= f->rows;
	return st;
}

static enum ruad_status
take_quarantine(struct ruad_put *p, struct ruad_expire *e,
    const struct found *f, struct ruad_err *err)
{
	enum ruad_status st = ruad_put_drop(p, f->b, true, err);

	if (st == RUAD_OK)
		e->step.rows[RUAD_EXPIRE_QUARANTINE]++;
	e->rows -= f->rows;
	/* Somebody else was faster. */
	return st == RUAD_END ? RUAD_OK : st;
}

/* The roll-up of a day and author domain, as far as the bound goes, to the end
 * of a source. */
static enum ruad_status
take_day(struct ruad_put *p, struct ruad_expire *e, const struct found *f,
    struct ruad_err *err)
{
	struct ruad_bound b = ruad_sql_bind(p->sql, RUAD_SQL_SOME_DAILY);
	int64_t last_count[2];
	enum ruad_status st;

	ruad_sql_key(&b, e->domain_key);
	ruad_sql_int(&b, f->a);
	ruad_sql_key(&b, f->b);
	ruad_sql_int(&b, e->rows);
	st = ruad_sql_get(&b, last_count, 2, err);
	if (st == RUAD_OK)
		st = take_rows(p->sql, RUAD_SQL_TAKE_DAILY,
		    (int64_t[]){ e->domain_key, f->a, f->b, last_count[0] }, 4,
		    &e->step.rows[RUAD_EXPIRE_DAILY], err);
	e->rows -= last_count[1];
	return st;
}

static enum ruad_status
take_report(struct ruad_put *p, struct ruad_expire *e, const struct found *f,
    struct ruad_err *err)
{
	int64_t days = 0;
	enum ruad_status st = take_rows(p->sql, RUAD_SQL_TAKE_FROM_DAY,
	    (int64_t[]){ f->b }, 1, &days, err);

	if (st == RUAD_OK)
		st = take_rows(p->sql, RUAD_SQL_PRUNE_DAY, (int64_t[]){ f->b },
		    1, &days, err);
	if (st == RUAD_OK)
		st =
		    take_rows(p->sql, RUAD_SQL_DROP_REPORT, (int64_t[]){ f->b },
			1, &e->step.rows[RUAD_EXPIRE_REPORTS], err);
	if (st == RUAD_OK)
		st = take_rows(p->sql, RUAD_SQL_PRUNE_MAIL,
		    (int64_t[]){ f->extra }, 1,
		    &e->step.rows[RUAD_EXPIRE_MAILS], err);
	e->rows -= REPORT_ROWS;
	return st;
}

static enum ruad_status
take_mail(struct ruad_put *p, struct ruad_expire *e, const struct found *f,
    struct ruad_err *err)
{
	e->rows -= f->rows;
	return take_rows(p->sql, RUAD_SQL_PRUNE_MAIL, (int64_t[]){ f->b }, 1,
	    &e->step.rows[RUAD_EXPIRE_MAILS], err);
}

/* With what was looked up about it. */
static enum ruad_status
take_source(struct ruad_put *p, struct ruad_expire *e, const struct found *f,
    struct ruad_err *err)
{
	e->rows -= f->rows;
	return take_rows(p->sql, RUAD_SQL_TAKE_SOURCE, (int64_t[]){ f->b }, 1,
	    &e->step.rows[RUAD_EXPIRE_SOURCES], err);
}

/* In the transaction. */
static enum ruad_status
take(struct ruad_put *p, void *arg, struct ruad_err *err)
{
	struct ruad_expire *e = arg;
	enum ruad_status st = RUAD_OK;

	for (size_t i = 0; i < e->found_count && e->rows > 0 && st == RUAD_OK;
	     i++) {
		e->a = e->found[i].a;
		e->b = e->found[i].b;
		st = phases[e->phase].take(p, e, &e->found[i], err);
	}
	return st;
}

static void
add_totals(struct ruad_expire_totals *to, const struct ruad_expire_totals *add)
{
	for (int i = 0; i < RUAD_EXPIRE_COUNT; i++)
		to->rows[i] += add->rows[i];
	to->raw_bytes += add->raw_bytes;
}

enum ruad_status
ruad_expire_step(struct ruad_expire *e, int64_t rows, struct ruad_err *err)
{
	enum ruad_status st;
	int64_t a, b;

	e->rows = rows > 0 ? rows : 1;
	e->step = (struct ruad_expire_totals){ .raw_bytes = 0 };
	e->found_count = 0;
	st = find(e, err);
	if (st != RUAD_OK)
		return st;
	a = e->a;
	b = e->b;
	st = ruad_store_do(e->store, take, e, err);
	if (st == RUAD_OK) {
		add_totals(&e->totals, &e->step);
	} else {
		e->a = a;
		e->b = b;
	}
	return st;
}

/* All of one phase, and of one domain where it goes by domain. */
static enum ruad_status
count_some(struct ruad_expire *e, struct ruad_err *err)
{
	struct ruad_bound b = ruad_sql_bind(e->sql, phases[e->phase].find);
	struct ruad_expire_totals *t = &e->totals;
	enum ruad_status st;

	ruad_sql_key(&b,
	    phases[e->phase].next_domain != 0 ? e->domain_key : e->only_key);
	ruad_sql_int(&b, INT64_MIN);
	ruad_sql_int(&b, INT64_MIN);
	ruad_sql_int(&b, e->limit[e->phase]);
	while ((st = ruad_sql_next(&b, err)) == RUAD_OK) {
		bool many = e->phase == RUAD_EXPIRE_RECORDS ||
		    e->phase == RUAD_EXPIRE_DAILY;

		t->rows[e->phase] += many ? sqlite3_column_int64(b.stmt, 2) : 1;
		if (e->phase == RUAD_EXPIRE_RAW)
			t->raw_bytes += sqlite3_column_int64(b.stmt, 3);
	}
	return st == RUAD_END ? RUAD_OK : st;
}

enum ruad_status
ruad_expire_count(struct ruad_expire *e, struct ruad_err *err)
{
	enum ruad_status st = RUAD_OK;
	bool more;

	for (e->phase = 0; e->phase < RUAD_EXPIRE_COUNT && st == RUAD_OK;
	     next_phase(e)) {
		if (e->limit[e->phase] == INT64_MIN)
			continue;
		if (phases[e->phase].next_domain == 0) {
			st = count_some(e, err);
			continue;
		}
		e->domain_key = 0;
		st = next_domain(e, &more, err);
		while (st == RUAD_OK && more) {
			st = count_some(e, err);
			if (st == RUAD_OK)
				st = next_domain(e, &more, err);
		}
	}
	return st;
}

const struct ruad_expire_totals *
ruad_expire_totals(const struct ruad_expire *e)
{
	return &e->totals;
}

void
ruad_expire_free(struct ruad_expire **e)
{
	free(*e);
	*e = NULL;
}
