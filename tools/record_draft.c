/* record_draft.c - see record_draft.h. */
#include "record_draft.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "recipient.h"

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

static bool
set_words(struct ruad_draft *d, enum ruad_record_tag tag, const char *value)
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

bool
ruad_draft_apply(struct ruad_draft *d, const struct ruad_options *o)
{
	for (int i = RUAD_TAG_P; i < RUAD_TAG_COUNT; i++) {
		const char *value = o->tag[i - RUAD_TAG_P];

		if (value != NULL &&
		    !set_words(d, (enum ruad_record_tag)i, value))
			return false;
	}
	return true;
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
ruad_draft_add_rua(struct ruad_draft *d, const struct ruad_conf *c,
    bool *none_out)
{
	const char *ours = NULL, *old = d->value[RUAD_TAG_RUA];
	char address[400], uri[1000], *list = NULL;
	bool done;

	*none_out = c->recipients.count == 0;
	if (*none_out || has_ours(d, c))
		return true;
	for (size_t i = 0; i < c->recipients.count; i++) {
		if (ours == NULL || ours[0] == '*')
			ours = c->recipients.text[i];
	}
	/* Any name will do where all of a domain is taken. */
	snprintf(address, sizeof(address), "%s%s",
	    ours[0] == '*' ? "dmarc" : "", ours[0] == '*' ? ours + 1 : ours);
	encode(address, uri, sizeof(uri));
	done = asprintf(&list, "%s%s%s", uri, old != NULL ? "," : "",
		   old != NULL ? old : "") >= 0 &&
	    ruad_draft_set(d, RUAD_TAG_RUA, list);
	free(list);
	return done;
}

/* What is wrong with a value by itself; false: nothing. */
static bool
is_wrong(enum ruad_record_tag tag, const char *value, char why[300])
{
	struct ruad_draft one = { { NULL } };
	struct ruad_dmarc_record *r = NULL;
	const struct ruad_remarks *list;
	struct ruad_err err;
	bool wrong = false;

	if (ruad_draft_set(&one, RUAD_TAG_P, "none") &&
	    ruad_draft_set(&one, tag, value))
		r = ruad_draft_record(&one, &err);
	ruad_draft_free(&one);
	if (r == NULL)
		return false;
	list = ruad_record_remarks(r);
	for (size_t i = 0; !wrong && i < list->count; i++) {
		wrong = list->item[i].severity == RUAD_REMARK_ERROR;
		snprintf(why, 300, "%s", list->item[i].text);
	}
	ruad_record_free(&r);
	return wrong;
}

/* Ask for one tag until the answer is good. */
static enum ruad_exit
ask_tag(struct ruad_draft *d, enum ruad_record_tag tag)
{
	char line[2000], why[300];
	const char *name = ruad_record_tag_name(tag);

	ruad_message("%s: %s", name, ruad_record_tag_help(tag));
	for (;;) {
		const char *now = d->value[tag];

		ruad_message("%s (%s%s) [%s]:", name,
		    ruad_record_tag_allowed(tag),
		    tag == RUAD_TAG_P ? "" : ", - for none",
		    now != NULL ? now : "none set");
		if (fgets(line, sizeof(line), stdin) == NULL)
			return ruad_message_usage("given up: nothing has been "
						  "written");
		line[strcspn(line, "\r\n")] = '\0';
		if (line[0] == '\0')
			return RUAD_EXIT_OK;
		if (strcmp(line, "-") == 0 && tag != RUAD_TAG_P) {
			(void)ruad_draft_set(d, tag, NULL);
			return RUAD_EXIT_OK;
		}
		if (is_wrong(tag, line, why) &&
		    (tag < RUAD_TAG_RUA || strchr(line, ':') != NULL))
			ruad_message("%s", why);
		else if (set_words(d, tag, line))
			return RUAD_EXIT_OK;
	}
}

enum ruad_exit
ruad_draft_ask(struct ruad_draft *d, const char *domain)
{
	static const enum ruad_record_tag asked[] = { RUAD_TAG_P, RUAD_TAG_SP,
		RUAD_TAG_NP, RUAD_TAG_T, RUAD_TAG_ADKIM, RUAD_TAG_ASPF,
		RUAD_TAG_RUA, RUAD_TAG_RUF };

	ruad_message("the record of %s; an empty line keeps what is in "
		     "brackets",
	    domain);
	for (size_t i = 0; i < sizeof(asked) / sizeof(asked[0]); i++) {
		enum ruad_exit status = ask_tag(d, asked[i]);

		if (status != RUAD_EXIT_OK)
			return status;
	}
	return RUAD_EXIT_OK;
}

void
ruad_draft_free(struct ruad_draft *d)
{
	for (int i = 0; i < RUAD_TAG_COUNT; i++) {
		free(d->value[i]);
		d->value[i] = NULL;
	}
}
