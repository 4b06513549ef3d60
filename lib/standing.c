/* standing.c - only the record and its addresses count: SPF and DKIM are of the
 * mail, not of the registration. */
#include "standing.h"
#include <stdio.h>
#include <string.h>
#include "text.h"

/* The worst remark on the record and on its addresses, or NULL. */
static const struct ruad_remark *
worst_of(const struct ruad_inspection *in)
{
	const struct ruad_remark *worst = NULL;

	for (size_t i = 0; i < in->count; i++) {
		const struct ruad_section *s = &in->section[i];

		if (strcmp(s->about, "record") != 0 &&
		    strcmp(s->about, "rua") != 0)
			continue;
		for (size_t n = 0; n < s->remarks.count; n++) {
			if (worst == NULL ||
			    s->remarks.item[n].severity > worst->severity)
				worst = &s->remarks.item[n];
		}
	}
	return worst;
}

static const struct ruad_remark *
find(const struct ruad_inspection *in, enum ruad_remark_code code)
{
	const struct ruad_remarks *list = &in->section[0].remarks;

	for (size_t n = 0; n < list->count; n++) {
		if (list->item[n].code == code)
			return &list->item[n];
	}
	return NULL;
}

static void
blame(struct ruad_history *out, enum ruad_standing standing,
    const struct ruad_remark *why)
{
	out->standing = standing;
	if (why == NULL)
		return;
	snprintf(out->code, sizeof(out->code), "%s",
	    ruad_remark_name(why->code));
	snprintf(out->text, sizeof(out->text), "%s", why->text);
}

static void
take_record(const struct ruad_inspection *in, const struct ruad_found *f,
    struct ruad_history *out)
{
	const struct ruad_section *s = &in->section[0];

	if (f->at == NULL)
		return;
	snprintf(out->record_name, sizeof(out->record_name), "%s", s->name);
	out->ttl_secs = f->at->answer->ttl_secs;
	if (s->text != NULL)
		ruad_text_escape(out->record, sizeof(out->record), s->text,
		    strlen(s->text));
}

bool
ruad_standing_judge(const struct ruad_inspection *in,
    const struct ruad_history *last, bool recipients_known, int64_t now_epoch,
    struct ruad_history *out)
{
	const struct ruad_found *f = ruad_inspection_found(in);
	const struct ruad_remark *worst = worst_of(in);
	bool was_good = last != NULL &&
	    (last->standing == RUAD_STANDING_VERIFIED ||
		last->standing == RUAD_STANDING_FAILING);
	bool here = in->reports_here || !recipients_known;

	*out = (struct ruad_history){ .first_epoch = now_epoch,
		.last_epoch = now_epoch };
	if (f->state == RUAD_FOUND_UNKNOWN ||
	    (worst != NULL && worst->severity == RUAD_REMARK_UNKNOWN))
		return false;
	take_record(in, f, out);
	if (f->state == RUAD_FOUND_NOTHING) {
		bool was_there =
		    last != NULL && last->standing != RUAD_STANDING_REGISTERED;

		blame(out,
		    was_there ? RUAD_STANDING_FAILING
			      : RUAD_STANDING_REGISTERED,
		    worst);
	} else if (f->state != RUAD_FOUND_POLICY) {
		blame(out, RUAD_STANDING_FAILING, worst);
	} else if (here &&
	    (worst == NULL || worst->severity < RUAD_REMARK_ERROR)) {
		out->standing = RUAD_STANDING_VERIFIED;
	} else {
		if (worst == NULL || worst->severity < RUAD_REMARK_ERROR)
			worst = find(in, RUAD_RUA_NOT_HERE);
		blame(out,
		    was_good ? RUAD_STANDING_FAILING : RUAD_STANDING_PUBLISHED,
		    worst);
	}
	return true;
}
