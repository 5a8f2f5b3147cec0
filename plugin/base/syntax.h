// What a text in the configuration must look like. Each objection_to_… says in
// a few words why a text is not what its name says; "" means that it is.
// Shapes only: whether an event, a path or a cgroup exists is found out later,
// by the stage that meets it. Any bytes are safe to pass.
#ifndef CPI_BASE_SYNTAX_H_
#define CPI_BASE_SYNTAX_H_

#include <string>
#include <string_view>

namespace cpi {

// Without control characters, so that it can stand in a message.
bool is_printable(std::string_view text);

// "/expression/", as opposed to a glob.
bool is_regex(std::string_view text);

// The name of an event for libpfm4.
std::string objection_to_event(const std::string& text);

std::string objection_to_path(const std::string& text);
// The same or nothing.
std::string objection_to_optional_path(const std::string& text);

// "0-3,8", or nothing for every CPU.
std::string objection_to_cpulist(const std::string& text);

// What is scored, and what a usage never seen means; see base/config/model.h.
std::string objection_to_signal(const std::string& text);
std::string objection_to_unseen_usage(const std::string& text);

// What to do when nobody explains an incident; see base/config/policy.h.
std::string objection_to_when_unattributed(const std::string& text);

// A collectd identifier without its host, "PLUGIN-INSTANCE/TYPE-INSTANCE" with
// or without instances, or nothing.
std::string objection_to_metric(const std::string& text);

// One or more e-mail addresses with commas between them, or nothing. Without a
// line break, so that it cannot add a header of its own.
std::string objection_to_recipient(const std::string& text);

// A glob from the root of the hierarchy on, or anything between slashes but a
// path: whether that is an expression, who compiles it will say.
std::string objection_to_cgroup(const std::string& text);

// The name of a block. It becomes part of collectd identifiers and of file
// names: letters, digits, '_', '.' and '-', a letter or digit first, at most
// 200 bytes.
std::string objection_to_name(std::string_view name);

}  // namespace cpi

#endif  // CPI_BASE_SYNTAX_H_
