/* original_file.h - the original of a mail, as a file for the client. Nothing
 * of it is believed: its type is bytes, its name is ours. */
#ifndef RUAD_WEB_ORIGINAL_FILE_H
#define RUAD_WEB_ORIGINAL_FILE_H
#include "app.h"
#include "query.h"
#include "response.h"

/* Give the original of a mail, named `name` and the key; one that was not kept
 * is 404, and what cannot be read 422. RUAD_TEMP: this host failed. */
RUAD_NODISCARD enum ruad_status ruad_original_file(const struct ruad_app *app,
    struct ruad_response *res, struct ruad_query *q, int64_t mail_key,
    const char *name, int64_t key, struct ruad_err *err);

/* Say why an original cannot be had; `st` is what reading it gave. */
RUAD_NODISCARD enum ruad_status ruad_original_refuse(struct ruad_response *res,
    enum ruad_status st, struct ruad_err *err);

#endif
