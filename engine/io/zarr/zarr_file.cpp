// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/io/zarr/zarr_file.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "engine/array/block.h"
#include "engine/base/text.h"
#include "engine/base/utf8.h"
#include "engine/io/file/base64.h"
#include "engine/io/file/json_document.h"
#include "engine/io/zarr/zarr_chunks.h"
#include "engine/io/zarr/zarr_source.h"

namespace cubeloom {
namespace {

using Json = nlohmann::json;

/// Bare NaN and infinities of JSON as Python has it come as texts of that name.
std::optional<double> attributeNumber(const Json& value) {
  if (value.is_number()) return value.get<double>();
  if (value.is_string() && (value == "NaN" || value == "Infinity" || value == "-Infinity")) return parseNumber(value.get<std::string>());
  return std::nullopt;
}

/// A list of texts or numbers as NetCDF has them; an object as the text that it is.
Attribute attributeOf(const Json& value) {
  Attribute attribute;
  std::vector<std::string> texts;
  for (const Json& one : value.is_array() ? value : Json::array({value})) {
    if (const auto number = attributeNumber(one)) attribute.numbers.push_back(*number);
    if (one.is_number()) {
      texts.push_back(formatNumber(one.get<double>()));
    } else {
      texts.push_back(one.is_string() ? one.get<std::string>() : one.dump(-1, ' ', false, Json::error_handler_t::replace));
    }
  }
  if (attribute.numbers.size() != texts.size()) attribute.numbers.clear();
  attribute.text = join(texts, ", ");
  return attribute;
}

Attributes attributesOf(const Json& object) {
  Attributes attributes;
  for (const auto& [name, value] : object.items()) attributes.emplace(name, attributeOf(value));
  // GDAL's own way of saying a CRS: {"wkt": ..., "projjson": ...}.
  if (const auto gdal = object.find("_CRS"); gdal != object.end() && gdal->is_object()) {
    const auto wkt = gdal->find("wkt"), projjson = gdal->find("projjson");
    Attribute& crs = attributes["_CRS"];
    if (wkt != gdal->end() && wkt->is_string()) {
      crs.text = wkt->get<std::string>();
    } else if (projjson != gdal->end()) {
      crs.text = projjson->dump();
    }
  }
  attributes.erase("_ARRAY_DIMENSIONS");
  return attributes;
}

std::vector<std::string> dimNames(const ZarrArray& array, std::vector<std::string>& notes) {
  std::vector<std::string> names;
  const auto given = array.attributes.find("_ARRAY_DIMENSIONS");
  if (given != array.attributes.end() && given->is_array() && given->size() == array.shape.size())
    for (const Json& name : *given)
      if (name.is_string() && !name.get<std::string>().empty()) names.push_back(name.get<std::string>());
  if (names.size() == array.shape.size() && std::set(names.begin(), names.end()).size() == names.size()) return names;
  names.clear();
  for (std::size_t d = 0; d < array.shape.size(); ++d) names.push_back("dim_" + std::to_string(d));
  if (names.size() >= 2) {
    names[names.size() - 2] = "y";
    names[names.size() - 1] = "x";
  }
  notes.push_back("the dims of \"" + array.name() + "\" have no names (" + (array.version == 3 ? "dimension_names" : "_ARRAY_DIMENSIONS") +
                  "): they are taken as " + join(names, ", "));
  return names;
}

/// _FillValue of floats as text: a number, or as xarray puts it into version 3, the base64 of a double.
std::optional<double> fillNumber(const ZarrArray& array, const std::string& text) {
  if (!isFloating(array.type)) return std::nullopt;
  if (const auto number = parseNumber(text)) return number;
  const auto bytes = array.version == 3 ? decodeBase64(text) : std::nullopt;
  if (!bytes || bytes->size() != sizeof(double)) return std::nullopt;
  std::uint64_t bits = 0;
  for (std::size_t i = 0; i < sizeof(double); ++i) bits |= static_cast<std::uint64_t>(static_cast<unsigned char>((*bytes)[i])) << (8 * i);
  return std::bit_cast<double>(bits);
}

/// The number that the array's chunks hold where nothing was written; of version 3 it says nothing of missing values.
std::optional<double> declaredFill(const ZarrArray& array) {
  if (array.fill.empty() || isComplex(array.type) || array.version == 3) return std::nullopt;
  double value = 0;
  auto* element = const_cast<std::byte*>(array.fill.data());
  copyBlock(denseView(element, array.type, {1}), denseView(reinterpret_cast<std::byte*>(&value), PixelType::Float64, {1}));
  return value;
}

/// The fill_value, which xarray takes for _FillValue too, where no _FillValue is given.
void setFill(const ZarrArray& array, StoredVariable& variable) {
  const auto fill = declaredFill(array);
  if (const auto given = variable.attributes.find("_FillValue"); given != variable.attributes.end()) {
    std::vector<double>& numbers = given->second.numbers;
    if (numbers.empty())
      if (const auto number = fillNumber(array, given->second.text)) numbers = {*number};
    const bool isOther = fill && !numbers.empty() && *fill != numbers[0] && !(std::isnan(*fill) && std::isnan(numbers[0]));
    if (isOther)
      variable.notes.push_back("nodata is " + formatNumber(numbers[0]) + ", the attribute _FillValue; the array's fill_value " +
                               formatNumber(*fill) + ", which xarray takes instead, counts as valid");
    if (!numbers.empty()) return;
  }
  if (!fill) return;
  const bool isOnlyWord = !variable.has("missing_value") && !variable.has("scale_factor") && !variable.has("add_offset");
  if (*fill == 0 && isOnlyWord)
    variable.notes.emplace_back(
        "nodata is 0, the array's fill_value, which writers put there by default; if 0 is a value, say so with assign_nodata");
  variable.attributes["_FillValue"] = {formatNumber(*fill), {*fill}};
}

/// "ns" as CF's unit of time; unset for months and years.
std::optional<std::string> timeUnit(const std::string& unit) {
  static const std::pair<const char*, const char*> kUnits[]{{"ns", "nanoseconds"}, {"us", "microseconds"}, {"ms", "milliseconds"},
                                                            {"s", "seconds"},      {"m", "minutes"},       {"h", "hours"},
                                                            {"D", "days"},         {"W", "weeks"}};
  for (const auto& [name, cf] : kUnits)
    if (unit == name) return std::string(cf) + " since 1970-01-01";
  return std::nullopt;
}

void setTimes(const ZarrArray& array, StoredVariable& variable) {
  const auto unit = timeUnit(array.datetimeUnit);
  if (!unit || array.shape.size() > 1) return;
  variable.type = PixelType::Int64;
  variable.attributes["units"] = {*unit, {}};
  variable.attributes["calendar"] = {"proleptic_gregorian", {}};
}

std::vector<std::string> textsOf(const ZarrArray& array, const std::vector<std::byte>& bytes) {
  std::vector<std::string> texts;
  for (std::size_t at = 0; at + array.elementBytes <= bytes.size(); at += array.elementBytes) {
    std::string text;
    if (array.kind == ZarrArray::Kind::Bytes) {
      text.assign(reinterpret_cast<const char*>(bytes.data() + at), array.elementBytes);
      text = wellFormed(text.substr(0, text.find_last_not_of('\0') + 1));
    } else {
      for (std::size_t i = 0; i < array.elementBytes; i += 4) {
        std::uint32_t code = 0;
        std::memcpy(&code, bytes.data() + at + i, 4);
        if (code != 0) appendUtf8(text, code);
      }
    }
    texts.push_back(std::move(text));
  }
  return texts;
}

}  // namespace

ZarrFile::ZarrFile(std::shared_ptr<const ZarrStore> store) : m_store(std::move(store)) {
  m_path = m_store->path();
  m_driver = m_store->driver();
  m_notes = m_store->notes();
  for (const std::string& key : m_store->arrayKeys()) {
    auto array = readZarrArray(*m_store, key);
    if (array) {
      add(std::move(*array));
      continue;
    }
    if (auto outline = outlineZarrArray(*m_store, key)) {
      addRefused(std::move(*outline), array.error().message);
    } else {
      m_notes.push_back("left out: " + array.error().message);
    }
    m_leftOut.emplace_back(key.substr(0, key.rfind('/') == std::string::npos ? 0 : key.rfind('/')), array.error());
  }
  if (const auto root = m_store->text(".zattrs"); root && *root)
    if (const auto json = parseJsonText(**root, m_path); json && json->is_object()) m_groups[""] = attributesOf(*json);
  if (const auto root = m_store->text("zarr.json"); root && *root)
    if (const auto json = parseJsonText(**root, m_path); json && json->is_object())
      if (const auto own = json->find("attributes"); own != json->end() && own->is_object()) m_groups[""] = attributesOf(*own);
}

StoredVariable ZarrFile::variableOf(const ZarrArray& array) {
  StoredVariable variable;
  const std::string path = array.folder.empty() ? std::filesystem::path(m_path).stem().string() : array.name();
  const std::size_t slash = path.rfind('/');
  variable.name = path.substr(slash == std::string::npos ? 0 : slash + 1);
  if (slash != std::string::npos) variable.group = path.substr(0, slash);
  variable.dims = dimNames(array, variable.notes);
  variable.shape = array.shape;
  variable.attributes = attributesOf(array.attributes);
  std::vector<std::string> sides;
  for (const std::int64_t side : array.chunks) sides.push_back(std::to_string(side));
  variable.storage = "chunks " + join(sides, " x ");
  if (array.shards) {
    for (std::size_t d = 0; d < sides.size(); ++d) sides[d] = std::to_string(array.chunks[d] * array.shards->chunks[d]);
    variable.storage += " in shards " + join(sides, " x ");
  }
  return variable;
}

void ZarrFile::addRefused(ZarrArray outline, const std::string& why) {
  StoredVariable variable = variableOf(outline);
  variable.refusal = why;
  if (variable.shape.size() < 2) m_notes.push_back("left out: " + why);
  outline.attributes = nullptr;
  m_variables.push_back(std::move(variable));
  m_arrays.push_back(std::move(outline));
}

void ZarrFile::add(ZarrArray array) {
  StoredVariable variable = variableOf(array);
  variable.swapped = array.swapped;
  switch (array.kind) {
    case ZarrArray::Kind::Number:
      variable.type = array.type;
      setFill(array, variable);
      break;
    case ZarrArray::Kind::Datetime: setTimes(array, variable); break;
    case ZarrArray::Kind::Unicode:
    case ZarrArray::Kind::Bytes:
      if (array.shape.empty()) array.shape = array.chunks = {1};
      if (!(isNamedAsLabels(variable) || variable.shape.empty()) || array.shape.size() != 1 || array.shape[0] > kMostLabels) break;
      if (const auto bytes = readWholeZarrArray(m_store, array)) {
        variable.texts = textsOf(array, *bytes);
      } else {
        m_notes.push_back("the coordinate \"" + variable.path() + "\" is left out: " + bytes.error().message);
      }
  }
  array.attributes = nullptr;
  m_variables.push_back(std::move(variable));
  m_arrays.push_back(std::move(array));
}

Result<void> ZarrFile::check(std::size_t index) const {
  if (auto error = leftOut(m_arrays[index].name()); error && !m_variables[index].refusal.empty()) return fail(std::move(*error));
  return m_store->check(m_arrays[index].folder);
}

double ZarrFile::fileBytes(std::size_t index) const { return m_store->storedBytes(m_arrays[index].folder); }

Result<std::shared_ptr<Source>> ZarrFile::open(std::size_t index, ArraySpec spec, const ValueDecoder& decoder) {
  ZarrArray array = m_arrays[index];
  if (array.shape.empty()) array.shape = array.chunks = {1};
  spec.storage.name = m_variables[index].storage;
  spec.storage.block = array.chunks;
  for (std::size_t d = 0; d < array.shape.size(); ++d) spec.storage.block[d] = std::min(array.chunks[d], array.shape[d]);
  return std::make_shared<ZarrSource>(m_store, std::move(array), std::move(spec), decoder);
}

std::optional<Error> ZarrFile::leftOut(const std::string& path) const {
  for (const auto& [name, error] : m_leftOut)
    if (path.empty() || name == path) return error;
  return std::nullopt;
}

}  // namespace cubeloom
