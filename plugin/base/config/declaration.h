// What a service was promised, and whom to call: the declaration inside a
// <Service> block. One block is the application form, the limits and the
// alarms at once. Everything is optional here: what is not declared is neither
// checked nor published, and protection never depends on paperwork. What an
// application needs, service/declaration.h says.
#ifndef CPI_BASE_CONFIG_DECLARATION_H_
#define CPI_BASE_CONFIG_DECLARATION_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/units.h"

namespace cpi {

// So many restarts within so long are too many. Within every stretch of that
// length, not per calendar unit.
struct RestartThreshold {
  std::uint64_t count = 0;
  Duration within{};

  friend bool operator==(const RestartThreshold&,
                         const RestartThreshold&) = default;
};

// A region and its part of the machines, in proportion to the other regions'.
struct Region {
  std::string name;
  double share = 0;

  friend bool operator==(const Region&, const Region&) = default;
};

// A field this version does not know, carried along.
struct ExtraField {
  std::string name;
  std::string value;

  friend bool operator==(const ExtraField&, const ExtraField&) = default;
};

// Names of series as other plugins of this host publish them, without the
// host: "curl_json-web/derive-requests". Empty: nobody measures it.
//
// Running totals (DERIVE, COUNTER) are told from rates (GAUGE, per second) and
// from counts since the last value (ABSOLUTE) by their type.
struct ServiceMetrics {
  std::string requests;
  std::string failures;         // of these requests
  std::string gpu_memory;       // bytes, GAUGE
  std::string gpu_utilization;  // percent, GAUGE

  friend bool operator==(const ServiceMetrics&,
                         const ServiceMetrics&) = default;
};

inline constexpr double kMemoryWarning = 0.9;

struct Declaration {
  std::string model;  // of the application; empty: the service's name
  std::string business;
  std::string pool;  // isolates a team and accounts for its cost
  std::vector<std::string> owners;
  std::vector<std::string> cc;  // further recipients of the application

  // Of one replica, at most. CPU in threads.
  std::optional<double> cpu;
  std::optional<std::uint64_t> memory;  // bytes; beyond: killed, and restarted
  std::optional<double> max_qps;
  std::optional<std::uint64_t> gpu_memory;  // bytes
  std::optional<double> gpu_utilization;    // on average, 0…1

  // Of the whole service.
  std::optional<std::uint64_t> machines;
  std::optional<double> average_qps;
  std::optional<double> peak_qps;
  std::optional<double> requests_per_day;
  std::vector<Region> regions;

  std::string git_url;
  std::string traffic_source;
  std::string traffic_owner;  // is called when traffic disappears
  std::string growth;
  std::string purpose;  // what the results are used for
  std::string remark;
  std::vector<ExtraField> fields;

  // Alarms. A success rate below this share, restarts at or over that.
  std::optional<double> success_rate;
  std::optional<RestartThreshold> restarts;
  // With fewer requests in five minutes a success rate means nothing. Lower:
  // services with little traffic are watched too, and single failures alarm.
  std::uint64_t min_requests = 100;
  // Warn when a replica's working set reaches this share of what is declared,
  // or of its cgroup's own limit where that is less; kMemoryWarning if absent.
  // 1: when it is too late.
  std::optional<double> memory_warning;

  ServiceMetrics metrics;

  friend bool operator==(const Declaration&, const Declaration&) = default;
};

}  // namespace cpi

#endif  // CPI_BASE_CONFIG_DECLARATION_H_
