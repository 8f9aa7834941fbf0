// SPDX-License-Identifier: GPL-3.0-or-later
// The real window with the engine behind it, in a home folder of its own, for tests that act as a user does.
#pragma once

#include <QTemporaryDir>
#include <QtTest>

#include "app/services/services.h"
#include "engine/io/sample/sample_cube.h"
#include "ui/theme/theme.h"
#include "ui/window/main_window.h"

namespace cubeloom::test {

/// 60 x 72 pixels, 9 bands.
inline Result<std::string> makeSmallSample(const std::string& folder, const std::string& /*file*/ = {}) {
  SyntheticCubeSize size;
  size.lines = 60;
  size.samples = 72;
  size.bands = 9;
  QDir().mkpath(QString::fromStdString(folder));
  return writeSyntheticCube(SyntheticCube(size), folder, kSampleCubeName);
}

/// Before the first use of settings: neither those of the user nor his home are touched.
inline void settleIn(const QTemporaryDir& home) {
  for (const char* name : {"HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME"}) qputenv(name, home.path().toUtf8());
  QCoreApplication::setOrganizationName(QStringLiteral("Cubeloom"));
  QCoreApplication::setApplicationName(QStringLiteral("Cubeloom"));
  theme().setMode(Theme::Mode::Light);
  theme().applyToApplication();
}

}  // namespace cubeloom::test
