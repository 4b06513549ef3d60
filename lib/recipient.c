/* recipient.c - a small parser of RFC 5321 paths. What it cannot read is no
 * address of ours: the mail server has accepted it for somebody else. */
#include "recipient.h"
#include <string.h>
#include <strings.h>
#include "text.h"
#include "value.h"

enum { LOCAL_MAX_BYTES = 320 }; /* RFC 5321 wants 64; UTF-8 is longer */

struct address {
	char local[LOCAL_MAX_BYTES]; /* unquoted */
	char domain[256]; /* lower case, A-labels */
};

/* Step over "@hop,@hop:". RFC 5321 appendix C: ignore a source route. */
static const char *
skip_route(const char *s, const char *end)
{
	const char *colon;

	if (s == end || *s != '@')
		return s;
	colon = memchr(s, ':', (size_t)(end - s));
	return colon == NULL ? s : colon + 1;
}

/* Copy the local-part without its quotes; returns what follows it, or NULL
 * when it is none. */
static const char *
read_local(const char *s, const char *end, char *local)
{
	bool quoted = s < end && *s == '"';
	size_t len = 0;

	if (quoted)
		s++;
	for (; s < end; s++) {
		if (quoted && *s == '"') {
			s++;
			break;
		}
		if (!quoted && *s == '@')
			break;
		if (quoted && *s == '\\' && s + 1 < end)
			s++;
		if (len == LOCAL_MAX_BYTES - 1)
			return NULL;
		local[len++] = *s;
	}
	local[len] = '\0';
	return len == 0 ? NULL : s;
}

static bool
read_address(const char *argument, struct address *a)
{
	const char *s = argument;
	size_t len = strlen(s);
	bool is_address;

	ruad_text_trim(&s, &len);
	if (len >= 2 && s[0] == '<' && s[len - 1] == '>') {
		s++;
		len -= 2;
	}
	argument = s + len;
	s = read_local(skip_route(s, argument), argument, a->local);
	if (s == NULL || s == argument || *s != '@')
		return false;
	s++;
	return ruad_value_domain(s, (size_t)(argument - s), a->domain,
		   sizeof(a->domain), &is_address) == RUAD_DOMAIN_OK &&
	    !is_address;
}

/* Length of the local-part before its extension; all of it where it has none.
 * It never begins with one. */
static size_t
base_length(const char *local, const char *delimiters)
{
	return 1 + strcspn(local + 1, delimiters);
}

static bool
match_one(const char *pattern, const char *delimiters, const struct address *a)
{
	const char *at = strrchr(pattern, '@');
	size_t len, base;

	if (at == NULL || strcmp(at + 1, a->domain) != 0)
		return false;
	len = (size_t)(at - pattern);
	if (len == 1 && pattern[0] == '*')
		return true;
	if (strlen(a->local) == len && strncasecmp(pattern, a->local, len) == 0)
		return true;
	base = base_length(a->local, delimiters);
	return base == len && strncasecmp(pattern, a->local, len) == 0;
}

bool
ruad_recipient_match(const struct ruad_strings *patterns,
    const char *delimiters, const char *argument)
{
	struct address a;

	if (patterns->count == 0 || !read_address(argument, &a))
		return false;
	for (size_t i = 0; i < patterns->count; i++) {
		if (match_one(patterns->text[i], delimiters, &a))
			return true;
	}
	return false;
}

char *
ruad_recipient_bare(char *argument)
{
	size_t len = strlen(argument);

	if (len >= 2 && argument[0] == '<' && argument[len - 1] == '>') {
		argument[len - 1] = '\0';
		argument++;
		len -= 2;
	}
	return argument + (skip_route(argument, argument + len) - argument);
}
