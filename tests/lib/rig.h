/* rig.h - a store with all that reads mails into it, for tests of what happens
 * to mails and reports afterwards. A failure ends the test. */
#ifndef RIG_H
#define RIG_H
#include "again.h"
#include "ingest.h"
#include "store.h"

struct rig {
	char path[200]; /* of the store */
	struct ruad_ingest_settings set; /* to be changed at will */
	struct ruad_store *store;
	struct ruad_query *query; /* NULL until rig_again() */
	struct ruad_again *again; /* the same */
};

/* A record of a report. */
struct rig_row {
	const char *ip; /* NULL: no row */
	int messages;
	const char *disposition; /* NULL: none */
	const char *result; /* of DKIM, for example.com; NULL: pass */
};

/* A mail with reports. */
struct rig_mail {
	const char *from; /* domain of the author; NULL: a bare report */
	const char *auth; /* Authentication-Results; NULL: none */
	const char *org; /* NULL: "Reporter" */
	const char *domain; /* NULL: example.com */
	const char *id; /* NULL: "1" */
	int64_t begin; /* 0: 1700000000 */
	struct rig_row rows[4];
	const char *more; /* another part, whole; NULL: none */
};

#define RIG_RECEIVED 1700100000
#define RIG_QUEUE_ID "4QF1"
#define RIG_MAIL_FROM "bounce@reporter.example"
#define RIG_FILE_NAME "reports/r.xml"

/* Open a store of this path, which the caller closes. */
struct ruad_store *rig_open_store(const char *path,
    const struct ruad_store_settings *set);

/* Begin with an empty store in the directory of the test, and the defaults. */
void rig_begin(struct rig *r);
void rig_end(struct rig *r);

/* A report as text, which the caller frees; a mail with it. */
char *rig_xml(const struct rig_mail *m);
char *rig_text(const struct rig_mail *m);

/* Read a mail, received at RIG_RECEIVED with this queue id and sender, or a
 * bare report out of the file, and store it; its outcome. */
enum ruad_outcome rig_put(struct rig *r, const struct rig_mail *m);

/* Be ready to read originals again, by the settings of now. */
void rig_again(struct rig *r);

/* Read the mail of a quarantine key again; the status, and with RUAD_OK the
 * outcome of the mail. */
enum ruad_status rig_retry(struct rig *r, int64_t mail_key,
    enum ruad_outcome *outcome_out);

/* Compare a report, and perhaps replace it. What differs is appended to `text`
 * of `cap` bytes, a line for each: "2 messages: 5 -> 7". */
struct ruad_again_result rig_compare(struct rig *r, int64_t report_key,
    bool apply, char *text, size_t cap);

#endif
