/* cmd_summary.c - each policy domain in one line. */
#include "cmd.h"

static const struct ruad_column columns[] = {
	{ .name = "policy_domain", .title = "DOMAIN" },
	{ .name = "messages",
	    .title = "MESSAGES",
	    .kind = RUAD_COLUMN_INTEGER },
	{ .name = "messages_pass", .kind = RUAD_COLUMN_INTEGER },
	{ .name = "pass_percent",
	    .title = "PASS%",
	    .kind = RUAD_COLUMN_PERCENT,
	    .tint = ruad_ctl_tint_percent },
	{ .name = "messages_fail",
	    .title = "FAIL",
	    .kind = RUAD_COLUMN_INTEGER,
	    .tint = ruad_ctl_tint_fail },
	{ .name = "disposition_none",
	    .title = "NONE",
	    .kind = RUAD_COLUMN_INTEGER },
	{ .name = "disposition_quarantine",
	    .title = "QUARANTINE",
	    .kind = RUAD_COLUMN_INTEGER },
	{ .name = "disposition_reject",
	    .title = "REJECT",
	    .kind = RUAD_COLUMN_INTEGER },
	{ .name = "sources", .title = "SOURCES", .kind = RUAD_COLUMN_INTEGER },
	{ .name = "reporters",
	    .title = "REPORTERS",
	    .kind = RUAD_COLUMN_INTEGER },
	{ .name = "reports", .title = "REPORTS", .kind = RUAD_COLUMN_INTEGER },
	{ .name = "first_day", .title = "FIRST DAY" },
	{ .name = "last_day" },
	{ .name = "last_report_utc",
	    .title = "LAST REPORT",
	    .kind = RUAD_COLUMN_TIME },
	{ .name = "last_received_utc", .kind = RUAD_COLUMN_TIME },
};

static const struct ruad_layout layout = {
	.columns = columns,
	.column_count = sizeof(columns) / sizeof(columns[0]),
};

enum ruad_exit
ruad_cmd_summary(struct ruad_ctl *ctl)
{
	enum ruad_exit status = RUAD_EXIT_OK;
	int64_t rows = 0;

	if (ctl->arg_count > 0)
		status = ruad_options_set_domain(&ctl->options, ctl->args[0]);
	if (status == RUAD_EXIT_OK)
		status = ruad_ctl_query(ctl);
	if (status != RUAD_EXIT_OK)
		return status;
	status =
	    ruad_ctl_list(ctl, RUAD_ASK_SUMMARY, &layout, NULL, NULL, &rows);
	if (status == RUAD_EXIT_OK && rows == 0)
		ruad_message("no reports%s%s in this store and time",
		    ctl->options.domain != NULL ? " about " : "",
		    ctl->options.domain != NULL ? ctl->options.domain : "");
	return status;
}
