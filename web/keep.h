/* keep.h - the small path by which the console writes into the store of
 * reports. Everything else reads. */
#ifndef RUAD_WEB_KEEP_H
#define RUAD_WEB_KEEP_H
#include "app.h"
#include "err.h"
#include "store.h"

/* Open the store for one change; the caller closes it. A store that is not
 * there is not made: its owner is the daemon. RUAD_TEMP: another program writes
 * it, or this host failed; RUAD_BAD: as ruad_store_open(). */
RUAD_NODISCARD enum ruad_status ruad_keep_open(const struct ruad_app *app,
    struct ruad_store **out, struct ruad_err *err);

#endif
