/* geo.h - number and name of the network, and country, of addresses, from files
 * of the operator in the format of MaxMind. */
#ifndef RUAD_TOOLS_GEO_H
#define RUAD_TOOLS_GEO_H
#include "cmd.h"

/* Look up all addresses with messages since `first_day` (days since 1970-01-01)
 * in the databases that the configuration names, if any, and keep what they
 * say. The failure has been told. */
enum ruad_exit ruad_geo_fill(struct ruad_ctl *ctl, struct ruad_store *store,
    int64_t first_day);

#endif
