/* answer.h - requests that are answered by a view: days, paging, ETags, kept
 * answers, and lists as CSV and lines of JSON, alike for all. */
#ifndef RUAD_WEB_ANSWER_H
#define RUAD_WEB_ANSWER_H
#include "list.h"
#include "request.h"
#include "response.h"
#include "view.h"

/* A request being answered. */
struct ruad_asking {
	const struct ruad_request *req;
	struct ruad_response *res;
	struct ruad_view view;
	struct ruad_page page;
	/* For views of a list: rows that are read one by one. */
	struct ruad_view_list list;
};

/* Make what is asked for: an object; or of a list, an object with "items" and,
 * where there is a next page, "position", perhaps "total". RUAD_END: it does
 * not exist. What is wrong with the request is answered with ruad_problem();
 * then *out is NULL and the status RUAD_OK. */
typedef enum ruad_status ruad_answer_maker(struct ruad_asking *a, json_t **out,
    struct ruad_err *err);

/* How a list is told as CSV and lines of JSON. Either the maker gives all of
 * its rows, or `open` composes a->list, and each row is finished. */
struct ruad_answer_list {
	const char *name; /* of the file */
	const char *const *columns; /* ends with NULL */
	enum ruad_status (*open)(struct ruad_asking *a, struct ruad_err *err);
	enum ruad_status (*finish)(const struct ruad_view *v, json_t *row,
	    struct ruad_err *err);
};

/* Answer it. For paths with {d}, the domain must be one that there is. `list`
 * is NULL for what is no list. */
RUAD_NODISCARD enum ruad_status ruad_answer(struct ruad_request *req,
    struct ruad_response *res, ruad_answer_maker *make,
    const struct ruad_answer_list *list, struct ruad_err *err);

/* Rows of a->list, `limit` of them, with the place of the last one in
 * "position" where there are more. `place` gives the array, which is owned. */
RUAD_NODISCARD enum ruad_status ruad_answer_page(struct ruad_asking *a,
    const struct ruad_answer_list *list,
    json_t *(*place)(const struct ruad_asking *a, const json_t *row),
    json_t **out, struct ruad_err *err);

/* The parts of an array that a page has, by the index of the first as its
 * place; the array is taken over. */
json_t *ruad_answer_slice(struct ruad_asking *a, json_t *all);

/* One of the words, by its number; -1: a problem has been answered. Where it is
 * not asked for, the first. */
int ruad_answer_word(struct ruad_asking *a, const char *name,
    const char *const *words, enum ruad_status *status_out,
    struct ruad_err *err);

/* The ETag of a resource that can be changed: a hash of what it is. */
void ruad_answer_etag(const json_t *value, char etag[24]);

#endif
