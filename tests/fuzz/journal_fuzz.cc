// Journals are read by people's tools, and by ours.
#include <cstdlib>
#include <string_view>

#include "store/journal.h"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data,
                                      std::size_t size) {
  const std::string_view line(reinterpret_cast<const char*>(data), size);
  const auto entry = cpi::parse_line(line);
  if (!entry) return 0;
  // What was accepted is written and read again, on one line.
  const std::string again = cpi::to_line(*entry);
  if (again.find('\n') != again.size() - 1) std::abort();
  const auto reread = cpi::parse_line(again);
  if (!reread || cpi::to_line(*reread) != again) std::abort();
  return 0;
}
