#include "reports/report.h"

#include <openssl/evp.h>
#include <openssl/sha.h>

#include <array>

#include "harness/store/run_directory.h"
#include "reports/page.h"
#include "reports/report_data.h"

namespace sunder {
namespace {

/// The source expression by which a content security policy lets exactly this inline text pass.
std::string hash_source(std::string_view text) {
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
  SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data());
  std::array<unsigned char, 4 * (SHA256_DIGEST_LENGTH / 3 + 1) + 1> base64{};
  int length = EVP_EncodeBlock(base64.data(), digest.data(), static_cast<int>(digest.size()));
  return "'sha256-" +
         std::string(reinterpret_cast<const char*>(base64.data()),
                     static_cast<std::size_t>(length)) +
         "'";
}

std::string policy() {
  return "default-src 'none'; script-src " + hash_source(page_script()) + "; style-src " +
         hash_source(page_style()) + "; img-src data:; base-uri 'none'; form-action 'none'";
}

}  // namespace

std::string build_report(const ReportInput& input, const ReportLimits& limits) {
  std::string data = report_data(input, limits);
  std::string page;
  page.reserve(data.size() + page_script().size() + page_style().size() + 2000);
  page += "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n";
  page += "<meta http-equiv=\"Content-Security-Policy\" content=\"" + policy() + "\">\n";
  page += "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n";
  page += "<meta name=\"color-scheme\" content=\"light dark\">\n<title>Sunder report</title>\n";
  page += "<style>";
  page += page_style();
  page += "</style>\n</head>\n<body>\n<noscript>This run is ";
  page += to_string(input.verdict.validity);
  page += ". The rest of the report needs JavaScript.</noscript>\n<main id=\"page\"></main>\n";
  page += "<script type=\"application/json\" id=\"data\">";
  page += data;
  page += "</script>\n<script>";
  page += page_script();
  page += "</script>\n</body>\n</html>\n";
  return page;
}

Status write_report(const std::filesystem::path& run_folder, const ReportLimits& limits) {
  Result<ReportInput> input = read_report_input(run_folder, limits);
  if (!input) return input.error();
  return write_whole_file(run_folder / "report.html", build_report(*input, limits));
}

}  // namespace sunder
