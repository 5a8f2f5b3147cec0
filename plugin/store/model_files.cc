// The files of model_json.h; what is in them is model_json.cc's.
#include <fmt/format.h>

#include <cctype>
#include <cerrno>
#include <utility>

#include "store/atomic_file.h"
#include "store/json.h"
#include "store/model_json.h"

namespace cpi {
namespace {

constexpr std::size_t kMaxBytes = 64 << 20;

// A file that cannot be used. Foreign ones are whole, but of another key.
Result<ModelFile> usable(const std::string& path, const ModelKey& here) {
  auto file = read_model(path);
  if (!file) return file;
  const std::string foreign = difference(file->key, here);
  if (!foreign.empty()) return fail(0, path + ": learned under " + foreign);
  return file;
}

// Whether the text was read and is no model of ours; anything else (EMFILE,
// EIO, …) says nothing about the file and may be over in a minute.
bool is_unfit(const Error& error) {
  return error.code == 0 || error.code == EFBIG;
}

Result<std::string> checked_text(const std::string& path,
                                 const ModelFile& file) {
  const JsonMemory memory;
  std::string text = to_text(file);
  if (memory.ran_out()) return fail(ENOMEM, "write " + path);
  return text;
}

}  // namespace

std::string model_path(const std::string& directory,
                       const std::string& service) {
  std::string name;
  for (const char letter : service) {
    const auto byte = static_cast<unsigned char>(letter);
    const bool plain = std::isalnum(byte) || letter == '-' || letter == '_' ||
                       (letter == '.' && !name.empty());
    name += plain ? std::string(1, letter) : fmt::format("%{:02X}", byte);
  }
  return directory + "/" + name + ".model";
}

Result<> write_model(const std::string& path, const ModelFile& file) {
  const auto text = checked_text(path, file);
  return text ? write_atomically(path, *text) : Result<>(fail(text));
}

Result<> save_model(const std::string& directory, const ModelFile& file) {
  const std::string path = model_path(directory, file.service);
  const auto text = checked_text(path, file);
  return text ? write_keeping_previous(path, *text) : Result<>(fail(text));
}

Result<ModelFile> read_model(const std::string& path) {
  const auto text = read_file(path, kMaxBytes);
  if (!text) return fail(text);
  auto file = parse_model(*text);
  if (!file) {
    return fail(file.error().code, path + ": " + file.error().what);
  }
  return file;
}

LoadedModel load_model(const std::string& directory, const std::string& service,
                       const ModelKey& here) {
  LoadedModel loaded;
  const std::string newest = model_path(directory, service);
  for (const std::string& path : {newest, newest + ".1"}) {
    auto file = usable(path, here);
    if (file) {
      if (path != newest) loaded.remarks.push_back("using " + path);
      loaded.file = *std::move(file);
      return loaded;
    }
    if (file.error().code == ENOENT) continue;
    if (!is_unfit(file.error())) {
      loaded.unread = file.error();
      return loaded;
    }
    loaded.remarks.push_back(file.error().message() + "; set aside");
    set_aside(path);
  }
  return loaded;
}

}  // namespace cpi
