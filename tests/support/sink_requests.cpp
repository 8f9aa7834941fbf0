// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/sink_requests.h"

namespace cubeloom::test {

ArraySpec specOf(const std::string& order, PixelType type, std::int64_t bands, std::int64_t rows, std::int64_t cols,
                 const std::string& crs) {
  ArraySpec spec;
  spec.type = type;
  spec.variable = "reflectance";
  spec.unit = "1";
  for (const char c : order) {
    Dim dim;
    if (c == 'b') dim = {"wavelength", bands, {}};
    if (c == 'n') dim = {"band", bands, {}};
    if (c == 't') dim = {"time", 2, {}};
    if (c == 'y') dim = {"y", rows, {}};
    if (c == 'x') dim = {"x", cols, {}};
    if (c == 'y') spec.yDim = static_cast<int>(spec.dims.size());
    if (c == 'x') spec.xDim = static_cast<int>(spec.dims.size());
    if (c == 'b') {
      dim.coordinate.kind = Coordinate::Kind::Values;
      dim.coordinate.unit = "nm";
      for (std::int64_t i = 0; i < bands; ++i) {
        dim.coordinate.values.push_back(377.25 + 5 * static_cast<double>(i));
        dim.coordinate.aux["fwhm"].push_back(5.57 + 0.01 * static_cast<double>(i));
        dim.coordinate.aux["good"].push_back(i == 1 ? 0 : 1);
      }
    }
    if (c == 'n') {
      dim.coordinate.kind = Coordinate::Kind::Regular;
      dim.coordinate.start = 1;
      dim.coordinate.unit = "1";
      for (std::int64_t i = 0; i < bands; ++i) dim.coordinate.labels.push_back("band " + std::to_string(i));
    }
    if (c == 't') {
      dim.coordinate.kind = Coordinate::Kind::Values;
      dim.coordinate.unit = "datetime";
      dim.coordinate.values = {1645660800, 1646697600.5};
      dim.coordinate.labels = {"2022-02-24T00:00:00Z", "2022-03-08T00:00:00.5Z"};
    }
    spec.dims.push_back(std::move(dim));
  }
  if (spec.isSpatial()) {
    const Affine affine = crs == "EPSG:4326" ? Affine{0.1, 0, -120.3, 0, -0.1, 34.7} : Affine{500, 0, 717500, 0, -500, 3866000};
    spec.setGeobox(GeoBox(rows, cols, affine, crs.empty() ? Crs() : *Crs::fromUser(crs)));
  }
  return spec;
}

SinkRequest requestOf(const std::string& path, ArraySpec spec, const std::string& compress) {
  SinkRequest request;
  request.path = path;
  request.compress = compress;
  request.spec = std::move(spec);
  return request;
}

SinkRequest requestOf(const std::string& path, const std::string& format, ArraySpec spec) {
  SinkRequest request = requestOf(path, std::move(spec));
  request.format = format;
  return request;
}

std::string refusedParameter(SinkProvider& sinks, const SinkRequest& request) {
  const auto plan = sinks.plan(request);
  if (plan) return "";
  return plan.error().code == ErrorCode::InvalidParameter && !plan.error().hint.empty() ? plan.error().parameter : "not a helpful refusal";
}

}  // namespace cubeloom::test
