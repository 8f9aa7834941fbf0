// SPDX-License-Identifier: GPL-3.0-or-later
// Source of the format: GDAL's "PAM Multi-Dimensional raster and auxiliary XML" schema, data/gdalvrt.xsd.
#include "engine/io/tiff/tiff_side_file.h"

#include "engine/io/sink/sink_metadata.h"

namespace cubeloom {
namespace {

std::string xmlText(const std::string& text) {
  std::string xml;
  for (const char c : text) {
    if (c == '&') {
      xml += "&amp;";
    } else if (c == '<') {
      xml += "&lt;";
    } else if (c == '>') {
      xml += "&gt;";
    } else {
      xml += static_cast<unsigned char>(c) < ' ' ? ' ' : c;
    }
  }
  return xml;
}

}  // namespace

std::string tiffSidePath(const std::string& path) { return path + ".aux.xml"; }

std::string tiffSideText(const ArraySpec& spec, std::int64_t bands) {
  const std::vector<std::string> names = classNamesOf(spec);
  if (names.empty()) return {};
  std::string categories;
  for (const std::string& name : names) categories += "      <Category>" + xmlText(name) + "</Category>\n";
  std::string text = "<PAMDataset>\n";
  for (std::int64_t band = 1; band <= bands; ++band)
    text += "  <PAMRasterBand band=\"" + std::to_string(band) + "\">\n    <CategoryNames>\n" + categories +
            "    </CategoryNames>\n  </PAMRasterBand>\n";
  return text + "</PAMDataset>\n";
}

}  // namespace cubeloom
