/* utc.h - a time as RFC 3339 writes it. Pure. */
#ifndef RUAD_UTC_H
#define RUAD_UTC_H
#include <stdint.h>

enum { RUAD_UTC_BYTES = 40 };

/* Write seconds since 1970 to buf, "2024-05-31T10:02:00Z", and return it. NULL:
 * 0, which stands for never, or a time beyond all calendars. */
const char *ruad_utc_print(int64_t epoch, char buf[RUAD_UTC_BYTES]);

/* Write a day, counted from 1970-01-01, as "2024-05-31", and return buf. NULL:
 * beyond all calendars. */
const char *ruad_utc_day(int64_t day, char buf[RUAD_UTC_BYTES]);

#endif
