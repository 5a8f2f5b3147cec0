// Counts over many scenarios, by kind.
#ifndef CPI_TESTS_SIM_FIGURES_H_
#define CPI_TESTS_SIM_FIGURES_H_

#include <array>
#include <string>
#include <vector>

#include "sim/scenario.h"

namespace cpi::sim {

struct Tally {
  int runs = 0;
  int incidents = 0;      // runs with an incident after the onset
  int blamed = 0;         // runs in which somebody was cut
  int first = 0;          // … and the guilty one first
  int found = 0;          // runs in which a guilty one was cut at all
  int caught = 0;         // … and little of its harm was left in the end
  int innocent_runs = 0;  // runs in which an innocent was cut
  int innocents = 0;      // innocents cut
  int bystanders = 0;     // … of so many there were
  int moved = 0;          // innocents asked to move
  int held = 0;           // innocents still throttled at the end
  int moves = 0;
  int freezes = 0;
  int false_cuts = 0;
  int stale_cuts = 0;
  std::vector<int> notifications;
  double anomalous = 0;  // share of windows, sum over runs
  std::vector<int> relief;
  std::vector<int> normal;
  Duration longest_throttled{};
  Violations violations;

  void add(const Result& result);
  void merge(const Tally& other);
};

class Figures {
 public:
  void add(Kind kind, const Result& result) {
    tallies_[static_cast<std::size_t>(kind)].add(result);
  }
  [[nodiscard]] const Tally& of(Kind kind) const {
    return tallies_[static_cast<std::size_t>(kind)];
  }
  [[nodiscard]] std::string table() const;

 private:
  std::array<Tally, kKinds> tallies_;
};

// The value below which this share of them lies; 0 where there are none.
int quantile(std::vector<int> values, double share);

}  // namespace cpi::sim

#endif  // CPI_TESTS_SIM_FIGURES_H_
