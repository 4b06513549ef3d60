/* temp_dir.h - a directory for the files of a test program, and one in it for
 * each test. As unchecked and checked fixture of libcheck, nothing is left
 * behind, also when a test fails. */
#ifndef TEMP_DIR_H
#define TEMP_DIR_H

void temp_dir_set_up(void); /* unchecked */
void temp_dir_tear_down(void);

/* A new directory, which becomes the current one. */
void temp_dir_enter(void); /* checked */

/* Write the path of a file in the current test's directory to buf, of 200
 * bytes, and return it. */
char *temp_dir_path(char *buf, const char *name);

#endif
