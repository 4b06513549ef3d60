/* totp.h - the second factor: codes of RFC 6238, and recovery codes. Secrets
 * are kept under a key that is not in the database. */
#ifndef RUAD_WEB_TOTP_H
#define RUAD_WEB_TOTP_H
#include "err.h"
#include "secret.h"
#include "webstore.h"

enum {
	RUAD_TOTP_SECRET_BYTES = 33, /* as base32, with the NUL */
	RUAD_TOTP_RECOVERY_CODES = 10
};

typedef char ruad_totp_codes[RUAD_TOTP_RECOVERY_CODES][RUAD_SECRET_CODE_BYTES];

/* Make a secret, which counts when its first code has been confirmed. Fails
 * like ruad_sql_fail(), as all of these do. */
RUAD_NODISCARD enum ruad_status ruad_totp_new(struct ruad_webstore *s,
    const unsigned char *key, int64_t user_id,
    char secret_out[RUAD_TOTP_SECRET_BYTES], struct ruad_err *err);

/* The first code; then the secret counts, and there are new recovery codes.
 * RUAD_END: the code is wrong, or there is no such secret. */
RUAD_NODISCARD enum ruad_status ruad_totp_confirm(struct ruad_webstore *s,
    const unsigned char *key, int64_t user_id, const char *code,
    ruad_totp_codes codes_out, struct ruad_err *err);

/* A code, or a recovery code. RUAD_END: it is wrong, or has been used. */
RUAD_NODISCARD enum ruad_status ruad_totp_check(struct ruad_webstore *s,
    const unsigned char *key, int64_t user_id, const char *code,
    struct ruad_err *err);

/* Other recovery codes, in place of all. */
RUAD_NODISCARD enum ruad_status ruad_totp_renew(struct ruad_webstore *s,
    const unsigned char *key, int64_t user_id, ruad_totp_codes codes_out,
    struct ruad_err *err);

/* A text as a QR code: an SVG that the caller frees; NULL: no memory. */
char *ruad_totp_qr(const char *text);

#endif
