// SPDX-License-Identifier: GPL-3.0-or-later
// Takes the canvas's look from the theme.
#include "ui/canvas/canvas_style.h"

#include "ui/theme/theme.h"

namespace cubeloom {

CanvasStyle CanvasStyle::current() {
  const Theme& t = theme();
  CanvasStyle style;
  style.title = t.font(14, true);
  style.longTitle = t.font(12, true);
  style.name = t.font(11);
  style.summary = t.font(11);
  style.longSummary = t.font(10);
  style.size = t.font(12);
  style.size.setWeight(QFont::Medium);
  style.label = t.font(11, true);
  style.simpleTitle = t.font(24, true);
  style.ground = t.color(Token::Canvas);
  style.dot = t.color(Token::Grid);
  style.face = t.color(Token::Card);
  style.border = t.color(Token::Grid);
  style.text = t.color(Token::Text);
  style.muted = t.color(Token::Muted);
  style.accent = t.color(Token::Accent);
  style.waiting = t.color(Token::Waiting);
  style.running = t.color(Token::Running);
  style.done = t.color(Token::Done);
  style.paused = t.color(Token::Paused);
  style.failed = t.color(Token::Failed);
  style.warning = t.color(Token::WarningText);
  style.track = t.isDark() ? t.color(Token::Surface) : t.color(Token::Panel);
  style.wire = t.color(Token::Muted);
  return style;
}

}  // namespace cubeloom
