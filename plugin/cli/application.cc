// cpictl application: what a service asks for, as its declaration says.
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <memory>

#include "cli/commands.h"
#include "cli/config_source.h"
#include "service/application.h"
#include "store/json_text.h"

namespace cpi {
namespace {

struct Options {
  ConfigSource source;
  std::vector<std::string> services;
  std::string language = "zh";
  std::string format = "mail";
  bool check = false;
};

std::string json_list(const std::vector<std::string>& texts) {
  std::vector<std::string> quoted;
  quoted.reserve(texts.size());
  for (const std::string& text : texts) quoted.push_back(json_quote(text));
  return fmt::format("[{}]", fmt::join(quoted, ", "));
}

std::string as_json(const Application& application) {
  std::vector<std::string> rows;
  rows.reserve(application.rows.size());
  for (const FormField& row : application.rows) {
    rows.push_back(
        fmt::format("    {{\"name\": {}, \"label\": {}, \"value\": {}}}",
                    json_quote(row.name), json_quote(row.label),
                    row.value.empty() ? "null" : json_quote(row.value)));
  }
  return fmt::format(
      "{{\n  \"service\": {},\n  \"subject\": {},\n  \"to\": {},\n"
      "  \"cc\": {},\n  \"rows\": [\n{}\n  ],\n  \"arithmetic\": {},\n"
      "  \"warnings\": {},\n  \"missing\": {}\n}}\n",
      json_quote(application.service), json_quote(application.subject),
      json_list(application.to), json_list(application.cc),
      fmt::join(rows, ",\n"), json_list(application.arithmetic),
      json_list(application.warnings), json_list(application.missing));
}

std::string rendered(const Application& application, std::string_view format) {
  if (format == "markdown") return as_markdown(application);
  if (format == "html") return as_html(application);
  if (format == "json") return as_json(application);
  return as_mail(application);
}

// The services named, or every one; nothing where a name is unknown.
std::optional<std::vector<const ServiceConfig*>> chosen(
    const Config& config, const std::vector<std::string>& names) {
  std::vector<const ServiceConfig*> services;
  for (const ServiceConfig& service : config.services) {
    if (names.empty()) services.push_back(&service);
  }
  for (const std::string& name : names) {
    const auto found = std::find_if(
        config.services.begin(), config.services.end(),
        [&name](const auto& service) { return service.name == name; });
    if (found == config.services.end()) {
      fmt::print(stderr, "cpictl: no service is called {}\n", name);
      return std::nullopt;
    }
    services.push_back(&*found);
  }
  return services;
}

// One line per service and finding; false: something has to be mended.
bool check(const ServiceConfig& service) {
  if (!is_declared(service)) {
    fmt::print("{}: declares nothing\n", service.name);
    return true;
  }
  const Application application =
      make_application(service, "", Language::english);
  for (const std::string& field : application.missing) {
    fmt::print("{}: missing: {}\n", service.name, field);
  }
  for (const std::string& warning : application.warnings) {
    fmt::print("{}: warning, more than 20 % off: {}\n", service.name, warning);
  }
  if (application.missing.empty() && application.warnings.empty()) {
    fmt::print("{}: complete\n", service.name);
  }
  return application.missing.empty();
}

int run(const Options& options) {
  if (options.services.empty() && !options.check) {
    fmt::print(stderr, "cpictl: name the service to apply for\n");
    return 2;
  }
  const auto read = read_config(options.source);
  if (!read) return report(read.error());
  for (const std::string& complaint : read->complaints) {
    fmt::print(stderr, "{}\n", complaint);
  }
  const auto services = chosen(read->config, options.services);
  if (!services) return 1;
  bool well = read->complaints.empty();
  for (const ServiceConfig* service : *services) {
    if (options.check) {
      well = check(*service) && well;
      continue;
    }
    const auto language =
        options.language == "en" ? Language::english : Language::chinese;
    fmt::print("{}",
               rendered(make_application(*service, read->config.application_to,
                                         language),
                        options.format));
  }
  return !options.check || well ? 0 : 1;
}

}  // namespace

void add_application(CLI::App& app, int& status) {
  auto options = std::make_shared<Options>();
  auto* command = app.add_subcommand(
      "application",
      "Write the application for the resources that a service declares");
  command->footer(
      "--check takes no service to mean every one, and ends with 1 where a\n"
      "block was skipped or a required field is missing; numbers that do not\n"
      "agree are warnings.");
  command->add_option("SERVICE", options->services, "the services");
  command->add_option("--lang", options->language, "language")
      ->check(CLI::IsMember({"zh", "en"}));
  command->add_option("--format", options->format, "what to write")
      ->check(CLI::IsMember({"mail", "markdown", "html", "json"}));
  command->add_flag("--check", options->check,
                    "say what is missing or does not agree, write nothing");
  add_config_options(*command, options->source);
  command->callback([options, &status] { status = run(*options); });
}

}  // namespace cpi
