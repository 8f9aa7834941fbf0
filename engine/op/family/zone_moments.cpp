// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/op/family/zone_moments.h"

#include <algorithm>
#include <array>
#include <limits>
#include <type_traits>
#include <utility>

#include "engine/op/family/run_values.h"

namespace cubeloom {
namespace {

constexpr std::int64_t kRun = 1024;

BlockView cutAlong(BlockView view, std::size_t dim, std::int64_t first, std::int64_t count) {
  view.data += first * view.strides[dim];
  view.shape[dim] = count;
  return view;
}

/// How far apart the first and the last of `count` labels may lie for a table of all between them.
constexpr std::int64_t closeTogether(std::int64_t count) { return 4096 + 4 * count; }

}  // namespace

ZoneTable::ZoneTable(const std::vector<std::int64_t>& labels) {
  for (std::size_t i = 0; i < labels.size(); ++i) m_labels.push_back({labels[i], static_cast<std::int32_t>(i)});
  std::sort(m_labels.begin(), m_labels.end(), [](const Entry& a, const Entry& b) { return a.label < b.label; });
  if (m_labels.empty()) return;
  const std::int64_t span = m_labels.back().label - m_labels.front().label + 1;
  if (span > closeTogether(static_cast<std::int64_t>(labels.size()))) return;
  m_dense.assign(static_cast<std::size_t>(span), -1);
  for (const Entry& entry : m_labels) m_dense[static_cast<std::size_t>(entry.label - m_labels.front().label)] = entry.zone;
}

double ZoneTable::mostBytes(std::int64_t count) {
  return static_cast<double>(count) * sizeof(Entry) + static_cast<double>(closeTogether(count)) * sizeof(std::int32_t);
}

std::int32_t ZoneTable::zoneOf(std::int64_t label) const {
  if (m_labels.empty() || label < m_labels.front().label || label > m_labels.back().label) return -1;
  if (!m_dense.empty()) return m_dense[static_cast<std::size_t>(label - m_labels.front().label)];
  const auto found = std::lower_bound(m_labels.begin(), m_labels.end(), label, [](const Entry& e, std::int64_t l) { return e.label < l; });
  return found != m_labels.end() && found->label == label ? found->zone : -1;
}

void ZoneState::add(double value, double weight) {
  if (count == 0) {
    *this = {weight, value, 0, 0, value, value};
    return;
  }
  const double apart = value - first, before = count;
  count += weight;
  sum += weight * apart;
  const double off = count * apart - sum;
  squares += weight * (off * off) / (count * before);
  low = std::min(low, value);
  high = std::max(high, value);
}

void ZoneState::merge(const ZoneState& later) {
  if (later.count == 0) return;
  if (count == 0) {
    *this = later;
    return;
  }
  const double apart = later.mean() - mean();
  squares += later.squares + apart * apart * (count * later.count / (count + later.count));
  sum += later.sum + later.count * (later.first - first);
  count += later.count;
  low = std::min(low, later.low);
  high = std::max(high, later.high);
}

Moment ZoneState::moment() const {
  Moment moment;
  moment.count = count;
  if (count == 0) return moment;
  moment.sum = count * first + sum;
  moment.mean = mean();
  moment.squares = squares;
  moment.low = low;
  moment.high = high;
  return moment;
}

ZoneMoments::ZoneMoments(const ZonalInputs& inputs, const ZoneTable& table, std::size_t zoneCount, std::size_t elements)
    : m_inputs(inputs), m_table(table), m_elements(elements), m_states(zoneCount * elements) {
  for (std::size_t d = 0; d < inputs.values.dims.size(); ++d)
    if (inputs.dims.isReduced(d)) m_goes.push_back(d);
}

Result<void> ZoneMoments::add(const BlockView& /*input*/) { return fail(ErrorCode::Internal, "values without their zones"); }

Result<void> ZoneMoments::addWith(const BlockView& input, const std::vector<BlockView>& beside) {
  BlockView labels = beside[0];
  labels.shape.clear();
  labels.strides.clear();
  for (const int d : m_inputs.labelDims) {
    labels.shape.push_back(beside[0].shape[static_cast<std::size_t>(d)]);
    labels.strides.push_back(beside[0].strides[static_cast<std::size_t>(d)]);
  }
  addInOrder(input, labels);
  return {};
}

/// Halves are taken along the dim that varies slowest, so that values come in one order.
void ZoneMoments::addInOrder(const BlockView& values, const BlockView& labels) {
  if (labels.count() <= kMostPixels) return addPixels(values, zonesOf(labels));
  const auto place = static_cast<std::size_t>(
      std::find_if(labels.shape.begin(), labels.shape.end(), [](std::int64_t size) { return size > 1; }) - labels.shape.begin());
  const std::int64_t size = labels.shape[place], half = size / 2;
  for (const auto& [first, count] : {std::pair{std::int64_t{0}, half}, {half, size - half}})
    addInOrder(cutAlong(values, m_goes[place], first, count), cutAlong(labels, place, first, count));
}

void ZoneMoments::addPixels(const BlockView& values, const std::vector<std::int32_t>& zones) {
  for (std::size_t element = 0; element < m_elements; ++element) {
    BlockView one = values;
    auto rest = static_cast<std::int64_t>(element);
    for (std::size_t d = values.shape.size(); d-- > 0;) {
      if (m_inputs.dims.isReduced(d)) continue;
      one = cutAlong(one, d, rest % values.shape[d], 1);
      rest /= values.shape[d];
    }
    addElement(one, element, zones);
  }
}

std::vector<std::int32_t> ZoneMoments::zonesOf(const BlockView& labels) const {
  std::vector<std::int32_t> zones;
  zones.reserve(static_cast<std::size_t>(labels.count()));
  dispatchRealType(labels.type, [&](auto sample) {
    using T = decltype(sample);
    // Beyond the signed ones, no label of 64 bits can be named.
    const T most =
        std::is_same_v<T, std::uint64_t> ? static_cast<T>(std::numeric_limits<std::int64_t>::max()) : std::numeric_limits<T>::max();
    const bool hasNodata = m_inputs.labelNodata && canHold(labels.type, *m_inputs.labelNodata);
    const T nodata = hasNodata ? convertPixel<T>(*m_inputs.labelNodata) : T{};
    forEachRun(labels, [&](const std::byte* p, std::int64_t n, std::int64_t step) {
      for (std::int64_t i = 0; i < n; ++i, p += step) {
        const T label = *reinterpret_cast<const T*>(p);
        const bool isNone = label > most || (hasNodata && label == nodata);
        zones.push_back(isNone ? -1 : m_table.zoneOf(static_cast<std::int64_t>(label)));
      }
    });
  });
  return zones;
}

void ZoneMoments::addElement(const BlockView& values, std::size_t element, const std::vector<std::int32_t>& zones) {
  const RunLoader<double> loader(m_inputs.values.type, m_inputs.values.nodata);
  std::array<double, kRun> run{};
  std::array<std::uint8_t, kRun> valid{};
  const std::int32_t* zone = zones.data();
  // A zone's pixels mostly lie side by side: what is gathered of it stays in registers until another begins.
  std::int32_t at = -1;
  ZoneState state;
  const auto keep = [&] {
    if (at >= 0) m_states[static_cast<std::size_t>(at) * m_elements + element] = state;
  };
  forEachRun(values, [&](const std::byte* p, std::int64_t n, std::int64_t step) {
    for (std::int64_t first = 0; first < n; first += kRun) {
      const auto count = static_cast<std::size_t>(std::min(kRun, n - first));
      std::fill_n(valid.begin(), count, std::uint8_t{1});
      loader.load(p + first * step, step, count, run.data(), valid.data());
      for (std::size_t i = 0; i < count; ++i, ++zone) {
        if (*zone < 0 || valid[i] == 0) continue;
        if (*zone != at) {
          keep();
          at = *zone;
          state = m_states[static_cast<std::size_t>(at) * m_elements + element];
        }
        state.add(run[i]);
      }
    }
  });
  keep();
}

void ZoneMoments::merge(const Accumulator& later) {
  const auto& other = static_cast<const ZoneMoments&>(later);
  for (std::size_t i = 0; i < m_states.size(); ++i) m_states[i].merge(other.m_states[i]);
}

Moment ZoneMoments::moment(std::size_t zone, std::size_t element) const { return m_states[zone * m_elements + element].moment(); }

}  // namespace cubeloom
