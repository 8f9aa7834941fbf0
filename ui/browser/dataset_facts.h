// SPDX-License-Identifier: GPL-3.0-or-later
// What a search asks of a dataset: where it lies, when it was seen, and by what.
#pragma once

#include <QString>
#include <array>
#include <optional>

#include "engine/access/catalog.h"
#include "engine/access/source.h"
#include "engine/base/datetime.h"

namespace cubeloom {

/// West, south, east, north in degrees; west > east across the antimeridian.
using LonLatBox = std::array<double, 4>;

/// What is known; each part may be missing.
struct DatasetFacts {
  std::optional<LonLatBox> box;
  std::optional<TimeSpan> span;
  QString dates;   ///< the span for people: "2022-02-24", "2022-02-24 – 2022-05-11"
  QString sensor;  ///< "AVIRIS-NG", "EMIT ISS"
  QString shape;   ///< "wavelength 425 y 12,023 x 13,739 float32"
  bool isRead = false;
  QString problem;  ///< why the header could not be read

  /// What `other` knows and this does not.
  void add(const DatasetFacts& other);
};

/// As its catalog says it, without opening anything.
DatasetFacts factsOf(const CatalogEntry& entry);
/// As its header says it; the box takes PROJ, so that a worker should ask.
DatasetFacts factsOf(const DatasetInfo& info);

/// The two have a point in common. Boxes on both sides of the antimeridian are taken as such.
bool overlaps(const LonLatBox& a, const LonLatBox& b);
/// The rectangle around `bounds` of a CRS in degrees; unset where there is none.
std::optional<LonLatBox> lonLatBox(const Bounds& bounds, const Crs& crs);

}  // namespace cubeloom
