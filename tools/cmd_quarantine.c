/* cmd_quarantine.c - what was refused: list, look, take out. Reading it again
 * is in cmd_retry.c. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "advice.h"
#include "amend.h"
#include "cmd.h"
#include "hand_out.h"
#include "keys.h"
#include "retry.h"
#include "text.h"

enum {
	/* Of the content that show prints. */
	CONTENT_LINES = 40,
	CONTENT_BYTES = 4096,
	LINE_BYTES = 1000
};

static const struct ruad_column columns[] = {
	{ .name = "quarantine_key",
	    .title = "KEY",
	    .kind = RUAD_COLUMN_INTEGER },
	{ .name = "received_utc",
	    .title = "RECEIVED",
	    .kind = RUAD_COLUMN_TIME },
	{ .name = "outcome" },
	{ .name = "code", .title = "CODE" },
	{ .name = "header_from", .title = "FROM" },
	{ .name = "text", .title = "WHAT AND WHERE", .wide = true },
	{ .name = "bytes", .title = "BYTES", .kind = RUAD_COLUMN_INTEGER },
	{ .name = "part" },
	{ .name = "queue_id" },
	{ .name = "message_id" },
	{ .name = "mail_from" },
	{ .name = "subject" },
	{ .name = "file_name" },
	{ .name = "kept", .kind = RUAD_COLUMN_INTEGER },
	{ .name = "mail_key", .kind = RUAD_COLUMN_INTEGER },
};

static const struct ruad_layout list_layout = {
	.columns = columns,
	.column_count = sizeof(columns) / sizeof(columns[0]),
};

static const struct ruad_column facts[] = {
	{ .name = "quarantine_key",
	    .title = "Key",
	    .kind = RUAD_COLUMN_INTEGER },
	{ .name = "outcome", .title = "Outcome" },
	{ .name = "code", .title = "Code" },
	{ .name = "meaning", .title = "Meaning" },
	{ .name = "text", .title = "What and where" },
	{ .name = "advice", .title = "What to do" },
	{ .name = "part", .title = "Part of the mail" },
	{ .name = "bytes",
	    .title = "Bytes of the part",
	    .kind = RUAD_COLUMN_INTEGER },
	{ .name = "received_utc",
	    .title = "Received (UTC)",
	    .kind = RUAD_COLUMN_TIME },
	{ .name = "queue_id", .title = "Queue id" },
	{ .name = "message_id", .title = "Message-Id" },
	{ .name = "mail_from", .title = "Envelope sender" },
	{ .name = "header_from", .title = "Author domain" },
	{ .name = "trust", .title = "Mail's own DMARC" },
	{ .name = "subject", .title = "Subject" },
	{ .name = "file_name", .title = "File" },
	{ .name = "mail_bytes",
	    .title = "Bytes of the mail",
	    .kind = RUAD_COLUMN_INTEGER },
	{ .name = "kept", .kind = RUAD_COLUMN_INTEGER },
	{ .name = "mail_key", .kind = RUAD_COLUMN_INTEGER },
};

static const struct ruad_column content_columns[] = {
	{ .name = "line", .title = "BEGINNING OF THE ORIGINAL" },
};

static const struct ruad_layout show_layout = {
	.columns = content_columns,
	.column_count = 1,
	.facts = facts,
	.fact_count = sizeof(facts) / sizeof(facts[0]),
	.rows_name = "content",
};

static enum ruad_exit
list(struct ruad_ctl *ctl)
{
	enum ruad_exit status = ruad_ctl_query(ctl);
	int64_t rows = 0;

	if (status != RUAD_EXIT_OK)
		return status;
	ruad_ctl_limit_table(ctl);
	status = ruad_ctl_list(ctl, RUAD_ASK_QUARANTINE, &list_layout, NULL,
	    NULL, &rows);
	if (status != RUAD_EXIT_OK)
		return status;
	if (rows == 0)
		ruad_message("nothing of this kind is in quarantine");
	ruad_ctl_tell_limit(ctl, rows);
	return RUAD_EXIT_OK;
}

/* Step to the one row that the first argument names. */
static enum ruad_exit
find_row(struct ruad_ctl *ctl, struct ruad_rows **rows_out)
{
	enum ruad_status st;
	struct ruad_err err;

	st = ruad_query_ask(ctl->query, RUAD_ASK_QUARANTINE,
	    &ctl->options.filter, rows_out, &err);
	if (st == RUAD_OK)
		st = ruad_rows_next(*rows_out, &err);
	if (st == RUAD_END)
		return ruad_message_usage("nothing in quarantine has the key "
					  "%s: see ruadctl quarantine list",
		    ctl->args[0]);
	return st == RUAD_OK ? RUAD_EXIT_OK : ruad_message_failure(&err);
}

/* Read the original of the current row into *out; it stays NULL where it was
 * not kept. */
static enum ruad_exit
read_original(struct ruad_ctl *ctl, const struct ruad_rows *rows,
    struct ruad_mail **out)
{
	*out = NULL;
	if (ruad_rows_int(rows, "kept") == 0)
		return RUAD_EXIT_OK;
	return ruad_hand_out_read(ctl, ruad_rows_int(rows, "mail_key"), out);
}

static bool
add_text(json_t *object, const char *name, const char *text)
{
	return json_object_set_new(object, name, ruad_output_text(text)) == 0;
}

/* A line for people: binary data is escaped, so that each is one. In a table,
 * an empty line is not a missing one. */
static json_t *
line_json(const struct ruad_ctl *ctl, const unsigned char *data, size_t len)
{
	bool table = ctl->options.format == RUAD_FORMAT_TABLE;
	char text[LINE_BYTES];

	if (len > 0 && data[len - 1] == '\r')
		len--;
	ruad_text_escape(text, sizeof(text), data, len);
	return json_pack("{s:s}", "line",
	    table && text[0] == '\0' ? " " : text);
}

/* The beginning of the original, line by line. */
static enum ruad_exit
write_content(const struct ruad_ctl *ctl, struct ruad_output *o,
    struct ruad_mail *mail)
{
	const unsigned char *data, *eol;
	struct ruad_err err;
	size_t len, n;

	if (ruad_mail_bytes(mail, &data, &len, &err) != RUAD_OK)
		return ruad_message_failure(&err);
	if (len > CONTENT_BYTES)
		len = CONTENT_BYTES;
	for (int i = 0; i < CONTENT_LINES && len > 0; i++) {
		eol = memchr(data, '\n', len);
		n = eol != NULL ? (size_t)(eol - data) : len;
		if (!ruad_output_row(o, line_json(ctl, data, n)))
			break;
		n += eol != NULL;
		data += n;
		len -= n;
	}
	return RUAD_EXIT_OK;
}

static enum ruad_exit
show_row(struct ruad_ctl *ctl, const struct ruad_rows *rows)
{
	enum ruad_code code = ruad_code_find(ruad_rows_text(rows, "code"));
	json_t *row = ruad_ctl_row(rows, facts, show_layout.fact_count);
	struct ruad_output *o = NULL;
	struct ruad_mail *mail;
	enum ruad_exit status = read_original(ctl, rows, &mail), end;

	if (status == RUAD_EXIT_OK && row != NULL &&
	    add_text(row, "meaning", ruad_code_help(code)) &&
	    add_text(row, "advice",
		mail != NULL ? ruad_advice(code)
			     : "The original was not kept: it cannot be read "
			       "again, only dropped."))
		o = ruad_output_open(ctl->options.format, &show_layout, row);
	if (o == NULL && status == RUAD_EXIT_OK) {
		ruad_message("out of memory");
		status = RUAD_EXIT_TEMP;
	}
	if (o != NULL && mail != NULL)
		status = write_content(ctl, o, mail);
	end = ruad_output_close(&o);
	ruad_mail_free(&mail);
	json_decref(row);
	return status != RUAD_EXIT_OK ? status : end;
}

static enum ruad_exit
show(struct ruad_ctl *ctl)
{
	enum ruad_exit status;
	struct ruad_rows *rows;

	if (!ruad_ctl_key(ctl->args[0], "KEY",
		&ctl->options.filter.quarantine_key))
		return RUAD_EXIT_USAGE;
	status = ruad_ctl_query(ctl);
	if (status == RUAD_EXIT_OK)
		status = find_row(ctl, &rows);
	return status == RUAD_EXIT_OK ? show_row(ctl, rows) : status;
}

static enum ruad_exit
take_out(struct ruad_ctl *ctl)
{
	const char *path = ctl->arg_count > 1 ? ctl->args[1] : NULL;
	struct ruad_mail *mail = NULL;
	enum ruad_exit status;
	struct ruad_rows *rows;

	if (!ruad_ctl_key(ctl->args[0], "KEY",
		&ctl->options.filter.quarantine_key))
		return RUAD_EXIT_USAGE;
	status = ruad_ctl_query(ctl);
	if (status == RUAD_EXIT_OK)
		status = find_row(ctl, &rows);
	if (status == RUAD_EXIT_OK)
		status = read_original(ctl, rows, &mail);
	if (status == RUAD_EXIT_OK && mail == NULL) {
		ruad_message("the original of %s was not kept", ctl->args[0]);
		status = RUAD_EXIT_FINDINGS;
	}
	if (mail != NULL)
		status = ruad_hand_out(mail, path, false);
	ruad_mail_free(&mail);
	return status;
}

static enum ruad_exit
drop_keys(struct ruad_ctl *ctl, struct ruad_store *store,
    const struct ruad_keys *keys)
{
	enum ruad_status st = RUAD_OK;
	struct ruad_err err;
	size_t dropped = 0;

	for (size_t i = 0; i < keys->count; i++) {
		st = ruad_amend_drop(store, keys->key[i].key,
		    ctl->conf->keep_raw, &err);
		dropped += st == RUAD_OK;
		/* Somebody else was faster. */
		if (st != RUAD_OK && st != RUAD_END)
			break;
	}
	ruad_message("%zu dropped", dropped);
	return st == RUAD_OK || st == RUAD_END ? RUAD_EXIT_OK
					       : ruad_message_failure(&err);
}

static enum ruad_exit
drop(struct ruad_ctl *ctl)
{
	bool by_age = (ctl->options.given & RUAD_OPTION(OLDER_THAN)) != 0;
	struct ruad_keys keys = { 0 };
	struct ruad_store *store = NULL;
	enum ruad_exit status;

	if (by_age == (ctl->arg_count > 0))
		return ruad_message_usage("name either KEYs or --older-than");
	status = ruad_ctl_open_store(ctl, &store);
	if (status == RUAD_EXIT_OK)
		status = ruad_ctl_query(ctl);
	if (status == RUAD_EXIT_OK)
		status = ruad_keys_of_quarantine(ctl, &keys);
	/* What follows must see nothing of the past. */
	ruad_query_close(&ctl->query);
	if (status == RUAD_EXIT_OK && keys.count == 0)
		ruad_message("nothing of this kind is in quarantine");
	if (status == RUAD_EXIT_OK && keys.count > 0) {
		ruad_message("%zu thing%s will be dropped, with what was kept "
			     "of %s",
		    keys.count, keys.count > 1 ? "s" : "",
		    keys.count > 1 ? "them" : "it");
		status = ruad_ctl_confirm(ctl) ? drop_keys(ctl, store, &keys)
					       : RUAD_EXIT_USAGE;
	}
	ruad_keys_free(&keys);
	ruad_store_close(&store);
	return status;
}

enum ruad_exit
ruad_cmd_quarantine(struct ruad_ctl *ctl)
{
	static const struct ruad_action actions[] = {
		{ "list", list, "",
		    RUAD_OPTIONS_TIME | RUAD_OPTION(CODE) | RUAD_OPTION(LIMIT),
		    0, 0 },
		{ "show", show, "KEY", 0, 1, 1 },
		{ "export", take_out, "KEY [FILE]", 0, 1, 2 },
		{ "retry", ruad_retry, "KEY... | --all | --code CODE",
		    RUAD_OPTIONS_TIME | RUAD_OPTION(CODE) | RUAD_OPTION(ALL), 0,
		    -1 },
		{ "drop", drop, "KEY... | --older-than TIME",
		    RUAD_OPTION(OLDER_THAN) | RUAD_OPTION(CODE) |
			RUAD_OPTION(YES),
		    0, -1 },
	};

	return ruad_ctl_act(ctl, "quarantine", actions,
	    sizeof(actions) / sizeof(actions[0]));
}
