/* cmd_record.c - DMARC records in DNS: the actions of the command. */
#include "cmd.h"
#include "record_cmd.h"

enum ruad_exit
ruad_cmd_record(struct ruad_ctl *ctl)
{
	static const struct ruad_action actions[] = {
		{ "check", ruad_record_check, "DOMAIN", 0, 1, 1 },
		{ "generate", ruad_record_generate, "DOMAIN",
		    RUAD_OPTIONS_TAGS | RUAD_OPTION(FORMAT) |
			RUAD_OPTION(HISTORIC) | RUAD_OPTION(NEW),
		    1, 1 },
		{ "watch", ruad_record_watch, "", 0, 0, 0 },
		{ "list", ruad_record_list, "", RUAD_OPTION(LIMIT), 0, 0 },
		{ "lint", ruad_record_lint, "RECORD", 0, 1, 1 },
	};

	return ruad_ctl_act(ctl, "record", actions,
	    sizeof(actions) / sizeof(actions[0]));
}
