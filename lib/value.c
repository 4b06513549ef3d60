/* value.c - tables of words, and the few forms that are no words. */
#include "value.h"
#include "text.h"
#include <arpa/inet.h>
#include <idn2.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define WORD_BYTES 40u
#define TIME_MAX INT64_C(10000000000000000) /* seconds; beyond any unit */
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
	{ "temp_error", RUAD_RESULT_TEMPERROR, SYNONYM },
	{ "temp-error", RUAD_RESULT_TEMPERROR, SYNONYM },
	{ "perm_error", RUAD_RESULT_PERMERROR, SYNONYM },
	{ "perm-error", RUAD_RESULT_PERMERROR, SYNONYM },
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
	{ "temp_error", RUAD_RESULT_TEMPERROR, SYNONYM },
	{ "temp-error", RUAD_RESULT_TEMPERROR, SYNONYM },
	{ "perm_error", RUAD_RESULT_PERMERROR, SYNONYM },
	{ "perm-error", RUAD_RESULT_PERMERROR, SYNONYM },
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

/* Lower-case copy of a word that is short enough to be one; white space inside
 * it, from whoever indented the XML, becomes one blank. */
static bool
fold(const char *s, size_t len, char *buf)
{
	size_t i, n = 0;

	for (i = 0; i < len && n < WORD_BYTES - 1; i++) {
		if (!ruad_text_blank(s[i]))
			buf[n++] = s[i];
		else if (n > 0 && buf[n - 1] != ' ')
			buf[n++] = ' ';
	}
	buf[n] = '\0';
	ruad_text_lower(buf, n);
	return i == len;
}

static struct ruad_word_value
look_up(const struct word *table, const char *word)
{
	struct ruad_word_value unknown = { 0, RUAD_FIT_UNKNOWN };

	for (; table->word != NULL; table++)
		if (strcmp(table->word, word) == 0)
			return (
			    struct ruad_word_value){ table->value, table->fit };
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

/* A result may carry a remark. */
static struct ruad_word_value
look_up_result(const struct word *table, const char *s, size_t len)
{
	char word[WORD_BYTES];
	struct ruad_word_value v = { 0, RUAD_FIT_UNKNOWN };
	size_t i = 0;

	while (i < len && s[i] != '(' && !ruad_text_blank(s[i]))
		i++;
	if (fold(s, i, word))
		v = look_up(table, word);
	if (v.fit == RUAD_FIT_EXACT && i < len)
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
	bool spelt_oddly = false;
	char *p;

	if (!fold(s, len, word))
		return v;
	for (p = word; *p != '\0'; p++)
		if (*p == '-' || *p == ' ') {
			*p = '_';
			spelt_oddly = true;
		}
	v = look_up(reason_words, word);
	if (v.fit == RUAD_FIT_EXACT && spelt_oddly)
		v.fit = RUAD_FIT_SYNONYM;
	return v;
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

/* A number as reports write them: digits with an optional sign and an optional
 * fraction. */
struct decimal {
	int64_t whole; /* digits before the fraction, INT64_MAX if too large */
	bool negative;
	bool fraction; /* there is one, and it is not 0 */
	const char *rest; /* what follows the number */
};

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Read the number at the beginning of s[0..len); false: there is none. */
static bool
read_decimal(const char *s, size_t len, struct decimal *out)
{
	const char *p = s, *end = s + len, *digits;

	memset(out, 0, sizeof(*out));
	if (p < end && (*p == '+' || *p == '-'))
		out->negative = *p++ == '-';
	for (digits = p; p < end && is_digit(*p); p++)
		out->whole = out->whole > (INT64_MAX - 9) / 10
		    ? INT64_MAX
		    : out->whole * 10 + (*p - '0');
	if (p == digits)
		return false;
	if (p < end && *p == '.')
		for (p++; p < end && is_digit(*p); p++)
			if (*p != '0')
				out->fraction = true;
	out->rest = p;
	return true;
}

struct ruad_word_value
ruad_value_pct(const char *s, size_t len)
{
	struct ruad_word_value v = { -1, RUAD_FIT_UNKNOWN };
	struct decimal d;
	size_t rest;

	if (!read_decimal(s, len, &d) || d.negative || d.whole > 100)
		return v;
	v.value = (int)d.whole;
	rest = (size_t)(s + len - d.rest);
	if (d.fraction || rest > 1 || (rest == 1 && *d.rest != '%'))
		v.fit = RUAD_FIT_ODD;
	else
		v.fit = rest == 0 ? RUAD_FIT_EXACT : RUAD_FIT_SYNONYM;
	return v;
}

/* A date; without hyphens only where a time follows, since it would be a
 * number. Returns what is behind it; NULL: there is none. */
static const char *
read_date(const char *s, struct tm *tm)
{
	const char *p = strptime(s, "%Y-%m-%d", tm);

	if (p != NULL)
		return p;
	p = strptime(s, "%Y%m%d", tm);
	return p != NULL && p - s == 8 && (*p == 't' || *p == ' ') ? p : NULL;
}

static const char *
read_time_of_day(const char *s, struct tm *tm)
{
	static const char *const forms[] = { "%H:%M:%S", "%H:%M", "%H%M%S",
		"%H%M" };
	const char *p = NULL;
	size_t i;

	for (i = 0; i < sizeof(forms) / sizeof(*forms) && p == NULL; i++)
		p = strptime(s, forms[i], tm);
	return p;
}

/* ISO 8601 in both of its formats, RFC 3339 and loose relatives, in lower case:
 * a date, perhaps a time of day, perhaps a zone; no zone is UTC. */
static bool
read_calendar(const char *text, int64_t *out)
{
	struct tm tm = { 0 };
	const char *p = read_date(text, &tm);
	int day = tm.tm_mday;

	if (p == NULL)
		return false;
	if (*p == 't' || *p == ' ') {
		if ((p = read_time_of_day(p + 1, &tm)) == NULL)
			return false;
		if (*p == '.')
			p += 1 + strspn(p + 1, "0123456789");
	}
	p += *p == ' ';
	if (strcmp(p, "z") == 0 || strcmp(p, "utc") == 0 ||
	    strcmp(p, "gmt") == 0)
		p += strlen(p);
	else if (*p != '\0' && (p = strptime(p, "%z", &tm)) == NULL)
		return false;
	*out = -(int64_t)tm.tm_gmtoff;
	*out += (int64_t)timegm(&tm);
	/* timegm() takes the 30th of February for a day in March. */
	return *p == '\0' && tm.tm_mday == day;
}

enum ruad_fit
ruad_value_time(const char *s, size_t len, int64_t *epoch_out)
{
	char text[WORD_BYTES];
	struct decimal d;

	*epoch_out = 0;
	if (read_decimal(s, len, &d) && d.rest == s + len) {
		if (d.negative || d.whole == 0)
			return RUAD_FIT_UNKNOWN;
		*epoch_out = d.whole;
		/* Seconds have 10 digits, milliseconds 13, microseconds 16. */
		if (d.whole >= INT64_C(100000000000) && d.whole < TIME_MAX)
			*epoch_out /=
			    d.whole < INT64_C(100000000000000) ? 1000 : 1000000;
		return *epoch_out == d.whole ? RUAD_FIT_EXACT : RUAD_FIT_ODD;
	}
	if (fold(s, len, text) && read_calendar(text, epoch_out) &&
	    *epoch_out > 0)
		return RUAD_FIT_ODD;
	*epoch_out = 0;
	return RUAD_FIT_UNKNOWN;
}

enum ruad_code
ruad_value_count(const char *s, size_t len, int64_t *count_out)
{
	struct decimal d;

	*count_out = 0;
	if (!read_decimal(s, len, &d) || d.rest != s + len || d.fraction ||
	    (d.negative && d.whole > 0))
		return RUAD_ROW_COUNT;
	*count_out = d.whole;
	return d.whole > COUNT_MAX ? RUAD_ROW_COUNT_HUGE : RUAD_CODE_NONE;
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
#define V4(a, b, c) \
	{ \
		0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, a, b, c, 0 \
	}
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
		{ { 0x3f, 0xff }, 20 },
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

static bool
is_mapped(const unsigned char *ip)
{
	static const unsigned char mapped[12] = { [10] = 0xff, [11] = 0xff };

	return memcmp(ip, mapped, sizeof(mapped)) == 0;
}

const char *
ruad_value_ip_text(const unsigned char *ip, char *buf, size_t cap)
{
	return is_mapped(ip) ? inet_ntop(AF_INET, ip + 12, buf, (socklen_t)cap)
			     : inet_ntop(AF_INET6, ip, buf, (socklen_t)cap);
}

void
ruad_value_network_text(const unsigned char *ip, char *buf, size_t cap)
{
	unsigned char net[16] = { 0 };
	char text[INET6_ADDRSTRLEN];
	unsigned bits = is_mapped(ip) ? 24 : 48;

	memcpy(net, ip, is_mapped(ip) ? 15 : 6);
	snprintf(buf, cap, "%s/%u", ruad_value_ip_text(net, text, sizeof(text)),
	    bits);
}

static bool
is_placeholder(const char *s)
{
	static const char *const words[] = { "not.evaluated", "unknown", "none",
		"n/a", "-", "null", "(null)", "undefined" };
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
	bool ok =
	    idn2_to_ascii_8z(name, &ascii, IDN2_NONTRANSITIONAL) == IDN2_OK &&
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

/* Keep what is no domain name for people to see. Without its invisible
 * characters, or cut, it must not turn into a name. */
static enum ruad_domain_form
bad_domain(const char *s, size_t len, char *out, size_t cap)
{
	size_t n = ruad_text_show(out, cap, s, len, NULL);

	while (n > 0 && out[n - 1] == '.')
		out[--n] = '\0';
	if (n == 0 || is_domain(out))
		snprintf(out, cap, "(no domain name)");
	return RUAD_DOMAIN_BAD;
}

enum ruad_domain_form
ruad_value_domain(const char *s, size_t len, char *out, size_t cap,
    bool *address_out)
{
	char name[512], ascii[256];
	const char *norm = name;

	*address_out = false;
	out[0] = '\0';
	unwrap_domain(&s, &len, address_out);
	if (len == 0)
		return RUAD_DOMAIN_ABSENT;
	if (len >= sizeof(name) || memchr(s, '\0', len) != NULL)
		return bad_domain(s, len, out, cap);
	memcpy(name, s, len);
	name[len] = '\0';
	ruad_text_lower(name, len);
	if (is_placeholder(name))
		return RUAD_DOMAIN_ABSENT;
	if (has_high_byte(name))
		norm = to_a_labels(name, ascii, sizeof(ascii)) ? ascii : "";
	if (!is_domain(norm))
		return bad_domain(s, len, out, cap);
	snprintf(out, cap, "%s", norm);
	return RUAD_DOMAIN_OK;
}
