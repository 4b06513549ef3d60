/* report_rows.c - binds the fields of a report to the columns of the store. */
#include "report_rows.h"
#include "daily.h"

/* All names of warnings with their blanks fit. */
#define WARNINGS_BYTES 2048

static void
bind_place(struct ruad_bound *b, const struct ruad_report *r,
    const struct ruad_report_place *place)
{
	ruad_sql_key(b, place->report_key);
	ruad_sql_key(b, place->reporter_key);
	ruad_sql_key(b, place->policy_domain_key);
	ruad_sql_text(b, r->report_id);
	ruad_sql_int(b, r->begin);
	ruad_sql_int(b, r->end);
	ruad_sql_key(b, place->mail_key);
	ruad_sql_int(b, place->received_epoch);
}

static void
bind_policy(struct ruad_bound *b, const struct ruad_report *r)
{
	ruad_sql_int(b, r->p);
	ruad_sql_int(b, r->sp);
	ruad_sql_int(b, r->np);
	ruad_sql_int(b, r->adkim);
	ruad_sql_int(b, r->aspf);
	if (r->pct >= 0)
		ruad_sql_int(b, r->pct);
	else
		ruad_sql_text(b, NULL);
	ruad_sql_text(b, r->fo);
	ruad_sql_int(b, r->testing);
	ruad_sql_int(b, r->discovery_method);
}

static enum ruad_status
put_report(struct ruad_sql *sql, const struct ruad_report *r,
    const struct ruad_report_place *place, const struct ruad_warnings *warnings,
    const char *part, struct ruad_err *err)
{
	struct ruad_bound b = ruad_sql_bind(sql, RUAD_SQL_PUT_REPORT);
	char words[WARNINGS_BYTES];

	bind_place(&b, r, place);
	ruad_sql_text(&b, r->org_name);
	ruad_sql_text(&b, r->email);
	ruad_sql_text(&b, r->extra_contact_info);
	ruad_sql_text(&b, r->generator);
	bind_policy(&b, r);
	ruad_sql_int(&b, r->dialect);
	ruad_sql_text(&b, r->version_raw);
	ruad_sql_text(&b, r->namespace_uri);
	ruad_sql_text(&b, part);
	ruad_sql_int(&b, r->records);
	ruad_sql_int(&b, r->messages);
	ruad_sql_int(&b, r->messages_pass);
	ruad_sql_int(&b, r->rows_refused);
	ruad_sql_text(&b, ruad_warnings_text(warnings, words, sizeof(words)));
	ruad_sql_bytes(&b, r->content_hash, sizeof(r->content_hash));
	return ruad_sql_run(&b, err);
}

static enum ruad_status
add_errors(struct ruad_sql *sql, const struct ruad_report *r,
    int64_t report_key, struct ruad_err *err)
{
	const struct ruad_report_error *e;
	struct ruad_bound b;
	enum ruad_status st = RUAD_OK;
	int64_t position = 0;

	for (e = r->errors; e != NULL && st == RUAD_OK; e = e->next) {
		b = ruad_sql_bind(sql, RUAD_SQL_ADD_ERROR);
		ruad_sql_key(&b, report_key);
		ruad_sql_int(&b, position++);
		ruad_sql_text(&b, e->text);
		st = ruad_sql_run(&b, err);
	}
	return st;
}

static enum ruad_status
add_raw_words(struct ruad_sql *sql, const struct ruad_report *r,
    int64_t report_key, struct ruad_err *err)
{
	const struct ruad_raw_word *w;
	struct ruad_bound b;
	enum ruad_status st = RUAD_OK;

	for (w = r->raw_words; w != NULL && st == RUAD_OK; w = w->next) {
		b = ruad_sql_bind(sql, RUAD_SQL_ADD_RAW_WORD);
		ruad_sql_key(&b, report_key);
		ruad_sql_int(&b, w->row_no);
		ruad_sql_text(&b, w->field);
		ruad_sql_text(&b, w->word);
		st = ruad_sql_run(&b, err);
	}
	return st;
}

static enum ruad_status
add_refused_rows(struct ruad_sql *sql, const struct ruad_report *r,
    int64_t report_key, struct ruad_err *err)
{
	const struct ruad_refused_row *row;
	struct ruad_bound b;
	enum ruad_status st = RUAD_OK;

	for (row = r->refused_rows; row != NULL && st == RUAD_OK;
	     row = row->next) {
		b = ruad_sql_bind(sql, RUAD_SQL_ADD_REFUSED_ROW);
		ruad_sql_key(&b, report_key);
		ruad_sql_int(&b, row->row_no);
		ruad_sql_text(&b, ruad_code_name(row->code));
		ruad_sql_text(&b, row->text != NULL ? row->text : "");
		st = ruad_sql_run(&b, err);
	}
	return st;
}

/* The keys that a record points to. */
struct record_keys {
	int64_t source, header_from, envelope_from, envelope_to, auth_set,
	    reason_set;
};

static enum ruad_status
find_record_keys(struct ruad_dict *dict, const struct ruad_record *rec,
    struct record_keys *k, struct ruad_err *err)
{
	enum ruad_status st = ruad_dict_source(dict, rec->ip, &k->source, err);

	if (st == RUAD_OK)
		st = ruad_dict_domain(dict, rec->header_from, &k->header_from,
		    err);
	if (st == RUAD_OK)
		st = ruad_dict_domain(dict, rec->envelope_from,
		    &k->envelope_from, err);
	if (st == RUAD_OK)
		st = ruad_dict_domain(dict, rec->envelope_to, &k->envelope_to,
		    err);
	if (st == RUAD_OK)
		st = ruad_dict_auth_set(dict, rec->auth_set, &k->auth_set, err);
	if (st == RUAD_OK)
		st = ruad_dict_reason_set(dict, rec->reason_set, &k->reason_set,
		    err);
	return st;
}

static enum ruad_status
add_record(struct ruad_sql *sql, int64_t report_key,
    const struct ruad_record *rec, const struct record_keys *k,
    struct ruad_err *err)
{
	struct ruad_bound b = ruad_sql_bind(sql, RUAD_SQL_ADD_RECORD);

	ruad_sql_key(&b, report_key);
	ruad_sql_int(&b, rec->row_no);
	ruad_sql_key(&b, k->source);
	ruad_sql_int(&b, rec->messages);
	ruad_sql_int(&b, rec->disposition);
	ruad_sql_int(&b, rec->dkim);
	ruad_sql_int(&b, rec->spf);
	ruad_sql_int(&b, rec->derived);
	ruad_sql_int(&b, rec->dkim_alignment);
	ruad_sql_int(&b, rec->spf_alignment);
	ruad_sql_key(&b, k->header_from);
	ruad_sql_key(&b, k->envelope_from);
	ruad_sql_key(&b, k->envelope_to);
	ruad_sql_key(&b, k->auth_set);
	ruad_sql_key(&b, k->reason_set);
	return ruad_sql_run(&b, err);
}

/* The records and the roll-ups. A report that takes the place of another leaves
 * no sums of its day that it could be added to. */
static enum ruad_status
add_records(struct ruad_dict *dict, int64_t report_key,
    const struct ruad_report_place *place, struct ruad_err *err)
{
	const struct ruad_report *r = dict->report;
	int64_t policy_domain_key = place->policy_domain_key;
	const struct ruad_record *rec;
	struct ruad_daily *daily = NULL;
	struct record_keys k;
	enum ruad_status st = ruad_daily_new(r->records, &daily, err);
	uint32_t i;

	for (i = 0; i < r->records && st == RUAD_OK; i++) {
		rec = ruad_report_record(r, i);
		st = find_record_keys(dict, rec, &k, err);
		if (st == RUAD_OK)
			st = add_record(dict->sql, report_key, rec, &k, err);
		if (st == RUAD_OK)
			ruad_daily_add(daily, rec,
			    k.header_from != 0 ? k.header_from
					       : policy_domain_key,
			    k.source);
	}
	if (st == RUAD_OK)
		st = ruad_daily_write(daily, dict->sql, policy_domain_key,
		    ruad_daily_day(r), err);
	if (st == RUAD_OK && place->report_key == 0)
		st = ruad_daily_add_day(daily, dict->sql, r, policy_domain_key,
		    place->received_epoch, err);
	else if (st == RUAD_OK)
		st = ruad_daily_recount_day(dict->sql, policy_domain_key,
		    ruad_daily_day(r), err);
	ruad_daily_free(&daily);
	return st;
}

enum ruad_status
ruad_report_rows_write(struct ruad_dict *dict,
    const struct ruad_report_place *place, const struct ruad_warnings *warnings,
    const char *part, int64_t *report_key_out, struct ruad_err *err)
{
	const struct ruad_report *r = dict->report;
	struct ruad_sql *sql = dict->sql;
	enum ruad_status st = put_report(sql, r, place, warnings, part, err);
	int64_t key = place->report_key;

	if (st != RUAD_OK)
		return st;
	if (key == 0)
		key = sqlite3_last_insert_rowid(sql->db);
	*report_key_out = key;
	st = add_errors(sql, r, key, err);
	if (st == RUAD_OK)
		st = add_raw_words(sql, r, key, err);
	if (st == RUAD_OK)
		st = add_refused_rows(sql, r, key, err);
	if (st == RUAD_OK)
		st = add_records(dict, key, place, err);
	return st;
}

enum ruad_status
ruad_report_rows_drop(struct ruad_sql *sql,
    const struct ruad_report_place *place, int64_t day, bool *exact_out,
    struct ruad_err *err)
{
	static const enum ruad_sql_id drops[] = { RUAD_SQL_DROP_RECORDS,
		RUAD_SQL_DROP_RAW_WORDS, RUAD_SQL_DROP_REFUSED_ROWS,
		RUAD_SQL_DROP_ERRORS };
	struct ruad_bound b;
	enum ruad_status st;
	size_t i;

	st = ruad_daily_subtract(sql, place->report_key,
	    place->policy_domain_key, day, exact_out, err);
	for (i = 0; i < sizeof(drops) / sizeof(drops[0]) && st == RUAD_OK;
	     i++) {
		b = ruad_sql_bind(sql, drops[i]);
		ruad_sql_key(&b, place->report_key);
		st = ruad_sql_run(&b, err);
	}
	return st;
}
