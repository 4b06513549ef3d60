/* setup.c - one function per module that is set up; no policy of its own. */
#include "setup.h"
#include "conf_value.h"
#include <stdlib.h>
#include <string.h>

/* The only options that are wider in the file than in their module. */
static unsigned
to_unsigned(int64_t n)
{
	return n < 0 ? 0 : n > UINT32_MAX ? UINT32_MAX : (unsigned)n;
}

void
ruad_setup_budget(const struct ruad_conf *c, struct ruad_budget *out)
{
	atomic_init(&out->used, 0);
	out->max = (size_t)c->memory_bytes;
}

static void
set_mail(const struct ruad_conf *c, struct ruad_budget *budget,
    struct ruad_mail_settings *set)
{
	set->spool_dir = c->spool_dir;
	set->memory_bytes = (size_t)c->mail_memory_bytes;
	set->message_bytes = c->limits.message_bytes;
	set->budget = budget;
}

static bool
is_word(const struct ruad_strings *list, const char *word)
{
	return list->count == 1 && strcmp(list->text[0], word) == 0;
}

static void
set_ingest(const struct ruad_conf *c, struct ruad_budget *budget,
    struct ruad_orgdom *orgdom, struct ruad_ingest_settings *set)
{
	set->limits = c->limits;
	set->budget = budget;
	set->orgdom = orgdom;
	set->trust.authserv_ids = c->authserv_ids.text;
	set->trust.authserv_id_count = c->authserv_ids.count;
	set->trust.trusted_received = to_unsigned(c->trusted_received);
	set->require_auth = (enum ruad_require_auth)c->require_auth;
	set->registered_only = is_word(&c->domains, RUAD_CONF_REGISTERED);
	if (!set->registered_only && !is_word(&c->domains, RUAD_CONF_ANY)) {
		set->domains = c->domains.text;
		set->domain_count = c->domains.count;
	}
	set->keep_raw = c->keep_raw;
}

static void
set_store(const struct ruad_conf *c, struct ruad_store_settings *store,
    struct ruad_writer_settings *writer)
{
	store->busy_msecs = to_unsigned(c->busy_msecs);
	store->conflict_last = c->on_conflict == 1;
	writer->queue_max = (size_t)c->queue_max;
	writer->batch_max = (size_t)c->batch_max;
}

enum ruad_status
ruad_setup_new(const struct ruad_conf *c, struct ruad_budget *budget,
    struct ruad_setup **out, struct ruad_err *err)
{
	const char *list = c->public_suffix_list;
	struct ruad_setup *s = *out = calloc(1, sizeof(*s));
	struct ruad_err why;
	enum ruad_status st;

	if (s == NULL)
		return ruad_fail_memory(err, "setup");
	st = ruad_orgdom_open(list[0] != '\0' ? list : NULL, &s->orgdom, err);
	if (st != RUAD_OK) {
		/* A file that the configuration names is its own mistake. */
		if (list[0] != '\0' && err != NULL &&
		    err->code == RUAD_OUR_IO) {
			why = *err;
			st = ruad_conf_fail(c, "public_suffix_list", err, "%s",
			    why.text);
		}
		ruad_setup_free(out);
		return st;
	}
	set_mail(c, budget, &s->mail);
	set_ingest(c, budget, s->orgdom, &s->ingest);
	set_store(c, &s->store, &s->writer);
	return RUAD_OK;
}

void
ruad_setup_free(struct ruad_setup **s)
{
	if (*s == NULL)
		return;
	ruad_orgdom_close(&(*s)->orgdom);
	free(*s);
	*s = NULL;
}
