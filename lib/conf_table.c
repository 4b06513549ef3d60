/* conf_table.c - one entry per option, and what texts they take. */
#include "conf_table.h"
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include "value.h"

#define KIB INT64_C(1024)
#define MIB (KIB * 1024)
#define GIB (MIB * 1024)
#define SECS INT64_C(1000)
#define HOURS (3600 * SECS)
#define DAYS (24 * HOURS)

enum {
	SOCKET_MAX_BYTES = 106, /* of a path: what libmilter takes */
	ADDRESS_MAX_BYTES = 320
};

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

const char *
ruad_conf_socket_path(const char *socket)
{
	static const char *const prefixes[] = { "unix:", "local:" };

	for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++) {
		size_t len = strlen(prefixes[i]);

		if (strncmp(socket, prefixes[i], len) == 0)
			return socket + len;
	}
	return NULL;
}

/* "PORT@HOST" or "PORT" behind "inet:" or "inet6:". */
static bool
is_inet_socket(const char *text)
{
	const char *port = strchr(text, ':');
	char *end;
	unsigned long n;

	if (strncmp(text, "inet:", 5) != 0 && strncmp(text, "inet6:", 6) != 0)
		return false;
	port++;
	if (*port < '0' || *port > '9')
		return false;
	n = strtoul(port, &end, 10);
	return n >= 1 && n <= 65535 &&
	    (*end == '\0' || (*end == '@' && end[1] != '\0'));
}

static char *
take_socket(const char *text, const char **allowed_out)
{
	const char *path = ruad_conf_socket_path(text);

	*allowed_out = "unix:PATH with an absolute path of 106 bytes at most, "
		       "inet:PORT@HOST or inet6:PORT@HOST";
	if (path == NULL)
		return is_inet_socket(text) ? strdup(text) : NULL;
	if (path[0] != '/' || strlen(path) > SOCKET_MAX_BYTES)
		return NULL;
	return strdup(text);
}

/* The domain is brought to the form in which addresses are compared. */
static char *
take_recipient(const char *text, const char **allowed_out)
{
	const char *at = strrchr(text, '@');
	char domain[256], address[ADDRESS_MAX_BYTES];
	bool is_address;
	int len;

	*allowed_out = "user@domain or *@domain";
	if (at == NULL || at == text || strpbrk(text, "<>\" \t\r\n") != NULL ||
	    (strchr(text, '*') != NULL && strncmp(text, "*@", 2) != 0) ||
	    memchr(text, '@', (size_t)(at - text)) != NULL ||
	    ruad_value_domain(at + 1, strlen(at + 1), domain, sizeof(domain),
		&is_address) != RUAD_DOMAIN_OK)
		return NULL;
	len = snprintf(address, sizeof(address), "%.*s@%s", (int)(at - text),
	    text, domain);
	return len < (int)sizeof(address) ? strdup(address) : NULL;
}

static char *
take_delimiter(const char *text, const char **allowed_out)
{
	*allowed_out = "up to eight characters other than letters and digits, "
		       "like \"+-\"";
	if (strlen(text) > 8)
		return NULL;
	for (const char *p = text; *p != '\0'; p++) {
		if (strchr("!#$%&'*+-/=?^_`{|}~.", *p) == NULL)
			return NULL;
	}
	return strdup(text);
}

static char *
take_path(const char *text, const char **allowed_out)
{
	*allowed_out = "an absolute path, or \"\"";
	return text[0] == '/' || text[0] == '\0' ? strdup(text) : NULL;
}

static char *
take_domain(const char *text, const char **allowed_out)
{
	char domain[256];
	bool is_address;

	*allowed_out = "a domain name";
	if (ruad_value_domain(text, strlen(text), domain, sizeof(domain),
		&is_address) != RUAD_DOMAIN_OK ||
	    is_address)
		return NULL;
	return strdup(domain);
}

static char *
take_filled(const char *text, const char **allowed_out)
{
	*allowed_out = "a text that is not empty";
	return text[0] != '\0' ? strdup(text) : NULL;
}

#define AT(field) offsetof(struct ruad_conf, field)

const struct ruad_conf_entry ruad_conf_table[] = {
	{ .name = "socket",
	    .type = RUAD_CONF_TEXT,
	    .offset = AT(socket),
	    .def = "unix:" LOCALSTATEDIR "/spool/postfix/ruad/ruad.sock",
	    .take = take_socket,
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
	    .take = take_path,
	    .restart = true,
	    .help =
		"Held locked while ruad runs, so that a second one cannot take "
		"its socket. Empty: the unix socket with .lock appended, or "
		"else the store with .lock appended." },
	{ .name = "spool_dir",
	    .type = RUAD_CONF_TEXT,
	    .offset = AT(spool_dir),
	    .def = "",
	    .take = take_path,
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
	    .take = take_recipient,
	    .help =
		"Addresses that get report mail: user@domain, or *@domain for "
		"all of a domain. Mail for others is let go unread." },
	{ .name = "recipient_delimiter",
	    .type = RUAD_CONF_TEXT,
	    .offset = AT(recipient_delimiter),
	    .def = "+",
	    .take = take_delimiter,
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
	    .take = take_filled,
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
	    .max = 300 * SECS,
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
	    .def = "64",
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
		"Memory for all mails that are being read together; beyond it "
		"on_error applies." },
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
	    .help = "Processor time for reading one mail; 0 is no limit." },
#undef LIMIT

	{ .name = "public_suffix_list",
	    .type = RUAD_CONF_TEXT,
	    .offset = AT(public_suffix_list),
	    .def = "",
	    .take = take_path,
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
	    .take = take_filled,
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
	    .take = take_domain,
	    .help =
		"Policy domains whose reports are stored, each with all below "
		"it; others are refused. Empty: any." },
};
#undef AT

const size_t ruad_conf_table_count =
    sizeof(ruad_conf_table) / sizeof(ruad_conf_table[0]);
