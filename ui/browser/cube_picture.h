// SPDX-License-Identifier: GPL-3.0-or-later
// The drawn cube of a dataset: its sides, its storage unit, and the lines that the open chain will read.
#pragma once

#include <QWidget>
#include <memory>

#include "engine/array/array_spec.h"
#include "engine/plan/plan.h"

namespace cubeloom {

/// GUI thread only.
class CubePicture : public QWidget {
  Q_OBJECT
 public:
  explicit CubePicture(QWidget* parent = nullptr);
  /// `plan` may be null: then nothing is marked.
  void setCube(const ArraySpec& spec, std::shared_ptr<const ReadPlan> plan);
  QSize sizeHint() const override { return {250, 160}; }

 protected:
  void paintEvent(QPaintEvent*) override;

 private:
  void drawBox(QPainter& painter, const QRectF& front, double depth) const;
  void drawTouched(QPainter& painter, const QRectF& front) const;

  ArraySpec m_spec;
  std::shared_ptr<const ReadPlan> m_plan;
};

/// Bytes of one storage unit of `spec`, with its noun: "22.3 MiB a line".
QString storageUnitText(const ArraySpec& spec);

}  // namespace cubeloom
