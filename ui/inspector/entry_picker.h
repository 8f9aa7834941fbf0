// SPDX-License-Identifier: GPL-3.0-or-later
// Entries of a dim to be ticked: dates, bands, wavelengths; the latter also by a drag on a spectrum.
#pragma once

#include <QFrame>
#include <functional>
#include <vector>

#include "engine/array/array_spec.h"
#include "ui/inspector/param_editor.h"

class QCheckBox;
class QLabel;
class QLineEdit;
class QListWidget;

namespace cubeloom {

class SpectrumRange;

/// The shortest text of a selection that takes these entries (sorted): of positions "0:10,12", of values "400:700" or
/// "2022-02-24,2022-03-08". All of them: empty. One entry alone is written so that the dim goes, or stays.
QString selectionOf(const Dim& dim, const std::vector<std::int64_t>& entries, bool byPosition, bool keepsDim);

/// A popup; each tick is told at once.
class EntryPicker : public QFrame {
  Q_OBJECT
 public:
  EntryPicker(const Dim& dim, bool byPosition, const QString& selection, const EditorContext& context, QWidget* parent);
  /// So many entries are listed at most.
  static constexpr std::int64_t kMostEntries = 5000;
  static bool isFor(const ArraySpec& spec, int dim);

 signals:
  void chosen(const QString& selection);

 protected:
  void keyPressEvent(QKeyEvent* event) override;

 private:
  void tick(const std::function<bool(int)>& wanted);
  void showFirst();
  void filter(const QString& text);
  void report();
  void showCount();
  std::vector<std::int64_t> ticked() const;

  Dim m_dim;
  bool m_byPosition;
  QLineEdit* m_search;
  QListWidget* m_list;
  QLabel* m_count;
  QCheckBox* m_keeps;
  SpectrumRange* m_spectrum = nullptr;
};

}  // namespace cubeloom
