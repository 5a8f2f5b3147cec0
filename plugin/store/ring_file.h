// The newest so many records of one size in a file that never grows.
//
//   collectd-cpi ring KIND slot 64 capacity 8640\n     4096 bytes, zeros after
//   sequence | CRC-32 | record                         slot bytes, in place
//   …                                                  sequence % capacity
//
// Every slot lies within one page and proves itself: the CRC covers sequence
// and record, and a sequence is only valid at its own place. So whatever is
// interrupted, by kill −9, a full disk or a power cut, costs the record that
// was being written and no other. The space is reserved when the file is made:
// a disk that fills up later stops nothing.
#ifndef CPI_STORE_RING_FILE_H_
#define CPI_STORE_RING_FILE_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"

namespace cpi {

using Bytes = std::span<const std::byte>;

// What is in a file. Another kind or slot is another version's file.
struct RingShape {
  // A word with its version, "windows/1".
  std::string_view kind;
  // Bytes, a power of two from 16 to 4096: 8 of them the ring's, the rest the
  // record's.
  std::uint32_t slot = 64;
  // Records, at least 1.
  std::uint32_t capacity = 0;

  [[nodiscard]] std::size_t record_size() const { return slot - 8; }
};

// What a file holds, oldest first.
struct RingRecords {
  std::vector<std::byte> bytes;  // record after record
  std::size_t count = 0;
  // Of the newest; 0 where there is none.
  std::uint32_t sequence = 0;
  // Of the file, which may differ from what a writer would like.
  std::uint32_t capacity = 0;
  // Slots that hold something else than a record: torn or overwritten.
  std::size_t damaged = 0;
};

// Fails where the file cannot be read (`code` is the errno; ENOENT: there is
// none), or is no ring of this kind (0). The end of a truncated one is missing,
// no more. Safe on any file, also while it is written.
Result<RingRecords> read_ring(const std::string& path, const RingShape& shape);

// One writer per file. Holds no descriptor between calls. Not thread-safe.
class RingFile {
 public:
  // Nothing is touched before the first append.
  RingFile(std::string path, RingShape shape)
      : path_(std::move(path)), shape_(shape) {}

  // Adds records, each of shape.record_size() bytes, one after the other.
  // The first call takes over what the file holds, or makes it, and its
  // directory; one that is damaged or another version's is set aside first,
  // which take_remark() then tells. After an error the same records may be
  // given again, but some of them may then be there twice.
  Result<> append(Bytes records);

  // Writes the newest record anew; where this object has written none, adds it.
  Result<> replace_newest(Bytes record);

  // What the operator should know, once; empty otherwise.
  std::string take_remark();

 private:
  Result<UniqueFd> open();
  Result<> adopt();
  Result<> create(const RingRecords& records);
  Result<> fill(int fd, const RingRecords& records);

  std::string path_;
  RingShape shape_;
  bool adopted_ = false;
  bool appended_ = false;
  std::uint32_t sequence_ = 0;
  std::string remark_;
};

}  // namespace cpi

#endif  // CPI_STORE_RING_FILE_H_
