/* data.c - one writer handle behind a lock, for the thread and for requests
 * that have changed something; idle read handles, which keep no snapshot. */
#include "data.h"
#include <pthread.h>
#include <stdlib.h>
#include <syslog.h>
#include <time.h>
#include "answers.h"
#include "rollup.h"
#include "sql.h"

enum {
	LOOK_SECS = 2, /* between two looks at the store */
	THOROUGH_SECS = 600,
	RETRY_SECS = 10, /* where something failed */
	FOLLOW_MSECS = 1000,
	PAUSE_MSECS = 5, /* between two days that are counted */
	IDLE_MAX = 8,
	QUERY_SECS = 5,
	STEPS = 10000 /* of SQLite between two looks at the clock */
};

struct reader {
	sqlite3 *db; /* owned */
	int64_t deadline_msecs;
	struct reader *next;
};

struct ruad_data {
	const struct ruad_conf *conf; /* borrowed, as is the log */
	struct ruad_log *log;
	struct ruad_orgdom *orgdom; /* owned, as all below */
	struct ruad_roll_bounds bounds;
	struct ruad_answers *answers;
	pthread_mutex_t write_lock; /* of the writer */
	struct ruad_rollup *rollup; /* NULL: not open yet */
	pthread_mutex_t lock; /* of all below */
	pthread_cond_t wake;
	struct reader *idle, *busy;
	unsigned idle_count;
	pthread_t thread;
	bool started, stop;
};

static int64_t
now_msecs(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

enum ruad_status
ruad_data_new(const struct ruad_conf *conf, struct ruad_log *log,
    struct ruad_data **out, struct ruad_err *err)
{
	struct ruad_data *d = *out = calloc(1, sizeof(*d));
	const char *list = conf->public_suffix_list;
	enum ruad_status st;

	if (d == NULL)
		return ruad_fail_memory(err, "data");
	pthread_mutex_init(&d->write_lock, NULL);
	pthread_mutex_init(&d->lock, NULL);
	pthread_cond_init(&d->wake, NULL);
	d->conf = conf;
	d->log = log;
	d->bounds = (struct ruad_roll_bounds){ .ready = conf->ready,
		.days_quarantine = conf->ready_days_quarantine,
		.days_reject = conf->ready_days_reject };
	d->answers = ruad_answers_new();
	st = d->answers != NULL
	    ? ruad_orgdom_open(list[0] != '\0' ? list : NULL, &d->orgdom, err)
	    : ruad_fail_memory(err, "data");
	if (st != RUAD_OK)
		ruad_data_free(out);
	return st;
}

/* The writer; with its lock held. */
static enum ruad_status
open_writer(struct ruad_data *d, struct ruad_err *err)
{
	const struct ruad_rollup_settings set = { .path = d->conf->web.store,
		.store = d->conf->store,
		.orgdom = d->orgdom,
		.bounds = d->bounds };

	return d->rollup != NULL ? RUAD_OK
				 : ruad_rollup_open(&set, &d->rollup, err);
}

static bool
is_stopped(struct ruad_data *d)
{
	bool stop;

	pthread_mutex_lock(&d->lock);
	stop = d->stop;
	pthread_mutex_unlock(&d->lock);
	return stop;
}

/* Others write to the same file, and look for a gap now and then. Who waits for
 * the end does not make them. */
static void
pause_for(enum ruad_status st, int64_t until_msecs)
{
	const struct timespec gap = { .tv_nsec = PAUSE_MSECS * 1000000 };

	if (st == RUAD_OK && until_msecs == INT64_MAX)
		nanosleep(&gap, NULL);
}

/* Look for what is new, and count until that is done or the time is over. */
static enum ruad_status
follow(struct ruad_data *d, bool thorough, int64_t until_msecs,
    struct ruad_err *err)
{
	enum ruad_status st;

	pthread_mutex_lock(&d->write_lock);
	st = open_writer(d, err);
	if (st == RUAD_OK)
		st = ruad_rollup_look(d->rollup, thorough, err);
	pthread_mutex_unlock(&d->write_lock);
	while (st == RUAD_OK && !is_stopped(d)) {
		/* Requests that have changed something come in between. */
		pthread_mutex_lock(&d->write_lock);
		st = ruad_rollup_step(d->rollup, err);
		pthread_mutex_unlock(&d->write_lock);
		pause_for(st, until_msecs);
		if (now_msecs() > until_msecs)
			return st == RUAD_END ? RUAD_OK : st;
	}
	if (st != RUAD_END)
		return st;
	pthread_mutex_lock(&d->write_lock);
	st = ruad_rollup_judge(d->rollup, (int64_t)time(NULL) / 86400, err);
	pthread_mutex_unlock(&d->write_lock);
	return st;
}

enum ruad_status
ruad_data_follow(struct ruad_data *d, bool thorough, struct ruad_err *err)
{
	return follow(d, thorough, now_msecs() + FOLLOW_MSECS, err);
}

enum ruad_status
ruad_data_mark(struct ruad_data *d, const char *domain, const char *label,
    bool parked, struct ruad_err *err)
{
	enum ruad_status st;

	pthread_mutex_lock(&d->write_lock);
	st = open_writer(d, err);
	if (st == RUAD_OK)
		st = ruad_rollup_mark(d->rollup, domain, label, parked, err);
	pthread_mutex_unlock(&d->write_lock);
	return st;
}

/* Wait; false: the program stops. */
static bool
wait_secs(struct ruad_data *d, int secs)
{
	struct timespec until;
	bool stop;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += secs;
	pthread_mutex_lock(&d->lock);
	if (!d->stop)
		pthread_cond_timedwait(&d->wake, &d->lock, &until);
	stop = d->stop;
	pthread_mutex_unlock(&d->lock);
	return !stop;
}

/* A failure is told once, until something works again. */
static void *
keep_rolled(void *arg)
{
	struct ruad_data *d = arg;
	int64_t thorough_at = 0;
	bool told = false;

	do {
		struct ruad_err err = { .status = RUAD_OK };
		int64_t now = now_msecs();
		bool thorough = now >= thorough_at;
		enum ruad_status st = follow(d, thorough, INT64_MAX, &err);

		if (st == RUAD_OK) {
			if (thorough)
				thorough_at = now + THOROUGH_SECS * 1000;
			told = false;
		} else if (!told) {
			ruad_log_write(d->log, LOG_WARNING,
			    "the sums of the console are not kept: %s",
			    err.text);
			told = true;
		}
		if (!wait_secs(d, st == RUAD_OK ? LOOK_SECS : RETRY_SECS))
			break;
	} while (true);
	return NULL;
}

enum ruad_status
ruad_data_start(struct ruad_data *d, struct ruad_err *err)
{
	if (pthread_create(&d->thread, NULL, keep_rolled, d) != 0)
		return ruad_fail(err, RUAD_TEMP, RUAD_OUR_BUSY,
		    "data: no thread can be started");
	d->started = true;
	return RUAD_OK;
}

/* Readers */

static int
is_late(void *arg)
{
	const struct reader *r = arg;

	return now_msecs() > r->deadline_msecs;
}

static void
reader_free(struct reader *r)
{
	ruad_roll_close(&r->db);
	free(r);
}

static struct reader *
take_idle(struct ruad_data *d)
{
	struct reader *r;

	pthread_mutex_lock(&d->lock);
	r = d->idle;
	if (r != NULL) {
		d->idle = r->next;
		d->idle_count--;
	}
	pthread_mutex_unlock(&d->lock);
	return r;
}

enum ruad_status
ruad_data_get(struct ruad_data *d, sqlite3 **out, struct ruad_err *err)
{
	struct reader *r = take_idle(d);
	enum ruad_status st = RUAD_OK;

	*out = NULL;
	if (r == NULL) {
		r = calloc(1, sizeof(*r));
		st = r != NULL
		    ? ruad_roll_open(d->conf->web.store, d->conf->store,
			  RUAD_ROLL_READ, &r->db, err)
		    : ruad_fail_memory(err, "data");
	}
	/* Reading takes the snapshots. */
	if (st == RUAD_OK)
		st = ruad_sql_exec(r->db,
		    "BEGIN; SELECT count(*) FROM main.sqlite_schema;"
		    "SELECT count(*) FROM store.sqlite_schema",
		    err);
	if (st != RUAD_OK) {
		if (r != NULL)
			reader_free(r);
		return st;
	}
	r->deadline_msecs = now_msecs() + QUERY_SECS * 1000;
	sqlite3_progress_handler(r->db, STEPS, is_late, r);
	pthread_mutex_lock(&d->lock);
	r->next = d->busy;
	d->busy = r;
	pthread_mutex_unlock(&d->lock);
	*out = r->db;
	return RUAD_OK;
}

void
ruad_data_put(struct ruad_data *d, sqlite3 **db)
{
	struct reader **at, *r;
	bool keep;

	if (*db == NULL)
		return;
	pthread_mutex_lock(&d->lock);
	for (at = &d->busy; (*at)->db != *db;)
		at = &(*at)->next;
	r = *at;
	*at = r->next;
	keep = d->idle_count < IDLE_MAX;
	pthread_mutex_unlock(&d->lock);
	*db = NULL;
	sqlite3_progress_handler(r->db, 0, NULL, NULL);
	if (sqlite3_exec(r->db, "COMMIT", NULL, NULL, NULL) != SQLITE_OK ||
	    !keep) {
		reader_free(r);
		return;
	}
	pthread_mutex_lock(&d->lock);
	r->next = d->idle;
	d->idle = r;
	d->idle_count++;
	pthread_mutex_unlock(&d->lock);
}

const struct ruad_roll_bounds *
ruad_data_bounds(const struct ruad_data *d)
{
	return &d->bounds;
}

char *
ruad_data_find(struct ruad_data *d, const char *key, int64_t version,
    size_t *len_out)
{
	return ruad_answers_find(d->answers, key, version, len_out);
}

void
ruad_data_keep(struct ruad_data *d, const char *key, int64_t version,
    const char *bytes, size_t len)
{
	ruad_answers_keep(d->answers, key, version, bytes, len);
}

void
ruad_data_free(struct ruad_data **data)
{
	struct ruad_data *d = *data;
	struct reader *r;

	if (d == NULL)
		return;
	pthread_mutex_lock(&d->lock);
	d->stop = true;
	pthread_cond_signal(&d->wake);
	pthread_mutex_unlock(&d->lock);
	if (d->started)
		pthread_join(d->thread, NULL);
	while ((r = d->idle) != NULL) {
		d->idle = r->next;
		reader_free(r);
	}
	ruad_rollup_close(&d->rollup);
	ruad_answers_free(&d->answers);
	ruad_orgdom_close(&d->orgdom);
	pthread_cond_destroy(&d->wake);
	pthread_mutex_destroy(&d->lock);
	pthread_mutex_destroy(&d->write_lock);
	free(d);
	*data = NULL;
}
