/* record.h - a DMARC policy record (not a record of a report): what it says to
 * receivers of RFC 7489 and to those of RFC 9989, what is wrong with it and
 * where, and how it is written well. Pure functions, no DNS. */
#ifndef RUAD_RECORD_H
#define RUAD_RECORD_H
#include "err.h"
#include "reading.h"
#include "remark.h"
#include "uri.h"
#include <stdbool.h>
#include <stddef.h>

struct ruad_dmarc_record;

/* Read text[0..len), any bytes. The remarks are part of *out, which the caller
 * owns; it keeps a copy of the text. RUAD_TEMP: out of memory; nothing that
 * the text says is a failure. RFC 7489 sections 6.3, 6.4 and 6.6.3; RFC 9989
 * sections 4.7, 4.8 and 4.10.1. */
RUAD_NODISCARD enum ruad_status ruad_record_read(const char *text, size_t len,
    struct ruad_dmarc_record **out, struct ruad_err *err);

void ruad_record_free(struct ruad_dmarc_record **r); /* sets *r NULL */

/* Whether discovery keeps this text: its first tag is v=DMARC1, exactly. */
bool ruad_record_is_dmarc(const char *text, size_t len);

/* Whether it authorises reports to this host in a record below _report._dmarc
 * (RFC 9990 section 4): a list of tags that begins like the above. */
bool ruad_record_authorises(const char *text, size_t len);

/* All of these are borrowed from the record. */
const char *ruad_record_text(const struct ruad_dmarc_record *r,
    size_t *len_out);
const struct ruad_reading *
ruad_record_reading(const struct ruad_dmarc_record *r, enum ruad_rfc rfc);
const struct ruad_remarks *ruad_record_remarks(
    const struct ruad_dmarc_record *r);

/* URI n of rua or ruf, from 0; NULL: no such. */
const struct ruad_uri *ruad_record_uri(const struct ruad_dmarc_record *r,
    enum ruad_record_tag tag, size_t n);

/* The value of a tag as it stands there; NULL: the tag is absent. */
const char *ruad_record_value(const struct ruad_dmarc_record *r,
    enum ruad_record_tag tag, size_t *len_out);

/* What is done with a message that fails, after t= or pct= (RFC 9989 section
 * 4.7, RFC 7489 section 6.6.4): `policy` or the next weaker one. With a pct
 * between 0 and 100 it is both, and the weaker one is returned for pct=0
 * only. */
enum ruad_policy ruad_reading_applied(const struct ruad_reading *reading,
    enum ruad_policy policy);

/* Write the record again: known tags in their usual order, words in lower case,
 * without blanks, nothing that has no effect; it means the same to a receiver
 * of RFC 9989. NULL: the record is ignored, or memory ran out. The caller frees
 * it. */
char *ruad_record_canonical(const struct ruad_dmarc_record *r);

/* Write a record from the values of its tags (NULL: absent), which are taken as
 * they are; v is always DMARC1. The caller frees it; NULL: no memory. */
char *ruad_record_write(const char *const values[RUAD_TAG_COUNT]);

#endif
