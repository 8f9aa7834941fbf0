// SPDX-License-Identifier: GPL-3.0-or-later
// Imaging spectrometers whose products are a TIFF with the facts of its bands in an XML document beside it: EnMAP and DESIS.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.h"
#include "engine/io/gdal/gdal_service.h"

namespace cubeloom {

/// Centre and width in nm, gain and offset of each band, in its order.
struct ProductBands {
  std::vector<double> wavelengths, fwhm, gains, offsets;
};
/// What stands in <bandCharacterisation> of such a document. A list that is not of numbers is left empty.
ProductBands productBands(std::string_view xml);

/// Of "x-SPECTRAL_IMAGE.TIF": what "x-METADATA.XML" says of the bands, where the TIFF itself says nothing. OpenFailed: it is there and
/// cannot be read. `notes` says what was found, left out or is missing.
Result<void> readProductBands(const std::string& path, GdalFacts& facts, std::vector<std::string>& notes);

}  // namespace cubeloom
