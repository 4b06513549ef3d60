/* cmd_senders.c - who sends in the name of a domain, and what the operator says
 * of them. */
#include <string.h>
#include <strings.h>
#include <time.h>
#include "cmd.h"
#include "parse.h"
#include "rehearse_ask.h"
#include "rehearse_json.h"
#include "sender_file.h"

#define INTEGER(n, t) \
	{ \
		.name = n, .title = t, .kind = RUAD_COLUMN_INTEGER \
	}

static const struct ruad_column columns[] = {
	{ .name = "sender", .title = "SENDER" },
	{ .name = "known_by", .title = "BY" },
	{ .name = "kind", .title = "KIND" },
	{ .name = "label", .title = "LABEL" },
	{ .name = "class", .title = "CLASS" },
	INTEGER("messages", "MESSAGES"),
	INTEGER("mine_pass", "MINE PASS"),
	INTEGER("mine_fail", "MINE FAIL"),
	INTEGER("forwarded", "FORWARDED"),
	INTEGER("unknown", "UNKNOWN"),
	INTEGER("undecided", NULL),
	INTEGER("dkim_only", NULL),
	INTEGER("forwarded_pass", NULL),
	{ .name = "new" },
	{ .name = "first_day" },
	{ .name = "last_day", .title = "LAST DAY" },
	INTEGER("report_key", "REPORT"),
	{ .name = "evidence", .title = "EVIDENCE", .wide = true },
};

static const struct ruad_layout layout = {
	.columns = columns,
	.column_count = sizeof(columns) / sizeof(columns[0]),
};

static enum ruad_exit
write_senders(const struct ruad_ctl *ctl, const struct ruad_rehearsal *r)
{
	int64_t limit = ctl->options.filter.limit;
	struct ruad_output *o =
	    ruad_output_open(ctl->options.format, &layout, NULL);
	int64_t i;

	if (o == NULL) {
		ruad_message("out of memory");
		return RUAD_EXIT_TEMP;
	}
	for (i = 0; i < (int64_t)r->sender_count; i++) {
		if ((limit > 0 && i == limit) ||
		    !ruad_output_row(o,
			ruad_rehearse_sender_json(r->sender[i])))
			break;
	}
	if (i == 0)
		ruad_message("no messages of these days in this store");
	ruad_ctl_tell_limit(ctl, i);
	return ruad_output_close(&o);
}

static enum ruad_exit
list(struct ruad_ctl *ctl)
{
	struct ruad_rehearse_answer a = { 0 };
	enum ruad_exit status =
	    ruad_options_set_domain(&ctl->options, ctl->args[0]);

	if (status == RUAD_EXIT_OK)
		status = ruad_ctl_conf(ctl);
	if (status == RUAD_EXIT_OK)
		status = ruad_ctl_query(ctl);
	if (status == RUAD_EXIT_OK)
		status = ruad_rehearse_read(ctl, true, &a);
	if (status != RUAD_EXIT_OK)
		return status;
	ruad_ctl_limit_table(ctl);
	status = write_senders(ctl, &a.result);
	ruad_rehearsal_free(&a.result);
	return status;
}

static enum ruad_exit
set_label(struct ruad_ctl *ctl, const char *text)
{
	static const char *const words[] = { [RUAD_LABEL_NONE] = "none",
		[RUAD_LABEL_MINE] = "mine",
		[RUAD_LABEL_FORWARDER] = "forwarder",
		[RUAD_LABEL_NOT_MINE] = "not-mine",
		NULL };
	enum ruad_exit status =
	    ruad_options_set_domain(&ctl->options, ctl->args[0]);
	int word = ruad_parse_word(words, text);
	struct ruad_store *store;
	struct ruad_err err;

	if (status == RUAD_EXIT_OK && word < 0)
		status = ruad_message_usage("bad label \"%s\": allowed is "
					    "mine, forwarder, not-mine or none",
		    text);
	if (status == RUAD_EXIT_OK && ctl->args[1][0] == '\0')
		status = ruad_message_usage("the name of the sender is empty");
	if (status == RUAD_EXIT_OK)
		status = ruad_ctl_open_store(ctl, &store);
	if (status != RUAD_EXIT_OK)
		return status;
	switch (ruad_sender_label(store, ctl->options.domain, ctl->args[1],
	    (enum ruad_sender_label)word, ctl->options.note,
	    (int64_t)time(NULL), &err)) {
	case RUAD_OK:
		break;
	case RUAD_END:
		status = ruad_message_usage("%s", err.text);
		break;
	case RUAD_BAD:
	case RUAD_LIMIT:
	case RUAD_TEMP:
		status = ruad_message_failure(&err);
		break;
	}
	ruad_store_close(&store);
	return status;
}

/* A label waits for mail; but a name may be misspelt. */
static enum ruad_exit
look_for(struct ruad_ctl *ctl, const char *sender)
{
	struct ruad_rehearse_answer a = { 0 };
	enum ruad_exit status = ruad_ctl_conf(ctl);
	bool seen = false;

	ctl->options.filter.since = 0; /* whenever it was */
	if (status == RUAD_EXIT_OK)
		status = ruad_ctl_query(ctl);
	if (status == RUAD_EXIT_OK)
		status = ruad_rehearse_read(ctl, true, &a);
	if (status != RUAD_EXIT_OK)
		return status;
	for (size_t i = 0; i < a.result.sender_count && !seen; i++)
		seen = strcasecmp(a.result.sender[i]->name, sender) == 0;
	ruad_rehearsal_free(&a.result);
	if (!seen)
		ruad_message("the label is kept, but nothing in the store is "
			     "from "
			     "such a sender: see ruadctl senders %s",
		    ctl->options.domain);
	return RUAD_EXIT_OK;
}

static enum ruad_exit
label(struct ruad_ctl *ctl)
{
	const char *text = ctl->args[2];
	enum ruad_exit status = set_label(ctl, text);

	return status == RUAD_EXIT_OK && strcmp(text, "none") != 0
	    ? look_for(ctl, ctl->args[1])
	    : status;
}

static enum ruad_exit
import(struct ruad_ctl *ctl)
{
	struct ruad_sender_file file;
	struct ruad_store *store;
	struct ruad_err err;
	enum ruad_exit status = ruad_sender_file_read(ctl->args[0], &file);

	if (status == RUAD_EXIT_OK)
		status = ruad_ctl_open_store(ctl, &store);
	if (status == RUAD_EXIT_OK) {
		if (ruad_sender_import(store, file.row, file.count, &err) !=
		    RUAD_OK)
			status = ruad_message_failure(&err);
		ruad_store_close(&store);
	}
	if (status == RUAD_EXIT_OK) {
		ruad_message("%zu names imported, %zu lines left out",
		    file.count, file.skipped);
		if (file.skipped > 0)
			status = RUAD_EXIT_FINDINGS;
	}
	ruad_sender_file_free(&file);
	return status;
}

enum ruad_exit
ruad_cmd_senders(struct ruad_ctl *ctl)
{
	static const struct ruad_action actions[] = {
		{ "list", list, "DOMAIN",
		    RUAD_OPTIONS_TIME | RUAD_OPTION(LIMIT), 1, 1 },
		{ "label", label, "DOMAIN SENDER LABEL", RUAD_OPTION(NOTE), 3,
		    3 },
		{ "import", import, "FILE", 0, 1, 1 },
	};

	/* No policy domain is without a dot. */
	if (ctl->arg_count == 1 && strchr(ctl->args[0], '.') != NULL) {
		enum ruad_exit status = ruad_options_check(&ctl->options,
		    actions[0].options, "senders");

		return status == RUAD_EXIT_OK ? list(ctl) : status;
	}
	return ruad_ctl_act(ctl, "senders", actions,
	    sizeof(actions) / sizeof(actions[0]));
}
