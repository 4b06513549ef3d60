/* record_draft.h - a DMARC record in the making: the values of its tags, from
 * DNS, from options, and from who is asked. */
#ifndef RUAD_TOOLS_RECORD_DRAFT_H
#define RUAD_TOOLS_RECORD_DRAFT_H
#include "cmd.h"
#include "record.h"
#include <stdbool.h>

struct ruad_draft {
	char *value[RUAD_TAG_COUNT]; /* owned; NULL: absent */
};

/* Set or drop (NULL, "") the value of a tag. False: no memory. */
bool ruad_draft_set(struct ruad_draft *d, enum ruad_record_tag tag,
    const char *value);

/* Take over what stands in a record; what has no effect there is dropped. */
bool ruad_draft_load(struct ruad_draft *d, const struct ruad_dmarc_record *r);

/* The same for what the options say; a bare address in rua or ruf gets its
 * mailto:. */
bool ruad_draft_apply(struct ruad_draft *d, const struct ruad_options *o);

/* Add the address at which ruad takes reports, unless one is there. *none_out:
 * the configuration names none. */
bool ruad_draft_add_rua(struct ruad_draft *d, const struct ruad_conf *c,
    bool *none_out);

/* Ask on the terminal for what people change, with what is there as default. */
enum ruad_exit ruad_draft_ask(struct ruad_draft *d, const char *domain);

/* The record; the caller frees it. NULL: no memory. */
struct ruad_dmarc_record *ruad_draft_record(const struct ruad_draft *d,
    struct ruad_err *err);

void ruad_draft_free(struct ruad_draft *d);

#endif
