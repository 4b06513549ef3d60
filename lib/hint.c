/* hint.c - reading Subject and file name. Both are scanned once, whatever their
 * length. */
#include "hint.h"
#include <stddef.h>
#include <string.h>
#include "text.h"

struct span {
	const char *s;
	size_t len;
};

/* Copy a value, cleaned and with its white space collapsed; "" if it does not
 * fit. */
static void
copy_value(char *to, size_t cap, struct span v)
{
	bool cut;

	ruad_text_clean(to, cap, v.s, v.len, &cut);
	if (cut)
		to[0] = '\0';
	ruad_text_collapse(to);
}

/* The keywords of a Subject. */
enum key { KEY_DOMAIN, KEY_SUBMITTER, KEY_REPORT_ID, KEY_DATE, KEYS };

static const struct span key_words[KEYS] = {
	[KEY_DOMAIN] = { "domain", 6 },
	[KEY_SUBMITTER] = { "submitter", 9 },
	[KEY_REPORT_ID] = { "report-id", 9 },
	[KEY_DATE] = { "date", 4 },
};

static bool
is_word_byte(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
	    (c >= 'a' && c <= 'z') || c == '-' || c == '_' || c == '.';
}

/* Whether a word of s[0..len) is a keyword with its colon; *end_out is what
 * follows that. */
static bool
match_key(const char *s, size_t len, enum key *key_out, size_t *end_out)
{
	size_t i, at;

	for (i = 0; i < KEYS; i++) {
		at = key_words[i].len;
		if (at >= len || !ruad_text_is(s, at, key_words[i].s))
			continue;
		while (at < len && ruad_text_blank(s[at]))
			at++;
		if (at == len || s[at] != ':')
			continue;
		*key_out = (enum key)i;
		*end_out = at + 1;
		return true;
	}
	return false;
}

static struct span
trim(struct span v, const char *also)
{
	size_t before;

	do {
		before = v.len;
		ruad_text_trim(&v.s, &v.len);
		while (v.len > 0 && strchr(also, v.s[v.len - 1]) != NULL)
			v.len--;
		while (v.len > 0 && strchr(also, v.s[0]) != NULL) {
			v.s++;
			v.len--;
		}
	} while (v.len != before);
	return v;
}

/* Without separators around it and one pair of brackets. */
static struct span
bare_value(struct span v)
{
	v = trim(v, ";,");
	if (v.len >= 2 &&
	    ((v.s[0] == '<' && v.s[v.len - 1] == '>') ||
		(v.s[0] == '{' && v.s[v.len - 1] == '}'))) {
		v.s++;
		v.len -= 2;
		v = trim(v, "");
	}
	return v;
}

bool
ruad_hint_subject(const char *subject, struct ruad_subject_hint *out)
{
	struct span values[KEYS] = { { NULL, 0 } };
	enum key key, open = KEYS; /* whose value is being read */
	size_t i, len, end;

	memset(out, 0, sizeof(*out));
	if (subject == NULL)
		return false;
	len = strlen(subject);
	for (i = 0; i < len;) {
		if ((i > 0 && is_word_byte(subject[i - 1])) ||
		    !match_key(subject + i, len - i, &key, &end)) {
			i++;
			continue;
		}
		if (open != KEYS)
			values[open].len =
			    (size_t)(subject + i - values[open].s);
		i += end;
		open = KEYS;
		if (values[key].s == NULL) { /* the first of them counts */
			values[key].s = subject + i;
			open = key;
		}
	}
	if (open != KEYS)
		values[open].len = (size_t)(subject + len - values[open].s);
	copy_value(out->domain, sizeof(out->domain),
	    bare_value(values[KEY_DOMAIN]));
	copy_value(out->submitter, sizeof(out->submitter),
	    bare_value(values[KEY_SUBMITTER]));
	copy_value(out->report_id, sizeof(out->report_id),
	    bare_value(values[KEY_REPORT_ID]));
	return out->domain[0] != '\0' || out->submitter[0] != '\0' ||
	    out->report_id[0] != '\0';
}

/* Without directories and without the extensions that reporters pile up. */
static struct span
bare_name(const char *name)
{
	static const char *const extensions[] = { ".gz", ".zip", ".xml",
		".txt" };
	struct span v = { name, strlen(name) };
	size_t i, before;
	const char *p;

	for (p = v.s; *p != '\0'; p++)
		if (*p == '/' || *p == '\\')
			v.s = p + 1;
	v.len = (size_t)(p - v.s);
	v = trim(v, ";\"");
	do {
		before = v.len;
		for (i = 0; i < sizeof(extensions) / sizeof(*extensions); i++) {
			size_t n = strlen(extensions[i]);

			if (v.len >= n &&
			    ruad_text_is(v.s + v.len - n, n, extensions[i]))
				v.len -= n;
		}
	} while (v.len != before);
	return v;
}

/* Cut the next field off the name; false: there is none. */
static bool
next_field(struct span *rest, struct span *field_out)
{
	const char *mark;

	if (rest->s == NULL)
		return false;
	*field_out = *rest;
	mark = memchr(rest->s, '!', rest->len);
	if (mark == NULL) {
		rest->s = NULL;
	} else {
		field_out->len = (size_t)(mark - rest->s);
		rest->len -= field_out->len + 1;
		rest->s = mark + 1;
	}
	*field_out = trim(*field_out, "");
	return true;
}

static bool
read_epoch(struct span v, int64_t *out)
{
	int64_t n = 0;
	size_t i;

	if (v.len == 0)
		return false;
	for (i = 0; i < v.len; i++) {
		if (v.s[i] < '0' || v.s[i] > '9' || n > (INT64_MAX - 9) / 10)
			return false;
		n = n * 10 + (v.s[i] - '0');
	}
	*out = n;
	return true;
}

bool
ruad_hint_file_name(const char *name, struct ruad_file_hint *out)
{
	struct span rest, receiver, domain, begin, end;

	memset(out, 0, sizeof(*out));
	if (name == NULL)
		return false;
	rest = bare_name(name);
	if (!next_field(&rest, &receiver) || !next_field(&rest, &domain) ||
	    !next_field(&rest, &begin) || !next_field(&rest, &end) ||
	    !read_epoch(begin, &out->begin) || !read_epoch(end, &out->end)) {
		memset(out, 0, sizeof(*out));
		return false;
	}
	copy_value(out->receiver, sizeof(out->receiver), receiver);
	copy_value(out->policy_domain, sizeof(out->policy_domain), domain);
	if (rest.s != NULL)
		copy_value(out->unique_id, sizeof(out->unique_id),
		    trim(rest, ""));
	return true;
}
