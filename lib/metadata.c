/* metadata.c - one function for each thing that stands once, in the order in
 * which they depend on one another. */
#include "metadata.h"
#include "identity.h"
#include "names.h"
#include "text.h"
#include "value.h"
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define ORG_BYTES 256u
#define CONTACT_BYTES 1025u
#define SHORT_BYTES 256u
#define REPORT_ID_MAX 512u
#define DAY INT64_C(86400)
#define NORMAL_SPAN (26 * INT64_C(3600))
#define YEAR_2012 INT64_C(1325376000)

struct finish {
	struct ruad_report *r;
	const struct ruad_raw_report *raw;
	const struct ruad_hints *h;
	const struct ruad_limits *lim;
	struct ruad_err *err;
};

static void
warn(struct finish *f, enum ruad_code code)
{
	ruad_warn(&f->r->warnings, code);
}

/* Keep a text for people in the report. NULL for an absent one; *ok_out goes
 * false when out of memory. */
static const char *
keep(struct finish *f, const char *s, size_t cap, bool *ok_out)
{
	char clean[CONTACT_BYTES];
	const char *copy;
	bool cut;

	if (s == NULL)
		return NULL;
	ruad_text_clean(clean, cap < sizeof(clean) ? cap : sizeof(clean), s,
	    strlen(s), &cut);
	if (cut)
		warn(f, RUAD_REP_TEXT_CUT);
	if (clean[0] == '\0')
		return NULL;
	copy = ruad_arena_strdup(f->r->arena, clean);
	if (copy == NULL)
		*ok_out = false;
	return copy;
}

/* "1", "1.0" and their kin: XML Schema lets a decimal have a sign and zeros on
 * both sides. */
static bool
is_one(const char *s)
{
	s += *s == '+';
	s += strspn(s, "0");
	if (*s++ != '1')
		return false;
	if (*s == '.')
		s += 1 + strspn(s + 1, "0");
	return *s == '\0';
}

static enum ruad_status
read_version(struct finish *f)
{
	const char *s = f->raw->text[RUAD_EL_VERSION];
	bool ok = true;

	if (s == NULL)
		return RUAD_OK;
	f->r->version_raw = keep(f, s, 65, &ok);
	if (!is_one(s))
		warn(f, RUAD_REP_VERSION);
	return ok ? RUAD_OK : ruad_fail_memory(f->err, "report");
}

/* The first thing with an "@" inside, without what is wrapped around it. */
static const char *
find_address(const char *s, size_t *len_out)
{
	static const char ends[] = " \t\r\n<>,;\"'()[]:";
	const char *at, *begin;

	for (at = strchr(s, '@'); at != NULL; at = strchr(at + 1, '@')) {
		begin = at;
		while (begin > s && strchr(ends, begin[-1]) == NULL)
			begin--;
		*len_out = strcspn(begin, ends);
		if (begin < at && begin + *len_out > at + 1)
			return begin;
	}
	return NULL;
}

static enum ruad_status
read_contact(struct finish *f)
{
	const char *email = f->raw->text[RUAD_EL_EMAIL], *address;
	size_t len;
	bool ok = true;

	if (email != NULL) {
		address = find_address(email, &len);
		if (address == NULL)
			warn(f, RUAD_REP_EMAIL);
		else if ((email = ruad_arena_strndup(f->r->arena, address,
			      len)) == NULL)
			return ruad_fail_memory(f->err, "report");
		f->r->email = keep(f, email, SHORT_BYTES, &ok);
	}
	f->r->extra_contact_info =
	    keep(f, f->raw->text[RUAD_EL_EXTRA_CONTACT], CONTACT_BYTES, &ok);
	f->r->generator =
	    keep(f, f->raw->text[RUAD_EL_GENERATOR], SHORT_BYTES, &ok);
	return ok ? RUAD_OK : ruad_fail_memory(f->err, "report");
}

static bool
file_has_range(const struct finish *f)
{
	const struct ruad_file_hint *file = f->h->file;

	return file != NULL && file->begin > 0 && file->end >= file->begin &&
	    file->end < INT64_C(100000000000);
}

static enum ruad_status
read_org(struct finish *f)
{
	const char *at = f->r->email != NULL ? strchr(f->r->email, '@') : NULL;
	const char *candidates[] = { f->raw->text[RUAD_EL_ORG_NAME],
		at != NULL ? at + 1 : NULL,
		f->h->subject != NULL ? f->h->subject->submitter : NULL,
		f->h->file != NULL ? f->h->file->receiver : NULL,
		f->h->header_from };
	size_t i;
	char *key;
	bool ok = true;

	for (i = 0; i < sizeof(candidates) / sizeof(*candidates); i++) {
		f->r->org_name = keep(f, candidates[i], ORG_BYTES, &ok);
		if (f->r->org_name != NULL || !ok)
			break;
	}
	if (!ok)
		return ruad_fail_memory(f->err, "report");
	if (f->r->org_name == NULL)
		return ruad_fail(f->err, RUAD_BAD,
		    f->raw->has_metadata || file_has_range(f)
			? RUAD_REP_NO_ORG
			: RUAD_REP_NO_METADATA,
		    "report: no organisation, neither in the XML nor in the "
		    "mail");
	if (i > 0)
		warn(f, RUAD_REP_FALLBACK);
	key = ruad_arena_strdup(f->r->arena, f->r->org_name);
	if (key == NULL)
		return ruad_fail_memory(f->err, "report");
	ruad_text_lower(key, strlen(key));
	ruad_text_collapse(key);
	f->r->org_key = key;
	return RUAD_OK;
}

/* A time of the XML; false when it gives none. */
static bool
read_time(struct finish *f, enum ruad_element el, int64_t *out)
{
	const char *s = f->raw->text[el];
	enum ruad_fit fit;

	if (s == NULL)
		return false;
	fit = ruad_value_time(s, strlen(s), out);
	if (fit == RUAD_FIT_ODD)
		warn(f, RUAD_REP_TIME_FORMAT);
	return fit != RUAD_FIT_UNKNOWN;
}

static enum ruad_status
judge_range(struct finish *f)
{
	struct ruad_report *r = f->r;
	int64_t ahead = f->h->received_epoch + 2 * DAY;

	if (r->begin > ahead)
		return ruad_fail(f->err, RUAD_BAD, RUAD_REP_RANGE_FUTURE,
		    "report: begins %lld days after it was received",
		    (long long)((r->begin - f->h->received_epoch) / DAY));
	if ((uint64_t)(r->end - r->begin) > f->lim->span_secs)
		return ruad_fail(f->err, RUAD_LIMIT, RUAD_REP_SPAN_HUGE,
		    "report: covers %lld seconds, more than %llu (max_span)",
		    (long long)(r->end - r->begin),
		    (unsigned long long)f->lim->span_secs);
	if (r->end > ahead || r->begin < YEAR_2012)
		warn(f, RUAD_REP_RANGE_ODD);
	if (r->end - r->begin > NORMAL_SPAN)
		warn(f, RUAD_REP_SPAN);
	return RUAD_OK;
}

static enum ruad_status
read_range(struct finish *f)
{
	struct ruad_report *r = f->r;
	bool begin = read_time(f, RUAD_EL_BEGIN, &r->begin);
	bool end = read_time(f, RUAD_EL_END, &r->end);
	int64_t swap;

	if ((!begin || !end) && !file_has_range(f))
		return ruad_fail(f->err, RUAD_BAD, RUAD_REP_NO_RANGE,
		    "report: no date range, neither in the XML nor in the file "
		    "name");
	if (!begin || !end) {
		warn(f, RUAD_REP_FALLBACK);
		r->begin = f->h->file->begin;
		r->end = f->h->file->end;
	} else if (r->end < r->begin) {
		warn(f, RUAD_REP_RANGE_REVERSED);
		swap = r->begin;
		r->begin = file_has_range(f) ? f->h->file->begin : r->end;
		r->end = file_has_range(f) ? f->h->file->end : swap;
	}
	return judge_range(f);
}

/* Where a name stands that some reporters dress up: a URL, the name of the
 * record instead of that of the domain. */
static const char *
undress_domain(struct finish *f, const char *s, size_t *len_out)
{
	const char *scheme = strstr(s, "://");

	if (scheme != NULL) {
		warn(f, RUAD_REP_POLICY_VALUE);
		s = scheme + 3;
	}
	*len_out = scheme != NULL ? strcspn(s, "/:?#") : strlen(s);
	if (*len_out > 7 && strncasecmp(s, "_dmarc.", 7) == 0) {
		warn(f, RUAD_REP_POLICY_VALUE);
		s += 7;
		*len_out -= 7;
	}
	return s;
}

/* The header_from that most rows have. */
static ruad_text
usual_header_from(const struct ruad_report *r)
{
	uint32_t *count = calloc(r->name_count + 1, sizeof(*count));
	uint32_t i, most = 0;
	ruad_text best = RUAD_ABSENT;

	if (count == NULL)
		return RUAD_ABSENT;
	for (i = 0; i < r->records; i++) {
		ruad_text t = ruad_report_record(r, i)->header_from;

		if (t != RUAD_ABSENT && !r->names[t].bad && ++count[t] > most) {
			most = count[t];
			best = t;
		}
	}
	free(count);
	return best;
}

/* The first candidate that is a domain name. A bad one is as good as none, but
 * it is what the refusal shows. */
static enum ruad_status
read_domain(struct finish *f)
{
	struct ruad_report *r = f->r;
	const char *candidates[] = { f->raw->text[RUAD_EL_DOMAIN],
		f->h->file != NULL ? f->h->file->policy_domain : NULL,
		f->h->subject != NULL ? f->h->subject->domain : NULL };
	ruad_text bad = RUAD_ABSENT;
	size_t i, len;

	for (i = 0; i < sizeof(candidates) / sizeof(*candidates); i++) {
		const char *s = candidates[i];

		if (s == NULL || *s == '\0')
			continue;
		s = undress_domain(f, s, &len);
		if (!ruad_names_domain(r, s, len, &r->policy_domain))
			return ruad_fail_memory(f->err, "report");
		if (r->policy_domain != RUAD_ABSENT &&
		    !r->names[r->policy_domain].bad)
			break;
		if (bad == RUAD_ABSENT)
			bad = r->policy_domain;
		r->policy_domain = RUAD_ABSENT;
	}
	if (r->policy_domain == RUAD_ABSENT)
		r->policy_domain = usual_header_from(r);
	if (r->policy_domain == RUAD_ABSENT)
		return ruad_fail(f->err, RUAD_BAD, RUAD_REP_NO_DOMAIN,
		    "report: no policy domain, neither in the XML nor in the "
		    "mail%s%.80s",
		    bad != RUAD_ABSENT ? "; not a domain name: " : "",
		    bad != RUAD_ABSENT ? ruad_report_text(r, bad) : "");
	if (i > 0)
		warn(f, RUAD_REP_FALLBACK);
	return RUAD_OK;
}

/* Read one word of policy_published into *out. False: no memory. */
static bool
read_word(struct finish *f, enum ruad_element el, const char *field,
    struct ruad_word_value (*read)(const char *, size_t), int absent, int *out)
{
	const char *s = f->raw->text[el];
	struct ruad_word_value v;
	struct ruad_raw_word *w;
	char shown[SHORT_BYTES];

	*out = absent;
	if (s == NULL)
		return true;
	v = read(s, strlen(s));
	*out = v.value;
	if (v.fit == RUAD_FIT_EXACT)
		return true;
	if (v.fit != RUAD_FIT_SYNONYM)
		warn(f, RUAD_REP_POLICY_VALUE);
	w = ruad_arena_alloc(f->r->arena, sizeof(*w));
	if (w == NULL)
		return false;
	w->field = field;
	ruad_text_show(shown, sizeof(shown), s, strlen(s), NULL);
	w->word = ruad_arena_strdup(f->r->arena, shown);
	if (w->word == NULL)
		return false;
	w->next = f->r->raw_words;
	f->r->raw_words = w;
	return true;
}

static enum ruad_status
read_policy(struct finish *f)
{
	struct ruad_report *r = f->r;
	enum ruad_element testing = RUAD_EL_TESTING;
	int p, sp, np, adkim, aspf, test, discovery;
	bool ok = true;

	/* "t" is the tag of the record, mistaken for the element. */
	if (f->raw->text[RUAD_EL_TESTING] == NULL &&
	    f->raw->text[RUAD_EL_T] != NULL) {
		warn(f, RUAD_XML_NAME_CASE);
		testing = RUAD_EL_T;
	}
	if (!read_word(f, RUAD_EL_P, "p", ruad_value_policy, 0, &p) ||
	    !read_word(f, RUAD_EL_SP, "sp", ruad_value_policy, 0, &sp) ||
	    !read_word(f, RUAD_EL_NP, "np", ruad_value_policy, 0, &np) ||
	    !read_word(f, RUAD_EL_ADKIM, "adkim", ruad_value_mode, 0, &adkim) ||
	    !read_word(f, RUAD_EL_ASPF, "aspf", ruad_value_mode, 0, &aspf) ||
	    !read_word(f, RUAD_EL_PCT, "pct", ruad_value_pct, -1, &r->pct) ||
	    !read_word(f, testing, "testing", ruad_value_testing, 0, &test) ||
	    !read_word(f, RUAD_EL_DISCOVERY, "discovery_method",
		ruad_value_discovery, 0, &discovery))
		return ruad_fail_memory(f->err, "report");
	r->p = (enum ruad_policy)p;
	r->sp = (enum ruad_policy)sp;
	r->np = (enum ruad_policy)np;
	r->adkim = (enum ruad_mode)adkim;
	r->aspf = (enum ruad_mode)aspf;
	r->testing = (enum ruad_testing)test;
	r->discovery_method = (enum ruad_discovery)discovery;
	r->fo = keep(f, f->raw->text[RUAD_EL_FO], SHORT_BYTES, &ok);
	return ok ? RUAD_OK : ruad_fail_memory(f->err, "report");
}

/* A report_id without the brackets that some wrap around it, one pair of each
 * kind. */
static char *
strip_report_id(struct finish *f, const char *s)
{
	static const char opening[] = "<{\"", closing[] = ">}\"";
	char *id;
	size_t len = strlen(s);
	const char *kind;
	unsigned stripped = 0, bit;

	ruad_text_trim(&s, &len);
	while (len >= 2 && (kind = strchr(opening, s[0])) != NULL &&
	    s[len - 1] == closing[kind - opening]) {
		bit = 1u << (kind - opening);
		if (stripped & bit)
			break;
		stripped |= bit;
		s++;
		len -= 2;
		ruad_text_trim(&s, &len);
	}
	/* One more byte than may be kept, to see that it is too long. */
	if ((id = ruad_arena_alloc(f->r->arena, len + 1)) == NULL)
		return NULL;
	ruad_text_clean(id, len + 1, s, len, NULL);
	ruad_text_collapse(id);
	return id;
}

/* An id made from what the report says. */
static enum ruad_status
make_report_id(struct finish *f)
{
	static const char prefix[] = "sha256:";
	char id[sizeof(prefix) + 32];
	char hex[2 * sizeof(f->r->content_hash) + 1];

	warn(f, RUAD_REP_ID_SYNTH);
	if (!ruad_identity_hash(f->r, NULL))
		return ruad_fail_memory(f->err, "report");
	sodium_bin2hex(hex, sizeof(hex), f->r->content_hash,
	    sizeof(f->r->content_hash));
	snprintf(id, sizeof(id), "%s%.32s", prefix, hex);
	f->r->report_id = ruad_arena_strdup(f->r->arena, id);
	return f->r->report_id != NULL ? RUAD_OK
				       : ruad_fail_memory(f->err, "report");
}

static enum ruad_status
read_report_id(struct finish *f)
{
	const char *candidates[] = { f->raw->text[RUAD_EL_REPORT_ID],
		f->h->subject != NULL ? f->h->subject->report_id : NULL,
		f->h->file != NULL ? f->h->file->unique_id : NULL };
	size_t i;
	char *id;

	for (i = 0; i < sizeof(candidates) / sizeof(*candidates); i++) {
		if (candidates[i] == NULL || candidates[i][0] == '\0')
			continue;
		if ((id = strip_report_id(f, candidates[i])) == NULL)
			return ruad_fail_memory(f->err, "report");
		if (id[0] == '\0')
			continue;
		if (strlen(id) > REPORT_ID_MAX)
			break;
		if (i > 0)
			warn(f, RUAD_REP_ID_SYNTH);
		f->r->report_id = id;
		return RUAD_OK;
	}
	return make_report_id(f);
}

/* Whether the name is that of the policy domain, however it is written. */
static bool
is_policy_domain(const struct finish *f, const char *name)
{
	char norm[SHORT_BYTES];
	bool address;

	return ruad_value_domain(name, strlen(name), norm, sizeof(norm),
		   &address) == RUAD_DOMAIN_OK &&
	    strcmp(norm, ruad_report_text(f->r, f->r->policy_domain)) == 0;
}

/* RFC 9990 section 3.5 wants file name and Subject to repeat the report.
 * False: no memory. */
static bool
compare_hints(struct finish *f)
{
	const struct ruad_report *r = f->r;
	const struct ruad_file_hint *file = f->h->file;
	const struct ruad_subject_hint *subject = f->h->subject;
	const char *id;

	if (file != NULL &&
	    (file->begin != r->begin || file->end != r->end ||
		(file->policy_domain[0] != '\0' &&
		    !is_policy_domain(f, file->policy_domain))))
		warn(f, RUAD_REP_MISMATCH);
	if (subject == NULL)
		return true;
	if (subject->domain[0] != '\0' && !is_policy_domain(f, subject->domain))
		warn(f, RUAD_REP_MISMATCH);
	if ((id = strip_report_id(f, subject->report_id)) == NULL)
		return false;
	if (id[0] != '\0' && strcmp(id, r->report_id) != 0)
		warn(f, RUAD_REP_MISMATCH);
	return true;
}

/* Whether name is the domain or below it. */
static bool
is_within(const struct ruad_name *name, const struct ruad_name *domain)
{
	size_t extra = name->len - domain->len;

	return name->len >= domain->len &&
	    strcmp(name->text + extra, domain->text) == 0 &&
	    (extra == 0 || name->text[extra - 1] == '.');
}

static enum ruad_status
judge_rows(struct finish *f)
{
	struct ruad_report *r = f->r;
	const struct ruad_name *domain = &r->names[r->policy_domain];
	uint64_t rows = (uint64_t)r->records + r->rows_refused;
	ruad_text last = RUAD_ABSENT;
	uint32_t i;

	if (r->records == 0 && r->rows_refused > 0)
		return ruad_fail(f->err, RUAD_BAD, RUAD_REP_NO_ROWS,
		    "report: all of its %u rows are refused; the first: %s",
		    r->rows_refused, r->refused_rows->text);
	if ((uint64_t)r->rows_refused * 10 > rows)
		warn(f, RUAD_REP_MANY_BAD_ROWS);
	for (i = 0; i < r->records; i++) {
		ruad_text from = ruad_report_record(r, i)->header_from;

		if (from == last || from == RUAD_ABSENT)
			continue;
		last = from;
		if (!is_within(&r->names[from], domain))
			warn(f, RUAD_ROW_FROM_OUTSIDE);
	}
	return RUAD_OK;
}

enum ruad_status
ruad_metadata_finish(struct ruad_report *r, const struct ruad_raw_report *raw,
    const struct ruad_hints *hints, const struct ruad_limits *lim,
    struct ruad_err *err)
{
	static enum ruad_status (*const steps[])(
	    struct finish *) = { read_version, read_contact, read_org,
		read_range, read_domain, read_policy, judge_rows,
		read_report_id };
	struct finish f = { r, raw, hints, lim, err };
	enum ruad_status st;
	size_t i;

	if (!raw->has_metadata && r->records + r->rows_refused == 0)
		return ruad_fail(err, RUAD_BAD, RUAD_REP_NO_METADATA,
		    "report: neither report_metadata nor a record in it");
	for (i = 0; i < sizeof(steps) / sizeof(*steps); i++)
		if ((st = steps[i](&f)) != RUAD_OK)
			return st;
	if (!compare_hints(&f) || !ruad_identity_hash(r, r->report_id))
		return ruad_fail_memory(err, "report");
	return RUAD_OK;
}
