/* amend.h - what is changed in a store after mail has come in, by hand: mails
 * of the quarantine read again, reports replaced, things dropped, and what the
 * operator says of domains and reporters. Each call is one transaction. */
#ifndef RUAD_AMEND_H
#define RUAD_AMEND_H
#include "delivery.h"
#include "err.h"
#include "store.h"
#include <stdint.h>

/* Put a delivery that was read again from the original of a mail in the store,
 * and conclude it: what is readable now is stored, with the time and the
 * envelope that the mail had; what is not stays in quarantine with its new
 * reason, what is stored or known leaves it. RUAD_END: the mail is gone. As all
 * below, RUAD_TEMP or RUAD_BAD: the store is as before. */
RUAD_NODISCARD enum ruad_status ruad_amend_retry(struct ruad_store *s,
    struct ruad_delivery *d, struct ruad_err *err);

/* Replace a stored report, under its key, by the one of `item`, that was read
 * from the same mail `d`; see replace.h. RUAD_END: there is no such report;
 * RUAD_BAD: it cannot be replaced, for the reason in *err. */
RUAD_NODISCARD enum ruad_status ruad_amend_replace(struct ruad_store *s,
    int64_t report_key, const struct ruad_delivery *d, struct ruad_item *item,
    struct ruad_err *err);

/* Take one thing out of quarantine for good; of a mail that also brought a
 * report, the original stays with `keep_raw`. RUAD_END: it is not there. */
RUAD_NODISCARD enum ruad_status ruad_amend_drop(struct ruad_store *s,
    int64_t quarantine_key, bool keep_raw, struct ruad_err *err);

/* Have a domain ignored among those that are not registered. RUAD_BAD: it is
 * registered. */
RUAD_NODISCARD enum ruad_status ruad_amend_ignore(struct ruad_store *s,
    const char *domain, const char *note, int64_t since_epoch,
    struct ruad_err *err);

/* As in registry.h. RUAD_END: there was nothing to take off. */
RUAD_NODISCARD enum ruad_status ruad_amend_register(struct ruad_store *s,
    const char *domain, const char *note, int64_t since_epoch,
    struct ruad_err *err);
RUAD_NODISCARD enum ruad_status ruad_amend_unregister(struct ruad_store *s,
    const char *domain, struct ruad_err *err);
RUAD_NODISCARD enum ruad_status ruad_amend_pin(struct ruad_store *s,
    const char *org_name, const char *domain, int64_t since_epoch,
    struct ruad_err *err);
RUAD_NODISCARD enum ruad_status ruad_amend_unpin(struct ruad_store *s,
    const char *org_name, const char *domain, struct ruad_err *err);

#endif
