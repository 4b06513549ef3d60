/* conf_entry.h - one option of ruad.conf(5): how its value is written, what is
 * allowed, and where it is kept. The table of all of them is in
 * conf_table.c. */
#ifndef RUAD_CONF_ENTRY_H
#define RUAD_CONF_ENTRY_H
#include "conf_value.h"

struct ruad_conf_entry {
	const char *name;
	enum ruad_conf_type type;
	size_t offset; /* of the field, in struct ruad_conf */
	const char *def; /* as written; NULL: of ruad_limits_default() */
	int64_t min, max; /* of numbers; durations in milliseconds */
	int64_t unit; /* of durations: milliseconds per unit of the field */
	const struct ruad_conf_word *words;
	ruad_conf_take *take; /* of texts; NULL: any text will do */
	bool restart; /* a change takes a restart of ruad */
	const char *help;
};

extern const struct ruad_conf_entry ruad_conf_table[];
extern const size_t ruad_conf_table_count;

/* Whether values of this option are numbers between min and max. */
bool ruad_conf_entry_bounded(const struct ruad_conf_entry *e);

/* Whether a number, as ruad_conf_value_read() gives it, is within them. */
bool ruad_conf_entry_allows(const struct ruad_conf_entry *e, int64_t value);

/* What a value may be, for people: "off, flag or enforce". */
void ruad_conf_entry_describe(const struct ruad_conf_entry *e, char *buf,
    size_t cap);

/* The field of this option in the struct ruad_conf at `base`. */
void *ruad_conf_entry_field(const struct ruad_conf_entry *e, const void *base);

/* Set and get that field where it is no text and no list; durations in
 * milliseconds. */
void ruad_conf_entry_put(const struct ruad_conf_entry *e, void *base,
    int64_t value);
int64_t ruad_conf_entry_get(const struct ruad_conf_entry *e, const void *base);

#endif
