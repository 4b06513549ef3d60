/* row.c - the rules for rows: RFC 7489 appendix C and RFC 9990 section 3.1.3,
 * and what to do with rows that break them. A row is refused alone; its report
 * stays. Invariant: what refers to the row (raw words, sets) reaches the report
 * only in ruad_row_end(). */
#include "row.h"
#include "intern.h"
#include "names.h"
#include "text.h"
#include "value.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define REMARK_BYTES 1025u /* human_result, comment: 1024 and the NUL */
#define SELECTOR_BYTES 256u
#define WORD_BYTES 256u
#define REFUSED_ROWS_KEPT 100u

struct ruad_row {
	struct ruad_report *report; /* borrowed */
	const struct ruad_limits *lim; /* borrowed */
	struct ruad_intern *auth_sets, *reason_sets;
	uint32_t auth_cap, reason_cap, block_cap;
	uint32_t seen_rows;
	struct ruad_refused_row **refused_tail;
	uint32_t refused_kept;

	/* of the record at hand */
	struct ruad_record rec;
	uint64_t met, seen; /* elements so far, and with a value; by number */
	enum ruad_code refusal;
	char refusal_text[160];
	struct ruad_raw_word *raw_words;
	struct ruad_auth *auth; /* lim->dkim_per_record, and as many spf */
	uint32_t auth_count, dkim_count, spf_count;
	struct ruad_reason *reason;
	uint32_t reason_count;
	struct ruad_auth cur_auth;
	struct ruad_reason cur_reason;
	bool dropping; /* the dkim, spf or reason at hand is over the limit */
};

static void
warn(struct ruad_row *row, enum ruad_code code)
{
	ruad_warn(&row->report->warnings, code);
}

static void
refuse(struct ruad_row *row, enum ruad_code code, const char *what,
    const char *text, size_t len)
{
	char shown[80];

	if (row->refusal != RUAD_CODE_NONE)
		return;
	row->refusal = code;
	ruad_text_escape(shown, sizeof(shown), text, len);
	snprintf(row->refusal_text, sizeof(row->refusal_text),
	    "row %" PRIu32 ": %s \"%s\": %s", row->seen_rows, what, shown,
	    ruad_code_help(code));
}

struct ruad_row *
ruad_row_new(struct ruad_report *r, const struct ruad_limits *lim)
{
	struct ruad_row *row = ruad_arena_alloc(r->arena, sizeof(*row));
	const void *copy;

	if (row == NULL)
		return NULL;
	row->report = r;
	row->lim = lim;
	row->refused_tail = &r->refused_rows;
	row->auth_sets = ruad_intern_new(r->arena);
	row->reason_sets = ruad_intern_new(r->arena);
	row->auth = ruad_arena_alloc(r->arena,
	    2 * lim->dkim_per_record * sizeof(*row->auth));
	row->reason = ruad_arena_alloc(r->arena,
	    lim->reasons_per_record * sizeof(*row->reason));
	row->auth_cap = row->reason_cap = 16;
	r->auth_sets =
	    ruad_arena_alloc(r->arena, row->auth_cap * sizeof(*r->auth_sets));
	r->reason_sets = ruad_arena_alloc(r->arena,
	    row->reason_cap * sizeof(*r->reason_sets));
	if (row->auth_sets == NULL || row->reason_sets == NULL ||
	    row->auth == NULL || row->reason == NULL || r->auth_sets == NULL ||
	    r->reason_sets == NULL)
		return NULL;
	/* Set 0 of both is empty. */
	if (ruad_intern_put(row->auth_sets, "", 0, &copy) != 0 ||
	    ruad_intern_put(row->reason_sets, "", 0, &copy) != 0)
		return NULL;
	r->auth_set_count = r->reason_set_count = 1;
	return row;
}

void
ruad_row_begin(struct ruad_row *row)
{
	struct ruad_record fresh = { .header_from = RUAD_ABSENT,
		.envelope_from = RUAD_ABSENT,
		.envelope_to = RUAD_ABSENT };

	row->rec = fresh;
	row->rec.row_no = ++row->seen_rows;
	row->met = row->seen = 0;
	row->refusal = RUAD_CODE_NONE;
	row->raw_words = NULL;
	row->auth_count = row->dkim_count = row->spf_count = 0;
	row->reason_count = 0;
}

static void
forget(struct ruad_row *row, enum ruad_element first, enum ruad_element last)
{
	unsigned el;

	for (el = first; el <= last; el++) {
		row->met &= ~(UINT64_C(1) << el);
		row->seen &= ~(UINT64_C(1) << el);
	}
}

static void
open_auth(struct ruad_row *row, enum ruad_method method)
{
	uint32_t *count =
	    method == RUAD_METHOD_DKIM ? &row->dkim_count : &row->spf_count;
	struct ruad_auth fresh = { .method = method,
		.result = RUAD_RESULT_NONE,
		.scope = method == RUAD_METHOD_SPF ? RUAD_SCOPE_MFROM
						   : RUAD_SCOPE_UNKNOWN,
		.domain = RUAD_ABSENT,
		.selector = RUAD_ABSENT,
		.result_raw = RUAD_ABSENT,
		.human_result = RUAD_ABSENT };

	row->cur_auth = fresh;
	row->dropping = *count >= row->lim->dkim_per_record;
	if (row->dropping)
		warn(row, RUAD_ROW_LIST_CUT);
	else
		(*count)++;
}

void
ruad_row_open(struct ruad_row *row, enum ruad_element el)
{
	static const struct ruad_reason fresh = { .type_raw = RUAD_ABSENT,
		.comment = RUAD_ABSENT };

	if (el == RUAD_EL_DKIM) {
		forget(row, RUAD_EL_DKIM_DOMAIN, RUAD_EL_DKIM_HUMAN);
		open_auth(row, RUAD_METHOD_DKIM);
	} else if (el == RUAD_EL_SPF) {
		forget(row, RUAD_EL_SPF_DOMAIN, RUAD_EL_SPF_HUMAN);
		open_auth(row, RUAD_METHOD_SPF);
	} else if (el == RUAD_EL_REASON) {
		forget(row, RUAD_EL_REASON_TYPE, RUAD_EL_REASON_COMMENT);
		row->cur_reason = fresh;
		row->dropping =
		    row->reason_count >= row->lim->reasons_per_record;
	}
}

/* Intern a text for people, without control characters and cut to cap. */
static bool
remark(struct ruad_row *row, const char *s, size_t len, size_t cap,
    ruad_text *out)
{
	char clean[REMARK_BYTES];
	bool cut;
	size_t n = ruad_text_clean(clean,
	    cap < sizeof(clean) ? cap : sizeof(clean), s, len, &cut);

	if (cut)
		warn(row, RUAD_REP_TEXT_CUT);
	if (n == 0)
		return true; /* nothing that shows: as good as absent */
	*out = ruad_names_text(row->report, clean, n);
	return *out != RUAD_ABSENT;
}

/* Intern a word that was not understood, or is none of the canonical ones. */
static bool
raw_word(struct ruad_row *row, const char *s, size_t len, ruad_text *out)
{
	char shown[WORD_BYTES];
	bool cut;
	size_t n = ruad_text_show(shown, sizeof(shown), s, len, &cut);

	if (cut)
		warn(row, RUAD_REP_TEXT_CUT);
	*out = ruad_names_text(row->report, shown, n);
	return *out != RUAD_ABSENT;
}

/* Keep a word that was replaced by a canonical one. */
static bool
keep_raw(struct ruad_row *row, const char *field, const char *s, size_t len)
{
	struct ruad_raw_word *w;
	char shown[WORD_BYTES];

	w = ruad_arena_alloc(row->report->arena, sizeof(*w));
	if (w == NULL)
		return false;
	ruad_text_show(shown, sizeof(shown), s, len, NULL);
	w->word = ruad_arena_strdup(row->report->arena, shown);
	w->field = field;
	w->row_no = row->rec.row_no;
	w->next = row->raw_words;
	row->raw_words = w;
	return w->word != NULL;
}

static bool
leaf_disposition(struct ruad_row *row, const char *s, size_t len)
{
	struct ruad_word_value v = ruad_value_disposition(s, len);

	row->rec.disposition = (uint8_t)v.value;
	if (v.fit == RUAD_FIT_EXACT)
		return true;
	if (v.fit == RUAD_FIT_UNKNOWN)
		warn(row, RUAD_ROW_DISPOSITION);
	return keep_raw(row, "disposition", s, len);
}

static bool
leaf_verdict(struct ruad_row *row, const char *field, uint8_t *verdict,
    const char *s, size_t len)
{
	struct ruad_word_value v = ruad_value_verdict(s, len);

	*verdict = (uint8_t)v.value;
	if (v.fit == RUAD_FIT_EXACT)
		return true;
	if (v.fit != RUAD_FIT_SYNONYM)
		warn(row, RUAD_ROW_ALIGN_VALUE);
	return keep_raw(row, field, s, len);
}

static bool
leaf_result(struct ruad_row *row, const char *s, size_t len)
{
	bool dkim = row->cur_auth.method == RUAD_METHOD_DKIM;
	struct ruad_word_value v = dkim ? ruad_value_dkim_result(s, len)
					: ruad_value_spf_result(s, len);

	row->cur_auth.result = (enum ruad_result)v.value;
	if (v.fit == RUAD_FIT_EXACT)
		return true;
	if (v.fit == RUAD_FIT_UNKNOWN)
		warn(row, dkim ? RUAD_ROW_DKIM_RESULT : RUAD_ROW_SPF_RESULT);
	return raw_word(row, s, len, &row->cur_auth.result_raw);
}

static bool
leaf_scope(struct ruad_row *row, const char *s, size_t len)
{
	struct ruad_word_value v = ruad_value_scope(s, len);

	row->cur_auth.scope = v.fit == RUAD_FIT_UNKNOWN
	    ? RUAD_SCOPE_MFROM
	    : (enum ruad_scope)v.value;
	if (v.fit == RUAD_FIT_EXACT)
		return true;
	if (v.fit == RUAD_FIT_UNKNOWN)
		warn(row, RUAD_ROW_SPF_RESULT);
	return keep_raw(row, "scope", s, len);
}

static bool
leaf_reason_type(struct ruad_row *row, const char *s, size_t len)
{
	struct ruad_word_value v = ruad_value_reason(s, len);

	row->cur_reason.type = v.fit == RUAD_FIT_UNKNOWN
	    ? RUAD_REASON_OTHER
	    : (enum ruad_reason_type)v.value;
	if (v.fit == RUAD_FIT_EXACT)
		return true;
	if (v.fit == RUAD_FIT_UNKNOWN)
		warn(row, RUAD_ROW_REASON);
	return raw_word(row, s, len, &row->cur_reason.type_raw);
}

static void
leaf_ip(struct ruad_row *row, const char *s, size_t len)
{
	bool special;

	if (!ruad_value_ip(s, len, row->rec.ip, &special))
		refuse(row, RUAD_ROW_IP, "source_ip", s, len);
	else if (special)
		warn(row, RUAD_ROW_IP_SPECIAL);
}

static void
leaf_count(struct ruad_row *row, const char *s, size_t len)
{
	enum ruad_code code = ruad_value_count(s, len, &row->rec.messages);

	if (code != RUAD_CODE_NONE)
		refuse(row, code, "count", s, len);
}

static bool
leaf_domain(struct ruad_row *row, ruad_text *out, const char *s, size_t len)
{
	return ruad_names_domain(row->report, s, len, out);
}

/* An empty envelope_from is said: the null reverse-path. Any other empty leaf
 * is absent. */
static bool
leaf_empty(struct ruad_row *row, enum ruad_element el)
{
	if (el != RUAD_EL_ENVELOPE_FROM ||
	    row->rec.envelope_from != RUAD_ABSENT)
		return true;
	row->rec.envelope_from = ruad_names_text(row->report, "", 0);
	return row->rec.envelope_from != RUAD_ABSENT;
}

bool
ruad_row_leaf(struct ruad_row *row, enum ruad_element el, const char *s,
    size_t len)
{
	uint64_t bit = UINT64_C(1) << el;

	if (row->met & bit)
		warn(row, RUAD_XML_DUP_ELEMENT);
	row->met |= bit;
	/* "<>" is how SMTP writes the null reverse-path. */
	if (len == 0 ||
	    (el == RUAD_EL_ENVELOPE_FROM && ruad_text_is(s, len, "<>")))
		return leaf_empty(row, el);
	if (row->seen & bit)
		return true;
	row->seen |= bit;
	switch (el) {
	case RUAD_EL_SOURCE_IP:
		leaf_ip(row, s, len);
		return true;
	case RUAD_EL_COUNT:
		leaf_count(row, s, len);
		return true;
	case RUAD_EL_DISPOSITION:
		return leaf_disposition(row, s, len);
	case RUAD_EL_EVAL_DKIM:
		return leaf_verdict(row, "dkim", &row->rec.dkim, s, len);
	case RUAD_EL_EVAL_SPF:
		return leaf_verdict(row, "spf", &row->rec.spf, s, len);
	case RUAD_EL_REASON_TYPE:
		return leaf_reason_type(row, s, len);
	case RUAD_EL_REASON_COMMENT:
		return remark(row, s, len, REMARK_BYTES,
		    &row->cur_reason.comment);
	case RUAD_EL_HEADER_FROM:
		return leaf_domain(row, &row->rec.header_from, s, len);
	case RUAD_EL_ENVELOPE_FROM:
		return leaf_domain(row, &row->rec.envelope_from, s, len);
	case RUAD_EL_ENVELOPE_TO:
		return leaf_domain(row, &row->rec.envelope_to, s, len);
	case RUAD_EL_DKIM_DOMAIN:
	case RUAD_EL_SPF_DOMAIN:
		return leaf_domain(row, &row->cur_auth.domain, s, len);
	case RUAD_EL_DKIM_SELECTOR:
		return remark(row, s, len, SELECTOR_BYTES,
		    &row->cur_auth.selector);
	case RUAD_EL_DKIM_RESULT:
	case RUAD_EL_SPF_RESULT:
		return leaf_result(row, s, len);
	case RUAD_EL_SPF_SCOPE:
		return leaf_scope(row, s, len);
	case RUAD_EL_DKIM_HUMAN:
	case RUAD_EL_SPF_HUMAN:
		return remark(row, s, len, REMARK_BYTES,
		    &row->cur_auth.human_result);
	default:
		return true;
	}
}

bool
ruad_row_has(const struct ruad_row *row, enum ruad_element el)
{
	return row->seen & UINT64_C(1) << el ||
	    (el == RUAD_EL_ENVELOPE_FROM &&
		row->rec.envelope_from != RUAD_ABSENT);
}

/* Drop the raw words of the verdict: all but those of results. */
static void
drop_verdict_words(struct ruad_row *row)
{
	struct ruad_raw_word **at = &row->raw_words;

	while (*at != NULL)
		if (strcmp((*at)->field, "scope") == 0)
			at = &(*at)->next;
		else
			*at = (*at)->next;
}

void
ruad_row_drop(struct ruad_row *row, enum ruad_element el)
{
	if (el == RUAD_EL_IDENTIFIERS) {
		forget(row, RUAD_EL_HEADER_FROM, RUAD_EL_ENVELOPE_TO);
		row->rec.header_from = row->rec.envelope_from =
		    row->rec.envelope_to = RUAD_ABSENT;
		return;
	}
	if (el == RUAD_EL_ROW) {
		forget(row, RUAD_EL_SOURCE_IP, RUAD_EL_COUNT);
		row->rec.messages = 0;
		row->refusal = RUAD_CODE_NONE;
	}
	forget(row, RUAD_EL_DISPOSITION, RUAD_EL_REASON_COMMENT);
	row->rec.disposition = row->rec.dkim = row->rec.spf = 0;
	row->reason_count = 0;
	drop_verdict_words(row);
}

/* A reason that consists of text alone: a known type, or a comment. */
static bool
plain_reason(struct ruad_row *row, const char *s, size_t len)
{
	struct ruad_word_value v = ruad_value_reason(s, len);

	if (v.fit != RUAD_FIT_UNKNOWN) {
		row->cur_reason.type = (enum ruad_reason_type)v.value;
		return true;
	}
	row->cur_reason.type = RUAD_REASON_OTHER;
	return remark(row, s, len, REMARK_BYTES, &row->cur_reason.comment);
}

static bool
close_reason(struct ruad_row *row, const char *s, size_t len)
{
	struct ruad_reason *r = &row->cur_reason;

	if (r->type == 0 && r->comment == RUAD_ABSENT && len > 0 &&
	    !plain_reason(row, s, len))
		return false;
	/* An empty reason says nothing; several reporters send one always. */
	if (r->type == 0 && r->comment == RUAD_ABSENT)
		return true;
	if (row->dropping) {
		warn(row, RUAD_ROW_LIST_CUT);
		return true;
	}
	if (r->type == 0)
		r->type = RUAD_REASON_OTHER;
	row->reason[row->reason_count++] = *r;
	return true;
}

bool
ruad_row_close(struct ruad_row *row, enum ruad_element el, const char *s,
    size_t len)
{
	if (el == RUAD_EL_REASON)
		return close_reason(row, s, len);
	if ((el == RUAD_EL_DKIM || el == RUAD_EL_SPF) && !row->dropping)
		row->auth[row->auth_count++] = row->cur_auth;
	return true;
}

/* The index of the list of results at hand among those of the report. */
static bool
put_auth_set(struct ruad_row *row)
{
	struct ruad_report *r = row->report;
	const void *copy;
	uint32_t i = ruad_intern_put(row->auth_sets, row->auth,
	    row->auth_count * sizeof(*row->auth), &copy);
	struct ruad_auth_set *bigger;

	if (i == RUAD_INTERN_FAILED)
		return false;
	row->rec.auth_set = i;
	if (i < r->auth_set_count)
		return true;
	if (i == row->auth_cap) {
		bigger = ruad_arena_alloc(r->arena, 2 * i * sizeof(*bigger));
		if (bigger == NULL)
			return false;
		memcpy(bigger, r->auth_sets, i * sizeof(*bigger));
		r->auth_sets = bigger;
		row->auth_cap = 2 * i;
	}
	r->auth_sets[i] = (struct ruad_auth_set){ copy, row->auth_count };
	r->auth_set_count = i + 1;
	return true;
}

static bool
put_reason_set(struct ruad_row *row)
{
	struct ruad_report *r = row->report;
	const void *copy;
	uint32_t i = ruad_intern_put(row->reason_sets, row->reason,
	    row->reason_count * sizeof(*row->reason), &copy);
	struct ruad_reason_set *bigger;

	if (i == RUAD_INTERN_FAILED)
		return false;
	row->rec.reason_set = i;
	if (i < r->reason_set_count)
		return true;
	if (i == row->reason_cap) {
		bigger = ruad_arena_alloc(r->arena, 2 * i * sizeof(*bigger));
		if (bigger == NULL)
			return false;
		memcpy(bigger, r->reason_sets, i * sizeof(*bigger));
		r->reason_sets = bigger;
		row->reason_cap = 2 * i;
	}
	r->reason_sets[i] = (struct ruad_reason_set){ copy, row->reason_count };
	r->reason_set_count = i + 1;
	return true;
}

/* Append the record at hand to the blocks of the report. */
static bool
append(struct ruad_row *row)
{
	struct ruad_report *r = row->report;
	uint32_t block = r->records / RUAD_RECORD_BLOCK;
	struct ruad_record **bigger;

	if (r->records % RUAD_RECORD_BLOCK == 0) {
		if (block == row->block_cap) {
			uint32_t cap = block == 0 ? 16 : 2 * block;

			bigger =
			    ruad_arena_alloc(r->arena, cap * sizeof(*bigger));
			if (bigger == NULL)
				return false;
			if (block > 0)
				memcpy(bigger, r->record_blocks,
				    block * sizeof(*bigger));
			r->record_blocks = bigger;
			row->block_cap = cap;
		}
		r->record_blocks[block] = ruad_arena_alloc(r->arena,
		    RUAD_RECORD_BLOCK * sizeof(**r->record_blocks));
		if (r->record_blocks[block] == NULL)
			return false;
	}
	r->record_blocks[block][r->records % RUAD_RECORD_BLOCK] = row->rec;
	r->records++;
	r->messages += row->rec.messages;
	return true;
}

static bool
end_refused(struct ruad_row *row)
{
	struct ruad_report *r = row->report;
	struct ruad_refused_row *f;

	r->rows_refused++;
	if (row->refused_kept == REFUSED_ROWS_KEPT)
		return true;
	f = ruad_arena_alloc(r->arena, sizeof(*f));
	if (f == NULL)
		return false;
	f->row_no = row->rec.row_no;
	f->code = row->refusal;
	f->text = ruad_arena_strdup(r->arena, row->refusal_text);
	*row->refused_tail = f;
	row->refused_tail = &f->next;
	row->refused_kept++;
	return f->text != NULL;
}

static bool
end_kept(struct ruad_row *row)
{
	struct ruad_report *r = row->report;
	struct ruad_raw_word *w;

	if (row->rec.header_from == RUAD_ABSENT)
		warn(row, RUAD_ROW_NO_FROM);
	while ((w = row->raw_words) != NULL) {
		row->raw_words = w->next;
		w->next = r->raw_words;
		r->raw_words = w;
	}
	return put_auth_set(row) && put_reason_set(row) && append(row);
}

bool
ruad_row_end(struct ruad_row *row)
{
	bool has_ip = row->seen & UINT64_C(1) << RUAD_EL_SOURCE_IP;
	bool has_count = row->seen & UINT64_C(1) << RUAD_EL_COUNT;

	/* A "null report" has one row for no message from nowhere. */
	if (!has_ip && has_count && row->refusal == RUAD_CODE_NONE &&
	    row->rec.messages == 0)
		return true;
	if (!has_ip)
		refuse(row, RUAD_ROW_IP_MISSING, "source_ip", "", 0);
	if (!has_count)
		refuse(row, RUAD_ROW_COUNT, "count", "", 0);
	if (row->refusal != RUAD_CODE_NONE)
		return end_refused(row);
	if (row->rec.messages == 0) {
		warn(row, RUAD_ROW_COUNT_ZERO);
		return true;
	}
	return end_kept(row);
}

uint32_t
ruad_row_count(const struct ruad_row *row)
{
	return row->seen_rows;
}
