// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/op/family/fitted.h"

namespace cubeloom {
namespace {

/// The first dim that is not `dim`; of an array of that dim alone that one.
int slowestBeside(const ArraySpec& input, int dim) { return dim == 0 && input.dims.size() > 1 ? 1 : 0; }

class ToBeFitted : public FitOperation {
 public:
  ToBeFitted(std::shared_ptr<const BoundOperation> kernel, std::unique_ptr<const FitPass> pass)
      : m_bound(std::move(kernel)), m_pass(std::move(pass)) {
    m_spec = m_bound->spec();
    m_summary = m_bound->summary();
    m_warnings = m_bound->warnings();
    m_kernel = std::get<const KernelOperation*>(m_bound->work());
  }
  Result<std::unique_ptr<Task>> prepare(const Region& region) const override { return m_kernel->prepare(region); }
  const FitPass* pendingPass() const override { return m_pass.get(); }

 private:
  std::shared_ptr<const BoundOperation> m_bound;
  const KernelOperation* m_kernel;
  std::unique_ptr<const FitPass> m_pass;
};

}  // namespace

SpectraPass::SpectraPass(const ArraySpec& input, int dim) : m_input(input), m_dim(dim), m_cut(input, slowestBeside(input, dim)) {}

std::vector<Region> SpectraPass::parts() const { return m_cut.parts(fullRegion(m_input.shape()), true); }

std::vector<Region> SpectraPass::pieces(const Region& part) const { return m_cut.pieces(part); }

std::vector<bool> SpectraPass::canBeSampled() const {
  std::vector<bool> can(m_input.dims.size(), true);
  can[static_cast<std::size_t>(m_dim)] = false;
  return can;
}

std::shared_ptr<const BoundOperation> toBeFitted(std::shared_ptr<const BoundOperation> kernel, std::unique_ptr<const FitPass> pass) {
  return std::make_shared<ToBeFitted>(std::move(kernel), std::move(pass));
}

}  // namespace cubeloom
