/* feedback.h - one XML file in, the reports in it out. A file should hold one
 * document; reporters also send several in one file, junk behind them, and
 * markup that needs one of four repairs. Memory does not follow the size of
 * the file. */
#ifndef RUAD_FEEDBACK_H
#define RUAD_FEEDBACK_H
#include "arena.h"
#include "builder.h"
#include "limit.h"
#include "report.h"
#include "source.h"

struct ruad_feedback;

/* Open `in`; it, `lim` and `budget` are borrowed. RUAD_TEMP: no memory; other
 * failures are those of reading `in` through once. */
RUAD_NODISCARD enum ruad_status ruad_feedback_new(struct ruad_source *in,
    const struct ruad_limits *lim, struct ruad_budget *budget,
    struct ruad_feedback **out, struct ruad_err *err);

/* Step to the next report. RUAD_OK: the caller owns *report_out; what stands
 * once in it is still in *raw_out, which lives as long. RUAD_END: none left.
 * RUAD_BAD (XML_DTD, XML_TRUNCATED, XML_MALFORMED, XML_NOT_FEEDBACK,
 * XML_NO_MARKUP) and RUAD_LIMIT: this document is refused; call again. Other
 * failures, those of `in` too, are final. */
RUAD_NODISCARD enum ruad_status ruad_feedback_next(struct ruad_feedback *f,
    struct ruad_report **report_out, struct ruad_raw_report *raw_out,
    struct ruad_err *err);

void ruad_feedback_free(struct ruad_feedback **f); /* sets *f NULL */

#endif
