/* dkim_key.c - see dkim_key.h. */
#include "dkim_key.h"
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "tag.h"

enum {
	TAGS_MAX = 30,
	ED25519_BYTES = 32,
	DER_SEQUENCE = 0x30,
	DER_INTEGER = 2,
	DER_BITS = 3
};

/* Bytes that are still to be read. */
struct der {
	const unsigned char *at;
	size_t left;
};

/* Step into the next element if it has this tag: *in_out is its content, `d`
 * what follows it. */
static bool
der_take(struct der *d, unsigned char tag, struct der *in_out)
{
	size_t len, head = 2;

	if (d->left < 2 || d->at[0] != tag)
		return false;
	len = d->at[1];
	if (len >= 0x80) {
		size_t n = len & 0x7f;

		if (n == 0 || n > 3 || n > d->left - 2)
			return false;
		len = 0;
		for (size_t i = 0; i < n; i++)
			len = len << 8 | d->at[2 + i];
		head += n;
	}
	if (len > d->left - head)
		return false;
	*in_out = (struct der){ d->at + head, len };
	d->at += head + len;
	d->left -= head + len;
	return true;
}

/* The bits of the modulus, the first integer of RSAPublicKey. */
static unsigned
modulus_bits(struct der key)
{
	struct der sequence, n;
	unsigned bits;

	if (!der_take(&key, DER_SEQUENCE, &sequence) ||
	    !der_take(&sequence, DER_INTEGER, &n))
		return 0;
	while (n.left > 0 && *n.at == 0) {
		n.at++;
		n.left--;
	}
	if (n.left == 0 || n.left > 100000)
		return 0;
	bits = (unsigned)n.left * 8;
	for (unsigned top = *n.at; (top & 0x80) == 0; top <<= 1)
		bits--;
	return bits;
}

unsigned
ruad_dkim_key_bits(const unsigned char *der, size_t len)
{
	struct der all = { der, len }, d = all, info, algorithm, bits;

	if (der_take(&d, DER_SEQUENCE, &info) &&
	    der_take(&info, DER_SEQUENCE, &algorithm) &&
	    der_take(&info, DER_BITS, &bits) && bits.left > 1) {
		bits.at++; /* how many bits are unused: none */
		bits.left--;
		return modulus_bits(bits);
	}
	return modulus_bits(all);
}

/* The tags of a key record that matter here; NULL: absent. */
struct key {
	const char *text;
	struct ruad_tag tags[TAGS_MAX];
	const struct ruad_tag *v, *k, *p, *t;
	bool is_key; /* "v=", where it is there, is DKIM1 and comes first */
};

static void
read_key(struct key *key, const char *text, size_t len)
{
	size_t count = ruad_tag_split(text, len, key->tags, TAGS_MAX);

	key->text = text;
	for (size_t i = 0; i < count; i++) {
		const struct ruad_tag *t = &key->tags[i];

		if (ruad_tag_named(text, t, "v"))
			key->v = t;
		else if (ruad_tag_named(text, t, "k"))
			key->k = t;
		else if (ruad_tag_named(text, t, "p"))
			key->p = t;
		else if (ruad_tag_named(text, t, "t"))
			key->t = t;
	}
	key->is_key = key->p != NULL &&
	    (key->v == NULL ||
		(key->v == key->tags &&
		    ruad_tag_valued(text, key->v, "DKIM1")));
}

/* Whether the flags hold "y": RFC 6376 section 3.6.1. */
static bool
is_test(const struct key *key)
{
	const char *s;

	if (key->t == NULL)
		return false;
	s = key->text + key->t->value_at;
	for (size_t i = 0; i < key->t->value_len; i++) {
		if ((s[i] == 'y' || s[i] == 'Y') && (i == 0 || s[i - 1] == ':'))
			return true;
	}
	return false;
}

static void
judge_length(struct ruad_remarks *remarks, unsigned bits)
{
	if (bits == 0)
		ruad_remark(remarks, RUAD_DKIM_SYNTAX, RUAD_REMARK_ERROR,
		    RUAD_OF_BOTH, RUAD_NOWHERE, 0,
		    "what stands in p= is no RSA key: signatures fail");
	else if (bits < 1024)
		ruad_remark(remarks, RUAD_DKIM_SHORT, RUAD_REMARK_ERROR,
		    RUAD_OF_BOTH, RUAD_NOWHERE, 0,
		    "an RSA key of %u bits: receivers refuse keys below 1024 "
		    "(RFC 8301)",
		    bits);
	else if (bits < 2048)
		ruad_remark(remarks, RUAD_DKIM_SHORT, RUAD_REMARK_WARNING,
		    RUAD_OF_BOTH, RUAD_NOWHERE, 0,
		    "an RSA key of %u bits: 2048 are advised (RFC 8301)", bits);
	else
		ruad_remark(remarks, RUAD_DKIM_OK, RUAD_REMARK_INFO,
		    RUAD_OF_BOTH, RUAD_NOWHERE, 0, "an RSA key of %u bits",
		    bits);
}

/* The key itself. */
static void
judge_key(struct ruad_remarks *remarks, const struct key *key)
{
	const char *p = key->text + key->p->value_at;
	unsigned char der[4096];
	size_t len = 0;
	bool read =
	    sodium_base642bin(der, sizeof(der), p, key->p->value_len, " \t\r\n",
		&len, NULL, sodium_base64_VARIANT_ORIGINAL) == 0;

	if (is_test(key))
		ruad_remark(remarks, RUAD_DKIM_TESTING, RUAD_REMARK_WARNING,
		    RUAD_OF_BOTH, RUAD_NOWHERE, 0,
		    "the test flag (t=y) is set: some receivers treat mail "
		    "with this signature as unsigned");
	if (key->k == NULL || ruad_tag_valued(key->text, key->k, "rsa"))
		judge_length(remarks, read ? ruad_dkim_key_bits(der, len) : 0);
	else if (!ruad_tag_valued(key->text, key->k, "ed25519"))
		ruad_remark(remarks, RUAD_DKIM_SYNTAX, RUAD_REMARK_WARNING,
		    RUAD_OF_BOTH, RUAD_NOWHERE, 0,
		    "a kind of key (k=) that few receivers know");
	else if (!read || len != ED25519_BYTES)
		ruad_remark(remarks, RUAD_DKIM_SYNTAX, RUAD_REMARK_ERROR,
		    RUAD_OF_BOTH, RUAD_NOWHERE, 0,
		    "what stands in p= is no Ed25519 key: signatures fail");
	else
		ruad_remark(remarks, RUAD_DKIM_OK, RUAD_REMARK_INFO,
		    RUAD_OF_BOTH, RUAD_NOWHERE, 0,
		    "an Ed25519 key: not all receivers know these, so sign "
		    "with RSA, too");
}

static void
judge_text(struct ruad_remarks *remarks, const char *text, size_t len,
    bool passes)
{
	struct key key = { .text = NULL };

	read_key(&key, text, len);
	if (!key.is_key)
		ruad_remark(remarks, RUAD_DKIM_SYNTAX, RUAD_REMARK_ERROR,
		    RUAD_OF_BOTH, RUAD_NOWHERE, 0,
		    "the record is no DKIM key: signatures fail");
	else if (key.p->value_len == 0)
		ruad_remark(remarks, RUAD_DKIM_REVOKED,
		    passes ? RUAD_REMARK_WARNING : RUAD_REMARK_INFO,
		    RUAD_OF_BOTH, RUAD_NOWHERE, 0,
		    "the key has been revoked (p= is empty)%s",
		    passes ? ", and reports show mail signed with it" : "");
	else
		judge_key(remarks, &key);
}

enum ruad_status
ruad_dkim_key_check(struct ruad_resolver *resolver, const char *domain,
    const char *selector, bool passes, struct ruad_remarks *remarks,
    struct ruad_err *err)
{
	struct ruad_dns_answer *a;
	enum ruad_status st;
	char name[600];
	char *text;
	size_t len;

	snprintf(name, sizeof(name), "%s._domainkey.%s", selector, domain);
	if (strlen(name) > 253)
		return RUAD_OK;
	st = ruad_resolver_ask(resolver, name, RUAD_DNS_TXT, &a, err);
	if (st != RUAD_OK)
		return st;
	if (a->outcome == RUAD_DNS_FOUND) {
		text = ruad_dns_txt(a, 0, &len);
		if (text == NULL)
			st = ruad_fail_memory(err, "dkim");
		else
			judge_text(remarks, text, len, passes);
		free(text);
	} else if (a->outcome == RUAD_DNS_NO_DATA ||
	    a->outcome == RUAD_DNS_NO_NAME) {
		ruad_remark(remarks, RUAD_DKIM_MISSING,
		    passes ? RUAD_REMARK_WARNING : RUAD_REMARK_INFO,
		    RUAD_OF_BOTH, RUAD_NOWHERE, 0,
		    passes ? "no key in DNS any more; reports show "
			     "signatures that it verified"
			   : "no key in DNS, and no signature of this "
			     "selector ever verified: not yours, or broken");
	} else {
		ruad_remark(remarks, RUAD_LOOKUP_FAILED, RUAD_REMARK_UNKNOWN,
		    RUAD_OF_BOTH, RUAD_NOWHERE, 0,
		    "the key could not be looked up: %s",
		    ruad_dns_outcome_word(a->outcome));
	}
	ruad_dns_answer_free(&a);
	return st;
}
