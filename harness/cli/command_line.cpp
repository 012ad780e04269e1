#include "harness/cli/command_line.h"

#include <CLI/CLI.hpp>
#include <cstdio>

#include "harness/cli/commands.h"
#include "harness/core/log.h"

namespace sunder {
namespace {

void add_test_flags(CLI::App& app, RunRequest& run) {
  app.add_option("-w,--workload", run.workload, "what the clients do; see 'sunder list workloads'")
      ->capture_default_str();
  app.add_option("-n,--nemesis", run.nemeses,
                 "faults, separated by commas; or 'all'; or 'swarm', alone or with names to draw "
                 "from: each seed draws which faults act and how much; see 'sunder list nemeses'");
  app.add_option("--scenario", run.scenario,
                 "a JSON file that says which faults begin when, instead of --nemesis: "
                 "[{\"at\": \"5s\", \"fault\": \"kill\", \"targets\": \"leader\", \"for\": "
                 "\"3s\"}]");
  app.add_option("--nodes", run.nodes, "nodes of the cluster (default: the system's own)");
  app.add_option("--time-limit", run.time_limit, "how long the load goes on")
      ->capture_default_str();
  app.add_option("--core", run.core,
                 "when the load's time is over, undo all faults and leave a majority of the nodes "
                 "alone for so long, which must answer")
      ->capture_default_str();
  app.add_option("--rate", run.rate, "client operations a second in all; 0: as fast as they go")
      ->capture_default_str();
  app.add_option("--concurrency", run.concurrency, "clients at a time")->capture_default_str();
  app.add_option("--flaw", run.flaws, "give a reference system this bug; may be repeated")
      ->take_all();
  app.add_option("--set", run.set, "KEY=VALUE: an option of the system, workload or nemesis")
      ->take_all();
  app.add_option("--claim", run.claim, "the consistency model to judge (default: what it claims)");
  app.add_option("--time-budget", run.time_budget,
                 "for each checker of a run; what it did not decide by then is unknown")
      ->capture_default_str();
  app.add_option("--op-timeout", run.op_timeout, "an operation without answer is info after this")
      ->capture_default_str();
  app.add_option("--interval", run.interval, "mean time between the acts of each nemesis")
      ->capture_default_str();
  app.add_option("--latency", run.latency, "delay of every link, with as much jitter on average")
      ->capture_default_str();
  app.add_flag("--cut-clients", run.cut_clients, "partitions cut clients off as well");
  app.add_flag("-q,--quiet", run.quiet, "print only the verdict");
}

/// Binds each subcommand to its request. The requests outlive the parse.
class CommandLine {
 public:
  CommandLine() {
    app_.require_subcommand(1);
    app_.set_version_flag("--version", "sunder 0.1.0");
    add_run();
    add_sweep();
    add_survey();
    add_check();
    add_small_ones();
  }

  ExitCode execute(const std::vector<std::string>& arguments) {
    std::vector<std::string> reversed(arguments.rbegin(), arguments.rend() - 1);
    try {
      app_.parse(reversed);
    } catch (const CLI::Success& success) {  // --help, --version
      app_.exit(success);
      return exit_valid;
    } catch (const CLI::ParseError& error) {
      return fail_with(
          Error{Error::Code::malformed, std::string(error.what()) + "; 'sunder --help' shows how"});
    }
    return act();
  }

 private:
  void add_run() {
    run_app_ = app_.add_subcommand("run", "run one test and judge it");
    run_app_->add_option("system", run_.system, "the system; see 'sunder list systems'")
        ->required();
    add_test_flags(*run_app_, run_);
    run_app_->add_option("--world", run_.world, "sim, lab or ssh")->capture_default_str();
    run_app_->add_option("--hosts", run_.hosts,
                         "of the ssh world: a file with ADDRESS [PORT [USER [KEY]]] a line");
    run_app_->add_option("--ssh-config", run_.ssh_config,
                         "the same in OpenSSH's format, as 'vagrant ssh-config' prints it");
    run_app_->add_option("--machines", run_.machines,
                         "the hosts are machines of this computer's libvirt, which calls them this "
                         "and the host's name ('vagrant_'); then -n disk cuts their power");
    run_app_->add_option("--packets", run_.packets,
                         "what delays, loses or doubles packets on hosts: netem of their kernels, "
                         "a queue that the agent reads, or auto: netem where it is and can")
        ->capture_default_str();
    run_app_->add_option("--seed", run_.seed, "of every random choice (default: a fresh one)");
    run_app_->add_option("--store", run_.store, "folder of all runs")->capture_default_str();
    run_app_
        ->add_option("--log-pattern", run_.log_patterns,
                     "a POSIX extended regular expression such as 'panic|FATAL': a line of a "
                     "node's log that it matches makes the run invalid; may be repeated")
        ->take_all();
    run_app_->add_option("--switch-stall", run_.switch_stall,
                         "hold the lab's switch back this long, again and again: shows that a "
                         "starved run confirms nothing");
    run_app_->add_option("--name", run_.name, "folder of this run (default: <system>-<workload>)");
  }

  void add_sweep() {
    sweep_app_ = app_.add_subcommand("sweep", "run many simulated seeds and judge them all");
    sweep_app_->add_option("system", sweep_.systems, "the systems")->required();
    add_test_flags(*sweep_app_, sweep_.run);
    sweep_app_->add_option("--seeds", sweep_.seeds, "how many")->capture_default_str();
    sweep_app_->add_option("--first-seed", sweep_.first_seed, "the first")->capture_default_str();
    sweep_app_->add_option("--jobs", sweep_.jobs, "threads (default: one for each core)");
    sweep_app_->add_flag("--each-flaw", sweep_.each_flaw,
                         "for every flaw of the systems, count the seeds until it is caught");
    sweep_app_->add_option("--table", sweep_.table,
                           "write the table of --each-flaw to this file; then it goes on until "
                           "clients saw each flaw");
    sweep_app_->add_flag("--digests", sweep_.digests, "print the digest of every run");
  }

  void add_survey() {
    survey_app_ = app_.add_subcommand(
        "survey", "find out in the simulator what the bundled systems keep and break");
    survey_app_->add_option("system", survey_.systems, "the systems (default: all bundled ones)");
    survey_app_
        ->add_option("--tables", survey_.tables,
                     "notes, flaws, sound, limits, speed (default: all)")
        ->delimiter(',');
    survey_app_->add_option("--seeds", survey_.seeds, "how many are tried for each row")
        ->capture_default_str();
    survey_app_->add_option("--jobs", survey_.jobs, "threads (default: one for each core)");
    survey_app_
        ->add_option("--time-limit", survey_.time_limit,
                     "of each run of the tables sound and speed")
        ->capture_default_str();
    survey_app_->add_option("--write", survey_.write,
                            "put the rows into this file; it keeps those of other systems");
    survey_app_->add_option("--check", survey_.check,
                            "run the seeds again that this file names: they must show the same");
  }

  void add_check() {
    check_app_ = app_.add_subcommand("check", "judge a recorded history");
    check_app_->add_option("file", check_.file, "the history")->required();
    CLI::Option* datatype = check_app_->add_option(
        "--datatype", check_.datatype,
        "what the operations mean; see 'list' (required unless the file's format tells)");
    check_app_->add_option("--consistency", check_.consistency, "how they may be ordered")
        ->capture_default_str();
    check_app_
        ->add_option("--format", check_.format, "detect, jsonl, edn, etcd-log or porcupine-kv")
        ->capture_default_str();
    check_app_->add_flag("--keyed", check_.keyed, "values are [key value]");
    check_app_->add_flag("--no-keyed", check_.no_keyed, "values are not [key value]");
    check_app_->add_option("--failed-cas", check_.failed_cas,
                           "observed: a failed cas read another value; or ignored (default: "
                           "as the datatype says)");
    check_app_->add_option("--set", check_.set, "KEY=VALUE: an option of the checker")->take_all();
    check_app_->add_option("--time-budget", check_.time_budget, "then the answer is unknown")
        ->capture_default_str();
    check_app_->add_option("--memory-budget", check_.memory_budget, "then the answer is unknown")
        ->capture_default_str();
    check_app_->add_option("--certificate", check_.certificate,
                           "write the proof of the verdict to this file");
    check_app_->add_flag("--json", check_.json, "print the verdict as JSON");
    check_app_->add_flag("-q,--quiet", check_.quiet, "print only the verdict");
    CLI::Option* verify =
        check_app_->add_option("--verify-certificate", check_.verify_certificate,
                               "only verify the proof in this file, on the whole history");
    datatype->excludes(verify);
  }

  void add_small_ones() {
    report_app_ = app_.add_subcommand("report", "write the HTML report of a run again");
    report_app_->add_option("run", path_, "its folder; store/latest is the newest")->required();
    heal_app_ = app_.add_subcommand("heal", "undo what killed runs left behind");
    heal_app_->add_option("--store", store_, "folder of all runs")->capture_default_str();
    doctor_app_ = app_.add_subcommand("doctor", "say what this machine can do");
    doctor_app_->add_option("--store", store_, "folder of all runs")->capture_default_str();
    list_app_ = app_.add_subcommand("list", "list systems, workloads, nemeses, datatypes, models");
    list_app_->add_option("what", what_,
                          "what to list; or 'flaws', 'options', 'worlds' (which faults each has)");
    list_app_->add_option("system", of_, "of which system, workload or nemesis");
    node_app_ = app_.add_subcommand("node", "run one node of a reference system (sunder-node)");
    node_app_->prefix_command();
  }

  ExitCode act() {
    if (run_app_->parsed()) return run_command(run_);
    if (sweep_app_->parsed()) return sweep_command(sweep_);
    if (survey_app_->parsed()) return survey_command(survey_);
    if (check_app_->parsed()) return check_command(check_);
    if (report_app_->parsed()) return report_command(path_);
    if (heal_app_->parsed()) return heal_command(store_);
    if (doctor_app_->parsed()) return doctor_command(store_);
    if (list_app_->parsed()) return list_command(what_, of_);
    return node_command(node_app_->remaining());
  }

  CLI::App app_{"Sunder runs clusters, breaks them on purpose and checks what their clients saw."};
  CLI::App* run_app_ = nullptr;
  CLI::App* sweep_app_ = nullptr;
  CLI::App* survey_app_ = nullptr;
  CLI::App* check_app_ = nullptr;
  CLI::App* report_app_ = nullptr;
  CLI::App* heal_app_ = nullptr;
  CLI::App* doctor_app_ = nullptr;
  CLI::App* list_app_ = nullptr;
  CLI::App* node_app_ = nullptr;
  RunRequest run_;
  SweepRequest sweep_;
  SurveyRequest survey_;
  CheckRequest check_;
  std::string path_;
  std::string store_ = "store";
  std::string what_;
  std::string of_;
};

}  // namespace

ExitCode fail_with(const Error& error) {
  log::error(error.context);
  return exit_code_of(error);
}

int command_line(int argc, char** argv) {
  log::configure("sunder", log::Level::info);
  try {
    return CommandLine().execute(std::vector<std::string>(argv, argv + argc));
  } catch (const std::exception& exception) {
    log::error(std::string("a bug of ours: ") + exception.what());
    return exit_bug;
  }
}

}  // namespace sunder
