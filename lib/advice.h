/* advice.h - what an operator can do about something in quarantine. */
#ifndef RUAD_ADVICE_H
#define RUAD_ADVICE_H
#include "code.h"

/* One or two sentences. Never NULL. */
const char *ruad_advice(enum ruad_code code);

#endif
