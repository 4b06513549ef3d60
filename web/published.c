/* published.c - see published.h. The history has a row for all the time in
 * which DNS had the same. */
#include "published.h"
#include <stdlib.h>
#include <string.h>
#include "describe.h"
#include "fields.h"
#include "record.h"
#include "seen.h"
#include "word.h"

static const struct ruad_member dns_fields[] = {
	{ "record", RUAD_MEMBER_TEXT },
	{ "record_name", RUAD_MEMBER_TEXT },
	{ "first_utc", RUAD_MEMBER_TEXT },
	{ "last_utc", RUAD_MEMBER_TEXT },
};

static const char *
member(const json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));

	return text != NULL ? text : "";
}

static enum ruad_policy
policy_of(const json_t *object, const char *name)
{
	int v = RUAD_POLICY_REJECT;

	while (v > RUAD_POLICY_UNKNOWN &&
	    strcmp(ruad_policy_word((enum ruad_policy)v),
		member(object, name)) != 0)
		v--;
	return (enum ruad_policy)v;
}

static enum ruad_mode
mode_of(const json_t *object, const char *name)
{
	int v = RUAD_MODE_STRICT;

	while (v > RUAD_MODE_UNKNOWN &&
	    strcmp(ruad_mode_word((enum ruad_mode)v), member(object, name)) !=
		0)
		v--;
	return (enum ruad_mode)v;
}

/* What a reading of the record has for a tag, as JSON. */
static json_t *
wanted(const struct ruad_reading *a, enum ruad_record_tag tag)
{
	switch (tag) {
	case RUAD_TAG_P:
		return json_string(ruad_policy_word(a->p));
	case RUAD_TAG_SP:
		return json_string(ruad_policy_word(a->sp));
	case RUAD_TAG_ADKIM:
		return json_string(ruad_mode_word(a->adkim));
	case RUAD_TAG_ASPF:
		return json_string(ruad_mode_word(a->aspf));
	default:
		return json_sprintf("%d", a->pct);
	}
}

static json_t *
seen_json(const json_t *policy, const char *name)
{
	const json_t *value = json_object_get(policy, name);

	if (json_is_integer(value))
		return json_sprintf("%" JSON_INTEGER_FORMAT,
		    json_integer_value(value));
	return json_string(member(policy, name));
}

/* The tags that differ, one by one. */
static void
add_differences(json_t *list, unsigned set, const json_t *policy,
    const struct ruad_reading *a)
{
	for (int i = 0; i < RUAD_TAG_COUNT; i++) {
		enum ruad_record_tag tag = (enum ruad_record_tag)i;
		const char *name = ruad_record_tag_name(tag);

		if ((set & 1u << i) != 0)
			json_array_append_new(list,
			    json_pack("{s:s, s:o, s:o}", "tag", name,
				"reported", seen_json(policy, name), "dns",
				wanted(a, tag)));
	}
}

/* A reporter of either generation may be right. */
static enum ruad_status
compare(const char *text, const json_t *policy, json_t *list,
    struct ruad_err *err)
{
	const json_t *pct = json_object_get(policy, "pct");
	struct ruad_seen_policy seen = { .p = policy_of(policy, "p"),
		.sp = policy_of(policy, "sp"),
		.adkim = mode_of(policy, "adkim"),
		.aspf = mode_of(policy, "aspf"),
		.pct =
		    json_is_integer(pct) ? (int)json_integer_value(pct) : -1 };
	const struct ruad_reading *old, *new;
	struct ruad_dmarc_record *r;
	enum ruad_status st = ruad_record_read(text, strlen(text), &r, err);

	if (st != RUAD_OK)
		return st;
	old = ruad_record_reading(r, RUAD_RFC_7489);
	new = ruad_record_reading(r, RUAD_RFC_9989);
	if (old->state != RUAD_RECORD_IGNORED &&
	    new->state != RUAD_RECORD_IGNORED &&
	    ruad_seen_differences(&seen, new) != 0)
		add_differences(list, ruad_seen_differences(&seen, old), policy,
		    old);
	ruad_record_free(&r);
	return RUAD_OK;
}

enum ruad_status
ruad_published_compare(struct ruad_query *q, const char *domain, int64_t epoch,
    const json_t *policy, json_t **dns_out, json_t **differences_out,
    struct ruad_err *err)
{
	struct ruad_filter f = RUAD_FILTER_ALL;
	struct ruad_rows *rows;
	enum ruad_status st;

	*dns_out = NULL;
	*differences_out = json_array();
	f.domain = domain;
	f.after_epoch = epoch + 1;
	f.limit = 1;
	st = ruad_query_ask(q, RUAD_ASK_HISTORY, &f, &rows, err);
	if (st == RUAD_OK)
		st = ruad_rows_next(rows, err);
	if (st == RUAD_OK) {
		*dns_out = ruad_fields_row(rows, dns_fields, 4);
		if (!ruad_rows_is_null(rows, "record"))
			st = compare(ruad_rows_text(rows, "record"), policy,
			    *differences_out, err);
	} else if (st == RUAD_END) {
		*dns_out = json_null();
		st = RUAD_OK;
	}
	return st;
}

/* NULL for none, and for what is none. */
static struct ruad_dmarc_record *
read_record(const char *text)
{
	struct ruad_dmarc_record *r = NULL;
	struct ruad_err err;

	if (text == NULL ||
	    ruad_record_read(text, strlen(text), &r, &err) != RUAD_OK)
		return NULL;
	return r;
}

static json_t *
value_json(const struct ruad_dmarc_record *r, enum ruad_record_tag tag)
{
	const char *s = NULL;
	json_t *value;
	char *copy;
	size_t len;

	if (r != NULL)
		s = ruad_record_value(r, tag, &len);
	if (s == NULL)
		return json_null();
	copy = strndup(s, len);
	value = copy != NULL ? ruad_describe_text(copy) : NULL;
	free(copy);
	return value;
}

json_t *
ruad_published_changes(const char *before, const char *after)
{
	struct ruad_dmarc_record *a = read_record(before);
	struct ruad_dmarc_record *b = read_record(after);
	json_t *list = json_array();

	for (int i = RUAD_TAG_P; i < RUAD_TAG_COUNT && list != NULL; i++) {
		enum ruad_record_tag tag = (enum ruad_record_tag)i;
		json_t *old = value_json(a, tag), *new = value_json(b, tag);

		if (json_equal(old, new) == 0)
			json_array_append_new(list,
			    json_pack("{s:s, s:O, s:O}", "tag",
				ruad_record_tag_name(tag), "before", old,
				"after", new));
		json_decref(old);
		json_decref(new);
	}
	ruad_record_free(&a);
	ruad_record_free(&b);
	return list;
}
