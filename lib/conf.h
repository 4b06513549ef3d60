/* conf.h - the configuration file, ruad.conf(5), read by all programs. One
 * table in conf_table.c holds every option: name, type, default, bounds, help. */
#ifndef RUAD_CONF_H
#define RUAD_CONF_H
#include "conf_value.h"
#include "err.h"
#include "ingest.h"
#include "limit.h"
#include "ready.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum ruad_after_store { RUAD_AFTER_DELIVER, RUAD_AFTER_DISCARD };
enum ruad_on_refuse {
	RUAD_REFUSE_DELIVER,
	RUAD_REFUSE_DISCARD,
	RUAD_REFUSE_REJECT
};
enum ruad_log_to { RUAD_LOG_SYSLOG, RUAD_LOG_STDERR };
enum ruad_require_2fa {
	RUAD_REQUIRE_2FA_ADMIN,
	RUAD_REQUIRE_2FA_ALL,
	RUAD_REQUIRE_2FA_NONE
};
enum ruad_on_error { RUAD_ERROR_TEMPFAIL, RUAD_ERROR_ACCEPT };

struct ruad_strings { /* a list of strings */
	const char **text;
	size_t count;
};

/* Of ruad-web. */
struct ruad_conf_web {
	char *listen; /* "inet:8810@127.0.0.1"; "" : none */
	char *socket; /* "unix:/path"; "" : none */
	char *socket_group; /* "" : that of ruad-web */
	char *store; /* path */
	char *secret; /* path, never "": see ruad_conf_read() */
	char *tls_certificate, *tls_key; /* paths; "" : plain HTTP */
	bool insecure_listen;
	char *public_url; /* "https://host"; "" : not said */
	struct ruad_strings trusted_proxies; /* "192.0.2.0/24", "::1" */
	char *proxy_group, *admin_group, *viewer_group; /* "" : none */
	int require_2fa; /* enum ruad_require_2fa */
	int64_t session_idle_secs, session_max_secs;
	int64_t password_bytes, password_passes; /* of argon2id */
};

struct ruad_conf {
	struct ruad_conf_web web;

	/* daemon */
	char *socket; /* "unix:/path" or "inet:port@host" */
	int64_t socket_mode; /* octal permissions of a unix socket */
	char *socket_group; /* "" : the group that the daemon runs as */
	char *metrics_socket; /* "" : none; of this host only */
	char *user, *group; /* "" : do not change */
	char *lock_file; /* never "": see ruad_conf_read() */
	char *spool_dir; /* never "" */
	int log_to; /* enum ruad_log_to */
	int log_level; /* of syslog: LOG_ERR .. LOG_DEBUG */
	struct ruad_strings recipients; /* a@b or *@b; b in A-labels */
	char *recipient_delimiter; /* "+" : user+ext matches user */
	int after_store; /* enum ruad_after_store */
	int on_refuse; /* enum ruad_on_refuse */
	int on_error; /* enum ruad_on_error */

	/* store */
	char *store; /* path */
	int64_t busy_msecs;
	int64_t commit_msecs; /* longest wait for the commit of a mail */
	int64_t queue_max, batch_max;
	bool keep_raw;
	int on_conflict; /* 0: the first stays, 1: the last replaces it */

	/* memory and input */
	int64_t memory_bytes; /* all mails being read together */
	int64_t mail_memory_bytes; /* larger mails go to spool_dir */
	struct ruad_limits limits;

	/* alignment and trust */
	char *public_suffix_list; /* "" : the system's */
	int require_auth; /* enum ruad_require_auth */
	struct ruad_strings authserv_ids;
	int64_t trusted_received;
	struct ruad_strings domains; /* policy domains we answer for, in lower
				      * case and A-labels; or RUAD_CONF_ANY
				      * or _REGISTERED alone; or none, which is
				      * any */

	/* DNS, of ruadctl */
	struct ruad_strings dns_servers; /* "192.0.2.1@53"; none: the system's
					  */
	char *dns_trust_anchor; /* "" : nothing is validated */
	int64_t dns_query_msecs; /* for one answer */
	int64_t dns_total_msecs; /* for all about one domain */

	bool enrich_ptr; /* ruadctl enrich may ask DNS */
	char *asn_database, *country_database; /* "" : none */
	int64_t enrich_rate; /* questions in a second */

	/* rehearsal, of ruadctl: `days` of ready is not set */
	struct ruad_ready_limits ready;
	int64_t ready_days_quarantine, ready_days_reject;

	/* where it was read, see ruad_conf_fail() */
	char *path; /* owned; NULL: nowhere */
	unsigned *lines; /* owned: of each option of the table; 0: default */
};

/* Read `path` (NULL: every option has its default). An empty lock_file becomes
 * a file beside the unix socket, or beside the store where the socket is none;
 * an empty spool_dir the directory of the store, an
 * empty web_secret a file beside web_store. RUAD_BAD: the file cannot be
 * read, or an option is unknown or has a bad value; err->text says file, line
 * and what is allowed. Of an option given twice, the last counts. RUAD_TEMP:
 * out of memory. On RUAD_OK the caller owns *out. One thread at a time:
 * libconfuse keeps its scanner in globals. */
RUAD_NODISCARD enum ruad_status ruad_conf_read(const char *path,
    struct ruad_conf **out, struct ruad_err *err);

/* An error about the value of an option: "FILE:LINE: OPTION: " and the text,
 * without the line where it has its default. Returns RUAD_BAD. */
enum ruad_status ruad_conf_fail(const struct ruad_conf *c, const char *option,
    struct ruad_err *err, const char *fmt, ...) RUAD_PRINTF(4, 5);

/* Whether an option stands in the file. */
bool ruad_conf_is_set(const struct ruad_conf *c, const char *option);

/* Write the sample configuration: every option with its help, bounds and
 * default, commented out. This is etc/ruad.conf. */
void ruad_conf_print(FILE *to);

/* Option n of the table, from 0; false: no such. Default and bounds are written
 * as they would be in the file; min and max are "" where a type has none. */
struct ruad_conf_option {
	const char *name, *type, *help; /* static */
	bool restart; /* a change of it takes a restart of ruad */
	char def[128], min[64], max[64];
};
bool ruad_conf_option(size_t n, struct ruad_conf_option *out);

/* Whether option n has the same value in both. */
bool ruad_conf_same(const struct ruad_conf *a, const struct ruad_conf *b,
    size_t n);

void ruad_conf_free(struct ruad_conf **c); /* sets *c NULL; NULL is fine */

/* Where the programs look when -c is not given. */
#define RUAD_CONF_DEFAULT SYSCONFDIR "/ruad/ruad.conf"

#endif
