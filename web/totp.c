/* totp.c - liboath checks the codes. A code counts once: its counter must be
 * later than that of the last one (RFC 6238 section 5.2). */
#include "totp.h"
#include <liboath/oath.h>
#include <qrencode.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
	SECRET_BYTES = 20, /* RFC 4226 section 4 */
	BOX_BYTES = crypto_secretbox_NONCEBYTES + crypto_secretbox_MACBYTES +
	    SECRET_BYTES,
	STEP_SECS = 30,
	WINDOW = 1, /* steps before and behind that are let pass */
	DIGITS = 6
};

static void
seal(const unsigned char *key, const unsigned char secret[SECRET_BYTES],
    unsigned char box[BOX_BYTES])
{
	randombytes_buf(box, crypto_secretbox_NONCEBYTES);
	crypto_secretbox_easy(box + crypto_secretbox_NONCEBYTES, secret,
	    SECRET_BYTES, box, key);
}

/* False: it is of another key, or damaged. */
static bool
unseal(const unsigned char *key, const unsigned char *box, int len,
    unsigned char secret[SECRET_BYTES])
{
	return len == BOX_BYTES &&
	    crypto_secretbox_open_easy(secret,
		box + crypto_secretbox_NONCEBYTES,
		BOX_BYTES - crypto_secretbox_NONCEBYTES, box, key) == 0;
}

enum ruad_status
ruad_totp_new(struct ruad_webstore *s, const unsigned char *key,
    int64_t user_id, char secret_out[RUAD_TOTP_SECRET_BYTES],
    struct ruad_err *err)
{
	unsigned char secret[SECRET_BYTES], box[BOX_BYTES];
	struct ruad_bound b;
	char *text = NULL;
	enum ruad_status st;

	randombytes_buf(secret, sizeof(secret));
	if (oath_base32_encode((char *)secret, sizeof(secret), &text, NULL) !=
	    OATH_OK)
		return ruad_fail_memory(err, "totp");
	snprintf(secret_out, RUAD_TOTP_SECRET_BYTES, "%s", text);
	free(text);
	seal(key, secret, box);
	sodium_memzero(secret, sizeof(secret));
	st = ruad_webstore_begin(s, err);
	if (st != RUAD_OK)
		return st;
	b = ruad_webstore_ask(s,
	    "UPDATE user SET totp_pending = ?2 WHERE user_id = ?1");
	ruad_sql_int(&b, user_id);
	ruad_sql_bytes(&b, box, sizeof(box));
	st = ruad_webstore_run(&b, NULL, err);
	return ruad_webstore_end(s, st, err);
}

static bool
is_code(const char *code)
{
	return strlen(code) == DIGITS && strspn(code, "0123456789") == DIGITS;
}

/* The counter that a code belongs to; 0: to none that is later than `last`. */
static uint64_t
counter_of(const unsigned char secret[SECRET_BYTES], const char *code,
    uint64_t last)
{
	uint64_t counter = 0;
	int pos = 0, rc;

	if (!is_code(code))
		return 0;
	rc = oath_totp_validate4((const char *)secret, SECRET_BYTES, time(NULL),
	    STEP_SECS, 0, WINDOW, &pos, &counter, 0, code);
	return rc >= 0 && counter > last ? counter : 0;
}

/* Within a transaction: the counter of a code by the secret in a column of
 * ours. 0: it is wrong. */
static enum ruad_status
find_counter(struct ruad_webstore *s, const unsigned char *key, const char *sql,
    int64_t user_id, const char *code, uint64_t *out, struct ruad_err *err)
{
	unsigned char secret[SECRET_BYTES];
	struct ruad_bound b = ruad_webstore_ask(s, sql);
	enum ruad_status st;

	*out = 0;
	ruad_sql_int(&b, user_id);
	st = ruad_sql_next(&b, err);
	if (st == RUAD_OK &&
	    unseal(key, sqlite3_column_blob(b.stmt, 0),
		sqlite3_column_bytes(b.stmt, 0), secret)) {
		*out = counter_of(secret, code,
		    (uint64_t)sqlite3_column_int64(b.stmt, 1));
		sodium_memzero(secret, sizeof(secret));
	}
	ruad_webstore_done(&b);
	return st == RUAD_END ? RUAD_OK : st;
}

static enum ruad_status
set_counter(struct ruad_webstore *s, const char *sql, int64_t user_id,
    uint64_t counter, struct ruad_err *err)
{
	struct ruad_bound b = ruad_webstore_ask(s, sql);

	ruad_sql_int(&b, user_id);
	ruad_sql_int(&b, (int64_t)counter);
	return ruad_webstore_run(&b, NULL, err);
}

static enum ruad_status
put_codes(struct ruad_webstore *s, const unsigned char *key, int64_t user_id,
    ruad_totp_codes codes, struct ruad_err *err)
{
	unsigned char digest[RUAD_SECRET_DIGEST_BYTES];
	struct ruad_bound b =
	    ruad_webstore_ask(s, "DELETE FROM recovery_code WHERE user_id = ?");
	enum ruad_status st;

	ruad_sql_int(&b, user_id);
	st = ruad_webstore_run(&b, NULL, err);
	for (int i = 0; i < RUAD_TOTP_RECOVERY_CODES && st == RUAD_OK; i++) {
		ruad_secret_code(codes[i]);
		ruad_secret_digest(codes[i], strlen(codes[i]), key, digest);
		b = ruad_webstore_ask(s,
		    "INSERT INTO recovery_code (user_id, digest)"
		    " VALUES (?, ?)");
		ruad_sql_int(&b, user_id);
		ruad_sql_bytes(&b, digest, sizeof(digest));
		st = ruad_webstore_run(&b, NULL, err);
	}
	return st;
}

enum ruad_status
ruad_totp_confirm(struct ruad_webstore *s, const unsigned char *key,
    int64_t user_id, const char *code, ruad_totp_codes codes_out,
    struct ruad_err *err)
{
	uint64_t counter;
	enum ruad_status st = ruad_webstore_begin(s, err);

	if (st != RUAD_OK)
		return st;
	st = find_counter(s, key,
	    "SELECT totp_pending, 0 FROM user WHERE user_id = ?"
	    " AND totp_pending IS NOT NULL",
	    user_id, code, &counter, err);
	if (st == RUAD_OK && counter == 0)
		st = RUAD_END;
	if (st == RUAD_OK)
		st = set_counter(s,
		    "UPDATE user SET totp = totp_pending, totp_pending = NULL,"
		    " totp_counter = ?2 WHERE user_id = ?1",
		    user_id, counter, err);
	if (st == RUAD_OK)
		st = put_codes(s, key, user_id, codes_out, err);
	return ruad_webstore_end(s, st, err);
}

/* Within a transaction. RUAD_END: there is no such recovery code. */
static enum ruad_status
use_recovery(struct ruad_webstore *s, const unsigned char *key, int64_t user_id,
    const char *text, struct ruad_err *err)
{
	unsigned char digest[RUAD_SECRET_DIGEST_BYTES];
	char code[RUAD_SECRET_CODE_BYTES];
	struct ruad_bound b;
	enum ruad_status st;
	int64_t changed;

	if (!ruad_secret_take_code(text, code))
		return RUAD_END;
	ruad_secret_digest(code, strlen(code), key, digest);
	b = ruad_webstore_ask(s,
	    "DELETE FROM recovery_code WHERE user_id = ? AND digest = ?");
	ruad_sql_int(&b, user_id);
	ruad_sql_bytes(&b, digest, sizeof(digest));
	st = ruad_webstore_run(&b, &changed, err);
	return st == RUAD_OK && changed == 0 ? RUAD_END : st;
}

enum ruad_status
ruad_totp_check(struct ruad_webstore *s, const unsigned char *key,
    int64_t user_id, const char *code, struct ruad_err *err)
{
	uint64_t counter;
	enum ruad_status st = ruad_webstore_begin(s, err);

	if (st != RUAD_OK)
		return st;
	st = find_counter(s, key,
	    "SELECT totp, totp_counter FROM user WHERE user_id = ?"
	    " AND totp IS NOT NULL",
	    user_id, code, &counter, err);
	if (st == RUAD_OK && counter != 0)
		st = set_counter(s,
		    "UPDATE user SET totp_counter = ?2 WHERE user_id = ?1",
		    user_id, counter, err);
	else if (st == RUAD_OK)
		st = use_recovery(s, key, user_id, code, err);
	return ruad_webstore_end(s, st, err);
}

enum ruad_status
ruad_totp_renew(struct ruad_webstore *s, const unsigned char *key,
    int64_t user_id, ruad_totp_codes codes_out, struct ruad_err *err)
{
	enum ruad_status st = ruad_webstore_begin(s, err);

	if (st != RUAD_OK)
		return st;
	st = put_codes(s, key, user_id, codes_out, err);
	return ruad_webstore_end(s, st, err);
}

/* One path, a square for each dark module, and the quiet zone around it. */
static void
write_svg(FILE *to, const QRcode *qr)
{
	enum { QUIET = 4 };
	int side = qr->width + 2 * QUIET;

	fprintf(to,
	    "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\""
	    " shape-rendering=\"crispEdges\"><path fill=\"#fff\""
	    " d=\"M0 0h%dv%dH0z\"/><path d=\"",
	    side, side, side, side);
	for (int y = 0; y < qr->width; y++) {
		for (int x = 0; x < qr->width; x++) {
			if ((qr->data[y * qr->width + x] & 1) != 0)
				fprintf(to, "M%d %dh1v1h-1z", x + QUIET,
				    y + QUIET);
		}
	}
	fputs("\"/></svg>", to);
}

char *
ruad_totp_qr(const char *text)
{
	QRcode *qr = QRcode_encodeString(text, 0, QR_ECLEVEL_M, QR_MODE_8, 1);
	char *svg = NULL;
	size_t len;
	FILE *to;

	if (qr == NULL)
		return NULL;
	to = open_memstream(&svg, &len);
	if (to != NULL) {
		write_svg(to, qr);
		if (fclose(to) != 0) {
			free(svg);
			svg = NULL;
		}
	}
	QRcode_free(qr);
	return svg;
}
