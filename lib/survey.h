/* survey.h - a domain looked at in DNS over the network, together with what the
 * reports of a store showed of it. Asks DNS: of no use to who takes mail in. */
#ifndef RUAD_SURVEY_H
#define RUAD_SURVEY_H
#include "conf.h"
#include "dns.h"
#include "history.h"
#include "inspect.h"
#include "orgdom.h"
#include "remark.h"
#include "seen.h"
#include "trail.h"
#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

/* Reports older than that say nothing of the record of today. */
#define RUAD_SURVEY_SEEN_SECS INT64_C(1209600)

/* All zero is closed. */
struct ruad_survey {
	const struct ruad_conf *conf; /* borrowed */
	struct ruad_dns *dns; /* owned */
	struct ruad_trail *trail; /* owned: all answers about that domain */
	struct ruad_orgdom *orgdom; /* owned */
	struct ruad_seen seen; /* of the domain last looked at */
	struct ruad_history last; /* what the store knew of it */
	bool has_seen; /* there is a store to compare with */
	bool has_last; /* it has been watched before */
};

/* Get ready to ask, as `conf` says, which must outlive the survey. RUAD_BAD: a
 * server, the trust anchor or the suffix list is no such thing; RUAD_TEMP: this
 * host failed. */
RUAD_NODISCARD enum ruad_status ruad_survey_open(const struct ruad_conf *conf,
    struct ruad_survey *out, struct ruad_err *err);

/* Read what the reports of `db` show of a domain (lower case, A-labels); NULL:
 * there is no store. RUAD_TEMP, RUAD_BAD: as ruad_sql_fail(). */
RUAD_NODISCARD enum ruad_status ruad_survey_read(struct ruad_survey *s,
    sqlite3 *db, const char *domain, struct ruad_err *err);

/* Then look at it in DNS. The time for all queries begins anew. What DNS fails
 * at is no failure. RUAD_TEMP: this host failed. */
RUAD_NODISCARD enum ruad_status ruad_survey_look(struct ruad_survey *s,
    const char *domain, struct ruad_inspection **out, struct ruad_err *err);

/* What reporters saw, compared with the record. */
void ruad_survey_compare(const struct ruad_survey *s,
    const struct ruad_inspection *in, int64_t now_epoch,
    struct ruad_remarks *out);

void ruad_survey_close(struct ruad_survey *s);

#endif
