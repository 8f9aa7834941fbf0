// SPDX-License-Identifier: GPL-3.0-or-later
// The one time axis and cursor that the timeline and all charts of a run share.
#pragma once

#include <QObject>
#include <QString>
#include <optional>
#include <utility>
#include <vector>

class QKeyEvent;

namespace cubeloom {

/// Seconds since the start of the run. GUI thread only.
class TimeAxis : public QObject {
  Q_OBJECT
 public:
  enum class Mode {
    Whole,   ///< from the start to the expected end
    Follow,  ///< a span of fixed length that ends now
    Held,    ///< stays where the user put it
  };
  using QObject::QObject;

  double lower() const { return m_lower; }
  double upper() const { return m_upper; }
  double now() const { return m_now; }
  Mode mode() const { return m_mode; }
  std::optional<double> cursor() const { return m_cursor; }

  /// A new run: whole view, nothing known.
  void reset(double expectedSeconds);
  /// The run has come to `now` and is expected to end at `expectedEnd` (below `now`: unknown).
  void advance(double now, double expectedEnd);
  /// The run ended at `end`.
  void finish(double end);

  void setRange(double lower, double upper);
  /// `factor` < 1 shows less time; the time `anchor` keeps its place.
  void zoom(double factor, double anchor);
  /// By a share of the visible span.
  void pan(double share);
  void showWhole();
  void setHeld(bool held);
  /// Only this part of the run counts, for all that share the axis: nothing beyond it is shown or summed up. Another verb than zooming,
  /// which shows less and counts all.
  void restrictTo(double from, double to);
  void liftRestriction();
  std::optional<std::pair<double, double>> restriction() const { return m_restriction; }
  void setCursor(std::optional<double> t);
  /// W S zoom, A D pan, Home whole run, Space hold or follow. False: not one of these.
  bool handleKey(const QKeyEvent& event);

 signals:
  void rangeChanged();
  void modeChanged();
  void cursorChanged();
  void restrictionChanged();

 private:
  void apply(double lower, double upper);
  void setMode(Mode mode);

  double m_lower = 0, m_upper = 1, m_now = 0, m_wholeEnd = 1;
  Mode m_mode = Mode::Whole;
  bool m_wasWhole = false;  ///< held by a pause, not moved by the user: letting go shows the whole run again
  std::optional<double> m_cursor;
  std::optional<std::pair<double, double>> m_restriction;
};

/// Round positions within [lower, upper], about `count` of them, and the step between them.
std::pair<std::vector<double>, double> timeTicks(double lower, double upper, int count);
/// "1.9 s", "2:05", "1:02:05"; decimals as `step` needs them.
QString timeLabel(double seconds, double step);

}  // namespace cubeloom
