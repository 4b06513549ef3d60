/* check_writer.c - the writer: many callers, one file. */
#include <pthread.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "check_main.h"
#include "make_report.h"
#include "rig.h"
#include "temp_dir.h"
#include "writer.h"

static char path[200];

static void
new_path(void)
{
	temp_dir_enter();
	temp_dir_path(path, "store.db");
}

static struct ruad_writer *
start_gathering(unsigned busy_msecs, size_t queue_max, size_t batch_max,
    unsigned gather_msecs)
{
	struct ruad_store_settings ss = { .busy_msecs = busy_msecs };
	struct ruad_writer_settings ws = { queue_max, batch_max, gather_msecs };
	struct ruad_store *s;
	struct ruad_writer *w;

	s = rig_open_store(path, &ss);
	ck_assert_int_eq(ruad_writer_start(&s, &ws, &w, NULL), RUAD_OK);
	ck_assert_ptr_null(s);
	return w;
}

static struct ruad_writer *
start(unsigned busy_msecs, size_t queue_max, size_t batch_max)
{
	return start_gathering(busy_msecs, queue_max, batch_max, 0);
}

static sqlite3 *
open_other(void)
{
	sqlite3 *db;

	ck_assert_int_eq(sqlite3_open(path, &db), SQLITE_OK);
	sqlite3_busy_timeout(db, 10000);
	return db;
}

static void
run(sqlite3 *db, const char *sql)
{
	ck_assert_int_eq(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
}

static int
ask_int(const char *sql)
{
	sqlite3 *db = open_other();
	sqlite3_stmt *stmt;
	int answer;

	ck_assert_int_eq(sqlite3_prepare_v2(db, sql, -1, &stmt, NULL),
	    SQLITE_OK);
	ck_assert_int_eq(sqlite3_step(stmt), SQLITE_ROW);
	answer = sqlite3_column_int(stmt, 0);
	sqlite3_finalize(stmt);
	sqlite3_close(db);
	return answer;
}

/* A mail with one report of ten messages, both of this number. */
static struct ruad_delivery *
numbered(unsigned number)
{
	char id[20];

	snprintf(id, sizeof(id), "%u", number);
	return make_delivery(number,
	    &(struct make_report){ .id = id,
		.records = 5,
		.messages = 2,
		.ip_step = number });
}

static enum ruad_outcome
put(struct ruad_writer *w, unsigned number)
{
	struct ruad_delivery *d = numbered(number);
	enum ruad_outcome outcome;

	ck_assert_int_eq(ruad_writer_put(w, &d, 0, NULL), RUAD_OK);
	outcome = d->outcome;
	ruad_delivery_free(&d);
	return outcome;
}

START_TEST(one_after_another)
{
	struct ruad_writer *w = start(1000, 10, 10);
	struct ruad_writer_stats stats;

	ck_assert_int_eq(put(w, 1), RUAD_STORED);
	ck_assert_int_eq(put(w, 1), RUAD_DUPLICATE);
	ck_assert_int_eq(put(w, 2), RUAD_STORED);
	ruad_writer_stats(w, &stats);
	ck_assert_uint_eq(stats.batches, 3);
	ck_assert_uint_eq(stats.deliveries, 3);
	ck_assert_uint_eq(stats.failed_batches, 0);
	ck_assert_uint_eq(stats.queued, 0);
	ruad_writer_stop(&w);
	ck_assert_ptr_null(w);
	ruad_writer_stop(&w);
	ck_assert_int_eq(ask_int("SELECT sum(messages) FROM v_record"), 20);
	ck_assert_int_ne(access("store.db-wal", F_OK), 0);
}
END_TEST

enum { THREADS = 8, EACH = 40 };

static void *
put_many(void *arg)
{
	struct ruad_writer *w = arg;
	static atomic_uint next;
	unsigned first = atomic_fetch_add(&next, 1) * EACH / 2;
	unsigned i;

	/* Each report is put by two threads, and stored once. */
	for (i = 0; i < EACH; i++)
		ck_assert_int_ne(put(w, (first + i) % (THREADS * EACH / 2)),
		    RUAD_ERROR);
	return NULL;
}

START_TEST(many_threads)
{
	static const size_t batch[] = { 1, 3, 64 };
	struct ruad_writer *w = start(5000, 100, batch[_i]);
	struct ruad_writer_stats stats;
	pthread_t thread[THREADS];
	unsigned i;

	for (i = 0; i < THREADS; i++)
		ck_assert_int_eq(pthread_create(&thread[i], NULL, put_many, w),
		    0);
	for (i = 0; i < THREADS; i++)
		pthread_join(thread[i], NULL);
	ruad_writer_stats(w, &stats);
	ck_assert_uint_eq(stats.deliveries, THREADS * EACH);
	ruad_writer_stop(&w);
	ck_assert_int_eq(ask_int("SELECT count(*) FROM v_report"),
	    THREADS * EACH / 2);
	ck_assert_int_eq(ask_int("SELECT sum(messages) FROM v_record"),
	    THREADS * EACH / 2 * 10);
	ck_assert_int_eq(ask_int("SELECT sum(messages) FROM v_daily"),
	    THREADS * EACH / 2 * 10);
}
END_TEST

/* Waits in the thread that it is given, until `gate` is opened. */
struct gate {
	pthread_mutex_t mutex;
	pthread_cond_t cond;
	bool open;
	unsigned done, stored;
};

static void
gate_init(struct gate *g, bool open)
{
	memset(g, 0, sizeof(*g));
	pthread_mutex_init(&g->mutex, NULL);
	pthread_cond_init(&g->cond, NULL);
	g->open = open;
}

static void
gate_open(struct gate *g)
{
	pthread_mutex_lock(&g->mutex);
	g->open = true;
	pthread_cond_broadcast(&g->cond);
	pthread_mutex_unlock(&g->mutex);
}

static void
pass_gate(struct ruad_delivery *d, void *arg)
{
	struct gate *g = arg;

	pthread_mutex_lock(&g->mutex);
	g->done++;
	if (d->outcome == RUAD_STORED)
		g->stored++;
	pthread_cond_broadcast(&g->cond);
	while (!g->open)
		pthread_cond_wait(&g->cond, &g->mutex);
	pthread_mutex_unlock(&g->mutex);
	ruad_delivery_free(&d);
}

/* The writer's thread has come to the gate with this many. */
static void
await(struct gate *g, unsigned done)
{
	pthread_mutex_lock(&g->mutex);
	while (g->done < done)
		pthread_cond_wait(&g->cond, &g->mutex);
	pthread_mutex_unlock(&g->mutex);
}

START_TEST(queue_full)
{
	struct ruad_writer *w = start(1000, 2, 10);
	struct ruad_writer_stats stats;
	struct ruad_delivery *d = numbered(4);
	struct ruad_err err = { 0 };
	struct gate g;

	gate_init(&g, false);
	ruad_writer_submit(w, numbered(1), pass_gate, &g);
	await(&g, 1);
	ruad_writer_submit(w, numbered(2), pass_gate, &g);
	ruad_writer_submit(w, numbered(3), pass_gate, &g);
	ck_assert_int_eq(ruad_writer_put(w, &d, 0, &err), RUAD_TEMP);
	ck_assert_int_eq(err.code, RUAD_OUR_BUSY);
	ck_assert_ptr_nonnull(strstr(err.text, "full"));
	ck_assert_ptr_nonnull(d);
	ck_assert_int_eq(d->outcome, RUAD_OUTCOME_NONE);
	ruad_writer_stats(w, &stats);
	ck_assert_uint_eq(stats.queue_full, 1);
	ck_assert_uint_eq(stats.queued, 2);
	gate_open(&g);
	await(&g, 3);
	ck_assert_int_eq(ruad_writer_put(w, &d, 0, &err), RUAD_OK);
	ck_assert_int_eq(d->outcome, RUAD_STORED);
	ruad_delivery_free(&d);
	ruad_writer_stop(&w);
	ck_assert_uint_eq(g.stored, 3);
}
END_TEST

/* The answer comes too late: the writer keeps the delivery, and stores it. */
START_TEST(abandoned_wait)
{
	struct ruad_writer *w = start(1000, 10, 10);
	struct ruad_delivery *d = numbered(2);
	struct ruad_err err = { 0 };
	struct gate g;

	gate_init(&g, false);
	ruad_writer_submit(w, numbered(1), pass_gate, &g);
	await(&g, 1);
	ck_assert_int_eq(ruad_writer_put(w, &d, 20, &err), RUAD_TEMP);
	ck_assert_int_eq(err.code, RUAD_OUR_BUSY);
	ck_assert_ptr_null(d);
	gate_open(&g);
	ck_assert_int_eq(put(w, 2), RUAD_DUPLICATE);
	ruad_writer_stop(&w);
	ck_assert_int_eq(ask_int("SELECT count(*) FROM v_report"), 2);
}
END_TEST

/* The same while its batch is being written: the store is locked. */
START_TEST(abandoned_in_batch)
{
	struct ruad_writer *w = start(60000, 10, 10);
	struct ruad_delivery *d = numbered(1);
	sqlite3 *db = open_other();

	run(db, "BEGIN IMMEDIATE");
	ck_assert_int_eq(ruad_writer_put(w, &d, 50, NULL), RUAD_TEMP);
	ck_assert_ptr_null(d);
	run(db, "COMMIT");
	sqlite3_close(db);
	ck_assert_int_eq(put(w, 1), RUAD_DUPLICATE);
	ruad_writer_stop(&w);
}
END_TEST

/* All that wait when the store turns out to be locked fail at once. */
START_TEST(busy_fails_queue)
{
	struct ruad_writer *w = start(200, 20, 2);
	struct ruad_writer_stats stats;
	sqlite3 *db = open_other();
	struct gate g;
	unsigned i;

	gate_init(&g, false);
	ruad_writer_submit(w, numbered(0), pass_gate, &g);
	await(&g, 1);
	run(db, "BEGIN IMMEDIATE");
	for (i = 1; i <= 15; i++)
		ruad_writer_submit(w, numbered(i), pass_gate, &g);
	gate_open(&g);
	await(&g, 16);
	ck_assert_uint_eq(g.stored, 1);
	ruad_writer_stats(w, &stats);
	ck_assert_uint_eq(stats.failed_batches, 1);
	ck_assert_uint_eq(stats.deliveries, 16);
	run(db, "COMMIT");
	sqlite3_close(db);
	ck_assert_int_eq(put(w, 1), RUAD_STORED);
	ruad_writer_stop(&w);
	ck_assert_int_eq(ask_int("SELECT count(*) FROM v_report"), 2);
}
END_TEST

static void *
submit_many(void *arg)
{
	void *const *args = arg;
	unsigned i;

	for (i = 0; i < 100; i++)
		ruad_writer_submit(args[0], numbered(i), pass_gate, args[1]);
	return NULL;
}

/* The queue is short, so that submission waits for room. */
START_TEST(stop_drains)
{
	struct ruad_writer *w = start(1000, 3, 2);
	struct gate g;
	void *args[] = { w, &g };
	pthread_t thread;

	gate_init(&g, true);
	ck_assert_int_eq(pthread_create(&thread, NULL, submit_many, args), 0);
	pthread_join(thread, NULL);
	ruad_writer_stop(&w);
	ck_assert_uint_eq(g.done, 100);
	ck_assert_uint_eq(g.stored, 100);
	ck_assert_int_eq(ask_int("SELECT count(*) FROM v_report"), 100);
}
END_TEST

/* A batch waits to be full, for as long as told or until there is a hurry. */
START_TEST(gathers)
{
	struct ruad_writer *w = start_gathering(1000, 10, 3, 600000);
	struct ruad_writer_stats stats;
	struct gate g;
	unsigned i;

	gate_init(&g, true);
	for (i = 1; i <= 3; i++)
		ruad_writer_submit(w, numbered(i), pass_gate, &g);
	await(&g, 3);
	ruad_writer_stats(w, &stats);
	ck_assert_uint_eq(stats.batches, 1);
	ruad_writer_submit(w, numbered(4), pass_gate, &g);
	ruad_writer_hurry(w);
	await(&g, 4);
	ruad_writer_submit(w, numbered(5), pass_gate, &g);
	await(&g, 5);
	ruad_writer_stop(&w);
	w = start_gathering(1000, 10, 3, 1);
	ruad_writer_submit(w, numbered(6), pass_gate, &g);
	await(&g, 6);
	ruad_writer_stop(&w);
	ck_assert_uint_eq(g.stored, 6);
}
END_TEST

static void *
stop(void *arg)
{
	struct ruad_writer *w = arg;

	ruad_writer_stop(&w);
	return NULL;
}

static void *
put_one(void *arg)
{
	ck_assert_int_eq(put(arg, 2), RUAD_STORED);
	return NULL;
}

/* Stop while a caller waits for its answer. */
START_TEST(stop_with_caller)
{
	struct ruad_writer *w = start(1000, 10, 1);
	struct ruad_writer_stats stats;
	struct gate g;
	pthread_t waiting, stopping;

	gate_init(&g, false);
	ruad_writer_submit(w, numbered(1), pass_gate, &g);
	await(&g, 1);
	ck_assert_int_eq(pthread_create(&waiting, NULL, put_one, w), 0);
	do {
		usleep(1000);
		ruad_writer_stats(w, &stats);
	} while (stats.queued == 0);
	ck_assert_int_eq(pthread_create(&stopping, NULL, stop, w), 0);
	gate_open(&g);
	pthread_join(waiting, NULL);
	pthread_join(stopping, NULL);
	ck_assert_int_eq(ask_int("SELECT count(*) FROM v_report"), 2);
}
END_TEST

/* More records than go into one batch are committed by themselves. */
START_TEST(large_alone)
{
	struct ruad_writer *w = start(1000, 10, 10);
	struct ruad_writer_stats stats;
	struct gate g;
	unsigned i;
	char id[10];

	gate_init(&g, false);
	ruad_writer_submit(w, numbered(1), pass_gate, &g);
	await(&g, 1);
	for (i = 2; i < 7; i++) {
		snprintf(id, sizeof(id), "%u", i);
		ruad_writer_submit(w,
		    make_delivery(i,
			&(struct make_report){ .id = id,
			    .records = i == 4 ? 21000 : 10 }),
		    pass_gate, &g);
	}
	gate_open(&g);
	await(&g, 6);
	ruad_writer_stats(w, &stats);
	ck_assert_uint_eq(stats.batches, 4);
	ruad_writer_stop(&w);
	ck_assert_uint_eq(g.stored, 6);
	ck_assert_int_eq(ask_int("SELECT count(*) FROM record"), 21045);
}
END_TEST

static Suite *
writer_suite(void)
{
	Suite *s = suite_create("writer");
	TCase *tc = tcase_create("writer");

	tcase_set_timeout(tc, 120);
	tcase_add_unchecked_fixture(tc, temp_dir_set_up, temp_dir_tear_down);
	tcase_add_checked_fixture(tc, new_path, NULL);
	tcase_add_test(tc, one_after_another);
	tcase_add_loop_test(tc, many_threads, 0, 3);
	tcase_add_test(tc, queue_full);
	tcase_add_test(tc, abandoned_wait);
	tcase_add_test(tc, abandoned_in_batch);
	tcase_add_test(tc, busy_fails_queue);
	tcase_add_test(tc, stop_drains);
	tcase_add_test(tc, gathers);
	tcase_add_test(tc, stop_with_caller);
	tcase_add_test(tc, large_alone);
	suite_add_tcase(s, tc);
	return s;
}

int
main(void)
{
	return run_suite(writer_suite());
}
