#include "service/declaration.h"

#include <fmt/format.h>

#include <array>

#include "base/quantity.h"
#include "service/capacity.h"

namespace cpi {
namespace {

std::string join(const std::vector<std::string>& texts,
                 std::string_view between) {
  return fmt::format("{}", fmt::join(texts, between));
}

std::string number(const std::optional<double>& value) {
  return value ? plain_number(*value) : "";
}

std::string bytes(const std::optional<std::uint64_t>& value) {
  return value ? format_bytes(*value) : "";
}

std::string percent(const std::optional<double>& share) {
  return share ? format_percent(*share) : "";
}

std::string duration(Duration time, Language language) {
  std::string text = format_duration(time);
  const auto unit = text.find_first_not_of("0123456789.");
  const std::string name = text.substr(unit);
  text.resize(unit);
  if (language == Language::english) return text + " " + name;
  constexpr std::array<std::pair<std::string_view, std::string_view>, 4>
      kUnits = {{{"s", "秒"}, {"min", "分钟"}, {"h", "小时"}, {"d", "天"}}};
  for (const auto& [latin, chinese] : kUnits) {
    if (name == latin) text += chinese;
  }
  return text;
}

std::string restarts(const Declaration& declared, Language language) {
  if (!declared.restarts) return "";
  const auto& [count, within] = *declared.restarts;
  const std::string time = duration(within, language);
  return language == Language::chinese
             ? fmt::format("{}内{}次", time, count)
             : fmt::format("{} within {}", count, time);
}

// "HK 20, EU 13, AM 7 (3:2:1)"; without the machines only the ratio is known.
std::string regions(const Declaration& declared, Language language) {
  if (declared.regions.empty()) return "";
  std::vector<std::string> names;
  std::vector<std::string> parts;
  std::vector<std::string> shares;
  const auto split =
      split_machines(declared.machines.value_or(0), declared.regions);
  for (std::size_t i = 0; i < declared.regions.size(); ++i) {
    const Region& region = declared.regions[i];
    names.push_back(region.name);
    parts.push_back(fmt::format("{} {}", region.name, split[i]));
    shares.push_back(plain_number(region.share));
  }
  const bool chinese = language == Language::chinese;
  const std::string ratio = join(shares, ":");
  if (!declared.machines) return join(names, ":") + " " + ratio;
  const std::string machines = join(parts, chinese ? "，" : ", ");
  return chinese ? machines + "（" + ratio + "）"
                 : machines + " (" + ratio + ")";
}

using Value = std::string (*)(const ServiceConfig&, Language);

struct Row {
  std::string_view name;
  std::string_view chinese;
  std::string_view english;
  bool required;
  Value value;
};

template <auto kMember>
std::string text_of(const ServiceConfig& service, Language) {
  return service.declaration.*kMember;
}
template <auto kMember>
std::string number_of(const ServiceConfig& service, Language) {
  return number(service.declaration.*kMember);
}
template <auto kMember>
std::string bytes_of(const ServiceConfig& service, Language) {
  return bytes(service.declaration.*kMember);
}
template <auto kMember>
std::string percent_of(const ServiceConfig& service, Language) {
  return percent(service.declaration.*kMember);
}

std::string machines_of(const ServiceConfig& service, Language) {
  const auto& machines = service.declaration.machines;
  return machines ? fmt::to_string(*machines) : "";
}

std::string owners_of(const ServiceConfig& service, Language language) {
  return join(service.declaration.owners,
              language == Language::chinese ? "，" : ", ");
}

constexpr std::array kRows = {
    Row{"Machines", "机器数量", "Machines", true, machines_of},
    Row{"Service", "服务名（部署名）", "Service (deployment)", true,
        [](const ServiceConfig& service, Language) {
          return deployment_of(service);
        }},
    Row{"Model", "模型名", "Model", true,
        [](const ServiceConfig& service, Language) {
          return model_of(service);
        }},
    Row{"Business", "业务", "Business", true, text_of<&Declaration::business>},
    Row{"Pool", "资源池", "Resource pool", true, text_of<&Declaration::pool>},
    Row{"Owner", "进程负责人", "Process owners", true, owners_of},
    Row{"CPU", "单副本CPU（线程）", "CPU per replica (threads)", true,
        number_of<&Declaration::cpu>},
    Row{"Memory", "单副本内存", "Memory per replica", true,
        bytes_of<&Declaration::memory>},
    Row{"MaxQPS", "单副本最大QPS", "Maximum QPS per replica", true,
        number_of<&Declaration::max_qps>},
    Row{"GPUMemory", "单副本GPU显存", "GPU memory per replica", false,
        bytes_of<&Declaration::gpu_memory>},
    Row{"GPUUtilization", "GPU平均利用率", "Average GPU utilisation", false,
        percent_of<&Declaration::gpu_utilization>},
    Row{"AverageQPS", "总平均QPS", "Average QPS, total", true,
        number_of<&Declaration::average_qps>},
    Row{"PeakQPS", "总峰值QPS", "Peak QPS, total", true,
        number_of<&Declaration::peak_qps>},
    Row{"RequestsPerDay", "日请求量", "Requests per day", false,
        number_of<&Declaration::requests_per_day>},
    Row{"GitURL", "代码仓库", "Source repository", true,
        text_of<&Declaration::git_url>},
    Row{"TrafficSource", "流量来源", "Traffic source", true,
        text_of<&Declaration::traffic_source>},
    Row{"Growth", "预期增长", "Expected growth", true,
        text_of<&Declaration::growth>},
    Row{"Purpose", "结果用途", "What the results are used for", true,
        text_of<&Declaration::purpose>},
    Row{"TrafficOwner", "流量来源负责人", "Traffic source owner", true,
        text_of<&Declaration::traffic_owner>},
    Row{"SuccessRateThreshold", "成功率报警阈值", "Success rate alarm below",
        true, percent_of<&Declaration::success_rate>},
    Row{"RestartThreshold", "重启报警阈值", "Restart alarm from", true,
        [](const ServiceConfig& service, Language language) {
          return restarts(service.declaration, language);
        }},
    Row{"Region", "区域机器分配", "Machines by region", false,
        [](const ServiceConfig& service, Language language) {
          return regions(service.declaration, language);
        }},
};

}  // namespace

std::string plain_number(double number) {
  return fmt::format("{:.15g}", number);
}

std::string deployment_of(const ServiceConfig& service) {
  for (const Selector& selector : service.selectors) {
    if (selector.kind == Selector::Kind::deployment) return selector.text;
  }
  return service.name;
}

std::string model_of(const ServiceConfig& service) {
  const std::string& model = service.declaration.model;
  return model.empty() ? service.name : model;
}

bool is_declared(const ServiceConfig& service) {
  return service.declaration != Declaration{};
}

std::vector<FormField> form_of(const ServiceConfig& service,
                               Language language) {
  const bool chinese = language == Language::chinese;
  std::vector<FormField> form;
  for (const Row& row : kRows) {
    FormField field{std::string(row.name),
                    std::string(chinese ? row.chinese : row.english),
                    row.value(service, language), row.required};
    if (field.required || !field.value.empty()) form.push_back(field);
  }
  for (const ExtraField& extra : service.declaration.fields) {
    form.push_back({extra.name, extra.name, extra.value});
  }
  if (const std::string& remark = service.declaration.remark; !remark.empty()) {
    form.push_back({"Remark", chinese ? "备注" : "Remarks", remark});
  }
  return form;
}

std::vector<std::string> missing_fields(const ServiceConfig& service) {
  std::vector<std::string> missing;
  for (const Row& row : kRows) {
    if (row.required && row.value(service, Language::english).empty()) {
      missing.emplace_back(row.name);
    }
  }
  return missing;
}

}  // namespace cpi
