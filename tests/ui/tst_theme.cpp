// SPDX-License-Identifier: GPL-3.0-or-later
// The colours can be read and told apart: contrast after WCAG 2, differences after CIE76, colour vision after Machado et al. 2009
// (doi:10.1109/TVCG.2009.113, severity 1.0, applied to linear sRGB).
#include <QAbstractItemView>
#include <QApplication>
#include <QComboBox>
#include <QCompleter>
#include <QFile>
#include <QLabel>
#include <QLineEdit>
#include <QtTest>
#include <array>
#include <cmath>

#include "ui/theme/icons.h"
#include "ui/theme/theme.h"

using namespace cubeloom;

namespace {

using Vector = std::array<double, 3>;
using Matrix = std::array<Vector, 3>;

struct Vision {
  const char* name;
  Matrix matrix;
};

const std::array<Vision, 4> kVisions = {{
    {"normal", {{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}}},
    {"protan", {{{0.152286, 1.052583, -0.204868}, {0.114503, 0.786281, 0.099216}, {-0.003882, -0.048116, 1.051998}}}},
    {"deutan", {{{0.367322, 0.860646, -0.227968}, {0.280085, 0.672501, 0.047413}, {-0.011820, 0.042940, 0.968881}}}},
    {"tritan", {{{1.255528, -0.076749, -0.178779}, {-0.078411, 0.930809, 0.147602}, {0.004733, 0.691367, 0.303900}}}},
}};

double linear(double c) { return c <= 0.04045 ? c / 12.92 : std::pow((c + 0.055) / 1.055, 2.4); }

Vector linearOf(const QColor& c) { return {linear(c.red() / 255.0), linear(c.green() / 255.0), linear(c.blue() / 255.0)}; }

Vector times(const Matrix& m, const Vector& v) {
  Vector out{};
  for (std::size_t i = 0; i < 3; ++i) out[i] = std::clamp(m[i][0] * v[0] + m[i][1] * v[1] + m[i][2] * v[2], 0.0, 1.0);
  return out;
}

double luminance(const Vector& v) { return 0.2126 * v[0] + 0.7152 * v[1] + 0.0722 * v[2]; }

double contrast(const QColor& a, const QColor& b) {
  const double la = luminance(linearOf(a)), lb = luminance(linearOf(b));
  return (std::max(la, lb) + 0.05) / (std::min(la, lb) + 0.05);
}

/// CIE L*a*b* (D65) of linear sRGB.
Vector lab(const Vector& v) {
  const auto f = [](double t) { return t > 216.0 / 24389 ? std::cbrt(t) : (24389.0 / 27 * t + 16) / 116; };
  const double x = f((0.4124564 * v[0] + 0.3575761 * v[1] + 0.1804375 * v[2]) / 0.95047);
  const double y = f(0.2126729 * v[0] + 0.7151522 * v[1] + 0.0721750 * v[2]);
  const double z = f((0.0193339 * v[0] + 0.1191920 * v[1] + 0.9503041 * v[2]) / 1.08883);
  return {116 * y - 16, 500 * (x - y), 200 * (y - z)};
}

double difference(const QColor& a, const QColor& b, const Vision& vision) {
  const Vector la = lab(times(vision.matrix, linearOf(a))), lb = lab(times(vision.matrix, linearOf(b)));
  return std::hypot(la[0] - lb[0], la[1] - lb[1], la[2] - lb[2]);
}

const std::vector<std::pair<const char*, Token>> kStates = {
    {"waiting", Token::Waiting}, {"running", Token::Running}, {"done", Token::Done}, {"paused", Token::Paused}, {"failed", Token::Failed}};

}  // namespace

class TestTheme : public QObject {
  Q_OBJECT

 private:
  void eachMode() {
    QTest::addColumn<int>("mode");
    QTest::addColumn<double>("leastDifference");
    QTest::newRow("light") << static_cast<int>(Theme::Mode::Light) << 20.7;
    QTest::newRow("dark") << static_cast<int>(Theme::Mode::Dark) << 17.4;
  }
  void useMode() {
    QFETCH(int, mode);
    theme().setMode(static_cast<Theme::Mode>(mode));
  }

 private slots:
  void initTestCase() { theme().applyToApplication(); }

  void marksStandOut_data() { eachMode(); }
  void marksStandOut() {
    useMode();
    for (const Token ground : {Token::Surface, Token::Panel}) {
      for (const Token mark : {Token::Waiting, Token::Running, Token::Done, Token::Paused, Token::Failed, Token::Read, Token::Write,
                               Token::Compute, Token::Accent}) {
        const double ratio = contrast(color(mark), color(ground));
        QVERIFY2(ratio >= 3.0, qPrintable(QStringLiteral("%1 on %2: %3").arg(color(mark).name(), color(ground).name()).arg(ratio)));
      }
    }
    for (int i = 0; i < 8; ++i) {
      const double ratio = contrast(theme().series(i), color(Token::Surface));
      QVERIFY2(ratio >= 3.0, qPrintable(QStringLiteral("series %1: %2").arg(i).arg(ratio)));
    }
  }

  void textCanBeRead_data() { eachMode(); }
  void textCanBeRead() {
    useMode();
    for (const Token ground : {Token::Surface, Token::Panel, Token::Card}) {
      for (const Token text : {Token::Text, Token::Muted, Token::WarningText}) {
        const double ratio = contrast(color(text), color(ground));
        QVERIFY2(ratio >= 5.495, qPrintable(QStringLiteral("%1 on %2: %3").arg(color(text).name(), color(ground).name()).arg(ratio)));
      }
    }
    QVERIFY(contrast(color(Token::OnAccent), color(Token::Accent)) >= 5.5);
    QVERIFY(contrast(color(Token::Text), color(Token::AccentSoft)) >= 5.5);
    QVERIFY(contrast(color(Token::Text), color(Token::Canvas)) >= 5.5);
  }

  void statesAreToldApart_data() { eachMode(); }
  void statesAreToldApart() {
    useMode();
    QFETCH(double, leastDifference);
    for (const Vision& vision : kVisions) {
      for (std::size_t a = 0; a < kStates.size(); ++a) {
        for (std::size_t b = a + 1; b < kStates.size(); ++b) {
          const double found = difference(color(kStates[a].second), color(kStates[b].second), vision);
          QVERIFY2(found >= leastDifference,
                   qPrintable(QStringLiteral("%1 and %2 under %3: %4")
                                  .arg(QLatin1String(kStates[a].first), QLatin1String(kStates[b].first), QLatin1String(vision.name))
                                  .arg(found)));
        }
      }
    }
  }

  void neighboursOfTheSeriesDiffer_data() { eachMode(); }
  void neighboursOfTheSeriesDiffer() {
    useMode();
    for (int i = 0; i < 8; ++i) {
      for (const Vision& vision : kVisions) {
        const double found = difference(theme().series(i), theme().series((i + 1) % 8), vision);
        QVERIFY2(found >= 12.0,
                 qPrintable(QStringLiteral("%1 and %2 under %3: %4").arg(i).arg(i + 1).arg(QLatin1String(vision.name)).arg(found)));
      }
    }
    QVERIFY(theme().series(8) != theme().series(0));
  }

  void changingTheModeIsAnnouncedOnce() {
    theme().setMode(Theme::Mode::Light);
    QSignalSpy changes(&theme(), &Theme::changed);
    theme().setMode(Theme::Mode::Dark);
    QCOMPARE(changes.count(), 1);
    QVERIFY(theme().isDark());
    QCOMPARE(QApplication::palette().color(QPalette::Window), color(Token::Panel));
    theme().setMode(Theme::Mode::Dark);
    QCOMPARE(changes.count(), 1);
  }

  void theStyleSheetNamesNoUnknownColour() {
    for (const auto mode : {Theme::Mode::Light, Theme::Mode::Dark}) {
      theme().setMode(mode);
      const QString sheet = qApp->styleSheet();
      QVERIFY(sheet.size() > 1000);
      QVERIFY2(!sheet.contains(QLatin1Char('@')), qPrintable(sheet.mid(sheet.indexOf(QLatin1Char('@')), 40)));
    }
  }

  void everyPictureOfTheStyleSheetExists() {
    QVERIFY(!icon("eye").isNull());  // brings the resources in
    const QRegularExpression url(QStringLiteral("url\\(([^)]*)\\)"));
    for (const auto mode : {Theme::Mode::Light, Theme::Mode::Dark}) {
      theme().setMode(mode);
      auto found = url.globalMatch(qApp->styleSheet());
      QVERIFY(found.hasNext());
      while (found.hasNext()) {
        const QString path = found.next().captured(1);
        QVERIFY2(QFile::exists(path), qPrintable(path));
        // Of what Qt reads without a plugin of its own: a system may have Qt and no reader of SVG.
        QVERIFY2(path.endsWith(QLatin1String(".png")) && !QImage(path).isNull(), qPrintable(path));
      }
    }
  }

  void listsHaveTheirArrow_data() { eachMode(); }
  void listsHaveTheirArrow() {
    useMode();
    QComboBox box;
    box.addItem(QStringLiteral("nearest"));
    box.resize(200, 30);
    const QImage shown = box.grab().toImage();
    int marked = 0;
    for (int x = 176; x < 196; ++x)
      for (int y = 8; y < 22; ++y) marked += shown.pixelColor(x, y) != color(Token::Surface) ? 1 : 0;
    QVERIFY2(marked > 10, qPrintable(QString::number(marked)));
  }

  void iconsTakeTheColourOfTheTheme() {
    theme().setMode(Theme::Mode::Light);
    const QImage picture = iconPixmap("stop", Token::Failed, 16, 2).toImage();
    QCOMPARE(picture.size(), QSize(32, 32));
    QCOMPARE(picture.pixelColor(16, 16), color(Token::Failed));
    QCOMPARE(picture.pixelColor(0, 0).alpha(), 0);
    QVERIFY(iconPixmap("no such icon", Token::Text, 16, 1).isNull());
  }

  /// A list that is a window, as a file dialog's completer, has a ground of its own: see-through it would be white or black.
  void listsThatAreWindowsHaveAGround_data() { eachMode(); }
  void listsThatAreWindowsHaveAGround() {
    useMode();
    QLineEdit line;
    QCompleter completer(QStringList{"alpha.hdr", "alphabet.tif"});
    line.setCompleter(&completer);
    line.resize(300, 30);
    line.show();
    QVERIFY(QTest::qWaitForWindowExposed(&line));
    line.setText("al");
    completer.complete();
    QTRY_VERIFY(completer.popup()->isVisible());
    const QImage shown = completer.popup()->grab().toImage();
    QCOMPARE(shown.pixelColor(shown.width() - 20, 8), color(Token::Card));
    completer.popup()->hide();
  }

  void rolesChangeTheLook() {
    theme().setMode(Theme::Mode::Light);
    QLabel label(QStringLiteral("text"));
    setRole(&label, "muted");
    label.ensurePolished();
    QCOMPARE(label.palette().color(QPalette::WindowText), color(Token::Muted));
    setRole(&label, "error");
    QCOMPARE(label.palette().color(QPalette::WindowText), color(Token::Failed));
  }
};

QTEST_MAIN(TestTheme)
#include "tst_theme.moc"
