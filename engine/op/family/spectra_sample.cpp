// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/op/family/spectra_sample.h"

#include <algorithm>
#include <cstring>

#include "engine/op/family/spectra_buffer.h"

namespace cubeloom {
namespace {

struct Drawn {
  std::uint64_t priority = 0;
  std::size_t slot = 0;
  bool operator<(const Drawn& other) const { return priority < other.priority; }
};

class Sample : public SpectraSample {
 public:
  Sample(const ArraySpec& input, int dim, std::size_t most, std::uint64_t seed)
      : m_buffer(input, dim), m_entries(m_buffer.entries()), m_most(most), m_seed(seed) {}

  Result<void> add(const BlockView& input) override {
    m_buffer.add(input, [this](const double* values, std::size_t count) { addGroup(values, count); });
    return {};
  }

  void merge(const Accumulator& other) override {
    Sample later = static_cast<const Sample&>(other);
    later.flush();
    flush();
    std::sort(later.m_heap.begin(), later.m_heap.end());
    for (const Drawn& one : later.m_heap) insert(one.priority, &later.m_spectra[one.slot * m_entries]);
  }

  void carry(StateCarrier& state) override {
    m_buffer.carry(state);
    state.number(m_seen);
    state.any(m_heap);
    state.any(m_spectra);
  }
  std::size_t bytes() const override { return spectraSampleBytes(m_entries, m_most); }

  std::vector<double> spectra() const override {
    Sample whole = *this;
    whole.flush();
    std::sort(whole.m_heap.begin(), whole.m_heap.end(), [&whole](const Drawn& a, const Drawn& b) {
      if (a.priority != b.priority) return a.priority < b.priority;
      const auto spectrum = [&whole](const Drawn& one) {
        return whole.m_spectra.begin() + static_cast<std::ptrdiff_t>(one.slot * whole.m_entries);
      };
      const auto length = static_cast<std::ptrdiff_t>(whole.m_entries);
      return std::lexicographical_compare(spectrum(a), spectrum(a) + length, spectrum(b), spectrum(b) + length);
    });
    std::vector<double> ordered;
    for (const Drawn& one : whole.m_heap) {
      const auto first = whole.m_spectra.begin() + static_cast<std::ptrdiff_t>(one.slot * m_entries);
      ordered.insert(ordered.end(), first, first + static_cast<std::ptrdiff_t>(m_entries));
    }
    return ordered;
  }

 private:
  void flush() {
    m_buffer.flush([this](const double* values, std::size_t count) { addGroup(values, count); });
  }

  void addGroup(const double* values, std::size_t count) {
    std::uint64_t hashes[kSpectraGroup] = {};
    for (std::size_t b = 0; b < m_entries; ++b)
      for (std::size_t g = 0; g < count; ++g) {
        std::uint64_t bits = 0;
        std::memcpy(&bits, &values[b * kSpectraGroup + g], sizeof bits);
        hashes[g] = hashes[g] * 0x9E3779B97F4A7C15U + bits;
      }
    std::vector<double> spectrum(m_entries);
    for (std::size_t g = 0; g < count; ++g) {
      const std::uint64_t priority = mixedBits(mixedBits(m_seed ^ m_seen++) ^ hashes[g]);
      if (m_heap.size() >= m_most && priority >= m_heap.front().priority) continue;
      for (std::size_t b = 0; b < m_entries; ++b) spectrum[b] = values[b * kSpectraGroup + g];
      insert(priority, spectrum.data());
    }
  }

  void insert(std::uint64_t priority, const double* spectrum) {
    std::size_t slot = m_heap.size();
    if (slot >= m_most) {
      if (priority >= m_heap.front().priority) return;
      std::pop_heap(m_heap.begin(), m_heap.end());
      slot = m_heap.back().slot;
      m_heap.pop_back();
    } else {
      m_spectra.resize((slot + 1) * m_entries);
    }
    std::copy_n(spectrum, m_entries, m_spectra.begin() + static_cast<std::ptrdiff_t>(slot * m_entries));
    m_heap.push_back({priority, slot});
    std::push_heap(m_heap.begin(), m_heap.end());
  }

  SpectraBuffer<double> m_buffer;
  std::size_t m_entries, m_most;
  std::uint64_t m_seed, m_seen = 0;
  std::vector<Drawn> m_heap;  ///< the greatest first
  std::vector<double> m_spectra;
};

}  // namespace

std::unique_ptr<SpectraSample> makeSpectraSample(const ArraySpec& input, int dim, std::size_t most, std::uint64_t seed) {
  return std::make_unique<Sample>(input, dim, most, seed);
}

std::size_t spectraSampleBytes(std::size_t entries, std::size_t most) {
  // As std::vector grows, it holds what it had and twice that for a moment.
  return most * (3 * entries * sizeof(double) + 2 * sizeof(Drawn)) + SpectraBuffer<double>::bytes(entries);
}

std::uint64_t mixedBits(std::uint64_t x) {
  x += 0x9E3779B97F4A7C15U;
  x = (x ^ (x >> 30U)) * 0xBF58476D1CE4E5B9U;
  x = (x ^ (x >> 27U)) * 0x94D049BB133111EBU;
  return x ^ (x >> 31U);
}

}  // namespace cubeloom
