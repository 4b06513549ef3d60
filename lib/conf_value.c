/* conf_value.c - one number with a suffix serves sizes and durations alike; the
 * suffix must be written exactly so: "10m" is ten minutes, never megabytes. */
#include "conf_value.h"
#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "value.h"

enum {
	SOCKET_MAX_BYTES = 106, /* of a path: what libmilter takes */
	ADDRESS_MAX_BYTES = 320
};

struct suffix {
	const char *text;
	int64_t factor;
};

/* Ascending; a value is printed with the last one that divides it. */
static const struct suffix size_suffixes[] = {
	{ "", 1 },
	{ "k", 1024 },
	{ "M", 1024 * 1024 },
	{ "G", 1024 * 1024 * 1024 },
	{ NULL, 0 },
};
static const struct suffix duration_suffixes[] = {
	{ "ms", 1 },
	{ "s", 1000 },
	{ "m", 60 * 1000 },
	{ "h", 60 * 60 * 1000 },
	{ "d", 24 * 60 * 60 * 1000 },
	{ NULL, 0 },
};
static const struct suffix no_suffix[] = { { "", 1 }, { NULL, 0 } };
static const struct ruad_conf_word bool_words[] = { { "no", 0 }, { "yes", 1 },
	{ "false", 0 }, { "true", 1 }, { NULL, 0 } };

const char *
ruad_conf_type_word(enum ruad_conf_type type)
{
	switch (type) {
	case RUAD_CONF_TEXT:
		return "text";
	case RUAD_CONF_LIST:
		return "list";
	case RUAD_CONF_SIZE:
		return "size";
	case RUAD_CONF_INTEGER:
		return "number";
	case RUAD_CONF_DURATION:
		return "duration";
	case RUAD_CONF_MODE:
		return "mode";
	case RUAD_CONF_WORD:
		return "word";
	case RUAD_CONF_BOOL:
		return "switch";
	}
	return "";
}

const char *
ruad_conf_type_help(enum ruad_conf_type type)
{
	switch (type) {
	case RUAD_CONF_TEXT:
		return "a text";
	case RUAD_CONF_LIST:
		return "a list of texts";
	case RUAD_CONF_SIZE:
		return "a size in bytes, or with k, M or G";
	case RUAD_CONF_INTEGER:
		return "a whole number";
	case RUAD_CONF_DURATION:
		return "a duration with ms, s, m, h or d";
	case RUAD_CONF_MODE:
		return "permissions in octal";
	case RUAD_CONF_WORD:
	case RUAD_CONF_BOOL:
		return "one word";
	}
	return "";
}

/* Digits only, so that the signs and blanks which strtoimax() takes are no
 * part of a value. */
static bool
read_digits(const char *text, int base, const char **end, int64_t *out)
{
	intmax_t v;
	char *e;

	if (text[0] < '0' || text[0] > '9')
		return false;
	errno = 0;
	v = strtoimax(text, &e, base);
	if (errno != 0 || v > INT64_MAX)
		return false;
	*end = e;
	*out = v;
	return true;
}

static bool
read_suffixed(const struct suffix *suffixes, const char *text, int64_t *out)
{
	const char *rest;
	int64_t v;

	if (!read_digits(text, 10, &rest, &v))
		return false;
	for (const struct suffix *s = suffixes; s->text != NULL; s++) {
		if (strcmp(rest, s->text) == 0)
			return !__builtin_mul_overflow(v, s->factor, out);
	}
	/* Nothing of something is the same in every unit. */
	*out = 0;
	return v == 0 && *rest == '\0';
}

static bool
read_word(const struct ruad_conf_word *words, const char *text, int64_t *out)
{
	for (; words->word != NULL; words++) {
		if (strcmp(words->word, text) == 0) {
			*out = words->value;
			return true;
		}
	}
	return false;
}

bool
ruad_conf_value_read(enum ruad_conf_type type,
    const struct ruad_conf_word *words, const char *text, int64_t *out)
{
	const char *rest;

	switch (type) {
	case RUAD_CONF_TEXT:
	case RUAD_CONF_LIST:
		return false;
	case RUAD_CONF_SIZE:
		return read_suffixed(size_suffixes, text, out);
	case RUAD_CONF_INTEGER:
		return read_suffixed(no_suffix, text, out);
	case RUAD_CONF_DURATION:
		return read_suffixed(duration_suffixes, text, out);
	case RUAD_CONF_MODE:
		return read_digits(text, 8, &rest, out) && *rest == '\0';
	case RUAD_CONF_WORD:
		return read_word(words, text, out);
	case RUAD_CONF_BOOL:
		return read_word(bool_words, text, out);
	}
	return false;
}

static void
print_suffixed(const struct suffix *suffixes, int64_t value, char *buf)
{
	const struct suffix *best = suffixes;

	for (const struct suffix *s = suffixes; s->text != NULL; s++) {
		if (value != 0 && value % s->factor == 0)
			best = s;
	}
	snprintf(buf, RUAD_CONF_VALUE_MAX, "%" PRId64 "%s",
	    value / best->factor, value == 0 ? "" : best->text);
}

static void
print_word(const struct ruad_conf_word *words, int64_t value, char *buf)
{
	buf[0] = '\0';
	for (; words->word != NULL; words++) {
		if (words->value == value) {
			snprintf(buf, RUAD_CONF_VALUE_MAX, "%s", words->word);
			return;
		}
	}
}

char *
ruad_conf_value_print(enum ruad_conf_type type,
    const struct ruad_conf_word *words, int64_t value,
    char buf[RUAD_CONF_VALUE_MAX])
{
	switch (type) {
	case RUAD_CONF_TEXT:
	case RUAD_CONF_LIST:
		buf[0] = '\0';
		break;
	case RUAD_CONF_SIZE:
		print_suffixed(size_suffixes, value, buf);
		break;
	case RUAD_CONF_INTEGER:
		print_suffixed(no_suffix, value, buf);
		break;
	case RUAD_CONF_DURATION:
		print_suffixed(duration_suffixes, value, buf);
		break;
	case RUAD_CONF_MODE:
		snprintf(buf, RUAD_CONF_VALUE_MAX, "%04" PRIo64,
		    (uint64_t)value);
		break;
	case RUAD_CONF_WORD:
		print_word(words, value, buf);
		break;
	case RUAD_CONF_BOOL:
		print_word(bool_words, value, buf);
		break;
	}
	return buf;
}

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

char *
ruad_conf_take_socket(const char *text, const char **allowed_out)
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

unsigned
ruad_conf_address(const char *socket, struct sockaddr_storage *out)
{
	struct sockaddr_in *in = (struct sockaddr_in *)out;
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)out;
	const char *host = strchr(socket, '@');
	bool localhost;
	in_port_t port;

	memset(out, 0, sizeof(*out));
	if (!is_inet_socket(socket) || host == NULL)
		return 0;
	localhost = strcmp(++host, "localhost") == 0;
	port = htons((in_port_t)strtoul(strchr(socket, ':') + 1, NULL, 10));
	if (strncmp(socket, "inet:", 5) == 0) {
		in->sin_family = AF_INET;
		in->sin_port = port;
		return inet_pton(AF_INET, localhost ? "127.0.0.1" : host,
			   &in->sin_addr) == 1
		    ? sizeof(*in)
		    : 0;
	}
	in6->sin6_family = AF_INET6;
	in6->sin6_port = port;
	return inet_pton(AF_INET6, localhost ? "::1" : host, &in6->sin6_addr) ==
		1
	    ? sizeof(*in6)
	    : 0;
}

unsigned
ruad_conf_loopback(const char *socket, struct sockaddr_storage *out)
{
	const struct sockaddr_in *in = (struct sockaddr_in *)out;
	const struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)out;
	unsigned len = ruad_conf_address(socket, out);

	if (len == sizeof(*in) &&
	    ntohl(in->sin_addr.s_addr) >> 24 == IN_LOOPBACKNET)
		return len;
	return len == sizeof(*in6) && IN6_IS_ADDR_LOOPBACK(&in6->sin6_addr)
	    ? len
	    : 0;
}

char *
ruad_conf_take_unix(const char *text, const char **allowed_out)
{
	const char *path = ruad_conf_socket_path(text);

	*allowed_out = "unix:PATH with an absolute path of 106 bytes at most, "
		       "or \"\"";
	if (text[0] != '\0' &&
	    (path == NULL || path[0] != '/' || strlen(path) > SOCKET_MAX_BYTES))
		return NULL;
	return strdup(text);
}

char *
ruad_conf_take_listen(const char *text, const char **allowed_out)
{
	struct sockaddr_storage ss;

	*allowed_out = "inet:PORT@ADDRESS, inet6:PORT@ADDRESS, or \"\"";
	return text[0] == '\0' || ruad_conf_address(text, &ss) != 0
	    ? strdup(text)
	    : NULL;
}

/* As browsers write an origin, for it is compared byte by byte. */
char *
ruad_conf_take_origin(const char *text, const char **allowed_out)
{
	const char *host = strstr(text, "://");

	*allowed_out = "https://HOST or http://HOST in lower case, perhaps "
		       "with :PORT, and no path";
	if (text[0] == '\0')
		return strdup(text);
	if (host == NULL || host[3] == '\0' ||
	    host[3 +
		strspn(host + 3,
		    "abcdefghijklmnopqrstuvwxyz0123456789-.:[]")] != '\0' ||
	    (strncmp(text, "https://", 8) != 0 &&
		strncmp(text, "http://", 7) != 0))
		return NULL;
	return strdup(text);
}

char *
ruad_conf_take_network(const char *text, const char **allowed_out)
{
	const char *slash = strchr(text, '/');
	size_t len = slash != NULL ? (size_t)(slash - text) : strlen(text);
	char address[INET6_ADDRSTRLEN];
	struct in6_addr in6;
	const char *end;
	int64_t bits = 0;
	int most;

	*allowed_out = "an IP address, perhaps with / and a number of bits";
	snprintf(address, sizeof(address), "%.*s", (int)len, text);
	if (len >= sizeof(address))
		return NULL;
	most = inet_pton(AF_INET, address, &in6) == 1 ? 32
	    : inet_pton(AF_INET6, address, &in6) == 1 ? 128
						      : -1;
	if (slash != NULL &&
	    (!read_digits(slash + 1, 10, &end, &bits) || *end != '\0'))
		return NULL;
	return most >= bits ? strdup(text) : NULL;
}

char *
ruad_conf_take_local_socket(const char *text, const char **allowed_out)
{
	const char *path = ruad_conf_socket_path(text);
	struct sockaddr_storage ss;

	*allowed_out = "unix:PATH with an absolute path of 106 bytes at most, "
		       "inet:PORT@127.0.0.1 or inet6:PORT@::1";
	if (text[0] != '\0' && path == NULL &&
	    ruad_conf_loopback(text, &ss) == 0)
		return NULL;
	if (path != NULL && (path[0] != '/' || strlen(path) > SOCKET_MAX_BYTES))
		return NULL;
	return strdup(text);
}

/* The domain is brought to the form in which addresses are compared. */
char *
ruad_conf_take_recipient(const char *text, const char **allowed_out)
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

char *
ruad_conf_take_delimiter(const char *text, const char **allowed_out)
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

char *
ruad_conf_take_path(const char *text, const char **allowed_out)
{
	*allowed_out = "an absolute path, or \"\"";
	return text[0] == '/' || text[0] == '\0' ? strdup(text) : NULL;
}

char *
ruad_conf_take_file(const char *text, const char **allowed_out)
{
	*allowed_out = "an absolute path";
	return text[0] == '/' ? strdup(text) : NULL;
}

char *
ruad_conf_take_domain(const char *text, const char **allowed_out)
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

char *
ruad_conf_take_policy_domain(const char *text, const char **allowed_out)
{
	bool is_word = strcmp(text, RUAD_CONF_ANY) == 0 ||
	    strcmp(text, RUAD_CONF_REGISTERED) == 0;
	char *taken =
	    is_word ? strdup(text) : ruad_conf_take_domain(text, allowed_out);

	*allowed_out =
	    is_word ? "any or registered" : "a domain name, any or registered";
	return taken;
}

char *
ruad_conf_take_server(const char *text, const char **allowed_out)
{
	const char *at = strchr(text, '@');
	size_t len = at != NULL ? (size_t)(at - text) : strlen(text);
	unsigned char ip[16];
	bool special;
	char *end;
	long port = 53;

	*allowed_out = "an IP address, or an IP address, @ and a port";
	if (!ruad_value_ip(text, len, ip, &special) ||
	    memchr(text, '%', len) != NULL)
		return NULL;
	if (at != NULL) {
		if (at[1] < '0' || at[1] > '9')
			return NULL;
		port = strtol(at + 1, &end, 10);
		if (*end != '\0')
			return NULL;
	}
	return port > 0 && port < 65536 ? strdup(text) : NULL;
}

char *
ruad_conf_take_filled(const char *text, const char **allowed_out)
{
	*allowed_out = "a text that is not empty";
	return text[0] != '\0' ? strdup(text) : NULL;
}
