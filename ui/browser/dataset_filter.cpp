// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/browser/dataset_filter.h"

#include <QFileInfo>
#include <algorithm>

#include "ui/browser/browser_model.h"

namespace cubeloom {

namespace {

/// A word that is a date, so that "2022-02" finds what is called 20220224; three digits are a number of something.
std::optional<TimeSpan> dateOf(const QString& word) {
  constexpr int kYear = 4;
  const auto digits = std::count_if(word.cbegin(), word.cend(), [](QChar c) { return c.isDigit(); });
  return digits < kYear ? std::nullopt : parseTimeSpan(word.toStdString());
}

}  // namespace

DatasetFilter::DatasetFilter(BrowserModel& model, QObject* parent) : QSortFilterProxyModel(parent), m_model(model) {
  setSourceModel(&model);
  setRecursiveFilteringEnabled(true);
  setAutoAcceptChildRows(true);
}

void DatasetFilter::setWords(const QString& words) {
  m_words = words.split(QLatin1Char(' '), Qt::SkipEmptyParts);
  invalidateFilter();
}

void DatasetFilter::setBox(const std::optional<LonLatBox>& box) {
  m_box = box;
  invalidateFilter();
}

void DatasetFilter::setSpan(const std::optional<TimeSpan>& span) {
  m_span = span;
  invalidateFilter();
}

bool DatasetFilter::matches(const QModelIndex& source) const {
  const DatasetFacts* facts = m_model.factsOf(source);
  if (asksForFacts()) {
    if (!facts) return false;
    if (m_box && !(facts->box && overlaps(*facts->box, *m_box))) return false;
    if (m_span && !(facts->span && facts->span->overlaps(*m_span))) return false;
  }
  if (m_words.isEmpty()) return true;
  QString text = source.data(Qt::DisplayRole).toString() + u' ' + QFileInfo(source.data(BrowserModel::PathRole).toString()).fileName();
  if (facts) text += u' ' + facts->sensor + u' ' + facts->dates;
  for (QModelIndex above = source.parent(); above.isValid(); above = above.parent())
    if (above.data(BrowserModel::KindRole).toInt() != BrowserModel::Group) text += u' ' + above.data(Qt::DisplayRole).toString();
  return std::all_of(m_words.begin(), m_words.end(), [&](const QString& word) {
    if (text.contains(word, Qt::CaseInsensitive)) return true;
    const auto date = facts && facts->span ? dateOf(word) : std::nullopt;
    return date && facts->span->overlaps(*date);
  });
}

bool DatasetFilter::filterAcceptsRow(int row, const QModelIndex& parent) const {
  if (m_words.isEmpty() && !asksForFacts()) return true;
  const QModelIndex source = m_model.index(row, 0, parent);
  const int kind = source.data(BrowserModel::KindRole).toInt();
  if (kind == BrowserModel::Group || kind == BrowserModel::Note) return false;
  return matches(source);
}

}  // namespace cubeloom
