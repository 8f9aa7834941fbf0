// SPDX-License-Identifier: GPL-3.0-or-later
// Eigenvectors of symmetric matrices.
#pragma once

#include <cstddef>
#include <vector>

namespace cubeloom {

struct Eigenvectors {
  std::vector<double> values;   ///< the greatest first
  std::vector<double> vectors;  ///< [k * size + i]: entry i of vector k, of length 1; its entry of the greatest size is positive
};

/// All of them, of a symmetric `size` x `size` matrix, row by row.
Eigenvectors eigenvectorsOf(const std::vector<double>& matrix, std::size_t size);

}  // namespace cubeloom
