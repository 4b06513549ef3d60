/* publish.c - see publish.h. */
#include "publish.h"
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { STRING_MAX = 255 };

static const char *const words[RUAD_PUBLISH_COUNT] = {
	[RUAD_PUBLISH_TEXT] = "text",
	[RUAD_PUBLISH_BIND] = "bind",
	[RUAD_PUBLISH_NSUPDATE] = "nsupdate",
	[RUAD_PUBLISH_ROUTE53] = "route53",
	[RUAD_PUBLISH_CLOUDFLARE] = "cloudflare",
	[RUAD_PUBLISH_TERRAFORM] = "terraform",
	[RUAD_PUBLISH_POWERDNS] = "powerdns",
};

const char *
ruad_publish_word(enum ruad_publish_format format)
{
	return words[format];
}

bool
ruad_publish_find(const char *word, enum ruad_publish_format *out)
{
	for (size_t i = 0; i < RUAD_PUBLISH_COUNT; i++) {
		if (strcmp(words[i], word) == 0) {
			*out = (enum ruad_publish_format)i;
			return true;
		}
	}
	return false;
}

/* One character inside quotes, as in a zone file: RFC 1035 section 5.1. */
static void
put_char(FILE *to, char c)
{
	if (c == '"' || c == '\\')
		fprintf(to, "\\%c", c);
	else if (c < 0x20 || c == 0x7f)
		fprintf(to, "\\%03u", (unsigned)(unsigned char)c);
	else
		putc(c, to);
}

/* The strings of the record, quoted, with `between` between them. */
static void
put_strings(FILE *to, const char *text, const char *between)
{
	size_t n = 0;

	putc('"', to);
	for (; *text != '\0'; text++) {
		if (n++ == STRING_MAX) {
			fprintf(to, "\"%s\"", between);
			n = 1;
		}
		put_char(to, *text);
	}
	putc('"', to);
}

/* The same in memory, which the caller frees. NULL: no memory. */
static char *
strings_of(const char *text)
{
	char *out = NULL;
	size_t len;
	FILE *to = open_memstream(&out, &len);

	if (to == NULL)
		return NULL;
	put_strings(to, text, " ");
	if (fclose(to) == 0)
		return out;
	free(out);
	return NULL;
}

static void
print_text(FILE *to, const struct ruad_publish_record *r)
{
	fprintf(to, "Name   %s\nType   TXT\nTTL    %d\nValue  %s\n", r->name,
	    RUAD_PUBLISH_TTL_SECS, r->text);
	if (strlen(r->text) <= STRING_MAX)
		return;
	fprintf(to,
	    "       longer than one string of 255 bytes; where the form does "
	    "not split it:\n       ");
	put_strings(to, r->text, " ");
	putc('\n', to);
}

static void
print_bind(FILE *to, const struct ruad_publish_record *r)
{
	bool several = strlen(r->text) > STRING_MAX;

	fprintf(to, "%s. %d IN TXT %s", r->name, RUAD_PUBLISH_TTL_SECS,
	    several ? "( " : "");
	put_strings(to, r->text, "\n    ");
	fputs(several ? " )\n" : "\n", to);
}

static void
print_nsupdate(FILE *to, const struct ruad_publish_record *r)
{
	fprintf(to, "update delete %s. TXT\nupdate add %s. %d TXT ", r->name,
	    r->name, RUAD_PUBLISH_TTL_SECS);
	put_strings(to, r->text, " ");
	fprintf(to, "\nsend\n");
}

/* For the provider "dns", which itself splits long texts; "${" and "%{" begin
 * what Terraform takes for more than text, and no name begins with a digit. */
static void
print_terraform(FILE *to, const struct ruad_publish_record *r)
{
	size_t len = strlen(r->name), zone = strlen(r->zone);
	const char *s;

	fprintf(to, "resource \"dns_txt_record_set\" \"%s",
	    r->name[0] >= '0' && r->name[0] <= '9' ? "_" : "");
	for (s = r->name; *s != '\0'; s++)
		putc(*s == '.' || *s == '-' ? '_' : *s, to);
	fprintf(to, "\" {\n  zone = \"%s.\"\n  name = \"%.*s\"\n  txt  = [\"",
	    r->zone, (int)(len > zone ? len - zone - 1 : len), r->name);
	for (s = r->text; *s != '\0'; s++) {
		if ((*s == '$' || *s == '%') && s[1] == '{')
			putc(*s, to);
		put_char(to, *s);
	}
	fprintf(to, "\"]\n  ttl  = %d\n}\n", RUAD_PUBLISH_TTL_SECS);
}

static json_t *
route53(const char *name, const char *strings)
{
	return json_pack("{s:s, s:[{s:s, s:{s:s, s:s, s:i, s:[{s:s}]}}]}",
	    "Comment", "DMARC", "Changes", "Action", "UPSERT",
	    "ResourceRecordSet", "Name", name, "Type", "TXT", "TTL",
	    RUAD_PUBLISH_TTL_SECS, "ResourceRecords", "Value", strings);
}

static json_t *
cloudflare(const char *name, const char *strings)
{
	return json_pack("{s:s, s:s, s:s, s:i}", "type", "TXT", "name", name,
	    "content", strings, "ttl", RUAD_PUBLISH_TTL_SECS);
}

static json_t *
powerdns(const char *name, const char *strings)
{
	return json_pack("{s:[{s:s, s:s, s:i, s:s, s:[{s:s, s:b}]}]}", "rrsets",
	    "name", name, "type", "TXT", "ttl", RUAD_PUBLISH_TTL_SECS,
	    "changetype", "REPLACE", "records", "content", strings, "disabled",
	    0);
}

static bool
print_json(FILE *to, const struct ruad_publish_record *r, bool final_dot,
    json_t *(*make)(const char *name, const char *strings))
{
	char *strings = strings_of(r->text);
	char name[260];
	json_t *json;
	bool done;

	snprintf(name, sizeof(name), "%s%s", r->name, final_dot ? "." : "");
	json = strings != NULL ? make(name, strings) : NULL;
	done = json != NULL && json_dumpf(json, to, JSON_INDENT(2)) == 0;
	if (done)
		putc('\n', to);
	json_decref(json);
	free(strings);
	return done;
}

bool
ruad_publish(FILE *to, enum ruad_publish_format format,
    const struct ruad_publish_record *r)
{
	switch (format) {
	case RUAD_PUBLISH_TEXT:
		print_text(to, r);
		break;
	case RUAD_PUBLISH_BIND:
		print_bind(to, r);
		break;
	case RUAD_PUBLISH_NSUPDATE:
		print_nsupdate(to, r);
		break;
	case RUAD_PUBLISH_TERRAFORM:
		print_terraform(to, r);
		break;
	case RUAD_PUBLISH_ROUTE53:
		return print_json(to, r, true, route53);
	case RUAD_PUBLISH_CLOUDFLARE:
		return print_json(to, r, false, cloudflare);
	case RUAD_PUBLISH_POWERDNS:
		return print_json(to, r, true, powerdns);
	case RUAD_PUBLISH_COUNT:
		break;
	}
	return true;
}
