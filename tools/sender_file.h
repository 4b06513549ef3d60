/* sender_file.h - a file of senders as comma-separated values (RFC 4180): a
 * domain, the name of the sender, and what it does; as other programs that read
 * aggregate reports have it. */
#ifndef RUAD_TOOLS_SENDER_FILE_H
#define RUAD_TOOLS_SENDER_FILE_H
#include <stddef.h>
#include "message.h"
#include "sender.h"

struct ruad_sender_file {
	struct ruad_sender_name *row; /* owned, with its texts */
	size_t count, cap;
	size_t skipped; /* lines that are no such row; told one by one */
};

/* Read the file. The failure has been told; then, too, *out is to be freed. */
enum ruad_exit ruad_sender_file_read(const char *path,
    struct ruad_sender_file *out);

void ruad_sender_file_free(struct ruad_sender_file *f);

#endif
