/* sender_file.c - see sender_file.h; libcsv splits lines and fields. */
#include "sender_file.h"
#include <csv.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "conf_value.h"
#include "text.h"

enum {
	FIELDS = 3, /* those behind are of no interest */
	FIELD_MAX = 250, /* bytes of one */
	ROWS_MAX = 1000000, /* bounds the memory */
	SKIPPED_TOLD = 10
};

struct reader {
	struct ruad_sender_file *out;
	const char *path;
	char field[FIELDS][FIELD_MAX + 1];
	size_t fields; /* of this line */
	size_t line;
	bool too_long; /* a field of this line */
	bool memory; /* some ran out */
	bool too_many;
};

static void
on_field(void *text, size_t len, void *arg)
{
	struct reader *r = arg;

	if (r->fields < FIELDS) {
		if (len > FIELD_MAX)
			r->too_long = true;
		else
			memcpy(r->field[r->fields], text, len);
		r->field[r->fields][len > FIELD_MAX ? 0 : len] = '\0';
	}
	r->fields++;
}

static void
skip(struct reader *r, const char *why)
{
	if (r->out->skipped++ < SKIPPED_TOLD)
		ruad_message("%s: line %zu: %s", r->path, r->line, why);
}

/* The kinds by the words of such files, and by our own. */
static enum ruad_sender_kind
kind_of(const char *type)
{
	static const struct {
		const char *type;
		enum ruad_sender_kind kind;
	} types[] = {
		{ "email provider", RUAD_SENDER_MAILBOX },
		{ "mailbox", RUAD_SENDER_MAILBOX },
		{ "email security", RUAD_SENDER_FORWARDER },
		{ "forwarder", RUAD_SENDER_FORWARDER },
		{ "marketing", RUAD_SENDER_SERVICE },
		{ "saas", RUAD_SENDER_SERVICE },
		{ "service", RUAD_SENDER_SERVICE },
	};

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		if (strcasecmp(types[i].type, type) == 0)
			return types[i].kind;
	}
	return RUAD_SENDER_UNKNOWN;
}

static void
add(struct reader *r, char *domain)
{
	struct ruad_sender_file *f = r->out;
	struct ruad_sender_name *row;

	if (f->count == f->cap) {
		size_t more = f->cap == 0 ? 1024 : f->cap * 2;

		row = reallocarray(f->row, more, sizeof(*row));
		if (row == NULL) {
			r->memory = true;
			free(domain);
			return;
		}
		f->row = row;
		f->cap = more;
	}
	row = &f->row[f->count++];
	row->domain = domain;
	row->sender = strdup(r->field[1]);
	row->type = strdup(r->field[2]);
	row->kind = kind_of(r->field[2]);
	if (row->sender == NULL || row->type == NULL)
		r->memory = true;
}

static void
take_line(struct reader *r)
{
	const char *wanted;
	char *domain;

	/* The names of the columns, whatever they are: no domain of a sender is
	 * without a dot. */
	if (r->line == 1 && strchr(r->field[0], '.') == NULL)
		return;
	if (r->fields < FIELDS || r->too_long) {
		skip(r, "not a domain, a name and a type");
		return;
	}
	for (size_t i = 0; i < FIELDS; i++)
		ruad_text_collapse(r->field[i]);
	if (r->field[1][0] == '\0') {
		skip(r, "the name is empty");
		return;
	}
	if (r->out->count == ROWS_MAX) {
		r->too_many = true;
		return;
	}
	domain = ruad_conf_take_domain(r->field[0], &wanted);
	if (domain == NULL)
		skip(r, "the first field is not a domain");
	else
		add(r, domain);
}

static void
on_line(int end, void *arg)
{
	struct reader *r = arg;

	(void)end;
	r->line++;
	if (!r->memory)
		take_line(r);
	r->fields = 0;
	r->too_long = false;
}

static bool
parse(struct csv_parser *p, FILE *file, struct reader *r)
{
	char buf[65536];
	size_t len;

	while (!r->memory && !r->too_many &&
	    (len = fread(buf, 1, sizeof(buf), file)) > 0) {
		if (csv_parse(p, buf, len, on_field, on_line, r) != len)
			return false;
	}
	return csv_fini(p, on_field, on_line, r) == 0;
}

/* What went wrong, if anything did. */
static enum ruad_exit
conclude(const struct reader *r, struct csv_parser *p, bool parsed, bool failed)
{
	if (r->memory) {
		ruad_message("out of memory");
		return RUAD_EXIT_TEMP;
	}
	if (failed) {
		ruad_message("%s: %s", r->path, strerror(errno));
		return RUAD_EXIT_TEMP;
	}
	if (r->too_many)
		return ruad_message_usage("%s: more than %d lines", r->path,
		    ROWS_MAX);
	if (!parsed)
		return ruad_message_usage("%s: behind line %zu: %s", r->path,
		    r->line, csv_strerror(csv_error(p)));
	if (r->out->count == 0)
		return ruad_message_usage("%s: no sender in it", r->path);
	return RUAD_EXIT_OK;
}

enum ruad_exit
ruad_sender_file_read(const char *path, struct ruad_sender_file *out)
{
	struct reader r = { .out = out, .path = path };
	struct csv_parser p;
	enum ruad_exit status;
	bool parsed;
	FILE *file;

	*out = (struct ruad_sender_file){ 0 };
	file = fopen(path, "r");
	if (file == NULL)
		return ruad_message_usage("%s: %s", path, strerror(errno));
	csv_init(&p, CSV_STRICT | CSV_STRICT_FINI);
	parsed = parse(&p, file, &r);
	status = conclude(&r, &p, parsed, ferror(file) != 0);
	csv_free(&p);
	fclose(file);
	return status;
}

void
ruad_sender_file_free(struct ruad_sender_file *f)
{
	for (size_t i = 0; i < f->count; i++) {
		free(f->row[i].domain);
		free(f->row[i].sender);
		free(f->row[i].type);
	}
	free(f->row);
	*f = (struct ruad_sender_file){ 0 };
}
