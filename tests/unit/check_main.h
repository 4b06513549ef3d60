/* check_main.h - what the unit test programs share. */
#ifndef RUAD_CHECK_MAIN_H
#define RUAD_CHECK_MAIN_H
#include <check.h>
#include <stdlib.h>

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

/* Run a test once for each row of a table; its index is _i. */
#define add_rows(tc, test, table) \
	tcase_add_loop_test(tc, test, 0, (int)COUNT(table))

/* Run the suite, with a line of TAP for each test; the exit status of main. */
static inline int
run_suite(Suite *s)
{
	SRunner *sr = srunner_create(s);
	int failed;

	srunner_set_tap(sr, "-");
	srunner_run_all(sr, CK_SILENT);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

#endif
