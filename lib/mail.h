/* mail.h - one mail as it was received: envelope facts and the bytes of the
 * message, small ones in memory, larger ones in an unlinked temporary file. */
#ifndef RUAD_MAIL_H
#define RUAD_MAIL_H
#include "arena.h"
#include "err.h"
#include "limit.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ruad_mail;

struct ruad_mail_settings {
	const char *spool_dir; /* for temporary files; borrowed */
	size_t memory_bytes; /* larger mails go to a file */
	uint64_t message_bytes; /* larger mails are refused: LIMIT_SIZE */
	struct ruad_budget *budget; /* charged with the bytes held in memory
				     * or mapped, borrowed, may be NULL */
};

/* A new, empty mail received at `received_epoch` (seconds). The settings are
 * copied. RUAD_TEMP: out of memory. */
RUAD_NODISCARD enum ruad_status
ruad_mail_new(const struct ruad_mail_settings *set, int64_t received_epoch,
    struct ruad_mail **out, struct ruad_err *err);

/* A mail or bare report that lies in memory; `data` is borrowed. */
RUAD_NODISCARD enum ruad_status ruad_mail_borrow(const void *data, size_t len,
    int64_t received_epoch, struct ruad_mail **out, struct ruad_err *err);

/* A mail or bare report in a file, which is mapped. `path` is also kept as its
 * file name. RUAD_TEMP: it cannot be read; RUAD_LIMIT: over
 * set->message_bytes. */
RUAD_NODISCARD enum ruad_status ruad_mail_open(const char *path,
    const struct ruad_mail_settings *set, struct ruad_mail **out,
    struct ruad_err *err);

/* Append bytes of the message as they would stand in a file. After a failure
 * every later call fails alike. RUAD_LIMIT: over message_bytes; RUAD_TEMP:
 * spool or memory. */
RUAD_NODISCARD enum ruad_status ruad_mail_append(struct ruad_mail *m,
    const void *data, size_t len, struct ruad_err *err);

/* Append one header field as libmilter hands it over: value without the first
 * blank unless `leading_space`, folded lines joined by LF. */
RUAD_NODISCARD enum ruad_status ruad_mail_header(struct ruad_mail *m,
    const char *name, const char *value, bool leading_space,
    struct ruad_err *err);

/* Append the empty line that ends the header. */
RUAD_NODISCARD enum ruad_status ruad_mail_end_header(struct ruad_mail *m,
    struct ruad_err *err);

/* All bytes, contiguous, valid until the mail is freed or dropped. RUAD_TEMP:
 * the spool file cannot be mapped, or no budget is left for that. */
RUAD_NODISCARD enum ruad_status ruad_mail_bytes(struct ruad_mail *m,
    const unsigned char **data_out, size_t *len_out, struct ruad_err *err);

/* Nobody needs the bytes any more: let go of them, keep the facts. */
void ruad_mail_drop(struct ruad_mail *m);

#define RUAD_MAIL_DIGEST_BYTES 32

/* What tells one mail from another, in `out`: BLAKE2b of its bytes. */
void ruad_mail_digest(const void *data, size_t len,
    unsigned char out[RUAD_MAIL_DIGEST_BYTES]);

/* Bytes appended so far. */
size_t ruad_mail_size(const struct ruad_mail *m);

/* Envelope facts; strings are copied, NULL is "not known". The setters return
 * RUAD_TEMP when out of memory. mail_from "" is the null reverse-path. */
RUAD_NODISCARD enum ruad_status ruad_mail_set_queue_id(struct ruad_mail *m,
    const char *queue_id);
RUAD_NODISCARD enum ruad_status ruad_mail_set_mail_from(struct ruad_mail *m,
    const char *mail_from);
RUAD_NODISCARD enum ruad_status ruad_mail_set_file_name(struct ruad_mail *m,
    const char *file_name);
const char *ruad_mail_queue_id(const struct ruad_mail *m);
const char *ruad_mail_mail_from(const struct ruad_mail *m);
const char *ruad_mail_file_name(const struct ruad_mail *m);
int64_t ruad_mail_received(const struct ruad_mail *m);

/* The moment to count as received, where it is known better than "now". */
void ruad_mail_set_received(struct ruad_mail *m, int64_t received_epoch);

void ruad_mail_free(struct ruad_mail **m); /* sets *m NULL; NULL is fine */

#endif
