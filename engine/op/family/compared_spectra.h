// SPDX-License-Identifier: GPL-3.0-or-later
// Spectra beside those of a library: a result of a pixel follows from its spectrum and one reference. Each spectrum is read once for all
// references.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "engine/op/operation.h"

namespace cubeloom {

/// A matrix of entries x pixels, and one of references x entries. T is float or double, as for pointwise kernels.
template <class T>
struct ComparedRun {
  std::size_t entries = 0, references = 0, pixels = 0;
  const T* in = nullptr;         ///< entry i of pixel p at [i * pixels + p]; where not valid, any value
  const T* reference = nullptr;  ///< entry i of reference k at [k * entries + i]
  T* out = nullptr;              ///< of reference k and pixel p at [k * pixels + p]; NaN is written as nodata
};

/// A pure function of a run. Thread-safe.
class ComparedKernel {
 public:
  virtual ~ComparedKernel() = default;
  virtual void operator()(const ComparedRun<float>& run) const = 0;
  virtual void operator()(const ComparedRun<double>& run) const = 0;
};

/// From a generic lambda `[](const auto& run) { ... }`.
template <class F>
std::shared_ptr<const ComparedKernel> comparedKernel(F f) {
  class Kernel : public ComparedKernel {
   public:
    explicit Kernel(F function) : m_f(std::move(function)) {}
    void operator()(const ComparedRun<float>& run) const override { m_f(run); }
    void operator()(const ComparedRun<double>& run) const override { m_f(run); }

   private:
    F m_f;
  };
  return std::make_shared<Kernel>(std::move(f));
}

struct ComparedSpectra {
  int dim = -1;    ///< of the array, whose entries are compared
  ArraySpec spec;  ///< the library's further dim, if it has one, and then the array's other dims
  std::shared_ptr<const ComparedKernel> kernel;
  std::string summary = {};
  std::vector<std::string> warnings = {};
};

/// Whether the second input is a library to the first one: it has `dim` of that, at most one further dim, and no place.
bool isLibrary(const std::vector<ArraySpec>& inputs, int dim);

/// The inputs: an array and its library, whose entries along `dim` are the same. A result is nodata where an entry of either spectrum is.
std::shared_ptr<const BoundOperation> bindCompared(const std::vector<ArraySpec>& inputs, ComparedSpectra facts);

}  // namespace cubeloom
