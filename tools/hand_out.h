/* hand_out.h - originals byte for byte, to whom asks for them. */
#ifndef RUAD_TOOLS_HAND_OUT_H
#define RUAD_TOOLS_HAND_OUT_H
#include <stdbool.h>
#include <stdint.h>
#include "cmd.h"
#include "mail.h"

/* Read the original of a mail; *out is NULL where it was not kept. Another
 * failure has been told. */
enum ruad_exit ruad_hand_out_read(struct ruad_ctl *ctl, int64_t mail_key,
    struct ruad_mail **out);

/* Write it to a file, which must be new, or where that is NULL or "-" to
 * standard output, which must not be a terminal unless `force`: what others
 * wrote could make that do things. The failure has been told. */
enum ruad_exit ruad_hand_out(struct ruad_mail *mail, const char *path,
    bool force);

#endif
