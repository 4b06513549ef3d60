/* look.h - what other programs see in a store, and do to it. A failure ends the
 * test. */
#ifndef LOOK_H
#define LOOK_H
#include <sqlite3.h>

/* A handle of another program, which the caller closes. */
sqlite3 *look_open(const char *path);

/* Run statements on such a handle; or on one that is opened for them. */
void look_run_on(sqlite3 *db, const char *sql);
void look_run(const char *path, const char *sql);

/* The first column of the first row as a text, valid until the next call;
 * "(nothing)" where there is none or it is NULL. */
const char *look_ask(const char *path, const char *sql);
int look_ask_int(const char *path, const char *sql);

/* The file is sound, the roll-up is that of the records, and so are the totals
 * of the reports; there is no mail that left nothing. */
void look_check(const char *path);

#endif
