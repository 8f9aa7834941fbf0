// SPDX-License-Identifier: GPL-3.0-or-later
// Arrays to be written and requests to write them, for the tests of sinks.
#pragma once

#include <string>

#include "engine/access/sink.h"

namespace cubeloom::test {

/// Dims named in `order`: 'b' wavelength with fwhm and good bands, 'n' a band with names, 't' two dates, 'y', 'x' on a grid of 500 m or 0.1
/// degree; without `crs` on one of unknown CRS.
ArraySpec specOf(const std::string& order, PixelType type, std::int64_t bands, std::int64_t rows, std::int64_t cols,
                 const std::string& crs = "EPSG:32610");

SinkRequest requestOf(const std::string& path, ArraySpec spec, const std::string& compress = {});
SinkRequest requestOf(const std::string& path, const std::string& format, ArraySpec spec);

/// The parameter that a refusal names, "" when it is not refused.
std::string refusedParameter(SinkProvider& sinks, const SinkRequest& request);

}  // namespace cubeloom::test
