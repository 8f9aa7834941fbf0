// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/io/zarr/zarr_dataset.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <system_error>
#include <utility>

#include "engine/base/text.h"
#include "engine/io/file/io_error.h"
#include "engine/io/file/json_document.h"
#include "engine/io/source/exact_nodata.h"
#include "engine/io/zarr/zarr_coordinates.h"
#include "engine/io/zarr/zarr_source.h"

namespace cubeloom {
namespace {

using Json = nlohmann::json;
using Notes = std::vector<std::string>;

constexpr std::size_t kMaxAttributes = 200, kMaxAttributeBytes = 4096;

/// "group/" of "group/name/".
std::string groupOf(const std::string& folder) {
  if (folder.empty()) return {};
  const std::size_t slash = folder.rfind('/', folder.size() - 2);
  return slash == std::string::npos ? std::string() : folder.substr(0, slash + 1);
}

std::vector<std::string> words(const std::string& text) {
  std::vector<std::string> all;
  for (const std::string& word : split(text, ' '))
    if (!trim(word).empty()) all.emplace_back(trim(word));
  return all;
}

/// A hierarchy being looked through.
class ZarrReader {
 public:
  explicit ZarrReader(std::shared_ptr<const ZarrStore> store) : m_store(std::move(store)), m_coordinates(*m_store, m_arrays) {}

  Result<OpenedDataset> open(const std::string& variable) {
    CUBELOOM_TRY(findArrays(variable));
    OpenedDataset opened;
    DatasetInfo& info = opened.info;
    info.path = m_store->path();
    info.driver = m_store->driver();
    const std::vector<const ZarrArray*> candidates = variables();
    if (candidates.empty()) return noVariables();
    for (const ZarrArray* array : candidates) {
      Notes ignored;
      info.variables.push_back({displayName(*array), describe(*array, ignored)});
    }
    info.chosen = choose(info.variables, variable);
    const ZarrArray& array = *candidates[info.chosen];
    CUBELOOM_TRY(m_store->check(array.folder));

    info.notes = m_store->notes();
    info.notes.insert(info.notes.end(), m_leftOut.begin(), m_leftOut.end());
    if (candidates.size() > 1 && variable.empty())
      info.notes.push_back("variable \"" + info.variables[info.chosen].name + "\" is taken, one of " + std::to_string(candidates.size()));
    ArraySpec spec = describe(array, info.notes);
    describeAccess(array, info);
    std::vector<std::string> files = m_store->files(array.folder);
    for (const std::string& file : files) {
      std::error_code none;
      const std::uintmax_t bytes = std::filesystem::is_regular_file(file, none) ? std::filesystem::file_size(file, none) : 0;
      if (!none) info.fileBytes += static_cast<double>(bytes);
    }
    opened.source = std::make_shared<ZarrSource>(m_store, storedAs(array), std::move(spec), zarrPacking(storedAs(array)), std::move(files));
    return opened;
  }

 private:
  /// Arrays that cannot be read are left out and noted, unless one of them is what was asked for.
  Result<void> findArrays(const std::string& variable) {
    for (const std::string& key : m_store->arrayKeys()) {
      auto array = readZarrArray(*m_store, key);
      if (array) {
        std::string folder = array->folder;
        m_arrays.emplace(std::move(folder), std::move(*array));
        continue;
      }
      const std::string name = key.substr(0, key.size() - std::min(key.size(), std::strlen("/.zarray")));
      if (!m_firstError) m_firstError = array.error();
      if (!variable.empty() && name == variable) return fail(array.error());
      m_leftOut.push_back("left out: " + array.error().message);
    }
    return {};
  }

  Failure noVariables() const {
    if (m_firstError) return fail(*m_firstError);
    return failAt(ErrorCode::OpenFailed, m_store->path(), m_store->path() + " holds no array with pixels");
  }

  std::string displayName(const ZarrArray& array) const {
    return array.folder.empty() ? std::filesystem::path(m_store->path()).stem().string() : array.name();
  }

  /// Everything with pixels that is not the coordinate of something else; without any such, everything with pixels.
  std::vector<const ZarrArray*> variables() const {
    std::set<std::string> used;
    for (const auto& [folder, array] : m_arrays) {
      Notes ignored;
      const std::vector<std::string> dims = zarrDimNames(array, ignored);
      const std::string group = groupOf(folder);
      if (dims.size() == 1 && group + dims[0] + "/" == folder) used.insert(folder);
      std::vector<std::string> named = words(attributeText(array.attributes, "coordinates"));
      for (const char* key : {"grid_mapping", "bounds", "ancillary_variables"})
        for (const std::string& word : words(attributeText(array.attributes, key)))
          named.push_back(word.ends_with(':') ? word.substr(0, word.size() - 1) : word);
      for (const std::string& name : named)
        if (const ZarrArray* other = m_coordinates.find(group, name)) used.insert(other->folder);
      for (const std::string& dim : dims)
        for (const std::string& name :
             {std::string("fwhm"), std::string("good"), std::string("good_wavelengths"), std::string("bbl"), dim + "_name"})
          if (const ZarrArray* other = m_coordinates.find(group, name);
              other != nullptr && other != &array && zarrDimNames(*other, ignored) == std::vector{dim})
            used.insert(other->folder);
    }
    std::vector<const ZarrArray*> all, left;
    for (const auto& [folder, array] : m_arrays) {
      if (array.kind != ZarrArray::Kind::Number || array.shape.empty()) continue;
      if (std::find(array.shape.begin(), array.shape.end(), 0) != array.shape.end()) continue;
      all.push_back(&array);
      if (!used.contains(folder)) left.push_back(&array);
    }
    return left.empty() ? all : left;
  }

  static std::size_t choose(const std::vector<VariableInfo>& variables, const std::string& wanted) {
    for (std::size_t i = 0; i < variables.size(); ++i)
      if (variables[i].name == wanted) return i;
    for (std::size_t i = 0; i < variables.size(); ++i)
      if (variables[i].spec.isSpatial()) return i;
    std::size_t largest = 0;
    for (std::size_t i = 1; i < variables.size(); ++i)
      if (variables[i].spec.bytes() > variables[largest].spec.bytes()) largest = i;
    return largest;
  }

  /// The array with its true sign, as NetCDF's `_Unsigned` says it for types that have none.
  static ZarrArray storedAs(const ZarrArray& array) {
    ZarrArray other = array;
    const std::string says = toLower(attributeText(array.attributes, "_Unsigned"));
    using enum PixelType;
    static constexpr std::pair<PixelType, PixelType> kPairs[]{{Int8, UInt8}, {Int16, UInt16}, {Int32, UInt32}, {Int64, UInt64}};
    for (const auto& [withSign, without] : kPairs) {
      if (says == "true" && array.type == withSign) other.type = without;
      if (says == "false" && array.type == without) other.type = withSign;
    }
    return other;
  }

  ArraySpec describe(const ZarrArray& asStored, Notes& notes) {
    const ZarrArray array = storedAs(asStored);
    ArraySpec spec;
    spec.variable = displayName(array);
    spec.unit = attributeText(array.attributes, "units");
    spec.type = array.type;
    const std::string group = groupOf(array.folder);
    const std::vector<std::string> names = zarrDimNames(array, notes);
    std::vector<ZarrAxis> axes;
    for (std::size_t d = 0; d < names.size(); ++d) {
      axes.push_back(m_coordinates.axis(group, names[d], array.shape[d], notes));
      spec.dims.push_back(axes.back().dim);
      spec.storage.block.push_back(std::min(array.chunks[d], array.shape[d]));
    }
    spec.storage.name = "chunks";
    for (std::size_t d = 0; d < names.size(); ++d) spec.storage.name += (d == 0 ? " " : " x ") + std::to_string(array.chunks[d]);
    findGrid(array, group, axes, spec, notes);
    setNodata(array, spec, notes);
    setAttributes(array, spec);
    return spec;
  }

  void findGrid(const ZarrArray& array, const std::string& group, const std::vector<ZarrAxis>& axes, ArraySpec& spec, Notes& notes) {
    const auto pair = [&axes](auto&& roleOf) {
      std::pair found{-1, -1};
      for (std::size_t d = 0; d < axes.size(); ++d) {
        const AxisRole role = roleOf(axes[d]);
        if (role == AxisRole::Y) found.first = static_cast<int>(d);
        if (role == AxisRole::X) found.second = static_cast<int>(d);
      }
      return found;
    };
    std::pair spatial = pair([](const ZarrAxis& axis) { return axis.cfRole; });
    if (spatial.first < 0 || spatial.second < 0)
      spatial = pair([](const ZarrAxis& axis) { return axis.cfRole != AxisRole::None ? axis.cfRole : axisRoleOf(axis.dim.name); });
    if (spatial.first < 0 || spatial.second < 0) return;
    const ZarrAxis& y = axes[static_cast<std::size_t>(spatial.first)];
    const ZarrAxis& x = axes[static_cast<std::size_t>(spatial.second)];

    const std::vector<std::string> mapping = words(attributeText(array.attributes, "grid_mapping"));
    const ZarrArray* reference = nullptr;
    for (const std::string& name : {mapping.empty() ? std::string() : mapping[0], std::string("spatial_ref"), std::string("crs")}) {
      const bool extended = name.ends_with(':');
      if (reference == nullptr && !name.empty()) reference = m_coordinates.find(group, extended ? name.substr(0, name.size() - 1) : name);
    }
    Json described = reference != nullptr ? reference->attributes : Json::object();
    if (const auto gdal = array.attributes.find("_CRS"); gdal != array.attributes.end()) described["_CRS"] = *gdal;
    const Crs crs = gridMappingCrs(described, notes);
    const auto declared = parseGeotransform(described);

    const auto rows = y.dim.size, cols = x.dim.size;
    const auto even = [](const ZarrAxis& axis) { return regularAxis(axis.centres, axis.single); };
    const auto ys = even(y), xs = even(x);
    std::optional<Affine> affine;
    if (declared && agrees(*declared, y, x)) {
      affine = declared;
    } else if (ys && xs) {
      affine = Affine{xs->step, 0, xs->start - xs->step / 2, 0, ys->step, ys->start - ys->step / 2};
    } else if ((y.centres.size() == 1 || x.centres.size() == 1) && !y.centres.empty() && !x.centres.empty() && (ys || xs)) {
      // A single line has the other side's pixel size: pixels are square unless something says otherwise.
      const double step = ys ? std::abs(ys->step) : std::abs(xs->step);
      const double dx = xs ? xs->step : step, dy = ys ? ys->step : -step;
      affine = Affine{dx, 0, x.centres[0] - dx / 2, 0, dy, y.centres[0] - dy / 2};
      notes.emplace_back("the size of pixels along a dim of one element is taken from the other dim");
    }
    if (!affine && (!y.centres.empty() || !x.centres.empty())) {
      notes.emplace_back("the coordinates are not evenly spaced: the array has no pixel grid");
      return;
    }
    spec.yDim = spatial.first;
    spec.xDim = spatial.second;
    if (!affine) {
      notes.emplace_back("no coordinates: the grid is in pixels, its place on the ground is unknown");
      spec.setGeobox({rows, cols, Affine{}, Crs()});
      return;
    }
    if (!crs.isValid() && y.cfRole == AxisRole::Y && axisRoleOf(x.dim.name) == AxisRole::X && std::abs(affine->f) <= 91 &&
        !described.contains("grid_mapping_name"))
      notes.emplace_back("the CRS is not declared");
    spec.setGeobox({rows, cols, *affine, crs});
  }

  /// Whether GeoTransform says what the coordinates say, or these are missing.
  static bool agrees(const Affine& m, const ZarrAxis& y, const ZarrAxis& x) {
    if (!m.isAxisAligned()) return y.centres.empty() && x.centres.empty();
    const auto along = [](const ZarrAxis& axis, double first, double step) {
      if (axis.centres.empty()) return true;
      const double last = first + static_cast<double>(axis.centres.size() - 1) * step;
      const double allowed = std::max(std::abs(step) * 1e-3, axis.single ? std::abs(first) * 2.4e-7 : 0.0);
      return std::abs(axis.centres.front() - first) <= allowed && std::abs(axis.centres.back() - last) <= allowed;
    };
    return along(x, m.x(0.5, 0.5), m.a) && along(y, m.y(0.5, 0.5), m.e);
  }

  static void setNodata(const ZarrArray& array, ArraySpec& spec, Notes& notes) {
    const std::vector<std::byte> missing = zarrMissing(array);
    if (const auto packed = zarrPacking(array)) {
      spec.type = packed->value;
      if (!missing.empty()) spec.nodata = NAN;
      notes.push_back("values are the true ones: stored " + std::string(pixelTypeName(packed->stored)) + " * " +
                      formatNumber(packed->scale) + " + " + formatNumber(packed->offset) +
                      (missing.empty() ? "" : ", the fill value as NaN"));
    } else if (!missing.empty()) {
      double value = 0;
      auto* element = const_cast<std::byte*>(missing.data());
      copyBlock(denseView(element, array.type, {1}), denseView(reinterpret_cast<std::byte*>(&value), PixelType::Float64, {1}));
      if (!canHold(array.type, value) || !isToldApart(array.type, value)) {
        notes.emplace_back(kNotToldApart);
      } else {
        spec.nodata = value;
        if (value == 0 && !array.attributes.contains("_FillValue") && !array.attributes.contains("missing_value"))
          notes.emplace_back(
              "nodata is 0, the array's fill_value, which writers put there by default; if 0 is a value, say so with assign_nodata");
      }
    }
    if (!spec.nodata) notes.emplace_back("nodata is not declared");
  }

  void setAttributes(const ZarrArray& array, ArraySpec& spec) const {
    static const std::set<std::string, std::less<>> kConsumed{
        "_ARRAY_DIMENSIONS", "grid_mapping", "coordinates", "_FillValue", "missing_value",
        "scale_factor",      "add_offset",   "_Unsigned",   "units",      "_CRS"};
    const auto add = [&spec](const Json& attributes) {
      for (const auto& [key, value] : attributes.items()) {
        if (kConsumed.contains(key) || spec.attributes.size() >= kMaxAttributes) continue;
        std::string text = value.is_string() ? value.get<std::string>() : value.dump(-1, ' ', false, Json::error_handler_t::replace);
        if (text.size() <= kMaxAttributeBytes) spec.attributes.emplace(key, std::move(text));
      }
    };
    add(array.attributes);
    const auto root = m_store->text(".zattrs");
    if (!root || !*root || array.folder.empty()) return;
    if (const auto json = parseJsonText(**root, m_store->path()); json && json->is_object()) add(*json);
  }

  static void describeAccess(const ZarrArray& array, DatasetInfo& info) {
    const std::string size = formatSize(static_cast<double>(array.chunkBytes()));
    if (array.steps.empty()) {
      info.cheap = {"Cheap here: any range within a chunk of " + size + "; chunks are not compressed."};
    } else {
      info.cheap = {"Cheap here: whole chunks."};
      info.dear = {"Expensive here: a single pixel, which decodes a chunk of " + size + "."};
    }
  }

  std::shared_ptr<const ZarrStore> m_store;
  std::map<std::string, ZarrArray> m_arrays;  ///< by folder
  ZarrCoordinates m_coordinates;
  Notes m_leftOut;
  std::optional<Error> m_firstError;
};

}  // namespace

Result<OpenedDataset> openZarr(std::shared_ptr<const ZarrStore> store, const std::string& variable) {
  return ZarrReader(std::move(store)).open(variable);
}

}  // namespace cubeloom
