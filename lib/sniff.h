/* sniff.h - what kind of data a blob holds, by its first bytes. File names and
 * media types are never asked: reporters label gzip as zip and worse. */
#ifndef RUAD_SNIFF_H
#define RUAD_SNIFF_H
#include "code.h"
#include <stdbool.h>
#include <stddef.h>

enum ruad_kind {
	RUAD_KIND_OTHER, /* nothing we know */
	RUAD_KIND_EMPTY, /* no bytes */
	RUAD_KIND_GZIP,
	RUAD_KIND_ZIP,
	RUAD_KIND_ZIP_EMPTY,
	RUAD_KIND_XML, /* or other markup, in UTF-8 or UTF-16 */
	RUAD_KIND_HTML, /* a page: people attach them, none is a report */
	RUAD_KIND_JSON,
	RUAD_KIND_TLS_REPORT, /* JSON of RFC 8460 */
	RUAD_KIND_UNSUPPORTED, /* an archive that no reporter may use */
	RUAD_KIND_TNEF,
	RUAD_KIND_OLE,
	RUAD_KIND_PKCS7,
	RUAD_KIND_PDF
};

/* How many bytes of a blob are enough to decide. */
#define RUAD_SNIFF_BYTES 4096u

/* Decide by data[0..len), the beginning of a blob. *skip_out is the number of
 * leading blanks and NULs (at most 16) to drop before the blob. */
enum ruad_kind ruad_sniff(const unsigned char *data, size_t len,
    size_t *skip_out);

/* What a blob of no known kind holds behind other bytes: a zip that ends with
 * its end record, or else a zip, a gzip or XML behind at most 256 of them, or a
 * report behind any number, which will be refused; OTHER: nothing of that.
 * *skip_out: where a gzip, or a zip without an end record, begins. */
enum ruad_kind ruad_sniff_behind(const unsigned char *data, size_t len,
    size_t *skip_out);

/* Whether a whole blob ends with the end record of a zip; *whole_out: it has
 * nothing behind that and begins with an entry. */
bool ruad_sniff_zip_end(const unsigned char *data, size_t len, bool *whole_out);

/* The code that refuses a kind; RUAD_CODE_NONE for kinds that are read, and for
 * those that are no candidates at all: OTHER, HTML, JSON, TLS_REPORT, PDF. */
enum ruad_code ruad_kind_refusal(enum ruad_kind kind);

#endif
