/* cmd_show.c - everything about one report. */
#include "cmd.h"
#include <errno.h>
#include <stdlib.h>

static const struct ruad_column facts[] = {
	RUAD_COUNT("report_key", "Report"),
	{ .name = "org_name", .title = "Reporter" },
	{ .name = "org_email", .title = "Reporter's address" },
	{ .name = "extra_contact_info", .title = "Contact" },
	{ .name = "report_id", .title = "Report id" },
	{ .name = "policy_domain", .title = "Policy domain" },
	{ .name = "begin_epoch", .kind = RUAD_COLUMN_INTEGER },
	{ .name = "end_epoch", .kind = RUAD_COLUMN_INTEGER },
	{ .name = "begin_utc",
	    .title = "Begin (UTC)",
	    .kind = RUAD_COLUMN_TIME },
	{ .name = "end_utc", .title = "End (UTC)", .kind = RUAD_COLUMN_TIME },
	{ .name = "p", .title = "Policy p" },
	{ .name = "sp", .title = "Policy sp" },
	{ .name = "np", .title = "Policy np" },
	{ .name = "adkim", .title = "adkim" },
	{ .name = "aspf", .title = "aspf" },
	RUAD_COUNT("pct", "pct"),
	{ .name = "fo", .title = "fo" },
	{ .name = "testing", .title = "testing" },
	{ .name = "discovery_method", .title = "Discovery method" },
	{ .name = "dialect", .title = "Dialect" },
	{ .name = "version", .title = "Version" },
	{ .name = "namespace", .title = "Namespace" },
	{ .name = "generator", .title = "Generator" },
	RUAD_COUNT("records", "Records"),
	{ .name = "records_kept", .kind = RUAD_COLUMN_INTEGER },
	RUAD_COUNT("messages", "Messages"),
	RUAD_COUNT("messages_pass", "DMARC pass"),
	RUAD_COUNT("rows_refused", "Refused rows"),
	{ .name = "warnings", .title = "Warnings", .kind = RUAD_COLUMN_WORDS },
	{ .name = "errors",
	    .title = "Reporter's errors",
	    .kind = RUAD_COLUMN_LIST },
	{ .name = "raw_words",
	    .title = "Words replaced",
	    .kind = RUAD_COLUMN_LIST },
	{ .name = "refused_rows",
	    .title = "Which rows",
	    .kind = RUAD_COLUMN_LIST },
	{ .name = "conflicts",
	    .title = "Conflicts (when, records, messages)",
	    .kind = RUAD_COLUMN_LIST },
	{ .name = "trust", .title = "Mail's own DMARC" },
	{ .name = "trust_domain", .title = "Mail from" },
	{ .name = "queue_id", .title = "Queue id" },
	{ .name = "message_id", .title = "Message-Id" },
	{ .name = "part", .title = "Part of the mail" },
	{ .name = "received_utc",
	    .title = "Received (UTC)",
	    .kind = RUAD_COLUMN_TIME },
};

static const struct ruad_column columns[] = {
	{ .name = "report_key", .kind = RUAD_COLUMN_INTEGER },
	RUAD_COUNT("row_no", "ROW"),
	{ .name = "source_ip", .title = "SOURCE" },
	RUAD_COUNT("messages", "MESSAGES"),
	{ .name = "dmarc", .title = "DMARC" },
	{ .name = "disposition", .title = "DISPOSITION" },
	{ .name = "dkim", .title = "DKIM" },
	{ .name = "spf", .title = "SPF" },
	{ .name = "header_from", .title = "HEADER FROM" },
	{ .name = "envelope_from", .title = "ENVELOPE FROM" },
	{ .name = "envelope_to" },
	{ .name = "dkim_alignment" },
	{ .name = "spf_alignment" },
	{ .name = "reasons", .title = "REASONS", .kind = RUAD_COLUMN_WORDS },
	{ .name = "auth_results",
	    .title = "RESULTS",
	    .kind = RUAD_COLUMN_AUTH,
	    .wide = true },
};

static const struct ruad_layout layout = {
	.columns = columns,
	.column_count = sizeof(columns) / sizeof(columns[0]),
	.facts = facts,
	.fact_count = sizeof(facts) / sizeof(facts[0]),
	.rows_name = "rows",
};

/* Read the facts; NULL: the failure has been told, *status_out is of it. */
static json_t *
read_facts(struct ruad_ctl *ctl, enum ruad_exit *status_out)
{
	struct ruad_rows *rows;
	json_t *row = NULL;
	enum ruad_status st;
	struct ruad_err err;

	st = ruad_query_ask(ctl->query, RUAD_ASK_REPORT, &ctl->options.filter,
	    &rows, &err);
	if (st == RUAD_OK)
		st = ruad_rows_next(rows, &err);
	if (st == RUAD_OK) {
		row = ruad_ctl_row(rows, facts, layout.fact_count);
		if (row == NULL)
			st = ruad_fail_memory(&err, "show");
	}
	if (st == RUAD_END)
		*status_out = ruad_message_usage("there is no report %s: see "
						 "ruadctl reports",
		    ctl->args[0]);
	else if (st != RUAD_OK)
		*status_out = ruad_message_failure(&err);
	return row;
}

enum ruad_exit
ruad_cmd_show(struct ruad_ctl *ctl)
{
	enum ruad_exit status;
	int64_t rows = 0, kept;
	json_t *row;
	char *end;

	errno = 0;
	ctl->options.filter.report_key = strtoll(ctl->args[0], &end, 10);
	if (errno != 0 || *end != '\0' || ctl->options.filter.report_key <= 0)
		return ruad_message_usage("bad REPORT_KEY \"%s\": allowed is a "
					  "KEY of ruadctl reports",
		    ctl->args[0]);
	status = ruad_ctl_query(ctl);
	if (status != RUAD_EXIT_OK)
		return status;
	row = read_facts(ctl, &status);
	if (row == NULL)
		return status;
	status =
	    ruad_ctl_list(ctl, RUAD_ASK_RECORDS, &layout, row, NULL, &rows);
	kept = json_integer_value(json_object_get(row, "records_kept"));
	if (status == RUAD_EXIT_OK &&
	    kept < json_integer_value(json_object_get(row, "records")))
		ruad_message("records of this report have been expired");
	else if (status == RUAD_EXIT_OK && rows == 0 && kept > 0)
		ruad_message("no such records in this report");
	json_decref(row);
	return status;
}
