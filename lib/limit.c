/* limit.c - the defaults. */
#include "limit.h"

#define KIB UINT64_C(1024)
#define MIB (KIB * 1024)
#define DAY_SECS UINT64_C(86400)

void
ruad_limits_default(struct ruad_limits *lim)
{
	*lim = (struct ruad_limits){
		.message_bytes = 25 * MIB,
		.mime_depth = 10,
		.mime_parts = 200,
		.layers = 3,
		.entries = 64,
		.xml_bytes = 64 * MIB,
		.total_bytes = 128 * MIB,
		.xml_depth = 32,
		.xml_attributes = 32,
		.text_bytes = 64 * KIB,
		.records = 1000000,
		.dkim_per_record = 100,
		.reasons_per_record = 16,
		.span_secs = 62 * DAY_SECS,
		.read_msecs = 1500,
	};
}
