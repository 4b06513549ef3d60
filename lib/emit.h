/* emit.h - the only writer of text for terminals and of CSV. What stands in a
 * report is hostile: nothing of it reaches a terminal or a spreadsheet in a
 * form that either of them would obey. */
#ifndef RUAD_EMIT_H
#define RUAD_EMIT_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum ruad_emit_charset {
	RUAD_EMIT_ASCII, /* every other character is escaped, too */
	RUAD_EMIT_UTF8
};

/* Write bytes[0..len) to buf (cap bytes with the NUL) as one line of printable
 * text. Escaped are: bytes that are no UTF-8, as \xHH; control characters of
 * ASCII, as \xHH; C1 controls, characters that set the direction of writing,
 * that take no room or break lines, and what is no character, as \uHHHH. A
 * backslash stays one. Wide and combining characters are let through. Returns
 * the length of the whole text, which was cut if that is not below cap; never
 * inside a character or an escape. */
size_t ruad_emit_escape(char *buf, size_t cap, const void *bytes, size_t len,
    enum ruad_emit_charset charset);

/* The same for a string, in memory that the caller frees; NULL: no memory. */
char *ruad_emit_escaped(const char *text, enum ruad_emit_charset charset);

/* The same, to a stream; errors are left to ferror(). */
void ruad_emit_text(FILE *to, const char *text, enum ruad_emit_charset charset);

/* Whether the bytes are valid UTF-8 (RFC 3629). */
bool ruad_emit_is_utf8(const void *bytes, size_t len);

/* One row of CSV, RFC 4180, in UTF-8: cells in order, then the end. Texts are
 * escaped as above, but for TAB, CR and LF, which quotes hold; one that a
 * spreadsheet would take for a formula (it begins with = + - @ TAB or CR and
 * is not a number) gets an apostrophe in front. */
struct ruad_csv {
	FILE *to;
	bool in_row;
};
void ruad_csv_text(struct ruad_csv *c, const char *text); /* NULL: empty */
void ruad_csv_int(struct ruad_csv *c, int64_t n);
void ruad_csv_end(struct ruad_csv *c);

#endif
