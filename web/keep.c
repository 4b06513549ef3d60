/* keep.c - see keep.h. A handle of its own for each change: they are few, and
 * what is held would be in the way of others. */
#include "keep.h"
#include <errno.h>
#include <string.h>
#include <unistd.h>

/* Who waits longer is told to come again. */
enum { BUSY_MSECS = 250 };

enum ruad_status
ruad_keep_open(const struct ruad_app *app, struct ruad_store **out,
    struct ruad_err *err)
{
	struct ruad_store_settings set = { .busy_msecs = BUSY_MSECS,
		.conflict_last = app->conf->on_conflict != 0 };

	*out = NULL;
	if (access(app->conf->store, R_OK | W_OK) != 0)
		return ruad_fail(err, RUAD_TEMP, RUAD_OUR_STORE,
		    "store: %s: %s", app->conf->store, strerror(errno));
	return ruad_store_open(app->conf->store, &set, out, err);
}
