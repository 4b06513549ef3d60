/* password.c - the terminal is put right again whatever happens: signals that
 * would end the program wait until then. */
#include "password.h"
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>
#include "message.h"
#include "secret.h"

static bool
read_line(char *buf, size_t cap)
{
	if (fgets(buf, (int)cap, stdin) == NULL)
		return false;
	buf[strcspn(buf, "\r\n")] = '\0';
	return true;
}

/* One line without its echo. */
static bool
read_hidden(const char *what, char *buf, size_t cap)
{
	struct termios was, quiet;
	sigset_t set, before;
	bool good;

	fprintf(stderr, "%s: ", what);
	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTSTP);
	sigprocmask(SIG_BLOCK, &set, &before);
	tcgetattr(STDIN_FILENO, &was);
	quiet = was;
	quiet.c_lflag &= ~(tcflag_t)ECHO;
	tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet);
	good = read_line(buf, cap);
	tcsetattr(STDIN_FILENO, TCSAFLUSH, &was);
	sigprocmask(SIG_SETMASK, &before, NULL);
	fputc('\n', stderr);
	return good;
}

bool
ruad_password_ask(char *buf, size_t cap)
{
	char again[RUAD_PASSWORD_MAX];
	bool good;

	if (isatty(STDIN_FILENO)) {
		good = read_hidden("password", buf, cap) &&
		    read_hidden("again", again, sizeof(again));
		if (good && strcmp(buf, again) != 0) {
			ruad_message("the two differ: nothing has been "
				     "changed");
			return false;
		}
	} else {
		good = read_line(buf, cap);
	}
	if (!good || strlen(buf) < RUAD_PASSWORD_MIN) {
		ruad_message("a password has %d characters at least",
		    RUAD_PASSWORD_MIN);
		return false;
	}
	return true;
}
