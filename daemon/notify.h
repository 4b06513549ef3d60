/* notify.h - tell the service manager how we are, as sd_notify(3) does. */
#ifndef RUAD_NOTIFY_H
#define RUAD_NOTIFY_H

/* Send `state` ("READY=1") to the socket that $NOTIFY_SOCKET names. Without
 * one, or where that fails, nothing happens. */
void ruad_notify(const char *state);

/* Say that the configuration is being read anew. */
void ruad_notify_reloading(void);

#endif
