/* auth.c - by the user at the other end of web_socket. */
#include "auth.h"
#include <microhttpd.h>
#include <stdio.h>
#include "peer.h"
#include "route.h"

/* Who connects on web_socket is known to the kernel. */
static void
take_peer(struct ruad_request *req)
{
	const struct ruad_conf_web *web = &ruad_request_app(req)->conf->web;
	const union MHD_ConnectionInfo *info =
	    MHD_get_connection_info(ruad_request_http(req),
		MHD_CONNECTION_INFO_CONNECTION_FD);
	struct ruad_who *who = ruad_request_whom(req);
	struct ruad_peer peer;

	if (info == NULL || !ruad_peer_of(info->connect_fd, &peer))
		return;
	if (peer.uid == 0 || ruad_peer_is_in(&peer, web->admin_group))
		who->role = RUAD_ROLE_ADMIN;
	else if (ruad_peer_is_in(&peer, web->viewer_group))
		who->role = RUAD_ROLE_VIEWER;
	else
		return;
	who->via = RUAD_VIA_PEER;
	who->all_domains = true;
	ruad_peer_name(&peer, who->login, sizeof(who->login));
}

enum ruad_status
ruad_auth_check(struct ruad_request *req, struct ruad_response *res, bool local,
    struct ruad_err *err)
{
	const struct ruad_route *route = ruad_request_routed(req);
	const struct ruad_who *who = ruad_request_who(req);

	if (local)
		take_peer(req);
	if (who->role >= route->role)
		return RUAD_OK;
	if (who->via == RUAD_VIA_NOTHING)
		return ruad_problem(res, RUAD_PROBLEM_LOGIN, err,
		    "POST /api/v1/session");
	return ruad_problem(res, RUAD_PROBLEM_FORBIDDEN, err,
	    "this takes the role %s", ruad_role_word(route->role));
}
