/* main.c - ruad(8): the one visible order in which the daemon starts and stops.
 * Each step needs the ones above it; tests/e2e hold the order. */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <syslog.h>
#include <unistd.h>
#include "conf.h"
#include "intake.h"
#include "log.h"
#include "milter.h"
#include "notify.h"
#include "privs.h"
#include "reload.h"
#include "setup.h"
#include "stats.h"
#include "store.h"
#include "writer.h"

enum {
	EXIT_USAGE = 2, /* wrong usage or configuration */
	EXIT_TEMP = 75, /* something is missing or busy: try again */
	DRAIN_SECS = 45 /* less than TimeoutStopSec in ruad.service */
};

struct arguments {
	const char *conf_path; /* NULL: defaults only */
	bool check;
};

struct daemon {
	const char *conf_path;
	struct ruad_log log;
	struct ruad_budget budget;
	struct ruad_reload *reload;
	struct ruad_writer *writer;
	struct ruad_intake intake;
	struct ruad_stats *stats; /* NULL: nobody is told */
	int lock_fd;
	struct stat socket; /* of the unix socket, to know it again */
};

static const char usage[] =
    "usage: ruad [-f] [-c FILE]\n"
    "       ruad -t [-c FILE]\n"
    "       ruad -T | -V | -h\n"
    "  -c, --config FILE   read FILE instead of " RUAD_CONF_DEFAULT "\n"
    "  -f, --foreground    run in the foreground, as it always does\n"
    "  -t, --test          check the configuration and exit\n"
    "  -T, --sample        print a configuration with all defaults and exit\n"
    "  -V, --version       print the version and exit\n"
    "  -h, --help          print this and exit\n";

static int
exit_status(enum ruad_status st)
{
	return st == RUAD_TEMP ? EXIT_TEMP : EXIT_USAGE;
}

/* Before there is a log. */
static int
complain(enum ruad_status st, const struct ruad_err *err)
{
	fprintf(stderr, "ruad: %s\n", err->text);
	return exit_status(st);
}

/* -1: go on; else the status to exit with. */
static int
read_arguments(int argc, char **argv, struct arguments *out)
{
	static const struct option options[] = {
		{ "config", required_argument, NULL, 'c' },
		{ "foreground", no_argument, NULL, 'f' },
		{ "test", no_argument, NULL, 't' },
		{ "sample", no_argument, NULL, 'T' },
		{ "version", no_argument, NULL, 'V' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	int c;

	*out = (struct arguments){ .conf_path = RUAD_CONF_DEFAULT };
	while ((c = getopt_long(argc, argv, "c:ftTVh", options, NULL)) != -1) {
		switch (c) {
		case 'c':
			out->conf_path = optarg;
			break;
		case 'f':
			break;
		case 't':
			out->check = true;
			break;
		case 'T':
			ruad_conf_print(stdout);
			return EXIT_SUCCESS;
		case 'V':
			puts("ruad " PACKAGE_VERSION);
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

/* ruad -t: all that can be said without changing anything. */
static int
check_conf(const char *path)
{
	struct ruad_conf *conf = NULL;
	struct ruad_privs privs = { 0 };
	struct ruad_setup *setup = NULL;
	struct ruad_err err;
	enum ruad_status st;

	st = ruad_conf_read(path, &conf, &err);
	if (st == RUAD_OK)
		st = ruad_privs_find(conf, &privs, &err);
	if (st == RUAD_OK && ruad_conf_is_set(conf, "store"))
		st = ruad_privs_check_store(conf, &err);
	if (st == RUAD_OK)
		st = ruad_setup_new(conf, NULL, &setup, &err);
	if (st == RUAD_OK)
		printf("ruad: %s is good%s\n", path,
		    conf->recipients.count > 0
			? ""
			: ", but names no recipients: all mail is let go");
	else
		complain(st, &err);
	ruad_setup_free(&setup);
	ruad_privs_fini(&privs);
	ruad_conf_free(&conf);
	return st == RUAD_OK ? EXIT_SUCCESS : EXIT_USAGE;
}

/* Hold the lock for as long as the program lives. The file stays: removing it
 * would let a third instance lock another file of that name. */
static enum ruad_status
take_lock(const char *path, const struct ruad_privs *privs, int *fd_out,
    struct ruad_err *err)
{
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0640);
	char pid[24] = "";

	*fd_out = -1;
	if (fd == -1)
		return ruad_fail(err, RUAD_TEMP, RUAD_OUR_IO,
		    "lock_file %s: %s", path, strerror(errno));
	if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
		if (read(fd, pid, sizeof(pid) - 1) <= 0)
			strcpy(pid, "unknown");
		pid[strcspn(pid, "\n")] = '\0';
		close(fd);
		return ruad_fail(err, RUAD_TEMP, RUAD_OUR_BUSY,
		    "lock_file %s: another ruad is running, pid %s", path, pid);
	}
	/* What fails here costs another instance the pid in its message. */
	if (privs->change && fchown(fd, privs->uid, privs->gid) != 0)
		errno = 0;
	if (ftruncate(fd, 0) == 0)
		dprintf(fd, "%ld\n", (long)getpid());
	*fd_out = fd;
	return RUAD_OK;
}

/* libmilter would take over even a socket that is in use. The lock keeps other
 * instances away, unless they have another lock file. */
static enum ruad_status
check_socket_free(const char *socket_name, struct ruad_err *err)
{
	const char *path = ruad_conf_socket_path(socket_name);
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	bool dead;
	int fd;

	if (path == NULL)
		return RUAD_OK;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd == -1)
		return ruad_fail(err, RUAD_TEMP, RUAD_OUR_IO, "socket: %s",
		    strerror(errno));
	snprintf(un.sun_path, sizeof(un.sun_path), "%s", path);
	dead = connect(fd, (const struct sockaddr *)&un, sizeof(un)) != 0 &&
	    (errno == ECONNREFUSED || errno == ENOENT);
	close(fd);
	if (!dead)
		return ruad_fail(err, RUAD_TEMP, RUAD_OUR_BUSY,
		    "socket %s: another program listens there", path);
	return RUAD_OK;
}

static enum ruad_status
check_spool(const char *path, struct ruad_err *err)
{
	struct stat st;

	if (stat(path, &st) != 0 || access(path, W_OK | X_OK) != 0)
		return ruad_fail(err, RUAD_TEMP, RUAD_OUR_IO,
		    "spool_dir %s: %s", path, strerror(errno));
	if (!S_ISDIR(st.st_mode))
		return ruad_fail(err, RUAD_TEMP, RUAD_OUR_IO,
		    "spool_dir %s: not a directory", path);
	return RUAD_OK;
}

/* Give the socket to its group, and remember which one it is. Its mode is
 * right from the beginning, by the umask. */
static enum ruad_status
own_socket(struct daemon *d, const struct ruad_conf *conf,
    const struct ruad_privs *privs, struct ruad_err *err)
{
	const char *path = ruad_conf_socket_path(conf->socket);

	if (path == NULL)
		return RUAD_OK;
	if (stat(path, &d->socket) != 0)
		return ruad_fail(err, RUAD_TEMP, RUAD_OUR_IO, "socket %s: %s",
		    path, strerror(errno));
	if (privs->has_socket_gid && d->socket.st_gid != privs->socket_gid &&
	    chown(path, (uid_t)-1, privs->socket_gid) != 0)
		return ruad_fail(err, RUAD_TEMP, RUAD_OUR_IO,
		    "socket %s: cannot be given to group %s: %s", path,
		    conf->socket_group, strerror(errno));
	return RUAD_OK;
}

/* libmilter does not do it as root, and would remove anybody's otherwise. */
static void
remove_socket(const struct daemon *d, const struct ruad_conf *conf)
{
	const char *path = ruad_conf_socket_path(conf->socket);
	struct stat st;

	if (path != NULL && lstat(path, &st) == 0 &&
	    st.st_dev == d->socket.st_dev && st.st_ino == d->socket.st_ino)
		unlink(path);
}

/* SIGHUP, the usual signal for this, is taken: libmilter stops at it. */
static void *
reload_thread(void *arg)
{
	struct daemon *d = arg;
	sigset_t set;
	int number;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	while (sigwait(&set, &number) == 0) {
		ruad_notify_reloading();
		ruad_reload_run(d->reload);
		ruad_notify("READY=1");
	}
	return NULL;
}

/* Signals are for the threads that wait for them: SIGUSR1 for the one above,
 * the others for that of libmilter. Blocked before the first thread starts, so
 * that none of them dies of one. */
static void
block_signals(void)
{
	static const int waited_for[] = { SIGUSR1, SIGHUP, SIGINT, SIGTERM };
	sigset_t set;

	sigemptyset(&set);
	for (size_t i = 0; i < sizeof(waited_for) / sizeof(waited_for[0]); i++)
		sigaddset(&set, waited_for[i]);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
}

static enum ruad_status
start_reload_thread(struct daemon *d, struct ruad_err *err)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, reload_thread, d) != 0)
		return ruad_fail_memory(err, "reload");
	pthread_detach(thread);
	return RUAD_OK;
}

/* Everything that the user who runs the daemon can do: from here on nothing
 * needs root, and nothing made could not be removed again. Takes over *conf. */
static enum ruad_status
open_all(struct daemon *d, struct ruad_conf **conf, struct ruad_err *err)
{
	struct ruad_store *store = NULL;
	const struct ruad_setup *set;
	const char *path = (*conf)->store;
	enum ruad_status st;

	st = check_spool((*conf)->spool_dir, err);
	if (st != RUAD_OK)
		return st;
	ruad_setup_budget(*conf, &d->budget);
	st = ruad_reload_new(d->conf_path, conf, &d->budget, &d->log,
	    &d->reload, err);
	if (st != RUAD_OK)
		return st;
	set = ruad_reload_first(d->reload)->setup;
	st = ruad_store_open(path, &set->store, &store, err);
	if (st == RUAD_OK)
		st = ruad_writer_start(&store, &set->writer, &d->writer, err);
	ruad_store_close(&store);
	if (st == RUAD_OK)
		ruad_intake_init(&d->intake, d->reload, d->writer, &d->budget,
		    &d->log);
	return st;
}

static enum ruad_status
listen_on(struct daemon *d, const struct ruad_privs *privs,
    struct ruad_err *err)
{
	const struct ruad_conf *conf = ruad_reload_first(d->reload)->conf;
	enum ruad_status st;
	mode_t mask;

	st = check_socket_free(conf->socket, err);
	if (st != RUAD_OK)
		return st;
	mask = umask((mode_t)(~conf->socket_mode & 0777));
	st = ruad_milter_register(&d->intake, conf->socket, err);
	umask(mask);
	return st == RUAD_OK ? own_socket(d, conf, privs, err) : st;
}

static void
log_start(struct daemon *d)
{
	const struct ruad_conf *conf = ruad_reload_first(d->reload)->conf;

	ruad_log_write(&d->log, LOG_NOTICE,
	    "ruad " PACKAGE_VERSION " is ready: socket %s, store %s",
	    conf->socket, conf->store);
	if (conf->recipients.count == 0)
		ruad_log_write(&d->log, LOG_WARNING,
		    "no recipients are configured: all mail is let go");
	if (geteuid() == 0)
		ruad_log_write(&d->log, LOG_WARNING,
		    "running as root: set user and group in %s", d->conf_path);
}

/* Serve until a signal ends it, and then finish what has been begun. What
 * sessions may still look at is left to the end of the process. */
static enum ruad_status
serve(struct daemon *d, struct ruad_err *err)
{
	const struct ruad_conf *conf = ruad_reload_first(d->reload)->conf;
	enum ruad_status st;

	log_start(d);
	ruad_notify("READY=1");
	st = ruad_milter_run(err);
	ruad_notify("STOPPING=1");
	ruad_stats_stop(&d->stats);
	if (ruad_intake_drain(&d->intake, DRAIN_SECS))
		ruad_writer_stop(&d->writer);
	else
		ruad_log_write(&d->log, LOG_WARNING,
		    "mails are still being read; their senders try again");
	remove_socket(d, conf);
	ruad_log_write(&d->log, LOG_NOTICE, "ruad has stopped");
	return st;
}

static enum ruad_status
start_stats(struct daemon *d, struct ruad_err *err)
{
	const struct ruad_conf *conf = ruad_reload_first(d->reload)->conf;

	if (conf->metrics_socket[0] == '\0')
		return RUAD_OK;
	return ruad_stats_start(conf->metrics_socket, &d->intake, conf->store,
	    &d->stats, err);
}

static enum ruad_status
run(struct daemon *d, struct ruad_conf **conf, struct ruad_privs *privs,
    struct ruad_err *err)
{
	enum ruad_status st;

	st = ruad_privs_find(*conf, privs, err);
	if (st == RUAD_OK)
		st = ruad_privs_make_dirs(*conf, privs, err);
	if (st == RUAD_OK)
		st = take_lock((*conf)->lock_file, privs, &d->lock_fd, err);
	if (st == RUAD_OK)
		st = ruad_privs_drop(privs, err);
	if (st == RUAD_OK)
		st = open_all(d, conf, err);
	if (st == RUAD_OK)
		st = listen_on(d, privs, err);
	if (st == RUAD_OK)
		st = start_stats(d, err);
	if (st == RUAD_OK)
		st = start_reload_thread(d, err);
	if (st != RUAD_OK) {
		ruad_stats_stop(&d->stats);
		ruad_writer_stop(&d->writer);
		return st;
	}
	return serve(d, err);
}

int
main(int argc, char **argv)
{
	/* Static: libmilter's threads may outlive this function. */
	static struct daemon d;
	struct arguments args;
	struct ruad_conf *conf = NULL;
	struct ruad_privs privs = { 0 };
	struct ruad_err err;
	enum ruad_status st;
	int status;

	status = read_arguments(argc, argv, &args);
	if (status != -1)
		return status;
	if (args.check)
		return check_conf(args.conf_path);
	umask(027);
	ruad_store_global_init();
	block_signals();
	d.conf_path = args.conf_path;
	st = ruad_conf_read(d.conf_path, &conf, &err);
	if (st != RUAD_OK)
		return complain(st, &err);
	ruad_log_open(&d.log, "ruad", conf->log_to == RUAD_LOG_STDERR,
	    conf->log_level);
	st = run(&d, &conf, &privs, &err);
	if (st != RUAD_OK) {
		complain(st, &err);
		if (!d.log.to_stderr)
			ruad_log_write(&d.log, LOG_ERR, "%s", err.text);
	}
	ruad_privs_fini(&privs);
	ruad_conf_free(&conf);
	return st == RUAD_OK ? EXIT_SUCCESS : exit_status(st);
}
