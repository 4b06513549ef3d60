/* output.c - libsmartcols for tables, jansson for JSON, emit for CSV. Tables
 * are laid out in blocks, so that memory does not follow the number of rows;
 * the other formats are written row by row. */
#include "output.h"
#include <errno.h>
#include <libsmartcols.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "describe.h"
#include "emit.h"

enum {
	BLOCK_ROWS = 1000, /* of a table */
	NAMES_SHOWN = 2, /* of RUAD_COLUMN_NAMES */
	FACT_WIDTH = 20 /* of the names of facts */
};

/* All non-ASCII is escaped: a terminal may be at the other end of any pipe,
 * and JSON means the same. */
#define JSON_FLAGS (JSON_ENSURE_ASCII | JSON_COMPACT)

struct ruad_output {
	enum ruad_format format;
	const struct ruad_layout *layout; /* borrowed */
	struct ruad_csv csv;
	struct libscols_table *table; /* owned; of the current block */
	size_t rows; /* written so far */
	size_t block_rows;
	bool in_object; /* the JSON began with facts */
	bool memory; /* some ran out */
	int error; /* errno of a failed write; 0: none */
};

json_t *
ruad_output_text(const char *text)
{
	return ruad_describe_text(text);
}

bool
ruad_output_colour(void)
{
	const char *no = getenv("NO_COLOR"), *term = getenv("TERM");

	return isatty(STDOUT_FILENO) && (no == NULL || *no == '\0') &&
	    term != NULL && strcmp(term, "dumb") != 0;
}

void
ruad_output_line(const char *text)
{
	ruad_emit_text(stdout, text, ruad_message_charset());
	putchar('\n');
}

/* A text that grows; `failed` once memory ran out. */
struct buffer {
	FILE *to;
	char *text;
	size_t size;
};

static bool
buffer_open(struct buffer *b)
{
	b->text = NULL;
	b->to = open_memstream(&b->text, &b->size);
	return b->to != NULL;
}

/* The text, which the caller frees; NULL: out of memory. */
static char *
buffer_close(struct buffer *b)
{
	if (fclose(b->to) == 0)
		return b->text;
	free(b->text);
	return NULL;
}

static const char *
member(const json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));

	return text != NULL ? text : "";
}

/* "dkim=pass example.com/s1 strict, spf=fail example.net" */
static void
write_auth(FILE *to, const json_t *results)
{
	const char *selector, *alignment;
	const json_t *a;
	size_t i;

	json_array_foreach(results, i, a)
	{
		selector = member(a, "selector");
		alignment = member(a, "alignment");
		fprintf(to, "%s%s=%s", i > 0 ? ", " : "", member(a, "method"),
		    member(a, "result"));
		if (member(a, "domain")[0] != '\0')
			fprintf(to, " %s", member(a, "domain"));
		if (selector[0] != '\0')
			fprintf(to, "/%s", selector);
		if (strcmp(alignment, "strict") == 0 ||
		    strcmp(alignment, "relaxed") == 0)
			fprintf(to, " %s", alignment);
	}
}

/* At most `most` words; 0: all. */
static void
write_words(FILE *to, const json_t *words, size_t most)
{
	size_t i, count = json_array_size(words);
	const json_t *w;

	json_array_foreach(words, i, w)
	{
		if (most != 0 && i == most) {
			fprintf(to, " +%zu", count - most);
			return;
		}
		fprintf(to, "%s%s", i > 0 ? " " : "", json_string_value(w));
	}
}

/* "2024-05-31 12:00" of "2024-05-31T12:00:00Z". */
static void
write_minute(FILE *to, const char *iso)
{
	for (size_t i = 0; iso[i] != '\0' && i < strlen("2024-05-31T12:00");
	     i++)
		putc(iso[i] == 'T' ? ' ' : iso[i], to);
}

static void
write_scalar(FILE *to, const json_t *value)
{
	if (json_is_integer(value))
		fprintf(to, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
	else if (json_is_real(value))
		fprintf(to, "%.1f", json_real_value(value));
	else if (json_is_string(value))
		fputs(json_string_value(value), to);
}

/* "3 ROW_IP not an address; 7 ROW_COUNT ..." */
static void
write_list(FILE *to, const json_t *list)
{
	const char *name, *blank;
	json_t *entry, *value;
	size_t i;

	json_array_foreach(list, i, entry)
	{
		fputs(i > 0 ? "; " : "", to);
		write_scalar(to, entry);
		blank = "";
		json_object_foreach(entry, name, value)
		{
			fputs(blank, to);
			write_scalar(to, value);
			blank = " ";
		}
	}
}

static void
write_array(FILE *to, const struct ruad_column *c, const json_t *value,
    bool table)
{
	switch (c->kind) {
	case RUAD_COLUMN_AUTH:
		write_auth(to, value);
		return;
	case RUAD_COLUMN_NAMES:
		write_words(to, value, table ? NAMES_SHOWN : 0);
		return;
	case RUAD_COLUMN_WORDS:
		write_words(to, value, 0);
		return;
	case RUAD_COLUMN_LIST:
	case RUAD_COLUMN_TEXT:
	case RUAD_COLUMN_INTEGER:
	case RUAD_COLUMN_PERCENT:
	case RUAD_COLUMN_REAL:
	case RUAD_COLUMN_CHANGE:
	case RUAD_COLUMN_TIME:
		write_list(to, value);
		return;
	}
}

static void
write_cell(FILE *to, const struct ruad_column *c, const json_t *value,
    bool table)
{
	if (json_is_array(value))
		write_array(to, c, value, table);
	else if (json_is_string(value) && table && c->kind == RUAD_COLUMN_TIME)
		write_minute(to, json_string_value(value));
	else if (json_is_real(value) && table && c->kind == RUAD_COLUMN_CHANGE)
		fprintf(to, "%+.1f", json_real_value(value));
	else
		write_scalar(to, value);
}

/* The text of a cell, unescaped, which the caller frees; NULL: no memory. */
static char *
cell_text(const struct ruad_column *c, const json_t *row, bool table)
{
	struct buffer b;

	if (!buffer_open(&b))
		return NULL;
	write_cell(b.to, c, json_object_get(row, c->name), table);
	return buffer_close(&b);
}

/* The same for a terminal. */
static char *
cell_shown(const struct ruad_column *c, const json_t *row)
{
	char *text = cell_text(c, row, true), *shown = NULL;

	if (text != NULL)
		shown = text[0] == '\0'
		    ? strdup("-")
		    : ruad_emit_escaped(text, ruad_message_charset());
	free(text);
	return shown;
}

/* Tables */

static bool
is_number(const struct ruad_column *c)
{
	return c->kind == RUAD_COLUMN_INTEGER ||
	    c->kind == RUAD_COLUMN_PERCENT || c->kind == RUAD_COLUMN_REAL ||
	    c->kind == RUAD_COLUMN_CHANGE;
}

static bool
table_begin(struct ruad_output *o)
{
	struct libscols_table *t = scols_new_table();

	o->table = t;
	o->block_rows = 0;
	if (t == NULL)
		return false;
	scols_table_enable_colors(t, ruad_output_colour());
	scols_table_enable_noheadings(t, o->rows > 0);
	/* Cells are escaped already; what would be done here is once more. */
	scols_table_enable_noencoding(t, 1);
	for (size_t i = 0; i < o->layout->column_count; i++) {
		const struct ruad_column *c = &o->layout->columns[i];
		int flags = c->wide ? SCOLS_FL_WRAP : 0;

		if (c->title == NULL)
			continue;
		if (is_number(c))
			flags |= SCOLS_FL_RIGHT;
		if (scols_table_new_column(t, c->title, 0, flags) == NULL)
			return false;
	}
	return true;
}

/* Print the block. */
static bool
table_end(struct ruad_output *o)
{
	bool good = o->table == NULL || o->block_rows == 0 ||
	    scols_print_table(o->table) == 0;

	scols_unref_table(o->table);
	o->table = NULL;
	return good;
}

static bool
table_row(struct ruad_output *o, const json_t *row)
{
	struct libscols_line *line;
	size_t n = 0;

	if (o->table == NULL && !table_begin(o))
		return false;
	line = scols_table_new_line(o->table, NULL);
	if (line == NULL)
		return false;
	for (size_t i = 0; i < o->layout->column_count; i++) {
		const struct ruad_column *c = &o->layout->columns[i];
		const char *tint = c->tint != NULL ? c->tint(row) : NULL;
		char *shown;

		if (c->title == NULL)
			continue;
		shown = cell_shown(c, row);
		if (shown == NULL || scols_line_refer_data(line, n, shown) != 0)
			return false;
		if (tint != NULL &&
		    scols_cell_set_color(scols_line_get_cell(line, n), tint) !=
			0)
			return false;
		n++;
	}
	o->rows++;
	if (++o->block_rows == BLOCK_ROWS)
		return table_end(o);
	return true;
}

/* Name and value of each fact that there is. */
static bool
table_facts(const struct ruad_layout *l, const json_t *facts)
{
	for (size_t i = 0; i < l->fact_count; i++) {
		const json_t *v = json_object_get(facts, l->facts[i].name);
		char *shown;

		if (l->facts[i].title == NULL || v == NULL || json_is_null(v) ||
		    (json_is_array(v) && json_array_size(v) == 0) ||
		    (json_is_string(v) && json_string_length(v) == 0))
			continue;
		shown = cell_shown(&l->facts[i], facts);
		if (shown == NULL)
			return false;
		printf("%-*s%s\n", FACT_WIDTH, l->facts[i].title, shown);
		free(shown);
	}
	putchar('\n');
	return true;
}

/* CSV */

static void
csv_head(struct ruad_output *o)
{
	for (size_t i = 0; i < o->layout->column_count; i++) {
		if (!o->layout->columns[i].shown_only)
			ruad_csv_text(&o->csv, o->layout->columns[i].name);
	}
	ruad_csv_end(&o->csv);
}

static bool
csv_row(struct ruad_output *o, const json_t *row)
{
	for (size_t i = 0; i < o->layout->column_count; i++) {
		const struct ruad_column *c = &o->layout->columns[i];
		const json_t *value = json_object_get(row, c->name);
		char *text;

		if (c->shown_only)
			continue;
		if (json_is_integer(value)) {
			ruad_csv_int(&o->csv, json_integer_value(value));
			continue;
		}
		text = cell_text(c, row, false);
		if (text == NULL)
			return false;
		ruad_csv_text(&o->csv, text);
		free(text);
	}
	ruad_csv_end(&o->csv);
	return true;
}

/* JSON */

/* The facts of an object that is still open for its rows. */
static bool
json_facts(struct ruad_output *o, const json_t *facts)
{
	char *dump = json_dumps(facts, JSON_FLAGS);
	size_t len;

	if (dump == NULL)
		return false;
	len = strlen(dump);
	/* Without its closing bracket. */
	printf("%.*s%s\"%s\":[", (int)len - 1, dump, len > 2 ? "," : "",
	    o->layout->rows_name);
	free(dump);
	o->in_object = true;
	return true;
}

static bool
json_row(struct ruad_output *o, const json_t *row)
{
	if (o->format == RUAD_FORMAT_JSON)
		fputs(o->rows > 0 ? ",\n" : "\n", stdout);
	if (json_dumpf(row, stdout, JSON_FLAGS) != 0 && ferror(stdout) == 0)
		return false;
	if (o->format == RUAD_FORMAT_JSONL)
		putchar('\n');
	o->rows++;
	return true;
}

static bool
begin(struct ruad_output *o, const json_t *facts)
{
	switch (o->format) {
	case RUAD_FORMAT_TABLE:
		return facts == NULL || table_facts(o->layout, facts);
	case RUAD_FORMAT_CSV:
		csv_head(o);
		return true;
	case RUAD_FORMAT_JSON:
		if (facts != NULL)
			return json_facts(o, facts);
		putchar('[');
		return true;
	case RUAD_FORMAT_JSONL:
		return true;
	}
	return false;
}

/* Whether nobody reads standard output any more. The errno of a write that
 * failed inside of stdio may be gone. */
static bool
reader_is_gone(void)
{
	struct pollfd p = { .fd = STDOUT_FILENO, .events = POLLOUT };

	return poll(&p, 1, 0) == 1 && (p.revents & (POLLERR | POLLHUP)) != 0;
}

enum ruad_exit
ruad_output_flush(FILE *to, const char *name)
{
	int error = ferror(to) == 0 ? 0 : errno != 0 ? errno : EIO;

	if (fflush(to) != 0)
		error = errno;
	if (error == 0 ||
	    (to == stdout && (error == EPIPE || reader_is_gone())))
		return RUAD_EXIT_OK;
	ruad_message("%s: %s", name, strerror(error));
	return RUAD_EXIT_TEMP;
}

/* Whether the stream is in order; remembers why not. */
static bool
check(struct ruad_output *o)
{
	if (o->error == 0 && ferror(stdout) != 0)
		o->error = errno != 0 ? errno : EIO;
	return o->error == 0 && !o->memory;
}

struct ruad_output *
ruad_output_open(enum ruad_format format, const struct ruad_layout *layout,
    const json_t *facts)
{
	struct ruad_output *o = calloc(1, sizeof(*o));

	if (o == NULL)
		return NULL;
	o->format = format;
	o->layout = layout;
	o->csv.to = stdout;
	o->memory = !begin(o, facts);
	check(o);
	return o;
}

bool
ruad_output_row(struct ruad_output *o, json_t *row)
{
	bool good = row != NULL;

	errno = 0;
	if (good && check(o)) {
		switch (o->format) {
		case RUAD_FORMAT_TABLE:
			good = table_row(o, row);
			break;
		case RUAD_FORMAT_CSV:
			good = csv_row(o, row);
			break;
		case RUAD_FORMAT_JSON:
		case RUAD_FORMAT_JSONL:
			good = json_row(o, row);
			break;
		}
	}
	json_decref(row);
	if (!good)
		o->memory = true;
	return check(o);
}

enum ruad_exit
ruad_output_close(struct ruad_output **out)
{
	struct ruad_output *o = *out;
	enum ruad_exit status = RUAD_EXIT_OK;

	if (o == NULL)
		return status;
	*out = NULL;
	errno = 0;
	if (check(o) && o->format == RUAD_FORMAT_TABLE)
		o->memory = !table_end(o);
	else
		scols_unref_table(o->table);
	if (o->format == RUAD_FORMAT_JSON)
		fputs(o->in_object ? "\n]}\n" : "\n]\n", stdout);
	fflush(stdout);
	check(o);
	if (o->error != 0 && o->error != EPIPE && !reader_is_gone()) {
		ruad_message("standard output: %s", strerror(o->error));
		status = RUAD_EXIT_TEMP;
	} else if (o->error == 0 && o->memory) {
		ruad_message("out of memory");
		status = RUAD_EXIT_TEMP;
	}
	free(o);
	return status;
}
