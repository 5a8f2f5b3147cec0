// A journal of any bytes: what is taken for one is written and read again
// without a change.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "actuator/journal.h"
#include "actuator/request.h"

using namespace cpi::actuator;

static void require(bool holds) {
  if (!holds) std::abort();
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  static Journal journal;
  static char first[kMaxJournalBytes];
  static char second[kMaxJournalBytes];
  BootId boot_id{};
  require(boot_id.assign("11111111-2222-3333-4444-555555555555"));
  if (!parse_journal({reinterpret_cast<const char*>(data), size}, boot_id,
                     &journal))
    return 0;
  for (const Entry& entry : journal.entries) {
    std::size_t depth = 0;
    require(parse_components(entry.path.view(), kMaxTargetBytes, &depth));
    require(entry.original.period_us >= 1);
  }
  std::size_t once = dump_journal(journal, boot_id, first, sizeof first);
  require(once != 0);
  require(parse_journal({first, once}, boot_id, &journal));
  std::size_t twice = dump_journal(journal, boot_id, second, sizeof second);
  require(std::string_view(first, once) == std::string_view(second, twice));
  return 0;
}
