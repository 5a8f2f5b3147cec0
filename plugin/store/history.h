// What is remembered of a service so that people can look at it later: the
// value header of the history. Times are milliseconds since 1970, UTC; days are
// cut by whoever reads. Layout and sizes are the file format's: every record is
// copied to and from a ring as it is.
#ifndef CPI_STORE_HISTORY_H_
#define CPI_STORE_HISTORY_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace cpi {

// What was not measured; never 0.
inline constexpr float kNotMeasured = std::numeric_limits<float>::quiet_NaN();

// One window of a service: of its replica that deviates most.
struct WindowRecord {
  enum Flag : std::uint16_t {
    kAnomaly = 1,
    kIncident = 2,  // open at the end of the window, of any signal
    kWaitAnomaly = 4,
    kAbnormalDistribution = 8,
    kNoise = 16,
    kNsPerInstruction = 32,  // the scored value is not CPI
    kWarmUp = 64,
    kOnLine = 128  // expected by the validated line
  };
  std::int64_t time_ms = 0;  // end of the window
  std::uint32_t length_ms = 0;
  float usage = kNotMeasured;  // share of the host's CPUs, 0…1
  // The scored signal, what is normal at this usage, and the N of the verdict.
  float value = kNotMeasured;
  float expected = kNotMeasured;
  float standard_deviation = kNotMeasured;
  float deviations = kNotMeasured;
  float cpu_wait = kNotMeasured;        // share of the window
  float wait_deviation = kNotMeasured;  // in standard deviations
  float latency = kNotMeasured;         // the metric's own unit, mean
  float running_ratio = kNotMeasured;   // 0…1
  float throttled = kNotMeasured;       // by its own quota, share
  std::uint16_t flags = 0;
  std::uint16_t replicas = 0;

  [[nodiscard]] bool has(Flag flag) const { return (flags & flag) != 0; }
  [[nodiscard]] float deviation() const {
    return (value - expected) / standard_deviation;
  }
};

// Something that happened for a service's sake.
struct EventRecord {
  enum class Kind : std::uint16_t {
    opened = 1,   // an incident; deviation and excess are its own
    closed,       // an incident
    suspect,      // one ranked suspect of the incident
    lowered,      // before → after, CPUs
    raised,       // before → after, CPUs
    released,     // before → the original
    rescheduled,  // asked to move
    frozen,       // after: for so many seconds
    thawed,
    refuted  // by latency: the incident was a false alarm
  };
  enum Flag : std::uint32_t {
    kDryRun = 1,    // what would have been done
    kExplains = 2,  // of a suspect: enough to act upon
    kStandsOut = 4  // of a suspect: nobody else does as well
  };
  std::int64_t time_ms = 0;
  std::int64_t incident_ms = 0;  // onset of the incident it belongs to, or 0
  Kind kind = Kind::opened;
  std::uint8_t signal = 0;          // Signal
  std::uint8_t incident_class = 0;  // IncidentClass
  float deviation = 0;
  float excess = 1;
  float correlation = 0;
  float cpus = 0;
  float before = kNotMeasured;
  float after = kNotMeasured;
  std::uint32_t flags = 0;
  std::array<char, 48> reason{};
  std::array<char, 56> workload{};  // the batch block
  // Path of the victim, or of the batch container.
  std::array<char, 352> cgroup{};

  [[nodiscard]] bool has(Flag flag) const { return (flags & flag) != 0; }
};

// What happened in one quarter of an hour, the finest that any time zone's days
// are cut at.
struct TotalRecord {
  std::int64_t begin_ms = 0;  // a multiple of a quarter of an hour
  std::uint16_t incidents = 0;
  std::uint16_t refuted = 0;  // false alarms, by latency
  std::uint16_t lowered = 0;
  std::uint16_t raised = 0;  // releases included
  std::uint16_t rescheduled = 0;
  std::uint16_t frozen_s = 0;
  std::uint32_t unused = 0;

  [[nodiscard]] bool empty() const {
    return incidents + refuted + lowered + raised + rescheduled + frozen_s == 0;
  }
  TotalRecord& operator+=(const TotalRecord& other);
};

inline constexpr std::int64_t kQuarterMs = 15 * 60 * 1000;

// What an event adds to the totals; nothing where it only would have been.
TotalRecord total_of(const EventRecord& event);
// Of a host frozen for the service's sake since the window before.
TotalRecord frozen_total(std::int64_t time_ms, double seconds);

static_assert(sizeof(WindowRecord) == 56 && sizeof(EventRecord) == 504 &&
              sizeof(TotalRecord) == 24);
static_assert(std::is_trivially_copyable_v<WindowRecord> &&
              std::is_trivially_copyable_v<EventRecord> &&
              std::is_trivially_copyable_v<TotalRecord>);

// What is to be remembered, of services by their position in some list.
struct HistoryPage {
  template <class Record>
  struct Of {
    std::size_t service;
    Record record;
  };
  std::vector<Of<WindowRecord>> windows;
  std::vector<Of<EventRecord>> events;
  std::vector<Of<TotalRecord>> totals;
  std::size_t lost = 0;  // records that should be here

  [[nodiscard]] std::size_t size() const {
    return windows.size() + events.size() + totals.size();
  }
  // Appends what is there, which is then empty. Both keep their memory.
  void take(HistoryPage& other);
  void clear();
};

// Copies a text; of one too long the end, which tells containers apart.
template <std::size_t N>
void put(std::array<char, N>& field, std::string_view text) {
  if (text.size() > N) text.remove_prefix(text.size() - N);
  field.fill('\0');
  text.copy(field.data(), text.size());
}

template <std::size_t N>
std::string text_of(const std::array<char, N>& field) {
  std::string text(field.data(), N);
  text.resize(text.find('\0') == std::string::npos ? N : text.find('\0'));
  return text;
}

// Everything that is remembered of one service, oldest first.
struct ServiceHistory {
  std::string service;
  std::vector<WindowRecord> windows;
  std::vector<EventRecord> events;
  std::vector<TotalRecord> totals;  // the same quarter may occur twice
  // What the reader should know: damaged records, other versions' files.
  std::vector<std::string> remarks;
};

}  // namespace cpi

#endif  // CPI_STORE_HISTORY_H_
