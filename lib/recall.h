/* recall.h - mails that are in the store already, known by their digest before
 * anything of them is read. */
#ifndef RUAD_RECALL_H
#define RUAD_RECALL_H
#include "err.h"
#include "mail.h"
#include <stdbool.h>
#include <stdint.h>

struct ruad_recall;

/* A report that the mail brought; texts are valid during the call. */
struct ruad_recall_report {
	int64_t report_key;
	const char *org_name, *report_id, *policy_domain;
	int64_t begin, end; /* seconds since the epoch, UTC */
	int64_t records, rows_refused, messages;
	const char *warnings; /* blank-separated codes */
};

/* False: the caller has run out of memory. */
typedef bool ruad_recall_tell(const struct ruad_recall_report *r, void *arg);

/* Open a handle of its own on a store that exists. Any thread may ask it.
 * Fails like ruad_query_open(). */
RUAD_NODISCARD enum ruad_status ruad_recall_open(const char *path,
    struct ruad_recall **out, struct ruad_err *err);

/* Whether the same bytes have been taken in, and all that they held was stored:
 * reading them again could change nothing. Then tell() is called for each
 * report that they brought. What was refused, or contradicts a report, is read
 * again. Fails like ruad_sql_fail() and ruad_mail_bytes(), and with RUAD_TEMP
 * where tell() fails. */
RUAD_NODISCARD enum ruad_status ruad_recall_find(struct ruad_recall *s,
    struct ruad_mail *mail, ruad_recall_tell *tell, void *arg, bool *found_out,
    struct ruad_err *err);

void ruad_recall_close(struct ruad_recall **s); /* sets *s NULL; NULL is fine */

#endif
