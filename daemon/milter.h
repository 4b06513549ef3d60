/* milter.h - ruad as libmilter sees it. */
#ifndef RUAD_MILTER_H
#define RUAD_MILTER_H
#include "err.h"
#include "intake.h"

/* Tell libmilter what to call and where to listen. `intake` is borrowed until
 * the program ends: libmilter hands nothing of its caller's to its callbacks,
 * so a pointer to it is kept, once and for all. */
RUAD_NODISCARD enum ruad_status ruad_milter_register(struct ruad_intake *intake,
    const char *socket, struct ruad_err *err);

/* Run until a signal ends it. Callbacks may still be running then. */
RUAD_NODISCARD enum ruad_status ruad_milter_run(struct ruad_err *err);

#endif
