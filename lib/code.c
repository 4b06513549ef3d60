/* code.c - the list of codes as a table. */
#include "code.h"
#include <assert.h>
#include <stddef.h>
#include <string.h>
#include <strings.h>

/* The warnings are the tail of the list; each has a bit of its own. */
#define FIRST_WARNING ((unsigned)RUAD_MIME_INLINE)
#define WARNING_COUNT ((unsigned)RUAD_CODE_COUNT - FIRST_WARNING)

_Static_assert(WARNING_COUNT <= 64, "a set of warnings has 64 bits");

static const struct code_row {
	const char *name;
	const char *help;
	enum ruad_code_class class;
} rows[RUAD_CODE_COUNT] = {
	[RUAD_CODE_NONE] = { "", "nothing is wrong", RUAD_CLASS_WARNING },
#define CODE_ROW(name, class, help) \
	[RUAD_##name] = { #name, help, RUAD_CLASS_##class },
	RUAD_CODES(CODE_ROW)
#undef CODE_ROW
};

const char *
ruad_code_name(enum ruad_code code)
{
	assert((unsigned)code < RUAD_CODE_COUNT);
	return rows[code].name;
}

enum ruad_code
ruad_code_find(const char *name)
{
	unsigned code = RUAD_CODE_COUNT - 1;

	while (code > RUAD_CODE_NONE && strcasecmp(rows[code].name, name) != 0)
		code--;
	return (enum ruad_code)code;
}

const char *
ruad_code_help(enum ruad_code code)
{
	assert((unsigned)code < RUAD_CODE_COUNT);
	return rows[code].help;
}

enum ruad_code_class
ruad_code_class(enum ruad_code code)
{
	assert((unsigned)code < RUAD_CODE_COUNT);
	return rows[code].class;
}

static uint64_t
warning_bit(enum ruad_code code)
{
	return (uint64_t)1 << ((unsigned)code - FIRST_WARNING);
}

static bool
is_warning(enum ruad_code code)
{
	return (unsigned)code >= FIRST_WARNING &&
	    (unsigned)code < RUAD_CODE_COUNT;
}

void
ruad_warn(struct ruad_warnings *set, enum ruad_code code)
{
	assert(is_warning(code));
	set->bits |= warning_bit(code);
}

bool
ruad_warned(const struct ruad_warnings *set, enum ruad_code code)
{
	return is_warning(code) && (set->bits & warning_bit(code)) != 0;
}

enum ruad_code
ruad_warnings_at(const struct ruad_warnings *set, unsigned n)
{
	unsigned code;

	for (code = FIRST_WARNING; code < RUAD_CODE_COUNT; code++)
		if (ruad_warned(set, (enum ruad_code)code) && n-- == 0)
			return (enum ruad_code)code;
	return RUAD_CODE_NONE;
}

char *
ruad_warnings_text(const struct ruad_warnings *set, char *buf, unsigned cap)
{
	size_t len, at = 0;
	const char *name;
	unsigned n;

	if (cap == 0)
		return buf;
	for (n = 0;; n++) {
		name = ruad_code_name(ruad_warnings_at(set, n));
		len = strlen(name);
		if (len == 0 || at + (at > 0) + len >= cap)
			break;
		if (at > 0)
			buf[at++] = ' ';
		memcpy(buf + at, name, len);
		at += len;
	}
	buf[at] = '\0';
	return buf;
}
