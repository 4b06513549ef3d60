/* report_load.c - the inverse of report_rows.c. Columns are read from left to
 * right, in the order of the statement that names them. */
#include "report_load.h"
#include "identity.h"
#include "intern.h"
#include "names.h"
#include "sql.h"
#include <inttypes.h>
#include <string.h>

static const char report_sql[] =
    "SELECT r.reporter_key, r.policy_domain_key, r.mail_key,"
    " r.received_epoch, o.org_key, r.org_name, r.report_id, r.begin_epoch,"
    " r.end_epoch, r.org_email, r.extra_contact_info, r.generator, d.name,"
    " d.org_domain, d.bad, r.p, r.sp, r.np, r.adkim, r.aspf, r.pct, r.fo,"
    " r.testing, r.discovery_method, r.dialect, r.version, r.namespace,"
    " r.part, r.messages, r.messages_pass, r.rows_refused, r.warnings,"
    " r.content_hash, m.trust, m.trust_domain"
    " FROM report AS r JOIN reporter AS o ON o.reporter_key = r.reporter_key"
    " JOIN domain AS d ON d.domain_key = r.policy_domain_key"
    " JOIN mail AS m ON m.mail_key = r.mail_key WHERE r.report_key = ?1";

static const char error_sql[] =
    "SELECT text FROM report_error WHERE report_key = ?1 ORDER BY position";

static const char raw_word_sql[] =
    "SELECT row_no, field, word FROM raw_word WHERE report_key = ?1"
    " ORDER BY row_no, field, word";

static const char refused_row_sql[] =
    "SELECT row_no, code, text FROM refused_row WHERE report_key = ?1"
    " ORDER BY row_no";

static const char record_sql[] =
    "SELECT c.row_no, s.ip, c.messages, c.disposition, c.dkim, c.spf,"
    " c.derived, c.dkim_alignment, c.spf_alignment,"
    " hf.name, hf.org_domain, hf.bad, ef.name, ef.org_domain, ef.bad,"
    " et.name, et.org_domain, et.bad, c.auth_set_key, c.reason_set_key"
    " FROM record AS c JOIN source AS s ON s.source_key = c.source_key"
    " LEFT JOIN domain AS hf ON hf.domain_key = c.header_from_key"
    " LEFT JOIN domain AS ef ON ef.domain_key = c.envelope_from_key"
    " LEFT JOIN domain AS et ON et.domain_key = c.envelope_to_key"
    " WHERE c.report_key = ?1 ORDER BY c.row_no";

static const char auth_sql[] =
    "SELECT a.method, a.result, a.scope, d.name, d.org_domain, d.bad,"
    " a.selector, a.result_raw, a.human_result FROM auth_result AS a"
    " LEFT JOIN domain AS d ON d.domain_key = a.domain_key"
    " WHERE a.auth_set_key = ?1 ORDER BY a.position";

static const char reason_sql[] =
    "SELECT type, type_raw, comment FROM reason WHERE reason_set_key = ?1"
    " ORDER BY position";

static const char find_sql[] =
    "SELECT r.report_key FROM report AS r"
    " JOIN reporter AS o ON o.reporter_key = r.reporter_key"
    " JOIN domain AS d ON d.domain_key = r.policy_domain_key"
    " WHERE o.org_key = ?1 AND d.name = ?2 AND r.report_id = ?3"
    " AND r.begin_epoch = ?4 AND r.end_epoch = ?5";

struct load {
	sqlite3 *db;
	struct ruad_report *r;
	struct ruad_intern *auth_keys, *reason_keys; /* of the sets so far */
	sqlite3_stmt *auth, *reason;
	uint32_t auth_cap, reason_cap, block_cap;
	bool memory; /* some ran out */
	enum ruad_status failed; /* of a step; RUAD_OK: none */
	struct ruad_err *err;
};

/* A row being read; `column` is the next one. */
struct row {
	struct load *l;
	sqlite3_stmt *stmt;
	int column;
};

static enum ruad_status
prepare(struct load *l, const char *sql, int64_t key, sqlite3_stmt **out)
{
	int rc = sqlite3_prepare_v2(l->db, sql, -1, out, NULL);

	if (rc == SQLITE_OK)
		rc = sqlite3_bind_int64(*out, 1, key);
	return rc == SQLITE_OK ? RUAD_OK : ruad_sql_fail(l->db, rc, l->err);
}

static enum ruad_status
step(struct load *l, sqlite3_stmt *stmt)
{
	int rc;

	if (l->failed == RUAD_OK && l->memory)
		l->failed = ruad_fail_memory(l->err, "store");
	if (l->failed != RUAD_OK)
		return l->failed;
	rc = sqlite3_step(stmt);
	if (rc == SQLITE_ROW)
		return RUAD_OK;
	if (rc == SQLITE_DONE)
		return RUAD_END;
	l->failed = ruad_sql_fail(l->db, rc, l->err);
	return l->failed;
}

static int64_t
next_int(struct row *row)
{
	return sqlite3_column_int64(row->stmt, row->column++);
}

/* A text of the report, NULL for NULL. */
static const char *
next_text(struct row *row)
{
	const char *s =
	    (const char *)sqlite3_column_text(row->stmt, row->column++);

	if (s == NULL)
		return NULL;
	s = ruad_arena_strdup(row->l->r->arena, s);
	row->l->memory |= s == NULL;
	return s;
}

/* The same among the interned texts. */
static ruad_text
next_name(struct row *row)
{
	const char *s =
	    (const char *)sqlite3_column_text(row->stmt, row->column);
	size_t len = (size_t)sqlite3_column_bytes(row->stmt, row->column++);
	ruad_text t;

	if (s == NULL)
		return RUAD_ABSENT;
	t = ruad_names_text(row->l->r, s, len);
	row->l->memory |= t == RUAD_ABSENT;
	return t;
}

/* The part of a name that is its organizational domain; NULL: it is none. */
static const char *
tail_of(const struct ruad_name *name, const char *tail)
{
	size_t len = tail != NULL ? strlen(tail) : 0;

	if (len == 0 || len > name->len ||
	    strcmp(name->text + name->len - len, tail) != 0)
		return NULL;
	return name->text + name->len - len;
}

/* A domain: name, organizational domain, bad. */
static ruad_text
next_domain(struct row *row)
{
	ruad_text t = next_name(row);
	const char *org =
	    (const char *)sqlite3_column_text(row->stmt, row->column++);
	bool bad = next_int(row) != 0;

	if (t != RUAD_ABSENT) {
		row->l->r->names[t].bad = bad;
		row->l->r->names[t].org_domain =
		    tail_of(&row->l->r->names[t], org);
	}
	return t;
}

/* Bytes of just this length. */
static void
next_bytes(struct row *row, unsigned char *to, size_t len)
{
	const void *bytes = sqlite3_column_blob(row->stmt, row->column);

	if (bytes != NULL &&
	    sqlite3_column_bytes(row->stmt, row->column) == (int)len)
		memcpy(to, bytes, len);
	row->column++;
}

static struct ruad_warnings
next_warnings(struct row *row)
{
	struct ruad_warnings set = { 0 };
	const char *s = next_text(row);
	char name[64];

	while (s != NULL && *s != '\0') {
		size_t len = strcspn(s, " ");
		enum ruad_code code = RUAD_CODE_NONE;

		if (len < sizeof(name)) {
			memcpy(name, s, len);
			name[len] = '\0';
			code = ruad_code_find(name);
		}
		if (code != RUAD_CODE_NONE &&
		    ruad_code_class(code) == RUAD_CLASS_WARNING)
			ruad_warn(&set, code);
		s += len + (s[len] == ' ');
	}
	return set;
}

static void
read_policy(struct row *row, struct ruad_report *r)
{
	r->policy_domain = next_domain(row);
	r->p = (enum ruad_policy)next_int(row);
	r->sp = (enum ruad_policy)next_int(row);
	r->np = (enum ruad_policy)next_int(row);
	r->adkim = (enum ruad_mode)next_int(row);
	r->aspf = (enum ruad_mode)next_int(row);
	r->pct = sqlite3_column_type(row->stmt, row->column) == SQLITE_NULL
	    ? -1
	    : sqlite3_column_int(row->stmt, row->column);
	row->column++;
	r->fo = next_text(row);
	r->testing = (enum ruad_testing)next_int(row);
	r->discovery_method = (enum ruad_discovery)next_int(row);
}

/* The row of the report and what belongs to it once. */
static void
read_report(struct row *row, struct ruad_loaded *out)
{
	struct ruad_report *r = row->l->r;

	out->place.reporter_key = next_int(row);
	out->place.policy_domain_key = next_int(row);
	out->place.mail_key = next_int(row);
	out->place.received_epoch = next_int(row);
	r->org_key = next_text(row);
	r->org_name = next_text(row);
	r->report_id = next_text(row);
	r->begin = next_int(row);
	r->end = next_int(row);
	r->email = next_text(row);
	r->extra_contact_info = next_text(row);
	r->generator = next_text(row);
	read_policy(row, r);
	r->dialect = (enum ruad_dialect)next_int(row);
	r->version_raw = next_text(row);
	r->namespace_uri = next_text(row);
	r->where = next_text(row);
	r->messages = next_int(row);
	r->messages_pass = next_int(row);
	r->rows_refused = (uint32_t)next_int(row);
	r->warnings = next_warnings(row);
	next_bytes(row, r->content_hash, sizeof(r->content_hash));
	out->trust = next_text(row);
	out->trust_domain = next_text(row);
}

static enum ruad_status
load_report(struct load *l, int64_t key, struct ruad_loaded *out)
{
	struct row row = { .l = l };
	enum ruad_status st = prepare(l, report_sql, key, &row.stmt);

	if (st == RUAD_OK)
		st = step(l, row.stmt);
	if (st == RUAD_END)
		ruad_fail(l->err, RUAD_END, RUAD_CODE_NONE,
		    "store: there is no report %" PRId64, key);
	if (st == RUAD_OK) {
		out->place.report_key = key;
		read_report(&row, out);
	}
	sqlite3_finalize(row.stmt);
	return st;
}

static bool
read_error(struct row *row)
{
	struct ruad_report_error *e = ruad_arena_alloc(row->l->r->arena,
				     sizeof(*e)),
				 **end = &row->l->r->errors;

	if (e == NULL)
		return false;
	e->text = next_text(row);
	while (*end != NULL)
		end = &(*end)->next;
	*end = e;
	return true;
}

/* The lists below come to be in reverse order, which nobody minds: they are
 * sets. */
static bool
read_raw_word(struct row *row)
{
	struct ruad_report *r = row->l->r;
	struct ruad_raw_word *w = ruad_arena_alloc(r->arena, sizeof(*w));

	if (w == NULL)
		return false;
	w->row_no = (uint32_t)next_int(row);
	w->field = next_text(row);
	w->word = next_text(row);
	w->next = r->raw_words;
	r->raw_words = w;
	return true;
}

static bool
read_refused_row(struct row *row)
{
	struct ruad_report *r = row->l->r;
	struct ruad_refused_row *f = ruad_arena_alloc(r->arena, sizeof(*f));
	const char *code;

	if (f == NULL)
		return false;
	f->row_no = (uint32_t)next_int(row);
	code = next_text(row);
	f->code = code != NULL ? ruad_code_find(code) : RUAD_CODE_NONE;
	f->text = next_text(row);
	f->next = r->refused_rows;
	r->refused_rows = f;
	return true;
}

/* Run a statement about the report, and read each row of it. */
static enum ruad_status
load_rows(struct load *l, const char *sql, int64_t key,
    bool (*read)(struct row *row))
{
	struct row row = { .l = l };
	enum ruad_status st = prepare(l, sql, key, &row.stmt);

	if (st == RUAD_OK)
		st = step(l, row.stmt);
	for (; st == RUAD_OK; st = step(l, row.stmt)) {
		row.column = 0;
		if (!read(&row) && l->failed == RUAD_OK)
			l->memory = true;
	}
	sqlite3_finalize(row.stmt);
	return st == RUAD_END ? RUAD_OK : st;
}

/* Room for one more element of a list in the arena. */
static void *
grow(struct load *l, void *list, uint32_t count, uint32_t *cap, size_t size)
{
	uint32_t bigger = *cap == 0 ? 16 : *cap * 2;
	void *copy;

	if (count < *cap)
		return list;
	copy = ruad_arena_alloc(l->r->arena, bigger * size);
	if (copy == NULL) {
		l->memory = true;
		return NULL;
	}
	if (count > 0)
		memcpy(copy, list, count * size);
	*cap = bigger;
	return copy;
}

static void
read_auth(struct row *row, struct ruad_auth *a)
{
	a->method = (enum ruad_method)next_int(row);
	a->result = (enum ruad_result)next_int(row);
	a->scope = (enum ruad_scope)next_int(row);
	a->domain = next_domain(row);
	a->selector = next_name(row);
	a->result_raw = next_name(row);
	a->human_result = next_name(row);
}

static void
read_reason(struct row *row, struct ruad_reason *x)
{
	x->type = (enum ruad_reason_type)next_int(row);
	x->type_raw = next_name(row);
	x->comment = next_name(row);
}

static bool
load_auth_set(struct load *l, int64_t key, struct ruad_auth_set *set)
{
	struct row row = { .l = l, .stmt = l->auth };
	struct ruad_auth *list = NULL;
	enum ruad_status st;
	uint32_t cap = 0;

	sqlite3_reset(l->auth);
	sqlite3_bind_int64(l->auth, 1, key);
	while ((st = step(l, l->auth)) == RUAD_OK) {
		row.column = 0;
		list = grow(l, list, set->count, &cap, sizeof(*list));
		if (list == NULL)
			return false;
		read_auth(&row, &list[set->count++]);
	}
	set->auth = list;
	return st == RUAD_END;
}

static bool
load_reason_set(struct load *l, int64_t key, struct ruad_reason_set *set)
{
	struct row row = { .l = l, .stmt = l->reason };
	struct ruad_reason *list = NULL;
	enum ruad_status st;
	uint32_t cap = 0;

	sqlite3_reset(l->reason);
	sqlite3_bind_int64(l->reason, 1, key);
	while ((st = step(l, l->reason)) == RUAD_OK) {
		row.column = 0;
		list = grow(l, list, set->count, &cap, sizeof(*list));
		if (list == NULL)
			return false;
		read_reason(&row, &list[set->count++]);
	}
	set->reason = list;
	return st == RUAD_END;
}

/* The index of a set of the store in the report, where key 0 is the empty
 * set; a set that is new to the report is read. False: it failed. */
static bool
use_auth_set(struct load *l, int64_t key, uint32_t *out)
{
	struct ruad_report *r = l->r;
	const void *copy;

	*out = ruad_intern_put(l->auth_keys, &key, sizeof(key), &copy);
	if (*out == RUAD_INTERN_FAILED) {
		l->memory = true;
		return false;
	}
	if (*out < r->auth_set_count)
		return true;
	r->auth_sets =
	    grow(l, r->auth_sets, *out, &l->auth_cap, sizeof(*r->auth_sets));
	if (r->auth_sets == NULL)
		return false;
	r->auth_sets[*out] = (struct ruad_auth_set){ 0 };
	r->auth_set_count = *out + 1;
	return key == 0 || load_auth_set(l, key, &r->auth_sets[*out]);
}

static bool
use_reason_set(struct load *l, int64_t key, uint32_t *out)
{
	struct ruad_report *r = l->r;
	const void *copy;

	*out = ruad_intern_put(l->reason_keys, &key, sizeof(key), &copy);
	if (*out == RUAD_INTERN_FAILED) {
		l->memory = true;
		return false;
	}
	if (*out < r->reason_set_count)
		return true;
	r->reason_sets = grow(l, r->reason_sets, *out, &l->reason_cap,
	    sizeof(*r->reason_sets));
	if (r->reason_sets == NULL)
		return false;
	r->reason_sets[*out] = (struct ruad_reason_set){ 0 };
	r->reason_set_count = *out + 1;
	return key == 0 || load_reason_set(l, key, &r->reason_sets[*out]);
}

static struct ruad_record *
add_record(struct load *l)
{
	struct ruad_report *r = l->r;
	uint32_t block = r->records / RUAD_RECORD_BLOCK;

	if (r->records % RUAD_RECORD_BLOCK == 0) {
		r->record_blocks = grow(l, r->record_blocks, block,
		    &l->block_cap, sizeof(*r->record_blocks));
		if (r->record_blocks == NULL)
			return NULL;
		r->record_blocks[block] = ruad_arena_alloc(r->arena,
		    RUAD_RECORD_BLOCK * sizeof(**r->record_blocks));
		if (r->record_blocks[block] == NULL)
			return NULL;
	}
	return ruad_report_record(r, r->records++);
}

static bool
read_record(struct row *row)
{
	struct ruad_record *rec = add_record(row->l);
	int64_t auth_key, reason_key;

	if (rec == NULL)
		return false;
	rec->row_no = (uint32_t)next_int(row);
	next_bytes(row, rec->ip, sizeof(rec->ip));
	rec->messages = next_int(row);
	rec->disposition = (uint8_t)next_int(row);
	rec->dkim = (uint8_t)next_int(row);
	rec->spf = (uint8_t)next_int(row);
	rec->derived = (uint8_t)next_int(row);
	rec->dkim_alignment = (uint8_t)next_int(row);
	rec->spf_alignment = (uint8_t)next_int(row);
	rec->header_from = next_domain(row);
	rec->envelope_from = next_domain(row);
	rec->envelope_to = next_domain(row);
	auth_key = next_int(row);
	reason_key = next_int(row);
	return use_auth_set(row->l, auth_key, &rec->auth_set) &&
	    use_reason_set(row->l, reason_key, &rec->reason_set);
}

static enum ruad_status
load_records(struct load *l, int64_t key)
{
	struct ruad_report *r = l->r;
	enum ruad_status st;
	uint32_t empty;

	l->auth_keys = ruad_intern_new(r->arena);
	l->reason_keys = ruad_intern_new(r->arena);
	if (l->auth_keys == NULL || l->reason_keys == NULL)
		return ruad_fail_memory(l->err, "store");
	st = prepare(l, auth_sql, 0, &l->auth);
	if (st == RUAD_OK)
		st = prepare(l, reason_sql, 0, &l->reason);
	/* Set 0 of both is empty. */
	if (st == RUAD_OK &&
	    (!use_auth_set(l, 0, &empty) || !use_reason_set(l, 0, &empty)))
		st = ruad_fail_memory(l->err, "store");
	if (st == RUAD_OK)
		st = load_rows(l, record_sql, key, read_record);
	sqlite3_finalize(l->auth);
	sqlite3_finalize(l->reason);
	return st;
}

static struct ruad_report *
new_report(struct ruad_budget *budget)
{
	struct ruad_arena *arena = ruad_arena_new(budget);
	struct ruad_report *r =
	    arena != NULL ? ruad_arena_alloc(arena, sizeof(*r)) : NULL;

	if (r == NULL) {
		ruad_arena_free(&arena);
		return NULL;
	}
	r->arena = arena;
	r->policy_domain = RUAD_ABSENT;
	if (!ruad_names_init(r))
		ruad_report_free(&r);
	return r;
}

/* Whether the content hash is that of what has been read. */
static enum ruad_status
check_hash(struct ruad_loaded *out, struct ruad_err *err)
{
	struct ruad_report *r = out->report;
	unsigned char stored[sizeof(r->content_hash)];

	memcpy(stored, r->content_hash, sizeof(stored));
	if (!ruad_identity_hash(r, r->report_id))
		return ruad_fail_memory(err, "store");
	out->intact = memcmp(stored, r->content_hash, sizeof(stored)) == 0;
	memcpy(r->content_hash, stored, sizeof(stored));
	return RUAD_OK;
}

enum ruad_status
ruad_report_load(sqlite3 *db, int64_t report_key, struct ruad_budget *budget,
    struct ruad_loaded *out, struct ruad_err *err)
{
	struct load l = { .db = db, .err = err };
	enum ruad_status st;

	memset(out, 0, sizeof(*out));
	out->report = l.r = new_report(budget);
	if (l.r == NULL)
		return ruad_fail_memory(err, "store");
	st = load_report(&l, report_key, out);
	if (st == RUAD_OK)
		st = load_rows(&l, error_sql, report_key, read_error);
	if (st == RUAD_OK)
		st = load_rows(&l, raw_word_sql, report_key, read_raw_word);
	if (st == RUAD_OK)
		st = load_rows(&l, refused_row_sql, report_key,
		    read_refused_row);
	if (st == RUAD_OK)
		st = load_records(&l, report_key);
	if (st == RUAD_OK && l.memory)
		st = ruad_fail_memory(err, "store");
	if (st == RUAD_OK)
		st = check_hash(out, err);
	if (st != RUAD_OK)
		ruad_loaded_free(out);
	return st;
}

enum ruad_status
ruad_report_find(sqlite3 *db, const struct ruad_report *r, int64_t *key_out,
    struct ruad_err *err)
{
	struct ruad_bound b = { .db = db };
	enum ruad_status st;

	*key_out = 0;
	b.rc = sqlite3_prepare_v2(db, find_sql, -1, &b.stmt, NULL);
	if (b.rc != SQLITE_OK)
		return ruad_sql_fail(db, b.rc, err);
	ruad_sql_text(&b, r->org_key);
	ruad_sql_text(&b, ruad_report_text(r, r->policy_domain));
	ruad_sql_text(&b, r->report_id);
	ruad_sql_int(&b, r->begin);
	ruad_sql_int(&b, r->end);
	st = ruad_sql_get(&b, key_out, 1, err);
	sqlite3_finalize(b.stmt);
	return st;
}

void
ruad_loaded_free(struct ruad_loaded *l)
{
	ruad_report_free(&l->report);
}
