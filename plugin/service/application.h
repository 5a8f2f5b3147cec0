// The application for resources that a declaration stands for: what it says,
// and how it looks.
#ifndef CPI_SERVICE_APPLICATION_H_
#define CPI_SERVICE_APPLICATION_H_

#include <string>
#include <vector>

#include "service/declaration.h"

namespace cpi {

struct Application {
  std::string service;
  // "[集群计算资源申请]业务名-模型名-机器数量"
  std::string subject;
  // Whoever decides; the owners where nobody is configured.
  std::vector<std::string> to;
  // The others who have an address.
  std::vector<std::string> cc;
  // The table. A required field that is missing has no value.
  std::vector<FormField> rows;
  // What its numbers imply, in words, and what does not fit.
  std::vector<std::string> arithmetic;
  std::vector<std::string> warnings;
  std::vector<std::string> missing;  // options, as in missing_fields()
  // What stands in place of a missing value, and above the lists.
  std::string missing_text;
  std::string arithmetic_title;
  std::string warnings_title;
};

// `to`: addresses with commas between them; may be empty.
Application make_application(const ServiceConfig& service,
                             const std::string& to, Language language);

// Two columns, aligned also where characters are wide, below the subject.
std::string as_text(const Application& application);
// A message for sendmail -t: RFC 5322 with MIME (RFC 2045), its header in
// ASCII (RFC 2047), its body as_text() in UTF-8.
std::string as_mail(const Application& application);
// GitHub's tables. Whatever a value holds stays in its cell.
std::string as_markdown(const Application& application);
// A whole document.
std::string as_html(const Application& application);

// A header's value in ASCII: as it is, or as encoded words (RFC 2047) of at
// most 75 characters each, never cutting a character in two.
std::string encode_header(const std::string& text);

}  // namespace cpi

#endif  // CPI_SERVICE_APPLICATION_H_
