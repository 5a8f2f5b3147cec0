// model/: what is normal for a service, and how fast that is learned.
#ifndef CPI_BASE_CONFIG_MODEL_H_
#define CPI_BASE_CONFIG_MODEL_H_

#include <string>

#include "base/units.h"

namespace cpi {

struct ModelConfig {
  // What is scored as the cost of an instruction: "cpi",
  // "ns_per_instruction", which also sees a neighbour that lowers the clock, or
  // "both".
  std::string signal = "cpi";
  // Width of a bucket, share of the host's CPU, 0.00001…0.1. Wider: more
  // samples in each, but different loads blur into one. Part of the model key.
  double bucket_width = 0.001;
  // N: a sample beyond so many standard deviations is an anomaly, 1…20. Three
  // is what CPI² (EuroSys 2013, §7.2) recommends for declaring interference.
  double deviations = 3;
  // Bounds within which latency feedback may move N.
  double min_deviations = 2.5;
  double max_deviations = 6;
  // A usage farther than this from every populated bucket, share of the host,
  // is an abnormal distribution. Also how far a line is followed beyond them.
  double max_gap = 0.02;
  // What such a usage means: "judge" (by the line or the nearest bucket) or
  // "anomaly", whatever the value.
  std::string unseen_usage = "judge";
  // A line of the signal over usage may replace the buckets at usages from
  // here on, share of the host. 0: wherever it predicts better than they do.
  double regression_floor = 0;
  // Below so many CPUs the CPI is noise: learned apart, never an anomaly. 0:
  // off. CPI² (§4.1) and everyone since use a quarter of a CPU.
  double noise_floor = 0.25;
  // How many samples a bucket remembers. Higher: steadier, slower to follow.
  double memory = 2000;
  // Pooled experience counts as so many samples of each bucket's own when its
  // standard deviation is estimated. Higher: thin buckets resemble the others.
  double pooling = 20;
  // No standard deviation is believed below this share of the expected value:
  // that is as well as a window of a few seconds can be measured.
  double min_spread = 0.005;
  // The same for CPU wait, absolute, share of the window.
  double min_wait_spread = 0.01;
  // No anomalies before so many samples and so much observed time. Shorter:
  // sooner protected, by a model that has not seen the night.
  double min_samples = 500;
  Duration warm_up = std::chrono::hours(24);
  // Samples of a container younger than this are neither learned nor judged.
  Duration startup_grace = std::chrono::minutes(2);
  // Batch using less than this in total, CPUs, is idle: the service is then
  // seen undisturbed, and what it does is its own doing.
  double batch_idle = 0.25;
  // Samples of an open incident that must agree before the model accepts them
  // as a new normal: once cleared of interference, or at a usage never seen
  // before, where nothing but extrapolation speaks against them. Higher: a
  // fail-over alarms longer; lower: interference at new loads is believed
  // sooner. 180 windows are half an hour at 10 s.
  double acceptance = 180;

  friend bool operator==(const ModelConfig&, const ModelConfig&) = default;
};

}  // namespace cpi

#endif  // CPI_BASE_CONFIG_MODEL_H_
