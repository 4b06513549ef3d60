/* reread.h - what the commands need that read kept originals again. */
#ifndef RUAD_TOOLS_REREAD_H
#define RUAD_TOOLS_REREAD_H
#include "again.h"
#include "cmd.h"
#include "setup.h"

struct ruad_reread {
	struct ruad_budget budget;
	char *spool_dir; /* owned */
	struct ruad_setup *setup; /* owned */
	struct ruad_store *store; /* owned; NULL: nothing is to be changed */
	struct ruad_again *again; /* owned */
};

/* Open configuration, store and reader, where `change` says that the store is
 * to be changed. The failure has been told; then, too, *out is to be closed. */
enum ruad_exit ruad_reread_open(struct ruad_ctl *ctl, bool change,
    struct ruad_reread *out);
void ruad_reread_close(struct ruad_reread *r);

#endif
