/* registry.c - two small tables. A domain stands for all below it. */
#include "registry.h"
#include "text.h"
#include <stdlib.h>
#include <string.h>

enum ruad_status
ruad_registry_answers(struct ruad_sql *sql, const char *domain, bool *yes_out,
    struct ruad_err *err)
{
	enum ruad_status st = RUAD_OK;
	int64_t found = 0;

	while (domain != NULL && found == 0 && st == RUAD_OK) {
		struct ruad_bound b =
		    ruad_sql_bind(sql, RUAD_SQL_FIND_REGISTERED);

		ruad_sql_text(&b, domain);
		st = ruad_sql_get(&b, &found, 1, err);
		domain = strchr(domain, '.');
		if (domain != NULL)
			domain++;
	}
	*yes_out = found != 0;
	return st;
}

enum ruad_status
ruad_registry_allows(struct ruad_sql *sql, const char *org_key,
    const char *from_domain, bool *yes_out, struct ruad_err *err)
{
	struct ruad_bound b = ruad_sql_bind(sql, RUAD_SQL_FIND_PIN);
	enum ruad_status st;
	int64_t row[2];

	ruad_sql_text(&b, org_key);
	ruad_sql_text(&b, from_domain);
	st = ruad_sql_get(&b, row, 2, err);
	*yes_out = row[0] == 0 || row[1] != 0;
	return st;
}

/* A row about a domain. */
static enum ruad_status
note_domain(struct ruad_sql *sql, enum ruad_sql_id id, const char *domain,
    const char *note, int64_t since_epoch, struct ruad_err *err)
{
	struct ruad_bound b = ruad_sql_bind(sql, id);

	ruad_sql_text(&b, domain);
	ruad_sql_int(&b, since_epoch);
	ruad_sql_text(&b, note);
	return ruad_sql_run(&b, err);
}

/* Run a statement, and say how many rows it changed. */
static enum ruad_status
run_counted(struct ruad_bound *b, int64_t *count_out, struct ruad_err *err)
{
	enum ruad_status st = ruad_sql_run(b, err);

	*count_out = sqlite3_changes(b->db);
	return st;
}

static enum ruad_status
drop_domain(struct ruad_sql *sql, enum ruad_sql_id id, const char *domain,
    int64_t *count_out, struct ruad_err *err)
{
	struct ruad_bound b = ruad_sql_bind(sql, id);

	ruad_sql_text(&b, domain);
	return run_counted(&b, count_out, err);
}

enum ruad_status
ruad_registry_add(struct ruad_sql *sql, const char *domain, const char *note,
    int64_t since_epoch, struct ruad_err *err)
{
	int64_t count;
	enum ruad_status st =
	    drop_domain(sql, RUAD_SQL_DROP_IGNORED, domain, &count, err);

	if (st == RUAD_OK)
		st = note_domain(sql, RUAD_SQL_ADD_REGISTERED, domain, note,
		    since_epoch, err);
	return st;
}

enum ruad_status
ruad_registry_ignore(struct ruad_sql *sql, const char *domain, const char *note,
    int64_t since_epoch, struct ruad_err *err)
{
	bool ours;
	enum ruad_status st = ruad_registry_answers(sql, domain, &ours, err);

	if (st == RUAD_OK && ours)
		return ruad_fail(err, RUAD_BAD, RUAD_CODE_NONE,
		    "store: %s is registered, or below a domain that is",
		    domain);
	if (st == RUAD_OK)
		st = note_domain(sql, RUAD_SQL_IGNORE, domain, note,
		    since_epoch, err);
	return st;
}

enum ruad_status
ruad_registry_remove(struct ruad_sql *sql, const char *domain,
    int64_t *count_out, struct ruad_err *err)
{
	int64_t ignored = 0;
	enum ruad_status st =
	    drop_domain(sql, RUAD_SQL_DROP_REGISTERED, domain, count_out, err);

	if (st == RUAD_OK)
		st = drop_domain(sql, RUAD_SQL_DROP_IGNORED, domain, &ignored,
		    err);
	*count_out += ignored;
	return st;
}

/* The name as it stands in reporter.org_key, which the caller frees; NULL: no
 * memory. */
static char *
org_key_of(const char *org_name)
{
	char *key = strdup(org_name);

	if (key != NULL) {
		ruad_text_lower(key, strlen(key));
		ruad_text_collapse(key);
	}
	return key;
}

enum ruad_status
ruad_registry_pin(struct ruad_sql *sql, const char *org_name,
    const char *domain, int64_t since_epoch, struct ruad_err *err)
{
	struct ruad_bound b = ruad_sql_bind(sql, RUAD_SQL_ADD_PIN);
	char *key = org_key_of(org_name);
	enum ruad_status st;

	if (key == NULL)
		return ruad_fail_memory(err, "store");
	ruad_sql_text(&b, key);
	ruad_sql_text(&b, domain);
	ruad_sql_text(&b, org_name);
	ruad_sql_int(&b, since_epoch);
	st = ruad_sql_run(&b, err);
	free(key);
	return st;
}

enum ruad_status
ruad_registry_unpin(struct ruad_sql *sql, const char *org_name,
    const char *domain, int64_t *count_out, struct ruad_err *err)
{
	struct ruad_bound b = ruad_sql_bind(sql, RUAD_SQL_DROP_PIN);
	char *key = org_key_of(org_name);
	enum ruad_status st;

	if (key == NULL)
		return ruad_fail_memory(err, "store");
	ruad_sql_text(&b, key);
	ruad_sql_text(&b, domain);
	st = run_counted(&b, count_out, err);
	free(key);
	return st;
}
