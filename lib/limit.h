/* limit.h - every bound on input: its unit, its default, and what it stops.
 * A bound is inclusive: input of exactly the limit passes. All of them can be
 * set in ruad.conf(5); tests hold a case at each limit and one past it. */
#ifndef RUAD_LIMIT_H
#define RUAD_LIMIT_H
#include <stdint.h>

struct ruad_limits {
	/* Bytes of one mail, header and body. RFC 7489 section 7.2.1 asks for
	 * 10 MB at least. LIMIT_SIZE. */
	uint64_t message_bytes;
	/* MIME: depth of nesting and number of parts; quadratic MIME bombs.
	 * LIMIT_PARTS. */
	uint64_t mime_depth;
	uint64_t mime_parts;
	/* Archives inside each other. LIMIT_LAYERS. */
	uint64_t layers;
	/* Entries of one archive that are looked at. LIMIT_ENTRIES. */
	uint64_t entries;
	/* Decompressed bytes of one XML file, and of all files of a mail.
	 * Deflate reaches 1032:1, and honest reports exceed 100:1, so a ratio
	 * would be useless: only produced bytes count. LIMIT_SIZE. */
	uint64_t xml_bytes;
	uint64_t total_bytes;
	/* Depth of elements, attributes of one element, bytes of text in one
	 * element, records of a report. XML_LIMIT. */
	uint64_t xml_depth;
	uint64_t xml_attributes;
	uint64_t text_bytes;
	uint64_t records;
	/* Kept per record; what exceeds them is dropped with a warning.
	 * RFC 9990 section 3.1.1 caps DKIM results at 100. */
	uint64_t dkim_per_record;
	uint64_t reasons_per_record;
	/* Longest accepted date range, seconds. REP_SPAN_HUGE. */
	uint64_t span_secs;
	/* CPU time for reading one mail, milliseconds for each MiB of it, at
	 * least one; 0: none. Reports take a tenth of it: what needs more was
	 * made to. LIMIT_TIME. */
	uint64_t read_msecs;
};

/* Set every field to its default. */
void ruad_limits_default(struct ruad_limits *lim);

#endif
