// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/io/table/csv_sink.h"

#include "engine/array/table_cells.h"
#include "engine/base/text.h"
#include "engine/io/table/table_columns.h"
#include "engine/io/table/text_sink.h"

namespace cubeloom {
namespace {

constexpr double kMostCellBytes = 32;    // of a number and its comma
constexpr double kPieceBytes = 1048576;  // of text, written at once
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

/// The dim whose entries are columns; -1: none.
int acrossOf(const ArraySpec& spec, const std::string& layout) {
  if (layout == "long" || spec.dims.empty()) return -1;
  return layout == "wide" ? static_cast<int>(spec.dims.size()) - 1 : spec.indexOf(kColumnsDim);
}

class CsvSink : public TextSink {
 public:
  CsvSink(const SinkRequest& request, BufferPool& pool)
      : TextSink(request, pool), m_across(acrossOf(request.spec, request.options.layout)) {}

 protected:
  Result<void> makeText(const PartFile& file, const CancelToken& cancel) override {
    std::vector<DimColumns> columns;
    std::vector<std::int64_t> rowShape, rowStrides;
    std::int64_t entries = 1, entryStep = 0;
    std::string text;
    const int across = m_across;
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
      CUBELOOM_TRY(flush(file, text, false, cancel));
      std::size_t d = index.size();
      while (d-- > 0) {
        if (++index[d] < rowShape[d]) break;
        index[d] = 0;
      }
      if (d == static_cast<std::size_t>(-1)) break;
    }
    return flush(file, text, true, cancel);
  }

 private:
  int m_across;
};

}  // namespace

Result<SinkPlan> planCsv(const SinkRequest& request) {
  const ArraySpec& spec = request.spec;
  if (spec.isSpatial())
    return invalidParameter("format", "a table takes arrays without rows and columns; this one has (" + join(spec.dimNames(), ", ") + ")",
                            "add zonal_stats, sample_points or reduce before, or write NetCDF or Zarr");
  const auto cells = static_cast<double>(spec.count());
  CUBELOOM_TRY(checkTable(request, "a table"));
  const int across = acrossOf(spec, request.options.layout);
  double lineBytes = 2, besideBytes = 0;
  std::vector<std::string> leftOut;
  for (const Dim& dim : spec.dims) {
    double longest = 0, all = 0;
    for (const std::string& cell : columnsOf(spec, dim).cells) {
      longest = std::max(longest, static_cast<double>(cell.size()));
      all += static_cast<double>(cell.size() + sizeof(std::string));
    }
    lineBytes += across >= 0 && &dim == &spec.dims[static_cast<std::size_t>(across)] ? 0 : longest + 1;
    besideBytes += all;
  }
  for (const AuxiliaryCoordinate& beside : spec.coordinates)
    if (beside.dims.size() != 1) leftOut.push_back(beside.name);
  SinkPlan plan;
  plan.format = "CSV";
  plan.unit.assign(spec.dims.size(), 1);
  const double lines = cells / static_cast<double>(across < 0 ? 1 : spec.dims[static_cast<std::size_t>(across)].size);
  plan.bytesToWrite = lines * lineBytes + cells * kMostCellBytes + 4096;
  plan.fixedMemoryBytes = spec.bytes() + besideBytes + 4 * kPieceBytes;
  if (!leftOut.empty()) plan.warnings.push_back("a table has no place for the coordinates " + join(leftOut, ", ") + ": left out");
  return plan;
}

Result<std::unique_ptr<Sink>> openCsv(const SinkRequest& request, BufferPool pool) {
  auto sink = std::make_unique<CsvSink>(request, pool);
  CUBELOOM_TRY(sink->begin(request));
  return sink;
}

}  // namespace cubeloom
