/* hint.h - what Subject and file name of a report mail say about the report.
 * RFC 9990 section 3.5 (RFC 7489 section 7.2.1.1) prescribes their form, few
 * reporters keep it, anyone can forge it: only a stand-in for what the XML does
 * not say. Pure functions. */
#ifndef RUAD_HINT_H
#define RUAD_HINT_H
#include <stdbool.h>
#include <stdint.h>

/* All texts are valid UTF-8 without control characters and as they were
 * written, not checked and not lower-cased; "" where there is none or where it
 * would not fit: half an identifier is worse than none. */
struct ruad_subject_hint {
	char domain[254]; /* policy domain */
	char submitter[256]; /* domain or name of the reporter */
	char report_id[513];
};

struct ruad_file_hint {
	char receiver[256]; /* domain of the reporter */
	char policy_domain[254];
	int64_t begin, end; /* seconds since the epoch, as written, >= 0 */
	char unique_id[513];
};

/* Read a Subject, decoded (RFC 2047), folded or not. Fills all of *out; false:
 * it says nothing. NULL is an empty Subject. */
bool ruad_hint_subject(const char *subject, struct ruad_subject_hint *out);

/* Read a file name, with or without directories, decoded (RFC 2231, RFC 2047).
 * Fills all of *out; false: it is no file name of a report, and says nothing.
 * NULL is an empty name. */
bool ruad_hint_file_name(const char *name, struct ruad_file_hint *out);

#endif
