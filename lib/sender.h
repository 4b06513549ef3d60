/* sender.h - who sends: the catalogue of well-known senders, those that were
 * imported, and what the operator says of senders in the name of a policy
 * domain. */
#ifndef RUAD_SENDER_H
#define RUAD_SENDER_H
#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "catalogue.h"
#include "err.h"
#include "rehearse.h"
#include "store.h"

/* One domain, with all below it. */
struct ruad_sender_name {
	char *domain; /* lower case, A-labels */
	char *sender, *type;
	enum ruad_sender_kind kind;
};

/* Who has a domain. */
struct ruad_sender {
	char name[256];
	enum ruad_sender_kind kind;
};

/* The sender with this domain, or a domain above it, in the catalogue; false:
 * it is not there, and *out is not touched. */
bool ruad_sender_find(const char *domain, struct ruad_sender *out);

/* "mailbox", "" for UNKNOWN; "not-mine", "" for none. */
const char *ruad_sender_kind_word(enum ruad_sender_kind kind);
const char *ruad_sender_label_word(enum ruad_sender_label label);

/* What a store knows of senders in the name of a policy domain. One thread. */
struct ruad_senders {
	const char *policy_domain; /* borrowed */
	sqlite3_stmt *label, *name; /* owned */
	sqlite3 *db; /* borrowed */
};

/* All of these fail like ruad_sql_fail(). After a failure, too,
 * ruad_senders_close() may be called. */
RUAD_NODISCARD enum ruad_status ruad_senders_open(sqlite3 *db,
    const char *policy_domain, struct ruad_senders *out, struct ruad_err *err);

/* As ruad_sender_find(), but what was imported comes first. RUAD_END: nobody
 * knows it. */
RUAD_NODISCARD enum ruad_status ruad_senders_find(struct ruad_senders *s,
    const char *domain, struct ruad_sender *out, struct ruad_err *err);
RUAD_NODISCARD enum ruad_status ruad_senders_label(struct ruad_senders *s,
    const char *sender, enum ruad_sender_label *out, struct ruad_err *err);
void ruad_senders_close(struct ruad_senders *s);

/* Replace all imported names. Of a domain that is there twice, the last
 * counts. */
RUAD_NODISCARD enum ruad_status ruad_sender_import(struct ruad_store *s,
    const struct ruad_sender_name *name, size_t count, struct ruad_err *err);

/* Label a sender (case does not matter), or with RUAD_LABEL_NONE take its label
 * off: RUAD_END where there was none. The note may be NULL. */
RUAD_NODISCARD enum ruad_status ruad_sender_label(struct ruad_store *s,
    const char *policy_domain, const char *sender, enum ruad_sender_label label,
    const char *note, int64_t since_epoch, struct ruad_err *err);

#endif
