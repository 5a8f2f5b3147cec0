// A model file is read by the daemon at start, and by cpictl from anywhere.
#include <cstdlib>
#include <string_view>

#include "model/learner.h"
#include "store/model_json.h"

namespace {

// Whatever was accepted can be used, and written and read again.
void use(const cpi::ModelFile& file) {
  cpi::ModelConfig config;
  config.bucket_width = file.key.bucket_width;
  for (int i = 0; i < cpi::kSignals; ++i) {
    if (!file.signals[i]) continue;
    cpi::Learner learner(config, static_cast<cpi::Signal>(i));
    learner.restore(*file.signals[i]);
    const auto score = learner.score({0.2, 1.5, 4.0, {}, {}, false});
    if (!(score.standard_deviation > 0) || score.deviation != score.deviation) {
      std::abort();
    }
  }
  if (!cpi::parse_model(cpi::to_text(file))) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data,
                                      std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto file = cpi::parse_model(text)) use(*file);
  // Past the hash, which no mutation gets right: the body by itself.
  if (const auto file = cpi::parse_model(cpi::with_header(text))) use(*file);
  return 0;
}
