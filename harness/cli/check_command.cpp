#include <cstdio>
#include <thread>

#include "checker/linearizable/verify/whole.h"
#include "checker/weak/models.h"
#include "harness/cli/commands.h"
#include "harness/core/json.h"
#include "harness/core/log.h"
#include "harness/formats/formats.h"
#include "harness/store/run_directory.h"

namespace sunder {
namespace {

Result<std::size_t> parse_bytes(const std::string& text) {
  std::size_t unit = 0;
  std::size_t number = 0;
  try {
    number = std::stoull(text, &unit);
  } catch (const std::exception&) {
    unit = 0;
  }
  std::string suffix = text.substr(unit);
  int shift = suffix.empty()  ? 0
              : suffix == "K" ? 10
              : suffix == "M" ? 20
              : suffix == "G" ? 30
                              : -1;
  if (unit == 0 || shift < 0 || text.front() == '-' || number > (std::size_t{1} << 34)) {
    return Error{Error::Code::malformed,
                 "--memory-budget: '" + text + "' is no amount of memory; write for example 4G"};
  }
  return number << shift;
}

Result<CheckContext> make_context(const CheckRequest& request, const CheckerEntry& entry) {
  CheckContext context;
  Result<Duration> time_budget = parse_duration(request.time_budget);
  if (!time_budget) return time_budget.error();
  context.time_budget = *time_budget;
  Result<std::size_t> memory_budget = parse_bytes(request.memory_budget);
  if (!memory_budget) return memory_budget.error();
  context.memory_budget = *memory_budget;
  std::map<std::string, std::string> set;
  for (const OptionSpec& spec : entry.options) {
    if (spec.name == "failed-cas" && !request.failed_cas.empty()) {
      set["failed-cas"] = request.failed_cas;
    }
  }
  for (const std::string& pair : request.set) {
    std::size_t equals = pair.find('=');
    if (equals == std::string::npos || equals == 0) {
      return Error{Error::Code::malformed, "--set needs KEY=VALUE, not '" + pair + "'"};
    }
    set[pair.substr(0, equals)] = pair.substr(equals + 1);
  }
  Result<Options> options = Options::parse(entry.options, set);
  if (!options) return options.error();
  context.options = *options;
  context.jobs = static_cast<int>(std::max(std::thread::hardware_concurrency(), 1u));
  if (!request.quiet) context.progress = [](const std::string& line) { log::info(line); };
  return context;
}

Result<const CheckerEntry*> choose_checker(const CheckRequest& request,
                                           const Catalogues& catalogues) {
  if (request.datatype.empty()) {
    return Error{Error::Code::malformed,
                 "--datatype is required: what the operations mean; see 'sunder list datatypes'"};
  }
  std::vector<std::string> datatypes;
  std::vector<std::string> models;
  const weak::Model* model = weak::find_model(request.consistency);
  std::string consistency = model != nullptr ? std::string(model->name) : request.consistency;
  for (const CheckerEntry& entry : catalogues.checkers.all()) {
    if (entry.datatype.empty()) continue;
    if (entry.datatype == request.datatype && entry.consistency == consistency) {
      return &entry;
    }
    datatypes.push_back(entry.datatype);
    if (entry.datatype == request.datatype) models.push_back(entry.consistency);
  }
  if (models.empty()) {
    return Error{Error::Code::malformed, "unknown datatype '" + request.datatype + "'; " +
                                             suggest(request.datatype, datatypes)};
  }
  return Error{Error::Code::malformed, "no checker decides '" + request.consistency + "' for " +
                                           request.datatype + "; " +
                                           suggest(request.consistency, models)};
}

// One line for each model of a placement; nothing for other verdicts.
void print_models(const Value& detail) {
  const Value* models = detail.find("models");
  if (models == nullptr || !models->is_list()) return;
  auto text = [](const Value& row, std::string_view name) {
    const Value* found = row.find(name);
    return found != nullptr && found->is_text() ? found->text() : std::string();
  };
  for (const Value& row : models->list()) {
    std::string model = text(row, "model");
    std::string by = text(row, "by");
    std::string why = text(row, "reason");
    if (!by.empty() && by != model && why.empty()) {
      why = (text(row, "outcome") == "refuted" ? "not " : "by ") + by;
    }
    std::printf("  %-20s %-8s %s\n", model.c_str(), text(row, "outcome").c_str(), why.c_str());
  }
}

void print_verdict(const Verdict& verdict, bool quiet) {
  std::printf("%s: %s\n", std::string(to_string(verdict.validity)).c_str(),
              verdict.summary.c_str());
  if (quiet) return;
  print_models(verdict.detail);
  for (const Anomaly& anomaly : verdict.anomalies) {
    std::printf("\n%s\n%s\n", anomaly.name.c_str(), anomaly.explanation.c_str());
  }
}

void print(const Verdict& verdict, const CheckRequest& request) {
  if (request.json) {
    std::printf("%s\n", to_json(to_value(verdict)).c_str());
  } else {
    print_verdict(verdict, request.quiet);
  }
}

Result<LoadedHistory> load(const CheckRequest& request) {
  std::optional<Format> format = parse_format(request.format);
  if (!format) {
    return Error{Error::Code::malformed,
                 "unknown format '" + request.format + "'; known: " + format_names()};
  }
  Result<LoadedHistory> loaded = load_history(request.file, *format);
  if (loaded && !request.quiet) {
    for (const std::string& note : loaded->notes) log::warning(note);
  }
  return loaded;
}

ExitCode verify(const CheckRequest& request) {
  Result<std::string> text = read_whole_file(request.verify_certificate);
  if (!text) return fail_with(text.error());
  Result<Value> certificate = parse_json(*text);
  if (!certificate) {
    return fail_with(Error{certificate.error().code,
                           request.verify_certificate + ": " + certificate.error().context});
  }
  Result<LoadedHistory> loaded = load(request);
  if (!loaded) return fail_with(loaded.error());
  Result<Verdict> verdict = linearizable::verify_certificate(*certificate, loaded->history);
  if (!verdict) return fail_with(verdict.error());
  print(*verdict, request);
  return exit_code_of(verdict->validity);
}

}  // namespace

ExitCode check_command(const CheckRequest& asked) {
  if (!asked.verify_certificate.empty()) return verify(asked);
  if (asked.keyed && asked.no_keyed) {
    return fail_with(Error{Error::Code::malformed, "--keyed and --no-keyed exclude each other"});
  }
  CheckRequest request = asked;
  Catalogues catalogues = all_catalogues();
  Result<LoadedHistory> loaded = LoadedHistory{};
  if (request.datatype.empty()) {  // then only the file can tell
    loaded = load(request);
    if (!loaded) return fail_with(loaded.error());
    request.datatype = usual_datatype(loaded->format);
  }
  Result<const CheckerEntry*> entry = choose_checker(request, catalogues);
  if (!entry) return fail_with(entry.error());
  Result<CheckContext> context = make_context(request, **entry);
  if (!context) return fail_with(context.error());
  if (!asked.datatype.empty()) loaded = load(request);
  if (!loaded) return fail_with(loaded.error());
  Status written = Done{};
  if (!request.certificate.empty()) {
    context->certificate = [&](const Value& proof) {
      written = write_whole_file(request.certificate, to_json(proof) + "\n");
    };
  }
  context->keyed =
      request.keyed || (!request.no_keyed && (loaded->keyed || looks_keyed(loaded->history)));
  Verdict verdict = check(*(*entry)->make(), *context, loaded->history);
  verdict.checker = (*entry)->name;
  print(verdict, request);
  if (!written) return fail_with(written.error());
  return exit_code_of(verdict.validity);
}

}  // namespace sunder
