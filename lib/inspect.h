/* inspect.h - all that DNS says about the DMARC of one domain, with what is to
 * be said of it: the record and where it was found, the addresses that reports
 * go to, SPF, and keys of DKIM. */
#ifndef RUAD_INSPECT_H
#define RUAD_INSPECT_H
#include "conf.h"
#include "discover.h"
#include "remark.h"
#include <stdbool.h>
#include <stddef.h>

/* A selector that reports have shown. */
struct ruad_selector {
	const char *domain, *selector;
	bool passes; /* signatures of it have verified */
};

struct ruad_inspect_settings {
	struct ruad_resolver *resolver; /* all of these are borrowed */
	const struct ruad_orgdom *orgdom;
	/* Addresses that reports come in at here; none: not known. */
	const struct ruad_strings *recipients;
	const char *delimiters;
	const struct ruad_selector *selectors;
	size_t selector_count;
};

/* One thing that was looked at. */
struct ruad_section {
	const char *about; /* "record", "rua", "ruf", "spf", "dkim" */
	char *name; /* in DNS */
	char *text; /* that positions are in; NULL: none */
	struct ruad_remarks remarks;
};

struct ruad_inspection {
	struct ruad_discovered *found;
	struct ruad_section *section;
	size_t count;
	/* The record names an address of `recipients` that may be used. */
	bool reports_here;
};

/* Look. `domain` is in lower case and A-labels. RUAD_TEMP: this host failed;
 * what DNS fails at is a remark. */
RUAD_NODISCARD enum ruad_status
ruad_inspect(const struct ruad_inspect_settings *set, const char *domain,
    struct ruad_inspection **out, struct ruad_err *err);

void ruad_inspection_free(struct ruad_inspection **in); /* sets *in NULL */

/* What was found for most receivers: by RFC 9989, or where that gives nothing,
 * by RFC 7489. */
const struct ruad_found *ruad_inspection_found(
    const struct ruad_inspection *in);

/* The worst remark of all; NULL where there is none at all. */
const struct ruad_remark *ruad_inspection_worst(
    const struct ruad_inspection *in);

/* For a change that takes two domains: the name of the record that allows
 * reports about `domain` to go to `host` (RFC 9990 section 4). False: it would
 * be too long for DNS. */
bool ruad_inspect_report_name(const char *domain, const char *host,
    char out[256]);

#endif
