/* cmd_reports.c - reports in one line each, the last received first. */
#include "cmd.h"

static const struct ruad_column columns[] = {
	RUAD_COUNT("report_key", "KEY"),
	{ .name = "org_name", .title = "REPORTER", .wide = true },
	{ .name = "policy_domain", .title = "DOMAIN" },
	{ .name = "report_id" },
	{ .name = "begin_utc", .title = "BEGIN", .kind = RUAD_COLUMN_TIME },
	{ .name = "end_utc", .title = "END", .kind = RUAD_COLUMN_TIME },
	{ .name = "p", .title = "P" },
	RUAD_COUNT("records", "RECORDS"),
	RUAD_COUNT("messages", "MESSAGES"),
	{ .name = "messages_pass", .kind = RUAD_COLUMN_INTEGER },
	RUAD_PASS_PERCENT,
	RUAD_COUNT("rows_refused", "REFUSED"),
	{ .name = "trust" },
	{ .name = "received_utc", .kind = RUAD_COLUMN_TIME },
	{ .name = "warnings",
	    .title = "WARNINGS",
	    .kind = RUAD_COLUMN_WORDS,
	    .wide = true },
};

static const struct ruad_layout layout = {
	.columns = columns,
	.column_count = sizeof(columns) / sizeof(columns[0]),
};

enum ruad_exit
ruad_cmd_reports(struct ruad_ctl *ctl)
{
	return ruad_ctl_list_top(ctl, RUAD_ASK_REPORTS, &layout, NULL,
	    "reports");
}
