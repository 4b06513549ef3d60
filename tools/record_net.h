/* record_net.h - what the actions on records share that ask DNS. */
#ifndef RUAD_TOOLS_RECORD_NET_H
#define RUAD_TOOLS_RECORD_NET_H
#include "cmd.h"
#include "dns.h"
#include "history.h"
#include "inspect.h"
#include "seen.h"

/* All zero is closed. */
struct ruad_record_net {
	struct ruad_dns *dns; /* owned */
	struct ruad_orgdom *orgdom; /* owned */
	struct ruad_seen seen; /* of the domain last inspected */
	struct ruad_history last; /* what the store knew of it */
	bool has_seen; /* there is a store to compare with */
	bool has_last; /* it has been watched before */
};

/* Read the configuration and get ready to ask. The failure has been told. */
enum ruad_exit ruad_record_net_open(struct ruad_ctl *ctl,
    struct ruad_record_net *net);

/* Inspect a domain (lower case, A-labels), with what the reports of the store
 * show of it, where there is a store, as a section "seen" of its own. The
 * failure has been told; one of DNS is none. */
enum ruad_exit ruad_record_net_inspect(struct ruad_ctl *ctl,
    struct ruad_record_net *net, const char *domain,
    struct ruad_inspection **out);

/* What reporters saw, compared with the record. */
void ruad_record_net_compare(const struct ruad_record_net *net,
    const struct ruad_inspection *in, struct ruad_remarks *out);

void ruad_record_net_close(struct ruad_record_net *net);

#endif
