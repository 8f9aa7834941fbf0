// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/op/family/clusters.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "engine/base/vector_clones.h"
#include "engine/op/family/spectra_buffer.h"
#include "engine/op/family/spectra_sample.h"

namespace cubeloom {
namespace {

double squaredDistance(const double* a, const double* b, std::size_t entries) {
  double sum = 0;
  for (std::size_t i = 0; i < entries; ++i) sum += (a[i] - b[i]) * (a[i] - b[i]);
  return sum;
}

/// Spectra that fit() looks at, and what it has found.
class Lloyd {
 public:
  Lloyd(const std::vector<double>& spectra, std::size_t entries, std::size_t count)
      : m_spectra(spectra), m_entries(entries), m_pixels(spectra.size() / entries), m_centres{count, entries, {}} {}

  /// Each start but the first from a spectrum with a chance that grows with its distance from the nearest one.
  void start(std::uint64_t seed) {
    std::uint64_t state = seed;
    const auto chance = [&state] { return static_cast<double>(mixedBits(state++) >> 11U) * 0x1p-53; };
    m_centres.values.clear();
    m_nearest.assign(m_pixels, std::numeric_limits<double>::infinity());
    std::size_t chosen = std::min(static_cast<std::size_t>(chance() * static_cast<double>(m_pixels)), m_pixels - 1);
    for (std::size_t k = 0;; ++k) {
      m_centres.values.insert(m_centres.values.end(), spectrum(chosen), spectrum(chosen) + m_entries);
      if (k + 1 == m_centres.count) break;
      double total = 0;
      for (std::size_t p = 0; p < m_pixels; ++p) {
        m_nearest[p] = std::min(m_nearest[p], squaredDistance(spectrum(p), spectrum(chosen), m_entries));
        total += m_nearest[p];
      }
      double rest = chance() * total;
      for (chosen = 0; chosen + 1 < m_pixels && (rest -= m_nearest[chosen]) > 0;) ++chosen;
    }
    m_labels.assign(m_pixels, m_centres.count);
  }

  void run(int iterations, const CancelToken& cancel) {
    for (int i = 0; i < iterations && !cancel.isCanceled() && label(); ++i) move();
    label();
  }

  double inertia() const {
    double sum = 0;
    for (const double distance : m_nearest) sum += distance;
    return sum;
  }
  const Centres& centres() const { return m_centres; }

 private:
  const double* spectrum(std::size_t p) const { return &m_spectra[p * m_entries]; }

  /// Whether a spectrum has changed its cluster.
  bool label() {
    bool changed = false;
    for (std::size_t p = 0; p < m_pixels; ++p) {
      std::size_t best = 0;
      double least = std::numeric_limits<double>::infinity();
      for (std::size_t k = 0; k < m_centres.count; ++k)
        if (const double off = squaredDistance(spectrum(p), &m_centres.values[k * m_entries], m_entries); off < least) {
          least = off;
          best = k;
        }
      changed = changed || m_labels[p] != best;
      m_labels[p] = best;
      m_nearest[p] = least;
    }
    return changed;
  }

  void move() {
    std::vector<double> sums(m_centres.values.size(), 0.0);
    std::vector<std::size_t> counts(m_centres.count, 0);
    for (std::size_t p = 0; p < m_pixels; ++p) {
      ++counts[m_labels[p]];
      double* to = &sums[m_labels[p] * m_entries];
      for (std::size_t i = 0; i < m_entries; ++i) to[i] += spectrum(p)[i];
    }
    for (std::size_t k = 0; k < m_centres.count; ++k) {
      double* centre = &m_centres.values[k * m_entries];
      if (counts[k] == 0) {
        const std::size_t farthest = static_cast<std::size_t>(std::max_element(m_nearest.begin(), m_nearest.end()) - m_nearest.begin());
        std::copy_n(spectrum(farthest), m_entries, centre);
        m_nearest[farthest] = 0;
        continue;
      }
      for (std::size_t i = 0; i < m_entries; ++i) centre[i] = sums[k * m_entries + i] / static_cast<double>(counts[k]);
    }
  }

  const std::vector<double>& m_spectra;
  std::size_t m_entries, m_pixels;
  Centres m_centres;
  std::vector<std::size_t> m_labels;
  std::vector<double> m_nearest;  ///< squared distance from each spectrum to its centre
};

/// off[p] += (values[p] - centre)^2
template <class T>
CUBELOOM_VECTOR_CLONES void addSquares(const T* __restrict values, T centre, std::size_t count, T* __restrict off) {
  for (std::size_t p = 0; p < count; ++p) {
    const T difference = values[p] - centre;
    off[p] += difference * difference;
  }
}

/// Calls `entry(b)` for where the values of entry b are; `labels` get the nearest centre of each of `count` pixels.
template <class T, class Entry>
void labelPixels(const Centres& centres, std::size_t count, Entry&& entry, T* labels, std::vector<T>& scratch) {
  scratch.resize(2 * count);
  T *least = scratch.data(), *off = least + count;
  for (std::size_t k = 0; k < centres.count; ++k) {
    std::fill_n(off, count, T{0});
    for (std::size_t b = 0; b < centres.entries; ++b)
      addSquares(entry(b), static_cast<T>(centres.values[k * centres.entries + b]), count, off);
    for (std::size_t p = 0; p < count; ++p) {
      if (k > 0 && !(off[p] < least[p])) continue;
      least[p] = off[p];
      labels[p] = static_cast<T>(k);
    }
  }
}

template <class T>
class Sums : public ClusterSums {
 public:
  Sums(const ArraySpec& input, int dim, std::shared_ptr<const Centres> centres)
      : m_buffer(input, dim), m_centres(std::move(centres)), m_sums(m_centres->values.size()), m_counts(m_centres->count) {}

  Result<void> add(const BlockView& input) override {
    m_buffer.add(input, [this](const T* values, std::size_t count) { addGroup(values, count); });
    return {};
  }
  void merge(const Accumulator& other) override {
    Sums later = static_cast<const Sums&>(other);
    later.flush();
    flush();
    for (std::size_t i = 0; i < m_sums.size(); ++i) m_sums[i] += later.m_sums[i];
    for (std::size_t k = 0; k < m_counts.size(); ++k) m_counts[k] += later.m_counts[k];
  }
  void carry(StateCarrier& state) override {
    m_buffer.carry(state);
    state.all(m_sums);
    state.all(m_counts);
  }
  std::size_t bytes() const override { return clusterSumsBytes(*m_centres); }
  Centres centres() const override {
    Sums whole = *this;
    whole.flush();
    Centres moved = *m_centres;
    for (std::size_t i = 0; i < moved.values.size(); ++i)
      if (const double count = whole.m_counts[i / moved.entries]; count > 0) moved.values[i] = whole.m_sums[i] / count;
    return moved;
  }

 private:
  void flush() {
    m_buffer.flush([this](const T* values, std::size_t count) { addGroup(values, count); });
  }
  void addGroup(const T* values, std::size_t count) {
    T labels[kSpectraGroup];
    labelPixels(
        *m_centres, count, [values](std::size_t b) { return values + b * kSpectraGroup; }, labels, m_scratch);
    for (std::size_t g = 0; g < count; ++g) {
      const auto k = static_cast<std::size_t>(labels[g]);
      m_counts[k] += 1;
      for (std::size_t b = 0; b < m_centres->entries; ++b)
        m_sums[k * m_centres->entries + b] += static_cast<double>(values[b * kSpectraGroup + g]);
    }
  }

  SpectraBuffer<T> m_buffer;
  std::shared_ptr<const Centres> m_centres;
  std::vector<double> m_sums, m_counts;
  std::vector<T> m_scratch;
};

}  // namespace

void Centres::sort() {
  std::vector<std::vector<double>> rows;
  for (std::size_t k = 0; k < count; ++k)
    rows.emplace_back(values.begin() + static_cast<std::ptrdiff_t>(k * entries),
                      values.begin() + static_cast<std::ptrdiff_t>((k + 1) * entries));
  std::sort(rows.begin(), rows.end());
  values.clear();
  for (const auto& row : rows) values.insert(values.end(), row.begin(), row.end());
}

Centres clustersOf(const std::vector<double>& spectra, std::size_t entries, std::size_t count, int starts, int iterations,
                   std::uint64_t seed, const CancelToken& cancel) {
  Centres best{count, entries, std::vector<double>(count * entries)};
  double least = std::numeric_limits<double>::infinity();
  for (int i = 0; i < starts && !cancel.isCanceled(); ++i) {
    Lloyd lloyd(spectra, entries, count);
    lloyd.start(mixedBits(seed + static_cast<std::uint64_t>(i)));
    lloyd.run(iterations, cancel);
    if (!(lloyd.inertia() < least)) continue;
    least = lloyd.inertia();
    best = lloyd.centres();
  }
  best.sort();
  return best;
}

std::unique_ptr<ClusterSums> makeClusterSums(const ArraySpec& input, int dim, std::shared_ptr<const Centres> centres) {
  if (needsDouble(input.type)) return std::make_unique<Sums<double>>(input, dim, std::move(centres));
  return std::make_unique<Sums<float>>(input, dim, std::move(centres));
}

std::size_t clusterSumsBytes(const Centres& centres) {
  return (centres.values.size() + centres.count + 128) * sizeof(double) + SpectraBuffer<double>::bytes(centres.entries);
}

std::shared_ptr<const PointKernel> nearestCentre(std::shared_ptr<const Centres> centres) {
  return pointKernel([centres = std::move(centres)](auto& run) {
    labelPixels(
        *centres, run.count, [&run](std::size_t b) { return run.inputs[b]; }, run.out, run.scratch);
  });
}

}  // namespace cubeloom
