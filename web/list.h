/* list.h - lists of the API: pages of JSON, or all of it as CSV or lines of
 * JSON. */
#ifndef RUAD_WEB_LIST_H
#define RUAD_WEB_LIST_H
#include "response.h"

/* Of a list: how much, and from where on. */
struct ruad_page {
	int64_t limit; /* 1 .. 500 */
	json_t *after; /* owned: the position given below; NULL: the start */
	bool count; /* ?count=true */
};

/* Read ?limit, ?after and ?count. False: a problem has been answered, end with
 * its status. Free the page in any case. */
bool ruad_page_read(const struct ruad_request *req, struct ruad_response *res,
    struct ruad_page *out, enum ruad_status *status_out, struct ruad_err *err);
void ruad_page_free(struct ruad_page *page);

/* {"items": [...], "next": ...} and Link rel=next. `items` and `position` are
 * taken over; the position is what the next page goes on behind: a sort key and
 * an id, in an array, whatever the handler needs to find its place again; NULL:
 * this is the last page. `total` (-1: not counted) is told as it is up to
 * 10000, else as "10000+". */
RUAD_NODISCARD enum ruad_status ruad_response_list(struct ruad_response *res,
    const struct ruad_request *req, json_t *items, json_t *position,
    int64_t total, struct ruad_err *err);

/* The same for an object that has "items" and more already; "next" is added. It
 * is taken over. */
RUAD_NODISCARD enum ruad_status
ruad_response_list_with(struct ruad_response *res,
    const struct ruad_request *req, json_t *body, json_t *position,
    struct ruad_err *err);

/* A list as CSV or lines of JSON, a row at a time, up to a million. `next`
 * gives a row to be freed, or RUAD_END; `free` (may be NULL) is called at the
 * end with what `arg` points to, from whatever thread. Texts of CSV go through
 * lib/emit.h; cells that are lists or objects are JSON. */
struct ruad_stream {
	const char *name; /* of the file, without its suffix; static */
	const char *const *columns; /* of CSV, ends with NULL; static */
	enum ruad_status (
	    *next)(void *arg, json_t **row_out, struct ruad_err *err);
	void (*free)(void *arg);
	void *arg;
};
RUAD_NODISCARD enum ruad_status ruad_response_stream(struct ruad_response *res,
    const struct ruad_request *req, const struct ruad_stream *stream,
    struct ruad_err *err);

/* The same of an array that is there already, which is taken over. */
RUAD_NODISCARD enum ruad_status ruad_response_array(struct ruad_response *res,
    const struct ruad_request *req, const char *name,
    const char *const *columns, json_t *items, struct ruad_err *err);

#endif
