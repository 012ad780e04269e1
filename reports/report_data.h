#pragma once
// What the page reads: one JSON document in columns, made from a stored run.

#include <string>

#include "reports/report.h"

namespace sunder {

/// The document that reports/web/data.ts describes. No "<" and no line separator stands in it
/// unescaped, so that it can be put into a script element as it is.
std::string report_data(const ReportInput& input, const ReportLimits& limits);

/// Makes JSON text safe inside a script element: these bytes can only stand within its strings.
std::string escape_for_script(std::string_view json);

}  // namespace sunder
