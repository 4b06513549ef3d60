/* original.c - inflates a row of the table raw, piece by piece, and believes
 * nothing but the digest of the whole. */
#include "original.h"
#include "sql.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#define STEP_BYTES ((size_t)64 * 1024)

static const char facts_sql[] =
    "SELECT m.received_epoch, m.queue_id, m.mail_from, m.file_name, m.bytes,"
    " m.digest, EXISTS (SELECT 1 FROM raw WHERE raw.mail_key = m.mail_key)"
    " FROM mail AS m WHERE m.mail_key = ?";

struct reading {
	struct ruad_mail *mail;
	sqlite3_blob *blob;
	unsigned char in[STEP_BYTES], out[STEP_BYTES];
	unsigned char digest[RUAD_MAIL_DIGEST_BYTES];
	int64_t bytes; /* of the mail */
};

static enum ruad_status
damaged(int64_t mail_key, const char *how, struct ruad_err *err)
{
	return ruad_fail(err, RUAD_BAD, RUAD_OUR_STORE,
	    "store: the original of mail %" PRId64 " is damaged: %s", mail_key,
	    how);
}

/* Begin the mail with what is known of it. */
static enum ruad_status
open_mail(struct reading *rd, sqlite3_stmt *stmt,
    const struct ruad_mail_settings *set, struct ruad_err *err)
{
	const char *queue_id = (const char *)sqlite3_column_text(stmt, 1);
	const char *mail_from = (const char *)sqlite3_column_text(stmt, 2);
	const char *file_name = (const char *)sqlite3_column_text(stmt, 3);
	const void *digest = sqlite3_column_blob(stmt, 5);
	enum ruad_status st;

	rd->bytes = sqlite3_column_int64(stmt, 4);
	if (digest != NULL &&
	    sqlite3_column_bytes(stmt, 5) == (int)sizeof(rd->digest))
		memcpy(rd->digest, digest, sizeof(rd->digest));
	st = ruad_mail_new(set, sqlite3_column_int64(stmt, 0), &rd->mail, err);
	if (st != RUAD_OK)
		return st;
	if (ruad_mail_set_queue_id(rd->mail, queue_id) != RUAD_OK ||
	    ruad_mail_set_mail_from(rd->mail, mail_from) != RUAD_OK ||
	    ruad_mail_set_file_name(rd->mail, file_name) != RUAD_OK)
		return ruad_fail_memory(err, "store");
	return RUAD_OK;
}

static enum ruad_status
read_facts(struct reading *rd, sqlite3 *db, int64_t mail_key,
    const struct ruad_mail_settings *set, struct ruad_err *err)
{
	sqlite3_stmt *stmt = NULL;
	enum ruad_status st;
	int rc = sqlite3_prepare_v2(db, facts_sql, -1, &stmt, NULL);

	if (rc == SQLITE_OK)
		rc = sqlite3_bind_int64(stmt, 1, mail_key);
	if (rc == SQLITE_OK)
		rc = sqlite3_step(stmt);
	if (rc == SQLITE_ROW && sqlite3_column_int(stmt, 6) != 0)
		st = open_mail(rd, stmt, set, err);
	else if (rc == SQLITE_ROW)
		st = ruad_fail(err, RUAD_END, RUAD_CODE_NONE,
		    "store: the original was not kept");
	else if (rc == SQLITE_DONE)
		st = ruad_fail(err, RUAD_END, RUAD_CODE_NONE,
		    "store: there is no mail %" PRId64, mail_key);
	else
		st = ruad_sql_fail(db, rc, err);
	sqlite3_finalize(stmt);
	return st;
}

/* Append all that can be inflated from what is in rd->in. */
static enum ruad_status
inflate_step(struct reading *rd, z_stream *z, int64_t mail_key, bool *done_out,
    struct ruad_err *err)
{
	enum ruad_status st = RUAD_OK;
	int rc = Z_OK;

	do {
		z->next_out = rd->out;
		z->avail_out = STEP_BYTES;
		rc = inflate(z, Z_NO_FLUSH);
		if (rc != Z_OK && rc != Z_STREAM_END && rc != Z_BUF_ERROR)
			return damaged(mail_key, "it cannot be inflated", err);
		if (z->total_out > (uint64_t)rd->bytes)
			return damaged(mail_key, "it is too long", err);
		st = ruad_mail_append(rd->mail, rd->out,
		    STEP_BYTES - z->avail_out, err);
	} while (st == RUAD_OK && rc == Z_OK && z->avail_out == 0);
	*done_out = rc == Z_STREAM_END;
	return st;
}

static enum ruad_status
inflate_blob(struct reading *rd, sqlite3 *db, z_stream *z, int64_t mail_key,
    struct ruad_err *err)
{
	int left = sqlite3_blob_bytes(rd->blob), at = 0, rc;
	enum ruad_status st = RUAD_OK;
	bool done = false;

	while (st == RUAD_OK && !done && left > 0) {
		int n = left < (int)STEP_BYTES ? left : (int)STEP_BYTES;

		rc = sqlite3_blob_read(rd->blob, rd->in, n, at);
		if (rc != SQLITE_OK)
			return ruad_sql_fail(db, rc, err);
		at += n;
		left -= n;
		z->next_in = rd->in;
		z->avail_in = (unsigned)n;
		st = inflate_step(rd, z, mail_key, &done, err);
	}
	if (st == RUAD_OK && !done)
		return damaged(mail_key, "it is cut off", err);
	return st;
}

static enum ruad_status
read_bytes(struct reading *rd, sqlite3 *db, int64_t mail_key,
    struct ruad_err *err)
{
	z_stream z = { 0 };
	enum ruad_status st;
	int rc;

	rc = sqlite3_blob_open(db, "main", "raw", "data", mail_key, 0,
	    &rd->blob);
	if (rc != SQLITE_OK)
		return ruad_sql_fail(db, rc, err);
	if (inflateInit(&z) != Z_OK) {
		sqlite3_blob_close(rd->blob);
		return ruad_fail_memory(err, "store");
	}
	st = inflate_blob(rd, db, &z, mail_key, err);
	inflateEnd(&z);
	sqlite3_blob_close(rd->blob);
	return st;
}

static enum ruad_status
check_digest(struct reading *rd, int64_t mail_key, struct ruad_err *err)
{
	unsigned char digest[sizeof(rd->digest)];
	const unsigned char *data;
	enum ruad_status st;
	size_t len;

	st = ruad_mail_bytes(rd->mail, &data, &len, err);
	if (st != RUAD_OK)
		return st;
	ruad_mail_digest(data, len, digest);
	if (memcmp(digest, rd->digest, sizeof(digest)) != 0)
		return damaged(mail_key, "its digest is another", err);
	return RUAD_OK;
}

enum ruad_status
ruad_original_read(sqlite3 *db, int64_t mail_key,
    const struct ruad_mail_settings *set, struct ruad_mail **out,
    struct ruad_err *err)
{
	struct reading *rd = calloc(1, sizeof(*rd));
	enum ruad_status st;

	*out = NULL;
	if (rd == NULL)
		return ruad_fail_memory(err, "store");
	st = read_facts(rd, db, mail_key, set, err);
	if (st == RUAD_OK)
		st = read_bytes(rd, db, mail_key, err);
	if (st == RUAD_OK)
		st = check_digest(rd, mail_key, err);
	if (st == RUAD_OK)
		*out = rd->mail;
	else
		ruad_mail_free(&rd->mail);
	free(rd);
	return st;
}
