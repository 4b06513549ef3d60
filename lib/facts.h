/* facts.h - what the header of a mail says that later stages need: its fields
 * as they are, and some of them read (RFC 5322, RFC 2047). For part.c; nobody
 * else knows GMime. */
#ifndef RUAD_FACTS_H
#define RUAD_FACTS_H
#include "field.h"
#include <stdbool.h>
#include <stddef.h>

struct _GMimeMessage;

/* Facts of the outermost mail; all that they point to belongs to the message
 * and to the struct ruad_facts. */
struct ruad_mail_facts {
	const char *subject; /* decoded, hostile; NULL if none */
	const char *message_id; /* without brackets, hostile; NULL if none */
	const struct ruad_field *fields; /* the whole header, in order */
	size_t field_count;
	const char *const *from_domains; /* of RFC5322.From, lower case */
	size_t from_domain_count;
	bool bounce; /* a delivery or disposition notice, or auto-reply */
	bool failure_report; /* RFC 6591: message/feedback-report */
	bool tls_report; /* RFC 8460 */
};

struct ruad_facts;

/* Fill *out from the header of a message: all but failure_report and
 * tls_report, and of bounce only what the header says. NULL: no memory. */
struct ruad_facts *ruad_facts_new(struct _GMimeMessage *message,
    struct ruad_mail_facts *out);

void ruad_facts_free(struct ruad_facts **f); /* sets *f NULL; NULL is fine */

#endif
