/* record_draft.c - see record_draft.h. */
#include "record_draft.h"
#include <stdio.h>
#include <string.h>

bool
ruad_draft_apply(struct ruad_draft *d, const struct ruad_options *o)
{
	for (int i = RUAD_TAG_P; i < RUAD_TAG_COUNT; i++) {
		const char *value = o->tag[i - RUAD_TAG_P];

		if (value != NULL &&
		    !ruad_draft_set_words(d, (enum ruad_record_tag)i, value))
			return false;
	}
	return true;
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
	    ruad_draft_set_words(&one, tag, value))
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
		if (is_wrong(tag, line, why))
			ruad_message("%s", why);
		else if (ruad_draft_set_words(d, tag, line))
			return RUAD_EXIT_OK;
	}
}

enum ruad_exit
ruad_draft_ask(struct ruad_draft *d, const char *domain)
{
	static const enum ruad_record_tag asked[] = { RUAD_TAG_P, RUAD_TAG_SP,
		RUAD_TAG_NP, RUAD_TAG_T, RUAD_TAG_ADKIM, RUAD_TAG_ASPF,
		RUAD_TAG_RUA, RUAD_TAG_RUF, RUAD_TAG_FO };

	ruad_message("the record of %s; an empty line keeps what is in "
		     "brackets",
	    domain);
	for (size_t i = 0; i < sizeof(asked) / sizeof(asked[0]); i++) {
		enum ruad_exit status;

		/* Without ruf, fo asks for nothing. */
		if (asked[i] == RUAD_TAG_FO && d->value[RUAD_TAG_RUF] == NULL)
			continue;
		status = ask_tag(d, asked[i]);
		if (status != RUAD_EXIT_OK)
			return status;
	}
	return RUAD_EXIT_OK;
}
