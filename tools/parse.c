/* parse.c - see parse.h. */
#include "parse.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "value.h"
#include "word.h"

static int
find_word(const char *const *words, const char *text, size_t len)
{
	for (int i = 0; words[i] != NULL; i++) {
		if (strlen(words[i]) == len && memcmp(words[i], text, len) == 0)
			return i;
	}
	return -1;
}

int
ruad_parse_word(const char *const *words, const char *text)
{
	return find_word(words, text, strlen(text));
}

bool
ruad_parse_policy(const char *text, enum ruad_policy *out)
{
	for (enum ruad_policy p = RUAD_POLICY_NONE; p <= RUAD_POLICY_REJECT;
	     p++) {
		if (strcmp(text, ruad_policy_word(p)) == 0) {
			*out = p;
			return true;
		}
	}
	return false;
}

bool
ruad_parse_mode(const char *text, enum ruad_mode *out)
{
	for (enum ruad_mode m = RUAD_MODE_RELAXED; m <= RUAD_MODE_STRICT; m++) {
		if (strcmp(text, ruad_mode_word(m)) == 0) {
			*out = m;
			return true;
		}
	}
	return false;
}

bool
ruad_parse_words(const char *const *words, const char *text, int64_t *set_out)
{
	*set_out = 0;
	for (;;) {
		size_t len = strcspn(text, ",");
		int i = find_word(words, text, len);

		if (i < 0)
			return false;
		*set_out |= INT64_C(1) << i;
		if (text[len] == '\0')
			return true;
		text += len + 1;
	}
}

bool
ruad_parse_number(const char *text, int64_t max, int64_t *out)
{
	char *end;
	long long n;

	if (text[0] < '0' || text[0] > '9')
		return false;
	errno = 0;
	n = strtoll(text, &end, 10);
	*out = n;
	return errno == 0 && *end == '\0' && n <= max;
}

/* Read count digits at *s and step over them and over one of `after`. */
static bool
take_digits(const char **s, int count, const char *after, int *out)
{
	*out = 0;
	for (; count > 0; count--, ++*s) {
		if (**s < '0' || **s > '9')
			return false;
		*out = *out * 10 + (**s - '0');
	}
	if (after[0] == '\0')
		return true;
	if (**s == '\0' || strchr(after, **s) == NULL)
		return false;
	++*s;
	return true;
}

/* Z, or +HH:MM: how many seconds this clock is ahead of UTC. */
static bool
take_offset(const char *s, int *secs_out)
{
	int sign, hours, minutes;

	*secs_out = 0;
	if (strcmp(s, "Z") == 0 || strcmp(s, "z") == 0)
		return true;
	if (*s != '+' && *s != '-')
		return false;
	sign = *s++ == '-' ? -1 : 1;
	if (!take_digits(&s, 2, ":", &hours) ||
	    !take_digits(&s, 2, "", &minutes) || *s != '\0' || hours > 23 ||
	    minutes > 59)
		return false;
	*secs_out = sign * (hours * 3600 + minutes * 60);
	return true;
}

/* The time of day of RFC 3339 section 5.6, without fractions of a second. */
static bool
take_clock(const char *s, int64_t *secs_out)
{
	int hours, minutes, secs, offset;

	if (!take_digits(&s, 2, ":", &hours) ||
	    !take_digits(&s, 2, ":", &minutes) ||
	    !take_digits(&s, 2, "", &secs) || hours > 23 || minutes > 59 ||
	    secs > 60 || !take_offset(s, &offset))
		return false;
	*secs_out = hours * 3600 + minutes * 60 + secs - offset;
	return true;
}

bool
ruad_parse_time(const char *s, bool *is_day_out, int64_t *epoch_out)
{
	struct tm tm = { .tm_isdst = 0 }, real;
	int64_t clock_secs = 0;
	int year, month;

	if (!take_digits(&s, 4, "-", &year) ||
	    !take_digits(&s, 2, "-", &month) ||
	    !take_digits(&s, 2, "", &tm.tm_mday))
		return false;
	*is_day_out = *s == '\0';
	if (!*is_day_out &&
	    (strchr("Tt ", *s) == NULL || !take_clock(s + 1, &clock_secs)))
		return false;
	tm.tm_year = year - 1900;
	tm.tm_mon = month - 1;
	real = tm;
	*epoch_out = (int64_t)timegm(&real) + clock_secs;
	/* timegm() takes April 31st for May 1st. */
	return real.tm_mon == tm.tm_mon && real.tm_mday == tm.tm_mday;
}

/* Set the bits of an address behind the first n to `ones` or to zeros. */
static void
set_behind(unsigned char ip[16], int64_t n, bool ones)
{
	for (int i = 0; i < 16; i++) {
		int64_t kept = n - i * INT64_C(8);
		unsigned mask = kept >= 8 ? 0
		    : kept <= 0           ? 0xffu
					  : 0xffu >> kept;

		ip[i] = (unsigned char)(ones ? ip[i] | mask : ip[i] & ~mask);
	}
}

bool
ruad_parse_network(const char *text, unsigned char first[16],
    unsigned char last[16])
{
	size_t len = strcspn(text, "/");
	bool is_ip4 = memchr(text, ':', len) == NULL, special;
	int64_t max = is_ip4 ? 32 : 128, bits = max;

	if (!ruad_value_ip(text, len, first, &special) ||
	    (text[len] == '/' &&
		!ruad_parse_number(text + len + 1, max, &bits)))
		return false;
	memcpy(last, first, 16);
	set_behind(first, 128 - max + bits, false);
	set_behind(last, 128 - max + bits, true);
	return true;
}
