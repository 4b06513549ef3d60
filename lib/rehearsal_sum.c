/* rehearsal_sum.c - see rehearsal_sum.h. Senders and changes are found by their
 * interned keys, whose indexes are those of the lists. */
#include "rehearsal_sum.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "arena.h"
#include "intern.h"
#include "value.h"

struct ruad_rehearsal_sum {
	const struct ruad_rehearsal_ask *ask; /* borrowed */
	struct ruad_rehearsal *out; /* borrowed */
	struct ruad_intern *senders, *changes;
	/* Names as results have them, each looked up once, and the index of
	 * their senders. */
	struct ruad_intern *raws;
	uint32_t *raw; /* owned by the arena, as are all */
	size_t raw_count, raw_cap;
	size_t sender_cap, change_cap;
};

/* What changes of equal kind are summed up by. */
struct change_key {
	int64_t source, author;
	uint32_t sender;
	int class, now, disposition_now, disposition;
	int padding; /* 0: keys are compared as bytes */
};

void
ruad_rehearsal_set_facts(const struct ruad_rehearsal_ask *ask,
    const int64_t n[4], struct ruad_rehearsal *out)
{
	out->facts.days = ask->days;
	out->facts.report_days = n[0];
	out->facts.reporters = n[1];
	out->facts.history_days = n[2];
	out->days_without_records = n[3];
	out->facts.enforced = ruad_rehearse_strictest(&ask->policy->policy) >=
	    RUAD_POLICY_QUARANTINE;
}

struct ruad_rehearsal_sum *
ruad_rehearsal_sum_new(const struct ruad_rehearsal_ask *ask,
    struct ruad_rehearsal *out)
{
	struct ruad_rehearsal_sum *s;

	out->arena = ruad_arena_new(NULL);
	if (out->arena == NULL)
		return NULL;
	s = ruad_arena_alloc(out->arena, sizeof(*s));
	if (s == NULL)
		return NULL;
	s->ask = ask;
	s->out = out;
	s->senders = ruad_intern_new(out->arena);
	s->changes = ruad_intern_new(out->arena);
	s->raws = ruad_intern_new(out->arena);
	return s->senders != NULL && s->changes != NULL && s->raws != NULL
	    ? s
	    : NULL;
}

/* Who sent them: writes the name, returns what it is known by. The name is
 * foreign where it is a domain, but not the author's. */
static const char *
name_sender(const struct ruad_rehearsal_ask *ask,
    const struct ruad_rehearsal_group *g, char *buf, size_t cap,
    bool *is_foreign_out)
{
	const struct ruad_rehearse_auth *auth = g->row.auth;
	enum ruad_sender_basis basis =
	    auth != NULL ? auth->basis : RUAD_SENDER_NONE;
	const char *org;

	*is_foreign_out = false;
	if (g->sender != NULL && g->sender[0] != '\0') {
		snprintf(buf, cap, "%s", g->sender);
		return g->basis != NULL ? g->basis : "name";
	}
	if (basis != RUAD_SENDER_NONE) {
		*is_foreign_out =
		    basis == RUAD_SENDER_DKIM || basis == RUAD_SENDER_SPF;
		snprintf(buf, cap, "%s", auth->sender);
		return basis == RUAD_SENDER_DKIM ||
			basis == RUAD_SENDER_OWN_DKIM
		    ? "dkim"
		    : "spf";
	}
	org = g->ptr != NULL ? ruad_orgdom_find(ask->orgdom, g->ptr) : NULL;
	if (org != NULL) {
		*is_foreign_out = true;
		snprintf(buf, cap, "%s", org);
		return "ptr";
	}
	ruad_value_network_text(g->ip, buf, cap);
	return "network";
}

/* Room for one more pointer in a list of `count`. */
static void *
grow(void *list, size_t count, size_t *cap)
{
	size_t more = *cap == 0 ? 64 : *cap * 2;
	void *larger;

	if (count < *cap)
		return list;
	larger = reallocarray(list, more, sizeof(void *));
	if (larger != NULL)
		*cap = more;
	return larger;
}

/* Begin a sender. */
static enum ruad_status
new_sender(struct ruad_rehearsal_sum *s, const char *name, const char *basis,
    enum ruad_sender_kind kind, struct ruad_err *err)
{
	struct ruad_rehearsal *out = s->out;
	struct ruad_rehearsal_sender *sender =
	    ruad_arena_alloc(out->arena, sizeof(*sender));
	struct ruad_rehearsal_sender **list =
	    grow(out->sender, out->sender_count, &s->sender_cap);

	if (list != NULL)
		out->sender = list;
	if (sender == NULL || list == NULL)
		return ruad_fail_memory(err, "rehearse");
	sender->name = name;
	sender->basis = basis;
	sender->kind = kind;
	sender->first_day = INT64_MAX;
	out->sender[out->sender_count++] = sender;
	if (s->ask->senders == NULL)
		return RUAD_OK;
	return ruad_senders_label(s->ask->senders, name, &sender->label, err);
}

/* Remember the sender of raw name number raw_count. False: out of memory. */
static bool
keep_raw(struct ruad_rehearsal_sum *s, uint32_t sender)
{
	size_t more = s->raw_cap == 0 ? 64 : s->raw_cap * 2;
	uint32_t *larger;

	if (s->raw_count == s->raw_cap) {
		larger =
		    ruad_arena_alloc(s->out->arena, more * sizeof(*larger));
		if (larger == NULL)
			return false;
		if (s->raw_count > 0)
			memcpy(larger, s->raw, s->raw_count * sizeof(*larger));
		s->raw = larger;
		s->raw_cap = more;
	}
	s->raw[s->raw_count++] = sender;
	return true;
}

/* The index of the sender with a name that results have, not seen before. */
static enum ruad_status
look_up(struct ruad_rehearsal_sum *s, const char *raw, const char *basis,
    enum ruad_sender_kind kind, bool is_foreign, uint32_t *out,
    struct ruad_err *err)
{
	struct ruad_sender known = { .kind = kind };
	const void *copy = NULL;
	enum ruad_status st = RUAD_END;

	if (is_foreign && s->ask->senders != NULL)
		st = ruad_senders_find(s->ask->senders, raw, &known, err);
	if (st == RUAD_END)
		snprintf(known.name, sizeof(known.name), "%s", raw);
	else if (st != RUAD_OK)
		return st;
	*out =
	    ruad_intern_put(s->senders, known.name, strlen(known.name), &copy);
	if (*out == RUAD_INTERN_FAILED || !keep_raw(s, *out))
		return ruad_fail_memory(err, "rehearse");
	if (*out < s->out->sender_count)
		return RUAD_OK;
	return new_sender(s, copy, basis, known.kind, err);
}

/* The index of the sender, which is added where it is new. */
static enum ruad_status
find_sender(struct ruad_rehearsal_sum *s, const struct ruad_rehearsal_group *g,
    uint32_t *out, struct ruad_err *err)
{
	char key[1 + 256];
	bool is_foreign;
	const char *basis =
	    name_sender(s->ask, g, key + 1, sizeof(key) - 1, &is_foreign);
	const void *copy = NULL;
	uint32_t raw;

	/* One's own names stand for oneself, and networks are no names. */
	key[0] = is_foreign ? 'f' : 'o';
	raw = ruad_intern_put(s->raws, key, strlen(key), &copy);
	if (raw == RUAD_INTERN_FAILED)
		return ruad_fail_memory(err, "rehearse");
	if (raw == s->raw_count)
		return look_up(s, key + 1, basis, g->kind, is_foreign, out,
		    err);
	*out = s->raw[raw];
	return RUAD_OK;
}

static void
add_sums(struct ruad_rehearsal_sums *to, const struct ruad_rehearsal_group *g,
    const struct ruad_rehearse_outcome *o)
{
	int64_t n = g->messages;

	to->messages += n;
	to->class[o->class] += n;
	to->hit[o->class] += o->hit ? n : 0;
	to->quarantine += o->disposition == RUAD_DISPOSITION_QUARANTINE ? n : 0;
	to->reject += o->disposition == RUAD_DISPOSITION_REJECT ? n : 0;
	to->spared += o->spared ? n : 0;
	to->pass_now += o->now == RUAD_VERDICT_PASS ? n : 0;
	to->fail_now += o->now == RUAD_VERDICT_FAIL ? n : 0;
	to->quarantine_now +=
	    g->row.disposition == RUAD_DISPOSITION_QUARANTINE ? n : 0;
	to->reject_now += g->row.disposition == RUAD_DISPOSITION_REJECT ? n : 0;
	if (o->class != RUAD_REHEARSED_MINE_PASS)
		return;
	to->dkim_only += (o->evidence & RUAD_EVIDENCE_DKIM_ONLY) != 0 ? n : 0;
	to->forwarded_pass += (o->evidence & RUAD_EVIDENCE_REASON) != 0 ? n : 0;
}

static void
add_sender(struct ruad_rehearsal_sender *to,
    const struct ruad_rehearsal_group *g, const struct ruad_rehearse_outcome *o)
{
	add_sums(&to->sums, g, o);
	if (o->class == RUAD_REHEARSED_MINE_PASS) {
		to->is_mine = true;
		to->is_old |= g->old_source;
	} else {
		to->evidence |= o->evidence;
	}
	if (g->first_day < to->first_day)
		to->first_day = g->first_day;
	if (g->last_day > to->last_day)
		to->last_day = g->last_day;
	/* Of those that would fail, where there are any. */
	if (g->report_key > to->report_key ||
	    (g->report_key != 0 && o->then == RUAD_VERDICT_FAIL))
		to->report_key = g->report_key;
}

/* Whether anybody would notice. */
static bool
is_change(const struct ruad_rehearsal_group *g,
    const struct ruad_rehearse_outcome *o)
{
	return o->then == RUAD_VERDICT_FAIL &&
	    (o->now == RUAD_VERDICT_PASS ||
		(o->hit && o->disposition > g->row.disposition));
}

/* Begin a change with its first messages. NULL: out of memory. */
static struct ruad_rehearsal_change *
new_change(struct ruad_rehearsal_sum *s, const struct ruad_rehearsal_group *g,
    const struct ruad_rehearse_outcome *o, uint32_t sender)
{
	struct ruad_rehearsal *out = s->out;
	struct ruad_rehearsal_change **list =
	    grow(out->change, out->change_count, &s->change_cap);
	struct ruad_rehearsal_change *c =
	    ruad_arena_alloc(out->arena, sizeof(*c));

	if (list != NULL)
		out->change = list;
	if (list == NULL || c == NULL)
		return NULL;
	c->sender = out->sender[sender];
	snprintf(c->source_ip, sizeof(c->source_ip), "%s", g->source_ip);
	snprintf(c->header_from, sizeof(c->header_from), "%s", g->header_from);
	c->class = o->class;
	c->now = o->now;
	c->disposition_now = g->row.disposition;
	c->disposition = o->disposition;
	out->change[out->change_count++] = c;
	return c;
}

static bool
add_change(struct ruad_rehearsal_sum *s, const struct ruad_rehearsal_group *g,
    const struct ruad_rehearse_outcome *o, uint32_t sender)
{
	struct change_key key = { g->source_key, g->author_key, sender,
		o->class, o->now, g->row.disposition, o->disposition, 0 };
	const void *copy = NULL;
	uint32_t i = ruad_intern_put(s->changes, &key, sizeof(key), &copy);
	struct ruad_rehearsal_change *c;

	if (i == RUAD_INTERN_FAILED)
		return false;
	c = i < s->out->change_count ? s->out->change[i]
				     : new_change(s, g, o, sender);
	if (c == NULL)
		return false;
	c->messages += g->messages;
	c->evidence |= o->evidence;
	if (g->last_day > c->last_day)
		c->last_day = g->last_day;
	if (g->report_key > c->report_key)
		c->report_key = g->report_key;
	return true;
}

enum ruad_status
ruad_rehearsal_sum_add(struct ruad_rehearsal_sum *s,
    const struct ruad_rehearsal_group *g, struct ruad_err *err)
{
	const struct ruad_rehearse_ask *ask = s->ask->policy;
	struct ruad_rehearse_row row = g->row;
	struct ruad_rehearse_outcome o;
	struct ruad_rehearsal_sender *from;
	uint32_t sender = 0;
	enum ruad_status st = find_sender(s, g, &sender, err);

	if (st != RUAD_OK)
		return st;
	from = s->out->sender[sender];
	row.label = from->label;
	row.forwarder = from->kind == RUAD_SENDER_MAILBOX ||
	    from->kind == RUAD_SENDER_FORWARDER;
	o = ruad_rehearse(ask, &row);
	if (is_change(g, &o) && !add_change(s, g, &o, sender))
		return ruad_fail_memory(err, "rehearse");
	add_sums(&s->out->sums, g, &o);
	add_sender(from, g, &o);
	if (o.disagrees)
		s->out->disagreeing += g->messages;
	if (g->row.auth == NULL)
		s->out->rolled_messages += g->messages;
	if (g->row.place == RUAD_PLACE_UNSEEN && ask->policy.np != 0 &&
	    o.then != RUAD_VERDICT_PASS)
		s->out->unseen_messages += g->messages;
	return s->ask->each != NULL
	    ? s->ask->each(s->ask->each_arg, g, &row, from, err)
	    : RUAD_OK;
}

static int
compare_numbers(int64_t a, int64_t b)
{
	return (a > b) - (a < b);
}

static int
compare_senders(const void *pa, const void *pb)
{
	const struct ruad_rehearsal_sender *a =
	    *(struct ruad_rehearsal_sender *const *)pa;
	const struct ruad_rehearsal_sender *b =
	    *(struct ruad_rehearsal_sender *const *)pb;
	static const enum ruad_rehearse_class order[] = {
		RUAD_REHEARSED_MINE_FAIL, RUAD_REHEARSED_UNSURE,
		RUAD_REHEARSED_STRANGER, RUAD_REHEARSED_FORWARDED,
		RUAD_REHEARSED_MINE_PASS
	};
	int by = 0;

	for (size_t i = 0; i < RUAD_REHEARSED_COUNT && by == 0; i++)
		by = compare_numbers(b->sums.class[order[i]],
		    a -> sums.class[order[i]]);
	return by != 0 ? by : strcmp(a->name, b->name);
}

/* What is ours comes first; of the others, too, those that are more. */
static int
compare_changes(const void *pa, const void *pb)
{
	const struct ruad_rehearsal_change *a =
	    *(struct ruad_rehearsal_change *const *)pa;
	const struct ruad_rehearsal_change *b =
	    *(struct ruad_rehearsal_change *const *)pb;
	bool mine_a = a->class == RUAD_REHEARSED_MINE_FAIL;
	bool mine_b = b->class == RUAD_REHEARSED_MINE_FAIL;
	int by = compare_numbers(mine_b, mine_a);

	if (by == 0)
		by = compare_numbers(b->messages, a->messages);
	if (by == 0)
		by = strcmp(a->source_ip, b->source_ip);
	if (by == 0)
		by = strcmp(a->header_from, b->header_from);
	return by != 0 ? by : strcmp(a->sender->name, b->sender->name);
}

void
ruad_rehearsal_sum_end(struct ruad_rehearsal_sum *s)
{
	struct ruad_rehearsal *out = s->out;
	struct ruad_ready_facts *f = &out->facts;
	const struct ruad_rehearsal_sums *sums = &out->sums;

	f->messages = sums->messages;
	f->mine = sums->class[RUAD_REHEARSED_MINE_PASS] +
	    sums->class[RUAD_REHEARSED_MINE_FAIL];
	f->mine_fail = sums->hit[RUAD_REHEARSED_MINE_FAIL];
	f->unsure = sums->class[RUAD_REHEARSED_UNSURE];
	for (size_t i = 0; i < out->sender_count; i++) {
		const struct ruad_rehearsal_sender *x = out->sender[i];

		f->new_senders += x->is_mine && !x->is_old;
		f->large_unknown += x->label == RUAD_LABEL_NONE &&
		    ruad_ready_is_large(s->ask->limits,
			x->sums.hit[RUAD_REHEARSED_STRANGER], sums->messages);
	}
	if (out->sender_count > 0)
		qsort(out->sender, out->sender_count, sizeof(*out->sender),
		    compare_senders);
	if (out->change_count > 0)
		qsort(out->change, out->change_count, sizeof(*out->change),
		    compare_changes);
}

bool
ruad_rehearsal_is_reason(const struct ruad_rehearsal *r,
    const struct ruad_ready_limits *limits, enum ruad_ready_code code,
    const struct ruad_rehearsal_sender *s)
{
	switch (code) {
	case RUAD_READY_FAIL_SHARE:
	case RUAD_READY_FAIL_MESSAGES:
		return s->sums.hit[RUAD_REHEARSED_MINE_FAIL] > 0;
	case RUAD_READY_NEW_SENDERS:
		return s->is_mine && !s->is_old;
	case RUAD_READY_UNKNOWN_SENDERS:
		return s->label == RUAD_LABEL_NONE &&
		    ruad_ready_is_large(limits,
			s->sums.hit[RUAD_REHEARSED_STRANGER], r->sums.messages);
	case RUAD_READY_UNSURE:
		return s->sums.class[RUAD_REHEARSED_UNSURE] > 0;
	case RUAD_READY_DAYS:
	case RUAD_READY_REPORTERS:
	case RUAD_READY_HISTORY:
	case RUAD_READY_COUNT:
		break;
	}
	return false;
}

enum ruad_rehearse_class
ruad_rehearsal_class(const struct ruad_rehearsal_sums *n)
{
	enum ruad_rehearse_class most = RUAD_REHEARSED_MINE_PASS;

	if (n->class[RUAD_REHEARSED_MINE_FAIL] > 0)
		return RUAD_REHEARSED_MINE_FAIL;
	for (int i = 0; i < RUAD_REHEARSED_COUNT; i++) {
		if (n->class[i] > n -> class[most])
			most = (enum ruad_rehearse_class)i;
	}
	return most;
}

void
ruad_rehearsal_free(struct ruad_rehearsal *r)
{
	free(r->sender);
	free(r->change);
	ruad_arena_free(&r->arena);
	*r = (struct ruad_rehearsal){ 0 };
}
