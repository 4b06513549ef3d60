/* narrow.c - see narrow.h. */
#include "narrow.h"
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "conf_value.h"
#include "parse.h"
#include "report.h"
#include "text.h"

#define DAY_SECS INT64_C(86400)
#define TIME_WANTED \
	"a day, 2024-05-31, or a time of RFC 3339, 2024-05-31T12:00:00Z"

bool
ruad_take_domain(struct ruad_options *o, const char *text,
    const char **wanted_out)
{
	free(o->domain);
	o->domain = ruad_conf_take_domain(text, wanted_out);
	o->filter.domain = o->domain;
	return o->domain != NULL;
}

bool
ruad_take_reporter(struct ruad_options *o, const char *text,
    const char **wanted_out)
{
	*wanted_out = "part of a name";
	free(o->reporter);
	o->reporter = strdup(text);
	o->filter.reporter = o->reporter;
	if (o->reporter == NULL)
		return false;
	ruad_text_lower(o->reporter, strlen(o->reporter));
	return ruad_text_collapse(o->reporter) > 0;
}

bool
ruad_take_since(struct ruad_options *o, const char *text,
    const char **wanted_out)
{
	bool is_day;

	*wanted_out = TIME_WANTED;
	return ruad_parse_time(text, &is_day, &o->filter.since);
}

bool
ruad_take_until(struct ruad_options *o, const char *text,
    const char **wanted_out)
{
	bool is_day;

	*wanted_out = TIME_WANTED;
	if (!ruad_parse_time(text, &is_day, &o->filter.until))
		return false;
	/* The filter ends before this moment. */
	o->filter.until += is_day ? DAY_SECS : 1;
	return true;
}

bool
ruad_take_days(struct ruad_options *o, const char *text,
    const char **wanted_out)
{
	int64_t days, today = (int64_t)time(NULL) / DAY_SECS;

	*wanted_out = "a number of days, from 1 to 100000";
	if (!ruad_parse_number(text, 100000, &days) || days == 0)
		return false;
	o->filter.since = (today - days) * DAY_SECS;
	return true;
}

bool
ruad_take_trusted(struct ruad_options *o, const char *text,
    const char **wanted_out)
{
	(void)text;
	(void)wanted_out;
	o->filter.trusted = true;
	return true;
}

bool
ruad_take_header_from(struct ruad_options *o, const char *text,
    const char **wanted_out)
{
	free(o->header_from);
	o->header_from = ruad_conf_take_domain(text, wanted_out);
	o->filter.header_from = o->header_from;
	return o->header_from != NULL;
}

bool
ruad_take_source_ip(struct ruad_options *o, const char *text,
    const char **wanted_out)
{
	*wanted_out = "an address, 192.0.2.7, or a network, 192.0.2.0/24 or "
		      "2001:db8::/32";
	o->filter.ip_first = o->ip_first;
	o->filter.ip_last = o->ip_last;
	return ruad_parse_network(text, o->ip_first, o->ip_last);
}

bool
ruad_take_disposition(struct ruad_options *o, const char *text,
    const char **wanted_out)
{
	static const char *const words[] = { [RUAD_DISPOSITION_UNKNOWN] =
						 "unknown",
		[RUAD_DISPOSITION_NONE] = "none",
		[RUAD_DISPOSITION_PASS] = "pass",
		[RUAD_DISPOSITION_QUARANTINE] = "quarantine",
		[RUAD_DISPOSITION_REJECT] = "reject",
		NULL };

	*wanted_out = "none, pass, quarantine, reject or unknown, or several "
		      "with commas between";
	return ruad_parse_words(words, text, &o->filter.dispositions);
}

static bool
take_verdict(const char *text, int64_t *set_out, const char **wanted_out)
{
	static const char *const words[] = { [RUAD_VERDICT_UNKNOWN] = "unknown",
		[RUAD_VERDICT_PASS] = "pass",
		[RUAD_VERDICT_FAIL] = "fail",
		NULL };

	*wanted_out = "pass, fail or unknown, or several with commas between";
	return ruad_parse_words(words, text, set_out);
}

bool
ruad_take_spf(struct ruad_options *o, const char *text, const char **wanted_out)
{
	return take_verdict(text, &o->filter.spf, wanted_out);
}

bool
ruad_take_dkim(struct ruad_options *o, const char *text,
    const char **wanted_out)
{
	return take_verdict(text, &o->filter.dkim, wanted_out);
}

bool
ruad_take_dmarc(struct ruad_options *o, const char *text,
    const char **wanted_out)
{
	return take_verdict(text, &o->filter.dmarc, wanted_out);
}

bool
ruad_take_selector(struct ruad_options *o, const char *text,
    const char **wanted_out)
{
	*wanted_out = "the name of a selector";
	o->filter.selector = text;
	return text[0] != '\0';
}
