/* view_policy.c - what a domain publishes, and published. */
#include "view.h"
#include <stdlib.h>
#include <string.h>
#include "history.h"
#include "record.h"
#include "rows.h"
#include "word.h"

static json_t *
word_json(const char *word)
{
	return word[0] != '\0' ? json_string(word) : json_null();
}

static json_t *
mode_json(enum ruad_mode mode)
{
	return mode == RUAD_MODE_UNKNOWN
	    ? json_null()
	    : json_string(mode == RUAD_MODE_STRICT ? "s" : "r");
}

json_t *
ruad_view_policy(const struct ruad_roll_published *p)
{
	const struct ruad_rehearse_policy *is = &p->policy;

	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:b, s:s?, s:o}", "p",
	    word_json(ruad_policy_word(is->p)), "sp",
	    word_json(ruad_policy_word(is->sp)), "np",
	    word_json(ruad_policy_word(is->np)), "adkim", mode_json(is->adkim),
	    "aspf", mode_json(is->aspf), "pct",
	    p->pct >= 0 ? json_integer(p->pct) : json_null(), "testing",
	    p->testing, "source",
	    !p->found       ? NULL
		: p->in_dns ? "dns"
			    : "reports",
	    "inherited_from", word_json(p->inherited_from));
}

enum ruad_status
ruad_view_standing(const struct ruad_view *v, json_t **out,
    struct ruad_err *err)
{
	json_t *args = json_pack("{s:s}", "d", v->domain);
	enum ruad_status st = ruad_json_first(v->db,
	    "SELECT state, code, text, record, "
	    "strftime('%Y-%m-%dT%H:%M:%SZ', last_epoch, 'unixepoch')"
	    " AS checked, "
	    "strftime('%Y-%m-%dT%H:%M:%SZ', first_epoch, 'unixepoch')"
	    " AS since"
	    " FROM record_history WHERE domain = :d"
	    " ORDER BY first_epoch DESC LIMIT 1",
	    args, out, err);

	json_decref(args);
	if (st == RUAD_OK && json_object_size(*out) == 0) {
		json_decref(*out);
		*out = json_null();
	}
	return st;
}

/* The tags of a record that markers tell. */
static const enum ruad_record_tag told[] = { RUAD_TAG_P, RUAD_TAG_SP,
	RUAD_TAG_ADKIM, RUAD_TAG_ASPF };

/* The value of a tag, in lower case as all of these are; null: absent, or
 * nothing that there is. */
static json_t *
tag_json(const struct ruad_dmarc_record *r, enum ruad_record_tag tag)
{
	static const char *const known[] = { "none", "quarantine", "reject",
		"r", "s" };
	size_t len, n = tag == RUAD_TAG_P || tag == RUAD_TAG_SP ? 0 : 3;
	size_t end = n == 0 ? 3 : 5;
	const char *value = ruad_record_value(r, tag, &len);

	for (; value != NULL && n < end; n++) {
		if (strlen(known[n]) == len &&
		    strncasecmp(known[n], value, len) == 0)
			return json_string(known[n]);
	}
	return json_null();
}

/* Which tags differ between two records, either of which may be NULL. */
static json_t *
changed_tags(const struct ruad_dmarc_record *a,
    const struct ruad_dmarc_record *b)
{
	json_t *list = json_array();

	for (int t = 0; t < RUAD_TAG_COUNT; t++) {
		enum ruad_record_tag tag = (enum ruad_record_tag)t;
		size_t alen = 0, blen = 0;
		const char *av =
		    a != NULL ? ruad_record_value(a, tag, &alen) : NULL;
		const char *bv =
		    b != NULL ? ruad_record_value(b, tag, &blen) : NULL;

		if ((av == NULL) != (bv == NULL) ||
		    (av != NULL && (alen != blen || memcmp(av, bv, alen) != 0)))
			json_array_append_new(list,
			    json_string(ruad_record_tag_name(tag)));
	}
	return list;
}

/* Fill in what a record says, beside that of the row before. */
static enum ruad_status
explain(json_t *row, struct ruad_dmarc_record **last, struct ruad_err *err)
{
	const char *text = json_string_value(json_object_get(row, "record"));
	struct ruad_dmarc_record *now = NULL;
	enum ruad_status st = RUAD_OK;

	if (text != NULL)
		st = ruad_record_read(text, strlen(text), &now, err);
	if (st != RUAD_OK)
		return st;
	for (size_t i = 0; i < sizeof(told) / sizeof(told[0]); i++)
		json_object_set_new(row, ruad_record_tag_name(told[i]),
		    now != NULL ? tag_json(now, told[i]) : json_null());
	json_object_set_new(row, "changed", changed_tags(*last, now));
	ruad_record_free(last);
	*last = now;
	return RUAD_OK;
}

/* Rows of before the first day are read for what they are compared with; a day
 * with no row has no marker, and the first of all is one. */
enum ruad_status
ruad_view_markers(const struct ruad_view *v, json_t **out, struct ruad_err *err)
{
	json_t *args, *all = NULL, *row;
	struct ruad_dmarc_record *last = NULL;
	enum ruad_status st = ruad_view_args(v, &args, err);
	size_t i;

	*out = json_array();
	if (st == RUAD_OK)
		st = ruad_json_all(v->db,
		    "SELECT "
		    "date((first_epoch / 86400) * 86400, 'unixepoch')"
		    " AS day, "
		    "strftime('%Y-%m-%dT%H:%M:%SZ', first_epoch, 'unixepoch')"
		    " AS time, record, state,"
		    " first_epoch / 86400 >= :from AS within"
		    " FROM record_history WHERE domain = :d"
		    " AND first_epoch / 86400 <= :to ORDER BY first_epoch",
		    args, &all, err);
	json_decref(args);
	for (i = 0; st == RUAD_OK && i < json_array_size(all); i++) {
		row = json_array_get(all, i);
		st = explain(row, &last, err);
		if (json_integer_value(json_object_get(row, "within")) != 0)
			json_array_append(*out, row);
		json_object_del(row, "within");
	}
	ruad_record_free(&last);
	json_decref(all);
	if (st == RUAD_OK)
		return RUAD_OK;
	json_decref(*out);
	*out = NULL;
	return st;
}
