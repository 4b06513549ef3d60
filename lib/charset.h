/* charset.h - which character encoding an XML file is really in. Declarations
 * are wrong too often to be trusted, and a parser that trusts one turns good
 * reports into mojibake without a word. */
#ifndef RUAD_CHARSET_H
#define RUAD_CHARSET_H
#include "source.h"
#include <stdbool.h>
#include <stdint.h>

enum ruad_charset {
	RUAD_CHARSET_UTF8, /* valid throughout */
	RUAD_CHARSET_ICONV, /* survey.name is what iconv is to convert from */
	RUAD_CHARSET_MIXED /* UTF-8 with other bytes, taken as windows-1252 */
};

/* What one reading of a whole file tells. */
struct ruad_survey {
	uint64_t bytes; /* without the NULs and blanks at the end */
	enum ruad_charset charset;
	char name[40]; /* for iconv */
	bool contradicted; /* valid UTF-8 beyond ASCII, declared otherwise */
	bool some_utf8; /* besides other bytes: where the file holds several
			 * documents, one of them may be in UTF-8 */
	bool scrub; /* may hold characters that XML forbids */
	bool cached; /* all of it is in the cache that was given */
};

/* Read `in` to its end and decide, by the first rule that applies: UTF-16 by
 * its pattern; a UTF-8 byte order mark; a declared multi-byte encoding that
 * converts without error; valid UTF-8; a declared single-byte encoding; a
 * mixture. The first cache_len bytes are copied to cache. `in` is left
 * anywhere: rewind it. Failures are those of `in`; RUAD_TEMP: no memory. */
RUAD_NODISCARD enum ruad_status ruad_charset_survey(struct ruad_source *in,
    unsigned char *cache, size_t cache_len, struct ruad_survey *out,
    struct ruad_err *err);

#endif
