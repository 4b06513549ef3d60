/* cmd_domain.c - the policy domains that this site answers for. */
#include <string.h>
#include <time.h>
#include "amend.h"
#include "cmd.h"

static const struct ruad_column columns[] = {
	{ .name = "domain", .title = "DOMAIN" },
	{ .name = "state", .title = "STATE" },
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

static const struct ruad_column facts[] = {
	{ .name = "domain", .title = "Domain" },
	{ .name = "state", .title = "State" },
	{ .name = "by_domain", .title = "By" },
	{ .name = "since_utc",
	    .title = "Since (UTC)",
	    .kind = RUAD_COLUMN_TIME },
	{ .name = "note", .title = "Note" },
	{ .name = "policy_domains",
	    .title = "Policy domains",
	    .kind = RUAD_COLUMN_INTEGER },
	{ .name = "reports", .title = "Reports", .kind = RUAD_COLUMN_INTEGER },
	{ .name = "reporters",
	    .title = "Reporters",
	    .kind = RUAD_COLUMN_INTEGER },
	{ .name = "messages",
	    .title = "Messages",
	    .kind = RUAD_COLUMN_INTEGER },
	{ .name = "messages_pass",
	    .title = "DMARC pass",
	    .kind = RUAD_COLUMN_INTEGER },
	{ .name = "first_begin_utc",
	    .title = "From (UTC)",
	    .kind = RUAD_COLUMN_TIME },
	{ .name = "last_end_utc",
	    .title = "To (UTC)",
	    .kind = RUAD_COLUMN_TIME },
	{ .name = "last_received_utc",
	    .title = "Last received",
	    .kind = RUAD_COLUMN_TIME },
	{ .name = "p", .title = "Policy p" },
	{ .name = "sp", .title = "sp" },
	{ .name = "np", .title = "np" },
	{ .name = "adkim", .title = "adkim" },
	{ .name = "aspf", .title = "aspf" },
};

enum { FACT_COUNT = sizeof(facts) / sizeof(facts[0]) };

/* How much was refused because its domain is not registered. */
static enum ruad_exit
count_refused(struct ruad_ctl *ctl, int64_t *count_out)
{
	struct ruad_filter filter = RUAD_FILTER_ALL;
	struct ruad_rows *rows;
	enum ruad_status st;
	struct ruad_err err;

	*count_out = 0;
	filter.code = ruad_code_name(RUAD_REP_FOREIGN_DOMAIN);
	st = ruad_query_ask(ctl->query, RUAD_ASK_QUARANTINE, &filter, &rows,
	    &err);
	while (st == RUAD_OK && (st = ruad_rows_next(rows, &err)) == RUAD_OK)
		++*count_out;
	return st == RUAD_END ? RUAD_EXIT_OK : ruad_message_failure(&err);
}

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
	else if (others)
		ruad_message("see domain add, and domain ignore for what is "
			     "of no concern");
	if (others)
		status = count_refused(ctl, &rows);
	if (others && rows > 0)
		ruad_message("%lld more refused for their domain: see "
			     "ruadctl quarantine list --code "
			     "REP_FOREIGN_DOMAIN",
		    (long long)rows);
	return status;
}

static enum ruad_exit
show(struct ruad_ctl *ctl)
{
	enum ruad_exit status =
	    ruad_options_set_domain(&ctl->options, ctl->args[0]);
	struct ruad_rows *rows;
	struct ruad_err err;
	enum ruad_status st;

	if (status == RUAD_EXIT_OK)
		status = ruad_ctl_query(ctl);
	if (status != RUAD_EXIT_OK)
		return status;
	st = ruad_query_ask(ctl->query, RUAD_ASK_DOMAIN, &ctl->options.filter,
	    &rows, &err);
	if (st == RUAD_OK)
		st = ruad_rows_next(rows, &err);
	if (st != RUAD_OK)
		return ruad_message_failure(&err);
	return ruad_ctl_facts(ctl, facts, FACT_COUNT,
	    ruad_ctl_row(rows, facts, FACT_COUNT));
}

/* Whether the domain itself is registered or ignored; where that cannot be
 * known, it is taken to be. */
static bool
is_marked(struct ruad_ctl *ctl)
{
	const struct ruad_filter all = RUAD_FILTER_ALL;
	enum ruad_status st = RUAD_TEMP;
	struct ruad_rows *rows = NULL;
	bool marked = false;
	struct ruad_err err;
	const char *name;
	json_t *row;

	if (ruad_ctl_query(ctl) == RUAD_EXIT_OK)
		st = ruad_query_ask(ctl->query, RUAD_ASK_REGISTERED, &all,
		    &rows, &err);
	while (st == RUAD_OK && !marked &&
	    (st = ruad_rows_next(rows, &err)) == RUAD_OK) {
		row = ruad_ctl_row(rows, columns, 1);
		name = json_string_value(json_object_get(row, "domain"));
		marked = name == NULL || strcmp(name, ctl->options.domain) == 0;
		json_decref(row);
	}
	return marked || st != RUAD_END;
}

/* A change that is about one domain, with a note. */
typedef enum ruad_status mark_domain(struct ruad_store *s, const char *domain,
    const char *note, int64_t since_epoch, struct ruad_err *err);

static enum ruad_exit
mark(struct ruad_ctl *ctl, mark_domain *change)
{
	enum ruad_exit status =
	    ruad_options_set_domain(&ctl->options, ctl->args[0]);
	struct ruad_store *store;
	struct ruad_err err;

	if (status == RUAD_EXIT_OK)
		status = ruad_ctl_open_store(ctl, &store);
	if (status != RUAD_EXIT_OK)
		return status;
	if (change(store, ctl->options.domain, ctl->options.note,
		(int64_t)time(NULL), &err) != RUAD_OK)
		status = ruad_message_failure(&err);
	ruad_store_close(&store);
	return status;
}

static enum ruad_exit
add(struct ruad_ctl *ctl)
{
	return mark(ctl, ruad_amend_register);
}

static enum ruad_exit
ignore(struct ruad_ctl *ctl)
{
	return mark(ctl, ruad_amend_ignore);
}

static enum ruad_exit
remove_domain(struct ruad_ctl *ctl)
{
	enum ruad_exit status =
	    ruad_options_set_domain(&ctl->options, ctl->args[0]);
	struct ruad_store *store;
	struct ruad_err err;

	if (status == RUAD_EXIT_OK)
		status = ruad_ctl_open_store(ctl, &store);
	if (status != RUAD_EXIT_OK)
		return status;
	/* Nothing is promised, and no word asked for, before an error. */
	if (is_marked(ctl)) {
		ruad_message("%s will not be registered any more; its reports "
			     "stay. Reporters go on sending until the rua of "
			     "its DMARC record in DNS is changed",
		    ctl->options.domain);
		if (!ruad_ctl_confirm(ctl))
			status = RUAD_EXIT_USAGE;
	}
	if (status == RUAD_EXIT_OK &&
	    ruad_amend_unregister(store, ctl->options.domain, &err) != RUAD_OK)
		status = ruad_message_failure(&err);
	ruad_store_close(&store);
	return status;
}

enum ruad_exit
ruad_cmd_domain(struct ruad_ctl *ctl)
{
	static const struct ruad_action actions[] = {
		{ "list", list, "",
		    RUAD_OPTION(UNREGISTERED) | RUAD_OPTION(LIMIT), 0, 0 },
		{ "show", show, "DOMAIN", 0, 1, 1 },
		{ "add", add, "DOMAIN", RUAD_OPTION(NOTE), 1, 1 },
		{ "ignore", ignore, "DOMAIN", RUAD_OPTION(NOTE), 1, 1 },
		{ "remove", remove_domain, "DOMAIN", RUAD_OPTION(YES), 1, 1 },
	};

	return ruad_ctl_act(ctl, "domain", actions,
	    sizeof(actions) / sizeof(actions[0]));
}
