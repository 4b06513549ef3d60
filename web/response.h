/* response.h - the answer to a request. Handlers end with one of the functions
 * that return a status: RUAD_OK, or RUAD_TEMP where memory ran out. */
#ifndef RUAD_WEB_RESPONSE_H
#define RUAD_WEB_RESPONSE_H
#include "err.h"
#include "problem.h"
#include "request.h"
#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct ruad_response;

/* A value as application/json, taken over; NULL is what jansson gives where
 * memory ran out. */
RUAD_NODISCARD enum ruad_status ruad_response_json(struct ruad_response *res,
    unsigned status, json_t *value, struct ruad_err *err);

/* 204. */
RUAD_NODISCARD enum ruad_status ruad_response_none(struct ruad_response *res,
    struct ruad_err *err);

/* Bytes of a type; the first takes over what malloc() gave, the second borrows
 * what lives as long as the program. */
RUAD_NODISCARD enum ruad_status ruad_response_bytes(struct ruad_response *res,
    unsigned status, const char *type, void *bytes, size_t len,
    struct ruad_err *err);
RUAD_NODISCARD enum ruad_status ruad_response_static(struct ruad_response *res,
    unsigned status, const char *type, const void *bytes, size_t len,
    struct ruad_err *err);

/* Add a header; `name` is static, the value is copied. */
void ruad_response_header(struct ruad_response *res, const char *name,
    const char *fmt, ...) RUAD_PRINTF(3, 4);

/* A problem, with what is to be said of it in English. It tells nothing of the
 * inside of the program. */
RUAD_NODISCARD enum ruad_status ruad_problem(struct ruad_response *res,
    enum ruad_problem_id id, struct ruad_err *err, const char *fmt, ...)
    RUAD_PRINTF(4, 5);

/* A member of the body that is wrong: its JSON pointer, a stable code, and
 * English text. All of them are told together, by ruad_problem_fields(). */
void ruad_problem_field(struct ruad_response *res, const char *pointer,
    const char *code, const char *fmt, ...) RUAD_PRINTF(4, 5);

/* Of the member told last: a number that says where, "position" or "line". */
void ruad_problem_place(struct ruad_response *res, const char *name,
    size_t number);
bool ruad_response_has_fields(const struct ruad_response *res);
RUAD_NODISCARD enum ruad_status ruad_problem_fields(struct ruad_response *res,
    struct ruad_err *err);

/* Set the ETag of what a GET gives, with its quotes, and say whether the client
 * has it already: then all is done, with 304. */
bool ruad_response_unchanged(struct ruad_response *res,
    const struct ruad_request *req, const char *etag);

/* Whether a change may go on, by If-Match: "*", this ETag, or not there. If
 * not, end with RUAD_PROBLEM_STALE. */
bool ruad_request_may_change(const struct ruad_request *req, const char *etag);

/* A body that comes from a callback of libmicrohttpd, see list.c. */
typedef ssize_t ruad_response_reader(void *arg, uint64_t at, char *buf,
    size_t cap);
typedef void ruad_response_end(void *arg);
RUAD_NODISCARD enum ruad_status
ruad_response_callback(struct ruad_response *res, const char *type,
    ruad_response_reader *reader, ruad_response_end *end, void *arg,
    struct ruad_err *err);

/* For server.c and gate.c alone. */

struct ruad_response *ruad_response_new(void); /* NULL: no memory */
bool ruad_response_is_set(const struct ruad_response *res);
unsigned ruad_response_status(const struct ruad_response *res);

/* Name the request in problems. */
void ruad_response_set_instance(struct ruad_response *res, const char *id);

/* Queue it, with the headers that every reply has. False: it cannot be. */
struct MHD_Connection;
bool ruad_response_send(struct ruad_response *res, struct MHD_Connection *http,
    bool api, bool tls);
void ruad_response_free(struct ruad_response **res);

#endif
