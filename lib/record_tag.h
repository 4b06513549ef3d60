/* record_tag.h - the tags of a DMARC record one by one, and what a record is
 * made of. Of no concern outside of record.c and record_write.c. */
#ifndef RUAD_RECORD_TAG_H
#define RUAD_RECORD_TAG_H
#include "reading.h"
#include "remark.h"
#include "tag.h"
#include "uri.h"
#include <stdbool.h>
#include <stddef.h>

enum { RUAD_RECORD_TAGS_MAX = 100, RUAD_RECORD_URIS_MAX = 50 };

struct ruad_dmarc_record {
	char *text; /* owned, with a NUL behind */
	size_t len;
	struct ruad_tag tag[RUAD_RECORD_TAGS_MAX];
	size_t tag_count;
	const struct ruad_tag *known[RUAD_TAG_COUNT]; /* NULL: absent */
	bool bad[RUAD_TAG_COUNT]; /* its value is no value */
	struct ruad_uri uri[2][RUAD_RECORD_URIS_MAX]; /* rua, ruf */
	size_t uri_count[2];
	struct ruad_reading reading[RUAD_RFC_COUNT];
	struct ruad_remarks remarks;
};

/* Read a tag of the record into its readings, with remarks on its value. False:
 * it is no value that the tag can have, which counts as absent. */
bool ruad_record_tag_read(struct ruad_dmarc_record *r, const struct ruad_tag *t,
    enum ruad_record_tag tag);

/* The policy that a value names; RUAD_POLICY_UNKNOWN: none. */
enum ruad_policy ruad_record_tag_policy(const struct ruad_dmarc_record *r,
    const struct ruad_tag *t);

/* The generations that know the tag, a set as in remark.h. */
unsigned ruad_record_tag_of(enum ruad_record_tag tag);

#endif
