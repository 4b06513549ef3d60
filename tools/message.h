/* message.h - what the program has to say beside its data: lines on standard
 * error, and the exit status that goes with them. */
#ifndef RUAD_TOOLS_MESSAGE_H
#define RUAD_TOOLS_MESSAGE_H
#include "emit.h"
#include "err.h"
#include <stdbool.h>

enum ruad_exit {
	RUAD_EXIT_OK = 0,
	RUAD_EXIT_FINDINGS = 1, /* done, and something is wrong with the data */
	RUAD_EXIT_USAGE = 2, /* wrong usage or configuration */
	RUAD_EXIT_TEMP = 75 /* try again */
};

/* Find out what the terminal can show. Called once, first. */
void ruad_message_init(void);

/* The characters that may go to a terminal, after the locale. */
enum ruad_emit_charset ruad_message_charset(void);

/* Print a line, all of it escaped, with the name of the program in front. */
void ruad_message(const char *fmt, ...) RUAD_PRINTF(1, 2);

/* The same; returns RUAD_EXIT_USAGE. */
enum ruad_exit ruad_message_usage(const char *fmt, ...) RUAD_PRINTF(1, 2);

/* Print the text of a failure; returns the exit status that it means. */
enum ruad_exit ruad_message_failure(const struct ruad_err *err);

/* "did you mean NAME?" for a word that is none of the names, or "" where none
 * is near. `name` gives the n-th of them, NULL behind the last. Returns buf. */
char *ruad_message_guess(const char *word,
    const char *(*name)(size_t n, const void *arg), const void *arg,
    char buf[80]);

#endif
