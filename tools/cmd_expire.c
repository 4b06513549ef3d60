/* cmd_expire.c - let go of what is too old, at a pace that leaves the store to
 * those who take mail in. */
#include <limits.h>
#include <time.h>
#include "cmd.h"
#include "expire.h"
#include "stop.h"

#define DAY_SECS INT64_C(86400)
#define MSEC_NSECS 1000000

enum {
	/* Who waits for the store looks again after 25 ms at most for its
	 * first 125 ms: a transaction that is shorter than that, and a pause
	 * that is longer, let it in within the second pause. */
	STEP_MSECS = 40,
	PAUSE_MSECS = 30,
	ROWS_FIRST = 500,
	ROWS_MIN = 20,
	ROWS_MAX = 5000,
	/* Pages of the write-ahead log after which it is moved. */
	WAL_PAGES = 1000
};

static const struct ruad_column columns[] = {
	{ .name = "what", .title = "WHAT" },
	{ .name = "expired", .title = "EXPIRED", .kind = RUAD_COLUMN_INTEGER },
	{ .name = "bytes", .title = "BYTES", .kind = RUAD_COLUMN_INTEGER },
};

static const struct ruad_layout layout = {
	.columns = columns,
	.column_count = sizeof(columns) / sizeof(columns[0]),
};

static int64_t
now_msecs(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / MSEC_NSECS;
}

static void
pause_msecs(int64_t msecs)
{
	struct timespec t = { .tv_sec = msecs / 1000,
		.tv_nsec = (msecs % 1000) * MSEC_NSECS };

	nanosleep(&t, NULL);
}

/* After a transaction of `took` milliseconds leave the store to others, and
 * move the log where it has grown. */
static void
rest(struct ruad_store *store, int64_t took)
{
	if (ruad_store_wal_pages(store) >= WAL_PAGES)
		ruad_store_checkpoint(store);
	pause_msecs(took > PAUSE_MSECS ? took : PAUSE_MSECS);
}

static enum ruad_status
take_all(struct ruad_store *store, struct ruad_expire *e,
    const volatile sig_atomic_t *stop, struct ruad_err *err)
{
	int64_t rows = ROWS_FIRST, start, took;
	enum ruad_status st = RUAD_OK;

	while (st == RUAD_OK && !*stop) {
		start = now_msecs();
		st = ruad_expire_step(e, rows, err);
		took = now_msecs() - start;
		if (took > STEP_MSECS && rows > ROWS_MIN)
			rows /= 2;
		else if (took < STEP_MSECS / 2 && rows < ROWS_MAX)
			rows *= 2;
		if (st == RUAD_OK)
			rest(store, took);
	}
	return st == RUAD_END ? RUAD_OK : st;
}

/* Give free pages back; *pages_out counts them. */
static enum ruad_status
shrink(struct ruad_store *store, const volatile sig_atomic_t *stop,
    int64_t *pages_out, struct ruad_err *err)
{
	int64_t left = -1, before = 0, start;
	enum ruad_status st = RUAD_OK;

	*pages_out = 0;
	while (st == RUAD_OK && left != 0 && !*stop) {
		before = left;
		start = now_msecs();
		st = ruad_store_shrink(store, &left, err);
		if (st != RUAD_OK || left == before)
			break;
		if (before > left)
			*pages_out += before - left;
		rest(store, now_msecs() - start);
	}
	ruad_store_checkpoint(store);
	if (st == RUAD_OK && left > 0 && left == before)
		ruad_message("the free space of this store is used again, but "
			     "not given back: it was made without auto_vacuum");
	return st;
}

static bool
write_row(struct ruad_output *o, const char *what, int64_t count,
    const int64_t *bytes)
{
	json_t *row =
	    json_pack("{s:s, s:I}", "what", what, "expired", (json_int_t)count);

	if (row != NULL)
		json_object_set_new(row, "bytes",
		    bytes != NULL ? json_integer(*bytes) : json_null());
	return ruad_output_row(o, row);
}

/* What has gone, or would go. */
static enum ruad_exit
tell(struct ruad_ctl *ctl, const struct ruad_expire_totals *t)
{
	static const char *const names[RUAD_EXPIRE_COUNT] = {
		[RUAD_EXPIRE_RECORDS] = "records",
		[RUAD_EXPIRE_QUARANTINE] = "quarantine",
		[RUAD_EXPIRE_RAW] = "originals",
		[RUAD_EXPIRE_DAILY] = "daily sums",
		[RUAD_EXPIRE_REPORTS] = "reports",
	};
	struct ruad_output *o =
	    ruad_output_open(ctl->options.format, &layout, NULL);

	if (o == NULL) {
		ruad_message("out of memory");
		return RUAD_EXIT_TEMP;
	}
	for (int i = 0; i < RUAD_EXPIRE_COUNT; i++) {
		if (names[i] != NULL &&
		    !write_row(o, names[i], t->rows[i],
			i == RUAD_EXPIRE_RAW ? &t->raw_bytes : NULL))
			break;
	}
	return ruad_output_close(&o);
}

/* What the options mean today. Days are kept or go as a whole. */
static enum ruad_exit
read_settings(const struct ruad_options *o, struct ruad_expire_settings *set)
{
	int64_t now = (int64_t)time(NULL);
	int64_t raw_secs =
	    o->keep_raw_secs != 0 ? o->keep_raw_secs : o->keep_secs;

	if (o->keep_daily_secs != 0 && o->keep_secs == 0)
		return ruad_message_usage("--keep-daily needs --keep");
	if (o->keep_secs == 0 && o->keep_raw_secs == 0)
		return ruad_message_usage("say how long to keep things: --keep "
					  "or --keep-raw");
	if (o->keep_daily_secs != 0 && o->keep_daily_secs < o->keep_secs)
		return ruad_message_usage("--keep-daily must not be shorter "
					  "than --keep");
	*set = (struct ruad_expire_settings){
		.records_day = INT64_MIN,
		.raw_epoch = now - raw_secs,
		.quarantine_epoch = INT64_MIN,
		.daily_day = INT64_MIN,
		.mail_epoch = INT64_MIN,
		.domain = o->domain,
	};
	if (o->keep_secs != 0) {
		set->records_day = (now - o->keep_secs) / DAY_SECS;
		set->quarantine_epoch = now - o->keep_secs;
	}
	if (o->keep_daily_secs != 0) {
		set->daily_day = (now - o->keep_daily_secs) / DAY_SECS;
		set->mail_epoch = now - o->keep_daily_secs;
		set->sources = true;
	}
	return RUAD_EXIT_OK;
}

static enum ruad_exit
expire(struct ruad_ctl *ctl, struct ruad_store *store, struct ruad_expire *e)
{
	const volatile sig_atomic_t *stop = ruad_stop_catch();
	bool dry_run = (ctl->options.given & RUAD_OPTION(DRY_RUN)) != 0;
	enum ruad_exit status;
	enum ruad_status st;
	struct ruad_err err;
	int64_t pages = 0;

	st = dry_run ? ruad_expire_count(e, &err)
		     : take_all(store, e, stop, &err);
	if (st == RUAD_OK && !dry_run)
		st = shrink(store, stop, &pages, &err);
	status = tell(ctl, ruad_expire_totals(e));
	if (pages > 0)
		ruad_message("%lld pages of the file have been given back",
		    (long long)pages);
	if (st != RUAD_OK)
		return ruad_message_failure(&err);
	if (*stop) {
		ruad_message("stopped. What is listed has gone; the same "
			     "command goes on");
		return RUAD_EXIT_TEMP;
	}
	return status;
}

enum ruad_exit
ruad_cmd_expire(struct ruad_ctl *ctl)
{
	struct ruad_expire_settings set;
	enum ruad_exit status = read_settings(&ctl->options, &set);
	struct ruad_store *store = NULL;
	struct ruad_expire *e = NULL;
	enum ruad_status st;
	struct ruad_err err;

	if (status == RUAD_EXIT_OK)
		status = ruad_ctl_open_store(ctl, &store);
	if (status != RUAD_EXIT_OK)
		return status;
	st = ruad_expire_new(store, &set, &e, &err);
	if (st != RUAD_OK)
		status = ruad_message_failure(&err);
	else
		status = expire(ctl, store, e);
	ruad_expire_free(&e);
	ruad_store_close(&store);
	return status;
}
