/* ptr.c - see ptr.h. */
#include "ptr.h"
#include <stdio.h>
#include <string.h>

static const unsigned char ip4_prefix[12] = { [10] = 0xff, [11] = 0xff };

static bool
is_ip4(const unsigned char ip[16])
{
	return memcmp(ip, ip4_prefix, sizeof(ip4_prefix)) == 0;
}

static void
write_reverse(const unsigned char ip[16], char *buf, size_t cap)
{
	size_t len = 0;

	if (is_ip4(ip)) {
		snprintf(buf, cap, "%u.%u.%u.%u.in-addr.arpa", ip[15], ip[14],
		    ip[13], ip[12]);
		return;
	}
	for (int i = 15; i >= 0; i--)
		len += (size_t)snprintf(buf + len, cap - len, "%x.%x.",
		    ip[i] & 15u, ip[i] >> 4);
	snprintf(buf + len, cap - len, "ip6.arpa");
}

/* Whether the name has this address. */
static enum ruad_status
confirm(struct ruad_resolver *r, const char *name, const unsigned char ip[16],
    bool *yes_out, bool *known_out, struct ruad_err *err)
{
	enum ruad_dns_type type = is_ip4(ip) ? RUAD_DNS_A : RUAD_DNS_AAAA;
	const unsigned char *wanted = is_ip4(ip) ? ip + 12 : ip;
	size_t len = is_ip4(ip) ? 4 : 16;
	struct ruad_dns_answer *a;
	enum ruad_status st = ruad_resolver_ask(r, name, type, &a, err);

	*yes_out = false;
	if (st != RUAD_OK)
		return st;
	if (ruad_dns_is_unknown(a->outcome))
		*known_out = false;
	for (size_t i = 0; i < a->count; i++) {
		if (a->rr[i].len == len &&
		    memcmp(a->rr[i].data, wanted, len) == 0)
			*yes_out = true;
	}
	ruad_dns_answer_free(&a);
	return RUAD_OK;
}

enum ruad_status
ruad_ptr_ask(struct ruad_resolver *r, const unsigned char ip[16],
    char name[256], bool *known_out, struct ruad_err *err)
{
	struct ruad_dns_answer *a;
	char reverse[80];
	bool yes = false;
	enum ruad_status st;

	name[0] = '\0';
	write_reverse(ip, reverse, sizeof(reverse));
	st = ruad_resolver_ask(r, reverse, RUAD_DNS_PTR, &a, err);
	if (st != RUAD_OK)
		return st;
	*known_out = !ruad_dns_is_unknown(a->outcome);
	for (size_t i = 0; i < a->count && i < RUAD_PTR_NAMES_MAX && !yes;
	     i++) {
		if (!ruad_dns_ptr(a, i, name) || name[0] == '\0')
			continue;
		st = confirm(r, name, ip, &yes, known_out, err);
		if (st != RUAD_OK)
			break;
	}
	if (yes)
		*known_out = true;
	else
		name[0] = '\0';
	ruad_dns_answer_free(&a);
	return st;
}
