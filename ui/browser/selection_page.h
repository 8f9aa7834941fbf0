// SPDX-License-Identifier: GPL-3.0-or-later
// Below the tree when several datasets are selected, or a folder or catalog: what they can become together.
#pragma once

#include <QWidget>

#include "ui/steps/dragged_datasets.h"

class QLabel;
class QVBoxLayout;

namespace cubeloom {

/// GUI thread only.
class SelectionPage : public QWidget {
  Q_OBJECT
 public:
  explicit SelectionPage(QWidget* parent = nullptr);
  void setDatasets(const std::vector<DraggedDataset>& datasets);

 signals:
  void chosen(cubeloom::Together way);

 private:
  QLabel *m_title, *m_names;
  QVBoxLayout* m_ways;
};

}  // namespace cubeloom
