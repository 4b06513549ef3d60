/* main.c - ruad-web(8): the one visible order in which it starts and stops. */
#include <getopt.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <syslog.h>
#include <unistd.h>
#include "app.h"
#include "conf.h"
#include "log.h"
#include "notify.h"
#include "server.h"
#include "store.h"

enum {
	EXIT_USAGE = 2, /* wrong usage or configuration */
	EXIT_TEMP = 75 /* something is missing or busy: try again */
};

struct arguments {
	const char *conf_path;
	const char *console_dir; /* NULL: the console of the program */
	bool check;
};

struct web {
	struct ruad_log log;
	struct ruad_app app;
	struct ruad_server *server;
};

static const char usage[] =
    "usage: ruad-web [-c FILE] [--console-dir=DIR]\n"
    "       ruad-web -t [-c FILE]\n"
    "       ruad-web -V | -h\n"
    "  -c, --config FILE      read FILE instead of " RUAD_CONF_DEFAULT "\n"
    "      --console-dir=DIR  serve the files of DIR as the console\n"
    "  -t, --test             check the configuration and exit\n"
    "  -V, --version          print the version and exit\n"
    "  -h, --help             print this and exit\n";

/* -1: go on; else the status to exit with. */
static int
read_arguments(int argc, char **argv, struct arguments *out)
{
	static const struct option options[] = {
		{ "config", required_argument, NULL, 'c' },
		{ "console-dir", required_argument, NULL, 'd' },
		{ "test", no_argument, NULL, 't' },
		{ "version", no_argument, NULL, 'V' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	int c;

	*out = (struct arguments){ .conf_path = RUAD_CONF_DEFAULT };
	while ((c = getopt_long(argc, argv, "c:tVh", options, NULL)) != -1) {
		switch (c) {
		case 'c':
			out->conf_path = optarg;
			break;
		case 'd':
			out->console_dir = optarg;
			break;
		case 't':
			out->check = true;
			break;
		case 'V':
			puts("ruad-web " PACKAGE_VERSION);
			return EXIT_SUCCESS;
		case 'h':
			fputs(usage, stdout);
			return EXIT_SUCCESS;
		default:
			fputs(usage, stderr);
			return EXIT_USAGE;
		}
	}
	if (optind < argc) {
		fputs(usage, stderr);
		return EXIT_USAGE;
	}
	return -1;
}

static int
complain(enum ruad_status st, const struct ruad_err *err)
{
	fprintf(stderr, "ruad-web: %s\n", err->text);
	return st == RUAD_TEMP ? EXIT_TEMP : EXIT_USAGE;
}

/* All threads inherit it, and the main one waits for them. */
static void
block_signals(sigset_t *set)
{
	sigemptyset(set);
	sigaddset(set, SIGINT);
	sigaddset(set, SIGTERM);
	sigaddset(set, SIGHUP);
	pthread_sigmask(SIG_BLOCK, set, NULL);
	signal(SIGPIPE, SIG_IGN);
}

static enum ruad_status
run(struct web *w, const struct ruad_conf *conf, sigset_t *signals,
    struct ruad_err *err)
{
	enum ruad_status st;
	int number;

	st = ruad_app_open(&w->app, conf, &w->log, err);
	if (st == RUAD_OK)
		st = ruad_server_new(&w->app, &w->server, err);
	if (st == RUAD_OK)
		st = ruad_data_start(w->app.data, err);
	if (st == RUAD_OK)
		st = ruad_server_start(w->server, err);
	if (st == RUAD_OK) {
		ruad_log_write(&w->log, LOG_NOTICE,
		    "ruad-web " PACKAGE_VERSION " is ready: %s %s",
		    conf->web.listen, conf->web.socket);
		if (geteuid() == 0)
			ruad_log_write(&w->log, LOG_WARNING,
			    "running as root: start it as a user of its own");
		ruad_notify("READY=1");
		sigwait(signals, &number);
		ruad_notify("STOPPING=1");
		ruad_log_write(&w->log, LOG_NOTICE, "ruad-web stops");
	}
	ruad_server_stop(&w->server);
	ruad_app_close(&w->app);
	return st;
}

static int
check_conf(const char *path)
{
	struct ruad_conf *conf = NULL;
	struct ruad_err err;
	enum ruad_status st = ruad_conf_read(path, &conf, &err);

	if (st == RUAD_OK)
		st = ruad_server_check(conf, &err);
	if (st == RUAD_OK)
		printf("ruad-web: %s is good\n", path);
	else
		complain(st, &err);
	ruad_conf_free(&conf);
	return st == RUAD_OK ? EXIT_SUCCESS : EXIT_USAGE;
}

int
main(int argc, char **argv)
{
	struct web w = { .server = NULL };
	struct arguments args;
	struct ruad_conf *conf = NULL;
	struct ruad_err err;
	enum ruad_status st;
	sigset_t signals;
	int status;

	status = read_arguments(argc, argv, &args);
	if (status != -1)
		return status;
	if (args.check)
		return check_conf(args.conf_path);
	umask(027);
	ruad_store_global_init();
	block_signals(&signals);
	st = ruad_conf_read(args.conf_path, &conf, &err);
	if (st != RUAD_OK)
		return complain(st, &err);
	ruad_log_open(&w.log, "ruad-web", conf->log_to == RUAD_LOG_STDERR,
	    conf->log_level);
	w.app.console_dir = args.console_dir;
	st = run(&w, conf, &signals, &err);
	status = EXIT_SUCCESS;
	if (st != RUAD_OK) {
		status = complain(st, &err);
		if (!w.log.to_stderr)
			ruad_log_write(&w.log, LOG_ERR, "%s", err.text);
	}
	ruad_conf_free(&conf);
	return status;
}
