// SPDX-License-Identifier: GPL-3.0-or-later
// Raw cubes with an ENVI header: the data file is laid out beforehand and every chunk is written where it belongs; the header comes last,
// so a data file without one is an unfinished one.
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cmath>

#include "engine/array/chunk_grid.h"
#include "engine/base/guard.h"
#include "engine/base/text.h"
#include "engine/geo/crs.h"
#include "engine/io/envi/envi_grid.h"
#include "engine/io/envi/envi_header.h"
#include "engine/io/envi/envi_text.h"
#include "engine/io/gdal/sink_verify.h"
#include "engine/io/sink/part_file.h"
#include "engine/io/sink/placed_array.h"
#include "engine/io/sink/raw_box.h"
#include "engine/io/sink/resumable_part.h"
#include "engine/io/sink/sink_formats.h"
#include "engine/io/sink/sink_layout.h"
#include "engine/io/sink/sink_metadata.h"
#include "engine/io/sink/sink_target.h"

namespace cubeloom {
namespace {

constexpr std::int64_t kMostBands = 65535;
constexpr const char* kDataName = "data";
constexpr const char* kHeaderName = "data.hdr";

class EnviSink : public Sink {
 public:
  EnviSink(const SinkRequest& request, std::string header, BufferPool pool)
      : m_request(request),
        m_layout(rasterLayout(request.spec)),
        m_order(enviOrder(request.spec, m_layout)),
        m_header(std::move(header)),
        m_pool(std::move(pool)),
        m_arrived(request.spec.count()) {}

  /// Makes the temporary file, or finds that of an earlier run.
  Result<void> begin() {
    auto part = ResumablePart::open(m_request);
    if (!part) return fail(std::move(part.error()));
    m_part = std::move(*part);
    if (m_part->isPublished()) return {};
    const auto bytes = static_cast<std::int64_t>(m_request.spec.bytes());
    CUBELOOM_TRY(createData());
    if (m_part->isResumed() && m_data.sizeBytes() != bytes) {
      m_data.remove();
      CUBELOOM_TRY(m_part->startOver());
      CUBELOOM_TRY(createData());
    }
    if (!m_part->isResumed()) CUBELOOM_TRY(m_data.reserve(bytes));
    m_array = std::make_unique<PlacedArray>(m_data, *m_part, 0, m_request.spec.shape(), m_order.dims, m_request.spec.type, m_pool);
    return {};
  }

  std::vector<std::int64_t> done(const CancelToken& cancel) override {
    if (!m_part->isResumed()) return {};
    const ChunkGrid chunks(m_request.spec.shape(), m_request.identity.chunk);
    std::vector<std::int64_t> positions = m_part->isPublished() ? everyPosition(chunks) : m_array->done(chunks, cancel);
    for (const std::int64_t position : positions) count(regionCount(chunks.region(position)));
    return positions;
  }

  Result<void> write(std::int64_t position, const Region& region, const BlockView& chunk) override {
    CUBELOOM_TRY(checkChunk(m_request.spec, region, chunk));
    CUBELOOM_TRY(m_array->write(position, region, chunk));
    count(chunk.count());
    return m_part->recordChunk(position);
  }

  void stopJournal() override { m_part->stopJournal(); }

  Result<void> publish(const CancelToken& cancel) override {
    CUBELOOM_TRY(m_arrived.checkComplete(m_request.path));
    const std::string finalHeader = enviHeaderPath(m_request.path);
    if (m_part->isPublished()) {
      // The earlier run ended between its two renames, or after them.
      if (!m_part->hasFile(kHeaderName)) return {};
      PartFile header = PartFile::inside(m_part->pathOf(kHeaderName), m_request.path);
      return header.moveTo(finalHeader, true);
    }
    CUBELOOM_TRY(m_data.finish(cancel));
    // Named so that GDAL finds it for the data file: the check before publishing reads the pair as a user would.
    auto header = m_part->file(kHeaderName);
    if (!header) return fail(std::move(header.error()));
    CUBELOOM_TRY(header->write(0, reinterpret_cast<const std::byte*>(m_header.data()), m_header.size()));
    CUBELOOM_TRY(header->finish());
    CUBELOOM_TRY(verifyRaster(m_data.path(), m_request.path, "ENVI", {m_layout.bands, m_layout.rows, m_layout.cols, m_request.spec.type}));

    CUBELOOM_TRY(m_part->recordPublishing(m_data.path()));
    // A header that described the former data must never stand beside the new.
    if (m_request.overwrite) ::unlink(finalHeader.c_str());
    CUBELOOM_TRY(m_data.moveTo(m_request.path, m_request.overwrite));
    if (auto moved = header->moveTo(finalHeader, m_request.overwrite); !moved) {
      ::unlink(m_request.path.c_str());
      return moved;
    }
    if (m_request.overwrite) removeStaleSidecars(m_request.path);
    m_bytes += static_cast<std::int64_t>(m_header.size());
    return {};
  }

  void discard() override {
    m_data.remove();
    if (m_part) m_part->remove();
  }
  std::string keep() override {
    m_data.leave();
    return m_part ? m_part->keep() : std::string();
  }
  std::int64_t bytesWritten() const override { return m_bytes; }
  std::optional<std::uint32_t> writtenSum(std::int64_t segment, std::int64_t fileBytes) const override {
    return m_sums.of(segment, fileBytes);
  }

 private:
  Result<void> createData() {
    auto file = m_part->file(kDataName);
    if (!file) return fail(std::move(file.error()));
    m_data = std::move(*file);
    m_data.sumUp(m_sums);
    return {};
  }

  void count(std::int64_t elements) {
    m_arrived.add(elements);
    m_bytes += elements * static_cast<std::int64_t>(pixelTypeBytes(m_request.spec.type));
  }

  SinkRequest m_request;
  RasterLayout m_layout;
  EnviOrder m_order;
  std::string m_header;
  WrittenSums m_sums{kSumSegmentBytes};
  std::unique_ptr<ResumablePart> m_part;  // outlives the file in it
  PartFile m_data;
  BufferPool m_pool;
  ArrivalCount m_arrived;
  std::unique_ptr<PlacedArray> m_array;
  std::atomic<std::int64_t> m_bytes{0};
};

/// The farthest that readers of the header, who take `read` for `box`'s CRS, place a pixel from where it is, in pixels; nothing when the
/// two cannot be compared.
std::optional<double> pixelsOff(const GeoBox& box, const Crs& read) {
  const auto transformer = Transformer::between(box.crs(), read);
  if (!transformer) return std::nullopt;
  const Affine& affine = box.affine();
  const double pixel = std::sqrt(std::abs(affine.determinant()));
  double most = 0;
  for (const double down : {0.0, 0.5, 1.0})
    for (const double along : {0.0, 0.5, 1.0}) {
      const double col = along * static_cast<double>(box.cols()), row = down * static_cast<double>(box.rows());
      double x = affine.x(col, row), y = affine.y(col, row);
      transformer->forward(&x, &y, 1);
      if (std::isfinite(x)) most = std::max(most, std::hypot(x - affine.x(col, row), y - affine.y(col, row)) / pixel);
    }
  return most;
}

/// ENVI's dialect of WKT lacks some parameters (the sweep of a geostationary view). CRSs of an authority's code come back.
std::vector<std::string> crsWarnings(const ArraySpec& spec, const std::string& headerText) {
  constexpr double kPixelsOff = 0.01;
  if (!spec.geobox || !spec.geobox->crs().isValid()) return {};
  const std::string vertical = spec.geobox->crs().verticalName();
  if (!spec.geobox->crs().authority().empty() && vertical.empty()) return {};
  const auto header = EnviHeader::parse(headerText);
  if (!header) return {};
  std::vector<std::string> notes;
  const Crs read = enviGrid(*header, spec.geobox->rows(), spec.geobox->cols(), notes).crs();
  if (read.verticalName() != vertical)
    return {"this ENVI header does not hold what heights are counted from (" + vertical + "); GTiff, COG, NetCDF and Zarr do"};
  if (read.isSameAs(spec.geobox->crs())) return {};
  const std::string lost = "ENVI headers cannot hold all of this CRS";
  const std::string remedy = "; GTiff, COG, NetCDF and Zarr can";
  const auto off = read.isValid() ? pixelsOff(*spec.geobox, read) : std::nullopt;
  if (!off) return {lost + remedy};
  if (*off <= kPixelsOff) return {};
  return {lost + ": readers will place pixels up to " + formatSignificant(*off, 2) + " pixels off" + remedy};
}

}  // namespace

std::string enviHeaderPath(const std::string& path) {
  const std::string name = nameOf(path);
  const std::size_t dot = name.rfind('.');
  const std::size_t cut = dot == std::string::npos || dot == 0 ? 0 : name.size() - dot;
  return path.substr(0, path.size() - cut) + ".hdr";
}

Result<SinkPlan> planEnvi(const SinkRequest& request) {
  const ArraySpec& spec = request.spec;
  const RasterLayout layout = rasterLayout(spec);
  if (enviHeaderPath(request.path) == request.path)
    return invalidParameter("path", "'" + request.path + "' names the header",
                            "name the data file (.img); the header is written beside it");
  struct stat found {};
  if (!request.overwrite && ::lstat(enviHeaderPath(request.path).c_str(), &found) == 0)
    return invalidParameter("path", "the header '" + enviHeaderPath(request.path) + "' exists; set overwrite=true",
                            "or choose another path");
  if (enviDataType(spec.type) == 0)
    return invalidParameter("dtype", "ENVI has no " + std::string(pixelTypeName(spec.type)), "use int16 or uint8, or write GTiff");
  if (layout.bands > kMostBands)
    return invalidParameter("format", formatCount(layout.bands) + " bands; ENVI files are read with at most " + formatCount(kMostBands),
                            "select fewer bands or times");
  auto header = enviHeaderText(spec, layout, enviOrder(spec, layout));
  if (!header) return fail(std::move(header.error()));

  SinkPlan plan;
  plan.format = "ENVI";
  plan.besideIt = {enviHeaderPath(request.path)};
  plan.unit.assign(spec.dims.size(), 1);
  plan.bytesToWrite = spec.bytes() + static_cast<double>(header->size());
  plan.fixedMemoryBytes = static_cast<double>(header->size());
  plan.chunkScratchBytes = kRawScratchBytes;
  plan.warnings = crsWarnings(spec, *header);
  if (std::string lost = coordinatesLeftOut(spec, "ENVI"); !lost.empty()) plan.warnings.push_back(std::move(lost));
  return plan;
}

Result<std::unique_ptr<Sink>> openEnvi(const SinkRequest& request, BufferPool pool) {
  const RasterLayout layout = rasterLayout(request.spec);
  auto header = enviHeaderText(request.spec, layout, enviOrder(request.spec, layout));
  if (!header) return fail(std::move(header.error()));
  auto sink = std::make_unique<EnviSink>(request, std::move(*header), std::move(pool));
  if (auto begun = guarded([&] { return sink->begin(); }); !begun) {
    sink->keep();  // what an earlier run has left is not lost with it
    return fail(std::move(begun.error()));
  }
  return sink;
}

}  // namespace cubeloom
