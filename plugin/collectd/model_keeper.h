// Models across restarts: restored when the plugin begins, saved now and then
// and at its end, and a journal of what was found. The disk is only touched
// before the first sample and on a thread of this; a model that could not be
// read then is tried again before every save, and not saved over until it was.
#ifndef CPI_COLLECTD_MODEL_KEEPER_H_
#define CPI_COLLECTD_MODEL_KEEPER_H_

#include <functional>
#include <optional>
#include <set>
#include <string>
#include <thread>

#include "base/config.h"
#include "base/log.h"
#include "model/key.h"
#include "pipeline.h"
#include "store/saver.h"

namespace cpi {

// What of the key only the host knows: CPU model and SMT.
using KeyOfHost = std::function<ModelKey()>;

// Not thread-safe, but for its own thread.
class ModelKeeper {
 public:
  // `state_dir`: the plugin's; models go to models/ in it. `interval`: the
  // window's length. `config` has to outlive this.
  ModelKeeper(const Config& config, const std::string& state_dir,
              Duration interval, const KeyOfHost& host, LogSink log);
  ~ModelKeeper() { stop(); }
  ModelKeeper(const ModelKeeper&) = delete;

  // After every tick. In the first one with readings, restores the models; a
  // first tick makes no samples yet.
  void keep(Pipeline& pipeline, const Tick& tick);

  // Saves everything and waits for it.
  void save_and_stop(Pipeline& pipeline);

 private:
  void restore(Pipeline& pipeline, const Readings& readings, Instant now);
  // Whether `watch` now has what was saved of `service`.
  bool load(const std::string& service, Watch& watch, Instant now);
  void seed(const ServiceConfig& service, Watch& watch);
  void save(Pipeline& pipeline, Instant now);
  void record(const Judgement& judgement);
  void stop();

  const Config& config_;
  std::string directory_;
  LogSink log_;
  Complaints complaints_;
  std::set<std::string> unread_;  // services
  ModelKey key_;
  bool restored_ = false;
  std::optional<Instant> saved_;
  Saver saver_;
  std::thread thread_;
};

}  // namespace cpi

#endif  // CPI_COLLECTD_MODEL_KEEPER_H_
