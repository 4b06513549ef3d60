/* sender.h - who sends: a small catalogue of well-known mail services by the
 * domains that their mail is authenticated for, and what the operator says of
 * senders in the name of a policy domain. */
#ifndef RUAD_SENDER_H
#define RUAD_SENDER_H
#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>
#include "err.h"
#include "rehearse.h"
#include "store.h"

enum ruad_sender_kind {
	RUAD_SENDER_UNKNOWN, /* not in the catalogue */
	RUAD_SENDER_MAILBOX, /* mailboxes, whose users forward mail */
	RUAD_SENDER_FORWARDER, /* forwarding, lists, filters in front of others */
	RUAD_SENDER_SERVICE /* sends for its customers */
};

struct ruad_sender {
	const char *name; /* static, of the catalogue */
	enum ruad_sender_kind kind;
};

/* The sender with this domain, or a domain above it; false: it is not in the
 * catalogue. */
bool ruad_sender_find(const char *domain, struct ruad_sender *out);

/* "mailbox", "" for UNKNOWN; "not-mine", "" for none. */
const char *ruad_sender_kind_word(enum ruad_sender_kind kind);
const char *ruad_sender_label_word(enum ruad_sender_label label);

/* The labels of a policy domain. One thread. */
struct ruad_sender_labels {
	const char *policy_domain; /* borrowed */
	sqlite3_stmt *stmt; /* owned */
	sqlite3 *db; /* borrowed */
};

/* All of these fail like ruad_sql_fail(). After a failure, too,
 * ruad_sender_labels_close() may be called. */
RUAD_NODISCARD enum ruad_status ruad_sender_labels_open(sqlite3 *db,
    const char *policy_domain, struct ruad_sender_labels *out,
    struct ruad_err *err);
RUAD_NODISCARD enum ruad_status
ruad_sender_labels_find(struct ruad_sender_labels *l, const char *sender,
    enum ruad_sender_label *out, struct ruad_err *err);
void ruad_sender_labels_close(struct ruad_sender_labels *l);

/* Label a sender (case does not matter), or with RUAD_LABEL_NONE take its label
 * off: RUAD_END where there was none. The note may be NULL. */
RUAD_NODISCARD enum ruad_status ruad_sender_label(struct ruad_store *s,
    const char *policy_domain, const char *sender, enum ruad_sender_label label,
    const char *note, int64_t since_epoch, struct ruad_err *err);

#endif
