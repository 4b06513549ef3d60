/* trail.c - see trail.h. Few questions are asked about one domain, so a search
 * goes through all of them. */
#include "trail.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct ruad_trail {
	struct ruad_resolver resolver; /* first: what ask() is called with */
	struct ruad_resolver *asked; /* borrowed */
	struct ruad_trail_step *step; /* owned */
	size_t count, room;
};

/* NULL: no memory. */
static struct ruad_dns_answer *
copy_answer(const struct ruad_dns_answer *a)
{
	struct ruad_dns_answer *copy = ruad_dns_answer_new(a->outcome);

	if (copy == NULL)
		return NULL;
	copy->proof = a->proof;
	copy->ttl_secs = a->ttl_secs;
	memcpy(copy->why, a->why, sizeof(copy->why));
	if (a->canonical != NULL &&
	    (copy->canonical = strdup(a->canonical)) == NULL)
		goto fail;
	for (size_t i = 0; i < a->count; i++) {
		if (!ruad_dns_answer_add(copy, a->rr[i].data, a->rr[i].len))
			goto fail;
	}
	return copy;
fail:
	ruad_dns_answer_free(&copy);
	return NULL;
}

static const struct ruad_trail_step *
find(const struct ruad_trail *t, const char *name, enum ruad_dns_type type)
{
	for (size_t i = 0; i < t->count; i++) {
		if (t->step[i].type == type &&
		    strcasecmp(t->step[i].name, name) == 0)
			return &t->step[i];
	}
	return NULL;
}

/* Keep an answer. False: no memory; it stays with the caller. */
static bool
add(struct ruad_trail *t, const char *name, enum ruad_dns_type type,
    struct ruad_dns_answer *answer)
{
	struct ruad_trail_step *step = t->step;

	if (t->count == t->room) {
		size_t room = t->room == 0 ? 16 : 2 * t->room;

		step = realloc(t->step, room * sizeof(*step));
		if (step == NULL)
			return false;
		t->step = step;
		t->room = room;
	}
	step += t->count++;
	snprintf(step->name, sizeof(step->name), "%s", name);
	step->type = type;
	step->answer = answer;
	return true;
}

static enum ruad_status
ask(struct ruad_resolver *self, const char *name, enum ruad_dns_type type,
    struct ruad_dns_answer **out, struct ruad_err *err)
{
	struct ruad_trail *t = (struct ruad_trail *)self;
	const struct ruad_trail_step *known = find(t, name, type);
	struct ruad_dns_answer *answer = NULL;

	if (known == NULL) {
		enum ruad_status st =
		    ruad_resolver_ask(t->asked, name, type, &answer, err);

		if (st != RUAD_OK)
			return st;
		if (!add(t, name, type, answer)) {
			ruad_dns_answer_free(&answer);
			return ruad_fail_memory(err, "dns");
		}
	}
	*out = copy_answer(known != NULL ? known->answer : answer);
	return *out != NULL ? RUAD_OK : ruad_fail_memory(err, "dns");
}

enum ruad_status
ruad_trail_new(struct ruad_resolver *asked, struct ruad_trail **out,
    struct ruad_err *err)
{
	struct ruad_trail *t = *out = calloc(1, sizeof(*t));

	if (t == NULL)
		return ruad_fail_memory(err, "dns");
	t->resolver.ask = ask;
	t->asked = asked;
	return RUAD_OK;
}

struct ruad_resolver *
ruad_trail_resolver(struct ruad_trail *t)
{
	return &t->resolver;
}

const struct ruad_trail_step *
ruad_trail_step(const struct ruad_trail *t, size_t n)
{
	return n < t->count ? &t->step[n] : NULL;
}

void
ruad_trail_clear(struct ruad_trail *t)
{
	for (size_t i = 0; i < t->count; i++)
		ruad_dns_answer_free(&t->step[i].answer);
	t->count = 0;
}

void
ruad_trail_free(struct ruad_trail **t)
{
	if (*t == NULL)
		return;
	ruad_trail_clear(*t);
	free((*t)->step);
	free(*t);
	*t = NULL;
}
