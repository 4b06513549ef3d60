/* cmd_sources.c - who sends in the name of a domain, those that fail first,
 * and why they fail. */
#include "cmd.h"
#include "why.h"

static const struct ruad_column columns[] = {
	{ .name = "source_ip", .title = "SOURCE" },
	{ .name = "messages",
	    .title = "MESSAGES",
	    .kind = RUAD_COLUMN_INTEGER },
	{ .name = "messages_pass",
	    .title = "PASS",
	    .kind = RUAD_COLUMN_INTEGER },
	{ .name = "messages_fail",
	    .title = "FAIL",
	    .kind = RUAD_COLUMN_INTEGER,
	    .tint = ruad_ctl_tint_fail },
	{ .name = "header_from",
	    .title = "HEADER FROM",
	    .kind = RUAD_COLUMN_NAMES },
	{ .name = "first_day" },
	{ .name = "last_day", .title = "LAST DAY" },
	{ .name = "ptr" },
	{ .name = "why", .title = "WHY IT FAILS", .wide = true },
};

static const struct ruad_layout layout = {
	.columns = columns,
	.column_count = sizeof(columns) / sizeof(columns[0]),
};

/* Say why, where there is something to say. */
static enum ruad_exit
add_why(struct ruad_ctl *ctl, const struct ruad_rows *rows, json_t *row)
{
	struct ruad_filter filter = ctl->options.filter;
	char text[RUAD_WHY_BYTES];
	struct ruad_err err;

	if (ruad_rows_int(rows, "messages_fail") == 0) {
		json_object_set_new(row, "why", json_null());
		return RUAD_EXIT_OK;
	}
	filter.source_key = ruad_rows_int(rows, "source_key");
	if (ruad_why(ctl->query, &filter, text, &err) != RUAD_OK)
		return ruad_message_failure(&err);
	if (json_object_set_new(row, "why", ruad_output_text(text)) != 0) {
		ruad_message("out of memory");
		return RUAD_EXIT_TEMP;
	}
	return RUAD_EXIT_OK;
}

enum ruad_exit
ruad_cmd_sources(struct ruad_ctl *ctl)
{
	enum ruad_exit status;
	int64_t rows = 0;

	status = ruad_options_set_domain(&ctl->options, ctl->args[0]);
	if (status == RUAD_EXIT_OK)
		status = ruad_ctl_query(ctl);
	if (status != RUAD_EXIT_OK)
		return status;
	ruad_ctl_limit_table(ctl);
	status =
	    ruad_ctl_list(ctl, RUAD_ASK_SOURCES, &layout, NULL, add_why, &rows);
	if (status != RUAD_EXIT_OK)
		return status;
	if (rows == 0)
		ruad_message("no messages of %s in this store and time: see "
			     "ruadctl summary",
		    ctl->options.domain);
	ruad_ctl_tell_limit(ctl, rows);
	return RUAD_EXIT_OK;
}
