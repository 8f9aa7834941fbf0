// SPDX-License-Identifier: GPL-3.0-or-later
// Arrays without files whose values tell their place, so that a test can say which pixel was really read.
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <utility>

#include "engine/access/source.h"
#include "engine/chain/graph.h"

namespace cubeloom::test {

/// Value of the element at `index` (in the spec's order of dims).
using ValueAt = std::function<double(const std::vector<std::int64_t>& index)>;

/// Costs what a BIL file would: whole rows of the bands that are asked for.
class RampSource : public Source {
 public:
  RampSource(ArraySpec spec, ValueAt value) : m_spec(std::move(spec)), m_value(std::move(value)) {}
  const ArraySpec& spec() const override { return m_spec; }

  Result<void> read(const Region& region, const BlockView& to, ReadContext& context) override {
    if (context.cancel.isCanceled()) return fail(ErrorCode::Canceled, "canceled");
    const int number = ++reads;
    if (onRead)
      if (auto allowed = onRead(number, region, context); !allowed) return allowed;
    const std::vector<std::int64_t> shape = regionShape(region);
    std::vector<std::int64_t> position(shape.size(), 0), index(shape.size(), 0);
    for (std::int64_t n = regionCount(region); n > 0; --n) {
      std::byte* at = to.data;
      for (std::size_t d = 0; d < shape.size(); ++d) {
        index[d] = region[d].at(position[d]);
        at += position[d] * to.strides[d];
      }
      dispatchRealType(m_spec.type,
                       [&](auto zero) { *reinterpret_cast<decltype(zero)*>(at) = convertPixel<decltype(zero)>(m_value(index)); });
      for (std::size_t d = shape.size(); d-- > 0;) {
        if (++position[d] < shape[d]) break;
        position[d] = 0;
      }
    }
    context.bytesRead += static_cast<std::int64_t>(cost(region).bytes);
    return {};
  }

  ReadCost cost(const Region& region) const override {
    ReadCost cost;
    cost.bytes = static_cast<double>(pixelTypeBytes(m_spec.type));
    for (std::size_t d = 0; d < region.size(); ++d)
      cost.bytes *= static_cast<double>(static_cast<int>(d) == m_spec.xDim ? m_spec.dims[d].size : region[d].count());
    cost.extents = 1;
    return cost;
  }

  std::vector<std::pair<std::int64_t, std::int64_t>> touchedLines(const Region& region) const override {
    std::vector<std::pair<std::int64_t, std::int64_t>> lines;
    const IndexSet& rows = region[static_cast<std::size_t>(m_spec.yDim)];
    for (std::int64_t i = 0; i < rows.count(); ++i) lines.emplace_back(rows.at(i), 1);
    return lines;
  }

  std::vector<std::string> files() const override { return fileNames; }

  std::atomic<int> reads = 0;
  std::vector<std::string> fileNames;
  /// Called before each read with its number (from 1), from any thread: may wait, or fail in its place.
  std::function<Result<void>(int number, const Region& region, const ReadContext& context)> onRead;

 private:
  ArraySpec m_spec;
  ValueAt m_value;
};

/// Gives sources by the last part of their path; everything else cannot be opened.
class RampProvider : public SourceProvider {
 public:
  void add(const std::string& name, ArraySpec spec, ValueAt value) {
    m_sources[name] = std::make_shared<RampSource>(std::move(spec), std::move(value));
  }
  std::shared_ptr<RampSource> at(const std::string& name) const { return m_sources.at(name); }

  Result<std::shared_ptr<Source>> open(const OpenRequest& request) override {
    const auto found = m_sources.find(nameOf(request.path));
    if (found == m_sources.end()) return fail(ErrorCode::OpenFailed, request.path + " is not there");
    return std::shared_ptr<Source>(found->second);
  }
  Result<DatasetInfo> info(const std::string& path) override {
    const auto found = m_sources.find(nameOf(path));
    if (found == m_sources.end()) return fail(ErrorCode::OpenFailed, path + " is not a raster");
    DatasetInfo info;
    info.path = path;
    info.driver = "RAMP";
    info.fileBytes = found->second->spec().bytes();
    info.variables = {{found->second->spec().variable, found->second->spec()}};
    info.cheap = {"Cheap here: whole lines."};
    return info;
  }

 private:
  static std::string nameOf(const std::string& path) { return path.substr(path.find_last_of('/') + 1); }
  std::map<std::string, std::shared_ptr<RampSource>> m_sources;
};

/// A float32 array [wavelength or band, y, x], or [y, x] with `bands` 0, on a grid of the given affine and CRS ("" : unknown).
inline ArraySpec rampSpec(std::int64_t bands, std::int64_t rows, std::int64_t cols, const Affine& affine, const std::string& crs,
                          const std::vector<double>& wavelengths = {}) {
  ArraySpec spec;
  spec.variable = "ramp";
  if (bands > 0) {
    Dim dim;
    dim.name = wavelengths.empty() ? "band" : "wavelength";
    dim.size = bands;
    dim.coordinate.kind = wavelengths.empty() ? Coordinate::Kind::Regular : Coordinate::Kind::Values;
    dim.coordinate.start = 1;
    dim.coordinate.values = wavelengths;
    dim.coordinate.unit = wavelengths.empty() ? "1" : "nm";
    spec.dims.push_back(dim);
  }
  spec.yDim = static_cast<int>(spec.dims.size());
  spec.xDim = spec.yDim + 1;
  spec.dims.push_back({"y", rows, {}});
  spec.dims.push_back({"x", cols, {}});
  spec.setGeobox(GeoBox(rows, cols, affine, crs.empty() ? Crs() : Crs::fromUser(crs).value()));
  spec.storage.block = spec.shape();
  spec.storage.block[static_cast<std::size_t>(spec.yDim)] = 1;
  spec.storage.name = "lines";
  return spec;
}

}  // namespace cubeloom::test
