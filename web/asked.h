/* asked.h - what a list is asked for: the query string as a filter of the
 * store, never wider than what is granted to who asks. */
#ifndef RUAD_WEB_ASKED_H
#define RUAD_WEB_ASKED_H
#include "filter.h"
#include "list.h"
#include "request.h"
#include "response.h"

struct ruad_asked {
	struct ruad_filter filter; /* points into what follows */
	struct ruad_page page;
	char *grants; /* owned */
	char domain[256], reporter[200];
};

/* Read ?domain, org, from, to, outcome, trusted, odd, code, limit, after and
 * count; filter.limit is one more than the page has, which tells whether there
 * is a next one. False: a problem has been answered, end with *status_out. Free
 * it in any case. */
bool ruad_asked_read(const struct ruad_request *req, struct ruad_response *res,
    struct ruad_asked *out, enum ruad_status *status_out, struct ruad_err *err);
void ruad_asked_free(struct ruad_asked *a);

/* "2026-11-25" as a day since 1970-01-01. False: it is none. */
bool ruad_asked_day(const char *text, int64_t *out);

/* Integer n of the position that a page goes on behind; 0: there is none. */
int64_t ruad_asked_after(const struct ruad_asked *a, size_t n);

/* Set an ETag that changes with whatever is written into the store, with the
 * question, the day, and with who asks; true: the client has it already, all is done.
 * To be called before the store is read. */
bool ruad_asked_unchanged(const struct ruad_request *req,
    struct ruad_response *res);

#endif
