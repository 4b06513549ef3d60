/* app.h - what all requests share. */
#ifndef RUAD_WEB_APP_H
#define RUAD_WEB_APP_H
#include "conf.h"
#include "data.h"
#include "desk.h"
#include "log.h"
#include "guard.h"
#include "pool.h"
#include "secret.h"
#include "webstore.h"

struct ruad_app {
	const struct ruad_conf *conf; /* borrowed */
	struct ruad_log *log; /* borrowed */
	struct ruad_pool *pool; /* owned: of the store of reports */
	struct ruad_data *data; /* owned: the roll-ups */
	struct ruad_desk *desk; /* owned */
	struct ruad_webstore *store; /* owned: of the console */
	struct ruad_guard *guard; /* owned */
	const char *console_dir; /* NULL: the console of the program */
	char origin[300]; /* of browsers, "https://host" */
	bool secure_cookie; /* browsers take such a one from there */
	unsigned char key[RUAD_SECRET_KEY_BYTES]; /* web_secret */
	char dummy_hash[RUAD_SECRET_HASH_BYTES]; /* of no password */
};

/* Fill *app and open what it owns. `log` and `conf` are borrowed. RUAD_BAD: the
 * configuration or a file is wrong; RUAD_TEMP: this host failed. It is to be
 * closed in any case. */
RUAD_NODISCARD enum ruad_status ruad_app_open(struct ruad_app *app,
    const struct ruad_conf *conf, struct ruad_log *log, struct ruad_err *err);
void ruad_app_close(struct ruad_app *app);

#endif
