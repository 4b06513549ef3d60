/* api_senders.c - one sender, and its label. */
#include <microhttpd.h>
#include <string.h>
#include <syslog.h>
#include <time.h>
#include "answer.h"
#include "api.h"
#include "note.h"
#include "data.h"
#include "keep.h"
#include "rows.h"
#include "sender.h"

enum { NOTE_MAX = 500 };

/* The domain and the name of the sender that is asked for. RUAD_END: there is
 * none, or who asks may not see its domain. */
static enum ruad_status
find(const struct ruad_request *req, sqlite3 *db, char domain[256],
    char name[256], struct ruad_err *err)
{
	enum ruad_status st = ruad_view_sender_domain(db,
	    ruad_request_param_int(req, "id"), domain, name, err);

	return st == RUAD_OK && !ruad_request_sees(req, domain) ? RUAD_END : st;
}

static enum ruad_status
make_sender(struct ruad_asking *a, json_t **out, struct ruad_err *err)
{
	char domain[256], name[256];
	enum ruad_status st = find(a->req, a->view.db, domain, name, err);

	if (st != RUAD_OK)
		return st;
	a->view.domain = domain;
	st = ruad_view_sender(&a->view, ruad_request_param_int(a->req, "id"),
	    out, err);
	a->view.domain = NULL;
	return st;
}

enum ruad_status
ruad_api_sender(struct ruad_request *req, struct ruad_response *res,
    struct ruad_err *err)
{
	return ruad_answer(req, res, make_sender, NULL, err);
}

/* The label by its word; false: it is none. */
static bool
read_label(const json_t *value, enum ruad_sender_label *out)
{
	static const enum ruad_sender_label labels[] = { RUAD_LABEL_MINE,
		RUAD_LABEL_FORWARDER, RUAD_LABEL_NOT_MINE };

	*out = RUAD_LABEL_NONE;
	if (json_is_null(value))
		return true;
	for (size_t i = 0; json_is_string(value) && i < 3; i++) {
		if (strcmp(ruad_sender_label_word(labels[i]),
			json_string_value(value)) == 0) {
			*out = labels[i];
			return true;
		}
	}
	return false;
}

struct change {
	char domain[256], name[256];
	enum ruad_sender_label label;
	const char *note; /* NULL: none; borrowed from the body or `old` */
	json_t *old; /* owned: label and note of before */
};

/* Read what there is, and what is wanted. Problems are answered. */
static enum ruad_status
read_change(struct ruad_request *req, struct ruad_response *res,
    struct change *c, struct ruad_err *err)
{
	const json_t *body = ruad_request_json(req);
	const json_t *label = json_object_get(body, "label");
	const json_t *note = json_object_get(body, "note");

	if (label == NULL)
		label = json_object_get(c->old, "label");
	if (note == NULL)
		note = json_object_get(c->old, "note");
	if (!read_label(label, &c->label))
		ruad_problem_field(res, "/label", "enum",
		    "one of mine, forwarder, not-mine, null");
	if (json_is_string(note) && json_string_length(note) <= NOTE_MAX &&
	    strlen(json_string_value(note)) == json_string_length(note))
		c->note = json_string_value(note);
	else if (!json_is_null(note))
		ruad_problem_field(res, "/note", "text",
		    "a text of at most %d bytes, or null", NOTE_MAX);
	if (c->label == RUAD_LABEL_NONE && c->note != NULL &&
	    json_is_string(json_object_get(body, "note")))
		ruad_problem_field(res, "/note", "label_needed",
		    "a note stands beside a label");
	return ruad_response_has_fields(res) ? ruad_problem_fields(res, err)
					     : RUAD_OK;
}

static enum ruad_status
write_label(const struct ruad_request *req, const struct change *c,
    struct ruad_err *err)
{
	struct ruad_store *store = NULL;
	enum ruad_status st =
	    ruad_keep_open(ruad_request_app(req), &store, err);

	if (st == RUAD_OK)
		st = ruad_sender_label(store, c->domain, c->name, c->label,
		    c->note, (int64_t)time(NULL), err);
	ruad_store_close(&store);
	return st == RUAD_END ? RUAD_OK : st;
}

/* What stands of a label now. */
static enum ruad_status
read_old(const struct ruad_request *req, struct change *c, struct ruad_err *err)
{
	struct ruad_data *data = ruad_request_app(req)->data;
	json_t *args = NULL;
	sqlite3 *db = NULL;
	enum ruad_status st = ruad_data_get(data, &db, err);

	if (st == RUAD_OK)
		st = find(req, db, c->domain, c->name, err);
	if (st == RUAD_OK) {
		args = json_pack("{s:s, s:s}", "d", c->domain, "n", c->name);
		st = ruad_json_first(db,
		    "SELECT CASE l.label WHEN 1 THEN 'mine' WHEN 2 THEN"
		    " 'forwarder' WHEN 3 THEN 'not-mine' END AS label, l.note"
		    " FROM (SELECT 1) LEFT JOIN sender_label AS l"
		    "  ON l.policy_domain = :d AND l.sender = :n",
		    args, &c->old, err);
	}
	json_decref(args);
	ruad_data_put(data, &db);
	return st;
}

static enum ruad_status
apply(struct ruad_request *req, struct ruad_response *res,
    const struct change *c, struct ruad_err *err)
{
	const struct ruad_app *app = ruad_request_app(req);
	enum ruad_status st = write_label(req, c, err);

	if (st == RUAD_OK)
		st = ruad_data_follow(app->data, false, err);
	if (st != RUAD_OK)
		return st;
	ruad_note(req, "sender.label", c->name);
	ruad_log_write(app->log, LOG_NOTICE,
	    "labelled: domain=%s sender=%s label=%s user=%s", c->domain,
	    c->name,
	    c->label != RUAD_LABEL_NONE ? ruad_sender_label_word(c->label)
					: "none",
	    ruad_request_who(req)->login);
	return ruad_answer(req, res, make_sender, NULL, err);
}

enum ruad_status
ruad_api_sender_label(struct ruad_request *req, struct ruad_response *res,
    struct ruad_err *err)
{
	struct change c = { .old = NULL };
	char etag[24];
	enum ruad_status st = read_old(req, &c, err);

	if (st == RUAD_END) {
		st = ruad_problem(res, RUAD_PROBLEM_NOT_FOUND, err,
		    "no such sender");
	} else if (st == RUAD_OK) {
		ruad_answer_etag(c.old, etag);
		if (!ruad_request_may_change(req, etag)) {
			st = ruad_problem(res, RUAD_PROBLEM_STALE, err,
			    "read it again first");
		} else {
			st = read_change(req, res, &c, err);
			if (st == RUAD_OK && !ruad_response_has_fields(res))
				st = apply(req, res, &c, err);
		}
	}
	json_decref(c.old);
	return st;
}
