/* secret.c - letters and digits of codes are those that look like no other. */
#include "secret.h"
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

_Static_assert(RUAD_SECRET_KEY_BYTES == crypto_secretbox_KEYBYTES, "a key");
_Static_assert(RUAD_SECRET_HASH_BYTES >= crypto_pwhash_STRBYTES, "a hash");

static const char letters[] = "abcdefghjkmnpqrstuvwxyz23456789";

enum { GROUP = 4, GROUPS = 3 };

enum ruad_status
ruad_secret_hash(const char *password, const struct ruad_secret_cost *cost,
    char out[RUAD_SECRET_HASH_BYTES], struct ruad_err *err)
{
	if (sodium_init() < 0)
		return ruad_fail(err, RUAD_TEMP, RUAD_CODE_NONE,
		    "libsodium cannot be used here");
	if (crypto_pwhash_str(out, password, strlen(password), cost->passes,
		cost->bytes) != 0)
		return ruad_fail_memory(err, "password");
	return RUAD_OK;
}

bool
ruad_secret_verify(const char *hash, const char *password)
{
	return crypto_pwhash_str_verify(hash, password, strlen(password)) == 0;
}

bool
ruad_secret_is_old(const char *hash, const struct ruad_secret_cost *cost)
{
	return crypto_pwhash_str_needs_rehash(hash, cost->passes,
		   cost->bytes) != 0;
}

void
ruad_secret_code(char out[RUAD_SECRET_CODE_BYTES])
{
	char *p = out;

	for (int i = 0; i < GROUPS; i++) {
		if (i > 0)
			*p++ = '-';
		for (int j = 0; j < GROUP; j++)
			*p++ =
			    letters[randombytes_uniform(sizeof(letters) - 1)];
	}
	*p = '\0';
}

bool
ruad_secret_take_code(const char *text, char out[RUAD_SECRET_CODE_BYTES])
{
	char *p = out;
	int n = 0;

	for (; *text != '\0'; text++) {
		char c = *text >= 'A' && *text <= 'Z'
		    ? (char)(*text - 'A' + 'a')
		    : *text;

		if (c == ' ' || c == '-')
			continue;
		if (n == GROUP * GROUPS || strchr(letters, c) == NULL)
			return false;
		if (n > 0 && n % GROUP == 0)
			*p++ = '-';
		*p++ = c;
		n++;
	}
	*p = '\0';
	return n == GROUP * GROUPS;
}

void
ruad_secret_digest(const void *bytes, size_t len, const unsigned char *key,
    unsigned char out[RUAD_SECRET_DIGEST_BYTES])
{
	crypto_generichash(out, RUAD_SECRET_DIGEST_BYTES, bytes, len, key,
	    key != NULL ? RUAD_SECRET_KEY_BYTES : 0);
}

static enum ruad_status
fail_key(const char *path, struct ruad_err *err)
{
	return ruad_fail(err, RUAD_TEMP, RUAD_OUR_IO, "web_secret %s: %s", path,
	    strerror(errno));
}

/* A key file that is not whole must not get its name. */
static enum ruad_status
make_key(const char *path, unsigned char out[RUAD_SECRET_KEY_BYTES],
    struct ruad_err *err)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	bool good;

	if (fd == -1)
		return fail_key(path, err);
	randombytes_buf(out, RUAD_SECRET_KEY_BYTES);
	good = write(fd, out, RUAD_SECRET_KEY_BYTES) == RUAD_SECRET_KEY_BYTES &&
	    fsync(fd) == 0;
	if (close(fd) == 0 && good)
		return RUAD_OK;
	fail_key(path, err);
	unlink(path);
	return RUAD_TEMP;
}

enum ruad_status
ruad_secret_key(const char *path, unsigned char out[RUAD_SECRET_KEY_BYTES],
    struct ruad_err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	unsigned char more;
	struct stat st;
	ssize_t n;

	if (fd == -1)
		return errno == ENOENT ? make_key(path, out, err)
				       : fail_key(path, err);
	n = read(fd, out, RUAD_SECRET_KEY_BYTES);
	if (n == RUAD_SECRET_KEY_BYTES && read(fd, &more, 1) != 0)
		n = -1;
	if (fstat(fd, &st) == 0 && (st.st_mode & 077) != 0)
		n = -2;
	close(fd);
	if (n == RUAD_SECRET_KEY_BYTES)
		return RUAD_OK;
	return ruad_fail(err, RUAD_BAD, RUAD_OUR_IO, "web_secret %s: %s", path,
	    n == -2 ? "others may read it, set its mode to 0600"
		    : "is not a key of 32 bytes");
}
