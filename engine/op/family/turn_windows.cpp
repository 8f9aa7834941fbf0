// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/op/family/turn_windows.h"

#include <algorithm>

#include "engine/base/vector_clones.h"

namespace cubeloom {
namespace {

CUBELOOM_VECTOR_CLONES void addRows(const double* __restrict a, const double* __restrict b, std::size_t count, double* __restrict sum) {
  for (std::size_t i = 0; i < count; ++i) sum[i] = a[i] + b[i];
}

CUBELOOM_VECTOR_CLONES void addTo(double* __restrict sum, const double* __restrict a, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) sum[i] += a[i];
}

template <class T>
CUBELOOM_VECTOR_CLONES void addValid(const T* __restrict values, const std::uint8_t* __restrict valid, std::size_t count,
                                     double* __restrict sums) {
  for (std::size_t i = 0; i < count; ++i) sums[i] += valid[i] != 0 ? static_cast<double>(values[i]) : 0.0;
}

/// Rows of doubles, one for each place, a column for each pixel.
class Rows {
 public:
  void resize(std::size_t rows, std::size_t columns) {
    m_columns = columns;
    m_values.assign(rows * columns, 0.0);
  }
  double* row(std::size_t i) { return &m_values[i * m_columns]; }
  std::size_t columns() const { return m_columns; }

 private:
  std::vector<double> m_values;
  std::size_t m_columns = 0;
};

/// Windows around each place of a turn of rows. The sum of `width` neighbours is the rest of one block of that width and the begin of the
/// next (van Herk 1992, doi:10.1016/0167-8655(92)90069-C), so that it takes three additions whatever the width.
class Windows {
 public:
  explicit Windows(const TurnWindows& facts) : m_facts(facts) {}

  /// `turn` gets the sums in its windows; of linear weights reach + 1 times as much.
  void sum(Rows& turn, bool isLinear) {
    const std::size_t reach = m_facts.reach, places = m_facts.turn, columns = turn.columns();
    if (reach == 0) return;
    m_open.resize(places + 2 * reach, columns);
    for (std::size_t i = 0; i < places + 2 * reach; ++i) std::copy_n(turn.row((i + places - reach) % places), columns, m_open.row(i));
    if (isLinear) {  // two boxes, one after the other, make a triangle
      box(m_open, places + 2 * reach, reach + 1, m_half);
      box(m_half, places + reach, reach + 1, turn);
    } else {
      box(m_open, places + 2 * reach, 2 * reach + 1, turn);
    }
  }

 private:
  /// `to` gets the sums of `width` of `count` rows from each on; `from` is lost.
  void box(Rows& from, std::size_t count, std::size_t width, Rows& to) {
    const std::size_t columns = from.columns();
    m_rest.resize(count, columns);
    for (std::size_t i = count; i-- > 0;)
      if (i + 1 == count || (i + 1) % width == 0) {
        std::copy_n(from.row(i), columns, m_rest.row(i));
      } else {
        addRows(from.row(i), m_rest.row(i + 1), columns, m_rest.row(i));
      }
    for (std::size_t i = 1; i < count; ++i)
      if (i % width != 0) addTo(from.row(i), from.row(i - 1), columns);
    to.resize(count - width + 1, columns);
    for (std::size_t i = 0; i + width <= count; ++i)
      if (i % width == 0) {
        std::copy_n(from.row(i + width - 1), columns, to.row(i));
      } else {
        addRows(m_rest.row(i), from.row(i + width - 1), columns, to.row(i));
      }
  }

  const TurnWindows& m_facts;
  Rows m_open, m_half, m_rest;
};

/// What does not depend on values where all of them are valid.
struct Counts {
  std::vector<double> weights, valid;  ///< of each cell
};

class TurnWindowRun {
 public:
  explicit TurnWindowRun(const TurnWindows& facts) : m_facts(facts), m_windows(facts) {}

  /// Of a run of one pixel, all of it valid.
  Counts countsOfAll() {
    Counts all;
    for (const auto& [isLinear, to] : {std::pair{m_facts.isLinear, &all.weights}, {false, &all.valid}})
      for (std::size_t lane = 0; lane < m_facts.lanes; ++lane) {
        m_sums.resize(m_facts.turn, 1);
        for (const std::size_t cell : m_facts.cellOf)
          if (cell / m_facts.turn == lane) *m_sums.row(cell % m_facts.turn) += 1;
        m_windows.sum(m_sums, isLinear);
        for (std::size_t i = 0; i < m_facts.turn; ++i) to->push_back(*m_sums.row(i));
      }
    return all;
  }

  template <class T>
  void make(const DimRun<T>& run, const Counts& all) {
    bool hasAll = true, hasAny = false;
    for (const std::size_t entry : m_facts.order) {
      const std::uint8_t* valid = run.valid + entry * run.pixels;
      const bool isWhole = std::find(valid, valid + run.pixels, 0) == valid + run.pixels;
      hasAll = hasAll && isWhole;
      hasAny = hasAny || isWhole || std::find(valid, valid + run.pixels, 1) != valid + run.pixels;
    }
    if (!hasAny) {
      std::fill_n(run.outValid, run.results * run.pixels, std::uint8_t{0});
      return;
    }
    const double scale = m_facts.isLinear ? static_cast<double>(m_facts.reach + 1) : 1;
    for (std::size_t lane = 0; lane < m_facts.lanes; ++lane) {
      const auto ofLane = [&](std::size_t cell) { return cell / m_facts.turn == lane; };
      m_sums.resize(m_facts.turn, run.pixels);
      for (std::size_t j = 0; j < m_facts.order.size(); ++j)
        if (const std::size_t cell = m_facts.cellOf[j], at = m_facts.order[j] * run.pixels; ofLane(cell))
          addValid(run.in + at, run.valid + at, run.pixels, m_sums.row(cell % m_facts.turn));
      m_windows.sum(m_sums, m_facts.isLinear);
      if (!hasAll) count(run, lane);
      for (std::size_t k = 0; k < run.results; ++k) {
        const std::size_t cell = m_facts.cellOfResult[k], place = cell % m_facts.turn;
        if (!ofLane(cell)) continue;
        const double* sums = m_sums.row(place);
        for (std::size_t p = 0; p < run.pixels; ++p) {
          const double weight = hasAll ? all.weights[cell] : m_weights.row(place)[p];
          const double valid = hasAll ? all.valid[cell] : m_valid.row(place)[p];
          run.out[k * run.pixels + p] = static_cast<T>(sums[p] / (m_facts.isSum ? scale : weight));
          run.outValid[k * run.pixels + p] = static_cast<std::uint8_t>(valid >= static_cast<double>(m_facts.minCount));
        }
      }
    }
  }

 private:
  template <class T>
  void count(const DimRun<T>& run, std::size_t lane) {
    m_valid.resize(m_facts.turn, run.pixels);
    for (std::size_t j = 0; j < m_facts.order.size(); ++j) {
      if (m_facts.cellOf[j] / m_facts.turn != lane) continue;
      double* to = m_valid.row(m_facts.cellOf[j] % m_facts.turn);
      const std::uint8_t* valid = run.valid + m_facts.order[j] * run.pixels;
      for (std::size_t p = 0; p < run.pixels; ++p) to[p] += valid[p];
    }
    m_weights = m_valid;
    m_windows.sum(m_weights, m_facts.isLinear);
    m_windows.sum(m_valid, false);
  }

  const TurnWindows& m_facts;
  Windows m_windows;
  Rows m_sums, m_weights, m_valid;
};

}  // namespace

std::shared_ptr<const DimKernel> turnWindowKernel(TurnWindows windows) {
  windows.minCount = std::max<std::size_t>(windows.minCount, 1);
  Counts all = TurnWindowRun(windows).countsOfAll();
  return dimKernel([windows = std::move(windows), all = std::move(all)](const auto& run) { TurnWindowRun(windows).make(run, all); });
}

std::size_t turnWindowScratch(std::size_t turn, std::size_t reach) { return 6 * (turn + 2 * reach) * sizeof(double); }

}  // namespace cubeloom
