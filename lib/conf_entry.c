/* conf_entry.c - bounds of an option, and its field in the configuration. */
#include "conf_entry.h"
#include <stdio.h>
#include <string.h>

static char *
print_value(const struct ruad_conf_entry *e, int64_t value,
    char buf[RUAD_CONF_VALUE_MAX])
{
	return ruad_conf_value_print(e->type, e->words, value, buf);
}

bool
ruad_conf_entry_bounded(const struct ruad_conf_entry *e)
{
	return e->type == RUAD_CONF_SIZE || e->type == RUAD_CONF_INTEGER ||
	    e->type == RUAD_CONF_DURATION || e->type == RUAD_CONF_MODE;
}

bool
ruad_conf_entry_allows(const struct ruad_conf_entry *e, int64_t value)
{
	return !ruad_conf_entry_bounded(e) ||
	    (value >= e->min && value <= e->max);
}

/* The words of an option, joined: "deliver, discard or reject". */
static void
join_words(const struct ruad_conf_entry *e, char *buf, size_t cap)
{
	static const struct ruad_conf_word no_yes[] = { { "no", 0 },
		{ "yes", 1 }, { NULL, 0 } };
	const struct ruad_conf_word *w =
	    e->type == RUAD_CONF_BOOL ? no_yes : e->words;
	size_t len = 0;

	buf[0] = '\0';
	for (; w->word != NULL && len < cap; w++) {
		const char *join = len == 0 ? ""
		    : w[1].word == NULL     ? " or "
					    : ", ";

		len += (size_t)snprintf(buf + len, cap - len, "%s%s", join,
		    w->word);
	}
}

void
ruad_conf_entry_describe(const struct ruad_conf_entry *e, char *buf, size_t cap)
{
	char lo[RUAD_CONF_VALUE_MAX], hi[RUAD_CONF_VALUE_MAX];

	if (ruad_conf_entry_bounded(e))
		snprintf(buf, cap, "%s, from %s to %s",
		    ruad_conf_type_help(e->type), print_value(e, e->min, lo),
		    print_value(e, e->max, hi));
	else if (e->type == RUAD_CONF_WORD || e->type == RUAD_CONF_BOOL)
		join_words(e, buf, cap);
	else
		snprintf(buf, cap, "%s", ruad_conf_type_help(e->type));
}

void *
ruad_conf_entry_field(const struct ruad_conf_entry *e, const void *base)
{
	return (char *)base + e->offset;
}

void
ruad_conf_entry_put(const struct ruad_conf_entry *e, void *base, int64_t value)
{
	void *field = ruad_conf_entry_field(e, base);

	if (e->unit > 1)
		value /= e->unit;
	if (e->type == RUAD_CONF_BOOL)
		*(bool *)field = value != 0;
	else if (e->type == RUAD_CONF_WORD)
		*(int *)field = (int)value;
	else
		memcpy(field, &value, sizeof(value));
}

int64_t
ruad_conf_entry_get(const struct ruad_conf_entry *e, const void *base)
{
	const void *field = ruad_conf_entry_field(e, base);
	int64_t value;

	if (e->type == RUAD_CONF_BOOL)
		return *(const bool *)field;
	if (e->type == RUAD_CONF_WORD)
		return *(const int *)field;
	memcpy(&value, field, sizeof(value));
	return e->unit > 1 ? value * e->unit : value;
}
