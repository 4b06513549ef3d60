/* element.c - the table, one list of children for each container. Lists are
 * never longer than a dozen and a half short names, so they are walked. */
#include "element.h"
#include <string.h>
#include <strings.h>

#define CONTAINER RUAD_FORM_CONTAINER
#define LEAF RUAD_FORM_LEAF
#define MIXED RUAD_FORM_MIXED
#define SKIP RUAD_FORM_SKIP

static const struct ruad_element_row root_children[] = {
	{ "feedback", RUAD_EL_FEEDBACK, CONTAINER, false },
};
static const struct ruad_element_row feedback_children[] = {
	{ "record", RUAD_EL_RECORD, CONTAINER, false },
	{ "version", RUAD_EL_VERSION, LEAF, false },
	{ "report_metadata", RUAD_EL_METADATA, CONTAINER, false },
	{ "policy_published", RUAD_EL_POLICY, CONTAINER, false },
	{ "extension", RUAD_EL_EXTENSION, SKIP, false },
};
static const struct ruad_element_row metadata_children[] = {
	{ "org_name", RUAD_EL_ORG_NAME, LEAF, false },
	{ "email", RUAD_EL_EMAIL, LEAF, false },
	{ "extra_contact_info", RUAD_EL_EXTRA_CONTACT, LEAF, false },
	{ "report_id", RUAD_EL_REPORT_ID, LEAF, false },
	{ "date_range", RUAD_EL_DATE_RANGE, CONTAINER, false },
	{ "error", RUAD_EL_ERROR, LEAF, false },
	{ "generator", RUAD_EL_GENERATOR, LEAF, false },
};
static const struct ruad_element_row date_range_children[] = {
	{ "begin", RUAD_EL_BEGIN, LEAF, false },
	{ "end", RUAD_EL_END, LEAF, false },
};
/* The last ones stand in no final version, but in the schemas of others. */
static const struct ruad_element_row policy_children[] = {
	{ "domain", RUAD_EL_DOMAIN, LEAF, false },
	{ "adkim", RUAD_EL_ADKIM, LEAF, false },
	{ "aspf", RUAD_EL_ASPF, LEAF, false },
	{ "p", RUAD_EL_P, LEAF, false },
	{ "sp", RUAD_EL_SP, LEAF, false },
	{ "np", RUAD_EL_NP, LEAF, false },
	{ "pct", RUAD_EL_PCT, LEAF, false },
	{ "fo", RUAD_EL_FO, LEAF, false },
	{ "testing", RUAD_EL_TESTING, LEAF, false },
	{ "t", RUAD_EL_T, LEAF, false },
	{ "discovery_method", RUAD_EL_DISCOVERY, LEAF, false },
	{ "rf", RUAD_EL_EXTENSION, SKIP, false },
	{ "ri", RUAD_EL_EXTENSION, SKIP, false },
	{ "rua", RUAD_EL_EXTENSION, SKIP, false },
	{ "ruf", RUAD_EL_EXTENSION, SKIP, false },
	{ "v", RUAD_EL_EXTENSION, SKIP, false },
	{ "psd", RUAD_EL_EXTENSION, SKIP, false },
	{ "version_published", RUAD_EL_EXTENSION, SKIP, false },
};
/* "identities" is what several reporters call the identifiers. */
static const struct ruad_element_row record_children[] = {
	{ "row", RUAD_EL_ROW, CONTAINER, false },
	{ "identifiers", RUAD_EL_IDENTIFIERS, CONTAINER, false },
	{ "identities", RUAD_EL_IDENTIFIERS, CONTAINER, true },
	{ "auth_results", RUAD_EL_AUTH_RESULTS, CONTAINER, false },
};
static const struct ruad_element_row row_children[] = {
	{ "source_ip", RUAD_EL_SOURCE_IP, LEAF, false },
	{ "count", RUAD_EL_COUNT, LEAF, false },
	{ "policy_evaluated", RUAD_EL_EVALUATED, CONTAINER, false },
};
static const struct ruad_element_row evaluated_children[] = {
	{ "disposition", RUAD_EL_DISPOSITION, LEAF, false },
	{ "dkim", RUAD_EL_EVAL_DKIM, LEAF, false },
	{ "spf", RUAD_EL_EVAL_SPF, LEAF, false },
	{ "reason", RUAD_EL_REASON, MIXED, false },
};
static const struct ruad_element_row reason_children[] = {
	{ "type", RUAD_EL_REASON_TYPE, LEAF, false },
	{ "comment", RUAD_EL_REASON_COMMENT, LEAF, false },
};
static const struct ruad_element_row identifiers_children[] = {
	{ "header_from", RUAD_EL_HEADER_FROM, LEAF, false },
	{ "envelope_from", RUAD_EL_ENVELOPE_FROM, LEAF, false },
	{ "envelope_to", RUAD_EL_ENVELOPE_TO, LEAF, false },
};
static const struct ruad_element_row auth_results_children[] = {
	{ "dkim", RUAD_EL_DKIM, CONTAINER, false },
	{ "spf", RUAD_EL_SPF, CONTAINER, false },
};
static const struct ruad_element_row dkim_children[] = {
	{ "domain", RUAD_EL_DKIM_DOMAIN, LEAF, false },
	{ "selector", RUAD_EL_DKIM_SELECTOR, LEAF, false },
	{ "result", RUAD_EL_DKIM_RESULT, LEAF, false },
	{ "human_result", RUAD_EL_DKIM_HUMAN, LEAF, false },
};
static const struct ruad_element_row spf_children[] = {
	{ "domain", RUAD_EL_SPF_DOMAIN, LEAF, false },
	{ "scope", RUAD_EL_SPF_SCOPE, LEAF, false },
	{ "result", RUAD_EL_SPF_RESULT, LEAF, false },
	{ "human_result", RUAD_EL_SPF_HUMAN, LEAF, false },
};

#define CHILDREN(list) \
	{ \
		list, sizeof(list) / sizeof(*(list)) \
	}

static const struct children {
	const struct ruad_element_row *row;
	size_t count;
} children[RUAD_EL_COUNT_OF] = {
	[RUAD_EL_NONE] = CHILDREN(root_children),
	[RUAD_EL_FEEDBACK] = CHILDREN(feedback_children),
	[RUAD_EL_METADATA] = CHILDREN(metadata_children),
	[RUAD_EL_DATE_RANGE] = CHILDREN(date_range_children),
	[RUAD_EL_POLICY] = CHILDREN(policy_children),
	[RUAD_EL_RECORD] = CHILDREN(record_children),
	[RUAD_EL_ROW] = CHILDREN(row_children),
	[RUAD_EL_EVALUATED] = CHILDREN(evaluated_children),
	[RUAD_EL_REASON] = CHILDREN(reason_children),
	[RUAD_EL_IDENTIFIERS] = CHILDREN(identifiers_children),
	[RUAD_EL_AUTH_RESULTS] = CHILDREN(auth_results_children),
	[RUAD_EL_DKIM] = CHILDREN(dkim_children),
	[RUAD_EL_SPF] = CHILDREN(spf_children),
};

const struct ruad_element_row *
ruad_element_find(enum ruad_element parent, const char *name, bool *odd_out)
{
	const struct children *c = &children[parent];
	size_t i;

	for (i = 0; i < c->count; i++)
		if (c->row[i].name[0] == name[0] &&
		    strcmp(c->row[i].name, name) == 0) {
			*odd_out = c->row[i].alias;
			return &c->row[i];
		}
	*odd_out = true;
	for (i = 0; i < c->count; i++)
		if (strcasecmp(c->row[i].name, name) == 0)
			return &c->row[i];
	*odd_out = false;
	return NULL;
}

bool
ruad_element_known(const char *name, size_t len)
{
	/* The names of the table are in lower case. */
	const char first = (char)(name[0] | 0x20);
	size_t p, i;

	for (p = 0; p < RUAD_EL_COUNT_OF; p++)
		for (i = 0; i < children[p].count; i++)
			if (children[p].row[i].name[0] == first &&
			    strlen(children[p].row[i].name) == len &&
			    strncasecmp(children[p].row[i].name, name, len) ==
				0)
				return true;
	return false;
}
