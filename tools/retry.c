/* retry.c - mails of the quarantine read again, each in one transaction. */
#include "retry.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "describe.h"
#include "keys.h"
#include "reread.h"

static const struct ruad_column columns[] = {
	{ .name = "quarantine_keys", .title = "KEY", .kind = RUAD_COLUMN_LIST },
	{ .name = "outcome", .title = "OUTCOME" },
	{ .name = "code", .title = "CODE" },
	{ .name = "what", .title = "WHAT", .wide = true },
	{ .name = "text" },
};

static const struct ruad_layout layout = {
	.columns = columns,
	.column_count = sizeof(columns) / sizeof(columns[0]),
};

struct run {
	struct ruad_ctl *ctl;
	struct ruad_reread reread;
	struct ruad_output *output;
	bool refused; /* something is not readable yet */
};

/* "report 17 of google.com about example.com, 12 records", or why not. */
static void
write_item(FILE *to, const struct ruad_item *item)
{
	const struct ruad_report *r = item->report;

	if (item->outcome == RUAD_STORED)
		fprintf(to,
		    "report %" PRId64 " of %s about %s, %" PRIu32 " records",
		    item->report_key, r->org_name,
		    ruad_report_text(r, r->policy_domain), r->records);
	else
		fprintf(to, "%s: %s", ruad_outcome_word(item->outcome),
		    item->text != NULL ? item->text
				       : ruad_code_help(item->code));
}

/* All that came of the mail in one text, which the caller frees. */
static char *
what(const struct ruad_delivery *d)
{
	char *text = NULL;
	size_t size;
	FILE *to = open_memstream(&text, &size);

	if (to == NULL)
		return NULL;
	for (const struct ruad_item *i = d->items; i != NULL; i = i->next) {
		fputs(i != d->items ? "; " : "", to);
		write_item(to, i);
	}
	if (fclose(to) != 0) {
		free(text);
		return NULL;
	}
	return text;
}

static json_t *
keys_json(const struct ruad_key *keys, size_t count)
{
	json_t *array = json_array();

	for (size_t i = 0; i < count; i++)
		json_array_append_new(array, json_integer(keys[i].key));
	return array;
}

/* A row for a mail: what came of it, or why it could not be read. NULL: out of
 * memory. */
static json_t *
row_json(const struct ruad_key *keys, size_t count,
    const struct ruad_delivery *d, const struct ruad_err *err)
{
	json_t *row =
	    json_pack("{s:o}", "quarantine_keys", keys_json(keys, count));
	char *text = d != NULL ? what(d) : strdup(err->text);
	bool good = row != NULL && text != NULL &&
	    ruad_describe_delivery(row, d, err) &&
	    json_object_set_new(row, "what", ruad_output_text(text)) == 0;

	free(text);
	if (good && d == NULL && err->status == RUAD_END)
		good = json_object_set_new(row, "outcome",
			   json_string("no-original")) == 0;
	if (good)
		return row;
	json_decref(row);
	return NULL;
}

/* Whether anything that looks like a report is still refused. */
static bool
is_refused(const struct ruad_delivery *d)
{
	for (const struct ruad_item *i = d->items; i != NULL; i = i->next) {
		if (i->outcome == RUAD_REFUSED)
			return true;
	}
	return false;
}

/* One mail, with all that it has in quarantine. RUAD_OK also where it cannot
 * be read; else the store or this host failed, so that others would, too. */
static enum ruad_status
retry_mail(struct run *run, const struct ruad_key *keys, size_t count,
    struct ruad_err *err)
{
	struct ruad_delivery *d;
	enum ruad_status st =
	    ruad_again_retry(run->reread.again, keys->mail_key, &d, err);
	bool more;

	for (size_t i = 0; i < count && st != RUAD_OK; i++)
		run->refused |= keys[i].report;
	if (st == RUAD_OK)
		run->refused |= is_refused(d);
	more = ruad_output_row(run->output, row_json(keys, count, d, err));
	ruad_delivery_free(&d);
	if (st == RUAD_TEMP)
		return st;
	/* A store that is damaged as a whole is met at the next mail, too. */
	return more ? RUAD_OK : RUAD_END;
}

static enum ruad_exit
retry_all(struct run *run, const struct ruad_keys *keys)
{
	enum ruad_status st = RUAD_OK;
	struct ruad_err err;
	size_t next;

	for (size_t i = 0; i < keys->count && st == RUAD_OK; i = next) {
		for (next = i + 1; next < keys->count &&
		     keys->key[next].mail_key == keys->key[i].mail_key;
		     next++)
			continue;
		st = retry_mail(run, &keys->key[i], next - i, &err);
	}
	if (st == RUAD_TEMP)
		return ruad_message_failure(&err);
	return run->refused ? RUAD_EXIT_FINDINGS : RUAD_EXIT_OK;
}

static enum ruad_exit
check_arguments(const struct ruad_ctl *ctl)
{
	unsigned filters =
	    RUAD_OPTIONS_TIME | RUAD_OPTION(CODE) | RUAD_OPTION(ALL);
	bool filter = (ctl->options.given & filters) != 0;

	if (filter == (ctl->arg_count > 0))
		return ruad_message_usage("name either KEYs, or --all, --code "
					  "or a time");
	return RUAD_EXIT_OK;
}

enum ruad_exit
ruad_retry(struct ruad_ctl *ctl)
{
	struct run run = { .ctl = ctl };
	struct ruad_keys keys = { 0 };
	enum ruad_exit status = check_arguments(ctl), end;

	if (status != RUAD_EXIT_OK)
		return status;
	status = ruad_reread_open(ctl, true, &run.reread);
	if (status == RUAD_EXIT_OK)
		status = ruad_keys_of_quarantine(ctl, &keys);
	if (status == RUAD_EXIT_OK && keys.count == 0)
		ruad_message("nothing of this kind is in quarantine");
	if (status == RUAD_EXIT_OK && keys.count > 0) {
		run.output =
		    ruad_output_open(ctl->options.format, &layout, NULL);
		if (run.output == NULL) {
			ruad_message("out of memory");
			status = RUAD_EXIT_TEMP;
		} else {
			status = retry_all(&run, &keys);
		}
	}
	end = ruad_output_close(&run.output);
	ruad_keys_free(&keys);
	ruad_reread_close(&run.reread);
	return status != RUAD_EXIT_OK ? status : end;
}
