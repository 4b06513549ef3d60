/* cmd_check.c - whether the store is what it should be. */
#include <inttypes.h>
#include "audit.h"
#include "cmd.h"

static const struct ruad_column columns[] = {
	{ .name = "check", .title = "CHECK" },
	{ .name = "result", .title = "RESULT" },
	{ .name = "count", .title = "COUNT", .kind = RUAD_COLUMN_INTEGER },
	{ .name = "text", .title = "WHAT", .wide = true },
};

static const struct ruad_layout layout = {
	.columns = columns,
	.column_count = sizeof(columns) / sizeof(columns[0]),
};

static json_t *
row_of(const struct ruad_audit_result *r)
{
	const char *word = r->count == 0 ? "good" : r->fault ? "bad" : "note";
	json_t *row = json_pack("{s:s, s:s, s:I}", "check", r->name, "result",
	    word, "count", (json_int_t)r->count);

	if (row != NULL)
		json_object_set_new(row, "text",
		    ruad_output_text(r->text[0] != '\0' ? r->text : NULL));
	return row;
}

enum ruad_exit
ruad_cmd_check(struct ruad_ctl *ctl)
{
	enum ruad_exit status = ruad_ctl_query(ctl), end;
	struct ruad_audit_result result;
	struct ruad_output *o;
	enum ruad_status st = RUAD_OK;
	struct ruad_err err;

	if (status != RUAD_EXIT_OK)
		return status;
	o = ruad_output_open(ctl->options.format, &layout, NULL);
	if (o == NULL)
		st = ruad_fail_memory(&err, "check");
	for (int i = 0; i < RUAD_AUDIT_COUNT && st == RUAD_OK; i++) {
		st = ruad_audit_run(ruad_query_handle(ctl->query),
		    (enum ruad_audit)i, &result, &err);
		if (st != RUAD_OK)
			break;
		if (result.count > 0 && result.fault)
			status = RUAD_EXIT_FINDINGS;
		if (!ruad_output_row(o, row_of(&result)))
			break;
		/* Nothing can be said of data that cannot be read. */
		if (i == RUAD_AUDIT_FILE && result.count > 0)
			break;
	}
	end = ruad_output_close(&o);
	if (st != RUAD_OK)
		return ruad_message_failure(&err);
	return end != RUAD_EXIT_OK ? end : status;
}
