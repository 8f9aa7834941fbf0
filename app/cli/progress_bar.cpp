// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/progress_bar.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cmath>
#include <iostream>

#include "engine/base/text.h"

namespace cubeloom::cli {
namespace {

/// "2-3 s left", "12-15 min left".
std::string remaining(const Snapshot& s) {
  if (!s.etaSeconds) return {};
  const auto [low, high] = *s.etaSeconds;
  const double unit = high < 90 ? 1 : 60;
  const auto from = std::max(1LL, std::llround(low / unit)), to = std::max(1LL, std::llround(high / unit));
  const std::string range = from == to ? std::to_string(to) : std::to_string(from) + "–" + std::to_string(to);
  return " · " + range + (unit == 1 ? " s left" : " min left");
}

}  // namespace

void ProgressBar::show(const Snapshot& s) {
  if (!m_enabled) return;
  constexpr int kCells = 30;
  const int full = static_cast<int>(s.fraction * kCells);
  std::string cells;
  for (int i = 0; i < kCells; ++i) cells += i < full ? "█" : "░";
  const auto percent = static_cast<int>(std::floor(s.fraction * 100));
  std::cerr << "\r\033[K" << cells << " " << percent << " % · " << formatDuration(s.t) << remaining(s) << " · read "
            << formatSize(s.meanReadBytesPerSecond) << "/s · " << formatSize(s.rssBytes) << std::flush;
  m_drawn = true;
}

void ProgressBar::finish(const Snapshot& s) {
  if (!m_enabled || !m_drawn) return;
  show(s);
  std::cerr << "\n";
}

}  // namespace cubeloom::cli
