/* builder.h - the events of one XML document in, a report out. Rows are read
 * completely; what stands once in a report (metadata, policy) is handed over
 * raw, since it may have to be filled in from the mail: see metadata.h.
 * RFC 7489 appendix C, RFC 9990 section 3.1 and appendix A; any order, any
 * namespace prefix, unknown elements passed over. */
#ifndef RUAD_BUILDER_H
#define RUAD_BUILDER_H
#include "element.h"
#include "limit.h"
#include "report.h"
#include "xml.h"

struct ruad_builder;

/* The trimmed texts of what stands once; NULL where absent or empty. In the
 * report's arena. */
struct ruad_raw_report {
	const char *text[RUAD_EL_COUNT_OF];
	bool has_metadata;
};

/* A new builder with an empty report. `lim` is borrowed. RUAD_TEMP: no memory
 * or no budget. */
RUAD_NODISCARD enum ruad_status ruad_builder_new(const struct ruad_limits *lim,
    struct ruad_budget *budget, struct ruad_builder **out,
    struct ruad_err *err);

/* What ruad_xml_parse() is to call; valid while `b` lives. It says DONE at the
 * end of the feedback element, STOP at a limit or failure. */
struct ruad_xml_handler ruad_builder_handler(struct ruad_builder *b);

/* Whether a feedback element has begun. */
bool ruad_builder_begun(const struct ruad_builder *b);

/* Why the builder said STOP: RUAD_LIMIT (XML_LIMIT) or RUAD_TEMP. RUAD_OK if it
 * did not. */
enum ruad_status ruad_builder_failure(const struct ruad_builder *b,
    struct ruad_err *err);

/* Hand over the report after DONE; the caller owns it. */
struct ruad_report *ruad_builder_take(struct ruad_builder *b,
    struct ruad_raw_report *raw_out);

void ruad_builder_free(struct ruad_builder **b); /* sets *b NULL */

#endif
