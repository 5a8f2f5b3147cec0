// Every tunable, one struct per stage: default, unit, and what happens when it
// is changed. conf.d/10-cpi.conf shows the same defaults; a test compares them.
#ifndef CPI_BASE_CONFIG_H_
#define CPI_BASE_CONFIG_H_

#include <cstdint>
#include <string>
#include <vector>

#include "base/config/actuate.h"
#include "base/config/declaration.h"
#include "base/config/detector.h"
#include "base/config/model.h"
#include "base/config/policy.h"
#include "base/config/store.h"
#include "base/units.h"

namespace cpi {

// How a block names cgroups.
struct Selector {
  enum class Kind {
    glob,       // "/kubepods.slice/**/*like-core*": * and ? within one
                // component, ** across any number of them, [abc] classes
    regex,      // "/^\/docker\/[0-9a-f]+$/": RE2, searched in the path
    deployment  // "namespace/name": pods found in the kubelet's log folders
  };
  Kind kind = Kind::glob;
  // The glob, the expression without its slashes, or "namespace/name".
  std::string text;

  friend bool operator==(const Selector&, const Selector&) = default;
};

// A protected workload: <Service "NAME">.
struct ServiceConfig {
  std::string name;
  std::vector<Selector> selectors;
  // A model to start from instead of an empty one; it makes the service's
  // model verified. Empty: none.
  std::string seed_model = {};
  // The service's latency as another plugin publishes it, without the host:
  // "curl_json-nginx/gauge-p99". Empty: no latency feedback.
  std::string latency_metric = {};
  // What it was promised, and whom to call.
  Declaration declaration = {};

  friend bool operator==(const ServiceConfig&, const ServiceConfig&) = default;
};

// A workload that may be throttled: <Batch "NAME">.
struct BatchConfig {
  std::string name;
  std::vector<Selector> selectors;
  // Count cycles and instructions too. Batch is ranked by CPU time alone, so
  // this only costs counters; for those who want to see its CPI.
  bool count = false;
  // What each of its containers declares to need at most, CPUs: one that uses
  // more is turned down from here, not from its use. 0: not declared.
  double cpus = 0;

  friend bool operator==(const BatchConfig&, const BatchConfig&) = default;
};

// counters/: what is read from the kernel.
struct CountersConfig {
  // libpfm4 event names. "ref-cycles" makes CPI blind to frequency; raw model
  // events work too. Both must fit one perf group.
  std::string cycles_event = "cycles";
  std::string instructions_event = "instructions";
  // Count only in the first part of every interval, so that other tools and
  // guests get the counters for the rest. 0: count all the time.
  Duration count_time{0};
  // CPUs to count on, as in a cpulist ("0-3,8"). Empty: every online CPU. On
  // hosts with several core types, name the CPUs of one type.
  std::string cpus;
  // The kubelet's pod log folders, for `Deployment` selectors.
  std::string pod_logs = "/var/log/pods";

  friend bool operator==(const CountersConfig&,
                         const CountersConfig&) = default;
};

// sample/: what is trusted.
struct SamplerConfig {
  // CPI is withheld when the counters ran less than this share of the time
  // they were wanted. Lower: more values, each extrapolated from less.
  double min_running_ratio = 0.5;
  // CPI is withheld for windows with fewer instructions.
  std::uint64_t min_instructions = 1'000'000;

  friend bool operator==(const SamplerConfig&, const SamplerConfig&) = default;
};

// collectd/: which values are published.
struct ReportConfig {
  bool cpi = true;                 // gauge-cpi
  bool ns_per_instruction = true;  // gauge-ns_per_instruction
  bool effective_ghz = true;       // gauge-effective_ghz
  bool cpu_usage = true;           // percent-cpu_usage
  bool cpu_wait = true;            // gauge-cpu_wait
  bool throttled = true;           // gauge-throttled
  bool running_ratio = true;       // gauge-running_ratio
  bool counts = true;              // perf-cycles, perf-instructions
  bool batch = true;               // everything under cpi-batch_NAME
  bool host = true;                // everything under cpi-host
  // gauge-cpi_expected, gauge-cpi_deviation, gauge-cpu_wait_deviation,
  // gauge-anomaly, gauge-incident, gauge-model_samples, gauge-model_age
  bool model = true;
  // Besides each service's own series, one set for every one of its cgroups.
  // Costs as many series more as there are replicas.
  bool replicas = false;

  friend bool operator==(const ReportConfig&, const ReportConfig&) = default;
};

struct Config {
  CountersConfig counters;
  SamplerConfig sampler;
  ModelConfig model;
  DetectorConfig detector;
  SuspectsConfig suspects;
  PolicyConfig policy;
  ActuateConfig actuate;
  StoreConfig store;
  ReportConfig report;
  std::vector<ServiceConfig> services;
  std::vector<BatchConfig> batch;
  // Where the plugin keeps what must survive a restart, and its effective
  // configuration for cpictl. Empty: "cpi" in collectd's BaseDir.
  std::string state_dir;
  // Who decides about applications: the To of `cpictl application`'s mail.
  std::string application_to;

  friend bool operator==(const Config&, const Config&) = default;
};

}  // namespace cpi

#endif  // CPI_BASE_CONFIG_H_
