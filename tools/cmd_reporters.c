/* cmd_reporters.c - who reports, how often, and how well. */
#include "cmd.h"

/* One that has a rhythm, and has missed three of its reports. */
static const char *
tint_quiet(const json_t *row)
{
	const json_t *every = json_object_get(row, "every_days");
	json_int_t quiet =
	    json_integer_value(json_object_get(row, "quiet_days"));

	if (!json_is_real(every) ||
	    json_integer_value(json_object_get(row, "days")) < 3)
		return NULL;
	return (double)quiet > 3.0 * json_real_value(every) ? "red" : NULL;
}

static const char *
tint_refused(const json_t *row)
{
	return json_integer_value(json_object_get(row, "rows_refused")) +
		    json_integer_value(json_object_get(row, "refused")) >
		0
	    ? "red"
	    : NULL;
}

static const struct ruad_column columns[] = {
	{ .name = "org_name", .title = "REPORTER", .wide = true },
	RUAD_COUNT("reports", "REPORTS"),
	RUAD_COUNT("domains", "DOMAINS"),
	{ .name = "records", .kind = RUAD_COLUMN_INTEGER },
	RUAD_COUNT("messages", "MESSAGES"),
	{ .name = "first_day" },
	{ .name = "last_day", .title = "LAST DAY" },
	RUAD_COUNT("days", "DAYS"),
	{ .name = "every_days", .title = "EVERY", .kind = RUAD_COLUMN_REAL },
	RUAD_COUNT("gaps", "GAPS"),
	RUAD_COUNT("longest_gap_days", "LONGEST"),
	RUAD_COUNT_TINTED("quiet_days", "QUIET", tint_quiet),
	RUAD_COUNT("reports_with_warnings", "ODD"),
	RUAD_COUNT_TINTED("rows_refused", "ROWS REFUSED", tint_refused),
	RUAD_COUNT_TINTED("refused", "REFUSED", tint_refused),
	{ .name = "last_report_utc", .kind = RUAD_COLUMN_TIME },
	{ .name = "last_received_utc", .kind = RUAD_COLUMN_TIME },
	{ .name = "warnings",
	    .title = "WARNINGS",
	    .kind = RUAD_COLUMN_NAMES,
	    .wide = true },
};

static const struct ruad_layout layout = {
	.columns = columns,
	.column_count = sizeof(columns) / sizeof(columns[0]),
};

enum ruad_exit
ruad_cmd_reporters(struct ruad_ctl *ctl)
{
	return ruad_ctl_list_top(ctl, RUAD_ASK_CADENCE, &layout, NULL,
	    "reporters");
}
