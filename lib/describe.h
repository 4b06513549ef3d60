/* describe.h - what came of a mail, as JSON: the object that ingest prints for
 * each, and whoever reads mails again; and texts of others as JSON. */
#ifndef RUAD_DESCRIBE_H
#define RUAD_DESCRIBE_H
#include "delivery.h"
#include "err.h"
#include <jansson.h>
#include <stdbool.h>

/* Add outcome, code, text and reports of a concluded delivery to `line`, or, if
 * d is NULL, what *err says of a mail that could not be read. False: out of
 * memory. */
bool ruad_describe_delivery(json_t *line, const struct ruad_delivery *d,
    const struct ruad_err *err);

/* Begin the same of a mail that is in the store already; the other function,
 * a ruad_recall_tell of recall.h, adds a report to this line. False: out of
 * memory. */
struct ruad_recall_report;
bool ruad_describe_duplicate(json_t *line);
bool ruad_describe_seen(const struct ruad_recall_report *r, void *line);

/* JSON null for NULL; a text that is no UTF-8 is escaped. NULL: no memory. */
json_t *ruad_describe_text(const char *text);

/* The name of a code, null for none. */
json_t *ruad_describe_code(enum ruad_code code);

#endif
