/* trail.h - a resolver that asks another one, each question once, and keeps the
 * answers for who wants to see what DNS said. */
#ifndef RUAD_TRAIL_H
#define RUAD_TRAIL_H
#include "err.h"
#include "resolver.h"
#include <stddef.h>

struct ruad_trail;

struct ruad_trail_step {
	char name[256];
	enum ruad_dns_type type;
	struct ruad_dns_answer *answer; /* owned by the trail */
};

/* Begin. `asked` is borrowed. RUAD_TEMP: no memory. */
RUAD_NODISCARD enum ruad_status ruad_trail_new(struct ruad_resolver *asked,
    struct ruad_trail **out, struct ruad_err *err);

/* The resolver, part of the trail. */
struct ruad_resolver *ruad_trail_resolver(struct ruad_trail *t);

/* Step n, from 0, in the order of the questions; NULL: there are no more. */
const struct ruad_trail_step *ruad_trail_step(const struct ruad_trail *t,
    size_t n);

/* Forget all answers, as before the next domain. */
void ruad_trail_clear(struct ruad_trail *t);

void ruad_trail_free(struct ruad_trail **t); /* sets *t NULL; NULL is fine */

#endif
