// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/io/file_provider.h"

#include <array>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <mutex>
#include <system_error>
#include <utility>

#include "engine/base/file_fingerprint.h"
#include "engine/base/redact.h"
#include "engine/base/shell_words.h"
#include "engine/base/text.h"
#include "engine/geo/plausible_place.h"
#include "engine/io/file/io_error.h"
#include "engine/io/file/json_document.h"
#include "engine/io/file/known_file.h"
#include "engine/io/file/zarr_names.h"
#include "engine/io/formats.h"
#include "engine/io/gdal/gdal_dataset.h"
#include "engine/io/gdal/gdal_drivers.h"
#include "engine/io/gdal/gdal_features.h"
#include "engine/io/gdal/gdal_placed_source.h"
#include "engine/io/gdal/virtual_file.h"
#include "engine/io/sample/coast_source.h"
#include "engine/io/stack/stacked_source.h"

namespace cubeloom {
namespace {

namespace fs = std::filesystem;

/// The real place of an existing file or Zarr folder: what drivers see is never a name that means something else to them.
Result<std::string> existingFile(const std::string& path) {
  if (path.empty()) return fail(ErrorCode::InvalidParameter, "no path is given", "name a file");
  if (path.find('\0') != std::string::npos) return fail(ErrorCode::InvalidParameter, "the path holds a zero byte");
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (!fs::exists(status)) {
    const bool url = path.find("://") != std::string::npos;
    return failAt(ErrorCode::OpenFailed, path, "there is no file " + path,
                  url ? "local files, http://, https:// and s3:// are opened" : "check the spelling and the folder");
  }
  const bool isFolder = fs::is_directory(status);
  if (isFolder && !isZarrFolder(path))
    return failAt(ErrorCode::OpenFailed, path, path + " is a folder, not a raster file", "name a file in it");
  if (!isFolder && !fs::is_regular_file(status)) return failAt(ErrorCode::OpenFailed, path, path + " is not a regular file");
  const fs::path real = fs::canonical(path, error);
  if (error) return failAt(ErrorCode::OpenFailed, path, "cannot resolve " + path + ": " + error.message());
  return real.string();
}

Failure noMask(const std::string& path) {
  Failure failure = failAt(ErrorCode::InvalidParameter, path, path + " has no mask to apply", "leave mask out, or write mask=auto");
  failure.value().parameter = "mask";
  return failure;
}

Failure notOpened(const std::string& path, const KnownFile& known) {
  return failAt(ErrorCode::OpenFailed, path, path + " is " + known.what, known.remedy);
}

/// A file that none of our own readers recognizes: GDAL may. It may also have lost its ENVI header.
Result<OpenedDataset> openUnknown(const OpenRequest& request) {
  if (!request.driver.empty()) return openGdal(request);
  const auto known = knownFile(request.path);
  if (known && known->isOpened) {
    OpenRequest asked = request;
    asked.driver = known->driver;
    auto dataset = openGdal(asked);
    if (!dataset && dataset.error().code == ErrorCode::OpenFailed)
      return failAt(ErrorCode::OpenFailed, request.path, request.path + " is " + known->what + ", but " + dataset.error().message,
                    known->remedy);
    return dataset;
  }
  auto dataset = openGdal(request);
  if (!dataset && known) return notOpened(request.path, *known);
  const FormatFacts* told = formatOfSuffix(request.path);
  if (!dataset && dataset.error().hint.empty() && (told == nullptr || !told->isToldBySuffix))
    dataset.error().hint = "if it is a raw cube, put its ENVI header beside it as " + fs::path(request.path).filename().string() + ".hdr";
  return dataset;
}

Result<OpenedDataset> openMeant(const OpenRequest& request, const FileProviderOptions& options);

/// A chain that names a driver is not the user who trusts a file.
Result<void> checkTrust(const std::string& path, const Format& row, const FileProviderOptions& options) {
  if (!row.facts->isOnlyOnTrust || (options.trust != nullptr && options.trust->isTrusted(path))) return {};
  Failure failure = failAt(ErrorCode::OpenFailed, path, path + " is not opened: " + onlyOnChoice(*row.facts),
                           "look at it; then say so: cubeloom-cli trust " + shellQuoted(path));
  failure.value().parameter = "path";
  return failure;
}

Result<OpenedDataset> openDataset(const OpenRequest& request, const FileProviderOptions& options) {
  auto place = virtualFile(request.path, options.isNetworkOn);
  if (!place) return fail(place.error());
  if (*place) return openGdal(request, &**place);
  // A file may really be called that: it then is meant.
  if (std::error_code ignored; isFilePattern(request.path) && !fs::exists(request.path, ignored))
    return openStack(request, [&options](const OpenRequest& member) { return openMeant(member, options); });
  if (std::error_code ignored; isComputedCoast(request.path) && !fs::exists(request.path, ignored)) return openComputedCoast(request);
  auto path = existingFile(request.path);
  if (!path) return fail(path.error());
  OpenRequest real = request;
  real.path = *path;
  std::error_code ignored;
  const bool isAsked = !request.driver.empty() && !fs::is_directory(*path, ignored);
  auto format = isAsked ? Result<const Format*>(formatRow(request.driver)) : recognizedFormat(*path);
  if (!format) return fail(std::move(format.error()));
  const Format* row = *format;
  if (row == nullptr && options.openItem != nullptr && sniffJson(*path).value_or(JsonKind::Other) == JsonKind::Stac)
    return options.openItem(real, options.isNetworkOn, [&options](const OpenRequest& asset) { return openMeant(asset, options); });
  if (row == nullptr || row->open == nullptr) return openUnknown(real);
  CUBELOOM_TRY(checkTrust(*path, *row, options));
  if (row->facts->isOnlyOnTrust) real.driver = row->facts->name;
  if (row->facts->isOnlyOnChoice && real.driver.empty())
    return failAt(ErrorCode::OpenFailed, *path, *path + " is not opened by itself: " + onlyOnChoice(*row->facts),
                  "write driver=" + row->facts->name);
  if (request.mask == "apply" && !row->mayHaveMask) return noMask(*path);
  if (!request.driver.empty()) real.driver = row->facts->name;
  return row->open(real);
}

/// The array that the request means, and no other of its dataset in its place.
Result<OpenedDataset> openMeant(const OpenRequest& request, const FileProviderOptions& options) {
  auto dataset = openDataset(request, options);
  if (dataset && dataset->refused && request.variable.empty()) return fail(std::move(*dataset->refused));
  return dataset;
}

/// What cannot be read while a dataset is opened cannot be opened.
Result<OpenedDataset> opened(Result<OpenedDataset> dataset) {
  if (!dataset && dataset.error().code == ErrorCode::ReadFailed) dataset.error().code = ErrorCode::OpenFailed;
  return dataset;
}

/// The files of a source; of a stack the folder too, where another date may have come.
std::vector<std::string> watched(const OpenRequest& request, const Source& source) {
  std::vector<std::string> files = source.files();
  if (isFilePattern(request.path)) files.push_back(fs::absolute(request.path).parent_path().string());
  return files;
}

class FileProvider final : public SourceProvider {
 public:
  explicit FileProvider(const FileProviderOptions& options) : m_options(options) {}

  Result<std::shared_ptr<Source>> open(const OpenRequest& request) override {
    const Key key{request.path,
                  request.variable,
                  request.driver,
                  request.concatDim,
                  request.pattern,
                  request.mask,
                  request.decode == "false" ? "false" : "",
                  request.nodata ? formatNumber(*request.nodata) : "",
                  request.georeference,
                  request.resampling,
                  request.rpcHeight ? formatNumber(*request.rpcHeight) : "",
                  request.rpcDem};
    {
      const std::lock_guard lock(m_mutex);
      if (const auto found = m_open.find(key); found != m_open.end())
        if (auto source = found->second.source.lock(); source && fingerprintsOf(watched(request, *source)) == found->second.fingerprints)
          return source;
    }
    CUBELOOM_TRY(checkPlacing(request));
    auto dataset = opened(openMeant(request, m_options));
    if (!dataset) return fail(dataset.error());
    if (request.asksForPlacing() && std::dynamic_pointer_cast<GdalPlacedSource>(dataset->source) == nullptr)
      return failAt(ErrorCode::InvalidParameter, request.path,
                    request.path + " has neither ground control points nor RPCs nor location arrays that GDAL reads",
                    "leave georeference out");
    if (auto wrong = checkVariable(request, dataset->info)) return fail(std::move(*wrong));
    Entry entry{dataset->source, fingerprintsOf(watched(request, *dataset->source)), std::move(dataset->info.notes)};
    const std::lock_guard lock(m_mutex);
    std::erase_if(m_open, [](const auto& item) { return item.second.source.expired(); });
    m_open[key] = std::move(entry);
    return dataset->source;
  }

  std::vector<std::string> notesOf(const Source& source) const override {
    const std::lock_guard lock(m_mutex);
    for (const auto& [key, entry] : m_open)
      if (entry.source.lock().get() == &source) return entry.notes;
    return {};
  }

  FeatureProvider* features() override { return m_features.get(); }
  ItemProvider* items() override { return m_options.items.get(); }

  Result<DatasetInfo> info(const std::string& path) override {
    auto dataset = opened(openDataset({.path = path, .variable = {}, .driver = {}}, m_options));
    if (!dataset) return fail(dataset.error());
    DatasetInfo info = std::move(dataset->info);
    if (dataset->countBytes) info.fileBytes = dataset->countBytes();
    for (const VariableInfo& variable : info.variables) {
      const std::string wrong = variable.spec.geobox ? implausiblePlace(*variable.spec.geobox) : std::string();
      if (wrong.empty()) continue;
      info.notes.push_back(wrong);
      break;
    }
    return info;
  }

 private:
  using Key = std::array<std::string, 12>;
  struct Entry {
    std::weak_ptr<Source> source;
    std::vector<FileFingerprint> fingerprints;
    std::vector<std::string> notes;
  };

  static std::optional<Error> checkVariable(const OpenRequest& request, const DatasetInfo& info) {
    std::vector<std::string> names;
    for (const VariableInfo& variable : info.variables) {
      if (request.variable.empty() || variable.name == request.variable) return std::nullopt;
      names.push_back(variable.name);
    }
    Error e;
    e.code = ErrorCode::InvalidParameter;
    e.message = "there is no variable \"" + request.variable + "\" in " + redactSecrets(request.path) + "; it has " + join(names, ", ");
    e.parameter = "variable";
    e.path = redactSecrets(request.path);
    if (const auto near = closestMatch(request.variable, names)) e.hint = "did you mean \"" + *near + "\"?";
    return e;
  }

  FileProviderOptions m_options;
  std::shared_ptr<FeatureProvider> m_features = makeGdalFeatures();
  mutable std::mutex m_mutex;
  std::map<Key, Entry> m_open;
};

}  // namespace

bool isNetworkAllowed() {
  const char* value = std::getenv("CUBELOOM_NETWORK");
  return value != nullptr && toLower(trim(value)) == "on";
}

std::shared_ptr<SourceProvider> makeFileProvider(const FileProviderOptions& options) {
  if (options.isNetworkOn) allowNetwork();
  return std::make_shared<FileProvider>(options);
}

}  // namespace cubeloom
