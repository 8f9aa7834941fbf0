// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/op/family/loaded_items.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "engine/base/text.h"
#include "engine/op/family/computed.h"
#include "engine/op/family/item_bands.h"
#include "engine/op/family/item_groups.h"
#include "engine/op/family/joined.h"
#include "engine/op/family/loaded_grid.h"
#include "engine/op/family/overlaid.h"

namespace cubeloom {
namespace {

constexpr double kLeastScratch = 5.0 * (1 << 20);  // what a reader takes at once, where none was asked

std::string countText(std::size_t count, const char* what) {
  return formatCount(static_cast<std::int64_t>(count)) + " " + what + (count == 1 ? "" : "s");
}

/// The items being made a cube.
class Loading {
 public:
  Loading(const LoadRequest& request, const Params& params, const BindContext& context)
      : m_request(request), m_params(params), m_context(context), m_headers(*context.sources, *context.sources->items()) {}

  Result<LoadedItems> load() {
    auto list = m_context.sources->items()->read(m_request.items);
    if (!list) return fail(list.error());
    m_items = (*list)->items;
    m_all = m_items.size();
    m_result.notes = (*list)->notes;
    m_result.cube.files = (*list)->files;
    if (m_items.empty()) return invalidParameter("path", m_request.items.path + " has no items", "name a collection that has some");
    auto place = askedPlace(m_params, m_context, m_result.cube.files);
    if (!place) return fail(place.error());
    m_place = std::move(*place);
    CUBELOOM_TRY(keepTime());
    CUBELOOM_TRY(keepPlace());
    auto bands = chooseBands(m_items, m_request.bands, m_headers, m_result.notes);
    if (!bands) return fail(bands.error());
    m_bands = std::move(*bands);
    CUBELOOM_TRY(placeItems());
    CUBELOOM_TRY(group());
    CUBELOOM_TRY(describe());
    CUBELOOM_TRY(fill());
    return std::move(m_result);
  }

 private:
  Failure nothingLeft(const char* parameter, const std::string& what) const {
    return invalidParameter(parameter, "none of " + countText(m_all, "item") + " lies in " + what, extentText());
  }

  /// Where and when the items are.
  std::string extentText() const {
    std::optional<double> first, last;
    std::optional<std::array<double, 4>> box;
    for (const Item& item : m_seen) {
      if (item.seconds) first = std::min(first.value_or(*item.seconds), *item.seconds);
      if (item.seconds) last = std::max(last.value_or(*item.seconds), *item.seconds);
      if (!item.bbox) continue;
      if (!box) box = item.bbox;
      const auto& b = *item.bbox;
      *box = {std::min((*box)[0], b[0]), std::min((*box)[1], b[1]), std::max((*box)[2], b[2]), std::max((*box)[3], b[3])};
    }
    std::string text;
    if (first) text = "they are of " + formatDatetime(*first) + " to " + formatDatetime(*last);
    if (box)
      text += (text.empty() ? "they lie in " : ", in ") + formatSignificant((*box)[0], 8) + ", " + formatSignificant((*box)[1], 8) + ", " +
              formatSignificant((*box)[2], 8) + ", " + formatSignificant((*box)[3], 8) + " degrees";
    return text;
  }

  Result<void> keepTime() {
    m_seen = m_items;
    const bool isAsked = m_request.time || m_request.groupBy != "none";
    for (Item& item : m_items) {
      if (!item.seconds && isAsked) CUBELOOM_TRY(m_headers.readTime(item));
      if (!item.seconds && isAsked) {
        Error e;
        e.code = ErrorCode::InvalidParameter;
        e.message = "item " + item.id + " says no time: neither its name nor its header tells a date";
        e.hint = "say with pattern where names tell it, for instance pattern=%Y%m%d; or groupby=none, which needs no time";
        e.parameter = "groupby";
        e.path = item.file;
        return fail(std::move(e));
      }
    }
    if (!m_request.time) return {};
    std::erase_if(m_items, [&](const Item& item) { return !m_request.time->overlaps({item.seconds, item.seconds}); });
    if (m_items.empty()) return nothingLeft("datetime", m_params.text("datetime"));
    return {};
  }

  /// By the items' rectangles in degrees, roughly: what is left has its grid looked at.
  Result<void> keepPlace() {
    if (!m_place) return {};
    Crs crs = m_place->crs;
    if (!crs.isValid() && m_params.has("crs")) crs = m_params.crs("crs").value_or(Crs());
    const auto degrees = Crs::fromUser("OGC:CRS84");
    if (!crs.isValid() || !degrees) return {};
    const auto asked = movedBounds(m_place->bounds, crs, *degrees);
    if (!asked) return {};
    std::erase_if(m_items, [&](const Item& item) {
      if (!item.bbox) return false;
      constexpr double kMargin = 0.05, kLeast = 1e-6, kTurn = 360;
      const auto& b = *item.bbox;
      const double east = b[2] < b[0] ? b[2] + kTurn : b[2];
      const double dx = kMargin * (east - b[0]) + kLeast, dy = kMargin * (b[3] - b[1]) + kLeast;
      const double turn = kTurn * std::round(((asked->xmin + asked->xmax) - (b[0] + east)) / 2 / kTurn);
      return b[0] + turn - dx > asked->xmax || east + turn + dx < asked->xmin || b[1] - dy > asked->ymax || b[3] + dy < asked->ymin;
    });
    if (m_items.empty()) return nothingLeft(m_place->parameter.c_str(), m_place->parameter);
    return {};
  }

  template <class F>
  Result<void> eachPlaced(F&& f) {
    for (std::size_t i = 0; i < m_items.size(); ++i)
      for (CubeBand& band : m_bands) {
        if (!band.places[i]) continue;
        if (const ItemAsset& asset = assetOf(i, *band.places[i]); band.places[i]->band >= asset.bands.size())
          return fail(ErrorCode::GridMismatch,
                      "asset '" + asset.name + "' of item " + m_items[i].id + " has " + countText(asset.bands.size(), "band") +
                          ": there is no '" + band.name + "' in it",
                      "correct what the item says of its bands, or leave it out");
        CUBELOOM_TRY(f(i, band, *band.places[i]));
      }
    return {};
  }

  ItemAsset& assetOf(std::size_t item, const PlacedBand& place) { return m_items[item].assets[place.asset]; }

  /// The cube's grid and what lies on it. Files are looked at where items do not say enough, and one of each asset to see whether it does.
  Result<void> placeItems() {
    while (true) {
      CUBELOOM_TRY(eachPlaced([&](std::size_t i, CubeBand&, const PlacedBand& at) -> Result<void> {
        ItemAsset& asset = assetOf(i, at);
        return asset.grid ? Result<void>() : m_headers.read(m_items[i], asset);
      }));
      CUBELOOM_TRY(placeGrids());
      CUBELOOM_TRY(eachPlaced([&](std::size_t i, CubeBand&, const PlacedBand& at) -> Result<void> {
        ItemAsset& asset = assetOf(i, at);
        return asset.bands[at.band].type ? Result<void>() : m_headers.read(m_items[i], asset);
      }));
      auto isNews = lookAtSamples();
      if (!isNews) return fail(isNews.error());
      if (!*isNews) return {};
    }
  }

  /// Whether all headers of an asset were read, since that of its sample is not as was said.
  Result<bool> lookAtSamples() {
    std::set<std::string> wrong;
    CUBELOOM_TRY(eachPlaced([&](std::size_t i, CubeBand&, const PlacedBand& at) -> Result<void> {
      ItemAsset& asset = assetOf(i, at);
      if (m_headers.isRead(m_items[i], asset) || !m_sampled.insert(asset.name).second) return {};
      const ItemAsset said = asset;
      CUBELOOM_TRY(m_headers.read(m_items[i], asset));
      bool isGrave = false;
      const std::string what = itemDifference(said, asset, isGrave);
      if (what.empty()) return {};
      m_result.warnings.push_back("the file of asset '" + asset.name + "' is not what item " + m_items[i].id + " says of it: " + what +
                                  "; the file counts");
      if (isGrave) wrong.insert(asset.name);
      return {};
    }));
    if (wrong.empty()) return false;
    CUBELOOM_TRY(eachPlaced([&](std::size_t i, CubeBand&, const PlacedBand& at) -> Result<void> {
      ItemAsset& asset = assetOf(i, at);
      return wrong.contains(asset.name) ? m_headers.read(m_items[i], asset) : Result<void>();
    }));
    return true;
  }

  Result<void> placeGrids() {
    std::vector<GeoBox> grids;
    m_gridOf.clear();
    CUBELOOM_TRY(eachPlaced([&](std::size_t i, CubeBand& band, const PlacedBand& at) -> Result<void> {
      const GeoBox& box = *assetOf(i, at).grid;
      const auto known = std::find(grids.begin(), grids.end(), box);
      m_gridOf[{i, &band}] = static_cast<std::size_t>(known - grids.begin());
      if (known == grids.end()) grids.push_back(box);
      return {};
    }));
    auto crs = cubeCrs(grids, m_params, m_context);
    if (!crs) return fail(crs.error());
    Outlines outlineOf(*crs);
    std::vector<Bounds> outlines;
    for (const GeoBox& grid : grids) {
      auto outline = outlineOf.of(grid);
      if (!outline) return fail(outline.error());
      outlines.push_back(*outline);
    }
    auto cube = cubeGrid(grids, outlines, *crs, m_place, m_params, m_context);
    if (!cube) return fail(cube.error());
    m_grid = *cube;
    std::vector<LoadedGrid>& loaded = m_result.cube.grids;
    loaded.clear();
    for (std::size_t g = 0; g < grids.size(); ++g) {
      auto one = loadedGrid(grids[g], outlines[g], m_grid);
      if (!one) return fail(one.error());
      loaded.push_back(std::move(*one));
    }
    bool isAnyUnder = false;
    for (std::size_t i = 0; i < m_items.size(); ++i)
      for (CubeBand& band : m_bands) {
        if (!band.places[i]) continue;
        const bool isUnder = loaded[m_gridOf[{i, &band}]].window.rows > 0;
        if (!isUnder) band.places[i].reset();
        isAnyUnder = isAnyUnder || isUnder;
      }
    if (!isAnyUnder) return nothingLeft(m_place ? m_place->parameter.c_str() : "like", m_place ? m_place->parameter : "the grid");
    return {};
  }

  Result<void> group() {
    // What has no band left takes no part.
    std::vector<std::size_t> kept;
    std::vector<Item> items;
    for (std::size_t i = 0; i < m_items.size(); ++i) {
      const bool isUsed = std::any_of(m_bands.begin(), m_bands.end(), [i](const CubeBand& band) { return band.places[i].has_value(); });
      if (!isUsed) continue;
      kept.push_back(i);
      items.push_back(m_items[i]);
    }
    const GeoBox& grid = m_grid;
    const double col = static_cast<double>(grid.cols()) / 2, row = static_cast<double>(grid.rows()) / 2;
    double x = grid.affine().x(col, row), y = grid.affine().y(col, row);
    if (grid.crs().isValid()) {
      const auto degrees = Crs::fromUser("OGC:CRS84");
      auto toDegrees = degrees ? Transformer::between(grid.crs(), *degrees) : fail(degrees.error());
      if (toDegrees) toDegrees->forward(&x, &y, 1);
    }
    const double longitude = grid.crs().isValid() && std::isfinite(x) ? x : 0;
    auto groups = groupItems(items, m_request.groupBy, m_request.sortBy, longitude);
    if (!groups) return fail(groups.error());
    m_groups = std::move(*groups);
    if (m_request.groupBy == "time" && m_groups.size() > 1) {
      std::set<double> days;
      for (const ItemGroup& one : m_groups) days.insert(solarDay(one.seconds, longitude));
      if (days.size() < m_groups.size())
        m_result.notes.push_back(countText(m_groups.size(), "instant") + " lie on " + countText(days.size(), "day") +
                                 ": groupby=solar_day makes one time of each day");
    }
    for (ItemGroup& one : m_groups)
      for (std::size_t& i : one.items) i = kept[i];
    m_result.summary = countText(kept.size(), "item") + (m_request.groupBy == "none" ? "" : " · " + countText(m_groups.size(), "time")) +
                       " · " + countText(m_bands.size(), "band");
    return {};
  }

  static std::optional<StoredScale> scaleOf(const ItemBand& band) {
    if (!band.scale && !band.offset) return std::nullopt;
    const StoredScale scale{band.scale.value_or(1), band.offset.value_or(0)};
    return scale == StoredScale{} ? std::nullopt : std::optional(scale);
  }

  /// What the values are, of all bands of all items together.
  Result<void> describe() {
    std::vector<ArraySpec> kinds;
    std::vector<std::optional<std::optional<StoredScale>>> scales(m_bands.size());
    bool isOneScale = true;
    CUBELOOM_TRY(eachPlaced([&](std::size_t i, CubeBand& band, const PlacedBand& at) -> Result<void> {
      const ItemAsset& asset = assetOf(i, at);
      const ItemBand& one = asset.bands[at.band];
      auto& scale = scales[static_cast<std::size_t>(&band - m_bands.data())];
      isOneScale = isOneScale && (!scale || *scale == scaleOf(one));
      scale = scaleOf(one);
      ArraySpec spec;
      spec.type = *one.type;
      spec.nodata = one.nodata ? one.nodata : m_request.nodata;
      if (spec.nodata && !canHold(spec.type, *spec.nodata)) spec.nodata.reset();
      spec.unit = one.unit;
      if (const ArraySpec* file = m_headers.specOf(m_items[i], asset); file != nullptr && file->isClasses()) {
        spec.classNames = file->classNames, spec.classColours = file->classColours;
        for (const char* key : {"flag_values", "flag_masks", "flag_meanings"})
          if (const auto said = file->attributes.find(key); said != file->attributes.end()) spec.attributes.insert(*said);
      }
      const bool isKnown = std::any_of(kinds.begin(), kinds.end(), [&spec](const ArraySpec& other) {
        const bool isSameNodata =
            other.nodata == spec.nodata || (other.nodata && spec.nodata && std::isnan(*other.nodata) && std::isnan(*spec.nodata));
        return other.type == spec.type && isSameNodata && other.unit == spec.unit && other.classNames == spec.classNames &&
               other.classColours == spec.classColours && other.attributes == spec.attributes;
      });
      if (!isKnown) kinds.push_back(std::move(spec));
      return {};
    }));
    LoadedCube& cube = m_result.cube;
    const bool isScaled = std::any_of(scales.begin(), scales.end(), [](const auto& scale) { return scale && *scale; });
    cube.isDecoded = m_request.decode == "true" || (m_request.decode == "auto" && !isOneScale);
    if (cube.isDecoded && m_request.decode == "auto")
      m_result.warnings.push_back("items of one band have different scales: values are the true ones; decode=false leaves them as stored");
    if (cube.isDecoded && (isScaled || !isOneScale))
      for (ArraySpec& kind : kinds) kind.type = needsFloat64(kind.type) ? PixelType::Float64 : PixelType::Float32, kind.nodata = NAN;
    if (m_request.decode == "true" && !isScaled && isOneScale) cube.isDecoded = false;
    ArraySpec spec = commonSpec(kinds, m_result.warnings);
    CUBELOOM_TRY(settleOverlap(spec, m_request.overlap, kinds));
    if (m_request.overlap != Overlap::Count && !spec.nodata) giveNodata(spec, m_result.warnings);
    noteDoubles(spec.type, m_result.warnings);
    spec.dims = {{"band", static_cast<std::int64_t>(m_bands.size()), bandCoordinate()}, {"y", m_grid.rows(), {}}, {"x", m_grid.cols(), {}}};
    if (m_request.groupBy != "none")
      spec.dims.insert(spec.dims.begin(), {"time", static_cast<std::int64_t>(m_groups.size()), timeCoordinate()});
    spec.yDim = static_cast<int>(spec.dims.size()) - 2;
    spec.xDim = spec.yDim + 1;
    spec.setGeobox(m_grid);
    spec.variable = "";
    if (!cube.isDecoded && isScaled && isOneScale && m_request.overlap != Overlap::Count) {
      std::vector<StoredScale> stored;
      stored.reserve(scales.size());
      for (const auto& scale : scales) stored.push_back(scale && *scale ? **scale : StoredScale{});
      spec.setStoredScales(spec.yDim - 1, stored);
    } else if (!cube.isDecoded && !isOneScale) {
      spec.forgetStoredMeaning();
      m_result.warnings.emplace_back("items of one band have different scales of their stored values: these do not compare");
    }
    setWavelengths(spec);
    spec.storage.block = std::vector<std::int64_t>(spec.dims.size(), 1);
    constexpr std::int64_t kSide = 256;
    spec.storage.block[static_cast<std::size_t>(spec.yDim)] = std::min(kSide, m_grid.rows());
    spec.storage.block[static_cast<std::size_t>(spec.xDim)] = std::min(kSide, m_grid.cols());
    spec.storage.name = "items";
    cube.spec = std::move(spec);
    return {};
  }

  static bool needsFloat64(PixelType type) { return !(type == PixelType::Float32 || (isInteger(type) && pixelTypeBytes(type) <= 2)); }

  Coordinate bandCoordinate() const {
    Coordinate c;
    c.kind = Coordinate::Kind::Regular;
    c.start = 1;
    c.unit = "1";
    for (const CubeBand& band : m_bands) c.labels.push_back(band.name);
    return c;
  }

  Coordinate timeCoordinate() const {
    Coordinate c;
    c.kind = Coordinate::Kind::Values;
    c.unit = "datetime";
    for (const ItemGroup& group : m_groups) {
      c.values.push_back(group.seconds);
      c.labels.push_back(formatDatetime(group.seconds));
    }
    return c;
  }

  /// Beside the bands, where all have one.
  void setWavelengths(ArraySpec& spec) {
    Coordinate c;
    c.kind = Coordinate::Kind::Values;
    c.unit = "nm";
    for (CubeBand& band : m_bands) {
      double wavelength = 0;
      for (std::size_t i = 0; i < m_items.size() && wavelength == 0; ++i)
        if (band.places[i]) wavelength = assetOf(i, *band.places[i]).bands[band.places[i]->band].wavelength;
      if (wavelength > 0) c.values.push_back(wavelength);
    }
    if (c.values.size() == m_bands.size()) spec.setCoordinate({"wavelength", {"band"}, std::make_shared<const Coordinate>(std::move(c))});
  }

  Result<Resampling> methodOf(const CubeBand& band, const ItemAsset& asset, const ItemBand& one) {
    const BandMethod* chosen = nullptr;
    bool isNamed = false;
    for (const BandMethod& method : m_request.methods) {
      const std::string word = toLower(method.band);
      const bool isIt =
          word == toLower(band.name) || word == toLower(asset.name) || (!one.commonName.empty() && word == toLower(one.commonName));
      if (isIt || (word == "*" && !isNamed)) chosen = &method;
      isNamed = isNamed || isIt;
      if (isIt) m_used.insert(method.band);
    }
    if (chosen == nullptr || (asset.isClasses && !isNamed)) return Resampling::Nearest;
    if (asset.isClasses && chosen->method != Resampling::Nearest && chosen->method != Resampling::Mode && m_mixed.insert(band.name).second)
      m_result.warnings.push_back("band '" + band.name + "' holds classes or flags, which " + std::string(resamplingName(chosen->method)) +
                                  " mixes: nearest and mode do not");
    return chosen->method;
  }

  Result<void> fill() {
    LoadedCube& cube = m_result.cube;
    cube.overlap = m_request.overlap;
    cube.plainKernel = m_request.plainKernel;
    cube.nodata = m_request.nodata;
    cube.readScratchBytes = std::max(kLeastScratch, m_headers.scratchBytes());
    cube.sharedCacheBytes = m_context.sources->items()->sharedCacheBytes();
    std::set<std::string> files;
    for (const ItemGroup& group : m_groups)
      for (CubeBand& band : m_bands) {
        std::vector<LoadedBand>& cell = cube.cells.emplace_back();
        for (const std::size_t i : group.items) {
          if (!band.places[i]) continue;
          const PlacedBand at = *band.places[i];
          const ItemAsset& asset = assetOf(i, at);
          auto path = m_context.sources->items()->pathOf(m_items[i], asset);
          if (!path) return fail(path.error());
          const ItemBand& one = asset.bands[at.band];
          auto method = methodOf(band, asset, one);
          if (!method) return fail(method.error());
          files.insert(*path);
          cell.push_back({*path, m_items[i].id, asset.name, static_cast<std::int64_t>(at.band), m_gridOf[{i, &band}], *one.type, one.nodata,
                          scaleOf(one), *method, m_headers.sampleOf(asset)});
        }
      }
    for (const BandMethod& method : m_request.methods)
      if (method.band != "*" && !m_used.contains(method.band)) {
        std::vector<std::string> names;
        for (const CubeBand& band : m_bands) names.push_back(band.name);
        return invalidParameter("resampling", "there is no band '" + method.band + "' in the cube", "it has " + join(names, ", "));
      }
    cube.files.insert(cube.files.end(), files.begin(), files.end());
    return {};
  }

  const LoadRequest& m_request;
  const Params& m_params;
  const BindContext& m_context;
  ItemHeaders m_headers;
  std::vector<Item> m_items, m_seen;
  std::size_t m_all = 0;
  std::optional<AskedPlace> m_place;
  std::vector<CubeBand> m_bands;
  std::map<std::pair<std::size_t, const CubeBand*>, std::size_t> m_gridOf;
  GeoBox m_grid;
  std::vector<ItemGroup> m_groups;
  std::set<std::string> m_sampled, m_used, m_mixed;
  LoadedItems m_result;
};

}  // namespace

Result<LoadedItems> loadItems(const LoadRequest& request, const Params& params, const BindContext& context) {
  return Loading(request, params, context).load();
}

}  // namespace cubeloom
