/* delivery.h - what one mail came to: its facts, the reports found in it, what
 * was refused and why, and, once the store has seen it, the outcome of each. */
#ifndef RUAD_DELIVERY_H
#define RUAD_DELIVERY_H
#include "report.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum ruad_outcome {
	RUAD_OUTCOME_NONE, /* not stored yet */
	RUAD_STORED,
	RUAD_DUPLICATE, /* same identity, same content: already there */
	RUAD_CONFLICT, /* same identity, other content: the first stays */
	RUAD_REFUSED, /* see code */
	RUAD_NOT_A_REPORT,
	RUAD_ERROR /* trouble of ours: try again */
};

/* Whether the report mail itself passed DMARC (RFC 8601, trust.h). */
enum ruad_auth_result {
	RUAD_AUTH_UNKNOWN,
	RUAD_AUTH_PASS,
	RUAD_AUTH_FAIL,
	RUAD_AUTH_NONE,
	RUAD_AUTH_TEMPERROR,
	RUAD_AUTH_PERMERROR,
	RUAD_AUTH_PASS_DERIVED,
	RUAD_AUTH_FAIL_DERIVED,
	RUAD_AUTH_UNTRUSTED,
	RUAD_AUTH_OFF /* not looked at: no authserv_ids configured, or a file */
};

/* One report, or one thing that looked like a report and is refused. */
struct ruad_item {
	struct ruad_item *next;
	struct ruad_report *report; /* owned; NULL where there is none */
	enum ruad_outcome outcome;
	enum ruad_code code;
	const char *text; /* what and where, printable ASCII; NULL: nothing */
	const char *where; /* "part 2: a.zip: b.xml", printable ASCII */
	size_t bytes; /* size of the part */
	int64_t report_key; /* in the store; 0: none */
};

struct ruad_delivery {
	struct ruad_arena *arena; /* owns the strings and items below */
	/* about the mail; NULL: not known */
	const char *file_name; /* of a bare report or a file that was read */
	const char *queue_id;
	const char *message_id;
	const char *mail_from; /* envelope; "" is the null reverse-path */
	const char *header_from; /* domain of the author, A-labels */
	const char *subject;
	int64_t received_epoch;
	size_t bytes;
	bool is_mail; /* false: a bare report file */
	bool forwarded; /* the report was inside a message/rfc822 part */
	bool keep_content; /* false: not even in quarantine (failure reports,
			    * spec of RFC 9991 section 7: third parties' data) */
	bool registered_only; /* the store is to refuse reports for domains
			       * that are not registered */
	unsigned char digest[32]; /* BLAKE2b of the bytes */
	enum ruad_auth_result trust;
	const char *trust_domain; /* the authenticated From domain */
	const char *trust_by; /* authserv-id that said so */

	struct ruad_item *items; /* in the order of the mail */
	struct ruad_item **items_end; /* where the next one is linked in */

	/* The original, deflated (zlib format); NULL when it is not kept. */
	unsigned char *raw; /* owned, malloc */
	size_t raw_bytes;
	struct ruad_budget *budget; /* borrowed, may be NULL */
	size_t raw_charged; /* to the budget */
	bool raw_if_refused; /* keep it only where the store refuses
			      * something of the mail */

	/* The outcome of the mail: set by ruad_delivery_conclude(). */
	enum ruad_outcome outcome;
	enum ruad_code code;
	const char *text;
};

/* Lower-case word for logs and output, "not-a-report". Never NULL. */
const char *ruad_outcome_word(enum ruad_outcome outcome);
const char *ruad_auth_result_word(enum ruad_auth_result result);

/* Whether the mail passed DMARC, for d->trust_domain. */
bool ruad_delivery_authenticated(const struct ruad_delivery *d);

/* A new, empty delivery, with keep_content and RUAD_AUTH_OFF; NULL when out of
 * memory or budget. */
struct ruad_delivery *ruad_delivery_new(struct ruad_budget *budget);

/* Append an item with a report (ownership moves to the delivery), or with a
 * RUAD_REFUSED one where report is NULL. NULL when out of memory: the report
 * stays with the caller. */
struct ruad_item *ruad_delivery_add(struct ruad_delivery *d,
    struct ruad_report *report);

/* Where in the mail it was found; NULL: not known. */
const char *ruad_item_where(const struct ruad_item *item);

/* Set outcome, code and text of the mail from its items: stored if any report
 * was stored, else conflict or duplicate if any was, else refused if something
 * looked like a report, else not-a-report; error over all, and a report without
 * an outcome is an error. Code and text are those of the first item with the
 * outcome; a mail without items keeps the code that it has. */
void ruad_delivery_conclude(struct ruad_delivery *d);

/* Make this delivery an error of ours: every item and the mail. */
void ruad_delivery_fail(struct ruad_delivery *d, enum ruad_code code,
    const char *text);

void ruad_delivery_free(struct ruad_delivery **d); /* sets *d NULL */

#endif
