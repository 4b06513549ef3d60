/* orgdom.c - libpsl behind a narrow door. */
#include "orgdom.h"
#include <libpsl.h>
#include <stdlib.h>
#include <string.h>

struct ruad_orgdom {
	psl_ctx_t *psl; /* owned */
};

/* libpsl takes any lines of text for rules, and a list that is none would make
 * a public suffix of what is not: every real one has a rule for com. */
static bool
is_list(const psl_ctx_t *psl)
{
	return psl_is_public_suffix2(psl, "com",
		   PSL_TYPE_ANY | PSL_TYPE_NO_STAR_RULE) == 1;
}

enum ruad_status
ruad_orgdom_open(const char *path, struct ruad_orgdom **out,
    struct ruad_err *err)
{
	struct ruad_orgdom *o = *out = calloc(1, sizeof(*o));

	if (o == NULL)
		return ruad_fail_memory(err, "orgdom");
	o->psl = path != NULL ? psl_load_file(path) : psl_latest(NULL);
	if (o->psl == NULL || !is_list(o->psl)) {
		ruad_orgdom_close(out);
		return ruad_fail(err, RUAD_TEMP, RUAD_OUR_IO,
		    "orgdom: cannot read a public suffix list from %s",
		    path != NULL ? path : "the system");
	}
	return RUAD_OK;
}

/* No top-level domain is a number (RFC 3696 section 2), so this is the end of
 * an IPv4 address. */
static bool
ends_in_number(const char *domain)
{
	const char *label = strrchr(domain, '.');

	label = label == NULL ? domain : label + 1;
	return label[strspn(label, "0123456789")] == '\0';
}

const char *
ruad_orgdom_find(const struct ruad_orgdom *o, const char *domain)
{
	if (o == NULL || ends_in_number(domain))
		return NULL;
	return psl_registrable_domain(o->psl, domain);
}

void
ruad_orgdom_close(struct ruad_orgdom **o)
{
	if (*o == NULL)
		return;
	psl_free((*o)->psl);
	free(*o);
	*o = NULL;
}
