/* progress.h - a line on the terminal that tells how far a long job is. */
#ifndef RUAD_TOOLS_PROGRESS_H
#define RUAD_TOOLS_PROGRESS_H
#include <stdint.h>

struct ruad_progress;

/* Begin a job over so many bytes (0: not known); `what` names what is counted,
 * "mails", and is borrowed. NULL where standard error is no terminal, or memory
 * is short: the other functions take that for "show nothing". */
struct ruad_progress *ruad_progress_begin(const char *what, uint64_t bytes);

/* One more is done, and with it so many bytes. `note` stands at the end of the
 * line. Draws a few times a second. */
void ruad_progress_step(struct ruad_progress *p, uint64_t bytes,
    const char *note);

/* Take the line off, so that something else can be printed; the next step
 * draws it anew. */
void ruad_progress_hide(struct ruad_progress *p);

void ruad_progress_end(struct ruad_progress **p); /* sets *p NULL */

#endif
