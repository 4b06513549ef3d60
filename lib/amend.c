/* amend.c - one function for each change, to run in a transaction, and one that
 * runs it. */
#include "amend.h"
#include "put.h"
#include "registry.h"
#include "replace.h"

/* What the functions that run in the transaction are told. */
struct change {
	struct ruad_delivery *d;
	const struct ruad_delivery *mail;
	struct ruad_item *item;
	int64_t key; /* of a report, or in quarantine */
	bool recount; /* see replace.h */
	bool keep_raw;
	const char *domain, *name; /* name: a note, or an organisation */
	int64_t since_epoch;
};

static enum ruad_status
retry(struct ruad_put *p, void *arg, struct ruad_err *err)
{
	struct change *c = arg;

	return ruad_put_again(p, c->d, err);
}

enum ruad_status
ruad_amend_retry(struct ruad_store *s, struct ruad_delivery *d,
    struct ruad_err *err)
{
	struct change c = { .d = d };
	enum ruad_status st = ruad_store_do(s, retry, &c, err);

	if (st == RUAD_OK)
		ruad_delivery_conclude(d);
	return st;
}

static enum ruad_status
replace(struct ruad_put *p, void *arg, struct ruad_err *err)
{
	struct change *c = arg;

	return ruad_replace_report(p, c->key, c->mail, c->item, &c->recount,
	    err);
}

enum ruad_status
ruad_amend_replace(struct ruad_store *s, int64_t report_key,
    const struct ruad_delivery *d, struct ruad_item *item, struct ruad_err *err)
{
	struct change c = { .key = report_key, .mail = d, .item = item };
	enum ruad_status st = ruad_store_do(s, replace, &c, err);

	if (st == RUAD_BAD && c.recount)
		st = ruad_store_do(s, replace, &c, err);
	return st;
}

static enum ruad_status
drop(struct ruad_put *p, void *arg, struct ruad_err *err)
{
	struct change *c = arg;

	return ruad_put_drop(p, c->key, c->keep_raw, err);
}

enum ruad_status
ruad_amend_drop(struct ruad_store *s, int64_t quarantine_key, bool keep_raw,
    struct ruad_err *err)
{
	struct change c = { .key = quarantine_key, .keep_raw = keep_raw };

	return ruad_store_do(s, drop, &c, err);
}

static enum ruad_status
add_domain(struct ruad_put *p, void *arg, struct ruad_err *err)
{
	struct change *c = arg;

	return ruad_registry_add(p->sql, c->domain, c->name, c->since_epoch,
	    err);
}

enum ruad_status
ruad_amend_register(struct ruad_store *s, const char *domain, const char *note,
    int64_t since_epoch, struct ruad_err *err)
{
	struct change c = { .domain = domain,
		.name = note,
		.since_epoch = since_epoch };

	return ruad_store_do(s, add_domain, &c, err);
}

static enum ruad_status
ignore_domain(struct ruad_put *p, void *arg, struct ruad_err *err)
{
	struct change *c = arg;

	return ruad_registry_ignore(p->sql, c->domain, c->name, c->since_epoch,
	    err);
}

enum ruad_status
ruad_amend_ignore(struct ruad_store *s, const char *domain, const char *note,
    int64_t since_epoch, struct ruad_err *err)
{
	struct change c = { .domain = domain,
		.name = note,
		.since_epoch = since_epoch };

	return ruad_store_do(s, ignore_domain, &c, err);
}

static enum ruad_status
remove_domain(struct ruad_put *p, void *arg, struct ruad_err *err)
{
	struct change *c = arg;
	int64_t count;
	enum ruad_status st =
	    ruad_registry_remove(p->sql, c->domain, &count, err);

	if (st == RUAD_OK && count == 0)
		return ruad_fail(err, RUAD_END, RUAD_CODE_NONE,
		    "store: %s is neither registered nor ignored", c->domain);
	return st;
}

enum ruad_status
ruad_amend_unregister(struct ruad_store *s, const char *domain,
    struct ruad_err *err)
{
	struct change c = { .domain = domain };

	return ruad_store_do(s, remove_domain, &c, err);
}

static enum ruad_status
pin(struct ruad_put *p, void *arg, struct ruad_err *err)
{
	struct change *c = arg;

	return ruad_registry_pin(p->sql, c->name, c->domain, c->since_epoch,
	    err);
}

enum ruad_status
ruad_amend_pin(struct ruad_store *s, const char *org_name, const char *domain,
    int64_t since_epoch, struct ruad_err *err)
{
	struct change c = { .name = org_name,
		.domain = domain,
		.since_epoch = since_epoch };

	return ruad_store_do(s, pin, &c, err);
}

static enum ruad_status
unpin(struct ruad_put *p, void *arg, struct ruad_err *err)
{
	struct change *c = arg;
	int64_t count;
	enum ruad_status st =
	    ruad_registry_unpin(p->sql, c->name, c->domain, &count, err);

	if (st == RUAD_OK && count == 0)
		return ruad_fail(err, RUAD_END, RUAD_CODE_NONE,
		    "store: \"%s\" has no such pin", c->name);
	return st;
}

enum ruad_status
ruad_amend_unpin(struct ruad_store *s, const char *org_name, const char *domain,
    struct ruad_err *err)
{
	struct change c = { .name = org_name, .domain = domain };

	return ruad_store_do(s, unpin, &c, err);
}
