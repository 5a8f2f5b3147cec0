#include "collectd/model_keeper.h"

#include <fmt/format.h>

#include <chrono>
#include <system_error>

#include "store/model_json.h"

namespace cpi {
namespace {

double wall_clock() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration<double>(now).count();
}

JournalEntry entry_of(const Finding& finding, const Sample& sample,
                      JournalEntry::Event event) {
  JournalEntry entry =
      make_entry(event, wall_clock(), finding.score, finding.incident);
  entry.service = sample.workload;
  entry.cgroup = sample.cgroup.path;
  return entry;
}

std::string wait_source_of(const Readings& readings) {
  for (const auto& [workload, reading] : readings.services) {
    if (reading.wait_source != WaitSource::none) {
      return std::string(to_string(reading.wait_source));
    }
  }
  return {};
}

}  // namespace

ModelKeeper::ModelKeeper(const Config& config, const std::string& state_dir,
                         Duration interval, const KeyOfHost& host, LogSink log)
    : config_(config),
      directory_(state_dir + "/models"),
      log_(log),
      complaints_(log),
      key_(host()),
      saver_(directory_,
             Journal(state_dir + "/anomalies.jsonl", config.store.journal_size),
             std::move(log)) {
  key_.events =
      config.counters.cycles_event + "," + config.counters.instructions_event;
  key_.window = interval;
  key_.bucket_width = config.model.bucket_width;
  try {
    thread_ = std::thread([this] { saver_.run(); });
  } catch (const std::system_error& error) {
    log_(Severity::error,
         fmt::format("no thread to save models: {}", error.what()));
  }
}

void ModelKeeper::keep(Pipeline& pipeline, const Tick& tick) {
  if (!restored_) {
    if (tick.readings->services.empty()) return;
    restore(pipeline, *tick.readings, tick.now);
  }
  for (const Judgement& judgement : *tick.judgements) record(judgement);
  if (!saved_) saved_ = tick.now;
  if (tick.now - *saved_ < config_.store.save_interval) return;
  saved_ = tick.now;
  save(pipeline, tick.now);
}

void ModelKeeper::restore(Pipeline& pipeline, const Readings& readings,
                          Instant now) {
  key_.online_cpus = readings.host.online_cpus;
  key_.wait_source = wait_source_of(readings);
  for (const ServiceConfig& service : config_.services) {
    Watch& watch = pipeline.watch(service.name);
    if (!load(service.name, watch, now)) seed(service, watch);
  }
  restored_ = true;
}

bool ModelKeeper::load(const std::string& service, Watch& watch, Instant now) {
  const LoadedModel loaded = load_model(directory_, service, key_);
  for (const std::string& remark : loaded.remarks) {
    log_(Severity::warning, "model of " + service + ": " + remark);
  }
  if (loaded.unread) {
    unread_.insert(service);
    complaints_.raise(service, Severity::error,
                      "the model of " + service + " is kept, but not read: " +
                          loaded.unread->message() +
                          "; tried again before every save");
    return false;
  }
  unread_.erase(service);
  complaints_.settle(service, "the model of " + service + " is read again");
  if (loaded.file) {
    watch.restore(loaded.file->signals, now);
    watch.executables().restore(loaded.file->executables);
  }
  return loaded.file.has_value();
}

void ModelKeeper::seed(const ServiceConfig& service, Watch& watch) {
  if (service.seed_model.empty()) return;
  const auto seed = read_model(service.seed_model);
  const std::string objection =
      seed ? difference(seed->key, key_) : seed.error().message();
  if (objection.empty()) {
    watch.seed(seed->signals);
  } else {
    log_(Severity::error,
         "SeedModel of " + service.name + " is not used: " + objection);
  }
}

void ModelKeeper::record(const Judgement& judgement) {
  if (judgement.restarted) {
    const Sample& sample = *judgement.sample;
    log_(Severity::info,
         fmt::format("{} runs a new program, {} in {}: its model warms up "
                     "again",
                     sample.workload, sample.executable, sample.cgroup.path));
  }
  const auto note = [&](const Finding& finding, JournalEntry::Event event) {
    saver_.record(to_line(entry_of(finding, *judgement.sample, event)));
  };
  for (const auto& finding : judgement.findings) {
    if (!finding) continue;
    if (finding->score.anomaly) note(*finding, JournalEntry::Event::anomaly);
    if (finding->change == Change::opened) {
      note(*finding, JournalEntry::Event::incident);
    }
    if (finding->change == Change::recovered && finding->incident) {
      note(*finding, JournalEntry::Event::recovery);
    }
  }
}

void ModelKeeper::save(Pipeline& pipeline, Instant now) {
  const std::set<std::string> unread = unread_;
  for (const std::string& service : unread) {
    load(service, pipeline.watch(service), now);
  }
  for (const auto& [service, watch] : pipeline.watches()) {
    if (unread_.contains(service)) continue;
    ServiceState state = watch.state();
    const bool empty = !state[0] && !state[1] && !state[2];
    if (empty) continue;
    saver_.save({service, key_, std::move(state), watch.executables().known()});
  }
}

void ModelKeeper::save_and_stop(Pipeline& pipeline) {
  if (restored_) save(pipeline, *saved_);
  stop();
}

void ModelKeeper::stop() {
  saver_.stop();
  if (thread_.joinable()) thread_.join();
}

}  // namespace cpi
