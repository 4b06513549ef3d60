/* serialise.c - see serialise.h. */
#include "serialise.h"
#include <stdlib.h>
#include "report_write.h"

char *
serialise_report(const struct ruad_report *r)
{
	struct ruad_err err;
	char *text;
	size_t len;
	FILE *to = open_memstream(&text, &len);

	if (to == NULL ||
	    ruad_report_write(r, RUAD_REPORT_RFC9990, true, to, &err) !=
		RUAD_OK ||
	    fclose(to) != 0)
		abort();
	return text;
}
