/* app.h - what all requests share. */
#ifndef RUAD_WEB_APP_H
#define RUAD_WEB_APP_H
#include "conf.h"
#include "data.h"
#include "desk.h"
#include "log.h"
#include "pool.h"

struct ruad_app {
	const struct ruad_conf *conf; /* borrowed */
	struct ruad_log *log; /* borrowed */
	struct ruad_pool *pool; /* owned: of the store of reports */
	struct ruad_data *data; /* owned: the roll-ups */
	struct ruad_desk *desk; /* owned */
	const char *console_dir; /* NULL: the console of the program */
	const char *origin; /* of browsers, "https://host" */
};

#endif
