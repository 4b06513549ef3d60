/* mbox.h - mails from a stream: many from an mbox, or the whole of it as one.
 * The first line decides: that of an mbox begins with "From ". */
#ifndef RUAD_TOOLS_MBOX_H
#define RUAD_TOOLS_MBOX_H
#include "mail.h"
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

struct ruad_mbox;

/* Read from fd, which is taken over and closed. Settings and path are borrowed.
 * The stream ends when a signal has set *stop (may be NULL). On failure *out
 * is NULL. */
RUAD_NODISCARD enum ruad_status ruad_mbox_open(int fd, const char *path,
    const struct ruad_mail_settings *set, const volatile sig_atomic_t *stop,
    struct ruad_mbox **out, struct ruad_err *err);

/* Whether it is an mbox. */
bool ruad_mbox_is_mbox(const struct ruad_mbox *m);

/* The next mail, owned by the caller. In an mbox a mail begins at a line that
 * begins with "From " and follows an empty line; that line and the empty one
 * are no part of the mails, and one ">" is taken off lines that begin with
 * ">From " (mboxrd). RUAD_END: no more. RUAD_LIMIT: this mail is too large,
 * RUAD_TEMP: it cannot be read; the next one may be had after that, but for a
 * stream that fails. */
RUAD_NODISCARD enum ruad_status ruad_mbox_next(struct ruad_mbox *m,
    struct ruad_mail **out, struct ruad_err *err);

/* Bytes read so far. */
uint64_t ruad_mbox_bytes(const struct ruad_mbox *m);

void ruad_mbox_close(struct ruad_mbox **m); /* sets *m NULL; NULL is fine */

#endif
