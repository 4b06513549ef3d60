/* corpus.c - directories sorted by name, files whole in memory. */
#include "corpus.h"
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct ruad_orgdom *orgdom;
static struct ruad_ingest *ingest;

static void *
need(void *p, const char *what)
{
	if (p == NULL) {
		perror(what);
		abort();
	}
	return p;
}

char *
corpus_file(const char *path, size_t *len_out)
{
	FILE *f = fopen(path, "rb");
	char *bytes;
	long len;

	if (f == NULL)
		return NULL;
	if (fseek(f, 0, SEEK_END) != 0 || (len = ftell(f)) < 0)
		abort();
	rewind(f);
	bytes = need(malloc((size_t)len + 1), path);
	if (fread(bytes, 1, (size_t)len, f) != (size_t)len)
		abort();
	bytes[len] = '\0';
	fclose(f);
	*len_out = (size_t)len;
	return bytes;
}

static void
load_case(const char *dir, const char *name, struct corpus_case *out)
{
	static const char *const kinds[] = { "eml", "xml", "gz", "zip" };
	char path[1000];
	size_t i, len;

	memset(out, 0, sizeof(*out));
	out->name = need(strdup(name), name);
	for (i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		snprintf(path, sizeof(path), "%s/%s/in.%s", dir, name,
		    kinds[i]);
		if ((out->in = corpus_file(path, &out->in_len)) != NULL)
			break;
	}
	need(out->in, path);
	snprintf(path, sizeof(path), "%s/%s/want", dir, name);
	out->want = corpus_file(path, &len);
	if (out->want == NULL)
		out->want = need(strdup(""), name);
	snprintf(path, sizeof(path), "%s/%s/uncut", dir, name);
	out->uncut = corpus_file(path, &len);
}

static int
is_visible(const struct dirent *e)
{
	return e->d_name[0] != '.';
}

struct corpus_case *
corpus_load(size_t *n_out)
{
	const char *srcdir = getenv("srcdir");
	char dir[500];
	struct dirent **list;
	struct corpus_case *cases;
	int i, n;

	snprintf(dir, sizeof(dir), "%s/tests/corpus/cases",
	    srcdir != NULL ? srcdir : ".");
	n = scandir(dir, &list, is_visible, alphasort);
	if (n <= 0) {
		perror(dir);
		abort();
	}
	cases = need(calloc((size_t)n, sizeof(*cases)), dir);
	for (i = 0; i < n; i++) {
		load_case(dir, list[i]->d_name, &cases[i]);
		free(list[i]);
	}
	free(list);
	*n_out = (size_t)n;
	return cases;
}

void
corpus_free(struct corpus_case *cases, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		free(cases[i].name);
		free(cases[i].in);
		free(cases[i].want);
		free(cases[i].uncut);
	}
	free(cases);
}

void
corpus_settings(struct ruad_ingest_settings *out)
{
	static const char *const trusted[] = { "mx.example" };

	memset(out, 0, sizeof(*out));
	ruad_limits_default(&out->limits);
	out->limits.xml_bytes = 1 << 20;
	out->limits.total_bytes = 2 << 20;
	out->limits.read_msecs = 0; /* an answer must not depend on time */
	out->trust.authserv_ids = trusted;
	out->trust.authserv_id_count = 1;
	out->keep_raw = true;
}

/* The ingest of all calls. */
static enum ruad_status
start(struct ruad_err *err)
{
	struct ruad_ingest_settings set;
	enum ruad_status st = RUAD_OK;

	if (orgdom == NULL)
		st = ruad_orgdom_open(NULL, &orgdom, err);
	if (st != RUAD_OK || ingest != NULL)
		return st;
	corpus_settings(&set);
	set.orgdom = orgdom;
	return ruad_ingest_new(&set, &ingest, err);
}

enum ruad_status
corpus_read(const void *bytes, size_t len, struct ruad_delivery **d_out,
    struct ruad_err *err)
{
	struct ruad_mail *mail;
	enum ruad_status st = start(err);

	*d_out = NULL;
	if (st == RUAD_OK)
		st = ruad_mail_borrow(bytes, len, CORPUS_RECEIVED, &mail, err);
	if (st != RUAD_OK)
		return st;
	st = ruad_ingest_read(ingest, mail, d_out, err);
	ruad_mail_free(&mail);
	return st;
}

struct ruad_orgdom *
corpus_orgdom(void)
{
	struct ruad_err err;

	if (start(&err) != RUAD_OK)
		abort();
	return orgdom;
}

struct ruad_ingest *
corpus_ingest(void)
{
	struct ruad_err err;

	if (start(&err) != RUAD_OK)
		abort();
	return ingest;
}

void
corpus_end(void)
{
	ruad_ingest_free(&ingest);
	ruad_orgdom_close(&orgdom);
}
