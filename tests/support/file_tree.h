// A directory tree written as a literal in the test: a fake cgroupfs, proc or
// sysfs.
#ifndef CPI_TESTS_SUPPORT_FILE_TREE_H_
#define CPI_TESTS_SUPPORT_FILE_TREE_H_

#include <initializer_list>
#include <string>
#include <utility>

namespace cpi {

// Lives in a temporary directory of its own, which goes with it.
class FileTree {
 public:
  using Entry = std::pair<std::string, std::string>;

  // FileTree tree({{"web/cpu.stat", "usage_usec 5\n"}, {"empty/", ""}});
  // A path that ends in a slash is a directory; parents are made.
  FileTree(std::initializer_list<Entry> entries = {});
  ~FileTree();
  FileTree(const FileTree&) = delete;
  FileTree& operator=(const FileTree&) = delete;

  [[nodiscard]] const std::string& root() const { return root_; }
  [[nodiscard]] std::string path(const std::string& relative) const {
    return root_ + "/" + relative;
  }

  // Writes one entry, replacing what the file held; its inode stays.
  void write(const std::string& relative, const std::string& content);
  void remove(const std::string& relative);
  void rename(const std::string& from, const std::string& to);

 private:
  std::string root_;
};

}  // namespace cpi

#endif  // CPI_TESTS_SUPPORT_FILE_TREE_H_
