/* forwarded.h - the client behind proxies that are trusted. Pure. */
#ifndef RUAD_WEB_FORWARDED_H
#define RUAD_WEB_FORWARDED_H
#include "conf.h"
#include <stdbool.h>
#include <stddef.h>

/* Whether an address is in one of the networks, "192.0.2.0/24" or "::1". */
bool ruad_forwarded_trusts(const struct ruad_strings *networks,
    const char *address);

/* The client: the last address of X-Forwarded-For (`list`, may be NULL) that is
 * not that of a trusted proxy; `address` where that itself is not trusted, or
 * the list does not hold addresses only. `address` "" is a trusted proxy that
 * has none. */
void ruad_forwarded_client(const struct ruad_strings *networks,
    const char *address, const char *list, char *buf, size_t cap);

#endif
