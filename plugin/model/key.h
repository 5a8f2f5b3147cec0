// What a model is valid for. CPI learned under another key means nothing.
#ifndef CPI_MODEL_KEY_H_
#define CPI_MODEL_KEY_H_

#include <string>

#include "base/units.h"

namespace cpi {

// A field that is empty or 0 is not known, and then compared with nothing: a
// model trained on a recording knows no CPU. A host's own key knows them all.
struct ModelKey {
  std::string cpu_model;  // "Intel(R) Xeon(R) Gold 6148 CPU @ 2.40GHz"
  int online_cpus = 0;
  std::string smt;     // "on" or "off"
  std::string events;  // "cycles,instructions"
  Duration window{};
  double bucket_width = 0;
  std::string wait_source;  // to_string(WaitSource)

  friend bool operator==(const ModelKey&, const ModelKey&) = default;
};

// Why a model of one key cannot serve under the other, for people: "CPU model:
// A, here B". Empty where it can. Windows may differ by a tenth: daemons are
// not punctual.
std::string difference(const ModelKey& model, const ModelKey& here);

}  // namespace cpi

#endif  // CPI_MODEL_KEY_H_
