// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/op/view/view_operation.h"

namespace cubeloom {
namespace {

class DirectTask : public Task {
 public:
  explicit DirectTask(std::vector<Need> needs) : m_needs(std::move(needs)) {}
  const std::vector<Need>& needs() const override { return m_needs; }
  Result<void> run(const std::vector<BlockView>& /*inputs*/, const BlockView& /*out*/) override { return {}; }

 private:
  std::vector<Need> m_needs;
};

}  // namespace

BlockView directView(const Need& need, const BlockView& out) {
  BlockView view{out.data, out.type, regionShape(need.region), {}};
  for (std::size_t i = 0; i < need.direct->offset.size(); ++i) view.data += need.direct->offset[i] * out.strides[i];
  for (const int axis : need.direct->axes) view.strides.push_back(axis < 0 ? 0 : out.strides[static_cast<std::size_t>(axis)]);
  return view;
}

std::unique_ptr<Task> directTask(std::vector<Need> needs) { return std::make_unique<DirectTask>(std::move(needs)); }

void ViewOperation::initView(const ArraySpec& input) {
  m_chosen = fullRegion(input.shape());
  m_inputDim.clear();
  for (std::size_t d = 0; d < input.dims.size(); ++d) m_inputDim.push_back(static_cast<int>(d));
}

Result<std::unique_ptr<Task>> ViewOperation::prepare(const Region& region) const {
  Need need;
  need.direct.emplace();
  need.direct->axes.assign(m_chosen.size(), -1);
  need.direct->offset.assign(region.size(), 0);
  need.region.resize(m_chosen.size());
  for (std::size_t d = 0; d < m_chosen.size(); ++d) need.region[d] = m_chosen[d].slice(0, 1);
  for (std::size_t i = 0; i < region.size(); ++i) {
    if (m_inputDim[i] < 0) continue;
    const auto d = static_cast<std::size_t>(m_inputDim[i]);
    need.region[d] = m_chosen[d].select(region[i]);
    need.direct->axes[d] = static_cast<int>(i);
  }
  std::vector<Need> needs;
  needs.push_back(std::move(need));
  return directTask(std::move(needs));
}

}  // namespace cubeloom
