// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/io/table/gpkg_sink.h"

#include <filesystem>

#include "engine/array/table_cells.h"
#include "engine/base/text.h"
#include "engine/io/gdal/gdal_drivers.h"
#include "engine/io/gdal/gdal_module.h"
#include "engine/io/sink/held_sink.h"
#include "engine/io/sink/sink_layout.h"
#include "engine/io/table/table_columns.h"

namespace cubeloom {
namespace {

constexpr std::size_t kMostLayerColumns = 1990;  // SQLite's 2,000, less those of the format
constexpr double kEmptyFileBytes = 131072;
constexpr double kBytesOfValue = 9;

int lineDimOf(const SinkRequest& request) { return std::max(request.options.geometryDim, 0); }

/// The column of a dim's entries, or of a coordinate along it.
GdalTable::Column columnOf(const std::string& name, const Dim& dim) {
  GdalTable::Column column{name, GdalTable::Column::Kind::Text, {}, {}};
  const Coordinate& c = dim.coordinate;
  const bool isNumbers = c.labels.empty() && c.kind != Coordinate::Kind::None && !c.unit.starts_with("datetime");
  if (isNumbers) column.kind = GdalTable::Column::Kind::Real;
  for (std::int64_t i = 0; i < dim.size; ++i) {
    if (isNumbers) {
      column.numbers.push_back(c.at(i));
    } else {
      column.texts.push_back(entryCell(dim, i));
    }
  }
  return column;
}

/// Names that SQLite holds for one, which does not tell A from a.
void makeColumnsDiffer(std::vector<GdalTable::Column>& columns) {
  std::vector<std::string> taken{"fid", "geom"};
  for (GdalTable::Column& column : columns) {
    const std::string wanted = column.name.empty() ? "column" : column.name;
    column.name = wanted;
    for (int number = 2; std::find(taken.begin(), taken.end(), toLower(column.name)) != taken.end(); ++number)
      column.name = wanted + "_" + std::to_string(number);
    taken.push_back(toLower(column.name));
  }
}

class GpkgSink : public HeldSink {
 public:
  GpkgSink(const SinkRequest& request, BufferPool& pool)
      : HeldSink(request, pool, request.spec.shape()), m_options(request.options), m_dim(lineDimOf(request)) {}

 protected:
  Result<void> makeFile(PartFile& file, const CancelToken& cancel) override {
    const auto gdal = gdalService(ErrorCode::WriteFailed);
    if (!gdal) return fail(gdal.error());
    CUBELOOM_TRY(checkNotCanceled(cancel, path()));
    PartFile::inside(file.path(), path()).remove();  // SQLite begins anew only where nothing is
    const GdalTable table = tableOf(file.path());
    if (const auto written = (*gdal)->writeTable(table); !written)
      return gdalFailure(ErrorCode::WriteFailed, path(), "'" + path() + "' cannot be written as GeoPackage", written.error());
    CUBELOOM_TRY(file.reopen());
    return file.finish(cancel);
  }

 private:
  GdalTable tableOf(const std::string& to) const {
    GdalTable table;
    table.path = to;
    table.layer = std::filesystem::path(path()).stem().string();
    table.geometries = m_options.geometries;
    const Dim& dim = spec().dims[static_cast<std::size_t>(m_dim)];
    table.lines = dim.size;
    table.columns.push_back(columnOf(dim.name, dim));
    for (const AuxiliaryCoordinate* beside : coordinatesOfLines(spec(), m_dim))
      table.columns.push_back(columnOf(beside->name, {beside->name, dim.size, *beside->values}));
    const ValueColumns values = valueColumns(spec(), m_dim, block().strides);
    const ValueCells cells(spec());
    for (std::size_t k = 0; k < values.names.size(); ++k) {
      GdalTable::Column& column = table.columns.emplace_back();
      column.name = values.names[k];
      column.kind =
          isInteger(spec().type) && pixelTypeBytes(spec().type) < 8 ? GdalTable::Column::Kind::Whole : GdalTable::Column::Kind::Real;
      column.numbers.reserve(static_cast<std::size_t>(dim.size));
      for (std::int64_t i = 0; i < dim.size; ++i)
        column.numbers.push_back(cells.number(block().data + i * block().strides[static_cast<std::size_t>(m_dim)] + values.offsets[k]));
    }
    makeColumnsDiffer(table.columns);
    return table;
  }

  SinkOptions m_options;
  int m_dim;
};

}  // namespace

Result<SinkPlan> planGpkg(const SinkRequest& request) {
  const ArraySpec& spec = request.spec;
  CUBELOOM_TRY(checkTable(request, "a GeoPackage"));
  if (spec.isSpatial() || spec.dims.empty())
    return invalidParameter("format",
                            "a GeoPackage takes zones, points and other tables; this array has (" + join(spec.dimNames(), ", ") + ")",
                            "add zonal_stats, sample_points or reduce before, or write NetCDF or Zarr");
  const int dim = lineDimOf(request);
  const auto lines = static_cast<double>(spec.dims[static_cast<std::size_t>(dim)].size);
  const double columns = static_cast<double>(spec.count()) / lines;
  if (columns + static_cast<double>(coordinatesOfLines(spec, dim).size()) > static_cast<double>(kMostLayerColumns))
    return invalidParameter("format",
                            formatCount(static_cast<std::int64_t>(columns)) + " values of each " +
                                spec.dims[static_cast<std::size_t>(dim)].name + "; a layer of a GeoPackage has " +
                                formatCount(kMostLayerColumns) + " columns at most",
                            "select before, or write CSV");
  const auto gdal = gdalService(ErrorCode::WriteFailed);
  if (!gdal) return fail(gdal.error());
  if (const auto drivers = featureDrivers(**gdal); !drivers) return fail(drivers.error());  // what that costs shows in the process now
  double text = 0;
  for (const std::string& geometry : request.options.geometries) text += static_cast<double>(geometry.size());
  SinkPlan plan;
  plan.format = "GPKG";
  plan.unit.assign(spec.dims.size(), 1);
  plan.bytesToWrite = 1.2 * (static_cast<double>(spec.count()) * kBytesOfValue + text + 256 * lines) + kEmptyFileBytes + 64 * columns;
  // The array, its numbers, and what SQLite holds of its pages.
  plan.fixedMemoryBytes = spec.bytes() + 8.0 * static_cast<double>(spec.count()) + 4 * text + 512 * lines + 8.0 * 1048576;
  return plan;
}

Result<std::unique_ptr<Sink>> openGpkg(const SinkRequest& request, BufferPool pool) {
  auto sink = std::make_unique<GpkgSink>(request, pool);
  CUBELOOM_TRY(sink->begin(request));
  return sink;
}

}  // namespace cubeloom
