/* take_in.h - many mails, or bare reports, into the store: read by several
 * threads, told as they come, until there are no more or the user stops it. */
#ifndef RUAD_TOOLS_TAKE_IN_H
#define RUAD_TOOLS_TAKE_IN_H
#include "cmd.h"
#include "feed.h"

/* Where they come from. next() is like ruad_feed_next(), and makes its mails
 * with these settings; RUAD_BAD, too, ends it. */
struct ruad_supply {
	enum ruad_status (*next)(void *arg,
	    const struct ruad_mail_settings *set, struct ruad_feed_item *out,
	    struct ruad_err *err);
	void *arg;
	const char *what; /* "mails" */
	bool originals; /* they are as they came: worth being kept */
	uint64_t bytes; /* of all, for the bar; 0: there is none */
};

/* Take in what `supply` gives, or where that is NULL the mails behind the
 * arguments. The exit status; all has been told. */
enum ruad_exit ruad_take_in(struct ruad_ctl *ctl,
    const struct ruad_supply *supply);

#endif
