// SPDX-License-Identifier: GPL-3.0-or-later
// Reads the spectra of one place of the map on both sides, off the GUI thread.
#pragma once

#include <QPointF>
#include <QString>
#include <array>
#include <memory>
#include <vector>

#include "engine/base/cancel.h"
#include "engine/chain/graph.h"
#include "engine/preview/preview.h"

namespace cubeloom {

/// One side of a spectrum request.
struct SpectrumSource {
  std::shared_ptr<const Graph> graph;  ///< null: side not shown
  int node = -1;
  PictureGrid grid;
  std::vector<std::int64_t> others;  ///< as in PreviewRequest
};

/// Values along the spectral dim of each side; empty where the place lies outside or the side is not shown.
struct PlaceSpectra {
  std::array<std::vector<double>, 2> values;
  std::array<std::int64_t, 2> rows{-1, -1}, cols{-1, -1};
  QString error;
};

/// `place` is in `crs`. Blocking; meant for a worker.
PlaceSpectra readSpectra(const std::array<SpectrumSource, 2>& sides, QPointF place, const Crs& crs, const CancelToken& cancel);

}  // namespace cubeloom
