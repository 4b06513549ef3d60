/* value.c - tables of words, and the few forms that are no words. */
#include "value.h"
#include "text.h"
#include <arpa/inet.h>
#include <idn2.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define WORD_BYTES 40u
#define COUNT_MAX INT64_C(1000000000000)

struct word {
	const char *word;
	int value;
	enum ruad_fit fit;
};

#define EXACT RUAD_FIT_EXACT
#define SYNONYM RUAD_FIT_SYNONYM
#define ODD RUAD_FIT_ODD

static const struct word policy_words[] = {
	{ "none", RUAD_POLICY_NONE, EXACT },
	{ "quarantine", RUAD_POLICY_QUARANTINE, EXACT },
	{ "reject", RUAD_POLICY_REJECT, EXACT },
	{ "monitor", RUAD_POLICY_NONE, SYNONYM },
	{ "unknown", RUAD_POLICY_UNKNOWN, ODD },
	{ NULL, 0, 0 },
};

static const struct word mode_words[] = {
	{ "r", RUAD_MODE_RELAXED, EXACT },
	{ "s", RUAD_MODE_STRICT, EXACT },
	{ "relaxed", RUAD_MODE_RELAXED, SYNONYM },
	{ "strict", RUAD_MODE_STRICT, SYNONYM },
	{ "unknown", RUAD_MODE_UNKNOWN, ODD },
	{ NULL, 0, 0 },
};

static const struct word testing_words[] = {
	{ "n", RUAD_TESTING_NO, EXACT },
	{ "y", RUAD_TESTING_YES, EXACT },
	{ "no", RUAD_TESTING_NO, SYNONYM },
	{ "false", RUAD_TESTING_NO, SYNONYM },
	{ "0", RUAD_TESTING_NO, SYNONYM },
	{ "yes", RUAD_TESTING_YES, SYNONYM },
	{ "true", RUAD_TESTING_YES, SYNONYM },
	{ "1", RUAD_TESTING_YES, SYNONYM },
	{ NULL, 0, 0 },
};

static const struct word discovery_words[] = {
	{ "psl", RUAD_DISCOVERY_PSL, EXACT },
	{ "treewalk", RUAD_DISCOVERY_TREEWALK, EXACT },
	{ "tree_walk", RUAD_DISCOVERY_TREEWALK, SYNONYM },
	{ "tree-walk", RUAD_DISCOVERY_TREEWALK, SYNONYM },
	{ NULL, 0, 0 },
};

static const struct word disposition_words[] = {
	{ "none", RUAD_DISPOSITION_NONE, EXACT },
	{ "pass", RUAD_DISPOSITION_PASS, EXACT },
	{ "quarantine", RUAD_DISPOSITION_QUARANTINE, EXACT },
	{ "reject", RUAD_DISPOSITION_REJECT, EXACT },
	{ "accept", RUAD_DISPOSITION_NONE, SYNONYM },
	{ "delivered", RUAD_DISPOSITION_NONE, SYNONYM },
	{ "unknown", RUAD_DISPOSITION_UNKNOWN, SYNONYM },
	{ NULL, 0, 0 },
};

/* A result that is no aligned pass is a fail; it is odd to see it here. */
static const struct word verdict_words[] = {
	{ "pass", RUAD_VERDICT_PASS, EXACT },
	{ "fail", RUAD_VERDICT_FAIL, EXACT },
	{ "none", RUAD_VERDICT_FAIL, ODD },
	{ "neutral", RUAD_VERDICT_FAIL, ODD },
	{ "softfail", RUAD_VERDICT_FAIL, ODD },
	{ "hardfail", RUAD_VERDICT_FAIL, ODD },
	{ "temperror", RUAD_VERDICT_FAIL, ODD },
	{ "permerror", RUAD_VERDICT_FAIL, ODD },
	{ "policy", RUAD_VERDICT_FAIL, ODD },
	{ "unknown", RUAD_VERDICT_UNKNOWN, SYNONYM },
	{ "not.evaluated", RUAD_VERDICT_UNKNOWN, SYNONYM },
	{ NULL, 0, 0 },
};

static const struct word reason_words[] = {
	{ "other", RUAD_REASON_OTHER, EXACT },
	{ "forwarded", RUAD_REASON_FORWARDED, EXACT },
	{ "sampled_out", RUAD_REASON_SAMPLED_OUT, EXACT },
	{ "trusted_forwarder", RUAD_REASON_TRUSTED_FORWARDER, EXACT },
	{ "mailing_list", RUAD_REASON_MAILING_LIST, EXACT },
	{ "local_policy", RUAD_REASON_LOCAL_POLICY, EXACT },
	{ "policy_test_mode", RUAD_REASON_POLICY_TEST_MODE, EXACT },
	{ NULL, 0, 0 },
};

/* "discard", "nxdomain" and "signed" leak from the enumeration of a widely
 * used filter; "unknown" and "error" are old names of the RFC 7489 schema. */
static const struct word dkim_words[] = {
	{ "pass", RUAD_RESULT_PASS, EXACT },
	{ "fail", RUAD_RESULT_FAIL, EXACT },
	{ "none", RUAD_RESULT_NONE, EXACT },
	{ "neutral", RUAD_RESULT_NEUTRAL, EXACT },
	{ "temperror", RUAD_RESULT_TEMPERROR, EXACT },
	{ "permerror", RUAD_RESULT_PERMERROR, EXACT },
	{ "policy", RUAD_RESULT_POLICY, EXACT },
	{ "softfail", RUAD_RESULT_FAIL, SYNONYM },
	{ "hardfail", RUAD_RESULT_FAIL, SYNONYM },
	{ "invalid", RUAD_RESULT_PERMERROR, SYNONYM },
	{ "error", RUAD_RESULT_PERMERROR, SYNONYM },
	{ "unknown", RUAD_RESULT_TEMPERROR, SYNONYM },
	{ "discard", RUAD_RESULT_PERMERROR, SYNONYM },
	{ "nxdomain", RUAD_RESULT_PERMERROR, SYNONYM },
	{ "signed", RUAD_RESULT_NEUTRAL, SYNONYM },
	{ NULL, 0, 0 },
};

static const struct word spf_words[] = {
	{ "pass", RUAD_RESULT_PASS, EXACT },
	{ "fail", RUAD_RESULT_FAIL, EXACT },
	{ "softfail", RUAD_RESULT_SOFTFAIL, EXACT },
	{ "none", RUAD_RESULT_NONE, EXACT },
	{ "neutral", RUAD_RESULT_NEUTRAL, EXACT },
	{ "temperror", RUAD_RESULT_TEMPERROR, EXACT },
	{ "permerror", RUAD_RESULT_PERMERROR, EXACT },
	{ "policy", RUAD_RESULT_POLICY, EXACT },
	{ "hardfail", RUAD_RESULT_FAIL, SYNONYM },
	{ "unknown", RUAD_RESULT_TEMPERROR, SYNONYM },
	{ "error", RUAD_RESULT_PERMERROR, SYNONYM },
	{ "nxdomain", RUAD_RESULT_PERMERROR, SYNONYM },
	{ "discard", RUAD_RESULT_PERMERROR, SYNONYM },
	{ NULL, 0, 0 },
};

static const struct word scope_words[] = {
	{ "mfrom", RUAD_SCOPE_MFROM, EXACT },
	{ "helo", RUAD_SCOPE_HELO, EXACT },
	{ "mailfrom", RUAD_SCOPE_MFROM, SYNONYM },
	{ "mail_from", RUAD_SCOPE_MFROM, SYNONYM },
	{ "envelope", RUAD_SCOPE_MFROM, SYNONYM },
	{ "ehlo", RUAD_SCOPE_HELO, SYNONYM },
	{ NULL, 0, 0 },
};

/* Lower-case copy of a word that is short enough to be one. */
static bool
fold(const char *s, size_t len, char *buf)
{
	if (len >= WORD_BYTES)
		return false;
	memcpy(buf, s, len);
	buf[len] = '\0';
	ruad_text_lower(buf, len);
	return true;
}

static struct ruad_word_value
look_up(const struct word *table, const char *word)
{
	struct ruad_word_value unknown = { 0, RUAD_FIT_UNKNOWN };

	for (; table->word != NULL; table++)
		if (strcmp(table->word, word) == 0)
			return (struct ruad_word_value){ table->value,
				table->fit };
	return unknown;
}

static struct ruad_word_value
fold_and_look_up(const struct word *table, const char *s, size_t len)
{
	char word[WORD_BYTES];

	if (!fold(s, len, word))
		return (struct ruad_word_value){ 0, RUAD_FIT_UNKNOWN };
	return look_up(table, word);
}

/* A result may carry a remark, and some spell it with a dash inside. */
static struct ruad_word_value
look_up_result(const struct word *table, const char *s, size_t len)
{
	char word[WORD_BYTES];
	struct ruad_word_value v;
	size_t i, n = 0;

	for (i = 0; i < len && s[i] != ' ' && s[i] != '(' && s[i] != '\t'; i++)
		;
	if (!fold(s, i, word))
		return (struct ruad_word_value){ 0, RUAD_FIT_UNKNOWN };
	v = look_up(table, word);
	if (v.fit == RUAD_FIT_EXACT && i < len)
		v.fit = RUAD_FIT_SYNONYM;
	if (v.fit != RUAD_FIT_UNKNOWN)
		return v;
	for (i = 0; word[i] != '\0'; i++)
		if (word[i] != '_' && word[i] != '-')
			word[n++] = word[i];
	word[n] = '\0';
	v = look_up(table, word);
	if (v.fit == RUAD_FIT_EXACT)
		v.fit = RUAD_FIT_SYNONYM;
	return v;
}

struct ruad_word_value
ruad_value_policy(const char *s, size_t len)
{
	return fold_and_look_up(policy_words, s, len);
}

struct ruad_word_value
ruad_value_mode(const char *s, size_t len)
{
	return fold_and_look_up(mode_words, s, len);
}

struct ruad_word_value
ruad_value_testing(const char *s, size_t len)
{
	return fold_and_look_up(testing_words, s, len);
}

struct ruad_word_value
ruad_value_discovery(const char *s, size_t len)
{
	return fold_and_look_up(discovery_words, s, len);
}

struct ruad_word_value
ruad_value_disposition(const char *s, size_t len)
{
	return fold_and_look_up(disposition_words, s, len);
}

struct ruad_word_value
ruad_value_verdict(const char *s, size_t len)
{
	return fold_and_look_up(verdict_words, s, len);
}

struct ruad_word_value
ruad_value_reason(const char *s, size_t len)
{
	char word[WORD_BYTES];
	struct ruad_word_value v = { 0, RUAD_FIT_UNKNOWN };
	size_t i;

	if (!fold(s, len, word))
		return v;
	for (i = 0; i < len; i++)
		if (word[i] == '-' || word[i] == ' ')
			word[i] = '_';
	return look_up(reason_words, word);
}

struct ruad_word_value
ruad_value_dkim_result(const char *s, size_t len)
{
	return look_up_result(dkim_words, s, len);
}

struct ruad_word_value
ruad_value_spf_result(const char *s, size_t len)
{
	return look_up_result(spf_words, s, len);
}

struct ruad_word_value
ruad_value_scope(const char *s, size_t len)
{
	return fold_and_look_up(scope_words, s, len);
}

struct ruad_word_value
ruad_value_pct(const char *s, size_t len)
{
	struct ruad_word_value bad = { -1, RUAD_FIT_UNKNOWN };
	char word[WORD_BYTES];
	char *end;
	long v;

	if (!fold(s, len, word) || word[0] < '0' || word[0] > '9')
		return bad;
	v = strtol(word, &end, 10);
	if (v > 100)
		return bad;
	return (struct ruad_word_value){ (int)v,
		*end == '\0'		   ? RUAD_FIT_EXACT :
		strcmp(end, "%") == 0 ? RUAD_FIT_SYNONYM :
					     RUAD_FIT_ODD };
}

/* Digits with an optional sign and an optional fraction, which is dropped: the
 * floor. False: no such number. A number that does not fit is INT64_MAX or
 * INT64_MIN. */
static bool
read_decimal(const char *text, int64_t *out)
{
	const char *p = text + (*text == '+' || *text == '-');
	size_t digits = strspn(p, "0123456789");
	const char *fraction = p + digits;

	if (digits == 0)
		return false;
	if (*fraction == '.')
		fraction += 1 + strspn(fraction + 1, "0123456789");
	if (*fraction != '\0')
		return false;
	*out = strtoll(text, NULL, 10); /* saturates */
	if (*text == '-' && *out > INT64_MIN &&
	    strpbrk(p + digits, "123456789") != NULL)
		(*out)--;
	return true;
}

/* RFC 3339 and its loose relatives: a date, perhaps a time of day, perhaps a
 * zone; no zone is UTC. */
static bool
read_calendar(const char *text, int64_t *out)
{
	struct tm tm = { 0 };
	int n = 0, zone_hour = 0, zone_minute = 0;
	char sign = '+';
	const char *p;

	if (sscanf(text, "%4d-%2d-%2d%n", &tm.tm_year, &tm.tm_mon, &tm.tm_mday,
		&n) != 3 ||
	    n != 10)
		return false;
	p = text + n;
	if (*p == 't' || *p == ' ') {
		n = 0;
		if (sscanf(p + 1, "%2d:%2d%n", &tm.tm_hour, &tm.tm_min, &n) !=
			2 ||
		    n == 0)
			return false;
		p += 1 + n;
		n = 0;
		if (sscanf(p, ":%2d%n", &tm.tm_sec, &n) == 1 && n > 0)
			p += n;
		if (*p == '.')
			p += 1 + strspn(p + 1, "0123456789");
	}
	p += strspn(p, " ");
	if (*p == '+' || *p == '-') {
		sign = *p;
		n = 0;
		if (sscanf(p + 1, "%2d:%2d%n", &zone_hour, &zone_minute, &n) !=
			2 &&
		    sscanf(p + 1, "%2d%2d%n", &zone_hour, &zone_minute, &n) !=
			2)
			return false;
		p += 1 + n;
	} else if (*p == 'z') {
		p++;
	} else if (strcmp(p, "utc") == 0 || strcmp(p, "gmt") == 0) {
		p += 3;
	}
	if (*p != '\0' || tm.tm_mon < 1 || tm.tm_mon > 12 || tm.tm_mday < 1 ||
	    tm.tm_mday > 31 || tm.tm_hour > 24 || tm.tm_min > 59 ||
	    tm.tm_sec > 60)
		return false;
	tm.tm_year -= 1900;
	tm.tm_mon--;
	*out = (int64_t)timegm(&tm);
	*out += (sign == '+' ? -60 : 60) *
	    (int64_t)(zone_hour * 60 + zone_minute);
	return true;
}

enum ruad_fit
ruad_value_time(const char *s, size_t len, int64_t *epoch_out)
{
	char text[WORD_BYTES];

	*epoch_out = 0;
	if (!fold(s, len, text))
		return RUAD_FIT_UNKNOWN;
	if (read_decimal(text, epoch_out)) {
		if (*epoch_out <= 0) {
			*epoch_out = 0;
			return RUAD_FIT_UNKNOWN;
		}
		if (*epoch_out >= INT64_C(10000000000000000)) {
			*epoch_out = INT64_MAX;
			return RUAD_FIT_UNKNOWN;
		}
		/* Seconds have 10 digits, milliseconds 13, microseconds 16. */
		if (*epoch_out >= INT64_C(100000000000000)) {
			*epoch_out /= 1000000;
			return RUAD_FIT_ODD;
		}
		if (*epoch_out >= INT64_C(100000000000)) {
			*epoch_out /= 1000;
			return RUAD_FIT_ODD;
		}
		return RUAD_FIT_EXACT;
	}
	if (read_calendar(text, epoch_out) && *epoch_out > 0)
		return RUAD_FIT_ODD;
	*epoch_out = 0;
	return RUAD_FIT_UNKNOWN;
}

enum ruad_code
ruad_value_count(const char *s, size_t len, int64_t *count_out)
{
	char text[WORD_BYTES];
	const char *p;

	*count_out = 0;
	if (!fold(s, len, text))
		return RUAD_ROW_COUNT;
	p = strchr(text, '.');
	if (p != NULL && p[1 + strspn(p + 1, "0")] != '\0')
		return RUAD_ROW_COUNT;
	if (!read_decimal(text, count_out) || *count_out < 0)
		return RUAD_ROW_COUNT;
	if (*count_out > COUNT_MAX)
		return RUAD_ROW_COUNT_HUGE;
	return RUAD_CODE_NONE;
}

/* Whether the first `bits` bits of both addresses are equal. */
static bool
in_network(const unsigned char *ip, const unsigned char *net, unsigned bits)
{
	unsigned bytes = bits / 8, rest = bits % 8;

	if (memcmp(ip, net, bytes) != 0)
		return false;
	return rest == 0 ||
	    (ip[bytes] >> (8 - rest)) == (net[bytes] >> (8 - rest));
}

static bool
is_special(const unsigned char *ip)
{
#define V4(a, b, c) { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, a, b, c, 0 }
	static const struct {
		unsigned char net[16];
		unsigned bits;
	} ranges[] = {
		{ V4(0, 0, 0), 104 },
		{ V4(10, 0, 0), 104 },
		{ V4(100, 64, 0), 106 },
		{ V4(127, 0, 0), 104 },
		{ V4(169, 254, 0), 112 },
		{ V4(172, 16, 0), 108 },
		{ V4(192, 0, 2), 120 },
		{ V4(192, 168, 0), 112 },
		{ V4(198, 51, 100), 120 },
		{ V4(203, 0, 113), 120 },
		{ { 0 }, 127 }, /* :: and ::1 */
		{ { 0xfe, 0x80 }, 10 },
		{ { 0xfc }, 7 },
		{ { 0x20, 0x01, 0x0d, 0xb8 }, 32 },
	};
#undef V4
	size_t i;

	for (i = 0; i < sizeof(ranges) / sizeof(*ranges); i++)
		if (in_network(ip, ranges[i].net, ranges[i].bits))
			return true;
	return false;
}

bool
ruad_value_ip(const char *s, size_t len, unsigned char *ip_out,
    bool *special_out)
{
	static const unsigned char mapped[12] = { [10] = 0xff, [11] = 0xff };
	char text[INET6_ADDRSTRLEN + 32];
	struct in_addr v4;
	char *p = text, *zone;

	*special_out = false;
	if (len == 0 || len >= sizeof(text))
		return false;
	memcpy(text, s, len);
	text[len] = '\0';
	if (text[0] == '[' && text[len - 1] == ']') {
		text[len - 1] = '\0';
		p++;
	}
	if (strncasecmp(p, "IPv6:", 5) == 0)
		p += 5;
	if ((zone = strchr(p, '%')) != NULL && zone[1] != '\0') {
		*zone = '\0';
		*special_out = true;
	}
	if (inet_pton(AF_INET, p, &v4) == 1) {
		memcpy(ip_out, mapped, sizeof(mapped));
		memcpy(ip_out + 12, &v4, 4);
	} else if (inet_pton(AF_INET6, p, ip_out) != 1) {
		return false;
	}
	if (is_special(ip_out))
		*special_out = true;
	return true;
}

const char *
ruad_value_ip_text(const unsigned char *ip, char *buf, size_t cap)
{
	static const unsigned char mapped[12] = { [10] = 0xff, [11] = 0xff };

	if (memcmp(ip, mapped, sizeof(mapped)) == 0)
		return inet_ntop(AF_INET, ip + 12, buf, (socklen_t)cap);
	return inet_ntop(AF_INET6, ip, buf, (socklen_t)cap);
}

static bool
is_placeholder(const char *s)
{
	static const char *const words[] = { "not.evaluated", "unknown",
		"none", "n/a", "-", "null", "(null)", "undefined" };
	size_t i;

	for (i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (strcmp(s, words[i]) == 0)
			return true;
	return false;
}

/* RFC 1035 section 2.3.4 and the underscore of service names. */
static bool
is_domain(const char *s)
{
	size_t len = strlen(s), label = 0;
	const char *p;
	struct in_addr v4;

	if (len == 0 || len > 253 || inet_pton(AF_INET, s, &v4) == 1)
		return false;
	for (p = s; *p != '\0'; p++) {
		if (*p == '.') {
			if (label == 0)
				return false;
			label = 0;
			continue;
		}
		if (!((*p >= 'a' && *p <= 'z') || (*p >= '0' && *p <= '9') ||
			*p == '-' || *p == '_') ||
		    ++label > 63)
			return false;
	}
	return label > 0;
}

/* A-labels of a name with bytes beyond ASCII; false: it cannot be one. */
static bool
to_a_labels(const char *name, char *out, size_t cap)
{
	char *ascii = NULL;
	bool ok = idn2_to_ascii_8z(name, &ascii, IDN2_NONTRANSITIONAL) ==
		IDN2_OK &&
	    strlen(ascii) < cap;

	if (ok)
		strcpy(out, ascii);
	idn2_free(ascii);
	return ok;
}

static bool
has_high_byte(const char *s)
{
	for (; *s != '\0'; s++)
		if ((unsigned char)*s >= 0x80)
			return true;
	return false;
}

/* Reduce s[0..len) to what may be the name itself. */
static void
unwrap_domain(const char **s, size_t *len, bool *address_out)
{
	const char *at;

	if (*len >= 2 &&
	    ((**s == '<' && (*s)[*len - 1] == '>') ||
		((**s == '"' || **s == '\'') && (*s)[*len - 1] == **s))) {
		(*s)++;
		*len -= 2;
	}
	at = memrchr(*s, '@', *len);
	if (at != NULL) {
		*len -= (size_t)(at + 1 - *s);
		*s = at + 1;
		*address_out = true;
	}
	while (*len > 0 && (*s)[*len - 1] == '.')
		(*len)--;
}

enum ruad_domain_form
ruad_value_domain(const char *s, size_t len, char *out, size_t cap,
    bool *address_out)
{
	char name[512], ascii[256];

	*address_out = false;
	ruad_text_clean(out, cap, s, len, NULL);
	unwrap_domain(&s, &len, address_out);
	if (*address_out)
		ruad_text_clean(out, cap, s, len, NULL);
	if (len == 0)
		return RUAD_DOMAIN_ABSENT;
	if (len >= sizeof(name) || memchr(s, '\0', len) != NULL)
		return RUAD_DOMAIN_BAD;
	memcpy(name, s, len);
	name[len] = '\0';
	ruad_text_lower(name, len);
	if (is_placeholder(name))
		return RUAD_DOMAIN_ABSENT;
	if (has_high_byte(name)) {
		if (!to_a_labels(name, ascii, sizeof(ascii)) ||
		    !is_domain(ascii))
			return RUAD_DOMAIN_BAD;
		snprintf(out, cap, "%s", ascii);
		return RUAD_DOMAIN_OK;
	}
	if (!is_domain(name))
		return RUAD_DOMAIN_BAD;
	snprintf(out, cap, "%s", name);
	return RUAD_DOMAIN_OK;
}
