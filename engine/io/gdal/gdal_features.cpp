// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/io/gdal/gdal_features.h"

#include <array>
#include <filesystem>
#include <map>
#include <mutex>
#include <system_error>
#include <utility>

#include "engine/access/feature_layers.h"
#include "engine/base/file_fingerprint.h"
#include "engine/base/text.h"
#include "engine/io/file/io_error.h"
#include "engine/io/gdal/gdal_drivers.h"
#include "engine/io/gdal/gdal_module.h"
#include "engine/io/gdal/gdal_reader.h"

namespace cubeloom {
namespace {

constexpr const char* kFormats = "GeoPackage, GeoJSON, Shapefile, FlatGeobuf, KML, and CSV with WKT or x and y are read";

/// The real place of a file: what drivers see is never a name that means something else to them.
Result<std::string> featureFile(const std::string& path) {
  if (path.find('\0') != std::string::npos) return fail(ErrorCode::InvalidParameter, "the path holds a zero byte");
  if (path.find("://") != std::string::npos || path.starts_with("/vsi"))
    return failAt(ErrorCode::OpenFailed, path, path + ": geometries are read from files on disk only", "download or unpack it before");
  std::error_code error;
  const std::filesystem::path real = std::filesystem::canonical(path, error);
  if (error) return failAt(ErrorCode::OpenFailed, path, "there is no file " + path, "check the spelling and the folder");
  if (!std::filesystem::is_regular_file(real, error))
    return failAt(ErrorCode::OpenFailed, path, path + " is not a file", "name a file in it: " + std::string(kFormats));
  const auto bytes = static_cast<double>(std::filesystem::file_size(real, error));
  if (error) return failAt(ErrorCode::OpenFailed, path, "cannot read " + path + ": " + error.message());
  if (bytes > kMostFeatureFileBytes)
    return failAt(ErrorCode::OpenFailed, path,
                  path + " has " + formatSize(bytes) + "; geometries are read from files of at most " + formatSize(kMostFeatureFileBytes),
                  "take what you need out of it with ogr2ogr -spat or -where");
  return real.string();
}

/// The file and what belongs to a Shapefile or a table beside it.
std::vector<std::string> filesOf(const std::string& path) {
  std::vector<std::string> files{path};
  const std::filesystem::path whole(path);
  const std::string suffix = toLower(whole.extension().string());
  if (suffix != ".shp" && suffix != ".csv") return files;
  for (const char* other : {".dbf", ".shx", ".prj", ".cpg", ".csvt", ".DBF", ".SHX", ".PRJ", ".CPG"}) {
    std::filesystem::path beside = whole;
    beside.replace_extension(other);
    if (std::error_code ignored; std::filesystem::exists(beside, ignored)) files.push_back(beside.string());
  }
  return files;
}

Feature featureOf(GdalFeature&& from) {
  Feature feature{std::move(from.id), {}};
  for (const GdalPart& part : from.parts) {
    std::vector<Vertex> vertices;
    for (std::size_t i = 0; i + 1 < part.places.size(); i += 2) vertices.push_back({part.places[i], part.places[i + 1]});
    if (part.role == GdalPart::Role::Point)
      feature.geometry.points.insert(feature.geometry.points.end(), vertices.begin(), vertices.end());
    else
      feature.geometry.rings.push_back({std::move(vertices), part.role == GdalPart::Role::Hole});
  }
  return feature;
}

void warnOfLeftOut(std::int64_t count, const std::string& why, std::vector<std::string>& warnings) {
  if (count > 0) warnings.push_back(formatCount(count) + (count == 1 ? " feature " : " features ") + why + ": left out");
}

GdalFeaturesRequest requestOf(const FeaturesRequest& request, const std::string& path, const std::vector<std::string>& drivers) {
  GdalFeaturesRequest asked{path, drivers, {}, request.layer, request.where, request.id, kMostFeatures, kMostVertices};
  if (toLower(std::filesystem::path(path).extension().string()) == ".csv") {
    asked.drivers = {"CSV"};
    asked.options = {"GEOM_POSSIBLE_NAMES=WKT,geometry,geom", "X_POSSIBLE_NAMES=x,lon,longitude,easting",
                     "Y_POSSIBLE_NAMES=y,lat,latitude,northing", "AUTODETECT_TYPE=YES"};
  }
  return asked;
}

Result<std::vector<FeatureLayer>> listFile(const std::string& path) {
  const GdalService& gdal = gdalReaders();
  const auto drivers = featureDrivers(gdal);
  if (!drivers) return fail(drivers.error());
  auto answer = gdal.listLayers(requestOf({path, {}, {}, {}}, path, *drivers));
  if (!answer) {
    Failure failure = gdalFailure(ErrorCode::OpenFailed, path, "no geometries can be read from " + path, answer.error());
    failure.value().hint = kFormats;
    return failure;
  }
  std::vector<FeatureLayer> layers;
  layers.reserve(answer->layers.size());
  for (GdalLayer& from : answer->layers) {
    FeatureLayer layer{std::move(from.name), std::move(from.geometry), from.count, {}};
    layer.fields.reserve(from.fields.size());
    for (GdalField& field : from.fields) layer.fields.push_back({std::move(field.name), std::move(field.type), std::move(field.examples)});
    layers.push_back(std::move(layer));
  }
  return layers;
}

Result<std::shared_ptr<const Features>> readFile(const FeaturesRequest& request, const std::string& path) {
  const GdalService& gdal = gdalReaders();
  const auto drivers = featureDrivers(gdal);
  if (!drivers) return fail(drivers.error());
  auto answer = gdal.readFeatures(requestOf(request, path, *drivers));
  if (!answer) {
    Failure failure = gdalFailure(ErrorCode::OpenFailed, path, "no geometries can be read from " + path, answer.error());
    failure.value().hint = kFormats;
    return failure;
  }
  if (!answer->wrong.parameter.empty()) {
    Failure failure = failAt(ErrorCode::InvalidParameter, path,
                             std::filesystem::path(path).filename().string() + ": " + answer->wrong.message, answer->wrong.hint);
    return failure;
  }
  if (answer->isTooMuch)
    return failAt(ErrorCode::OpenFailed, path,
                  path + " has more than " + formatCount(kMostFeatures) + " features or " + formatCount(kMostVertices) +
                      " vertices, the most that is read at once",
                  "choose some with |where=, or simplify them with ogr2ogr -simplify");
  auto features = std::make_shared<Features>();
  features->layer = answer->layer;
  features->files = filesOf(path);
  std::vector<std::string>& warnings = features->warnings;
  for (const std::string& wkt : answer->crs)
    if (!features->crs.isValid()) features->crs = Crs::fromUser(wkt).value_or(Crs());
  if (!answer->crs.empty() && !features->crs.isValid())
    return failAt(ErrorCode::CrsUnavailable, path, "the CRS of " + path + " is not understood", "write it anew with ogr2ogr -t_srs");
  warnOfLeftOut(answer->withoutGeometry, "without a geometry", warnings);
  warnOfLeftOut(answer->others, "with lines alone", warnings);
  warnOfLeftOut(answer->broken, "with coordinates that are no numbers", warnings);
  for (GdalFeature& one : answer->features) features->features.push_back(featureOf(std::move(one)));
  if (features->features.empty())
    return failAt(ErrorCode::OpenFailed, path, "there is no polygon and no point in layer '" + features->layer + "' of " + path,
                  request.where.empty() ? std::string(kFormats) : "no feature meets the condition, or none of them has such a geometry");
  return features;
}

class GdalFeatureProvider final : public FeatureLister {
 public:
  Result<std::shared_ptr<const Features>> read(const FeaturesRequest& request) override {
    auto path = featureFile(request.path);
    if (!path) return fail(std::move(path.error()));
    const Key key{*path, request.layer, request.where, request.id};
    const auto prints = fingerprintsOf(filesOf(*path));
    {
      const std::lock_guard lock(m_mutex);
      if (const auto found = m_read.find(key); found != m_read.end() && found->second.fingerprints == prints)
        if (auto features = found->second.features.lock()) return features;
    }
    auto features = readFile(request, *path);
    if (!features) return features;
    const std::lock_guard lock(m_mutex);
    std::erase_if(m_read, [](const auto& item) { return item.second.features.expired(); });
    m_read[key] = {*features, prints};
    return features;
  }

  Result<std::vector<FeatureLayer>> layers(const std::string& path) override {
    auto real = featureFile(path);
    if (!real) return fail(std::move(real.error()));
    return listFile(*real);
  }

 private:
  using Key = std::array<std::string, 4>;
  struct Entry {
    std::weak_ptr<const Features> features;
    std::vector<FileFingerprint> fingerprints;
  };
  std::mutex m_mutex;
  std::map<Key, Entry> m_read;
};

}  // namespace

std::shared_ptr<FeatureProvider> makeGdalFeatures() { return std::make_shared<GdalFeatureProvider>(); }

}  // namespace cubeloom
