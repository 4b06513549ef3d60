/* reread.c - see reread.h. */
#include "reread.h"
#include <stdlib.h>
#include <string.h>

static enum ruad_status
set_up(struct ruad_ctl *ctl, struct ruad_reread *r, struct ruad_err *err)
{
	struct ruad_again_settings set = { .query = ctl->query,
		.store = r->store };
	enum ruad_status st;

	ruad_setup_budget(ctl->conf, &r->budget);
	st = ruad_setup_new(ctl->conf, &r->budget, &r->setup, err);
	if (st != RUAD_OK)
		return st;
	r->spool_dir = ruad_ctl_spool_dir(ctl);
	if (r->spool_dir == NULL)
		return ruad_fail_memory(err, "reread");
	set.ingest = r->setup->ingest;
	set.mail = r->setup->mail;
	set.mail.spool_dir = r->spool_dir;
	return ruad_again_new(&set, &r->again, err);
}

enum ruad_exit
ruad_reread_open(struct ruad_ctl *ctl, bool change, struct ruad_reread *out)
{
	enum ruad_exit status = ruad_ctl_conf(ctl);
	struct ruad_err err;

	memset(out, 0, sizeof(*out));
	/* The store first: opening it may bring it to the version of today. */
	if (status == RUAD_EXIT_OK && change)
		status = ruad_ctl_open_store(ctl, &out->store);
	if (status == RUAD_EXIT_OK)
		status = ruad_ctl_query(ctl);
	if (status == RUAD_EXIT_OK && set_up(ctl, out, &err) != RUAD_OK)
		status = ruad_message_failure(&err);
	return status;
}

void
ruad_reread_close(struct ruad_reread *r)
{
	ruad_again_free(&r->again);
	ruad_store_close(&r->store);
	ruad_setup_free(&r->setup);
	free(r->spool_dir);
	r->spool_dir = NULL;
}
