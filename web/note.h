/* note.h - what a request did, for the audit. */
#ifndef RUAD_WEB_NOTE_H
#define RUAD_WEB_NOTE_H
#include "request.h"

/* Note it: "domain.registered", and what it was done to (NULL: nothing in
 * particular). It has been done, so a failure to note it is for the log. */
void ruad_note(struct ruad_request *req, const char *action,
    const char *object);

#endif
