// The service of the source material: 40 machines, 8 QPS per replica, 200 and
// 300 QPS in all, 99 %, two restarts in five minutes, HK:EU:AM 3:2:1.
#ifndef CPI_TESTS_SERVICE_EXAMPLE_H_
#define CPI_TESTS_SERVICE_EXAMPLE_H_

#include "base/config.h"

namespace cpi {

inline ServiceConfig example_service() {
  ServiceConfig service;
  service.name = "like-core";
  service.selectors = {{Selector::Kind::deployment, "production/like-core"}};
  Declaration& declared = service.declaration;
  declared.model = "like-core-v2";
  declared.business = "推荐";
  declared.pool = "recommendation";
  declared.owners = {"zhang.san@example.com", "李四"};
  declared.cc = {"运维 <sre@example.com>"};
  declared.cpu = 32;
  declared.memory = 80'000'000'000;
  declared.max_qps = 8;
  declared.gpu_memory = 16'000'000'000;
  declared.gpu_utilization = 0.7;
  declared.machines = 40;
  declared.average_qps = 200;
  declared.peak_qps = 300;
  declared.requests_per_day = 15'000'000;
  declared.regions = {{"HK", 3}, {"EU", 2}, {"AM", 1}};
  declared.git_url = "https://git.example.com/rec/like-core";
  declared.traffic_source = "feed";
  declared.traffic_owner = "wang.wu@example.com";
  declared.growth = "每季度10%";
  declared.purpose = "信息流排序";
  declared.remark = "HK:EU:AM 3:2:1";
  declared.fields = {{"SLA", "99.9% | <hard>"}};
  declared.success_rate = 0.99;
  declared.restarts = RestartThreshold{2, std::chrono::minutes(5)};
  return service;
}

}  // namespace cpi

#endif  // CPI_TESTS_SERVICE_EXAMPLE_H_
