/* put.h - one delivery into the open transaction: which of its reports are
 * new, the same again, or in conflict with what is stored, and the rows of the
 * mail, its original and its quarantine. */
#ifndef RUAD_PUT_H
#define RUAD_PUT_H
#include "delivery.h"
#include "dict.h"
#include "err.h"
#include "quarantine.h"
#include "sql.h"
#include <stdbool.h>

struct ruad_put {
	struct ruad_sql *sql; /* borrowed */
	struct ruad_dict dict;
	bool conflict_last; /* a conflicting report replaces the first */
	/* the delivery in hand */
	const struct ruad_delivery *delivery;
	int64_t mail_key; /* 0: not looked for yet, or not there */
	bool wrote; /* something new came in */
	bool refused; /* something is in quarantine */
	struct ruad_quarantine_row *rows; /* of a mail that is read again */
};

void ruad_put_init(struct ruad_put *p, struct ruad_sql *sql,
    bool conflict_last);

/* Write what is new in `d`, set the outcome of each item whose report has none
 * yet, and its report_key. A delivery that brings nothing new writes nothing.
 * Fails like ruad_sql_fail(); then what was written must be undone. */
RUAD_NODISCARD enum ruad_status ruad_put_delivery(struct ruad_put *p,
    struct ruad_delivery *d, struct ruad_err *err);

/* The same for a mail that is in the store and has been read again: what it had
 * in quarantine becomes what `d` says. Its time, envelope and queue id stay as
 * they are. RUAD_END: the mail is not in the store any more. */
RUAD_NODISCARD enum ruad_status ruad_put_again(struct ruad_put *p,
    struct ruad_delivery *d, struct ruad_err *err);

/* What of the facts about a mail follows from its bytes and the configuration
 * is taken from `d`. */
RUAD_NODISCARD enum ruad_status ruad_put_renew_mail(struct ruad_put *p,
    const struct ruad_delivery *d, int64_t mail_key, struct ruad_err *err);

/* Take one thing out of quarantine, and with it all that is known of the mail
 * where nothing else came of it. The original of a mail that also brought a
 * report stays with `keep_raw`. RUAD_END: it is not there. */
RUAD_NODISCARD enum ruad_status ruad_put_drop(struct ruad_put *p,
    int64_t quarantine_key, bool keep_raw, struct ruad_err *err);

/* The warnings that come from what else was in the store when a report came. */
struct ruad_warnings ruad_put_warnings(void);

/* After the transaction has been undone: give the items back the state in
 * which ruad_put_delivery() found them. */
void ruad_put_reset(struct ruad_delivery *d);

#endif
