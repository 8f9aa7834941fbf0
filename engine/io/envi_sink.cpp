// SPDX-License-Identifier: GPL-3.0-or-later
// Raw cubes with an ENVI header: the data file is laid out beforehand and every chunk is written where it belongs; the header comes last,
// so a data file without one is an unfinished one.
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>

#include "engine/base/text.h"
#include "engine/io/envi_text.h"
#include "engine/io/part_file.h"
#include "engine/io/raw_box.h"
#include "engine/io/sink_formats.h"
#include "engine/io/sink_layout.h"
#include "engine/io/sink_target.h"
#include "engine/io/sink_verify.h"

namespace cubeloom {
namespace {

constexpr std::int64_t kMostBands = 65535;

/// "cube.hdr" for "cube.img" and for "cube".
std::string headerPath(const std::string& path) {
  const std::string name = nameOf(path);
  const std::size_t dot = name.rfind('.');
  const std::size_t cut = dot == std::string::npos || dot == 0 ? 0 : name.size() - dot;
  return path.substr(0, path.size() - cut) + ".hdr";
}

class EnviSink : public Sink {
 public:
  EnviSink(const SinkRequest& request, std::string header, PartFile data, BufferPool pool)
      : m_path(request.path),
        m_overwrite(request.overwrite),
        m_spec(request.spec),
        m_layout(rasterLayout(request.spec)),
        m_order(enviOrder(m_spec, m_layout)),
        m_header(std::move(header)),
        m_data(std::move(data)),
        m_pool(std::move(pool)),
        m_arrived(m_spec.count()) {
    for (const int d : m_order.dims) m_shape.push_back(m_spec.dims[static_cast<std::size_t>(d)].size);
  }

  Result<void> write(std::int64_t, const Region& region, const BlockView& chunk) override {
    CUBELOOM_TRY(checkChunk(m_spec, region, chunk));
    std::vector<std::int64_t> offset;
    for (const int d : m_order.dims) offset.push_back(region[static_cast<std::size_t>(d)].first());
    CUBELOOM_TRY(writeBox(m_data, 0, m_shape, offset, chunk.permuted(m_order.dims), m_pool));
    m_arrived.add(chunk.count());
    m_bytes += chunk.count() * static_cast<std::int64_t>(pixelTypeBytes(chunk.type));
    return {};
  }

  Result<void> publish() override {
    auto published = tryPublish();
    if (!published) discard();
    return published;
  }

  void discard() override { m_data.remove(); }
  std::int64_t bytesWritten() const override { return m_bytes; }

 private:
  Result<void> tryPublish() {
    CUBELOOM_TRY(m_arrived.checkComplete(m_path));
    CUBELOOM_TRY(m_data.finish());
    // Named so that GDAL finds it for the data file: the check before publishing reads the pair as a user would.
    PartFile header = PartFile::beside(m_data, ".hdr");
    CUBELOOM_TRY(header.open());
    CUBELOOM_TRY(header.write(0, reinterpret_cast<const std::byte*>(m_header.data()), m_header.size()));
    CUBELOOM_TRY(header.finish());
    CUBELOOM_TRY(verifyRaster(m_data.path(), m_path, "ENVI", {m_layout.bands, m_layout.rows, m_layout.cols, m_spec.type}));

    const std::string finalHeader = headerPath(m_path);
    // A header that described the former data must never stand beside the new.
    if (m_overwrite) ::unlink(finalHeader.c_str());
    CUBELOOM_TRY(m_data.moveTo(m_path, m_overwrite));
    if (auto moved = header.moveTo(finalHeader, m_overwrite); !moved) {
      ::unlink(m_path.c_str());
      return moved;
    }
    if (m_overwrite) removeStaleSidecars(m_path);
    m_bytes += static_cast<std::int64_t>(m_header.size());
    return {};
  }

  std::string m_path;
  bool m_overwrite;
  ArraySpec m_spec;
  RasterLayout m_layout;
  EnviOrder m_order;
  std::string m_header;
  PartFile m_data;
  BufferPool m_pool;
  ArrivalCount m_arrived;
  std::vector<std::int64_t> m_shape;
  std::atomic<std::int64_t> m_bytes{0};
};

}  // namespace

Result<SinkPlan> planEnvi(const SinkRequest& request) {
  const ArraySpec& spec = request.spec;
  const RasterLayout layout = rasterLayout(spec);
  if (headerPath(request.path) == request.path)
    return invalidParameter("path", "'" + request.path + "' names the header",
                            "name the data file (.img); the header is written beside it");
  struct stat found {};
  if (!request.overwrite && ::lstat(headerPath(request.path).c_str(), &found) == 0)
    return invalidParameter("path", "the header '" + headerPath(request.path) + "' exists; set overwrite=true", "or choose another path");
  if (enviDataType(spec.type) == 0)
    return invalidParameter("dtype", "ENVI has no " + std::string(pixelTypeName(spec.type)), "use int16 or uint8, or write GTiff");
  if (layout.bands > kMostBands)
    return invalidParameter("format", formatCount(layout.bands) + " bands; ENVI files are read with at most " + formatCount(kMostBands),
                            "select fewer bands or times");
  auto header = enviHeaderText(spec, layout, enviOrder(spec, layout));
  if (!header) return fail(std::move(header.error()));

  SinkPlan plan;
  plan.format = "ENVI";
  plan.unit.assign(spec.dims.size(), 1);
  plan.bytesToWrite = spec.bytes() + static_cast<double>(header->size());
  plan.fixedMemoryBytes = static_cast<double>(header->size());
  plan.chunkScratchBytes = kRawScratchBytes;
  return plan;
}

Result<std::unique_ptr<Sink>> openEnvi(const SinkRequest& request, BufferPool pool) {
  const RasterLayout layout = rasterLayout(request.spec);
  auto header = enviHeaderText(request.spec, layout, enviOrder(request.spec, layout));
  if (!header) return fail(std::move(header.error()));
  auto data = PartFile::create(request.path);
  if (!data) return fail(std::move(data.error()));
  CUBELOOM_TRY(data->reserve(static_cast<std::int64_t>(request.spec.bytes())));
  return std::make_unique<EnviSink>(request, std::move(*header), std::move(*data), std::move(pool));
}

}  // namespace cubeloom
