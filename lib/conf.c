/* conf.c - what is told from the table of options. */
#include "conf.h"
#include <stdlib.h>
#include <string.h>
#include "conf_entry.h"

/* The default as it would be written in the file. */
static void
print_default(const struct ruad_conf_entry *o, char *buf, size_t cap)
{
	struct ruad_conf c = { 0 };
	char number[RUAD_CONF_VALUE_MAX];

	if (o->type == RUAD_CONF_LIST) {
		snprintf(buf, cap, "{}");
	} else if (o->def != NULL) {
		snprintf(buf, cap, "%s", o->def);
	} else {
		ruad_limits_default(&c.limits);
		snprintf(buf, cap, "%s",
		    ruad_conf_value_print(o->type, o->words,
			ruad_conf_entry_get(o, &c), number));
	}
}

bool
ruad_conf_option(size_t n, struct ruad_conf_option *out)
{
	const struct ruad_conf_entry *o;

	if (n >= ruad_conf_table_count)
		return false;
	o = &ruad_conf_table[n];
	*out = (struct ruad_conf_option){ .name = o->name,
		.type = ruad_conf_type_word(o->type),
		.help = o->help,
		.restart = o->restart };
	print_default(o, out->def, sizeof(out->def));
	if (ruad_conf_entry_bounded(o)) {
		ruad_conf_value_print(o->type, o->words, o->min, out->min);
		ruad_conf_value_print(o->type, o->words, o->max, out->max);
	}
	return true;
}

static bool
same_list(const struct ruad_strings *a, const struct ruad_strings *b)
{
	if (a->count != b->count)
		return false;
	for (size_t i = 0; i < a->count; i++) {
		if (strcmp(a->text[i], b->text[i]) != 0)
			return false;
	}
	return true;
}

bool
ruad_conf_same(const struct ruad_conf *a, const struct ruad_conf *b, size_t n)
{
	const struct ruad_conf_entry *o = &ruad_conf_table[n];

	if (o->type == RUAD_CONF_LIST)
		return same_list(ruad_conf_entry_field(o, a),
		    ruad_conf_entry_field(o, b));
	if (o->type == RUAD_CONF_TEXT)
		return strcmp(*(char **)ruad_conf_entry_field(o, a),
			   *(char **)ruad_conf_entry_field(o, b)) == 0;
	return ruad_conf_entry_get(o, a) == ruad_conf_entry_get(o, b);
}

/* A comment, in lines of 78 columns at most. */
static void
print_comment(FILE *to, const char *text)
{
	enum { WIDTH = 76 };

	while (*text != '\0') {
		size_t len = strlen(text);

		if (len > WIDTH) {
			for (len = WIDTH; len > 0 && text[len] != ' '; len--)
				continue;
			if (len == 0)
				len = WIDTH;
		}
		fprintf(to, "# %.*s\n", (int)len, text);
		text += len;
		text += strspn(text, " ");
	}
}

void
ruad_conf_print(FILE *to)
{
	struct ruad_conf_option info;
	char allowed[200];

	fputs("# ruad.conf - the configuration of ruad, see ruad.conf(5). Every"
	      " option has\n# its default here. After a change: systemctl"
	      " reload ruad, or send it SIGUSR1.\n",
	    to);
	for (size_t i = 0; ruad_conf_option(i, &info); i++) {
		const struct ruad_conf_entry *o = &ruad_conf_table[i];
		bool quote = o->type == RUAD_CONF_TEXT;

		fputc('\n', to);
		print_comment(to, o->help);
		ruad_conf_entry_describe(o, allowed, sizeof(allowed));
		if (o->type != RUAD_CONF_TEXT && o->type != RUAD_CONF_LIST)
			fprintf(to, "# Allowed: %s.\n", allowed);
		if (o->restart)
			fputs("# A change takes a restart.\n", to);
		fprintf(to, "#%s = %s%s%s\n", o->name, quote ? "\"" : "",
		    info.def, quote ? "\"" : "");
	}
}

void
ruad_conf_free(struct ruad_conf **c)
{
	if (*c == NULL)
		return;
	for (size_t i = 0; i < ruad_conf_table_count; i++) {
		void *field = ruad_conf_entry_field(&ruad_conf_table[i], *c);
		struct ruad_strings *list = field;

		if (ruad_conf_table[i].type == RUAD_CONF_TEXT)
			free(*(char **)field);
		if (ruad_conf_table[i].type != RUAD_CONF_LIST)
			continue;
		for (size_t j = 0; j < list->count; j++)
			free((char *)list->text[j]);
		free(list->text);
	}
	free((*c)->path);
	free((*c)->lines);
	free(*c);
	*c = NULL;
}
