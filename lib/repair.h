/* repair.h - four repairs of markup that real reporters break, tried one after
 * the other when a document is not well-formed. Nothing else is ever repaired;
 * a document that is cut off least of all. A repair never brings to light what
 * stands inside an element that is passed over. */
#ifndef RUAD_REPAIR_H
#define RUAD_REPAIR_H
#include "arena.h"
#include "source.h"
#include <stdbool.h>
#include <stdint.h>

/* Each includes those before it. */
enum ruad_repair_stage {
	RUAD_REPAIR_NONE,
	RUAD_REPAIR_SCHEMA, /* drop unclosed <xs:schema ...> wrappers */
	RUAD_REPAIR_ROOT, /* drop the attributes of <feedback>, but for sound
			   * declarations of namespaces */
	RUAD_REPAIR_AMPERSAND, /* a bare & becomes &amp; */
	RUAD_REPAIR_MARKUP /* a < that begins no element becomes &lt; */
};

struct ruad_repair;

/* For the `length` bytes of `in` (borrowed) from where it stands. RUAD_TEMP: no
 * memory or no budget. */
RUAD_NODISCARD enum ruad_status ruad_repair_new(struct ruad_source *in,
    uint64_t length, struct ruad_budget *budget, struct ruad_repair **out,
    struct ruad_err *err);

/* Read all of it, to know which elements nobody knows have an end. Before the
 * first stage that repairs; `in` stands behind the piece afterwards. RUAD_BAD:
 * XML_DTD. RUAD_LIMIT: XML_LIMIT, too many names. RUAD_TEMP: no budget. Other
 * failures are those of `in`. */
RUAD_NODISCARD enum ruad_status ruad_repair_survey(struct ruad_repair *r,
    struct ruad_err *err);

/* Begin anew: `in` stands at the beginning of the piece again. */
void ruad_repair_start(struct ruad_repair *r, enum ruad_repair_stage stage);

/* The bytes, repaired up to the stage; belongs to `r`. It cannot be rewound.
 * Its reading gives RUAD_BAD and XML_DTD for a document type declaration,
 * XML_MALFORMED where markup is broken beyond repair. */
struct ruad_source *ruad_repair_source(struct ruad_repair *r);

void ruad_repair_free(struct ruad_repair **r); /* sets *r NULL; NULL is fine */

#endif
