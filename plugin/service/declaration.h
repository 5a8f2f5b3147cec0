// What a declaration says, as an application lists it: every field with its
// label in both languages, its value as text, and whether it may be missing.
// The fields themselves are in base/config/declaration.h.
#ifndef CPI_SERVICE_DECLARATION_H_
#define CPI_SERVICE_DECLARATION_H_

#include <string>
#include <string_view>
#include <vector>

#include "base/config.h"

namespace cpi {

enum class Language { chinese, english };

// One line of the form.
struct FormField {
  std::string name;   // of the option: "MaxQPS"; of an extra field, its own
  std::string label;  // in the language asked for
  std::string value;  // empty: not declared
  bool required = false;
};

// All of it, in the form's order, with extra fields before the remark. What is
// neither declared nor required is left out.
std::vector<FormField> form_of(const ServiceConfig& service, Language language);

// Options that an application needs and this one lacks: "Business".
std::vector<std::string> missing_fields(const ServiceConfig& service);

// Whether anything at all is declared. A service without a declaration is
// protected all the same.
bool is_declared(const ServiceConfig& service);

// The name under which it is deployed: of its first Deployment, else its own.
std::string deployment_of(const ServiceConfig& service);
// The model's name, by default the service's.
std::string model_of(const ServiceConfig& service);

// A number as people write it: 8, 0.5, 15000000.
std::string plain_number(double number);

}  // namespace cpi

#endif  // CPI_SERVICE_DECLARATION_H_
