/* guard.h - passwords are checked two at a time: each takes memory that is not
 * to be had in any amount on a mail host. */
#ifndef RUAD_WEB_GUARD_H
#define RUAD_WEB_GUARD_H
#include <stdbool.h>

struct ruad_guard;

struct ruad_guard *ruad_guard_new(void); /* NULL: no memory */

/* Wait for a turn. False: too many wait already. */
bool ruad_guard_enter(struct ruad_guard *g);
void ruad_guard_leave(struct ruad_guard *g);
void ruad_guard_free(struct ruad_guard **g); /* sets *g NULL; NULL is fine */

#endif
