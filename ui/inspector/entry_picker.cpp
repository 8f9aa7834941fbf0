// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/inspector/entry_picker.h"

#include <QCheckBox>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QListWidget>
#include <QPushButton>
#include <QVBoxLayout>
#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "engine/base/text.h"
#include "engine/op/view/selection.h"
#include "ui/inspector/spectrum_range.h"
#include "ui/theme/theme.h"
#include "ui/words/number_text.h"
#include "ui/words/param_text.h"

namespace cubeloom {

namespace {

bool isOfDates(const Dim& dim) { return dim.coordinate.unit.starts_with("datetime"); }

/// A day is enough where no two entries are of the same day.
QString dateText(const Dim& dim, std::int64_t entry) {
  const auto& labels = dim.coordinate.labels;
  const auto at = static_cast<std::size_t>(entry);
  const QString whole = QString::fromStdString(at < labels.size() ? labels[at] : entryText(dim, entry));
  return whole.section(QLatin1Char('T'), 0, 0);
}

/// As a selection by value writes it.
QString valueText(const Dim& dim, std::int64_t entry) {
  if (isOfDates(dim)) return dateText(dim, entry);
  const auto& labels = dim.coordinate.labels;
  const bool isNamed = dim.coordinate.kind == Coordinate::Kind::None && static_cast<std::size_t>(entry) < labels.size();
  return isNamed ? QString::fromStdString(labels[static_cast<std::size_t>(entry)])
                 : QString::fromStdString(formatNumber(dim.coordinate.at(entry)));
}

/// An end of a range of wavelengths, in whole nm where that takes the same bands: nobody wants to read 1384.9356.
QString endText(const Dim& dim, std::int64_t entry, bool isFirst) {
  const double value = dim.coordinate.at(entry);
  if (dim.coordinate.unit != "nm") return valueText(dim, entry);
  const bool goesUp = dim.coordinate.at(dim.size - 1) >= dim.coordinate.at(0);
  const double whole = isFirst == goesUp ? std::floor(value) : std::ceil(value);
  const std::int64_t beyond = isFirst ? entry - 1 : entry + 1;
  const bool isFree = beyond < 0 || beyond >= dim.size || std::abs(dim.coordinate.at(beyond) - value) > std::abs(whole - value);
  return isFree ? QString::fromStdString(formatNumber(whole)) : valueText(dim, entry);
}

/// As people read it: "863 nm · band 98 · bad".
QString listText(const Dim& dim, std::int64_t entry) {
  QString text;
  const auto at = static_cast<std::size_t>(entry);
  if (isOfDates(dim)) {
    const auto& labels = dim.coordinate.labels;
    text = at < labels.size() ? QString::fromStdString(labels[at]) : QString::fromStdString(entryText(dim, entry));
    text.replace(QLatin1Char('T'), QLatin1Char(' ')).remove(QStringLiteral(" 00:00:00Z")).remove(QLatin1Char('Z'));
  } else if (dim.name == "wavelength" && dim.coordinate.kind != Coordinate::Kind::None) {
    text = QObject::tr("%1 nm · band %2").arg(significantText(dim.coordinate.at(entry), 5)).arg(entry + 1);
  } else if (dim.coordinate.kind == Coordinate::Kind::None) {
    text = at < dim.coordinate.labels.size() ? QString::fromStdString(dim.coordinate.labels[at]) : QString::number(entry);
  } else {
    text = QString::fromStdString(entryText(dim, entry));
    if (at < dim.coordinate.labels.size() && !dim.coordinate.labels[at].empty())
      text += QStringLiteral(" · ") + QString::fromStdString(dim.coordinate.labels[at]);
  }
  const auto good = dim.coordinate.aux.find("good");
  if (good != dim.coordinate.aux.end() && at < good->second.size() && good->second[at] == 0) text += QObject::tr(" · bad");
  return text;
}

}  // namespace

QString selectionOf(const Dim& dim, const std::vector<std::int64_t>& entries, bool byPosition, bool keepsDim) {
  if (static_cast<std::int64_t>(entries.size()) == dim.size) return {};
  const auto text = [&](std::int64_t entry) { return byPosition ? QString::number(entry) : valueText(dim, entry); };
  if (entries.size() == 1) return text(entries.front()) + (keepsDim ? QStringLiteral(",") : QString());
  // Positions: one run is a slice, whose stop is behind it; a list has no slices. Values: a list may have ranges.
  const bool isRun = entries.back() - entries.front() + 1 == static_cast<std::int64_t>(entries.size());
  if (byPosition && isRun) return QStringLiteral("%1:%2").arg(entries.front()).arg(entries.back() + 1);
  QStringList parts;
  for (std::size_t i = 0; i < entries.size();) {
    std::size_t last = i;
    while (last + 1 < entries.size() && entries[last + 1] == entries[last] + 1) ++last;
    const bool isRange = !byPosition && last > i && !(dim.coordinate.kind == Coordinate::Kind::None);
    if (isRange)
      parts << endText(dim, entries[i], true) + QLatin1Char(':') + endText(dim, entries[last], false);
    else
      for (std::size_t k = i; k <= last; ++k) parts << text(entries[k]);
    i = last + 1;
  }
  return parts.join(QStringLiteral(", "));
}

bool EntryPicker::isFor(const ArraySpec& spec, int d) {
  return d >= 0 && d != spec.yDim && d != spec.xDim && spec.dims[static_cast<std::size_t>(d)].size > 1 &&
         spec.dims[static_cast<std::size_t>(d)].size <= kMostEntries;
}

EntryPicker::EntryPicker(const Dim& dim, bool byPosition, const QString& selection, const EditorContext& context, QWidget* parent)
    : QFrame(parent, Qt::Popup),
      m_dim(dim),
      m_byPosition(byPosition),
      m_search(new QLineEdit),
      m_list(new QListWidget),
      m_count(new QLabel),
      m_keeps(new QCheckBox(tr("Keep the dimension"))) {
  setAttribute(Qt::WA_DeleteOnClose);
  setProperty("role", QStringLiteral("card"));
  setAccessibleName(tr("Entries of %1").arg(QString::fromStdString(dim.name)));
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(10, 10, 10, 8);
  column->setSpacing(6);
  if (dim.name == "wavelength") {
    m_spectrum = new SpectrumRange;
    m_spectrum->showInput(context);
    column->addWidget(m_spectrum);
    connect(m_spectrum, &SpectrumRange::dragged, this, [this](double low, double high, bool done) {
      tick([&](int row) {
        const double nm = m_dim.coordinate.at(row);
        return nm >= low && nm <= high;
      });
      if (done) report();
    });
  }
  m_search->setPlaceholderText(isOfDates(dim) ? tr("Find: 2022, 2022-03…") : tr("Find"));
  m_search->setAccessibleName(tr("Find entries"));
  m_search->setClearButtonEnabled(true);
  column->addWidget(m_search);
  m_list->setAccessibleName(accessibleName());
  m_list->setSelectionMode(QAbstractItemView::ExtendedSelection);
  m_list->setUniformItemSizes(true);
  m_list->setMinimumHeight(190);
  column->addWidget(m_list, 1);
  auto* buttons = new QHBoxLayout;
  buttons->setSpacing(4);
  const auto button = [&](const QString& text, const QString& toolTip, std::function<bool(int)> wanted) {
    auto* made = new QPushButton(text);
    made->setToolTip(toolTip);
    buttons->addWidget(made);
    connect(made, &QPushButton::clicked, this, [this, wanted = std::move(wanted)] {
      tick(wanted);
      report();
    });
  };
  button(tr("All"), tr("All that are found"),
         [this](int row) { return !m_list->item(row)->isHidden() || m_list->item(row)->checkState() == Qt::Checked; });
  button(tr("None"), tr("None of those that are found"),
         [this](int row) { return m_list->item(row)->isHidden() && m_list->item(row)->checkState() == Qt::Checked; });
  const auto good = dim.coordinate.aux.find("good");
  if (good != dim.coordinate.aux.end() && good->second.size() == static_cast<std::size_t>(dim.size))
    button(tr("Good bands"), tr("Those that the file does not mark bad"),
           [flags = good->second](int row) { return flags[static_cast<std::size_t>(row)] != 0; });
  buttons->addStretch(1);
  setRole(m_count, "muted");
  m_count->setFont(theme().font(11));
  buttons->addWidget(m_count);
  column->addLayout(buttons);
  m_keeps->setToolTip(tr("Of one entry alone: it stays a dimension of one, else the array has it no more"));
  column->addWidget(m_keeps);

  const Json asked = selectionValue(selection);
  const auto chosen = asked.is_null() ? Result<DimSelection>(DimSelection{IndexSet::all(dim.size)})
                      : byPosition    ? selectPositions(dim, asked)
                                      : selectValues(dim, asked, {});
  std::vector<std::int64_t> entries = chosen ? chosen->indices.toVector() : std::vector<std::int64_t>();
  std::sort(entries.begin(), entries.end());
  m_keeps->setChecked(chosen && entries.size() == 1 && !chosen->dropsDim);
  for (std::int64_t i = 0; i < dim.size; ++i) {
    auto* item = new QListWidgetItem(listText(dim, i), m_list);
    item->setFlags(Qt::ItemIsEnabled | Qt::ItemIsSelectable | Qt::ItemIsUserCheckable);
    item->setCheckState(std::binary_search(entries.begin(), entries.end(), i) ? Qt::Checked : Qt::Unchecked);
  }
  showCount();
  connect(m_search, &QLineEdit::textChanged, this, &EntryPicker::filter);
  connect(m_keeps, &QCheckBox::clicked, this, &EntryPicker::report);
  connect(m_list, &QListWidget::itemChanged, this, [this](QListWidgetItem* item) {
    // A tick on one of several selected rows is meant for all of them.
    if (item->isSelected()) {
      const QSignalBlocker quiet(m_list);
      for (QListWidgetItem* other : m_list->selectedItems()) other->setCheckState(item->checkState());
    }
    report();
  });
  resize(300, m_spectrum && m_spectrum->hasWavelengths() ? 430 : 330);
  setFocusProxy(m_list);
}

std::vector<std::int64_t> EntryPicker::ticked() const {
  std::vector<std::int64_t> entries;
  for (int row = 0; row < m_list->count(); ++row)
    if (m_list->item(row)->checkState() == Qt::Checked) entries.push_back(row);
  return entries;
}

void EntryPicker::tick(const std::function<bool(int)>& wanted) {
  const QSignalBlocker quiet(m_list);
  for (int row = 0; row < m_list->count(); ++row) m_list->item(row)->setCheckState(wanted(row) ? Qt::Checked : Qt::Unchecked);
  showCount();
  m_list->viewport()->update();
  showFirst();
}

void EntryPicker::showFirst() {
  if (const std::vector<std::int64_t> entries = ticked(); !entries.empty())
    m_list->scrollToItem(m_list->item(static_cast<int>(entries.front())), QAbstractItemView::PositionAtTop);
}

void EntryPicker::filter(const QString& text) {
  for (int row = 0; row < m_list->count(); ++row)
    m_list->item(row)->setHidden(!text.trimmed().isEmpty() && !m_list->item(row)->text().contains(text.trimmed(), Qt::CaseInsensitive));
}

void EntryPicker::showCount() {
  const std::vector<std::int64_t> entries = ticked();
  m_count->setText(entries.empty() ? tr("tick one at least") : tr("%1 of %2").arg(entries.size()).arg(m_dim.size));
  setRole(m_count, entries.empty() ? "error" : "muted");
  m_keeps->setVisible(entries.size() == 1);
  if (!m_spectrum) return;
  std::vector<std::pair<double, double>> ranges;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const double nm = m_dim.coordinate.at(entries[i]);
    if (i > 0 && entries[i] == entries[i - 1] + 1)
      ranges.back() = {std::min(ranges.back().first, nm), std::max(ranges.back().second, nm)};
    else
      ranges.emplace_back(nm, nm);
  }
  m_spectrum->setRanges(static_cast<std::int64_t>(entries.size()) == m_dim.size ? std::vector<std::pair<double, double>>() : ranges);
}

void EntryPicker::report() {
  showCount();
  const std::vector<std::int64_t> entries = ticked();
  if (!entries.empty()) Q_EMIT chosen(selectionOf(m_dim, entries, m_byPosition, m_keeps->isChecked()));
}

void EntryPicker::keyPressEvent(QKeyEvent* event) {
  if (event->key() == Qt::Key_Escape || event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter) {
    close();
    return;
  }
  QFrame::keyPressEvent(event);
}

}  // namespace cubeloom
