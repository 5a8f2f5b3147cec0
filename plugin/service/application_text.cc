#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "base/utf8.h"
#include "service/application.h"

namespace cpi {
namespace {

constexpr std::string_view kBetweenColumns = "  ";

const std::string& value_of(const FormField& row,
                            const Application& application) {
  return row.value.empty() ? application.missing_text : row.value;
}

bool is_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return static_cast<unsigned char>(c) < 0x80;
  });
}

std::string base64(std::string_view bytes) {
  constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::string_view group = bytes.substr(i, 3);
    unsigned bits = 0;
    for (std::size_t j = 0; j < 3; ++j) {
      const bool there = j < group.size();
      bits = bits << 8 | (there ? static_cast<unsigned char>(group[j]) : 0u);
    }
    for (std::size_t j = 0; j < 4; ++j) {
      const unsigned digit = bits >> (18 - 6 * j) & 0x3F;
      text += j <= group.size() ? kDigits[digit] : '=';
    }
  }
  return text;
}

// Replaces each of these characters by what stands for it.
using Escapes = std::initializer_list<std::pair<char, std::string_view>>;

std::string escaped(std::string_view text, Escapes escapes) {
  std::string result;
  for (const char c : text) {
    const auto* found =
        std::find_if(escapes.begin(), escapes.end(),
                     [c](const auto& escape) { return escape.first == c; });
    if (found == escapes.end()) {
      result += c;
    } else {
      result += found->second;
    }
  }
  return result;
}

std::string html(std::string_view text) {
  return escaped(text, {{'&', "&amp;"},
                        {'<', "&lt;"},
                        {'>', "&gt;"},
                        {'"', "&quot;"},
                        {'\'', "&#39;"}});
}

std::string markdown(std::string_view text) {
  return escaped(text, {{'\\', "\\\\"},
                        {'|', "\\|"},
                        {'`', "\\`"},
                        {'*', "\\*"},
                        {'_', "\\_"},
                        {'[', "\\["},
                        {']', "\\]"},
                        {'<', "&lt;"},
                        {'>', "&gt;"},
                        {'&', "&amp;"}});
}

// "Zhang San <z@example.com>", the name encoded where need be.
std::string address(const std::string& text) {
  const auto angle = text.rfind('<');
  if (is_ascii(text) || angle == std::string::npos) return text;
  std::string name = text.substr(0, angle);
  while (name.ends_with(' ')) name.pop_back();
  return encode_header(name) + " " + text.substr(angle);
}

std::string addresses(const std::vector<std::string>& all) {
  std::vector<std::string> encoded;
  encoded.reserve(all.size());
  for (const std::string& one : all) encoded.push_back(address(one));
  return fmt::format("{}", fmt::join(encoded, ",\n "));
}

}  // namespace

std::string encode_header(const std::string& text) {
  if (is_ascii(text)) return text;
  // 75 characters, without "=?UTF-8?B?" and "?=", hold as many bytes.
  constexpr std::size_t kBytes = 45;
  std::string result;
  std::string word;
  const auto finish = [&] {
    result +=
        (result.empty() ? "=?UTF-8?B?" : "\n =?UTF-8?B?") + base64(word) + "?=";
    word.clear();
  };
  for (std::string_view rest = text; !rest.empty();) {
    const std::string_view before = rest;
    if (!take_code_point(rest)) rest.remove_prefix(1);
    const auto size = before.size() - rest.size();
    if (word.size() + size > kBytes) finish();
    word += before.substr(0, size);
  }
  finish();
  return result;
}

std::string as_text(const Application& application) {
  std::size_t width = 0;
  for (const FormField& row : application.rows) {
    width = std::max(width, display_width(row.label));
  }
  std::string text = application.subject + "\n\n";
  for (const FormField& row : application.rows) {
    text += row.label;
    text.append(width - display_width(row.label), ' ');
    text += kBetweenColumns;
    text += value_of(row, application) + "\n";
  }
  const auto list = [&text](const std::string& title,
                            const std::vector<std::string>& lines) {
    if (lines.empty()) return;
    text += "\n" + title + "\n";
    for (const std::string& line : lines) text += "  " + line + "\n";
  };
  list(application.arithmetic_title, application.arithmetic);
  list(application.warnings_title, application.warnings);
  return text;
}

std::string as_mail(const Application& application) {
  std::string mail;
  if (!application.to.empty()) {
    mail += "To: " + addresses(application.to) + "\n";
  }
  if (!application.cc.empty()) {
    mail += "Cc: " + addresses(application.cc) + "\n";
  }
  mail += "Subject: " + encode_header(application.subject) + "\n";
  mail +=
      "MIME-Version: 1.0\n"
      "Content-Type: text/plain; charset=UTF-8\n"
      "Content-Transfer-Encoding: 8bit\n"
      "\n";
  return mail + as_text(application);
}

std::string as_markdown(const Application& application) {
  std::string text =
      "# " + markdown(application.subject) + "\n\n| | |\n|---|---|\n";
  for (const FormField& row : application.rows) {
    text += fmt::format("| {} | {} |\n", markdown(row.label),
                        markdown(value_of(row, application)));
  }
  const auto list = [&text](const std::string& title,
                            const std::vector<std::string>& lines) {
    if (lines.empty()) return;
    text += fmt::format("\n## {}\n\n", title);
    for (const std::string& line : lines) {
      text += fmt::format("- {}\n", markdown(line));
    }
  };
  list(application.arithmetic_title, application.arithmetic);
  list(application.warnings_title, application.warnings);
  return text;
}

std::string as_html(const Application& application) {
  std::string text = fmt::format(
      "<!DOCTYPE html>\n<meta charset=\"utf-8\">\n<title>{0}</title>\n"
      "<h1>{0}</h1>\n<table>\n",
      html(application.subject));
  for (const FormField& row : application.rows) {
    text += fmt::format("<tr><th align=\"left\">{}</th><td>{}</td></tr>\n",
                        html(row.label), html(value_of(row, application)));
  }
  text += "</table>\n";
  const auto list = [&text](const std::string& title,
                            const std::vector<std::string>& lines) {
    if (lines.empty()) return;
    text += fmt::format("<h2>{}</h2>\n<ul>\n", html(title));
    for (const std::string& line : lines) {
      text += fmt::format("<li>{}</li>\n", html(line));
    }
    text += "</ul>\n";
  };
  list(application.arithmetic_title, application.arithmetic);
  list(application.warnings_title, application.warnings);
  return text;
}

}  // namespace cpi
