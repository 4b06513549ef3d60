/* migrate.h - SQLite files of ours: opened for writing, made and brought to the
 * newest schema as needed. */
#ifndef RUAD_MIGRATE_H
#define RUAD_MIGRATE_H
#include "err.h"
#include <sqlite3.h>

struct ruad_schema {
	int application_id; /* tells our files from those of others */
	const char *const *migrations; /* as migrations.h has them */
	const int *count;
};

/* Open with synchronous=FULL, WAL and foreign keys on. *out is to be closed in
 * any case. RUAD_BAD: not a file of this kind, or one of a newer version (both
 * numbers are in the text); RUAD_TEMP: cannot be opened or written now. */
RUAD_NODISCARD enum ruad_status ruad_migrate_open(const char *path,
    const struct ruad_schema *schema, unsigned busy_msecs, sqlite3 **out,
    struct ruad_err *err);

#endif
