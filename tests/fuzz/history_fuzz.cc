// Histories are read by cpictl, as root, from a directory of another user's.
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>

#include "report/page.h"
#include "store/history_file.h"

namespace {

using cpi::Bytes;

const std::string& directory() {
  static const std::string path = [] {
    auto pattern = std::filesystem::temp_directory_path() / "cpi-fuzz-XXXXXX";
    std::string name = pattern;
    if (!::mkdtemp(name.data())) std::abort();
    std::atexit([] { std::filesystem::remove_all(directory()); });
    return name;
  }();
  return path;
}

// Whatever was read can be shown.
void show() {
  cpi::Story story;
  story.to_ms = 10'000'000'000'000;
  auto& service = story.services.emplace_back();
  service.history = cpi::read_history(directory(), "web");
  cpi::cut(story);
  static const cpi::Zone zone = *cpi::Zone::named("Europe/London");
  const auto page =
      cpi::page_of(story, {*cpi::words_in("en"), zone}, "nonce", [](double) {});
  if (!page || page->find("</html>") == std::string::npos) std::abort();
}

// The input as records that prove themselves, which no mutation makes.
template <class Record>
void write(const std::string& name, std::string_view kind,
           std::string_view bytes) {
  const std::string path = directory() + "/web." + name;
  std::filesystem::remove(path);
  cpi::RingFile ring(path, {kind, sizeof(Record) + 8, 16});
  Record record;
  std::memcpy(static_cast<void*>(&record), bytes.data(),
              std::min(bytes.size(), sizeof(Record)));
  if (!ring.append(std::as_bytes(std::span(&record, 1)))) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data,
                                      std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  for (const char* name : {"windows", "events", "totals"}) {
    std::ofstream(directory() + "/web." + name, std::ios::binary) << text;
  }
  show();
  write<cpi::WindowRecord>("windows", "windows/1", text);
  write<cpi::EventRecord>("events", "events/1", text);
  write<cpi::TotalRecord>("totals", "totals/1", text);
  show();
  return 0;
}
