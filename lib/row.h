/* row.h - one record element while it is being read. Its leaves are handed in
 * by element; at its end it becomes a record of the report, or is refused and
 * counted. */
#ifndef RUAD_ROW_H
#define RUAD_ROW_H
#include "element.h"
#include "limit.h"
#include "report.h"

struct ruad_row;

/* A row reader for `r`, in its arena; both arguments are borrowed. NULL: no
 * memory or no budget. */
struct ruad_row *ruad_row_new(struct ruad_report *r,
    const struct ruad_limits *lim);

/* A record begins. */
void ruad_row_begin(struct ruad_row *row);

/* A container (dkim, spf, reason) inside the record begins or ends; for reason
 * `text` is what stood in it without children. False: no memory. */
void ruad_row_open(struct ruad_row *row, enum ruad_element el);
bool ruad_row_close(struct ruad_row *row, enum ruad_element el,
    const char *text, size_t len);

/* A leaf with its trimmed text. The first one that is not empty counts. False:
 * no memory. */
bool ruad_row_leaf(struct ruad_row *row, enum ruad_element el, const char *text,
    size_t len);

/* Whether such a leaf said anything yet. */
bool ruad_row_has(const struct ruad_row *row, enum ruad_element el);

/* Forget what a container (row, policy_evaluated, identifiers) brought, but for
 * its warnings. */
void ruad_row_drop(struct ruad_row *row, enum ruad_element el);

/* The record ends: keep it or count it as refused. False: no memory. */
bool ruad_row_end(struct ruad_row *row);

/* Records seen, whatever became of them. */
uint32_t ruad_row_count(const struct ruad_row *row);

#endif
