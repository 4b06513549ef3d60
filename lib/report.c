/* report.c - what little a report does by itself. */
#include "report.h"

enum ruad_verdict
ruad_record_dmarc(const struct ruad_record *rec)
{
	if (rec->dkim == RUAD_VERDICT_PASS || rec->spf == RUAD_VERDICT_PASS)
		return RUAD_VERDICT_PASS;
	if (rec->dkim == RUAD_VERDICT_FAIL && rec->spf == RUAD_VERDICT_FAIL)
		return RUAD_VERDICT_FAIL;
	return RUAD_VERDICT_UNKNOWN;
}

void
ruad_report_free(struct ruad_report **r)
{
	struct ruad_arena *arena;

	if (*r == NULL)
		return;
	/* The report itself lies in its arena. */
	arena = (*r)->arena;
	ruad_arena_free(&arena);
	*r = NULL;
}
