/* retry.h - the action "retry" of the command quarantine. */
#ifndef RUAD_TOOLS_RETRY_H
#define RUAD_TOOLS_RETRY_H
#include "cmd.h"

enum ruad_exit ruad_retry(struct ruad_ctl *ctl);

#endif
