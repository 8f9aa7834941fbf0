// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/op/family/warped.h"

#include <cmath>

#include "engine/array/resampled_meaning.h"
#include "engine/base/text.h"
#include "engine/op/family/computed.h"
#include "engine/op/family/warped_tasks.h"
#include "engine/op/made_in_runs.h"
#include "engine/op/view/selection.h"

namespace cubeloom {
namespace {

/// Whether a resampled value is that of a pixel, so that whole numbers of any size stay what they are.
bool isOneOfThem(Resampling method) {
  using enum Resampling;
  return method == Nearest || method == Mode || method == Min || method == Max || method == Median || method == Q1 || method == Q3;
}

class BoundWarped : public KernelOperation, public MadeInRuns {
 public:
  BoundWarped(const ArraySpec& input, std::shared_ptr<const Warp> warp, const GeoBox& target, Resampling method,
              std::optional<double> nodata, double fill, std::string summary, std::vector<std::string> warnings)
      : m_warp(std::move(warp)), m_sourceNodata(input.nodata), m_fill(fill) {
    const bool readsLines = !input.storage.block.empty() && input.storage.block[static_cast<std::size_t>(input.yDim)] == 1;
    m_mayScatter = method == Resampling::Nearest && readsLines;
    m_spec = input;
    if (const auto lost = m_spec.dropCoordinatesAlong({m_spec.dims[axes().y].name, m_spec.dims[axes().x].name}); !lost.empty())
      warnings.push_back("the coordinates " + join(lost, ", ") + " are left out: they are of the rows and columns before");
    m_spec.setGeobox(target);
    m_spec.nodata = nodata;
    m_spec.storage = {};
    m_summary = std::move(summary);
    m_warnings = std::move(warnings);
    for (std::string& warning : settleResampledMeaning(m_spec, method)) m_warnings.push_back(std::move(warning));
    if (!isOneOfThem(method)) noteDoubles(m_spec.type, m_warnings);
  }

  bool needsRuns() const override { return m_warp->needsRuns(); }

  Result<std::unique_ptr<Task>> prepare(const Region& region) const override {
    if (auto task = selection(region)) return task;
    if (m_mayScatter) {
      const auto bound = m_warp->needBound(y(region).toVector(), x(region).toVector());
      if (!bound) return fail(bound.error());
      if (isScattered(region, *bound)) return scatteredTask(scatteredNeeds(region), axes(), m_fill);
    }
    auto piece = m_warp->piece(y(region).toVector(), x(region).toVector());
    if (!piece) return fail(piece.error());
    Need need = needOf(region, (*piece)->need());
    return pieceTask(std::move(*piece), std::move(need), axes(), m_sourceNodata, m_fill);
  }

  Result<std::vector<Need>> plan(const Region& region, std::size_t* scratchBytes) const override {
    if (scratchBytes) *scratchBytes = 0;
    if (const auto task = selection(region)) return task->needs();
    auto bound = m_warp->needBound(y(region).toVector(), x(region).toVector());
    if (!bound) return fail(bound.error());
    if (isScattered(region, *bound)) {
      auto needs = scatteredNeeds(region);
      if (scratchBytes) *scratchBytes = needs.size() * kNeedBytes;
      return needs;
    }
    if (scratchBytes)
      *scratchBytes = m_warp->pieceBytesBound(static_cast<std::size_t>(y(region).count()), static_cast<std::size_t>(x(region).count()));
    std::vector<Need> needs;
    if (!bound->isEmpty()) needs.push_back(needOf(region, std::move(*bound)));
    return needs;
  }

 private:
  PlaneAxes axes() const { return {static_cast<std::size_t>(m_spec.yDim), static_cast<std::size_t>(m_spec.xDim)}; }
  const IndexSet& y(const Region& region) const { return region[axes().y]; }
  const IndexSet& x(const Region& region) const { return region[axes().x]; }

  Need needOf(const Region& region, WarpNeed pixels) const {
    Need need;
    need.region = region;
    need.region[axes().y] = std::move(pixels.rows);
    need.region[axes().x] = std::move(pixels.cols);
    return need;
  }

  /// Whether reading the samples one by one is cheaper than the lines that hold them all: a read by itself costs as much as kReadBytes.
  bool isScattered(const Region& region, const WarpNeed& bound) const {
    const double pixels = static_cast<double>(y(region).count()) * static_cast<double>(x(region).count());
    if (!m_mayScatter || bound.isEmpty() || pixels > kMostScattered) return false;
    const auto span = [](const IndexSet& pixels) { return static_cast<double>(pixels.max() - pixels.min() + 1); };
    const double lines = span(bound.cols) * span(bound.rows) * static_cast<double>(pixelTypeBytes(m_spec.type));
    return lines > kReadBytes * pixels;
  }

  std::vector<Need> scatteredNeeds(const Region& region) const {
    std::vector<Need> needs;
    for (const NearestRun& run : m_warp->nearestRuns(y(region).toVector(), x(region).toVector())) {
      Need need = needOf(region, {IndexSet::single(run.sourceRow), IndexSet::list(run.sourceCols)});
      placeAt(need, run.row, run.col);
      needs.push_back(std::move(need));
    }
    return needs;
  }

  /// Delivers `need` straight into the output, from `row` and `col` of its block on.
  void placeAt(Need& need, std::int64_t row, std::int64_t col) const {
    need.direct.emplace();
    for (std::size_t d = 0; d < need.region.size(); ++d) need.direct->axes.push_back(static_cast<int>(d));
    need.direct->offset.assign(need.region.size(), 0);
    need.direct->offset[axes().y] = row;
    need.direct->offset[axes().x] = col;
  }

  /// Null where it is more than that.
  std::unique_ptr<Task> selection(const Region& region) const {
    auto inside = m_warp->separable(y(region).toVector(), x(region).toVector());
    if (!inside) return nullptr;
    Need need = needOf(region, {IndexSet::list(std::move(inside->rows)), IndexSet::list(std::move(inside->cols))});
    placeAt(need, inside->firstRow, inside->firstCol);
    return separableTask(std::move(need), m_fill);
  }

  static constexpr double kReadBytes = 8192;        // what one small read costs, as bytes of streaming
  static constexpr std::size_t kNeedBytes = 1024;   // a need with its index sets
  static constexpr double kMostScattered = 131072;  // pixels: 128 MiB of needs, which planning holds beside any budget

  std::shared_ptr<const Warp> m_warp;
  std::optional<double> m_sourceNodata;
  double m_fill;
  bool m_mayScatter = false;
};

bool coversOutput(const GeoBox& source, const GeoBox& target) {
  if (!source.isAxisAligned() || !(source.crs().isSameAs(target.crs()) || !source.crs().isValid())) return false;
  const Bounds s = source.bounds(), t = target.bounds();
  return t.xmin >= s.xmin && t.xmax <= s.xmax && t.ymin >= s.ymin && t.ymax <= s.ymax;
}

/// What stands for no data in the output, and what is written where the source has nothing.
struct Outside {
  std::optional<double> nodata;
  double fill = 0;
};
Result<Outside> outsideOf(const ArraySpec& input, const GeoBox& target, const std::optional<double>& fill) {
  if (fill) {
    if (canHold(input.type, *fill)) return Outside{input.nodata, *fill};
    return invalidParameter("fill", "fill " + formatNumber(*fill) + " cannot be a " + std::string(pixelTypeName(input.type)),
                            "give a value of that type");
  }
  if (input.nodata) return Outside{input.nodata, *input.nodata};
  if (coversOutput(*input.geobox, target)) return Outside{};
  if (isInteger(input.type))
    return invalidParameter(
        "fill",
        "the output reaches outside the source, and its " + std::string(pixelTypeName(input.type)) + " values have no nodata to put there",
        "add assign_nodata before, or set 'fill'");
  return Outside{NAN, NAN};
}

/// Whether these values can be resampled at all.
Result<void> checkInput(const ArraySpec& input, Resampling method) {
  if (!input.geobox)
    return fail(ErrorCode::GridMismatch, "the input has no grid on the ground to reproject",
                "its dims are " + dimList(input) + "; rows and columns must be regular");
  if (isComplex(input.type) && method != Resampling::Nearest)
    return fail(ErrorCode::UnsupportedType, "complex values can only be resampled with nearest, not " + std::string(resamplingName(method)),
                "use resampling=nearest");
  return {};
}

std::string summaryOf(const GeoBox& target, Resampling method) {
  const Crs& crs = target.crs();
  const std::string unit = crs.isGeographic() ? "°" : crs.isValid() && crs.unitName() == "metre" ? " m" : "";
  return formatSignificant(target.pixelWidth(), 6) + unit + " · " + std::string(resamplingName(method)) + " · " +
         (crs.isValid() ? crs.label() : "CRS unknown");
}

/// Rasters are warped in x and y: what their values or their CRS say of heights stays as it is. "" where that is right.
std::string heightsWarning(const Crs& from, const Crs& to) {
  if (!from.isValid() || !to.isValid() || from.verticalName() == to.verticalName()) return {};
  const auto saying = [](const Crs& crs) {
    return crs.verticalName().empty() ? "says nothing of heights" : "counts heights by \"" + crs.verticalName() + "\"";
  };
  return "heights are not transformed: the input's CRS " + saying(from) + ", the output's " + saying(to);
}

}  // namespace

Param resamplingParam() {
  return {.name = "resampling",
          .type = ParamType::Choice,
          .help = "How a pixel gets its value.",
          .defaultTo = "nearest",
          .choices = {{"nearest", "", {"near", "nearest_neighbour", "nearest_neighbor"}},
                      {"bilinear", "", {"linear"}},
                      {"cubic", "", {"bicubic"}},
                      {"cubicspline", "", {"cubic_spline"}},
                      "lanczos",
                      {"average", "", {"mean"}},
                      "rms",
                      "mode",
                      {"min", "", {"minimum"}},
                      {"max", "", {"maximum"}},
                      {"med", "", {"median"}},
                      "q1",
                      "q3",
                      "sum"}};
}

Param kernelParam() {
  return {.name = "kernel",
          .type = ParamType::Choice,
          .help = "auto widens interpolation when shrinking, as gdalwarp; plain does not.",
          .defaultTo = "auto",
          .choices = {"auto", "plain"},
          .advanced = true};
}

Param fillParam() {
  return {.name = "fill", .type = ParamType::Number, .help = "Value outside the source; by default the array's nodata.", .advanced = true};
}

std::string warpedPython() {
  // rioxarray takes one dim beside rows and columns, which come last.
  return "{?fill=:{?kernel=auto:{?in.bands=:{?in.turned=:{?array.transpose(..., {in.y}, {in.x}){?.rio.set_spatial_dims({in.spatial})?}"
         ".rio.write_crs({in.crs}).rio.reproject({out.crs}, transform={out.transform}, shape={out.shape}, "
         "resampling=rasterio.enums.Resampling.{?resampling=cubicspline:cubic_spline?}{?!resampling=cubicspline:{resampling:word}?}"
         "{?, nodata={in.missing}?}, tolerance=0){?.rename({out.renamed})?}.transpose({out.dims})?}?}?}?}?}";
}

std::string warpedGdal() {
  return "{?fill=:{?gdalwarp -q -overwrite -et 0{? -t_srs {out.crs}?} -te {out.te} -ts {out.ts} -r {resampling}"
         "{?kernel=plain: -wo XSCALE=1 -wo YSCALE=1?}{? -dstnodata {out.nodata}?} {input} {output}?}?}";
}

WarpedValues warpedValues(const Params& params) {
  WarpedValues values;
  values.options = {*resamplingFromName(params.choice("resampling")), params.choice("kernel") == "plain"};
  if (params.has("fill")) values.fill = params.number("fill");
  return values;
}

Result<std::shared_ptr<const BoundOperation>> bindWarped(const ArraySpec& input, const GeoBox& target, const WarpedValues& values) {
  const Resampling method = values.options.method;
  CUBELOOM_TRY(checkInput(input, method));
  const auto outside = outsideOf(input, target, values.fill);
  if (!outside) return fail(outside.error());
  auto warp = Warp::create(*input.geobox, target, values.options);
  if (!warp) return fail(warp.error());
  std::vector<std::string> warnings;
  if (std::string heights = heightsWarning(input.geobox->crs(), target.crs()); !heights.empty()) warnings.push_back(std::move(heights));
  const double shrink = std::max((*warp)->scaleX(), (*warp)->scaleY());
  if (method == Resampling::Nearest && shrink > 2)
    warnings.push_back("nearest keeps one sample of about " + formatCount(std::llround((*warp)->scaleX() * (*warp)->scaleY())) +
                       "; average would use them all");
  return std::make_shared<BoundWarped>(input, *warp, target, method, outside->nodata, outside->fill, summaryOf(target, method),
                                       std::move(warnings));
}

std::unique_ptr<Operation> warped(Declaration declaration, TargetGrid target) {
  return makeOperation(std::move(declaration),
                       [target = std::move(target)](const Params& params, const std::vector<ArraySpec>& inputs,
                                                    const BindContext& context) -> Result<std::shared_ptr<const BoundOperation>> {
                         const WarpedValues values = warpedValues(params);
                         CUBELOOM_TRY(checkInput(inputs[0], values.options.method));
                         auto grid = target(params, *inputs[0].geobox, context);
                         if (!grid) return fail(grid.error());
                         return bindWarped(inputs[0], *grid, values);
                       });
}

}  // namespace cubeloom
