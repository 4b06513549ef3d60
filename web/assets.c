/* assets.c - a name with a hash in it never changes its content, and may be
 * kept for a year; index.html names them, and is asked for each time. */
#include "assets.h"
#include <fcntl.h>
#include <microhttpd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILE_MAX_BYTES = 16 * 1024 * 1024, HASH_LETTERS = 8 };

static const char *
type_of(const char *path)
{
	static const char *const types[][2] = {
		{ ".html", "text/html; charset=utf-8" },
		{ ".js", "text/javascript; charset=utf-8" },
		{ ".css", "text/css; charset=utf-8" },
		{ ".json", "application/json" },
		{ ".svg", "image/svg+xml" },
		{ ".png", "image/png" },
		{ ".ico", "image/x-icon" },
		{ ".woff2", "font/woff2" },
		{ ".txt", "text/plain; charset=utf-8" },
		{ ".map", "application/json" },
		{ ".webmanifest", "application/manifest+json" },
	};
	const char *dot = strrchr(path, '.');

	for (size_t i = 0; dot != NULL && i < sizeof(types) / sizeof(types[0]);
	     i++) {
		if (strcmp(dot, types[i][0]) == 0)
			return types[i][1];
	}
	return "application/octet-stream";
}

/* "app-3F2A9C41.js", "app.3f2a9c41.js": as bundlers write it. */
static bool
is_hashed(const char *path)
{
	const char *dot = strrchr(path, '.');
	size_t n = 0;

	if (dot == NULL)
		return false;
	while (dot - n > path &&
	    strchr("abcdefghijklmnopqrstuvwxyz0123456789"
		   "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
		dot[-1 - (ptrdiff_t)n]) != NULL)
		n++;
	return n == HASH_LETTERS && dot - n > path &&
	    strchr("-.", dot[-1 - (ptrdiff_t)n]) != NULL;
}

static void
add_caching(struct ruad_response *res, const char *path)
{
	ruad_response_header(res, MHD_HTTP_HEADER_CACHE_CONTROL, "%s",
	    is_hashed(path) ? "public, max-age=31536000, immutable"
			    : "no-cache");
}

/* Whether the client takes this coding: its name with no ";q=0" behind. */
static bool
takes(const struct ruad_request *req, const char *coding)
{
	const char *list =
	    ruad_request_header(req, MHD_HTTP_HEADER_ACCEPT_ENCODING);
	const char *p = list != NULL ? strstr(list, coding) : NULL;

	if (p == NULL)
		return false;
	p += strlen(coding);
	p += strspn(p, " ");
	return *p == '\0' || *p == ',' ||
	    (*p == ';' && strspn(p, "; q=0.") != strcspn(p, ","));
}

static enum ruad_status
send_asset(const struct ruad_request *req, struct ruad_response *res,
    const struct ruad_asset *a, struct ruad_err *err)
{
	const struct ruad_asset_bytes *b = &a->plain;
	const char *coding = "";
	char etag[80];

	if (a->br.begin != NULL && takes(req, "br")) {
		b = &a->br;
		coding = "br";
	} else if (a->gz.begin != NULL && takes(req, "gzip")) {
		b = &a->gz;
		coding = "gzip";
	}
	/* Each coding is a representation of its own, RFC 9110 section 8.8.3. */
	snprintf(etag, sizeof(etag), "\"%s%s%s\"", a->etag,
	    coding[0] != '\0' ? "-" : "", coding);
	add_caching(res, a->path);
	ruad_response_header(res, MHD_HTTP_HEADER_VARY, "Accept-Encoding");
	if (ruad_response_unchanged(res, req, etag))
		return RUAD_OK;
	if (coding[0] != '\0')
		ruad_response_header(res, MHD_HTTP_HEADER_CONTENT_ENCODING,
		    "%s", coding);
	return ruad_response_static(res, MHD_HTTP_OK, type_of(a->path),
	    b->begin, (size_t)(b->end - b->begin), err);
}

/* NULL: there is none. */
static const struct ruad_asset *
find_asset(const char *path)
{
	const struct ruad_asset *a = ruad_assets;

	while (a->path != NULL && strcmp(a->path, path) != 0)
		a++;
	return a->path != NULL ? a : NULL;
}

/* Of --console-dir: nothing outside of it, no hidden files, no links out. */
static int
open_below(const char *dir, const char *path)
{
	int at, fd;

	if (strstr(path, "/.") != NULL || strstr(path, "//") != NULL)
		return -1;
	at = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (at == -1)
		return -1;
	fd = openat(at, path + 1, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	close(at);
	return fd;
}

/* The whole file, which the caller frees; NULL: there is none. */
static char *
read_below(const char *dir, const char *path, size_t *len_out)
{
	int fd = open_below(dir, path);
	char *text = NULL;
	struct stat st;
	ssize_t n;

	if (fd == -1)
		return NULL;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) &&
	    st.st_size <= FILE_MAX_BYTES)
		text = malloc((size_t)st.st_size + 1);
	*len_out = 0;
	while (text != NULL && *len_out < (size_t)st.st_size) {
		n = read(fd, text + *len_out, (size_t)st.st_size - *len_out);
		if (n <= 0)
			break;
		*len_out += (size_t)n;
	}
	close(fd);
	return text;
}

static bool
send_file(struct ruad_response *res, const char *dir, const char *path,
    enum ruad_status *status_out, struct ruad_err *err)
{
	size_t len;
	char *text = read_below(dir, path, &len);

	if (text == NULL)
		return false;
	/* What a developer looks at changes under the same name. */
	ruad_response_header(res, MHD_HTTP_HEADER_CACHE_CONTROL, "no-cache");
	*status_out = ruad_response_bytes(res, MHD_HTTP_OK, type_of(path), text,
	    len, err);
	return true;
}

enum ruad_status
ruad_assets_serve(const struct ruad_request *req, struct ruad_response *res,
    struct ruad_err *err)
{
	const char *dir = ruad_request_app(req)->console_dir;
	const char *path = ruad_request_path(req);
	const struct ruad_asset *a;
	enum ruad_status st;

	/* The last piece of a page may be a domain, so a file is what stands
	 * at the top, or in the directory that the build makes. */
	if (strncmp(path, "/assets/", 8) != 0 &&
	    (strchr(path + 1, '/') != NULL || strchr(path, '.') == NULL))
		path = "/index.html";
	if (dir != NULL) {
		if (send_file(res, dir, path, &st, err))
			return st;
	} else {
		a = find_asset(path);
		if (a != NULL)
			return send_asset(req, res, a, err);
	}
	return ruad_problem(res, RUAD_PROBLEM_NOT_FOUND, err, "no such file");
}
