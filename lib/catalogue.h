/* catalogue.h - well-known senders, by the domains that their mail is
 * authenticated for. Small on purpose: an operator adds those that matter to
 * him (sender.h). */
#ifndef RUAD_CATALOGUE_H
#define RUAD_CATALOGUE_H
#include <stddef.h>

enum ruad_sender_kind {
	RUAD_SENDER_UNKNOWN, /* not in the catalogue */
	RUAD_SENDER_MAILBOX, /* mailboxes, whose users forward mail */
	RUAD_SENDER_FORWARDER, /* forwarding, lists, filters in front of others */
	RUAD_SENDER_SERVICE /* sends for its customers */
};

struct ruad_known_sender {
	const char *domain; /* with all below it; lower case, A-labels */
	const char *name;
	enum ruad_sender_kind kind;
};

/* The sender with this domain, or a domain above it; NULL: none is known. */
const struct ruad_known_sender *ruad_catalogue_find(const char *domain);

/* Entry number `n`, in the order of domains; NULL behind the last. */
const struct ruad_known_sender *ruad_catalogue_entry(size_t n);

#endif
