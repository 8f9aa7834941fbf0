// SPDX-License-Identifier: GPL-3.0-or-later
// The one table of colours, light and dark, and the fonts; every widget takes them from here.
#pragma once

#include <QColor>
#include <QFont>
#include <QObject>
#include <QString>

class QWidget;

namespace cubeloom {

/// Colour tokens (workbench.md section 8).
enum class Token {
  Surface,
  Panel,
  Grid,
  Text,
  Muted,
  Waiting,
  Running,
  Done,
  Paused,
  Failed,
  Read,
  Write,
  Compute,
  Accent,      ///< primary button, selection outline (Running)
  AccentSoft,  ///< selected row
  OnAccent,    ///< text on Accent
  WarningText,
  Canvas,  ///< the canvas's ground, between Surface and Panel
  Card,    ///< the face of a node or card, raised above Canvas
  Hatch,   ///< nodata hatching
};

// Dynamic properties that the style sheet knows (set them before the widget is shown, or use setRole()):
//   QLabel        "role" = "heading" | "muted" | "strong" | "warning" | "error" | "value"
//   QPushButton   "role" = "primary" | "link" | "flat" | "danger"
//   QToolButton   "role" = "flat" | "tab"
//   QFrame        "role" = "card" | "note" | "rule"

/// GUI thread only. One per application (owned by it, reached through theme()).
class Theme : public QObject {
  Q_OBJECT
 public:
  enum class Mode { System, Light, Dark };
  Mode mode() const { return m_mode; }
  void setMode(Mode mode);
  bool isDark() const { return m_dark; }
  /// No blinking cursor, no gliding menus, lists or bars.
  void setReducedMotion(bool reduced);
  bool hasReducedMotion() const { return m_reducedMotion; }
  QColor color(Token token) const;
  /// Up to eight distinct colours for operations and curves, then repeated lighter.
  QColor series(int index) const;
  QFont font(int pixelSize, bool strong = false) const;
  /// Small grey capitals of section headings.
  QFont headingFont() const;
  /// Palette and style sheet of the application.
  void applyToApplication();

 signals:
  void changed();

 private:
  Mode m_mode = Mode::System;
  bool m_dark = false, m_reducedMotion = false;
  int m_cursorFlashMs = 0;  ///< of the system, while ours is another
};

Theme& theme();
/// `widget->setProperty("role", role)` and a fresh look.
void setRole(QWidget* widget, const char* role);
inline QColor color(Token token) { return theme().color(token); }

}  // namespace cubeloom
