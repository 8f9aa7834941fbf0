// SPDX-License-Identifier: GPL-3.0-or-later
// Transforming points with PROJ: each transformer has a context of its own, so it may move between threads.
#include <proj.h>

#include <cmath>
#include <limits>

#include "engine/geo/crs.h"
#include "engine/geo/crs_proj.h"

namespace cubeloom {

struct Transformer::Data {
  ProjContext context;   // outlives the operation made with it
  ProjObject operation;  // empty: identity

  void apply(PJ_DIRECTION direction, double* x, double* y, std::size_t count) const {
    if (!operation || count == 0) return;
    proj_trans_generic(operation.get(), direction, x, sizeof(double), count, y, sizeof(double), count, nullptr, 0, 0, nullptr, 0, 0);
    for (std::size_t i = 0; i < count; ++i)
      if (!std::isfinite(x[i]) || !std::isfinite(y[i])) x[i] = y[i] = std::numeric_limits<double>::infinity();
  }
};

Transformer::Transformer() : m_data(std::make_unique<Data>()) {}
Transformer::~Transformer() = default;
Transformer::Transformer(Transformer&&) noexcept = default;
Transformer& Transformer::operator=(Transformer&&) noexcept = default;

Result<Transformer> Transformer::between(const Crs& from, const Crs& to) {
  if (!from.isValid() || !to.isValid())
    return fail(ErrorCode::CrsUnavailable, "points cannot be transformed: the CRS of one side is unknown", "Assign a CRS first.");
  Transformer transformer;
  if (from.isSameAs(to)) return transformer;

  Data& data = *transformer.m_data;
  data.context = makeProjContext();
  pj_ctx* context = data.context.get();
  const ProjObject source = from.m_data->create(context);
  const ProjObject target = to.m_data->create(context);
  if (source && target) {
    const ProjObject raw(proj_create_crs_to_crs_from_pj(context, source.get(), target.get(), nullptr, nullptr));
    if (raw) data.operation.reset(proj_normalize_for_visualization(context, raw.get()));
  }
  if (!data.operation)
    return fail(ErrorCode::CrsUnavailable, "PROJ has no transformation from " + from.label() + " to " + to.label(),
                "Choose a CRS of the same body and an ordinary datum.");
  return transformer;
}

void Transformer::forward(double* x, double* y, std::size_t count) const { m_data->apply(PJ_FWD, x, y, count); }
void Transformer::inverse(double* x, double* y, std::size_t count) const { m_data->apply(PJ_INV, x, y, count); }
bool Transformer::isIdentity() const { return !m_data->operation; }

}  // namespace cubeloom
