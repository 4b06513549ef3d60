/* hand_out.c - see hand_out.h. */
#include "hand_out.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>
#include "original.h"

enum ruad_exit
ruad_hand_out_read(struct ruad_ctl *ctl, int64_t mail_key,
    struct ruad_mail **out)
{
	struct ruad_mail_settings set = { .spool_dir = "/tmp",
		.memory_bytes = SIZE_MAX,
		.message_bytes = UINT64_MAX };
	struct ruad_err err;
	enum ruad_status st;

	st = ruad_original_read(ruad_query_handle(ctl->query), mail_key, &set,
	    out, &err);
	return st == RUAD_OK || st == RUAD_END ? RUAD_EXIT_OK
					       : ruad_message_failure(&err);
}

static enum ruad_exit
write_all(int fd, const char *name, const unsigned char *data, size_t len)
{
	ssize_t n;

	while (len > 0) {
		n = write(fd, data, len);
		if (n < 0 && errno == EINTR)
			continue;
		/* A reader that has seen enough is no failure. */
		if (n < 0 && errno == EPIPE && fd == STDOUT_FILENO)
			return RUAD_EXIT_OK;
		if (n < 0) {
			ruad_message("%s: %s", name, strerror(errno));
			return RUAD_EXIT_TEMP;
		}
		data += n;
		len -= (size_t)n;
	}
	return RUAD_EXIT_OK;
}

enum ruad_exit
ruad_hand_out(struct ruad_mail *mail, const char *path, bool force)
{
	bool to_file = path != NULL && strcmp(path, "-") != 0;
	const char *name = to_file ? path : "standard output";
	enum ruad_exit status;
	const unsigned char *data;
	struct ruad_err err;
	int fd = STDOUT_FILENO;
	size_t len;

	if (ruad_mail_bytes(mail, &data, &len, &err) != RUAD_OK)
		return ruad_message_failure(&err);
	if (!to_file && !force && isatty(STDOUT_FILENO))
		return ruad_message_usage("the original is not for a terminal: "
					  "name a file");
	if (to_file)
		fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd == -1)
		return ruad_message_usage("%s: %s", path, strerror(errno));
	status = write_all(fd, name, data, len);
	if (to_file && close(fd) != 0 && status == RUAD_EXIT_OK) {
		ruad_message("%s: %s", path, strerror(errno));
		status = RUAD_EXIT_TEMP;
	}
	return status;
}
