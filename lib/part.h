/* part.h - the MIME tree of a mail (RFC 2045 to 2049), flattened to the parts
 * that may hold a report, decoded one at a time, and the facts of the mail that
 * later stages need. With facts and leaf, the only user of GMime and GLib. */
#ifndef RUAD_PART_H
#define RUAD_PART_H
#include "arena.h"
#include "err.h"
#include "facts.h"
#include "limit.h"
#include <stdbool.h>
#include <stddef.h>

struct ruad_parts;

struct ruad_part {
	/* The decoded bytes; valid until the next step. */
	const unsigned char *data;
	size_t len;
	/* Decoded, hostile, "" if none. */
	const char *file_name; /* Content-Disposition, else Content-Type */
	const char *type_name; /* Content-Type */
	const char *description; /* where some put the name */
	const char *where; /* "part 2.1", printable ASCII */
	bool text; /* text/plain: a report only where there is no other */
	bool labelled; /* as another kind of report: only what is a report
			* after all counts */
	bool forwarded; /* it came out of a mail inside this one */
	struct ruad_warnings warnings; /* MIME_RECOVERED: it, or what is around
					* it, was mended */
};

/* Once in each program, before any thread parses. */
void ruad_part_global_init(void);

/* Parse data[0..len), which is borrowed, as are lim and budget. RUAD_LIMIT:
 * LIMIT_PARTS, the mail is refused as a whole; RUAD_TEMP: no memory. */
RUAD_NODISCARD enum ruad_status ruad_parts_new(const void *data, size_t len,
    const struct ruad_limits *lim, struct ruad_budget *budget,
    struct ruad_parts **out, struct ruad_err *err);

/* Facts of the outermost mail; all belongs to the parts object. */
const struct ruad_mail_facts *ruad_parts_facts(const struct ruad_parts *p);

/* Step to the next part; texts come behind the others, and at last what was
 * found by a search when none of them was anything. RUAD_END: none left.
 * RUAD_BAD: this part is refused (MIME_ENCRYPTED, MIME_TNEF, MIME_PARTIAL,
 * MIME_NO_BOUNDARY, ...), out->where says which; step on. RUAD_LIMIT: the same
 * for LIMIT_PARTS. RUAD_TEMP: no memory or budget. */
RUAD_NODISCARD enum ruad_status ruad_parts_next(struct ruad_parts *p,
    struct ruad_part *out, struct ruad_err *err);

void ruad_parts_free(struct ruad_parts **p); /* sets *p NULL; NULL is fine */

#endif
