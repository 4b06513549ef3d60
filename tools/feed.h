/* feed.h - the mails behind the arguments of ingest, one after the other: of
 * files, directories, Maildirs, mboxes, and standard input. */
#ifndef RUAD_TOOLS_FEED_H
#define RUAD_TOOLS_FEED_H
#include "mail.h"
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

struct ruad_feed;

/* One mail, or a place where there should be one. */
struct ruad_feed_item {
	char *path; /* owned; the file, or "-" */
	unsigned number; /* of the mail in an mbox, from 1; 0: no mbox */
	struct ruad_mail *mail; /* owned; NULL: the file is the mail */
	/* Status other than RUAD_OK: why there is none. RUAD_BAD: an argument
	 * that names nothing. */
	struct ruad_err err;
	uint64_t bytes; /* of the input that this item stands for */
};

/* `paths` and the settings are borrowed. Where *stop becomes true, the feed
 * ends. RUAD_TEMP: out of memory. */
RUAD_NODISCARD enum ruad_status ruad_feed_new(char **paths, int count,
    const struct ruad_mail_settings *set, const volatile sig_atomic_t *stop,
    struct ruad_feed **out, struct ruad_err *err);

/* The next item, which the caller owns. A directory is walked in the order of
 * names, leaving out those that begin with "."; of a Maildir only cur and new
 * are looked at. RUAD_END: no more; RUAD_TEMP: out of memory. */
RUAD_NODISCARD enum ruad_status ruad_feed_next(struct ruad_feed *f,
    struct ruad_feed_item *out, struct ruad_err *err);

/* Walk all of it without reading: how many files, how many bytes. */
void ruad_feed_measure(char **paths, int count, uint64_t *files_out,
    uint64_t *bytes_out);

void ruad_feed_item_free(struct ruad_feed_item *item);
void ruad_feed_free(struct ruad_feed **f); /* sets *f NULL; NULL is fine */

#endif
