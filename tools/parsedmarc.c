/* parsedmarc.c - object by object into elements, through libxml2's writer. */
#include "parsedmarc.h"
#include <libxml/xmlwriter.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct writing {
	xmlTextWriterPtr xml;
	bool failed;
};

/* An element, and the member of the object that it is made of. */
struct leaf {
	const char *element, *member;
};

static const struct leaf metadata[] = {
	{ "org_name", "org_name" },
	{ "email", "org_email" },
	{ "extra_contact_info", "org_extra_contact_info" },
	{ "report_id", "report_id" },
	{ NULL, NULL },
};
static const struct leaf policy[] = {
	{ "domain", "domain" },
	{ "adkim", "adkim" },
	{ "aspf", "aspf" },
	{ "p", "p" },
	{ "sp", "sp" },
	{ "np", "np" },
	{ "pct", "pct" },
	{ "fo", "fo" },
	{ "testing", "testing" },
	{ "discovery_method", "discovery_method" },
	{ NULL, NULL },
};
static const struct leaf evaluated[] = {
	{ "disposition", "disposition" },
	{ "dkim", "dkim" },
	{ "spf", "spf" },
	{ NULL, NULL },
};
static const struct leaf reason[] = {
	{ "type", "type" },
	{ "comment", "comment" },
	{ NULL, NULL },
};
static const struct leaf identifiers[] = {
	{ "envelope_to", "envelope_to" },
	{ "envelope_from", "envelope_from" },
	{ "header_from", "header_from" },
	{ NULL, NULL },
};
static const struct leaf dkim[] = {
	{ "domain", "domain" },
	{ "selector", "selector" },
	{ "result", "result" },
	{ "human_result", "human_result" },
	{ NULL, NULL },
};
static const struct leaf spf[] = {
	{ "domain", "domain" },
	{ "scope", "scope" },
	{ "result", "result" },
	{ "human_result", "human_result" },
	{ NULL, NULL },
};

static void
note(struct writing *w, int rc)
{
	w->failed |= rc < 0;
}

static void
begin(struct writing *w, const char *name)
{
	note(w, xmlTextWriterStartElement(w->xml, (const xmlChar *)name));
}

static void
end(struct writing *w)
{
	note(w, xmlTextWriterEndElement(w->xml));
}

/* An element with a text or a number; nothing for what is neither. */
static void
put_value(struct writing *w, const char *name, const json_t *value)
{
	const char *text = json_string_value(value);
	char number[400]; /* of a double */

	if (json_is_number(value)) {
		snprintf(number, sizeof(number), "%.0f",
		    json_number_value(value));
		text = number;
	}
	if (text != NULL)
		note(w,
		    xmlTextWriterWriteElement(w->xml, (const xmlChar *)name,
			(const xmlChar *)text));
}

static void
put_leaves(struct writing *w, const json_t *object, const struct leaf *leaves)
{
	for (; leaves->element != NULL; leaves++)
		put_value(w, leaves->element,
		    json_object_get(object, leaves->member));
}

/* An element for each member of the list. */
static void
put_list(struct writing *w, const char *name, const json_t *list,
    const struct leaf *leaves)
{
	const json_t *item;
	size_t i;

	json_array_foreach(list, i, item)
	{
		begin(w, name);
		put_leaves(w, item, leaves);
		end(w);
	}
}

/* "2024-05-31 20:00:00", perhaps with T, and a zone behind it. */
static bool
read_time(const char *text, int64_t *epoch_out)
{
	struct tm tm = { .tm_isdst = -1 };
	int hours = 0, minutes = 0;
	const char *rest;
	char sign;

	rest = strptime(text, "%Y-%m-%d", &tm);
	if (rest == NULL || (*rest != ' ' && *rest != 'T'))
		return false;
	rest = strptime(rest + 1, "%H:%M:%S", &tm);
	if (rest == NULL)
		return false;
	if (*rest == '\0') {
		*epoch_out = (int64_t)mktime(&tm);
		return true;
	}
	*epoch_out = (int64_t)timegm(&tm);
	if (strcmp(rest, "Z") == 0)
		return true;
	if (sscanf(rest, "%c%2d:%2d", &sign, &hours, &minutes) < 2 ||
	    (sign != '+' && sign != '-'))
		return false;
	*epoch_out += (sign == '-' ? 1 : -1) * (hours * 3600 + minutes * 60);
	return true;
}

static void
put_time(struct writing *w, const char *name, const json_t *value)
{
	const char *text = json_string_value(value);
	int64_t epoch;
	json_t *number;

	if (text == NULL || !read_time(text, &epoch)) {
		/* Seconds, or what the reader of XML complains of. */
		put_value(w, name, value);
		return;
	}
	number = json_integer(epoch);
	w->failed |= number == NULL;
	put_value(w, name, number);
	json_decref(number);
}

static void
put_metadata(struct writing *w, const json_t *object)
{
	const json_t *error;
	size_t i;

	begin(w, "report_metadata");
	put_leaves(w, object, metadata);
	begin(w, "date_range");
	put_time(w, "begin", json_object_get(object, "begin_date"));
	put_time(w, "end", json_object_get(object, "end_date"));
	end(w);
	json_array_foreach(json_object_get(object, "errors"), i, error)
	    put_value(w, "error", error);
	put_value(w, "generator", json_object_get(object, "generator"));
	end(w);
}

static void
put_record(struct writing *w, const json_t *record)
{
	const json_t *auth = json_object_get(record, "auth_results");
	const json_t *pe = json_object_get(record, "policy_evaluated");

	begin(w, "record");
	begin(w, "row");
	put_value(w, "source_ip",
	    json_object_get(json_object_get(record, "source"), "ip_address"));
	put_value(w, "count", json_object_get(record, "count"));
	begin(w, "policy_evaluated");
	put_leaves(w, pe, evaluated);
	put_list(w, "reason", json_object_get(pe, "policy_override_reasons"),
	    reason);
	end(w);
	end(w);
	begin(w, "identifiers");
	put_leaves(w, json_object_get(record, "identifiers"), identifiers);
	end(w);
	begin(w, "auth_results");
	put_list(w, "dkim", json_object_get(auth, "dkim"), dkim);
	put_list(w, "spf", json_object_get(auth, "spf"), spf);
	end(w);
	end(w);
}

static void
put_report(struct writing *w, const json_t *report)
{
	const json_t *record;
	size_t i;

	note(w, xmlTextWriterStartDocument(w->xml, NULL, "UTF-8", NULL));
	begin(w, "feedback");
	note(w,
	    xmlTextWriterWriteElement(w->xml, (const xmlChar *)"version",
		(const xmlChar *)"1.0"));
	put_metadata(w, json_object_get(report, "report_metadata"));
	begin(w, "policy_published");
	put_leaves(w, json_object_get(report, "policy_published"), policy);
	end(w);
	json_array_foreach(json_object_get(report, "records"), i, record)
	    put_record(w, record);
	end(w);
	note(w, xmlTextWriterEndDocument(w->xml));
}

char *
ruad_parsedmarc_xml(const json_t *report, size_t *len_out)
{
	struct writing w = { .failed = false };
	xmlBufferPtr buffer = xmlBufferCreate();
	char *text = NULL;

	if (buffer == NULL)
		return NULL;
	w.xml = xmlNewTextWriterMemory(buffer, 0);
	if (w.xml != NULL) {
		put_report(&w, report);
		note(&w, xmlTextWriterFlush(w.xml));
		xmlFreeTextWriter(w.xml);
		*len_out = (size_t)xmlBufferLength(buffer);
		if (!w.failed)
			text = malloc(*len_out + 1);
	}
	if (text != NULL) {
		memcpy(text, xmlBufferContent(buffer), *len_out);
		text[*len_out] = '\0';
	}
	xmlBufferFree(buffer);
	return text;
}

bool
ruad_parsedmarc_is_report(const json_t *value)
{
	return json_is_object(json_object_get(value, "report_metadata")) &&
	    json_is_array(json_object_get(value, "records"));
}
