// SPDX-License-Identifier: GPL-3.0-or-later
// HDF5 files, NetCDF-4 among them, as variables with dims: groups are walked once, by hard links alone.
#include "engine/io/hdf5/hdf5_file.h"

#include <set>

#include "engine/base/text.h"
#include "engine/io/file/io_error.h"
#include "engine/io/hdf5/hdf5_attributes.h"
#include "engine/io/hdf5/hdf5_texts.h"

namespace cubeloom {
namespace {

constexpr int kMaxDepth = 32;
constexpr std::size_t kMaxVariables = 20000;

struct Link {
  std::string name;
  bool isHard = false;
};

herr_t collectLink(hid_t /*group*/, const char* name, const H5L_info_t* info, void* links) {
  auto& all = *static_cast<std::vector<Link>*>(links);
  all.push_back({name, info->type == H5L_TYPE_HARD});
  return all.size() >= kMaxVariables ? 1 : 0;
}

/// Made in the order of creation where the file keeps it, as netCDF lists them.
std::vector<Link> linksOf(hid_t group) {
  const Hdf5Id properties(H5Gget_create_plist(group));
  unsigned order = 0;
  const bool isOrdered = properties && H5Pget_link_creation_order(properties.get(), &order) >= 0 && (order & H5P_CRT_ORDER_INDEXED) != 0;
  std::vector<Link> links;
  hsize_t position = 0;
  H5Literate(group, isOrdered ? H5_INDEX_CRT_ORDER : H5_INDEX_NAME, H5_ITER_INC, &position, collectLink, &links);
  return links;
}

/// What the walk learns of a dataset beside its StoredVariable.
struct Found {
  std::vector<std::optional<std::uint64_t>> scales;
  bool isScale = false;    ///< names a dim
  bool isOnlyDim = false;  ///< and holds no values
  bool isText = false;
  /// NetCDF's numbers of the dim that it names, and of its own dims where they are more than that one.
  std::optional<double> dimId;
  std::vector<double> dimIds;
};

}  // namespace

class Hdf5Walk {
 public:
  Hdf5Walk(Hdf5File& file, std::int64_t baseAddress) : m_file(file), m_heap(file.m_input, baseAddress), m_facts(file.m_facts) {}

  Result<void> look() {
    const std::string& path = m_file.m_input->path();
    const Hdf5Id root(H5Gopen2(m_file.m_file.get(), "/", H5P_DEFAULT));
    if (!root) return hdf5Failure(ErrorCode::OpenFailed, path, "cannot read the root of " + path);
    walk(root.get(), "", 0);
    if (m_facts.variables.size() >= kMaxVariables)
      m_facts.notes.push_back("only the first " + std::to_string(kMaxVariables) + " variables are listed");
    if (m_skippedLinks > 0)
      m_facts.notes.push_back(std::to_string(m_skippedLinks) + " soft or external links are not followed (the first: " + m_firstSkipped +
                              ")");
    nameDims();
    readTexts();
    const Attributes& globals = m_facts.groups[""];
    bool isNetcdf = globals.contains("_NCProperties") || globals.contains("Conventions");
    for (const Found& found : m_found) isNetcdf = isNetcdf || found.isScale;
    m_facts.driver = isNetcdf ? "netCDF" : "HDF5";
    dropDims();
    for (auto& [group, attributes] : m_facts.groups) attributes.erase("_NCProperties");
    return {};
  }

 private:
  static bool isRead(const StoredVariable& variable) { return variable.type && variable.refusal.empty(); }

  void walk(hid_t group, const std::string& path, int depth) {
    const std::optional<haddr_t> address = hdf5Address(group);
    if (!address || !m_seen.insert(*address).second) return;
    m_facts.groups[path] = hdf5Attributes(group, m_heap);
    std::vector<std::string> groups;
    for (const Link& link : linksOf(group)) {
      if (m_facts.variables.size() >= kMaxVariables) return;
      if (!link.isHard) {
        if (m_skippedLinks++ == 0) m_firstSkipped = path.empty() ? link.name : path + "/" + link.name;
        continue;
      }
      const Hdf5Id object(H5Oopen(group, link.name.c_str(), H5P_DEFAULT));
      if (!object) {
        m_facts.notes.push_back("\"" + link.name + "\" cannot be opened");
        continue;
      }
      if (H5Iget_type(object.get()) == H5I_DATASET) addDataset(object.get(), path, link.name);
      if (H5Iget_type(object.get()) == H5I_GROUP) groups.push_back(link.name);
    }
    // A group's own variables before those of its groups, as netCDF lists them.
    for (const std::string& name : groups) {
      if (depth + 1 >= kMaxDepth) {
        m_facts.notes.push_back("groups deeper than " + std::to_string(kMaxDepth) + " are not looked into");
        return;
      }
      const Hdf5Id inner(H5Gopen2(group, name.c_str(), H5P_DEFAULT));
      if (inner) walk(inner.get(), path.empty() ? name : path + "/" + name, depth + 1);
    }
  }

  void addDataset(hid_t dataset, const std::string& group, const std::string& name) {
    const Hdf5Id type(H5Dget_type(dataset)), space(H5Dget_space(dataset)), properties(H5Dget_create_plist(dataset));
    const std::optional<haddr_t> address = hdf5Address(dataset);
    if (!type || !space || !properties || !address) return;
    StoredVariable variable;
    variable.group = group;
    variable.name = name;
    const int rank = H5Sget_simple_extent_ndims(space.get());
    if (rank < 0 || rank > H5S_MAX_RANK) return;
    std::vector<hsize_t> sizes(static_cast<std::size_t>(rank));
    if (rank > 0) H5Sget_simple_extent_dims(space.get(), sizes.data(), nullptr);
    variable.shape.assign(sizes.begin(), sizes.end());
    variable.type = hdf5PixelType(type.get(), variable.swapped);
    describeStorage(properties.get(), rank, variable);
    if (const H5T_class_t kind = H5Tget_class(type.get()); !variable.type && (kind == H5T_FLOAT || kind == H5T_INTEGER))
      variable.refusal = "its numbers of " + std::to_string(8 * H5Tget_size(type.get())) + " bits are of a kind that is not read";
    double bytes = 8;
    for (const hsize_t size : sizes) bytes *= static_cast<double>(size);
    if (bytes > kMostHdf5ArrayBytes) variable.refusal = "it is declared with " + formatSize(bytes) + ", which no file can hold";
    variable.attributes = hdf5Attributes(dataset, m_heap);
    Found found;
    found.scales = hdf5DimensionScales(dataset, static_cast<std::size_t>(rank), m_heap);
    found.isScale = variable.text("CLASS") == "DIMENSION_SCALE";
    found.isOnlyDim = found.isScale && variable.text("NAME").starts_with("This is a netCDF dimension but not a netCDF variable");
    found.isText = H5Tget_class(type.get()) == H5T_STRING;
    if (found.isScale) found.dimId = variable.number("_Netcdf4Dimid");
    if (found.isScale && variable.has("_Netcdf4Coordinates")) found.dimIds = variable.attributes["_Netcdf4Coordinates"].numbers;
    for (const char* internal : {"CLASS", "NAME", "_Netcdf4Dimid", "_Netcdf4Coordinates", "_nc3_strict"})
      variable.attributes.erase(internal);
    m_places[*address] = m_facts.variables.size();
    m_facts.layouts.push_back(isRead(variable) ? hdf5Layout(dataset, "/" + variable.path() + " in " + m_file.m_input->path())
                                               : Hdf5Layout());
    m_facts.variables.push_back(std::move(variable));
    m_found.push_back(std::move(found));
  }

  static void describeStorage(hid_t properties, int rank, StoredVariable& variable) {
    switch (H5Pget_layout(properties)) {
      case H5D_CHUNKED: {
        std::vector<hsize_t> chunk(static_cast<std::size_t>(rank));
        std::vector<std::string> sides;
        if (rank > 0 && H5Pget_chunk(properties, rank, chunk.data()) == rank)
          for (const hsize_t side : chunk) sides.push_back(std::to_string(side));
        variable.storage = "chunks " + join(sides, " x ");
        break;
      }
      case H5D_COMPACT: variable.storage = "compact"; break;
      case H5D_VIRTUAL: variable.refusal = "its values lie in other files (a virtual dataset)"; break;
      default: variable.storage = "contiguous";
    }
    if (H5Pget_external_count(properties) > 0) variable.refusal = "its values lie in another file (external storage)";
  }

  /// By dimension scales; without one, netCDF's phony dims: by size, each once in a variable, shared within the group.
  void nameDims() {
    int phony = 0;
    std::map<std::string, std::vector<std::pair<std::int64_t, std::string>>> phonyDims;
    std::map<double, std::string> byId;
    for (std::size_t i = 0; i < m_facts.variables.size(); ++i)
      if (m_found[i].dimId) byId[*m_found[i].dimId] = m_facts.variables[i].name;
    for (std::size_t i = 0; i < m_facts.variables.size(); ++i) {
      StoredVariable& variable = m_facts.variables[i];
      std::set<std::string> used;
      for (std::size_t d = 0; d < variable.shape.size(); ++d) {
        std::string name;
        const auto& scale = m_found[i].scales[d];
        if (scale) {
          if (const auto place = m_places.find(*scale); place != m_places.end()) name = m_facts.variables[place->second].name;
        } else if (m_found[i].isScale && variable.shape.size() == 1) {
          name = variable.name;
        } else if (m_found[i].dimIds.size() == variable.shape.size()) {
          // A scale of several dims, as names of one length are: a scale itself has none.
          if (const auto known = byId.find(m_found[i].dimIds[d]); known != byId.end()) name = known->second;
        }
        if (name.empty()) {
          auto& known = phonyDims[variable.group];
          for (const auto& [size, dim] : known)
            if (name.empty() && size == variable.shape[d] && !used.contains(dim)) name = dim;
          if (name.empty()) {
            name = "phony_dim_" + std::to_string(phony++);
            known.emplace_back(variable.shape[d], name);
          }
        }
        while (used.contains(name)) name += "_";
        used.insert(name);
        variable.dims.push_back(name);
      }
    }
  }

  /// Coordinates of text, and what describes HDF-EOS5's grids; by name, so that no other texts are read.
  void readTexts() {
    std::set<std::string> named;  // in an attribute `coordinates`
    const auto addNames = [&named](const Attributes& attributes) {
      const auto found = attributes.find("coordinates");
      if (found == attributes.end()) return;
      for (const std::string& name : split(found->second.text, ' ')) named.insert(name);
    };
    for (const StoredVariable& variable : m_facts.variables) addNames(variable.attributes);
    for (const auto& [group, attributes] : m_facts.groups) addNames(attributes);
    for (std::size_t i = 0; i < m_facts.variables.size(); ++i) {
      StoredVariable& variable = m_facts.variables[i];
      const bool isNamed = isNamedAsLabels(variable) || isStructureText(variable) || isGridText(variable) ||
                           (named.contains(variable.name) && !variable.has("grid_mapping_name"));
      if (!m_found[i].isText || !isNamed) continue;
      const Hdf5Id dataset(H5Dopen2(m_file.m_file.get(), ("/" + variable.path()).c_str(), H5P_DEFAULT));
      if (auto texts = dataset ? hdf5Texts(dataset.get(), variable.shape, m_heap) : std::nullopt) {
        variable.texts = std::move(*texts);
      } else {
        m_facts.notes.push_back("the coordinate \"" + variable.path() + "\" is left out: its texts cannot be read");
      }
    }
  }

  /// Those that only name a dim.
  void dropDims() {
    std::size_t kept = 0;
    for (std::size_t i = 0; i < m_facts.variables.size(); ++i) {
      if (m_found[i].isOnlyDim) continue;
      if (kept != i) {
        m_facts.variables[kept] = std::move(m_facts.variables[i]);
        m_facts.layouts[kept] = std::move(m_facts.layouts[i]);
      }
      ++kept;
    }
    m_facts.variables.resize(kept);
    m_facts.layouts.resize(kept);
  }

  Hdf5File& m_file;
  Hdf5Heap m_heap;
  Hdf5Facts& m_facts;
  std::vector<Found> m_found;
  std::map<std::uint64_t, std::size_t> m_places;  // address of a dataset's header -> its number
  std::set<std::uint64_t> m_seen;
  std::size_t m_skippedLinks = 0;
  std::string m_firstSkipped;
};

Result<std::shared_ptr<Hdf5File>> Hdf5File::open(const std::string& path) {
  auto raw = RawFile::open(path);
  if (!raw) return fail(std::move(raw.error()));
  const auto input = std::make_shared<Hdf5Input>(std::move(*raw));
  Hdf5Id id = openThrough(input);
  if (const auto failure = input->takeFailure()) return failAt(ErrorCode::OpenFailed, path, *failure);
  if (!id) return hdf5Failure(ErrorCode::OpenFailed, path, "cannot open " + path + " as HDF5");
  const Hdf5Id creation(H5Fget_create_plist(id.get()));
  hsize_t userBlock = 0;
  if (creation) H5Pget_userblock(creation.get(), &userBlock);
  const std::shared_ptr<Hdf5File> file(new Hdf5File(input, std::move(id)));
  const auto looked = Hdf5Walk(*file, static_cast<std::int64_t>(userBlock)).look();
  CUBELOOM_TRY(file->checkReads(ErrorCode::OpenFailed));
  if (!looked) return fail(looked.error());
  H5Eclear2(H5E_DEFAULT);
  for (std::size_t i = 0; i < file->m_facts.variables.size(); ++i) {
    const StoredVariable& variable = file->m_facts.variables[i];
    const Hdf5Layout& layout = file->m_facts.layouts[i];
    file->m_variables.push_back({"/" + variable.path(), {}, {}, variable.shape, layout.chunk, layout.elementBytes});
  }
  return file;
}

}  // namespace cubeloom
