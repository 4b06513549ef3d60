/* conf_table.h - the table of options: the only place where an option exists.
 * ruad.conf(5) and etc/ruad.conf are checked against it. */
#ifndef RUAD_CONF_TABLE_H
#define RUAD_CONF_TABLE_H
#include "conf.h"
#include "conf_value.h"

struct ruad_conf_entry {
	const char *name;
	enum ruad_conf_type type;
	size_t offset; /* in struct ruad_conf */
	const char *def; /* as written; NULL: of ruad_limits_default() */
	int64_t min, max; /* of numbers; durations in milliseconds */
	int64_t unit; /* of durations: milliseconds per unit of the field */
	const struct ruad_conf_word *words;
	/* Of texts: a copy in normal form, or NULL where *allowed_out says
	 * what would do. NULL: any text. */
	char *(*take)(const char *text, const char **allowed_out);
	bool restart;
	const char *help;
};

extern const struct ruad_conf_entry ruad_conf_table[];
extern const size_t ruad_conf_table_count;

#endif
