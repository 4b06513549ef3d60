/* keys.h - the keys that a command is about, collected before the first is
 * touched: from the arguments, or by the filter of the options. */
#ifndef RUAD_TOOLS_KEYS_H
#define RUAD_TOOLS_KEYS_H
#include "cmd.h"
#include <stddef.h>
#include <stdint.h>

struct ruad_key {
	int64_t key; /* in quarantine, or of a report */
	int64_t mail_key;
	bool report; /* it looked like a report (of what is in quarantine) */
};

struct ruad_keys {
	struct ruad_key *key; /* owned */
	size_t count, cap;
};

/* The things in quarantine that the arguments name, or without arguments those
 * that the filter finds, sorted by mail. The failure has been told; then, too,
 * *out is to be freed. */
enum ruad_exit ruad_keys_of_quarantine(struct ruad_ctl *ctl,
    struct ruad_keys *out);

/* The same for reports. Those that the arguments name need not be there. */
enum ruad_exit ruad_keys_of_reports(struct ruad_ctl *ctl,
    struct ruad_keys *out);

void ruad_keys_free(struct ruad_keys *k);

#endif
