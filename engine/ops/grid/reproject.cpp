// SPDX-License-Identifier: GPL-3.0-or-later
// reproject: the array on another grid. Nearest onto a parallel grid is a pure selection, so only the sampled lines are read.
#include <cmath>
#include <nlohmann/json.hpp>

#include "engine/array/resampled_meaning.h"
#include "engine/base/text.h"
#include "engine/geo/output_geobox.h"
#include "engine/geo/warp/warp.h"
#include "engine/op/view/selection.h"
#include "engine/op/view/view_operation.h"

namespace cubeloom {
namespace {

Declaration declaration() {
  Declaration d;
  d.title = "Reproject";
  d.summary = "Brings the array onto another grid: CRS, resolution, alignment.";
  d.help =
      "The output grid follows odc-geo's output_geobox: by default it is snapped to multiples of the resolution (anchor=edge, gdalwarp's "
      "-tap). "
      "nearest picks one source pixel and reads only the lines it samples; bilinear, cubic, cubicspline and lanczos interpolate and, when "
      "shrinking, widen their kernel as gdalwarp does (kernel=plain does not); average, rms, sum, min, max, mode, med, q1 and q3 look at "
      "every "
      "source pixel under the output pixel. Nodata never mixes into a value. Outside the source stands the array's nodata, or 'fill'.";
  d.references = {"https://odc-geo.readthedocs.io/en/latest/_api/odc.geo.geobox.GeoBox.html", "https://gdal.org/programs/gdalwarp.html",
                  "Keys, R. (1981): Cubic convolution interpolation for digital image processing. doi:10.1109/TASSP.1981.1163711"};
  d.example = "reproject crs=EPSG:32610 resolution=500 resampling=nearest";
  d.python = "array.odc.reproject({crs|array.odc.crs}, resolution={resolution}, resampling={resampling})";
  d.gdal = "gdalwarp{? -t_srs {crs}?}{? -tr {resolution}?}{? -te {bounds}?} -r {resampling}{? -dstnodata {fill}?} {input} {output}";
  d.keywords = {"warp", "project", "resample", "utm", "epsg", "regrid", "resolution"};
  Param crs{.name = "crs", .type = ParamType::Crs, .help = "Of the output; by default the input's.", .label = "coordinate system"};
  Param resolution{.name = "resolution",
                   .type = ParamType::Resolution,
                   .help = "Pixel size, [x, y], or auto, fit, same.",
                   .unit = "units of the CRS",
                   .defaultTo = "auto"};
  Param resampling{.name = "resampling",
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
  Param anchor{.name = "anchor",
               .type = ParamType::Choice,
               .help = "What the grid snaps to.",
               .defaultTo = "default",
               .choices = {"default", "edge", {"center", "", {"centre"}}, "floating"},
               .label = "grid"};
  Param like{.name = "like", .type = ParamType::Node, .help = "Node whose grid is taken as it is.", .advanced = true};
  Param shape{
      .name = "shape", .type = ParamType::Shape, .help = "Rows and columns instead of a resolution.", .unit = "pixels", .advanced = true};
  Param bounds{.name = "bounds",
               .type = ParamType::Bounds,
               .help = "Extent of the output in its CRS; by default what covers the source.",
               .unit = "units of the CRS",
               .advanced = true};
  Param tight{.name = "tight",
              .type = ParamType::Bool,
              .help = "Fit the extent exactly instead of snapping.",
              .defaultTo = false,
              .advanced = true};
  Param kernel{.name = "kernel",
               .type = ParamType::Choice,
               .help = "auto widens interpolation when shrinking, as gdalwarp; plain does not.",
               .defaultTo = "auto",
               .choices = {"auto", "plain"},
               .advanced = true};
  Param fill{
      .name = "fill", .type = ParamType::Number, .help = "Value outside the source; by default the array's nodata.", .advanced = true};
  d.params = {crs, resolution, resampling, anchor, like, shape, bounds, tight, kernel, fill};
  return d;
}

/// Nearest onto a parallel grid: the rows and columns inside are read straight into the output; the rest is filled.
class SeparableTask : public Task {
 public:
  SeparableTask(Need need, std::vector<std::int64_t> size, double fill) : m_size(std::move(size)), m_fill(fill) {
    if (regionCount(need.region) > 0) m_needs.push_back(std::move(need));
  }
  const std::vector<Need>& needs() const override { return m_needs; }

  Result<void> run(const std::vector<BlockView>& /*inputs*/, const BlockView& out) override {
    if (m_needs.empty()) {
      fillBlock(out, m_fill);
      return {};
    }
    // Everything but the delivered box: per dim the slab before it and the slab after it, within the box of the earlier dims.
    std::vector<std::int64_t> offset(out.shape.size(), 0), size = out.shape;
    const std::vector<std::int64_t>& inner = m_needs[0].direct->offset;
    for (std::size_t d = 0; d < out.shape.size(); ++d) {
      const auto slab = [&](std::int64_t from, std::int64_t count) {
        auto slabOffset = offset;
        auto slabSize = size;
        slabOffset[d] = from;
        slabSize[d] = count;
        if (count > 0) fillBlock(out.sub(slabOffset, slabSize), m_fill);
      };
      slab(0, inner[d]);
      slab(inner[d] + m_size[d], out.shape[d] - inner[d] - m_size[d]);
      offset[d] = inner[d];
      size[d] = m_size[d];
    }
    return {};
  }

 private:
  std::vector<Need> m_needs;
  std::vector<std::int64_t> m_size;
  double m_fill;
};

/// Nearest onto a rotated and much coarser grid: every run of samples is read by itself, straight into the output.
class ScatteredTask : public Task {
 public:
  ScatteredTask(std::vector<Need> needs, int yDim, int xDim, double fill)
      : m_needs(std::move(needs)), m_yDim(static_cast<std::size_t>(yDim)), m_xDim(static_cast<std::size_t>(xDim)), m_fill(fill) {}
  const std::vector<Need>& needs() const override { return m_needs; }

  /// Fills between the runs, which come row by row from left to right.
  Result<void> run(const std::vector<BlockView>& /*inputs*/, const BlockView& out) override {
    std::int64_t row = 0, col = 0;
    for (const Need& need : m_needs) {
      const std::int64_t nextRow = need.direct->offset[m_yDim], nextCol = need.direct->offset[m_xDim];
      fillUpTo(out, row, col, nextRow, nextCol);
      row = nextRow;
      col = nextCol + need.region[m_xDim].count();
    }
    fillUpTo(out, row, col, out.shape[m_yDim], 0);
    return {};
  }

 private:
  void fillUpTo(const BlockView& out, std::int64_t row, std::int64_t col, std::int64_t endRow, std::int64_t endCol) const {
    for (; row < endRow; ++row, col = 0) fillRow(out, row, col, out.shape[m_xDim]);
    if (row < out.shape[m_yDim]) fillRow(out, row, col, endCol);
  }
  void fillRow(const BlockView& out, std::int64_t row, std::int64_t col, std::int64_t endCol) const {
    if (col >= endCol) return;
    std::vector<std::int64_t> offset(out.shape.size(), 0), size = out.shape;
    offset[m_yDim] = row;
    size[m_yDim] = 1;
    offset[m_xDim] = col;
    size[m_xDim] = endCol - col;
    fillBlock(out.sub(offset, size), m_fill);
  }

  std::vector<Need> m_needs;
  std::size_t m_yDim, m_xDim;
  double m_fill;
};

/// Any other warp: one block of source pixels, one index map, every plane through it.
class PieceTask : public Task {
 public:
  PieceTask(std::unique_ptr<WarpPiece> piece, Need need, int yDim, int xDim, std::optional<double> nodata, double fill)
      : m_piece(std::move(piece)), m_yDim(yDim), m_xDim(xDim), m_nodata(nodata), m_fill(fill) {
    if (!m_piece->need().isEmpty()) m_needs.push_back(std::move(need));
  }
  const std::vector<Need>& needs() const override { return m_needs; }
  std::size_t scratchBytes() const override { return m_piece->bytes(); }

  Result<void> run(const std::vector<BlockView>& inputs, const BlockView& out) override {
    if (m_needs.empty()) {
      fillBlock(out, m_fill);
      return {};
    }
    const auto y = static_cast<std::size_t>(m_yDim), x = static_cast<std::size_t>(m_xDim);
    const auto plane = [y, x](const BlockView& view, std::byte* data) {
      return Plane{data, view.shape[y], view.shape[x], view.strides[y], view.strides[x]};
    };
    std::vector<std::byte*> targets;
    forEachPlane(out, [&targets](std::byte* data) { targets.push_back(data); });
    std::size_t i = 0;
    forEachPlane(inputs[0],
                 [&](std::byte* data) { m_piece->apply(out.type, plane(inputs[0], data), plane(out, targets[i++]), m_nodata, m_fill); });
    return {};
  }

 private:
  template <class F>
  void forEachPlane(const BlockView& view, F&& f) const {
    BlockView planes = view;
    planes.shape[static_cast<std::size_t>(m_yDim)] = 1;
    planes.shape[static_cast<std::size_t>(m_xDim)] = 1;
    forEachRun(planes, [&f](std::byte* p, std::int64_t n, std::int64_t step) {
      for (std::int64_t k = 0; k < n; ++k) f(p + k * step);
    });
  }

  std::unique_ptr<WarpPiece> m_piece;
  std::vector<Need> m_needs;
  int m_yDim, m_xDim;
  std::optional<double> m_nodata;
  double m_fill;
};

class BoundReproject : public KernelOperation {
 public:
  BoundReproject(const ArraySpec& input, std::shared_ptr<const Warp> warp, const GeoBox& target, Resampling method,
                 std::optional<double> nodata, double fill, std::string summary, std::vector<std::string> warnings)
      : m_warp(std::move(warp)), m_sourceNodata(input.nodata), m_fill(fill) {
    const bool readsLines = !input.storage.block.empty() && input.storage.block[static_cast<std::size_t>(input.yDim)] == 1;
    const bool keepsNodata = !input.nodata || *input.nodata == fill || (std::isnan(*input.nodata) && std::isnan(fill));
    m_mayScatter = method == Resampling::Nearest && readsLines && keepsNodata;
    m_spec = input;
    m_spec.setGeobox(target);
    m_spec.nodata = nodata;
    m_spec.storage = {};
    m_summary = std::move(summary);
    m_warnings = std::move(warnings);
    for (std::string& warning : settleResampledMeaning(m_spec, method)) m_warnings.push_back(std::move(warning));
  }

  Result<std::unique_ptr<Task>> prepare(const Region& region) const override {
    if (auto task = separableTask(region)) return task;
    if (m_mayScatter) {
      const auto bound = m_warp->needBound(y(region).toVector(), x(region).toVector());
      if (!bound) return fail(bound.error());
      if (isScattered(region, *bound)) return std::make_unique<ScatteredTask>(scatteredNeeds(region), m_spec.yDim, m_spec.xDim, m_fill);
    }
    auto piece = m_warp->piece(y(region).toVector(), x(region).toVector());
    if (!piece) return fail(piece.error());
    Need need = needOf(region, (*piece)->need());
    return std::make_unique<PieceTask>(std::move(*piece), std::move(need), m_spec.yDim, m_spec.xDim, m_sourceNodata, m_fill);
  }

  Result<std::vector<Need>> plan(const Region& region, std::size_t* scratchBytes) const override {
    if (scratchBytes) *scratchBytes = 0;
    if (const auto task = separableTask(region)) return task->needs();
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
  const IndexSet& y(const Region& region) const { return region[static_cast<std::size_t>(m_spec.yDim)]; }
  const IndexSet& x(const Region& region) const { return region[static_cast<std::size_t>(m_spec.xDim)]; }

  Need needOf(const Region& region, WarpNeed pixels) const {
    Need need;
    need.region = region;
    need.region[static_cast<std::size_t>(m_spec.yDim)] = std::move(pixels.rows);
    need.region[static_cast<std::size_t>(m_spec.xDim)] = std::move(pixels.cols);
    return need;
  }

  /// Whether reading the samples one by one is cheaper than the lines that hold them all: a read by itself costs as much as kReadBytes.
  bool isScattered(const Region& region, const WarpNeed& bound) const {
    if (!m_mayScatter || bound.isEmpty()) return false;
    const auto span = [](const IndexSet& pixels) { return static_cast<double>(pixels.max() - pixels.min() + 1); };
    const double lines = span(bound.cols) * span(bound.rows) * static_cast<double>(pixelTypeBytes(m_spec.type));
    return lines > kReadBytes * static_cast<double>(y(region).count()) * static_cast<double>(x(region).count());
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
    need.direct->offset[static_cast<std::size_t>(m_spec.yDim)] = row;
    need.direct->offset[static_cast<std::size_t>(m_spec.xDim)] = col;
  }

  std::unique_ptr<Task> separableTask(const Region& region) const {
    auto inside = m_warp->separable(y(region).toVector(), x(region).toVector());
    if (!inside) return nullptr;
    Need need = needOf(region, {IndexSet::list(std::move(inside->rows)), IndexSet::list(std::move(inside->cols))});
    placeAt(need, inside->firstRow, inside->firstCol);
    auto size = regionShape(need.region);
    return std::make_unique<SeparableTask>(std::move(need), std::move(size), m_fill);
  }

  static constexpr double kReadBytes = 8192;       // what one small read costs, as bytes of streaming
  static constexpr std::size_t kNeedBytes = 1024;  // a need with its index sets

  std::shared_ptr<const Warp> m_warp;
  std::optional<double> m_sourceNodata;
  double m_fill;
  bool m_mayScatter = false;
};

Result<GridRequest> readRequest(const Params& params, const Crs& sourceCrs) {
  GridRequest request;
  request.crs = sourceCrs;
  if (params.has("crs")) {
    auto crs = params.crs("crs");
    if (!crs) return fail(crs.error());
    request.crs = *crs;
  }
  const Json& resolution = params.json("resolution");
  if (resolution.is_string()) {
    const auto mode = resolution.get<std::string>();
    request.mode = mode == "fit" ? ResolutionMode::Fit : mode == "same" ? ResolutionMode::Same : ResolutionMode::Auto;
  } else {
    const auto size = params.numbers("resolution");
    request.mode = ResolutionMode::Given;
    request.resolutionX = size[0];
    request.resolutionY = size.back();
  }
  if (params.has("shape")) {
    const auto shape = params.numbers("shape");
    if (shape.size() == 1) {
      request.shapeLongest = static_cast<std::int64_t>(shape[0]);
    } else {
      request.shapeRows = static_cast<std::int64_t>(shape[0]);
      request.shapeCols = static_cast<std::int64_t>(shape[1]);
    }
  }
  if (params.has("bounds")) {
    const auto b = params.numbers("bounds");
    request.bounds = Bounds{b[0], b[1], b[2], b[3]};
  }
  request.tight = params.flag("tight");
  const std::string anchor = params.choice("anchor");
  request.anchor = anchor == "edge"       ? Anchor::Edge
                   : anchor == "center"   ? Anchor::Center
                   : anchor == "floating" ? Anchor::Floating
                                          : Anchor::Default;
  return request;
}

Result<GeoBox> targetGrid(const Params& params, const GeoBox& source, const BindContext& context) {
  if (params.has("like") && !params.text("like").empty()) {
    if (!context.specOf) return invalidParameter("like", "there is no other node to take the grid from");
    auto other = context.specOf(params.text("like"));
    if (!other) return invalidParameter("like", other.error().message, other.error().hint);
    if (!other->geobox) return invalidParameter("like", "node '" + params.text("like") + "' has no grid on the ground");
    return *other->geobox;
  }
  auto request = readRequest(params, source.crs());
  if (!request) return fail(request.error());
  if (!source.crs().isValid() && params.has("crs"))
    return invalidParameter("crs", "the input's own CRS is unknown", "add assign_crs before, or set 'crs' of open");
  return outputGeobox(source, *request);
}

bool coversOutput(const GeoBox& source, const GeoBox& target) {
  if (!source.isAxisAligned() || !(source.crs().isSameAs(target.crs()) || !source.crs().isValid())) return false;
  const Bounds s = source.bounds(), t = target.bounds();
  return t.xmin >= s.xmin && t.xmax <= s.xmax && t.ymin >= s.ymin && t.ymax <= s.ymax;
}

Result<std::shared_ptr<const BoundOperation>> bind(const Params& params, const std::vector<ArraySpec>& inputs, const BindContext& context) {
  const ArraySpec& input = inputs[0];
  if (!input.geobox)
    return fail(ErrorCode::GridMismatch, "the input has no grid on the ground to reproject",
                "its dims are " + dimList(input) + "; rows and columns must be regular");
  const Resampling method = *resamplingFromName(params.choice("resampling"));
  if (isComplex(input.type) && method != Resampling::Nearest)
    return fail(ErrorCode::UnsupportedType, "complex values can only be resampled with nearest, not " + params.choice("resampling"),
                "use resampling=nearest");
  auto target = targetGrid(params, *input.geobox, context);
  if (!target) return fail(target.error());

  std::optional<double> nodata = input.nodata;
  double fill = 0;
  std::vector<std::string> warnings;
  if (params.has("fill")) {
    fill = params.number("fill");
    if (!canHold(input.type, fill))
      return invalidParameter("fill", "fill " + formatNumber(fill) + " cannot be a " + std::string(pixelTypeName(input.type)),
                              "give a value of that type");
  } else if (nodata) {
    fill = *nodata;
  } else if (!coversOutput(*input.geobox, *target)) {
    if (isInteger(input.type))
      return invalidParameter("fill",
                              "the output reaches outside the source, and its " + std::string(pixelTypeName(input.type)) +
                                  " values have no nodata to put there",
                              "add assign_nodata before, or set 'fill'");
    nodata = NAN;
    fill = NAN;
  }
  auto warp = Warp::create(*input.geobox, *target, {method, params.choice("kernel") == "plain"});
  if (!warp) return fail(warp.error());
  const double shrink = std::max((*warp)->scaleX(), (*warp)->scaleY());
  if (method == Resampling::Nearest && shrink > 2)
    warnings.push_back("nearest keeps one sample of about " + formatCount(std::llround((*warp)->scaleX() * (*warp)->scaleY())) +
                       "; average would use them all");
  const std::string summary = formatSignificant(target->pixelWidth(), 6) +
                              (target->crs().isGeographic()                                     ? "°"
                               : target->crs().isValid() && target->crs().unitName() == "metre" ? " m"
                                                                                                : "") +
                              " · " + std::string(resamplingName(method)) + " · " +
                              (target->crs().isValid() ? target->crs().label() : "CRS unknown");
  return std::make_shared<BoundReproject>(input, *warp, *target, method, nodata, fill, summary, std::move(warnings));
}

}  // namespace

CUBELOOM_OPERATION(reproject) { return makeOperation(declaration(), bind); }

}  // namespace cubeloom
