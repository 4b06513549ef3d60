/* throttle.c - kept in the database, so that a restart forgives nothing. */
#include "throttle.h"
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum { NAME_BYTES = 128 };

int64_t
ruad_throttle_secs(int64_t failures, int64_t free_of_cost)
{
	int64_t over = failures - free_of_cost;

	if (over < 0)
		return 0;
	return over < 10 ? INT64_C(1) << over : RUAD_THROTTLE_SECS_MAX;
}

void
ruad_throttle_network(const char *address, char *buf, size_t cap)
{
	unsigned char bytes[16] = { 0 };
	char text[INET6_ADDRSTRLEN];

	if (inet_pton(AF_INET, address, bytes) == 1) {
		bytes[3] = 0;
		inet_ntop(AF_INET, bytes, text, sizeof(text));
		snprintf(buf, cap, "%s/24", text);
	} else if (inet_pton(AF_INET6, address, bytes) == 1) {
		memset(bytes + 8, 0, 8);
		inet_ntop(AF_INET6, bytes, text, sizeof(text));
		snprintf(buf, cap, "%s/64", text);
	} else {
		snprintf(buf, cap, "%s", address);
	}
}

struct names {
	char login[NAME_BYTES], net[NAME_BYTES];
};

static void
set_names(struct names *n, const char *login, const char *address)
{
	char net[NAME_BYTES - 8];

	ruad_throttle_network(address, net, sizeof(net));
	snprintf(n->login, sizeof(n->login), "user:%s", login);
	snprintf(n->net, sizeof(n->net), "net:%s", net);
}

enum ruad_status
ruad_throttle_left(struct ruad_webstore *s, const char *login,
    const char *address, int64_t *secs_out, struct ruad_err *err)
{
	int64_t until = 0, now = time(NULL);
	struct names n;
	struct ruad_bound b;
	enum ruad_status st;

	set_names(&n, login, address);
	ruad_webstore_lock(s);
	b = ruad_webstore_ask(s,
	    "SELECT max(until_epoch) FROM throttle WHERE name IN (?, ?)");
	ruad_sql_text(&b, n.login);
	ruad_sql_text(&b, n.net);
	st = ruad_sql_get(&b, &until, 1, err);
	ruad_webstore_done(&b);
	ruad_webstore_unlock(s);
	*secs_out = until > now ? until - now : 0;
	return st;
}

static enum ruad_status
add_failure(struct ruad_webstore *s, const char *name, int64_t free_of_cost,
    struct ruad_err *err)
{
	int64_t row[2] = { 0 }, now = time(NULL), failures;
	struct ruad_bound b = ruad_webstore_ask(s,
	    "SELECT failures, last_epoch FROM throttle WHERE name = ?");
	enum ruad_status st;

	ruad_sql_text(&b, name);
	st = ruad_sql_get(&b, row, 2, err);
	ruad_webstore_done(&b);
	if (st != RUAD_OK)
		return st;
	failures = now - row[1] < RUAD_THROTTLE_FORGET_SECS ? row[0] + 1 : 1;
	b = ruad_webstore_ask(s,
	    "INSERT OR REPLACE INTO throttle (name, failures, last_epoch,"
	    " until_epoch) VALUES (?, ?, ?, ?)");
	ruad_sql_text(&b, name);
	ruad_sql_int(&b, failures);
	ruad_sql_int(&b, now);
	ruad_sql_int(&b, now + ruad_throttle_secs(failures, free_of_cost));
	return ruad_webstore_run(&b, NULL, err);
}

/* Names that nobody has used for a while must not fill the disk. */
static enum ruad_status
prune(struct ruad_webstore *s, struct ruad_err *err)
{
	struct ruad_bound b =
	    ruad_webstore_ask(s, "DELETE FROM throttle WHERE last_epoch < ?");

	ruad_sql_int(&b, time(NULL) - RUAD_THROTTLE_FORGET_SECS);
	return ruad_webstore_run(&b, NULL, err);
}

enum ruad_status
ruad_throttle_failed(struct ruad_webstore *s, const char *login,
    const char *address, struct ruad_err *err)
{
	struct names n;
	enum ruad_status st = ruad_webstore_begin(s, err);

	if (st != RUAD_OK)
		return st;
	set_names(&n, login, address);
	st = prune(s, err);
	if (st == RUAD_OK)
		st = add_failure(s, n.login, RUAD_THROTTLE_LOGIN_FREE, err);
	if (st == RUAD_OK)
		st = add_failure(s, n.net, RUAD_THROTTLE_NET_FREE, err);
	return ruad_webstore_end(s, st, err);
}

enum ruad_status
ruad_throttle_passed(struct ruad_webstore *s, const char *login,
    struct ruad_err *err)
{
	struct names n;
	struct ruad_bound b;
	enum ruad_status st = ruad_webstore_begin(s, err);

	if (st != RUAD_OK)
		return st;
	set_names(&n, login, "");
	b = ruad_webstore_ask(s, "DELETE FROM throttle WHERE name = ?");
	ruad_sql_text(&b, n.login);
	st = ruad_webstore_run(&b, NULL, err);
	return ruad_webstore_end(s, st, err);
}
