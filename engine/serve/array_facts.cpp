// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/serve/array_facts.h"

#include <cmath>

#include "engine/array/cell_bounds.h"
#include "engine/base/cf_calendar.h"
#include "engine/base/text.h"
#include "engine/base/utf8.h"

namespace cubeloom {
namespace {

Json factNumber(double value) { return std::isfinite(value) ? Json(value) : Json(formatNumber(value)); }

Json factNumbers(const std::vector<double>& values) {
  Json list = Json::array();
  for (const double value : values) list.push_back(factNumber(value));
  return list;
}

/// `count`: of the entries.
Json coordinateFacts(const Coordinate& c, std::int64_t count) {
  const CfTimeWords time = timeWords(c.unit);
  Json json{{"unit", time.units}, {"dtype", std::string(pixelTypeName(c.exactType(count)))}};
  if (!time.calendar.empty()) json["calendar"] = time.calendar;
  switch (c.kind) {
    case Coordinate::Kind::None: json["kind"] = "none"; break;
    case Coordinate::Kind::Regular:
      json["kind"] = "regular";
      json["start"] = factNumber(c.start);
      json["step"] = factNumber(c.step);
      break;
    case Coordinate::Kind::Values:
      json["kind"] = "values";
      json["values"] = factNumbers(c.values);
      break;
  }
  if (!c.labels.empty()) json["labels"] = c.labels;
  for (const auto& [name, text] : c.attributes)
    if (!name.starts_with('_')) json["attributes"][name] = text;
  for (const auto& [name, numbers] : c.aux)
    if (!isBound(name)) json["beside"][name] = factNumbers(numbers);
  return json;
}

Json auxiliaryFacts(const AuxiliaryCoordinate& one) {
  if (one.dims.size() < 2) {
    Json json = coordinateFacts(*one.values, one.count());
    json["dims"] = one.dims;
    return json;
  }
  Coordinate without = *one.values;
  without.values.clear();
  without.labels.clear();
  Json json = coordinateFacts(without, 0);
  json["dims"] = one.dims;
  json["dtype"] = std::string(pixelTypeName(one.values->exactType(one.count())));
  json["kind"] = one.values->kind == Coordinate::Kind::Values ? "array" : "none";
  return json;
}

}  // namespace

Json arrayFacts(const ArraySpec& spec) {
  Json json{{"dims", spec.dimNames()},
            {"shape", spec.shape()},
            {"dtype", std::string(pixelTypeName(spec.type))},
            {"bytes", static_cast<std::int64_t>(spec.bytes())},
            {"nodata", spec.nodata ? factNumber(*spec.nodata) : Json(nullptr)},
            {"unit", spec.unit},
            {"variable", spec.variable},
            {"block_shape", spec.storage.block},
            {"spatial_dims", nullptr},
            {"crs", nullptr},
            {"crs_wkt", nullptr},
            {"geotransform", nullptr},
            {"coordinates", Json::object()},
            {"auxiliary", Json::object()},
            {"attributes", spec.attributes}};
  for (const Dim& dim : spec.dims) {
    json["coordinates"][dim.name] = coordinateFacts(dim.coordinate, dim.size);
    json["coordinates"][dim.name]["is_named"] = isNamed(dim);
  }
  for (const AuxiliaryCoordinate& one : spec.coordinates) json["auxiliary"][one.name] = auxiliaryFacts(one);
  if (spec.geobox) {
    json["spatial_dims"] = {spec.dims[static_cast<std::size_t>(spec.yDim)].name, spec.dims[static_cast<std::size_t>(spec.xDim)].name};
    json["geotransform"] = spec.geobox->affine().geotransform();
    if (const Crs& crs = spec.geobox->crs(); crs.isValid()) {
      json["crs"] = crs.definition();
      json["crs_wkt"] = crs.wkt();
      json["crs_unit"] = crs.unitName();
      json["is_geographic"] = crs.isGeographic();
    }
  }
  if (spec.storedScale) json["scale"] = {{"factor", spec.storedScale->factor}, {"offset", spec.storedScale->offset}};
  if (!spec.classNames.empty()) json["class_names"] = spec.classNames;
  if (!spec.classColours.empty()) json["class_colours"] = spec.classColours;
  return json;
}

Json errorFacts(const Error& error) {
  Json json{{"code", errorCodeName(error.code)}, {"message", printable(error.message)}};
  if (!error.hint.empty()) json["hint"] = error.hint;
  if (!error.node.empty()) json["node"] = error.node;
  if (!error.parameter.empty()) json["parameter"] = error.parameter;
  if (!error.path.empty()) json["path"] = error.path;
  return json;
}

}  // namespace cubeloom
