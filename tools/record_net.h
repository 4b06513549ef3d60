/* record_net.h - what the actions on records share that ask DNS. */
#ifndef RUAD_TOOLS_RECORD_NET_H
#define RUAD_TOOLS_RECORD_NET_H
#include "cmd.h"
#include "survey.h"

/* Read the configuration and get ready to ask. The failure has been told. */
enum ruad_exit ruad_record_net_open(struct ruad_ctl *ctl,
    struct ruad_survey *survey);

/* Look at a domain (lower case, A-labels), with what the reports of the store
 * show of it, where there is a store. The failure has been told; one of DNS is
 * none. */
enum ruad_exit ruad_record_net_inspect(struct ruad_ctl *ctl,
    struct ruad_survey *survey, const char *domain,
    struct ruad_inspection **out);

#endif
