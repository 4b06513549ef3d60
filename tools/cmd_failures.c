/* cmd_failures.c - what fails DMARC, and why: each author domain, source and
 * disposition in one line, most messages first. */
#include "cmd.h"
#include "why.h"

static const struct ruad_column columns[] = {
	{ .name = "policy_domain", .title = "DOMAIN" },
	{ .name = "source_ip", .title = "SOURCE" },
	{ .name = "header_from", .title = "HEADER FROM" },
	RUAD_COUNT("messages", "MESSAGES"),
	{ .name = "disposition", .title = "DISPOSITION" },
	{ .name = "first_day" },
	{ .name = "last_day", .title = "LAST DAY" },
	{ .name = "ptr" },
	RUAD_COUNT("report_key", "REPORT"),
	{ .name = "why", .title = "WHY IT FAILS", .wide = true },
};

static const struct ruad_layout layout = {
	.columns = columns,
	.column_count = sizeof(columns) / sizeof(columns[0]),
};

/* Say why, of the messages of this row. */
static enum ruad_exit
add_why(struct ruad_ctl *ctl, const struct ruad_rows *rows, json_t *row)
{
	struct ruad_filter filter = ctl->options.filter;

	filter.domain = ruad_rows_text(rows, "policy_domain");
	filter.header_from = ruad_rows_text(rows, "header_from");
	filter.source_key = ruad_rows_int(rows, "source_key");
	filter.dispositions = INT64_C(1)
	    << ruad_rows_int(rows, "disposition_number");
	return ruad_why_add(ctl, &filter, false, row);
}

enum ruad_exit
ruad_cmd_failures(struct ruad_ctl *ctl)
{
	enum ruad_exit status = ruad_ctl_domain(ctl);

	if (status != RUAD_EXIT_OK)
		return status;
	return ruad_ctl_list_top(ctl, RUAD_ASK_FAILURES, &layout, add_why,
	    "failing messages");
}
