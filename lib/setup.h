/* setup.h - what a configuration means to the modules that do the work, so
 * that all programs set them up alike. Reads the suffix list, opens nothing
 * else. */
#ifndef RUAD_SETUP_H
#define RUAD_SETUP_H
#include "arena.h"
#include "conf.h"
#include "err.h"
#include "ingest.h"
#include "mail.h"
#include "orgdom.h"
#include "store.h"
#include "writer.h"

struct ruad_setup {
	struct ruad_orgdom *orgdom; /* owned */
	struct ruad_mail_settings mail; /* for ruad_mail_new() and _open() */
	struct ruad_ingest_settings ingest; /* for ruad_ingest_new() */
	struct ruad_store_settings store; /* for ruad_store_open() */
	struct ruad_writer_settings writer; /* for ruad_writer_start() */
};

/* Make an empty budget of the configured size. Done once in a program: the
 * budget outlives every reload. */
void ruad_setup_budget(const struct ruad_conf *c, struct ruad_budget *out);

/* Translate `c` and open the suffix list. Borrows `c` and `budget` (may be
 * NULL: unbounded), which must outlive *out, as *out must outlive what is made
 * with its settings. RUAD_BAD: the configured suffix list cannot be read;
 * RUAD_TEMP: this host failed. On failure *out is NULL. */
RUAD_NODISCARD enum ruad_status ruad_setup_new(const struct ruad_conf *c,
    struct ruad_budget *budget, struct ruad_setup **out, struct ruad_err *err);

void ruad_setup_free(struct ruad_setup **s); /* sets *s NULL; NULL is fine */

#endif
