/* check_mail.c - mails in memory, in spool files and in files of others. */
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>
#include "check_main.h"
#include "mail.h"

static char dir[PATH_MAX];
static struct ruad_budget budget;
static struct ruad_mail_settings set;

static void
setup(void)
{
	const char *tmp = getenv("TMPDIR");

	snprintf(dir, sizeof(dir), "%s/ruad-mail.XXXXXX",
	    tmp != NULL ? tmp : "/tmp");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	budget = (struct ruad_budget){ .max = 0 };
	set = (struct ruad_mail_settings){ .spool_dir = dir,
		.memory_bytes = 10000,
		.message_bytes = 1000000,
		.budget = &budget };
}

static void
teardown(void)
{
	ck_assert_int_eq(rmdir(dir), 0);
}

static struct ruad_mail *
new_mail(void)
{
	struct ruad_mail *m;

	ck_assert_int_eq(ruad_mail_new(&set, 1700000000, &m, NULL), RUAD_OK);
	return m;
}

static bool
dir_is_empty(void)
{
	DIR *d = opendir(dir);
	struct dirent *e;
	int n = 0;

	ck_assert_ptr_nonnull(d);
	while ((e = readdir(d)) != NULL)
		n++;
	closedir(d);
	return n == 2;
}

/* A byte of the pattern that append_pattern() writes. */
static unsigned char
pattern(size_t i)
{
	return (unsigned char)(i * 7 + i / 251);
}

/* Append bytes of a pattern in pieces; the status of the first failure. */
static enum ruad_status
append_pattern(struct ruad_mail *m, size_t len, size_t piece,
    struct ruad_err *err)
{
	enum ruad_status st = RUAD_OK;
	size_t i, n, at = ruad_mail_size(m), end = at + len;
	unsigned char buf[1000];

	while (st == RUAD_OK && at < end) {
		n = end - at < piece ? end - at : piece;
		for (i = 0; i < n; i++)
			buf[i] = pattern(at + i);
		st = ruad_mail_append(m, buf, n, err);
		at += n;
	}
	return st;
}

static void
check_pattern(struct ruad_mail *m, size_t len)
{
	const unsigned char *data;
	size_t i, n, bad = 0;

	ck_assert_uint_eq(ruad_mail_size(m), len);
	ck_assert_int_eq(ruad_mail_bytes(m, &data, &n, NULL), RUAD_OK);
	ck_assert_uint_eq(n, len);
	for (i = 0; i < len; i++)
		bad += data[i] != pattern(i);
	ck_assert_uint_eq(bad, 0);
}

START_TEST(header_as_in_a_file)
{
	static const char want[] =
	    "Subject: a\n b\nX:  c\nY:d\nZ: \n\nbody\r\n";
	struct ruad_mail *m = new_mail();
	const unsigned char *data;
	size_t len;

	ck_assert_int_eq(ruad_mail_header(m, "Subject", "a\n b", false, NULL),
	    RUAD_OK);
	ck_assert_int_eq(ruad_mail_header(m, "X", "  c", true, NULL), RUAD_OK);
	ck_assert_int_eq(ruad_mail_header(m, "Y", "d", true, NULL), RUAD_OK);
	ck_assert_int_eq(ruad_mail_header(m, "Z", "", false, NULL), RUAD_OK);
	ck_assert_int_eq(ruad_mail_end_header(m, NULL), RUAD_OK);
	ck_assert_int_eq(ruad_mail_append(m, "body\r\n", 6, NULL), RUAD_OK);
	ck_assert_int_eq(ruad_mail_append(m, NULL, 0, NULL), RUAD_OK);
	ck_assert_int_eq(ruad_mail_bytes(m, &data, &len, NULL), RUAD_OK);
	ck_assert_uint_eq(len, sizeof(want) - 1);
	ck_assert_mem_eq(data, want, len);
	ruad_mail_free(&m);
	ck_assert_ptr_null(m);
	ruad_mail_free(&m);
}
END_TEST

START_TEST(facts)
{
	struct ruad_mail *m = new_mail();

	ck_assert_int_eq(ruad_mail_received(m), 1700000000);
	ruad_mail_set_received(m, 5);
	ck_assert_int_eq(ruad_mail_received(m), 5);
	ck_assert_ptr_null(ruad_mail_queue_id(m));
	ck_assert_ptr_null(ruad_mail_mail_from(m));
	ck_assert_ptr_null(ruad_mail_file_name(m));
	ck_assert_int_eq(ruad_mail_set_queue_id(m, "4XyZ"), RUAD_OK);
	ck_assert_int_eq(ruad_mail_set_mail_from(m, "a@b.example"), RUAD_OK);
	ck_assert_int_eq(ruad_mail_set_mail_from(m, ""), RUAD_OK);
	ck_assert_str_eq(ruad_mail_queue_id(m), "4XyZ");
	ck_assert_str_eq(ruad_mail_mail_from(m), "");
	ck_assert_int_eq(ruad_mail_set_queue_id(m, NULL), RUAD_OK);
	ck_assert_ptr_null(ruad_mail_queue_id(m));
	ruad_mail_free(&m);
}
END_TEST

START_TEST(empty)
{
	struct ruad_mail *m = new_mail();

	check_pattern(m, 0);
	ruad_mail_free(&m);
	ck_assert_int_eq(ruad_mail_borrow(NULL, 0, 0, &m, NULL), RUAD_OK);
	check_pattern(m, 0);
	ruad_mail_free(&m);
}
END_TEST

START_TEST(borrowed)
{
	const unsigned char *data;
	struct ruad_mail *m;
	size_t len;

	ck_assert_int_eq(ruad_mail_borrow("abc", 3, 9, &m, NULL), RUAD_OK);
	ck_assert_int_eq(ruad_mail_received(m), 9);
	ck_assert_int_eq(ruad_mail_bytes(m, &data, &len, NULL), RUAD_OK);
	ck_assert_uint_eq(len, 3);
	ck_assert_mem_eq(data, "abc", 3);
	ruad_mail_free(&m);
}
END_TEST

START_TEST(memory_at_the_bound)
{
	struct ruad_mail *m = new_mail();

	ck_assert_int_eq(append_pattern(m, 10000, 999, NULL), RUAD_OK);
	ck_assert_uint_eq(budget.used, 10000);
	check_pattern(m, 10000);
	ruad_mail_free(&m);
	ck_assert_uint_eq(budget.used, 0);
}
END_TEST

START_TEST(file_past_the_bound)
{
	struct ruad_mail *m = new_mail();

	ck_assert_int_eq(append_pattern(m, 10001, 999, NULL), RUAD_OK);
	ck_assert_uint_eq(budget.used, 0);
	ck_assert_int_eq(append_pattern(m, 500000, 777, NULL), RUAD_OK);
	ck_assert(dir_is_empty());
	check_pattern(m, 510001);
	check_pattern(m, 510001);
	ruad_mail_free(&m);
}
END_TEST

START_TEST(file_without_memory)
{
	struct ruad_mail *m;

	set.memory_bytes = 0;
	m = new_mail();
	ck_assert_int_eq(append_pattern(m, 3, 1, NULL), RUAD_OK);
	check_pattern(m, 3);
	ruad_mail_free(&m);
}
END_TEST

START_TEST(file_without_budget)
{
	struct ruad_mail *first, *second;
	const unsigned char *data;
	struct ruad_err err;
	size_t n;

	budget.max = 10000;
	first = new_mail();
	second = new_mail();
	ck_assert_int_eq(append_pattern(first, 4000, 100, NULL), RUAD_OK);
	ck_assert_uint_gt(budget.used, 0);
	/* The budget has no room for both: the second goes to a file. */
	ck_assert_int_eq(append_pattern(second, 9000, 100, NULL), RUAD_OK);
	ck_assert_uint_le(budget.used, 10000);
	check_pattern(first, 4000);
	/* Nor is there room to read it, before the first is done. */
	ck_assert_int_eq(ruad_mail_bytes(second, &data, &n, &err), RUAD_TEMP);
	ck_assert_int_eq(err.code, RUAD_OUR_MEMORY);
	ruad_mail_drop(first);
	ck_assert_uint_eq(ruad_mail_size(first), 4000);
	check_pattern(second, 9000);
	ck_assert_uint_eq(budget.used, 9000);
	ruad_mail_free(&first);
	ruad_mail_free(&second);
	ck_assert_uint_eq(budget.used, 0);
}
END_TEST

START_TEST(size_limit)
{
	struct ruad_mail *m = new_mail();
	const unsigned char *data;
	struct ruad_err err;
	size_t len;

	ck_assert_int_eq(append_pattern(m, 1000000, 1000, NULL), RUAD_OK);
	check_pattern(m, 1000000);
	ruad_mail_free(&m);

	m = new_mail();
	ck_assert_int_eq(append_pattern(m, 1000000, 1000, NULL), RUAD_OK);
	ck_assert_int_eq(ruad_mail_append(m, "x", 1, &err), RUAD_LIMIT);
	ck_assert_int_eq(err.code, RUAD_LIMIT_SIZE);
	ck_assert_str_eq(err.text, "mail: larger than 1000000 bytes");
	/* A failure stays. */
	memset(&err, 0, sizeof(err));
	ck_assert_int_eq(ruad_mail_append(m, "x", 1, &err), RUAD_LIMIT);
	ck_assert_int_eq(err.code, RUAD_LIMIT_SIZE);
	ck_assert_int_eq(ruad_mail_append(m, NULL, 0, NULL), RUAD_LIMIT);
	ck_assert_int_eq(ruad_mail_bytes(m, &data, &len, &err), RUAD_LIMIT);
	ck_assert_int_eq(ruad_mail_header(m, "a", "b", false, NULL),
	    RUAD_LIMIT);
	ruad_mail_free(&m);

	set.message_bytes = 100;
	m = new_mail();
	ck_assert_int_eq(append_pattern(m, 100, 100, NULL), RUAD_OK);
	ck_assert_uint_gt(budget.used, 0);
	ck_assert_int_eq(append_pattern(m, 1, 1, NULL), RUAD_LIMIT);
	ck_assert_uint_eq(budget.used, 0);
	ruad_mail_free(&m);
}
END_TEST

START_TEST(no_spool)
{
	struct ruad_err err;
	struct ruad_mail *m;

	set.spool_dir = "/nonexistent/spool";
	m = new_mail();
	ck_assert_int_eq(append_pattern(m, 20000, 1000, &err), RUAD_TEMP);
	ck_assert_int_eq(err.code, RUAD_OUR_IO);
	ck_assert_ptr_nonnull(strstr(err.text, "/nonexistent/spool"));
	ck_assert_uint_eq(budget.used, 0);
	ck_assert_int_eq(append_pattern(m, 1, 1, &err), RUAD_TEMP);
	ruad_mail_free(&m);
}
END_TEST

START_TEST(full_spool)
{
	struct rlimit old, small;
	struct ruad_mail *m = new_mail();
	struct ruad_err err;
	void (*handler)(int);

	ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &old), 0);
	small = old;
	small.rlim_cur = 50000;
	handler = signal(SIGXFSZ, SIG_IGN);
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &small), 0);
	ck_assert_int_eq(append_pattern(m, 60000, 999, &err), RUAD_TEMP);
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &old), 0);
	signal(SIGXFSZ, handler);
	ck_assert_int_eq(err.code, RUAD_OUR_IO);
	/* Room that comes back must not make a mail with a hole. */
	ck_assert_int_eq(append_pattern(m, 1, 1, &err), RUAD_TEMP);
	ruad_mail_free(&m);
}
END_TEST

/* Write a file of the pattern into the directory. */
static void
write_file(const char *path, size_t len)
{
	FILE *f = fopen(path, "w");
	size_t i;

	ck_assert_ptr_nonnull(f);
	for (i = 0; i < len; i++)
		putc(pattern(i), f);
	ck_assert_int_eq(fclose(f), 0);
}

START_TEST(open_file)
{
	char path[PATH_MAX + 16];
	struct ruad_err err;
	struct ruad_mail *m;

	snprintf(path, sizeof(path), "%s/a.eml", dir);
	write_file(path, 12345);
	set.message_bytes = 12345;
	ck_assert_int_eq(ruad_mail_open(path, &set, &m, NULL), RUAD_OK);
	ck_assert_str_eq(ruad_mail_file_name(m), path);
	ck_assert_int_gt(ruad_mail_received(m), 1700000000);
	check_pattern(m, 12345);
	ck_assert_uint_eq(budget.used, 0);
	ruad_mail_free(&m);

	set.message_bytes = 12344;
	ck_assert_int_eq(ruad_mail_open(path, &set, &m, &err), RUAD_LIMIT);
	ck_assert_int_eq(err.code, RUAD_LIMIT_SIZE);
	ck_assert_ptr_null(m);

	write_file(path, 0);
	ck_assert_int_eq(ruad_mail_open(path, &set, &m, NULL), RUAD_OK);
	check_pattern(m, 0);
	ruad_mail_free(&m);
	ck_assert_int_eq(unlink(path), 0);
}
END_TEST

START_TEST(open_what_cannot_be_read)
{
	char path[PATH_MAX + 16];
	struct ruad_err err;
	struct ruad_mail *m;

	snprintf(path, sizeof(path), "%s/none", dir);
	ck_assert_int_eq(ruad_mail_open(path, &set, &m, &err), RUAD_TEMP);
	ck_assert_int_eq(err.code, RUAD_OUR_IO);
	ck_assert_ptr_nonnull(strstr(err.text, "/none: No such file"));
	ck_assert_ptr_null(m);
	ck_assert_int_eq(ruad_mail_open(dir, &set, &m, &err), RUAD_TEMP);
	ck_assert_ptr_nonnull(strstr(err.text, "directory"));
	ck_assert_ptr_null(m);
	/* An endless file ends at the limit. */
	ck_assert_int_eq(ruad_mail_open("/dev/zero", &set, &m, &err),
	    RUAD_LIMIT);
	ck_assert_ptr_null(m);
	ck_assert_uint_eq(budget.used, 0);
}
END_TEST

START_TEST(open_pipe)
{
	unsigned char buf[20000];
	struct ruad_mail *m;
	char path[32];
	int fds[2];
	size_t i;

	for (i = 0; i < sizeof(buf); i++)
		buf[i] = pattern(i);
	ck_assert_int_eq(pipe(fds), 0);
	ck_assert_int_eq(write(fds[1], buf, sizeof(buf)), sizeof(buf));
	close(fds[1]);
	snprintf(path, sizeof(path), "/dev/fd/%d", fds[0]);
	ck_assert_int_eq(ruad_mail_open(path, &set, &m, NULL), RUAD_OK);
	close(fds[0]);
	check_pattern(m, sizeof(buf));
	ruad_mail_free(&m);
}
END_TEST

static Suite *
mail_suite(void)
{
	Suite *s = suite_create("mail");
	TCase *tc = tcase_create("mail");

	suite_add_tcase(s, tc);
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, header_as_in_a_file);
	tcase_add_test(tc, facts);
	tcase_add_test(tc, empty);
	tcase_add_test(tc, borrowed);
	tcase_add_test(tc, memory_at_the_bound);
	tcase_add_test(tc, file_past_the_bound);
	tcase_add_test(tc, file_without_memory);
	tcase_add_test(tc, file_without_budget);
	tcase_add_test(tc, size_limit);
	tcase_add_test(tc, no_spool);
	tcase_add_test(tc, full_spool);
	tcase_add_test(tc, open_file);
	tcase_add_test(tc, open_what_cannot_be_read);
	tcase_add_test(tc, open_pipe);
	return s;
}

int
main(void)
{
	return run_suite(mail_suite());
}
