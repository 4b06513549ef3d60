/* record_tag.c - the table of tags; a reader for each kind of value. */
#include "record_tag.h"
#include <stdint.h>
#include <string.h>

/* Read the value of a tag; false: it is none that the tag can have. */
typedef bool read_value(struct ruad_dmarc_record *r, const struct ruad_tag *t,
    enum ruad_record_tag id);
static read_value read_policy, read_mode, read_yes_no, read_psd, read_fo,
    read_uris, read_pct, read_ri, read_rf;

/* The generations that know a tag. */
static const struct tag_spec {
	const char *name;
	unsigned of;
	read_value *read;
	const char *allowed;
	const char *help;
} specs[RUAD_TAG_COUNT] = {
	[RUAD_TAG_V] = { "v", RUAD_OF_BOTH, NULL, "DMARC1",
	    "makes this TXT record a DMARC record" },
	[RUAD_TAG_P] = { "p", RUAD_OF_BOTH, read_policy,
	    "none, quarantine or reject",
	    "what receivers do with mail of this domain that fails DMARC: "
	    "nothing, put it aside, refuse it" },
	[RUAD_TAG_SP] = { "sp", RUAD_OF_BOTH, read_policy,
	    "none, quarantine or reject",
	    "the same for domains below this one without a record of their "
	    "own; without it p holds for them" },
	[RUAD_TAG_NP] = { "np", RUAD_OF_9989, read_policy,
	    "none, quarantine or reject",
	    "the same for domains below this one that do not exist in DNS; "
	    "without it sp holds for them" },
	[RUAD_TAG_PSD] = { "psd", RUAD_OF_9989, read_psd, "y, n or u",
	    "y: others register names below this one; n: this is the "
	    "organizational domain, whatever stands above it" },
	[RUAD_TAG_T] = { "t", RUAD_OF_9989, read_yes_no, "y or n",
	    "y: a test, failing mail is treated one step milder than p says" },
	[RUAD_TAG_ADKIM] = { "adkim", RUAD_OF_BOTH, read_mode, "r or s",
	    "whether the domain of a DKIM signature must be the one in From "
	    "(s) or may be another of the same organisation (r)" },
	[RUAD_TAG_ASPF] = { "aspf", RUAD_OF_BOTH, read_mode, "r or s",
	    "the same for the envelope sender that SPF passed for" },
	[RUAD_TAG_FO] = { "fo", RUAD_OF_BOTH, read_fo,
	    "0 or 1, and d and s, with a colon between them",
	    "when failure reports are asked for: 0 if nothing passed, 1 if "
	    "anything failed, d or s on a DKIM or SPF failure" },
	[RUAD_TAG_RUA] = { "rua", RUAD_OF_BOTH, read_uris,
	    "mailto: addresses with commas between them",
	    "where the daily aggregate reports go" },
	[RUAD_TAG_RUF] = { "ruf", RUAD_OF_BOTH, read_uris,
	    "mailto: addresses with commas between them",
	    "where reports on single failures go; few receivers send any" },
	[RUAD_TAG_PCT] = { "pct", RUAD_OF_7489, read_pct,
	    "a number from 0 to 100",
	    "the share of failing mail that p is applied to; historic" },
	[RUAD_TAG_RI] = { "ri", RUAD_OF_7489, read_ri, "a number of seconds",
	    "the wished time between reports; historic, they come daily" },
	[RUAD_TAG_RF] = { "rf", RUAD_OF_7489, read_rf, "afrf",
	    "the format of failure reports; historic, there is only one" },
};

const char *
ruad_record_tag_name(enum ruad_record_tag tag)
{
	return specs[tag].name;
}

const char *
ruad_record_tag_help(enum ruad_record_tag tag)
{
	return specs[tag].help;
}

enum ruad_policy
ruad_record_tag_policy(const struct ruad_dmarc_record *r,
    const struct ruad_tag *t)
{
	if (ruad_tag_valued(r->text, t, "none"))
		return RUAD_POLICY_NONE;
	if (ruad_tag_valued(r->text, t, "quarantine"))
		return RUAD_POLICY_QUARANTINE;
	if (ruad_tag_valued(r->text, t, "reject"))
		return RUAD_POLICY_REJECT;
	return RUAD_POLICY_UNKNOWN;
}

static struct ruad_reading *
reading_of(struct ruad_dmarc_record *r, enum ruad_rfc rfc)
{
	return &r->reading[rfc];
}

/* What stands there is looked at once all tags are known. */
static bool
read_policy(struct ruad_dmarc_record *r, const struct ruad_tag *t,
    enum ruad_record_tag id)
{
	(void)id;
	return ruad_record_tag_policy(r, t) != RUAD_POLICY_UNKNOWN;
}

static bool
read_mode(struct ruad_dmarc_record *r, const struct ruad_tag *t,
    enum ruad_record_tag id)
{
	bool strict = ruad_tag_valued(r->text, t, "s");

	for (int i = 0; strict && i < RUAD_RFC_COUNT; i++) {
		if (id == RUAD_TAG_ADKIM)
			r->reading[i].adkim = RUAD_MODE_STRICT;
		else
			r->reading[i].aspf = RUAD_MODE_STRICT;
	}
	return strict || ruad_tag_valued(r->text, t, "r");
}

static bool
read_yes_no(struct ruad_dmarc_record *r, const struct ruad_tag *t,
    enum ruad_record_tag id)
{
	bool yes = ruad_tag_valued(r->text, t, "y");

	(void)id;
	reading_of(r, RUAD_RFC_9989)->testing = yes;
	if (yes)
		ruad_remark(&r->remarks, RUAD_RECORD_TESTING,
		    RUAD_REMARK_WARNING, RUAD_OF_BOTH, t->at, t->len,
		    "t=y: receivers of RFC 9989 act one step milder than p "
		    "says; those of RFC 7489 do not know it and act as p "
		    "says");
	return yes || ruad_tag_valued(r->text, t, "n");
}

static bool
read_psd(struct ruad_dmarc_record *r, const struct ruad_tag *t,
    enum ruad_record_tag id)
{
	struct ruad_reading *reading = reading_of(r, RUAD_RFC_9989);
	static const char *const words[] = { "y", "n", "u" };

	(void)id;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (ruad_tag_valued(r->text, t, words[i]))
			reading->psd = words[i][0];
		else
			continue;
		if (reading->psd == 'y')
			ruad_remark(&r->remarks, RUAD_RECORD_PSD,
			    RUAD_REMARK_WARNING, RUAD_OF_9989, t->at, t->len,
			    "psd=y says that others register names below this "
			    "domain, as below co.uk: wrong for any other "
			    "domain");
		return true;
	}
	return false;
}

/* A list of 0, 1, d and s. RFC 9989 wants no blanks, nothing twice, and not 0
 * together with 1; RFC 7489 takes any. */
static bool
read_fo(struct ruad_dmarc_record *r, const struct ruad_tag *t,
    enum ruad_record_tag id)
{
	static const char letters[] = "01ds";
	const char *s = r->text + t->value_at;
	unsigned set = 0;
	bool strict = true, item = true;

	(void)id;
	for (size_t i = 0; i < t->value_len; i++) {
		char c = s[i] == 'D' ? 'd' : s[i] == 'S' ? 's' : s[i];
		const char *at = c != '\0' ? strchr(letters, c) : NULL;

		if (c == ' ' || c == '\t') {
			strict = false;
		} else if (c == ':' && !item) {
			item = true;
		} else if (at != NULL && item) {
			unsigned bit = 1u << (at - letters);

			strict = strict && (set & bit) == 0;
			set |= bit;
			item = false;
		} else {
			return false;
		}
	}
	if (item)
		return false;
	reading_of(r, RUAD_RFC_7489)->fo = set;
	if ((set & (RUAD_FO_0 | RUAD_FO_1)) == (RUAD_FO_0 | RUAD_FO_1))
		strict = false;
	if (strict)
		reading_of(r, RUAD_RFC_9989)->fo = set;
	else
		ruad_remark(&r->remarks, RUAD_RECORD_FO, RUAD_REMARK_WARNING,
		    RUAD_OF_9989, t->value_at, t->value_len,
		    "fo: RFC 9989 allows 0 or 1, d and s, each once and "
		    "without blanks; its receivers take fo=0 instead");
	return true;
}

static bool
read_uris(struct ruad_dmarc_record *r, const struct ruad_tag *t,
    enum ruad_record_tag id)
{
	unsigned n = id == RUAD_TAG_RUF;

	r->uri_count[n] = ruad_uri_read(r->text, t->value_at, t->value_len,
	    specs[id].name, r->uri[n], RUAD_RECORD_URIS_MAX, &r->remarks);
	return true;
}

/* A number of at most `digits` digits; -1: it is none. */
static int64_t
number_of(const struct ruad_dmarc_record *r, const struct ruad_tag *t,
    size_t digits)
{
	const char *s = r->text + t->value_at;
	int64_t n = 0;

	if (t->value_len == 0 || t->value_len > digits)
		return -1;
	for (size_t i = 0; i < t->value_len; i++) {
		if (s[i] < '0' || s[i] > '9')
			return -1;
		n = n * 10 + (s[i] - '0');
	}
	return n;
}

static bool
read_pct(struct ruad_dmarc_record *r, const struct ruad_tag *t,
    enum ruad_record_tag id)
{
	int64_t n = number_of(r, t, 3);

	(void)id;
	if (n < 0 || n > 100)
		return false;
	reading_of(r, RUAD_RFC_7489)->pct = (int)n;
	if (n < 100)
		ruad_remark(&r->remarks, RUAD_RECORD_SAMPLED,
		    RUAD_REMARK_WARNING, RUAD_OF_BOTH, t->at, t->len,
		    "pct=%d: receivers of RFC 7489 apply the policy to this "
		    "share of failing mail and the next milder one to the "
		    "rest; those of RFC 9989 apply it to all",
		    (int)n);
	return true;
}

static bool
read_ri(struct ruad_dmarc_record *r, const struct ruad_tag *t,
    enum ruad_record_tag id)
{
	int64_t n = number_of(r, t, 10);

	(void)id;
	return n >= 0 && n <= UINT32_MAX;
}

static bool
read_rf(struct ruad_dmarc_record *r, const struct ruad_tag *t,
    enum ruad_record_tag id)
{
	(void)id;
	return ruad_tag_valued(r->text, t, "afrf");
}

bool
ruad_record_tag_read(struct ruad_dmarc_record *r, const struct ruad_tag *t,
    enum ruad_record_tag tag)
{
	const struct tag_spec *s = &specs[tag];

	r->known[tag] = t;
	if (s->read == NULL || s->read(r, t, tag))
		return true;
	r->bad[tag] = true;
	/* For policies it is said later what becomes of the record. */
	if (t->value_len > 0 && s->read != read_policy)
		ruad_remark(&r->remarks, RUAD_RECORD_VALUE, RUAD_REMARK_ERROR,
		    s->of, t->value_at, t->value_len,
		    "%s: allowed is %s; receivers act as if it were not there",
		    s->name, s->allowed);
	return false;
}

unsigned
ruad_record_tag_of(enum ruad_record_tag tag)
{
	return specs[tag].of;
}

const char *
ruad_record_tag_allowed(enum ruad_record_tag tag)
{
	return specs[tag].allowed;
}
