/* normal.h - an XML file as clean UTF-8: converted, without byte order mark,
 * leading junk and XML declaration, and without characters that XML forbids.
 * What the parser then sees does not depend on its version. */
#ifndef RUAD_NORMAL_H
#define RUAD_NORMAL_H
#include "charset.h"
#include "source.h"

struct ruad_normal;

/* Lay the normalisation that `survey` found necessary over `in`, which is
 * borrowed and stands at its beginning. RUAD_TEMP: no memory. */
RUAD_NODISCARD enum ruad_status ruad_normal_new(struct ruad_source *in,
    const struct ruad_survey *survey, struct ruad_normal **out,
    struct ruad_err *err);

/* The clean bytes; belongs to `n`. Failures are those of `in`. */
struct ruad_source *ruad_normal_source(struct ruad_normal *n);

/* What was changed so far: XML_LEADING_JUNK, XML_BAD_UTF8. Complete once the
 * source has ended. */
struct ruad_warnings ruad_normal_warnings(const struct ruad_normal *n);

void ruad_normal_free(struct ruad_normal **n); /* sets *n NULL; NULL is fine */

#endif
