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
#include "text.h"

#define DAY_SECS INT64_C(86400)
#define JOBS_MAX 64u
/* What getopt_long() returns for the option n. */
#define LONG_BASE 256

/* Read the value of an option; false: *wanted_out says what would do. */
typedef bool take_value(struct ruad_options *o, const char *text,
    const char **wanted_out);

static take_value take_config, take_store, take_output, take_domain,
    take_reporter, take_since, take_until, take_days, take_limit, take_jobs,
    take_trusted, take_code, take_older_than, take_note, take_keep,
    take_keep_raw, take_keep_daily, take_warning, take_critical, take_textfile;

static const struct option_spec {
	const char *name;
	char letter; /* 0: none */
	const char *value; /* name of its value; NULL: it takes none */
	take_value *take;
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
	[RUAD_OPTION_DOMAIN] = { "domain", 0, "DOMAIN", take_domain,
	    "only reports about this policy domain" },
	[RUAD_OPTION_REPORTER] = { "reporter", 0, "TEXT", take_reporter,
	    "only reporters with TEXT in their name" },
	[RUAD_OPTION_SINCE] = { "since", 0, "TIME", take_since,
	    "from this day on: 2024-05-31, or 2024-05-31T12:00:00Z" },
	[RUAD_OPTION_UNTIL] = { "until", 0, "TIME", take_until,
	    "up to this day, and with it" },
	[RUAD_OPTION_DAYS] = { "days", 0, "N", take_days,
	    "the last N days and today" },
	[RUAD_OPTION_LIMIT] = { "limit", 0, "N", take_limit,
	    "at most N rows; 0 is all" },
	[RUAD_OPTION_JOBS] = { "jobs", 'j', "N", take_jobs,
	    "read N files at once; default: one for each processor" },
	[RUAD_OPTION_TRUSTED] = { "trusted", 0, NULL, take_trusted,
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
	*wanted_out = "the path of a file; PostgreSQL is not supported yet";
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
		[RUAD_FORMAT_CSV] = "csv" };

	*wanted_out = "table, json, jsonl or csv";
	for (unsigned i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strcmp(text, words[i]) == 0) {
			o->format = (enum ruad_format)i;
			return true;
		}
	}
	return false;
}

static bool
take_domain(struct ruad_options *o, const char *text, const char **wanted_out)
{
	free(o->domain);
	o->domain = ruad_conf_take_domain(text, wanted_out);
	o->filter.domain = o->domain;
	return o->domain != NULL;
}

static bool
take_reporter(struct ruad_options *o, const char *text, const char **wanted_out)
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

static bool
take_number(const char *text, int64_t max, int64_t *out)
{
	char *end;
	long long n;

	if (text[0] < '0' || text[0] > '9')
		return false;
	errno = 0;
	n = strtoll(text, &end, 10);
	*out = n;
	return errno == 0 && *end == '\0' && n <= max;
}

/* Read count digits at *s and step over them and over one of `after`. */
static bool
take_digits(const char **s, int count, const char *after, int *out)
{
	*out = 0;
	for (; count > 0; count--, ++*s) {
		if (**s < '0' || **s > '9')
			return false;
		*out = *out * 10 + (**s - '0');
	}
	if (after[0] == '\0')
		return true;
	if (**s == '\0' || strchr(after, **s) == NULL)
		return false;
	++*s;
	return true;
}

/* Z, or +HH:MM: how many seconds this clock is ahead of UTC. */
static bool
take_offset(const char *s, int *secs_out)
{
	int sign, hours, minutes;

	*secs_out = 0;
	if (strcmp(s, "Z") == 0 || strcmp(s, "z") == 0)
		return true;
	if (*s != '+' && *s != '-')
		return false;
	sign = *s++ == '-' ? -1 : 1;
	if (!take_digits(&s, 2, ":", &hours) ||
	    !take_digits(&s, 2, "", &minutes) || *s != '\0' || hours > 23 ||
	    minutes > 59)
		return false;
	*secs_out = sign * (hours * 3600 + minutes * 60);
	return true;
}

/* The time of day of RFC 3339 section 5.6, without fractions of a second. */
static bool
take_clock(const char *s, int64_t *secs_out)
{
	int hours, minutes, secs, offset;

	if (!take_digits(&s, 2, ":", &hours) ||
	    !take_digits(&s, 2, ":", &minutes) ||
	    !take_digits(&s, 2, "", &secs) || hours > 23 || minutes > 59 ||
	    secs > 60 || !take_offset(s, &offset))
		return false;
	*secs_out = hours * 3600 + minutes * 60 + secs - offset;
	return true;
}

/* A day, or a time of RFC 3339. */
static bool
take_time(const char *s, bool *is_day_out, int64_t *epoch_out,
    const char **wanted_out)
{
	struct tm tm = { .tm_isdst = 0 }, real;
	int64_t clock_secs = 0;
	int year, month;

	*wanted_out = "a day, 2024-05-31, or a time of RFC 3339, "
		      "2024-05-31T12:00:00Z";
	if (!take_digits(&s, 4, "-", &year) ||
	    !take_digits(&s, 2, "-", &month) ||
	    !take_digits(&s, 2, "", &tm.tm_mday))
		return false;
	*is_day_out = *s == '\0';
	if (!*is_day_out &&
	    (strchr("Tt ", *s) == NULL || !take_clock(s + 1, &clock_secs)))
		return false;
	tm.tm_year = year - 1900;
	tm.tm_mon = month - 1;
	real = tm;
	*epoch_out = (int64_t)timegm(&real) + clock_secs;
	/* timegm() takes April 31st for May 1st. */
	return real.tm_mon == tm.tm_mon && real.tm_mday == tm.tm_mday;
}

static bool
take_since(struct ruad_options *o, const char *text, const char **wanted_out)
{
	bool is_day;

	return take_time(text, &is_day, &o->filter.since, wanted_out);
}

static bool
take_until(struct ruad_options *o, const char *text, const char **wanted_out)
{
	bool is_day;

	if (!take_time(text, &is_day, &o->filter.until, wanted_out))
		return false;
	/* The filter ends before this moment. */
	o->filter.until += is_day ? DAY_SECS : 1;
	return true;
}

static bool
take_days(struct ruad_options *o, const char *text, const char **wanted_out)
{
	int64_t days, today = (int64_t)time(NULL) / DAY_SECS;

	*wanted_out = "a number of days";
	if (!take_number(text, 100000, &days))
		return false;
	o->filter.since = (today - days) * DAY_SECS;
	return true;
}

static bool
take_limit(struct ruad_options *o, const char *text, const char **wanted_out)
{
	*wanted_out = "a number of rows";
	return take_number(text, INT64_C(1000000000), &o->filter.limit);
}

static bool
take_jobs(struct ruad_options *o, const char *text, const char **wanted_out)
{
	int64_t n;

	*wanted_out = "a number from 1 to 64";
	if (!take_number(text, JOBS_MAX, &n) || n == 0)
		return false;
	o->jobs = (unsigned)n;
	return true;
}

static bool
take_trusted(struct ruad_options *o, const char *text, const char **wanted_out)
{
	(void)text;
	(void)wanted_out;
	o->filter.trusted = true;
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
		if (!take_number(years, 1000, &n))
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
		if (specs[id].take != NULL &&
		    !specs[id].take(out, optarg, &wanted))
			return ruad_message_usage("bad value \"%s\" of --%s: "
						  "allowed is %s",
			    optarg, specs[id].name, wanted);
	}
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
	const char *wanted;

	if (take_domain(o, text, &wanted))
		return RUAD_EXIT_OK;
	return ruad_message_usage("bad DOMAIN \"%s\": allowed is %s", text,
	    wanted);
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
		printf("  %-22s  %s\n", names, s->help);
	}
}

void
ruad_options_free(struct ruad_options *o)
{
	free(o->domain);
	free(o->reporter);
	o->domain = o->reporter = NULL;
}
