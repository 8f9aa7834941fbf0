// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/io/table/csv_sink.h"

#include "engine/array/table_cells.h"
#include "engine/base/text.h"
#include "engine/io/file/crc32.h"
#include "engine/io/sink/held_sink.h"
#include "engine/io/sink/sink_layout.h"

namespace cubeloom {
namespace {

constexpr double kMostCells = 20e6;      // values; a table of more opens nowhere
constexpr double kMostCellBytes = 32;    // of a number and its comma
constexpr std::size_t kPiece = 1 << 20;  // of text, written at once
constexpr const char* kColumnsDim = "statistic";

/// As RFC 4180 quotes it.
std::string csvText(const std::string& text) {
  if (text.find_first_of(",\"\n\r") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? "\"\"" : std::string(1, c);
  return quoted + "\"";
}

/// A dim's cells, and those of the coordinates along it, by its index.
struct DimColumns {
  std::vector<std::string> names;
  std::vector<std::string> cells;  ///< joined by commas
};

DimColumns columnsOf(const ArraySpec& spec, const Dim& dim) {
  DimColumns columns{{csvText(dim.name)}, {}};
  for (std::int64_t i = 0; i < dim.size; ++i) columns.cells.push_back(csvText(entryCell(dim, i)));
  for (const AuxiliaryCoordinate& beside : spec.coordinates) {
    if (beside.dims != std::vector<std::string>{dim.name}) continue;
    columns.names.push_back(csvText(beside.name));
    for (std::int64_t i = 0; i < dim.size; ++i)
      columns.cells[static_cast<std::size_t>(i)] += "," + csvText(entryCell({beside.name, dim.size, *beside.values}, i));
  }
  return columns;
}

class CsvSink : public HeldSink {
 public:
  CsvSink(const SinkRequest& request, BufferPool& pool) : HeldSink(request, pool, request.spec.shape()) {}

  Result<void> write(std::int64_t, const Region& region, const BlockView& chunk) override {
    CUBELOOM_TRY(checkChunk(spec(), region, chunk));
    std::vector<std::int64_t> offset;
    for (const IndexSet& indices : region) offset.push_back(indices.first());
    copyBlock(chunk, block().sub(offset, chunk.shape));
    arrived(chunk.count());
    return {};
  }

 protected:
  Result<void> makeFile(PartFile& file, const CancelToken& cancel) override {
    CUBELOOM_TRY(file.open());
    CUBELOOM_TRY(writeTable(file, cancel));
    CUBELOOM_TRY(checkWritten(file));
    return file.finish(cancel);
  }

 private:
  Result<void> writeTable(const PartFile& file, const CancelToken& cancel) {
    std::vector<DimColumns> columns;
    std::vector<std::int64_t> rowShape, rowStrides;
    std::int64_t entries = 1, entryStep = 0;
    std::string text;
    const int across = spec().indexOf(kColumnsDim);
    for (std::size_t d = 0; d < spec().dims.size(); ++d) {
      if (static_cast<int>(d) == across) continue;
      columns.push_back(columnsOf(spec(), spec().dims[d]));
      text += (text.empty() ? "" : ",") + join(columns.back().names, ",");
      rowShape.push_back(spec().dims[d].size);
      rowStrides.push_back(block().strides[d]);
    }
    if (across >= 0) {
      const Dim& dim = spec().dims[static_cast<std::size_t>(across)];
      entries = dim.size;
      entryStep = block().strides[static_cast<std::size_t>(across)];
      for (std::int64_t i = 0; i < entries; ++i) text += (text.empty() ? "" : ",") + csvText(entryCell(dim, i));
    } else {
      text += (text.empty() ? "" : ",") + (spec().variable.empty() ? std::string("value") : csvText(spec().variable));
    }
    text += "\n";
    const ValueCells cell(spec());
    std::vector<std::int64_t> index(rowShape.size(), 0);
    while (true) {
      std::int64_t at = 0;
      bool isFirst = true;
      for (std::size_t d = 0; d < index.size(); ++d) {
        text += (isFirst ? "" : ",") + columns[d].cells[static_cast<std::size_t>(index[d])];
        isFirst = false;
        at += index[d] * rowStrides[d];
      }
      for (std::int64_t i = 0; i < entries; ++i) {
        if (!isFirst) text += ',';
        isFirst = false;
        cell.append(block().data + at + i * entryStep, text);
      }
      text += "\n";
      if (text.size() >= kPiece) {
        CUBELOOM_TRY(checkNotCanceled(cancel, path()));
        CUBELOOM_TRY(append(file, text));
      }
      std::size_t d = index.size();
      while (d-- > 0) {
        if (++index[d] < rowShape[d]) break;
        index[d] = 0;
      }
      if (d == static_cast<std::size_t>(-1)) break;
    }
    return append(file, text);
  }

  Result<void> append(const PartFile& file, std::string& text) {
    const auto* bytes = reinterpret_cast<const std::byte*>(text.data());
    CUBELOOM_TRY(file.write(m_written, bytes, text.size()));
    m_sum = crc32(m_sum, bytes, text.size());
    m_written += static_cast<std::int64_t>(text.size());
    text.clear();
    return {};
  }

  Result<void> checkWritten(const PartFile& file) const {
    std::uint32_t sum = 0;
    std::vector<std::byte> bytes(kPiece);
    for (std::int64_t at = 0; at < m_written; at += static_cast<std::int64_t>(kPiece)) {
      const auto count = static_cast<std::size_t>(std::min<std::int64_t>(static_cast<std::int64_t>(kPiece), m_written - at));
      CUBELOOM_TRY(file.read(at, bytes.data(), count));
      sum = crc32(sum, bytes.data(), count);
    }
    if (sum == m_sum && file.sizeBytes() == m_written) return {};
    return fail(ErrorCode::WriteFailed, path() + " does not read back as it was written", "check the disk");
  }

  std::int64_t m_written = 0;
  std::uint32_t m_sum = 0;
};

}  // namespace

Result<SinkPlan> planCsv(const SinkRequest& request) {
  const ArraySpec& spec = request.spec;
  if (isComplex(spec.type))
    return invalidParameter("dtype", "a table holds real numbers, not " + std::string(pixelTypeName(spec.type)), "write NetCDF or Zarr");
  if (spec.isSpatial())
    return invalidParameter("format", "a table takes arrays without rows and columns; this one has (" + join(spec.dimNames(), ", ") + ")",
                            "add zonal_stats, sample_points or reduce before, or write NetCDF or Zarr");
  const auto cells = static_cast<double>(spec.count());
  if (cells > kMostCells)
    return invalidParameter(
        "format", formatCount(spec.count()) + " values; a table holds " + formatCount(static_cast<std::int64_t>(kMostCells)) + " at most",
        "reduce or select before, or write NetCDF or Zarr");
  double lineBytes = 2, besideBytes = 0;
  std::vector<std::string> leftOut;
  for (const Dim& dim : spec.dims) {
    double longest = 0, all = 0;
    for (const std::string& cell : columnsOf(spec, dim).cells) {
      longest = std::max(longest, static_cast<double>(cell.size()));
      all += static_cast<double>(cell.size() + sizeof(std::string));
    }
    lineBytes += dim.name == kColumnsDim ? 0 : longest + 1;
    besideBytes += all;
  }
  for (const AuxiliaryCoordinate& beside : spec.coordinates)
    if (beside.dims.size() != 1) leftOut.push_back(beside.name);
  SinkPlan plan;
  plan.format = "CSV";
  plan.unit.assign(spec.dims.size(), 1);
  const int across = spec.indexOf(kColumnsDim);
  const double lines = cells / static_cast<double>(across < 0 ? 1 : spec.dims[static_cast<std::size_t>(across)].size);
  plan.bytesToWrite = lines * lineBytes + cells * kMostCellBytes + 4096;
  plan.fixedMemoryBytes = spec.bytes() + besideBytes + 4 * static_cast<double>(kPiece);
  if (!leftOut.empty()) plan.warnings.push_back("a table has no place for the coordinates " + join(leftOut, ", ") + ": left out");
  return plan;
}

Result<std::unique_ptr<Sink>> openCsv(const SinkRequest& request, BufferPool pool) {
  auto sink = std::make_unique<CsvSink>(request, pool);
  CUBELOOM_TRY(sink->begin(request));
  return sink;
}

}  // namespace cubeloom
