/* remark.h - what is to be said about a record in DNS: a stable code, how bad
 * it is, where it stands, which generation of receivers it matters to, and a
 * sentence for the owner of the domain. */
#ifndef RUAD_REMARK_H
#define RUAD_REMARK_H
#include "err.h"
#include <stdbool.h>
#include <stddef.h>

/* X(name) - the stable codes; once released, never reused. ruadctl(1). */
#define RUAD_REMARKS(X) \
	X(RECORD_VERSION) \
	X(RECORD_LEADING_BLANK) \
	X(RECORD_BYTES) \
	X(RECORD_TAGS) \
	X(RECORD_TAG_EMPTY) \
	X(RECORD_TAG_SYNTAX) \
	X(RECORD_TAG_UNKNOWN) \
	X(RECORD_TAG_TWICE) \
	X(RECORD_TAG_NEW) \
	X(RECORD_TAG_HISTORIC) \
	X(RECORD_VALUE_EMPTY) \
	X(RECORD_VALUE) \
	X(RECORD_ORDER) \
	X(RECORD_POLICY_MISSING) \
	X(RECORD_POLICY_WORD) \
	X(RECORD_POLICY_WEAKER) \
	X(RECORD_TESTING) \
	X(RECORD_SAMPLED) \
	X(RECORD_PSD) \
	X(RECORD_FO) \
	X(RECORD_FO_UNUSED) \
	X(RECORD_URI) \
	X(RECORD_URI_BLANK) \
	X(RECORD_URI_SCHEME) \
	X(RECORD_URI_SIZE) \
	X(RECORD_URI_TWICE) \
	X(RECORD_URI_MANY) \
	X(RECORD_NO_RUA) \
	X(RECORD_LONG) \
	X(RECORD_NONE) \
	X(DOMAIN_NONE) \
	X(RECORD_SEVERAL) \
	X(RECORD_BESIDE) \
	X(RECORD_CNAME) \
	X(LOOKUP_FAILED) \
	X(LOOKUP_BOGUS) \
	X(RECORD_DIFFER) \
	X(RECORD_INHERITED) \
	X(PUBLIC_SUFFIX) \
	X(RECORD_TTL) \
	X(DNSSEC_OK) \
	X(DNSSEC_NONE) \
	X(DNSSEC_UNCHECKED) \
	X(RUA_NOT_HERE) \
	X(RUA_UNAUTHORISED) \
	X(RUA_AUTHORISED) \
	X(RUA_REPLACED) \
	X(RUA_NO_MX) \
	X(SPF_NONE) \
	X(SPF_SEVERAL) \
	X(SPF_SYNTAX) \
	X(SPF_LOOKUPS) \
	X(SPF_VOID) \
	X(SPF_ALL) \
	X(SPF_NO_ALL) \
	X(SPF_OK) \
	X(DKIM_MISSING) \
	X(DKIM_REVOKED) \
	X(DKIM_SHORT) \
	X(DKIM_SYNTAX) \
	X(DKIM_TESTING) \
	X(DKIM_OK) \
	X(SEEN_DIFFERENT) \
	X(SEEN_SAME) \
	X(SEEN_NOTHING)

enum ruad_remark_code {
#define RUAD_REMARK_ENUM(name) RUAD_##name,
	RUAD_REMARKS(RUAD_REMARK_ENUM)
#undef RUAD_REMARK_ENUM
	    RUAD_REMARK_COUNT
};

enum ruad_severity {
	RUAD_REMARK_INFO, /* worth knowing */
	RUAD_REMARK_WARNING, /* works, but not as its author may think */
	RUAD_REMARK_UNKNOWN, /* could not be found out now: try again */
	RUAD_REMARK_ERROR /* ignored or refused by those who read it */
};

/* Which receivers it matters to, as a set. */
enum { RUAD_OF_7489 = 1, RUAD_OF_9989 = 2, RUAD_OF_BOTH = 3 };

#define RUAD_NOWHERE ((size_t)-1)

struct ruad_remark {
	enum ruad_remark_code code;
	enum ruad_severity severity;
	unsigned of; /* set of the above */
	size_t at, len; /* bytes in the text; at RUAD_NOWHERE: no place */
	char text[300]; /* printable ASCII */
};

/* A list of them, in the order in which they were made. All zero is empty. */
struct ruad_remarks {
	struct ruad_remark *item; /* owned */
	size_t count, room;
	bool failed; /* memory ran out: the list is not complete */
};

/* Add a remark; whatever the arguments hold, its text is safe to show. Beyond
 * 1000 of them, what a text of 64 KiB can be made to earn, the rest is left
 * out. */
void ruad_remark(struct ruad_remarks *list, enum ruad_remark_code code,
    enum ruad_severity severity, unsigned of, size_t at, size_t len,
    const char *fmt, ...) RUAD_PRINTF(7, 8);

/* The worst of them; RUAD_REMARK_INFO where there is none. */
enum ruad_severity ruad_remarks_worst(const struct ruad_remarks *list);

/* Whether there is one with this code. */
bool ruad_remarked(const struct ruad_remarks *list, enum ruad_remark_code code);

/* "RECORD_VERSION"; "error"; "7489", "9989" or "both". Never NULL. */
const char *ruad_remark_name(enum ruad_remark_code code);
const char *ruad_severity_word(enum ruad_severity severity);
const char *ruad_remark_of(unsigned of);

/* Empty the list. */
void ruad_remarks_free(struct ruad_remarks *list);

#endif
