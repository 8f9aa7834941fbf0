// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/io/table/csv_library.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <optional>
#include <system_error>
#include <utility>

#include "engine/array/block.h"
#include "engine/base/text.h"
#include "engine/io/file/io_error.h"
#include "engine/io/file/text_file.h"
#include "engine/io/source/wavelengths.h"

namespace cubeloom {
namespace {

constexpr std::size_t kMostSpectraBytes = std::size_t{64} << 20, kMostSpectraStart = std::size_t{1} << 20;
constexpr std::size_t kMostSpectraColumns = 100000;

/// An array that is held.
class SpectraSource final : public Source {
 public:
  SpectraSource(ArraySpec spec, std::vector<double> values, std::string path)
      : m_spec(std::move(spec)), m_values(std::move(values)), m_path(std::move(path)) {}

  const ArraySpec& spec() const override { return m_spec; }
  Result<void> read(const Region& region, const BlockView& to, ReadContext& /*context*/) override {
    const auto columns = m_spec.dims[1].size;
    for (std::int64_t r = 0; r < region[0].count(); ++r)
      for (std::int64_t c = 0; c < region[1].count(); ++c)
        *reinterpret_cast<double*>(to.data + r * to.strides[0] + c * to.strides[1]) =
            m_values[static_cast<std::size_t>(region[0].at(r) * columns + region[1].at(c))];
    return {};
  }
  ReadCost cost(const Region& /*region*/) const override { return {}; }
  std::vector<std::pair<std::int64_t, std::int64_t>> touchedLines(const Region& /*region*/) const override { return {}; }
  std::vector<std::string> files() const override { return {m_path}; }

 private:
  ArraySpec m_spec;
  std::vector<double> m_values;
  std::string m_path;
};

char separatorOf(const std::string& line) {
  const auto count = [&line](char c) { return std::count(line.begin(), line.end(), c); };
  const char other = count('\t') > count(';') ? '\t' : ';';
  return count(other) > count(',') ? other : ',';
}

/// As RFC 4180 quotes them.
std::vector<std::string> tableCellsOf(const std::string& line, char separator) {
  std::vector<std::string> cells(1);
  bool isQuoted = false;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (c == '"' && isQuoted && i + 1 < line.size() && line[i + 1] == '"') {
      cells.back() += line[++i];
    } else if (c == '"') {
      isQuoted = !isQuoted;
    } else if (c == separator && !isQuoted) {
      cells.emplace_back();
    } else {
      cells.back() += c;
    }
  }
  for (std::string& cell : cells) cell = trim(cell);
  return cells;
}

/// The unit that a word names, anywhere in it: "wavelength_um", "Wavelength (nm)", "lambda [micrometers]".
std::string unitIn(const std::string& word) {
  const std::string lower = toLower(word);
  const auto has = [&lower](const char* part) { return lower.find(part) != std::string::npos; };
  if (has("nm") || has("nano")) return "nm";
  if (has("um") || has("µm") || has("μm") || has("micro")) return "um";
  if (has("wavenumber") || has("cm-1") || has("cm^-1")) return "Wavenumber";
  return {};
}

bool saysWavelength(const std::string& cell) {
  const std::string lower = toLower(cell);
  const auto has = [&lower](const char* part) { return lower.find(part) != std::string::npos; };
  return has("wavelength") || has("wavenumber") || has("wvl") || has("lambda") || lower == "wl" || lower.starts_with("wl_") ||
         lower.starts_with("wl ") || lower == "nm" || lower == "um" || lower == "µm" || lower == "wave";
}

/// "400", "X400.5" (as R names columns), "400 nm", "0.4um", "wl_400"; and which unit it says.
struct NamedWavelength {
  double value = 0;
  std::string unit;
};
std::optional<NamedWavelength> wavelengthIn(const std::string& cell) {
  std::size_t first = cell.find_first_of("0123456789.");
  if (first == std::string::npos) return std::nullopt;
  const std::string before = toLower(trim(cell.substr(0, first)));
  if (!before.empty() && before != "x" && before != "wl" && before != "wl_" && before != "w") return std::nullopt;
  std::size_t end = cell.find_first_not_of("0123456789.", first);
  if (end == std::string::npos) end = cell.size();
  const auto value = parseNumber(cell.substr(first, end - first));
  const std::string after(trim(cell.substr(end)));
  if (!value || !(*value > 0) || (!after.empty() && unitIn(after).empty())) return std::nullopt;
  return NamedWavelength{*value, after.empty() ? "" : unitIn(after)};
}

/// What the line of names says.
struct TableHead {
  char separator = ',';
  std::vector<std::string> cells;
  bool isByColumns = false;     ///< each column is a spectrum
  std::size_t firstColumn = 1;  ///< of values
  std::vector<NamedWavelength> wavelengths;
};

std::optional<TableHead> headOf(const std::string& line) {
  TableHead head;
  head.separator = separatorOf(line);
  head.cells = tableCellsOf(line, head.separator);
  if (head.cells.size() < 2 || head.cells.size() > kMostSpectraColumns) return std::nullopt;
  if (saysWavelength(head.cells[0])) {
    head.isByColumns = true;
    return head;
  }
  // From the last column on, as far as they are wavelengths: names and other columns may stand before them.
  std::size_t first = head.cells.size();
  while (first > 1 && wavelengthIn(head.cells[first - 1])) --first;
  if (head.cells.size() - first < 2) return std::nullopt;
  head.firstColumn = first;
  for (std::size_t i = first; i < head.cells.size(); ++i) head.wavelengths.push_back(*wavelengthIn(head.cells[i]));
  return head;
}

/// The lines that hold something, with their numbers from 1.
struct NumberedLine {
  std::size_t number = 0;
  std::string text;
};
std::vector<NumberedLine> tableLinesOf(const std::string& text) {
  std::vector<NumberedLine> lines;
  std::size_t number = 0;
  for (std::string& line : split(text, '\n')) {
    ++number;
    if (number == 1 && line.starts_with("\xEF\xBB\xBF")) line.erase(0, 3);
    if (const std::string_view bare = trim(line); !bare.empty() && bare[0] != '#') lines.push_back({number, std::string(bare)});
  }
  return lines;
}

std::optional<double> valueOf(const std::string& cell) {
  const std::string lower = toLower(cell);
  if (lower.empty() || lower == "na" || lower == "nan" || lower == "null" || lower == "none") return NAN;
  return parseNumber(cell);
}

/// Lines and columns of values, and what stands before them.
struct SpectraTable {
  std::vector<std::vector<std::string>> before;  ///< of each line
  std::vector<std::vector<double>> values;       ///< of each line
};

Result<SpectraTable> tableOf(const std::vector<NumberedLine>& lines, const TableHead& head, const std::string& path) {
  SpectraTable table;
  for (std::size_t i = 1; i < lines.size(); ++i) {
    std::vector<std::string> cells = tableCellsOf(lines[i].text, head.separator);
    const auto wrong = [&](const std::string& what) {
      return failAt(ErrorCode::OpenFailed, path, path + ": line " + std::to_string(lines[i].number) + " " + what,
                    "a table of spectra has a number in each cell but those of names");
    };
    if (cells.size() != head.cells.size())
      return wrong("has " + std::to_string(cells.size()) + " cells, the line of names has " + std::to_string(head.cells.size()));
    std::vector<double>& values = table.values.emplace_back();
    for (std::size_t c = head.isByColumns ? 0 : head.firstColumn; c < cells.size(); ++c) {
      const auto value = valueOf(cells[c]);
      if (!value) return wrong("has '" + cells[c].substr(0, 40) + "' where a number is expected");
      values.push_back(*value);
    }
    cells.resize(head.firstColumn);
    table.before.push_back(std::move(cells));
  }
  if (table.values.empty()) return failAt(ErrorCode::OpenFailed, path, path + " has names of columns, but no lines below them");
  return table;
}

Dim spectraDim(std::vector<std::string> names) {
  Dim dim{"spectrum", static_cast<std::int64_t>(names.size()), {}};
  dim.coordinate.kind = Coordinate::Kind::Regular;
  dim.coordinate.start = 1;
  dim.coordinate.unit = "1";
  dim.coordinate.labels = std::move(names);
  return dim;
}

/// A column between the names and the wavelengths, beside the names.
AuxiliaryCoordinate columnBeside(const std::string& name, const SpectraTable& table, std::size_t column) {
  Coordinate beside;
  bool isNumbers = true;
  for (const auto& cells : table.before) {
    beside.labels.push_back(cells[column]);
    const auto value = valueOf(cells[column]);
    isNumbers = isNumbers && value;
    beside.values.push_back(value.value_or(NAN));
  }
  if (isNumbers) {
    beside.kind = Coordinate::Kind::Values;
    beside.labels.clear();
  } else {
    beside.values.clear();
  }
  return {
      name.empty() ? "column_" + std::to_string(column + 1) : name, {"spectrum"}, std::make_shared<const Coordinate>(std::move(beside))};
}

}  // namespace

Result<bool> isSpectraTable(const std::string& path) {
  std::error_code ignored;
  if (toLower(std::filesystem::path(path).extension().string()) != ".csv" || !std::filesystem::is_regular_file(path, ignored)) return false;
  const auto start = fileStart(path, kMostSpectraStart);
  if (!start) return fail(start.error());
  const auto lines = tableLinesOf(*start);
  return !lines.empty() && headOf(lines[0].text).has_value();
}

Result<OpenedDataset> openSpectraTable(const OpenRequest& request) {
  const std::string& path = request.path;
  auto text = readTextFile(path, kMostSpectraBytes, "a table of spectra");
  if (!text) return fail(std::move(text.error()));
  const auto lines = tableLinesOf(*text);
  const auto head = lines.empty() ? std::nullopt : headOf(lines[0].text);
  if (!head)
    return failAt(ErrorCode::OpenFailed, path, path + " is no table of spectra",
                  "its first line names a column of wavelengths and the spectra behind it, or names and then wavelengths");
  auto table = tableOf(lines, *head, path);
  if (!table) return fail(std::move(table.error()));
  OpenedDataset dataset;
  ArraySpec spec;
  spec.type = PixelType::Float64;
  spec.nodata = NAN;
  spec.variable = std::filesystem::path(path).stem().string();
  BandSpectra bands;
  std::vector<std::string> names;
  std::vector<double> values;
  if (head->isByColumns) {
    bands.unit = unitIn(head->cells[0]);
    names.assign(head->cells.begin() + 1, head->cells.end());
    for (const auto& line : table->values) bands.wavelengths.push_back(line[0]);
    for (std::size_t s = 0; s < names.size(); ++s)
      for (const auto& line : table->values) values.push_back(line[s + 1]);
  } else {
    bands.unit = head->wavelengths[0].unit.empty() ? unitIn(head->cells[0]) : head->wavelengths[0].unit;
    for (const NamedWavelength& one : head->wavelengths) bands.wavelengths.push_back(one.value);
    for (const auto& cells : table->before) names.push_back(cells[0]);
    for (const auto& line : table->values) values.insert(values.end(), line.begin(), line.end());
  }
  const auto count = static_cast<std::int64_t>(bands.wavelengths.size());
  spec.dims = {spectraDim(std::move(names)), spectralDim(count, bands, {}, dataset.info.notes)};
  for (std::size_t c = 1; !head->isByColumns && c < head->firstColumn; ++c) spec.setCoordinate(columnBeside(head->cells[c], *table, c));
  DatasetInfo& info = dataset.info;
  info.path = path;
  info.driver = "CSV";
  info.fileBytes = static_cast<double>(text->size());
  info.variables = {{spec.variable, spec}};
  dataset.source = std::make_shared<SpectraSource>(std::move(spec), std::move(values), path);
  return dataset;
}

}  // namespace cubeloom
