// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/io/sample/coast_source.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <filesystem>
#include <utility>
#include <vector>

#include "engine/access/computed.h"
#include "engine/base/datetime.h"
#include "engine/base/text.h"
#include "engine/io/file/io_error.h"
#include "engine/io/sample/coast_scene.h"
#include "engine/io/sample/synthetic_cube.h"
#include "engine/io/source/wavelengths.h"

namespace cubeloom {
namespace {

constexpr const char* kName = "sample:full";
constexpr int kSensorBands = 425;
enum CoastDim : std::size_t { TimeDim, LineDim, BandDim, SampleDim };

Result<ArraySpec> coastSpec() {
  auto crs = Crs::fromUser("EPSG:32610");
  if (!crs) return fail(std::move(crs.error()));
  ArraySpec spec;
  spec.type = PixelType::Float32;
  spec.nodata = SyntheticCube::kNodata;
  spec.variable = "synthetic_coast";
  spec.attributes = {{"title", "Synthetic coast, no real place"},
                     {"synthetic", "a made-up coast, no real place"},
                     {"description", "Reflectance known in closed form, in the layout of the SHIFT campaign's cube"}};

  Dim time{"time", coast::kDates, {}};
  time.coordinate.kind = Coordinate::Kind::Values;
  time.coordinate.unit = "datetime";
  for (int date = 0; date < coast::kDates; ++date) {
    time.coordinate.values.push_back(parseDatetime(coast::dateText(date)).value_or(0));
    time.coordinate.labels.push_back(formatDatetime(time.coordinate.values.back()));
  }
  SyntheticCubeSize sensor;
  sensor.bands = kSensorBands;
  const SyntheticCube bands(sensor);
  BandSpectra spectra;
  spectra.unit = "nm";
  for (std::size_t i = 0; i < bands.wavelengths().size(); ++i) {
    spectra.wavelengths.push_back(parseNumber(bands.wavelengths()[i]).value_or(0));
    spectra.fwhm.push_back(parseNumber(bands.widths()[i]).value_or(0));
    spectra.good.push_back(SyntheticCube::isBadBand(spectra.wavelengths.back()) ? 0 : 1);
  }
  std::vector<std::string> notes;
  spec.dims = {std::move(time), {"y", coast::kLines, {}}, spectralDim(kSensorBands, spectra, {}, notes), {"x", coast::kSamples, {}}};
  spec.yDim = LineDim;
  spec.xDim = SampleDim;
  constexpr auto kSide = static_cast<double>(coast::kPixel);
  spec.setGeobox(GeoBox(coast::kLines, coast::kSamples,
                        Affine{kSide, 0, static_cast<double>(coast::kLeft), 0, -kSide, static_cast<double>(coast::kTop)}, *crs));
  spec.storage.name = "nothing on disk";
  spec.storage.block = {1, 1, kSensorBands, coast::kSamples};
  return spec;
}

/// Materials that a point has, and clouds as one of them: a spectrum's value is their sum.
struct SparseMixture {
  std::array<std::pair<std::size_t, double>, kCoastMaterials + 1> parts;
  std::size_t count = 0;

  explicit SparseMixture(const CoastPoint& point) {
    const double ground = point.light * (1 - point.cloud);
    for (std::size_t k = 0; k < kCoastMaterials; ++k)
      if (point.amount[k] > 0) parts[count++] = {k, point.amount[k] * ground};
    if (point.cloud > 0) parts[count++] = {static_cast<std::size_t>(CoastMaterial::Cloud), point.cloudTone * point.cloud};
  }
  float at(const std::array<double, kCoastMaterials>& reflectances) const {
    double sum = 0;
    for (std::size_t i = 0; i < count; ++i) sum += parts[i].second * reflectances[parts[i].first];
    return static_cast<float>(sum);
  }
};

class CoastSource final : public Source {
 public:
  explicit CoastSource(ArraySpec spec) : m_spec(std::move(spec)), m_spectra(coast::spectra(m_spec.dims[BandDim].coordinate.values)) {}

  const ArraySpec& spec() const override { return m_spec; }

  Result<void> read(const Region& region, const BlockView& to, ReadContext& context) override {
    std::vector<std::array<double, kCoastMaterials>> spectra;
    spectra.reserve(static_cast<std::size_t>(region[BandDim].count()));
    for (std::int64_t b = 0; b < region[BandDim].count(); ++b)
      spectra.push_back(m_spectra[static_cast<std::size_t>(region[BandDim].at(b))]);
    for (std::int64_t t = 0; t < region[TimeDim].count(); ++t)
      for (std::int64_t y = 0; y < region[LineDim].count(); ++y) {
        if (context.cancel.isCanceled()) return fail(ErrorCode::Canceled, "canceled");
        std::byte* const line = to.data + t * to.strides[TimeDim] + y * to.strides[LineDim];
        const auto date = static_cast<int>(region[TimeDim].at(t));
        for (std::int64_t x = 0; x < region[SampleDim].count(); ++x) {
          const SparseMixture mixture(coast::pixelAt(region[LineDim].at(y), region[SampleDim].at(x), date));
          std::byte* at = line + x * to.strides[SampleDim];
          for (const auto& reflectances : spectra) {
            const float value = mixture.at(reflectances);
            std::memcpy(at, &value, sizeof value);
            at += to.strides[BandDim];
          }
        }
      }
    return {};
  }

  ReadCost cost(const Region& region) const override {
    return {.scratchBytes = static_cast<double>(region[BandDim].count()) * kCoastMaterials * sizeof(double)};
  }

  std::vector<std::pair<std::int64_t, std::int64_t>> touchedLines(const Region& region) const override {
    if (regionCount(region) == 0) return {};
    std::vector<std::int64_t> lines = region[LineDim].toVector();
    std::sort(lines.begin(), lines.end());
    std::vector<std::pair<std::int64_t, std::int64_t>> extents;
    for (const std::int64_t line : lines) {
      if (!extents.empty() && line <= extents.back().first + extents.back().second) {
        extents.back().second = line - extents.back().first + 1;
      } else {
        extents.emplace_back(line, 1);
      }
    }
    return extents;
  }

  std::vector<std::string> files() const override { return {}; }

 private:
  ArraySpec m_spec;
  std::vector<std::array<double, kCoastMaterials>> m_spectra;
};

}  // namespace

bool isComputedCoast(const std::string& path) { return std::filesystem::path(path).filename() == kName; }

Result<OpenedDataset> openComputedCoast(const OpenRequest& request) {
  if (!request.driver.empty() || request.mask == "apply") {
    Failure failure = failAt(ErrorCode::InvalidParameter, kName, std::string(kName) + " is no file: it has no driver and no mask",
                             "leave driver and mask out");
    failure.value().parameter = request.driver.empty() ? "mask" : "driver";
    return failure;
  }
  auto spec = coastSpec();
  if (!spec) return fail(std::move(spec.error()));
  OpenedDataset dataset;
  DatasetInfo& info = dataset.info;
  info.path = kName;
  info.driver = kComputedDriver;
  info.variables = {{spec->variable, *spec}};
  info.notes = {"synthetic: a made-up coast, no real place; computed, nothing is read from disk"};
  info.cheap = {"Cheap here: any pixels and bands, for only those asked for are computed."};
  dataset.source = std::make_shared<CoastSource>(std::move(*spec));
  return dataset;
}

}  // namespace cubeloom
