// Writes a StateDir as a plugin of many services would have left it after 24 h,
// for reports that a browser opens: make_history DIRECTORY SERVICES. Names hold
// what people and attackers put into names.
#include <fmt/format.h>

#include <chrono>
#include <cmath>
#include <cstdlib>
#include <string>
#include <vector>

#include "base/config.h"
#include "model/learner.h"
#include "store/config_json.h"
#include "store/history_file.h"
#include "store/model_json.h"
#include "support/random.h"

namespace cpi {
namespace {

using Kind = EventRecord::Kind;

constexpr std::int64_t kWindow = 10'000;
constexpr int kWindows = 8640;

std::int64_t now_ms() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

std::string service_name(int i) {
  if (i == 0) return "like-core";
  if (i == 1) return R"(<img src=x onerror="document.title='owned'">'&amp;)";
  return fmt::format("service-{:02}", i);
}

std::string container(int i) {
  switch (i % 3) {
    case 0:
      return fmt::format(
          "/kubepods.slice/kubepods-besteffort.slice/"
          "kubepods-besteffort-pod{:08x}.slice/cri-containerd-{:032x}.scope",
          i, i);
    case 1:
      return "/k/\"><script>document.title='owned'</script>{{{x}}}";
    default:
      return "/k/\xff\xfe-\xe2\x80\xae-turned-" + std::to_string(i);
  }
}

// Quiet, but for an hour in the middle of which a neighbour is turned down.
class Life {
 public:
  Life(int service, std::int64_t begin, HistoryPage& page)
      : service_(static_cast<std::size_t>(service)),
        begin_(begin),
        page_(page),
        random_(static_cast<std::uint64_t>(service) + 1),
        learner_(ModelConfig{}, Signal::cpi) {}

  void live() {
    for (int i = 0; i < kWindows; ++i) window(i);
    incident();
    month();
  }
  [[nodiscard]] LearnerState model() const { return learner_.state(); }

 private:
  static bool harmed(int i) { return i > 4000 && i < 4180; }

  void window(int i) {
    WindowRecord record;
    record.time_ms = begin_ + (i + 1) * kWindow;
    record.length_ms = kWindow;
    record.replicas = 2;
    const double usage =
        0.2 + 0.15 * std::sin(i / 1400.0) + 0.01 * random_.normal();
    const double normal = 1.2 + 1.5 * usage;
    const double value =
        normal * (harmed(i) ? 1.4 : 1) * (1 + 0.03 * random_.normal());
    record.usage = static_cast<float>(usage);
    record.value = static_cast<float>(value);
    record.expected = static_cast<float>(normal);
    record.standard_deviation = static_cast<float>(0.03 * normal);
    record.deviations = 3;
    record.cpu_wait = static_cast<float>(std::abs(0.02 * random_.normal()));
    record.latency = static_cast<float>(5 * value + random_.uniform());
    record.running_ratio = static_cast<float>(random_.uniform(0.8, 1));
    if (record.deviation() > 3) record.flags |= WindowRecord::kAnomaly;
    if (harmed(i)) record.flags |= WindowRecord::kIncident;
    page_.windows.push_back({service_, record});
    const Observation seen{usage,
                           harmed(i) ? normal : value,
                           4.0,
                           Instant(std::chrono::milliseconds(record.time_ms)),
                           std::chrono::milliseconds(kWindow),
                           true};
    learner_.learn(seen, learner_.score(seen), Trust::calm, held_);
  }

  EventRecord event(Kind kind, int window) {
    EventRecord record;
    record.kind = kind;
    record.time_ms = begin_ + window * kWindow;
    record.incident_ms = begin_ + 4000 * kWindow;
    record.deviation = 13;
    record.excess = 1.4F;
    record.incident_class = 2;
    put(record.cgroup, "/web/replica-1");
    put(record.reason, "explains");
    put(record.workload, "training");
    return record;
  }

  void incident() {
    note(event(Kind::opened, 4004));
    for (int i = 0; i < 5; ++i) {
      EventRecord suspect = event(Kind::suspect, 4004);
      put(suspect.cgroup, container(i));
      suspect.correlation = static_cast<float>(0.8 - 0.25 * i);
      suspect.cpus = static_cast<float>(8 - i);
      if (i == 0) suspect.flags = EventRecord::kExplains;
      note(suspect);
    }
    for (int i = 0; i < 6; ++i) {
      const bool lowers = i < 3;
      EventRecord step = event(i == 5   ? Kind::released
                               : lowers ? Kind::lowered
                                        : Kind::raised,
                               4010 + 25 * i);
      put(step.cgroup, container(0));
      step.before = lowers ? 8.0F / static_cast<float>(1 << i) : 1;
      step.after = lowers ? step.before / 2 : static_cast<float>(i - 1);
      note(step);
    }
    note(event(Kind::closed, 4185));
  }

  void month() {
    for (int day = 1; day < 35; ++day) {
      TotalRecord total;
      const std::int64_t time = begin_ - day * 86'400'000LL;
      total.begin_ms = time - time % kQuarterMs;
      total.incidents = static_cast<std::uint16_t>(random_.uniform(0, 3));
      total.lowered = static_cast<std::uint16_t>(random_.uniform(0, 5));
      total.raised = total.lowered;
      total.rescheduled = static_cast<std::uint16_t>(day % 7 == 0);
      total.frozen_s = static_cast<std::uint16_t>(day % 7 == 0 ? 900 : 0);
      page_.totals.push_back({service_, total});
    }
  }

  void note(const EventRecord& event) {
    page_.events.push_back({service_, event});
    page_.totals.push_back({service_, total_of(event)});
  }

  std::size_t service_;
  std::int64_t begin_;
  HistoryPage& page_;
  Random random_;
  Learner learner_;
  Held held_;
};

int make(const std::string& directory, int services) {
  const std::int64_t begin = now_ms() / kWindow * kWindow - kWindows * kWindow;
  for (int i = 0; i < services; ++i) {
    HistoryWriter writer(directory + "/history", {service_name(i)}, {},
                         [](Severity, const std::string& text) {
                           fmt::print(stderr, "{}\n", text);
                         });
    HistoryPage page;
    Life life(0, begin + i, page);
    life.live();
    writer.hand_over(page);
    writer.write();
    ModelFile model;
    model.service = service_name(i);
    model.key.bucket_width = ModelConfig{}.bucket_width;
    model.signals[0] = life.model();
    if (!save_model(directory + "/models", model)) return 1;
  }
  return save_config(directory + "/config.json", Config{}) ? 0 : 1;
}

}  // namespace
}  // namespace cpi

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  return cpi::make(argv[1], std::atoi(argv[2]));
}
