#include "manual/page.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <sstream>

namespace cpi {
namespace {

bool is_heading(const std::string& line) {
  return line.starts_with(".Sh ") || line.starts_with(".Ss ");
}

// The first word that is none of the macros which may stand in a heading.
std::string subject_of(const std::string& item) {
  std::istringstream words(item);
  std::string word;
  words >> word;  // .It
  while (words >> word) {
    if (word != "Ic" && word != "Cm" && word != "Li" && word != "Fl") break;
  }
  return word;
}

// As a reader sees it, as far as plain text has escapes.
std::string plain(std::string line) {
  for (const auto& [escape, character] :
       {std::pair("\\e", "\\"), std::pair("\\&", "")}) {
    for (auto at = line.find(escape); at != std::string::npos;
         at = line.find(escape, at + 1)) {
      line.replace(at, 2, character);
    }
  }
  return line;
}

}  // namespace

Page::Page(const std::string& file) {
  std::ifstream stream(std::string(CPI_MANUAL) + "/" + file);
  EXPECT_TRUE(stream) << file;
  text_.assign(std::istreambuf_iterator<char>(stream), {});
  std::istringstream all(text_);
  for (std::string line; std::getline(all, line);) lines_.push_back(line);
}

std::string Page::section(const std::string& heading) const {
  std::string found;
  bool inside = false;
  for (const std::string& line : lines_) {
    if (is_heading(line)) inside = line.substr(4) == heading;
    if (inside) found += line + '\n';
  }
  EXPECT_NE(found, "") << "no heading \"" << heading << '"';
  return found;
}

Page::Items Page::items(const std::string& heading) const {
  Items items;
  std::istringstream lines(section(heading));
  std::string* text = nullptr;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with(".It ")) {
      const auto [item, is_new] = items.emplace(subject_of(line), "");
      EXPECT_TRUE(is_new) << "twice below \"" << heading << "\": " << line;
      text = &item->second;
    } else if (text) {
      if (line.starts_with('.')) line.erase(0, line.find(' ') + 1);
      *text += (text->empty() ? "" : " ") + plain(line);
    }
  }
  return items;
}

std::string Page::display(const std::string& heading) const {
  const std::string all = section(heading);
  const auto begin = all.find('\n', all.find(".Bd "));
  const auto end = all.find("\n.Ed");
  if (begin == std::string::npos || end == std::string::npos) return {};
  return all.substr(begin + 1, end - begin);
}

}  // namespace cpi
