/* record_draft.h - a DMARC record in the making, from options and from who is
 * asked. */
#ifndef RUAD_TOOLS_RECORD_DRAFT_H
#define RUAD_TOOLS_RECORD_DRAFT_H
#include "cmd.h"
#include "draft.h"
#include <stdbool.h>

/* Take over what the options say; a bare address in rua or ruf gets its
 * mailto:. False: no memory. */
bool ruad_draft_apply(struct ruad_draft *d, const struct ruad_options *o);

/* Ask on the terminal for what people change, with what is there as default. */
enum ruad_exit ruad_draft_ask(struct ruad_draft *d, const char *domain);

#endif
