/* dump.h - a delivery and its reports as text that people can read and compare:
 * the `want` of a case in tests/corpus/cases. Everything that is set is
 * written, in a fixed order; what is not set is left out. */
#ifndef DUMP_H
#define DUMP_H
#include "delivery.h"
#include "report.h"
#include <stdio.h>

/* The whole delivery, once the store has concluded it or before. Texts for
 * people, which name line and column, are not part of it. */
void dump_delivery(FILE *to, const struct ruad_delivery *d);

/* What a report says, without its warnings and without where it was found. */
void dump_report(FILE *to, const struct ruad_report *r);

/* The same in memory that the caller frees; they abort when there is none. */
char *dump_delivery_text(const struct ruad_delivery *d);
char *dump_report_text(const struct ruad_report *r);

#endif
