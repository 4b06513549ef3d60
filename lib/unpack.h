/* unpack.h - one blob in, the XML documents in it out. Reports come as gzip
 * (RFC 7489 section 7.2.1.1, RFC 9990 section 3.5.3), in practice also as zip,
 * as bare XML, and as archives inside each other: the bytes decide. One
 * object, one thread. */
#ifndef RUAD_UNPACK_H
#define RUAD_UNPACK_H
#include "arena.h"
#include "quota.h"
#include "source.h"
#include <stdbool.h>

struct ruad_unpack;

struct ruad_document {
	struct ruad_source
	    *xml; /* belongs to the unpacker, until the next step */
	/* Of the archive entry, or the one kept in the gzip, else of the
	 * archive that this was in; printable ASCII, or "". */
	const char *name;
	struct ruad_warnings warnings; /* ARC_RECOVERED, of an archive that it
					* was in */
};

/* Open blob data[0..len), which is borrowed, as are quota and budget. On
 * RUAD_OK the caller owns *out. RUAD_TEMP: no memory. */
RUAD_NODISCARD enum ruad_status ruad_unpack_new(const void *data, size_t len,
    struct ruad_quota *quota, struct ruad_budget *budget,
    struct ruad_unpack **out, struct ruad_err *err);

/* Step to the next document. RUAD_END: none left. RUAD_BAD, RUAD_LIMIT: this
 * entry, or the whole blob, is refused for the reason in *err; call again for
 * what follows it. RUAD_TEMP: no memory. The document's source fails with
 * RUAD_BAD (ARC_CRC, ARC_TRUNCATED, ...) or RUAD_LIMIT (LIMIT_SIZE, LIMIT_TIME)
 * when that shows only while reading. Entries that are neither markup nor
 * archives are passed over. *out->name is also set when an entry is refused. */
RUAD_NODISCARD enum ruad_status ruad_unpack_next(struct ruad_unpack *u,
    struct ruad_document *out, struct ruad_err *err);

/* The name of the document that is out, as above, for n = 0; of the archive
 * around it inside of the blob for n = 1, and so on; "" where it has none.
 * NULL: no more. Valid until the next step. */
const char *ruad_unpack_name(const struct ruad_unpack *u, unsigned n);

/* Whether a blob or entry so far was an SMTP TLS report (RFC 8460). */
bool ruad_unpack_tls_report(const struct ruad_unpack *u);

void ruad_unpack_free(struct ruad_unpack **u); /* sets *u NULL; NULL is fine */

#endif
