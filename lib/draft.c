/* draft.c - see draft.h. */
#include "draft.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "inspect.h"
#include "recipient.h"
#include "word.h"

bool
ruad_draft_set(struct ruad_draft *d, enum ruad_record_tag tag,
    const char *value)
{
	char *copy = NULL;

	if (value != NULL && value[0] != '\0' && (copy = strdup(value)) == NULL)
		return false;
	free(d->value[tag]);
	d->value[tag] = copy;
	return true;
}

bool
ruad_draft_load(struct ruad_draft *d, const struct ruad_dmarc_record *r)
{
	char *text = ruad_record_canonical(r);
	struct ruad_dmarc_record *clean = NULL;
	struct ruad_err err;
	bool done = true;

	if (text == NULL)
		return true;
	if (ruad_record_read(text, strlen(text), &clean, &err) != RUAD_OK)
		done = false;
	for (int i = RUAD_TAG_P; done && i < RUAD_TAG_COUNT; i++) {
		size_t len;
		const char *s =
		    ruad_record_value(clean, (enum ruad_record_tag)i, &len);
		char *value = s != NULL ? strndup(s, len) : NULL;

		done = (s == NULL || value != NULL) &&
		    ruad_draft_set(d, (enum ruad_record_tag)i, value);
		free(value);
	}
	ruad_record_free(&clean);
	free(text);
	return done;
}

/* A list of addresses with "mailto:" in front of those without a scheme. NULL:
 * no memory. */
static char *
add_scheme(const char *list)
{
	char *out = NULL;
	size_t size;
	FILE *to = open_memstream(&out, &size);

	if (to == NULL)
		return NULL;
	while (*list != '\0') {
		size_t len = strcspn(list, ",");

		if (memchr(list, ':', len) == NULL &&
		    memchr(list, '@', len) != NULL)
			fputs("mailto:", to);
		fprintf(to, "%.*s", (int)len, list);
		list += len;
		if (*list == ',')
			putc(*list++, to);
	}
	if (fclose(to) == 0)
		return out;
	free(out);
	return NULL;
}

bool
ruad_draft_set_words(struct ruad_draft *d, enum ruad_record_tag tag,
    const char *value)
{
	char *uris;
	bool done;

	if (tag != RUAD_TAG_RUA && tag != RUAD_TAG_RUF)
		return ruad_draft_set(d, tag, value);
	uris = add_scheme(value);
	done = uris != NULL && ruad_draft_set(d, tag, uris);
	free(uris);
	return done;
}

struct ruad_dmarc_record *
ruad_draft_record(const struct ruad_draft *d, struct ruad_err *err)
{
	char *text = ruad_record_write((const char *const *)d->value);
	struct ruad_dmarc_record *r = NULL;

	if (text == NULL)
		(void)ruad_fail_memory(err, "record");
	else if (ruad_record_read(text, strlen(text), &r, err) != RUAD_OK)
		r = NULL;
	free(text);
	return r;
}

/* Whether an address of the list is one that reports are taken at. */
static bool
has_ours(const struct ruad_draft *d, const struct ruad_conf *c)
{
	const struct ruad_uri *u;
	struct ruad_dmarc_record *r;
	struct ruad_err err;
	bool found = false;

	r = ruad_draft_record(d, &err);
	for (size_t i = 0; r != NULL && !found &&
	     (u = ruad_record_uri(r, RUAD_TAG_RUA, i)) != NULL;
	     i++)
		found = u->valid &&
		    ruad_recipient_match(&c->recipients, c->recipient_delimiter,
			u->address);
	ruad_record_free(&r);
	return found;
}

/* The address as a URI: "!" and what else has a meaning there is encoded. */
static void
encode(const char *address, char *out, size_t cap)
{
	size_t len = (size_t)snprintf(out, cap, "mailto:");

	for (; *address != '\0' && len + 4 < cap; address++) {
		if (strchr("!,;%?#\"\\ <>[]^`{|}", *address) != NULL)
			len += (size_t)snprintf(out + len, cap - len, "%%%02X",
			    (unsigned)(unsigned char)*address);
		else
			out[len++] = *address;
	}
	out[len] = '\0';
}

bool
ruad_draft_own_uri(const struct ruad_conf *c, char out[RUAD_DRAFT_URI_BYTES])
{
	const char *ours = NULL;
	char address[400];

	for (size_t i = 0; i < c->recipients.count; i++) {
		if (ours == NULL || ours[0] == '*')
			ours = c->recipients.text[i];
	}
	if (ours == NULL)
		return false;
	/* Any name will do where all of a domain is taken. */
	snprintf(address, sizeof(address), "%s%s",
	    ours[0] == '*' ? "dmarc" : "", ours[0] == '*' ? ours + 1 : ours);
	encode(address, out, RUAD_DRAFT_URI_BYTES);
	return true;
}

bool
ruad_draft_add_rua(struct ruad_draft *d, const struct ruad_conf *c,
    enum ruad_draft_rua *how_out)
{
	const char *old = d->value[RUAD_TAG_RUA];
	char uri[RUAD_DRAFT_URI_BYTES], *list = NULL;
	bool done;

	*how_out = RUAD_DRAFT_RUA_NONE;
	if (!ruad_draft_own_uri(c, uri))
		return true;
	*how_out = RUAD_DRAFT_RUA_THERE;
	if (has_ours(d, c))
		return true;
	*how_out = RUAD_DRAFT_RUA_ADDED;
	done = asprintf(&list, "%s%s%s", uri, old != NULL ? "," : "",
		   old != NULL ? old : "") >= 0 &&
	    ruad_draft_set(d, RUAD_TAG_RUA, list);
	free(list);
	return done;
}

void
ruad_draft_free(struct ruad_draft *d)
{
	for (int i = 0; i < RUAD_TAG_COUNT; i++) {
		free(d->value[i]);
		d->value[i] = NULL;
	}
}

bool
ruad_draft_inherit(struct ruad_draft *d, const struct ruad_discovered *found,
    const struct ruad_found *f)
{
	if (f->at == NULL || f->at->record == NULL)
		return true;
	if (!ruad_draft_load(d, f->at->record))
		return false;
	if (f->at == ruad_discovery_own(found) || f->state != RUAD_FOUND_POLICY)
		return true;
	return ruad_draft_set(d, RUAD_TAG_P, ruad_policy_word(f->policy)) &&
	    ruad_draft_set(d, RUAD_TAG_SP, NULL) &&
	    ruad_draft_set(d, RUAD_TAG_NP, NULL) &&
	    ruad_draft_set(d, RUAD_TAG_PSD, NULL);
}

const char *
ruad_draft_zone(const struct ruad_orgdom *orgdom, const char *domain)
{
	const char *org = ruad_orgdom_find(orgdom, domain);

	return org != NULL ? org : domain;
}

/* Whether this host is in the list. */
static bool
is_listed(const struct ruad_authorisation *list, size_t count, const char *host)
{
	for (size_t i = 0; i < count; i++) {
		if (strcmp(list[i].host, host) == 0)
			return true;
	}
	return false;
}

size_t
ruad_draft_authorisations(const struct ruad_dmarc_record *r,
    const struct ruad_orgdom *orgdom, const char *domain,
    struct ruad_authorisation out[RUAD_AUTHORISATIONS_MAX])
{
	static const enum ruad_record_tag tags[] = { RUAD_TAG_RUA,
		RUAD_TAG_RUF };
	const char *zone = ruad_draft_zone(orgdom, domain);
	const struct ruad_uri *u;
	size_t count = 0;

	for (size_t t = 0; t < 2; t++) {
		for (size_t i = 0; count < RUAD_AUTHORISATIONS_MAX &&
		     (u = ruad_record_uri(r, tags[t], i)) != NULL;
		     i++) {
			struct ruad_authorisation *a = &out[count];
			const char *other = ruad_draft_zone(orgdom, u->host);

			if (!u->mailto || strcmp(other, zone) == 0 ||
			    is_listed(out, count, u->host) ||
			    !ruad_inspect_report_name(domain, u->host,
				a->record.name))
				continue;
			snprintf(a->host, sizeof(a->host), "%s", u->host);
			snprintf(a->record.zone, sizeof(a->record.zone), "%s",
			    other);
			a->record.text = "v=DMARC1";
			count++;
		}
	}
	return count;
}
