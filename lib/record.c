/* record.c - one pass over the tags in the order in which they stand; then the
 * rules about what is missing, once for each RFC. Where the RFCs contradict
 * themselves or each other, the more lenient reading that a receiver may follow
 * is taken, and a remark says so.
 * Invariant: positions of remarks are inside the text, or at its end. */
#include "record.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "record_tag.h"
#include "tag.h"
#include "text.h"

/* Make the reading of these generations worse. */
static void
degrade(struct ruad_dmarc_record *r, unsigned of, enum ruad_record_state state)
{
	for (int i = 0; i < RUAD_RFC_COUNT; i++) {
		if ((of & 1u << i) != 0 && r->reading[i].state < state)
			r->reading[i].state = state;
	}
}

/* Whether bytes stand there that may stand in no record. */
static void
check_bytes(struct ruad_dmarc_record *r)
{
	for (size_t i = 0; i < r->len; i++) {
		unsigned char c = (unsigned char)r->text[i];

		if (c >= 0x20 && c < 0x7f)
			continue;
		if (c == '\t')
			continue;
		degrade(r, RUAD_OF_BOTH, RUAD_RECORD_DOUBTFUL);
		ruad_remark(&r->remarks, RUAD_RECORD_BYTES, RUAD_REMARK_ERROR,
		    RUAD_OF_BOTH, i, 1,
		    "a byte that is no printable ASCII (0x%02x): copied from "
		    "a word processor?",
		    (unsigned)c);
		return;
	}
}

/* The first tag; false: this is no DMARC record. */
static bool
check_version(struct ruad_dmarc_record *r)
{
	if (ruad_record_is_dmarc(r->text, r->len))
		return true;
	if (r->len > 0 && (r->text[0] == ' ' || r->text[0] == '\t') &&
	    r->tag_count > 0 && ruad_tag_named(r->text, &r->tag[0], "v"))
		ruad_remark(&r->remarks, RUAD_RECORD_LEADING_BLANK,
		    RUAD_REMARK_ERROR, RUAD_OF_BOTH, 0, 1,
		    "a blank in front of v=DMARC1: receivers ignore the "
		    "record");
	else if (r->tag_count > 0 && ruad_tag_named(r->text, &r->tag[0], "v"))
		ruad_remark(&r->remarks, RUAD_RECORD_VERSION, RUAD_REMARK_ERROR,
		    RUAD_OF_BOTH, r->tag[0].value_at, r->tag[0].value_len,
		    "the version must be exactly DMARC1, in capitals, with a "
		    "semicolon behind it: receivers ignore the record");
	else
		ruad_remark(&r->remarks, RUAD_RECORD_VERSION, RUAD_REMARK_ERROR,
		    RUAD_OF_BOTH, 0, 0,
		    "a DMARC record begins with v=DMARC1: receivers ignore "
		    "this text");
	degrade(r, RUAD_OF_BOTH, RUAD_RECORD_IGNORED);
	return false;
}

/* Whether a name is that of a tag by RFC 9989: letters only. */
static bool
is_tag_name(const char *s, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (!((s[i] >= 'a' && s[i] <= 'z') ||
			(s[i] >= 'A' && s[i] <= 'Z')))
			return false;
	}
	return len > 0;
}

static enum ruad_record_tag
find_tag(const struct ruad_dmarc_record *r, const struct ruad_tag *t)
{
	int i = 0;

	while (i < RUAD_TAG_COUNT &&
	    !ruad_tag_named(r->text, t,
		ruad_record_tag_name((enum ruad_record_tag)i)))
		i++;
	return (enum ruad_record_tag)i;
}

/* A tag that no RFC has. */
static void
remark_unknown(struct ruad_dmarc_record *r, const struct ruad_tag *t)
{
	const char *near = NULL;
	size_t best = 2, d;
	char name[32];

	snprintf(name, sizeof(name), "%.*s", (int)(t->len < 30 ? t->len : 30),
	    r->text + t->at);
	ruad_text_lower(name, strlen(name));
	for (int i = RUAD_TAG_SP; i < RUAD_TAG_COUNT; i++) {
		d = ruad_text_distance(name,
		    ruad_record_tag_name((enum ruad_record_tag)i));
		if (d < best &&
		    strlen(ruad_record_tag_name((enum ruad_record_tag)i)) > 1) {
			best = d;
			near = ruad_record_tag_name((enum ruad_record_tag)i);
		}
	}
	ruad_remark(&r->remarks, RUAD_RECORD_TAG_UNKNOWN, RUAD_REMARK_WARNING,
	    RUAD_OF_BOTH, t->at, t->len,
	    "unknown tag \"%s\": receivers ignore it%s%s%s", name,
	    near != NULL ? "; did you mean " : "", near != NULL ? near : "",
	    near != NULL ? "?" : "");
}

/* What has no "=", or a name that is none. False: it is no tag to look at. */
static bool
check_syntax(struct ruad_dmarc_record *r, const struct ruad_tag *t)
{
	if (t->len == 0 && !t->equals) {
		degrade(r, RUAD_OF_BOTH, RUAD_RECORD_DOUBTFUL);
		ruad_remark(&r->remarks, RUAD_RECORD_TAG_EMPTY,
		    RUAD_REMARK_WARNING, RUAD_OF_BOTH, t->at, 0,
		    "a semicolon too many: most receivers pass over it, some "
		    "ignore the record");
		return false;
	}
	if (!t->equals || !is_tag_name(r->text + t->at, t->len)) {
		bool digits =
		    t->equals && t->len > 0 && is_tag_name(r->text + t->at, 1);

		if (!digits)
			degrade(r, RUAD_OF_BOTH, RUAD_RECORD_DOUBTFUL);
		ruad_remark(&r->remarks, RUAD_RECORD_TAG_SYNTAX,
		    digits ? RUAD_REMARK_WARNING : RUAD_REMARK_ERROR,
		    RUAD_OF_BOTH, t->at, t->len,
		    t->equals ? "a tag has a name of letters: receivers "
				"ignore this one"
			      : "no \"=\" here; tags are separated by "
				"semicolons, and a value belongs behind its "
				"name");
		return digits;
	}
	if (t->value_len == 0)
		ruad_remark(&r->remarks, RUAD_RECORD_VALUE_EMPTY,
		    RUAD_REMARK_ERROR, RUAD_OF_BOTH, t->value_at, 0,
		    "the tag has no value");
	return true;
}

/* Whether a tag of this name stands before tag n. */
static bool
is_twice(const struct ruad_dmarc_record *r, size_t n)
{
	const struct ruad_tag *t = &r->tag[n];

	for (size_t i = 0; i < n; i++) {
		const struct ruad_tag *o = &r->tag[i];
		char name[64];

		if (o->len != t->len || t->len == 0 || t->len >= sizeof(name))
			continue;
		memcpy(name, r->text + o->at, o->len);
		name[o->len] = '\0';
		if (strlen(name) == o->len && ruad_tag_named(r->text, t, name))
			return true;
	}
	return false;
}

static void
remark_generation(struct ruad_dmarc_record *r, const struct ruad_tag *t,
    enum ruad_record_tag id)
{
	if (ruad_record_tag_of(id) == RUAD_OF_7489)
		ruad_remark(&r->remarks, RUAD_RECORD_TAG_HISTORIC,
		    RUAD_REMARK_INFO, RUAD_OF_9989, t->at, t->len,
		    "%s is historic: receivers of RFC 9989 ignore it",
		    ruad_record_tag_name(id));
	if (ruad_record_tag_of(id) == RUAD_OF_9989)
		ruad_remark(&r->remarks, RUAD_RECORD_TAG_NEW, RUAD_REMARK_INFO,
		    RUAD_OF_7489, t->at, t->len,
		    "%s is new: receivers of RFC 7489 ignore it",
		    ruad_record_tag_name(id));
}

/* Tag n behind the version. */
static void
read_tag(struct ruad_dmarc_record *r, size_t n)
{
	const struct ruad_tag *t = &r->tag[n];
	enum ruad_record_tag id;

	if (!check_syntax(r, t))
		return;
	if (is_twice(r, n)) {
		degrade(r, RUAD_OF_BOTH, RUAD_RECORD_IGNORED);
		ruad_remark(&r->remarks, RUAD_RECORD_TAG_TWICE,
		    RUAD_REMARK_ERROR, RUAD_OF_BOTH, t->at, t->len,
		    "this tag stands here twice: receivers ignore the whole "
		    "record");
		return;
	}
	id = find_tag(r, t);
	if (id == RUAD_TAG_COUNT) {
		if (is_tag_name(r->text + t->at, t->len))
			remark_unknown(r, t);
		return;
	}
	remark_generation(r, t, id);
	ruad_record_tag_read(r, t, id);
}

static bool
has_valid_rua(const struct ruad_dmarc_record *r)
{
	for (size_t i = 0; i < r->uri_count[0]; i++) {
		if (r->uri[0][i].valid)
			return true;
	}
	return false;
}

static void
set_policies(struct ruad_reading *reading, enum ruad_policy p,
    enum ruad_policy sp, enum ruad_policy np)
{
	reading->p = p;
	reading->sp = sp != RUAD_POLICY_UNKNOWN ? sp : p;
	reading->np = np != RUAD_POLICY_UNKNOWN ? np : reading->sp;
}

/* A word that is no policy: with an address for reports the record acts as
 * p=none, without one as if it were not there. RFC 7489 section 6.6.3, RFC 9989
 * section 4.10.1. */
static void
remark_policy(struct ruad_dmarc_record *r, enum ruad_record_tag id)
{
	const struct ruad_tag *t = r->known[id];
	bool rua = has_valid_rua(r);

	ruad_remark(&r->remarks, RUAD_RECORD_POLICY_WORD, RUAD_REMARK_ERROR,
	    ruad_record_tag_of(id), t->value_at, t->value_len,
	    "%s: allowed is none, quarantine or reject; receivers %s",
	    ruad_record_tag_name(id),
	    rua ? "take the whole record for p=none"
		: "ignore the whole record, for it has no valid rua either");
}

static enum ruad_policy
known_policy(const struct ruad_dmarc_record *r, enum ruad_record_tag id)
{
	return r->known[id] == NULL ? RUAD_POLICY_UNKNOWN
				    : ruad_record_tag_policy(r, r->known[id]);
}

/* No p at all. The RFCs agree on p=none where reports can be sent; where not,
 * RFC 9989 contradicts itself (sections 4.7 and 4.10.1) and nothing that can be
 * seen depends on it. */
static void
resolve_missing(struct ruad_dmarc_record *r)
{
	bool rua = has_valid_rua(r);

	if (!rua)
		degrade(r, RUAD_OF_7489, RUAD_RECORD_IGNORED);
	ruad_remark(&r->remarks, RUAD_RECORD_POLICY_MISSING,
	    RUAD_REMARK_WARNING, RUAD_OF_BOTH, r->len, 0,
	    rua ? "no p: receivers act as if it were p=none"
		: "no p and no valid rua: receivers of RFC 7489 ignore the "
		  "record, those of RFC 9989 act as if it were p=none");
}

/* Work out the policies once all tags have been read. */
static void
resolve_policies(struct ruad_dmarc_record *r)
{
	bool rua = has_valid_rua(r);

	if (r->known[RUAD_TAG_P] == NULL)
		resolve_missing(r);
	for (int i = 0; i < RUAD_RFC_COUNT; i++) {
		bool np = i == RUAD_RFC_9989;
		bool bad = r->bad[RUAD_TAG_P] || r->bad[RUAD_TAG_SP] ||
		    (np && r->bad[RUAD_TAG_NP]);

		if (bad && !rua)
			degrade(r, 1u << i, RUAD_RECORD_IGNORED);
		if (bad || r->known[RUAD_TAG_P] == NULL)
			set_policies(&r->reading[i], RUAD_POLICY_NONE,
			    bad ? RUAD_POLICY_UNKNOWN
				: known_policy(r, RUAD_TAG_SP),
			    bad || !np ? RUAD_POLICY_UNKNOWN
				       : known_policy(r, RUAD_TAG_NP));
		else
			set_policies(&r->reading[i],
			    known_policy(r, RUAD_TAG_P),
			    known_policy(r, RUAD_TAG_SP),
			    np ? known_policy(r, RUAD_TAG_NP)
			       : RUAD_POLICY_UNKNOWN);
	}
	for (int id = RUAD_TAG_P; id <= RUAD_TAG_NP; id++) {
		if (r->bad[id])
			remark_policy(r, (enum ruad_record_tag)id);
	}
}

static void
check_order(struct ruad_dmarc_record *r)
{
	const struct ruad_tag *p = r->known[RUAD_TAG_P];

	if (p == NULL || p == &r->tag[1])
		return;
	degrade(r, RUAD_OF_7489, RUAD_RECORD_DOUBTFUL);
	ruad_remark(&r->remarks, RUAD_RECORD_ORDER, RUAD_REMARK_WARNING,
	    RUAD_OF_7489, p->at, p->len,
	    "p stands directly behind v in RFC 7489: many of its receivers "
	    "ignore the record otherwise; RFC 9989 takes any order");
}

/* What is right by the letter, and rarely meant. */
static void
check_sense(struct ruad_dmarc_record *r)
{
	const struct ruad_reading *a = &r->reading[RUAD_RFC_9989];

	for (int i = RUAD_TAG_SP; i <= RUAD_TAG_NP; i++) {
		enum ruad_policy policy =
		    known_policy(r, (enum ruad_record_tag)i);

		if (policy != RUAD_POLICY_UNKNOWN && policy < a->p)
			ruad_remark(&r->remarks, RUAD_RECORD_POLICY_WEAKER,
			    RUAD_REMARK_INFO, RUAD_OF_BOTH, r->known[i]->at,
			    r->known[i]->len,
			    "%s is milder than p: forged mail is let through "
			    "from names below the domain",
			    ruad_record_tag_name((enum ruad_record_tag)i));
	}
	if (r->known[RUAD_TAG_FO] != NULL && r->known[RUAD_TAG_RUF] == NULL)
		ruad_remark(&r->remarks, RUAD_RECORD_FO_UNUSED,
		    RUAD_REMARK_INFO, RUAD_OF_BOTH, r->known[RUAD_TAG_FO]->at,
		    r->known[RUAD_TAG_FO]->len, "fo has no effect without ruf");
	if (!has_valid_rua(r))
		ruad_remark(&r->remarks, RUAD_RECORD_NO_RUA,
		    RUAD_REMARK_WARNING, RUAD_OF_BOTH, r->len, 0,
		    "no valid rua: nobody sends aggregate reports");
	if (r->len > 255)
		ruad_remark(&r->remarks, RUAD_RECORD_LONG, RUAD_REMARK_INFO,
		    RUAD_OF_BOTH, 255, 0,
		    "longer than the 255 bytes of one string of a TXT record: "
		    "it takes several, which are joined without a blank");
}

static void
ignore(struct ruad_reading *reading)
{
	if (reading->state != RUAD_RECORD_IGNORED)
		return;
	reading->p = reading->sp = reading->np = RUAD_POLICY_UNKNOWN;
	reading->psd = 'u';
}

static void
read_all(struct ruad_dmarc_record *r)
{
	r->tag_count =
	    ruad_tag_split(r->text, r->len, r->tag, RUAD_RECORD_TAGS_MAX);
	check_bytes(r);
	if (check_version(r)) {
		r->known[RUAD_TAG_V] = &r->tag[0];
		for (size_t i = 1; i < r->tag_count; i++)
			read_tag(r, i);
		if (r->tag_count == RUAD_RECORD_TAGS_MAX) {
			degrade(r, RUAD_OF_BOTH, RUAD_RECORD_DOUBTFUL);
			ruad_remark(&r->remarks, RUAD_RECORD_TAGS,
			    RUAD_REMARK_ERROR, RUAD_OF_BOTH,
			    r->tag[RUAD_RECORD_TAGS_MAX - 1].at, 0,
			    "too many tags: what follows is not looked at");
		}
		resolve_policies(r);
		check_order(r);
		check_sense(r);
	}
	for (int i = 0; i < RUAD_RFC_COUNT; i++)
		ignore(&r->reading[i]);
}

enum ruad_status
ruad_record_read(const char *text, size_t len, struct ruad_dmarc_record **out,
    struct ruad_err *err)
{
	struct ruad_dmarc_record *r = *out = calloc(1, sizeof(*r));

	if (r == NULL)
		return ruad_fail_memory(err, "record");
	r->text = malloc(len + 1);
	r->len = len;
	if (r->text == NULL)
		goto fail;
	memcpy(r->text, text, len);
	r->text[len] = '\0';
	for (int i = 0; i < RUAD_RFC_COUNT; i++)
		r->reading[i] = (struct ruad_reading){
			.adkim = RUAD_MODE_RELAXED,
			.aspf = RUAD_MODE_RELAXED,
			.fo = RUAD_FO_0,
			.psd = 'u',
			.pct = 100,
		};
	read_all(r);
	if (!r->remarks.failed)
		return RUAD_OK;
fail:
	ruad_record_free(out);
	return ruad_fail_memory(err, "record");
}

void
ruad_record_free(struct ruad_dmarc_record **r)
{
	if (*r == NULL)
		return;
	ruad_remarks_free(&(*r)->remarks);
	free((*r)->text);
	free(*r);
	*r = NULL;
}

bool
ruad_record_is_dmarc(const char *text, size_t len)
{
	struct ruad_tag t;

	return len > 0 && text[0] != ' ' && text[0] != '\t' &&
	    ruad_tag_split(text, len, &t, 1) == 1 &&
	    ruad_tag_named(text, &t, "v") && t.value_len == 6 &&
	    memcmp(text + t.value_at, "DMARC1", 6) == 0;
}

bool
ruad_record_authorises(const char *text, size_t len)
{
	struct ruad_tag tags[RUAD_RECORD_TAGS_MAX];
	size_t count = ruad_tag_split(text, len, tags, RUAD_RECORD_TAGS_MAX);

	for (size_t i = 0; i < count; i++) {
		if (!tags[i].equals)
			return false;
	}
	return ruad_record_is_dmarc(text, len);
}

const char *
ruad_record_text(const struct ruad_dmarc_record *r, size_t *len_out)
{
	*len_out = r->len;
	return r->text;
}

const struct ruad_reading *
ruad_record_reading(const struct ruad_dmarc_record *r, enum ruad_rfc rfc)
{
	return &r->reading[rfc];
}

const struct ruad_remarks *
ruad_record_remarks(const struct ruad_dmarc_record *r)
{
	return &r->remarks;
}

const struct ruad_uri *
ruad_record_uri(const struct ruad_dmarc_record *r, enum ruad_record_tag tag,
    size_t n)
{
	unsigned list = tag == RUAD_TAG_RUF;

	return n < r->uri_count[list] ? &r->uri[list][n] : NULL;
}

const char *
ruad_record_value(const struct ruad_dmarc_record *r, enum ruad_record_tag tag,
    size_t *len_out)
{
	const struct ruad_tag *t = r->known[tag];

	if (t == NULL)
		return NULL;
	*len_out = t->value_len;
	return r->text + t->value_at;
}

enum ruad_policy
ruad_reading_applied(const struct ruad_reading *reading,
    enum ruad_policy policy)
{
	if (!reading->testing && reading->pct != 0)
		return policy;
	return policy == RUAD_POLICY_REJECT ? RUAD_POLICY_QUARANTINE
	    : policy == RUAD_POLICY_UNKNOWN ? policy
					    : RUAD_POLICY_NONE;
}
