/* resolver.h - asking DNS, through whoever answers: dns.c over the network, or
 * a zone in memory. What comes back is an outcome and never a failure, but for
 * trouble of this host. */
#ifndef RUAD_RESOLVER_H
#define RUAD_RESOLVER_H
#include "err.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum ruad_dns_type { /* as IANA numbers them */
	RUAD_DNS_A = 1,
	RUAD_DNS_PTR = 12,
	RUAD_DNS_MX = 15,
	RUAD_DNS_TXT = 16,
	RUAD_DNS_AAAA = 28
};

enum ruad_dns_outcome {
	RUAD_DNS_FOUND,
	RUAD_DNS_NO_DATA, /* the name exists, without such data */
	RUAD_DNS_NO_NAME, /* NXDOMAIN: neither it nor anything below exists */
	RUAD_DNS_BOGUS, /* DNSSEC proves the answer wrong */
	RUAD_DNS_FAILED, /* SERVFAIL, REFUSED and the like */
	RUAD_DNS_TIMEOUT
};

enum ruad_dns_proof {
	RUAD_DNS_UNCHECKED, /* there is no trust anchor to check with */
	RUAD_DNS_UNSIGNED,
	RUAD_DNS_PROVEN
};

struct ruad_dns_rr {
	unsigned char *data; /* owned by the answer; wire format */
	size_t len;
};

struct ruad_dns_answer {
	enum ruad_dns_outcome outcome;
	enum ruad_dns_proof proof;
	uint32_t ttl_secs;
	struct ruad_dns_rr *rr;
	size_t count;
	char *canonical; /* where a chain of CNAMEs ended; NULL: there is none
			  */
	char why[200]; /* of a failure, for people; printable ASCII */
};

struct ruad_resolver {
	/* Ask for `name` (without final dot). RUAD_OK: *out belongs to the
	 * caller. RUAD_TEMP: this host failed. */
	enum ruad_status (*ask)(struct ruad_resolver *self, const char *name,
	    enum ruad_dns_type type, struct ruad_dns_answer **out,
	    struct ruad_err *err);
};

RUAD_NODISCARD enum ruad_status ruad_resolver_ask(struct ruad_resolver *r,
    const char *name, enum ruad_dns_type type, struct ruad_dns_answer **out,
    struct ruad_err *err);

/* An answer without data; NULL: no memory. */
struct ruad_dns_answer *ruad_dns_answer_new(enum ruad_dns_outcome outcome);

/* Add a copy of a record. False: no memory. */
bool ruad_dns_answer_add(struct ruad_dns_answer *a, const void *data,
    size_t len);

void ruad_dns_answer_free(struct ruad_dns_answer **a); /* sets *a NULL */

/* Whether nothing is known after this answer, and asking again may help. */
bool ruad_dns_is_unknown(enum ruad_dns_outcome outcome);

/* Record n of type TXT: its strings joined (RFC 7208 section 3.3, RFC 7489
 * section 6.1), with a NUL behind. The caller frees it. NULL: no memory. */
char *ruad_dns_txt(const struct ruad_dns_answer *a, size_t n, size_t *len_out);

/* Record n of type PTR: the name, in lower case. False: damaged. */
bool ruad_dns_ptr(const struct ruad_dns_answer *a, size_t n, char out[256]);

/* Record n of type MX: the name of the host, "" for a null MX (RFC 7505), in
 * lower case. False: damaged, or no name that mail is sent to. */
bool ruad_dns_mx(const struct ruad_dns_answer *a, size_t n, char out[256]);

/* "NXDOMAIN", "timeout"; never NULL. */
const char *ruad_dns_outcome_word(enum ruad_dns_outcome outcome);

#endif
