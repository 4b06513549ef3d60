/* fault_vfs.h - an SQLite file layer that fails when told: a full disk or a
 * broken one at the Nth write, or a power failure, after which what was not
 * synced may be gone. For one thread. */
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

/* Remember from now on what has been synced of each file. */
void fault_vfs_track(void);

/* What may be left of bytes that were written and not synced. */
enum fault_vfs_loss { FAULT_LOSS_ALL, FAULT_LOSS_NONE, FAULT_LOSS_SOME };

/* After the power failed at some call (fault_vfs_fail() with `stay`) and all
 * databases have been closed: give the files that were opened since
 * fault_vfs_track() the content that a disk could have now. Of what is lost, each sector is
 * lost or kept as a whole, by chance from `seed`. */
void fault_vfs_power_on(enum fault_vfs_loss loss, unsigned seed);

#endif
