// SPDX-License-Identifier: GPL-3.0-or-later
// Which rows of the tree a search leaves: by words, by a rectangle on the ground, by a stretch of time.
#pragma once

#include <QSortFilterProxyModel>
#include <QStringList>
#include <optional>

#include "ui/browser/dataset_facts.h"

namespace cubeloom {

class BrowserModel;

/// Every word is in the name of the row or of what holds it, its sensor or its dates, or is a date (2022, 2022-02) that it was seen on.
class DatasetFilter : public QSortFilterProxyModel {
  Q_OBJECT
 public:
  explicit DatasetFilter(BrowserModel& model, QObject* parent = nullptr);

  void setWords(const QString& words);
  void setBox(const std::optional<LonLatBox>& box);
  void setSpan(const std::optional<TimeSpan>& span);
  bool hasWords() const { return !m_words.isEmpty(); }
  /// A place or a time is asked for: rows of which it is not known are left out.
  bool asksForFacts() const { return m_box || m_span; }
  /// Whether a dataset would be left, whatever its place in the tree.
  bool matches(const QModelIndex& source) const;

 protected:
  bool filterAcceptsRow(int row, const QModelIndex& parent) const override;

 private:
  BrowserModel& m_model;
  QStringList m_words;
  std::optional<LonLatBox> m_box;
  std::optional<TimeSpan> m_span;
};

}  // namespace cubeloom
