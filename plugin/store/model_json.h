// Models as files, one per service: two lines of JSON and a table.
//
//   {"format":"collectd-cpi model","version":1,"length":L,"fnv1a":"H"}
//   {"service":"web","key":{…},"signals":{"cpi":{…,"buckets":170},…}}
//   120 5 1.5012 0.0023 4 1.498 0.0031
//   …
//
// L and H are length and FNV-1a hash of all that follows the first line: a bit
// flipped in a number is still a number, the hash finds it. The table has a
// row per bucket, signal by signal: index, then weight, mean and m2 of each
// half. It is no JSON because a service starts with its model in under a
// millisecond this way. README.md here lists every member.
#ifndef CPI_STORE_MODEL_JSON_H_
#define CPI_STORE_MODEL_JSON_H_

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/key.h"
#include "model/state.h"

namespace cpi {

// All that is saved of one service.
struct ModelFile {
  std::string service;
  ModelKey key;
  ServiceState signals;
  // The programs that the models are about, the latest last.
  std::vector<std::string> executables = {};
};

// The whole file. Not to be believed where jansson ran out of memory meanwhile:
// write_model() sees to that.
std::string to_text(const ModelFile& file);

// All but the first line; and the first line put before that.
std::string body_text(const ModelFile& file);
std::string with_header(std::string_view body);

// Accepts what to_text makes and nothing that a model could not be: every
// number is checked. Safe on any input.
Result<ModelFile> parse_model(std::string_view text);

// The file of a service in `directory`. Letters, digits, '-', '_' and '.' are
// kept, others are written as %XX, so that names never collide or escape.
std::string model_path(const std::string& directory,
                       const std::string& service);

// Replaces `path` atomically, and nothing at all where memory was short.
Result<> write_model(const std::string& path, const ModelFile& file);

// The same at the service's model_path, keeping the previous generation.
Result<> save_model(const std::string& directory, const ModelFile& file);

struct LoadedModel {
  std::optional<ModelFile> file;
  // What the operator should know: damaged or foreign files that were set
  // aside, the previous generation that was used instead.
  std::vector<std::string> remarks;
  // Why a file that exists could not be read. It stays where it is, `file` is
  // empty, and nothing may be saved over it before a later load has read it.
  std::optional<Error> unread;
};

// The newest generation that is whole and was made under a key that fits.
// Those that were read and are not are set aside under another name. Nothing
// found: the service is new, or has to be learned anew.
LoadedModel load_model(const std::string& directory, const std::string& service,
                       const ModelKey& here);

// One model file by name, as for SeedModel and cpictl; nothing is set aside.
Result<ModelFile> read_model(const std::string& path);

}  // namespace cpi

#endif  // CPI_STORE_MODEL_JSON_H_
