/* remarks.h - remarks on records in DNS as rows of output. */
#ifndef RUAD_TOOLS_REMARKS_H
#define RUAD_TOOLS_REMARKS_H
#include "message.h"
#include "output.h"
#include "remark.h"

extern const struct ruad_column ruad_remark_columns[];
enum { RUAD_REMARK_COLUMNS = 8 };

/* Write a row for each remark; `about` says what they are on, `name` is the
 * name in DNS of the text that positions refer to (both may be NULL). False: no
 * more can be written. */
bool ruad_remarks_rows(struct ruad_output *o, const struct ruad_remarks *list,
    const char *about, const char *name);

/* For people: the text with a mark below each place that an error or a warning
 * points at. */
void ruad_remarks_marks(const struct ruad_remarks *list, const char *text,
    size_t len);

/* The exit status that the worst of them means: FINDINGS for an error, else TEMP
 * for what could not be found out, else OK. */
enum ruad_exit ruad_remarks_exit(const struct ruad_remarks *list);

#endif
