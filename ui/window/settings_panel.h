// SPDX-License-Identifier: GPL-3.0-or-later
// The settings as a window beside the work: every change holds at once, there is no OK.
#pragma once

#include <QDialog>

#include "engine/base/system.h"
#include "ui/window/settings.h"

class QComboBox;
class QFormLayout;

namespace cubeloom {

class SettingsPanel : public QDialog {
  Q_OBJECT
 public:
  SettingsPanel(const SystemFacts& system, QWidget* parent);

 signals:
  /// Saved already.
  void changed(const Settings& settings);

 private:
  void addRunRows(QFormLayout* form, const SystemFacts& system);
  void addLookRows(QFormLayout* form);
  void take();

  Settings m_settings;
};

}  // namespace cubeloom
