/* record_write.c - a record written well: what a receiver of RFC 9989 made of
 * it, in the usual order and without what has no effect. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "record.h"
#include "record_tag.h"
#include "text.h"
#include "word.h"

char *
ruad_record_write(const char *const values[RUAD_TAG_COUNT])
{
	char *text = NULL;
	size_t len;
	FILE *to = open_memstream(&text, &len);
	bool failed;

	if (to == NULL)
		return NULL;
	fputs("v=DMARC1", to);
	for (int i = RUAD_TAG_P; i < RUAD_TAG_COUNT; i++) {
		if (values[i] != NULL)
			fprintf(to, "; %s=%s",
			    ruad_record_tag_name((enum ruad_record_tag)i),
			    values[i]);
	}
	failed = ferror(to) != 0;
	if (fclose(to) == 0 && !failed)
		return text;
	free(text);
	return NULL;
}

/* The value of a tag without blanks, in lower case. NULL: no memory. */
static char *
plain(const struct ruad_dmarc_record *r, const struct ruad_tag *t)
{
	char *s = malloc(t->value_len + 1);
	size_t n = 0;

	for (size_t i = 0; s != NULL && i < t->value_len; i++) {
		char c = r->text[t->value_at + i];

		if (c != ' ' && c != '\t')
			s[n++] = c;
	}
	if (s == NULL)
		return NULL;
	s[n] = '\0';
	ruad_text_lower(s, n);
	return s;
}

/* The valid URIs of a list with commas between them; *failed_out: no memory.
 * NULL also where there is none. */
static char *
join_uris(const struct ruad_dmarc_record *r, enum ruad_record_tag tag,
    bool *failed_out)
{
	const struct ruad_uri *u;
	char *s = malloc(r->len + 1);
	size_t n = 0;

	*failed_out = s == NULL;
	for (size_t i = 0;
	     s != NULL && (u = ruad_record_uri(r, tag, i)) != NULL; i++) {
		if (!u->valid)
			continue;
		if (n > 0)
			s[n++] = ',';
		memcpy(s + n, r->text + u->at, u->len + u->size_len);
		n += u->len + u->size_len;
	}
	if (s != NULL && n > 0) {
		s[n] = '\0';
		return s;
	}
	free(s);
	return NULL;
}

/* Policies come from the reading, for a bad one changes the others. */
static const char *
policy_value(const struct ruad_dmarc_record *r, enum ruad_record_tag tag)
{
	const struct ruad_reading *a = &r->reading[RUAD_RFC_9989];

	if (tag == RUAD_TAG_P)
		return ruad_policy_word(a->p);
	if (tag == RUAD_TAG_SP)
		return a->sp != a->p || (r->known[tag] != NULL && !r->bad[tag])
		    ? ruad_policy_word(a->sp)
		    : NULL;
	return a->np != a->sp || (r->known[tag] != NULL && !r->bad[tag])
	    ? ruad_policy_word(a->np)
	    : NULL;
}

/* fo says nothing where no failure report has anywhere to go. */
static bool
fo_counts(const struct ruad_dmarc_record *r)
{
	unsigned set = r->reading[RUAD_RFC_9989].fo;
	const struct ruad_uri *u;
	size_t i = 0;

	while ((u = ruad_record_uri(r, RUAD_TAG_RUF, i)) != NULL && !u->valid)
		i++;
	return u != NULL && r->known[RUAD_TAG_FO] != NULL &&
	    set == r->reading[RUAD_RFC_7489].fo;
}

char *
ruad_record_canonical(const struct ruad_dmarc_record *r)
{
	const char *values[RUAD_TAG_COUNT] = { NULL };
	char *owned[RUAD_TAG_COUNT] = { NULL }, *text = NULL;
	bool failed = false;

	if (r->reading[RUAD_RFC_9989].state == RUAD_RECORD_IGNORED)
		return NULL;
	for (int i = RUAD_TAG_P; i < RUAD_TAG_COUNT && !failed; i++) {
		enum ruad_record_tag tag = (enum ruad_record_tag)i;
		const struct ruad_tag *t = r->known[tag];

		if (tag <= RUAD_TAG_NP) {
			values[tag] = policy_value(r, tag);
			continue;
		}
		if (t == NULL || r->bad[tag] ||
		    (tag == RUAD_TAG_FO && !fo_counts(r)))
			continue;
		if (tag == RUAD_TAG_RUA || tag == RUAD_TAG_RUF)
			owned[tag] = join_uris(r, tag, &failed);
		else
			failed = (owned[tag] = plain(r, t)) == NULL;
		values[tag] = owned[tag];
	}
	if (!failed)
		text = ruad_record_write(values);
	for (int i = 0; i < RUAD_TAG_COUNT; i++)
		free(owned[i]);
	return text;
}
