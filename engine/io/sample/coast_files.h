// SPDX-License-Identifier: GPL-3.0-or-later
// The sample coast as files: three dates of reflectance with their scene classification, what covers the ground, fields and sites.
#pragma once

#include <cstdint>
#include <string>

#include "engine/base/result.h"

namespace cubeloom {

namespace coast {

/// The part of the coast that the files show.
inline constexpr std::int64_t kFileLine = 6732, kFileSample = 7488, kFileLines = 340, kFileSamples = 480;
inline constexpr int kFileBands = 60;
inline constexpr int kFileDates[] = {0, 6, 10};  ///< 24 February, 12 April, 11 May

}  // namespace coast

/// Makes sure that `folder` (created if missing) holds the sample coast, about 57 MiB, and returns the header of its first date:
/// `coast_20220224.hdr` and two more dates (ENVI, BIL, int16, reflectance * 10000), `coast_20220224_scl.hdr` and two more (the classes of
/// Sentinel-2's scene classification), `coast_cover.hdr` (what is truly there), `coast_fields.geojson`, `coast_sites.geojson`. What is
/// complete is left alone. All appear whole, headers last. WriteFailed names path and reason.
Result<std::string> makeSampleCoast(const std::string& folder);

}  // namespace cubeloom
