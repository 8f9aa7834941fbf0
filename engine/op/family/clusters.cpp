// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/op/family/clusters.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

#include "engine/base/vector_clones.h"
#include "engine/op/family/spectra_buffer.h"
#include "engine/op/family/spectra_sample.h"

namespace cubeloom {
namespace {

/// Pixels and centres that are looked at together: their sums stay in registers, and a value is loaded once for all of these centres.
constexpr std::size_t kVectors = 2, kVectorBytes = 32, kTileCentres = 4;
template <class T>
constexpr std::size_t kTilePixels = kVectors* kVectorBytes / sizeof(T);
/// Squared distances of the pixels of a tile to some centres.
template <class T>
using Distances = T[kTileCentres][kTilePixels<T>];

/// `rows[b] + first`: values of entry b; `centres`: kTileCentres, one behind another. Each pixel's sum is made in the order of entries.
template <class T>
CUBELOOM_VECTOR_CLONES void distancesOfTile(const T* const* rows, std::size_t first, std::size_t entries, const T* centres,
                                            Distances<T>& off) {
  typedef T Vector __attribute__((vector_size(kVectorBytes)));
  constexpr std::size_t kLanesOfVector = kVectorBytes / sizeof(T);
  Vector sums[kTileCentres][kVectors] = {};
  for (std::size_t b = 0; b < entries; ++b) {
    Vector values[kVectors];
    std::memcpy(values, rows[b] + first, sizeof values);
    for (std::size_t c = 0; c < kTileCentres; ++c)
      for (std::size_t v = 0; v < kVectors; ++v) {
        const Vector difference = values[v] - centres[c * entries + b];
        sums[c][v] += difference * difference;
      }
  }
  for (std::size_t c = 0; c < kTileCentres; ++c)
    for (std::size_t v = 0; v < kVectors; ++v) std::memcpy(&off[c][v * kLanesOfVector], &sums[c][v], kVectorBytes);
}

/// The same of one pixel.
template <class T>
void distancesOfPixel(const T* const* rows, std::size_t at, std::size_t entries, const T* centres, Distances<T>& off) {
  for (std::size_t c = 0; c < kTileCentres; ++c) {
    off[c][0] = 0;
    for (std::size_t b = 0; b < entries; ++b) {
      const T difference = rows[b][at] - centres[c * entries + b];
      off[c][0] += difference * difference;
    }
  }
}

/// Centres in the type that is computed in; the last ones are repeated to a whole number of kTileCentres.
template <class T>
void takeCentres(const Centres& centres, std::vector<T>& taken) {
  const std::size_t padded = (centres.count + kTileCentres - 1) / kTileCentres * kTileCentres;
  taken.resize(padded * centres.entries);
  for (std::size_t k = 0; k < padded; ++k)
    for (std::size_t b = 0; b < centres.entries; ++b)
      taken[k * centres.entries + b] = static_cast<T>(centres.values[std::min(k, centres.count - 1) * centres.entries + b]);
}

/// Calls `found(p, k, distance)` with the nearest centre of each of `count` pixels, of equally near ones the first. `taken`: of
/// takeCentres().
template <class T, class Found>
void nearestCentres(const T* const* rows, std::size_t count, std::size_t centres, std::size_t entries, const T* taken, Found&& found) {
  Distances<T> off;
  for (std::size_t first = 0; first < count;) {
    constexpr std::size_t kWhole = kTilePixels<T>;
    const std::size_t tile = count - first >= kWhole ? kWhole : 1;
    T least[kWhole] = {};
    std::size_t best[kWhole] = {};
    for (std::size_t k = 0; k < centres; k += kTileCentres) {
      if (tile == kWhole)
        distancesOfTile(rows, first, entries, taken + k * entries, off);
      else
        distancesOfPixel(rows, first, entries, taken + k * entries, off);
      for (std::size_t c = 0; c < kTileCentres && k + c < centres; ++c)
        for (std::size_t l = 0; l < tile; ++l)
          if (k + c == 0 || off[c][l] < least[l]) {
            least[l] = off[c][l];
            best[l] = k + c;
          }
    }
    for (std::size_t l = 0; l < tile; ++l) found(first + l, best[l], least[l]);
    first += tile;
  }
}

double squaredDistance(const double* a, const double* b, std::size_t entries) {
  double sum = 0;
  for (std::size_t i = 0; i < entries; ++i) sum += (a[i] - b[i]) * (a[i] - b[i]);
  return sum;
}

/// Spectra that fit() looks at, and what it has found.
class Lloyd {
  static constexpr std::size_t kTurned = 8 * kTilePixels<double>;  ///< spectra at a time

 public:
  Lloyd(const std::vector<double>& spectra, std::size_t entries, std::size_t count)
      : m_spectra(spectra),
        m_entries(entries),
        m_pixels(spectra.size() / entries),
        m_centres{count, entries, {}},
        m_turned(entries * kTurned),
        m_rows(entries) {
    for (std::size_t b = 0; b < entries; ++b) m_rows[b] = &m_turned[b * kTurned];
  }

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
    takeCentres(m_centres, m_taken);
    bool changed = false;
    for (std::size_t first = 0; first < m_pixels; first += kTurned) {
      const std::size_t count = std::min(kTurned, m_pixels - first);
      for (std::size_t p = 0; p < count; ++p)
        for (std::size_t b = 0; b < m_entries; ++b) m_turned[b * kTurned + p] = spectrum(first + p)[b];
      nearestCentres(m_rows.data(), count, m_centres.count, m_entries, m_taken.data(), [&](std::size_t p, std::size_t k, double distance) {
        changed = changed || m_labels[first + p] != k;
        m_labels[first + p] = k;
        m_nearest[first + p] = distance;
      });
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
  std::vector<double> m_turned;   ///< a tile of spectra, entry by entry
  std::vector<const double*> m_rows;
  std::vector<double> m_taken;
};

template <class T>
class Sums : public ClusterSums {
 public:
  Sums(const ArraySpec& input, int dim, std::shared_ptr<const Centres> centres)
      : m_buffer(input, dim), m_centres(std::move(centres)), m_sums(m_centres->values.size()), m_counts(m_centres->count) {
    takeCentres(*m_centres, m_taken);
  }

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
    const std::size_t entries = m_centres->entries;
    std::vector<const T*> rows(entries);
    for (std::size_t b = 0; b < entries; ++b) rows[b] = values + b * kSpectraGroup;
    nearestCentres(rows.data(), count, m_centres->count, entries, m_taken.data(), [&](std::size_t g, std::size_t k, T) {
      m_counts[k] += 1;
      for (std::size_t b = 0; b < entries; ++b) m_sums[k * entries + b] += static_cast<double>(values[b * kSpectraGroup + g]);
    });
  }

  SpectraBuffer<T> m_buffer;
  std::shared_ptr<const Centres> m_centres;
  std::vector<double> m_sums, m_counts;
  std::vector<T> m_taken;
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
  return (2 * centres.values.size() + kTileCentres * centres.entries + centres.count + 128) * sizeof(double) +
         SpectraBuffer<double>::bytes(centres.entries);
}

std::shared_ptr<const PointKernel> nearestCentre(std::shared_ptr<const Centres> centres) {
  return pointKernel([centres = std::move(centres)](auto& run) {
    using T = std::remove_reference_t<decltype(*run.out)>;
    takeCentres(*centres, run.scratch);
    nearestCentres(run.inputs.data(), run.count, centres->count, centres->entries, run.scratch.data(),
                   [&run](std::size_t p, std::size_t k, T) { run.out[p] = static_cast<T>(k); });
  });
}

}  // namespace cubeloom
