/* compare.h - what differs between two reports, field by field, in words. Made
 * for two readings of the same report: rows are told by their number. */
#ifndef RUAD_COMPARE_H
#define RUAD_COMPARE_H
#include "err.h"
#include "report.h"
#include <stdint.h>

struct ruad_difference {
	uint32_t row_no; /* 0: of the report itself */
	const char *field; /* static */
	const char *stored, *read; /* NULL: absent */
};

/* Told of each difference; its texts are valid during the call. They are of a
 * report: hostile. */
typedef void ruad_difference_found(void *arg, const struct ruad_difference *d);

/* Compare all that a store keeps of a report, but its key and its mail.
 * RUAD_TEMP: no memory. */
RUAD_NODISCARD enum ruad_status
ruad_compare_reports(const struct ruad_report *stored,
    const struct ruad_report *read, ruad_difference_found *found, void *arg,
    struct ruad_err *err);

/* Tell of one field; what is the same is nothing to tell. */
void ruad_compare_field(uint32_t row_no, const char *field, const char *stored,
    const char *read, ruad_difference_found *found, void *arg);

#endif
