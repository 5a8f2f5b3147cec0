// What happened, for analysis later: one JSON object per line. README.md here
// lists the members.
#ifndef CPI_STORE_JOURNAL_H_
#define CPI_STORE_JOURNAL_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/unique_fd.h"
#include "incident/incident.h"
#include "model/score.h"

namespace cpi {

struct JournalEntry {
  enum class Event { anomaly, incident, recovery };
  Event event = Event::anomaly;
  double time_s = 0;  // wall clock, seconds since 1970
  std::string service;
  std::string cgroup;
  // The sample, or the last one of the incident.
  Score score;
  // Of incidents and recoveries.
  std::string rule;
  std::string incident_class;
  double deviation = 0;  // mean over the evidence
  double excess = 0;
  double lasted_s = 0;  // since the onset
};

// What is recorded of one window. `incident`: open, or just closed; null where
// there is none.
JournalEntry make_entry(JournalEntry::Event event, double time_s,
                        const Score& score, const Incident* incident);

std::string_view to_string(JournalEntry::Event event);

// One line, its newline included. Empty where memory was short.
std::string to_line(const JournalEntry& entry);

// With or without a newline. Safe on any input; unknown members are ignored.
Result<JournalEntry> parse_line(std::string_view line);

// Appends lines to `path`. Above `limit` bytes the file becomes `path`.1 and a
// new one begins: at most two files of that size. Not thread-safe.
class Journal {
 public:
  Journal(std::string path, std::uint64_t limit)
      : path_(std::move(path)), limit_(limit) {}

  // REQUIRES: `line` ends in a newline. A line is written whole or, where the
  // disk is full, not at all; the next one starts on a line of its own.
  Result<> append(std::string_view line);

 private:
  Result<> open();

  std::string path_;
  std::uint64_t limit_;
  UniqueFd fd_;
  std::uint64_t size_ = 0;
};

}  // namespace cpi

#endif  // CPI_STORE_JOURNAL_H_
