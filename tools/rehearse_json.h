/* rehearse_json.h - the answer of rehearse, and its parts as JSON. */
#ifndef RUAD_TOOLS_REHEARSE_JSON_H
#define RUAD_TOOLS_REHEARSE_JSON_H
#include <jansson.h>
#include "rehearse_ask.h"

/* All of these are NULL when out of memory. */
json_t *ruad_rehearse_sender_json(const struct ruad_rehearsal_sender *s);
json_t *ruad_rehearse_change_json(const struct ruad_rehearsal_change *c);

/* With texts in place of numbers and of true and false for a table. */
json_t *ruad_rehearse_condition_json(const struct ruad_rehearse_answer *a,
    enum ruad_ready_code code, bool table);

/* All but the senders; the changes as --limit says, or the first hundred. */
json_t *ruad_rehearse_facts_json(const struct ruad_ctl *ctl,
    const struct ruad_rehearse_answer *a);

#endif
