/* original.h - the kept original of a mail, out of the store. */
#ifndef RUAD_ORIGINAL_H
#define RUAD_ORIGINAL_H
#include "err.h"
#include "mail.h"
#include <sqlite3.h>
#include <stdint.h>

/* Read the original of a mail, or bare report, as it came: the same bytes, time
 * of arrival, queue id, envelope sender and file name. RUAD_END: it was not
 * kept, or there is no such mail; RUAD_BAD: it is damaged; RUAD_LIMIT: it is
 * larger than set->message_bytes; RUAD_TEMP: this host failed. The caller owns
 * *out on RUAD_OK only. */
RUAD_NODISCARD enum ruad_status ruad_original_read(sqlite3 *db,
    int64_t mail_key, const struct ruad_mail_settings *set,
    struct ruad_mail **out, struct ruad_err *err);

#endif
