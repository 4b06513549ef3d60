/* conf_table.c - the table of options. */
#include "conf.h"
#include <syslog.h>
#include "conf_entry.h"

#define KIB INT64_C(1024)
#define MIB (KIB * 1024)
#define GIB (MIB * 1024)
#define SECS INT64_C(1000)
#define HOURS (3600 * SECS)
#define DAYS (24 * HOURS)

static const struct ruad_conf_word log_to_words[] = { { "syslog",
							  RUAD_LOG_SYSLOG },
	{ "stderr", RUAD_LOG_STDERR }, { NULL, 0 } };
static const struct ruad_conf_word log_level_words[] = { { "err", LOG_ERR },
	{ "warning", LOG_WARNING }, { "notice", LOG_NOTICE },
	{ "info", LOG_INFO }, { "debug", LOG_DEBUG }, { NULL, 0 } };
static const struct ruad_conf_word after_store_words[] = {
	{ "deliver", RUAD_AFTER_DELIVER }, { "discard", RUAD_AFTER_DISCARD },
	{ NULL, 0 }
};
static const struct ruad_conf_word on_refuse_words[] = {
	{ "deliver", RUAD_REFUSE_DELIVER }, { "discard", RUAD_REFUSE_DISCARD },
	{ "reject", RUAD_REFUSE_REJECT }, { NULL, 0 }
};
static const struct ruad_conf_word on_error_words[] = {
	{ "tempfail", RUAD_ERROR_TEMPFAIL }, { "accept", RUAD_ERROR_ACCEPT },
	{ NULL, 0 }
};
static const struct ruad_conf_word on_conflict_words[] = { { "first", 0 },
	{ "last", 1 }, { NULL, 0 } };
static const struct ruad_conf_word require_auth_words[] = {
	{ "off", RUAD_REQUIRE_AUTH_OFF }, { "flag", RUAD_REQUIRE_AUTH_FLAG },
	{ "enforce", RUAD_REQUIRE_AUTH_ENFORCE }, { NULL, 0 }
};
static const struct ruad_conf_word domains_words[] = { { RUAD_CONF_ANY, 0 },
	{ RUAD_CONF_REGISTERED, 0 }, { NULL, 0 } };

static const struct ruad_conf_word require_2fa_words[] = {
	{ "admin", RUAD_REQUIRE_2FA_ADMIN }, { "all", RUAD_REQUIRE_2FA_ALL },
	{ "none", RUAD_REQUIRE_2FA_NONE }, { NULL, 0 }
};

#define AT(field) offsetof(struct ruad_conf, field)

const struct ruad_conf_entry ruad_conf_table[] = {
	{ .name = "socket",
	    .type = RUAD_CONF_TEXT,
	    .offset = AT(socket),
	    .def = "unix:" LOCALSTATEDIR "/spool/postfix/ruad/ruad.sock",
	    .take = ruad_conf_take_socket,
	    .restart = true,
	    .help =
		"Where the mail server reaches ruad: unix:PATH, inet:PORT@HOST "
		"or inet6:PORT@HOST." },
	{ .name = "socket_mode",
	    .type = RUAD_CONF_MODE,
	    .offset = AT(socket_mode),
	    .def = "0660",
	    .max = 0777,
	    .restart = true,
	    .help =
		"Permissions of a unix socket; to connect takes the right to "
		"write." },
	{ .name = "socket_group",
	    .type = RUAD_CONF_TEXT,
	    .offset = AT(socket_group),
	    .def = "",
	    .restart = true,
	    .help =
		"Group of a unix socket. Empty: that of its directory where "
		"the directory has the setgid bit, else the group of ruad." },
	{ .name = "metrics_socket",
	    .type = RUAD_CONF_TEXT,
	    .offset = AT(metrics_socket),
	    .def = "",
	    .take = ruad_conf_take_local_socket,
	    .restart = true,
	    .help = "Where Prometheus gets the numbers of ruad and its store, "
		    "by HTTP at /metrics: unix:PATH, inet:PORT@127.0.0.1 or "
		    "inet6:PORT@::1. Empty: nowhere." },
	{ .name = "user",
	    .type = RUAD_CONF_TEXT,
	    .offset = AT(user),
	    .def = "",
	    .restart = true,
	    .help = "User to become when started as root. Empty: stay." },
	{ .name = "group",
	    .type = RUAD_CONF_TEXT,
	    .offset = AT(group),
	    .def = "",
	    .restart = true,
	    .help = "Group to become when started as root. Empty: the group of "
		    "the user." },
	{ .name = "lock_file",
	    .type = RUAD_CONF_TEXT,
	    .offset = AT(lock_file),
	    .def = "",
	    .take = ruad_conf_take_path,
	    .restart = true,
	    .help =
		"Held locked while ruad runs, so that a second one cannot take "
		"its socket. Empty: the unix socket with .lock appended, or "
		"else the store with .lock appended." },
	{ .name = "spool_dir",
	    .type = RUAD_CONF_TEXT,
	    .offset = AT(spool_dir),
	    .def = "",
	    .take = ruad_conf_take_path,
	    .restart = true,
	    .help =
		"Directory for mails that are being read and are larger than "
		"mail_memory_max. Empty: the directory of the store." },
	{ .name = "log_to",
	    .type = RUAD_CONF_WORD,
	    .offset = AT(log_to),
	    .def = "syslog",
	    .words = log_to_words,
	    .restart = true,
	    .help = "Where log lines go; syslog means facility mail." },
	{ .name = "log_level",
	    .type = RUAD_CONF_WORD,
	    .offset = AT(log_level),
	    .def = "info",
	    .words = log_level_words,
	    .help =
		"The least important lines that are logged; lines on report "
		"mails are of level info." },
	{ .name = "recipients",
	    .type = RUAD_CONF_LIST,
	    .offset = AT(recipients),
	    .take = ruad_conf_take_recipient,
	    .help =
		"Addresses that get report mail: user@domain, or *@domain for "
		"all of a domain. Mail for others is let go unread." },
	{ .name = "recipient_delimiter",
	    .type = RUAD_CONF_TEXT,
	    .offset = AT(recipient_delimiter),
	    .def = "+",
	    .take = ruad_conf_take_delimiter,
	    .help = "Characters that begin an address extension: with \"+\", "
		    "user+anything is user. Empty: there are no extensions." },
	{ .name = "after_store",
	    .type = RUAD_CONF_WORD,
	    .offset = AT(after_store),
	    .def = "deliver",
	    .words = after_store_words,
	    .help =
		"What becomes of a mail whose report is stored. discard takes "
		"only the addresses of recipients off; others still get the "
		"mail." },
	{ .name = "on_refuse",
	    .type = RUAD_CONF_WORD,
	    .offset = AT(on_refuse),
	    .def = "deliver",
	    .words = on_refuse_words,
	    .help = "What becomes of a mail without a usable report. reject is "
		    "deliver for a mail that has other recipients too." },
	{ .name = "on_error",
	    .type = RUAD_CONF_WORD,
	    .offset = AT(on_error),
	    .def = "tempfail",
	    .words = on_error_words,
	    .help = "What becomes of a report mail that cannot be stored now: "
		    "tempfail lets the sender try again, accept delivers it "
		    "unstored." },
	{ .name = "store",
	    .type = RUAD_CONF_TEXT,
	    .offset = AT(store),
	    .def = LOCALSTATEDIR "/lib/ruad/ruad.db",
	    .take = ruad_conf_take_file,
	    .restart = true,
	    .help = "The database, an SQLite file." },
	{ .name = "busy_timeout",
	    .type = RUAD_CONF_DURATION,
	    .offset = AT(busy_msecs),
	    .def = "2s",
	    .max = 60 * SECS,
	    .unit = 1,
	    .restart = true,
	    .help =
		"How long to wait for another program that is writing to the "
		"store." },
	{ .name = "commit_timeout",
	    .type = RUAD_CONF_DURATION,
	    .offset = AT(commit_msecs),
	    .def = "10s",
	    .min = 100,
	    .max = 1 * HOURS,
	    .unit = 1,
	    .help =
		"How long a mail may wait for its commit; then on_error "
		"applies. Keep it well below the mail server's own time-out." },
	{ .name = "queue_max",
	    .type = RUAD_CONF_INTEGER,
	    .offset = AT(queue_max),
	    .def = "1000",
	    .min = 1,
	    .max = 1000000,
	    .restart = true,
	    .help = "How many mails may wait for their commit at once." },
	{ .name = "batch_max",
	    .type = RUAD_CONF_INTEGER,
	    .offset = AT(batch_max),
	    .def = "128",
	    .min = 1,
	    .max = 10000,
	    .restart = true,
	    .help = "How many mails are committed together at most." },
	{ .name = "keep_raw",
	    .type = RUAD_CONF_BOOL,
	    .offset = AT(keep_raw),
	    .def = "yes",
	    .help = "Keep the original of stored reports, compressed." },
	{ .name = "on_conflict",
	    .type = RUAD_CONF_WORD,
	    .offset = AT(on_conflict),
	    .def = "first",
	    .words = on_conflict_words,
	    .restart = true,
	    .help = "Which one stays when a report arrives again with other "
		    "content." },
	{ .name = "memory_max",
	    .type = RUAD_CONF_SIZE,
	    .offset = AT(memory_bytes),
	    .def = "256M",
	    .min = 1 * MIB,
	    .max = 1024 * GIB,
	    .restart = true,
	    .help =
		"Memory for all mails that are being read together, of which "
		"one may take four times its size; beyond it on_error "
		"applies." },
	{ .name = "mail_memory_max",
	    .type = RUAD_CONF_SIZE,
	    .offset = AT(mail_memory_bytes),
	    .def = "256k",
	    .min = 4 * KIB,
	    .max = 1 * GIB,
	    .help =
		"Mails larger than this go to spool_dir while they are read." },

#define LIMIT(field) AT(limits.field)
	{ .name = "max_message_bytes",
	    .type = RUAD_CONF_SIZE,
	    .offset = LIMIT(message_bytes),
	    .min = 1 * KIB,
	    .max = 4 * GIB,
	    .help = "Size of one mail. RFC 7489 asks for 10 MB at least." },
	{ .name = "max_mime_depth",
	    .type = RUAD_CONF_INTEGER,
	    .offset = LIMIT(mime_depth),
	    .min = 1,
	    .max = 100,
	    .help = "Nesting of MIME parts." },
	{ .name = "max_mime_parts",
	    .type = RUAD_CONF_INTEGER,
	    .offset = LIMIT(mime_parts),
	    .min = 1,
	    .max = 100000,
	    .help = "MIME parts of one mail." },
	{ .name = "max_layers",
	    .type = RUAD_CONF_INTEGER,
	    .offset = LIMIT(layers),
	    .min = 1,
	    .max = 16,
	    .help = "Archives inside each other." },
	{ .name = "max_entries",
	    .type = RUAD_CONF_INTEGER,
	    .offset = LIMIT(entries),
	    .min = 1,
	    .max = 100000,
	    .help = "Entries of one archive that are looked at." },
	{ .name = "max_xml_bytes",
	    .type = RUAD_CONF_SIZE,
	    .offset = LIMIT(xml_bytes),
	    .min = 1 * KIB,
	    .max = 1024 * GIB,
	    .help = "Size of one report when decompressed." },
	{ .name = "max_total_bytes",
	    .type = RUAD_CONF_SIZE,
	    .offset = LIMIT(total_bytes),
	    .min = 1 * KIB,
	    .max = 1024 * GIB,
	    .help = "Size of all reports of a mail when decompressed." },
	{ .name = "max_xml_depth",
	    .type = RUAD_CONF_INTEGER,
	    .offset = LIMIT(xml_depth),
	    .min = 8,
	    .max = 250,
	    .help = "Nesting of elements in a report." },
	{ .name = "max_xml_attributes",
	    .type = RUAD_CONF_INTEGER,
	    .offset = LIMIT(xml_attributes),
	    .min = 1,
	    .max = 10000,
	    .help = "Attributes of one element." },
	{ .name = "max_text_bytes",
	    .type = RUAD_CONF_SIZE,
	    .offset = LIMIT(text_bytes),
	    .min = 256,
	    .max = 8 * MIB,
	    .help = "Text of one element." },
	{ .name = "max_records",
	    .type = RUAD_CONF_INTEGER,
	    .offset = LIMIT(records),
	    .min = 1,
	    .max = 100000000,
	    .help = "Records of one report." },
	{ .name = "max_dkim_per_record",
	    .type = RUAD_CONF_INTEGER,
	    .offset = LIMIT(dkim_per_record),
	    .min = 1,
	    .max = 1000,
	    .help = "DKIM results kept of one record; more are dropped with a "
		    "warning." },
	{ .name = "max_reasons_per_record",
	    .type = RUAD_CONF_INTEGER,
	    .offset = LIMIT(reasons_per_record),
	    .min = 1,
	    .max = 1000,
	    .help =
		"Override reasons kept of one record; more are dropped with a "
		"warning." },
	{ .name = "max_span",
	    .type = RUAD_CONF_DURATION,
	    .offset = LIMIT(span_secs),
	    .min = 1 * DAYS,
	    .max = 3660 * DAYS,
	    .unit = SECS,
	    .help = "Longest time that a report may cover." },
	{ .name = "max_read_time",
	    .type = RUAD_CONF_DURATION,
	    .offset = LIMIT(read_msecs),
	    .max = 1 * HOURS,
	    .unit = 1,
	    .help = "Processor time for reading a mail, for each MiB of it, "
		    "at least one; 0 is no limit." },
#undef LIMIT

	{ .name = "public_suffix_list",
	    .type = RUAD_CONF_TEXT,
	    .offset = AT(public_suffix_list),
	    .def = "",
	    .take = ruad_conf_take_path,
	    .help = "The Public Suffix List to use. Empty: the one of the "
		    "system." },
	{ .name = "require_auth",
	    .type = RUAD_CONF_WORD,
	    .offset = AT(require_auth),
	    .def = "flag",
	    .words = require_auth_words,
	    .help =
		"Whether the report mail must itself have passed DMARC. off "
		"and flag store the result only; enforce refuses the report "
		"otherwise." },
	{ .name = "authserv_ids",
	    .type = RUAD_CONF_LIST,
	    .offset = AT(authserv_ids),
	    .take = ruad_conf_take_filled,
	    .help =
		"Names under which own filters write Authentication-Results. "
		"Empty: such fields are not looked at." },
	{ .name = "trusted_received",
	    .type = RUAD_CONF_INTEGER,
	    .offset = AT(trusted_received),
	    .def = "0",
	    .max = 100,
	    .help = "How many Received fields from own hosts stand above the "
		    "trusted Authentication-Results." },
	{ .name = "domains",
	    .type = RUAD_CONF_LIST,
	    .offset = AT(domains),
	    .words = domains_words,
	    .take = ruad_conf_take_policy_domain,
	    .help =
		"Policy domains whose reports are stored, each with all below "
		"it; other reports are refused. The one word registered "
		"stands for those of the table that ruadctl domain keeps in "
		"the store; any, or nothing, for all." },

	{ .name = "dns_servers",
	    .type = RUAD_CONF_LIST,
	    .offset = AT(dns_servers),
	    .take = ruad_conf_take_server,
	    .help = "DNS servers that ruadctl record asks: addresses, perhaps "
		    "with @PORT. Empty: those of the system." },
	{ .name = "dns_trust_anchor",
	    .type = RUAD_CONF_TEXT,
	    .offset = AT(dns_trust_anchor),
	    .def = "/usr/share/dns/root.key",
	    .take = ruad_conf_take_path,
	    .help = "File with the keys that validation by DNSSEC begins "
		    "with. Empty, or not there: nothing is validated." },
	{ .name = "dns_timeout",
	    .type = RUAD_CONF_DURATION,
	    .offset = AT(dns_query_msecs),
	    .def = "5s",
	    .min = 10,
	    .max = 60 * SECS,
	    .unit = 1,
	    .help = "How long ruadctl record waits for one answer of DNS." },
	{ .name = "dns_deadline",
	    .type = RUAD_CONF_DURATION,
	    .offset = AT(dns_total_msecs),
	    .def = "30s",
	    .min = 10,
	    .max = 600 * SECS,
	    .unit = 1,
	    .help = "How long it waits for all answers about one domain." },

	{ .name = "enrich_ptr",
	    .type = RUAD_CONF_BOOL,
	    .offset = AT(enrich_ptr),
	    .def = "no",
	    .help = "Whether ruadctl enrich may look up the names of source "
		    "addresses. It tells name servers of others which "
		    "addresses are looked at." },
	{ .name = "enrich_rate",
	    .type = RUAD_CONF_INTEGER,
	    .offset = AT(enrich_rate),
	    .def = "20",
	    .min = 1,
	    .max = 1000,
	    .help = "How many questions it asks in a second, at most." },

	{ .name = "asn_database",
	    .type = RUAD_CONF_TEXT,
	    .offset = AT(asn_database),
	    .def = "",
	    .take = ruad_conf_take_path,
	    .help = "File in the format of MaxMind (.mmdb) with the networks "
		    "of addresses, for ruadctl enrich. Empty: none." },
	{ .name = "country_database",
	    .type = RUAD_CONF_TEXT,
	    .offset = AT(country_database),
	    .def = "",
	    .take = ruad_conf_take_path,
	    .help = "The same with countries." },

	{ .name = "ready_days_quarantine",
	    .type = RUAD_CONF_INTEGER,
	    .offset = AT(ready_days_quarantine),
	    .def = "14",
	    .min = 1,
	    .max = 366,
	    .help = "Days that ruadctl rehearse looks at before it calls a "
		    "domain ready for quarantine." },
	{ .name = "ready_days_reject",
	    .type = RUAD_CONF_INTEGER,
	    .offset = AT(ready_days_reject),
	    .def = "28",
	    .min = 1,
	    .max = 366,
	    .help = "The same for reject." },
	{ .name = "ready_report_days",
	    .type = RUAD_CONF_INTEGER,
	    .offset = AT(ready.day_percent),
	    .def = "80",
	    .min = 1,
	    .max = 100,
	    .help = "Per cent of these days on which reports must have come." },
	{ .name = "ready_reporters",
	    .type = RUAD_CONF_INTEGER,
	    .offset = AT(ready.reporters),
	    .def = "3",
	    .min = 1,
	    .max = 1000,
	    .help = "Reporters from which they must have come." },
	{ .name = "ready_fail_share",
	    .type = RUAD_CONF_INTEGER,
	    .offset = AT(ready.fail_share),
	    .def = "10",
	    .min = 0,
	    .max = 10000,
	    .help = "Of 10000 messages of one's own, how many may be "
		    "quarantined or rejected." },
	{ .name = "ready_fail_messages",
	    .type = RUAD_CONF_INTEGER,
	    .offset = AT(ready.fail_messages),
	    .def = "50",
	    .min = 0,
	    .max = 1000000000,
	    .help = "How many of them may be at all." },
	{ .name = "ready_new_days",
	    .type = RUAD_CONF_INTEGER,
	    .offset = AT(ready.new_days),
	    .def = "14",
	    .min = 0,
	    .max = 366,
	    .help = "Days in which no new sender of one's own may have come "
		    "up." },
	{ .name = "ready_unknown_share",
	    .type = RUAD_CONF_INTEGER,
	    .offset = AT(ready.unknown_share),
	    .def = "50",
	    .min = 0,
	    .max = 10000,
	    .help =
		"Of 10000 messages, how many of an unknown sender may be "
		"quarantined or rejected without finding out who that is." },
	{ .name = "ready_unknown_messages",
	    .type = RUAD_CONF_INTEGER,
	    .offset = AT(ready.unknown_messages),
	    .def = "100",
	    .min = 0,
	    .max = 1000000000,
	    .help = "How many they may be at all." },

/* All of these take a restart of ruad-web. */
#define WEB(kind, option, field, standard, text) \
	.name = option, .type = RUAD_CONF_##kind, .offset = AT(web.field), \
	.def = standard, .restart = true, .help = text
	{ WEB(TEXT, "web_listen", listen, "inet:8810@127.0.0.1",
	      "Where ruad-web serves the console: inet:PORT@ADDRESS or "
	      "inet6:PORT@ADDRESS. Empty: only on web_socket."),
	    .take = ruad_conf_take_listen },
	{ WEB(TEXT, "web_socket", socket, "unix:/run/ruad-web/api.sock",
	      "Where it serves programs and proxies of this host: unix:PATH. "
	      "Empty: nowhere."),
	    .take = ruad_conf_take_unix },
	{ WEB(TEXT, "web_socket_group", socket_group, "",
	    "Group of that socket, whose members alone may connect; ruad-web "
	    "must be one. Empty: all users of this host may, as on "
	    "web_listen.") },
	{ WEB(TEXT, "web_store", store, LOCALSTATEDIR "/lib/ruad-web/web.db",
	      "The database of the console: users, sessions, settings."),
	    .take = ruad_conf_take_file },
	{ WEB(TEXT, "web_secret", secret, "",
	      "File with the key under which web_store keeps secrets; made "
	      "when it is missing. Empty: web_store with .key appended."),
	    .take = ruad_conf_take_path },
	{ WEB(TEXT, "web_tls_certificate", tls_certificate, "",
	      "File with the certificate for HTTPS and those above it, in PEM. "
	      "Empty: plain HTTP."),
	    .take = ruad_conf_take_path },
	{ WEB(TEXT, "web_tls_key", tls_key, "",
	      "File with its private key, in PEM."),
	    .take = ruad_conf_take_path },
	{ WEB(BOOL, "insecure_listen", insecure_listen, "no",
	    "Whether web_listen may be an address that others reach, without "
	    "TLS.") },
	{ WEB(TEXT, "public_url", public_url, "",
	      "The URL of the console as browsers have it, with scheme and "
	      "host, perhaps a port. Empty: made of web_listen."),
	    .take = ruad_conf_take_origin },
	{ WEB(LIST, "trusted_proxies", trusted_proxies, NULL,
	      "Addresses or networks of proxies in front of ruad-web, whose "
	      "X-Forwarded-For is believed."),
	    .take = ruad_conf_take_network },
	{ WEB(TEXT, "web_proxy_group", proxy_group, "",
	    "Group of proxies on web_socket, whose X-Forwarded-For and "
	    "Remote-User are believed. Empty: none.") },
	{ WEB(TEXT, "web_admin_group", admin_group, "ruad-admin",
	    "Group whose members are administrators on web_socket, as root "
	    "is.") },
	{ WEB(TEXT, "web_viewer_group", viewer_group, "ruad",
	    "Group whose members may read everything there.") },
	{ WEB(WORD, "require_2fa", require_2fa, "admin",
	      "Who must have a second factor to log in to the console: "
	      "administrators, all users, or none."),
	    .words = require_2fa_words },
	{ WEB(DURATION, "session_idle", session_idle_secs, "30m",
	      "How long a login to the console lasts without being used."),
	    .min = 60 * SECS, .max = 30 * DAYS, .unit = SECS },
	{ WEB(DURATION, "session_max", session_max_secs, "12h",
	      "How long it lasts at most."),
	    .min = 60 * SECS, .max = 90 * DAYS, .unit = SECS },
	{ WEB(SIZE, "password_memory", password_bytes, "19M",
	      "Memory that argon2id takes for a password of the console; two "
	      "are checked at once at most."),
	    .min = 8 * MIB, .max = 1 * GIB },
	{ WEB(INTEGER, "password_passes", password_passes, "3",
	      "How often it goes over that memory."),
	    .min = 1, .max = 100 },
#undef WEB
};
#undef AT

const size_t ruad_conf_table_count =
    sizeof(ruad_conf_table) / sizeof(ruad_conf_table[0]);
