/* names.c - two tables: every text once, and for every raw domain name what
 * came of it, so that a name is normalised once in a report, not once a row. */
#include "names.h"
#include "intern.h"
#include "value.h"
#include <string.h>

#define FIRST_NAMES 64u

struct domain_answer { /* by index in the table of raw names */
	ruad_text text;
	struct ruad_warnings warnings;
};

struct ruad_names {
	struct ruad_intern *texts;
	struct ruad_intern *raw_domains;
	struct domain_answer *answers;
	uint32_t name_cap, answer_cap;
};

/* Make room for one more element: the arena keeps what is outgrown, which
 * doubling bounds to the size of the list. */
static void *
grow(struct ruad_arena *a, void *list, uint32_t count, uint32_t *cap,
    size_t size)
{
	uint32_t bigger = *cap == 0 ? FIRST_NAMES : *cap * 2;
	void *copy;

	if (count < *cap)
		return list;
	copy = ruad_arena_alloc(a, bigger * size);
	if (copy == NULL)
		return NULL;
	if (count > 0)
		memcpy(copy, list, count * size);
	*cap = bigger;
	return copy;
}

bool
ruad_names_init(struct ruad_report *r)
{
	struct ruad_names *n = ruad_arena_alloc(r->arena, sizeof(*n));

	if (n == NULL)
		return false;
	n->texts = ruad_intern_new(r->arena);
	n->raw_domains = ruad_intern_new(r->arena);
	r->texts = n;
	return n->texts != NULL && n->raw_domains != NULL;
}

ruad_text
ruad_names_text(struct ruad_report *r, const char *s, size_t len)
{
	struct ruad_names *n = r->texts;
	const void *copy;
	uint32_t i = ruad_intern_put(n->texts, s, len, &copy);
	void *list;

	if (i == RUAD_INTERN_FAILED)
		return RUAD_ABSENT;
	if (i < r->name_count)
		return i;
	list = grow(r->arena, r->names, i, &n->name_cap, sizeof(*r->names));
	if (list == NULL)
		return RUAD_ABSENT;
	r->names = list;
	r->names[i] = (struct ruad_name){ .text = copy, .len = (uint32_t)len };
	r->name_count = i + 1;
	return i;
}

/* Work out what a raw name is, and remember it. */
static bool
answer(struct ruad_report *r, const char *s, size_t len,
    struct domain_answer *out)
{
	char name[256];
	bool address;
	enum ruad_domain_form form;

	form = ruad_value_domain(s, len, name, sizeof(name), &address);
	memset(out, 0, sizeof(*out));
	out->text = RUAD_ABSENT;
	if (address)
		ruad_warn(&out->warnings, RUAD_ROW_ADDR_AS_DOMAIN);
	if (form == RUAD_DOMAIN_ABSENT)
		return true;
	if (form == RUAD_DOMAIN_BAD)
		ruad_warn(&out->warnings, RUAD_ROW_DOMAIN);
	out->text = ruad_names_text(r, name, strlen(name));
	if (out->text == RUAD_ABSENT)
		return false;
	r->names[out->text].bad = form == RUAD_DOMAIN_BAD;
	return true;
}

bool
ruad_names_domain(struct ruad_report *r, const char *s, size_t len,
    ruad_text *out)
{
	struct ruad_names *n = r->texts;
	uint32_t before = ruad_intern_count(n->raw_domains);
	const void *copy;
	uint32_t i = ruad_intern_put(n->raw_domains, s, len, &copy);
	void *list;

	if (i == RUAD_INTERN_FAILED)
		return false;
	if (i == before) {
		list = grow(r->arena, n->answers, i, &n->answer_cap,
		    sizeof(*n->answers));
		if (list == NULL)
			return false;
		n->answers = list;
		if (!answer(r, s, len, &n->answers[i]))
			return false;
	}
	*out = n->answers[i].text;
	r->warnings.bits |= n->answers[i].warnings.bits;
	return true;
}
