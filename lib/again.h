/* again.h - kept originals read once more, by the program and the configuration
 * of today: mails of the quarantine, and reports that are stored. The one file
 * beside ingest.c that sees both reading and store. */
#ifndef RUAD_AGAIN_H
#define RUAD_AGAIN_H
#include "compare.h"
#include "delivery.h"
#include "err.h"
#include "ingest.h"
#include "mail.h"
#include "query.h"
#include "store.h"
#include <stdbool.h>

struct ruad_again;

struct ruad_again_settings {
	struct ruad_ingest_settings ingest; /* copied */
	struct ruad_mail_settings mail; /* copied */
	struct ruad_query *query; /* borrowed: the originals are read here */
	struct ruad_store *store; /* borrowed; NULL: nothing is to be changed */
};

/* RUAD_TEMP: no memory. */
RUAD_NODISCARD enum ruad_status
ruad_again_new(const struct ruad_again_settings *set, struct ruad_again **out,
    struct ruad_err *err);

/* Read the original of a mail in quarantine and put what comes of it; see
 * amend.h. The caller owns *out, which is concluded. RUAD_END: its original was
 * not kept, or the mail is gone; RUAD_BAD: the original is damaged; RUAD_LIMIT:
 * it is larger than mails may be; RUAD_TEMP: this host failed. After each of
 * these all is as before. */
RUAD_NODISCARD enum ruad_status ruad_again_retry(struct ruad_again *a,
    int64_t mail_key, struct ruad_delivery **out, struct ruad_err *err);

/* What reading a stored report again came to. */
enum ruad_again_outcome {
	RUAD_AGAIN_SAME,
	RUAD_AGAIN_DIFFERS,
	RUAD_AGAIN_REPLACED, /* it did differ */
	RUAD_AGAIN_KEPT, /* it differs, but cannot be replaced: see text */
	RUAD_AGAIN_NO_ORIGINAL, /* not kept, or damaged */
	RUAD_AGAIN_NOT_FOUND, /* its mail holds no such report any more */
	RUAD_AGAIN_REFUSED, /* it is not readable any more */
	RUAD_AGAIN_GONE /* there is no report of this key */
};

struct ruad_again_result {
	enum ruad_again_outcome outcome;
	enum ruad_code code; /* of what is refused */
	char text[400]; /* why, printable ASCII; "": nothing to say */
	uint64_t differences; /* how many */
};

/* Lower-case word for output, "no-original". Never NULL. */
const char *ruad_again_word(enum ruad_again_outcome outcome);

/* Read the original of a stored report again and tell of each difference; the
 * rules of the site on domains and authentication do not count. With `apply`,
 * replace a report that differs. RUAD_OK: *out says what came of it; RUAD_TEMP,
 * RUAD_BAD: store or host failed. Reports of the same mail are cheapest one
 * after the other. */
RUAD_NODISCARD enum ruad_status ruad_again_compare(struct ruad_again *a,
    int64_t report_key, bool apply, ruad_difference_found *found, void *arg,
    struct ruad_again_result *out, struct ruad_err *err);

void ruad_again_free(struct ruad_again **a); /* sets *a NULL; NULL is fine */

#endif
