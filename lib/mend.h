/* mend.h - what is done to the bytes of a mail that a MIME parser would read
 * wrongly: line ends, header fields folded without indenting, a boundary that
 * is not declared, base64 without a label. Pure functions. */
#ifndef RUAD_MEND_H
#define RUAD_MEND_H
#include "err.h"
#include <stdbool.h>
#include <stddef.h>

/* Whether a line, with or without its end, begins with the name of a header
 * field and a colon. */
bool ruad_mend_is_field(const unsigned char *line, size_t len);

/* Whether bytes begin like a mail: header fields, among them one of MIME. */
bool ruad_mend_is_mail(const unsigned char *data, size_t len);

/* How a continuation line is indented that was not: hardly anybody else does
 * so, which tells the header that was mended from others. */
#define RUAD_MEND_FOLD " \t"

/* Mend line ends (bare CR where there is no LF at all) and continuation lines
 * that are not indented (RFC 5322 section 2.2.3) in the headers of the mail and
 * its parts. RUAD_OK: *out is a mended copy that the caller frees, longer than
 * `len` where lines were indented, or NULL when there is nothing to mend.
 * RUAD_TEMP: no memory. */
RUAD_NODISCARD enum ruad_status ruad_mend_lines(const unsigned char *data,
    size_t len, unsigned char **out, size_t *len_out, struct ruad_err *err);

/* For a multipart whose boundary is not declared: look for a line that must be
 * one since header fields of MIME follow it. RUAD_OK: *out is a mail, which
 * the caller frees, of one multipart with that boundary and all that follows,
 * or NULL when there is no such line. RUAD_TEMP: no memory. */
RUAD_NODISCARD enum ruad_status ruad_mend_boundary(const unsigned char *data,
    size_t len, unsigned char **out, size_t *len_out, struct ruad_err *err);

/* Where base64 of something we read begins, at the beginning of a line or
 * behind blanks and NULs there: gzip, zip, "<?xml" and "<feed" in
 * UTF-8 and UTF-16, with and without a byte order mark. It goes on to *end_out:
 * an empty line, a boundary, or the end. NULL: nowhere. */
const unsigned char *ruad_mend_find_base64(const unsigned char *data,
    size_t len, const unsigned char **end_out);

#endif
