/* cmd_domain.c - the policy domains that this site answers for. */
#include <time.h>
#include "amend.h"
#include "cmd.h"

static const struct ruad_column columns[] = {
	{ .name = "domain", .title = "DOMAIN" },
	{ .name = "since_utc", .title = "SINCE", .kind = RUAD_COLUMN_TIME },
	{ .name = "reports", .title = "REPORTS", .kind = RUAD_COLUMN_INTEGER },
	{ .name = "last_received_utc",
	    .title = "LAST RECEIVED",
	    .kind = RUAD_COLUMN_TIME },
	{ .name = "note", .title = "NOTE", .wide = true },
};

static const struct ruad_layout layout = {
	.columns = columns,
	.column_count = sizeof(columns) / sizeof(columns[0]),
};

static const struct ruad_column other_columns[] = {
	{ .name = "domain", .title = "DOMAIN" },
	{ .name = "reports", .title = "REPORTS", .kind = RUAD_COLUMN_INTEGER },
	{ .name = "messages",
	    .title = "MESSAGES",
	    .kind = RUAD_COLUMN_INTEGER },
	{ .name = "last_received_utc",
	    .title = "LAST RECEIVED",
	    .kind = RUAD_COLUMN_TIME },
};

static const struct ruad_layout other_layout = {
	.columns = other_columns,
	.column_count = sizeof(other_columns) / sizeof(other_columns[0]),
};

static enum ruad_exit
list(struct ruad_ctl *ctl)
{
	bool others = (ctl->options.given & RUAD_OPTION(UNREGISTERED)) != 0;
	enum ruad_exit status = ruad_ctl_query(ctl);
	int64_t rows = 0;

	if (status == RUAD_EXIT_OK)
		status = ruad_ctl_list(ctl,
		    others ? RUAD_ASK_UNREGISTERED : RUAD_ASK_REGISTERED,
		    others ? &other_layout : &layout, NULL, NULL, &rows);
	if (status != RUAD_EXIT_OK)
		return status;
	if (rows == 0 && others)
		ruad_message("all reports of this store are about registered "
			     "domains");
	else if (rows == 0)
		ruad_message("no domain is registered: see ruadctl help "
			     "domain");
	return RUAD_EXIT_OK;
}

static enum ruad_exit
add(struct ruad_ctl *ctl)
{
	enum ruad_exit status =
	    ruad_options_set_domain(&ctl->options, ctl->args[0]);
	struct ruad_store *store;
	struct ruad_err err;

	if (status == RUAD_EXIT_OK)
		status = ruad_ctl_open_store(ctl, &store);
	if (status != RUAD_EXIT_OK)
		return status;
	if (ruad_amend_register(store, ctl->options.domain, ctl->options.note,
		(int64_t)time(NULL), &err) != RUAD_OK)
		status = ruad_message_failure(&err);
	ruad_store_close(&store);
	return status;
}

static enum ruad_exit
remove_domain(struct ruad_ctl *ctl)
{
	enum ruad_exit status =
	    ruad_options_set_domain(&ctl->options, ctl->args[0]);
	struct ruad_store *store;
	struct ruad_err err;
	enum ruad_status st;

	if (status == RUAD_EXIT_OK)
		status = ruad_ctl_open_store(ctl, &store);
	if (status != RUAD_EXIT_OK)
		return status;
	ruad_message("%s will not be registered any more; its reports stay",
	    ctl->options.domain);
	if (ruad_ctl_confirm(ctl)) {
		st = ruad_amend_unregister(store, ctl->options.domain, &err);
		if (st != RUAD_OK)
			status = ruad_message_failure(&err);
	} else {
		status = RUAD_EXIT_USAGE;
	}
	ruad_store_close(&store);
	return status;
}

enum ruad_exit
ruad_cmd_domain(struct ruad_ctl *ctl)
{
	static const struct ruad_action actions[] = {
		{ "list", list, "",
		    RUAD_OPTION(UNREGISTERED) | RUAD_OPTION(LIMIT), 0, 0 },
		{ "add", add, "DOMAIN", RUAD_OPTION(NOTE), 1, 1 },
		{ "remove", remove_domain, "DOMAIN", RUAD_OPTION(YES), 1, 1 },
	};

	return ruad_ctl_act(ctl, "domain", actions,
	    sizeof(actions) / sizeof(actions[0]));
}
