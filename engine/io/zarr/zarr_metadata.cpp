// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/io/zarr/zarr_metadata.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <set>
#include <utility>

#include "engine/array/cell_bounds.h"
#include "engine/array/strided_copy.h"
#include "engine/base/cf_calendar.h"
#include "engine/base/text.h"
#include "engine/base/utf8.h"
#include "engine/io/cf/cf_grid_mapping_writer.h"
#include "engine/io/sink/sink_layout.h"
#include "engine/io/sink/sink_metadata.h"
#include "engine/io/source/stored_scales.h"

namespace cubeloom {
namespace {

using Json = nlohmann::json;

constexpr double kChunkBytes = 8.0 * 1048576;
constexpr std::int64_t kSquare = 128, kLineRows = 16, kLineCols = 1024;
constexpr const char* kReference = "spatial_ref";

std::vector<std::byte> bytesOf(const std::string& text) {
  const auto* data = reinterpret_cast<const std::byte*>(text.data());
  return {data, data + text.size()};
}

/// In ASCII: zarr-python takes nothing else.
std::string dumped(const Json& json) { return json.dump(4, ' ', true, Json::error_handler_t::replace); }

/// Numbers as JSON has them, and the rest in the words of Zarr.
Json fillValue(PixelType type, double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "Infinity" : "-Infinity";
  if (!isInteger(type)) return value;
  return value < 0 ? Json(convertPixel<std::int64_t>(value)) : Json(convertPixel<std::uint64_t>(value));
}

template <class T>
std::vector<std::byte> littleEndian(const std::vector<T>& values) {
  std::vector<std::byte> bytes(values.size() * sizeof(T));
  std::memcpy(bytes.data(), values.data(), bytes.size());
  if constexpr (std::endian::native == std::endian::big) swapInPlace(bytes.data(), static_cast<std::int64_t>(bytes.size()), sizeof(T));
  return bytes;
}

bool allWhole(const std::vector<double>& values) {
  return std::all_of(values.begin(), values.end(), [](double v) { return v == std::floor(v) && std::abs(v) < 9e15; });
}

/// Collects the arrays of one output.
class Documents {
 public:
  explicit Documents(ZarrDocuments& documents) : m_documents(documents) {}

  /// An array in one uncompressed chunk.
  void add(const std::string& name, const std::string& dtype, const std::vector<std::int64_t>& shape, const std::vector<std::byte>& values,
           Json attributes, const std::vector<std::string>& dims) {
    attributes["_ARRAY_DIMENSIONS"] = dims;
    describe(name,
             {{"zarr_format", 2},
              {"shape", shape},
              {"chunks", shape},
              {"dtype", dtype},
              {"compressor", nullptr},
              {"filters", nullptr},
              {"fill_value", nullptr},
              {"order", "C"}},
             attributes);
    m_documents.content[name + "/" + join(std::vector<std::string>(std::max<std::size_t>(shape.size(), 1), "0"), ".")] = values;
  }

  void describe(const std::string& name, Json array, Json attributes) {
    m_documents.folders.push_back(name);
    put(name + "/.zarray", std::move(array));
    put(name + "/.zattrs", std::move(attributes));
  }

  void put(const std::string& key, Json json) {
    m_documents.content[key] = bytesOf(dumped(json));
    m_metadata[key] = std::move(json);
  }

  void consolidate() { m_documents.consolidated = bytesOf(dumped({{"zarr_consolidated_format", 1}, {"metadata", m_metadata}})); }
  bool has(const std::string& name) const {
    return std::find(m_documents.folders.begin(), m_documents.folders.end(), name) != m_documents.folders.end();
  }

  /// In `type`, which holds them.
  void addNumbers(const std::string& name, const std::vector<double>& values, PixelType type, Json attributes,
                  const std::vector<std::string>& dims, const std::vector<std::int64_t>& shape) {
    dispatchRealType(type, [&](auto sample) {
      using T = decltype(sample);
      std::vector<T> typed;
      typed.reserve(values.size());
      for (const double value : values) typed.push_back(convertPixel<T>(value));
      add(name, zarrDtype(type), shape, littleEndian(typed), std::move(attributes), dims);
    });
  }

  /// Along one dim; whole numbers as int64 where `whole`.
  void addNumbers(const std::string& name, const std::vector<double>& values, bool whole, Json attributes, const std::string& dim) {
    addNumbers(name, values, whole && allWhole(values) ? PixelType::Int64 : PixelType::Float64, std::move(attributes), {dim},
               {static_cast<std::int64_t>(values.size())});
  }

  void addTexts(const std::string& name, const std::vector<std::string>& texts, Json attributes, const std::vector<std::string>& dims,
                const std::vector<std::int64_t>& shape) {
    std::vector<std::vector<std::uint32_t>> all;
    std::size_t longest = 1;
    for (const std::string& text : texts) {
      all.push_back(codePoints(text));
      longest = std::max(longest, all.back().size());
    }
    std::vector<std::uint32_t> flat;
    for (std::vector<std::uint32_t>& points : all) {
      points.resize(longest, 0);
      flat.insert(flat.end(), points.begin(), points.end());
    }
    add(name, "<U" + std::to_string(longest), shape, littleEndian(flat), std::move(attributes), dims);
  }

  void addTexts(const std::string& name, const std::vector<std::string>& texts, const std::string& dim) {
    addTexts(name, texts, Json::object(), {dim}, {static_cast<std::int64_t>(texts.size())});
  }

 private:
  ZarrDocuments& m_documents;
  Json m_metadata = Json::object();
};

Json spatialAttributes(const Crs& crs, bool vertical) {
  Json attributes{{"axis", vertical ? "Y" : "X"}};
  if (!crs.isValid()) return attributes;
  if (crs.isGeographic()) {
    attributes["standard_name"] = vertical ? "latitude" : "longitude";
    attributes["units"] = vertical ? "degrees_north" : "degrees_east";
  } else {
    attributes["standard_name"] = vertical ? "projection_y_coordinate" : "projection_x_coordinate";
    attributes["units"] = crs.unitName();
  }
  return attributes;
}

void addReference(Documents& documents, const GeoBox& box) {
  Json attributes = Json::object();
  if (box.crs().isValid()) {
    const GridMappingWords words = gridMappingWords(box.crs());
    for (const auto& [key, text] : words.texts) attributes[key] = text;
    for (const auto& [key, numbers] : words.numbers) attributes[key] = numbers.size() == 1 ? Json(numbers[0]) : Json(numbers);
    attributes["crs_wkt"] = attributes["spatial_ref"] = box.crs().wkt();
  }
  std::string six;
  for (const double number : box.affine().geotransform()) six += (six.empty() ? "" : " ") + formatNumber(number);
  attributes["GeoTransform"] = six;
  documents.add(kReference, "<i8", {}, littleEndian(std::vector<std::int64_t>{0}), std::move(attributes), {});
}

/// Adds what a source says of a coordinate, where it is not said already.
void addWords(const Coordinate& c, Json& attributes) {
  for (const auto& [name, text] : c.attributes)
    if (!attributes.contains(name) && !name.starts_with("_")) attributes[name] = text;
}

Json dateAttributes(const Coordinate& c) {
  Json attributes{{"units", "seconds since 1970-01-01 00:00:00"}, {"calendar", "proleptic_gregorian"}};
  addWords(c, attributes);
  if (!attributes.contains("standard_name")) attributes["standard_name"] = "time";
  return attributes;
}

/// A coordinate of its own, not a dim's.
void addCoordinate(Documents& documents, const ArraySpec& spec, const AuxiliaryCoordinate& coordinate) {
  const Coordinate& c = *coordinate.values;
  std::vector<std::int64_t> shape;
  for (const std::string& dim : coordinate.dims) shape.push_back(spec.dims[static_cast<std::size_t>(spec.indexOf(dim))].size);
  if (c.unit == "datetime") {
    const PixelType type = allWhole(c.values) ? PixelType::Int64 : PixelType::Float64;
    documents.addNumbers(coordinate.name, c.values, type, dateAttributes(c), coordinate.dims, shape);
    return;
  }
  Json attributes = Json::object();
  const CfTimeWords words = timeWords(c.unit);
  if (!words.units.empty()) attributes["units"] = words.units;
  if (!words.calendar.empty()) attributes["calendar"] = words.calendar;
  addWords(c, attributes);
  if (c.kind == Coordinate::Kind::None) {
    documents.addTexts(coordinate.name, c.labels, std::move(attributes), coordinate.dims, shape);
  } else {
    documents.addNumbers(coordinate.name, c.values, c.exactType(coordinate.count()), std::move(attributes), coordinate.dims, shape);
  }
}

/// `attributes` of a dim's coordinate, with the cells of its entries beside it where it has any, as CF has them: without a unit.
Json withBounds(Documents& documents, const Dim& dim, Json attributes, bool whole) {
  const std::vector<double> cells = cellBounds(dim.coordinate);
  const std::string name = dim.name + "_bnds";
  if (cells.size() != 2 * static_cast<std::size_t>(dim.size) || documents.has(name)) return attributes;
  documents.addNumbers(name, cells, whole && allWhole(cells) ? PixelType::Int64 : PixelType::Float64, Json::object(), {dim.name, "bnds"},
                       {dim.size, 2});
  attributes["bounds"] = name;
  return attributes;
}

/// The coordinate of a dim that is not a spatial one, `scaledUnit` being that of true values; the names of what was written beside it.
std::vector<std::string> addCoordinate(Documents& documents, const Dim& dim, const std::string& scaledUnit) {
  const Coordinate& c = dim.coordinate;
  std::vector<std::string> beside;
  std::vector<double> values;
  if (c.kind != Coordinate::Kind::None)
    for (std::int64_t i = 0; i < dim.size; ++i) values.push_back(c.at(i));
  if (c.unit == "datetime" && !values.empty()) {
    const std::vector<double> cells = cellBounds(c);
    const bool isWhole = allWhole(values) && allWhole(cells);
    documents.addNumbers(dim.name, values, isWhole, withBounds(documents, dim, dateAttributes(c), isWhole), dim.name);
    return beside;
  }
  if (isNamed(dim)) values.clear();
  Json attributes = Json::object();
  const CfTimeWords words = timeWords(c.unit);
  if (!words.units.empty() && words.units != "1") attributes["units"] = words.units;
  if (looksLikeCfTime(words.units)) attributes["standard_name"] = "time";
  if (!words.calendar.empty()) attributes["calendar"] = words.calendar;
  if (dim.name == "wavelength") attributes["standard_name"] = "radiation_wavelength";
  addWords(c, attributes);
  if (!values.empty()) {
    const PixelType type = dim.name == "band" && allWhole(values) ? PixelType::Int64 : c.exactType(dim.size);
    documents.addNumbers(dim.name, values, type, withBounds(documents, dim, std::move(attributes), isInteger(type)), {dim.name},
                         {dim.size});
    if (!c.labels.empty() && !documents.has(dim.name + "_name")) {
      documents.addTexts(dim.name + "_name", c.labels, dim.name);
      beside.push_back(dim.name + "_name");
    }
  } else if (!c.labels.empty()) {
    documents.addTexts(dim.name, c.labels, dim.name);
  }
  for (const auto& [name, numbers] : c.aux) {
    if (isBound(name) || documents.has(name) || numbers.size() != static_cast<std::size_t>(dim.size)) continue;
    const bool isScale = name == "scale" || name == "offset";
    Json described = Json::object();
    if (isScale) described["long_name"] = name + " of the values: true value = value * scale + offset";
    if (const std::string unit = isScale ? scaledUnit : name == "fwhm" ? c.unit : ""; !unit.empty()) described["units"] = unit;
    documents.addNumbers(name, numbers, name == "good", std::move(described), dim.name);
    beside.push_back(name);
  }
  return beside;
}

/// A name that is one step of a key, whatever it was: names come from files of others and end as folders here.
std::string plainName(const std::string& given) {
  std::string name;
  for (const char c : given) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.';
    name += plain ? c : '_';
  }
  name = name.substr(0, 100);
  return name.empty() || name[0] == '.' ? "data" + name : name;
}

ArraySpec withPlainNames(const ArraySpec& given) {
  ArraySpec spec = given;
  std::set<std::string> taken{kReference};
  for (Dim& dim : spec.dims) {
    dim.name = plainName(dim.name);
    while (!taken.insert(dim.name).second) dim.name += "_";
    std::map<std::string, std::vector<double>> aux;
    for (auto& [name, numbers] : dim.coordinate.aux) aux[plainName(name)] = std::move(numbers);
    dim.coordinate.aux = std::move(aux);
  }
  for (const Dim& dim : spec.dims) {
    taken.insert(dim.name + "_name");
    for (const auto& [name, numbers] : dim.coordinate.aux) taken.insert(name);
  }
  for (AuxiliaryCoordinate& one : spec.coordinates) {
    for (std::string& dim : one.dims) dim = spec.dims[static_cast<std::size_t>(given.indexOf(dim))].name;
    one.name = plainName(one.name);
    while (!taken.insert(one.name).second) one.name += "_";
  }
  return spec;
}

/// The array's own name, no other array's.
std::string variableName(const ArraySpec& spec) {
  std::string name = plainName(spec.variable);
  std::set<std::string> taken{kReference, "fwhm", "good"};
  for (const Dim& dim : spec.dims) {
    taken.insert({dim.name, dim.name + "_name", dim.name + "_bnds"});
    for (const auto& entry : dim.coordinate.aux) taken.insert(entry.first);
  }
  for (const AuxiliaryCoordinate& one : spec.coordinates) taken.insert(one.name);
  while (taken.contains(name)) name += "_values";
  return name;
}

}  // namespace

std::size_t ZarrDocuments::bytes() const {
  std::size_t sum = consolidated.size();
  for (const auto& [key, value] : content) sum += value.size();
  return sum;
}

std::vector<std::int64_t> zarrChunkShape(const SinkRequest& request) {
  const ArraySpec& spec = request.spec;
  if (spec.dims.empty()) return {};
  if (auto asked = askedChunks(request); !asked.empty()) return asked;
  const RasterLayout layout = rasterLayout(spec);
  const auto size = [&spec](int d) { return spec.dims[static_cast<std::size_t>(d)].size; };
  const auto y = static_cast<std::size_t>(std::max(layout.yDim, 0));
  const bool isKnown = spec.storage.block.size() == spec.dims.size() && layout.yDim >= 0;
  const bool isLines = isKnown && spec.storage.block[y] == 1 && size(layout.yDim) > 1;
  std::vector<std::int64_t> chunk(spec.dims.size(), 1);
  double bytes = static_cast<double>(pixelTypeBytes(spec.type));
  for (const std::int64_t side : spec.storage.block) bytes *= static_cast<double>(side);
  const bool isAligned = isKnown && !isLines && bytes <= 2 * kChunkBytes;
  if (isAligned) {
    chunk = spec.storage.block;
  } else {
    bytes = static_cast<double>(pixelTypeBytes(spec.type));
  }
  /// Takes as many of what is along dim `d` as fit, at most `most` elements; what is aligned grows by whole blocks.
  const auto take = [&](int d, std::int64_t most) {
    if (d < 0) return;
    std::int64_t& side = chunk[static_cast<std::size_t>(d)];
    const double room = std::floor(kChunkBytes / bytes);
    const std::int64_t sides = std::min(most, size(d)) / side;
    const auto wanted = static_cast<double>(sides);
    const double times = std::max(1.0, std::min(room, wanted));
    // The last block may be cut by the array's end.
    const bool reachesEnd = room > times && static_cast<double>(side) * (times + 1) >= static_cast<double>(size(d)) && most >= size(d);
    bytes *= reachesEnd ? times + 1 : times;
    side = reachesEnd ? size(d) : static_cast<std::int64_t>(times) * side;
  };
  take(layout.yDim, isLines ? kLineRows : kSquare);
  take(layout.xDim, isLines ? kLineCols : kSquare);
  const int spectral = spec.spectralDim();
  if (spectral >= 0 && spectral != layout.yDim && spectral != layout.xDim) take(spectral, size(spectral));
  take(layout.xDim, isLines ? 4 * kLineCols : 8 * kSquare);
  take(layout.yDim, 8 * kSquare);
  take(layout.xDim, size(layout.xDim));
  if (isAligned) return chunk;
  // Even, so that the last one along a dim is not mostly padding.
  for (std::size_t d = 0; d < chunk.size(); ++d) {
    const std::int64_t whole = spec.dims[d].size, count = (whole + chunk[d] - 1) / chunk[d];
    chunk[d] = (whole + count - 1) / count;
  }
  return chunk;
}

std::string zarrDtype(PixelType type) {
  using enum PixelType;
  static const std::map<PixelType, const char*> kNames{{UInt8, "|u1"},   {Int8, "|i1"},    {UInt16, "<u2"},    {Int16, "<i2"},
                                                       {UInt32, "<u4"},  {Int32, "<i4"},   {UInt64, "<u8"},    {Int64, "<i8"},
                                                       {Float32, "<f4"}, {Float64, "<f8"}, {Complex64, "<c8"}, {Complex128, "<c16"}};
  return kNames.at(type);
}

ZarrDocuments zarrDocuments(const SinkRequest& request, const std::vector<std::int64_t>& chunk, ZarrCompression compression) {
  const ArraySpec spec = withPlainNames(request.spec);
  ZarrDocuments result;
  result.dims = spec.dimNames();
  Documents documents(result);
  documents.put(".zgroup", {{"zarr_format", 2}});
  documents.put(".zattrs", {{"Conventions", "CF-1.8"}});

  Json attributes = Json::object();
  static const std::set<std::string, std::less<>> kOurs{"coordinates",  "grid_mapping", "units",
                                                        "scale_factor", "add_offset",   "Conventions"};
  for (const auto& [key, value] : spec.attributes)
    if (!kOurs.contains(key) && !key.starts_with("_")) attributes[key] = value;
  for (const auto& [key, value] : request.metadata)
    if (!kOurs.contains(key) && !key.starts_with("_")) attributes[key] = value;
  const ClassFlags classes = classFlags(spec);
  for (const auto& [key, text] : classes.texts)
    if (!attributes.contains(key)) attributes[key] = text;
  for (const auto& [key, numbers] : {std::pair("flag_values", classes.values), std::pair("flag_masks", flagNumbers(spec, "flag_masks"))})
    if (!numbers.empty()) attributes[key] = std::vector<std::int64_t>(numbers.begin(), numbers.end());
  if (spec.storedScale && fitsOneScale(spec)) {
    attributes["scale_factor"] = spec.storedScale->factor;
    attributes["add_offset"] = spec.storedScale->offset;
  }
  // Values without their scale have no unit: scale and offset have it.
  if (!spec.unit.empty() && fitsOneScale(spec)) attributes["units"] = spec.unit;
  attributes["_ARRAY_DIMENSIONS"] = result.dims;

  std::vector<std::string> beside;
  for (std::size_t d = 0; d < spec.dims.size(); ++d) {
    const Dim& dim = spec.dims[d];
    const int number = static_cast<int>(d);
    if (!spec.geobox || (number != spec.yDim && number != spec.xDim)) {
      const auto more = addCoordinate(documents, dim, spec.unit);
      beside.insert(beside.end(), more.begin(), more.end());
    } else if (spec.geobox->isAxisAligned()) {
      const Coordinate centres = spatialCoordinate(*spec.geobox, number == spec.yDim);
      std::vector<double> values;
      for (std::int64_t i = 0; i < dim.size; ++i) values.push_back(centres.at(i));
      Coordinate written = centres;
      written.type = dim.coordinate.type;
      documents.addNumbers(dim.name, values, written.exactType(dim.size),
                           withBounds(documents, dim, spatialAttributes(spec.geobox->crs(), number == spec.yDim), false), {dim.name},
                           {dim.size});
    }
  }
  for (const AuxiliaryCoordinate& one : spec.coordinates) {
    addCoordinate(documents, spec, one);
    beside.push_back(one.name);
  }
  if (spec.geobox) {
    addReference(documents, *spec.geobox);
    beside.emplace_back(kReference);
    attributes["grid_mapping"] = kReference;
  }
  if (!beside.empty()) attributes["coordinates"] = join(beside, " ");
  result.variable = variableName(spec);
  documents.describe(result.variable,
                     {{"zarr_format", 2},
                      {"shape", spec.shape()},
                      {"chunks", chunk},
                      {"dtype", zarrDtype(spec.type)},
                      {"compressor", zarrCompressor(compression)},
                      {"filters", nullptr},
                      {"fill_value", spec.nodata && !isComplex(spec.type) ? fillValue(spec.type, *spec.nodata) : Json(nullptr)},
                      {"order", "C"},
                      {"dimension_separator", "."}},
                     std::move(attributes));
  documents.consolidate();
  return result;
}

}  // namespace cubeloom
