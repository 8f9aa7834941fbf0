// SPDX-License-Identifier: GPL-3.0-or-later
// CRS as text.
#pragma once

#include <cpl_conv.h>
#include <ogr_srs_api.h>

#include <array>
#include <string>

namespace cubeloom::gdal {

/// Empty: there is none, or it cannot be said so.
inline std::string wktOf(OGRSpatialReferenceH reference, const char* format) {
  const std::array<const char*, 2> options{format, nullptr};
  char* text = nullptr;
  std::string wkt;
  if (reference != nullptr && OSRExportToWktEx(reference, &text, options.data()) == OGRERR_NONE && text != nullptr) wkt = text;
  CPLFree(text);
  return wkt;
}

}  // namespace cubeloom::gdal
