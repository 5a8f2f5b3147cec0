#include "model/buckets.h"

#include <algorithm>
#include <cmath>

namespace cpi {
namespace {

int index_of(double usage, double width) {
  return static_cast<int>(std::floor(usage / width));
}

void add(Local& local, const Bucket& bucket, double closeness) {
  const Moments all = bucket.all();
  const double weight = closeness * all.weight;
  if (weight <= 0) return;
  local.weight += weight;
  local.mean += (all.mean - local.mean) * (weight / local.weight);
  local.m2 += closeness * all.m2;
  local.freedom += closeness * std::max(0.0, all.weight - 1);
}

}  // namespace

std::size_t Buckets::lower_bound(int index) const {
  // Most services use a range of loads without holes.
  if (!buckets_.empty() && index >= buckets_.front().index) {
    const auto guess = static_cast<std::size_t>(index - buckets_.front().index);
    if (guess < buckets_.size() && buckets_[guess].index == index) return guess;
  }
  const auto found = std::lower_bound(
      buckets_.begin(), buckets_.end(), index,
      [](const Bucket& bucket, int wanted) { return bucket.index < wanted; });
  return static_cast<std::size_t>(found - buckets_.begin());
}

Bucket& Buckets::at(double usage) { return insert(index_of(usage, width_)); }

Bucket& Buckets::insert(int index) {
  const std::size_t position = lower_bound(index);
  if (position == buckets_.size() || buckets_[position].index != index) {
    buckets_.insert(buckets_.begin() + static_cast<std::ptrdiff_t>(position),
                    Bucket{index, {}});
  }
  return buckets_[position];
}

void Buckets::merge(const Buckets& other) {
  for (const Bucket& bucket : other.buckets_) {
    Bucket& own = insert(bucket.index);
    own.folds[0].merge(bucket.folds[0]);
    own.folds[1].merge(bucket.folds[1]);
  }
}

void Buckets::replace(const Buckets& other) {
  for (const Bucket& bucket : other.buckets_) insert(bucket.index) = bucket;
}

Local Buckets::blend(double usage) const {
  const double position = usage / width_ - 0.5;
  const double below = std::floor(position);
  const int index = static_cast<int>(below);
  Local local;
  for (std::size_t i = lower_bound(index);
       i < buckets_.size() && buckets_[i].index <= index + 1; ++i) {
    const double above = position - below;
    add(local, buckets_[i], buckets_[i].index == index ? 1 - above : above);
  }
  return local;
}

const Bucket& Buckets::nearest(double usage) const {
  const std::size_t above = lower_bound(index_of(usage, width_));
  if (above == 0) return buckets_.front();
  if (above == buckets_.size()) return buckets_.back();
  const double up = std::abs(centre(buckets_[above]) - usage);
  const double down = std::abs(usage - centre(buckets_[above - 1]));
  return up < down ? buckets_[above] : buckets_[above - 1];
}

}  // namespace cpi
