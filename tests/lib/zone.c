/* zone.c - see zone.h. Texts longer than a string of a TXT record are split. */
#include "zone.h"
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static size_t
put_txt(unsigned char *out, const char *text)
{
	size_t left = strlen(text), len = 0;

	do {
		size_t part = left > 255 ? 255 : left;

		out[len++] = (unsigned char)part;
		memcpy(out + len, text, part);
		len += part;
		text += part;
		left -= part;
	} while (left > 0);
	return len;
}

static size_t
put_name(unsigned char *out, const char *host)
{
	size_t len = 0;

	while (*host != '\0') {
		size_t label = strcspn(host, ".");

		out[len++] = (unsigned char)label;
		memcpy(out + len, host, label);
		len += label;
		host += label + (host[label] == '.');
	}
	out[len++] = 0;
	return len;
}

static bool
add(struct ruad_dns_answer *a, const struct zone_row *row)
{
	unsigned char data[70000];
	size_t len = 0;

	switch (row->type) {
	case RUAD_DNS_TXT:
		len = put_txt(data, row->text);
		break;
	case RUAD_DNS_MX:
		data[0] = 0;
		data[1] = 10;
		len = 2 + put_name(data + 2, row->text);
		break;
	case RUAD_DNS_PTR:
		len = put_name(data, row->text);
		break;
	case RUAD_DNS_A:
		len = 4;
		inet_pton(AF_INET, row->text, data);
		break;
	case RUAD_DNS_AAAA:
		len = 16;
		inet_pton(AF_INET6, row->text, data);
		break;
	}
	return ruad_dns_answer_add(a, data, len);
}

/* Whether `name` is `parent` or below it. */
static bool
is_below(const char *name, const char *parent)
{
	size_t n = strlen(name), p = strlen(parent);

	return n >= p && strcasecmp(name + n - p, parent) == 0 &&
	    (n == p || name[n - p - 1] == '.');
}

static enum ruad_status
ask(struct ruad_resolver *self, const char *name, enum ruad_dns_type type,
    struct ruad_dns_answer **out, struct ruad_err *err)
{
	struct zone *z = (struct zone *)self;
	struct ruad_dns_answer *a = ruad_dns_answer_new(RUAD_DNS_NO_NAME);

	*out = a;
	if (a == NULL)
		return ruad_fail_memory(err, "zone");
	z->asked++;
	for (size_t i = 0; i < z->count; i++) {
		const struct zone_row *row = &z->rows[i];

		if (!is_below(row->name, name))
			continue;
		if (a->outcome == RUAD_DNS_NO_NAME)
			a->outcome = RUAD_DNS_NO_DATA;
		if (strcasecmp(row->name, name) != 0)
			continue;
		if (row->outcome != RUAD_DNS_FOUND) {
			a->outcome = row->outcome;
			return RUAD_OK;
		}
		if (row->type != type)
			continue;
		a->outcome = RUAD_DNS_FOUND;
		a->ttl_secs = 3600;
		a->proof = row->proven ? RUAD_DNS_PROVEN : RUAD_DNS_UNSIGNED;
		if (row->canonical != NULL && a->canonical == NULL)
			a->canonical = strdup(row->canonical);
		if (!add(a, row))
			abort();
	}
	return RUAD_OK;
}

void
zone_init(struct zone *z, const struct zone_row *rows, size_t count)
{
	*z = (struct zone){ .resolver = { ask }, .rows = rows, .count = count };
}
