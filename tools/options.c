/* options.c - the table of options, and how the value of each is read. */
#include "options.h"
#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "conf_value.h"
#include "narrow.h"
#include "parse.h"

#define DAY_SECS INT64_C(86400)
#define JOBS_MAX 64u
/* What getopt_long() returns for the option n. */
#define LONG_BASE 256

static ruad_take_value take_format, take_historic, take_config, take_store,
    take_output, take_limit, take_jobs, take_code, take_older_than, take_note,
    take_keep, take_keep_raw, take_keep_daily, take_warning, take_critical,
    take_textfile, take_as, take_directory, take_by, take_without_dkim,
    take_without_spf, take_role;

static const struct option_spec {
	const char *name;
	char letter; /* 0: none */
	const char *value; /* name of its value; NULL: it takes none */
	ruad_take_value *take;
	const char *help;
} specs[RUAD_OPTION_COUNT] = {
	[RUAD_OPTION_CONFIG] = { "config", 'c', "FILE", take_config,
	    "configuration file" },
	[RUAD_OPTION_STORE] = { "store", 'd', "STORE", take_store,
	    "path of the store, instead of the configured one" },
	[RUAD_OPTION_OUTPUT] = { "output", 'o', "FORMAT", take_output,
	    "table (default), json, jsonl or csv" },
	[RUAD_OPTION_HELP] = { "help", 'h', NULL, NULL,
	    "help, on the command where one is named" },
	[RUAD_OPTION_VERSION] = { "version", 'V', NULL, NULL,
	    "version of the program" },
	[RUAD_OPTION_DOMAIN] = { "domain", 0, "DOMAIN", ruad_take_domain,
	    "only reports about this policy domain" },
	[RUAD_OPTION_REPORTER] = { "reporter", 0, "TEXT", ruad_take_reporter,
	    "only reporters with TEXT in their name" },
	[RUAD_OPTION_SINCE] = { "since", 0, "TIME", ruad_take_since,
	    "from this day on: 2024-05-31, or 2024-05-31T12:00:00Z" },
	[RUAD_OPTION_UNTIL] = { "until", 0, "TIME", ruad_take_until,
	    "up to this day, and with it" },
	[RUAD_OPTION_DAYS] = { "days", 0, "N", ruad_take_days,
	    "the last N days and today" },
	[RUAD_OPTION_LIMIT] = { "limit", 0, "N", take_limit,
	    "at most N rows; 0 is all" },
	[RUAD_OPTION_JOBS] = { "jobs", 'j', "N", take_jobs,
	    "read N files at once; default: one for each processor" },
	[RUAD_OPTION_TRUSTED] = { "trusted", 0, NULL, ruad_take_trusted,
	    "only reports that v_report calls trusted" },
	[RUAD_OPTION_CODE] = { "code", 0, "CODE", take_code,
	    "only what was refused for this reason" },
	[RUAD_OPTION_ALL] = { "all", 0, NULL, NULL, "all there are" },
	[RUAD_OPTION_OLDER_THAN] = { "older-than", 0, "TIME", take_older_than,
	    "only what was received longer ago: 90d, 12h" },
	[RUAD_OPTION_APPLY] = { "apply", 0, NULL, NULL,
	    "change the store, do not only look" },
	[RUAD_OPTION_YES] = { "yes", 'y', NULL, NULL, "do not ask" },
	[RUAD_OPTION_UNREGISTERED] = { "unregistered", 0, NULL, NULL,
	    "the domains that are not registered" },
	[RUAD_OPTION_NOTE] = { "note", 0, "TEXT", take_note,
	    "what to remember with it" },
	[RUAD_OPTION_KEEP] = { "keep", 0, "TIME", take_keep,
	    "keep the records of this time: 400d, 2y" },
	[RUAD_OPTION_KEEP_RAW] = { "keep-raw", 0, "TIME", take_keep_raw,
	    "keep originals for another time than --keep" },
	[RUAD_OPTION_KEEP_DAILY] = { "keep-daily", 0, "TIME", take_keep_daily,
	    "keep reports and daily sums so long; default: for ever" },
	[RUAD_OPTION_DRY_RUN] = { "dry-run", 'n', NULL, NULL,
	    "say what would be done, change nothing" },
	[RUAD_OPTION_NAGIOS] = { "nagios", 0, NULL, NULL,
	    "one line and the exit status of a plugin for Nagios" },
	[RUAD_OPTION_WARNING] = { "warning", 0, "TIME", take_warning,
	    "warn where the last report is older; default: 2d" },
	[RUAD_OPTION_CRITICAL] = { "critical", 0, "TIME", take_critical,
	    "alarm where it is older; default: 4d" },
	[RUAD_OPTION_TEXTFILE] = { "textfile", 0, "FILE", take_textfile,
	    "write to FILE, in one step" },
	[RUAD_OPTION_AS] = { "as", 0, "RFC", take_as,
	    "the form of 9990 (default) or 7489" },
	[RUAD_OPTION_DIRECTORY] = { "directory", 0, "DIR", take_directory,
	    "a new file in DIR for each report" },
	[RUAD_OPTION_FORCE] = { "force", 0, NULL, NULL, "to a terminal, too" },
	[RUAD_OPTION_HEADER_FROM] = { "header-from", 0, "DOMAIN",
	    ruad_take_header_from, "only messages with this author domain" },
	[RUAD_OPTION_SOURCE_IP] = { "source-ip", 0, "CIDR", ruad_take_source_ip,
	    "only from 192.0.2.7, 192.0.2.0/24, 2001:db8::/32" },
	[RUAD_OPTION_DISPOSITION] = { "disposition", 0, "WORD",
	    ruad_take_disposition,
	    "only: none, pass, quarantine, reject, unknown" },
	[RUAD_OPTION_SPF] = { "spf", 0, "WORD", ruad_take_spf,
	    "only if reporters found: pass, fail, unknown" },
	[RUAD_OPTION_DKIM] = { "dkim", 0, "WORD", ruad_take_dkim,
	    "the same of DKIM" },
	[RUAD_OPTION_DMARC] = { "dmarc", 0, "WORD", ruad_take_dmarc,
	    "the same of both together" },
	[RUAD_OPTION_SELECTOR] = { "selector", 0, "NAME", ruad_take_selector,
	    "only with a DKIM signature of this selector" },
	[RUAD_OPTION_BY] = { "by", 0, "WHAT", take_by,
	    "ip, network, header-from, dkim-domain, spf-domain" },
	[RUAD_OPTION_P] = { "p", 0, "POLICY", NULL,
	    "none, quarantine or reject" },
	[RUAD_OPTION_SP] = { "sp", 0, "POLICY", NULL,
	    "the same for names below; \"\" drops a tag" },
	[RUAD_OPTION_NP] = { "np", 0, "POLICY", NULL,
	    "the same for names that do not exist" },
	[RUAD_OPTION_PSD] = { "psd", 0, "WORD", NULL,
	    "y: a public suffix, n: none, u: not said" },
	[RUAD_OPTION_T] = { "t", 0, "WORD", NULL, "y: a test, n: not" },
	[RUAD_OPTION_ADKIM] = { "adkim", 0, "MODE", NULL,
	    "r or s: alignment of DKIM" },
	[RUAD_OPTION_ASPF] = { "aspf", 0, "MODE", NULL,
	    "r or s: alignment of SPF" },
	[RUAD_OPTION_FO] = { "fo", 0, "LIST", NULL,
	    "when to send failure reports: 0, 1, d, s" },
	[RUAD_OPTION_RUA] = { "rua", 0, "LIST", NULL,
	    "addresses for aggregate reports" },
	[RUAD_OPTION_RUF] = { "ruf", 0, "LIST", NULL,
	    "addresses for failure reports" },
	[RUAD_OPTION_PCT] = { "pct", 0, "N", NULL,
	    "historic: per cent of failing mail" },
	[RUAD_OPTION_RI] = { "ri", 0, "SECS", NULL,
	    "historic: time between reports" },
	[RUAD_OPTION_RF] = { "rf", 0, "LIST", NULL,
	    "historic: format of failure reports" },
	[RUAD_OPTION_FORMAT] = { "format", 0, "FORMAT", take_format,
	    "text, bind, nsupdate, route53, cloudflare, terraform, powerdns\n"
	    "                            of a record, xml of a report" },
	[RUAD_OPTION_HISTORIC] = { "historic", 0, "WORD", take_historic,
	    "keep (default) or drop pct, ri and rf" },
	[RUAD_OPTION_NEW] = { "new", 0, NULL, NULL,
	    "do not begin with what DNS has" },
	[RUAD_OPTION_WITHOUT_DKIM] = { "without-dkim", 0, "NAME",
	    take_without_dkim, "as if nothing had this selector" },
	[RUAD_OPTION_WITHOUT_SPF] = { "without-spf", 0, "DOMAIN",
	    take_without_spf, "as if SPF did not pass for it" },
	[RUAD_OPTION_ROLE] = { "role", 0, "ROLE", take_role,
	    "viewer (the default), editor or admin" },
	[RUAD_OPTION_PASSWORD] = { "password", 0, NULL, NULL,
	    "ask for the password, or read it from standard input" },
};

static bool
take_config(struct ruad_options *o, const char *text, const char **wanted_out)
{
	*wanted_out = "the path of a file";
	o->config = text;
	return text[0] != '\0';
}

static bool
take_store(struct ruad_options *o, const char *text, const char **wanted_out)
{
	*wanted_out =
	    "the path of an SQLite file: PostgreSQL is no store of ruad";
	o->store = text;
	return text[0] != '\0' && strncmp(text, "postgresql://", 13) != 0 &&
	    strncmp(text, "postgres://", 11) != 0;
}

static bool
take_output(struct ruad_options *o, const char *text, const char **wanted_out)
{
	static const char *const words[] = { [RUAD_FORMAT_TABLE] = "table",
		[RUAD_FORMAT_JSON] = "json",
		[RUAD_FORMAT_JSONL] = "jsonl",
		[RUAD_FORMAT_CSV] = "csv",
		NULL };
	int i = ruad_parse_word(words, text);

	*wanted_out = "table, json, jsonl or csv";
	if (i >= 0)
		o->format = (enum ruad_format)i;
	return i >= 0;
}

static bool
take_limit(struct ruad_options *o, const char *text, const char **wanted_out)
{
	*wanted_out = "a number of rows";
	return ruad_parse_number(text, INT64_C(1000000000), &o->filter.limit);
}

static bool
take_jobs(struct ruad_options *o, const char *text, const char **wanted_out)
{
	int64_t n;

	*wanted_out = "a number from 1 to 64";
	if (!ruad_parse_number(text, JOBS_MAX, &n) || n == 0)
		return false;
	o->jobs = (unsigned)n;
	return true;
}

static bool
take_code(struct ruad_options *o, const char *text, const char **wanted_out)
{
	enum ruad_code code = ruad_code_find(text);

	*wanted_out = "a code of ruad-schema(5)";
	o->filter.code = ruad_code_name(code);
	return code != RUAD_CODE_NONE;
}

static bool
take_older_than(struct ruad_options *o, const char *text,
    const char **wanted_out)
{
	int64_t msecs;

	*wanted_out = "a time with m, h or d: 90d";
	if (!ruad_conf_value_read(RUAD_CONF_DURATION, NULL, text, &msecs))
		return false;
	o->filter.until = (int64_t)time(NULL) - msecs / 1000;
	return true;
}

static bool
take_note(struct ruad_options *o, const char *text, const char **wanted_out)
{
	*wanted_out = "a text";
	o->note = text;
	return true;
}

static bool
take_role(struct ruad_options *o, const char *text, const char **wanted_out)
{
	*wanted_out = "viewer, editor or admin";
	o->role = ruad_role_find(text);
	return o->role != RUAD_ROLE_NONE;
}

/* How long to keep something: as durations of the configuration, or in years,
 * but days at least. */
static bool
take_span(const char *text, int64_t *secs_out, const char **wanted_out)
{
	size_t len = strcspn(text, "y");
	char years[8];
	int64_t n;

	*wanted_out = "a time of at least a day: 400d, 2y";
	if (len > 0 && len < sizeof(years) && strcmp(text + len, "y") == 0) {
		memcpy(years, text, len);
		years[len] = '\0';
		if (!ruad_parse_number(years, 1000, &n))
			return false;
		*secs_out = (n * 365 + n / 4) * DAY_SECS;
	} else {
		if (!ruad_conf_value_read(RUAD_CONF_DURATION, NULL, text, &n))
			return false;
		*secs_out = n / 1000;
	}
	return *secs_out >= DAY_SECS;
}

static bool
take_keep(struct ruad_options *o, const char *text, const char **wanted_out)
{
	return take_span(text, &o->keep_secs, wanted_out);
}

static bool
take_keep_raw(struct ruad_options *o, const char *text, const char **wanted_out)
{
	return take_span(text, &o->keep_raw_secs, wanted_out);
}

static bool
take_keep_daily(struct ruad_options *o, const char *text,
    const char **wanted_out)
{
	return take_span(text, &o->keep_daily_secs, wanted_out);
}

static bool
take_age(const char *text, int64_t *secs_out, const char **wanted_out)
{
	int64_t msecs;

	*wanted_out = "a time with m, h or d: 36h, 2d";
	if (!ruad_conf_value_read(RUAD_CONF_DURATION, NULL, text, &msecs))
		return false;
	*secs_out = msecs / 1000;
	return *secs_out > 0;
}

static bool
take_warning(struct ruad_options *o, const char *text, const char **wanted_out)
{
	return take_age(text, &o->warning_secs, wanted_out);
}

static bool
take_critical(struct ruad_options *o, const char *text, const char **wanted_out)
{
	return take_age(text, &o->critical_secs, wanted_out);
}

static bool
take_textfile(struct ruad_options *o, const char *text, const char **wanted_out)
{
	*wanted_out = "the path of a file";
	o->textfile = text;
	return text[0] != '\0';
}

static bool
take_by(struct ruad_options *o, const char *text, const char **wanted_out)
{
	static const char *const words[] = { [RUAD_GROUP_IP] = "ip",
		[RUAD_GROUP_NETWORK] = "network",
		[RUAD_GROUP_HEADER_FROM] = "header-from",
		[RUAD_GROUP_DKIM_DOMAIN] = "dkim-domain",
		[RUAD_GROUP_SPF_DOMAIN] = "spf-domain",
		NULL };
	int i = ruad_parse_word(words, text);

	*wanted_out = "ip, network, header-from, dkim-domain or spf-domain";
	if (i >= 0)
		o->by = (enum ruad_group)i;
	return i >= 0;
}

static bool
take_format(struct ruad_options *o, const char *text, const char **wanted_out)
{
	*wanted_out = "text, bind, nsupdate, route53, cloudflare, terraform "
		      "or powerdns; of export: xml";
	o->xml = strcmp(text, "xml") == 0;
	if (o->xml)
		return true;
	return ruad_publish_find(text, &o->publish);
}

static bool
take_historic(struct ruad_options *o, const char *text, const char **wanted_out)
{
	*wanted_out = "keep or drop";
	o->drop_historic = strcmp(text, "drop") == 0;
	return o->drop_historic || strcmp(text, "keep") == 0;
}

static bool
take_as(struct ruad_options *o, const char *text, const char **wanted_out)
{
	*wanted_out = "9990 or 7489";
	o->as_7489 = strcmp(text, "7489") == 0;
	return o->as_7489 || strcmp(text, "9990") == 0;
}

static bool
take_directory(struct ruad_options *o, const char *text,
    const char **wanted_out)
{
	*wanted_out = "the path of a directory";
	o->directory = text;
	return text[0] != '\0';
}

static bool
take_without_dkim(struct ruad_options *o, const char *text,
    const char **wanted_out)
{
	*wanted_out = "the name of a selector";
	o->without_dkim = text;
	return text[0] != '\0';
}

static bool
take_without_spf(struct ruad_options *o, const char *text,
    const char **wanted_out)
{
	free(o->without_spf);
	o->without_spf = ruad_conf_take_domain(text, wanted_out);
	return o->without_spf != NULL;
}

/* Fill the tables of getopt_long(). */
static void
describe(struct option longs[RUAD_OPTION_COUNT + 1],
    char shorts[2 * RUAD_OPTION_COUNT + 2])
{
	char *s = shorts;

	memset(longs, 0, sizeof(*longs) * (RUAD_OPTION_COUNT + 1));
	*s++ = ':';
	for (int i = 0; i < RUAD_OPTION_COUNT; i++) {
		bool value = specs[i].value != NULL;

		longs[i].name = specs[i].name;
		longs[i].has_arg = value ? required_argument : no_argument;
		longs[i].val = LONG_BASE + i;
		if (specs[i].letter == '\0')
			continue;
		*s++ = specs[i].letter;
		if (value)
			*s++ = ':';
	}
	*s = '\0';
}

static const char *
option_name(size_t n, const void *arg)
{
	(void)arg;
	return n < RUAD_OPTION_COUNT ? specs[n].name : NULL;
}

/* What getopt_long() did not like about the argument it has just read. */
static enum ruad_exit
refuse(const char *text, int letter, bool lacks_value)
{
	char guess[80], word[80];
	size_t len = strcspn(text, "=");

	if (lacks_value)
		return ruad_message_usage("option %s needs a value", text);
	if (text[0] != '-' || text[1] != '-' || letter != 0) {
		if (letter > 0 && letter < LONG_BASE)
			return ruad_message_usage("unknown option -%c: see "
						  "ruadctl help",
			    letter);
		return ruad_message_usage("option %.*s takes no value",
		    (int)len, text);
	}
	snprintf(word, sizeof(word), "%.*s", (int)len, text);
	ruad_message_guess(word + 2, option_name, NULL, guess);
	if (guess[0] == '\0')
		return ruad_message_usage("unknown option %s: see ruadctl help",
		    word);
	/* "did you mean since?" wants its dashes. */
	return ruad_message_usage("unknown option %s: did you mean --%s", word,
	    guess + strlen("did you mean "));
}

static int
id_of(int got)
{
	if (got >= LONG_BASE)
		return got - LONG_BASE;
	for (int i = 0; i < RUAD_OPTION_COUNT; i++) {
		if (specs[i].letter == got)
			return i;
	}
	return -1;
}

static enum ruad_exit
check_times(const struct ruad_options *o)
{
	if ((o->given & RUAD_OPTION(DAYS)) != 0 &&
	    (o->given & RUAD_OPTION(SINCE)) != 0)
		return ruad_message_usage("--days and --since exclude each "
					  "other");
	if ((o->given & RUAD_OPTION(OLDER_THAN)) != 0 &&
	    (o->given & RUAD_OPTION(UNTIL)) != 0)
		return ruad_message_usage("--older-than and --until exclude "
					  "each other");
	if (o->filter.since >= o->filter.until)
		return ruad_message_usage("--until is before the beginning of "
					  "the time");
	return RUAD_EXIT_OK;
}

/* A time that has a beginning is compared with as much time before it, in whole
 * days. Its end is at most tonight: nothing is known of later. */
static void
set_before(struct ruad_filter *f)
{
	int64_t tonight = ((int64_t)time(NULL) / DAY_SECS + 1) * DAY_SECS;
	int64_t until = f->until < tonight ? f->until : tonight;

	if (f->since != INT64_MIN && until > f->since)
		f->before = f->since -
		    (until - f->since + DAY_SECS - 1) / DAY_SECS * DAY_SECS;
}

enum ruad_exit
ruad_options_read(int argc, char **argv, struct ruad_options *out)
{
	struct option longs[RUAD_OPTION_COUNT + 1];
	char shorts[2 * RUAD_OPTION_COUNT + 2];
	const char *wanted;
	int got, id;

	*out = (struct ruad_options){ .filter = RUAD_FILTER_ALL };
	describe(longs, shorts);
	opterr = 0;
	while ((got = getopt_long(argc, argv, shorts, longs, NULL)) != -1) {
		if (got == '?' || got == ':')
			return refuse(argv[optind - 1], optopt, got == ':');
		id = id_of(got);
		out->given |= UINT64_C(1) << id;
		/* Judged as part of the record. */
		if (specs[id].take == NULL && specs[id].value != NULL)
			out->tag[id - RUAD_OPTION_P] = optarg;
		if (specs[id].take != NULL &&
		    !specs[id].take(out, optarg, &wanted))
			return ruad_message_usage("bad value \"%s\" of --%s: "
						  "allowed is %s",
			    optarg, specs[id].name, wanted);
	}
	set_before(&out->filter);
	out->args = argv + optind;
	out->arg_count = argc - optind;
	return check_times(out);
}

enum ruad_exit
ruad_options_check(const struct ruad_options *o, uint64_t allowed,
    const char *command)
{
	uint64_t wrong = o->given & ~(allowed | RUAD_OPTIONS_GLOBAL);

	for (int i = 0; i < RUAD_OPTION_COUNT; i++) {
		if ((wrong & UINT64_C(1) << i) != 0)
			return ruad_message_usage("%s takes no option --%s: "
						  "see ruadctl help %s",
			    command, specs[i].name, command);
	}
	return RUAD_EXIT_OK;
}

enum ruad_exit
ruad_options_set_domain(struct ruad_options *o, const char *text)
{
	char *before = o->domain;
	enum ruad_exit status = RUAD_EXIT_OK;
	const char *wanted;

	o->domain = NULL;
	if (!ruad_take_domain(o, text, &wanted))
		status = ruad_message_usage("bad DOMAIN \"%s\": allowed is %s",
		    text, wanted);
	else if (before != NULL && strcmp(before, o->domain) != 0)
		status = ruad_message_usage("DOMAIN is %s, but --domain is %s: "
					    "name one",
		    o->domain, before);
	free(before);
	return status;
}

void
ruad_options_print(uint64_t set)
{
	char names[60];

	for (int i = 0; i < RUAD_OPTION_COUNT; i++) {
		const struct option_spec *s = &specs[i];
		bool value = s->value != NULL;

		if ((set & UINT64_C(1) << i) == 0)
			continue;
		if (s->letter != '\0')
			snprintf(names, sizeof(names), "-%c, --%s%s%s",
			    s->letter, s->name, value ? " " : "",
			    value ? s->value : "");
		else
			snprintf(names, sizeof(names), "    --%s%s%s", s->name,
			    value ? " " : "", value ? s->value : "");
		printf("  %-24s  %s\n", names, s->help);
	}
}

void
ruad_options_free(struct ruad_options *o)
{
	free(o->domain);
	free(o->header_from);
	free(o->reporter);
	free(o->without_spf);
	o->domain = o->header_from = o->reporter = o->without_spf = NULL;
}
