// Any bytes as a recording: refused with a place, or played to its end.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <utility>

#include "counters/replay.h"
#include "counters/trace.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  auto trace = cpi::parse_trace(text, "fuzz.csv");
  if (!trace) {
    if (!trace.error().what.starts_with("fuzz.csv:")) std::abort();
    return 0;
  }
  const std::size_t rows = trace->rows.size();
  std::size_t played = 0;
  for (auto& of_id : cpi::rows_by_id(std::move(trace->rows))) {
    cpi::Replay replay(std::move(of_id));
    for (const cpi::Instant now : replay.instants()) {
      if (!replay.collect(now)) std::abort();
      played += replay.played() != nullptr;
    }
  }
  if (played != rows) std::abort();
  return 0;
}
