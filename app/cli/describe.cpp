// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/describe.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "engine/base/shell_words.h"
#include "engine/base/text.h"
#include "engine/chain/export_step.h"
#include "engine/op/expression/expression.h"
#include "engine/op/param_kinds.h"

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

/// Values along several dims are left to the outputs.
Json auxiliaryToJson(const AuxiliaryCoordinate& one) {
  const Coordinate& c = *one.values;
  Json json{{"dims", one.dims}, {"unit", c.unit}};
  if (one.dims.size() > 1) return json;
  if (c.kind != Coordinate::Kind::None) {
    json["values"] = Json::array();
    for (const double value : c.values) json["values"].push_back(numberToJson(value));
  }
  if (!c.labels.empty()) json["labels"] = c.labels;
  return json;
}

Json paramToJson(const Param& p) {
  const auto number = [](const std::optional<double>& value) { return value ? Json(*value) : Json(nullptr); };
  Json json{{"name", p.name},
            {"type", paramTypeName(p.type)},
            {"label", labelOf(p)},
            {"help", p.help},
            {"unit", p.unit},
            {"required", p.required},
            {"advanced", p.advanced},
            {"default", p.defaultTo},
            {"range", {number(p.minimum), number(p.maximum)}},
            {"minimum", number(p.minimum)},
            {"maximum", number(p.maximum)},
            {"ui_minimum", number(p.uiMinimum)},
            {"ui_maximum", number(p.uiMaximum)},
            {"keywords", p.keywords},
            {"schema", paramSchema(p)}};
  if (p.choices.empty()) return json;
  json["choices"] = choiceNames(p);
  for (const Choice& choice : p.choices)
    json["choice_details"].push_back({{"name", choice.name}, {"help", choice.help}, {"synonyms", choice.synonyms}});
  return json;
}

Json portToJson(const Port& port) {
  return {{"name", port.name},
          {"help", port.help},
          {"optional", port.optional},
          {"many", port.many},
          {"grid", port.grid == Port::Grid::Same ? "same" : "any"}};
}

/// The template, what it gives for the example, or why there is none.
Json exportToJson(const Declaration& d, const Json& values, ExportLanguage language, const std::string& form, const Registry& registry) {
  const auto filled = exportStep(d, values, language, registry);
  Json json{{"template", form.empty() ? Json(nullptr) : Json(form)}, {"example", nullptr}, {"reason", nullptr}};
  if (!filled || filled->text.empty())
    json["reason"] = filled ? filled->reason : filled.error().message;
  else
    json["example"] = filled->text;
  return json;
}

const char* roleName(Role role) { return role == Role::Source ? "source" : role == Role::Sink ? "sink" : "transform"; }

}  // namespace

bool takesExpression(const Declaration& d) {
  return std::any_of(d.params.begin(), d.params.end(), [](const Param& p) { return p.type == ParamType::Expression; });
}

std::string specLine(const ArraySpec& spec) {
  std::vector<std::string> dims;
  for (const Dim& dim : spec.dims) dims.push_back(dim.name + " " + formatCount(dim.size));
  std::string line = dims.empty() ? "one value" : join(dims, " × ");
  line += " · " + std::string(pixelTypeName(spec.type)) + " · nodata " + (spec.nodata ? formatNumber(*spec.nodata) : "not declared");
  if (!spec.geobox) return line + " · no grid on the ground";
  const GeoBox& box = *spec.geobox;
  const std::string width = formatSignificant(box.pixelWidth(), 8), height = formatSignificant(box.pixelHeight(), 8);
  std::string unit = box.crs().isValid() ? box.crs().unitName() : std::string();
  if (unit == "metre") unit = "m";
  line += " · " + width + (width == height ? "" : " × " + height) + (unit.empty() ? "" : " " + unit);
  return line + ", " + (box.crs().isValid() ? box.crs().label() : "CRS unknown");
}

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
  for (const AuxiliaryCoordinate& one : spec.coordinates) json["coordinates"][one.name] = auxiliaryToJson(one);
  if (spec.geobox) {
    if (spec.geobox->crs().isValid()) {
      json["crs"] = spec.geobox->crs().definition();
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

Json declarationToJson(const Declaration& d, const Registry& registry) {
  Json json{{"id", d.id},
            {"title", d.title},
            {"category", d.category},
            {"role", roleName(d.role)},
            {"summary", d.summary},
            {"help", d.help},
            {"references", d.references},
            {"keywords", d.keywords},
            {"example", d.example},
            {"more_examples", d.moreExamples},
            {"min_inputs", d.minInputs()},
            {"max_inputs", d.maxInputs()}};
  json["inputs"] = Json::array();
  for (const Port& port : d.inputs) json["inputs"].push_back(portToJson(port));
  json["parameters"] = Json::array();
  for (const Param& p : d.params)
    if (!p.former) json["parameters"].push_back(paramToJson(p));
  const auto example = chainFromPipeline(shellWords(d.example), registry);
  const Json values = example ? example->nodes[0].params : Json::object();
  json["export"] = {{"python", exportToJson(d, values, ExportLanguage::Python, d.python, registry)},
                    {"gdal", exportToJson(d, values, ExportLanguage::Gdal, d.gdal, registry)},
                    {"shell", exportToJson(d, values, ExportLanguage::Shell, {}, registry)}};
  if (takesExpression(d))
    for (const ExpressionWord& word : expressionWords())
      json["expressions"].push_back({{"kind", word.kind}, {"name", word.name}, {"form", word.form}, {"help", word.help}});
  const Json& python = json["export"]["python"]["example"];
  json["python"] = python.is_string() ? python : Json("");
  return json;
}

}  // namespace cubeloom::cli
