// SPDX-License-Identifier: GPL-3.0-or-later
// What a dataset is, on one card: size, cube, what is cheap to read, wavelengths, nodata, CRS, notes, attributes.
#pragma once

#include <QList>
#include <QString>
#include <QWidget>
#include <memory>

#include "engine/access/source.h"
#include "engine/plan/plan.h"

class QFrame;
class QLabel;
class QLineEdit;
class QPushButton;
class QToolButton;

namespace cubeloom {

class CubePicture;
class WavelengthStrip;

/// GUI thread only; shows what it is given.
class DatasetCard : public QWidget {
  Q_OBJECT
 public:
  explicit DatasetCard(QWidget* parent = nullptr);

  /// A ready dataset. `inChain`: an open node of the chain reads it, so that nodata can be assigned.
  void showDataset(const QString& name, const DatasetInfo& info, bool inChain);
  void setReadPlan(std::shared_ptr<const ReadPlan> plan);
  void setShownWavelengths(const QList<double>& nm);
  /// Reading, not answering, unsupported: one line and its reason.
  void showState(const QString& name, const QString& state, const QString& reason, bool isError);

 signals:
  void nodataAssigned(double value);
  void addRequested();

 private:
  void showSpec();
  void showNodata();

  DatasetInfo m_info;
  bool m_inChain = false;
  std::shared_ptr<const ReadPlan> m_plan;
  QLabel *m_title, *m_subtitle, *m_reason;
  QWidget* m_body;
  CubePicture* m_cube;
  QLabel *m_access, *m_range, *m_nodata, *m_notes;
  QWidget *m_spectral, *m_assign;
  WavelengthStrip* m_strip;
  QLineEdit* m_value;
  QPushButton* m_assignButton;
  QPushButton* m_add;
  QToolButton* m_fold;
  QLabel* m_attributes;
};

}  // namespace cubeloom
