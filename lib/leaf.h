/* leaf.h - one leaf of a MIME tree: how it is labelled, and its content,
 * decoded. For part.c, which walks the tree; nobody else knows GMime. */
#ifndef RUAD_LEAF_H
#define RUAD_LEAF_H
#include "err.h"
#include "sniff.h"
#include <gmime/gmime.h>
#include <stdbool.h>
#include <stddef.h>

/* Whether a leaf is text for people to read, not a file labelled as one. */
bool ruad_leaf_is_text(GMimePart *part);

/* Decode a leaf into memory that the caller frees. `mail_len` is the size of
 * the mail: no part is longer. Warns of MIME_RECOVERED when there is more
 * behind the end of base64. RUAD_TEMP: no memory. */
RUAD_NODISCARD enum ruad_status ruad_leaf_decode(GMimePart *part,
    size_t mail_len, unsigned char **data_out, size_t *len_out,
    struct ruad_warnings *warnings, struct ruad_err *err);

/* The same for a leaf that may hold a report: format=flowed is undone, and
 * base64 without a label decoded. *text says whether the leaf is a text, and is
 * cleared when it turns out to be data. Warns of MIME_RECOVERED. */
RUAD_NODISCARD enum ruad_status ruad_leaf_read(GMimePart *part, size_t mail_len,
    bool *text, unsigned char **data_out, size_t *len_out,
    struct ruad_warnings *warnings, struct ruad_err *err);

/* Decode base64 as tolerantly as a leaf is. NULL: no memory. */
unsigned char *ruad_leaf_base64(const unsigned char *s, size_t len,
    size_t *len_out);

/* What the bytes of a whole leaf are, by their beginning. */
enum ruad_kind ruad_leaf_kind(const unsigned char *data, size_t len);

#endif
