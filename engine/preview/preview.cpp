// SPDX-License-Identifier: GPL-3.0-or-later
// Previews: picks the pixels a picture needs and evaluates just those, through the same walk as a run.
#include "engine/preview/preview.h"

#include <algorithm>
#include <cmath>
#include <complex>
#include <limits>

#include "engine/base/text.h"
#include "engine/preview/preview_sampling.h"
#include "engine/walk/cost.h"
#include "engine/walk/evaluate.h"
#include "engine/walk/fit_here.h"

namespace cubeloom {

namespace {

constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();
constexpr double kStripReadBytes = 32.0 * 1024 * 1024;  // between two looks at the cancel token
constexpr double kStripPeakBytes = 256.0 * 1024 * 1024;
constexpr double kFitBytes = 32.0 * 1024 * 1024;  // of the sample that a fit learns from
constexpr std::int64_t kSmallestPicture = 4;      // pixels a side; below it nothing can be recognised

/// Fits what `node` depends on from a sample, if there is anything; nothing for a node that resolve() will refuse.
Result<FittedHere> fitFor(const Graph& graph, int node, double mostBytes, EvaluateContext& context) {
  if (node < 0 || static_cast<std::size_t>(node) >= graph.nodes.size() || !graph.nodes[static_cast<std::size_t>(node)].operation)
    return FittedHere{};
  return fitHere(graph, node, mostBytes, context);
}

/// A node's array, resolved for previews.
struct Subject {
  const ArraySpec* spec = nullptr;
  PictureGrid grid;
  int spectral = -1;
};

Result<Subject> resolve(const Graph& graph, int node) {
  if (node < 0 || static_cast<std::size_t>(node) >= graph.nodes.size())
    return fail(ErrorCode::InvalidParameter,
                "node " + std::to_string(node) + " is not one of the chain's " + std::to_string(graph.nodes.size()) + " nodes");
  const BoundNode& bound = graph.nodes[static_cast<std::size_t>(node)];
  if (bound.error) return fail(bound.error->atNode(bound.id));
  if (!bound.operation) return fail(ErrorCode::InvalidChain, "node " + bound.id + " is not bound");
  Subject subject;
  subject.spec = &bound.operation->spec();
  const auto grid = pictureGrid(*subject.spec);
  if (!grid) {
    Error e;
    e.code = ErrorCode::UnsupportedType;
    e.message = "a picture needs two dims beside the spectral one; this array has (" + join(subject.spec->dimNames(), ", ") + ")";
    e.hint = "look at a node above it";
    e.node = bound.id;
    return fail(std::move(e));
  }
  subject.grid = *grid;
  subject.spectral = subject.spec->spectralDim();
  if (subject.spectral == grid->yDim || subject.spectral == grid->xDim) subject.spectral = -1;
  return subject;
}

/// Index of each dim that is neither spatial nor spectral, as single-index sets; the other dims stay whole.
Result<Region> baseRegion(const Subject& subject, const std::vector<std::int64_t>& others) {
  Region region = fullRegion(subject.spec->shape());
  std::size_t next = 0;
  for (std::size_t d = 0; d < region.size(); ++d) {
    const int dim = static_cast<int>(d);
    if (dim == subject.grid.yDim || dim == subject.grid.xDim || dim == subject.spectral) continue;
    const std::int64_t index = next < others.size() ? others[next] : 0;
    ++next;
    const Dim& declared = subject.spec->dims[d];
    if (index < 0 || index >= declared.size)
      return fail(ErrorCode::InvalidParameter,
                  "index " + std::to_string(index) + " is outside dim " + declared.name + " of size " + std::to_string(declared.size));
    region[d] = IndexSet::single(index);
  }
  return region;
}

/// [band, y, x] (or [y, x] as one band) of a block that is 1 along every other dim.
BlockView asPlanes(BlockView view, const Subject& subject) {
  int spectral = subject.spectral, y = subject.grid.yDim, x = subject.grid.xDim;
  for (int d = static_cast<int>(view.shape.size()) - 1; d >= 0; --d) {
    if (d == y || d == x || d == spectral) continue;
    view = view.at(d, 0);
    for (int* kept : {&spectral, &y, &x})
      if (*kept > d) --*kept;
  }
  if (spectral >= 0) return view.permuted({spectral, y, x});
  view = view.permuted({y, x});
  view.shape.insert(view.shape.begin(), 1);
  view.strides.insert(view.strides.begin(), 0);
  return view;
}

template <class T>
double asNumber(T value) {
  if constexpr (std::is_arithmetic_v<T>) {
    return static_cast<double>(value);
  } else {
    return static_cast<double>(std::abs(value));  // complex: the magnitude
  }
}

/// Calls `put(band, row, col, value)` for every pixel of [band, y, x]; nodata as NaN.
template <class Put>
void forEachValue(const BlockView& planes, const std::optional<double>& nodata, Put&& put) {
  dispatchPixelType(planes.type, [&](auto zero) {
    using T = decltype(zero);
    T hole{};
    bool hasHole = nodata.has_value();
    if constexpr (std::is_integral_v<T>) {
      hasHole = hasHole && canHold(planes.type, *nodata);
      if (hasHole) hole = convertPixel<T>(*nodata);
    } else if (hasHole) {
      hole = static_cast<T>(*nodata);
    }
    for (std::int64_t b = 0; b < planes.shape[0]; ++b) {
      for (std::int64_t y = 0; y < planes.shape[1]; ++y) {
        const std::byte* p = planes.data + b * planes.strides[0] + y * planes.strides[1];
        for (std::int64_t x = 0; x < planes.shape[2]; ++x, p += planes.strides[2]) {
          const T value = *reinterpret_cast<const T*>(p);
          put(b, y, x, hasHole && value == hole ? std::numeric_limits<double>::quiet_NaN() : asNumber(value));
        }
      }
    }
  });
}

/// How many row strips to evaluate one after another, so that memory stays small and a cancel is heard.
std::int64_t stripCount(const Graph& graph, int node, const Region& region, int yDim, const EvaluateCost& whole) {
  const auto y = static_cast<std::size_t>(yDim);
  const double wanted = std::ceil(std::max(whole.bytesToRead / kStripReadBytes, whole.peakBytes / kStripPeakBytes));
  const auto strips = static_cast<std::int64_t>(std::clamp(wanted, 1.0, static_cast<double>(region[y].count())));
  if (strips == 1) return 1;
  // A reduction over the whole array would be done again for every strip: then one evaluation is right.
  Region first = region;
  first[y] = region[y].slice(0, (region[y].count() + strips - 1) / strips);
  const auto cost = evaluateCost(graph, node, first);
  return cost && cost->bytesToRead * static_cast<double>(strips) <= 1.5 * whole.bytesToRead + kStripReadBytes ? strips : 1;
}

/// What to add to longitudes of `asked` to meet those of the grid, which may run from 0 to 360 where they are from -180 to 180.
double turnTo(const GeoBox& box, const Bounds& asked) {
  constexpr double kCircle = 360;
  if (!box.isAxisAligned() || !box.crs().isGeographic() || box.crs().unitName() != "degree") return 0;
  const Bounds own = box.bounds();
  const auto shared = [&](double turn) { return std::min(own.xmax, asked.xmax + turn) - std::max(own.xmin, asked.xmin + turn); };
  double best = 0;
  for (const double turn : {-kCircle, kCircle})
    if (shared(turn) > std::max(shared(best), 0.0)) best = turn;
  return best;
}

}  // namespace

std::optional<PictureGrid> pictureGrid(const ArraySpec& spec) {
  PictureGrid grid;
  if (spec.isSpatial() && spec.geobox) {
    grid.yDim = spec.yDim;
    grid.xDim = spec.xDim;
    grid.box = *spec.geobox;
    grid.rowsDown = !grid.box.crs().isValid() && grid.box.affine() == Affine{};
    return grid;
  }
  grid.yDim = spec.indexOf("y");
  grid.xDim = spec.indexOf("x");
  if (grid.yDim < 0 || grid.xDim < 0) {
    std::vector<int> free;
    for (int d = 0; d < static_cast<int>(spec.dims.size()); ++d)
      if (d != spec.spectralDim()) free.push_back(d);
    if (free.size() < 2) return std::nullopt;
    grid.yDim = free[free.size() - 2];
    grid.xDim = free[free.size() - 1];
  }
  const auto size = [&spec](int d) { return spec.dims[static_cast<std::size_t>(d)].size; };
  grid.box = GeoBox(size(grid.yDim), size(grid.xDim), Affine{}, Crs{});
  grid.rowsDown = true;
  return grid;
}

std::int64_t nearestBand(const ArraySpec& spec, double nm) {
  const int d = spec.indexOf("wavelength");
  if (d < 0) return -1;
  const Dim& dim = spec.dims[static_cast<std::size_t>(d)];
  if (dim.coordinate.kind == Coordinate::Kind::None) return -1;
  const auto good = dim.coordinate.aux.find("good");
  std::int64_t best = -1;
  for (std::int64_t i = 0; i < dim.size; ++i) {
    if (good != dim.coordinate.aux.end() && good->second[static_cast<std::size_t>(i)] == 0) continue;
    if (best < 0 || std::abs(dim.coordinate.at(i) - nm) < std::abs(dim.coordinate.at(best) - nm)) best = i;
  }
  return best;
}

std::vector<std::int64_t> defaultBands(const ArraySpec& spec) {
  const int d = spec.spectralDim();
  if (d < 0 || !spec.classColours.empty()) return {0};  // three numbers of classes are no red, green and blue
  const Dim& dim = spec.dims[static_cast<std::size_t>(d)];
  constexpr double kReach = 50;  // nm: a sensor without this colour shows its first bands instead
  std::vector<std::int64_t> bands;
  for (const double nm : {650.0, 560.0, 470.0}) {
    const std::int64_t band = nearestBand(spec, nm);
    if (band >= 0 && std::abs(dim.coordinate.at(band) - nm) <= kReach) bands.push_back(band);
  }
  if (bands.size() == 3 && bands[0] != bands[1] && bands[1] != bands[2]) return bands;
  if (dim.size >= 3) return {0, 1, 2};
  return {0};
}

Result<PreviewImage> renderPreview(const Graph& chain, const PreviewRequest& request, const CancelToken& cancel) {
  EvaluateContext context;
  context.cancel = cancel;
  // Half of what may be read is for the picture itself.
  const auto fitted =
      fitFor(chain, request.node, request.maxReadBytes > 0 ? std::min(kFitBytes, request.maxReadBytes / 2) : kFitBytes, context);
  if (!fitted) return fail(fitted.error());
  const Graph& graph = fitted->graph ? *fitted->graph : chain;
  const double maxReadBytes = request.maxReadBytes > 0 ? request.maxReadBytes - static_cast<double>(context.bytesRead) : 0;
  const auto subject = resolve(graph, request.node);
  if (!subject) return fail(subject.error());
  const ArraySpec& spec = *subject->spec;
  if (request.width < 1 || request.height < 1)
    return fail(ErrorCode::InvalidParameter, "a picture of " + std::to_string(request.width) + " x " + std::to_string(request.height) +
                                                 " pixels is empty; both must be at least 1");
  std::vector<std::int64_t> bands = request.bands.empty() ? defaultBands(spec) : request.bands;
  if (bands.size() != 1 && bands.size() != 3)
    return fail(ErrorCode::InvalidParameter, "a picture has 1 or 3 bands, not " + std::to_string(bands.size()));
  const std::int64_t bandCount = subject->spectral < 0 ? 1 : spec.dims[static_cast<std::size_t>(subject->spectral)].size;
  for (const std::int64_t band : bands)
    if (band < 0 || band >= bandCount)
      return fail(ErrorCode::InvalidParameter,
                  "band " + std::to_string(band + 1) + " is outside 1 to " + std::to_string(bandCount) + " of this array");
  std::vector<std::int64_t> readBands = bands;
  std::sort(readBands.begin(), readBands.end());
  readBands.erase(std::unique(readBands.begin(), readBands.end()), readBands.end());

  auto region = baseRegion(*subject, request.others);
  if (!region) return fail(region.error());
  const auto yDim = static_cast<std::size_t>(subject->grid.yDim), xDim = static_cast<std::size_t>(subject->grid.xDim);
  if (subject->spectral >= 0) (*region)[static_cast<std::size_t>(subject->spectral)] = IndexSet::list(readBands);

  PreviewImage image;
  image.bandIndices = bands;
  Bounds bounds = request.bounds.value_or(subject->grid.box.bounds());
  const double turn = request.bounds ? turnTo(subject->grid.box, bounds) : 0;
  bounds.xmin += turn;
  bounds.xmax += turn;
  PreviewSampling sampling;
  EvaluateCost cost;
  for (std::int64_t width = request.width, height = request.height;;) {
    if (cancel.isCanceled()) return fail(ErrorCode::Canceled, "canceled");
    sampling = samplePreview(subject->grid, bounds, width, height);
    if (sampling.isEmpty()) {
      image.bands.resize(bands.size());
      return image;
    }
    (*region)[yDim] = IndexSet::list(sampling.rows);
    (*region)[xDim] = IndexSet::list(sampling.cols);
    auto priced = evaluateCost(graph, request.node, *region);
    if (!priced) return fail(priced.error());
    cost = std::move(*priced);
    if (maxReadBytes <= 0 || cost.bytesToRead <= maxReadBytes) break;
    const std::int64_t least = std::min(kSmallestPicture, std::min(sampling.width, sampling.height));
    if (sampling.width <= least && sampling.height <= least)
      return fail(ErrorCode::OverBudget,
                  "a picture of this node would read " + formatSize(cost.bytesToRead) + "; a preview may read " + formatSize(maxReadBytes),
                  "run the chain to this node, or look at a node above it");
    const double shrink = std::clamp(std::sqrt(maxReadBytes / cost.bytesToRead), 0.1, 0.8);
    width = std::max(least, static_cast<std::int64_t>(static_cast<double>(sampling.width) * shrink));
    height = std::max(least, static_cast<std::int64_t>(static_cast<double>(sampling.height) * shrink));
  }

  const auto rows = static_cast<std::int64_t>(sampling.rows.size()), cols = static_cast<std::int64_t>(sampling.cols.size());
  std::vector<std::vector<float>> read(readBands.size(), std::vector<float>(static_cast<std::size_t>(rows * cols), kNaN));
  const std::int64_t strips = stripCount(graph, request.node, *region, subject->grid.yDim, cost);
  const Region whole = *region;
  for (std::int64_t strip = 0; strip < strips; ++strip) {
    if (cancel.isCanceled()) return fail(ErrorCode::Canceled, "canceled");
    const std::int64_t first = rows * strip / strips, count = rows * (strip + 1) / strips - first;
    Region part = whole;
    part[yDim] = whole[yDim].slice(first, count);
    const Block block = makeBlock(context.pool, spec.type, regionShape(part));
    CUBELOOM_TRY(evaluate(graph, request.node, part, block.view, context));
    forEachValue(asPlanes(block.view, *subject), spec.nodata, [&](std::int64_t b, std::int64_t y, std::int64_t x, double value) {
      read[static_cast<std::size_t>(b)][static_cast<std::size_t>((first + y) * cols + x)] = static_cast<float>(value);
    });
  }

  image.width = static_cast<int>(sampling.width);
  image.height = static_cast<int>(sampling.height);
  image.bounds = sampling.bounds;
  image.bounds.xmin -= turn;
  image.bounds.xmax -= turn;
  image.decimation = sampling.decimation;
  image.approximate = fitted->isApproximate;
  image.bytesRead = static_cast<double>(context.bytesRead);
  for (const std::int64_t band : bands) {
    const auto from = static_cast<std::size_t>(std::lower_bound(readBands.begin(), readBands.end(), band) - readBands.begin());
    std::vector<float> picture(sampling.place.size(), kNaN);
    for (std::size_t i = 0; i < picture.size(); ++i)
      if (sampling.place[i] >= 0) picture[i] = read[from][static_cast<std::size_t>(sampling.place[i])];
    image.bands.push_back(std::move(picture));
  }
  return image;
}

Result<std::vector<double>> readSpectrum(const Graph& chain, int node, std::int64_t row, std::int64_t col,
                                         const std::vector<std::int64_t>& others, const CancelToken& cancel) {
  EvaluateContext context;
  context.cancel = cancel;
  const auto fitted = fitFor(chain, node, kFitBytes, context);
  if (!fitted) return fail(fitted.error());
  const Graph& graph = fitted->graph ? *fitted->graph : chain;
  const auto subject = resolve(graph, node);
  if (!subject) return fail(subject.error());
  const GeoBox& box = subject->grid.box;
  if (row < 0 || row >= box.rows() || col < 0 || col >= box.cols())
    return fail(ErrorCode::InvalidParameter, "pixel (row " + std::to_string(row) + ", column " + std::to_string(col) + ") is outside " +
                                                 std::to_string(box.rows()) + " x " + std::to_string(box.cols()));
  auto region = baseRegion(*subject, others);
  if (!region) return fail(region.error());
  (*region)[static_cast<std::size_t>(subject->grid.yDim)] = IndexSet::single(row);
  (*region)[static_cast<std::size_t>(subject->grid.xDim)] = IndexSet::single(col);
  const Block block = makeBlock(context.pool, subject->spec->type, regionShape(*region));
  CUBELOOM_TRY(evaluate(graph, node, *region, block.view, context));
  const BlockView planes = asPlanes(block.view, *subject);
  std::vector<double> spectrum(static_cast<std::size_t>(planes.shape[0]));
  forEachValue(planes, subject->spec->nodata,
               [&spectrum](std::int64_t b, std::int64_t, std::int64_t, double value) { spectrum[static_cast<std::size_t>(b)] = value; });
  return spectrum;
}

}  // namespace cubeloom
