// Weight, mean and sum of squared deviations of a set of numbers: all that is
// kept of the samples in a bucket. Two sets are joined without their members.
#ifndef CPI_MODEL_MOMENTS_H_
#define CPI_MODEL_MOMENTS_H_

namespace cpi {

// A value; freely copied. With finite inputs below 1e100 no member ever
// becomes infinite or NaN.
struct Moments {
  double weight = 0;  // Σ of the weights; a plain sample weighs 1
  double mean = 0;
  double m2 = 0;  // Σ weight · (value − mean)²

  // Adds one value. Once `memory` is reached, older values fade so that the
  // weight stays there: a plain mean at first, an exponential one later.
  // REQUIRES: 0 < weight ≤ memory.
  void add(double value, double value_weight, double memory) {
    if (weight + value_weight > memory) fade_to(memory - value_weight);
    const double delta = value - mean;
    weight += value_weight;
    mean += delta * (value_weight / weight);
    m2 += value_weight * delta * (value - mean);
  }

  // Joins two sets; commutative and associative up to rounding. Chan, Golub,
  // LeVeque: "Updating Formulae and a Pairwise Algorithm for Computing Sample
  // Variances", 1979.
  void merge(const Moments& other) {
    if (other.weight <= 0) return;
    const double sum = weight + other.weight;
    const double delta = other.mean - mean;
    const double share = other.weight / sum;
    mean += delta * share;
    m2 += other.m2 + delta * delta * (weight * share);
    weight = sum;
  }

  // The same mean and variance, believed as much as `limit` samples at most.
  void fade_to(double limit) {
    if (weight <= limit) return;
    m2 *= limit / weight;
    weight = limit;
  }
};

}  // namespace cpi

#endif  // CPI_MODEL_MOMENTS_H_
