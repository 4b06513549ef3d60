/* draft.h - a DMARC record in the making: the values of its tags, from DNS and
 * from people; and the records that others have to publish for it. */
#ifndef RUAD_DRAFT_H
#define RUAD_DRAFT_H
#include "conf.h"
#include "discover.h"
#include "err.h"
#include "orgdom.h"
#include "publish.h"
#include "record.h"
#include <stdbool.h>
#include <stddef.h>

/* Room for the address of this host as a URI. */
enum { RUAD_DRAFT_URI_BYTES = 1000 };

struct ruad_draft {
	char *value[RUAD_TAG_COUNT]; /* owned; NULL: absent */
};

/* Set or drop (NULL, "") the value of a tag. The other one puts mailto: in
 * front of a bare address in rua or ruf. False, here and below: no memory. */
bool ruad_draft_set(struct ruad_draft *d, enum ruad_record_tag tag,
    const char *value);
bool ruad_draft_set_words(struct ruad_draft *d, enum ruad_record_tag tag,
    const char *value);

/* Take over what stands in a record; what has no effect there is dropped. */
bool ruad_draft_load(struct ruad_draft *d, const struct ruad_dmarc_record *r);

/* Take over what holds for a domain now, of its own or inherited: a record of
 * its own must not weaken that by chance. */
bool ruad_draft_inherit(struct ruad_draft *d,
    const struct ruad_discovered *found, const struct ruad_found *f);

/* The address at which ruad takes reports, as a URI. False: the configuration
 * names none. */
bool ruad_draft_own_uri(const struct ruad_conf *c,
    char out[RUAD_DRAFT_URI_BYTES]);

/* Put it into rua, unless one of these is there. */
enum ruad_draft_rua {
	RUAD_DRAFT_RUA_NONE, /* the configuration names none */
	RUAD_DRAFT_RUA_THERE,
	RUAD_DRAFT_RUA_ADDED
};
bool ruad_draft_add_rua(struct ruad_draft *d, const struct ruad_conf *c,
    enum ruad_draft_rua *how_out);

/* The record; the caller frees it. NULL: no memory. */
struct ruad_dmarc_record *ruad_draft_record(const struct ruad_draft *d,
    struct ruad_err *err);

void ruad_draft_free(struct ruad_draft *d);

/* The domain that is thought to have a zone of its own; points into `domain`.
 */
const char *ruad_draft_zone(const struct ruad_orgdom *orgdom,
    const char *domain);

/* A record by which another organisation allows reports to go to it (RFC 9990
 * section 4). */
enum { RUAD_AUTHORISATIONS_MAX = 20 };
struct ruad_authorisation {
	char host[256];
	struct ruad_publish_record record;
};

/* Those that a record of `domain` needs. Returns how many. */
size_t ruad_draft_authorisations(const struct ruad_dmarc_record *r,
    const struct ruad_orgdom *orgdom, const char *domain,
    struct ruad_authorisation out[RUAD_AUTHORISATIONS_MAX]);

#endif
