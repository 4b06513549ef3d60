/* fuzz_authres.c - any lines as header fields of a report mail: nobody passes
 * whom the trusted host does not name. */
#include "fuzz.h"
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "trust.h"

#define FIELDS 32u

/* Cut text into fields, "Name: value", one a line; a line that begins with a
 * blank continues the one before. */
static size_t
split(char *text, struct ruad_field *fields)
{
	char *line = text, *end, *colon;
	size_t n = 0;

	while (line != NULL && n < FIELDS) {
		end = strchr(line, '\n');
		while (end != NULL && (end[1] == ' ' || end[1] == '\t'))
			end = strchr(end + 1, '\n');
		if (end != NULL)
			*end++ = '\0';
		if ((colon = strchr(line, ':')) != NULL) {
			*colon = '\0';
			fields[n].name = line;
			fields[n++].value = colon + 1;
		}
		line = end != NULL && *end != '\0' ? end : NULL;
	}
	return n;
}

/* Whether the trusted host is named anywhere, perhaps with quoted pairs. */
static bool
names_host(const char *text)
{
	char *bare = calloc(1, strlen(text) + 1), *to = bare;
	bool named;

	if (bare == NULL)
		abort();
	for (; *text != '\0'; text++)
		if (*text != '\\')
			*to++ = *text;
	named = strcasestr(bare, "mx.example") != NULL;
	free(bare);
	return named;
}

static size_t
count(const struct ruad_field *fields, size_t n, const char *name)
{
	size_t found = 0;

	for (size_t i = 0; i < n; i++)
		found += strcasecmp(fields[i].name, name) == 0;
	return found;
}

/* What may be said of a mail where the trusted host says nothing. */
static bool
is_right(enum ruad_auth_result result, const struct ruad_field *fields,
    size_t n)
{
	switch (result) {
	case RUAD_AUTH_UNTRUSTED:
		return true;
	case RUAD_AUTH_NONE:
		return count(fields, n, "Authentication-Results") == 0;
	case RUAD_AUTH_FAIL:
		return count(fields, n, "From") > 1;
	default:
		return false;
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const ids[] = { "mx.example" };
	static const char *const from[] = { "receiver.example" };
	struct ruad_trust_settings set = { .authserv_ids = ids,
		.authserv_id_count = 1 };
	struct ruad_field fields[FIELDS];
	struct ruad_trust trust;
	char *text = calloc(1, size + 1);
	bool named;
	size_t n;

	if (text == NULL)
		abort();
	memcpy(text, data, size);
	named = names_host(text);
	n = split(text, fields);
	ruad_trust_decide(&set, fields, n, from, 1, size % 2 == 0, NULL,
	    &trust);
	if (!named && !is_right(trust.result, fields, n))
		abort();
	if (*ruad_auth_result_word(trust.result) == '\0')
		abort();
	free(text);
	return 0;
}
