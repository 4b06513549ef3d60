/* api_upload.c - a report that somebody sends by hand. It goes the way of every
 * report: what can be read is stored, what cannot is kept in quarantine. */
#include <microhttpd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "api.h"
#include "note.h"
#include "app.h"
#include "describe.h"
#include "ingest.h"
#include "keep.h"
#include "setup.h"

enum { KEY_MAX = 200, NAME_MAX_BYTES = 255 };

/* What is needed to read one report. */
struct reader {
	struct ruad_budget budget;
	struct ruad_setup *setup;
	struct ruad_ingest *ingest;
	const char **domains; /* owned; borrows its texts */
	size_t domain_count, room;
};

/* Whether `name` is `domain`, or below it. */
static bool
is_below(const char *name, const char *domain)
{
	size_t len = strlen(name), n = strlen(domain);

	return n <= len && strcmp(name + len - n, domain) == 0 &&
	    (n == len || name[len - n - 1] == '.');
}

/* The policy domains that are granted and that this site answers for: of two
 * of which one is below the other, that one. */
static void
narrow(struct reader *r, const struct ruad_who *who,
    const struct ruad_ingest_settings *site)
{
	for (size_t i = 0; i < who->domain_count; i++) {
		const char *granted = who->domains[i];

		if (site->domain_count == 0)
			r->domains[r->domain_count++] = granted;
		for (size_t n = 0; n < site->domain_count; n++) {
			if (is_below(granted, site->domains[n]))
				r->domains[r->domain_count++] = granted;
			else if (is_below(site->domains[n], granted))
				r->domains[r->domain_count++] =
				    site->domains[n];
		}
	}
}

static enum ruad_status
open_reader(struct reader *r, const struct ruad_conf *conf,
    const struct ruad_who *who, struct ruad_err *err)
{
	struct ruad_ingest_settings set;
	enum ruad_status st;

	memset(r, 0, sizeof(*r));
	ruad_setup_budget(conf, &r->budget);
	st = ruad_setup_new(conf, &r->budget, &r->setup, err);
	if (st != RUAD_OK)
		return st;
	set = r->setup->ingest;
	if (!who->all_domains) {
		r->room = (who->domain_count + 1) * (set.domain_count + 1);
		r->domains = calloc(r->room, sizeof(*r->domains));
		if (r->domains == NULL)
			return ruad_fail_memory(err, "upload");
		narrow(r, who, &set);
		/* None would mean all; this is a name that nothing has. */
		if (r->domain_count == 0)
			r->domains[r->domain_count++] = "invalid.invalid";
		set.domains = r->domains;
		set.domain_count = r->domain_count;
	}
	return ruad_ingest_new(&set, &r->ingest, err);
}

static void
close_reader(struct reader *r)
{
	ruad_ingest_free(&r->ingest);
	ruad_setup_free(&r->setup);
	free(r->domains);
}

/* Read the body and put what it holds into the store. */
static enum ruad_status
take_in(struct ruad_request *req, struct reader *r, struct ruad_delivery **out,
    struct ruad_err *err)
{
	const char *name = ruad_request_header(req, "X-File-Name");
	struct ruad_store *store = NULL;
	struct ruad_mail *mail = NULL;
	enum ruad_status st;
	const void *bytes;
	size_t len;

	*out = NULL;
	bytes = ruad_request_bytes(req, &len);
	st = ruad_mail_borrow(bytes, len, (int64_t)time(NULL), &mail, err);
	if (st == RUAD_OK && name != NULL && strlen(name) <= NAME_MAX_BYTES)
		st = ruad_mail_set_file_name(mail, name);
	if (st == RUAD_OK)
		st = ruad_ingest_read(r->ingest, mail, out, err);
	if (st == RUAD_OK)
		st = ruad_keep_open(ruad_request_app(req), &store, err);
	if (st == RUAD_OK)
		st = ruad_store_put(store, out, 1, err);
	ruad_store_close(&store);
	ruad_mail_free(&mail);
	if (st != RUAD_OK)
		ruad_delivery_free(out);
	return st;
}

/* "line 8" of a text, if it says so. */
static void
place(struct ruad_response *res, const char *text)
{
	const char *at = text != NULL ? strstr(text, "line ") : NULL;
	unsigned long line;

	if (at == NULL)
		return;
	line = strtoul(at + 5, NULL, 10);
	if (line > 0)
		ruad_problem_place(res, "line", line);
}

static enum ruad_status
refuse(struct ruad_response *res, const struct ruad_delivery *d,
    struct ruad_err *err)
{
	for (const struct ruad_item *i = d->items; i != NULL; i = i->next) {
		const char *text =
		    i->text != NULL ? i->text : ruad_code_help(i->code);

		ruad_problem_field(res, "", ruad_code_name(i->code), "%s",
		    text);
		place(res, text);
	}
	return ruad_problem(res, RUAD_PROBLEM_UNREADABLE, err, "%s",
	    d->text != NULL                 ? d->text
		: d->code != RUAD_CODE_NONE ? ruad_code_help(d->code)
					    : "it holds no report");
}

static enum ruad_status
answer(struct ruad_response *res, const struct ruad_delivery *d,
    json_t **told_out, struct ruad_err *err)
{
	json_t *told = json_object();

	*told_out = NULL;
	switch (d->outcome) {
	case RUAD_STORED:
	case RUAD_DUPLICATE:
	case RUAD_CONFLICT:
		if (told == NULL || !ruad_describe_delivery(told, d, err)) {
			json_decref(told);
			return ruad_fail_memory(err, "upload");
		}
		*told_out = json_incref(told);
		return ruad_response_json(res,
		    d->outcome == RUAD_STORED ? MHD_HTTP_CREATED : MHD_HTTP_OK,
		    told, err);
	case RUAD_REFUSED:
	case RUAD_NOT_A_REPORT:
		json_decref(told);
		return refuse(res, d, err);
	case RUAD_OUTCOME_NONE:
	case RUAD_ERROR:
		break;
	}
	json_decref(told);
	return ruad_fail(err, RUAD_TEMP, RUAD_OUR_BUSY, "%s",
	    d->text != NULL ? d->text : "the report could not be stored");
}

/* What a key of a client stands for: hers alone, and these bytes alone. */
static bool
key_of(struct ruad_request *req, char out[300])
{
	const char *key = ruad_request_header(req, "Idempotency-Key");
	unsigned char digest[RUAD_MAIL_DIGEST_BYTES];
	const void *bytes;
	size_t len, n;

	if (key == NULL || key[0] == '\0' || strlen(key) > KEY_MAX)
		return false;
	bytes = ruad_request_bytes(req, &len);
	ruad_mail_digest(bytes, len, digest);
	n = (size_t)snprintf(out, 300, "%s\n%s\n", ruad_request_who(req)->login,
	    key);
	for (size_t i = 0; i < 8 && n + 3 < 300; i++)
		n += (size_t)snprintf(out + n, 300 - n, "%02x", digest[i]);
	return true;
}

static enum ruad_status
upload(struct ruad_request *req, struct ruad_response *res, json_t **told_out,
    struct ruad_err *err)
{
	const struct ruad_app *app = ruad_request_app(req);
	struct ruad_delivery *d = NULL;
	struct reader r;
	enum ruad_status st;

	*told_out = NULL;
	st = open_reader(&r, app->conf, ruad_request_who(req), err);
	if (st == RUAD_OK)
		st = take_in(req, &r, &d, err);
	if (st == RUAD_OK)
		st = answer(res, d, told_out, err);
	ruad_delivery_free(&d);
	close_reader(&r);
	return st;
}

enum ruad_status
ruad_api_upload(struct ruad_request *req, struct ruad_response *res,
    struct ruad_err *err)
{
	struct ruad_desk *desk = ruad_request_app(req)->desk;
	char key[300];
	bool keyed = key_of(req, key);
	json_t *told;
	enum ruad_status st;
	size_t len;

	(void)ruad_request_bytes(req, &len);
	if (len == 0)
		return ruad_problem(res, RUAD_PROBLEM_UNREADABLE, err,
		    "the body is empty");
	told = keyed ? ruad_desk_recall(desk, key, (int64_t)time(NULL)) : NULL;
	if (told != NULL)
		return ruad_response_json(res, MHD_HTTP_CREATED, told, err);
	st = ruad_desk_enter(desk, RUAD_DESK_UPLOAD, err);
	if (st != RUAD_OK)
		return st;
	st = upload(req, res, &told, err);
	ruad_desk_leave(desk, RUAD_DESK_UPLOAD);
	if (st == RUAD_OK)
		ruad_note(req, "report.upload", NULL);
	if (st == RUAD_OK && keyed && told != NULL &&
	    ruad_response_status(res) == MHD_HTTP_CREATED)
		ruad_desk_keep(desk, key, told, (int64_t)time(NULL));
	json_decref(told);
	return st;
}
