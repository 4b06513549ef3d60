/* dkim_key.h - the public key of a DKIM selector (RFC 6376 section 3.6.1, RFC
 * 8463): that it is there, of which kind and length, and whether it is in use. */
#ifndef RUAD_DKIM_KEY_H
#define RUAD_DKIM_KEY_H
#include "err.h"
#include "remark.h"
#include "resolver.h"
#include <stdbool.h>
#include <stddef.h>

/* Look at the key. `passes`: reports show signatures of this selector that
 * verified, so that a key should be there. RUAD_TEMP: this host failed. */
RUAD_NODISCARD enum ruad_status
ruad_dkim_key_check(struct ruad_resolver *resolver, const char *domain,
    const char *selector, bool passes, struct ruad_remarks *remarks,
    struct ruad_err *err);

/* The bits of the modulus in a DER-encoded RSA public key, with or without the
 * frame of SubjectPublicKeyInfo (RFC 3447 appendix A.1, RFC 5280 section 4.1);
 * 0: it is none. */
unsigned ruad_dkim_key_bits(const unsigned char *der, size_t len);

#endif
