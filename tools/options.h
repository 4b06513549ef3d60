/* options.h - the options of all commands in one table, read in one pass, so
 * that they may stand before and after the command. */
#ifndef RUAD_TOOLS_OPTIONS_H
#define RUAD_TOOLS_OPTIONS_H
#include "message.h"
#include "query.h"
#include "role.h"
#include "publish.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum ruad_format {
	RUAD_FORMAT_TABLE,
	RUAD_FORMAT_JSON,
	RUAD_FORMAT_JSONL,
	RUAD_FORMAT_CSV
};

enum ruad_option_id {
	RUAD_OPTION_CONFIG,
	RUAD_OPTION_STORE,
	RUAD_OPTION_OUTPUT,
	RUAD_OPTION_HELP,
	RUAD_OPTION_VERSION,
	RUAD_OPTION_DOMAIN,
	RUAD_OPTION_REPORTER,
	RUAD_OPTION_SINCE,
	RUAD_OPTION_UNTIL,
	RUAD_OPTION_DAYS,
	RUAD_OPTION_LIMIT,
	RUAD_OPTION_JOBS,
	RUAD_OPTION_TRUSTED,
	RUAD_OPTION_CODE,
	RUAD_OPTION_ALL,
	RUAD_OPTION_OLDER_THAN,
	RUAD_OPTION_APPLY,
	RUAD_OPTION_YES,
	RUAD_OPTION_UNREGISTERED,
	RUAD_OPTION_NOTE,
	RUAD_OPTION_KEEP,
	RUAD_OPTION_KEEP_RAW,
	RUAD_OPTION_KEEP_DAILY,
	RUAD_OPTION_DRY_RUN,
	RUAD_OPTION_NAGIOS,
	RUAD_OPTION_WARNING,
	RUAD_OPTION_CRITICAL,
	RUAD_OPTION_TEXTFILE,
	RUAD_OPTION_AS,
	RUAD_OPTION_DIRECTORY,
	RUAD_OPTION_FORCE,
	RUAD_OPTION_HEADER_FROM,
	RUAD_OPTION_SOURCE_IP,
	RUAD_OPTION_DISPOSITION,
	RUAD_OPTION_SPF,
	RUAD_OPTION_DKIM,
	RUAD_OPTION_DMARC,
	RUAD_OPTION_SELECTOR,
	RUAD_OPTION_BY,
	/* The tags of a record, in the order of enum ruad_record_tag. */
	RUAD_OPTION_P,
	RUAD_OPTION_SP,
	RUAD_OPTION_NP,
	RUAD_OPTION_PSD,
	RUAD_OPTION_T,
	RUAD_OPTION_ADKIM,
	RUAD_OPTION_ASPF,
	RUAD_OPTION_FO,
	RUAD_OPTION_RUA,
	RUAD_OPTION_RUF,
	RUAD_OPTION_PCT,
	RUAD_OPTION_RI,
	RUAD_OPTION_RF,
	RUAD_OPTION_FORMAT,
	RUAD_OPTION_HISTORIC,
	RUAD_OPTION_NEW,
	RUAD_OPTION_WITHOUT_DKIM,
	RUAD_OPTION_WITHOUT_SPF,
	RUAD_OPTION_ROLE,
	RUAD_OPTION_PASSWORD,
	RUAD_OPTION_COUNT
};

/* Sets of options, as bits. */
_Static_assert(RUAD_OPTION_COUNT <= 64, "they fit");
#define RUAD_OPTION(name) (UINT64_C(1) << RUAD_OPTION_##name)
#define RUAD_OPTIONS_GLOBAL \
	(RUAD_OPTION(CONFIG) | RUAD_OPTION(STORE) | RUAD_OPTION(OUTPUT) | \
	    RUAD_OPTION(HELP) | RUAD_OPTION(VERSION))
#define RUAD_OPTIONS_TIME \
	(RUAD_OPTION(SINCE) | RUAD_OPTION(UNTIL) | RUAD_OPTION(DAYS))
/* What picks out records, and what every question about messages can be
 * narrowed by. */
#define RUAD_OPTIONS_RECORD \
	(RUAD_OPTION(HEADER_FROM) | RUAD_OPTION(SOURCE_IP) | \
	    RUAD_OPTION(DISPOSITION) | RUAD_OPTION(SPF) | RUAD_OPTION(DKIM) | \
	    RUAD_OPTION(DMARC) | RUAD_OPTION(SELECTOR))
#define RUAD_OPTIONS_FILTER \
	(RUAD_OPTIONS_TIME | RUAD_OPTIONS_RECORD | RUAD_OPTION(DOMAIN) | \
	    RUAD_OPTION(REPORTER) | RUAD_OPTION(TRUSTED))

#define RUAD_OPTIONS_TAGS \
	(RUAD_OPTION(P) | RUAD_OPTION(SP) | RUAD_OPTION(NP) | \
	    RUAD_OPTION(PSD) | RUAD_OPTION(T) | RUAD_OPTION(ADKIM) | \
	    RUAD_OPTION(ASPF) | RUAD_OPTION(FO) | RUAD_OPTION(RUA) | \
	    RUAD_OPTION(RUF) | RUAD_OPTION(PCT) | RUAD_OPTION(RI) | \
	    RUAD_OPTION(RF))

/* What the rows of a list of senders stand for. */
enum ruad_group {
	RUAD_GROUP_IP,
	RUAD_GROUP_NETWORK,
	RUAD_GROUP_HEADER_FROM,
	RUAD_GROUP_DKIM_DOMAIN,
	RUAD_GROUP_SPF_DOMAIN
};

struct ruad_options {
	uint64_t given; /* set of options */
	const char *config; /* NULL: the default */
	const char *store; /* NULL: the configured one */
	enum ruad_format format;
	struct ruad_filter filter;
	char *domain, *header_from, *reporter; /* owned; in their normal form */
	unsigned char ip_first[16], ip_last[16]; /* of filter */
	enum ruad_group by;
	unsigned jobs; /* 0: not said */
	const char *note; /* NULL: not said */
	int64_t keep_secs, keep_raw_secs, keep_daily_secs; /* 0: not said */
	int64_t warning_secs, critical_secs; /* the same */
	const char *textfile; /* NULL: not said */
	const char *directory; /* the same */
	bool as_7489; /* --as 7489 */
	bool xml; /* --format xml */
	/* Values of tags of a record, as they were typed; NULL: not said. */
	const char *tag[RUAD_OPTION_FORMAT - RUAD_OPTION_P];
	enum ruad_publish_format publish;
	bool drop_historic;
	const char *without_dkim; /* NULL: not said */
	char *without_spf; /* owned; the same */
	enum ruad_role role; /* NONE: not said */
	char **args; /* what is no option, the command first */
	int arg_count;
};

/* Read the command line; `args` points into argv, which is reordered. Says
 * what is wrong and returns RUAD_EXIT_USAGE where something is. */
enum ruad_exit ruad_options_read(int argc, char **argv,
    struct ruad_options *out);

/* Refuse options that are not in `allowed`, which `command` takes. */
enum ruad_exit ruad_options_check(const struct ruad_options *o,
    uint64_t allowed, const char *command);

/* Take a domain of the command line, as --domain does, which must not say
 * another. */
enum ruad_exit ruad_options_set_domain(struct ruad_options *o,
    const char *text);

/* Print a line of help for each option of the set to standard output. */
void ruad_options_print(uint64_t set);

void ruad_options_free(struct ruad_options *o);

#endif
