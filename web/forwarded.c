/* forwarded.c - what stands left of the first address that nobody vouches for
 * was written by the client. */
#include "forwarded.h"
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* IPv4 as IPv4-mapped IPv6, so that there is one form. */
static bool
read_address(const char *text, unsigned char out[16])
{
	static const unsigned char mapped[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
		0xff, 0xff };

	if (inet_pton(AF_INET, text, out + 12) == 1) {
		memcpy(out, mapped, sizeof(mapped));
		return true;
	}
	return inet_pton(AF_INET6, text, out) == 1;
}

static bool
is_in(const char *network, const unsigned char ip[16])
{
	const char *slash = strchr(network, '/');
	char text[INET6_ADDRSTRLEN];
	unsigned char net[16];
	int bits = 128;

	snprintf(text, sizeof(text), "%.*s",
	    (int)(slash != NULL ? slash - network : (ptrdiff_t)strlen(network)),
	    network);
	if (!read_address(text, net))
		return false;
	if (slash != NULL)
		bits = atoi(slash + 1) + (strchr(text, ':') == NULL ? 96 : 0);
	for (int i = 0; i < bits; i++) {
		if (((net[i / 8] ^ ip[i / 8]) & (0x80 >> (i % 8))) != 0)
			return false;
	}
	return true;
}

bool
ruad_forwarded_trusts(const struct ruad_strings *networks, const char *address)
{
	unsigned char ip[16];

	if (!read_address(address, ip))
		return false;
	for (size_t i = 0; i < networks->count; i++) {
		if (is_in(networks->text[i], ip))
			return true;
	}
	return false;
}

/* The last entry of list[0..*len), which is taken off; false: none. */
static bool
take_last(const char *list, size_t *len, char out[INET6_ADDRSTRLEN])
{
	size_t end = *len, begin;

	while (end > 0 && strchr(" \t,", list[end - 1]) != NULL)
		end--;
	begin = end;
	while (begin > 0 && strchr(" \t,", list[begin - 1]) == NULL)
		begin--;
	*len = begin;
	if (begin == end || end - begin >= INET6_ADDRSTRLEN)
		return false;
	memcpy(out, list + begin, end - begin);
	out[end - begin] = '\0';
	return true;
}

void
ruad_forwarded_client(const struct ruad_strings *networks, const char *address,
    const char *list, char *buf, size_t cap)
{
	size_t len = list != NULL ? strlen(list) : 0;
	char entry[INET6_ADDRSTRLEN];
	unsigned char ip[16];

	snprintf(buf, cap, "%s", address);
	while ((buf[0] == '\0' || ruad_forwarded_trusts(networks, buf)) &&
	    take_last(list, &len, entry) && read_address(entry, ip))
		snprintf(buf, cap, "%s", entry);
}
