/* repair.h - four repairs of markup that real reporters break, tried one after
 * the other when a document is not well-formed. Nothing else is ever repaired;
 * a document that is cut off least of all. */
#ifndef RUAD_REPAIR_H
#define RUAD_REPAIR_H
#include "source.h"
#include <stdbool.h>
#include <stdint.h>

/* Each includes those before it. */
enum ruad_repair_stage {
	RUAD_REPAIR_NONE,
	RUAD_REPAIR_SCHEMA, /* drop unclosed <xs:schema ...> wrappers */
	RUAD_REPAIR_ROOT, /* drop the attributes of <feedback> */
	RUAD_REPAIR_AMPERSAND, /* a bare & becomes &amp; */
	RUAD_REPAIR_MARKUP /* a < that opens no known element becomes &lt; */
};

struct ruad_repair;

/* Read `length` bytes of `in` (borrowed) from where it stands, repaired up to
 * `stage`. RUAD_TEMP: no memory. */
RUAD_NODISCARD enum ruad_status ruad_repair_new(struct ruad_source *in,
    uint64_t length, enum ruad_repair_stage stage, struct ruad_repair **out,
    struct ruad_err *err);

/* The repaired bytes; belongs to `r`. It cannot be rewound. */
struct ruad_source *ruad_repair_source(struct ruad_repair *r);

void ruad_repair_free(struct ruad_repair **r); /* sets *r NULL; NULL is fine */

#endif
