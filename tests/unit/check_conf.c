/* check_conf.c - every option of the table: default, bounds, errors with file
 * and line; and that sample and manual say the same as the table. */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>
#include "check_main.h"
#include "conf.h"
#include "conf_value.h"
#include "temp_dir.h"

enum { OPTIONS = 79 };

static char path[200];
static struct ruad_err err;

static void
write_conf(const char *text)
{
	FILE *f = fopen(temp_dir_path(path, "ruad.conf"), "w");

	ck_assert_ptr_nonnull(f);
	fputs(text, f);
	ck_assert_int_eq(fclose(f), 0);
}

static struct ruad_conf *
read_text(const char *text)
{
	struct ruad_conf *c;

	write_conf(text);
	err.text[0] = '\0';
	ck_assert_msg(ruad_conf_read(path, &c, &err) == RUAD_OK, "%s: %s", text,
	    err.text);
	return c;
}

/* The file is refused, and the text after its name is `want`. */
static void
refuse_text(const char *text, const char *want)
{
	struct ruad_conf *c;
	size_t len;

	write_conf(text);
	ck_assert_msg(ruad_conf_read(path, &c, &err) == RUAD_BAD, "%s", text);
	ck_assert_ptr_null(c);
	len = strlen(path);
	ck_assert_msg(strncmp(err.text, path, len) == 0, "%s", err.text);
	ck_assert_str_eq(err.text + len, want);
}

/* The number of a value as it stands in the table; false: it is none. */
static bool
number_of(const struct ruad_conf_option *o, const char *text, int64_t *out)
{
	static const enum ruad_conf_type types[] = { RUAD_CONF_SIZE,
		RUAD_CONF_INTEGER, RUAD_CONF_DURATION, RUAD_CONF_MODE };

	for (size_t i = 0; i < COUNT(types); i++) {
		if (strcmp(o->type, ruad_conf_type_word(types[i])) == 0)
			return ruad_conf_value_read(types[i], NULL, text, out);
	}
	return false;
}

/* One line of a file, with the number in the smallest unit. */
static void
set_number(const struct ruad_conf_option *o, int64_t n, char *buf, size_t cap)
{
	if (strcmp(o->type, "mode") == 0)
		snprintf(buf, cap, "%s = %" PRIo64 "\n", o->name, (uint64_t)n);
	else
		snprintf(buf, cap, "%s = %" PRId64 "%s\n", o->name, n,
		    strcmp(o->type, "duration") == 0 ? "ms" : "");
}

START_TEST(table_is_whole)
{
	struct ruad_conf_option o;
	size_t n;

	for (n = 0; ruad_conf_option(n, &o); n++) {
		ck_assert_str_ne(o.name, "");
		ck_assert_str_ne(o.type, "");
		ck_assert_str_ne(o.help, "");
	}
	ck_assert_uint_eq(n, OPTIONS);
}
END_TEST

/* The default is a value like any other: written out it changes nothing. */
START_TEST(default_written)
{
	struct ruad_conf_option o;
	struct ruad_conf *defaults, *c;
	char line[300];
	bool list;

	ck_assert(ruad_conf_option((size_t)_i, &o));
	list = strcmp(o.def, "{}") == 0;
	snprintf(line, sizeof(line), "%s = %s%s%s\n", o.name, list ? "" : "\"",
	    o.def, list ? "" : "\"");
	ck_assert_int_eq(ruad_conf_read(NULL, &defaults, &err), RUAD_OK);
	c = read_text(line);
	for (size_t i = 0; i < OPTIONS; i++)
		ck_assert(ruad_conf_same(defaults, c, i));
	ruad_conf_free(&c);
	ruad_conf_free(&defaults);
}
END_TEST

START_TEST(bounds)
{
	struct ruad_conf_option o;
	struct ruad_conf *c;
	char line[300];
	int64_t min, max;

	ck_assert(ruad_conf_option((size_t)_i, &o));
	if (o.min[0] == '\0')
		return;
	ck_assert(number_of(&o, o.min, &min));
	ck_assert(number_of(&o, o.max, &max));
	set_number(&o, min, line, sizeof(line));
	c = read_text(line);
	ruad_conf_free(&c);
	set_number(&o, max, line, sizeof(line));
	c = read_text(line);
	ruad_conf_free(&c);

	set_number(&o, max + 1, line, sizeof(line));
	write_conf(line);
	ck_assert_int_eq(ruad_conf_read(path, &c, &err), RUAD_BAD);
	ck_assert_ptr_nonnull(strstr(err.text, o.max));
	ck_assert_ptr_nonnull(strstr(err.text, "ruad.conf:1: "));
	ck_assert_ptr_nonnull(strstr(err.text, o.name));
	if (min == 0)
		snprintf(line, sizeof(line), "%s = -1\n", o.name);
	else
		set_number(&o, min - 1, line, sizeof(line));
	write_conf(line);
	ck_assert_int_eq(ruad_conf_read(path, &c, &err), RUAD_BAD);
	ck_assert_ptr_nonnull(strstr(err.text, o.min));
}
END_TEST

START_TEST(default_values)
{
	struct ruad_limits lim;
	struct ruad_conf *c;

	ruad_limits_default(&lim);
	ck_assert_int_eq(ruad_conf_read(NULL, &c, &err), RUAD_OK);
	ck_assert_str_eq(c->socket,
	    "unix:" LOCALSTATEDIR "/spool/postfix/ruad/ruad.sock");
	ck_assert_str_eq(c->store, LOCALSTATEDIR "/lib/ruad/ruad.db");
	ck_assert_str_eq(c->lock_file,
	    LOCALSTATEDIR "/spool/postfix/ruad/ruad.sock.lock");
	ck_assert_str_eq(c->spool_dir, LOCALSTATEDIR "/lib/ruad");
	ck_assert_int_eq(c->socket_mode, 0660);
	ck_assert_str_eq(c->user, "");
	ck_assert_int_eq(c->log_to, RUAD_LOG_SYSLOG);
	ck_assert_int_eq(c->log_level, LOG_INFO);
	ck_assert_uint_eq(c->recipients.count, 0);
	ck_assert_str_eq(c->recipient_delimiter, "+");
	ck_assert_int_eq(c->after_store, RUAD_AFTER_DELIVER);
	ck_assert_int_eq(c->on_refuse, RUAD_REFUSE_DELIVER);
	ck_assert_int_eq(c->on_error, RUAD_ERROR_TEMPFAIL);
	ck_assert_int_eq(c->busy_msecs, 2000);
	ck_assert_int_eq(c->commit_msecs, 10000);
	ck_assert_int_eq(c->queue_max, 1000);
	ck_assert_int_eq(c->batch_max, 128);
	ck_assert(c->keep_raw);
	ck_assert_int_eq(c->on_conflict, 0);
	ck_assert_int_eq(c->memory_bytes, 256 << 20);
	ck_assert_int_eq(c->mail_memory_bytes, 256 << 10);
	ck_assert_mem_eq(&c->limits, &lim, sizeof(lim));
	ck_assert_int_eq(c->require_auth, RUAD_REQUIRE_AUTH_FLAG);
	ck_assert_int_eq(c->trusted_received, 0);
	ruad_conf_free(&c);
}
END_TEST

START_TEST(values)
{
	struct ruad_conf *c =
	    read_text("# all kinds of values\n"
		      "socket = \"inet:8891@127.0.0.1\" # and a comment\n"
		      "socket_mode = 0600\n"
		      "store = /srv/ruad.db\n"
		      "recipients = {\n"
		      "    \"Rua@Example.COM.\", # in a list\n"
		      "    '*@b\xc3\xbc"
		      "cher.example'\n"
		      "}\n"
		      "recipients += { c@d.example }\n"
		      "domains = { X.Example }\n"
		      "log_level = debug\n"
		      "keep_raw = no\n"
		      "memory_max = 1G\n"
		      "max_span = 2d\n"
		      "max_read_time = 0\n"
		      "busy_timeout = 1s\n"
		      "busy_timeout = 1500ms\n");

	ck_assert_str_eq(c->socket, "inet:8891@127.0.0.1");
	ck_assert_int_eq(c->socket_mode, 0600);
	ck_assert_str_eq(c->lock_file, "/srv/ruad.db.lock");
	ck_assert_str_eq(c->spool_dir, "/srv");
	ck_assert_uint_eq(c->recipients.count, 3);
	ck_assert_str_eq(c->recipients.text[0], "Rua@example.com");
	ck_assert_str_eq(c->recipients.text[1], "*@xn--bcher-kva.example");
	ck_assert_str_eq(c->recipients.text[2], "c@d.example");
	ck_assert_uint_eq(c->domains.count, 1);
	ck_assert_str_eq(c->domains.text[0], "x.example");
	ck_assert_int_eq(c->log_level, LOG_DEBUG);
	ck_assert(!c->keep_raw);
	ck_assert_int_eq(c->memory_bytes, 1 << 30);
	ck_assert_uint_eq(c->limits.span_secs, 2 * 86400);
	ck_assert_uint_eq(c->limits.read_msecs, 0);
	ck_assert_int_eq(c->busy_msecs, 1500);
	ruad_conf_free(&c);
}
END_TEST

static const struct refusal {
	const char *text, *want;
} refusals[] = {
	{ "recipient = {}\n",
	    ":1: unknown option recipient: did you mean recipients?" },
	{ "\n# a\nlog_levle = err\n",
	    ":3: unknown option log_levle: did you mean log_level?" },
	{ "colour = red\n",
	    ":1: unknown option colour: those of ruad.conf(5) are allowed" },
	{ "log_level = loud\n",
	    ":1: bad value \"loud\" of log_level: allowed is err, warning, "
	    "notice, info or debug" },
	{ "keep_raw = perhaps\n",
	    ":1: bad value \"perhaps\" of keep_raw: allowed is no or yes" },
	{ "# a\n\n# b\nbusy_timeout = 5\n",
	    ":4: bad value \"5\" of busy_timeout: allowed is a duration with "
	    "ms, s, m, h or d, from 0 to 1m" },
	{ "memory_max = 12Q\n",
	    ":1: bad value \"12Q\" of memory_max: allowed is a size in bytes, "
	    "or with k, M or G, from 1M to 1024G" },
	{ "memory_max = \" 2M\"\n",
	    ":1: bad value \" 2M\" of memory_max: allowed is a size in bytes, "
	    "or with k, M or G, from 1M to 1024G" },
	{ "memory_max = 99999999999999999999G\n",
	    ":1: bad value \"99999999999999999999G\" of memory_max: allowed is "
	    "a size in bytes, or with k, M or G, from 1M to 1024G" },
	{ "socket_mode = 688\n",
	    ":1: bad value \"688\" of socket_mode: allowed is permissions in "
	    "octal, from 0000 to 0777" },
	{ "recipients = { \"a@b.example\",\n  \"rua\" }\n",
	    ":2: bad value \"rua\" of recipients: allowed is user@domain or "
	    "*@domain" },
	{ "recipients = \"a*@b.example\"\n",
	    ":1: bad value \"a*@b.example\" of recipients: allowed is "
	    "user@domain or *@domain" },
	{ "recipients = \"<a@b.example>\"\n",
	    ":1: bad value \"<a@b.example>\" of recipients: allowed is "
	    "user@domain or *@domain" },
	{ "recipients = \"a@b@c.example\"\n",
	    ":1: bad value \"a@b@c.example\" of recipients: allowed is "
	    "user@domain or *@domain" },
	{ "recipient_delimiter = a\n",
	    ":1: bad value \"a\" of recipient_delimiter: allowed is up to "
	    "eight characters other than letters and digits, like \"+-\"" },
	{ "domains = { \"no domain\" }\n",
	    ":1: bad value \"no domain\" of domains: allowed is a domain "
	    "name, any or registered" },
	{ "domains = { a.example,\n registered }\n",
	    ":2: bad value \"registered\" of domains: allowed is any or "
	    "registered, which stands alone" },
	{ "domains = { any, a.example }\n",
	    ":1: bad value \"a.example\" of domains: allowed is a domain "
	    "name, any or registered, which stands alone" },
	{ "dns_servers = { 192.0.2.1, \"::1@5353\", dns.example }\n",
	    ":1: bad value \"dns.example\" of dns_servers: allowed is an IP "
	    "address, or an IP address, @ and a port" },
	{ "dns_servers = 192.0.2.1@0\n",
	    ":1: bad value \"192.0.2.1@0\" of dns_servers: allowed is an IP "
	    "address, or an IP address, @ and a port" },
	{ "spool_dir = tmp\n",
	    ":1: bad value \"tmp\" of spool_dir: allowed is an absolute path, "
	    "or \"\"" },
	{ "store = \"\"\n",
	    ":1: bad value \"\" of store: allowed is an absolute path" },
	{ "store = rel.db\n",
	    ":1: bad value \"rel.db\" of store: allowed is an absolute path" },
	{ "authserv_ids = \"\"\n",
	    ":1: bad value \"\" of authserv_ids: allowed is a text that is "
	    "not empty" },
	{ "web_listen = \"inet:8810@dmarc.example.com\"\n",
	    ":1: bad value \"inet:8810@dmarc.example.com\" of web_listen: "
	    "allowed is inet:PORT@ADDRESS, inet6:PORT@ADDRESS, or \"\"" },
	{ "web_socket = \"unix:api.sock\"\n",
	    ":1: bad value \"unix:api.sock\" of web_socket: allowed is "
	    "unix:PATH with an absolute path of 106 bytes at most, or \"\"" },
	{ "public_url = \"https://dmarc.example.com/\"\n",
	    ":1: bad value \"https://dmarc.example.com/\" of public_url: "
	    "allowed is https://HOST or http://HOST in lower case, perhaps "
	    "with :PORT, and no path" },
	{ "trusted_proxies = { 127.0.0.1, \"10.0.0.0/33\" }\n",
	    ":1: bad value \"10.0.0.0/33\" of trusted_proxies: allowed is an "
	    "IP address, perhaps with / and a number of bits" },
	{ "require_2fa = yes\n",
	    ":1: bad value \"yes\" of require_2fa: allowed is admin, all or "
	    "none" },
	{ "web_tls_key = /key.pem\n",
	    ":1: web_tls_key: needs web_tls_certificate" },
	{ "\nrequire_auth = enforce\n",
	    ":2: require_auth: enforce needs authserv_ids to say whose "
	    "Authentication-Results are believed" },

	{ "store\n",
	    ":1: syntax error, premature end of file: allowed is NAME = "
	    "VALUE, or NAME = { VALUE, ... }" },
	{ "\nstore = # nothing\n\n\n",
	    ":2: syntax error, premature end of file: allowed is NAME = "
	    "VALUE, or NAME = { VALUE, ... }" },
	{ "store /x\n",
	    ":1: syntax error, missing equal sign after option 'store': "
	    "allowed is NAME = VALUE, or NAME = { VALUE, ... }" },
	{ "\n\"\" = x\n",
	    ":2: syntax error, name of an option missing: allowed is NAME = "
	    "VALUE, or NAME = { VALUE, ... }" },
	{ "user = \"\x1b[31m\n\n",
	    ":1: syntax error, premature end of file: allowed is NAME = "
	    "VALUE, or NAME = { VALUE, ... }" },
	{ "log_to = \"\x1b[31m\"\n",
	    ":1: bad value \"\\x1b[31m\" of log_to: allowed is syslog or "
	    "stderr" },
};

START_TEST(refused)
{
	refuse_text(refusals[_i].text, refusals[_i].want);
	/* A file that failed leaves nothing behind for the next one. */
	struct ruad_conf *c = read_text("log_level = err\n");

	ck_assert_int_eq(c->log_level, LOG_ERR);
	ruad_conf_free(&c);
}
END_TEST

static const struct socket_row {
	const char *text;
	bool good;
} sockets[] = {
	{ "unix:/run/ruad/sock", true },
	{ "local:/run/ruad/sock", true },
	{ "inet:8891@localhost", true },
	{ "inet:8891", true },
	{ "inet6:8891@[::1]", true },
	{ "unix:ruad/sock", false },
	{ "/run/ruad/sock", false },
	{ "inet:localhost:8891", false },
	{ "inet:0@localhost", false },
	{ "inet:65536@localhost", false },
	{ "inet:8891@", false },
	{ "tcp:8891@localhost", false },
	{ "", false },
};

START_TEST(socket_forms)
{
	const struct socket_row *row = &sockets[_i];
	struct ruad_conf *c;
	char line[100];

	snprintf(line, sizeof(line), "socket = \"%s\"\n", row->text);
	write_conf(line);
	ck_assert_int_eq(ruad_conf_read(path, &c, &err),
	    row->good ? RUAD_OK : RUAD_BAD);
	ruad_conf_free(&c);
}
END_TEST

/* libmilter takes 106 bytes of path. */
START_TEST(socket_length)
{
	struct ruad_conf *c;
	char name[108], line[200];

	memset(name, 'x', sizeof(name));
	name[0] = '/';
	snprintf(line, sizeof(line), "socket = unix:%.106s\n", name);
	c = read_text(line);
	ck_assert_uint_eq(strlen(ruad_conf_socket_path(c->socket)), 106);
	ruad_conf_free(&c);
	snprintf(line, sizeof(line), "socket = unix:%.107s\n", name);
	write_conf(line);
	ck_assert_int_eq(ruad_conf_read(path, &c, &err), RUAD_BAD);
}
END_TEST

START_TEST(unreadable)
{
	struct ruad_conf *c;
	FILE *f;

	ck_assert_int_eq(ruad_conf_read("none.conf", &c, &err), RUAD_BAD);
	ck_assert_str_eq(err.text, "none.conf: No such file or directory");
	ck_assert_int_eq(ruad_conf_read("/", &c, &err), RUAD_BAD);
	ck_assert_str_eq(err.text, "/: is a directory");
	f = fopen(temp_dir_path(path, "nul.conf"), "w");
	ck_assert_ptr_nonnull(f);
	fwrite("store = \"/x\"\n\0\n", 1, 15, f);
	fclose(f);
	ck_assert_int_eq(ruad_conf_read(path, &c, &err), RUAD_BAD);
}
END_TEST

START_TEST(differences)
{
	struct ruad_conf *a = read_text("recipients = { a@b.example }\n");
	struct ruad_conf *b = read_text("recipients = { a@c.example }\n"
					"store = \"/x\"\nqueue_max = 7\n"
					"keep_raw = no\n");
	struct ruad_conf_option o;
	size_t changed = 0;

	for (size_t i = 0; ruad_conf_option(i, &o); i++) {
		bool same = strcmp(o.name, "recipients") != 0 &&
		    strcmp(o.name, "store") != 0 &&
		    /* follows from the store */
		    strcmp(o.name, "spool_dir") != 0 &&
		    strcmp(o.name, "queue_max") != 0 &&
		    strcmp(o.name, "keep_raw") != 0;

		ck_assert_msg(ruad_conf_same(a, b, i) == same, "%s", o.name);
		ck_assert(ruad_conf_same(a, a, i));
		changed += !same;
	}
	ck_assert_uint_eq(changed, 5);
	ruad_conf_free(&a);
	ruad_conf_free(&b);
}
END_TEST

/* The whole of a stream or file, NUL-terminated; the caller frees it. */
static char *
slurp(FILE *f)
{
	char *text = malloc(1 << 20);
	size_t len;

	ck_assert_ptr_nonnull(f);
	ck_assert_ptr_nonnull(text);
	rewind(f);
	len = fread(text, 1, (1 << 20) - 1, f);
	text[len] = '\0';
	fclose(f);
	return text;
}

static char *
slurp_source(const char *name)
{
	const char *dir = getenv("srcdir");
	char full[1000];

	snprintf(full, sizeof(full), "%s/%s", dir != NULL ? dir : ".", name);
	return slurp(fopen(full, "r"));
}

/* The files in the tree are those of a host with its state in /var. */
static void
move_to_var(char *text)
{
	static const char here[] = LOCALSTATEDIR "/", there[] = "/var/";
	char *p = text;

	while ((p = strstr(p, here)) != NULL) {
		memmove(p + strlen(there), p + strlen(here),
		    strlen(p + strlen(here)) + 1);
		memcpy(p, there, strlen(there));
		p += strlen(there);
	}
}

/* Lines that a longer path wrapped elsewhere do not matter: only options
 * hold paths, and options are never wrapped. */
START_TEST(sample_file)
{
	FILE *f = tmpfile();
	char *want, *got;

	ck_assert_ptr_nonnull(f);
	ruad_conf_print(f);
	want = slurp(f);
	move_to_var(want);
	got = slurp_source("etc/ruad.conf");
	ck_assert_str_eq(got, want);
	free(got);
	free(want);
}
END_TEST

/* Uncommented, the sample is a file of defaults. */
START_TEST(sample_reads)
{
	struct ruad_conf *defaults, *c;
	FILE *f = tmpfile();
	char *text;

	ruad_conf_print(f);
	text = slurp(f);
	for (char *p = text; (p = strstr(p, "\n#")) != NULL; p++) {
		if (p[2] != ' ')
			p[1] = ' ';
	}
	ck_assert_int_eq(ruad_conf_read(NULL, &defaults, &err), RUAD_OK);
	c = read_text(text);
	for (size_t i = 0; i < OPTIONS; i++)
		ck_assert(ruad_conf_same(defaults, c, i));
	ruad_conf_free(&c);
	ruad_conf_free(&defaults);
	free(text);
}
END_TEST

START_TEST(manual)
{
	char *text = slurp_source("doc/ruad.conf.5"), *item, *next;
	char want[300], def[sizeof(((struct ruad_conf_option *)0)->def)];
	struct ruad_conf_option o;
	size_t items = 0;

	for (size_t i = 0; ruad_conf_option(i, &o); i++) {
		snprintf(want, sizeof(want), "\n.It Cm %s = ", o.name);
		item = strstr(text, want);
		ck_assert_msg(item != NULL, "%s is not in the manual", o.name);
		next = strstr(item + 1, "\n.It ");
		if (next == NULL)
			next = strstr(item, "\n.El");
		*next = '\0';
		snprintf(def, sizeof(def), "%s", o.def);
		move_to_var(def);
		if (def[0] == '\0')
			snprintf(want, sizeof(want), "\nDefault: empty.");
		else if (strcmp(def, "{}") == 0)
			snprintf(want, sizeof(want), "\nDefault: none.");
		else
			snprintf(want, sizeof(want), "\nDefault:\n.Ql %s .",
			    def);
		ck_assert_msg(strstr(item, want) != NULL,
		    "%s: the manual has another default", o.name);
		snprintf(want, sizeof(want), "\nFrom %s to %s.", o.min, o.max);
		ck_assert_msg(o.min[0] == '\0' || strstr(item, want) != NULL,
		    "%s: the manual has other bounds", o.name);
		ck_assert_msg(o.restart ==
			(strstr(item, "\nA change takes a restart.") != NULL),
		    "%s: does a change take a restart?", o.name);
		*next = '\n';
	}
	for (item = text; (item = strstr(item, "\n.It Cm ")) != NULL; item++)
		items++;
	ck_assert_uint_eq(items, OPTIONS);
	free(text);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("conf");
	TCase *tc = tcase_create("conf");

	tcase_add_unchecked_fixture(tc, temp_dir_set_up, temp_dir_tear_down);
	tcase_add_checked_fixture(tc, temp_dir_enter, NULL);
	tcase_add_test(tc, table_is_whole);
	tcase_add_loop_test(tc, default_written, 0, OPTIONS);
	tcase_add_loop_test(tc, bounds, 0, OPTIONS);
	tcase_add_test(tc, default_values);
	tcase_add_test(tc, values);
	add_rows(tc, refused, refusals);
	add_rows(tc, socket_forms, sockets);
	tcase_add_test(tc, socket_length);
	tcase_add_test(tc, unreadable);
	tcase_add_test(tc, differences);
	tcase_add_test(tc, sample_file);
	tcase_add_test(tc, sample_reads);
	tcase_add_test(tc, manual);
	suite_add_tcase(s, tc);
	return run_suite(s);
}
