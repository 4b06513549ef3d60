/* roll.c - the tables of the roll-ups, and reading them. They hold nothing that
 * the store does not have: where their layout is another, they are made anew.
 * Keys of domains, sources and reporters are those of the store. */
#include "roll.h"
#include <string.h>
#include "history.h"
#include "record.h"
#include "sql.h"

#define LAYOUT 1 /* another number makes the tables anew */
#define BUSY_MSECS 5000
#define CACHE_KIB "8192" /* of each file, for each handle */

static const char state_sql[] =
    "CREATE TABLE IF NOT EXISTS roll_state ("
    "  name TEXT PRIMARY KEY, number INTEGER NOT NULL) STRICT, WITHOUT ROWID;"
    /* What the operator says of a domain, beside its registration. */
    "CREATE TABLE IF NOT EXISTS domain_mark ("
    "  domain TEXT PRIMARY KEY, label TEXT, parked INTEGER NOT NULL)"
    "  STRICT, WITHOUT ROWID;";

static const char drop_sql[] =
    "DROP TABLE IF EXISTS roll_todo; DROP TABLE IF EXISTS roll_print;"
    "DROP TABLE IF EXISTS roll_name; DROP TABLE IF EXISTS roll_org;"
    "DROP TABLE IF EXISTS roll_label; DROP TABLE IF EXISTS roll_sender;"
    "DROP TABLE IF EXISTS roll_source; DROP TABLE IF EXISTS roll_auth;"
    "DROP TABLE IF EXISTS roll_day; DROP TABLE IF EXISTS roll_tally;"
    "DROP TABLE IF EXISTS roll_report; DROP TABLE IF EXISTS roll_ready;"
    "DELETE FROM roll_state WHERE name <> 'version';";

/* Enumerations hold the numbers of lib/rehearse.h and lib/report.h. `base` is
 * the class of a row without a label, `class` with it; `failed` are messages
 * that did not pass DMARC, `refused` those quarantined or rejected. */
static const char tables_sql[] =
    /* Days that are to be counted. */
    "CREATE TABLE roll_todo (day INTEGER NOT NULL,"
    "  domain_key INTEGER NOT NULL, PRIMARY KEY (day, domain_key))"
    "  STRICT, WITHOUT ROWID;"
    /* Sums of a day of the store's roll-up, as they were when it was counted:
     * where they are others, it is counted again. */
    "CREATE TABLE roll_print (domain_key INTEGER NOT NULL,"
    "  day INTEGER NOT NULL, print INTEGER NOT NULL,"
    "  PRIMARY KEY (domain_key, day)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE roll_name (sender_id INTEGER PRIMARY KEY AUTOINCREMENT,"
    "  domain_key INTEGER NOT NULL, name TEXT NOT NULL,"
    "  basis TEXT NOT NULL, kind INTEGER NOT NULL, first_day INTEGER,"
    "  last_day INTEGER, first_pass_day INTEGER,"
    "  UNIQUE (domain_key, name)) STRICT;"
    "CREATE TABLE roll_org (org_id INTEGER PRIMARY KEY, name TEXT NOT NULL,"
    "  known_by TEXT NOT NULL, UNIQUE (name, known_by)) STRICT;"
    /* The labels that the classes below have. */
    "CREATE TABLE roll_label (policy_domain TEXT NOT NULL,"
    "  sender TEXT NOT NULL COLLATE NOCASE, label INTEGER NOT NULL,"
    "  PRIMARY KEY (policy_domain, sender)) STRICT, WITHOUT ROWID;"
    /* All facts that a rehearsal asks of messages. */
    "CREATE TABLE roll_sender (domain_key INTEGER NOT NULL,"
    "  day INTEGER NOT NULL, seq INTEGER NOT NULL,"
    "  sender_id INTEGER NOT NULL, base INTEGER NOT NULL,"
    "  class INTEGER NOT NULL, dkim INTEGER NOT NULL, spf INTEGER NOT NULL,"
    "  dkim_alignment INTEGER NOT NULL, spf_alignment INTEGER NOT NULL,"
    "  disposition INTEGER NOT NULL, p INTEGER NOT NULL, sp INTEGER NOT NULL,"
    "  np INTEGER NOT NULL, adkim INTEGER NOT NULL, aspf INTEGER NOT NULL,"
    "  sampled INTEGER NOT NULL, place INTEGER NOT NULL,"
    "  reasons INTEGER NOT NULL, arc INTEGER NOT NULL,"
    "  own_source INTEGER NOT NULL, own_broken INTEGER NOT NULL,"
    "  detailed INTEGER NOT NULL, messages INTEGER NOT NULL,"
    "  PRIMARY KEY (domain_key, day, seq)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE roll_source (domain_key INTEGER NOT NULL,"
    "  sender_id INTEGER NOT NULL, day INTEGER NOT NULL,"
    "  source_key INTEGER NOT NULL, base INTEGER NOT NULL,"
    "  class INTEGER NOT NULL, org_id INTEGER NOT NULL,"
    "  messages INTEGER NOT NULL, failed INTEGER NOT NULL,"
    "  refused INTEGER NOT NULL,"
    "  PRIMARY KEY (domain_key, sender_id, day, source_key, base))"
    "  STRICT, WITHOUT ROWID;"
    /* One row is a result that messages have; without one of a method, the
     * result is none and there is no domain. `first` counts a message once
     * where it has several of one method and domain. */
    "CREATE TABLE roll_auth (domain_key INTEGER NOT NULL,"
    "  sender_id INTEGER NOT NULL, day INTEGER NOT NULL,"
    "  seq INTEGER NOT NULL, base INTEGER NOT NULL, class INTEGER NOT NULL,"
    "  method INTEGER NOT NULL, auth_domain_key INTEGER, selector TEXT,"
    "  result INTEGER NOT NULL, alignment INTEGER NOT NULL,"
    "  messages INTEGER NOT NULL, failed INTEGER NOT NULL,"
    "  first INTEGER NOT NULL, first_failed INTEGER NOT NULL,"
    "  first_refused INTEGER NOT NULL,"
    "  PRIMARY KEY (domain_key, sender_id, day, seq)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE roll_day (domain_key INTEGER NOT NULL,"
    "  day INTEGER NOT NULL, class INTEGER NOT NULL,"
    "  disposition INTEGER NOT NULL, dkim INTEGER NOT NULL,"
    "  spf INTEGER NOT NULL, messages INTEGER NOT NULL,"
    "  PRIMARY KEY (domain_key, day, class, disposition, dkim, spf))"
    "  STRICT, WITHOUT ROWID;"
    "CREATE TABLE roll_tally (domain_key INTEGER NOT NULL,"
    "  day INTEGER NOT NULL, org_id INTEGER NOT NULL,"
    "  class INTEGER NOT NULL, messages INTEGER NOT NULL,"
    "  failed INTEGER NOT NULL, refused INTEGER NOT NULL,"
    "  PRIMARY KEY (domain_key, day, org_id, class)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE roll_report (domain_key INTEGER NOT NULL,"
    "  day INTEGER NOT NULL, reporter_key INTEGER NOT NULL,"
    "  reports INTEGER NOT NULL, messages INTEGER NOT NULL,"
    "  last_received INTEGER NOT NULL,"
    "  PRIMARY KEY (domain_key, day, reporter_key)) STRICT, WITHOUT ROWID;"
    /* The answer of `day`; verdict 3: done. */
    "CREATE TABLE roll_ready (domain_key INTEGER PRIMARY KEY,"
    "  day INTEGER NOT NULL, target INTEGER NOT NULL,"
    "  verdict INTEGER NOT NULL, blockers INTEGER NOT NULL) STRICT;"
    "INSERT OR REPLACE INTO roll_state VALUES ('layout', 1);"
    "INSERT INTO roll_state VALUES ('version', 1)"
    "  ON CONFLICT DO UPDATE SET number = number + 1;";

static enum ruad_status
get_state(sqlite3 *db, const char *name, int64_t *out, struct ruad_err *err)
{
	struct ruad_bound b = { .db = db };
	enum ruad_status st;

	b.rc = sqlite3_prepare_v2(db,
	    "SELECT number FROM roll_state WHERE name = ?1", -1, &b.stmt, NULL);
	ruad_sql_text(&b, name);
	st = ruad_sql_get(&b, out, 1, err);
	sqlite3_finalize(b.stmt);
	return st;
}

static enum ruad_status
make_tables(sqlite3 *db, struct ruad_err *err)
{
	int64_t layout = 0;
	enum ruad_status st = ruad_sql_exec(db,
	    "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;"
	    "BEGIN IMMEDIATE",
	    err);

	if (st != RUAD_OK)
		return st;
	st = ruad_sql_exec(db, state_sql, err);
	if (st == RUAD_OK)
		st = get_state(db, "layout", &layout, err);
	if (st == RUAD_OK && layout != LAYOUT) {
		st = ruad_sql_exec(db, drop_sql, err);
		if (st == RUAD_OK)
			st = ruad_sql_exec(db, tables_sql, err);
	}
	if (st == RUAD_OK)
		st = ruad_sql_exec(db, "COMMIT", err);
	if (st != RUAD_OK)
		sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
	return st;
}

static enum ruad_status
open_file(const char *path, int flags, sqlite3 **out, struct ruad_err *err)
{
	int rc = sqlite3_open_v2(path, out, flags | SQLITE_OPEN_NOMUTEX, NULL);

	if (rc != SQLITE_OK)
		return ruad_sql_fail_open(*out, path, rc, err);
	sqlite3_extended_result_codes(*out, 1);
	sqlite3_busy_timeout(*out, BUSY_MSECS);
	sqlite3_db_config(*out, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	sqlite3_db_config(*out, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	return RUAD_OK;
}

/* The file that is attached is opened as the first one was: without the right
 * to create it. */
static enum ruad_status
attach(sqlite3 *db, const char *store, struct ruad_err *err)
{
	sqlite3_stmt *stmt;
	enum ruad_status st = RUAD_OK;
	int version = 0, rc;

	rc = sqlite3_prepare_v2(db, "ATTACH ?1 AS store", -1, &stmt, NULL);
	if (rc == SQLITE_OK)
		rc = sqlite3_bind_text(stmt, 1, store, -1, SQLITE_STATIC);
	if (rc == SQLITE_OK && sqlite3_step(stmt) != SQLITE_DONE)
		rc = sqlite3_extended_errcode(db);
	if (rc != SQLITE_OK)
		st = ruad_sql_fail_open(db, store, rc, err);
	sqlite3_finalize(stmt);
	if (st == RUAD_OK)
		st = ruad_sql_exec_int(db, "PRAGMA store.user_version",
		    &version, err);
	if (st == RUAD_OK && version == 0)
		return ruad_fail(err, RUAD_BAD, RUAD_OUR_STORE,
		    "store: %s: not a store, or an empty one", store);
	return st;
}

enum ruad_status
ruad_roll_open(const char *path, const char *store, enum ruad_roll_mode mode,
    sqlite3 **out, struct ruad_err *err)
{
	int flags = mode == RUAD_ROLL_WRITE ? SQLITE_OPEN_READWRITE
					    : SQLITE_OPEN_READONLY;
	enum ruad_status st = RUAD_OK;
	sqlite3 *made = NULL;

	*out = NULL;
	if (mode == RUAD_ROLL_WRITE) {
		st = open_file(path, flags | SQLITE_OPEN_CREATE, &made, err);
		if (st == RUAD_OK)
			st = make_tables(made, err);
		ruad_roll_close(&made);
	}
	if (st == RUAD_OK)
		st = open_file(path, flags, out, err);
	if (st == RUAD_OK && mode == RUAD_ROLL_WRITE)
		st = ruad_sql_exec(*out, "PRAGMA synchronous = NORMAL", err);
	if (st == RUAD_OK)
		st = attach(*out, store, err);
	if (st == RUAD_OK)
		st = ruad_sql_exec(*out,
		    "PRAGMA main.cache_size = -" CACHE_KIB
		    "; PRAGMA store.cache_size = -" CACHE_KIB,
		    err);
	if (st != RUAD_OK)
		ruad_roll_close(out);
	return st;
}

void
ruad_roll_close(sqlite3 **db)
{
	sqlite3_stmt *stmt;

	if (*db == NULL)
		return;
	while ((stmt = sqlite3_next_stmt(*db, NULL)) != NULL)
		sqlite3_finalize(stmt);
	sqlite3_close(*db);
	*db = NULL;
}

enum ruad_status
ruad_roll_version(sqlite3 *db, int64_t *version_out, struct ruad_err *err)
{
	return get_state(db, "version", version_out, err);
}

/* What the record says, to receivers of RFC 9989. */
static enum ruad_status
take_record(const struct ruad_history *h, const char *domain,
    struct ruad_roll_published *out, struct ruad_err *err)
{
	static const char prefix[] = "_dmarc.";
	struct ruad_dmarc_record *record;
	const struct ruad_reading *reading;
	const char *value, *at = h->record_name;
	size_t len;
	enum ruad_status st =
	    ruad_record_read(h->record, strlen(h->record), &record, err);

	if (st != RUAD_OK)
		return st;
	reading = ruad_record_reading(record, RUAD_RFC_9989);
	out->found = out->in_dns = reading->state != RUAD_RECORD_IGNORED;
	out->policy.p = reading->p;
	if (ruad_record_value(record, RUAD_TAG_SP, &len) != NULL)
		out->policy.sp = reading->sp;
	if (ruad_record_value(record, RUAD_TAG_NP, &len) != NULL)
		out->policy.np = reading->np;
	out->policy.adkim = reading->adkim;
	out->policy.aspf = reading->aspf;
	out->testing = reading->testing;
	value = ruad_record_value(record, RUAD_TAG_PCT, &len);
	if (value != NULL)
		out->pct = ruad_record_reading(record, RUAD_RFC_7489)->pct;
	ruad_record_free(&record);
	if (strncmp(at, prefix, sizeof(prefix) - 1) == 0)
		at += sizeof(prefix) - 1;
	if (at[0] != '\0' && strcmp(at, domain) != 0 &&
	    strlen(at) < sizeof(out->inherited_from))
		strcpy(out->inherited_from, at);
	return RUAD_OK;
}

enum ruad_status
ruad_roll_published(sqlite3 *db, const char *domain,
    struct ruad_roll_published *out, struct ruad_err *err)
{
	struct ruad_rehearsal_seen seen;
	struct ruad_history h;
	enum ruad_status st = ruad_history_last(db, domain, &h, err);

	*out = (struct ruad_roll_published){ .pct = -1 };
	if (st == RUAD_OK && h.record_name[0] != '\0')
		st = take_record(&h, domain, out, err);
	if ((st != RUAD_OK && st != RUAD_END) || out->found)
		return st;
	st = ruad_rehearsal_seen(db, domain, &seen, err);
	if (st != RUAD_OK || !seen.found)
		return st;
	out->found = true;
	out->policy = seen.policy;
	out->pct = seen.pct < 100 ? seen.pct : -1;
	out->testing = seen.testing;
	return RUAD_OK;
}
