/* api.h - the handlers of all routes, one file api_NAME.c for each group. */
#ifndef RUAD_WEB_API_H
#define RUAD_WEB_API_H
#include "route.h"

/* api_service.c */
ruad_handler ruad_api_healthz;
ruad_handler ruad_api_readyz;
ruad_handler ruad_api_openapi;
ruad_handler ruad_api_metrics;

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

/* api_session.c */
ruad_handler ruad_api_session_get;
ruad_handler ruad_api_session_post;
ruad_handler ruad_api_session_delete;
ruad_handler ruad_api_session_totp;
ruad_handler ruad_api_session_step_up;

/* The login of this request has come further: another cookie, which lasts as
 * long as one of that state does. */
RUAD_NODISCARD enum ruad_status
ruad_api_session_advance(struct ruad_request *req, struct ruad_response *res,
    bool second, enum ruad_visit_state state, struct ruad_err *err);

/* api_me.c */
ruad_handler ruad_api_me_get;
ruad_handler ruad_api_me_patch;
ruad_handler ruad_api_me_password;
ruad_handler ruad_api_me_enrol;
ruad_handler ruad_api_me_confirm;
ruad_handler ruad_api_me_drop_totp;
ruad_handler ruad_api_me_renew_codes;
ruad_handler ruad_api_me_sessions;
ruad_handler ruad_api_me_end_others;
ruad_handler ruad_api_me_end_session;

/* api_users.c */
ruad_handler ruad_api_users_get;
ruad_handler ruad_api_users_post;
ruad_handler ruad_api_user_get;
ruad_handler ruad_api_user_patch;
ruad_handler ruad_api_user_delete;
ruad_handler ruad_api_user_grants;
ruad_handler ruad_api_user_grant;
ruad_handler ruad_api_user_password;
ruad_handler ruad_api_user_reset_2fa;

/* api_tokens.c */
ruad_handler ruad_api_tokens_get;
ruad_handler ruad_api_tokens_post;
ruad_handler ruad_api_token_delete;

/* api_settings.c */
ruad_handler ruad_api_settings_get;
ruad_handler ruad_api_settings_patch;
ruad_handler ruad_api_audit_get;

/* api_record.c, api_preview.c, api_verify.c, api_dns.c */
ruad_handler ruad_api_record;
ruad_handler ruad_api_record_history;
ruad_handler ruad_api_record_preview;
ruad_handler ruad_api_record_verify;
ruad_handler ruad_api_dns;

/* api_alerts.c */
ruad_handler ruad_api_events;

#endif
