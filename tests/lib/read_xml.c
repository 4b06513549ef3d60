/* read_xml.c - feedback and metadata over a text in memory. */
#include "read_xml.h"
#include "feedback.h"
#include "source.h"
#include <stdlib.h>
#include <string.h>

const char read_xml_sound[] =
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
    "<feedback>\n"
    "<version>1.0</version>\n"
    "<report_metadata>\n"
    "<org_name>Receiver Inc</org_name>\n"
    "<email>a@r.example</email>\n"
    "<report_id>id1</report_id>\n"
    "<date_range><begin>1700006400</begin><end>1700092799</end></date_range>\n"
    "</report_metadata>\n"
    "<policy_published>\n"
    "<domain>example.com</domain>\n"
    "<adkim>r</adkim><aspf>r</aspf>\n"
    "<p>none</p><sp>none</sp><pct>100</pct>\n"
    "</policy_published>\n"
    "<record>\n"
    "<row><source_ip>203.0.114.1</source_ip><count>2</count>\n"
    "<policy_evaluated><disposition>none</disposition><dkim>fail</dkim>"
    "<spf>pass</spf></policy_evaluated></row>\n"
    "<identifiers><header_from>example.com</header_from></identifiers>\n"
    "<auth_results><dkim><domain>example.com</domain><selector>s1</selector>"
    "<result>fail</result></dkim>\n"
    "<spf><domain>example.com</domain><result>pass</result></spf>"
    "</auth_results>\n"
    "</record>\n"
    "</feedback>\n";

char *
read_xml_edit(const char *xml, const char *from, const char *to)
{
	const char *at = strstr(xml, from);
	size_t before, n = strlen(to);
	char *copy;

	if (at == NULL)
		abort();
	before = (size_t)(at - xml);
	copy = malloc(strlen(xml) + n + 1);
	if (copy == NULL)
		abort();
	memcpy(copy, xml, before);
	memcpy(copy + before, to, n);
	strcpy(copy + before + n, at + strlen(from));
	return copy;
}

struct ruad_report *
read_xml(const char *xml, const struct ruad_hints *hints,
    const struct ruad_limits *lim, struct ruad_err *err)
{
	struct ruad_hints h = { .received_epoch = 0 };
	struct ruad_memory_source m;
	struct ruad_feedback *f;
	struct ruad_report *r = NULL;
	struct ruad_raw_report raw;
	enum ruad_status st;

	if (hints != NULL)
		h = *hints;
	h.received_epoch = READ_XML_RECEIVED;
	ruad_memory_source_init(&m, xml, strlen(xml));
	st = ruad_feedback_new(&m.source, lim, NULL, &f, err);
	if (st == RUAD_OK)
		st = ruad_feedback_next(f, &r, &raw, err);
	if (st == RUAD_OK)
		st = ruad_metadata_finish(r, &raw, &h, lim, err);
	if (st != RUAD_OK)
		ruad_report_free(&r);
	if (st == RUAD_TEMP)
		abort();
	ruad_feedback_free(&f);
	return r;
}
