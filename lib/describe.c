/* describe.c - see describe.h. */
#include "describe.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "emit.h"
#include "recall.h"

json_t *
ruad_describe_text(const char *text)
{
	json_t *value;
	char *escaped;

	if (text == NULL)
		return json_null();
	if (ruad_emit_is_utf8(text, strlen(text)))
		return json_string(text);
	escaped = ruad_emit_escaped(text, RUAD_EMIT_UTF8);
	value = escaped != NULL ? json_string(escaped) : NULL;
	free(escaped);
	return value;
}

json_t *
ruad_describe_code(enum ruad_code code)
{
	return code == RUAD_CODE_NONE ? json_null()
				      : json_string(ruad_code_name(code));
}

static json_t *
warnings_json(const struct ruad_warnings *set)
{
	json_t *array = json_array();
	enum ruad_code code;

	for (unsigned n = 0; (code = ruad_warnings_at(set, n)) != 0; n++)
		json_array_append_new(array, json_string(ruad_code_name(code)));
	return array;
}

static json_t *
number_json(bool known, int64_t n)
{
	return known ? json_integer(n) : json_null();
}

static json_t *
item_json(const struct ruad_item *item)
{
	static const struct ruad_warnings none;
	const struct ruad_report *r = item->report;
	bool known = r != NULL;

	return json_pack("{s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o,"
			 " s:o, s:o, s:o}",
	    "outcome", ruad_outcome_word(item->outcome), "code",
	    ruad_describe_code(item->code), "text",
	    ruad_describe_text(item->text), "report_key",
	    number_json(item->report_key != 0, item->report_key), "org_name",
	    ruad_describe_text(known ? r->org_name : NULL), "report_id",
	    ruad_describe_text(known ? r->report_id : NULL), "policy_domain",
	    ruad_describe_text(
		known ? ruad_report_text(r, r->policy_domain) : NULL),
	    "begin", number_json(known, known ? r->begin : 0), "end",
	    number_json(known, known ? r->end : 0), "records",
	    number_json(known, known ? r->records : 0), "rows_refused",
	    number_json(known, known ? r->rows_refused : 0), "messages",
	    number_json(known, known ? r->messages : 0), "warnings",
	    warnings_json(known ? &r->warnings : &none));
}

bool
ruad_describe_delivery(json_t *line, const struct ruad_delivery *d,
    const struct ruad_err *err)
{
	enum ruad_outcome outcome = d != NULL ? d->outcome
	    : err->status == RUAD_TEMP        ? RUAD_ERROR
					      : RUAD_REFUSED;
	json_t *reports = json_array();

	json_object_set_new(line, "outcome",
	    json_string(ruad_outcome_word(outcome)));
	json_object_set_new(line, "code",
	    ruad_describe_code(d != NULL ? d->code : err->code));
	json_object_set_new(line, "text",
	    ruad_describe_text(d != NULL ? d->text : err->text));
	if (json_object_set_new(line, "reports", reports) != 0)
		return false;
	for (const struct ruad_item *i = d != NULL ? d->items : NULL; i != NULL;
	     i = i->next) {
		/* The mail says it already. */
		if (i->outcome == RUAD_NOT_A_REPORT)
			continue;
		if (json_array_append_new(reports, item_json(i)) != 0)
			return false;
	}
	return true;
}

bool
ruad_describe_duplicate(json_t *line)
{
	return json_object_set_new(line, "outcome",
		   json_string(ruad_outcome_word(RUAD_DUPLICATE))) == 0 &&
	    json_object_set_new(line, "code",
		ruad_describe_code(RUAD_REP_DUP_EXACT)) == 0 &&
	    json_object_set_new(line, "text", json_null()) == 0 &&
	    json_object_set_new(line, "reports", json_array()) == 0;
}

static json_t *
words_json(const char *words)
{
	json_t *array = json_array();

	while (words != NULL && *words != '\0') {
		size_t len = strcspn(words, " ");

		json_array_append_new(array, json_stringn(words, len));
		words += len + (words[len] == ' ');
	}
	return array;
}

bool
ruad_describe_seen(const struct ruad_recall_report *r, void *line)
{
	json_t *reports = json_object_get(line, "reports"), *report;
	char text[80];

	snprintf(text, sizeof(text), "the same as report %" PRId64,
	    r->report_key);
	report = json_pack("{s:s, s:o, s:s, s:I, s:o, s:o, s:o, s:I, s:I, s:I,"
			   " s:I, s:I, s:o}",
	    "outcome", ruad_outcome_word(RUAD_DUPLICATE), "code",
	    ruad_describe_code(RUAD_REP_DUP_EXACT), "text", text, "report_key",
	    (json_int_t)r->report_key, "org_name",
	    ruad_describe_text(r->org_name), "report_id",
	    ruad_describe_text(r->report_id), "policy_domain",
	    ruad_describe_text(r->policy_domain), "begin", (json_int_t)r->begin,
	    "end", (json_int_t)r->end, "records", (json_int_t)r->records,
	    "rows_refused", (json_int_t)r->rows_refused, "messages",
	    (json_int_t)r->messages, "warnings", words_json(r->warnings));
	if (json_array_size(reports) == 0)
		json_object_set_new(line, "text", json_string(text));
	return json_array_append_new(reports, report) == 0;
}
