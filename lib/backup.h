/* backup.h - a store copied as a file, consistent while others write it, and
 * proved to be sound before it gets its name. */
#ifndef RUAD_BACKUP_H
#define RUAD_BACKUP_H
#include "err.h"
#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* Told of the progress, in pages; false: the copy is to be given up. */
typedef bool ruad_backup_tell(int64_t done, int64_t total, void *arg);

/* Copy what `from` sees, of which a snapshot is open, to the new file `path`,
 * of mode 0640 less the umask, and flush it to the disk. On failure the file is
 * removed again, if it was made here. RUAD_BAD: there is such a file already, or
 * no such directory; RUAD_END: given up; RUAD_TEMP: this host failed. */
RUAD_NODISCARD enum ruad_status ruad_backup_copy(sqlite3 *from,
    const char *path, ruad_backup_tell *tell, void *arg, struct ruad_err *err);

/* Read all of a file that nobody writes: a store of a version that this program
 * knows, and sound. RUAD_BAD: it is not; RUAD_TEMP: this host failed. */
RUAD_NODISCARD enum ruad_status ruad_backup_verify(const char *path,
    struct ruad_err *err);

/* Give the file another name in one step, for good. RUAD_BAD: the name is
 * taken, and stays; RUAD_TEMP: this host failed. */
RUAD_NODISCARD enum ruad_status ruad_backup_rename(const char *from,
    const char *to, struct ruad_err *err);

#endif
