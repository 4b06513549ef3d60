/* cmd_summary.c - each policy domain in one line, with what became of it since
 * the period before. */
#include "cmd.h"

static const char *
tint_change(const json_t *row)
{
	const json_t *change = json_object_get(row, "pass_change");

	if (!json_is_real(change))
		return NULL;
	return json_real_value(change) <= -1.0 ? "red" : NULL;
}

static const struct ruad_column columns[] = {
	{ .name = "policy_domain", .title = "DOMAIN" },
	RUAD_COUNT("messages", "MESSAGES"),
	{ .name = "messages_pass", .kind = RUAD_COLUMN_INTEGER },
	RUAD_PASS_PERCENT,
	{ .name = "messages_before", .kind = RUAD_COLUMN_INTEGER },
	{ .name = "pass_percent_before", .kind = RUAD_COLUMN_PERCENT },
	{ .name = "messages_change",
	    .title = "CHANGE%",
	    .kind = RUAD_COLUMN_CHANGE },
	{ .name = "pass_change",
	    .title = "PASS+-",
	    .kind = RUAD_COLUMN_CHANGE,
	    .tint = tint_change },
	RUAD_COUNT_TINTED("messages_fail", "FAIL", ruad_ctl_tint_fail),
	RUAD_COUNT("disposition_none", "NONE"),
	RUAD_COUNT("disposition_quarantine", "QUARANTINE"),
	RUAD_COUNT("disposition_reject", "REJECT"),
	RUAD_COUNT("sources", "SOURCES"),
	RUAD_COUNT("reporters", "REPORTERS"),
	RUAD_COUNT("reports", "REPORTS"),
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
	enum ruad_exit status = ruad_ctl_domain(ctl);

	if (status != RUAD_EXIT_OK)
		return status;
	/* Few, and each counts. */
	ctl->options.given |= RUAD_OPTION(LIMIT);
	return ruad_ctl_list_top(ctl, RUAD_ASK_SUMMARY, &layout, NULL,
	    "reports");
}
