/* floor.c - the least that a program can do with report mails: read the file,
 * decode, inflate, walk the XML, one prepared INSERT per row, nothing else. It
 * checks nothing, aligns nothing, looks nothing up, keeps no roll-up and no
 * original, and knows only the mails of the project's generator. What ruad
 * costs is told as a multiple of this. One thread; synchronous=FULL, as ruad.
 *
 *   floor [-b REPORTS] [-r] STORE DIR ...
 *     -b REPORTS  so many reports in each transaction, 1 unless said
 *     -r          results and reasons as rows of tables of their own, with the
 *                 keys and the index to find them; else as text in the record
 */
#include <libxml/parser.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "attachment.h"
#include "mails.h"

/* Elements that are looked at; those of a report and those of a record stand
 * together, in the order of the columns. */
enum tag {
	T_ORG_NAME,
	T_EMAIL,
	T_REPORT_ID,
	T_BEGIN,
	T_END,
	T_DOMAIN,
	T_ADKIM,
	T_ASPF,
	T_P,
	T_SP,
	T_NP,
	T_PCT,
	T_SOURCE_IP,
	T_COUNT,
	T_DISPOSITION,
	T_DKIM,
	T_SPF,
	T_HEADER_FROM,
	T_ENVELOPE_FROM,
	T_SELECTOR,
	T_SCOPE,
	T_RESULT,
	T_TYPE,
	T_COMMENT,
	T_REASON,
	T_AUTH_RESULTS,
	T_RECORD,
	T_NONE
};

enum {
	REPORT_COLUMNS = T_PCT + 1,
	RECORD_COLUMNS = T_ENVELOPE_FROM - T_SOURCE_IP + 1,
	LIST_MAX = 32, /* results and reasons of a record */
	TEXT_MAX = 65536 /* bytes of a record */
};

static const char *const tag_names[T_NONE] = { "org_name", "email", "report_id",
	"begin", "end", "domain", "adkim", "aspf", "p", "sp", "np", "pct",
	"source_ip", "count", "disposition", "dkim", "spf", "header_from",
	"envelope_from", "selector", "scope", "result", "type", "comment",
	"reason", "auth_results", "record" };

struct text {
	const char *p;
	int len;
};

/* A result (its method is its tag), or a reason. */
struct entry {
	enum tag tag;
	struct text a, b, c;
};

struct floor {
	sqlite3 *db;
	sqlite3_stmt *put_report, *put_record, *put_entry;
	xmlParserCtxtPtr xml; /* kept, and with it the names it has seen */
	const xmlChar *names[T_NONE]; /* as the parser's dictionary has them */
	struct attachment attachment;
	int apart; /* -r */
	int wanted, in_results, has_report;
	struct text report[REPORT_COLUMNS], record[RECORD_COLUMNS];
	struct entry entries[LIST_MAX], now;
	size_t entry_count;
	char text[TEXT_MAX];
	size_t used, begin; /* in text; where the element at hand begins */
	sqlite3_int64 report_key;
	unsigned long reports, records;
};

/* ---- rows ---- */

static void
run_sql(struct floor *f, const char *sql)
{
	if (sqlite3_exec(f->db, sql, NULL, NULL, NULL) != SQLITE_OK)
		bench_die("%s: %s", sql, sqlite3_errmsg(f->db));
}

static sqlite3_stmt *
prepare(struct floor *f, const char *sql)
{
	sqlite3_stmt *s;

	if (sqlite3_prepare_v3(f->db, sql, -1, SQLITE_PREPARE_PERSISTENT, &s,
		NULL) != SQLITE_OK)
		bench_die("%s: %s", sql, sqlite3_errmsg(f->db));
	return s;
}

static void
open_store(struct floor *f, const char *path)
{
	if (sqlite3_open_v2(path, &f->db,
		SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE |
		    SQLITE_OPEN_NOMUTEX,
		NULL) != SQLITE_OK)
		bench_die("%s: cannot be opened", path);
	run_sql(f, "PRAGMA journal_mode=WAL");
	run_sql(f, "PRAGMA synchronous=FULL");
	run_sql(f,
	    "CREATE TABLE report (report_key INTEGER PRIMARY KEY, org TEXT,"
	    " email TEXT, report_id TEXT, begin INTEGER, end INTEGER,"
	    " domain TEXT, adkim TEXT, aspf TEXT, p TEXT, sp TEXT, np TEXT,"
	    " pct INTEGER)");
	run_sql(f,
	    "CREATE TABLE record (record_key INTEGER PRIMARY KEY,"
	    " report_key INTEGER, source_ip TEXT, messages INTEGER,"
	    " disposition TEXT, dkim TEXT, spf TEXT, header_from TEXT,"
	    " envelope_from TEXT, results TEXT)");
	f->put_report = prepare(f,
	    "INSERT INTO report VALUES"
	    " (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
	f->put_record = prepare(f,
	    "INSERT INTO record VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
	if (!f->apart)
		return;
	run_sql(f,
	    "CREATE UNIQUE INDEX one ON report (domain, org, report_id)");
	run_sql(f, "CREATE INDEX of_report ON record (report_key)");
	run_sql(f,
	    "CREATE TABLE entry (record_key INTEGER, position INTEGER,"
	    " kind INTEGER, a TEXT, b TEXT, c TEXT,"
	    " PRIMARY KEY (record_key, position)) WITHOUT ROWID");
	f->put_entry =
	    prepare(f, "INSERT INTO entry VALUES (?, ?, ?, ?, ?, ?)");
}

static void
bind(sqlite3_stmt *s, int column, struct text t)
{
	if (t.p == NULL)
		sqlite3_bind_null(s, column);
	else
		sqlite3_bind_text(s, column, t.p, t.len, SQLITE_STATIC);
}

static sqlite3_int64
insert(struct floor *f, sqlite3_stmt *s)
{
	if (sqlite3_step(s) != SQLITE_DONE)
		bench_die("insert: %s", sqlite3_errmsg(f->db));
	sqlite3_reset(s);
	return sqlite3_last_insert_rowid(f->db);
}

static void
write_report(struct floor *f)
{
	int i;

	for (i = 0; i < REPORT_COLUMNS; i++)
		bind(f->put_report, i + 1, f->report[i]);
	f->report_key = insert(f, f->put_report);
	f->has_report = 1;
	f->reports++;
}

static void
write_entries(struct floor *f, sqlite3_int64 record_key)
{
	size_t i;

	for (i = 0; i < f->entry_count; i++) {
		const struct entry *e = &f->entries[i];

		sqlite3_bind_int64(f->put_entry, 1, record_key);
		sqlite3_bind_int(f->put_entry, 2, (int)i);
		sqlite3_bind_int(f->put_entry, 3, (int)e->tag);
		bind(f->put_entry, 4, e->a);
		bind(f->put_entry, 5, e->b);
		bind(f->put_entry, 6, e->c);
		insert(f, f->put_entry);
	}
}

static void
write_record(struct floor *f)
{
	char list[4096];
	int len = 0, i;
	size_t n;

	if (!f->has_report)
		write_report(f);
	sqlite3_bind_int64(f->put_record, 1, f->report_key);
	for (i = 0; i < RECORD_COLUMNS; i++)
		bind(f->put_record, i + 2, f->record[i]);
	for (n = 0; n < f->entry_count && !f->apart; n++) {
		const struct entry *e = &f->entries[n];

		len += snprintf(list + len, sizeof(list) - (size_t)len,
		    "%d %.*s %.*s %.*s;", (int)e->tag, e->a.len, e->a.p,
		    e->b.len, e->b.p == NULL ? "" : e->b.p, e->c.len,
		    e->c.p == NULL ? "" : e->c.p);
		if (len >= (int)sizeof(list))
			bench_die("a record with too long results");
	}
	bind(f->put_record, RECORD_COLUMNS + 2, (struct text){ list, len });
	f->records++;
	if (f->apart)
		write_entries(f, insert(f, f->put_record));
	else
		insert(f, f->put_record);
}

/* ---- the walk ---- */

/* Names of the parser's dictionary are equal when their addresses are. */
static enum tag
tag_of(const struct floor *f, const xmlChar *name)
{
	int i;

	for (i = 0; i < T_NONE && f->names[i] != name; i++)
		;
	return (enum tag)i;
}

static void
on_start(void *user, const xmlChar *name, const xmlChar *prefix,
    const xmlChar *uri, int namespace_count, const xmlChar **namespaces,
    int attribute_count, int default_count, const xmlChar **attributes)
{
	struct floor *f = user;
	enum tag tag = tag_of(f, name);

	(void)prefix;
	(void)uri;
	(void)namespace_count;
	(void)namespaces;
	(void)attribute_count;
	(void)default_count;
	(void)attributes;
	f->wanted = tag < T_REASON;
	f->begin = f->used;
	if (tag == T_AUTH_RESULTS)
		f->in_results = 1;
}

static void
on_text(void *user, const xmlChar *text, int len)
{
	struct floor *f = user;

	if (!f->wanted)
		return;
	if (f->used + (size_t)len > sizeof(f->text))
		bench_die("a record with too much text");
	memcpy(f->text + f->used, text, (size_t)len);
	f->used += (size_t)len;
}

static void
end_entry(struct floor *f, enum tag tag)
{
	if (f->entry_count == LIST_MAX)
		bench_die("a record with too many results");
	f->now.tag = tag;
	f->entries[f->entry_count++] = f->now;
	f->now = (struct entry){ 0 };
}

static void
end_record(struct floor *f)
{
	write_record(f);
	memset(f->record, 0, sizeof(f->record));
	f->entry_count = 0;
	f->used = 0;
}

static void
on_end(void *user, const xmlChar *name, const xmlChar *prefix,
    const xmlChar *uri)
{
	struct floor *f = user;
	enum tag tag = tag_of(f, name);
	struct text value = { f->text + f->begin, (int)(f->used - f->begin) };

	(void)prefix;
	(void)uri;
	if (tag == T_RECORD)
		end_record(f);
	else if (tag == T_AUTH_RESULTS)
		f->in_results = 0;
	else if (tag == T_REASON ||
	    (f->in_results && tag <= T_SPF && tag >= T_DKIM))
		end_entry(f, tag);
	else if (tag == T_TYPE || (f->in_results && tag == T_DOMAIN))
		f->now.a = value;
	else if (tag == T_COMMENT || tag == T_SELECTOR || tag == T_SCOPE)
		f->now.b = value;
	else if (tag == T_RESULT)
		f->now.c = value;
	else if (tag <= T_PCT)
		f->report[tag] = value;
	else if (tag <= T_ENVELOPE_FROM)
		f->record[tag - T_SOURCE_IP] = value;
	f->wanted = 0;
}

static void
set_up_parser(struct floor *f)
{
	xmlSAXHandler sax = { .initialized = XML_SAX2_MAGIC,
		.startElementNs = on_start,
		.endElementNs = on_end,
		.characters = on_text,
		.cdataBlock = on_text };
	int i;

	f->xml = xmlCreatePushParserCtxt(&sax, f, NULL, 0, NULL);
	if (f->xml == NULL)
		bench_die("out of memory");
	for (i = 0; i < T_NONE; i++)
		f->names[i] = xmlDictLookup(f->xml->dict,
		    (const xmlChar *)tag_names[i], -1);
}

static int
feed(void *user, const char *xml, size_t len)
{
	struct floor *f = user;

	return xmlParseChunk(f->xml, xml, (int)len, 0);
}

static void
read_report(struct floor *f, const struct mail *m)
{
	memset(f->report, 0, sizeof(f->report));
	f->used = 0;
	f->has_report = 0;
	bench_decode(&f->attachment, m->data, m->len);
	if (xmlCtxtResetPush(f->xml, NULL, 0, NULL, NULL) != 0)
		bench_die("out of memory");
	xmlCtxtUseOptions(f->xml, XML_PARSE_NONET);
	if (bench_inflate(&f->attachment, feed, f) != 0 ||
	    xmlParseChunk(f->xml, "", 0, 1) != 0)
		bench_die("%s: no XML", m->path);
}

static void
read_directory(struct floor *f, const char *dir, unsigned long batch)
{
	struct mails all = bench_list(dir);
	struct mail one = { 0 };
	size_t i;

	for (i = 0; i < all.count; i++) {
		if (i % batch == 0)
			run_sql(f, "BEGIN");
		one.path = all.mail[i].path;
		bench_load(&one);
		read_report(f, &one);
		if (i % batch == batch - 1 || i == all.count - 1)
			run_sql(f, "COMMIT");
	}
	free(one.data);
	bench_free(&all);
}

int
main(int argc, char **argv)
{
	static struct floor f;
	unsigned long batch = 1;
	int c;

	while ((c = getopt(argc, argv, "b:r")) != -1) {
		if (c == 'b')
			batch = strtoul(optarg, NULL, 10);
		else if (c == 'r')
			f.apart = 1;
		else
			bench_die("usage: floor [-b REPORTS] [-r] STORE DIR");
	}
	if (argc - optind < 2 || batch == 0)
		bench_die("usage: floor [-b REPORTS] [-r] STORE DIR ...");
	open_store(&f, argv[optind]);
	set_up_parser(&f);
	while (++optind < argc)
		read_directory(&f, argv[optind], batch);
	xmlFreeParserCtxt(f.xml);
	xmlCleanupParser();
	if (f.attachment.zip_bits != 0)
		inflateEnd(&f.attachment.zip);
	free(f.attachment.data);
	sqlite3_finalize(f.put_report);
	sqlite3_finalize(f.put_record);
	sqlite3_finalize(f.put_entry);
	if (sqlite3_close(f.db) != SQLITE_OK)
		bench_die("the store does not close");
	printf("%lu reports, %lu records\n", f.reports, f.records);
	return 0;
}
