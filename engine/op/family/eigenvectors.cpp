// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/op/family/eigenvectors.h"

#include <Eigen/Eigenvalues>
#include <cmath>

namespace cubeloom {

Eigenvectors eigenvectorsOf(const std::vector<double>& matrix, std::size_t size) {
  const auto n = static_cast<Eigen::Index>(size);
  const Eigen::Map<const Eigen::MatrixXd> mapped(matrix.data(), n, n);
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver(mapped);
  Eigenvectors found{std::vector<double>(size), std::vector<double>(size * size)};
  for (std::size_t k = 0; k < size; ++k) {
    const auto column = n - 1 - static_cast<Eigen::Index>(k);  // Eigen sorts them the other way
    found.values[k] = solver.eigenvalues()[column];
    std::size_t largest = 0;
    for (std::size_t i = 0; i < size; ++i) {
      found.vectors[k * size + i] = solver.eigenvectors()(static_cast<Eigen::Index>(i), column);
      if (std::abs(found.vectors[k * size + i]) > std::abs(found.vectors[k * size + largest])) largest = i;
    }
    if (found.vectors[k * size + largest] < 0)
      for (std::size_t i = 0; i < size; ++i) found.vectors[k * size + i] = -found.vectors[k * size + i];
  }
  return found;
}

}  // namespace cubeloom
