/* invariant.h - what is true of every report that was read, whatever was read.
 * Each function aborts and says what is not. For tests and fuzzing. */
#ifndef INVARIANT_H
#define INVARIANT_H
#include <stddef.h>
#include "delivery.h"
#include "report.h"

/* Read the reports of an XML file alone, as if no mail were around it, into a
 * new delivery that the caller frees; what is refused leaves nothing there. */
struct ruad_delivery *invariant_read(const void *xml, size_t len);

/* The sums over the rows are the totals, indexes lie within their tables, and
 * what a report must have is there. */
void invariant_report(const struct ruad_report *r);

/* Written as XML and read again, it is the same report. */
void invariant_again(const struct ruad_report *r);

/* Each item has a report that can be stored, or says why not. */
void invariant_delivery(const struct ruad_delivery *d);

/* The store at `path` is sound, whole reports are in it, and the views show of
 * each that `d` has stored what it says. */
void invariant_in_store(const char *path, const struct ruad_delivery *d);

/* Stored in a file of its own, all that the views show of it is what it says;
 * stored again, it is a duplicate. Concludes the delivery. The file is in a
 * directory below $TMPDIR that goes when the program exits. */
void invariant_stored(struct ruad_delivery *d);

#endif
