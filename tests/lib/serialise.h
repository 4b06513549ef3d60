/* serialise.h - a report as the XML of RFC 9990 appendix A: what a careful
 * reporter would have sent to say the same. */
#ifndef SERIALISE_H
#define SERIALISE_H
#include "report.h"

/* The document, which the caller frees; aborts when out of memory. What was
 * derived is left out, words stand as the reporter wrote them, and for each
 * row that was refused there is one that will be. */
char *serialise_report(const struct ruad_report *r);

#endif
