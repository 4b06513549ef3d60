/* api.h - the handlers of all routes, one file api_NAME.c for each group. */
#ifndef RUAD_WEB_API_H
#define RUAD_WEB_API_H
#include "route.h"

/* api_service.c */
ruad_handler ruad_api_healthz;
ruad_handler ruad_api_readyz;
ruad_handler ruad_api_openapi;

/* api_domains.c */
ruad_handler ruad_api_domains;
ruad_handler ruad_api_domain;
ruad_handler ruad_api_register;
ruad_handler ruad_api_domain_change;
ruad_handler ruad_api_domain_delete;
ruad_handler ruad_api_unregistered;
ruad_handler ruad_api_ignore;

/* api_data.c */
ruad_handler ruad_api_overview;
ruad_handler ruad_api_timeline;
ruad_handler ruad_api_changes;
ruad_handler ruad_api_senders;
ruad_handler ruad_api_tallies;
ruad_handler ruad_api_simulate;

/* api_senders.c */
ruad_handler ruad_api_sender;
ruad_handler ruad_api_sender_label;

/* api_reports.c */
ruad_handler ruad_api_reports;
ruad_handler ruad_api_report;
ruad_handler ruad_api_report_records;
ruad_handler ruad_api_report_raw;

/* api_upload.c, api_reporters.c, api_ingest.c */
ruad_handler ruad_api_upload;
ruad_handler ruad_api_reporters;
ruad_handler ruad_api_ingest;
ruad_handler ruad_api_ingest_raw;
ruad_handler ruad_api_ingest_retry;

#endif
