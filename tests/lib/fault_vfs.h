/* fault_vfs.h - an SQLite file layer that fails when told: a full disk or a
 * broken one at the Nth write. For one thread. */
#ifndef FAULT_VFS_H
#define FAULT_VFS_H
#include <stdbool.h>

/* From now on every database is opened through it. */
void fault_vfs_install(void);

/* Fail the nth write, sync or truncation from now, counted from 1, with this
 * SQLite code; where `stay` is set, all that follow too. 0: none. */
void fault_vfs_fail(unsigned nth, int rc, bool stay);

/* Calls counted since fault_vfs_fail(). */
unsigned fault_vfs_calls(void);

#endif
