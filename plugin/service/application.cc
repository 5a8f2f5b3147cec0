#include "service/application.h"

#include <fmt/format.h>

#include <cmath>

#include "service/capacity.h"

namespace cpi {
namespace {

using Kind = CapacityCheck::Kind;

// A computed number, to the nearest whole one where it is large.
std::string rounded(double number) {
  return number >= 10 ? fmt::format("{:.0f}", number)
                      : fmt::format("{:.3g}", number);
}

std::string in_chinese(const CapacityCheck& check) {
  const std::string computed = rounded(check.computed);
  const std::string declared = plain_number(check.declared);
  switch (check.kind) {
    case Kind::peak_from_requests:
      return fmt::format("峰值QPS估算（日请求量 / 86400 × 2）：{}，申报 {}",
                         computed, declared);
    case Kind::average_from_requests:
      return fmt::format("平均QPS（日请求量 / 86400）：{}，申报 {}", computed,
                         declared);
    case Kind::machines_from_peak:
      return fmt::format("所需机器（峰值QPS / 单副本最大QPS）：{}，申报 {}",
                         computed, declared);
    case Kind::peak_over_average:
      break;
  }
  return fmt::format("峰值QPS不应低于平均QPS：{}，申报 {}", computed, declared);
}

std::string in_english(const CapacityCheck& check) {
  const std::string computed = rounded(check.computed);
  const std::string declared = plain_number(check.declared);
  switch (check.kind) {
    case Kind::peak_from_requests:
      return fmt::format(
          "Peak QPS, estimated (requests per day / 86400 × 2): {}, declared {}",
          computed, declared);
    case Kind::average_from_requests:
      return fmt::format(
          "Average QPS (requests per day / 86400): {}, declared {}", computed,
          declared);
    case Kind::machines_from_peak:
      return fmt::format(
          "Machines needed (peak QPS / maximum QPS per replica): {}, "
          "declared {}",
          computed, declared);
    case Kind::peak_over_average:
      break;
  }
  return fmt::format("Peak QPS must not be below the average: {}, declared {}",
                     computed, declared);
}

bool has_address(const std::string& recipient) {
  return recipient.find('@') != std::string::npos;
}

void add_recipients(const Declaration& declared, const std::string& to,
                    Application& application) {
  if (!to.empty()) application.to.push_back(to);
  auto& owners = to.empty() ? application.to : application.cc;
  for (const std::string& owner : declared.owners) {
    if (has_address(owner)) owners.push_back(owner);
  }
  for (const std::string& other : declared.cc) {
    if (has_address(other)) application.cc.push_back(other);
  }
}

void add_arithmetic(const Declaration& declared, Language language,
                    Application& application) {
  for (const CapacityCheck& check : check_capacity(declared)) {
    std::string text =
        language == Language::chinese ? in_chinese(check) : in_english(check);
    if (!check.agrees()) {
      application.warnings.push_back(std::move(text));
    } else if (check.kind != Kind::peak_over_average) {
      application.arithmetic.push_back(std::move(text));
    }
  }
}

}  // namespace

Application make_application(const ServiceConfig& service,
                             const std::string& to, Language language) {
  const Declaration& declared = service.declaration;
  const bool chinese = language == Language::chinese;
  Application application;
  application.service = service.name;
  application.missing = missing_fields(service);
  application.missing_text = chinese ? "（未填写）" : "(missing)";
  application.arithmetic_title = chinese ? "核算" : "Arithmetic";
  application.warnings_title =
      chinese ? "相差超过20%，请核对" : "More than 20 % off, please check";
  const auto or_missing = [&application](const std::string& text) {
    return text.empty() ? application.missing_text : text;
  };
  const std::string machines =
      declared.machines ? fmt::to_string(*declared.machines) : "";
  application.subject = fmt::format(
      "{}{}-{}-{}",
      chinese ? "[集群计算资源申请]" : "[Cluster resource application] ",
      or_missing(declared.business), model_of(service), or_missing(machines));
  application.rows = form_of(service, language);
  add_recipients(declared, to, application);
  add_arithmetic(declared, language, application);
  return application;
}

}  // namespace cpi
