/* fault_vfs.c - passes everything on to the system's file layer, and keeps a
 * copy of each file as it was when it was last synced. */
#include "fault_vfs.h"
#include <sqlite3.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SECTOR_BYTES ((size_t)512)
#define DISK_FILES 4 /* a database and its log, twice */

struct content {
	unsigned char *bytes; /* owned */
	size_t len;
};

struct disk_file {
	char *name; /* owned */
	struct content safe; /* what a power failure leaves for sure */
};

struct fault_file {
	sqlite3_file base;
	struct disk_file *disk; /* NULL: it has no name */
	sqlite3_file *real; /* behind this struct */
};

static struct {
	unsigned nth, calls;
	int rc;
	bool stay;
} fault;

static struct disk_file disk[DISK_FILES];
static size_t disk_count;
static bool tracking;

static sqlite3_vfs vfs;
static sqlite3_vfs *real_vfs;

static struct content
read_content(const char *name)
{
	struct content c = { NULL, 0 };
	FILE *f = fopen(name, "rb");
	long size;

	if (f == NULL)
		return c;
	if (fseek(f, 0, SEEK_END) != 0 || (size = ftell(f)) < 0)
		abort();
	rewind(f);
	c.len = (size_t)size;
	c.bytes = malloc(c.len + 1);
	if (c.bytes == NULL || fread(c.bytes, 1, c.len, f) != c.len)
		abort();
	fclose(f);
	return c;
}

static struct disk_file *
find_disk(const char *name)
{
	size_t i;

	for (i = 0; i < disk_count; i++)
		if (strcmp(disk[i].name, name) == 0)
			return &disk[i];
	if (disk_count == DISK_FILES)
		abort();
	disk[i].name = strdup(name);
	if (disk[i].name == NULL)
		abort();
	disk[i].safe = read_content(name);
	return &disk[disk_count++];
}

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
	struct disk_file *d = ((struct fault_file *)f)->disk;
	int rc = fault_now();

	if (rc != SQLITE_OK)
		return rc;
	if (d == NULL)
		return real_of(f)->pMethods->xSync(real_of(f), flags);
	/* The real disk has power and need not wait. */
	free(d->safe.bytes);
	d->safe = read_content(d->name);
	return SQLITE_OK;
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
	f->disk = tracking && name != NULL ? find_disk(name) : NULL;
	rc = real_vfs->xOpen(real_vfs, name, f->real, flags, flags_out);
	f->base.pMethods = f->real->pMethods != NULL ? &methods : NULL;
	return rc;
}

/* Without power nothing is deleted either. */
static int
vfs_delete(sqlite3_vfs *v, const char *name, int sync_dir)
{
	(void)v;
	if (fault.stay && fault.nth > 0 && fault.calls >= fault.nth)
		return SQLITE_IOERR_DELETE;
	return real_vfs->xDelete(real_vfs, name, sync_dir);
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
	vfs.xDelete = vfs_delete;
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

void
fault_vfs_track(void)
{
	tracking = true;
}

static unsigned
chance(unsigned *seed)
{
	*seed = *seed * 1103515245 + 12345;
	return *seed >> 16 & 1;
}

static void
write_content(const char *name, const struct content *c)
{
	FILE *f = fopen(name, "wb");

	if (f == NULL || fwrite(c->bytes, 1, c->len, f) != c->len ||
	    fclose(f) != 0)
		abort();
}

/* Make *now what is left of it, where *safe is for sure. */
static void
lose(struct content *now, const struct content *safe, enum fault_vfs_loss loss,
    unsigned *seed)
{
	struct content left = { NULL, now->len };
	size_t most = now->len > safe->len ? now->len : safe->len, at, n;

	if (loss == FAULT_LOSS_NONE)
		return;
	if (loss == FAULT_LOSS_ALL || chance(seed))
		left.len = safe->len;
	left.bytes = calloc(1, most + 1);
	if (left.bytes == NULL)
		abort();
	for (at = 0; at < left.len; at += n) {
		const struct content *from =
		    loss == FAULT_LOSS_ALL || chance(seed) ? safe : now;

		n = left.len - at < SECTOR_BYTES ? left.len - at : SECTOR_BYTES;
		if (at < from->len)
			memcpy(left.bytes + at, from->bytes + at,
			    from->len - at < n ? from->len - at : n);
	}
	free(now->bytes);
	*now = left;
}

void
fault_vfs_power_on(enum fault_vfs_loss loss, unsigned seed)
{
	struct content now;
	char shared[300];
	size_t i;

	fault_vfs_fail(0, SQLITE_OK, false);
	for (i = 0; i < disk_count; i++) {
		now = read_content(disk[i].name);
		if (now.bytes != NULL) {
			lose(&now, &disk[i].safe, loss, &seed);
			write_content(disk[i].name, &now);
		}
		snprintf(shared, sizeof(shared), "%s-shm", disk[i].name);
		unlink(shared);
		free(now.bytes);
		free(disk[i].safe.bytes);
		free(disk[i].name);
	}
	disk_count = 0;
	tracking = false;
}
