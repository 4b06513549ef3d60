/* replay.c - every case of tests/corpus/cases: read whole, and stored; read in
 * steps of one byte; and cut at every prefix. TAP on standard output.
 *   replay [CASE ...]     those whose names begin so
 *   replay --print CASE   what its `want` would be, for a look at it */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "corpus.h"
#include "dump.h"
#include "one_byte.h"
#include "store.h"
#include "temp_dir.h"

#define PREFIX_EVERY 4096u /* inputs up to this size are cut everywhere */
#define PREFIXES 500u

static unsigned points, failures;

/* A line of TAP; what went wrong below it. */
static bool
point(bool ok, const char *name, const char *what)
{
	printf("%sok %u - %s: %s\n", ok ? "" : "not ", ++points, name, what);
	failures += !ok;
	return ok;
}

static void
note(const char *title, const char *text)
{
	const char *eol;

	printf("# %s:\n", title);
	for (; *text != '\0'; text = *eol == '\0' ? eol : eol + 1) {
		eol = text + strcspn(text, "\n");
		printf("#   %.*s\n", (int)(eol - text), text);
	}
}

static struct ruad_delivery *
read_case(const struct corpus_case *c, size_t len)
{
	struct ruad_delivery *d;
	struct ruad_err err;
	/* Of its own size, so that reading past the end shows. */
	char *copy = malloc(len > 0 ? len : 1);

	if (copy == NULL)
		abort();
	memcpy(copy, c->in, len);
	if (corpus_read(copy, len, &d, &err) != RUAD_OK) {
		fprintf(stderr, "%s: %s\n", c->name, err.text);
		abort();
	}
	free(copy);
	return d;
}

static void
store(struct ruad_delivery *d)
{
	static const struct ruad_store_settings set = { .busy_msecs = 5000 };
	char path[200];
	struct ruad_store *s;
	struct ruad_err err;

	temp_dir_enter();
	temp_dir_path(path, "store.db");
	if (ruad_store_open(path, &set, &s, &err) != RUAD_OK ||
	    ruad_store_put(s, &d, 1, &err) != RUAD_OK) {
		fprintf(stderr, "%s\n", err.text);
		abort();
	}
	ruad_store_close(&s);
}

/* The dump of a case that was read and stored. */
static char *
answer(const struct corpus_case *c)
{
	struct ruad_delivery *d = read_case(c, c->in_len);
	char *text;

	store(d);
	text = dump_delivery_text(d);
	ruad_delivery_free(&d);
	return text;
}

static void
replay_whole(const struct corpus_case *c)
{
	char *got = answer(c);

	if (!point(strcmp(got, c->want) == 0, c->name, "whole")) {
		note("want", c->want);
		note("got", got);
	}
	free(got);
}

static void
replay_bytes(const struct corpus_case *c)
{
	char *whole = answer(c), *got;

	one_byte_reads(true);
	got = answer(c);
	one_byte_reads(false);
	if (!point(strcmp(got, whole) == 0, c->name, "byte by byte")) {
		note("want", whole);
		note("got", got);
	}
	free(whole);
	free(got);
}

/* Whether the report is one of those in the whole input. */
static bool
is_among(const struct ruad_report *r, const struct ruad_delivery *whole)
{
	const struct ruad_item *it;
	char *want, *got = dump_report_text(r);
	bool found = false;

	for (it = whole->items; it != NULL && !found; it = it->next) {
		if (it->outcome != RUAD_OUTCOME_NONE)
			continue;
		want = dump_report_text(it->report);
		found = strcmp(want, got) == 0;
		free(want);
	}
	free(got);
	return found;
}

/* A part of the input may give nothing, but then says why, and nothing that
 * the whole does not give. */
static bool
is_clean(const struct ruad_delivery *d, const struct ruad_delivery *whole)
{
	const struct ruad_item *it;

	for (it = d->items; it != NULL; it = it->next)
		if (it->outcome == RUAD_OUTCOME_NONE
			? !is_among(it->report, whole)
			: it->code == RUAD_CODE_NONE || it->text == NULL)
			return false;
	return true;
}

static void
replay_prefixes(const struct corpus_case *c)
{
	struct ruad_delivery *whole = read_case(c, c->in_len), *d;
	size_t n = c->in_len <= PREFIX_EVERY ? c->in_len : PREFIXES, i, len;
	char *got;

	for (i = 0; i < n; i++) {
		len = c->in_len / n * i + c->in_len % n * i / n;
		d = read_case(c, len);
		if (!is_clean(d, whole)) {
			point(false, c->name, "cut");
			got = dump_delivery_text(d);
			printf("# after %zu of %zu bytes\n", len, c->in_len);
			note("got", got);
			free(got);
			ruad_delivery_free(&d);
			break;
		}
		ruad_delivery_free(&d);
	}
	if (i == n)
		point(true, c->name, "cut");
	ruad_delivery_free(&whole);
}

static bool
is_wanted(const struct corpus_case *c, char **prefixes, int n)
{
	int i;

	for (i = 0; i < n; i++)
		if (strncmp(c->name, prefixes[i], strlen(prefixes[i])) == 0)
			return true;
	return n == 0;
}

int
main(int argc, char **argv)
{
	bool print = argc == 3 && strcmp(argv[1], "--print") == 0;
	struct corpus_case *cases;
	size_t n, i;
	char *text;

	cases = corpus_load(&n);
	temp_dir_set_up();
	for (i = 0; i < n; i++) {
		if (print && strcmp(cases[i].name, argv[2]) == 0) {
			text = answer(&cases[i]);
			fputs(text, stdout);
			free(text);
		} else if (!print && is_wanted(&cases[i], argv + 1, argc - 1)) {
			replay_whole(&cases[i]);
			replay_bytes(&cases[i]);
			if (cases[i].uncut == NULL)
				replay_prefixes(&cases[i]);
		}
	}
	if (!print)
		printf("1..%u\n", points);
	corpus_free(cases, n);
	corpus_end();
	temp_dir_tear_down();
	return failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
