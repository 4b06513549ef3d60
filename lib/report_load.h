/* report_load.h - a stored report read back as the data that it was stored
 * from. */
#ifndef RUAD_REPORT_LOAD_H
#define RUAD_REPORT_LOAD_H
#include "err.h"
#include "report.h"
#include "report_rows.h"
#include <sqlite3.h>
#include <stdbool.h>

struct ruad_loaded {
	struct ruad_report *report; /* owned */
	struct ruad_report_place place;
	/* Whether its records are those that its content hash was taken of:
	 * false where somebody has changed them, or taken some away. */
	bool intact;
	/* of its mail; in the report's arena */
	const char *trust;
	const char *trust_domain; /* NULL: none */
};

/* Read a report with all its rows; `where` of it is the part, its warnings are
 * as stored, those of the mail among them. RUAD_END: there is none of this key;
 * RUAD_TEMP: no memory or no budget, or as ruad_sql_fail(), like RUAD_BAD. */
RUAD_NODISCARD enum ruad_status ruad_report_load(sqlite3 *db,
    int64_t report_key, struct ruad_budget *budget, struct ruad_loaded *out,
    struct ruad_err *err);

/* The key of the stored report that has the identity of `r`; 0: none. Fails
 * like ruad_sql_fail(). */
RUAD_NODISCARD enum ruad_status ruad_report_find(sqlite3 *db,
    const struct ruad_report *r, int64_t *key_out, struct ruad_err *err);

void ruad_loaded_free(struct ruad_loaded *l);

#endif
