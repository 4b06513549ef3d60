/* record_net.c - see record_net.h. The store is only read, and need not be
 * there: a record is often checked before the first report. */
#include "record_net.h"
#include <errno.h>
#include <unistd.h>

enum ruad_exit
ruad_record_net_open(struct ruad_ctl *ctl, struct ruad_survey *survey)
{
	enum ruad_exit status = ruad_ctl_conf(ctl);
	struct ruad_err err;

	*survey = (struct ruad_survey){ .conf = NULL };
	if (status != RUAD_EXIT_OK)
		return status;
	return ruad_survey_open(ctl->conf, survey, &err) == RUAD_OK
	    ? RUAD_EXIT_OK
	    : ruad_message_failure(&err);
}

enum ruad_exit
ruad_record_net_inspect(struct ruad_ctl *ctl, struct ruad_survey *survey,
    const char *domain, struct ruad_inspection **out)
{
	bool store = access(ruad_ctl_store(ctl), F_OK) == 0 || errno != ENOENT;
	enum ruad_exit status = RUAD_EXIT_OK;
	struct ruad_err err;

	*out = NULL;
	if (store && ctl->query == NULL)
		status = ruad_ctl_query(ctl);
	if (status != RUAD_EXIT_OK)
		return status;
	if (ruad_survey_read(survey,
		store ? ruad_query_handle(ctl->query) : NULL, domain,
		&err) != RUAD_OK ||
	    ruad_survey_look(survey, domain, out, &err) != RUAD_OK)
		return ruad_message_failure(&err);
	return RUAD_EXIT_OK;
}
