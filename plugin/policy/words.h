// Decisions in words: for the log, for messages, for cpictl.
#ifndef CPI_POLICY_WORDS_H_
#define CPI_POLICY_WORDS_H_

#include <string>
#include <string_view>

#include "policy/action.h"

namespace cpi {

// "lower", "raise", "renew", "release", "freeze", "thaw", "reschedule".
std::string_view name_of(const Verb& verb);

// One line: "would lower /batch/a from 4 to 2 CPUs for web: its CPU use goes
// with the harm (correlation 0.62, cpu_wait +9.1 standard deviations)". The
// exact quotas and times that the helper is asked for, or would be.
std::string describe(const Action& action);

}  // namespace cpi

#endif  // CPI_POLICY_WORDS_H_
