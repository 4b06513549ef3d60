/* uri.h - the lists of URIs in rua= and ruf= (RFC 7489 section 6.2, RFC 9989
 * section 4.7). A URI that is wrong is left out by receivers; the others of the
 * list still count. */
#ifndef RUAD_URI_H
#define RUAD_URI_H
#include "remark.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* RFC 5321 section 4.5.3.1: local part, @, domain. */
#define RUAD_ADDRESS_MAX (64 + 1 + 255)

struct ruad_uri {
	size_t at, len; /* in the text of the record, without a size */
	size_t size_len; /* of "!10m" behind it; 0: there is none */
	bool valid;
	bool mailto; /* the one scheme that senders know */
	/* Of a valid mailto: the address without percent-encoding, and its
	 * domain in lower case and A-labels. */
	char address[RUAD_ADDRESS_MAX + 1];
	char host[256];
	/* What the size says, in bytes (RFC 7489 section 6.2); RFC 9989 ignores
	 * it. */
	uint64_t max_bytes;
};

/* Read the list text[at..at + len) into at most max URIs, with remarks on each;
 * `tag` is "rua" or "ruf". Returns how many there are. */
size_t ruad_uri_read(const char *text, size_t at, size_t len, const char *tag,
    struct ruad_uri *out, size_t max, struct ruad_remarks *remarks);

#endif
