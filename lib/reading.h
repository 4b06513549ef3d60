/* reading.h - the tags of a DMARC record, and what one generation of receivers
 * makes of all of them. */
#ifndef RUAD_READING_H
#define RUAD_READING_H
#include "report.h"
#include <stdbool.h>

enum ruad_rfc { RUAD_RFC_7489, RUAD_RFC_9989, RUAD_RFC_COUNT };

/* The tags, in the order in which a record is written. */
enum ruad_record_tag {
	RUAD_TAG_V,
	RUAD_TAG_P,
	RUAD_TAG_SP,
	RUAD_TAG_NP,
	RUAD_TAG_PSD,
	RUAD_TAG_T,
	RUAD_TAG_ADKIM,
	RUAD_TAG_ASPF,
	RUAD_TAG_FO,
	RUAD_TAG_RUA,
	RUAD_TAG_RUF,
	RUAD_TAG_PCT,
	RUAD_TAG_RI,
	RUAD_TAG_RF,
	RUAD_TAG_COUNT
};

enum ruad_record_state {
	RUAD_RECORD_OK,
	/* Against the grammar, in a way that most receivers let pass. */
	RUAD_RECORD_DOUBTFUL,
	/* No DMARC record, or one without any effect. */
	RUAD_RECORD_IGNORED
};

enum { RUAD_FO_0 = 1, RUAD_FO_1 = 2, RUAD_FO_D = 4, RUAD_FO_S = 8 };

/* What one generation of receivers makes of it, all defaults filled in. Where
 * the record is ignored, the policies are RUAD_POLICY_UNKNOWN. */
struct ruad_reading {
	enum ruad_record_state state;
	/* For the domain, for names below it, and for those of them that do
	 * not exist. */
	enum ruad_policy p, sp, np;
	enum ruad_mode adkim, aspf;
	unsigned fo; /* set of RUAD_FO_* */
	bool testing; /* t=y; RFC 7489 does not know it */
	char psd; /* 'y', 'n' or 'u'; the same */
	int pct; /* 100 for RFC 9989, which does not know it */
};

/* "adkim"; what the tag is for. Never NULL. */
const char *ruad_record_tag_name(enum ruad_record_tag tag);
const char *ruad_record_tag_help(enum ruad_record_tag tag);

/* What its value may be: "r or s". Never NULL. */
const char *ruad_record_tag_allowed(enum ruad_record_tag tag);

#endif
