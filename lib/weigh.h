/* weigh.h - what GMime would take for a mail, estimated from its lines before
 * it parses them. It makes objects of every part, field, address and parameter
 * of a mail and asks nobody, so that a mail made for it takes a hundred times
 * its size. The estimate takes every line of a body for a possible header:
 * it is too high, but an honest mail stays far below the limit. */
#ifndef RUAD_WEIGH_H
#define RUAD_WEIGH_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Memory that no mail may take. */
#define RUAD_WEIGH_MAX ((size_t)64 * 1024 * 1024)

struct ruad_weight {
	size_t objects; /* bytes, at most RUAD_WEIGH_MAX + what one line adds */
	size_t texts; /* bytes: copies of what stands around parts */
	bool deadly; /* a field that GMime would read too long, or until the
		      * stack is used up */
};

/* Weigh a mail whose lines end in LF. */
void ruad_weigh_mail(const unsigned char *data, size_t len,
    struct ruad_weight *out);

#endif
