// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/io/catalog/folder_catalog.h"

#include <algorithm>
#include <filesystem>
#include <set>
#include <system_error>

#include "engine/base/datetime.h"
#include "engine/base/text.h"
#include "engine/io/catalog/catalog_place.h"
#include "engine/io/catalog/intake_catalog.h"
#include "engine/io/file/envi_names.h"
#include "engine/io/file/io_error.h"
#include "engine/io/file/json_document.h"
#include "engine/io/file/known_file.h"
#include "engine/io/file/text_file.h"
#include "engine/io/file/zarr_names.h"
#include "engine/io/stack/file_dates.h"

namespace cubeloom {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxNames = 10000;
constexpr int kMaxLooks = 200, kMaxStarts = 2000;

/// An ESRI header has the same suffix. A mark of the byte order may come first.
bool isEnviHeader(const fs::path& path) {
  constexpr std::size_t kLook = 64, kMark = 3;
  const std::string start = readFileStart(path.string(), kLook);
  return trim(start).find("ENVI") <= kMark;
}

/// A folder being listed.
class Listing {
 public:
  explicit Listing(Catalog& catalog) : m_catalog(catalog) {}

  Result<void> read() {
    std::error_code error;
    std::vector<fs::path> names;
    for (fs::directory_iterator it(m_catalog.path, error), end; !error && it != end; it.increment(error)) {
      if (it->path().filename().string().starts_with('.')) continue;
      if (names.size() >= kMaxNames) {
        m_catalog.notes.push_back("only the first " + formatCount(kMaxNames) + " names are listed");
        break;
      }
      names.push_back(it->path());
    }
    if (error) return failAt(ErrorCode::OpenFailed, m_catalog.path, "cannot read the folder " + m_catalog.path + ": " + error.message());
    std::sort(names.begin(), names.end());
    for (const fs::path& name : names)
      if (toLower(name.extension().string()) == ".hdr" && isEnviHeader(name)) m_headers.insert(name.stem().string());
    for (const fs::path& name : names) add(name);
    return {};
  }

 private:
  void add(const fs::path& path) {
    CatalogEntry entry;
    entry.name = path.filename().string();
    entry.path = path.string();
    std::error_code ignored;
    const std::string suffix = toLower(path.extension().string());
    if (fs::is_directory(path, ignored)) {
      if (isZarrFolder(entry.path)) return addDataset(entry, "Zarr");
      entry.driver = "folder";
      return addCatalog(entry);
    }
    if (!fs::is_regular_file(path, ignored) || suffix == ".hdr") return;
    if (suffix == ".json" || suffix == ".yaml" || suffix == ".yml") return look(entry, suffix == ".json");
    const std::string format = formatOfName(entry.path);
    if (!format.empty()) return addDataset(entry, format);
    // A sidecar such as x.img.aux.xml shares its stem with the header but is no raster, and a spectral library is none either.
    if (suffix == ".xml" || suffix == ".sli") return;
    const bool hasHeader = m_headers.contains(entry.name) || (isEnviDataName(entry.name) && m_headers.contains(path.stem().string()));
    if (const auto known = ++m_starts > kMaxStarts ? std::nullopt : knownFile(entry.path, !hasHeader); known) {
      if (!known->driver.empty()) addKnown(entry, *known);
    } else if (hasHeader) {
      addDataset(entry, "ENVI");
    }
  }

  void look(CatalogEntry& entry, bool isJson) {
    if (++m_looks > kMaxLooks) {
      if (m_looks == kMaxLooks + 1)
        m_catalog.notes.push_back("only the first " + std::to_string(kMaxLooks) + " JSON and YAML files were looked at");
      return;
    }
    if (!isJson) {
      entry.driver = "intake";
      if (looksLikeIntake(entry.path)) addCatalog(entry);
      return;
    }
    const JsonKind kind = sniffJson(entry.path).value_or(JsonKind::Other);
    if (kind == JsonKind::Kerchunk) return addDataset(entry, "reference");
    entry.driver = "stac";
    if (kind == JsonKind::Stac) addCatalog(entry);
  }

  /// The date that the name tells, so that a folder can be searched by it without opening anything.
  static void noteDate(CatalogEntry& entry) {
    const auto date = dateInName(entry.name);
    if (!date) return;
    entry.datetime = formatDatetime(*date);
    if (const std::string midnight = "T00:00:00Z"; entry.datetime.ends_with(midnight))
      entry.datetime.resize(entry.datetime.size() - midnight.size());
  }

  void addDataset(CatalogEntry& entry, const std::string& format) {
    entry.driver = format;
    noteDate(entry);
    if (const FormatFacts* facts = formatNamed(format); facts != nullptr && facts->isOnlyOnChoice) {
      entry.reason = onlyOnChoice(*facts);
    } else {
      entry.isOpenable = true;
    }
    m_catalog.entries.push_back(std::move(entry));
  }

  /// A raster of a format that GDAL opens.
  void addKnown(CatalogEntry& entry, const KnownFile& known) {
    entry.driver = known.driver;
    noteDate(entry);
    entry.isOpenable = known.isOpened;
    if (!known.isOpened) entry.reason = "it is " + known.what + ": " + known.remedy;
    m_catalog.entries.push_back(std::move(entry));
  }

  void addCatalog(CatalogEntry& entry) {
    entry.furtherOn = CatalogRequest{entry.path, {}, {}};
    entry.reason = entry.driver == "folder" ? "it is a folder, not a dataset" : "it is a catalog, not a dataset";
    m_catalog.entries.push_back(std::move(entry));
  }

  Catalog& m_catalog;
  std::set<std::string> m_headers;
  int m_looks = 0, m_starts = 0;
};

}  // namespace

Result<Catalog> readFolder(const CatalogRequest& request) {
  Catalog catalog;
  catalog.path = request.path;
  catalog.kind = "folder";
  catalog.title = fs::path(request.path).filename().string();
  CUBELOOM_TRY(Listing(catalog).read());
  return catalog;
}

}  // namespace cubeloom
