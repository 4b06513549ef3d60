/* fault_vfs.c - passes everything on to the system's file layer. */
#include "fault_vfs.h"
#include <sqlite3.h>
#include <stddef.h>
#include <string.h>

struct fault_file {
	sqlite3_file base;
	sqlite3_file *real; /* behind this struct */
};

static struct {
	unsigned nth, calls;
	int rc;
	bool stay;
} fault;

static sqlite3_vfs vfs;
static sqlite3_vfs *real_vfs;

static sqlite3_file *
real_of(sqlite3_file *file)
{
	return ((struct fault_file *)file)->real;
}

static int
fault_now(void)
{
	fault.calls++;
	if (fault.nth == 0 || fault.calls < fault.nth)
		return SQLITE_OK;
	return fault.calls == fault.nth || fault.stay ? fault.rc : SQLITE_OK;
}

static int
file_close(sqlite3_file *f)
{
	return real_of(f)->pMethods->xClose(real_of(f));
}

static int
file_read(sqlite3_file *f, void *buf, int n, sqlite3_int64 at)
{
	return real_of(f)->pMethods->xRead(real_of(f), buf, n, at);
}

static int
file_write(sqlite3_file *f, const void *buf, int n, sqlite3_int64 at)
{
	int rc = fault_now();

	if (rc != SQLITE_OK)
		return rc;
	return real_of(f)->pMethods->xWrite(real_of(f), buf, n, at);
}

static int
file_truncate(sqlite3_file *f, sqlite3_int64 size)
{
	int rc = fault_now();

	if (rc != SQLITE_OK)
		return rc;
	return real_of(f)->pMethods->xTruncate(real_of(f), size);
}

static int
file_sync(sqlite3_file *f, int flags)
{
	int rc = fault_now();

	if (rc != SQLITE_OK)
		return rc;
	return real_of(f)->pMethods->xSync(real_of(f), flags);
}

static int
file_size(sqlite3_file *f, sqlite3_int64 *size)
{
	return real_of(f)->pMethods->xFileSize(real_of(f), size);
}

static int
file_lock(sqlite3_file *f, int level)
{
	return real_of(f)->pMethods->xLock(real_of(f), level);
}

static int
file_unlock(sqlite3_file *f, int level)
{
	return real_of(f)->pMethods->xUnlock(real_of(f), level);
}

static int
file_check_lock(sqlite3_file *f, int *out)
{
	return real_of(f)->pMethods->xCheckReservedLock(real_of(f), out);
}

static int
file_control(sqlite3_file *f, int op, void *arg)
{
	return real_of(f)->pMethods->xFileControl(real_of(f), op, arg);
}

static int
file_sector_size(sqlite3_file *f)
{
	return real_of(f)->pMethods->xSectorSize(real_of(f));
}

static int
file_traits(sqlite3_file *f)
{
	return real_of(f)->pMethods->xDeviceCharacteristics(real_of(f));
}

static int
file_shm_map(sqlite3_file *f, int page, int size, int extend,
    void volatile **out)
{
	return real_of(f)->pMethods->xShmMap(real_of(f), page, size, extend,
	    out);
}

static int
file_shm_lock(sqlite3_file *f, int offset, int n, int flags)
{
	return real_of(f)->pMethods->xShmLock(real_of(f), offset, n, flags);
}

static void
file_shm_barrier(sqlite3_file *f)
{
	real_of(f)->pMethods->xShmBarrier(real_of(f));
}

static int
file_shm_unmap(sqlite3_file *f, int del)
{
	return real_of(f)->pMethods->xShmUnmap(real_of(f), del);
}

static const sqlite3_io_methods methods = {
	.iVersion = 2,
	.xClose = file_close,
	.xRead = file_read,
	.xWrite = file_write,
	.xTruncate = file_truncate,
	.xSync = file_sync,
	.xFileSize = file_size,
	.xLock = file_lock,
	.xUnlock = file_unlock,
	.xCheckReservedLock = file_check_lock,
	.xFileControl = file_control,
	.xSectorSize = file_sector_size,
	.xDeviceCharacteristics = file_traits,
	.xShmMap = file_shm_map,
	.xShmLock = file_shm_lock,
	.xShmBarrier = file_shm_barrier,
	.xShmUnmap = file_shm_unmap,
};

static int
vfs_open(sqlite3_vfs *v, const char *name, sqlite3_file *file, int flags,
    int *flags_out)
{
	struct fault_file *f = (struct fault_file *)file;
	int rc;

	(void)v;
	f->real = (sqlite3_file *)(f + 1);
	f->real->pMethods = NULL;
	rc = real_vfs->xOpen(real_vfs, name, f->real, flags, flags_out);
	f->base.pMethods = f->real->pMethods != NULL ? &methods : NULL;
	return rc;
}

void
fault_vfs_install(void)
{
	if (real_vfs != NULL)
		return; /* a second time it would find itself */
	real_vfs = sqlite3_vfs_find(NULL);
	/* The rest of the layer knows nothing of open files. */
	memcpy(&vfs, real_vfs, sizeof(vfs));
	vfs.pNext = NULL;
	vfs.zName = "fault";
	vfs.szOsFile = (int)sizeof(struct fault_file) + real_vfs->szOsFile;
	vfs.xOpen = vfs_open;
	sqlite3_vfs_register(&vfs, 1);
}

void
fault_vfs_fail(unsigned nth, int rc, bool stay)
{
	fault.nth = nth;
	fault.rc = rc;
	fault.stay = stay;
	fault.calls = 0;
}

unsigned
fault_vfs_calls(void)
{
	return fault.calls;
}
