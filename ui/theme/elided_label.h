// SPDX-License-Identifier: GPL-3.0-or-later
// A one-line label that shortens its text to the space it gets and shows all of it as a tooltip.
#pragma once

#include <QLabel>

namespace cubeloom {

class ElidedLabel : public QLabel {
  Q_OBJECT
 public:
  explicit ElidedLabel(QWidget* parent = nullptr, Qt::TextElideMode mode = Qt::ElideRight);
  /// Hides QLabel's: the whole text, plain. `brief` says the same in fewer words where the whole does not fit.
  void setText(const QString& text, const QString& brief = {});
  QString text() const { return m_text; }
  QSize minimumSizeHint() const override;
  QSize sizeHint() const override;

 protected:
  void paintEvent(QPaintEvent* event) override;

 private:
  int roundedWidth() const;

  int m_wide = -1;
  QString m_text, m_brief;
  Qt::TextElideMode m_mode;
};

}  // namespace cubeloom
