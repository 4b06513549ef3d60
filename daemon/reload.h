/* reload.h - the configuration that is in force, and what is built from it. A
 * message keeps the one that it began with while newer ones take over. */
#ifndef RUAD_RELOAD_H
#define RUAD_RELOAD_H
#include "arena.h"
#include "conf.h"
#include "ingest.h"
#include "log.h"
#include "setup.h"
#include <stdatomic.h>

/* One configuration, read-only. */
struct ruad_live {
	atomic_uint users;
	struct ruad_conf *conf;
	struct ruad_setup *setup;
	struct ruad_ingest *ingest;
};

struct ruad_reload;

/* Take over *conf, which was read from `path` (borrowed), and set it NULL on
 * RUAD_OK. `budget` and `log` are borrowed. Fails as ruad_setup_new() does. */
RUAD_NODISCARD enum ruad_status ruad_reload_new(const char *path,
    struct ruad_conf **conf, struct ruad_budget *budget, struct ruad_log *log,
    struct ruad_reload **out, struct ruad_err *err);

/* The configuration that ruad was started with: it alone counts for options
 * whose change takes a restart. Never freed. */
const struct ruad_live *ruad_reload_first(const struct ruad_reload *r);

/* The newest configuration, to be given back. Never NULL. */
struct ruad_live *ruad_reload_get(struct ruad_reload *r);
void ruad_reload_put(
    struct ruad_live **live); /* sets *live NULL, may be NULL */

/* Read the file again and put it in force. A bad file changes nothing; either
 * way the log says what came of it. One thread. */
void ruad_reload_run(struct ruad_reload *r);

#endif
