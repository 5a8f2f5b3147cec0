// A manual page, read as far as tests ask for it: mdoc(7) is lines of macros
// and text.
#ifndef CPI_TESTS_MANUAL_PAGE_H_
#define CPI_TESTS_MANUAL_PAGE_H_

#include <map>
#include <string>
#include <vector>

namespace cpi {

class Page {
 public:
  // A file of packaging/man, such as "cpictl.1".
  explicit Page(const std::string& file);

  // What an item of a list is about, and its text with single blanks.
  using Items = std::map<std::string, std::string>;

  // The list items below a heading (Sh or Ss), by the first word of each that
  // is not a macro's name: "CountTime" of ".It Ic CountTime Ar seconds".
  [[nodiscard]] Items items(const std::string& heading) const;

  // The lines below a heading, up to the next one.
  [[nodiscard]] std::string section(const std::string& heading) const;

  // The text of the first display (Bd … Ed) below a heading.
  [[nodiscard]] std::string display(const std::string& heading) const;

  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  std::string text_;
  std::vector<std::string> lines_;
};

}  // namespace cpi

#endif  // CPI_TESTS_MANUAL_PAGE_H_
