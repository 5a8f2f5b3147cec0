#include "actuator/journal.h"

#include <fcntl.h>

#include <algorithm>
#include <cerrno>
#include <ctime>
#include <type_traits>

#include "actuator/files.h"
#include "actuator/json.h"
#include "actuator/request.h"

namespace cpi::actuator {
namespace {

// Not by assignment: its temporary could cost a small stack 100 KiB.
void clear(Journal* journal) {
  static_assert(std::is_trivial_v<Journal>);
  std::memset(journal, 0, sizeof *journal);
}

constexpr const char* kName = "journal.json";
constexpr Range kAny{INT64_MIN, INT64_MAX};
constexpr Range kTime{0, INT64_MAX / 4};
constexpr Range kLimit{kUnlimited, INT64_MAX};
constexpr Range kQuota{kUnlimited, INT64_MAX / 4096};

bool get(const json_t* object, const char* key, Range range,
         std::int64_t* number) {
  return get_integer(json_object_get(object, key), range, number);
}

bool read_path(const json_t* object, const char* key, Path* path) {
  std::size_t depth = 0;
  std::string_view text = get_text(json_object_get(object, key));
  return parse_components(text, kMaxTargetBytes, &depth) && path->assign(text);
}

// Kernel numbers without a sign are kept in JSON's signed ones, bit by bit.
bool read_identity(const json_t* object, Identity* identity) {
  std::int64_t device = 0;
  std::int64_t inode = 0;
  bool read =
      get(object, "dev", kAny, &device) && get(object, "ino", kAny, &inode);
  *identity = {static_cast<std::uint64_t>(device),
               static_cast<std::uint64_t>(inode)};
  return read;
}

template <std::size_t N>
bool read_times(const json_t* object, const char* key, PerHour<N>* per_hour) {
  return each_item(json_object_get(object, key), [&](const json_t* item) {
    Seconds* time = per_hour->times.push();
    return time != nullptr && get_integer(item, kTime, time);
  });
}

bool read_entry(const json_t* object, Entry* entry) {
  return read_path(object, "path", &entry->path) &&
         read_identity(object, &entry->identity) &&
         get(object, "quota", kQuota, &entry->original.quota_us) &&
         get(object, "period", {1, 1'000'000}, &entry->original.period_us) &&
         get(object, "burst", {0, INT64_MAX}, &entry->original.burst_us) &&
         get(object, "previous", kQuota, &entry->previous_us) &&
         get(object, "next", kQuota, &entry->next_us) &&
         get(object, "since", kTime, &entry->since) &&
         get(object, "deadline", kTime, &entry->deadline) &&
         get_flag_or_false(object, "follower", &entry->follower) &&
         read_times(object, "reapplied", &entry->reapplied);
}

bool read_freeze(const json_t* object, Freeze* freeze) {
  if (object == nullptr) return true;
  freeze->on = true;
  std::string_view reason = get_text(json_object_get(object, "reason"));
  auto read_pod = [&](const json_t* item) {
    PodUid* pod = freeze->pods.push();
    return pod != nullptr &&
           parse_word(get_text(item), sizeof pod->bytes - 1) &&
           pod->assign(get_text(item));
  };
  auto read_held = [&](const json_t* item) {
    Held* held = freeze->held.push();
    return held != nullptr && read_path(item, "path", &held->path) &&
           read_identity(item, &held->identity) &&
           get(item, "original", kLimit, &held->original);
  };
  return get(object, "deadline", kTime, &freeze->deadline) &&
         parse_word(reason, kMaxWordBytes) && freeze->reason.assign(reason) &&
         each_item(json_object_get(object, "pods"), read_pod) &&
         each_item(json_object_get(object, "held"), read_held);
}

bool read_journal(const json_t* root, Journal* journal) {
  auto read_one = [&](const json_t* item) {
    Entry* entry = journal->entries.push();
    return entry != nullptr && read_entry(item, entry);
  };
  return each_item(json_object_get(root, "entries"), read_one) &&
         read_freeze(json_object_get(root, "freeze"), &journal->freeze) &&
         get(root, "freeze_ended", kTime, &journal->freeze_ended) &&
         read_times(root, "spent", &journal->spent);
}

// Parents first. False when two are of one cgroup.
bool sort(List<Entry, kMaxEntries>* entries) {
  std::sort(entries->begin(), entries->end(),
            [](const Entry& a, const Entry& b) {
              return a.path.view() < b.path.view();
            });
  return std::adjacent_find(entries->begin(), entries->end(),
                            [](const Entry& a, const Entry& b) {
                              return a.path.view() == b.path.view();
                            }) == entries->end();
}

// Every value put into a list or object may be null for want of memory; jansson
// then says so, and so does the caller.
bool put(json_t* object, const char* key, json_t* value) {
  return json_object_set_new(object, key, value) == 0;
}

template <class Items, class Make>
json_t* make_array(const Items& items, Make make) {
  json_t* array = json_array();
  for (const auto& item : items) {
    if (json_array_append_new(array, make(item)) == 0) continue;
    json_decref(array);
    return nullptr;
  }
  return array;
}

json_t* make_entry(const Entry& entry) {
  const Quota& original = entry.original;
  return json_pack(
      "{s:s, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:b, s:o}", "path",
      entry.path.bytes, "dev", static_cast<json_int_t>(entry.identity.device),
      "ino", static_cast<json_int_t>(entry.identity.inode), "quota",
      json_int_t{original.quota_us}, "period", json_int_t{original.period_us},
      "burst", json_int_t{original.burst_us}, "previous",
      json_int_t{entry.previous_us}, "next", json_int_t{entry.next_us}, "since",
      json_int_t{entry.since}, "deadline", json_int_t{entry.deadline},
      "follower", static_cast<int>(entry.follower), "reapplied",
      make_array(entry.reapplied.times,
                 [](Seconds t) { return json_integer(t); }));
}

json_t* make_held(const Held& held) {
  return json_pack("{s:s, s:I, s:I, s:I}", "path", held.path.bytes, "dev",
                   static_cast<json_int_t>(held.identity.device), "ino",
                   static_cast<json_int_t>(held.identity.inode), "original",
                   json_int_t{held.original});
}

json_t* make_freeze(const Freeze& freeze) {
  return json_pack(
      "{s:I, s:s, s:o, s:o}", "deadline", json_int_t{freeze.deadline}, "reason",
      freeze.reason.bytes, "pods",
      make_array(freeze.pods,
                 [](const PodUid& pod) { return json_string(pod.bytes); }),
      "held", make_array(freeze.held, make_held));
}

}  // namespace

Seconds boottime() {
  timespec now{};
  ::clock_gettime(CLOCK_BOOTTIME, &now);
  return now.tv_sec;
}

bool read_boot_id(BootId* boot_id) {
  UniqueFd file(::open(kBootIdFile, O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  char bytes[36];
  return file.valid() && ::read(file.get(), bytes, sizeof bytes) == 36 &&
         boot_id->assign({bytes, sizeof bytes});
}

bool parse_journal(std::string_view json, const BootId& boot_id,
                   Journal* journal) {
  clear(journal);
  Document document(json);
  std::int64_t version = 0;
  if (!get(document.root(), "v", {1, 1}, &version)) return false;
  std::string_view boot = get_text(json_object_get(document.root(), "boot_id"));
  if (boot.empty()) return false;
  if (boot != boot_id.view()) return true;
  return read_journal(document.root(), journal) && sort(&journal->entries);
}

std::size_t dump_journal(const Journal& journal, const BootId& boot_id,
                         char* json, std::size_t size) {
  json_t* root =
      json_pack("{s:i, s:s, s:o, s:I, s:o}", "v", 1, "boot_id", boot_id.bytes,
                "entries", make_array(journal.entries, make_entry),
                "freeze_ended", json_int_t{journal.freeze_ended}, "spent",
                make_array(journal.spent.times,
                           [](Seconds time) { return json_integer(time); }));
  bool whole =
      root != nullptr &&
      (!journal.freeze.on || put(root, "freeze", make_freeze(journal.freeze)));
  std::size_t used = whole ? json_dumpb(root, json, size, JSON_COMPACT) : 0;
  json_decref(root);
  return used <= size && !memory_ran_out() ? used : 0;
}

bool load_journal(int state_directory, Journal* journal) {
  static char bytes[kMaxJournalBytes + 1];
  BootId boot_id{};
  if (!read_boot_id(&boot_id)) return false;
  UniqueFd file = open_trusted_file(state_directory, kName);
  if (!file.valid()) {
    clear(journal);
    return errno == ENOENT;
  }
  ssize_t size = read_all(file.get(), bytes, sizeof bytes);
  return size >= 0 && parse_journal({bytes, static_cast<std::size_t>(size)},
                                    boot_id, journal);
}

bool save_journal(int state_directory, const Journal& journal) {
  static char bytes[kMaxJournalBytes];
  BootId boot_id{};
  if (!read_boot_id(&boot_id)) return false;
  std::size_t size = dump_journal(journal, boot_id, bytes, sizeof bytes);
  if (size == 0) {
    errno = ENOMEM;
    return false;
  }
  return replace_file(state_directory, kName, {bytes, size});
}

}  // namespace cpi::actuator
