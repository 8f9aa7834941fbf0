// SPDX-License-Identifier: GPL-3.0-or-later
// clip: the window of a grid that meets a rectangle on the ground, as a view; or what lies in polygons.
#include "engine/base/text.h"
#include "engine/op/family/polygon_mask.h"
#include "engine/op/view/longitudes.h"
#include "engine/op/view/selection.h"
#include "engine/op/view/view_operation.h"

namespace cubeloom {
namespace {

Declaration declaration() {
  Declaration d;
  d.title = "Clip";
  d.summary = "Keeps the rows and columns that meet a rectangle on the ground, or the pixels in polygons.";
  d.help =
      "With 'polygons' the pixels whose centre lies in one of them stay, with all_touched=true all that they touch; the others become "
      "nodata. "
      "The result has the rows and columns of the polygons' bounding rectangle, with crop=false all of them; where no polygon reaches "
      "nothing "
      "is read. Polygons are transformed from their own CRS, their edges divided until they are right to 1/5000 of a pixel. An array of "
      "whole "
      "numbers without nodata comes out in the next wider type, which has one.\n\n"
      "With 'bounds' the rectangle is given in the grid's own CRS, or in the one named by 'crs' (then its bounding rectangle in the grid's "
      "CRS counts). "
      "Whole pixels are kept: every pixel whose area meets the rectangle, or with all_touched=false every pixel whose centre lies in it. "
      "Longitudes in degrees go round: the rectangle may be given from -180 to 180 or from 0 to 360, whichever the grid has, and may lie "
      "across the grid's end; the result goes on in the convention of the rectangle.";
  d.references = {"https://corteva.github.io/rioxarray/stable/examples/clip_box.html",
                  "https://rasterio.readthedocs.io/en/stable/api/rasterio.mask.html"};
  d.example = "clip bounds=717800,3865600,717950,3865800";
  d.moreExamples = {"clip polygons=fields.geojson all_touched=true", "clip polygons=\"fields.geojson|where=crop = 'maize'\" invert=true"};
  d.python =
      "{?array.rio.clip_box({bounds:args}{?, crs={crs}?})?}"
      "{?array.rio.clip((fields := geopandas.read_file({polygons:path}{?, layer={polygons:layer}?}{?, where={polygons:where}?})).geometry, "
      "fields.crs, all_touched={all_touched|False}, invert={invert}, drop={crop} and not {invert})?}";
  d.gdal =
      "{?gdal_translate -projwin {bounds:projwin}{? -projwin_srs {crs}?} {input} {output}?}"
      "{?gdalwarp -cutline {polygons:path}{? -cl {polygons:layer}?}{? -cwhere {polygons:where}?}{?crop=true: -crop_to_cutline?}"
      "{?all_touched=true: -wo CUTLINE_ALL_TOUCHED=TRUE?}{?invert=true: -wo CUTLINE_INVERT=YES?} {input} {output}?}";
  d.keywords = {"crop", "subset", "bounds", "box", "extent", "mask", "cutline", "polygons", "vector", "shapefile"};
  Param bounds{.name = "bounds", .type = ParamType::Bounds, .help = "xmin, ymin, xmax, ymax.", .unit = "units of the CRS"};
  Param polygons{.name = "polygons",
                 .type = ParamType::Features,
                 .help = "A file of polygons, instead of bounds: fields.gpkg, or fields.gpkg|layer=plots|where=crop='maize'."};
  Param crs{.name = "crs", .type = ParamType::Crs, .help = "CRS of the rectangle; by default the grid's."};
  crs.advanced = true;
  Param touched{.name = "all_touched",
                .type = ParamType::Bool,
                .help = "Keep pixels that are only touched, too; by default true for bounds and false for polygons."};
  touched.advanced = true;
  Param invert{.name = "invert", .type = ParamType::Bool, .help = "Keep what lies outside of the polygons.", .defaultTo = false};
  Param crop{.name = "crop",
             .type = ParamType::Bool,
             .help = "Leave out rows and columns that no polygon meets; not with invert.",
             .defaultTo = true};
  d.params = {bounds, polygons, invert, crop, crs, touched};
  return d;
}

class BoundClip : public ViewOperation {
 public:
  BoundClip(const ArraySpec& input, const IndexSet& rows, const DimSelection& cols) {
    initView(input);
    m_chosen[static_cast<std::size_t>(input.yDim)] = rows;
    m_chosen[static_cast<std::size_t>(input.xDim)] = cols.indices;
    m_spec = cols.turn ? selectRound(input, m_chosen, input.xDim, *cols.turn) : input.select(m_chosen);
    m_summary = formatCount(rows.count()) + " × " + formatCount(cols.indices.count()) + " of " + formatCount(input.geobox->rows()) + " × " +
                formatCount(input.geobox->cols());
  }
};

/// Shrinks a window of touched pixels to those whose centre lies in `bounds`.
Window centresOnly(const GeoBox& box, Window window, const Bounds& bounds) {
  const auto inside = [&](std::int64_t row, std::int64_t col) {
    const double x = box.affine().x(static_cast<double>(col) + 0.5, static_cast<double>(row) + 0.5);
    const double y = box.affine().y(static_cast<double>(col) + 0.5, static_cast<double>(row) + 0.5);
    return x >= bounds.xmin && x <= bounds.xmax && y >= bounds.ymin && y <= bounds.ymax;
  };
  const auto rowHas = [&](std::int64_t row) {
    for (std::int64_t c = 0; c < window.cols; ++c)
      if (inside(row, window.col + c)) return true;
    return false;
  };
  const auto colHas = [&](std::int64_t col) {
    for (std::int64_t r = 0; r < window.rows; ++r)
      if (inside(window.row + r, col)) return true;
    return false;
  };
  while (window.rows > 0 && !rowHas(window.row)) ++window.row, --window.rows;
  while (window.rows > 0 && !rowHas(window.row + window.rows - 1)) --window.rows;
  while (window.cols > 0 && !colHas(window.col)) ++window.col, --window.cols;
  while (window.cols > 0 && !colHas(window.col + window.cols - 1)) --window.cols;
  return window;
}

std::string boundsText(const Bounds& b) {
  return formatSignificant(b.xmin, 9) + ", " + formatSignificant(b.ymin, 9) + ", " + formatSignificant(b.xmax, 9) + ", " +
         formatSignificant(b.ymax, 9);
}

Result<std::shared_ptr<const BoundOperation>> clipToPolygons(const Params& params, const ArraySpec& input, const BindContext& context) {
  if (params.has("crs")) return invalidParameter("crs", "the file of the polygons says their CRS", "leave crs out");
  auto polygons = polygonsOn(input, params, "polygons", context);
  if (!polygons) return fail(std::move(polygons.error()));
  const PolygonMask mask{params.flag("all_touched") ? CoverageRule::AllTouched : CoverageRule::Centre, params.flag("invert"),
                         params.flag("crop")};
  return bindPolygonMask(input, std::move(*polygons), mask, "polygons");
}

Result<std::shared_ptr<const BoundOperation>> bind(const Params& params, const std::vector<ArraySpec>& inputs, const BindContext& context) {
  const ArraySpec& input = inputs[0];
  if (!input.geobox) return fail(ErrorCode::GridMismatch, "the input has no grid on the ground to clip", "its dims are " + dimList(input));
  if (params.has("bounds") == params.has("polygons"))
    return invalidParameter("bounds", params.has("bounds") ? "both bounds and polygons are given" : "neither bounds nor polygons are given",
                            "give one of them; clip twice for both");
  if (params.has("polygons")) return clipToPolygons(params, input, context);
  const bool keepsTouched = !params.has("all_touched") || params.flag("all_touched");
  const auto numbers = params.numbers("bounds");
  Bounds bounds{numbers[0], numbers[1], numbers[2], numbers[3]};
  if (params.has("crs")) {
    auto crs = params.crs("crs");
    if (!crs) return fail(crs.error());
    if (!input.geobox->crs().isValid()) return invalidParameter("crs", "the input's own CRS is unknown", "add assign_crs before");
    if (!input.geobox->crs().isSameAs(*crs)) {
      constexpr std::int64_t kPixels = 100;  // enough edge points for a rectangle of any size
      const GeoBox frame(kPixels, kPixels, Affine{bounds.width() / kPixels, 0, bounds.xmin, 0, -bounds.height() / kPixels, bounds.ymax},
                         *crs);
      auto moved = frame.boundsIn(input.geobox->crs());
      if (!moved) return fail(moved.error());
      bounds = *moved;
    }
  }
  const auto windowIn = [&](double xmin, double xmax) {
    const Bounds part{xmin, bounds.ymin, xmax, bounds.ymax};
    const Window touched = input.geobox->windowOf(part);
    return keepsTouched ? touched : centresOnly(*input.geobox, touched, part);
  };
  IndexSet rows;  // the same in every part that is not empty
  const auto columnsIn = [&](double xmin, double xmax) {
    const Window window = windowIn(xmin, xmax);
    if (window.rows <= 0 || window.cols <= 0) return std::vector<std::int64_t>();
    rows = IndexSet::range(window.row, window.rows);
    return IndexSet::range(window.col, window.cols).toVector();
  };
  Result<DimSelection> cols = DimSelection{};
  if (const auto period = periodAlong(input, input.xDim)) {
    cols = entriesRound(input.dims[static_cast<std::size_t>(input.xDim)], *period, bounds.xmin, bounds.xmax, "bounds", columnsIn);
    if (!cols) return fail(cols.error());
  } else {
    cols->indices = IndexSet::list(columnsIn(bounds.xmin, bounds.xmax));
  }
  if (cols->indices.isEmpty())
    return invalidParameter("bounds", "the rectangle " + boundsText(bounds) + " holds no pixel",
                            "the grid covers " + boundsText(input.geobox->bounds()));
  return std::make_shared<BoundClip>(input, rows, *cols);
}

}  // namespace

CUBELOOM_OPERATION(clip) { return makeOperation(declaration(), bind); }

}  // namespace cubeloom
