/* null_milter.c - a filter that does nothing: what any filter costs.
 *   null_milter early|read PATH
 * early lets a session go as soon as it begins; read is given all of every mail
 * and lets it go at its end. Runs until SIGTERM. */
#include <libmilter/mfapi.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "mails.h"

static sfsistat
on_connect(SMFICTX *ctx, char *name, _SOCK_ADDR *address)
{
	(void)ctx;
	(void)name;
	(void)address;
	return SMFIS_ACCEPT;
}

static sfsistat
on_words(SMFICTX *ctx, char **argv)
{
	(void)ctx;
	(void)argv;
	return SMFIS_CONTINUE;
}

static sfsistat
on_header(SMFICTX *ctx, char *name, char *value)
{
	(void)ctx;
	(void)name;
	(void)value;
	return SMFIS_CONTINUE;
}

static sfsistat
on_body(SMFICTX *ctx, unsigned char *data, size_t len)
{
	(void)ctx;
	(void)data;
	(void)len;
	return SMFIS_CONTINUE;
}

static sfsistat
on_eoh(SMFICTX *ctx)
{
	(void)ctx;
	return SMFIS_CONTINUE;
}

static sfsistat
on_end(SMFICTX *ctx)
{
	(void)ctx;
	return SMFIS_ACCEPT;
}

/* As far as libmilter allows, without answers that nobody needs. */
static sfsistat
on_negotiate(SMFICTX *ctx, unsigned long a0, unsigned long steps,
    unsigned long a2, unsigned long a3, unsigned long *b0,
    unsigned long *steps_out, unsigned long *b2, unsigned long *b3)
{
	(void)ctx;
	(void)a0;
	(void)a2;
	(void)a3;
	*b0 = *b2 = *b3 = 0;
	*steps_out = steps &
	    (SMFIP_NOCONNECT | SMFIP_NOHELO | SMFIP_NOUNKNOWN | SMFIP_NODATA |
		SMFIP_NR_MAIL | SMFIP_NR_RCPT | SMFIP_NR_HDR | SMFIP_NR_EOH |
		SMFIP_NR_BODY | SMFIP_HDR_LEADSPC);
	return SMFIS_CONTINUE;
}

int
main(int argc, char **argv)
{
	struct smfiDesc early = { .xxfi_name = (char *)"early",
		.xxfi_version = SMFI_VERSION,
		.xxfi_connect = on_connect };
	struct smfiDesc all = { .xxfi_name = (char *)"read",
		.xxfi_version = SMFI_VERSION,
		.xxfi_envfrom = on_words,
		.xxfi_envrcpt = on_words,
		.xxfi_header = on_header,
		.xxfi_eoh = on_eoh,
		.xxfi_body = on_body,
		.xxfi_eom = on_end,
		.xxfi_negotiate = on_negotiate };
	char where[4096];

	if (argc != 3)
		bench_die("usage: null_milter early|read PATH");
	snprintf(where, sizeof(where), "unix:%s", argv[2]);
	umask(0);
	if (smfi_register(strcmp(argv[1], "read") == 0 ? all : early) !=
		MI_SUCCESS ||
	    smfi_setconn(where) != MI_SUCCESS ||
	    smfi_opensocket(1) != MI_SUCCESS)
		bench_die("%s: cannot listen", argv[2]);
	return smfi_main() == MI_SUCCESS ? 0 : 1;
}
