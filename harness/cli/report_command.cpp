#include <cstdio>
#include <filesystem>

#include "harness/cli/commands.h"
#include "reports/report.h"

namespace sunder {

ExitCode report_command(const std::string& run) {
  std::filesystem::path folder = run;
  if (!std::filesystem::exists(folder / "history.jsonl")) {
    return fail_with(Error{Error::Code::not_found,
                           run + " is no run: it has no history.jsonl; name a folder such as "
                                 "store/latest"});
  }
  if (Status written = write_report(folder); !written) return fail_with(written.error());
  std::printf("report  %s\n", (folder / "report.html").c_str());
  return exit_valid;
}

}  // namespace sunder
