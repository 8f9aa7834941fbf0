// SPDX-License-Identifier: GPL-3.0-or-later
// The table of colours of both themes, and what follows from it: palette and fonts.
#include "ui/theme/theme.h"

#include <QAbstractItemView>
#include <QApplication>
#include <QFontDatabase>
#include <QPalette>
#include <QPointer>
#include <QProxyStyle>
#include <QStyleFactory>
#include <QWidget>
#include <array>

#include "ui/theme/style_sheet.h"

namespace cubeloom {

namespace {

struct Pair {
  QRgb light, dark;
};

Pair pairOf(Token token) {
  switch (token) {
    case Token::Surface: return {0xFFFFFF, 0x16181C};
    case Token::Panel: return {0xF4F5F7, 0x1F2227};
    case Token::Grid: return {0xD9DCE1, 0x363B43};
    case Token::Text: return {0x1B1E23, 0xE8EAED};
    case Token::Muted: return {0x5B6470, 0x9AA3AF};
    case Token::Waiting: return {0x808B97, 0x6B7480};
    case Token::Running:
    case Token::Read:
    case Token::Accent: return {0x1A56DB, 0x4C9BFF};
    case Token::Done:
    case Token::Compute: return {0x006B4F, 0x2CC79A};
    case Token::Paused: return {0xB87400, 0xE69F00};
    case Token::Failed: return {0xA3160F, 0xFF5C5C};
    case Token::Write: return {0xA64CA6, 0xE08AC8};
    case Token::AccentSoft: return {0xE4ECFD, 0x22324D};
    case Token::OnAccent: return {0xFFFFFF, 0x0B1524};
    case Token::WarningText: return {0x8A5300, 0xF0B030};
    case Token::Canvas: return {0xECEEF1, 0x191C20};
    case Token::Card: return {0xFFFFFF, 0x262A30};
    case Token::Hatch: return {0xDCDEE3, 0x343940};
  }
  return {0, 0};
}

// Neighbours differ in hue and lightness; every one stands out 3:1 from its surface.
constexpr std::array<Pair, 8> kSeries = {{{0xB87400, 0xE69F00},
                                          {0x2477C9, 0x4C9BFF},
                                          {0x006B4F, 0x2CC79A},
                                          {0xA64CA6, 0xE08AC8},
                                          {0xC4420A, 0xFF8552},
                                          {0x3D3A9E, 0x9A96FF},
                                          {0x5F7300, 0xC3D13D},
                                          {0x6B4A32, 0xC9A78C}}};

/// Fusion, whose bars and menus glide only when the user lets them.
class MotionStyle : public QProxyStyle {
 public:
  MotionStyle() : QProxyStyle(QStyleFactory::create(QStringLiteral("Fusion"))) {}
  using QProxyStyle::polish;
  void polish(QWidget* widget) override {
    // Lists are see-through; one that is a window, such as a completer's, has nothing behind it.
    if (widget->isWindow() && qobject_cast<QAbstractItemView*>(widget)) widget->setProperty("role", QStringLiteral("popup"));
    QProxyStyle::polish(widget);
  }
  int styleHint(StyleHint hint, const QStyleOption* option, const QWidget* widget, QStyleHintReturn* data) const override {
    if (hint == SH_Widget_Animation_Duration && theme().hasReducedMotion()) return 0;
    return QProxyStyle::styleHint(hint, option, widget, data);
  }
};

bool systemIsDark() {
  const QPalette ours = QApplication::palette();
  QApplication::setPalette(QPalette());
  const bool dark = QApplication::palette().color(QPalette::Window).lightness() < 128;
  QApplication::setPalette(ours);
  return dark;
}

QString familyName() {
  static const QString family = QFontDatabase::families().contains(QStringLiteral("Inter")) ? QStringLiteral("Inter") : QString();
  return family;
}

QPalette paletteOf(const Theme& t) {
  QPalette p;
  const auto set = [&p](QPalette::ColorRole role, const QColor& c) { p.setColor(QPalette::All, role, c); };
  set(QPalette::Window, t.color(Token::Panel));
  set(QPalette::WindowText, t.color(Token::Text));
  set(QPalette::Base, t.color(Token::Surface));
  set(QPalette::AlternateBase, t.color(Token::Panel));
  set(QPalette::Text, t.color(Token::Text));
  set(QPalette::PlaceholderText, t.color(Token::Muted));
  set(QPalette::Button, t.color(Token::Card));
  set(QPalette::ButtonText, t.color(Token::Text));
  set(QPalette::Highlight, t.color(Token::AccentSoft));
  set(QPalette::HighlightedText, t.color(Token::Text));
  set(QPalette::ToolTipBase, t.color(Token::Card));
  set(QPalette::ToolTipText, t.color(Token::Text));
  set(QPalette::Link, t.color(Token::Accent));
  set(QPalette::Light, t.color(Token::Surface));
  set(QPalette::Mid, t.color(Token::Grid));
  set(QPalette::Dark, t.color(Token::Waiting));
  for (const auto role : {QPalette::WindowText, QPalette::Text, QPalette::ButtonText}) {
    p.setColor(QPalette::Disabled, role, t.color(Token::Waiting));
  }
  return p;
}

}  // namespace

void Theme::setMode(Mode mode) {
  m_mode = mode;
  const bool dark = mode == Mode::Dark || (mode == Mode::System && systemIsDark());
  if (dark == m_dark) return;
  m_dark = dark;
  applyToApplication();
  Q_EMIT changed();
}

void Theme::setReducedMotion(bool reduced) {
  if (reduced == m_reducedMotion) return;
  m_reducedMotion = reduced;
  if (reduced) m_cursorFlashMs = QApplication::cursorFlashTime();
  QApplication::setCursorFlashTime(reduced ? 0 : m_cursorFlashMs);
  for (const Qt::UIEffect effect : {Qt::UI_AnimateMenu, Qt::UI_AnimateCombo, Qt::UI_AnimateTooltip, Qt::UI_FadeMenu, Qt::UI_FadeTooltip})
    if (reduced) QApplication::setEffectEnabled(effect, false);
}

QColor Theme::color(Token token) const {
  const Pair pair = pairOf(token);
  return QColor::fromRgb(m_dark ? pair.dark : pair.light);
}

QColor Theme::series(int index) const {
  const int count = static_cast<int>(kSeries.size());
  const int round = std::max(0, index) / count;
  const Pair& pair = kSeries[static_cast<std::size_t>(std::max(0, index) % count)];
  const QColor base = QColor::fromRgb(m_dark ? pair.dark : pair.light);
  if (round == 0) return base;
  return m_dark ? base.darker(100 + 20 * std::min(round, 3)) : base.lighter(100 + 15 * std::min(round, 3));
}

QFont Theme::font(int pixelSize, bool strong) const {
  QFont font = familyName().isEmpty() ? QFontDatabase::systemFont(QFontDatabase::GeneralFont) : QFont(familyName());
  font.setPixelSize(pixelSize);
  font.setWeight(strong ? QFont::DemiBold : QFont::Normal);
  return font;
}

QFont Theme::headingFont() const {
  QFont heading = font(11, true);
  heading.setCapitalization(QFont::AllUppercase);
  heading.setLetterSpacing(QFont::AbsoluteSpacing, 0.4);
  return heading;
}

void Theme::applyToApplication() {
  if (!qApp->property("hasMotionStyle").toBool()) {
    qApp->setProperty("hasMotionStyle", true);
    QApplication::setStyle(new MotionStyle);
  }
  if (m_mode == Mode::System) m_dark = systemIsDark();
  QApplication::setPalette(paletteOf(*this));
  // A font that is set anew goes through every widget, changed or not.
  if (const QFont general = font(13); QApplication::font() != general) QApplication::setFont(general);
  // Taken off before the new one is put on: Qt then visits every widget once. In place of another sheet it visits each as often as it is
  // deep.
  qApp->setStyleSheet(QString());
  qApp->setStyleSheet(styleSheet(*this));
}

Theme& theme() {
  static QPointer<Theme> instance;
  if (!instance) {
    instance = new Theme;
    instance->setParent(QCoreApplication::instance());
  }
  return *instance;
}

void setRole(QWidget* widget, const char* role) {
  if (widget->property("role").toString() == QLatin1String(role)) return;
  widget->setProperty("role", QString::fromLatin1(role));
  if (qstrcmp(role, "heading") == 0) widget->setFont(theme().headingFont());
  // Not before its first time: the style sheet would then forget a font set afterwards.
  if (!widget->testAttribute(Qt::WA_WState_Polished)) return;
  widget->style()->unpolish(widget);
  widget->style()->polish(widget);
}

}  // namespace cubeloom
