/* authres.c - the tokenizer of Authentication-Results. White space and comments
 * are skipped wherever they may stand; what is no property ends its result. */
#include "authres.h"
#include <idn2.h>
#include <string.h>
#include "text.h"

struct token {
	char text[1024];
	size_t len;
	bool cut; /* longer than anything that is of interest */
};

static void
break_off(struct ruad_authres *a)
{
	a->broken = true;
	a->p = a->end;
}

/* From '(' to behind its ')'. */
static void
skip_comment(struct ruad_authres *a)
{
	unsigned depth = 0;

	do {
		if (a->p == a->end || depth > RUAD_AUTHRES_DEPTH) {
			break_off(a);
			return;
		}
		if (*a->p == '\\' && a->end - a->p > 1)
			a->p++;
		else if (*a->p == '(')
			depth++;
		else if (*a->p == ')')
			depth--;
		a->p++;
	} while (depth > 0);
}

static void
skip_cfws(struct ruad_authres *a)
{
	while (a->p < a->end) {
		if (ruad_text_blank(*a->p))
			a->p++;
		else if (*a->p == '(')
			skip_comment(a);
		else
			break;
	}
}

static void
put(struct token *t, char c)
{
	if (t->len < sizeof(t->text))
		t->text[t->len++] = c;
	else
		t->cut = true;
}

/* From '"' to behind the closing one. */
static void
read_quoted(struct ruad_authres *a, struct token *t)
{
	for (a->p++; a->p < a->end; a->p++) {
		if (*a->p == '"') {
			a->p++;
			return;
		}
		if (*a->p == '\\' && a->end - a->p > 1)
			a->p++;
		put(t, *a->p);
	}
	break_off(a);
}

static void
read_run(struct ruad_authres *a, const char *stops, struct token *t)
{
	while (a->p < a->end && !ruad_text_blank(*a->p) &&
	    strchr(stops, *a->p) == NULL)
		put(t, *a->p++);
}

/* A name, up to white space, a comment or one of `stops`. */
static void
read_name(struct ruad_authres *a, const char *stops, struct token *t)
{
	t->len = 0;
	t->cut = false;
	read_run(a, stops, t);
}

/* A value, in quotes or not, or "local part"@domain. */
static void
read_value(struct ruad_authres *a, struct token *t)
{
	t->len = 0;
	t->cut = false;
	if (a->p < a->end && *a->p == '"')
		read_quoted(a, t);
	read_run(a, ";(", t);
}

/* Step over a byte that must be there. */
static bool
accept_byte(struct ruad_authres *a, char c)
{
	if (a->p == a->end || *a->p != c)
		return false;
	a->p++;
	return true;
}

/* To the next ';' that separates results, or to the end. */
static void
skip_result(struct ruad_authres *a)
{
	struct token unused;

	while (a->p < a->end && *a->p != ';') {
		if (*a->p == '(')
			skip_comment(a);
		else if (*a->p == '"')
			read_value(a, &unused);
		else
			a->p++;
	}
}

static bool
token_is(const struct token *t, const char *word)
{
	return !t->cut && ruad_text_is(t->text, t->len, word);
}

/* Whether the token is a version, and which: 1 is the only one there is. */
static bool
is_version(const struct token *t, bool *known_out)
{
	size_t i, zeros = 0;

	for (i = 0; i < t->len; i++) {
		if (t->text[i] < '0' || t->text[i] > '9')
			return false;
		if (t->text[i] == '0' && zeros == i)
			zeros++;
	}
	*known_out = !t->cut && t->len - zeros == 1 && t->text[zeros] == '1';
	return t->len > 0;
}

void
ruad_authres_name(char to[RUAD_AUTHRES_NAME_BYTES], const char *s, size_t len)
{
	size_t i;

	to[0] = '\0';
	if (len >= RUAD_AUTHRES_NAME_BYTES)
		return;
	for (i = 0; i < len; i++)
		if (!(s[i] >= 'a' && s[i] <= 'z') &&
		    !(s[i] >= 'A' && s[i] <= 'Z') &&
		    !(s[i] >= '0' && s[i] <= '9') && s[i] != '-' &&
		    s[i] != '_' && s[i] != '.')
			return;
	memcpy(to, s, len);
	to[len] = '\0';
	ruad_text_lower(to, len);
}

/* The domain of [[local-part] "@"] domain, as A-labels without final dot; ""
 * where it is none. */
static void
copy_domain(char to[RUAD_AUTHRES_NAME_BYTES], const struct token *t)
{
	char name[sizeof(t->text) + 1], *ascii = NULL;
	size_t at = t->len, i;
	bool utf8 = false;

	to[0] = '\0';
	if (t->cut)
		return;
	while (at > 0 && t->text[at - 1] != '@')
		at--;
	memcpy(name, t->text + at, t->len - at);
	name[t->len - at] = '\0';
	for (i = 0; name[i] != '\0'; i++)
		utf8 = utf8 || (unsigned char)name[i] >= 0x80;
	if (i > 0 && name[i - 1] == '.')
		name[--i] = '\0';
	if (!utf8) {
		ruad_authres_name(to, name, i);
	} else if (idn2_to_ascii_8z(name, &ascii,
		       IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL) == IDN2_OK) {
		ruad_authres_name(to, ascii, strlen(ascii));
		idn2_free(ascii);
	}
}

static enum ruad_authres_method
method_of(const struct token *t)
{
	if (token_is(t, "dmarc"))
		return RUAD_AUTHRES_DMARC;
	if (token_is(t, "dkim"))
		return RUAD_AUTHRES_DKIM;
	if (token_is(t, "spf"))
		return RUAD_AUTHRES_SPF;
	return RUAD_AUTHRES_OTHER;
}

#define M(method) (1u << (method))
#define ALL (M(RUAD_AUTHRES_DMARC) | M(RUAD_AUTHRES_DKIM) | M(RUAD_AUTHRES_SPF))

/* RFC 8601 section 2.7 and its registry: which method has which results. */
static const struct word_row {
	const char *word;
	enum ruad_result result;
	unsigned methods;
} word_rows[] = {
	{ "pass", RUAD_RESULT_PASS, ALL }, { "fail", RUAD_RESULT_FAIL, ALL },
	{ "none", RUAD_RESULT_NONE, ALL },
	{ "temperror", RUAD_RESULT_TEMPERROR, ALL },
	{ "permerror", RUAD_RESULT_PERMERROR, ALL },
	{ "policy", RUAD_RESULT_POLICY, ALL & ~M(RUAD_AUTHRES_DMARC) },
	{ "neutral", RUAD_RESULT_NEUTRAL, ALL & ~M(RUAD_AUTHRES_DMARC) },
	{ "softfail", RUAD_RESULT_SOFTFAIL, M(RUAD_AUTHRES_SPF) },
	{ "hardfail", RUAD_RESULT_FAIL, M(RUAD_AUTHRES_SPF) }, /* historic */
};

static enum ruad_result
result_of(enum ruad_authres_method method, const struct token *t)
{
	size_t i;

	for (i = 0; i < sizeof(word_rows) / sizeof(*word_rows); i++)
		if ((word_rows[i].methods & M(method)) != 0 &&
		    token_is(t, word_rows[i].word))
			return word_rows[i].result;
	return RUAD_RESULT_OTHER;
}

/* method ["/" version] "=" result; false: something else stands here. */
static bool
scan_method(struct ruad_authres *a, struct ruad_authres_result *r)
{
	struct token t;
	bool known;

	read_name(a, "=/;(", &t);
	if (t.len == 0)
		return false;
	r->method = method_of(&t);
	skip_cfws(a);
	if (accept_byte(a, '/')) {
		skip_cfws(a);
		read_name(a, "=;(", &t);
		r->ignored = !is_version(&t, &known) || !known;
		skip_cfws(a);
	}
	if (!accept_byte(a, '='))
		return false;
	skip_cfws(a);
	read_value(a, &t);
	r->word = result_of(r->method, &t);
	if (r->method == RUAD_AUTHRES_OTHER || r->word == RUAD_RESULT_OTHER)
		r->ignored = true;
	return true;
}

static bool
is_ptype(const struct token *t)
{
	return token_is(t, "smtp") || token_is(t, "header") ||
	    token_is(t, "body") || token_is(t, "policy");
}

static void
take_from(struct ruad_authres_result *r, const struct token *value)
{
	char domain[RUAD_AUTHRES_NAME_BYTES];

	copy_domain(domain, value);
	if (r->has_from && strcmp(domain, r->header_from) != 0)
		domain[0] = '\0';
	strcpy(r->header_from, domain);
	r->has_from = true;
}

static void
take_prop(struct ruad_authres_result *r, const struct token *ptype,
    const struct token *property, const struct token *value)
{
	bool header = token_is(ptype, "header");
	bool smtp = token_is(ptype, "smtp");

	if (!is_ptype(ptype))
		r->ignored = true;
	if (header && token_is(property, "from"))
		take_from(r, value);
	else if (header && token_is(property, "d"))
		copy_domain(r->header_d, value);
	else if (header && token_is(property, "i"))
		copy_domain(r->header_i, value);
	else if (header && token_is(property, "s"))
		ruad_authres_name(r->header_s, value->text, value->len);
	else if (smtp && token_is(property, "mailfrom"))
		copy_domain(r->mailfrom, value);
	else if (smtp && token_is(property, "helo"))
		copy_domain(r->helo, value);
}

/* ptype "." property "=" value; or a name without a dot, as in reason="..." and
 * in the action=none of some filters, which says nothing here. False: something
 * else stands here. */
static bool
scan_prop(struct ruad_authres *a, struct ruad_authres_result *r)
{
	struct token ptype, property, value;
	bool dotted;

	read_name(a, ".=;(", &ptype);
	skip_cfws(a);
	dotted = accept_byte(a, '.');
	if (dotted) {
		skip_cfws(a);
		read_name(a, "=;(", &property);
		skip_cfws(a);
	}
	if (ptype.len == 0 || !accept_byte(a, '='))
		return false;
	skip_cfws(a);
	read_value(a, &value);
	if (dotted)
		take_prop(r, &ptype, &property, &value);
	return true;
}

/* One result with its properties, up to ';' or the end; false: none here. */
static bool
scan_result(struct ruad_authres *a, struct ruad_authres_result *r)
{
	unsigned props = 0;

	memset(r, 0, sizeof(*r));
	if (!scan_method(a, r)) {
		skip_result(a);
		return false;
	}
	for (;;) {
		skip_cfws(a);
		if (a->p == a->end || *a->p == ';')
			return true;
		if (!scan_prop(a, r))
			skip_result(a);
		else if (++props > RUAD_AUTHRES_PROPS)
			break_off(a);
	}
}

/* [version], up to the first ';'. */
static void
scan_version(struct ruad_authres *a)
{
	struct token t;
	bool known;

	skip_cfws(a);
	if (a->p == a->end || *a->p == ';')
		return;
	read_name(a, ";(", &t);
	if (is_version(&t, &known))
		a->unknown_version = !known;
	else
		break_off(a);
	skip_cfws(a);
	if (a->p < a->end && *a->p != ';')
		break_off(a);
}

/* Whether white space, a comment or a result comes next, or nothing. */
static bool
ends_token(const struct ruad_authres *a)
{
	return a->p == a->end || ruad_text_blank(*a->p) || *a->p == '(' ||
	    *a->p == ';';
}

void
ruad_authres_open(struct ruad_authres *a, const char *value)
{
	struct token t;
	bool quoted;

	memset(a, 0, sizeof(*a));
	a->p = value;
	a->end = value + strlen(value);
	skip_cfws(a);
	quoted = a->p < a->end && *a->p == '"';
	t.len = 0;
	t.cut = false;
	if (quoted)
		read_quoted(a, &t);
	else
		read_name(a, ";(", &t);
	/* Some begin with the first result: nobody's field. So is one with text
	 * against the closing quote: whoever strips forged fields would not
	 * take the two together for our name. */
	if (t.len == 0 || t.len >= sizeof(a->authserv_id) ||
	    (quoted ? !ends_token(a) : memchr(t.text, '=', t.len) != NULL)) {
		a->p = a->end;
		return;
	}
	memcpy(a->authserv_id, t.text, t.len);
	scan_version(a);
	if (strlen(value) > RUAD_AUTHRES_FIELD_BYTES)
		break_off(a);
}

bool
ruad_authres_next(struct ruad_authres *a, struct ruad_authres_result *out)
{
	while (accept_byte(a, ';')) {
		skip_cfws(a);
		if (!scan_result(a, out))
			continue;
		if (++a->results > RUAD_AUTHRES_RESULTS)
			break_off(a);
		return true;
	}
	return false;
}
