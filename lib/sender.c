/* sender.c - see sender.h. */
#include "sender.h"
#include <stdio.h>
#include <string.h>
#include "put.h"
#include "sql.h"

static const char label_sql[] =
    "SELECT label FROM sender_label WHERE policy_domain = ?1 AND sender = ?2";
static const char name_sql[] =
    "SELECT sender, kind FROM sender_name WHERE domain = ?1";

bool
ruad_sender_find(const char *domain, struct ruad_sender *out)
{
	const struct ruad_known_sender *known =
	    domain != NULL ? ruad_catalogue_find(domain) : NULL;

	if (known == NULL)
		return false;
	snprintf(out->name, sizeof(out->name), "%s", known->name);
	out->kind = known->kind;
	return true;
}

const char *
ruad_sender_kind_word(enum ruad_sender_kind kind)
{
	static const char *const words[] = {
		[RUAD_SENDER_UNKNOWN] = "",
		[RUAD_SENDER_MAILBOX] = "mailbox",
		[RUAD_SENDER_FORWARDER] = "forwarder",
		[RUAD_SENDER_SERVICE] = "service",
	};

	return words[kind];
}

const char *
ruad_sender_label_word(enum ruad_sender_label label)
{
	static const char *const words[] = {
		[RUAD_LABEL_NONE] = "",
		[RUAD_LABEL_MINE] = "mine",
		[RUAD_LABEL_FORWARDER] = "forwarder",
		[RUAD_LABEL_NOT_MINE] = "not-mine",
	};

	return words[label];
}

enum ruad_status
ruad_senders_open(sqlite3 *db, const char *policy_domain,
    struct ruad_senders *out, struct ruad_err *err)
{
	int rc;

	*out = (struct ruad_senders){ policy_domain, NULL, NULL, db };
	rc = sqlite3_prepare_v2(db, label_sql, -1, &out->label, NULL);
	if (rc == SQLITE_OK)
		rc = sqlite3_prepare_v2(db, name_sql, -1, &out->name, NULL);
	return rc == SQLITE_OK ? RUAD_OK : ruad_sql_fail(db, rc, err);
}

/* The domain itself among what was imported. */
static enum ruad_status
find_name(struct ruad_senders *s, const char *domain, struct ruad_sender *out,
    struct ruad_err *err)
{
	struct ruad_bound b = { .db = s->db, .stmt = s->name };
	enum ruad_status st;

	ruad_sql_text(&b, domain);
	st = ruad_sql_next(&b, err);
	if (st != RUAD_OK)
		return st;
	snprintf(out->name, sizeof(out->name), "%s",
	    (const char *)sqlite3_column_text(s->name, 0));
	out->kind = (enum ruad_sender_kind)sqlite3_column_int(s->name, 1);
	sqlite3_reset(s->name);
	return RUAD_OK;
}

enum ruad_status
ruad_senders_find(struct ruad_senders *s, const char *domain,
    struct ruad_sender *out, struct ruad_err *err)
{
	const char *above = domain;
	enum ruad_status st;

	do {
		st = find_name(s, above, out, err);
		if (st != RUAD_END)
			return st;
		above = strchr(above, '.');
	} while (above++ != NULL);
	return ruad_sender_find(domain, out) ? RUAD_OK : RUAD_END;
}

enum ruad_status
ruad_senders_label(struct ruad_senders *s, const char *sender,
    enum ruad_sender_label *out, struct ruad_err *err)
{
	struct ruad_bound b = { .db = s->db, .stmt = s->label };
	enum ruad_status st;
	int64_t label = 0;

	ruad_sql_text(&b, s->policy_domain);
	ruad_sql_text(&b, sender);
	st = ruad_sql_get(&b, &label, 1, err);
	*out = (enum ruad_sender_label)label;
	return st;
}

void
ruad_senders_close(struct ruad_senders *s)
{
	sqlite3_finalize(s->label);
	sqlite3_finalize(s->name);
	s->label = s->name = NULL;
}

struct import {
	const struct ruad_sender_name *name;
	size_t count;
};

/* Labels are by name: those of senders that get another go with them. */
static enum ruad_status
put_names(struct ruad_put *p, void *arg, struct ruad_err *err)
{
	const struct import *in = arg;
	enum ruad_status st =
	    ruad_sql_do(p->sql, RUAD_SQL_LABELS_TO_DOMAINS, err);

	if (st == RUAD_OK)
		st = ruad_sql_do(p->sql, RUAD_SQL_DROP_SENDER_NAMES, err);
	for (size_t i = 0; i < in->count && st == RUAD_OK; i++) {
		struct ruad_bound b =
		    ruad_sql_bind(p->sql, RUAD_SQL_ADD_SENDER_NAME);

		ruad_sql_text(&b, in->name[i].domain);
		ruad_sql_text(&b, in->name[i].sender);
		ruad_sql_text(&b, in->name[i].type);
		ruad_sql_int(&b, in->name[i].kind);
		st = ruad_sql_run(&b, err);
	}
	if (st == RUAD_OK)
		st = ruad_sql_do(p->sql, RUAD_SQL_LABELS_TO_NAMES, err);
	return st;
}

enum ruad_status
ruad_sender_import(struct ruad_store *s, const struct ruad_sender_name *name,
    size_t count, struct ruad_err *err)
{
	struct import in = { name, count };

	return ruad_store_do(s, put_names, &in, err);
}

struct change {
	const char *policy_domain, *sender, *note;
	enum ruad_sender_label label;
	int64_t since_epoch;
};

static enum ruad_status
put(struct ruad_put *p, void *arg, struct ruad_err *err)
{
	const struct change *c = arg;
	bool drop = c->label == RUAD_LABEL_NONE;
	struct ruad_bound b = ruad_sql_bind(p->sql,
	    drop ? RUAD_SQL_DROP_LABEL : RUAD_SQL_SET_LABEL);
	enum ruad_status st;

	ruad_sql_text(&b, c->policy_domain);
	ruad_sql_text(&b, c->sender);
	if (!drop) {
		ruad_sql_int(&b, c->label);
		ruad_sql_int(&b, c->since_epoch);
		ruad_sql_text(&b, c->note);
	}
	st = ruad_sql_run(&b, err);
	if (st == RUAD_OK && drop && sqlite3_changes(p->sql->db) == 0)
		return ruad_fail(err, RUAD_END, RUAD_CODE_NONE,
		    "store: %s has no label for %s", c->sender,
		    c->policy_domain);
	return st;
}

enum ruad_status
ruad_sender_label(struct ruad_store *s, const char *policy_domain,
    const char *sender, enum ruad_sender_label label, const char *note,
    int64_t since_epoch, struct ruad_err *err)
{
	struct change c = { policy_domain, sender, note, label, since_epoch };

	return ruad_store_do(s, put, &c, err);
}
