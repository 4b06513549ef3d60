/* dns.h - the resolver over the network: libunbound, with a deadline for every
 * query and one for all of them together, and validation by DNSSEC. Programs
 * that people wait for use it; nothing that takes mail in may. */
#ifndef RUAD_DNS_H
#define RUAD_DNS_H
#include "err.h"
#include "resolver.h"
#include <stddef.h>

struct ruad_dns;

struct ruad_dns_settings {
	/* Addresses, "192.0.2.1" or "192.0.2.1@5353"; none: those of
	 * resolv.conf(5). Borrowed while opening. */
	const char *const *servers;
	size_t server_count;
	/* File with the keys that validation begins with; NULL, or one that is
	 * not there: nothing is validated. */
	const char *trust_anchor;
	unsigned query_msecs; /* longest wait for one answer */
	unsigned total_msecs; /* for all since opening or ruad_dns_renew() */
};

/* Nothing is asked yet. RUAD_BAD: a server or the trust anchor is no such
 * thing; RUAD_TEMP: this host failed. */
RUAD_NODISCARD enum ruad_status
ruad_dns_open(const struct ruad_dns_settings *set, struct ruad_dns **out,
    struct ruad_err *err);

/* Its resolver, part of `d`. Where the servers strip the signatures off that
 * the trust anchor promises, everything would be bogus: then nothing is
 * validated any more, and answers say RUAD_DNS_UNCHECKED. */
struct ruad_resolver *ruad_dns_resolver(struct ruad_dns *d);

/* Begin the time for all queries anew, as for the next domain. */
void ruad_dns_renew(struct ruad_dns *d);

void ruad_dns_close(struct ruad_dns **d); /* sets *d NULL; NULL is fine */

#endif
