/* record_watch.c - all registered domains looked at anew; only what changed is
 * told, and the store remembers it. Made for cron. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include "record_cmd.h"
#include "record_net.h"
#include "standing.h"

/* So long a domain may be unknown before that is told. */
#define UNKNOWN_SECS INT64_C(172800)

static const char *
tint(const json_t *row)
{
	const char *word = json_string_value(json_object_get(row, "state"));

	if (word == NULL)
		return NULL;
	return strcmp(word, "failing") == 0 ? "red"
	    : strcmp(word, "verified") == 0 ? "green"
					    : "yellow";
}

static const struct ruad_column columns[] = {
	{ .name = "domain", .title = "DOMAIN" },
	{ .name = "state", .title = "STATE", .tint = tint },
	{ .name = "was", .title = "WAS" },
	{ .name = "since_utc", .title = "SINCE", .kind = RUAD_COLUMN_TIME },
	{ .name = "record", .title = "RECORD", .wide = true },
	{ .name = "record_was" },
	{ .name = "record_name" },
	{ .name = "old_until_utc",
	    .title = "OLD ONE UNTIL",
	    .kind = RUAD_COLUMN_TIME },
	{ .name = "code" },
	{ .name = "text", .title = "WHY", .wide = true },
};

static const struct ruad_layout layout = {
	.columns = columns,
	.column_count = sizeof(columns) / sizeof(columns[0]),
};

static const struct ruad_column standing_columns[] = {
	{ .name = "domain", .title = "DOMAIN" },
	{ .name = "state", .title = "STATE", .tint = tint },
	{ .name = "since_utc", .title = "SINCE", .kind = RUAD_COLUMN_TIME },
	{ .name = "checked_utc", .title = "CHECKED", .kind = RUAD_COLUMN_TIME },
	{ .name = "record", .title = "RECORD", .wide = true },
	{ .name = "record_name" },
	{ .name = "code" },
	{ .name = "text", .title = "WHY", .wide = true },
};

static const struct ruad_layout standing_layout = {
	.columns = standing_columns,
	.column_count = sizeof(standing_columns) / sizeof(standing_columns[0]),
};

enum ruad_exit
ruad_record_list(struct ruad_ctl *ctl)
{
	enum ruad_exit status = ruad_ctl_query(ctl);
	int64_t rows = 0;

	if (status == RUAD_EXIT_OK)
		status = ruad_ctl_list(ctl, RUAD_ASK_STANDINGS,
		    &standing_layout, NULL, NULL, &rows);
	if (status == RUAD_EXIT_OK && rows == 0)
		ruad_message("no domain is registered: see ruadctl help "
			     "domain");
	return status;
}

struct watch {
	struct ruad_ctl *ctl;
	struct ruad_survey net;
	struct ruad_store *store; /* owned */
	json_t *changes; /* owned */
	bool failing, unknown;
};

static void
print_utc(int64_t epoch, char buf[40])
{
	time_t t = (time_t)epoch;
	struct tm tm;

	strftime(buf, 40, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&t, &tm));
}

static const char *
or_null(const char *text)
{
	return text[0] != '\0' ? text : NULL;
}

/* A row for a change; `last` may be NULL. */
static json_t *
row_of(const char *domain, const struct ruad_history *now,
    const struct ruad_history *last)
{
	bool other = last != NULL && last->record[0] != '\0' &&
	    strcmp(last->record, now->record) != 0;
	char since[40], until[40];

	print_utc(now->first_epoch, since);
	if (other)
		print_utc(now->first_epoch + last->ttl_secs, until);
	return json_pack("{s:s, s:s, s:s?, s:s, s:o, s:o, s:s?, s:s?, s:s?, "
			 "s:s?}",
	    "domain", domain, "state", ruad_standing_word(now->standing), "was",
	    last != NULL ? ruad_standing_word(last->standing) : NULL,
	    "since_utc", since, "record",
	    ruad_output_text(or_null(now->record)), "record_was",
	    ruad_output_text(last != NULL ? or_null(last->record) : NULL),
	    "record_name", or_null(now->record_name), "old_until_utc",
	    other ? until : NULL, "code", or_null(now->code), "text",
	    or_null(now->text));
}

/* DNS did not answer: told once it has been so for long. */
static void
tell_unknown(const char *domain, const struct ruad_history *last)
{
	char since[40];

	if (last == NULL || last->last_epoch > time(NULL) - UNKNOWN_SECS)
		return;
	print_utc(last->last_epoch, since);
	ruad_message("%s: DNS does not answer since %s; see ruadctl record "
		     "check %s",
	    domain, since, domain);
}

static enum ruad_exit
watch_domain(struct watch *w, const char *domain)
{
	struct ruad_inspection *in = NULL;
	struct ruad_history last, now;
	enum ruad_exit status;
	enum ruad_status st;
	struct ruad_err err;
	bool known;

	st = ruad_history_last(ruad_query_handle(w->ctl->query), domain, &last,
	    &err);
	if (st != RUAD_OK && st != RUAD_END)
		return ruad_message_failure(&err);
	known = st == RUAD_OK;
	status = ruad_record_net_inspect(w->ctl, &w->net, domain, &in);
	if (status != RUAD_EXIT_OK)
		return status;
	if (!ruad_standing_judge(in, known ? &last : NULL,
		w->ctl->conf->recipients.count > 0, (int64_t)time(NULL),
		&now)) {
		ruad_inspection_free(&in);
		w->unknown = true;
		w->failing = w->failing ||
		    (known && last.standing == RUAD_STANDING_FAILING);
		tell_unknown(domain, known ? &last : NULL);
		return RUAD_EXIT_OK;
	}
	ruad_inspection_free(&in);
	w->failing = w->failing || now.standing == RUAD_STANDING_FAILING;
	if (ruad_history_put(w->store, domain, &now, &err) != RUAD_OK)
		return ruad_message_failure(&err);
	if (known && ruad_history_same(&last, &now))
		return RUAD_EXIT_OK;
	if (json_array_append_new(w->changes,
		row_of(domain, &now, known ? &last : NULL)) == 0)
		return RUAD_EXIT_OK;
	ruad_message("out of memory");
	return RUAD_EXIT_TEMP;
}

/* The domains that are registered, as an array that the caller frees; NULL:
 * failed, which has been told. */
static json_t *
registered(struct ruad_ctl *ctl)
{
	json_t *list = json_array();
	struct ruad_rows *rows;
	enum ruad_status st;
	struct ruad_err err;

	if (list == NULL) {
		ruad_message("out of memory");
		return NULL;
	}
	st = ruad_query_ask(ctl->query, RUAD_ASK_STANDINGS,
	    &ctl->options.filter, &rows, &err);
	while (st == RUAD_OK && (st = ruad_rows_next(rows, &err)) == RUAD_OK) {
		if (json_array_append_new(list,
			ruad_output_text(ruad_rows_text(rows, "domain"))) != 0)
			st = ruad_fail_memory(&err, "record");
	}
	if (st == RUAD_END)
		return list;
	(void)ruad_message_failure(&err);
	json_decref(list);
	return NULL;
}

/* Nothing at all in a table where nothing changed: cron sends no mail then. */
static enum ruad_exit
tell(const struct watch *w)
{
	struct ruad_output *o;
	json_t *row;
	size_t i;

	if (json_array_size(w->changes) == 0 &&
	    w->ctl->options.format == RUAD_FORMAT_TABLE)
		return RUAD_EXIT_OK;
	o = ruad_output_open(w->ctl->options.format, &layout, NULL);
	if (o == NULL) {
		ruad_message("out of memory");
		return RUAD_EXIT_TEMP;
	}
	json_array_foreach(w->changes, i, row)
	{
		if (!ruad_output_row(o, json_incref(row)))
			break;
	}
	return ruad_output_close(&o);
}

static enum ruad_exit
watch_all(struct watch *w)
{
	json_t *list = registered(w->ctl), *name;
	enum ruad_exit status = RUAD_EXIT_OK, end;
	size_t i;

	if (list == NULL)
		return RUAD_EXIT_TEMP;
	/* Each night would be too often. */
	if (json_array_size(list) == 0 && isatty(STDERR_FILENO))
		ruad_message("no domain is registered: see ruadctl help "
			     "domain");
	json_array_foreach(list, i, name)
	{
		status = watch_domain(w, json_string_value(name));
		if (status != RUAD_EXIT_OK)
			break;
	}
	json_decref(list);
	/* What has been found out is told even so. */
	end = tell(w);
	if (status == RUAD_EXIT_OK)
		status = end;
	if (status == RUAD_EXIT_OK && w->failing)
		status = RUAD_EXIT_FINDINGS;
	if (status == RUAD_EXIT_OK && w->unknown)
		status = RUAD_EXIT_TEMP;
	return status;
}

enum ruad_exit
ruad_record_watch(struct ruad_ctl *ctl)
{
	struct watch w = { .ctl = ctl };
	enum ruad_exit status = ruad_record_net_open(ctl, &w.net);

	/* First for changes, which brings an older store to this version. */
	if (status == RUAD_EXIT_OK)
		status = ruad_ctl_open_store(ctl, &w.store);
	if (status == RUAD_EXIT_OK)
		status = ruad_ctl_query(ctl);
	if (status == RUAD_EXIT_OK) {
		w.changes = json_array();
		status = watch_all(&w);
	}
	json_decref(w.changes);
	ruad_store_close(&w.store);
	ruad_survey_close(&w.net);
	return status;
}
