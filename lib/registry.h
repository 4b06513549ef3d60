/* registry.h - what the operator has said of whom to believe: the policy
 * domains that this site answers for, and the pins, domains whose mail may
 * bring the reports of an organisation. Read and written within the open
 * transaction. */
#ifndef RUAD_REGISTRY_H
#define RUAD_REGISTRY_H
#include "err.h"
#include "sql.h"
#include <stdbool.h>
#include <stdint.h>

/* Whether a policy domain is registered, or below one that is. Domains here
 * and below are in lower case and A-labels. All of these fail like
 * ruad_sql_fail(). */
RUAD_NODISCARD enum ruad_status ruad_registry_answers(struct ruad_sql *sql,
    const char *domain, bool *yes_out, struct ruad_err *err);

/* Whether the pins of an organisation (lower case, blanks collapsed) allow a
 * mail that passed DMARC for `from_domain` (NULL: for none) to bring a report
 * of it. Where there is no pin, every mail may. */
RUAD_NODISCARD enum ruad_status ruad_registry_allows(struct ruad_sql *sql,
    const char *org_key, const char *from_domain, bool *yes_out,
    struct ruad_err *err);

/* Register a domain; one that is registered keeps its time and gets the note,
 * if that is not NULL. It is not ignored any more. */
RUAD_NODISCARD enum ruad_status ruad_registry_add(struct ruad_sql *sql,
    const char *domain, const char *note, int64_t since_epoch,
    struct ruad_err *err);

/* Have a domain ignored, as those who ask for domains that are not registered
 * see it. RUAD_BAD: it is registered. */
RUAD_NODISCARD enum ruad_status ruad_registry_ignore(struct ruad_sql *sql,
    const char *domain, const char *note, int64_t since_epoch,
    struct ruad_err *err);

/* Neither register nor ignore a domain any more; *count_out says how many were
 * taken off. */
RUAD_NODISCARD enum ruad_status ruad_registry_remove(struct ruad_sql *sql,
    const char *domain, int64_t *count_out, struct ruad_err *err);

/* Pin a domain to an organisation, named as people write it. */
RUAD_NODISCARD enum ruad_status ruad_registry_pin(struct ruad_sql *sql,
    const char *org_name, const char *domain, int64_t since_epoch,
    struct ruad_err *err);

/* Take off one pin of an organisation, or all where domain is NULL. */
RUAD_NODISCARD enum ruad_status ruad_registry_unpin(struct ruad_sql *sql,
    const char *org_name, const char *domain, int64_t *count_out,
    struct ruad_err *err);

#endif
