/* one_byte.c - the seams are at link time: see ld(1), --wrap. */
#include "one_byte.h"
#include <stdlib.h>
#include "charset.h"
#include "feedback.h"
#include "normal.h"
#include "repair.h"
#include "xml.h"

/* A wrapped source lives until the reads are switched off again. */
struct one_byte {
	struct ruad_source source;
	struct ruad_source *in;
	struct one_byte *next;
};

static bool active;
static struct one_byte *all;

static enum ruad_status
read_one(struct ruad_source *s, void *buf, size_t cap, size_t *len_out,
    struct ruad_err *err)
{
	struct one_byte *o = (struct one_byte *)s;

	return o->in->read(o->in, buf, cap > 0, len_out, err);
}

static enum ruad_status
rewind_all(struct ruad_source *s, struct ruad_err *err)
{
	struct one_byte *o = (struct one_byte *)s;

	return o->in->rewind(o->in, err);
}

static struct ruad_source *
wrap(struct ruad_source *in)
{
	struct one_byte *o;

	if (!active)
		return in;
	o = calloc(1, sizeof(*o));
	if (o == NULL)
		abort();
	o->source.read = read_one;
	o->source.rewind = rewind_all;
	o->in = in;
	o->next = all;
	all = o;
	return &o->source;
}

void
one_byte_reads(bool on)
{
	struct one_byte *o;

	active = on;
	while (!on && (o = all) != NULL) {
		all = o->next;
		free(o);
	}
}

enum ruad_status __real_ruad_feedback_new(struct ruad_source *in,
    const struct ruad_limits *lim, struct ruad_budget *budget,
    struct ruad_feedback **out, struct ruad_err *err);
enum ruad_status __wrap_ruad_feedback_new(struct ruad_source *in,
    const struct ruad_limits *lim, struct ruad_budget *budget,
    struct ruad_feedback **out, struct ruad_err *err);
enum ruad_status __real_ruad_normal_new(struct ruad_source *in,
    const struct ruad_survey *survey, struct ruad_normal **out,
    struct ruad_err *err);
enum ruad_status __wrap_ruad_normal_new(struct ruad_source *in,
    const struct ruad_survey *survey, struct ruad_normal **out,
    struct ruad_err *err);
enum ruad_status __real_ruad_repair_new(struct ruad_source *in, uint64_t length,
    struct ruad_budget *budget, struct ruad_repair **out, struct ruad_err *err);
enum ruad_status __wrap_ruad_repair_new(struct ruad_source *in, uint64_t length,
    struct ruad_budget *budget, struct ruad_repair **out, struct ruad_err *err);
enum ruad_status __real_ruad_xml_parse(struct ruad_source *in,
    const struct ruad_limits *lim, const struct ruad_xml_handler *handler,
    struct ruad_xml_result *result, struct ruad_err *err);
enum ruad_status __wrap_ruad_xml_parse(struct ruad_source *in,
    const struct ruad_limits *lim, const struct ruad_xml_handler *handler,
    struct ruad_xml_result *result, struct ruad_err *err);

enum ruad_status
__wrap_ruad_feedback_new(struct ruad_source *in, const struct ruad_limits *lim,
    struct ruad_budget *budget, struct ruad_feedback **out,
    struct ruad_err *err)
{
	return __real_ruad_feedback_new(wrap(in), lim, budget, out, err);
}

enum ruad_status
__wrap_ruad_normal_new(struct ruad_source *in, const struct ruad_survey *survey,
    struct ruad_normal **out, struct ruad_err *err)
{
	return __real_ruad_normal_new(wrap(in), survey, out, err);
}

enum ruad_status
__wrap_ruad_repair_new(struct ruad_source *in, uint64_t length,
    struct ruad_budget *budget, struct ruad_repair **out, struct ruad_err *err)
{
	return __real_ruad_repair_new(wrap(in), length, budget, out, err);
}

enum ruad_status
__wrap_ruad_xml_parse(struct ruad_source *in, const struct ruad_limits *lim,
    const struct ruad_xml_handler *handler, struct ruad_xml_result *result,
    struct ruad_err *err)
{
	return __real_ruad_xml_parse(wrap(in), lim, handler, result, err);
}
