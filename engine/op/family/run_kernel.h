// SPDX-License-Identifier: GPL-3.0-or-later
// Kernels over runs of values, and the type in which they see them: float or double; kernels that only compare and hand on see whole
// numbers of 64 bits as these are, since a double holds them up to 2^53 alone.
#pragma once

#include <cstdint>
#include <memory>
#include <utility>

#include "engine/op/family/run_values.h"

namespace cubeloom {

/// A pure function of a run. Thread-safe.
template <template <class> class Run>
class RunKernel {
 public:
  virtual ~RunKernel() = default;
  virtual void operator()(Run<float>& run) const = 0;
  virtual void operator()(Run<double>& run) const = 0;
  /// Those of an exact kernel; there is no NaN among whole numbers: nodata is what is not valid.
  virtual void operator()(Run<std::int64_t>& /*run*/) const {}
  virtual void operator()(Run<std::uint64_t>& /*run*/) const {}
  virtual bool isExact() const { return false; }
};

/// From a generic lambda `[](auto& run) { ... }`.
template <template <class> class Run, class F>
std::shared_ptr<const RunKernel<Run>> runKernel(F f) {
  class Kernel : public RunKernel<Run> {
   public:
    explicit Kernel(F function) : m_f(std::move(function)) {}
    using RunKernel<Run>::operator();
    void operator()(Run<float>& run) const override { m_f(run); }
    void operator()(Run<double>& run) const override { m_f(run); }

   private:
    F m_f;
  };
  return std::make_shared<Kernel>(std::move(f));
}

/// The same of one that is exact.
template <template <class> class Run, class F>
std::shared_ptr<const RunKernel<Run>> exactRunKernel(F f) {
  class Kernel : public RunKernel<Run> {
   public:
    explicit Kernel(F function) : m_f(std::move(function)) {}
    void operator()(Run<float>& run) const override { m_f(run); }
    void operator()(Run<double>& run) const override { m_f(run); }
    void operator()(Run<std::int64_t>& run) const override { m_f(run); }
    void operator()(Run<std::uint64_t>& run) const override { m_f(run); }
    bool isExact() const override { return true; }

   private:
    F m_f;
  };
  return std::make_shared<Kernel>(std::move(f));
}

inline bool isWhole64(PixelType type) { return type == PixelType::Int64 || type == PixelType::UInt64; }

/// Calls `f(T{})` with the type in which pixels of type `from` are seen, where results are of type `to`.
template <class F>
decltype(auto) dispatchRunType(PixelType from, PixelType to, bool isExact, F&& f) {
  if (isExact && from == PixelType::Int64) return f(std::int64_t{});
  if (isExact && from == PixelType::UInt64) return f(std::uint64_t{});
  return needsDouble(from, to) ? f(double{}) : f(float{});
}

}  // namespace cubeloom
