// SPDX-License-Identifier: GPL-3.0-or-later
// Keys and bounds of the settings.
#include "ui/window/settings.h"

#include <QSettings>
#include <algorithm>

#include "engine/base/saved_file.h"
#include "ui/run/session.h"

namespace cubeloom {

Settings loadSettings() {
  const QSettings file;
  Settings settings;
  settings.workers = std::max(0, file.value(QStringLiteral("run/workers")).toInt());
  settings.memoryBytes = std::max<qint64>(0, file.value(QStringLiteral("run/memoryBytes")).toLongLong());
  const int theme = file.value(QStringLiteral("window/theme")).toInt();
  if (theme == static_cast<int>(Theme::Mode::Light) || theme == static_cast<int>(Theme::Mode::Dark))
    settings.theme = static_cast<Theme::Mode>(theme);
  const int scale = file.value(QStringLiteral("window/scalePercent"), 100).toInt();
  if (scale >= kLeastScalePercent && scale <= kMostScalePercent) settings.scalePercent = scale;
  settings.reducedMotion = file.value(QStringLiteral("window/reducedMotion")).toBool();
  return settings;
}

void saveSettings(const Settings& settings) {
  QSettings file;
  file.setValue(QStringLiteral("run/workers"), settings.workers);
  file.setValue(QStringLiteral("run/memoryBytes"), static_cast<qlonglong>(settings.memoryBytes));
  file.setValue(QStringLiteral("window/theme"), static_cast<int>(settings.theme));
  file.setValue(QStringLiteral("window/scalePercent"), settings.scalePercent);
  file.setValue(QStringLiteral("window/reducedMotion"), settings.reducedMotion);
  settleSettings();
}

void settleSettings() {
  QSettings file;
  file.sync();
  flushFolderOf(file.fileName().toStdString());
}

void applyScale(const Settings& settings) {
  bool isNumber = false;
  const QString asked = qEnvironmentVariable("QT_SCALE_FACTOR");
  if (asked.toDouble(&isNumber) * 100 < kLeastScalePercent && isNumber) {
    qInfo("QT_SCALE_FACTOR=%s: Qt paints no whole windows below %d %%, which is taken", qPrintable(asked), kLeastScalePercent);
    qputenv("QT_SCALE_FACTOR", QByteArray::number(kLeastScalePercent / 100.0));
    return;
  }
  if (settings.scalePercent == 100 || !asked.isEmpty()) return;
  qputenv("QT_SCALE_FACTOR", QByteArray::number(settings.scalePercent / 100.0));
}

void applyRunSettings(const Settings& settings, Session& session) {
  const SystemFacts& system = session.system();
  session.setWorkers(settings.workers > 0 ? settings.workers : system.desktopWorkers);
  session.setMemoryBudget(settings.memoryBytes > 0 ? settings.memoryBytes : system.defaultBudgetBytes);
}

}  // namespace cubeloom
