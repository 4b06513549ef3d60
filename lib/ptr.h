/* ptr.h - the name of an address by its PTR record (RFC 1035 section 3.5, RFC
 * 3596 section 2.5), believed only where the name leads back to the address:
 * anybody can claim any name. */
#ifndef RUAD_PTR_H
#define RUAD_PTR_H
#include "resolver.h"

/* Bounds what one address can make us ask. */
#define RUAD_PTR_NAMES_MAX 4

/* Ask for the name of ip, IPv4 as ::ffff:a.b.c.d. *known_out is false where DNS
 * failed; else `name` is the first confirmed one of RUAD_PTR_NAMES_MAX, in
 * lower case, or "" where there is none. RUAD_TEMP, RUAD_BAD: as
 * ruad_resolver_ask(). */
RUAD_NODISCARD enum ruad_status ruad_ptr_ask(struct ruad_resolver *r,
    const unsigned char ip[16], char name[256], bool *known_out,
    struct ruad_err *err);

#endif
