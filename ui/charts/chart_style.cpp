// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/charts/chart_style.h"

#include "ui/theme/theme.h"

namespace cubeloom {

ChartStyle themedChartStyle() {
  ChartStyle style;
  style.surface = color(Token::Surface);
  style.grid = color(Token::Grid);
  style.text = color(Token::Text);
  style.muted = color(Token::Muted);
  style.read = color(Token::Read);
  style.compute = color(Token::Compute);
  style.write = color(Token::Write);
  style.failed = color(Token::Failed);
  style.warning = color(Token::WarningText);
  style.small = theme().font(11);
  style.value = theme().font(12, true);
  style.heading = theme().headingFont();
  return style;
}

}  // namespace cubeloom
