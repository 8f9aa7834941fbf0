// SPDX-License-Identifier: GPL-3.0-or-later
// The monitor as a user meets it: empty, running, held, finished, failed, collapsed.
#include <QAbstractItemModelTester>
#include <QLabel>
#include <QSignalSpy>
#include <QToolButton>
#include <QtTest>

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
    QCOMPARE(panel.headlineText(), QString("0:00.6 elapsed · 60 % of 100 MiB"));
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
    const std::array phases{ChunkState::Leased, ChunkState::Reading, ChunkState::Computing,
                            ChunkState::Done,   ChunkState::Failed,  ChunkState::Canceled};
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
