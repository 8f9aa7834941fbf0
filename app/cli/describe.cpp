// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/describe.h"

#include <cmath>
#include <nlohmann/json.hpp>

#include "engine/base/text.h"

namespace cubeloom::cli {
namespace {

Json coordinateToJson(const Coordinate& c, std::int64_t size) {
  if (c.kind == Coordinate::Kind::None && c.labels.empty()) return nullptr;
  Json json{{"unit", c.unit}};
  if (c.kind == Coordinate::Kind::Regular) {
    json["start"] = numberToJson(c.start);
    json["step"] = numberToJson(c.step);
    if (size > 0) json["stop"] = numberToJson(c.at(size - 1));
  } else if (c.kind == Coordinate::Kind::Values) {
    json["values"] = c.values;
  }
  if (!c.labels.empty()) json["labels"] = c.labels;
  for (const auto& [name, numbers] : c.aux) json[name] = numbers;
  return json;
}

}  // namespace

Json numberToJson(double value) {
  if (std::isfinite(value)) return value;
  return formatNumber(value);
}

Json specToJson(const ArraySpec& spec) {
  Json json{{"dims", spec.dimNames()},
            {"shape", spec.shape()},
            {"dtype", std::string(pixelTypeName(spec.type))},
            {"bytes", spec.bytes()},
            {"nodata", spec.nodata ? numberToJson(*spec.nodata) : Json(nullptr)},
            {"unit", spec.unit},
            {"layout", spec.storage.name},
            {"block_shape", spec.storage.block},
            {"crs", nullptr},
            {"geotransform", nullptr},
            {"bounds", nullptr}};
  for (const Dim& dim : spec.dims) json["coordinates"][dim.name] = coordinateToJson(dim.coordinate, dim.size);
  if (spec.geobox) {
    if (spec.geobox->crs().isValid()) {
      json["crs"] = spec.geobox->crs().label();
      json["crs_wkt"] = spec.geobox->crs().wkt();
    }
    json["geotransform"] = spec.geobox->affine().geotransform();
    const Bounds b = spec.geobox->bounds();
    json["bounds"] = {b.xmin, b.ymin, b.xmax, b.ymax};
  }
  if (spec.storedScale) json["scale"] = {{"factor", spec.storedScale->factor}, {"offset", spec.storedScale->offset}};
  if (!spec.attributes.empty()) json["attributes"] = spec.attributes;
  return json;
}

Json declarationToJson(const Declaration& d) {
  Json json{{"id", d.id},
            {"title", d.title},
            {"category", d.category},
            {"summary", d.summary},
            {"help", d.help},
            {"references", d.references},
            {"example", d.example},
            {"python", d.python},
            {"min_inputs", d.minInputs()},
            {"max_inputs", d.maxInputs()}};
  json["parameters"] = Json::array();
  for (const Param& p : d.params) {
    Json param{{"name", p.name}, {"type", paramTypeName(p.type)}, {"help", p.help},
               {"unit", p.unit}, {"required", p.required},        {"default", nullptr}};
    if (!p.defaultValue.empty()) param["default"] = Json::parse(p.defaultValue);
    if (!p.choices.empty()) param["choices"] = p.choices;
    param["range"] = {p.minimum ? Json(*p.minimum) : Json(nullptr), p.maximum ? Json(*p.maximum) : Json(nullptr)};
    json["parameters"].push_back(std::move(param));
  }
  return json;
}

}  // namespace cubeloom::cli
