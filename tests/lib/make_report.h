/* make_report.h - reports and deliveries made by hand, for tests of what comes
 * after the parser. They abort when out of memory. */
#ifndef MAKE_REPORT_H
#define MAKE_REPORT_H
#include "delivery.h"
#include "report.h"

struct make_report {
	const char *org; /* NULL: "Receiver Inc" */
	const char *domain; /* NULL: "example.com" */
	const char *id; /* NULL: "1" */
	int64_t begin; /* 0: 1700000000 */
	int64_t end; /* 0: a day after begin, less a second */
	uint32_t records; /* verdicts and author domain vary with the record */
	int64_t messages; /* of each record; 0: 1 */
	uint32_t first_ip, ip_step; /* of record i: first + i * step, IPv4;
				     * every 16th is IPv6 */
	uint32_t auth_sets; /* different ones, used in turn; 0: 3 */
	unsigned content; /* another number, another content */
	bool broken; /* the last record has the place of the first: the report
		      * cannot be stored */
};

/* A report that the caller owns. */
struct ruad_report *make_report(const struct make_report *m);

/* A mail of this number (its digest follows from it) with no items. */
struct ruad_delivery *make_mail(unsigned number);

/* A mail with one report. */
struct ruad_delivery *make_delivery(unsigned number,
    const struct make_report *m);

/* Add a report, or a refusal of this code, to a mail. */
struct ruad_item *add_report(struct ruad_delivery *d,
    const struct make_report *m);
struct ruad_item *add_refusal(struct ruad_delivery *d, enum ruad_code code,
    const char *where);

#endif
