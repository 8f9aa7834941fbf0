// SPDX-License-Identifier: GPL-3.0-or-later
// The searchable list of steps that Tab opens at the cursor.
#pragma once

#include <QFrame>
#include <functional>
#include <memory>

#include "engine/op/operation.h"

class QLabel;
class QLineEdit;
class QListWidget;

namespace cubeloom {

/// A popup. Arrow keys and Enter choose while typing; Esc closes; an entry can be dragged onto the canvas.
class AddList : public QFrame {
  Q_OBJECT
 public:
  explicit AddList(std::shared_ptr<const Registry> registry, QWidget* parent = nullptr);
  /// Shows what `accepts` lets through (all when empty), with `hint` below.
  void popup(QPoint globalPos, const QString& hint, std::function<bool(const Declaration&)> accepts = {});

 signals:
  void chosen(const QString& operation);
  void closed();

 protected:
  bool eventFilter(QObject* watched, QEvent* event) override;
  void hideEvent(QHideEvent* event) override;

 private:
  void fill();
  void choose();
  void startDrag();

  std::shared_ptr<const Registry> m_registry;
  std::function<bool(const Declaration&)> m_accepts;
  QLineEdit* m_search;
  QListWidget* m_list;
  QLabel* m_hint;
  QString m_place;  ///< where the chosen step goes, in words
  QPoint m_pressed;
};

}  // namespace cubeloom
