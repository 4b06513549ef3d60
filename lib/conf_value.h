/* conf_value.h - the kinds of value that an option of ruad.conf(5) can have,
 * as they are written and as they are kept. Pure functions. */
#ifndef RUAD_CONF_VALUE_H
#define RUAD_CONF_VALUE_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum ruad_conf_type {
	RUAD_CONF_TEXT,
	RUAD_CONF_LIST, /* of texts */
	RUAD_CONF_SIZE, /* bytes: "65536", "64k", "10M", "1G" */
	RUAD_CONF_INTEGER,
	RUAD_CONF_DURATION, /* "500ms", "2s", "5m", "1h", "31d" */
	RUAD_CONF_MODE, /* permissions: "0660" */
	RUAD_CONF_WORD, /* one of a few words */
	RUAD_CONF_BOOL /* "yes" or "no" */
};

/* A word and what it stands for; a list of them ends with word NULL. */
struct ruad_conf_word {
	const char *word;
	int value;
};

/* Longest text that ruad_conf_value_print() writes, with its NUL. */
#define RUAD_CONF_VALUE_MAX 64

/* What a value of this type is called: "size". Never NULL. */
const char *ruad_conf_type_word(enum ruad_conf_type type);

/* How a value of this type is written, for the text of an error: "a size in
 * bytes, or with k, M or G". Never NULL. */
const char *ruad_conf_type_help(enum ruad_conf_type type);

/* Read a value: bytes, milliseconds, a number, mode bits, the value of a word,
 * or 0 and 1. `words` matters for RUAD_CONF_WORD only. False: not a value of
 * this type, or one that does not fit; texts and lists have none. */
bool ruad_conf_value_read(enum ruad_conf_type type,
    const struct ruad_conf_word *words, const char *text, int64_t *out);

/* Write a value to buf as short as it is exact: "64M", not "67108864". Returns
 * buf. */
char *ruad_conf_value_print(enum ruad_conf_type type,
    const struct ruad_conf_word *words, int64_t value,
    char buf[RUAD_CONF_VALUE_MAX]);

/* Texts and entries of lists: a copy in normal form that the caller frees, or
 * NULL, where *allowed_out says what would do (or memory ran out). Domains
 * come out in lower case and A-labels. */
typedef char *ruad_conf_take(const char *text, const char **allowed_out);
ruad_conf_take ruad_conf_take_socket; /* "unix:/path", "inet:port@host" */
ruad_conf_take ruad_conf_take_recipient; /* "user@domain", "*@domain" */
ruad_conf_take ruad_conf_take_delimiter; /* some characters, or "" */
ruad_conf_take ruad_conf_take_path; /* absolute, or "" */
ruad_conf_take ruad_conf_take_file; /* absolute */
ruad_conf_take ruad_conf_take_domain;
ruad_conf_take ruad_conf_take_policy_domain; /* or one of these words: */
#define RUAD_CONF_ANY "any"
#define RUAD_CONF_REGISTERED "registered" /* registered_domain of the store */
ruad_conf_take ruad_conf_take_server; /* an IP address, perhaps with @PORT */
ruad_conf_take ruad_conf_take_filled; /* anything but "" */

/* "" for none, or a socket that only this host can reach. */
ruad_conf_take ruad_conf_take_local_socket;

/* "" or unix:PATH; "" or an inet socket of a numeric address. */
ruad_conf_take ruad_conf_take_unix;
ruad_conf_take ruad_conf_take_listen;

/* "" or "https://host:port", without a path; an address, or a network with its
 * number of bits. */
ruad_conf_take ruad_conf_take_origin;
ruad_conf_take ruad_conf_take_network;

/* The address of an inet socket, and its length; 0: it is not numeric. */
struct sockaddr_storage;
unsigned ruad_conf_address(const char *socket, struct sockaddr_storage *out);

/* The same of a socket of the loopback interface; 0: it is none. */
unsigned ruad_conf_loopback(const char *socket, struct sockaddr_storage *out);

/* The path of a unix socket ("unix:/path", "local:/path") within its name;
 * NULL: it is none. */
const char *ruad_conf_socket_path(const char *socket);

#endif
