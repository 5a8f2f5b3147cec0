#include "support/file_tree.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>

namespace cpi {

namespace fs = std::filesystem;

FileTree::FileTree(std::initializer_list<Entry> entries) {
  std::string name = (fs::temp_directory_path() / "cpi-tree-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("mkdtemp");
  root_ = name;
  for (const auto& [relative, content] : entries) write(relative, content);
}

FileTree::~FileTree() {
  std::error_code ignored;
  fs::remove_all(root_, ignored);
}

void FileTree::write(const std::string& relative, const std::string& content) {
  const fs::path file = path(relative);
  if (relative.ends_with('/')) {
    fs::create_directories(file);
    return;
  }
  fs::create_directories(file.parent_path());
  std::ofstream(file, std::ios::trunc) << content;
}

void FileTree::remove(const std::string& relative) {
  fs::remove_all(path(relative));
}

void FileTree::rename(const std::string& from, const std::string& to) {
  fs::rename(path(from), path(to));
}

}  // namespace cpi
