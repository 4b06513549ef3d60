/* resolver.c - answers, and what is in them. */
#include "resolver.h"
#include <stdlib.h>
#include <string.h>
#include "text.h"

enum ruad_status
ruad_resolver_ask(struct ruad_resolver *r, const char *name,
    enum ruad_dns_type type, struct ruad_dns_answer **out, struct ruad_err *err)
{
	*out = NULL;
	return r->ask(r, name, type, out, err);
}

struct ruad_dns_answer *
ruad_dns_answer_new(enum ruad_dns_outcome outcome)
{
	struct ruad_dns_answer *a = calloc(1, sizeof(*a));

	if (a != NULL)
		a->outcome = outcome;
	return a;
}

bool
ruad_dns_answer_add(struct ruad_dns_answer *a, const void *data, size_t len)
{
	struct ruad_dns_rr *rr = realloc(a->rr, (a->count + 1) * sizeof(*rr));
	unsigned char *copy;

	if (rr == NULL)
		return false;
	a->rr = rr;
	copy = malloc(len + 1);
	if (copy == NULL)
		return false;
	memcpy(copy, data, len);
	a->rr[a->count++] = (struct ruad_dns_rr){ .data = copy, .len = len };
	return true;
}

void
ruad_dns_answer_free(struct ruad_dns_answer **a)
{
	if (*a == NULL)
		return;
	for (size_t i = 0; i < (*a)->count; i++)
		free((*a)->rr[i].data);
	free((*a)->rr);
	free((*a)->canonical);
	free(*a);
	*a = NULL;
}

bool
ruad_dns_is_unknown(enum ruad_dns_outcome outcome)
{
	return outcome == RUAD_DNS_FAILED || outcome == RUAD_DNS_TIMEOUT;
}

char *
ruad_dns_txt(const struct ruad_dns_answer *a, size_t n, size_t *len_out)
{
	const struct ruad_dns_rr *rr = &a->rr[n];
	char *text = malloc(rr->len + 1);
	size_t at = 0, len = 0;

	if (text == NULL)
		return NULL;
	while (at < rr->len) {
		size_t part = rr->data[at++];

		if (part > rr->len - at)
			part = rr->len - at;
		memcpy(text + len, rr->data + at, part);
		at += part;
		len += part;
	}
	text[len] = '\0';
	*len_out = len;
	return text;
}

/* The name that a record has from `at` on. */
static bool
read_name(const struct ruad_dns_rr *rr, size_t at, char out[256])
{
	size_t len = 0;

	out[0] = '\0';
	while (at < rr->len && rr->data[at] != 0) {
		size_t label = rr->data[at++];

		if (label > 63 || label > rr->len - at || len + label > 253)
			return false;
		if (len > 0)
			out[len++] = '.';
		memcpy(out + len, rr->data + at, label);
		if (memchr(out + len, '\0', label) != NULL)
			return false;
		len += label;
		at += label;
	}
	out[len] = '\0';
	ruad_text_lower(out, len);
	return at < rr->len;
}

bool
ruad_dns_ptr(const struct ruad_dns_answer *a, size_t n, char out[256])
{
	return read_name(&a->rr[n], 0, out);
}

bool
ruad_dns_mx(const struct ruad_dns_answer *a, size_t n, char out[256])
{
	/* Behind its preference. */
	return read_name(&a->rr[n], 2, out);
}

const char *
ruad_dns_outcome_word(enum ruad_dns_outcome outcome)
{
	static const char *const words[] = {
		[RUAD_DNS_FOUND] = "found",
		[RUAD_DNS_NO_DATA] = "no such data",
		[RUAD_DNS_NO_NAME] = "NXDOMAIN, no such name",
		[RUAD_DNS_BOGUS] = "DNSSEC validation failed",
		[RUAD_DNS_FAILED] = "SERVFAIL, its name servers fail",
		[RUAD_DNS_TIMEOUT] = "no answer in time",
	};

	return words[outcome];
}
