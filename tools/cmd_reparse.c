/* cmd_reparse.c - stored reports beside what their originals say today. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include "cmd.h"
#include "describe.h"
#include "keys.h"
#include "reread.h"

/* Of one report; more are only counted. */
enum { DIFFERENCES_SHOWN = 100, OUTCOMES = RUAD_AGAIN_GONE + 1 };

static const struct ruad_column columns[] = {
	{ .name = "report_key", .title = "KEY", .kind = RUAD_COLUMN_INTEGER },
	{ .name = "outcome", .title = "OUTCOME" },
	{ .name = "code" },
	{ .name = "text" },
	{ .name = "difference_count", .kind = RUAD_COLUMN_INTEGER },
	{ .name = "row_no", .title = "ROW", .kind = RUAD_COLUMN_INTEGER },
	{ .name = "field", .title = "FIELD" },
	{ .name = "stored", .title = "STORED", .wide = true },
	{ .name = "read", .title = "READ NOW", .wide = true },
};

static const struct ruad_layout layout = {
	.columns = columns,
	.column_count = sizeof(columns) / sizeof(columns[0]),
};

struct run {
	struct ruad_ctl *ctl;
	struct ruad_reread reread;
	struct ruad_output *output;
	json_t *differences; /* of the report at hand */
	uint64_t outcomes[OUTCOMES];
};

static void
found(void *arg, const struct ruad_difference *d)
{
	struct run *run = arg;
	json_t *row_no = d->row_no != 0 ? json_integer(d->row_no) : json_null();

	if (json_array_size(run->differences) >= DIFFERENCES_SHOWN) {
		json_decref(row_no);
		return;
	}
	json_array_append_new(run->differences,
	    json_pack("{s:o, s:s, s:o, s:o}", "row_no", row_no, "field",
		d->field, "stored", ruad_output_text(d->stored), "read",
		ruad_output_text(d->read)));
}

/* The object for a report; it takes over the differences. */
static json_t *
report_json(struct run *run, int64_t report_key,
    const struct ruad_again_result *result)
{
	json_t *differences = run->differences;

	run->differences = NULL;
	return json_pack("{s:I, s:s, s:o, s:o, s:I, s:o}", "report_key",
	    (json_int_t)report_key, "outcome", ruad_again_word(result->outcome),
	    "code", ruad_describe_code(result->code), "text",
	    ruad_output_text(result->text[0] != '\0' ? result->text : NULL),
	    "difference_count", (json_int_t)result->differences, "differences",
	    differences);
}

/* For tables and CSV: a row for each difference; where there is something else
 * to say, it is one of them. */
static bool
write_rows(struct ruad_output *o, json_t *object)
{
	json_t *differences = json_object_get(object, "differences"), *row, *d;
	json_t *text = json_object_get(object, "text");
	json_int_t more =
	    json_integer_value(json_object_get(object, "difference_count")) -
	    (json_int_t)json_array_size(differences);
	bool good = true;
	char rest[60];
	size_t i;

	snprintf(rest, sizeof(rest), "and %" JSON_INTEGER_FORMAT " more", more);
	if (json_is_string(text))
		json_array_append_new(differences,
		    json_pack("{s:O}", "read", text));
	if (more > 0)
		json_array_append_new(differences,
		    json_pack("{s:s}", "read", rest));
	json_array_foreach(differences, i, d)
	{
		row = json_copy(object);
		if (row != NULL)
			json_object_update(row, d);
		good = good && ruad_output_row(o, row);
	}
	return good;
}

static bool
write_report(struct run *run, json_t *object)
{
	enum ruad_format format = run->ctl->options.format;
	bool good;

	if (object == NULL || format == RUAD_FORMAT_JSON ||
	    format == RUAD_FORMAT_JSONL)
		return ruad_output_row(run->output, object);
	good = write_rows(run->output, object);
	json_decref(object);
	return good;
}

static enum ruad_status
reparse(struct run *run, int64_t report_key, struct ruad_err *err)
{
	bool apply = (run->ctl->options.given & RUAD_OPTION(APPLY)) != 0;
	struct ruad_again_result result;
	enum ruad_status st;

	run->differences = json_array();
	st = ruad_again_compare(run->reread.again, report_key, apply, found,
	    run, &result, err);
	if (st == RUAD_OK) {
		run->outcomes[result.outcome]++;
		if (result.outcome != RUAD_AGAIN_SAME &&
		    !write_report(run, report_json(run, report_key, &result)))
			st = RUAD_END;
	}
	json_decref(run->differences);
	run->differences = NULL;
	return st;
}

/* "12 reports read again: 11 same, 1 differs" */
static void
tell_totals(const struct run *run)
{
	char counts[200] = "";
	uint64_t all = 0;
	size_t len = 0;

	for (int i = 0; i < OUTCOMES; i++) {
		all += run->outcomes[i];
		if (run->outcomes[i] == 0 || len >= sizeof(counts))
			continue;
		len += (size_t)snprintf(counts + len, sizeof(counts) - len,
		    "%s%" PRIu64 " %s", len > 0 ? ", " : "", run->outcomes[i],
		    ruad_again_word((enum ruad_again_outcome)i));
	}
	ruad_message("%" PRIu64 " report%s read again%s%s", all,
	    all != 1 ? "s" : "", len > 0 ? ": " : "", counts);
	if (run->outcomes[RUAD_AGAIN_DIFFERS] > 0)
		ruad_message("nothing has been changed: see --apply");
}

static enum ruad_exit
reparse_all(struct run *run, const struct ruad_keys *keys)
{
	enum ruad_status st = RUAD_OK;
	struct ruad_err err;

	for (size_t i = 0; i < keys->count && st == RUAD_OK; i++)
		st = reparse(run, keys->key[i].key, &err);
	if (st != RUAD_OK && st != RUAD_END)
		return ruad_message_failure(&err);
	tell_totals(run);
	for (int i = 0; i < OUTCOMES; i++)
		if (i != RUAD_AGAIN_SAME && i != RUAD_AGAIN_REPLACED &&
		    run->outcomes[i] > 0)
			return RUAD_EXIT_FINDINGS;
	return RUAD_EXIT_OK;
}

enum ruad_exit
ruad_cmd_reparse(struct ruad_ctl *ctl)
{
	unsigned filters = RUAD_OPTIONS_TIME | RUAD_OPTION(DOMAIN) |
	    RUAD_OPTION(REPORTER) | RUAD_OPTION(ALL);
	bool change = (ctl->options.given & RUAD_OPTION(APPLY)) != 0;
	struct run run = { .ctl = ctl };
	struct ruad_keys keys = { 0 };
	enum ruad_exit status, end;

	if (((ctl->options.given & filters) != 0) == (ctl->arg_count > 0))
		return ruad_message_usage("name either REPORT_KEYs, or --all, "
					  "--domain, --reporter or a time");
	status = ruad_reread_open(ctl, change, &run.reread);
	if (status == RUAD_EXIT_OK)
		status = ruad_keys_of_reports(ctl, &keys);
	if (status == RUAD_EXIT_OK) {
		run.output =
		    ruad_output_open(ctl->options.format, &layout, NULL);
		if (run.output == NULL) {
			ruad_message("out of memory");
			status = RUAD_EXIT_TEMP;
		} else {
			status = reparse_all(&run, &keys);
		}
	}
	end = ruad_output_close(&run.output);
	ruad_keys_free(&keys);
	ruad_reread_close(&run.reread);
	return status != RUAD_EXIT_OK ? status : end;
}
