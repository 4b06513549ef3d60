/* note.c - one row in a transaction of its own. */
#include "note.h"
#include <syslog.h>
#include "account.h"

void
ruad_note(struct ruad_request *req, const char *action, const char *object)
{
	struct ruad_app *app = ruad_request_app(req);
	const struct ruad_actor actor = ruad_request_actor(req);
	struct ruad_err err;
	enum ruad_status st = ruad_webstore_begin(app->store, &err);

	if (st == RUAD_OK) {
		st =
		    ruad_account_note(app->store, &actor, action, object, &err);
		st = ruad_webstore_end(app->store, st, &err);
	}
	if (st != RUAD_OK)
		ruad_log_write(app->log, LOG_ERR,
		    "%s by %s is not in the audit: %s", action, actor.name,
		    err.text);
}
