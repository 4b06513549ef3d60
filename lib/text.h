/* text.h - helpers for text that somebody else wrote: what stands in a mail, a
 * report or a file name is hostile. Pure functions, ASCII rules of case, no
 * locale. */
#ifndef RUAD_TEXT_H
#define RUAD_TEXT_H
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

/* Write bytes[0..len) to buf, for logs and error texts: printable ASCII as it
 * is, every other byte as \xHH. A backslash stays one, so that a text may pass
 * through here twice. Cut to fit cap bytes with the NUL, never inside an
 * escape. Returns the length; cap 0 writes nothing. */
size_t ruad_text_escape(char *buf, size_t cap, const void *bytes, size_t len);

/* The same for a formatted text: whatever the arguments hold, it is one line of
 * printable ASCII. cap is at most RUAD_TEXT_FORMAT_MAX. */
#define RUAD_TEXT_FORMAT_MAX 5120u
void ruad_text_format(char *buf, size_t cap, const char *fmt, va_list ap)
    __attribute__((format(printf, 3, 0)));

/* Narrow the text *s of *len bytes to what is left without TAB, LF, CR, SPACE,
 * U+00A0, U+FEFF and U+200B at both ends. Copies nothing. */
void ruad_text_trim(const char **s, size_t *len);

/* Write s[0..len) to buf as valid UTF-8 without control characters, for the
 * store: line breaks and tabs become a blank each, other controls (C0, DEL,
 * C1) and those of writing direction are left out, bytes that are no UTF-8
 * become U+FFFD. Cut to fit cap bytes with the NUL (cap > 0), between two
 * characters; *cut_out, if not NULL, says whether it was. What is left is
 * trimmed, so that cleaning it again changes nothing. Returns the length. buf
 * must not overlap s. */
size_t ruad_text_clean(char *buf, size_t cap, const char *s, size_t len,
    bool *cut_out);

/* The same for a word that was not understood. Where cleaning would change it
 * into another, it is escaped like an error text instead: "p\xe2\x80\xaeass"
 * is not "pass". */
size_t ruad_text_show(char *buf, size_t cap, const char *s, size_t len,
    bool *cut_out);

/* Turn every run of blanks, tabs and line breaks in the string into one blank,
 * and drop those at both ends. Returns the new length. */
size_t ruad_text_collapse(char *s);

/* A-Z to a-z, in place; other bytes stay. */
void ruad_text_lower(char *s, size_t len);

/* Whether s[0..len) is `word`, letters A-Z and a-z being equal. */
bool ruad_text_is(const char *s, size_t len, const char *word);

/* SPACE, TAB, CR or LF. */
bool ruad_text_blank(char c);

/* How many letters must be changed, added or left out to make one word of the
 * other: finds what a misspelt name may mean. Of words over 40 bytes: 40. */
size_t ruad_text_distance(const char *a, const char *b);

#endif
