/* secret.h - passwords, and codes that are given out once. libsodium does the
 * work. */
#ifndef RUAD_SECRET_H
#define RUAD_SECRET_H
#include "err.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	RUAD_SECRET_KEY_BYTES = 32,
	RUAD_SECRET_DIGEST_BYTES = 32,
	RUAD_SECRET_HASH_BYTES = 128, /* of a password, with the NUL */
	RUAD_SECRET_CODE_BYTES = 15, /* of a code, with the NUL */
	RUAD_PASSWORD_MIN = 10, /* characters, of one that people choose */
	RUAD_PASSWORD_MAX = 1024 /* bytes */
};

/* What argon2id takes for a password. */
struct ruad_secret_cost {
	size_t bytes;
	unsigned passes;
};

/* RUAD_TEMP: no memory for it, or libsodium cannot be used. */
RUAD_NODISCARD enum ruad_status ruad_secret_hash(const char *password,
    const struct ruad_secret_cost *cost, char out[RUAD_SECRET_HASH_BYTES],
    struct ruad_err *err);

/* Whether a password is the one of the hash; takes as long as hashing. */
bool ruad_secret_verify(const char *hash, const char *password);

/* Whether the hash costs something else than this. */
bool ruad_secret_is_old(const char *hash, const struct ruad_secret_cost *cost);

/* A one-time password or recovery code of 59 random bits, that can be typed:
 * "k3f9-x2m7-q8ab". */
void ruad_secret_code(char out[RUAD_SECRET_CODE_BYTES]);

/* Bring what people typed to that form: without blanks, in lower case. False:
 * it is no such code. */
bool ruad_secret_take_code(const char *text, char out[RUAD_SECRET_CODE_BYTES]);

/* BLAKE2b, with a key or without (NULL). */
void ruad_secret_digest(const void *bytes, size_t len, const unsigned char *key,
    unsigned char out[RUAD_SECRET_DIGEST_BYTES]);

/* Read the key file, or make it, readable by its owner alone. RUAD_TEMP: it
 * cannot be read or written; RUAD_BAD: it is no key. */
RUAD_NODISCARD enum ruad_status ruad_secret_key(const char *path,
    unsigned char out[RUAD_SECRET_KEY_BYTES], struct ruad_err *err);

#endif
