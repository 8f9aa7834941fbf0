// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/io/catalog/intake_source.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <set>
#include <string_view>

#include "engine/base/text.h"
#include "engine/io/catalog/catalog_glob.h"
#include "engine/io/catalog/intake_template.h"

namespace cubeloom {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxParameters = 64, kMaxAllowed = 1000, kMaxPaths = 10000;

enum class SourceClass { Raster, Zarr, Reference, Intake, Stac, Network, Other };

/// intake's short names and the classes behind them ("intake_xarray.raster.RasterIOSource").
SourceClass classOf(const std::string& driver) {
  struct Known {
    std::string_view name;
    SourceClass what;
  };
  static constexpr std::array<Known, 28> kKnown{{{"rasterio", SourceClass::Raster},
                                                 {"raster", SourceClass::Raster},
                                                 {"envi", SourceClass::Raster},
                                                 {"shift_xarray", SourceClass::Raster},
                                                 {"xarray_image", SourceClass::Raster},
                                                 {"netcdf", SourceClass::Raster},
                                                 {"hdf5", SourceClass::Raster},
                                                 {"rasteriosource", SourceClass::Raster},
                                                 {"imagesource", SourceClass::Raster},
                                                 {"netcdfsource", SourceClass::Raster},
                                                 {"shiftxarraysource", SourceClass::Raster},
                                                 {"zarr", SourceClass::Zarr},
                                                 {"ndzarr", SourceClass::Zarr},
                                                 {"zarrsource", SourceClass::Zarr},
                                                 {"zarrarraysource", SourceClass::Zarr},
                                                 {"reference", SourceClass::Reference},
                                                 {"kerchunk", SourceClass::Reference},
                                                 {"yaml_file_cat", SourceClass::Intake},
                                                 {"yaml_files_cat", SourceClass::Intake},
                                                 {"yamlfilecatalog", SourceClass::Intake},
                                                 {"yamlfilescatalog", SourceClass::Intake},
                                                 {"stac_catalog", SourceClass::Stac},
                                                 {"stac_collection", SourceClass::Stac},
                                                 {"stac_item", SourceClass::Stac},
                                                 {"stac_item_collection", SourceClass::Stac},
                                                 {"opendap", SourceClass::Network},
                                                 {"intake_remote", SourceClass::Network},
                                                 {"thredds_cat", SourceClass::Network}}};
  std::string name = toLower(driver);
  if (const std::size_t point = name.rfind('.'); point != std::string::npos) name.erase(0, point + 1);
  const auto found = std::find_if(kKnown.begin(), kKnown.end(), [&](const Known& known) { return known.name == name; });
  return found == kKnown.end() ? SourceClass::Other : found->what;
}

/// A source being read.
class SourceReader {
 public:
  SourceReader(CatalogEntry& entry, const YamlNode& source, IntakeContext& context)
      : m_entry(entry), m_source(source), m_context(context) {}

  void read() {
    if (!m_source.isMap()) return refuse("the entry is no mapping");
    m_entry.description = taken(m_source.text("description"));
    readMetadata();
    m_values["CATALOG_DIR"] = m_context.folder.ends_with('/') ? m_context.folder : m_context.folder + "/";
    if (m_context.parameters != nullptr) readParameters(*m_context.parameters);
    if (const YamlNode* parameters = m_source.find("parameters")) readParameters(*parameters);
    const YamlNode* driver = m_source.find("driver");
    if (driver != nullptr && driver->isList() && !driver->items.empty()) driver = driver->items.front().get();
    if (driver == nullptr || !driver->isScalar()) return refuse("the entry names no driver");
    m_entry.driver = taken(driver->scalar);
    const YamlNode* args = m_source.find("args");
    if (args == nullptr || !args->isMap()) return refuse("the entry has no args");
    readArgs(*args);
  }

 private:
  std::string taken(const std::string& text) { return takenText(text, m_context); }
  void refuse(std::string why) { m_entry.reason = std::move(why); }

  void readMetadata() {
    const YamlNode* metadata = m_source.find("metadata");
    if (metadata == nullptr || !metadata->isMap()) return;
    m_entry.title = taken(metadata->text("title"));
    for (const auto& [key, value] : metadata->pairs) {
      if (m_entry.metadata.size() >= kMaxEntryMetadata) return;
      if (value->isScalar() && key != "title") m_entry.metadata[taken(key)] = taken(value->scalar);
    }
  }

  void readParameters(const YamlNode& parameters) {
    for (const auto& [name, node] : parameters.pairs) {
      if (m_entry.parameters.size() >= kMaxParameters || m_context.budget < 0) return;
      CatalogParameter parameter;
      parameter.name = taken(name);
      const YamlNode* fallback = node->isMap() ? node->find("default") : node.get();
      if (node->isMap()) {
        parameter.description = taken(node->text("description"));
        parameter.type = taken(node->text("type"));
        if (const YamlNode* allowed = node->find("allowed"))
          for (const auto& value : allowed->items)
            if (parameter.allowed.size() < kMaxAllowed && m_context.budget >= 0) parameter.allowed.push_back(taken(value->scalar));
      }
      if (fallback != nullptr && fallback->isScalar()) parameter.defaultValue = taken(fallback->scalar);
      setValue(parameter, fallback != nullptr && fallback->isScalar());
      std::erase_if(m_entry.parameters, [&](const CatalogParameter& other) { return other.name == parameter.name; });
      m_entry.parameters.push_back(std::move(parameter));
    }
  }

  void setValue(const CatalogParameter& parameter, bool hasDefault) {
    const auto given = m_context.given.find(parameter.name);
    if (given != m_context.given.end()) {
      const auto& allowed = parameter.allowed;
      if (!allowed.empty() && std::find(allowed.begin(), allowed.end(), given->second) == allowed.end()) {
        m_problem = "parameter " + parameter.name + " cannot be \"" + given->second + "\": allowed are " + join(allowed, ", ");
        return;
      }
      m_values[parameter.name] = given->second;
    } else if (hasDefault) {
      auto value = substituted(parameter.defaultValue, {{"CATALOG_DIR", m_values["CATALOG_DIR"]}});
      if (value) {
        m_values[parameter.name] = *value;
      } else {
        m_unknown[parameter.name] = "parameter " + parameter.name + ": " + value.error().message;
      }
    }
  }

  void readArgs(const YamlNode& args) {
    const SourceClass what = classOf(m_entry.driver);
    const YamlNode* where = nullptr;
    const bool isCatalog = what == SourceClass::Intake || what == SourceClass::Stac;
    static constexpr std::array<const char*, 6> kDatasetKeys{"urlpath", "path", "href", "url", "fo", "uri"};
    static constexpr std::array<const char*, 6> kCatalogKeys{"path", "urlpath", "stac_obj", "obj", "href", "url"};
    for (const char* key : isCatalog ? kCatalogKeys : kDatasetKeys)
      if (where == nullptr) where = args.find(key);
    if (what == SourceClass::Zarr && where != nullptr && where->scalar.starts_with("reference://")) {
      const YamlNode* options = args.find("storage_options");
      where = options != nullptr ? options->find("fo") : nullptr;
      const std::string protocol = options != nullptr ? options->text("remote_protocol") : std::string();
      if (where != nullptr && !where->isScalar()) return refuse("its references stand in the catalog itself, which is not read");
      if (!protocol.empty() && protocol != "file" && protocol != "local")
        m_problem = "its chunks lie on the network (" + taken(protocol) + ")";
    }
    if (where == nullptr) return refuse("the entry names no path");
    std::vector<std::string> paths;
    if (!readPaths(*where, paths)) return;
    if (what == SourceClass::Network) {
      m_entry.path = paths.empty() ? std::string() : paths.front();
      return refuse("its driver (" + m_entry.driver + ") reads from the network, which is never asked because of a catalog");
    }
    if (what == SourceClass::Other) return refuse("the driver \"" + m_entry.driver + "\" gives no raster that is read here");
    if (isCatalog) return leadOn(paths);
    readFiles(args, paths);
  }

  /// Texts and lists of texts, names put in. False after a refusal.
  bool readPaths(const YamlNode& where, std::vector<std::string>& paths) {
    std::vector<const YamlNode*> nodes;
    if (where.isScalar()) nodes.push_back(&where);
    for (const auto& item : where.items) nodes.push_back(item.get());
    if (nodes.empty() || nodes.size() > kMaxPaths) {
      refuse(nodes.empty() ? "the entry names no path" : "it names more than " + formatCount(kMaxPaths) + " paths");
      return false;
    }
    for (const YamlNode* node : nodes) {
      auto path = substituted(taken(node->scalar), m_values);
      if (!path || !m_problem.empty()) {
        if (path && paths.empty()) m_entry.path = *path;
        if (!m_problem.empty()) {
          refuse(m_problem);
        } else {
          const auto known = m_unknown.find(path.error().parameter);
          refuse(known != m_unknown.end() ? known->second : path.error().message);
        }
        return false;
      }
      paths.push_back(std::move(*path));
    }
    return true;
  }

  void leadOn(const std::vector<std::string>& paths) {
    for (const std::string& path : paths) {
      CatalogEntry child;
      const Place place = placeOf(path, m_context.folder);
      child.path = place.path;
      child.driver = m_entry.driver;
      child.name = fs::path(place.path).filename().string();
      if (!place.problem.empty()) {
        child.reason = place.problem;
      } else if (place.isRemote) {
        child.reason = "the catalog lies on the network, which is never asked because of a catalog";
      } else if (!place.isFile) {
        child.reason = "missing: there is no such file";
      } else {
        child.furtherOn = CatalogRequest{place.path, {}, {}};
        child.reason = "it is a catalog, not a dataset";
      }
      m_entry.children.push_back(std::move(child));
    }
    if (m_entry.children.size() > 1) return refuse("several catalogs: see each of them");
    CatalogEntry only = std::move(m_entry.children.front());
    m_entry.children.clear();
    m_entry.path = only.path;
    m_entry.reason = only.reason;
    m_entry.furtherOn = std::move(only.furtherOn);
  }

  void readFiles(const YamlNode& args, const std::vector<std::string>& paths) {
    std::string pattern;
    if (auto given = substituted(taken(args.text("path_as_pattern")), m_values); given && hasField(*given))
      pattern = placeOf(*given, m_context.folder).path;
    std::vector<std::pair<Place, std::map<std::string, std::string>>> files;
    for (const std::string& path : paths) {
      const std::string plain = withoutVariable(path);
      const Place place = placeOf(plain, m_context.folder);
      const bool isPattern = hasField(plain), isMany = isPattern || hasWildcard(plain);
      if (place.isRemote || !place.problem.empty() || place.isFile || place.isFolder || !isMany) {
        files.emplace_back(place, pattern.empty() ? std::map<std::string, std::string>{} : fieldsOf(pattern, place.path));
        continue;
      }
      const std::string& fields = isPattern ? place.path : pattern;
      auto found = filesMatching(fieldsAsWildcards(place.path));
      if (!found) return refuse(found.error().message);
      for (const std::string& file : *found) files.emplace_back(placeOf(file, "/"), fieldsOf(fields, file));
      if (found->empty()) m_entry.path = place.path;
      m_context.budget -= static_cast<std::int64_t>(found->size());
    }
    if (files.empty()) return refuse("no file matches " + m_entry.path);
    if (files.size() == 1) {
      judgeDataset(m_entry, files[0].first, m_context.rules);
      m_entry.metadata.insert(files[0].second.begin(), files[0].second.end());
      return;
    }
    for (const auto& [place, fields] : files) {
      CatalogEntry child;
      child.name = fs::path(place.path).filename().string();
      child.driver = m_entry.driver;
      child.variable = m_entry.variable;
      child.metadata = fields;
      judgeDataset(child, place, m_context.rules);
      m_entry.children.push_back(std::move(child));
    }
    m_entry.path.clear();
    refuse(formatCount(static_cast<std::int64_t>(files.size())) + " files: each is an entry of its own");
  }

  /// GDAL's NETCDF:"file.nc":variable, as a file; the variable goes into the entry.
  std::string withoutVariable(const std::string& path) {
    const std::string lower = toLower(path.substr(0, 7));
    if (lower != "netcdf:" && !lower.starts_with("hdf5:")) return path;
    const std::string rest = path.substr(path.find(':') + 1);
    const std::size_t colon = rest.rfind(':');
    std::string file = rest.substr(0, colon);
    std::erase(file, '"');
    if (colon != std::string::npos) m_entry.variable = rest.substr(std::min(rest.size(), rest.find_first_not_of('/', colon + 1)));
    return file;
  }

  CatalogEntry& m_entry;
  const YamlNode& m_source;
  IntakeContext& m_context;
  std::map<std::string, std::string> m_values;
  std::string m_problem;                         ///< why the entry cannot be had, whatever its path says
  std::map<std::string, std::string> m_unknown;  ///< why parameters have no value
};

}  // namespace

std::string takenText(const std::string& text, IntakeContext& context) {
  context.budget -= 1 + static_cast<std::int64_t>(std::min(text.size(), kMaxEntryText) / 64);
  return text.substr(0, kMaxEntryText);
}

CatalogEntry intakeEntry(const std::string& name, const YamlNode& source, IntakeContext& context) {
  CatalogEntry entry;
  entry.name = takenText(name, context);
  SourceReader(entry, source, context).read();
  return entry;
}

}  // namespace cubeloom
