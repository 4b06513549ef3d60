/* read_xml.h - one report out of XML text, as the stages from feedback to
 * metadata make it, and text to try it with. They abort when out of memory. */
#ifndef READ_XML_H
#define READ_XML_H
#include "metadata.h"
#include "report.h"
#include <stddef.h>

/* When reports are received that are read here: 2023-11-17 05:46:40 UTC. */
#define READ_XML_RECEIVED INT64_C(1700200000)

/* A sound report, RFC 7489 in form, with one record; to be edited. */
extern const char read_xml_sound[];

/* A copy of xml in which the first `from`, which must be there, is `to`; the
 * caller frees it. */
char *read_xml_edit(const char *xml, const char *from, const char *to);

/* Read the report. NULL: it is refused for what *err says. `hints` may be NULL;
 * its time of receipt is set here. */
struct ruad_report *read_xml(const char *xml, const struct ruad_hints *hints,
    const struct ruad_limits *lim, struct ruad_err *err);

#endif
