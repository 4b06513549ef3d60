/* publish.h - TXT records as those want them who publish them. */
#ifndef RUAD_PUBLISH_H
#define RUAD_PUBLISH_H
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* What they all say. */
enum { RUAD_PUBLISH_TTL_SECS = 3600 };

struct ruad_publish_record {
	char name[256]; /* without final dot */
	char zone[256]; /* that it is thought to be in */
	const char *text; /* borrowed */
};

enum ruad_publish_format {
	RUAD_PUBLISH_TEXT, /* for people, and forms of a web page */
	RUAD_PUBLISH_BIND, /* a zone file */
	RUAD_PUBLISH_NSUPDATE,
	RUAD_PUBLISH_ROUTE53, /* a change batch */
	RUAD_PUBLISH_CLOUDFLARE, /* the body of a POST or PUT */
	RUAD_PUBLISH_TERRAFORM,
	RUAD_PUBLISH_POWERDNS, /* the body of a PATCH */
	RUAD_PUBLISH_COUNT
};

/* "bind"; never NULL. */
const char *ruad_publish_word(enum ruad_publish_format format);

/* The format of this name. */
bool ruad_publish_find(const char *word, enum ruad_publish_format *out);

/* Write one record, as a document of its own; texts over 255 bytes as several
 * strings (RFC 1035 section 3.3.14). False: out of memory; failures of `to` are
 * its own. */
bool ruad_publish(FILE *to, enum ruad_publish_format format,
    const struct ruad_publish_record *r);

#endif
