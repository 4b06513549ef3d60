/* value.h - what the words and numbers of a report mean. Pure functions over
 * trimmed text: nothing unknown ever becomes a known value. */
#ifndef RUAD_VALUE_H
#define RUAD_VALUE_H
#include "report.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* How a word was understood. */
enum ruad_fit {
	RUAD_FIT_EXACT, /* the canonical word, in whatever case */
	RUAD_FIT_SYNONYM, /* another word for it, understood: keep it raw */
	RUAD_FIT_ODD, /* the same, but it should not have been sent: warn */
	RUAD_FIT_UNKNOWN /* not understood: warn, value 0 (other) */
};

struct ruad_word_value {
	int value; /* of the enumeration in report.h */
	enum ruad_fit fit;
};

/* policy_published. RFC 7489 appendix C, RFC 9990 appendix A. */
struct ruad_word_value ruad_value_policy(const char *s, size_t len);
struct ruad_word_value ruad_value_mode(const char *s, size_t len);
struct ruad_word_value ruad_value_testing(const char *s, size_t len);
struct ruad_word_value ruad_value_discovery(const char *s, size_t len);
/* 0..100, value -1: unusable. */
struct ruad_word_value ruad_value_pct(const char *s, size_t len);

/* policy_evaluated. */
struct ruad_word_value ruad_value_disposition(const char *s, size_t len);
struct ruad_word_value ruad_value_verdict(const char *s, size_t len);
struct ruad_word_value ruad_value_reason(const char *s, size_t len);

/* auth_results: RFC 8601 section 2.7; a word with a remark behind it
 * ("neutral (bad version)") counts as the word. */
struct ruad_word_value ruad_value_dkim_result(const char *s, size_t len);
struct ruad_word_value ruad_value_spf_result(const char *s, size_t len);
struct ruad_word_value ruad_value_scope(const char *s, size_t len);

/* A time of date_range: seconds since the epoch, with the forms that reporters
 * really send. ODD: milliseconds, or a calendar date; UNKNOWN: unusable, and
 * *epoch_out is 0. A number beyond any time comes out as it is, at most
 * INT64_MAX. */
enum ruad_fit ruad_value_time(const char *s, size_t len, int64_t *epoch_out);

/* row/count. RUAD_CODE_NONE: *count_out is 0 or more. RUAD_ROW_COUNT,
 * RUAD_ROW_COUNT_HUGE: it is unusable. */
enum ruad_code ruad_value_count(const char *s, size_t len, int64_t *count_out);

/* row/source_ip: *ip_out is 16 bytes, IPv4 as ::ffff:a.b.c.d. False: it is no
 * address. *special_out: private, documentation, loopback and the like, or
 * with a zone. */
bool ruad_value_ip(const char *s, size_t len, unsigned char *ip_out,
    bool *special_out);

/* Presentation form of such an address; buf has at least 46 bytes. */
const char *ruad_value_ip_text(const unsigned char *ip, char *buf, size_t cap);

/* The network that it counts to, "192.0.2.0/24" or "2001:db8::/48", cut to fit
 * cap bytes with the NUL: 50 are enough. */
void ruad_value_network_text(const unsigned char *ip, char *buf, size_t cap);

enum ruad_domain_form {
	RUAD_DOMAIN_OK,
	RUAD_DOMAIN_ABSENT, /* a placeholder such as "unknown", or nothing */
	RUAD_DOMAIN_BAD /* no domain name: out holds the raw text */
};

/* A domain name in lower case and A-labels (RFC 5890), without final dot, into
 * out (at least 256 bytes). *address_out: it was a mail address, whose
 * local-part is dropped since it is personal data. */
enum ruad_domain_form ruad_value_domain(const char *s, size_t len, char *out,
    size_t cap, bool *address_out);

#endif
