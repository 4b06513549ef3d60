/* geo.c - see geo.h; libmaxminddb reads the files. Their texts are as foreign
 * as those of reports. */
#include "geo.h"
#include <inttypes.h>
#include <maxminddb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "enrich.h"

#define BATCH 500 /* addresses in one transaction */

struct database {
	MMDB_s mmdb;
	bool open;
};

struct geo {
	struct database asn, country;
};

static enum ruad_exit
open_one(const char *path, struct database *out)
{
	int rc;

	out->open = false;
	if (path[0] == '\0')
		return RUAD_EXIT_OK;
	rc = MMDB_open(path, MMDB_MODE_MMAP, &out->mmdb);
	if (rc != MMDB_SUCCESS)
		return ruad_message_usage("%s: %s", path, MMDB_strerror(rc));
	out->open = true;
	return RUAD_EXIT_OK;
}

static void
close_one(struct database *d)
{
	if (d->open)
		MMDB_close(&d->mmdb);
	d->open = false;
}

/* The entry of an address. False: there is none. */
static bool
find(struct database *d, const unsigned char ip[16], MMDB_entry_s *out)
{
	static const unsigned char ip4[12] = { [10] = 0xff, [11] = 0xff };
	struct sockaddr_in6 six = { .sin6_family = AF_INET6 };
	struct sockaddr_in four = { .sin_family = AF_INET };
	bool is_ip4 = memcmp(ip, ip4, sizeof(ip4)) == 0;
	MMDB_lookup_result_s r;
	int rc;

	if (!d->open)
		return false;
	memcpy(&six.sin6_addr, ip, 16);
	memcpy(&four.sin_addr, ip + 12, 4);
	r = MMDB_lookup_sockaddr(&d->mmdb,
	    is_ip4 ? (const struct sockaddr *)&four
		   : (const struct sockaddr *)&six,
	    &rc);
	*out = r.entry;
	return rc == MMDB_SUCCESS && r.found_entry;
}

static void
copy_text(MMDB_entry_s *entry, const char *const *path, char *out, size_t cap)
{
	MMDB_entry_data_s data;

	out[0] = '\0';
	if (MMDB_aget_value(entry, &data, path) == MMDB_SUCCESS &&
	    data.has_data && data.type == MMDB_DATA_TYPE_UTF8_STRING)
		snprintf(out, cap, "%.*s", (int)data.data_size,
		    data.utf8_string);
}

static void
look_up(struct geo *g, struct ruad_enrich_source *s)
{
	static const char *const number[] = { "autonomous_system_number",
		NULL };
	static const char *const name[] = { "autonomous_system_organization",
		NULL };
	static const char *const code[] = { "country", "iso_code", NULL };
	MMDB_entry_data_s data;
	MMDB_entry_s entry;

	s->asn = 0;
	s->as_org[0] = s->country[0] = '\0';
	if (find(&g->asn, s->ip, &entry)) {
		if (MMDB_aget_value(&entry, &data, number) == MMDB_SUCCESS &&
		    data.has_data && data.type == MMDB_DATA_TYPE_UINT32)
			s->asn = data.uint32;
		copy_text(&entry, name, s->as_org, sizeof(s->as_org));
	}
	if (find(&g->country, s->ip, &entry))
		copy_text(&entry, code, s->country, sizeof(s->country));
}

static enum ruad_exit
fill(struct ruad_ctl *ctl, struct geo *g, struct ruad_store *store,
    int64_t first_day)
{
	struct ruad_enrich_source *batch = calloc(BATCH, sizeof(*batch));
	int64_t last_key = 0, total = 0;
	enum ruad_status st;
	struct ruad_err err;
	size_t count;

	if (batch == NULL) {
		ruad_message("out of memory");
		return RUAD_EXIT_TEMP;
	}
	do {
		st = ruad_enrich_used(ruad_query_handle(ctl->query), first_day,
		    last_key, batch, BATCH, &count, &err);
		for (size_t i = 0; st == RUAD_OK && i < count; i++)
			look_up(g, &batch[i]);
		if (st == RUAD_OK && count > 0) {
			last_key = batch[count - 1].source_key;
			st = ruad_enrich_put_geo(store, batch, count, &err);
		}
		total += (int64_t)count;
	} while (st == RUAD_OK && count == BATCH);
	free(batch);
	if (st != RUAD_OK)
		return ruad_message_failure(&err);
	ruad_message("%" PRId64 " addresses looked up in the files", total);
	return RUAD_EXIT_OK;
}

enum ruad_exit
ruad_geo_fill(struct ruad_ctl *ctl, struct ruad_store *store, int64_t first_day)
{
	struct geo g = { .asn = { .open = false } };
	enum ruad_exit status = open_one(ctl->conf->asn_database, &g.asn);

	if (status == RUAD_EXIT_OK)
		status = open_one(ctl->conf->country_database, &g.country);
	if (status == RUAD_EXIT_OK && (g.asn.open || g.country.open))
		status = fill(ctl, &g, store, first_day);
	close_one(&g.asn);
	close_one(&g.country);
	return status;
}
