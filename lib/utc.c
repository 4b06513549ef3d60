/* utc.c - times and days as text. */
#include "utc.h"
#include <stddef.h>
#include <time.h>

const char *
ruad_utc_print(int64_t epoch, char buf[RUAD_UTC_BYTES])
{
	time_t t = (time_t)epoch;
	struct tm tm;

	if (epoch == 0 || gmtime_r(&t, &tm) == NULL ||
	    strftime(buf, RUAD_UTC_BYTES, "%Y-%m-%dT%H:%M:%SZ", &tm) == 0)
		return NULL;
	return buf;
}

const char *
ruad_utc_day(int64_t day, char buf[RUAD_UTC_BYTES])
{
	time_t t = (time_t)(day * 86400);
	struct tm tm;

	if (gmtime_r(&t, &tm) == NULL ||
	    strftime(buf, RUAD_UTC_BYTES, "%Y-%m-%d", &tm) == 0)
		return NULL;
	return buf;
}
