/* power.c - the power fails at the Nth write, sync or truncation, for N from 1
 * until a whole run has fewer: what was answered for is there afterwards, what
 * is there is whole, and what was not answered for can be sent again. Whatever
 * the disk made of the bytes that had not been synced. TAP on standard
 * output. */
#include <sqlite3.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "audit.h"
#include "fault_vfs.h"
#include "make_report.h"
#include "store.h"
#include "temp_dir.h"

enum {
	MAILS = 12, /* of a run */
	BATCH = 3, /* that wait together */
	CHECKPOINT = 2 /* batches between two checkpoints */
};

static const struct ruad_store_settings settings = { .busy_msecs = 0 };

static struct ruad_delivery *
mail(unsigned number)
{
	char id[16];
	const struct make_report m = { .id = id,
		.begin = 1700000000 + 86400 * (number % 5),
		.records = 1 + number * 7 % 23,
		.first_ip = 0x0a000000 + number * 3,
		.ip_step = 1 };

	snprintf(id, sizeof(id), "%u", number);
	return make_delivery(number, &m);
}

/* Put the mails in batches, until something fails. answered[i] is set where
 * the sender of mail i would not send it again. */
static bool
send_all(const char *path, bool *answered)
{
	struct ruad_delivery *batch[BATCH];
	struct ruad_store *s;
	struct ruad_err err;
	bool ok = true;
	unsigned i, j;

	if (ruad_store_open(path, &settings, &s, &err) != RUAD_OK)
		return false;
	for (i = 0; ok && i < MAILS; i += BATCH) {
		for (j = 0; j < BATCH; j++)
			batch[j] = mail(i + j);
		ok = ruad_store_put(s, batch, BATCH, &err) == RUAD_OK;
		for (j = 0; j < BATCH; j++) {
			if (batch[j]->outcome != RUAD_ERROR)
				answered[i + j] = true;
			ruad_delivery_free(&batch[j]);
		}
		if (i / BATCH % CHECKPOINT == CHECKPOINT - 1)
			ruad_store_checkpoint(s);
	}
	ruad_store_close(&s);
	return ok;
}

static bool
is_sound(const char *path)
{
	struct ruad_audit_result found;
	sqlite3 *db;
	bool ok = true;
	int i;

	if (sqlite3_open(path, &db) != SQLITE_OK)
		abort();
	for (i = 0; i < RUAD_AUDIT_COUNT; i++) {
		if (ruad_audit_run(db, (enum ruad_audit)i, &found, NULL) !=
			RUAD_OK ||
		    found.count > 0) {
			printf("# %s: %s\n", found.name, found.text);
			ok = false;
		}
	}
	sqlite3_close(db);
	return ok;
}

/* Each mail again: what was answered is a copy, and at the end all is there. */
static bool
send_again(const char *path, const bool *answered)
{
	struct ruad_delivery *d;
	struct ruad_store *s;
	struct ruad_err err;
	bool ok = true;
	unsigned i;

	if (ruad_store_open(path, &settings, &s, &err) != RUAD_OK) {
		printf("# cannot be opened: %s\n", err.text);
		return false;
	}
	for (i = 0; i < MAILS; i++) {
		d = mail(i);
		if (ruad_store_put(s, &d, 1, &err) != RUAD_OK ||
		    (answered[i] && d->outcome != RUAD_DUPLICATE)) {
			printf("# mail %u: %s\n", i,
			    ruad_outcome_word(d->outcome));
			ok = false;
		}
		ruad_delivery_free(&d);
	}
	ruad_store_close(&s);
	return ok && is_sound(path);
}

/* One run; *ended_out: fewer than n calls. */
static bool
run(unsigned n, enum fault_vfs_loss loss, bool *ended_out)
{
	bool answered[MAILS] = { false };
	char path[200];

	temp_dir_enter();
	temp_dir_path(path, "store.db");
	fault_vfs_track();
	fault_vfs_fail(n, SQLITE_IOERR, true);
	send_all(path, answered);
	*ended_out = fault_vfs_calls() < n;
	fault_vfs_power_on(loss, n);
	return send_again(path, answered);
}

int
main(void)
{
	static const char *const names[] = { "all that was not synced is lost",
		"nothing is lost", "some of it is lost" };
	unsigned points, n, failures = 0;
	bool ok, ended;

	fault_vfs_install();
	temp_dir_set_up();
	for (points = 0; points < sizeof(names) / sizeof(*names); points++) {
		ok = true;
		ended = false;
		for (n = 1; ok && !ended; n++)
			ok = run(n, (enum fault_vfs_loss)points, &ended);
		printf("%sok %u - the power fails: %s: N to %u\n",
		    ok ? "" : "not ", points + 1, names[points], n - 1);
		fflush(stdout);
		failures += !ok;
	}
	printf("1..%u\n", points);
	temp_dir_tear_down();
	return failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
