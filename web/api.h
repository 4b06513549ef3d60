/* api.h - the handlers of all routes, one file api_NAME.c for each group. */
#ifndef RUAD_WEB_API_H
#define RUAD_WEB_API_H
#include "route.h"

/* api_service.c */
ruad_handler ruad_api_healthz;
ruad_handler ruad_api_readyz;
ruad_handler ruad_api_openapi;

#endif
