/* lock.h - the lock file that a running daemon holds, as others see it. */
#ifndef RUAD_TOOLS_LOCK_H
#define RUAD_TOOLS_LOCK_H
#include <sys/types.h>

/* The process id that a running daemon has written into its lock file, which
 * it holds locked: what a dead one has left is not believed. 0: none, and
 * *errno_out says why. */
pid_t ruad_lock_pid(const char *path, int *errno_out);

/* Take the lock, so that no daemon starts until the descriptor is closed. -1:
 * with *errno_out EWOULDBLOCK one runs, with ENOENT there is no directory for
 * it and thus none can; else the file cannot be used. */
int ruad_lock_take(const char *path, int *errno_out);

#endif
