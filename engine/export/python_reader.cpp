// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/export/python_reader.h"

#include <algorithm>
#include <cmath>

#include "engine/access/formats.h"
#include "engine/array/cell_bounds.h"
#include "engine/base/text.h"
#include "engine/export/form_facts.h"
#include "engine/export/python_words.h"

namespace cubeloom {
namespace {

constexpr double kChunkBytes = 64.0 * 1024 * 1024;

/// What is read at once: all of the other dims, and whole lines up to a size that many workers can hold.
std::string chunksOf(const ArraySpec& spec, const std::string& y) {
  if (spec.yDim < 0) return "{}";
  const auto d = static_cast<std::size_t>(spec.yDim);
  const std::int64_t rows = spec.dims[d].size;
  const double row = spec.bytes() / static_cast<double>(std::max<std::int64_t>(rows, 1));
  std::int64_t taken = std::max<std::int64_t>(1, static_cast<std::int64_t>(kChunkBytes / std::max(row, 1.0)));
  const std::int64_t block = d < spec.storage.block.size() ? spec.storage.block[d] : 1;
  if (block > 1 && taken > block) taken -= taken % block;
  return "{" + pythonQuoted(y) + ": " + std::to_string(std::min(taken, rows)) + "}";
}

std::vector<std::string> numbers(const std::vector<double>& values) {
  std::vector<std::string> texts;
  texts.reserve(values.size());
  for (const double value : values) texts.push_back(pythonNumber(value));
  return texts;
}

/// ", {'units': 'nm'}" where there is a unit to tell.
std::string unitText(const std::string& unit) { return unit.empty() || unit == "1" ? "" : ", {'units': " + pythonQuoted(unit) + "}"; }

/// "wavelength=('wavelength', [...], {'units': 'nm'})" and what stands beside it.
std::vector<std::string> coordinatesOf(const Dim& dim, bool hasOwn) {
  constexpr std::size_t kIndent = 12;
  const Coordinate& c = dim.coordinate;
  std::vector<std::string> all;
  const auto add = [&](const std::string& name, const std::vector<std::string>& entries, const std::string& unit) {
    all.push_back(pythonQuoted(name) + ": (" + pythonQuoted(dim.name) + ", " + listLiteral(entries, kIndent) + unitText(unit) + ")");
  };
  std::vector<std::string> names;
  for (const std::string& label : c.labels) names.push_back(pythonQuoted(label));
  if (isNamed(dim)) {
    add(dim.name, names, {});
  } else {
    std::vector<double> values;
    for (std::int64_t i = 0; c.kind != Coordinate::Kind::None && i < dim.size; ++i) values.push_back(c.at(i));
    bool counts = true;
    for (std::size_t i = 0; i < values.size(); ++i) counts = counts && values[i] == static_cast<double>(i + 1);
    if (!values.empty() && !(counts && hasOwn)) add(dim.name, numbers(values), c.unit);
    if (!names.empty()) add(dim.name + "_name", names, {});
  }
  for (const auto& [name, values] : c.aux)
    if (!isBound(name)) add(name, numbers(values), name == "fwhm" ? c.unit : "1");
  return all;
}

/// What both readers do after opening.
class Reading {
 public:
  Reading(std::string opened, const ArraySpec& stored, const ArraySpec& spec)
      : m_lines{std::move(opened)}, m_stored(stored), m_spec(spec) {}

  void add(const std::string& call) { m_lines.push_back("." + call); }

  void addCoordinates(bool hasOwn) {
    std::vector<std::string> all;
    if (const int d = m_spec.spectralDim(); d >= 0) all = coordinatesOf(m_spec.dims[static_cast<std::size_t>(d)], hasOwn);
    if (!all.empty()) add("assign_coords({\n        " + join(all, ",\n        ") + ",\n    })");
  }

  void addNodata() {
    if (!m_spec.nodata || std::isnan(*m_spec.nodata) || m_spec.nodata == m_stored.nodata) return;
    add("pipe(lambda opened: opened.where(opened != " + pythonNumber(*m_spec.nodata) + "))");
    add("rio.write_nodata(" + pythonNumber(NAN) + ")");
  }

  void addCrs() {
    if (m_spec.geobox && m_spec.geobox->crs().isValid()) add("rio.write_crs(" + pythonQuoted(crsForPrograms(m_spec.geobox->crs())) + ")");
  }

  std::string text() const {
    if (m_lines.size() == 1) return m_lines[0];
    return "(\n    " + join(m_lines, "\n    ") + "\n)";
  }

 private:
  std::vector<std::string> m_lines;
  const ArraySpec &m_stored, &m_spec;
};

/// Through GDAL: dims are band, y, x.
std::string rasterReader(const std::string& path, const ArraySpec& stored, const ArraySpec& spec) {
  if (!spec.isSpatial() || spec.dims.size() > 3) return {};
  const bool isMasked = stored.nodata && spec.nodata == stored.nodata;
  Reading reading("rioxarray.open_rasterio(" + pythonQuoted(path) + ", masked=" + (isMasked ? "True" : "False") +
                      ", chunks=" + chunksOf(spec, "y") + ")",
                  stored, spec);
  std::vector<std::string> renamed, order;
  for (std::size_t d = 0; d < spec.dims.size(); ++d) {
    const int place = static_cast<int>(d);
    const std::string given = place == spec.yDim ? "y" : place == spec.xDim ? "x" : "band";
    if (spec.dims[d].name != given) renamed.push_back(pythonQuoted(given) + ": " + pythonQuoted(spec.dims[d].name));
    order.push_back(pythonQuoted(spec.dims[d].name));
  }
  if (spec.dims.size() < 3) reading.add("squeeze('band', drop=True)");
  if (!renamed.empty()) reading.add("reset_coords(drop=True)");  // what the reader itself has found along the bands
  if (!renamed.empty()) reading.add("rename({" + join(renamed, ", ") + "})");
  reading.addCoordinates(renamed.empty());
  const bool isInGdalsOrder = spec.dims.size() < 3 || (spec.yDim == 1 && spec.xDim == 2);
  if (!isInGdalsOrder) reading.add("transpose(" + join(order, ", ") + ")");
  reading.addNodata();
  reading.addCrs();
  return reading.text();
}

/// Through xarray: dims and coordinates by their own names.
std::string arrayReader(const std::string& path, bool isZarr, const ArraySpec& stored, const ArraySpec& spec) {
  const auto slash = spec.variable.rfind('/');
  const std::string group = slash == std::string::npos ? "" : spec.variable.substr(0, slash);
  const std::string name = slash == std::string::npos ? spec.variable : spec.variable.substr(slash + 1);
  const std::string y = spec.yDim < 0 ? "" : spec.dims[static_cast<std::size_t>(spec.yDim)].name;
  Reading reading("xarray.open_dataset(" + pythonQuoted(path) + (isZarr ? ", engine='zarr'" : "") +
                      (group.empty() ? "" : ", group=" + pythonQuoted(group)) + ", decode_coords='all', chunks=" + chunksOf(spec, y) +
                      ")[" + pythonQuoted(name) + "]",
                  stored, spec);
  reading.addCoordinates(true);
  reading.addNodata();
  reading.addCrs();
  return reading.text();
}

}  // namespace

std::string pythonReader(const std::string& path, const std::string& driver, const ArraySpec& stored, const ArraySpec& spec) {
  if (path.find_first_of("*?[") != std::string::npos || path.find("://") != std::string::npos || path.starts_with("/vsi")) return {};
  if (driver == "netCDF" || driver == "HDF5" || driver == "Zarr") return arrayReader(path, driver == "Zarr", stored, spec);
  const FormatFacts* format = formatNamed(driver);  // null: one of GDAL's that is nothing special here
  const bool isReferences = format && !format->isGdalRaster && !format->isWritten && format->suffixes.empty();
  return isReferences || (format && format->isOnlyOnTrust) ? std::string() : rasterReader(path, stored, spec);
}

}  // namespace cubeloom
