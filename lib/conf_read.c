/* conf_read.c - libconfuse around the table of options. It reads every value as
 * text; the callback that it calls at the line of the value checks it against
 * the table, so that each error names its line. */
#include "conf.h"
#include <confuse.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include "conf_entry.h"
#include "text.h"

enum { FILE_MAX_BYTES = 1024 * 1024 }; /* of ruad.conf */

/* What the callbacks of libconfuse need. */
struct reader {
	const char *path;
	struct ruad_err *err;
	char text[300]; /* what is wrong, as the last error said it */
	int line; /* of that error; 0: there was none */
	unsigned *lines; /* borrowed: of each option, its last; 0: none */
	bool complete; /* the text says what is allowed, too */
};

/* The option whose name is nearest to this one; NULL: none is near. */
static const char *
nearest_option(const char *name)
{
	size_t best = strlen(name) / 3 + 2;
	const char *found = NULL;

	for (size_t i = 0; i < ruad_conf_table_count; i++) {
		size_t d = ruad_text_distance(name, ruad_conf_table[i].name);

		if (d < best) {
			best = d;
			found = ruad_conf_table[i].name;
		}
	}
	return found;
}

static const struct ruad_conf_entry *
find_option(const char *name)
{
	for (size_t i = 0; i < ruad_conf_table_count; i++) {
		if (strcmp(ruad_conf_table[i].name, name) == 0)
			return &ruad_conf_table[i];
	}
	return NULL;
}

static struct reader *
reader_of(cfg_t *cfg)
{
	const cfg_opt_t *o = cfg->opts;

	while (o->type != CFGT_PTR)
		o++;
	return (struct reader *)o->simple_value.ptr;
}

static void on_confuse_error(cfg_t *cfg, const char *fmt, va_list ap)
    RUAD_PRINTF(2, 0);

/* Called by libconfuse in place of its printing to standard error. */
static void
on_confuse_error(cfg_t *cfg, const char *fmt, va_list ap)
{
	struct reader *r = reader_of(cfg);

	/* What follows a first error is only its echo. */
	if (r->line != 0)
		return;
	r->line = cfg->line > 0 ? cfg->line : 1;
	vsnprintf(r->text, sizeof(r->text), fmt, ap);
}

/* Whether this or the first value of a list is one that must be the only
 * one. */
static bool
stands_alone(const struct ruad_conf_entry *o, cfg_opt_t *opt, const char *value)
{
	const struct ruad_conf_word *w = o->words;
	const char *first = cfg_opt_getnstr(opt, 0);

	if (w == NULL || cfg_opt_size(opt) < 2)
		return false;
	while (w->word != NULL && strcmp(w->word, value) != 0 &&
	    strcmp(w->word, first) != 0)
		w++;
	return w->word != NULL;
}

static int
note_line(cfg_t *cfg, const struct ruad_conf_entry *o)
{
	reader_of(cfg)->lines[o - ruad_conf_table] = (unsigned)cfg->line;
	return 0;
}

/* Called by libconfuse for each value, at its line. */
static int
check_value(cfg_t *cfg, cfg_opt_t *opt, const char *value, void *result)
{
	const struct ruad_conf_entry *o = find_option(opt->name);
	const char *wanted = NULL;
	char allowed[200], *taken;
	int64_t n;

	*(const char **)result = value;
	if (o->type == RUAD_CONF_TEXT || o->type == RUAD_CONF_LIST) {
		if (o->take == NULL)
			return note_line(cfg, o);
		taken = o->take(value, &wanted);
		free(taken);
		if (taken != NULL && !stands_alone(o, opt, value))
			return note_line(cfg, o);
		snprintf(allowed, sizeof(allowed), "%s%s", wanted,
		    taken != NULL ? ", which stands alone" : "");
	} else {
		if (ruad_conf_value_read(o->type, o->words, value, &n) &&
		    ruad_conf_entry_allows(o, n))
			return note_line(cfg, o);
		ruad_conf_entry_describe(o, allowed, sizeof(allowed));
	}
	reader_of(cfg)->complete = true;
	cfg_error(cfg, "bad value \"%.80s\" of %s: allowed is %s", value,
	    o->name, allowed);
	return 1;
}

/* Say where and what, and how it should be. */
static enum ruad_status
fail_parse(struct reader *r, const cfg_t *cfg)
{
	const char *from = strchr(r->text, '\''), *to = strrchr(r->text, '\'');
	const char *near = NULL;
	char name[64];

	if (cfg == NULL || (r->line == 0 && errno == ENOMEM))
		return ruad_fail_memory(r->err, "conf");
	if (r->line == 0) {
		/* Where a name should be, libconfuse refuses "" silently. */
		r->line = cfg->line;
		snprintf(r->text, sizeof(r->text), "name of an option missing");
	}
	if (r->complete)
		return ruad_fail(r->err, RUAD_BAD, RUAD_CODE_NONE, "%s:%d: %s",
		    r->path, r->line, r->text);
	if (strncmp(r->text, "no such option", 14) == 0 && to > from) {
		snprintf(name, sizeof(name), "%.*s", (int)(to - from - 1),
		    from + 1);
		near = nearest_option(name);
		if (near != NULL)
			return ruad_fail(r->err, RUAD_BAD, RUAD_CODE_NONE,
			    "%s:%d: unknown option %s: did you mean %s?",
			    r->path, r->line, name, near);
		return ruad_fail(r->err, RUAD_BAD, RUAD_CODE_NONE,
		    "%s:%d: unknown option %s: those of ruad.conf(5) are "
		    "allowed",
		    r->path, r->line, name);
	}
	return ruad_fail(r->err, RUAD_BAD, RUAD_CODE_NONE,
	    "%s:%d: syntax error, %s: allowed is NAME = VALUE, or "
	    "NAME = { VALUE, ... }",
	    r->path, r->line, r->text);
}

static char *
take_text(const struct ruad_conf_entry *o, const char *text)
{
	const char *allowed;

	return o->take == NULL ? strdup(text) : o->take(text, &allowed);
}

static bool
put_list(struct ruad_strings *list, const struct ruad_conf_entry *o,
    cfg_opt_t *opt)
{
	unsigned n = cfg_opt_size(opt);

	if (n == 0)
		return true;
	list->text = calloc(n, sizeof(*list->text));
	if (list->text == NULL)
		return false;
	for (unsigned i = 0; i < n; i++) {
		list->text[i] = take_text(o, cfg_opt_getnstr(opt, i));
		if (list->text[i] == NULL)
			return false;
		list->count++;
	}
	return true;
}

/* Set a field from the file where it stands there, else from its default.
 * Values have been checked: what fails here is memory. */
static bool
put_option(struct ruad_conf *c, const struct ruad_conf_entry *o, cfg_opt_t *opt)
{
	const char *text =
	    cfg_opt_size(opt) > 0 ? cfg_opt_getnstr(opt, 0) : o->def;
	int64_t value;

	if (o->type == RUAD_CONF_LIST)
		return put_list(ruad_conf_entry_field(o, c), o, opt);
	if (text == NULL)
		return true;
	if (o->type == RUAD_CONF_TEXT) {
		char *copy = take_text(o, text);

		*(char **)ruad_conf_entry_field(o, c) = copy;
		return copy != NULL;
	}
	if (!ruad_conf_value_read(o->type, o->words, text, &value))
		return false;
	ruad_conf_entry_put(o, c, value);
	return true;
}

static bool
replace(char **field, const char *path, size_t len, const char *suffix)
{
	size_t cap = len + strlen(suffix) + 1;
	char *text = malloc(cap);

	if (text == NULL)
		return false;
	snprintf(text, cap, "%.*s%s", (int)len, path, suffix);
	free(*field);
	*field = text;
	return true;
}

/* The paths that follow from others. */
static bool
derive(struct ruad_conf *c)
{
	const char *path = ruad_conf_socket_path(c->socket), *slash;

	if (path == NULL)
		path = c->store;
	if (c->web.secret[0] == '\0' &&
	    !replace(&c->web.secret, c->web.store, strlen(c->web.store),
		".key"))
		return false;
	if (c->lock_file[0] == '\0' &&
	    !replace(&c->lock_file, path, strlen(path), ".lock"))
		return false;
	if (c->spool_dir[0] != '\0')
		return true;
	slash = strrchr(c->store, '/');
	if (slash == NULL)
		return replace(&c->spool_dir, ".", 1, "");
	if (slash == c->store)
		return replace(&c->spool_dir, "/", 1, "");
	return replace(&c->spool_dir, c->store, (size_t)(slash - c->store), "");
}

/* Blank out comments, and drop what follows the last value. libconfuse counts
 * the lines of comments wrongly, refuses them inside lists, and would report a
 * missing value at the end of the file rather than where it is missing. */
static void
drop_comments(char *text)
{
	char *end = text, *p, quote = '\0';

	for (p = text; *p != '\0'; p++) {
		if (quote == '\0' && *p == '#') {
			while (*p != '\0' && *p != '\n')
				*p++ = ' ';
			if (*p == '\0')
				break;
		} else if (quote != '\0' && *p == '\\' && p[1] != '\0') {
			p++;
		} else if (quote == *p) {
			quote = '\0';
		} else if (quote == '\0' && (*p == '"' || *p == '\'')) {
			quote = *p;
		}
		if (!ruad_text_blank(*p))
			end = p + 1;
	}
	*end = '\0';
}

/* The whole file as a string, so that nothing can fail under the scanner of
 * libconfuse, which ends the program when its input does. */
static enum ruad_status
read_file(const char *path, char **out, struct ruad_err *err)
{
	FILE *f = fopen(path, "re");
	struct stat st;
	char *text = NULL;
	size_t len;

	*out = NULL;
	if (f == NULL || fstat(fileno(f), &st) != 0 || S_ISDIR(st.st_mode)) {
		ruad_fail(err, RUAD_BAD, RUAD_CODE_NONE, "%s: %s", path,
		    f != NULL ? "is a directory" : strerror(errno));
		goto fail;
	}
	text = malloc(FILE_MAX_BYTES + 1);
	if (text == NULL) {
		fclose(f);
		return ruad_fail_memory(err, "conf");
	}
	len = fread(text, 1, FILE_MAX_BYTES + 1, f);
	if (ferror(f) || len > FILE_MAX_BYTES ||
	    memchr(text, '\0', len) != NULL) {
		ruad_fail(err, RUAD_BAD, RUAD_CODE_NONE,
		    "%s: cannot be read as a text of 1 MB at most", path);
		goto fail;
	}
	text[len] = '\0';
	drop_comments(text);
	fclose(f);
	*out = text;
	return RUAD_OK;
fail:
	free(text);
	if (f != NULL)
		fclose(f);
	return RUAD_BAD;
}

/* The end of a comment that begins at `at`, or NULL where none does. */
static char *
comment_end(const char *text, char *at)
{
	char *end;

	if (*at == '#')
		return at + strcspn(at, "\n");
	/* Within a word these are a part of it, as in a path. */
	if (*at != '/' || (at > text && strchr(" \t\r\n={},", at[-1]) == NULL))
		return NULL;
	if (at[1] == '/')
		return at + strcspn(at, "\n");
	end = at[1] == '*' ? strstr(at + 2, "*/") : NULL;
	return end == NULL ? NULL : end + 2;
}

/* libconfuse 3.3 counts the lines of a comment more than once: without them
 * each error names its line. */
static void
blank_comments(char *text)
{
	char *p = text, *end, quote = '\0';

	while (*p != '\0') {
		if (quote != '\0' && p[0] == '\\' && p[1] != '\0')
			p++;
		else if (quote != '\0' && *p == quote)
			quote = '\0';
		else if (quote == '\0' && (*p == '"' || *p == '\''))
			quote = *p;
		else if (quote == '\0' &&
		    (end = comment_end(text, p)) != NULL) {
			for (; p < end; p++)
				*p = *p == '\n' ? '\n' : ' ';
			continue;
		}
		p++;
	}
}

/* A parser for the options of the table; NULL: out of memory. */
static cfg_t *
new_parser(struct reader *r)
{
	size_t n = ruad_conf_table_count;
	cfg_opt_t *opts = calloc(n + 2, sizeof(*opts));
	cfg_t *cfg;

	if (opts == NULL)
		return NULL;
	for (size_t i = 0; i < n; i++) {
		opts[i].name = ruad_conf_table[i].name;
		opts[i].type = CFGT_STR;
		opts[i].flags = CFGF_NODEFAULT;
		if (ruad_conf_table[i].type == RUAD_CONF_LIST)
			opts[i].flags |= CFGF_LIST;
		opts[i].parsecb = check_value;
	}
	/* libconfuse has no pointer for its callbacks; an option that no file
	 * can name carries it. */
	opts[n].name = " reader";
	opts[n].type = CFGT_PTR;
	opts[n].flags = CFGF_NODEFAULT;
	opts[n].simple_value.ptr = (void **)r;

	cfg = cfg_init(opts, CFGF_NONE);
	free(opts);
	if (cfg != NULL)
		cfg_set_error_function(cfg, on_confuse_error);
	return cfg;
}

/* Parse `text` and fill *c. */
static enum ruad_status
parse(struct ruad_conf *c, const char *text, struct reader *r)
{
	cfg_t *cfg = new_parser(r);
	enum ruad_status st = RUAD_OK;

	errno = 0;
	if (cfg == NULL || cfg_parse_buf(cfg, text) != CFG_SUCCESS)
		st = fail_parse(r, cfg);
	for (size_t i = 0; st == RUAD_OK && i < ruad_conf_table_count; i++) {
		if (!put_option(c, &ruad_conf_table[i], &cfg->opts[i]))
			st = ruad_fail_memory(r->err, "conf");
	}
	cfg_free(cfg);
	return st;
}

enum ruad_status
ruad_conf_fail(const struct ruad_conf *c, const char *option,
    struct ruad_err *err, const char *fmt, ...)
{
	unsigned line = c->lines[find_option(option) - ruad_conf_table];
	char text[sizeof(err->text)], number[16] = "";
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (line != 0)
		snprintf(number, sizeof(number), ":%u", line);
	return ruad_fail(err, RUAD_BAD, RUAD_CODE_NONE, "%s%s: %s: %s",
	    c->path != NULL ? c->path : "default", number, option, text);
}

bool
ruad_conf_is_set(const struct ruad_conf *c, const char *option)
{
	return c->lines[find_option(option) - ruad_conf_table] != 0;
}

/* What an option asks of another one. */
static enum ruad_status
check_together(const struct ruad_conf *c, struct ruad_err *err)
{
	if (c->require_auth == RUAD_REQUIRE_AUTH_ENFORCE &&
	    c->authserv_ids.count == 0)
		return ruad_conf_fail(c, "require_auth", err,
		    "enforce needs authserv_ids to say whose "
		    "Authentication-Results are believed");
	if (c->web.tls_certificate[0] != '\0' && c->web.tls_key[0] == '\0')
		return ruad_conf_fail(c, "web_tls_certificate", err,
		    "needs web_tls_key");
	if (c->web.tls_key[0] != '\0' && c->web.tls_certificate[0] == '\0')
		return ruad_conf_fail(c, "web_tls_key", err,
		    "needs web_tls_certificate");
	return RUAD_OK;
}

/* What is known before the file is read. */
static struct ruad_conf *
conf_new(const char *path)
{
	struct ruad_conf *c = calloc(1, sizeof(*c));

	if (c == NULL)
		return NULL;
	ruad_limits_default(&c->limits);
	c->lines = calloc(ruad_conf_table_count, sizeof(*c->lines));
	c->path = path != NULL ? strdup(path) : NULL;
	if (c->lines == NULL || (path != NULL && c->path == NULL))
		ruad_conf_free(&c);
	return c;
}

enum ruad_status
ruad_conf_read(const char *path, struct ruad_conf **out, struct ruad_err *err)
{
	struct reader r = { .path = path, .err = err };
	struct ruad_conf *c = NULL;
	char *text = NULL;
	enum ruad_status st;

	*out = NULL;
	if (path != NULL) {
		st = read_file(path, &text, err);
		if (st != RUAD_OK)
			return st;
		blank_comments(text);
	}
	c = conf_new(path);
	if (c == NULL) {
		st = ruad_fail_memory(err, "conf");
		goto fail;
	}
	r.lines = c->lines;
	st = parse(c, text != NULL ? text : "", &r);
	if (st != RUAD_OK)
		goto fail;
	if (!derive(c)) {
		st = ruad_fail_memory(err, "conf");
		goto fail;
	}
	st = check_together(c, err);
	if (st != RUAD_OK)
		goto fail;
	free(text);
	*out = c;
	return RUAD_OK;
fail:
	free(text);
	ruad_conf_free(&c);
	return st;
}
