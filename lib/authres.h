/* authres.h - one Authentication-Results field (RFC 8601) read result by
 * result, with much tolerance for how filters write it. Says what the field
 * claims, not whether to believe it. */
#ifndef RUAD_AUTHRES_H
#define RUAD_AUTHRES_H
#include "report.h"
#include <stdbool.h>
#include <stddef.h>

/* Bounds of one field: what exceeds them is no honest filter's. Bytes of the
 * field, results, properties of a result, depth of comments. */
#define RUAD_AUTHRES_FIELD_BYTES 16384u
#define RUAD_AUTHRES_RESULTS 64u
#define RUAD_AUTHRES_PROPS 32u
#define RUAD_AUTHRES_DEPTH 16u

/* Room for a domain name or a selector. */
#define RUAD_AUTHRES_NAME_BYTES 254u

struct ruad_authres {
	char authserv_id[512]; /* without quotes; "" where there is none */
	bool unknown_version; /* RFC 8601: ignore the whole field */
	bool broken; /* unreadable: a comment or quotes that never end, text
		      * where none may be, or a bound exceeded */
	const char *p, *end; /* what is left to read */
	unsigned results; /* so far */
};

enum ruad_authres_method {
	RUAD_AUTHRES_OTHER,
	RUAD_AUTHRES_DMARC,
	RUAD_AUTHRES_DKIM,
	RUAD_AUTHRES_SPF
};

/* Names are lower case, domains A-labels without final dot and without the
 * local part before them; "" where absent or not a name. */
struct ruad_authres_result {
	/* RFC 8601 leaves no meaning to an unknown method, version of a method,
	 * result word or ptype. */
	bool ignored;
	enum ruad_authres_method method;
	enum ruad_result word;
	bool has_from; /* there is a header.from; if two differ, it is "" */
	char header_from[RUAD_AUTHRES_NAME_BYTES];
	char header_d[RUAD_AUTHRES_NAME_BYTES];
	char header_i[RUAD_AUTHRES_NAME_BYTES];
	char header_s[RUAD_AUTHRES_NAME_BYTES];
	char mailfrom[RUAD_AUTHRES_NAME_BYTES];
	char helo[RUAD_AUTHRES_NAME_BYTES];
};

/* Begin to read a field, folded or not; `value` is borrowed. Without an
 * authserv-id, as Microsoft writes it, there is nothing to read behind it. */
void ruad_authres_open(struct ruad_authres *a, const char *value);

/* The next result; false: none left. Only a field that is not broken after the
 * last one counts. */
bool ruad_authres_next(struct ruad_authres *a, struct ruad_authres_result *out);

/* Copy a name of len bytes in lower case; "" where it holds a byte that no
 * domain name or selector has, or does not fit. */
void ruad_authres_name(char to[RUAD_AUTHRES_NAME_BYTES], const char *s,
    size_t len);

#endif
