/* password.h - a password from the terminal, or from standard input. */
#ifndef RUAD_TOOLS_PASSWORD_H
#define RUAD_TOOLS_PASSWORD_H
#include <stdbool.h>
#include <stddef.h>

/* Ask for one, twice and without showing it where standard input is a terminal;
 * else take its first line. False: there is none, the two differ, or it is too
 * short, which has been told. */
bool ruad_password_ask(char *buf, size_t cap);

#endif
