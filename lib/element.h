/* element.h - the elements of an aggregate report and where they stand:
 * RFC 7489 appendix C, RFC 9990 appendix A, and names that reporters use by
 * mistake. The one table; what each means is up to builder.c. */
#ifndef RUAD_ELEMENT_H
#define RUAD_ELEMENT_H
#include <stdbool.h>
#include <stddef.h>

/* What comes before RECORD stands once in a report, the rest in every one. */
enum ruad_element {
	RUAD_EL_NONE,
	RUAD_EL_FEEDBACK,
	RUAD_EL_VERSION,
	RUAD_EL_METADATA,
	RUAD_EL_ORG_NAME,
	RUAD_EL_EMAIL,
	RUAD_EL_EXTRA_CONTACT,
	RUAD_EL_REPORT_ID,
	RUAD_EL_DATE_RANGE,
	RUAD_EL_BEGIN,
	RUAD_EL_END,
	RUAD_EL_ERROR,
	RUAD_EL_GENERATOR,
	RUAD_EL_POLICY,
	RUAD_EL_DOMAIN,
	RUAD_EL_ADKIM,
	RUAD_EL_ASPF,
	RUAD_EL_P,
	RUAD_EL_SP,
	RUAD_EL_NP,
	RUAD_EL_PCT,
	RUAD_EL_FO,
	RUAD_EL_TESTING,
	RUAD_EL_T, /* alias of testing, taken where that is absent */
	RUAD_EL_DISCOVERY,
	RUAD_EL_EXTENSION,
	RUAD_EL_RECORD,
	RUAD_EL_ROW,
	RUAD_EL_SOURCE_IP,
	RUAD_EL_COUNT,
	RUAD_EL_EVALUATED,
	RUAD_EL_DISPOSITION,
	RUAD_EL_EVAL_DKIM,
	RUAD_EL_EVAL_SPF,
	RUAD_EL_REASON,
	RUAD_EL_REASON_TYPE,
	RUAD_EL_REASON_COMMENT,
	RUAD_EL_IDENTIFIERS,
	RUAD_EL_HEADER_FROM,
	RUAD_EL_ENVELOPE_FROM,
	RUAD_EL_ENVELOPE_TO,
	RUAD_EL_AUTH_RESULTS,
	RUAD_EL_DKIM,
	RUAD_EL_DKIM_DOMAIN,
	RUAD_EL_DKIM_SELECTOR,
	RUAD_EL_DKIM_RESULT,
	RUAD_EL_DKIM_HUMAN,
	RUAD_EL_SPF,
	RUAD_EL_SPF_DOMAIN,
	RUAD_EL_SPF_SCOPE,
	RUAD_EL_SPF_RESULT,
	RUAD_EL_SPF_HUMAN,
	RUAD_EL_COUNT_OF
};

enum ruad_element_form {
	RUAD_FORM_CONTAINER, /* holds elements only */
	RUAD_FORM_LEAF, /* holds text */
	RUAD_FORM_MIXED, /* should hold elements, text is understood too */
	RUAD_FORM_SKIP /* passed over with all it holds */
};

struct ruad_element_row {
	const char *name;
	enum ruad_element el;
	enum ruad_element_form form;
	bool alias; /* not the standard name */
};

/* The element `name` inside `parent` (RUAD_EL_NONE: the root); NULL when it is
 * unknown there. *odd_out: found only without regard to case, or under a wrong
 * name. */
const struct ruad_element_row *ruad_element_find(enum ruad_element parent,
    const char *name, bool *odd_out);

/* Whether name[0..len) is an element anywhere in a report. */
bool ruad_element_known(const char *name, size_t len);

#endif
