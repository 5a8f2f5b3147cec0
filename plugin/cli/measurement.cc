#include "cli/measurement.h"

#include <fmt/format.h>
#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "base/quantity.h"

namespace cpi {
namespace {

using Member = std::optional<double> EffortPoint::*;

std::vector<double> values_of(std::span<const EffortPoint> points,
                              Member member) {
  std::vector<double> values;
  for (const EffortPoint& point : points) {
    if (point.*member) values.push_back(*(point.*member));
  }
  return values;
}

std::optional<double> mean(std::span<const EffortPoint> points, Member member) {
  const auto values = values_of(points, member);
  if (values.empty()) return std::nullopt;
  double sum = 0;
  for (const double value : values) sum += value;
  return sum / static_cast<double>(values.size());
}

std::optional<double> peak(std::span<const EffortPoint> points, Member member) {
  const auto values = values_of(points, member);
  if (values.empty()) return std::nullopt;
  return *std::max_element(values.begin(), values.end());
}

// Up to one of 1, 2, 5 … steps would hide much; up to 1/20 is enough for
// people.
double rounded_up(double value) {
  if (!(value > 0)) return 0.1;
  const double step = std::pow(10, std::floor(std::log10(value)) - 1) * 5;
  return std::ceil(value / step - 1e-9) * step;
}

// "# declared 32: 20 % too much"
std::string against(std::optional<double> declared, double measured,
                    const std::string& written) {
  if (!declared) return "# not declared yet";
  const double off = (*declared / measured - 1) * 100;
  if (std::abs(off) < 1) return fmt::format("# declared {}: right", written);
  return fmt::format("# declared {}: {:.0f} % too {}", written, std::abs(off),
                     off > 0 ? "much" : "little");
}

std::string bytes_line(const char* name, double measured,
                       const std::optional<std::uint64_t>& declared) {
  constexpr double kStep = 10'000'000;
  const auto up = static_cast<std::uint64_t>(
      std::max(std::ceil(measured / kStep), 1.0) * kStep);
  std::optional<double> number;
  std::string written;
  if (declared) {
    number.emplace(static_cast<double>(*declared));
    written = format_bytes(*declared);
  }
  return fmt::format("{} \"{}\"  {}\n", name, format_bytes(up),
                     against(number, measured, written));
}

std::string number_line(const char* name, double value, double measured,
                        const std::optional<double>& declared) {
  return fmt::format("{} {:.6g}  {}\n", name, value,
                     against(declared, measured,
                             declared ? fmt::format("{:g}", *declared) : ""));
}

}  // namespace

std::size_t warm_up(std::span<const double> values) {
  std::size_t best = 0;
  double least = HUGE_VAL;
  for (std::size_t drop = 0; drop <= values.size() / 2; ++drop) {
    const auto rest = values.subspan(drop);
    const auto count = static_cast<double>(rest.size());
    double sum = 0;
    for (const double value : rest) sum += value;
    double squares = 0;
    for (const double value : rest) {
      squares += (value - sum / count) * (value - sum / count);
    }
    // Of equal ones the shortest: nothing is dropped for a rounding error.
    if (squares / (count * count) < least * (1 - 1e-9)) {
      least = squares / (count * count);
      best = drop;
    }
  }
  return best;
}

Effort summarize(std::span<const EffortPoint> points,
                 std::optional<double> client_qps) {
  Effort effort;
  const auto cpus = values_of(points, &EffortPoint::cpus);
  const bool complete = cpus.size() == points.size();
  effort.dropped = complete && !points.empty() ? warm_up(cpus) : 0;
  const auto steady = points.subspan(effort.dropped);
  effort.windows = steady.size();
  effort.cpus_mean = mean(steady, &EffortPoint::cpus);
  effort.cpus_peak = peak(steady, &EffortPoint::cpus);
  effort.memory_peak = peak(points, &EffortPoint::memory);
  effort.cpi = mean(steady, &EffortPoint::cpi);
  effort.cpu_wait = mean(steady, &EffortPoint::cpu_wait);
  effort.qps = client_qps ? client_qps : mean(steady, &EffortPoint::qps);
  effort.gpu_memory_peak = peak(points, &EffortPoint::gpu_memory);
  effort.gpu_utilization = mean(steady, &EffortPoint::gpu_utilization);
  return effort;
}

Result<std::optional<double>> qps_in(const std::string& output,
                                     const std::string& expression) {
  const RE2 regex(expression, RE2::Quiet);
  if (!regex.ok()) {
    return fail(0, fmt::format("{}: {}", expression, regex.error()),
                "write an expression of RE2, without look-ahead and "
                "back-references");
  }
  if (regex.NumberOfCapturingGroups() == 0) {
    return fail(0, expression + " has no group",
                "put the number in (…): \"Requests/sec: +([0-9.]+)\"");
  }
  std::optional<double> last;
  std::array<re2::StringPiece, 2> match;
  std::size_t begin = 0;
  while (begin <= output.size() &&
         regex.Match(output, begin, output.size(), RE2::UNANCHORED,
                     match.data(), match.size())) {
    const auto end = static_cast<std::size_t>(match[0].end() - output.data());
    begin = match[0].empty() ? end + 1 : end;
    std::string number(match[1]);
    std::erase(number, ',');
    char* rest = nullptr;
    const double value = std::strtod(number.c_str(), &rest);
    if (rest != number.c_str() && std::isfinite(value)) last = value;
  }
  return last;
}

std::string block_of(const ServiceConfig& service, const Effort& effort) {
  const Declaration& declared = service.declaration;
  std::string text = fmt::format(
      "# <Service \"{}\">, measured over {} windows; {} of warming up "
      "dropped\n",
      service.name, effort.windows, effort.dropped);
  if (effort.cpus_peak) {
    text += number_line("CPU", rounded_up(*effort.cpus_peak), *effort.cpus_peak,
                        declared.cpu);
    text += fmt::format("# CPU threads: {:.3g} on average, {:.3g} at most\n",
                        *effort.cpus_mean, *effort.cpus_peak);
  }
  if (effort.memory_peak) {
    text += bytes_line("Memory", *effort.memory_peak, declared.memory);
  }
  if (effort.qps) {
    text += number_line("MaxQPS", *effort.qps, *effort.qps, declared.max_qps);
  }
  if (effort.gpu_memory_peak) {
    text +=
        bytes_line("GPUMemory", *effort.gpu_memory_peak, declared.gpu_memory);
  }
  if (effort.gpu_utilization) {
    const double share = std::round(*effort.gpu_utilization * 100) / 100;
    text += fmt::format(
        "GPUUtilization \"{}\"  {}\n", format_percent(share),
        against(declared.gpu_utilization, *effort.gpu_utilization,
                format_percent(declared.gpu_utilization.value_or(0))));
  }
  if (effort.cpi) text += fmt::format("# CPI {:.3g}\n", *effort.cpi);
  if (effort.cpu_wait) {
    text += fmt::format("# waited for a CPU {:.1f} % of the time\n",
                        *effort.cpu_wait * 100);
  }
  return text;
}

}  // namespace cpi
