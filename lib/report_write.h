/* report_write.h - a report as XML: what a careful reporter would have sent to
 * say the same. */
#ifndef RUAD_REPORT_WRITE_H
#define RUAD_REPORT_WRITE_H
#include "err.h"
#include "report.h"
#include <stdio.h>

enum ruad_report_form {
	/* RFC 9990 appendix A, with its namespace. What only RFC 7489 knows
	 * (pct) is kept where the report has it, so that read again it is the
	 * same report. */
	RUAD_REPORT_RFC9990,
	/* RFC 7489 appendix C. What it does not know (np, testing,
	 * discovery_method, generator, human_result of SPF, several words) is
	 * left out, or becomes what it would have been. */
	RUAD_REPORT_RFC7489
};

/* Write it as a document in UTF-8. What was derived is left out, and words that
 * were not understood stand as the reporter wrote them. With `refused_rows`,
 * there is an empty record for each row that was refused, which will be refused
 * again. RUAD_TEMP: no memory, or `to` has failed. */
RUAD_NODISCARD enum ruad_status ruad_report_write(const struct ruad_report *r,
    enum ruad_report_form form, bool refused_rows, FILE *to,
    struct ruad_err *err);

#endif
