/* cmd_timeline.c - a domain day by day, with a bar for the terminal. */
#include "cmd.h"
#include <string.h>

enum { BAR_CELLS = 30, CELL_BYTES = 4 };

static const struct ruad_column columns[] = {
	{ .name = "day", .title = "DAY" },
	RUAD_COUNT("messages", "MESSAGES"),
	{ .name = "messages_pass", .kind = RUAD_COLUMN_INTEGER },
	RUAD_PASS_PERCENT,
	RUAD_COUNT_TINTED("messages_fail", "FAIL", ruad_ctl_tint_fail),
	RUAD_COUNT("disposition_none", "NONE"),
	RUAD_COUNT("disposition_quarantine", "QUARANTINE"),
	RUAD_COUNT("disposition_reject", "REJECT"),
	RUAD_COUNT("sources", "SOURCES"),
	{ .name = "bar", .title = "PASS AND OTHERS", .shown_only = true },
};

static const struct ruad_layout layout = {
	.columns = columns,
	.column_count = sizeof(columns) / sizeof(columns[0]),
};

/* How many cells a part of the greatest day fills: at least one where there is
 * something. */
static int
cells(int64_t part, int64_t most)
{
	int n = (int)((double)BAR_CELLS * (double)part / (double)most + 0.5);

	return part > 0 && n == 0 ? 1 : n;
}

static char *
add_cells(char *to, int count, const char *cell)
{
	size_t len = strlen(cell);

	for (; count > 0; count--, to += len)
		memcpy(to, cell, len);
	return to;
}

/* The messages that passed, and behind them all others. */
static enum ruad_exit
add_bar(struct ruad_ctl *ctl, const struct ruad_rows *rows, json_t *row)
{
	bool utf8 = ruad_message_charset() == RUAD_EMIT_UTF8;
	int64_t most = ruad_rows_int(rows, "most");
	int64_t pass = ruad_rows_int(rows, "messages_pass");
	int64_t rest = ruad_rows_int(rows, "messages") - pass;
	/* Each part may be rounded up, to one cell too many in all. */
	char bar[(BAR_CELLS + 2) * CELL_BYTES + 1], *end = bar;

	if (ctl->options.format != RUAD_FORMAT_TABLE || most <= 0)
		return RUAD_EXIT_OK;
	end = add_cells(end, cells(pass, most), utf8 ? "\u2588" : "=");
	end = add_cells(end, cells(rest, most), utf8 ? "\u2591" : "x");
	*end = '\0';
	if (json_object_set_new(row, "bar", json_string(bar)) != 0) {
		ruad_message("out of memory");
		return RUAD_EXIT_TEMP;
	}
	return RUAD_EXIT_OK;
}

enum ruad_exit
ruad_cmd_timeline(struct ruad_ctl *ctl)
{
	enum ruad_exit status = ruad_ctl_domain(ctl);

	if (status != RUAD_EXIT_OK)
		return status;
	/* A day left out would look like one without mail. */
	ctl->options.given |= RUAD_OPTION(LIMIT);
	return ruad_ctl_list_top(ctl, RUAD_ASK_TIMELINE, &layout, add_bar,
	    "messages");
}
