#include "store/ring_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <utility>

#include "store/atomic_file.h"

namespace cpi {
namespace {

static_assert(std::endian::native == std::endian::little,
              "rings are read where they were written");

constexpr std::size_t kHeader = 4096;
constexpr std::size_t kProof = 8;  // sequence and CRC
constexpr std::size_t kMaxSlot = 4096;
constexpr std::uint32_t kMaxCapacity = 1 << 22;
constexpr std::size_t kMaxBytes = std::size_t{256} << 20;
constexpr mode_t kMode = 0644;
constexpr std::string_view kTemporary = ".new";

using Slot = std::array<std::byte, kMaxSlot>;

std::string beginning_of(const RingShape& shape) {
  return fmt::format("collectd-cpi ring {} slot {} capacity ", shape.kind,
                     shape.slot);
}

off_t place_of(const RingShape& shape, std::uint32_t sequence) {
  const std::size_t index = sequence % shape.capacity;
  return static_cast<off_t>(kHeader + index * shape.slot);
}

off_t size_of(const RingShape& shape) {
  return static_cast<off_t>(kHeader + std::size_t{shape.capacity} * shape.slot);
}

std::uint32_t proof_of(std::uint32_t sequence, Bytes record) {
  const auto bytes = [](const void* data) {
    return static_cast<const Bytef*>(data);
  };
  const uLong crc = ::crc32(0, bytes(&sequence), sizeof sequence);
  return static_cast<std::uint32_t>(
      ::crc32(crc, bytes(record.data()), static_cast<uInt>(record.size())));
}

// The sequence of what lies in this slot; 0 where nothing valid does.
std::uint32_t sequence_in(Bytes slot) {
  std::array<std::uint32_t, 2> proof{};
  std::memcpy(proof.data(), slot.data(), sizeof proof);
  const auto& [sequence, crc] = proof;
  if (sequence == 0) return 0;
  return crc == proof_of(sequence, slot.subspan(kProof)) ? sequence : 0;
}

bool is_blank(Bytes slot) {
  return std::all_of(slot.begin(), slot.end(),
                     [](std::byte byte) { return byte == std::byte{0}; });
}

// Of a file of this kind; 0 where it is none.
std::uint32_t capacity_in(std::string_view text, const RingShape& shape) {
  const std::string beginning = beginning_of(shape);
  if (text.size() < kHeader || !text.starts_with(beginning)) return 0;
  text.remove_prefix(beginning.size());
  std::uint32_t capacity = 0;
  for (const char digit : text.substr(0, text.find('\n'))) {
    if (digit < '0' || digit > '9' || capacity > kMaxCapacity / 10) return 0;
    capacity = capacity * 10 + static_cast<std::uint32_t>(digit - '0');
  }
  return capacity;
}

// Of another version's file; of any other, which may be somebody's secret,
// nothing.
std::string first_line(std::string_view text) {
  constexpr std::size_t kLongest = 80;
  if (!text.starts_with("collectd-cpi ring ")) return "something else";
  std::string line(text.substr(0, std::min(text.find('\n'), kLongest)));
  std::replace_if(
      line.begin(), line.end(), [](char c) { return c < ' ' || c > '~'; }, '?');
  return line;
}

UniqueFd open_for_writing(const std::string& path) {
  return UniqueFd(
      ::open(path.c_str(), O_WRONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
}

Result<> write_at(int fd, const void* data, std::size_t size, off_t place) {
  ssize_t written = -1;
  do {
    written = ::pwrite(fd, data, size, place);
  } while (written < 0 && errno == EINTR);
  if (written == static_cast<ssize_t>(size)) return {};
  return fail(written < 0 ? errno : ENOSPC, "write a record");
}

Result<> write_record(int fd, const RingShape& shape, std::uint32_t sequence,
                      Bytes record) {
  Slot slot;
  const std::uint32_t proof = proof_of(sequence, record);
  std::memcpy(slot.data(), &sequence, sizeof sequence);
  std::memcpy(slot.data() + sizeof sequence, &proof, sizeof proof);
  std::memcpy(slot.data() + kProof, record.data(), record.size());
  return write_at(fd, slot.data(), shape.slot, place_of(shape, sequence));
}

}  // namespace

Result<RingRecords> read_ring(const std::string& path, const RingShape& shape) {
  const auto text = read_file(path, kMaxBytes);
  if (!text) return fail(text);
  RingRecords records;
  records.capacity = capacity_in(*text, shape);
  if (records.capacity == 0) {
    return fail(0, fmt::format("{} is no {} of this version: {}", path,
                               shape.kind, first_line(*text)));
  }
  const Bytes all = std::as_bytes(std::span(*text)).subspan(kHeader);
  std::vector<std::pair<std::uint32_t, std::size_t>> found;
  const std::size_t slots =
      std::min<std::size_t>(all.size() / shape.slot, records.capacity);
  for (std::size_t i = 0; i < slots; ++i) {
    const Bytes slot = all.subspan(i * shape.slot, shape.slot);
    const std::uint32_t sequence = sequence_in(slot);
    if (sequence != 0 && sequence % records.capacity == i) {
      found.emplace_back(sequence, i);
    } else {
      records.damaged += !is_blank(slot);
    }
  }
  std::sort(found.begin(), found.end());
  for (const auto& [sequence, i] : found) {
    const Bytes record =
        all.subspan(i * shape.slot + kProof, shape.record_size());
    records.bytes.insert(records.bytes.end(), record.begin(), record.end());
  }
  records.count = found.size();
  if (!found.empty()) records.sequence = found.back().first;
  return records;
}

Result<> RingFile::append(Bytes records) {
  const auto fd = open();
  if (!fd) return fail(fd);
  while (!records.empty()) {
    const Bytes record = records.first(shape_.record_size());
    if (auto done = write_record(fd->get(), shape_, sequence_ + 1, record);
        !done)
      return done;
    ++sequence_;
    appended_ = true;
    records = records.subspan(shape_.record_size());
  }
  return {};
}

Result<> RingFile::replace_newest(Bytes record) {
  if (!appended_) return append(record);
  const auto fd = open();
  if (!fd) return fail(fd);
  return write_record(fd->get(), shape_, sequence_, record);
}

std::string RingFile::take_remark() { return std::exchange(remark_, {}); }

// Somebody may have removed or truncated the file since.
Result<UniqueFd> RingFile::open() {
  if (adopted_) {
    UniqueFd fd = open_for_writing(path_);
    struct stat info {};
    if (fd.valid() && ::fstat(fd.get(), &info) == 0 &&
        info.st_size == size_of(shape_)) {
      return fd;
    }
  }
  if (auto adopted = adopt(); !adopted) return fail(adopted);
  adopted_ = true;
  UniqueFd fd = open_for_writing(path_);
  if (!fd.valid()) return fail(errno, "open " + path_);
  return fd;
}

// Goes on where the file ended. One of another capacity, or truncated, is
// copied.
Result<> RingFile::adopt() {
  auto records = read_ring(path_, shape_);
  if (!records && records.error().code != 0 && records.error().code != ENOENT) {
    return fail(records);
  }
  if (!records) {
    if (records.error().code == 0) {
      remark_ = records.error().message() + "; kept as " + path_ +
                ".damaged, begun anew";
      set_aside(path_);
    }
    records = RingRecords{};
  }
  struct stat info {};
  const bool whole =
      ::stat(path_.c_str(), &info) == 0 && info.st_size == size_of(shape_);
  if (records->damaged > 0) {
    remark_ = fmt::format("{}: {} damaged records are skipped", path_,
                          records->damaged);
  }
  if (whole && records->capacity == shape_.capacity) {
    sequence_ = records->sequence;
    return {};
  }
  return create(*records);
}

// A new file beside it, whole on the disk before it takes the name.
Result<> RingFile::create(const RingRecords& records) {
  std::error_code error;
  std::filesystem::create_directories(
      std::filesystem::path(path_).parent_path(), error);
  const std::string temporary = path_ + std::string(kTemporary);
  ::unlink(temporary.c_str());
  const UniqueFd fd(::open(temporary.c_str(),
                           O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, kMode));
  if (!fd.valid()) return fail(errno, "create " + temporary);
  auto filled = fill(fd.get(), records);
  if (filled && std::rename(temporary.c_str(), path_.c_str()) != 0) {
    filled = fail(errno, "rename " + temporary);
  }
  if (!filled) ::unlink(temporary.c_str());
  return filled;
}

// A smaller ring keeps the newest.
Result<> RingFile::fill(int fd, const RingRecords& records) {
  const off_t size = size_of(shape_);
  if (const int code = ::posix_fallocate(fd, 0, size); code != 0) {
    return fail(code, fmt::format("reserve {} bytes for {}", size, path_));
  }
  const std::string header =
      fmt::format("{}{}\n", beginning_of(shape_), shape_.capacity);
  if (auto done = write_at(fd, header.data(), header.size(), 0); !done) {
    return done;
  }
  const std::size_t length = shape_.record_size();
  const std::size_t kept =
      std::min<std::size_t>(records.count, shape_.capacity);
  Bytes rest = Bytes(records.bytes).last(kept * length);
  sequence_ = 0;
  for (; !rest.empty(); rest = rest.subspan(length)) {
    auto done = write_record(fd, shape_, ++sequence_, rest.first(length));
    if (!done) return done;
  }
  if (::fsync(fd) != 0) return fail(errno, "fsync " + path_);
  return {};
}

}  // namespace cpi
