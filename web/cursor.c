/* cursor.c - JSON in base64url: the hash of the question, then the position. */
#include "cursor.h"
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CURSOR_MAX_BYTES = 2048, HASH_BYTES = 17 };

static void
print_hash(char buf[HASH_BYTES], uint64_t question)
{
	snprintf(buf, HASH_BYTES, "%016" PRIx64, question);
}

char *
ruad_cursor_write(const json_t *position, uint64_t question)
{
	char hash[HASH_BYTES], *text, *encoded = NULL;
	size_t cap;
	json_t *whole;

	print_hash(hash, question);
	whole = json_pack("[s,O]", hash, position);
	text = whole != NULL ? json_dumps(whole, JSON_COMPACT) : NULL;
	json_decref(whole);
	if (text == NULL)
		return NULL;
	cap = sodium_base64_encoded_len(strlen(text),
	    sodium_base64_VARIANT_URLSAFE_NO_PADDING);
	encoded = malloc(cap);
	if (encoded != NULL)
		sodium_bin2base64(encoded, cap, (unsigned char *)text,
		    strlen(text), sodium_base64_VARIANT_URLSAFE_NO_PADDING);
	free(text);
	return encoded;
}

/* Only what a position may hold: no lists in lists. */
static bool
is_position(const json_t *position)
{
	const json_t *value;
	size_t i;

	if (!json_is_array(position))
		return false;
	json_array_foreach(position, i, value)
	{
		if (json_is_array(value) || json_is_object(value))
			return false;
	}
	return true;
}

json_t *
ruad_cursor_read(const char *text, uint64_t question)
{
	char bytes[CURSOR_MAX_BYTES], hash[HASH_BYTES];
	const char *of;
	json_t *whole, *position = NULL;
	size_t len;

	if (sodium_base642bin((unsigned char *)bytes, sizeof(bytes), text,
		strlen(text), NULL, &len, NULL,
		sodium_base64_VARIANT_URLSAFE_NO_PADDING) != 0)
		return NULL;
	whole = json_loadb(bytes, len, 0, NULL);
	print_hash(hash, question);
	if (json_unpack(whole, "[s,o!]", &of, &position) == 0 &&
	    strcmp(of, hash) == 0 && is_position(position))
		json_incref(position);
	else
		position = NULL;
	json_decref(whole);
	return position;
}
