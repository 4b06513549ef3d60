/* ruadctl.c - the program for those who run ruad: a table of commands. */
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include "cmd.h"
#include "store.h"

static enum ruad_exit run_help(struct ruad_ctl *ctl);
static enum ruad_exit run_version(struct ruad_ctl *ctl);

#define TIME_HELP \
	"Days are those of UTC. A report counts for the day in the middle " \
	"of\n" \
	"the time that it covers. Without --since, --until and --days all " \
	"of\n" \
	"the store is looked at.\n"

#define TABLE_HELP \
	"A table has 50 rows where --limit says nothing else; other formats\n" \
	"have all.\n"

#define FILTER_HELP \
	"Filters count together. --spf, --dkim and --dmarc are what " \
	"reporters\n" \
	"found, aligned; several words may stand with commas between. " \
	"--reporter,\n" \
	"--selector and --trusted (the report's mail passed DMARC, for a " \
	"domain\n" \
	"pinned for its organisation where there is one; see reporter) look " \
	"at\n" \
	"the records, the others at daily sums, which outlive " \
	"records.\n" TIME_HELP

static const struct ruad_command commands[] = {
	{ .name = "summary",
	    .run = ruad_cmd_summary,
	    .summary = "each domain in one line: messages, DMARC, trend",
	    .usage = "[DOMAIN]",
	    .help = "FAIL counts the messages that neither SPF nor DKIM "
		    "passed for,\n"
		    "aligned, after what the reporters say; NONE, QUARANTINE "
		    "and REJECT\n"
		    "what became of all messages. Where --since or --days says "
		    "when the time\n"
		    "begins, CHANGE% and PASS+- compare with as many days "
		    "before it.\n" FILTER_HELP,
	    .examples = { "summary --days 7",
		"-o csv summary example.com --since 2024-05-01" },
	    .options = RUAD_OPTIONS_FILTER,
	    .args_max = 1 },
	{ .name = "failures",
	    .run = ruad_cmd_failures,
	    .summary = "what fails DMARC, and why",
	    .usage = "[DOMAIN]",
	    .help = "A row for each author domain, source and disposition of "
		    "failing messages,\n"
		    "most messages first. The reason is that of most of them "
		    "in the newest 5000\n"
		    "records of the source; REPORT has such a record: see "
		    "show.\n" TABLE_HELP FILTER_HELP,
	    .examples = { "failures example.com --days 7",
		"failures --disposition none --source-ip 192.0.2.0/24" },
	    .options = RUAD_OPTIONS_FILTER | RUAD_OPTION(LIMIT),
	    .args_max = 1 },
	{ .name = "sources",
	    .run = ruad_cmd_sources,
	    .summary = "who sends in the name of a domain, and why it fails",
	    .usage = "DOMAIN",
	    .help = "Sources with most failing messages come first. The "
		    "reason is that of\n"
		    "most of the failing messages in the newest 5000 records "
		    "of a source; with\n"
		    "--by, of the source with most of them, which it names.\n"
		    "Networks are /24 and /48. By dkim-domain and spf-domain, "
		    "records are looked\n"
		    "at, and a message counts under each domain that it has; "
		    "- is none.\n" TABLE_HELP FILTER_HELP,
	    .examples = { "sources example.com --days 7",
		"sources example.com --by network --dmarc fail" },
	    .options =
		RUAD_OPTIONS_FILTER | RUAD_OPTION(LIMIT) | RUAD_OPTION(BY),
	    .args_max = 1 },
	{ .name = "timeline",
	    .run = ruad_cmd_timeline,
	    .summary = "a domain, or all, day by day",
	    .usage = "[DOMAIN]",
	    .help = "Days without messages are there, too. The bar is as long "
		    "as the day is\n"
		    "large: messages that passed, and behind them all others. "
		    "--limit has the\n"
		    "last N days.\n" FILTER_HELP,
	    .examples = { "timeline example.com --days 30",
		"-o csv timeline example.com --source-ip 192.0.2.7" },
	    .options = RUAD_OPTIONS_FILTER | RUAD_OPTION(LIMIT),
	    .args_max = 1 },
	{ .name = "reports",
	    .run = ruad_cmd_reports,
	    .summary = "reports, the last received first",
	    .usage = "",
	    .help = "Filters of messages find the reports with such a "
		    "record.\n" TABLE_HELP FILTER_HELP,
	    .examples = { "reports --domain example.com --days 3",
		"-o jsonl reports --reporter google --dmarc fail" },
	    .options = RUAD_OPTIONS_FILTER | RUAD_OPTION(LIMIT) },
	{ .name = "reporters",
	    .run = ruad_cmd_reporters,
	    .summary = "who reports, how often, and how well",
	    .usage = "",
	    .help = "DAYS counts days with a report, EVERY is the usual "
		    "interval in days, GAPS\n"
		    "how often days lack between, LONGEST how many at most, "
		    "QUIET the days since,\n"
		    "up to the last report of all. ODD counts reports with "
		    "WARNINGS; then rows\n"
		    "refused, and what was refused of mails of the same "
		    "author domain.\n" TABLE_HELP FILTER_HELP,
	    .examples = { "reporters --days 90",
		"-o csv reporters --domain example.com" },
	    .options = RUAD_OPTIONS_FILTER | RUAD_OPTION(LIMIT) },
	{ .name = "show",
	    .run = ruad_cmd_show,
	    .summary = "all of one report, with its records",
	    .usage = "REPORT_KEY",
	    .help = "REPORT_KEY is the KEY that reports prints. Filters "
		    "choose among its\n"
		    "records. CSV and JSON lines hold the records only.\n",
	    .examples = { "show 17 --dmarc fail", "-o json show 17" },
	    .options = RUAD_OPTIONS_RECORD,
	    .args_min = 1,
	    .args_max = 1 },
	{ .name = "ingest",
	    .run = ruad_cmd_ingest,
	    .summary = "take in reports from files",
	    .usage = "PATH...",
	    .help = "PATH is a mail or a bare report (XML, gzip, zip; its "
		    "content decides),\n"
		    "an mbox, a directory, which is walked, a Maildir, of "
		    "which cur and new\n"
		    "are read, or - for standard input. In directories, names "
		    "that begin with\n"
		    ". are left out. What is in the store already is found to "
		    "be a duplicate\n"
		    "and changes nothing. Exit status 1: a report was "
		    "refused; 75: something\n"
		    "could not be read or stored, try again.\n",
	    .examples = { "ingest ~/Maildir",
		"-o jsonl ingest --jobs 1 a.eml "
		"b.xml.gz" },
	    .options = RUAD_OPTION(JOBS),
	    .args_min = 1,
	    .args_max = -1 },
	{ .name = "quarantine",
	    .run = ruad_cmd_quarantine,
	    .summary = "what was refused: list, show, export, retry, drop",
	    .usage = "list | show KEY | export KEY [FILE] | retry KEY... | "
		     "drop KEY...",
	    .help = "list: the last received first; times are those of "
		    "arrival.\n"
		    "show: one of them, what to do, and the beginning of its "
		    "mail.\n"
		    "export: the mail as it came, to FILE or standard "
		    "output.\n"
		    "retry: read the kept mails again: KEYs, or --all, --code "
		    "or a time. What\n"
		    "is readable now is stored with the time and the envelope "
		    "that it had and\n"
		    "leaves the quarantine; a mail is read as a whole, in one "
		    "transaction.\n"
		    "drop: for good: KEYs, or --older-than, perhaps with "
		    "--code.\n"
		    "Exit status 1: retry found something that is still not "
		    "readable.\n",
	    .examples = { "quarantine list --code REP_FOREIGN_DOMAIN",
		"quarantine retry --all" },
	    .options = RUAD_OPTIONS_TIME | RUAD_OPTION(CODE) |
		RUAD_OPTION(LIMIT) | RUAD_OPTION(ALL) |
		RUAD_OPTION(OLDER_THAN) | RUAD_OPTION(YES),
	    .args_min = 1,
	    .args_max = -1 },
	{ .name = "reparse",
	    .run = ruad_cmd_reparse,
	    .summary = "read kept originals again, tell what differs",
	    .usage = "[REPORT_KEY...]",
	    .help = "Reads the mails of stored reports again, by the program "
		    "of today: those\n"
		    "named, or with --all, --domain, --reporter or a time. "
		    "With --apply, a report\n"
		    "that differs is replaced, in one transaction, and keeps "
		    "its key and its\n"
		    "time of arrival. One whose original was not kept is "
		    "named, and left alone.\n"
		    "Exit status 1: something differs, or could not be "
		    "compared.\n",
	    .examples = { "reparse --all", "reparse --apply 17" },
	    .options = RUAD_OPTIONS_TIME | RUAD_OPTION(DOMAIN) |
		RUAD_OPTION(REPORTER) | RUAD_OPTION(ALL) | RUAD_OPTION(APPLY),
	    .args_max = -1 },
	{ .name = "domain",
	    .run = ruad_cmd_domain,
	    .summary = "the policy domains that this site answers for",
	    .usage = "list | show DOMAIN | add DOMAIN | ignore DOMAIN | "
		     "remove DOMAIN",
	    .help = "Each stands for all below it. Where domains of "
		    "ruad.conf(5) is\n"
		    "registered, reports about others are refused. What is in "
		    "the store stays.\n",
	    .examples = { "domain add example.com --note 'the shop'",
		"domain list --unregistered" },
	    .options = RUAD_OPTION(UNREGISTERED) | RUAD_OPTION(LIMIT) |
		RUAD_OPTION(NOTE) | RUAD_OPTION(YES),
	    .args_min = 1,
	    .args_max = 2 },
	{ .name = "reporter",
	    .run = ruad_cmd_reporter,
	    .summary = "who reports, and whose mail may bring their reports",
	    .usage = "list | pin ORG DOMAIN | unpin ORG [DOMAIN]",
	    .help = "list: organisations and the domains that their mails "
		    "were authenticated\n"
		    "for. Anybody can send reports in any name: pin a domain, "
		    "and reports of\n"
		    "this organisation in mails from elsewhere, or without a "
		    "DMARC pass, are\n"
		    "stored with the warning REP_PIN and not trusted. A pin "
		    "covers all domains\n"
		    "below it.\n",
	    .examples = { "reporter list --reporter google",
		"reporter pin google.com google.com" },
	    .options = RUAD_OPTIONS_TIME | RUAD_OPTION(DOMAIN) |
		RUAD_OPTION(REPORTER) | RUAD_OPTION(LIMIT),
	    .args_min = 1,
	    .args_max = 3 },
	{ .name = "expire",
	    .run = ruad_cmd_expire,
	    .summary = "let go of what is too old",
	    .usage = "",
	    .help = "With --keep, records of reports about days before that "
		    "time go, and what was\n"
		    "refused and originals that came before it. Daily sums "
		    "stay, so that summary\n"
		    "and sources still count all, and so do the reports "
		    "themselves, so that a\n"
		    "second copy is still known; with --keep-daily they go, "
		    "too. Works in short\n"
		    "steps, beside ruad, and gives free space back to the file "
		    "system.\n",
	    .examples = { "expire --keep 400d --dry-run",
		"expire --keep 400d --keep-raw 90d --keep-daily 5y" },
	    .options = RUAD_OPTION(KEEP) | RUAD_OPTION(KEEP_RAW) |
		RUAD_OPTION(KEEP_DAILY) | RUAD_OPTION(DOMAIN) |
		RUAD_OPTION(DRY_RUN) },
	{ .name = "import",
	    .run = ruad_cmd_import,
	    .summary = "take in what parsedmarc has collected",
	    .usage = "parsedmarc FILE",
	    .help = "FILE is the JSON of aggregate reports that parsedmarc "
		    "writes: one, a list, or\n"
		    "its whole output. Its times are those of the zone of this "
		    "host; with another,\n"
		    "set TZ. Reports that are there already change nothing.\n",
	    .examples = { "import parsedmarc aggregate.json",
		"-o jsonl import parsedmarc aggregate.json" },
	    .options = RUAD_OPTION(JOBS),
	    .args_min = 2,
	    .args_max = 2 },
	{ .name = "export",
	    .run = ruad_cmd_export,
	    .summary = "stored reports as XML again",
	    .usage = "[REPORT_KEY...]",
	    .help = "REPORT_KEYs, or --all, --domain, --reporter or a time. "
		    "One report goes to\n"
		    "standard output, several into the --directory. Taken in "
		    "elsewhere, it is the\n"
		    "same report; with --as 7489, what RFC 7489 does not know "
		    "is left out. Exit\n"
		    "status 1: a report was left out, for its records have "
		    "been expired.\n",
	    .examples = { "export --format xml 17",
		"export --domain example.com --directory /tmp/reports" },
	    .options = RUAD_OPTIONS_TIME | RUAD_OPTION(DOMAIN) |
		RUAD_OPTION(REPORTER) | RUAD_OPTION(ALL) | RUAD_OPTION(FORMAT) |
		RUAD_OPTION(AS) | RUAD_OPTION(DIRECTORY),
	    .args_max = -1 },
	{ .name = "raw",
	    .run = ruad_cmd_raw,
	    .summary = "the mail or file that a report came in, as it came",
	    .usage = "REPORT_KEY [FILE]",
	    .help = "To FILE, which must be new, or to standard output, but "
		    "not to a terminal.\n"
		    "Exit status 1: it was not kept.\n",
	    .examples = { "raw 17 17.eml", "raw 17 | less" },
	    .options = RUAD_OPTION(FORCE),
	    .args_min = 1,
	    .args_max = 2 },
	{ .name = "backup",
	    .run = ruad_cmd_backup,
	    .summary = "a copy of the store, while mail flows",
	    .usage = "FILE",
	    .help = "FILE must be new. It gets its name when it is complete "
		    "and has been read\n"
		    "again: SQLite finds it sound.\n",
	    .examples = { "backup /var/backups/ruad.db",
		"backup \"ruad-$(date +%F).db\"" },
	    .args_min = 1,
	    .args_max = 1 },
	{ .name = "restore",
	    .run = ruad_cmd_restore,
	    .summary = "put a backup in the place of the store",
	    .usage = "FILE",
	    .help = "Only while ruad does not run. FILE stays as it is, and "
		    "what was the store is\n"
		    "kept under another name, which is told.\n",
	    .examples = { "restore /var/backups/ruad.db",
		"-d new.db restore ruad-2024-05-31.db" },
	    .args_min = 1,
	    .args_max = 1 },
	{ .name = "check",
	    .run = ruad_cmd_check,
	    .summary = "whether the store is sound and its sums are right",
	    .usage = "",
	    .help = "Reads all of the store; mail may flow meanwhile. Exit "
		    "status 1: something is\n"
		    "bad.\n",
	    .examples = { "check", "-o jsonl check" } },
	{ .name = "status",
	    .run = ruad_cmd_status,
	    .summary = "how the store is, at a glance",
	    .usage = "",
	    .help = "With --nagios one line, and an exit status of 0, 1 "
		    "(warning), 2 (critical) or\n"
		    "3 (unknown), by the age of the last report.\n",
	    .examples = { "status", "status --nagios --warning 36h" },
	    .options = RUAD_OPTION(NAGIOS) | RUAD_OPTION(WARNING) |
		RUAD_OPTION(CRITICAL) },
	{ .name = "stats",
	    .run = ruad_cmd_stats,
	    .summary = "the numbers of the store for Prometheus",
	    .usage = "",
	    .help = "The text format of Prometheus, whatever --output says. "
		    "ruad serves the same,\n"
		    "and its own numbers, where metrics_socket is set.\n",
	    .examples = { "stats",
		"stats --textfile "
		"/var/lib/prometheus/node-exporter/ruad.prom" },
	    .options = RUAD_OPTION(TEXTFILE) },
	{ .name = "record",
	    .run = ruad_cmd_record,
	    .summary = "DMARC records in DNS: generate, lint, check, watch",
	    .usage = "check DOMAIN | generate DOMAIN | watch | list | "
		     "lint RECORD",
	    .options = RUAD_OPTIONS_TAGS | RUAD_OPTION(FORMAT) |
		RUAD_OPTION(HISTORIC) | RUAD_OPTION(NEW) | RUAD_OPTION(LIMIT),
	    .help = "check: the record that holds for a domain, found as "
		    "receivers of RFC 7489\n"
		    "and of RFC 9989 find it, and all that is wrong with it, "
		    "with the addresses\n"
		    "in it, with SPF, and with the DKIM keys that reports "
		    "have shown; and whether\n"
		    "reporters see the same. See DNS in ruad.conf(5).\n"
		    "generate: a record, beginning with what DNS has, or "
		    "--new, changed by the\n"
		    "options, or by questions where none is given; with the "
		    "address of ruad in\n"
		    "rua, and what others must publish to allow it.\n"
		    "watch: all registered domains, for cron: prints what has "
		    "changed, and keeps\n"
		    "it in the store; exit status 1: a domain is failing.\n"
		    "list: how they stand, as watch found them last.\n"
		    "lint: the same of the text of a record; - reads it from "
		    "standard input.\n"
		    "Exit status 1: receivers ignore the record or a part of "
		    "it; 75: DNS did not\n"
		    "answer, try again.\n",
	    .examples = { "record check example.com",
		"record generate example.com --p quarantine --format bind" },
	    .args_min = 1,
	    .args_max = 2 },
	{ .name = "rehearse",
	    .run = ruad_cmd_rehearse,
	    .summary = "what a policy would have done; is it safe to publish",
	    .usage = "DOMAIN",
	    .help = "What would have become of the messages of the last days, "
		    "by sender, what\n"
		    "would change first, and whether the policy is ready to be "
		    "published, not\n"
		    "yet, or not to be judged from these data; for each "
		    "condition its numbers\n"
		    "and what to do. What the options do not say is as the "
		    "newest report saw it\n"
		    "published; without --p, the next step after that. The "
		    "days are those that\n"
		    "ready_days_quarantine and ready_days_reject of "
		    "ruad.conf(5) say, where all\n"
		    "other bounds are, too. CSV and JSON lines have the "
		    "senders only.\n"
		    "Exit status 1: not ready.\n",
	    .examples = { "rehearse example.com --p reject",
		"rehearse example.com --adkim s --without-dkim s2019" },
	    .options = RUAD_OPTIONS_TIME | RUAD_OPTION(LIMIT) | RUAD_OPTION(P) |
		RUAD_OPTION(SP) | RUAD_OPTION(NP) | RUAD_OPTION(ADKIM) |
		RUAD_OPTION(ASPF) | RUAD_OPTION(WITHOUT_DKIM) |
		RUAD_OPTION(WITHOUT_SPF),
	    .args_min = 1,
	    .args_max = 1 },
	{ .name = "enrich",
	    .run = ruad_cmd_enrich,
	    .summary = "look up the names of source addresses",
	    .usage = "",
	    .help = "Asks DNS for the names of addresses of the last 28 days, "
		    "where enrich_ptr\n"
		    "of ruad.conf(5) allows it; a name counts where it leads "
		    "back to its\n"
		    "address. What was found holds for 7 days, that there is "
		    "none, for one.\n"
		    "A run asks for 1000 addresses at most. Exit status 75: "
		    "some were not\n"
		    "answered. Networks and countries are filled in from .mmdb "
		    "files, "
		    "see\n"
		    "ruad.conf(5).\n",
	    .examples = { "enrich", "enrich --days 7 --limit 100" },
	    .options = RUAD_OPTION(DAYS) | RUAD_OPTION(LIMIT) },
	{ .name = "senders",
	    .run = ruad_cmd_senders,
	    .summary = "who sends, as names; and whose they are",
	    .usage = "DOMAIN | list DOMAIN | label DOMAIN SENDER LABEL | "
		     "import FILE",
	    .help = "list: the senders of the last days as rehearse has them, "
		    "under the policy\n"
		    "that is published: by the domain of a signature or of "
		    "SPF, those of others\n"
		    "first, with a name where it is well known, or by the "
		    "network. What is ours\n"
		    "and fails comes first.\n"
		    "label: say whose a SENDER is: mine, forwarder, not-mine, "
		    "or none to take\n"
		    "that off. rehearse follows, and asks of unknown senders "
		    "without a label.\n"
		    "import: a CSV file of domains, names and types, in place "
		    "of all that was\n"
		    "imported before. Exit status 1: some lines were left "
		    "out.\n",
	    .examples = { "senders example.com --days 7",
		"senders label example.com 192.0.2.0/24 not-mine" },
	    .options =
		RUAD_OPTIONS_TIME | RUAD_OPTION(LIMIT) | RUAD_OPTION(NOTE),
	    .args_min = 1,
	    .args_max = 4 },
	{ .name = "user",
	    .run = ruad_cmd_user,
	    .summary = "who may log in to the console",
	    .usage = "list | add LOGIN | passwd LOGIN | role LOGIN ROLE | "
		     "grant LOGIN DOMAIN... | reset-2fa LOGIN | remove LOGIN",
	    .help = "Works on web_store of ruad.conf(5), whether ruad-web runs "
		    "or not.\n"
		    "add, passwd: print a one-time password, which the first "
		    "login replaces, or\n"
		    "ask for one with --password. A user sees all domains, "
		    "unless --domain or\n"
		    "grant says which, each with all below it; the word all "
		    "takes that back.\n"
		    "reset-2fa: for who has lost the second factor and the "
		    "recovery codes.\n"
		    "What takes something away ends the logins of the user.\n",
	    .examples = { "user add --role admin hanako",
		"user grant taro example.com example.net" },
	    .options = RUAD_OPTION(ROLE) | RUAD_OPTION(DOMAIN) |
		RUAD_OPTION(PASSWORD) | RUAD_OPTION(YES),
	    .args_min = 1,
	    .args_max = -1 },
	{ .name = "reload",
	    .run = ruad_cmd_reload,
	    .summary = "have ruad read its configuration anew",
	    .usage = "",
	    .help = "Sends SIGUSR1 to the process that holds lock_file. Its "
		    "log says what\n"
		    "came of it: a file with an error changes nothing.\n",
	    .examples = { "reload", "-c /etc/ruad/ruad.conf reload" } },
	{ .name = "help",
	    .run = run_help,
	    .summary = "this list, or help on a command",
	    .usage = "[COMMAND]",
	    .help = "",
	    .examples = { "help ingest", "ingest --help" },
	    .args_max = 1 },
	{ .name = "version",
	    .run = run_version,
	    .summary = "version of the program and of its stores",
	    .usage = "",
	    .help = "",
	    .examples = { "version", "--version" } },
};

enum { COMMAND_COUNT = sizeof(commands) / sizeof(commands[0]) };

static const char *
command_name(size_t n, const void *arg)
{
	(void)arg;
	return n < COMMAND_COUNT ? commands[n].name : NULL;
}

/* NULL: there is none, which has been told. */
static const struct ruad_command *
find_command(const char *name)
{
	char guess[80];

	for (size_t i = 0; i < COMMAND_COUNT; i++) {
		if (strcmp(commands[i].name, name) == 0)
			return &commands[i];
	}
	ruad_message_guess(name, command_name, NULL, guess);
	ruad_message("unknown command \"%s\": %s", name,
	    guess[0] != '\0' ? guess : "see ruadctl help");
	return NULL;
}

static void
print_usage(FILE *to)
{
	fputs("usage: ruadctl [-c FILE] [-d STORE] [-o FORMAT] COMMAND ...\n",
	    to);
}

static void
print_help(void)
{
	print_usage(stdout);
	puts("\nCommands:");
	for (size_t i = 0; i < COMMAND_COUNT; i++)
		printf("  %-10s  %s\n", commands[i].name, commands[i].summary);
	puts("\nOptions, before or behind the command:");
	ruad_options_print(RUAD_OPTIONS_GLOBAL);
	puts("\nMore: ruadctl help COMMAND, ruadctl(1); for SQL, "
	     "ruad-schema(5).");
}

static void
print_command_help(const struct ruad_command *c)
{
	printf("usage: ruadctl [-c FILE] [-d STORE] [-o FORMAT] %s%s%s%s\n",
	    c->name, c->options != 0 ? " [OPTION...]" : "",
	    c->usage[0] != '\0' ? " " : "", c->usage);
	printf("\n%s: %s.\n", c->name, c->summary);
	if (c->help[0] != '\0')
		printf("\n%s", c->help);
	puts("\nOptions:");
	ruad_options_print(c->options | RUAD_OPTIONS_GLOBAL);
	puts("\nExamples:");
	for (size_t i = 0; i < 2; i++)
		printf("  ruadctl %s\n", c->examples[i]);
}

static enum ruad_exit
run_help(struct ruad_ctl *ctl)
{
	const struct ruad_command *c;

	if (ctl->arg_count == 0) {
		print_help();
		return ruad_output_flush(stdout, "standard output");
	}
	c = find_command(ctl->args[0]);
	if (c == NULL)
		return RUAD_EXIT_USAGE;
	print_command_help(c);
	return ruad_output_flush(stdout, "standard output");
}

static enum ruad_exit
run_version(struct ruad_ctl *ctl)
{
	(void)ctl;
	printf("ruadctl " PACKAGE_VERSION ", schema version %d, SQLite %s\n",
	    ruad_store_schema_version(), sqlite3_libversion());
	return ruad_output_flush(stdout, "standard output");
}

static enum ruad_exit
run_command(const struct ruad_command *c, struct ruad_ctl *ctl)
{
	enum ruad_exit status;

	if ((ctl->options.given & RUAD_OPTION(HELP)) != 0) {
		print_command_help(c);
		return ruad_output_flush(stdout, "standard output");
	}
	status = ruad_options_check(&ctl->options, c->options, c->name);
	if (status != RUAD_EXIT_OK)
		return status;
	if (ctl->arg_count < c->args_min ||
	    (c->args_max >= 0 && ctl->arg_count > c->args_max))
		return ruad_message_usage("usage: ruadctl %s%s%s: see ruadctl "
					  "help %s",
		    c->name, c->usage[0] != '\0' ? " " : "", c->usage, c->name);
	return c->run(ctl);
}

/* What has been asked for, without the command that is not there. */
static enum ruad_exit
run_without(struct ruad_ctl *ctl)
{
	if ((ctl->options.given & RUAD_OPTION(HELP)) != 0) {
		print_help();
		return ruad_output_flush(stdout, "standard output");
	}
	if ((ctl->options.given & RUAD_OPTION(VERSION)) != 0)
		return run_version(ctl);
	print_usage(stderr);
	fputs("Try: ruadctl help\n", stderr);
	return RUAD_EXIT_USAGE;
}

int
main(int argc, char **argv)
{
	struct ruad_ctl ctl = { .conf = NULL };
	const struct ruad_command *c;
	enum ruad_exit status;

	ruad_message_init();
	ruad_store_global_init();
	/* A reader that goes away is met where it is written to. */
	signal(SIGPIPE, SIG_IGN);
	status = ruad_options_read(argc, argv, &ctl.options);
	if (status != RUAD_EXIT_OK)
		goto out;
	ctl.args = ctl.options.args + 1;
	ctl.arg_count = ctl.options.arg_count - 1;
	if (ctl.options.arg_count == 0) {
		status = run_without(&ctl);
		goto out;
	}
	c = find_command(ctl.options.args[0]);
	status = c != NULL ? run_command(c, &ctl) : RUAD_EXIT_USAGE;
out:
	ruad_query_close(&ctl.query);
	ruad_conf_free(&ctl.conf);
	ruad_options_free(&ctl.options);
	return (int)status;
}
