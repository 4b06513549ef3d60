/* cmd_sources.c - who sends in the name of a domain, those that fail first,
 * and why they fail: by address, or by what addresses have in common. */
#include <stdio.h>
#include <string.h>
#include "cmd.h"
#include "value.h"
#include "why.h"

/* What the rows may stand for: the first column is of it alone, the second
 * tells more. */
static const struct {
	enum ruad_question question;
	struct ruad_column name, more;
} groups[] = {
	[RUAD_GROUP_IP] = { RUAD_ASK_SOURCES,
	    { .name = "source_ip", .title = "SOURCE" },
	    { .name = "header_from",
		.title = "HEADER FROM",
		.kind = RUAD_COLUMN_NAMES } },
#define SOURCES \
	{ \
		.name = "sources", .title = "SOURCES", \
		.kind = RUAD_COLUMN_INTEGER \
	}
	[RUAD_GROUP_NETWORK] = { RUAD_ASK_NETWORKS,
	    { .name = "network", .title = "NETWORK" }, SOURCES },
	[RUAD_GROUP_HEADER_FROM] = { RUAD_ASK_AUTHORS,
	    { .name = "header_from", .title = "HEADER FROM" }, SOURCES },
	[RUAD_GROUP_DKIM_DOMAIN] = { RUAD_ASK_DKIM_DOMAINS,
	    { .name = "dkim_domain", .title = "DKIM DOMAIN" }, SOURCES },
	[RUAD_GROUP_SPF_DOMAIN] = { RUAD_ASK_SPF_DOMAINS,
	    { .name = "spf_domain", .title = "SPF DOMAIN" }, SOURCES },
#undef SOURCES
};

static const struct ruad_column common[] = {
	RUAD_COUNT("messages", "MESSAGES"),
	RUAD_COUNT("messages_pass", "PASS"),
	RUAD_COUNT_TINTED("messages_fail", "FAIL", ruad_ctl_tint_fail),
	{ .name = "pass_percent", .kind = RUAD_COLUMN_PERCENT },
	{ .name = "first_day" },
	{ .name = "last_day", .title = "LAST DAY" },
	{ .name = "ptr" },
	{ .name = "report_key", .kind = RUAD_COLUMN_INTEGER },
	{ .name = "why", .title = "WHY IT FAILS", .wide = true },
};

enum { COMMON = sizeof(common) / sizeof(common[0]) };

/* The network of RUAD_ASK_NETWORKS: the hexadecimal form of its bytes. */
static json_t *
network_json(const char *prefix)
{
	unsigned char ip[16] = { 0 };
	size_t len = strlen(prefix) / 2;
	char text[50];
	unsigned byte;

	for (size_t i = 0; i < len && i < sizeof(ip); i++) {
		if (sscanf(prefix + 2 * i, "%2x", &byte) == 1)
			ip[i] = (unsigned char)byte;
	}
	ruad_value_network_text(ip, text, sizeof(text));
	return json_string(text);
}

/* The messages of one row. */
static void
narrow(struct ruad_filter *f, enum ruad_group by, const struct ruad_rows *rows)
{
	const char *name;

	f->source_key = ruad_rows_int(rows, "source_key");
	if (by == RUAD_GROUP_IP || by == RUAD_GROUP_NETWORK)
		return;
	name = ruad_rows_text(rows, groups[by].name.name);
	if (name == NULL)
		name = "";
	if (by == RUAD_GROUP_HEADER_FROM)
		f->header_from = name;
	else if (by == RUAD_GROUP_DKIM_DOMAIN)
		f->dkim_domain = name;
	else
		f->spf_domain = name;
}

static enum ruad_exit
finish(struct ruad_ctl *ctl, const struct ruad_rows *rows, json_t *row)
{
	struct ruad_filter filter = ctl->options.filter;
	enum ruad_group by = ctl->options.by;

	if (by == RUAD_GROUP_NETWORK &&
	    json_object_set_new(row, "network",
		network_json(ruad_rows_text(rows, "prefix"))) != 0) {
		ruad_message("out of memory");
		return RUAD_EXIT_TEMP;
	}
	if (ruad_rows_int(rows, "messages_fail") == 0) {
		json_object_set_new(row, "report_key", json_null());
		json_object_set_new(row, "why", json_null());
		return RUAD_EXIT_OK;
	}
	narrow(&filter, by, rows);
	return ruad_why_add(ctl, &filter, by != RUAD_GROUP_IP, row);
}

enum ruad_exit
ruad_cmd_sources(struct ruad_ctl *ctl)
{
	enum ruad_exit status = ruad_ctl_domain(ctl);
	enum ruad_group by = ctl->options.by;
	struct ruad_column columns[2 + COMMON];
	struct ruad_layout layout = { .columns = columns };

	if (status != RUAD_EXIT_OK)
		return status;
	if (ctl->options.domain == NULL)
		return ruad_message_usage("usage: ruadctl sources DOMAIN: see "
					  "ruadctl help sources");
	columns[layout.column_count++] = groups[by].name;
	columns[layout.column_count++] = groups[by].more;
	for (size_t i = 0; i < COMMON; i++) {
		/* Only an address has a name. */
		if (by == RUAD_GROUP_IP || strcmp(common[i].name, "ptr") != 0)
			columns[layout.column_count++] = common[i];
	}
	return ruad_ctl_list_top(ctl, groups[by].question, &layout, finish,
	    "messages");
}
