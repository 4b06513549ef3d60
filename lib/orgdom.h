/* orgdom.h - organizational domains by the Public Suffix List, as RFC 7489
 * section 3.2 has them. (RFC 9989's tree walk needs DNS and is not used when
 * reports are taken in.) Shared by threads: read-only once open. */
#ifndef RUAD_ORGDOM_H
#define RUAD_ORGDOM_H
#include "err.h"
#include <stddef.h>

struct ruad_orgdom;

/* Load the list: `path`, or the system's newest where path is NULL.
 * RUAD_TEMP: it cannot be read. */
RUAD_NODISCARD enum ruad_status ruad_orgdom_open(const char *path,
    struct ruad_orgdom **out, struct ruad_err *err);

/* The organizational domain of `domain` (lower case, A-labels): a pointer into
 * `domain`, or NULL when there is none because it is itself a public suffix.
 * A NULL orgdom knows no suffix list and returns NULL. */
const char *ruad_orgdom_find(const struct ruad_orgdom *o, const char *domain);

void ruad_orgdom_close(struct ruad_orgdom **o); /* sets *o NULL */

#endif
