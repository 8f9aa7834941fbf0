// SPDX-License-Identifier: GPL-3.0-or-later
// What the user has settled for every session: read and written here alone, so that each key has one meaning.
#pragma once

#include <cstdint>

#include "ui/theme/theme.h"

namespace cubeloom {

class Session;

struct Settings {
  int workers = 0;               ///< 0: as recommended
  std::int64_t memoryBytes = 0;  ///< 0: as recommended
  Theme::Mode theme = Theme::Mode::System;
  int scalePercent = 100;  ///< of the whole interface, from the next start on
  bool reducedMotion = false;
  bool operator==(const Settings&) const = default;
};

/// Qt paints windows in pieces where its scale is below 1.
constexpr int kLeastScalePercent = 100, kMostScalePercent = 200;

/// What is out of range in the file reads as its default.
Settings loadSettings();
void saveSettings(const Settings& settings);
/// Sends what has been set to the disk. QSettings replaces its file as a whole; this makes the replacing outlast a power cut, too.
void settleSettings();
/// Before QApplication is made; QT_SCALE_FACTOR in the environment wins.
void applyScale(const Settings& settings);
/// Workers and memory of the session's next run.
void applyRunSettings(const Settings& settings, Session& session);

}  // namespace cubeloom
