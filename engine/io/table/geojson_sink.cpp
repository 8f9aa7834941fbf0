// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/io/table/geojson_sink.h"

#include <nlohmann/json.hpp>

#include "engine/array/table_cells.h"
#include "engine/base/text.h"
#include "engine/io/table/table_columns.h"
#include "engine/io/table/text_sink.h"

namespace cubeloom {
namespace {

constexpr double kMostValueBytes = 32;  // of a number, beside its name

/// In JSON's own words.
std::string quoted(const std::string& text) { return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace); }

/// An entry as a number where it is one, else as a text.
std::string entryJson(const Dim& dim, std::int64_t i) {
  const std::string cell = entryCell(dim, i);
  if (cell.empty()) return "null";
  return dim.coordinate.labels.empty() && parseNumber(cell) ? cell : quoted(cell);
}

class GeojsonSink : public TextSink {
 public:
  GeojsonSink(const SinkRequest& request, BufferPool& pool)
      : TextSink(request, pool), m_options(request.options), m_dim(static_cast<std::size_t>(m_options.geometryDim)) {}

 protected:
  Result<void> makeText(const PartFile& file, const CancelToken& cancel) override {
    const ValueColumns values = valueColumns(spec(), static_cast<int>(m_dim), block().strides);
    std::vector<std::string> names;
    for (const std::string& name : values.names) names.push_back(", " + quoted(name) + ": ");
    const ValueCells cell(spec());
    const Dim& dim = spec().dims[m_dim];
    std::string text = "{\"type\": \"FeatureCollection\", \"features\": [";
    for (std::int64_t i = 0; i < dim.size; ++i) {
      text += std::string(i == 0 ? "" : ",") + "\n{\"type\": \"Feature\", \"properties\": {" + quoted(dim.name) + ": " + entryJson(dim, i);
      for (const AuxiliaryCoordinate* beside : coordinatesOfLines(spec(), static_cast<int>(m_dim)))
        text += ", " + quoted(beside->name) + ": " + entryJson({beside->name, dim.size, *beside->values}, i);
      for (std::size_t k = 0; k < names.size(); ++k) {
        std::string number;
        cell.append(block().data + i * block().strides[m_dim] + values.offsets[k], number);
        text += names[k] + (number.empty() || number.find_first_of("in") != std::string::npos ? "null" : number);
      }
      text += "}, \"geometry\": " + m_options.geometries[static_cast<std::size_t>(i)] + "}";
      CUBELOOM_TRY(flush(file, text, false, cancel));
    }
    text += "\n]}\n";
    return flush(file, text, true, cancel);
  }

 private:
  SinkOptions m_options;
  std::size_t m_dim;
};

}  // namespace

Result<SinkPlan> planGeojson(const SinkRequest& request) {
  const ArraySpec& spec = request.spec;
  const SinkOptions& options = request.options;
  if (options.geometryDim < 0)
    return invalidParameter(
        "format", "the array has no polygons or points of which GeoJSON could be written; it has (" + join(spec.dimNames(), ", ") + ")",
        "write what zonal_stats polygons= or sample_points gives, whose file is still there and says its CRS; or CSV");
  CUBELOOM_TRY(checkTable(request, "a GeoJSON file"));
  double bytes = 4096;
  for (const std::string& text : options.geometries) bytes += static_cast<double>(text.size() + 128);
  for (const std::string& name : valueColumns(spec, options.geometryDim, std::vector<std::int64_t>(spec.dims.size(), 0)).names)
    bytes += (static_cast<double>(name.size()) + kMostValueBytes) * static_cast<double>(options.geometries.size());
  for (const AuxiliaryCoordinate& beside : spec.coordinates)
    bytes += static_cast<double>(beside.name.size() + 64) * static_cast<double>(options.geometries.size());
  SinkPlan plan;
  plan.format = "GeoJSON";
  plan.unit.assign(spec.dims.size(), 1);
  plan.bytesToWrite = bytes;
  plan.fixedMemoryBytes = spec.bytes() + bytes + 4 * 1048576.0;
  return plan;
}

Result<std::unique_ptr<Sink>> openGeojson(const SinkRequest& request, BufferPool pool) {
  auto sink = std::make_unique<GeojsonSink>(request, pool);
  CUBELOOM_TRY(sink->begin(request));
  return sink;
}

}  // namespace cubeloom
