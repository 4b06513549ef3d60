/* daily.c - one small row per record, sorted in the order of the table's
 * primary key, so that equal ones meet and the table grows at one place. */
#include "daily.h"
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define DAY_SECS 86400

struct row {
	int64_t header_from_key, source_key, messages;
	/* disposition, dkim, spf, dkim_alignment, spf_alignment */
	unsigned char facts[5];
};

/* In the order of the columns of domain_day. */
struct sums {
	int64_t messages, pass, fail, none, quarantine, reject;
};

struct ruad_daily {
	struct sums sums;
	uint32_t count, max;
	struct row rows[];
};

int64_t
ruad_daily_day(const struct ruad_report *r)
{
	int64_t middle = r->begin + (r->end - r->begin) / 2;

	return middle / DAY_SECS - (middle % DAY_SECS < 0 ? 1 : 0);
}

enum ruad_status
ruad_daily_new(uint32_t records, struct ruad_daily **out, struct ruad_err *err)
{
	struct ruad_daily *d;

	*out = d = malloc(sizeof(*d) + (size_t)records * sizeof(d->rows[0]));
	if (d == NULL)
		return ruad_fail_memory(err, "store");
	d->sums = (struct sums){ 0 };
	d->count = 0;
	d->max = records;
	return RUAD_OK;
}

static void
add_to_sums(struct sums *s, const struct ruad_record *rec)
{
	int64_t n = rec->messages;
	int64_t *by_disposition[] = {
		[RUAD_DISPOSITION_NONE] = &s->none,
		[RUAD_DISPOSITION_PASS] = &s->none,
		[RUAD_DISPOSITION_QUARANTINE] = &s->quarantine,
		[RUAD_DISPOSITION_REJECT] = &s->reject,
	};

	s->messages += n;
	if (rec->dkim == RUAD_VERDICT_PASS || rec->spf == RUAD_VERDICT_PASS)
		s->pass += n;
	if (rec->dkim == RUAD_VERDICT_FAIL && rec->spf == RUAD_VERDICT_FAIL)
		s->fail += n;
	if (by_disposition[rec->disposition] != NULL)
		*by_disposition[rec->disposition] += n;
}

void
ruad_daily_add(struct ruad_daily *d, const struct ruad_record *rec,
    int64_t header_from_key, int64_t source_key)
{
	assert(d->count < d->max);
	add_to_sums(&d->sums, rec);
	d->rows[d->count++] = (struct row){
		.header_from_key = header_from_key,
		.source_key = source_key,
		.messages = rec->messages,
		.facts = { rec->disposition, rec->dkim, rec->spf,
		    rec->dkim_alignment, rec->spf_alignment },
	};
}

static int
row_order(const void *left, const void *right)
{
	const struct row *a = left, *b = right;

	if (a->header_from_key != b->header_from_key)
		return a->header_from_key < b->header_from_key ? -1 : 1;
	if (a->source_key != b->source_key)
		return a->source_key < b->source_key ? -1 : 1;
	return memcmp(a->facts, b->facts, sizeof(a->facts));
}

static enum ruad_status
row_write(const struct row *row, struct ruad_sql *sql,
    int64_t policy_domain_key, int64_t day, struct ruad_err *err)
{
	struct ruad_bound b = ruad_sql_bind(sql, RUAD_SQL_ADD_DAILY);
	size_t i;

	ruad_sql_key(&b, policy_domain_key);
	ruad_sql_int(&b, day);
	ruad_sql_key(&b, row->header_from_key);
	ruad_sql_key(&b, row->source_key);
	for (i = 0; i < sizeof(row->facts); i++)
		ruad_sql_int(&b, row->facts[i]);
	ruad_sql_int(&b, row->messages);
	return ruad_sql_run(&b, err);
}

enum ruad_status
ruad_daily_write(struct ruad_daily *d, struct ruad_sql *sql,
    int64_t policy_domain_key, int64_t day, struct ruad_err *err)
{
	enum ruad_status st = RUAD_OK;
	uint32_t i, next;

	qsort(d->rows, d->count, sizeof(d->rows[0]), row_order);
	for (i = 0; i < d->count && st == RUAD_OK; i = next) {
		for (next = i + 1; next < d->count &&
		     row_order(&d->rows[i], &d->rows[next]) == 0;
		     next++)
			d->rows[i].messages += d->rows[next].messages;
		st = row_write(&d->rows[i], sql, policy_domain_key, day, err);
	}
	return st;
}

enum ruad_status
ruad_daily_add_day(const struct ruad_daily *d, struct ruad_sql *sql,
    const struct ruad_report *r, int64_t policy_domain_key,
    int64_t received_epoch, struct ruad_err *err)
{
	struct ruad_bound b = ruad_sql_bind(sql, RUAD_SQL_ADD_DOMAIN_DAY);

	ruad_sql_key(&b, policy_domain_key);
	ruad_sql_int(&b, ruad_daily_day(r));
	ruad_sql_int(&b, d->sums.messages);
	ruad_sql_int(&b, d->sums.pass);
	ruad_sql_int(&b, d->sums.fail);
	ruad_sql_int(&b, d->sums.none);
	ruad_sql_int(&b, d->sums.quarantine);
	ruad_sql_int(&b, d->sums.reject);
	ruad_sql_int(&b, r->rows_refused);
	ruad_sql_int(&b, r->end);
	ruad_sql_int(&b, received_epoch);
	return ruad_sql_run(&b, err);
}

/* A statement about a day of a policy domain, and perhaps a report, which
 * gives one number. */
static enum ruad_status
ask_day(struct ruad_sql *sql, enum ruad_sql_id id, int64_t policy_domain_key,
    int64_t day, int64_t report_key, int64_t *out, struct ruad_err *err)
{
	struct ruad_bound b = ruad_sql_bind(sql, id);

	ruad_sql_key(&b, policy_domain_key);
	ruad_sql_int(&b, day);
	if (report_key != 0)
		ruad_sql_key(&b, report_key);
	return ruad_sql_get(&b, out, out == NULL ? 0 : 1, err);
}

enum ruad_status
ruad_daily_subtract(struct ruad_sql *sql, int64_t report_key,
    int64_t policy_domain_key, int64_t day, bool *exact_out,
    struct ruad_err *err)
{
	struct ruad_bound b = ruad_sql_bind(sql, RUAD_SQL_COUNT_DAILY);
	int64_t groups, changed = 0, wrong = 0;
	enum ruad_status st;

	ruad_sql_key(&b, policy_domain_key);
	ruad_sql_key(&b, report_key);
	st = ruad_sql_get(&b, &groups, 1, err);
	if (st == RUAD_OK)
		st = ask_day(sql, RUAD_SQL_SUBTRACT_DAILY, policy_domain_key,
		    day, report_key, NULL, err);
	changed = sqlite3_changes(sql->db);
	if (st == RUAD_OK)
		st = ask_day(sql, RUAD_SQL_CHECK_DAILY, policy_domain_key, day,
		    0, &wrong, err);
	if (st == RUAD_OK)
		st = ask_day(sql, RUAD_SQL_PRUNE_DAILY, policy_domain_key, day,
		    0, NULL, err);
	*exact_out = changed == groups && wrong == 0;
	return st;
}

enum ruad_status
ruad_daily_countable(struct ruad_sql *sql, int64_t report_key,
    int64_t policy_domain_key, int64_t day, bool *yes_out, struct ruad_err *err)
{
	int64_t yes = 0;
	enum ruad_status st = ask_day(sql, RUAD_SQL_CHECK_DAY,
	    policy_domain_key, day, report_key, &yes, err);

	*yes_out = yes != 0;
	return st;
}

enum ruad_status
ruad_daily_recount(struct ruad_sql *sql, int64_t policy_domain_key, int64_t day,
    struct ruad_err *err)
{
	enum ruad_status st = ask_day(sql, RUAD_SQL_CLEAR_DAY,
	    policy_domain_key, day, 0, NULL, err);

	if (st == RUAD_OK)
		st = ask_day(sql, RUAD_SQL_RECOUNT_DAY, policy_domain_key, day,
		    0, NULL, err);
	return st;
}

enum ruad_status
ruad_daily_recount_day(struct ruad_sql *sql, int64_t policy_domain_key,
    int64_t day, struct ruad_err *err)
{
	enum ruad_status st = ask_day(sql, RUAD_SQL_DROP_DOMAIN_DAY,
	    policy_domain_key, day, 0, NULL, err);

	if (st == RUAD_OK)
		st = ask_day(sql, RUAD_SQL_RECOUNT_DOMAIN_DAY,
		    policy_domain_key, day, 0, NULL, err);
	return st;
}

void
ruad_daily_free(struct ruad_daily **d)
{
	free(*d);
	*d = NULL;
}
