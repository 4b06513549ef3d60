/* metadata.h - what stands once in a report: read the raw texts, fill in from
 * the mail what is missing, judge period and identity. RFC 7489 appendix C,
 * RFC 9990 sections 3.1.1 and 3.1.2. */
#ifndef RUAD_METADATA_H
#define RUAD_METADATA_H
#include "builder.h"
#include "hint.h"
#include "limit.h"
#include "report.h"

/* What the mail around the report says; any may be NULL. Only looked at where
 * the XML is silent. */
struct ruad_hints {
	const struct ruad_subject_hint *subject;
	const struct ruad_file_hint *file;
	const char *header_from; /* domain of the mail's author */
	int64_t received_epoch;
};

/* Complete the report, to its content hash. RUAD_BAD: the report is refused:
 * REP_NO_METADATA, REP_NO_ORG, REP_NO_RANGE, REP_RANGE_FUTURE, REP_NO_DOMAIN,
 * REP_NO_ROWS. RUAD_LIMIT: REP_SPAN_HUGE. RUAD_TEMP: no memory or budget. */
RUAD_NODISCARD enum ruad_status ruad_metadata_finish(struct ruad_report *r,
    const struct ruad_raw_report *raw, const struct ruad_hints *hints,
    const struct ruad_limits *lim, struct ruad_err *err);

#endif
