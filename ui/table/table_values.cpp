// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/table/table_values.h"

#include <algorithm>
#include <numeric>

#include "ui/words/spec_text.h"

namespace cubeloom {
namespace {

constexpr const char* kStatistic = "statistic";

/// The longest dim, the first of those; never that of statistics, whose entries are different quantities.
int lineDim(const ArraySpec& spec) {
  int longest = -1;
  for (std::size_t d = 0; d < spec.dims.size(); ++d) {
    const Dim& dim = spec.dims[d];
    if (dim.name == kStatistic && spec.dims.size() > 1) continue;
    if (longest < 0 || dim.size > spec.dims[static_cast<std::size_t>(longest)].size) longest = static_cast<int>(d);
  }
  return longest;
}

bool isDated(const Dim& dim) { return dim.coordinate.unit == "datetime"; }

QString axisName(const Dim& dim) {
  QString name = QString::fromStdString(dim.name);
  const std::string& unit = dim.coordinate.unit;
  if (unit.empty() || unit == "1" || isDated(dim) || isNamed(dim)) return name;
  return QStringLiteral("%1 (%2)").arg(name, shortUnit(unit));
}

/// Midnights without their hour, where all are.
void shortenDates(QStringList& entries) {
  const QString midnight = QStringLiteral("T00:00:00Z");
  if (!std::all_of(entries.begin(), entries.end(), [&](const QString& entry) { return entry.endsWith(midnight); })) return;
  for (QString& entry : entries) entry.chop(midnight.size());
}

TableAxis axisOf(const Dim& dim) {
  TableAxis axis;
  axis.name = axisName(dim);
  axis.areDates = isDated(dim);
  const bool hasNumbers = dim.coordinate.kind != Coordinate::Kind::None && !isNamed(dim);
  for (std::int64_t i = 0; i < dim.size; ++i) {
    axis.entries << QString::fromStdString(entryCell(dim, i));
    if (hasNumbers) axis.positions.push_back(dim.coordinate.at(i));
  }
  if (axis.areDates) shortenDates(axis.entries);
  return axis;
}

/// Whether a statistic of this name is a value like those that it is made of: a mean is, a count or a sum is not.
bool isValue(const std::string& statistic) {
  static const std::vector<std::string> others = {"count", "sum", "std", "var", "variance", "area", "valid", "variety", "range"};
  return std::find(others.begin(), others.end(), statistic) == others.end();
}

/// The statistics that are worth a first look: of one array all that are values like its own; of several the means, or the first of those.
bool isPlotted(const Dim& statistics, std::int64_t entry, bool areSeveral) {
  const auto nameOf = [&statistics](std::int64_t i) { return entryCell(statistics, i); };
  if (!areSeveral) return isValue(nameOf(entry));
  std::int64_t best = -1;
  for (std::int64_t i = statistics.size - 1; i >= 0; --i)
    if (isValue(nameOf(i)) && (best < 0 || nameOf(best) != "mean")) best = i;
  return entry == best;
}

}  // namespace

bool isTable(const ArraySpec& spec) {
  if (spec.isSpatial() || isComplex(spec.type)) return false;
  const int d = lineDim(spec);
  const double cells = spec.bytes() / static_cast<double>(pixelTypeBytes(spec.type));
  const double lines = d < 0 ? 1 : static_cast<double>(spec.dims[static_cast<std::size_t>(d)].size);
  return cells > 0 && cells <= static_cast<double>(kMostTableCells) && cells / lines <= static_cast<double>(kMostTableColumns);
}

TableLayout layoutTable(const ArraySpec& spec) {
  TableLayout layout;
  const std::vector<std::int64_t> steps = denseStrides(spec.shape(), 1);
  const int down = lineDim(spec);
  layout.lineOffset = {0};
  layout.columnOffset = {0};
  if (down >= 0) {
    const Dim& dim = spec.dims[static_cast<std::size_t>(down)];
    layout.lines = axisOf(dim);
    layout.lineOffset.clear();
    for (std::int64_t i = 0; i < dim.size; ++i) layout.lineOffset.push_back(i * steps[static_cast<std::size_t>(down)]);
    for (const AuxiliaryCoordinate& beside : spec.coordinates) {
      if (beside.dims != std::vector<std::string>{dim.name}) continue;
      const TableAxis cells = axisOf({beside.name, dim.size, *beside.values});
      layout.besideNames << cells.name;
      layout.beside.push_back(cells.entries);
    }
  } else {
    layout.lines.entries = QStringList{QString()};
  }
  std::vector<bool> plotted{true};
  for (std::size_t d = 0; d < spec.dims.size(); ++d) {
    if (static_cast<int>(d) == down) continue;
    const Dim& dim = spec.dims[d];
    const TableAxis axis = axisOf(dim);
    const bool isFirst = layout.columns.entries.isEmpty();
    layout.columns.name += (isFirst ? QString() : QStringLiteral(" · ")) + axis.name;
    QStringList entries;
    std::vector<std::int64_t> offsets;
    std::vector<bool> now;
    for (std::size_t k = 0; k < layout.columnOffset.size(); ++k)
      for (std::int64_t i = 0; i < dim.size; ++i) {
        const QString& entry = axis.entries[i];
        entries << (isFirst ? entry : layout.columns.entries[static_cast<qsizetype>(k)] + QStringLiteral(" · ") + entry);
        offsets.push_back(layout.columnOffset[k] + i * steps[d]);
        now.push_back(plotted[k] && (dim.name != kStatistic || isPlotted(dim, i, spec.dims.size() > 2)));
      }
    layout.columns.entries = entries;
    layout.columnOffset = offsets;
    plotted = now;
  }
  if (layout.columns.entries.isEmpty())
    layout.columns.entries << (spec.variable.empty() ? QStringLiteral("value") : QString::fromStdString(spec.variable));
  for (std::size_t k = 0; k < plotted.size(); ++k)
    if (plotted[k]) layout.plotted.push_back(static_cast<int>(k));
  return layout;
}

TableValues::TableValues(const ArraySpec& spec, const BlockView& values)
    : m_layout(layoutTable(spec)), m_unit(QString::fromStdString(spec.unit)), m_cells(spec), m_elementBytes(pixelTypeBytes(spec.type)) {
  m_values.resize(static_cast<std::size_t>(spec.count()) * m_elementBytes);
  copyBlock(values, denseView(m_values.data(), spec.type, spec.shape()));
}

const std::byte* TableValues::at(int line, int column) const {
  const std::int64_t element =
      m_layout.lineOffset[static_cast<std::size_t>(line)] + m_layout.columnOffset[static_cast<std::size_t>(column)];
  return m_values.data() + static_cast<std::size_t>(element) * m_elementBytes;
}

double TableValues::number(int line, int column) const { return m_cells.number(at(line, column)); }

QString TableValues::text(int line, int column) const {
  std::string text;
  m_cells.append(at(line, column), text);
  return QString::fromStdString(text);
}

QString TableValues::toText(QChar comma, std::vector<int> lines, std::vector<int> columns) const {
  const auto orAll = [](std::vector<int>& some, int all) {
    if (!some.empty()) return;
    some.resize(static_cast<std::size_t>(all));
    std::iota(some.begin(), some.end(), 0);
  };
  orAll(lines, this->lines());
  orAll(columns, this->columns());
  const auto cell = [comma](const QString& text) {
    if (!text.contains(comma) && !text.contains(u'"') && !text.contains(u'\n')) return text;
    return QLatin1Char('"') + QString(text).replace(u'"', QStringLiteral("\"\"")) + QLatin1Char('"');
  };
  QString out;
  const auto putLine = [&](QStringList cells) {
    for (QString& one : cells) one = cell(one);
    out += cells.join(comma) + QLatin1Char('\n');
  };
  QStringList head{m_layout.lines.name};
  head << m_layout.besideNames;
  for (const int column : columns) head << m_layout.columns.entries[column];
  putLine(head);
  for (const int line : lines) {
    QStringList cells{m_layout.lines.entries[line]};
    for (const QStringList& beside : m_layout.beside) cells << beside[line];
    for (const int column : columns) cells << text(line, column);
    putLine(cells);
  }
  return out;
}

}  // namespace cubeloom
