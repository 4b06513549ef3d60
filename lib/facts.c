/* facts.c - the header of a message, once through. */
#include "facts.h"
#include "value.h"
#include <gmime/gmime.h>
#include <stdlib.h>
#include <string.h>

struct ruad_facts {
	GArray *fields; /* struct ruad_field, owned strings */
	GPtrArray *from_domains; /* owned strings */
};

static void
add_from_domains(struct ruad_facts *f, const char *value)
{
	InternetAddressList *list = internet_address_list_parse(NULL, value);
	int i, n = list != NULL ? internet_address_list_length(list) : 0;

	for (i = 0; i < n; i++) {
		InternetAddress *a = internet_address_list_get_address(list, i);
		char domain[256];
		const char *addr, *at;
		bool address;

		if (!INTERNET_ADDRESS_IS_MAILBOX(a))
			continue;
		addr = internet_address_mailbox_get_addr(
		    INTERNET_ADDRESS_MAILBOX(a));
		at = addr != NULL ? strrchr(addr, '@') : NULL;
		if (at == NULL ||
		    ruad_value_domain(at + 1, strlen(at + 1), domain,
			sizeof(domain), &address) != RUAD_DOMAIN_OK)
			g_ptr_array_add(f->from_domains, g_strdup(""));
		else
			g_ptr_array_add(f->from_domains, g_strdup(domain));
	}
	if (list != NULL)
		g_object_unref(list);
}

static bool
is_auto_reply(const struct ruad_field *field)
{
	const char *value = field->value;

	while (g_ascii_isspace(*value))
		value++;
	return g_ascii_strcasecmp(field->name, "Auto-Submitted") == 0 &&
	    g_ascii_strncasecmp(value, "auto-replied", 12) == 0;
}

struct ruad_facts *
ruad_facts_new(struct _GMimeMessage *message, struct ruad_mail_facts *out)
{
	struct ruad_facts *f = malloc(sizeof(*f));
	GMimeHeaderList *list =
	    g_mime_object_get_header_list(GMIME_OBJECT(message));
	int i, n = g_mime_header_list_get_count(list);

	if (f == NULL)
		return NULL;
	f->fields = g_array_new(FALSE, FALSE, sizeof(struct ruad_field));
	f->from_domains = g_ptr_array_new_with_free_func(g_free);
	out->subject = g_mime_message_get_subject(message);
	out->message_id = g_mime_message_get_message_id(message);
	for (i = 0; i < n; i++) {
		GMimeHeader *h = g_mime_header_list_get_header_at(list, i);
		const char *raw = g_mime_header_get_raw_value(h);
		struct ruad_field field = {
			.name = g_strdup(g_mime_header_get_name(h)),
			.value = g_strchomp(g_strdup(raw != NULL ? raw : "")),
		};

		if (g_ascii_strcasecmp(field.name, "From") == 0)
			add_from_domains(f, field.value);
		if (is_auto_reply(&field))
			out->bounce = true;
		g_array_append_val(f->fields, field);
	}
	out->fields = (const struct ruad_field *)(void *)f->fields->data;
	out->field_count = f->fields->len;
	out->from_domains = (const char *const *)f->from_domains->pdata;
	out->from_domain_count = f->from_domains->len;
	return f;
}

void
ruad_facts_free(struct ruad_facts **f)
{
	guint i;

	if (*f == NULL)
		return;
	for (i = 0; i < (*f)->fields->len; i++) {
		struct ruad_field *field =
		    &g_array_index((*f)->fields, struct ruad_field, i);

		g_free((char *)(uintptr_t)field->name);
		g_free((char *)(uintptr_t)field->value);
	}
	g_array_free((*f)->fields, TRUE);
	g_ptr_array_free((*f)->from_domains, TRUE);
	free(*f);
	*f = NULL;
}
