// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/op/family/mixture.h"

#include <Eigen/Cholesky>
#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace cubeloom {
namespace {

using Matrix = Eigen::MatrixXd;
using Vector = Eigen::VectorXd;

constexpr double kAddedVariance = 1e-6, kTolerance = 1e-3, kLog2Pi = 1.8378770664093453;
constexpr Eigen::Index kPixelsOfBlock = 256;

/// One component as it is being found.
struct Component {
  Vector mean;
  Matrix factor;  ///< lower triangular; of a diagonal covariance only its diagonal
  double level = 0;
  // Sums over the spectra, each by how much it belongs here: of ones, of deviations from the mean, of their products.
  double weight = 0;
  Vector deviations;
  Matrix products;
};

class Maximiser {
 public:
  Maximiser(const std::vector<double>& spectra, const Centres& centres, bool isDiagonal)
      : m_spectra(spectra.data(), static_cast<Eigen::Index>(centres.entries), static_cast<Eigen::Index>(spectra.size() / centres.entries)),
        m_isDiagonal(isDiagonal),
        m_components(centres.count) {
    for (std::size_t k = 0; k < centres.count; ++k)
      m_components[k].mean = Eigen::Map<const Vector>(&centres.values[k * centres.entries], m_spectra.rows());
  }

  /// False where a covariance matrix is singular.
  bool run(int iterations, const CancelToken& cancel) {
    gather(true);
    if (!maximise()) return false;
    double before = -std::numeric_limits<double>::infinity();
    for (int i = 0; i < iterations && !cancel.isCanceled(); ++i) {
      const double likelihood = gather(false);
      if (!maximise()) return false;
      if (std::abs(likelihood - before) < kTolerance) break;
      before = likelihood;
    }
    return true;
  }

  Mixture mixture() const {
    const auto n = static_cast<std::size_t>(m_spectra.rows());
    std::vector<std::size_t> order(m_components.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(), [this](std::size_t a, std::size_t b) {
      const Vector &x = m_components[a].mean, &y = m_components[b].mean;
      return std::lexicographical_compare(x.data(), x.data() + x.size(), y.data(), y.data() + y.size());
    });
    Mixture made{m_components.size(), n, m_isDiagonal, {}, {}, {}};
    for (const std::size_t k : order) {
      const Component& c = m_components[k];
      made.means.insert(made.means.end(), c.mean.data(), c.mean.data() + c.mean.size());
      made.levels.push_back(c.level);
      if (m_isDiagonal) {
        for (Eigen::Index i = 0; i < m_spectra.rows(); ++i) made.whitening.push_back(1 / c.factor(i, 0));
        continue;
      }
      const Matrix inverse = c.factor.triangularView<Eigen::Lower>().solve(Matrix::Identity(m_spectra.rows(), m_spectra.rows()));
      for (Eigen::Index i = 0; i < m_spectra.rows(); ++i)
        for (Eigen::Index j = 0; j < m_spectra.rows(); ++j) made.whitening.push_back(j <= i ? inverse(i, j) : 0.0);
    }
    return made;
  }

 private:
  /// Sums of all spectra by how much they belong to each component, which follows from the nearest mean at first; their mean
  /// log-likelihood.
  double gather(bool byNearest) {
    const Eigen::Index n = m_spectra.rows(), count = static_cast<Eigen::Index>(m_components.size());
    for (Component& c : m_components) {
      c.weight = 0;
      c.deviations = Vector::Zero(n);
      c.products = Matrix::Zero(n, m_isDiagonal ? 1 : n);
    }
    double likelihood = 0;
    for (Eigen::Index first = 0; first < m_spectra.cols(); first += kPixelsOfBlock) {
      const Eigen::Index pixels = std::min(kPixelsOfBlock, m_spectra.cols() - first);
      Matrix shares(count, pixels);
      for (Eigen::Index k = 0; k < count; ++k) {
        const Component& c = m_components[static_cast<std::size_t>(k)];
        Matrix off = m_spectra.middleCols(first, pixels).colwise() - c.mean;
        if (!byNearest && m_isDiagonal) off.array().colwise() /= c.factor.col(0).array();
        if (!byNearest && !m_isDiagonal) c.factor.triangularView<Eigen::Lower>().solveInPlace(off);
        shares.row(k) = (-0.5 * off.colwise().squaredNorm()).array() + (byNearest ? 0.0 : c.level);
      }
      for (Eigen::Index p = 0; p < pixels; ++p) {
        Eigen::Index best = 0;
        const double most = shares.col(p).maxCoeff(&best);
        if (byNearest) {
          shares.col(p).setZero();
          shares(best, p) = 1;
          continue;
        }
        shares.col(p) = (shares.col(p).array() - most).exp();
        const double sum = shares.col(p).sum();
        likelihood += most + std::log(sum);
        shares.col(p) /= sum;
      }
      for (Eigen::Index k = 0; k < count; ++k) {
        Component& c = m_components[static_cast<std::size_t>(k)];
        const Matrix off = m_spectra.middleCols(first, pixels).colwise() - c.mean;
        const Vector share = shares.row(k).transpose();
        c.weight += share.sum();
        c.deviations += off * share;
        if (m_isDiagonal)
          c.products += off.cwiseAbs2() * share;
        else
          c.products += off * share.asDiagonal() * off.transpose();
      }
    }
    return likelihood / static_cast<double>(m_spectra.cols());
  }

  /// The components that these sums are likeliest with.
  bool maximise() {
    const auto n = static_cast<double>(m_spectra.rows());
    for (Component& c : m_components) {
      const double weight = c.weight + 10 * std::numeric_limits<double>::epsilon();
      const Vector moved = c.deviations / weight;
      c.mean += moved;
      double logarithm = 0;
      if (m_isDiagonal) {
        c.factor = ((c.products / weight - moved.cwiseAbs2()).array().max(0.0) + kAddedVariance).sqrt();
        logarithm = c.factor.array().log().sum();
      } else {
        Matrix covariance = c.products / weight - moved * moved.transpose();
        covariance.diagonal().array() += kAddedVariance;
        const Eigen::LLT<Matrix> cholesky(covariance);
        if (cholesky.info() != Eigen::Success) return false;
        c.factor = cholesky.matrixL();
        logarithm = c.factor.diagonal().array().log().sum();
      }
      if (!std::isfinite(logarithm)) return false;
      c.level = std::log(weight / static_cast<double>(m_spectra.cols())) - 0.5 * n * kLog2Pi - logarithm;
    }
    return true;
  }

  Eigen::Map<const Matrix> m_spectra;  ///< a spectrum per column
  bool m_isDiagonal;
  std::vector<Component> m_components;
};

/// levels[p] -= half the square of row `row` of the whitening times the deviations, over `first` to `last`.
void takeSquare(const double* row, const std::vector<double>& off, std::size_t first, std::size_t last, std::size_t count,
                std::vector<double>& sum, std::vector<double>& level) {
  std::fill(sum.begin(), sum.end(), 0.0);
  for (std::size_t i = first; i < last; ++i) {
    const double weight = row[i];
    const double* __restrict from = &off[i * count];
    for (std::size_t p = 0; p < count; ++p) sum[p] += weight * from[p];
  }
  for (std::size_t p = 0; p < count; ++p) level[p] -= 0.5 * sum[p] * sum[p];
}

}  // namespace

std::optional<Mixture> mixtureOf(const std::vector<double>& spectra, const Centres& centres, bool isDiagonal, int iterations,
                                 const CancelToken& cancel) {
  Maximiser maximiser(spectra, centres, isDiagonal);
  if (!maximiser.run(iterations, cancel)) return {};
  return maximiser.mixture();
}

std::shared_ptr<const PointKernel> likeliestComponent(std::shared_ptr<const Mixture> mixture) {
  return pointKernel([mixture = std::move(mixture)](auto& run) {
    const std::size_t n = mixture->entries, count = run.count;
    std::vector<double> off(n * count), sum(count), level(count), best(count, -std::numeric_limits<double>::infinity());
    std::fill_n(run.out, count, 0);
    for (std::size_t k = 0; k < mixture->count; ++k) {
      for (std::size_t i = 0; i < n; ++i)
        for (std::size_t p = 0; p < count; ++p) off[i * count + p] = static_cast<double>(run.inputs[i][p]) - mixture->means[k * n + i];
      std::fill(level.begin(), level.end(), mixture->levels[k]);
      const double* whitening = &mixture->whitening[k * mixture->whiteningSize()];
      for (std::size_t j = 0; j < n; ++j) {
        if (mixture->isDiagonal)
          takeSquare(whitening, off, j, j + 1, count, sum, level);
        else
          takeSquare(whitening + j * n, off, 0, j + 1, count, sum, level);
      }
      for (std::size_t p = 0; p < count; ++p)
        if (level[p] > best[p]) {
          best[p] = level[p];
          run.out[p] = static_cast<std::remove_pointer_t<decltype(run.out)>>(k);
        }
    }
  });
}

}  // namespace cubeloom
