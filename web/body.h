/* body.h - members of a JSON body. What is wrong with one is noted, to be told
 * with ruad_problem_fields(). */
#ifndef RUAD_WEB_BODY_H
#define RUAD_WEB_BODY_H
#include "account.h"
#include "request.h"
#include "response.h"

/* A text of at most `max` bytes that is not empty. NULL: it lacks, or is wrong;
 * either is noted. */
const char *ruad_body_text(const struct ruad_request *req,
    struct ruad_response *res, const char *name, size_t max);

/* Whether the body has this member. */
bool ruad_body_has(const struct ruad_request *req, const char *name);

/* true or false; `def` where it lacks. */
bool ruad_body_flag(const struct ruad_request *req, struct ruad_response *res,
    const char *name, bool def);

/* A whole number within bounds; `def` where it lacks or is null. */
int64_t ruad_body_int(const struct ruad_request *req, struct ruad_response *res,
    const char *name, int64_t min, int64_t max, int64_t def);

/* A role; NONE: it lacks, or is wrong, of which the second is noted. */
enum ruad_role ruad_body_role(const struct ruad_request *req,
    struct ruad_response *res, const char *name);

/* all_domains and domains, into an account: to be freed with
 * ruad_account_fini(). What is no domain is noted. RUAD_TEMP: no memory. */
RUAD_NODISCARD enum ruad_status ruad_body_grants(const struct ruad_request *req,
    struct ruad_response *res, struct ruad_account *out, struct ruad_err *err);

/* Seconds since 1970 as JSON has times; 0 is null. */
json_t *ruad_body_time(int64_t epoch);

/* Texts as an array, copied. NULL: no memory. */
json_t *ruad_body_texts(char *const *texts, size_t count);

#endif
