// SPDX-License-Identifier: GPL-3.0-or-later
// How controls look: flat, one-pixel borders, four-pixel corners, one accent. `@name` stands for a colour token.
// Images are PNG: those of a style sheet are read by plugins, and the one for SVG is not everywhere where Qt is.
#include "ui/theme/style_sheet.h"

#include <utility>

#include "ui/theme/theme.h"

namespace cubeloom {

namespace {

const char* const kControls = R"(
QMainWindow, QDialog { background: @panel; }
QMainWindow::separator { background: @grid; width: 1px; height: 1px; }
QMainWindow::separator:hover { background: @accent; }
QToolTip { background: @card; color: @text; border: 1px solid @grid; padding: 4px 6px; }

QMenuBar { background: @panel; padding: 2px 6px; }
QMenuBar::item { padding: 4px 10px; background: transparent; border-radius: 4px; }
QMenuBar::item:selected { background: @soft; }
QMenu { background: @card; border: 1px solid @grid; padding: 4px; }
QMenu::item { padding: 5px 26px 5px 22px; border-radius: 4px; }
QMenu::item:selected { background: @soft; color: @text; }
QMenu::item:disabled { color: @waiting; }
QMenu::separator { height: 1px; background: @grid; margin: 4px 6px; }
QMenu::indicator { width: 12px; height: 12px; left: 5px; }
QMenu::indicator:checked { image: url(:/icons/mark-check.png); }

QPushButton, QToolButton { background: @card; border: 1px solid @grid; border-radius: 4px; padding: 0 10px; min-height: 24px; color: @text; }
QToolButton { padding: 0 5px; min-width: 14px; }
QPushButton:hover, QToolButton:hover { border-color: @waiting; }
QPushButton:pressed, QToolButton:pressed, QToolButton:checked { background: @soft; }
QPushButton:focus, QToolButton:focus { border: 1px solid @accent; }
QPushButton:disabled, QToolButton:disabled { color: @waiting; background: @panel; }
QToolButton::menu-indicator, QPushButton::menu-indicator { image: url(:/icons/arrow-down.png); width: 10px; subcontrol-position: right center; right: 5px; }
QPushButton[role="primary"] { background: @accent; color: @onAccent; border: 1px solid @accent; font-weight: 600; padding: 0 14px; }
QPushButton[role="primary"]:hover { background: @accentHover; }
QPushButton[role="primary"]:focus { border: 2px solid @text; }
QPushButton[role="primary"]:disabled { background: @grid; border-color: @grid; color: @muted; }
QPushButton[role="danger"] { color: @failed; border-color: @failed; }
QPushButton[role="link"] { background: transparent; border: 1px solid transparent; color: @accent; font-weight: 600; padding: 0 2px; text-align: left; }
QPushButton[role="link"]:hover { text-decoration: underline; }
QPushButton[role="link"]:focus, QPushButton[role="flat"]:focus, QToolButton[role="flat"]:focus { border: 1px solid @accent; }
QPushButton[role="flat"], QToolButton[role="flat"] { background: transparent; border: 1px solid transparent; }
QPushButton[role="flat"]:hover, QToolButton[role="flat"]:hover { background: @soft; }
QToolButton[role="tab"] { background: transparent; border: none; border-bottom: 2px solid transparent; border-radius: 0; padding: 0 2px; min-height: 22px; }
QToolButton[role="tab"]:checked { color: @accent; border-bottom: 2px solid @accent; font-weight: 600; }
QToolButton[role="tab"]:focus { border: 1px solid @accent; }

QLineEdit, QComboBox, QAbstractSpinBox, QPlainTextEdit, QTextEdit, QTextBrowser { background: @surface; border: 1px solid @grid; border-radius: 4px; color: @text; selection-background-color: @accent; selection-color: @onAccent; }
QLineEdit, QComboBox, QAbstractSpinBox { min-height: 26px; padding: 0 8px; }
QLineEdit:hover, QComboBox:hover, QAbstractSpinBox:hover { border-color: @waiting; }
QLineEdit:focus, QComboBox:focus, QAbstractSpinBox:focus, QPlainTextEdit:focus, QTextEdit:focus { border-color: @accent; }
QLineEdit[invalid="true"], QComboBox[invalid="true"], QAbstractSpinBox[invalid="true"], QPlainTextEdit[invalid="true"] { border: 2px solid @failed; }
QLineEdit:disabled, QComboBox:disabled, QAbstractSpinBox:disabled { color: @waiting; background: @panel; }
QComboBox::drop-down { border: none; width: 20px; }
QComboBox::down-arrow { image: url(:/icons/arrow-down.png); width: 10px; height: 10px; }
QComboBox QAbstractItemView { background: @card; border: 1px solid @grid; outline: none; selection-background-color: @soft; selection-color: @text; }
QComboBox QAbstractItemView::item { min-height: 24px; padding: 0 6px; }
QComboBox QLineEdit { border: none; padding: 0; min-height: 20px; background: transparent; }
QAbstractSpinBox::up-button, QAbstractSpinBox::down-button { border: none; width: 18px; background: transparent; }
QAbstractSpinBox::up-button { subcontrol-origin: border; subcontrol-position: top right; }
QAbstractSpinBox::down-button { subcontrol-origin: border; subcontrol-position: bottom right; }
QAbstractSpinBox::up-arrow { image: url(:/icons/arrow-up.png); width: 8px; height: 8px; }
QAbstractSpinBox::down-arrow { image: url(:/icons/arrow-down.png); width: 8px; height: 8px; }
QAbstractSpinBox QLineEdit, QAbstractSpinBox QLineEdit:focus { border: none; padding: 0; min-height: 0; }

QCheckBox, QRadioButton { spacing: 8px; min-height: 24px; }
QCheckBox::indicator, QRadioButton::indicator, QListView::indicator { width: 14px; height: 14px; border: 1px solid @waiting; background: @surface; border-radius: 3px; }
QRadioButton::indicator { border-radius: 8px; }
QCheckBox::indicator:checked, QListView::indicator:checked { background: @accent; border-color: @accent; image: url(:/icons/check-on-accent@scheme.png); }
QRadioButton::indicator:checked { background: @accent; border: 4px solid @surface; outline: 1px solid @accent; }
QCheckBox::indicator:focus, QRadioButton::indicator:focus { border-color: @accent; }
QSlider::groove:horizontal { height: 4px; background: @grid; border-radius: 2px; }
QSlider::sub-page:horizontal { background: @accent; border-radius: 2px; }
QSlider::handle:horizontal { width: 14px; height: 14px; margin: -5px 0; border-radius: 7px; background: @accent; border: 2px solid @surface; }
QProgressBar { background: @surface; border: 1px solid @grid; border-radius: 3px; height: 5px; text-align: center; }
QProgressBar::chunk { background: @accent; border-radius: 2px; }
)";

const char* const kViews = R"(
QLabel { background: transparent; }
QLabel[role="heading"] { color: @muted; font-size: 11px; font-weight: 600; }
QLabel[role="muted"] { color: @muted; }
QLabel[role="strong"] { font-weight: 600; }
QLabel[role="value"] { font-weight: 500; }
QLabel[role="warning"] { color: @warning; font-weight: 600; }
QLabel[role="error"] { color: @failed; }
QFrame[role="card"] { background: @card; border: 1px solid @grid; border-radius: 4px; }
QFrame[role="note"] { background: @soft; border: none; border-radius: 6px; }
QFrame[role="rule"] { background: @grid; border: none; max-height: 1px; min-height: 1px; }
QFrame[role="bar"] { background: @surface; border: none; border-bottom: 1px solid @grid; }

QTreeView, QListView, QTableView { background: transparent; border: none; outline: none; alternate-background-color: @panel; selection-background-color: @soft; selection-color: @text; show-decoration-selected: 1; }
QTreeView::item, QListView::item { min-height: 24px; border: none; }
QTreeView::item:selected, QListView::item:selected, QTableView::item:selected { background: @soft; color: @text; }
QTreeView::item:hover:!selected, QListView::item:hover:!selected { background: @hover; }
QTreeView::branch { background: transparent; }
QTreeView::branch:selected { background: @soft; }
QTreeView::branch:has-children:closed { image: url(:/icons/arrow-right.png); }
QTreeView::branch:has-children:open { image: url(:/icons/arrow-down.png); }
QTreeView:focus, QListView:focus, QTableView:focus, QTextBrowser:focus { border: 1px solid @accent; }
QListView[role="popup"], QTreeView[role="popup"] { background: @card; border: 1px solid @grid; color: @text; }
QHeaderView::section { background: @panel; color: @muted; border: none; border-bottom: 1px solid @grid; padding: 4px 8px; font-size: 11px; font-weight: 600; }
QTableView { gridline-color: @grid; }
QAbstractScrollArea::corner { background: transparent; border: none; }
QScrollArea, QScrollArea > QWidget > QWidget { background: transparent; border: none; }
QGraphicsView { border: none; }

QTabBar::tab { background: transparent; color: @text; padding: 4px 2px; margin-right: 18px; border-bottom: 2px solid transparent; }
QTabBar::tab:selected { color: @accent; border-bottom: 2px solid @accent; font-weight: 600; }
QTabBar::tab:hover:!selected { border-bottom: 2px solid @grid; }
QTabWidget::pane { border: none; }
QTabBar { qproperty-drawBase: 0; }

QDockWidget { titlebar-close-icon: none; titlebar-normal-icon: none; }
QDockWidget > QWidget { background: @panel; }
QToolBar { background: @surface; border: none; padding: 0; margin: 0; spacing: 0; }
QStatusBar { background: @surface; border-top: 1px solid @grid; }
QStatusBar::item { border: none; }
QSplitter::handle { background: @grid; }

QScrollBar:vertical { background: transparent; width: 10px; margin: 0; }
QScrollBar:horizontal { background: transparent; height: 10px; margin: 0; }
QScrollBar::handle { background: @scroll; border-radius: 3px; margin: 2px; min-height: 24px; min-width: 24px; }
QScrollBar::handle:hover { background: @waiting; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
)";

QColor mixed(const QColor& a, const QColor& b, double t) {
  return QColor::fromRgbF(static_cast<float>(a.redF() * (1 - t) + b.redF() * t), static_cast<float>(a.greenF() * (1 - t) + b.greenF() * t),
                          static_cast<float>(a.blueF() * (1 - t) + b.blueF() * t));
}

}  // namespace

QString styleSheet(const Theme& theme) {
  const QColor panel = theme.color(Token::Panel), text = theme.color(Token::Text), grid = theme.color(Token::Grid);
  // Longer names first: "@accentHover" must not be taken for "@accent".
  const std::pair<const char*, QColor> names[] = {
      {"@accentHover", mixed(theme.color(Token::Accent), text, 0.15)},
      {"@onAccent", theme.color(Token::OnAccent)},
      {"@accent", theme.color(Token::Accent)},
      {"@surface", theme.color(Token::Surface)},
      {"@panel", panel},
      {"@grid", grid},
      {"@text", text},
      {"@muted", theme.color(Token::Muted)},
      {"@waiting", theme.color(Token::Waiting)},
      {"@failed", theme.color(Token::Failed)},
      {"@warning", theme.color(Token::WarningText)},
      {"@soft", theme.color(Token::AccentSoft)},
      {"@card", theme.color(Token::Card)},
      {"@hover", mixed(panel, text, 0.06)},
      {"@scroll", mixed(grid, text, 0.15)},
  };
  QString sheet = QString::fromLatin1(kControls) + QString::fromLatin1(kViews);
  sheet.replace(QLatin1String("@scheme"), theme.isDark() ? QLatin1String("-dark") : QLatin1String("-light"));
  for (const auto& [name, value] : names) sheet.replace(QLatin1String(name), value.name());
  return sheet;
}

}  // namespace cubeloom
