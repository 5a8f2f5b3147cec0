// cpictl measure: runs a client at full effort against one replica, and says
// what the replica needed.
#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <thread>

#include "cli/commands.h"
#include "cli/config_source.h"
#include "cli/measurement.h"
#include "cli/unix_socket.h"
#include "counters/kernel_collector.h"
#include "counters/resources.h"
#include "sample/sampler.h"

namespace cpi {
namespace {

struct Options {
  ConfigSource source;
  std::string service;
  std::vector<std::string> client;
  double interval = 1;
  std::string expression;
  std::string socket = "/var/run/collectd-unixsock";
  std::string host;
};

// The client, with its output in a file that goes with it. Its environment and
// standard input are ours.
class Client {
 public:
  static Result<Client> start(std::vector<std::string> words) {
    std::string path = std::filesystem::temp_directory_path() / "cpictl-XXXXXX";
    const UniqueFd output(::mkostemp(path.data(), O_CLOEXEC));
    if (!output.valid()) return fail(errno, "make " + path);
    std::vector<char*> arguments;
    for (std::string& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    posix_spawn_file_actions_t files;
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_adddup2(&files, output.get(), STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&files, output.get(), STDERR_FILENO);
    pid_t pid = 0;
    const int error = ::posix_spawnp(&pid, words.front().c_str(), &files,
                                     nullptr, arguments.data(), environ);
    posix_spawn_file_actions_destroy(&files);
    if (error != 0) {
      ::unlink(path.c_str());
      return fail(error, "start " + words.front());
    }
    return Client(pid, std::move(path));
  }
  Client(Client&& other) noexcept
      : pid_(std::exchange(other.pid_, 0)), path_(std::move(other.path_)) {
    other.path_.clear();
  }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;
  Client& operator=(Client&&) = delete;
  ~Client() {
    if (pid_ > 0) {
      ::kill(pid_, SIGTERM);
      ::waitpid(pid_, nullptr, 0);
    }
    if (!path_.empty()) ::unlink(path_.c_str());
  }

  // Its exit status, −1 for a signal, as soon as it has ended.
  std::optional<int> ended() {
    int status = 0;
    if (::waitpid(pid_, &status, WNOHANG) != pid_) return std::nullopt;
    pid_ = 0;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }
  [[nodiscard]] std::string output() const {
    std::ostringstream text;
    text << std::ifstream(path_).rdbuf();
    return text.str();
  }

 private:
  Client(pid_t pid, std::string path) : pid_(pid), path_(std::move(path)) {}

  pid_t pid_;
  std::string path_;
};

// Reads one service, window by window.
class Gauge {
 public:
  static Result<Gauge> create(Config config, const Options& options) {
    const auto log = [](Severity severity, const std::string& text) {
      if (severity != Severity::info) fmt::print(stderr, "{}\n", text);
    };
    auto collector = KernelCollector::create(config, log);
    if (!collector) return fail(collector);
    auto resources = Resources::create({}, log);
    if (!resources) return fail(resources);
    return Gauge(config, options, *std::move(collector), *std::move(resources));
  }

  // Absent in the first window.
  Result<std::optional<EffortPoint>> read() {
    const Instant now = std::chrono::steady_clock::now();
    const auto readings = collector_->collect(now);
    if (!readings) return fail(readings);
    replicas_ = (*readings)->services.size();
    const auto& resources = resources_.read((*readings)->services, now);
    const Samples& samples = sampler_.update(**readings);
    if (samples.services.empty()) return std::optional<EffortPoint>();
    const Sample& sample = samples.services.front();
    EffortPoint point;
    point.cpus = sample.cpus;
    if (sample.counted) point.cpi = sample.counted->cpi();
    point.cpu_wait = sample.cpu_wait;
    if (!resources.replicas.empty() && resources.replicas.front().memory) {
      point.memory = static_cast<double>(*resources.replicas.front().memory);
    }
    ask(point);
    return std::optional(point);
  }

  [[nodiscard]] std::size_t replicas() const { return replicas_; }

 private:
  Gauge(const Config& config, const Options& options,
        std::unique_ptr<KernelCollector> collector, Resources resources)
      : metrics_(config.services.front().declaration.metrics),
        options_(options),
        collector_(std::move(collector)),
        resources_(std::move(resources)),
        sampler_(config.sampler) {}

  void ask(EffortPoint& point) const {
    const auto value = [this](const std::string& metric) {
      return metric.empty() ? std::nullopt
                            : published_value(options_.socket,
                                              options_.host + "/" + metric);
    };
    point.qps = value(metrics_.requests);
    point.gpu_memory = value(metrics_.gpu_memory);
    point.gpu_utilization = value(metrics_.gpu_utilization);
    if (point.gpu_utilization) *point.gpu_utilization /= 100;
  }

  ServiceMetrics metrics_;
  const Options& options_;
  std::unique_ptr<KernelCollector> collector_;
  Resources resources_;
  Sampler sampler_;
  std::size_t replicas_ = 0;
};

Result<Config> only_service(const Options& options) {
  auto read = read_config(options.source);
  if (!read) return fail(read);
  Config& config = read->config;
  std::erase_if(config.services, [&](const ServiceConfig& service) {
    return service.name != options.service;
  });
  if (config.services.empty()) {
    return fail(0, "no service is called " + options.service);
  }
  config.batch.clear();
  return std::move(config);
}

Result<std::vector<EffortPoint>> observe(Gauge& gauge, Client& client,
                                         double interval) {
  std::vector<EffortPoint> points;
  while (true) {
    std::this_thread::sleep_for(from_seconds(interval));
    // The window in which the client ended is not one of full effort.
    if (const auto status = client.ended()) {
      if (*status == 0) return points;
      return fail(0, fmt::format("the client failed ({}):\n{}", *status,
                                 client.output()));
    }
    const auto point = gauge.read();
    if (!point) return fail(point);
    if (*point) points.push_back(**point);
  }
}

Result<> measure(const Options& options) {
  // Before the client runs for an hour.
  if (!options.expression.empty()) {
    if (const auto checked = qps_in("", options.expression); !checked) {
      return fail(checked);
    }
  }
  auto config = only_service(options);
  if (!config) return fail(config);
  auto gauge = Gauge::create(*config, options);
  if (!gauge) return fail(gauge);
  if (const auto first = gauge->read(); !first) return fail(first);
  if (gauge->replicas() == 0) {
    return fail(0, options.service + " does not run on this host");
  }
  if (gauge->replicas() > 1) {
    return fail(0,
                fmt::format("{} has {} replicas on this host", options.service,
                            gauge->replicas()),
                "name one of them in a configuration of your own: --config");
  }
  auto client = Client::start(options.client);
  if (!client) return fail(client);
  const auto points = observe(*gauge, *client, options.interval);
  if (!points) return fail(points);
  if (points->empty()) {
    return fail(0, "the client ended before anything was measured",
                "let it run for longer than some --interval");
  }
  std::optional<double> qps;
  if (!options.expression.empty()) {
    const auto found = qps_in(client->output(), options.expression);
    if (!found) return fail(found);
    qps = *found;
    if (!qps) {
      return fail(
          0, "the client's output has no match of --qps:\n" + client->output());
    }
  }
  fmt::print("{}", block_of(config->services.front(), summarize(*points, qps)));
  return {};
}

std::string this_host() {
  char name[256] = {};
  ::gethostname(name, sizeof name - 1);
  return name;
}

}  // namespace

void add_measure(CLI::App& app, int& status) {
  auto options = std::make_shared<Options>();
  options->host = this_host();
  auto* command = app.add_subcommand(
      "measure",
      "Run a client at full effort against a service's only replica here, and "
      "print what to declare");
  command->footer(
      "cpictl measure web --qps 'Requests/sec: +([0-9.]+)' -- wrk -d30 "
      "http://127.0.0.1/");
  command->add_option("SERVICE", options->service, "the service")->required();
  command->add_option("CLIENT", options->client, "the client, after --")
      ->required();
  command->add_option("--interval", options->interval, "seconds of a window")
      ->check(CLI::Range(0.05, 60.0));
  command->add_option("--qps", options->expression,
                      "expression whose first group is the QPS in the client's "
                      "output; without it RequestsMetric is asked");
  command->add_option("--socket", options->socket,
                      "of collectd's unixsock, for the declared metrics");
  command->add_option("--host", options->host, "this host's name there");
  add_config_options(*command, options->source);
  command->callback([options, &status] {
    const auto done = measure(*options);
    status = done ? 0 : report(done.error());
  });
}

}  // namespace cpi
