// SPDX-License-Identifier: GPL-3.0-or-later
// The monitor as a user meets it: empty, running, held, finished, failed, collapsed.
#include <QAbstractItemModelTester>
#include <QLabel>
#include <QSignalSpy>
#include <QToolButton>
#include <QtTest>
#include <ctime>

#include "ui/monitor/chunk_map.h"
#include "ui/monitor/error_card.h"
#include "ui/monitor/log_view.h"
#include "ui/monitor/monitor_panel.h"
#include "ui/monitor/progress_list.h"
#include "ui/monitor/run_charts.h"
#include "ui/theme/theme.h"

using namespace cubeloom;

namespace {

constexpr double kMiB = 1024 * 1024;
constexpr double kMostMsALook = 2.5;  // 1 on a machine of its own; a slower one that does other things, too, gets room

RunFacts facts(std::int64_t chunks = 10) {
  RunFacts facts;
  facts.nodes = QStringList{"cube", "order", "out"};
  facts.stages = {{"out", chunks}};
  facts.workers = 2;
  facts.cores = 4;
  facts.budgetBytes = 1024 * kMiB;
  facts.predictedPeakBytes = 200 * kMiB;
  facts.plannedReadBytes = 100 * kMiB;
  return facts;
}

void feed(RunHistory& history, int from, int to) {
  for (int i = from; i < to; ++i) {
    Snapshot s;
    s.t = 0.1 * (i + 1);
    s.fraction = 0.1 * (i + 1);
    s.workers = 2;
    s.rssBytes = (150 + i) * kMiB;
    s.poolBytes = 60 * kMiB;
    s.cpuCores = 1.5;
    s.readBytesPerSecond = 50 * kMiB;
    s.nodes = {{"cube", "open", i + 1, 10, (i + 1) * 10 * kMiB, 0, 0, false},
               {"order", "transpose", i + 1, 10, 0, 0, 0, true},
               {"out", "write", i + 1, 10, 0, (i + 1) * 2 * kMiB, 0, false}};
    ChunkEvent read;
    read.node = 0;
    read.index = i;
    read.start = 0.1 * i;
    read.end = 0.1 * i + 0.05;
    read.phase = ChunkState::Reading;
    ChunkEvent done = read;
    done.node = 2;
    done.phase = ChunkState::Done;
    history.take(s, std::vector{read, done});
  }
}

RunReport report(RunStatus status) {
  RunReport r;
  r.status = status;
  r.wallSeconds = 1;
  r.chunksTotal = 10;
  r.chunksDone = status == RunStatus::Finished ? 10 : 5;
  r.bytesRead = 100 * kMiB;
  return r;
}

QToolButton* tab(MonitorPanel& panel, const QString& text) {
  for (QToolButton* button : panel.findChildren<QToolButton*>()) {
    if (button->text() == text) return button;
  }
  return nullptr;
}

}  // namespace

class TestMonitor : public QObject {
  Q_OBJECT
 private slots:
  void initTestCase() { theme().applyToApplication(); }

  void emptyUntilTheFirstRun() {
    RunHistory history;
    MonitorPanel panel(history);
    panel.resize(1400, MonitorPanel::kExpandedHeight);
    panel.show();
    QVERIFY(!panel.findChild<ProgressList*>()->isVisible());
    QVERIFY(panel.headlineText().isEmpty());
    history.begin(facts());
    QVERIFY(panel.findChild<ProgressList*>()->isVisible());
    QVERIFY(panel.charts().memory()->isVisible() && panel.charts().timeline()->isVisible() && panel.charts().io()->isVisible());
  }

  void showsTheRun() {
    RunHistory history;
    MonitorPanel panel(history);
    panel.resize(1400, MonitorPanel::kExpandedHeight);
    panel.show();
    history.begin(facts());
    feed(history, 0, 6);
    QTRY_COMPARE(panel.headlineText(), QString("0:00.6 elapsed · 60 % of 100 MiB"));
    QCOMPARE(panel.charts().memory()->readout(), QString("155 MiB now · 155 peak"));
    QCOMPARE(panel.charts().cpu()->readout(), QString("1.5 of 4 cores"));
    QCOMPARE(panel.charts().io()->readout(), QString("read 50 · write 0 MiB/s"));
    const auto* progress = panel.findChild<ProgressList*>();
    QCOMPARE(progress->flowText(0), QString("60.0 MiB read"));
    QCOMPARE(progress->flowText(1), QString("view"));
    QCOMPARE(progress->flowText(2), QString("12.0 MiB"));
    panel.charts().axis().setCursor(0.25);  // the shared cursor reads all charts at that time
    QCOMPARE(panel.charts().memory()->readout(), QString("0.25 s: 151 MiB"));
    panel.charts().axis().setCursor(std::nullopt);
    QCOMPARE(panel.charts().memory()->readout(), QString("155 MiB now · 155 peak"));
  }

  void tabsEnlargeOneChart() {
    RunHistory history;
    MonitorPanel panel(history);
    panel.resize(1400, 300);
    panel.show();
    history.begin(facts());
    feed(history, 0, 3);
    const int compact = panel.charts().memory()->width();
    tab(panel, "Memory")->click();
    QCOMPARE(panel.page(), MonitorPanel::Page::Memory);
    QVERIFY(panel.charts().memory()->isVisible() && !panel.charts().timeline()->isVisible() && !panel.charts().cpu()->isVisible());
    QTRY_VERIFY(panel.charts().memory()->width() > 2 * compact);
    tab(panel, "Chunks")->click();
    QVERIFY(panel.findChild<ChunkMap*>()->isVisible());
    tab(panel, "Log")->click();
    QVERIFY(panel.findChild<LogView*>()->isVisible() && !panel.charts().memory()->isVisible());
  }

  /// Holding stops the pictures, not the recording.
  void holdKeepsRecording() {
    RunHistory history;
    MonitorPanel panel(history);
    panel.resize(1400, MonitorPanel::kExpandedHeight);
    panel.show();
    history.begin(facts());
    feed(history, 0, 3);
    tab(panel, "Hold")->click();
    const double upper = panel.charts().axis().upper();
    feed(history, 3, 9);
    QCOMPARE(panel.charts().axis().upper(), upper);
    QCOMPARE(panel.charts().memory()->readout(), QString("152 MiB now · 152 peak"));
    QCOMPARE(history.lanes().taskCount(), std::size_t{9});
    tab(panel, "Follow")->click();
    QVERIFY(panel.charts().axis().upper() >= 0.9);
    QCOMPARE(panel.charts().memory()->readout(), QString("158 MiB now · 158 peak"));
  }

  /// Another verb than zooming: everything beyond the part is left out of charts and numbers, until the chip is clicked away.
  void restrictsToAPartOfTheRun() {
    RunHistory history;
    MonitorPanel panel(history);
    panel.resize(1400, MonitorPanel::kExpandedHeight);
    panel.show();
    QVERIFY(QTest::qWaitForWindowExposed(&panel));
    history.begin(facts());
    feed(history, 0, 10);
    history.finish(report(RunStatus::Finished));
    auto* chip = panel.findChild<QToolButton*>("restriction");
    QVERIFY(!chip->isVisible());
    QWidget* lanes = panel.charts().timeline()->body();
    TimeAxis& axis = panel.charts().axis();
    const auto xOf = [&](double t) {
      return 26 + static_cast<int>((t - axis.lower()) / (axis.upper() - axis.lower()) * (lanes->width() - 27));
    };
    const QPoint from(xOf(0.2), 20), to(xOf(0.5), 20);
    QTest::mousePress(lanes, Qt::LeftButton, Qt::ControlModifier, from);
    QMouseEvent move(QEvent::MouseMove, to, lanes->mapToGlobal(to), Qt::NoButton, Qt::LeftButton, Qt::ControlModifier);
    QApplication::sendEvent(lanes, &move);
    QTest::mouseRelease(lanes, Qt::LeftButton, Qt::ControlModifier, to);
    QVERIFY(axis.restriction());
    QVERIFY(qAbs(axis.lower() - 0.2) < 0.02 && qAbs(axis.upper() - 0.5) < 0.02);
    QVERIFY(chip->isVisible());
    QVERIFY(panel.charts().timeline()->readout() != QString("10 tasks · 2 workers"));
    axis.showWhole();  // of the part
    QVERIFY(axis.upper() < 0.6);
    axis.setRange(0, 5);
    QVERIFY(axis.lower() > 0.15 && axis.upper() < 0.6);
    chip->click();
    QVERIFY(!axis.restriction() && !chip->isVisible());
    QVERIFY(axis.lower() == 0 && axis.upper() > 0.95);
    QCOMPARE(panel.charts().timeline()->readout(), QString("10 tasks · 2 workers"));
  }

  /// Samples of a tenth of a second jump; the numbers are means over a second.
  void readOutsAreMeansOverASecond() {
    RunHistory history;
    MonitorPanel panel(history);
    history.begin(facts());
    for (int i = 1; i <= 30; ++i) {
      Snapshot s;
      s.t = 0.1 * i;
      s.workers = 2;
      s.cpuCores = i % 2 == 0 ? 3 : 1;
      s.readBytesPerSecond = i % 5 == 0 ? 100 * kMiB : 0;
      history.take(s, {});
    }
    RunReport done = report(RunStatus::Finished);
    done.wallSeconds = 3;
    history.finish(done);
    QCOMPARE(panel.charts().cpu()->readout(), QString("2.0 of 4 cores"));
    QCOMPARE(panel.charts().io()->readout(), QString("read 20 · write 0 MiB/s"));
  }

  void showsWhatIsInWork() {
    RunHistory history;
    MonitorPanel panel(history);
    panel.resize(1400, MonitorPanel::kExpandedHeight);
    panel.show();
    history.begin(facts());
    feed(history, 0, 2);
    Snapshot s;
    s.t = 2;
    s.workers = 2;
    s.inHand = {{0, 1, 7, 0.25, ChunkState::Computing}};
    history.take(s, {});
    auto* lanes = qobject_cast<Timeline*>(panel.charts().timeline()->body());
    const TimeAxis& axis = panel.charts().axis();
    const int x = 26 + static_cast<int>((1.0 - axis.lower()) / (axis.upper() - axis.lower()) * (lanes->width() - 27));
    QCOMPARE(lanes->describe({x, 32}), QString("chunk 7 · in work, reading or computing · since 0.250 s · worker 2"));
    QVERIFY(lanes->grab().toImage().pixelColor(x, 32) != color(Token::Surface));
    panel.setPage(MonitorPanel::Page::Chunks);
    auto* map = panel.findChild<ChunkMap*>();
    QCOMPARE(map->describe({7 * map->cellSize() + 3, 22}), QString("chunk 7 of out · in work, computing · worker 2 · since 0.250 s"));
    QCOMPARE(map->accessibleDescription(), QString("2 done, 1 in work"));
    s.t = 2.5;
    s.inHand.clear();
    history.take(s, {});
    QVERIFY(lanes->describe({x, 32}).isEmpty());
  }

  /// What a chart prints can be heard, however little of it its title row has room for.
  void valuesAreReadOut() {
    RunHistory history;
    MonitorPanel panel(history);
    panel.resize(700, MonitorPanel::kExpandedHeight);
    panel.show();
    history.begin(facts());
    feed(history, 0, 4);
    QCOMPARE(panel.charts().memory()->body()->accessibleDescription(), QString("153 MiB now · 153 peak"));
    bool named = false;
    for (const QLabel* label : panel.charts().memory()->findChildren<QLabel*>())
      named = named || label->accessibleName() == "Memory: 153 MiB now · 153 peak";
    QVERIFY(named);
  }

  /// One of ten looks a second may cost 1 ms: 1 % of a core. Of many, the machine's own hiccups left out.
  void watchingCostsLittle() {
    RunHistory history;
    MonitorPanel panel(history);
    panel.resize(1600, MonitorPanel::kExpandedHeight);
    panel.show();
    QVERIFY(QTest::qWaitForWindowExposed(&panel));
    constexpr int kChunks = 600;
    history.begin(facts(kChunks));
    const auto cpuMs = [] {
      timespec now{};
      clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
      return 1e3 * static_cast<double>(now.tv_sec) + 1e-6 * static_cast<double>(now.tv_nsec);
    };
    const auto look = [&](int i) {
      Snapshot s;
      s.t = 0.1 * i;
      s.fraction = i / static_cast<double>(kChunks);
      s.workers = 2;
      s.rssBytes = (150 + i % 40) * kMiB;
      s.cpuCores = 1.5;
      s.readBytesPerSecond = (40 + i % 7) * kMiB;
      s.nodes = {{"cube", "open", i, kChunks, i * kMiB, 0, 0, false}, {"out", "write", i, kChunks, 0, i * kMiB, 0, false}};
      ChunkEvent read;
      read.index = i;
      read.start = s.t - 0.1;
      read.end = s.t - 0.02;
      read.phase = ChunkState::Reading;
      history.take(s, std::vector{read});
      QCoreApplication::processEvents();
    };
    for (int i = 1; i <= 100; ++i) look(i);
    const double before = cpuMs();
    for (int i = 101; i <= 400; ++i) look(i);
    const double each = (cpuMs() - before) / 300;
    qInfo("%.2f ms a look", each);
    QVERIFY2(each < kMostMsALook, qPrintable(QString("%1 ms").arg(each)));
  }

  void collapsesTo28() {
    RunHistory history;
    MonitorPanel panel(history);
    QSignalSpy changed(&panel, &MonitorPanel::collapsedChanged);
    panel.setCollapsed(true);
    panel.show();
    QCOMPARE(panel.maximumHeight(), MonitorPanel::kCollapsedHeight);
    QCOMPARE(panel.minimumSizeHint().height(), MonitorPanel::kCollapsedHeight);
    tab(panel, "CPU")->click();
    QVERIFY(panel.maximumHeight() > MonitorPanel::kExpandedHeight);
    QCOMPARE(changed.count(), 2);
  }

  void failureShowsACard() {
    RunHistory history;
    MonitorPanel panel(history);
    panel.resize(1400, MonitorPanel::kExpandedHeight);
    panel.show();
    history.begin(facts());
    feed(history, 0, 5);
    RunReport failed = report(RunStatus::Failed);
    Error error;
    error.code = ErrorCode::ReadFailed;
    error.node = "cube";
    error.chunk = "5";
    error.path = "/data/cube.bil";
    error.message = "the file ends 100 bytes early";
    error.hint = "copy it again";
    failed.errors = {error, error};
    history.finish(failed);
    const auto* card = panel.findChild<ErrorCard*>();
    QVERIFY(card->isVisible());
    QCOMPARE(card->title(), QString("✕ cube failed in chunk 5 and 1 more, the last in chunk 5"));
    for (const char* part : {"/data/cube.bil", "copy it again", "ReadFailed ×2"}) QVERIFY(card->details().contains(part));
    QVERIFY(panel.headlineText().startsWith("Failed after"));
    history.begin(facts());
    QVERIFY(!card->isVisible());
  }

  void logIsAModel() {
    RunHistory history;
    LogModel model(history);
    QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    history.begin(facts());
    feed(history, 0, 10);
    history.finish(report(RunStatus::Finished));
    QVERIFY(model.rowCount() >= 4);  // started, cube done, out done, finished
    QVERIFY(model.text({}).contains("cube\tdone: 10 chunks"));
    QCOMPARE(model.text({0}).count('\n'), 1);
    history.begin(facts());
    QCOMPARE(model.rowCount(), 1);
  }

  void chunkCellsFitAnyNumber_data() {
    QTest::addColumn<qint64>("chunks");
    QTest::newRow("few") << qint64{10};
    QTest::newRow("thousands") << qint64{20'000};
    QTest::newRow("a million") << qint64{1'000'000};
  }
  void chunkCellsFitAnyNumber() {
    QFETCH(qint64, chunks);
    RunHistory history;
    history.begin(facts(chunks));
    feed(history, 0, 1);
    ChunkMap map(history);
    map.resize(1000, 160);
    QVERIFY(map.cellSize() >= 2);
    const auto cells = (chunks + map.chunksPerCell() - 1) / map.chunksPerCell();
    const int columns = 1000 / map.cellSize();
    QVERIFY((cells + columns - 1) / columns * map.cellSize() <= 160);
    QVERIFY(!map.grab().isNull());
    const QString text = map.describe({1, 19});
    QVERIFY2(map.chunksPerCell() > 1 ? text.startsWith("chunks 0–") : text.startsWith("chunk 0 of out · done · worker 1"),
             qPrintable(text));
  }

  /// In grey every chunk state still looks different.
  void statesDifferInGrey() {
    QList<QImage> pictures;
    const std::array phases{ChunkState::Reading, ChunkState::Computing, ChunkState::Done, ChunkState::Failed, ChunkState::Canceled};
    for (const ChunkState phase : phases) {
      RunHistory history;
      history.begin(facts(1));
      ChunkEvent event;
      event.phase = phase;
      history.take({}, std::vector{event});
      ChunkMap map(history);
      map.resize(200, 120);
      pictures << map.grab().toImage().copy(0, 18, 26, 26).convertToFormat(QImage::Format_Grayscale8);
    }
    for (int a = 0; a < pictures.size(); ++a) {
      for (int b = a + 1; b < pictures.size(); ++b) QVERIFY2(pictures[a] != pictures[b], qPrintable(QString("%1 and %2").arg(a).arg(b)));
    }
  }

  void followsTheTheme() {
    RunHistory history;
    MonitorPanel panel(history);
    panel.resize(1400, MonitorPanel::kExpandedHeight);
    panel.show();
    history.begin(facts());
    feed(history, 0, 5);
    const auto ground = [&] {
      return panel.charts().timeline()->body()->grab().toImage().pixelColor(panel.charts().timeline()->body()->width() - 4, 4);
    };
    theme().setMode(Theme::Mode::Light);
    QCOMPARE(ground(), color(Token::Surface));
    theme().setMode(Theme::Mode::Dark);
    QCOMPARE(ground(), color(Token::Surface));
    theme().setMode(Theme::Mode::Light);
  }
};

QTEST_MAIN(TestMonitor)
#include "tst_monitor.moc"
