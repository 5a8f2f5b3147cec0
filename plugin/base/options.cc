#include "base/options.h"

#include <fmt/format.h>
#include <strings.h>

#include <cmath>

#include "base/declared.h"
#include "base/option_rows.h"
#include "base/syntax.h"

namespace cpi {
namespace {

// Longer texts name nothing on a Linux host.
constexpr std::size_t kMaxText = 1024;

constexpr Domain kYesOrNo;
constexpr Domain kEvent{.expected = "the name of an event, as libpfm4 knows it",
                        .objection = objection_to_event};
constexpr Domain kPath{.expected = "an absolute path",
                       .objection = objection_to_path};
constexpr Domain kCpuList{.expected = "a list of CPUs such as \"0-3,8\"",
                          .objection = objection_to_cpulist};

constexpr Domain kSignal{
    .expected = "\"cpi\", \"ns_per_instruction\" or \"both\"",
    .objection = objection_to_signal};
constexpr Domain kUnseenUsage{.expected = "\"judge\" or \"anomaly\"",
                              .objection = objection_to_unseen_usage};
constexpr Domain kWhenUnattributed{.expected = "\"probe\", \"all\" or \"none\"",
                                   .objection = objection_to_when_unattributed};

constexpr Domain number(double min, double max, std::string_view unit = {}) {
  return {.min = min, .max = max, .unit = unit};
}

// The member of a member: in<&Config::report, &ReportConfig::cpi>.
template <auto kPart, auto kMember>
Field in(Config& config) {
  return &((config.*kPart).*kMember);
}

// The same within the policy's parts.
template <auto kPart, auto kMember>
Field deep(Config& config) {
  return &((config.policy.*kPart).*kMember);
}

template <auto kMember>
constexpr auto kModel = in<&Config::model, kMember>;
template <auto kMember>
constexpr auto kDetector = in<&Config::detector, kMember>;
template <auto kMember>
constexpr auto kPolicy = in<&Config::policy, kMember>;
template <auto kMember>
constexpr auto kThrottle = deep<&PolicyConfig::throttle, kMember>;
template <auto kMember>
constexpr auto kEffect = deep<&PolicyConfig::effect, kMember>;
template <auto kMember>
constexpr auto kEscalation = deep<&PolicyConfig::escalation, kMember>;
template <auto kMember>
constexpr auto kStore = in<&Config::store, kMember>;

template <auto kMember>
constexpr auto kReport = in<&Config::report, kMember>;

constexpr Option<Config> kGlobalOptions[] = {
    {"CyclesEvent", in<&Config::counters, &CountersConfig::cycles_event>,
     kEvent},
    {"InstructionsEvent",
     in<&Config::counters, &CountersConfig::instructions_event>, kEvent},
    {"CountTime", in<&Config::counters, &CountersConfig::count_time>,
     number(0, 86400, "seconds")},
    {"CPUs", in<&Config::counters, &CountersConfig::cpus>, kCpuList},
    {"PodLogs", in<&Config::counters, &CountersConfig::pod_logs>, kPath},
    {"MinRunningRatio", in<&Config::sampler, &SamplerConfig::min_running_ratio>,
     number(0, 1)},
    {"MinInstructions", in<&Config::sampler, &SamplerConfig::min_instructions>,
     number(0, 1e15, "instructions")},
    {"Signal", kModel<&ModelConfig::signal>, kSignal},
    {"BucketWidth", kModel<&ModelConfig::bucket_width>, number(0.00001, 0.1)},
    {"Deviations", kModel<&ModelConfig::deviations>, number(1, 20)},
    {"MinDeviations", kModel<&ModelConfig::min_deviations>, number(1, 20)},
    {"MaxDeviations", kModel<&ModelConfig::max_deviations>, number(1, 20)},
    {"MaxGap", kModel<&ModelConfig::max_gap>, number(0, 1)},
    {"UnseenUsage", kModel<&ModelConfig::unseen_usage>, kUnseenUsage},
    {"RegressionFloor", kModel<&ModelConfig::regression_floor>, number(0, 2)},
    {"NoiseFloor", kModel<&ModelConfig::noise_floor>, number(0, 10000, "CPUs")},
    {"Memory", kModel<&ModelConfig::memory>, number(10, 1e9, "samples")},
    {"Pooling", kModel<&ModelConfig::pooling>, number(1, 1e6, "samples")},
    {"MinSpread", kModel<&ModelConfig::min_spread>, number(0, 1)},
    {"MinWaitSpread", kModel<&ModelConfig::min_wait_spread>, number(0, 1)},
    {"MinSamples", kModel<&ModelConfig::min_samples>,
     number(0, 1e9, "samples")},
    {"WarmUp", kModel<&ModelConfig::warm_up>, number(0, 1e8, "seconds")},
    {"StartupGrace", kModel<&ModelConfig::startup_grace>,
     number(0, 86400, "seconds")},
    {"BatchIdle", kModel<&ModelConfig::batch_idle>, number(0, 10000, "CPUs")},
    {"Acceptance", kModel<&ModelConfig::acceptance>,
     number(30, 1e9, "samples")},
    {"Consecutive", kDetector<&DetectorConfig::consecutive>,
     number(0, 1000, "anomalies")},
    {"Count", kDetector<&DetectorConfig::count>, number(0, 1000, "anomalies")},
    {"Window", kDetector<&DetectorConfig::window>, number(1, 86400, "seconds")},
    {"Drift", kDetector<&DetectorConfig::drift>, number(0, 10)},
    {"Threshold", kDetector<&DetectorConfig::threshold>, number(0, 1000)},
    {"Clip", kDetector<&DetectorConfig::clip>, number(1, 1000)},
    {"Recovery", kDetector<&DetectorConfig::recovery>,
     number(1, 1000, "windows")},
    {"StrongDeviation", kDetector<&DetectorConfig::strong>, number(0, 1000)},
    {"SevereDeviation", kDetector<&DetectorConfig::severe>, number(0, 1000)},
    {"MinExcess", kDetector<&DetectorConfig::min_excess>, number(1, 1000)},
    {"SettleWindows", kDetector<&DetectorConfig::settle_windows>,
     number(0, 100, "windows")},
    {"MaxMissing", kDetector<&DetectorConfig::max_missing>,
     number(1, 100, "windows")},
    {"SuspectWindows", in<&Config::suspects, &SuspectsConfig::windows>,
     number(10, 360, "windows")},
    {"MinCorrelation", in<&Config::suspects, &SuspectsConfig::min_correlation>,
     number(0.05, 1)},
    {"CorrelationTie", in<&Config::suspects, &SuspectsConfig::tie>,
     number(0, 1)},
    {"MinSuspectCPU", in<&Config::suspects, &SuspectsConfig::min_cpus>,
     number(0, 10000, "CPUs")},
    {"Act", kPolicy<&PolicyConfig::act>, kYesOrNo},
    {"WhenUnattributed", kPolicy<&PolicyConfig::when_unattributed>,
     kWhenUnattributed},
    {"Factor", kThrottle<&ThrottleConfig::factor>, number(0.1, 0.7)},
    {"Step", kThrottle<&ThrottleConfig::step>, number(0.01, 1)},
    {"QuietTime", kThrottle<&ThrottleConfig::quiet_time>,
     number(0, 86400, "seconds")},
    {"MinQuota", kThrottle<&ThrottleConfig::min_quota>,
     number(0.01, 10000, "CPUs")},
    {"HoldTime", kThrottle<&ThrottleConfig::hold_time>,
     number(0, 86400, "seconds")},
    {"MaxHoldTime", kThrottle<&ThrottleConfig::max_hold_time>,
     number(0, 1e6, "seconds")},
    {"SafeShare", kThrottle<&ThrottleConfig::safe_share>, number(0.5, 1)},
    {"MaxThrottledTime", kThrottle<&ThrottleConfig::max_throttled_time>,
     number(0, 86400, "seconds")},
    {"Lease", kThrottle<&ThrottleConfig::lease>, number(1, 86400, "seconds")},
    {"GiveUpAfter", kEffect<&EffectConfig::give_up_after>,
     number(1, 10, "cuts")},
    {"MinImprovement", kEffect<&EffectConfig::min_improvement>,
     number(0.05, 0.9)},
    {"ExoneratedFor", kEffect<&EffectConfig::exonerated_for>,
     number(0, 1e6, "seconds")},
    {"MaxAdjustments", kEscalation<&EscalationConfig::max_adjustments>,
     number(1, 100, "cuts")},
    {"RescheduleBelow", kEscalation<&EscalationConfig::reschedule_below>,
     number(0, 10000, "CPUs")},
    {"MaxReschedules", kEscalation<&EscalationConfig::max_reschedules>,
     number(0, 10, "requests")},
    {"RescheduleLead", kEscalation<&EscalationConfig::reschedule_lead>,
     number(0, 86400, "seconds")},
    {"FreezeTime", kEscalation<&EscalationConfig::freeze_time>,
     number(0, 604800, "seconds")},
    {"FreezeJitter", kEscalation<&EscalationConfig::freeze_jitter>,
     number(0, 0.9)},
    {"Actuator", in<&Config::actuate, &ActuateConfig::helper>, kPath},
    {"ActuatorConfig", in<&Config::actuate, &ActuateConfig::allowlist>, kPath},
    {"SaveInterval", kStore<&StoreConfig::save_interval>,
     number(1, 1e7, "seconds")},
    {"JournalSize", kStore<&StoreConfig::journal_size>,
     number(0, 1e12, "bytes")},
    {"History", kStore<&StoreConfig::history>, number(0, 2678400, "seconds")},
    {"StateDir", own<&Config::state_dir, Config>, kOptionalPath},
    {"ApplicationTo",
     own<&Config::application_to, Config>,
     {.expected = "an e-mail address or \"\"",
      .objection = objection_to_recipient}},
    {"ReportCPI", kReport<&ReportConfig::cpi>, kYesOrNo},
    {"ReportNsPerInstruction", kReport<&ReportConfig::ns_per_instruction>,
     kYesOrNo},
    {"ReportEffectiveGHz", kReport<&ReportConfig::effective_ghz>, kYesOrNo},
    {"ReportCPUUsage", kReport<&ReportConfig::cpu_usage>, kYesOrNo},
    {"ReportCPUWait", kReport<&ReportConfig::cpu_wait>, kYesOrNo},
    {"ReportThrottled", kReport<&ReportConfig::throttled>, kYesOrNo},
    {"ReportRunningRatio", kReport<&ReportConfig::running_ratio>, kYesOrNo},
    {"ReportCounts", kReport<&ReportConfig::counts>, kYesOrNo},
    {"ReportBatch", kReport<&ReportConfig::batch>, kYesOrNo},
    {"ReportHost", kReport<&ReportConfig::host>, kYesOrNo},
    {"ReportModel", kReport<&ReportConfig::model>, kYesOrNo},
    {"ReportReplicas", kReport<&ReportConfig::replicas>, kYesOrNo},
};

constexpr Option<BatchConfig> kBatchOptions[] = {
    {"Cgroup", selectors<BatchConfig, false>, kCgroup},
    {"Deployment", selectors<BatchConfig, true>, kDeployment},
    {"Count", own<&BatchConfig::count, BatchConfig>, kYesOrNo},
    {"CPU", own<&BatchConfig::cpus, BatchConfig>, number(0, 10000, "CPUs")},
};

Selector selector_of(const std::string& text, bool deployment) {
  if (deployment) return {Selector::Kind::deployment, text};
  if (!is_regex(text)) return {Selector::Kind::glob, text};
  return {Selector::Kind::regex, text.substr(1, text.size() - 2)};
}

// Puts a value of the right type into a field; what was expected otherwise.
struct Assignment {
  const Domain& domain;
  const Scalar& value;

  using Expected = std::optional<std::string>;

  Expected operator()(bool* field) const {
    const bool* flag = std::get_if<bool>(&value);
    if (!flag) return "true or false, without quotes";
    *field = *flag;
    return std::nullopt;
  }
  Expected operator()(double* field) const {
    const auto accepted = in_range();
    if (!accepted) return expected_number("a number");
    *field = *accepted;
    return std::nullopt;
  }
  Expected operator()(std::uint64_t* field) const {
    const auto accepted = in_range();
    if (!accepted || std::trunc(*accepted) != *accepted) {
      return expected_number("a whole number");
    }
    *field = static_cast<std::uint64_t>(*accepted);
    return std::nullopt;
  }
  Expected operator()(Duration* field) const {
    const auto accepted = in_range();
    if (!accepted) return expected_number("a number");
    *field = from_seconds(*accepted);
    return std::nullopt;
  }
  Expected operator()(std::string* field) const {
    if (auto expected = expected_text()) return expected;
    *field = std::get<std::string>(value);
    return std::nullopt;
  }
  Expected operator()(const SelectorField& field) const {
    if (auto expected = expected_text()) return expected;
    field.list->push_back(
        selector_of(std::get<std::string>(value), field.deployment));
    return std::nullopt;
  }

  Expected operator()(const DeclaredField& field) const {
    return field.take(field.member, {&value, 1});
  }

  // The number, if it is one and allowed. NaN is in no range.
  [[nodiscard]] std::optional<double> in_range() const {
    const double* given = std::get_if<double>(&value);
    const bool allowed = given && *given >= domain.min && *given <= domain.max;
    return allowed ? std::optional(*given) : std::nullopt;
  }
  [[nodiscard]] std::string expected_number(std::string_view kind) const {
    return fmt::format("{}{}{} from {:.16g} to {:.16g}", kind,
                       domain.unit.empty() ? "" : " of ", domain.unit,
                       domain.min, domain.max);
  }
  [[nodiscard]] std::string objection_to(const std::string& text) const {
    if (text.size() > kMaxText) return "too long";
    if (!is_printable(text)) return "has control characters";
    return domain.objection ? domain.objection(text) : "";
  }
  [[nodiscard]] Expected expected_text() const {
    const auto* text = std::get_if<std::string>(&value);
    if (!text) return fmt::format("{}, in quotes", domain.expected);
    const std::string objection = objection_to(*text);
    if (objection.empty()) return std::nullopt;
    return fmt::format("{} ({})", domain.expected, objection);
  }
};

}  // namespace

template <>
std::span<const Option<Config>> options() {
  return kGlobalOptions;
}

template <>
std::span<const Option<BatchConfig>> options() {
  return kBatchOptions;
}

std::optional<std::string> assign(const Field& field, const Domain& domain,
                                  const Scalar& value) {
  return std::visit(Assignment{domain, value}, field);
}

std::optional<std::string> assign(const Field& field, const Domain& domain,
                                  std::span<const Scalar> values) {
  if (const auto* declared = std::get_if<DeclaredField>(&field)) {
    return declared->take(declared->member, values);
  }
  if (values.size() != 1) return "one value";
  return assign(field, domain, values.front());
}

std::string spelling(const Selector& selector) {
  return selector.kind == Selector::Kind::regex ? "/" + selector.text + "/"
                                                : selector.text;
}

bool same_name(std::string_view a, std::string_view b) {
  return a.size() == b.size() &&
         ::strncasecmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace cpi
