/* assets.h - the files of the console: those built into the program, or those
 * of a directory. */
#ifndef RUAD_WEB_ASSETS_H
#define RUAD_WEB_ASSETS_H
#include "request.h"
#include "response.h"

/* A file as the build found it, with what it compresses to. */
struct ruad_asset_bytes {
	const unsigned char *begin, *end; /* NULL: there is none */
};
struct ruad_asset {
	const char *path; /* "/index.html" */
	const char *etag; /* of its content, without quotes */
	struct ruad_asset_bytes plain, br, gz;
};

/* Written by build-aux/embed; the last one has path NULL. */
extern const struct ruad_asset ruad_assets[];
extern const struct ruad_asset_bytes ruad_asset_openapi;

/* Answer with the file of the path; a path that looks like no file is one of
 * the pages of the console, which index.html shows. */
RUAD_NODISCARD enum ruad_status
ruad_assets_serve(const struct ruad_request *req, struct ruad_response *res,
    struct ruad_err *err);

#endif
