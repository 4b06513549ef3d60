/* feedback.c - documents are pieces of the normalised text, known by their
 * offsets in it. The usual file is one piece: it is parsed once, from its
 * beginning, and its end is the end of the file. Anything else is found by
 * looking for tags in the text, which is slower and rare. */
#include "feedback.h"
#include "charset.h"
#include "markup.h"
#include "normal.h"
#include "repair.h"
#include "replay.h"
#include "xml.h"
#include <stdlib.h>
#include <string.h>

#define CACHE_BYTES 262144u /* a file up to this size is read only once */
#define STEP 65536u
#define MISC_BYTES 4096u
#define TAG_BYTES 96u /* longest "</prefix:feedback" that is looked for */
/* Bytes of one file that may be parsed in vain. A flaw shows where it stands,
 * mostly near the beginning; a large file with one at its very end was made to
 * be parsed again and again. */
#define VAIN_BYTES ((uint64_t)64 * 1024 * 1024)

struct ruad_feedback {
	struct ruad_source *in; /* borrowed */
	const struct ruad_limits *lim; /* borrowed */
	struct ruad_budget *budget; /* borrowed */
	unsigned char *cache; /* owned */
	struct ruad_memory_source cached;
	struct ruad_normal *normal; /* owned */
	struct ruad_replay text; /* of normal */
	uint64_t at; /* where the next document begins */
	uint64_t vain; /* bytes parsed without success */
	bool several; /* another document came before, or comes after */
	bool some_utf8; /* of the survey */
	bool done;
};

/* Look for a tag from offset `from` on; *at_out is its offset. Where there is
 * none, it is that of the end of the text, or a little behind `until`. */
static enum ruad_status
find_tag(struct ruad_feedback *f, uint64_t from, uint64_t until,
    enum ruad_markup tag, bool *found_out, uint64_t *at_out,
    struct ruad_err *err)
{
	char *buf = malloc(STEP);
	size_t len = 0, n, keep;
	ptrdiff_t hit = -1;
	enum ruad_status st;

	if (buf == NULL)
		return ruad_fail_memory(err, "feedback");
	st = ruad_replay_seek(&f->text, from, err);
	while (st == RUAD_OK && from < until) {
		st = ruad_source_read(&f->text.source, buf + len, STEP - len,
		    &n, err);
		if (st != RUAD_OK)
			break;
		len += n;
		if ((hit = ruad_markup_find(buf, len, tag)) >= 0)
			break;
		keep = len < TAG_BYTES ? len : TAG_BYTES;
		from += len - keep;
		memmove(buf, buf + len - keep, keep);
		len = keep;
	}
	free(buf);
	*found_out = hit >= 0;
	*at_out = from + (hit >= 0 ? (uint64_t)hit : len);
	return st == RUAD_END ? RUAD_OK : st;
}

/* Parse one document from `in`. RUAD_BAD with XML_NOT_FEEDBACK: well-formed,
 * but something else. */
static enum ruad_status
parse(struct ruad_feedback *f, struct ruad_source *in,
    struct ruad_report **report_out, struct ruad_raw_report *raw_out,
    struct ruad_xml_result *result, struct ruad_err *err)
{
	struct ruad_builder *b;
	struct ruad_xml_handler handler;
	enum ruad_status st = ruad_builder_new(f->lim, f->budget, &b, err);

	if (st != RUAD_OK)
		return st;
	handler = ruad_builder_handler(b);
	st = ruad_xml_parse(in, f->lim, &handler, result, err);
	if (st != RUAD_OK)
		f->vain += result->read;
	if (st == RUAD_OK)
		*report_out = ruad_builder_take(b, raw_out);
	else if (st == RUAD_END &&
	    (st = ruad_builder_failure(b, err)) == RUAD_OK)
		st = ruad_fail(err, RUAD_BAD, RUAD_XML_NOT_FEEDBACK,
		    "feedback: XML without a feedback element");
	ruad_builder_free(&b);
	return st;
}

/* The length of what XML allows behind a document at the beginning of
 * p[0..len): a blank, a comment, an instruction. 0: it is nothing of that, or
 * has no end yet. */
static size_t
misc_length(const char *p, size_t len)
{
	const char *end = NULL;
	size_t n;

	if (strchr(" \t\r\n", *p) != NULL && *p != '\0')
		return 1;
	if (len >= 4 && memcmp(p, "<!--", 4) == 0) {
		end = memmem(p + 4, len - 4, "-->", 3);
		n = 3;
	} else if (len >= 5 && memcmp(p, "<?", 2) == 0 &&
	    memcmp(p, "<?xml", 5) != 0) {
		end = memmem(p + 2, len - 2, "?>", 2);
		n = 2;
	}
	return end != NULL ? (size_t)(end - p) + n : 0;
}

/* Whether nothing but that stands behind offset `at`, less than MISC_BYTES of
 * it. */
static enum ruad_status
only_misc(struct ruad_feedback *f, uint64_t at, bool *only_out,
    struct ruad_err *err)
{
	char buf[MISC_BYTES];
	enum ruad_status st = ruad_replay_seek(&f->text, at, err);
	size_t len = 0, i = 0, n;

	if (st == RUAD_OK)
		st = ruad_source_fill(&f->text.source, buf, sizeof(buf), &len,
		    err);
	while (i < len && (n = misc_length(buf + i, len - i)) > 0)
		i += n;
	*only_out = i == len && len < sizeof(buf);
	return st;
}

/* A document ended at offset `end`: see what follows it. The next one begins
 * with its document type, if it has one, which is a reason to refuse it. */
static enum ruad_status
step_over(struct ruad_feedback *f, uint64_t end, bool *follows_out,
    struct ruad_err *err)
{
	enum ruad_status st;
	uint64_t declaration = 0;
	bool declared = false;

	st = find_tag(f, end, UINT64_MAX, RUAD_MARKUP_OPENING, follows_out,
	    &f->at, err);
	if (st == RUAD_OK && *follows_out) {
		st = find_tag(f, end, f->at, RUAD_MARKUP_DOCTYPE, &declared,
		    &declaration, err);
		if (declared && declaration < f->at)
			f->at = declaration;
	}
	f->done = st != RUAD_OK || !*follows_out;
	return st;
}

/* Set what the file as a whole did to this report. */
static void
warn_about_file(struct ruad_feedback *f, struct ruad_report *r, bool follows)
{
	r->warnings.bits |= ruad_normal_warnings(f->normal).bits;
	f->several = f->several || follows;
	if (f->several)
		ruad_warn(&r->warnings, RUAD_XML_CONCATENATED);
	if (f->several && f->some_utf8)
		ruad_warn(&r->warnings, RUAD_XML_BAD_UTF8);
}

/* Have the repairs of a stage done on the piece at f->at. */
static enum ruad_status
begin_stage(struct ruad_feedback *f, struct ruad_repair *r,
    enum ruad_repair_stage stage, struct ruad_err *err)
{
	enum ruad_status st = ruad_replay_seek(&f->text, f->at, err);

	/* The piece as it is comes first: what broke the parse may have stood
	 * behind it. */
	if (st == RUAD_OK && stage == RUAD_REPAIR_NONE + 1) {
		st = ruad_repair_survey(r, err);
		if (st == RUAD_OK)
			st = ruad_replay_seek(&f->text, f->at, err);
	}
	ruad_repair_start(r, stage);
	return st;
}

/* Try the repairs on the piece from f->at to `end`. RUAD_END: none helps. */
static enum ruad_status
mend(struct ruad_feedback *f, uint64_t end, struct ruad_report **report_out,
    struct ruad_raw_report *raw_out, struct ruad_err *err)
{
	struct ruad_xml_result result;
	struct ruad_repair *r;
	enum ruad_repair_stage stage;
	enum ruad_status st;

	st = ruad_repair_new(&f->text.source, end - f->at, f->budget, &r, err);
	if (st != RUAD_OK)
		return st;
	st = RUAD_END;
	for (stage = RUAD_REPAIR_NONE;
	     stage <= RUAD_REPAIR_MARKUP && f->vain <= VAIN_BYTES; stage++) {
		st = begin_stage(f, r, stage, err);
		if (st == RUAD_OK)
			st = parse(f, ruad_repair_source(r), report_out,
			    raw_out, &result, err);
		if (st == RUAD_OK && stage != RUAD_REPAIR_NONE)
			ruad_warn(&(*report_out)->warnings, RUAD_XML_REPAIRED);
		if (st != RUAD_BAD || err->code == RUAD_XML_DTD)
			break;
		st = RUAD_END;
	}
	ruad_repair_free(&r);
	return st;
}

/* The document at f->at is not well-formed, as *err says: repair it or refuse
 * it, and go on behind it. */
static enum ruad_status
next_broken(struct ruad_feedback *f, struct ruad_report **report_out,
    struct ruad_raw_report *raw_out, struct ruad_err *err)
{
	struct ruad_err why = *err;
	uint64_t end, begin;
	bool found, closed, follows;
	enum ruad_status st, over;

	f->done = true;
	st = find_tag(f, f->at, UINT64_MAX, RUAD_MARKUP_OPENING, &found, &begin,
	    err);
	if (st != RUAD_OK)
		return st;
	if (!found)
		return ruad_fail(err, RUAD_BAD,
		    why.code == RUAD_XML_NO_MARKUP ? RUAD_XML_NO_MARKUP
						   : RUAD_XML_NOT_FEEDBACK,
		    "feedback: no feedback element; %s", why.text);
	if (why.code == RUAD_XML_NO_MARKUP)
		ruad_fail(&why, RUAD_BAD, RUAD_XML_MALFORMED,
		    "feedback: something else stands before the report");
	st = find_tag(f, begin, UINT64_MAX, RUAD_MARKUP_CLOSING, &closed, &end,
	    err);
	if (st != RUAD_OK)
		return st;
	st = RUAD_END;
	if (closed && why.status == RUAD_BAD)
		st = mend(f, end, report_out, raw_out, err);
	if (st == RUAD_TEMP)
		return st;
	if (st == RUAD_END) {
		*err = why;
		if (!closed && why.status == RUAD_BAD)
			err->code = RUAD_XML_TRUNCATED;
		st = why.status;
	}
	why = *err;
	if ((over = step_over(f, end, &follows, err)) != RUAD_OK) {
		ruad_report_free(report_out);
		return over;
	}
	if (st == RUAD_OK)
		warn_about_file(f, *report_out, follows);
	f->several = f->several || follows;
	*err = why;
	return st;
}

enum ruad_status
ruad_feedback_next(struct ruad_feedback *f, struct ruad_report **report_out,
    struct ruad_raw_report *raw_out, struct ruad_err *err)
{
	struct ruad_xml_result result;
	bool follows = false;
	enum ruad_status st;

	*report_out = NULL;
	if (f->done)
		return RUAD_END;
	st = ruad_replay_seek(&f->text, f->at, err);
	if (st == RUAD_OK)
		st = parse(f, &f->text.source, report_out, raw_out, &result,
		    err);
	if (st == RUAD_TEMP ||
	    (st == RUAD_BAD &&
		(err->code == RUAD_XML_DTD ||
		    err->code == RUAD_XML_NOT_FEEDBACK))) {
		f->done = true;
		return st;
	}
	if (st != RUAD_OK)
		return next_broken(f, report_out, raw_out, err);
	f->done = result.clean_end;
	if (!f->done)
		st = only_misc(f, f->at + result.consumed, &f->done, err);
	if (st == RUAD_OK && !f->done) {
		st = step_over(f, f->at + result.consumed, &follows, err);
		if (!follows)
			ruad_warn(&(*report_out)->warnings,
			    RUAD_XML_TRAILING_JUNK);
	}
	if (st == RUAD_OK)
		warn_about_file(f, *report_out, follows);
	else
		ruad_report_free(report_out);
	return st;
}

enum ruad_status
ruad_feedback_new(struct ruad_source *in, const struct ruad_limits *lim,
    struct ruad_budget *budget, struct ruad_feedback **out,
    struct ruad_err *err)
{
	struct ruad_feedback *f = *out = calloc(1, sizeof(*f));
	struct ruad_survey survey;
	enum ruad_status st;

	if (f == NULL || (f->cache = malloc(CACHE_BYTES)) == NULL) {
		st = ruad_fail_memory(err, "feedback");
		goto fail;
	}
	f->lim = lim;
	f->budget = budget;
	st = ruad_charset_survey(in, f->cache, CACHE_BYTES, &survey, err);
	if (st != RUAD_OK)
		goto fail;
	f->in = in;
	f->some_utf8 = survey.some_utf8;
	if (survey.cached) {
		ruad_memory_source_init(&f->cached, f->cache,
		    (size_t)survey.bytes);
		f->in = &f->cached.source;
	} else if ((st = ruad_source_rewind(in, err)) != RUAD_OK) {
		goto fail;
	}
	if ((st = ruad_normal_new(f->in, &survey, &f->normal, err)) != RUAD_OK)
		goto fail;
	st = ruad_replay_init(&f->text, ruad_normal_source(f->normal), err);
	if (st == RUAD_OK)
		return RUAD_OK;
fail:
	ruad_feedback_free(out);
	return st;
}

void
ruad_feedback_free(struct ruad_feedback **f)
{
	if (*f == NULL)
		return;
	ruad_replay_done(&(*f)->text);
	ruad_normal_free(&(*f)->normal);
	free((*f)->cache);
	free(*f);
	*f = NULL;
}
