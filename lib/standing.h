/* standing.h - how a registered domain stands, after what DNS has and what was
 * known before:
 *
 *   registered -> published    a record is there
 *   any        -> verified     it is good, and its reports come here
 *   verified   -> failing      it is not any more
 *   any        -> failing      a record is there, and receivers ignore it
 *   failing    -> verified     put right */
#ifndef RUAD_STANDING_H
#define RUAD_STANDING_H
#include "history.h"
#include "inspect.h"
#include <stdbool.h>
#include <stdint.h>

/* Judge. `last` is what was known before, or NULL; `recipients_known` whether
 * the configuration says at which addresses reports are taken. False: DNS did
 * not answer, so that nothing new is known. */
bool ruad_standing_judge(const struct ruad_inspection *in,
    const struct ruad_history *last, bool recipients_known, int64_t now_epoch,
    struct ruad_history *out);

#endif
