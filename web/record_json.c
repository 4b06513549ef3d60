/* record_json.c - see record_json.h. What DNS says is text of others. */
#include "record_json.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "describe.h"
#include "fields.h"
#include "tag.h"
#include "word.h"

enum { TAGS_MAX = 100 };

const char *
ruad_json_outcome(enum ruad_dns_outcome outcome)
{
	static const char *const words[] = {
		[RUAD_DNS_FOUND] = "found",
		[RUAD_DNS_NO_DATA] = "no_data",
		[RUAD_DNS_NO_NAME] = "no_name",
		[RUAD_DNS_BOGUS] = "bogus",
		[RUAD_DNS_FAILED] = "failed",
		[RUAD_DNS_TIMEOUT] = "timeout",
	};

	return words[outcome];
}

const char *
ruad_json_proof(enum ruad_dns_proof proof)
{
	static const char *const words[] = {
		[RUAD_DNS_UNCHECKED] = "unchecked",
		[RUAD_DNS_UNSIGNED] = "unsigned",
		[RUAD_DNS_PROVEN] = "valid",
	};

	return words[proof];
}

json_t *
ruad_json_policy(enum ruad_policy policy)
{
	return policy != RUAD_POLICY_UNKNOWN
	    ? json_string(ruad_policy_word(policy))
	    : json_null();
}

static json_t *
place(size_t at, size_t n)
{
	return at != RUAD_NOWHERE ? json_integer((json_int_t)n) : json_null();
}

json_t *
ruad_json_remarks(const struct ruad_remarks *list, enum ruad_severity least)
{
	json_t *out = json_array();

	for (size_t i = 0; i < list->count && out != NULL; i++) {
		const struct ruad_remark *m = &list->item[i];

		if (m->severity < least)
			continue;
		json_array_append_new(out,
		    json_pack("{s:s, s:s, s:s, s:o, s:o, s:s}", "code",
			ruad_remark_name(m->code), "severity",
			ruad_severity_word(m->severity), "of",
			ruad_remark_of(m->of), "pos", place(m->at, m->at),
			"len", place(m->at, m->len), "text", m->text));
	}
	return out;
}

static json_t *
fo_json(unsigned set)
{
	static const struct {
		unsigned bit;
		const char *word;
	} words[] = { { RUAD_FO_0, "0" }, { RUAD_FO_1, "1" },
		{ RUAD_FO_D, "d" }, { RUAD_FO_S, "s" } };
	json_t *list = json_array();

	for (size_t i = 0; i < 4; i++) {
		if ((set & words[i].bit) != 0)
			json_array_append_new(list, json_string(words[i].word));
	}
	return list;
}

/* The members that only a record that counts has. */
static void
add_values(json_t *to, const struct ruad_reading *a)
{
	const char psd[] = { a->psd, '\0' };

	json_object_set_new(to, "p", ruad_json_policy(a->p));
	json_object_set_new(to, "sp", ruad_json_policy(a->sp));
	json_object_set_new(to, "np", ruad_json_policy(a->np));
	json_object_set_new(to, "adkim",
	    ruad_fields_or_null(ruad_mode_word(a->adkim)));
	json_object_set_new(to, "aspf",
	    ruad_fields_or_null(ruad_mode_word(a->aspf)));
	json_object_set_new(to, "fo", fo_json(a->fo));
	json_object_set_new(to, "pct", json_integer(a->pct));
	json_object_set_new(to, "testing", json_boolean(a->testing));
	json_object_set_new(to, "psd", ruad_fields_or_null(psd));
}

json_t *
ruad_json_reading(const struct ruad_found *f, enum ruad_rfc rfc)
{
	static const char *const states[] = {
		[RUAD_FOUND_NOTHING] = "nothing",
		[RUAD_FOUND_POLICY] = "policy",
		[RUAD_FOUND_BAD] = "bad",
		[RUAD_FOUND_SEVERAL] = "several",
		[RUAD_FOUND_BOGUS] = "bogus",
		[RUAD_FOUND_UNKNOWN] = "unknown",
	};
	static const char *const nulls[] = { "p", "sp", "np", "adkim", "aspf",
		"pct", "testing", "psd" };
	bool good = f->state == RUAD_FOUND_POLICY;
	json_t *out = json_pack("{s:s, s:o, s:s?, s:s?, s:o}", "state",
	    states[f->state], "policy",
	    ruad_json_policy(good ? f->policy : RUAD_POLICY_UNKNOWN), "tag",
	    good ? ruad_record_tag_name(f->tag) : NULL, "record_domain",
	    f->at != NULL ? f->at->name : NULL, "org_domain",
	    ruad_fields_or_null(f->org_domain));

	if (out != NULL && good) {
		add_values(out, ruad_record_reading(f->at->record, rfc));
		return out;
	}
	for (size_t i = 0; out != NULL && i < 8; i++)
		json_object_set_new(out, nulls[i], json_null());
	if (out != NULL)
		json_object_set_new(out, "fo", json_array());
	return out;
}

/* What a tag of this name is for; NULL: there is none. */
static const char *
help_of(const char *text, const struct ruad_tag *t)
{
	for (int i = 0; i < RUAD_TAG_COUNT; i++) {
		enum ruad_record_tag tag = (enum ruad_record_tag)i;

		if (ruad_tag_named(text, t, ruad_record_tag_name(tag)))
			return ruad_record_tag_help(tag);
	}
	return NULL;
}

static json_t *
piece(const char *text, size_t at, size_t len)
{
	char *copy = strndup(text + at, len);
	json_t *value = copy != NULL ? ruad_describe_text(copy) : NULL;

	free(copy);
	return value;
}

json_t *
ruad_json_tags(const char *record)
{
	struct ruad_tag tags[TAGS_MAX];
	json_t *list = json_array();
	size_t n = record != NULL
	    ? ruad_tag_split(record, strlen(record), tags, TAGS_MAX)
	    : 0;

	for (size_t i = 0; i < n && list != NULL; i++) {
		const struct ruad_tag *t = &tags[i];

		if (t->len == 0)
			continue;
		json_array_append_new(list,
		    json_pack("{s:o, s:o, s:I, s:I, s:s?}", "tag",
			piece(record, t->at, t->len), "value",
			piece(record, t->value_at, t->value_len), "pos",
			(json_int_t)t->at, "value_pos", (json_int_t)t->value_at,
			"help", help_of(record, t)));
	}
	return list;
}

/* "a,b" or "1:d" as an array. */
static json_t *
list_json(const char *text, char between)
{
	const char stop[] = { between, '\0' };
	json_t *list = json_array();

	while (list != NULL && text != NULL && *text != '\0') {
		size_t len = strcspn(text, stop);

		json_array_append_new(list, piece(text, 0, len));
		text += len + (text[len] == between);
	}
	return list;
}

json_t *
ruad_json_draft(const struct ruad_draft *d)
{
	json_t *out = json_object();

	for (int i = RUAD_TAG_P; i < RUAD_TAG_COUNT && out != NULL; i++) {
		enum ruad_record_tag tag = (enum ruad_record_tag)i;
		const char *text = d->value[tag];
		json_t *value;

		if (tag == RUAD_TAG_RUA || tag == RUAD_TAG_RUF)
			value = list_json(text, ',');
		else if (tag == RUAD_TAG_FO)
			value = list_json(text, ':');
		else if (text != NULL &&
		    (tag == RUAD_TAG_PCT || tag == RUAD_TAG_RI))
			value = json_integer(strtoll(text, NULL, 10));
		else
			value = ruad_describe_text(text);
		json_object_set_new(out, ruad_record_tag_name(tag), value);
	}
	return out;
}

json_t *
ruad_json_data(const struct ruad_dns_answer *a, enum ruad_dns_type type)
{
	json_t *list = json_array();

	for (size_t i = 0; i < a->count && list != NULL; i++) {
		char host[256];
		size_t len;
		char *text;

		if (type == RUAD_DNS_MX && ruad_dns_mx(a, i, host))
			json_array_append_new(list, ruad_describe_text(host));
		if (type != RUAD_DNS_TXT ||
		    (text = ruad_dns_txt(a, i, &len)) == NULL)
			continue;
		json_array_append_new(list, ruad_describe_text(text));
		free(text);
	}
	return list;
}

json_t *
ruad_json_instructions(const struct ruad_publish_record *r)
{
	json_t *out = json_object();

	for (int i = 0; i < RUAD_PUBLISH_COUNT && out != NULL; i++) {
		enum ruad_publish_format format = (enum ruad_publish_format)i;
		char *text = NULL;
		size_t len;
		FILE *to = open_memstream(&text, &len);
		bool good = to != NULL && ruad_publish(to, format, r);

		if (to != NULL)
			good = fclose(to) == 0 && good;
		if (good)
			json_object_set_new(out, ruad_publish_word(format),
			    ruad_describe_text(text));
		free(text);
	}
	return out;
}
