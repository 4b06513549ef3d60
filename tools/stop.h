/* stop.h - the wish of the user, or of the system, that a long command ends. */
#ifndef RUAD_TOOLS_STOP_H
#define RUAD_TOOLS_STOP_H
#include <signal.h>

/* From now on SIGINT and SIGTERM do not end the program but set what is
 * returned, which says so for the rest of its life. */
const volatile sig_atomic_t *ruad_stop_catch(void);

#endif
