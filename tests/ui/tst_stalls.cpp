// SPDX-License-Identifier: GPL-3.0-or-later
// The window answers at all times: no turn of its event loop takes longer than a user notices, whatever goes on behind it.
#include <QSignalSpy>

#include "engine/io/sample/samples.h"
#include "tests/ui/support/desk.h"
#include "tests/ui/support/stall_probe.h"
#include "ui/map/preview_view.h"

using namespace cubeloom;
using namespace cubeloom::test;

namespace {

constexpr int kWaitMs = 60000;
constexpr double kLongestMs = 200;  // workbench.md section 14

/// Turns the event loop, as a waiting user does.
bool waitUntil(const std::function<bool()>& isTrue) { return QTest::qWaitFor(isTrue, kWaitMs); }

}  // namespace

class TestStalls : public QObject {
  Q_OBJECT

  QTemporaryDir m_home;
  std::unique_ptr<MainWindow> m_window;
  std::unique_ptr<StallProbe> m_probe;

  Document& document() { return m_window->document(); }
  bool isQuiet() {
    return !document().isBinding() && !m_window->session().isPlanning() && m_window->session().plan() &&
           !m_window->findChild<PreviewView*>()->scene().isReading();
  }
  void holds(const char* what) {
    const double longest = m_probe->takeLongestMs();
    qInfo("%s: longest turn of the event loop %.0f ms", what, longest);
    QVERIFY2(longest <= kLongestMs, qPrintable(QStringLiteral("%1: %2 ms").arg(QLatin1String(what)).arg(longest)));
  }

 private slots:
  void initTestCase() {
    settleIn(m_home);
    m_window = std::make_unique<MainWindow>(makeServices(), makeSampleOf);
    m_window->resize(1600, 1000);
    m_window->show();
    QVERIFY(QTest::qWaitForWindowExposed(m_window.get()));
    m_probe = std::make_unique<StallProbe>();
  }
  void cleanupTestCase() {
    m_probe.reset();
    m_window.reset();
  }

  void whileTheSampleIsMadeAndOpened() {
    m_window->openSample();
    QVERIFY(waitUntil([this] { return document().chain().nodes.size() == 4; }));
    holds("making the sample");
    QVERIFY(waitUntil([this] { return isQuiet() && m_window->findChild<PreviewView*>()->scene().side(0).fine; }));
    holds("opening the sample with its preview");
  }

  void whileLookingAtEveryStep() {
    for (const char* node : {"cube", "order", "grid", "out"}) {
      document().setSelection({QLatin1String(node)});
      document().setViewedNode(QLatin1String(node));
      QVERIFY(waitUntil([this] { return m_window->findChild<PreviewView*>()->scene().side(0).fine && isQuiet(); }));
      holds(node);
    }
  }

  void whileParametersAreTyped() {
    document().setSelection({QStringLiteral("grid")});
    for (const int metres : {40, 30, 20, 25}) {
      document().setParam(QStringLiteral("grid"), QStringLiteral("resolution"), metres);
      QTest::qWait(60);
    }
    QVERIFY(waitUntil([this] { return isQuiet(); }));
    holds("typing a parameter");
  }

  void whileItRuns() {
    QSignalSpy finished(&m_window->session(), &Session::runFinished);
    m_window->session().start({}, true);
    QVERIFY(waitUntil([&] { return finished.count() == 1; }));
    QCOMPARE(runStatusName(m_window->session().report()->status), runStatusName(RunStatus::Finished));
    holds("a run");
    QTest::qWait(300);
    holds("after a run");
  }

  void whileTheThemeChanges() {
    theme().setMode(Theme::Mode::Dark);
    QTest::qWait(50);
    qInfo("changing the theme: %.0f ms", m_probe->takeLongestMs());
    theme().setMode(Theme::Mode::Light);
    QTest::qWait(50);
    holds("changing the theme");
  }
};

QTEST_MAIN(TestStalls)
#include "tst_stalls.moc"
