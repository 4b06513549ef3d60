/* problem.h - what can be wrong with a request, as RFC 9457 tells it. */
#ifndef RUAD_WEB_PROBLEM_H
#define RUAD_WEB_PROBLEM_H

/* X(name, status, "code", "title"): the code is stable, and what the console
 * translates; the title is for people who read English. */
#define RUAD_PROBLEMS(X) \
	X(BAD_REQUEST, 400, "bad_request", "The request is not valid") \
	X(CURSOR, 400, "cursor_mismatch", "The cursor is of another list") \
	X(LOGIN, 401, "login_required", "Log in first") \
	X(BAD_LOGIN, 401, "login_failed", "Login or password is wrong") \
	X(TOTP, 401, "totp_required", "The second step of the login lacks") \
	X(ENROL, 403, "enrol_required", "A second factor must be set up") \
	X(PASSWORD, 403, "password_required", "The password must be changed") \
	X(FORBIDDEN, 403, "forbidden", "Not allowed for this role") \
	X(CROSS_ORIGIN, 403, "cross_origin", "The request is of another site") \
	X(STEP_UP, 403, "step_up_required", "Type your password again first") \
	X(SESSION, 403, "session_required", "Only for people who log in") \
	X(NOT_FOUND, 404, "not_found", "There is no such thing") \
	X(METHOD, 405, "method_not_allowed", "Not with this method") \
	X(EXISTS, 409, "exists", "It is there already") \
	X(IN_USE, 409, "in_use", "It is still needed") \
	X(LENGTH, 411, "length_required", "The length of the body lacks") \
	X(STALE, 412, "stale", "It has been changed by somebody else") \
	X(TOO_LARGE, 413, "too_large", "The body is too large") \
	X(MEDIA_TYPE, 415, "unsupported_media_type", \
	    "The body must be application/json") \
	X(VALIDATION, 422, "validation", "A value is not valid") \
	X(UNREADABLE, 422, "unreadable", "It cannot be read") \
	X(TOO_MANY, 429, "too_many", "Too many attempts, wait a while") \
	X(INTERNAL, 500, "internal", "Something is wrong on this side") \
	X(BUSY, 503, "busy", "Busy, try again") \
	X(QUERY_TIMEOUT, 503, "query_timeout", "The question took too long") \
	X(DNS_TIMEOUT, 504, "dns_timeout", "DNS did not answer in time")

enum ruad_problem_id {
#define RUAD_PROBLEM_ENUM(name, status, code, title) RUAD_PROBLEM_##name,
	RUAD_PROBLEMS(RUAD_PROBLEM_ENUM)
#undef RUAD_PROBLEM_ENUM
	    RUAD_PROBLEM_COUNT
};

struct ruad_problem_kind {
	unsigned status; /* of HTTP */
	const char *code, *title;
};

const struct ruad_problem_kind *ruad_problem_kind(enum ruad_problem_id id);

#endif
