/* unpack.c - a stack of blobs, the innermost on top. A blob is markup (one
 * document), a gzip (one stream), or a zip (several); a stream that turns out
 * to be an archive again is read into memory and becomes the next level.
 * Invariant: depth <= lim->layers, and no more than lim->xml_bytes come out of
 * one stream, lim->total_bytes out of all streams of a mail. */
#include "unpack.h"
#include "gunzip.h"
#include "sniff.h"
#include "unzip.h"
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define GROW_BYTES 65536u
/* Archives inside each other multiply what one may hold: entries of all archives
 * of a mail, in full archives. */
#define FULL_ARCHIVES 16u

struct level {
	struct level *below;
	const unsigned char *data;
	size_t len;
	unsigned char *owned; /* the data, where this level owns it */
	size_t charged; /* bytes of it taken from the budget */
	enum ruad_kind kind;
	struct ruad_warnings warnings; /* of it and what it was in */
	const char *name; /* of the stream that is out; NULL: none is */
	bool started; /* markup and gzip give one stream, then end */
	struct ruad_gunzip *gunzip;
	struct ruad_unzip *unzip;
	struct ruad_memory_source memory;
};

/* The bounds on what a stream produces, laid over it. */
struct meter {
	struct ruad_source source;
	struct ruad_source *in;
	struct ruad_unpack *u;
	uint64_t produced; /* since the last rewind */
	uint64_t counted; /* of these in the quota: a second reading is free */
};

struct ruad_unpack {
	const struct ruad_limits *lim; /* borrowed */
	struct ruad_quota *quota; /* borrowed */
	struct ruad_budget *budget; /* borrowed */
	struct level *top;
	uint64_t depth; /* of archives */
	struct meter meter; /* what next() hands out */
	bool tls_report;
};

static enum ruad_status
meter_read(struct ruad_source *s, void *buf, size_t cap, size_t *len_out,
    struct ruad_err *err)
{
	struct meter *m = (struct meter *)s;
	const struct ruad_limits *lim = m->u->lim;
	enum ruad_status st = ruad_source_read(m->in, buf, cap, len_out, err);

	if (st != RUAD_OK)
		return st;
	m->produced += *len_out;
	if (m->produced > m->counted) {
		m->u->quota->total_bytes += m->produced - m->counted;
		m->counted = m->produced;
	}
	if (m->produced > lim->xml_bytes)
		return ruad_fail(err, RUAD_LIMIT, RUAD_LIMIT_SIZE,
		    "unpack: more than %llu bytes decompressed "
		    "(max_xml_bytes)",
		    (unsigned long long)lim->xml_bytes);
	if (m->u->quota->total_bytes > lim->total_bytes)
		return ruad_fail(err, RUAD_LIMIT, RUAD_LIMIT_SIZE,
		    "unpack: more than %llu bytes decompressed from one mail "
		    "(max_total_bytes)",
		    (unsigned long long)lim->total_bytes);
	return ruad_quota_check(m->u->quota, err);
}

static enum ruad_status
meter_rewind(struct ruad_source *s, struct ruad_err *err)
{
	struct meter *m = (struct meter *)s;

	m->produced = 0;
	return ruad_source_rewind(m->in, err);
}

static void
meter_start(struct ruad_unpack *u, struct ruad_source *in)
{
	u->meter.in = in;
	u->meter.produced = 0;
	u->meter.counted = 0;
}

static void
pop(struct ruad_unpack *u)
{
	struct level *l = u->top;

	if (l->kind == RUAD_KIND_GZIP || l->kind == RUAD_KIND_ZIP)
		u->depth--;
	u->top = l->below;
	ruad_gunzip_free(&l->gunzip);
	ruad_unzip_free(&l->unzip);
	ruad_budget_give(u->budget, l->charged);
	free(l->owned);
	free(l);
}

static void
pop_all(struct ruad_unpack *u)
{
	while (u->top != NULL)
		pop(u);
}

static enum ruad_status
open_archive(struct ruad_unpack *u, struct level *l, struct ruad_err *err)
{
	bool whole;

	if (u->depth++ == u->lim->layers)
		return ruad_fail(err, RUAD_LIMIT, RUAD_LIMIT_LAYERS,
		    "unpack: more than %llu archives inside each other",
		    (unsigned long long)u->lim->layers);
	if (l->kind == RUAD_KIND_GZIP)
		return ruad_gunzip_new(l->data, l->len, &l->gunzip, err);
	/* Without its end record, or with other bytes around it, it may still
	 * be readable. */
	ruad_sniff_zip_end(l->data, l->len, &whole);
	if (!whole)
		ruad_warn(&l->warnings, RUAD_ARC_RECOVERED);
	return ruad_unzip_new(l->data, l->len, u->quota, &l->unzip, err);
}

/* Decide what the level's bytes are. */
static void
classify(struct level *l)
{
	size_t n = l->len < RUAD_SNIFF_BYTES ? l->len : RUAD_SNIFF_BYTES;
	size_t skip;

	l->kind = ruad_sniff(l->data, n, &skip);
	if (l->kind == RUAD_KIND_OTHER)
		l->kind = ruad_sniff_behind(l->data, l->len, &skip);
	if (skip > 0)
		ruad_warn(&l->warnings, RUAD_ARC_RECOVERED);
	l->data += skip;
	l->len -= skip;
}

/* Whether a kind is worth a level of its own. */
static bool
is_readable(enum ruad_kind kind)
{
	return kind == RUAD_KIND_XML || kind == RUAD_KIND_GZIP ||
	    kind == RUAD_KIND_ZIP;
}

/* Put a blob on the stack. Takes over `owned` even when it fails. */
static enum ruad_status
push(struct ruad_unpack *u, const unsigned char *data, size_t len,
    unsigned char *owned, size_t charged, struct ruad_err *err)
{
	struct level *l = calloc(1, sizeof(*l));
	enum ruad_status st = RUAD_OK;
	enum ruad_code refusal;

	if (l == NULL) {
		ruad_budget_give(u->budget, charged);
		free(owned);
		return ruad_fail_memory(err, "unpack");
	}
	l->data = data;
	l->len = len;
	l->owned = owned;
	l->charged = charged;
	l->below = u->top;
	u->top = l;
	l->warnings = l->below->warnings;
	classify(l);
	refusal = ruad_kind_refusal(l->kind);
	if (refusal != RUAD_CODE_NONE)
		st = ruad_fail(err, RUAD_BAD, refusal, "unpack: %s",
		    ruad_code_help(refusal));
	else if (l->kind == RUAD_KIND_GZIP || l->kind == RUAD_KIND_ZIP)
		st = open_archive(u, l, err);
	else if (l->kind == RUAD_KIND_TLS_REPORT)
		u->tls_report = true;
	if (st != RUAD_OK || !is_readable(l->kind))
		pop(u);
	return st;
}

/* Read the whole of the metered stream into memory, as its own level. */
static enum ruad_status
push_stream(struct ruad_unpack *u, struct ruad_err *err)
{
	unsigned char *buf = NULL, *bigger;
	size_t len = 0, cap = 0, n;
	enum ruad_status st;

	for (;;) {
		if (len == cap) {
			size_t more = cap == 0 ? GROW_BYTES : cap;

			if (!ruad_budget_take(u->budget, more) ||
			    (bigger = realloc(buf, cap + more)) == NULL) {
				st = ruad_fail_memory(err, "unpack");
				break;
			}
			buf = bigger;
			cap += more;
		}
		st = ruad_source_read(&u->meter.source, buf + len, cap - len,
		    &n, err);
		if (st == RUAD_END)
			return push(u, buf, len, buf, cap, err);
		if (st != RUAD_OK)
			break;
		len += n;
	}
	ruad_budget_give(u->budget, cap);
	free(buf);
	return st;
}

/* A stream is open in the meter: hand it out if it is markup, unpack it if it
 * is an archive, pass over it if it is neither (RUAD_END). */
static enum ruad_status
look_into(struct ruad_unpack *u, struct ruad_document *out,
    struct ruad_err *err)
{
	unsigned char head[RUAD_SNIFF_BYTES];
	size_t n, skip;
	enum ruad_status st;
	enum ruad_kind kind;

	st = ruad_source_fill(&u->meter.source, head, sizeof(head), &n, err);
	if (st != RUAD_OK)
		return st;
	if ((st = ruad_source_rewind(&u->meter.source, err)) != RUAD_OK)
		return st;
	kind = ruad_sniff(head, n, &skip);
	if (kind == RUAD_KIND_OTHER)
		kind = ruad_sniff_behind(head, n, &skip);
	switch (kind) {
	case RUAD_KIND_XML:
		out->xml = &u->meter.source;
		out->warnings = u->top->warnings;
		return RUAD_OK;
	case RUAD_KIND_EMPTY:
		return ruad_fail(err, RUAD_BAD, RUAD_ARC_EMPTY,
		    "unpack: nothing inside");
	case RUAD_KIND_GZIP:
	case RUAD_KIND_ZIP:
		st = push_stream(u, err);
		return st == RUAD_OK ? RUAD_END : st;
	case RUAD_KIND_TLS_REPORT:
		u->tls_report = true;
		return RUAD_END;
	case RUAD_KIND_HTML:
	case RUAD_KIND_PDF:
		return RUAD_END;
	case RUAD_KIND_JSON:
	case RUAD_KIND_OTHER:
		/* Text such as "unused" in a gzip that is all of the blob. */
		if (u->top->kind == RUAD_KIND_GZIP)
			return ruad_fail(err, RUAD_BAD, RUAD_XML_NO_MARKUP,
			    "unpack: what is inside is not XML");
		return RUAD_END;
	case RUAD_KIND_ZIP_EMPTY:
	case RUAD_KIND_UNSUPPORTED:
	case RUAD_KIND_TNEF:
	case RUAD_KIND_OLE:
	case RUAD_KIND_PKCS7:
		break;
	}
	return ruad_fail(err, RUAD_BAD, ruad_kind_refusal(kind),
	    "unpack: inside: %s", ruad_code_help(ruad_kind_refusal(kind)));
}

/* Archivers of one operating system add these beside every file. */
static bool
is_litter(const char *name)
{
	const char *base = strrchr(name, '/');

	base = base != NULL ? base + 1 : name;
	return strncmp(name, "__MACOSX/", 9) == 0 ||
	    strncmp(base, "._", 2) == 0 || strcmp(base, ".DS_Store") == 0;
}

/* Step to the next entry of the zip on top. */
static enum ruad_status
next_entry(struct ruad_unpack *u, const char **name_out, struct ruad_err *err)
{
	uint64_t max = FULL_ARCHIVES * u->lim->entries;
	struct ruad_source *entry;
	enum ruad_status st;

	do {
		st = ruad_unzip_next(u->top->unzip, name_out, &entry, err);
		if (st != RUAD_END && ++u->quota->entries > max) {
			*name_out = ""; /* it goes with its archive */
			pop_all(u);
			return ruad_fail(err, RUAD_LIMIT, RUAD_LIMIT_ENTRIES,
			    "unpack: more than %llu entries in all archives",
			    (unsigned long long)max);
		}
	} while (st == RUAD_OK && is_litter(*name_out));
	if (st == RUAD_OK)
		meter_start(u, entry);
	return st;
}

/* The next stream of the top level; RUAD_END when it has none left. */
static enum ruad_status
next_stream(struct ruad_unpack *u, const char **name_out, struct ruad_err *err)
{
	struct level *l = u->top;

	if (l->kind == RUAD_KIND_ZIP)
		return next_entry(u, name_out, err);
	if (l->started)
		return RUAD_END;
	l->started = true;
	if (l->kind == RUAD_KIND_GZIP) {
		*name_out = ruad_gunzip_name(l->gunzip);
		meter_start(u, ruad_gunzip_source(l->gunzip));
		return RUAD_OK;
	}
	ruad_memory_source_init(&l->memory, l->data, l->len);
	meter_start(u, &l->memory.source);
	return RUAD_OK;
}

enum ruad_status
ruad_unpack_new(const void *data, size_t len, struct ruad_quota *quota,
    struct ruad_budget *budget, struct ruad_unpack **out, struct ruad_err *err)
{
	struct ruad_unpack *u = *out = calloc(1, sizeof(*u));
	struct level *l;

	if (u == NULL || (l = calloc(1, sizeof(*l))) == NULL) {
		ruad_unpack_free(out);
		return ruad_fail_memory(err, "unpack");
	}
	u->lim = quota->lim;
	u->quota = quota;
	u->budget = budget;
	u->meter.source.read = meter_read;
	u->meter.source.rewind = meter_rewind;
	u->meter.u = u;
	/* A level of no kind: its one stream is the blob itself. */
	l->data = data;
	l->len = len;
	u->top = l;
	return RUAD_OK;
}

const char *
ruad_unpack_name(const struct ruad_unpack *u, unsigned n)
{
	const struct level *l = u->top;

	while (l != NULL && n > 0) {
		l = l->below;
		n--;
	}
	return l != NULL ? l->name : NULL;
}

static const char *
nearest_name(const struct ruad_unpack *u)
{
	const char *name;

	for (unsigned n = 0; (name = ruad_unpack_name(u, n)) != NULL; n++)
		if (*name != '\0')
			return name;
	return "";
}

/* RUAD_END: go on with what is on top now, if anything. */
static enum ruad_status
step(struct ruad_unpack *u, struct ruad_document *out, struct ruad_err *err)
{
	struct level *l = u->top;
	enum ruad_status st;

	if (l->kind == RUAD_KIND_OTHER) {
		if (l->started) {
			pop(u);
			return RUAD_END;
		}
		l->started = true;
		st = push(u, l->data, l->len, NULL, 0, err);
		return st == RUAD_OK ? RUAD_END : st;
	}
	st = next_stream(u, &out->name, err);
	if (st == RUAD_OK) {
		l->name = out->name;
		out->name = nearest_name(u);
		st = look_into(u, out, err);
	} else if (st == RUAD_END) {
		pop(u);
	}
	return st;
}

enum ruad_status
ruad_unpack_next(struct ruad_unpack *u, struct ruad_document *out,
    struct ruad_err *err)
{
	enum ruad_status st = RUAD_END;

	memset(out, 0, sizeof(*out));
	out->name = "";
	while (u->top != NULL && st == RUAD_END) {
		st = ruad_quota_check(u->quota, err);
		if (st == RUAD_OK)
			st = step(u, out, err);
		else
			pop_all(u);
	}
	return st;
}

bool
ruad_unpack_tls_report(const struct ruad_unpack *u)
{
	return u->tls_report;
}

void
ruad_unpack_free(struct ruad_unpack **u)
{
	if (*u == NULL)
		return;
	pop_all(*u);
	free(*u);
	*u = NULL;
}
