/* check_log.c - the lines of the log, also when everything in them was written
 * by somebody who means harm. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>
#include "check_main.h"
#include "log.h"
#include "make_report.h"

static struct ruad_log logger;
static FILE *out;
static int saved = -1;

/* Standard error goes to a file meanwhile. */
static void
set_up(void)
{
	ruad_log_open(&logger, "ruad", true, LOG_INFO);
	out = tmpfile();
	ck_assert_ptr_nonnull(out);
	saved = dup(STDERR_FILENO);
	ck_assert_int_ne(dup2(fileno(out), STDERR_FILENO), -1);
}

static void
tear_down(void)
{
	dup2(saved, STDERR_FILENO);
	close(saved);
	fclose(out);
}

/* All that was logged, without "ruad[PID]: " before each line. */
static const char *
logged(void)
{
	static char raw[20000], text[20000];
	char *line, *state = NULL;
	size_t len;

	rewind(out);
	len = fread(raw, 1, sizeof(raw) - 1, out);
	raw[len] = '\0';
	text[0] = '\0';
	for (line = strtok_r(raw, "\n", &state); line != NULL;
	     line = strtok_r(NULL, "\n", &state)) {
		char *start = strstr(line, "]: ");

		ck_assert_msg(strncmp(line, "ruad[", 5) == 0 && start != NULL,
		    "%s", line);
		strcat(text, start + 3);
		strcat(text, "\n");
	}
	return text;
}

static const struct ruad_log_mail mail = {
	.queue_id = "4XyZ",
	.message_id = "<1@x.example>",
	.mail_from = "a@x.example",
	.verdict = "deliver",
	.msecs = 6,
};

START_TEST(stored)
{
	const struct make_report m = { .records = 3, .messages = 5 };
	struct ruad_delivery *d = make_delivery(1, &m);

	d->items->outcome = RUAD_STORED;
	d->trust = RUAD_AUTH_PASS;
	ruad_delivery_conclude(d);
	ruad_log_delivery(&logger, &mail, d);
	ck_assert_str_eq(logged(),
	    "4XyZ: report=stored org=<Receiver Inc> id=<1> "
	    "domain=<example.com> records=3 messages=15 trust=pass ms=6\n");
	ruad_delivery_free(&d);
}
END_TEST

/* One line for each item, with the same queue id. */
START_TEST(several)
{
	const struct make_report one = { .id = "1", .records = 1 };
	const struct make_report two = { .id = "2", .records = 1 };
	struct ruad_delivery *d = make_mail(1);
	struct ruad_item *item;

	add_report(d, &one)->outcome = RUAD_STORED;
	add_report(d, &two)->outcome = RUAD_DUPLICATE;
	item = add_refusal(d, RUAD_XML_DTD, "part 3");
	item->text = "part 3: line 2: DOCTYPE";
	ruad_delivery_conclude(d);
	ruad_log_delivery(&logger, &mail, d);
	ck_assert_str_eq(logged(),
	    "4XyZ: report=stored org=<Receiver Inc> id=<1> "
	    "domain=<example.com> records=1 messages=1 trust=off ms=6\n"
	    "4XyZ: report=duplicate org=<Receiver Inc> id=<2> "
	    "domain=<example.com> records=1 messages=1 trust=off ms=6\n"
	    "4XyZ: report=refused code=XML_DTD "
	    "text=\"part 3: line 2: DOCTYPE\" message-id=<1@x.example> "
	    "from=<a@x.example> verdict=deliver ms=6\n");
	ruad_delivery_free(&d);
}
END_TEST

START_TEST(no_report)
{
	struct ruad_delivery *d = make_mail(1);

	ruad_delivery_conclude(d);
	ruad_log_delivery(&logger, &mail, d);
	ck_assert_str_eq(logged(),
	    "4XyZ: report=not-a-report code=MAIL_NO_REPORT "
	    "text=\"the mail holds no report\" message-id=<1@x.example> "
	    "from=<a@x.example> verdict=deliver ms=6\n");
	ruad_delivery_free(&d);
}
END_TEST

/* What is not known is empty; the null reverse-path looks the same. */
START_TEST(trouble)
{
	const struct ruad_log_mail unknown = { .verdict = "tempfail" };
	struct ruad_err err;

	ruad_fail(&err, RUAD_TEMP, RUAD_OUR_BUSY, "writer: the queue is full");
	ruad_log_trouble(&logger, &unknown, &err);
	ck_assert_str_eq(logged(),
	    "NOQUEUE: report=error code=OUR_BUSY "
	    "text=\"writer: the queue is full\" message-id=<> from=<> "
	    "verdict=tempfail ms=0\n");
}
END_TEST

/* No value can end itself, end the line, or reach a terminal. */
START_TEST(hostile)
{
	const struct make_report m = {
		.org = "a> id=<x> \"\x1b[31m\n%s%n\\",
		.id = "<1@r.example>",
		.records = 1,
	};
	const struct ruad_log_mail bad = {
		.queue_id = "Q: report=stored org=<",
		.verdict = "deliver",
	};
	struct ruad_delivery *d = make_delivery(1, &m);

	d->items->outcome = RUAD_STORED;
	ruad_delivery_conclude(d);
	ruad_log_delivery(&logger, &bad, d);
	ck_assert_str_eq(logged(),
	    "Q\\x3a\\x20report=stored\\x20org=\\x3c: report=stored "
	    "org=<a\\x3e id=\\x3cx\\x3e \"\\x1b[31m\\x0a%s%n\\> "
	    "id=<1@r.example> domain=<example.com> records=1 messages=1 "
	    "trust=off ms=0\n");
	ruad_delivery_free(&d);
}
END_TEST

/* A line of the worst values still has its end. */
START_TEST(long_values)
{
	static char angles[5000];
	const struct make_report m = { .org = angles, .id = angles };
	const struct ruad_log_mail bad = {
		.queue_id = angles,
		.message_id = angles,
		.mail_from = angles,
		.verdict = "deliver",
		.msecs = 7,
	};
	struct ruad_delivery *d;
	const char *end;
	struct ruad_item *item;

	memset(angles, '>', sizeof(angles) - 1);
	d = make_delivery(1, &m);
	d->items->outcome = RUAD_STORED;
	item = add_refusal(d, RUAD_XML_DTD, "part 1");
	memset(angles, '"', sizeof(angles) - 1);
	item->text = angles;
	ruad_log_delivery(&logger, &bad, d);
	end = strstr(logged(),
	    "...> domain=<example.com> records=0 "
	    "messages=0 trust=off ms=7\n");
	ck_assert_ptr_nonnull(end);
	ck_assert_ptr_nonnull(strstr(end, "...> verdict=deliver ms=7\n"));
	ruad_delivery_free(&d);
}
END_TEST

START_TEST(level)
{
	ruad_log_write(&logger, LOG_DEBUG, "no");
	atomic_store(&logger.level, LOG_ERR);
	ruad_log_write(&logger, LOG_WARNING, "no");
	ruad_log_write(&logger, LOG_ERR, "tab\tand %s", "caf\303\251");
	ck_assert_str_eq(logged(), "tab\\x09and caf\\xc3\\xa9\n");
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("log");
	TCase *tc = tcase_create("log");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_test(tc, stored);
	tcase_add_test(tc, several);
	tcase_add_test(tc, no_report);
	tcase_add_test(tc, trouble);
	tcase_add_test(tc, hostile);
	tcase_add_test(tc, long_values);
	tcase_add_test(tc, level);
	suite_add_tcase(s, tc);
	return run_suite(s);
}
