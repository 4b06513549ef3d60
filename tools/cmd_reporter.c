/* cmd_reporter.c - who reports, from which domains, and which of these are
 * pinned. */
#include <string.h>
#include <time.h>
#include "amend.h"
#include "cmd.h"

static const struct ruad_column columns[] = {
	{ .name = "org_name", .title = "ORGANISATION" },
	{ .name = "domain", .title = "AUTHENTICATED FOR" },
	{ .name = "pinned", .title = "PINNED" },
	RUAD_COUNT("reports", "REPORTS"),
	{ .name = "last_received_utc",
	    .title = "LAST RECEIVED",
	    .kind = RUAD_COLUMN_TIME },
};

static const struct ruad_layout layout = {
	.columns = columns,
	.column_count = sizeof(columns) / sizeof(columns[0]),
};

static enum ruad_exit
list(struct ruad_ctl *ctl)
{
	return ruad_ctl_list_top(ctl, RUAD_ASK_REPORTERS, &layout, NULL,
	    "reporters");
}

static bool
is_name(const char *text)
{
	if (text[strspn(text, " \t")] != '\0')
		return true;
	ruad_message("bad ORG \"%s\": allowed is the name of an organisation",
	    text);
	return false;
}

static enum ruad_exit
pin(struct ruad_ctl *ctl)
{
	enum ruad_exit status =
	    ruad_options_set_domain(&ctl->options, ctl->args[1]);
	struct ruad_store *store;
	struct ruad_err err;

	if (!is_name(ctl->args[0]))
		return RUAD_EXIT_USAGE;
	if (status == RUAD_EXIT_OK)
		status = ruad_ctl_open_store(ctl, &store);
	if (status != RUAD_EXIT_OK)
		return status;
	if (ruad_amend_pin(store, ctl->args[0], ctl->options.domain,
		(int64_t)time(NULL), &err) != RUAD_OK)
		status = ruad_message_failure(&err);
	ruad_store_close(&store);
	return status;
}

static enum ruad_exit
unpin(struct ruad_ctl *ctl)
{
	enum ruad_exit status = RUAD_EXIT_OK;
	struct ruad_store *store;
	struct ruad_err err;

	if (ctl->arg_count > 1)
		status = ruad_options_set_domain(&ctl->options, ctl->args[1]);
	if (status == RUAD_EXIT_OK)
		status = ruad_ctl_open_store(ctl, &store);
	if (status != RUAD_EXIT_OK)
		return status;
	if (ruad_amend_unpin(store, ctl->args[0], ctl->options.domain, &err) !=
	    RUAD_OK)
		status = ruad_message_failure(&err);
	ruad_store_close(&store);
	return status;
}

enum ruad_exit
ruad_cmd_reporter(struct ruad_ctl *ctl)
{
	static const struct ruad_action actions[] = {
		{ "list", list, "",
		    RUAD_OPTIONS_TIME | RUAD_OPTION(DOMAIN) |
			RUAD_OPTION(REPORTER) | RUAD_OPTION(LIMIT),
		    0, 0 },
		{ "pin", pin, "ORG DOMAIN", 0, 2, 2 },
		{ "unpin", unpin, "ORG [DOMAIN]", 0, 1, 2 },
	};

	return ruad_ctl_act(ctl, "reporter", actions,
	    sizeof(actions) / sizeof(actions[0]));
}
