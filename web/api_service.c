/* api_service.c - how the program is, and what it offers. */
#include <microhttpd.h>
#include <stdio.h>
#include <stdlib.h>
#include "api.h"
#include "assets.h"
#include "metrics.h"

enum ruad_status
ruad_api_healthz(struct ruad_request *req, struct ruad_response *res,
    struct ruad_err *err)
{
	(void)req;
	return ruad_response_json(res, MHD_HTTP_OK,
	    json_pack("{s:s}", "state", "ok"), err);
}

enum ruad_status
ruad_api_readyz(struct ruad_request *req, struct ruad_response *res,
    struct ruad_err *err)
{
	struct ruad_pool *pool = ruad_request_app(req)->pool;
	struct ruad_webstore *store = ruad_request_app(req)->store;
	struct ruad_query *q = NULL;
	enum ruad_status st = ruad_pool_get(pool, &q, err);

	if (st != RUAD_OK)
		return ruad_problem(res, RUAD_PROBLEM_BUSY, err,
		    "the store of reports cannot be read");
	ruad_pool_put(pool, &q);
	st = ruad_webstore_begin(store, err);
	if (st == RUAD_OK)
		st = ruad_webstore_end(store, RUAD_OK, err);
	if (st != RUAD_OK)
		return ruad_problem(res, RUAD_PROBLEM_BUSY, err,
		    "the database of the console cannot be written");
	return ruad_response_json(res, MHD_HTTP_OK,
	    json_pack("{s:s}", "state", "ok"), err);
}

/* The numbers of the store, as a text that the caller frees; NULL: no memory. */
static enum ruad_status
write_numbers(struct ruad_query *q, char **text, size_t *len,
    struct ruad_err *err)
{
	FILE *to = open_memstream(text, len);
	enum ruad_status st;

	if (to == NULL)
		return ruad_fail_memory(err, "metrics");
	st = ruad_metrics_write(ruad_query_handle(q), to, err);
	if (fclose(to) != 0 && st == RUAD_OK)
		st = ruad_fail_memory(err, "metrics");
	return st;
}

enum ruad_status
ruad_api_metrics(struct ruad_request *req, struct ruad_response *res,
    struct ruad_err *err)
{
	struct ruad_pool *pool = ruad_request_app(req)->pool;
	struct ruad_query *q = NULL;
	char *text = NULL;
	size_t len = 0;
	enum ruad_status st;

	/* They are of all domains. */
	if (!ruad_request_who(req)->all_domains)
		return ruad_problem(res, RUAD_PROBLEM_FORBIDDEN, err,
		    "for who may see all domains");
	st = ruad_pool_get(pool, &q, err);
	if (st == RUAD_OK)
		st = write_numbers(q, &text, &len, err);
	ruad_pool_put(pool, &q);
	if (st == RUAD_OK)
		return ruad_response_bytes(res, MHD_HTTP_OK,
		    "text/plain; version=0.0.4; charset=utf-8", text, len, err);
	free(text);
	return st;
}

enum ruad_status
ruad_api_openapi(struct ruad_request *req, struct ruad_response *res,
    struct ruad_err *err)
{
	const struct ruad_asset_bytes *b = &ruad_asset_openapi;

	(void)req;
	return ruad_response_static(res, MHD_HTTP_OK, "application/json",
	    b->begin, (size_t)(b->end - b->begin), err);
}
