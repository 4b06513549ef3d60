/* original_file.c - see original_file.h. */
#include "original_file.h"
#include <inttypes.h>
#include <microhttpd.h>
#include <stdlib.h>
#include <string.h>
#include "original.h"
#include "setup.h"

enum ruad_status
ruad_original_refuse(struct ruad_response *res, enum ruad_status st,
    struct ruad_err *err)
{
	struct ruad_err why = *err;

	if (st == RUAD_END)
		return ruad_problem(res, RUAD_PROBLEM_NOT_FOUND, err,
		    "its original was not kept");
	return ruad_problem(res, RUAD_PROBLEM_UNREADABLE, err, "%s", why.text);
}

static enum ruad_status
give(struct ruad_response *res, struct ruad_mail *mail, const char *name,
    int64_t key, struct ruad_err *err)
{
	const unsigned char *data;
	enum ruad_status st;
	void *copy;
	size_t len;

	st = ruad_mail_bytes(mail, &data, &len, err);
	if (st != RUAD_OK)
		return st;
	copy = malloc(len + 1);
	if (copy == NULL)
		return ruad_fail_memory(err, "original");
	memcpy(copy, data, len);
	/* A bare report has the name of its file, a mail has none. */
	ruad_response_header(res, MHD_HTTP_HEADER_CONTENT_DISPOSITION,
	    "attachment; filename=\"%s-%" PRId64 ".%s\"", name, key,
	    ruad_mail_file_name(mail) == NULL ? "eml" : "bin");
	return ruad_response_bytes(res, MHD_HTTP_OK, "application/octet-stream",
	    copy, len, err);
}

enum ruad_status
ruad_original_file(const struct ruad_app *app, struct ruad_response *res,
    struct ruad_query *q, int64_t mail_key, const char *name, int64_t key,
    struct ruad_err *err)
{
	struct ruad_setup *setup = NULL;
	struct ruad_mail *mail = NULL;
	enum ruad_status st = ruad_setup_new(app->conf, NULL, &setup, err);

	if (st != RUAD_OK)
		return st;
	st = ruad_original_read(ruad_query_handle(q), mail_key, &setup->mail,
	    &mail, err);
	if (st == RUAD_OK)
		st = give(res, mail, name, key, err);
	else if (st != RUAD_TEMP)
		st = ruad_original_refuse(res, st, err);
	ruad_mail_free(&mail);
	ruad_setup_free(&setup);
	return st;
}
