/* put.h - one delivery into the open transaction: which of its reports are
 * new, the same again, or in conflict with what is stored, and the rows of the
 * mail, its original and its quarantine. */
#ifndef RUAD_PUT_H
#define RUAD_PUT_H
#include "delivery.h"
#include "dict.h"
#include "err.h"
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
};

void ruad_put_init(struct ruad_put *p, struct ruad_sql *sql,
    bool conflict_last);

/* Write what is new in `d`, set the outcome of each item whose report has none
 * yet, and its report_key. A delivery that brings nothing new writes nothing.
 * Fails like ruad_sql_fail(); then what was written must be undone. */
RUAD_NODISCARD enum ruad_status ruad_put_delivery(struct ruad_put *p,
    struct ruad_delivery *d, struct ruad_err *err);

/* After the transaction has been undone: give the items back the state in
 * which ruad_put_delivery() found them. */
void ruad_put_reset(struct ruad_delivery *d);

#endif
