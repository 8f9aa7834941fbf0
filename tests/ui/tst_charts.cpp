// SPDX-License-Identifier: GPL-3.0-or-later
// The charts: thinning without inventing samples, limits and axis, hidden charts that don't draw, export.
#include <QContextMenuEvent>
#include <QMenu>
#include <QTemporaryDir>
#include <QTimer>
#include <QToolButton>
#include <QtTest>

#include "ui/charts/chart_frame.h"
#include "ui/charts/sample_table.h"
#include "ui/charts/time_chart.h"

using namespace cubeloom;

namespace {

constexpr double kMiB = 1024 * 1024;

std::vector<Curve> twoAreas() {
  return {{"chunks", &ChartStyle::read, true, 0.7, Qt::SolidPattern, Qt::SolidLine},
          {"rest", &ChartStyle::write, true, 0.4, Qt::BDiagPattern, Qt::SolidLine}};
}

}  // namespace

class TestCharts : public QObject {
  Q_OBJECT
 private slots:
  void tableKeepsTenMinutesFine() {
    SampleTable table(1);
    for (int i = 0; i < 12000; ++i) {  // twenty minutes at 10 Hz
      QVERIFY(table.append(i * 0.1, std::array{static_cast<double>(i % 10)}));
      table.thin();
    }
    const auto& rows = table.rows();
    QVERIFY(rows.front().isThinned && !rows.back().isThinned);
    QVERIFY(rows.size() < 6000 + 620);
    for (const auto& row : rows) {
      if (!row.isThinned) {
        QVERIFY(row.t >= 1199.9 - SampleTable::kFineSeconds - 1.1);
        continue;
      }
      QCOMPARE(row.low[0], 0.0);  // each second ran from 0 to 9
      QCOMPARE(row.high[0], 9.0);
      QVERIFY(qAbs(row.mean[0] - 4.5) < 0.51);
    }
    QCOMPARE(table.at(5.7)->isThinned, true);
    QVERIFY(!table.at(-1));
  }

  void tableDropsWhatGoesBack() {
    SampleTable table(1);
    QVERIFY(table.append(1, std::array{1.0}));
    QVERIFY(!table.append(1, std::array{2.0}));
    QVERIFY(!table.append(0.5, std::array{2.0}));
    QVERIFY(!table.append(qQNaN(), std::array{2.0}));
    QCOMPARE(table.rows().size(), std::size_t{1});
  }

  /// A budget near the data stretches the axis; one far above does not.
  void axisFitsDataAndLimits() {
    TimeAxis axis;
    TimeChart chart(axis, TimeChart::Unit::MiB, twoAreas());
    chart.setLimits({{"budget", 2048 * kMiB, &ChartStyle::failed, Qt::SolidLine, true},
                     {"peak", 412 * kMiB, &ChartStyle::warning, Qt::DashLine, false}});
    chart.append(0.1, std::array{200 * kMiB, 180 * kMiB});
    QVERIFY(chart.top() > 412 * kMiB && chart.top() < 2048 * kMiB);
    const double before = chart.top();
    chart.append(0.2, std::array{1000 * kMiB, 700 * kMiB});  // stacked: 1700
    QVERIFY(chart.top() >= 2048 * kMiB);
    QVERIFY(chart.top() > before);
    chart.clear();
    QVERIFY(chart.top() < 1700 * kMiB);
  }

  void fixedTopForCores() {
    TimeAxis axis;
    TimeChart chart(axis, TimeChart::Unit::Cores, {{"cores", &ChartStyle::compute, true, 1, Qt::SolidPattern, Qt::SolidLine}});
    chart.setFixedTop(8);
    chart.append(1, std::array{2.0});
    QVERIFY(chart.top() >= 8 && chart.top() < 9);
  }

  void hiddenAndHeldChartsDontReplot() {
    TimeAxis axis;
    axis.reset(10);
    TimeChart chart(axis, TimeChart::Unit::MiB, twoAreas());
    chart.resize(300, 120);
    QCoreApplication::processEvents();
    const int hidden = chart.replots();  // QCustomPlot draws itself once when made
    for (int i = 1; i < 20; ++i) chart.append(i, std::array{1.0, 2.0});
    QCoreApplication::processEvents();
    QCOMPARE(chart.replots(), hidden);
    chart.show();
    QVERIFY(QTest::qWaitForWindowExposed(&chart));
    QTRY_VERIFY(chart.replots() > hidden);
    QTest::qWait(50);
    const int shown = chart.replots();
    for (int i = 20; i < 40; ++i) chart.append(i, std::array{1.0, 2.0});
    QTRY_VERIFY(chart.replots() > shown);
    QVERIFY(chart.replots() < shown + 20);  // queued: one drawing for many samples
    axis.setHeld(true);
    QTest::qWait(50);
    const int held = chart.replots();
    chart.append(50, std::array{1.0, 2.0});
    QTest::qWait(50);
    QCOMPARE(chart.replots(), held);
    QCOMPARE(chart.samples().rows().back().t, 50.0);
  }

  /// Each sample tells of the time since the one before it, wherever it is asked for.
  void meansAreOverTime() {
    SampleTable table(2);
    table.append(1, std::array{4.0, 0.0});
    table.append(1.5, std::array{10.0, 1.0});
    table.append(2, std::array{2.0, 3.0});
    const auto mean = table.meanOf(1.25, 2);
    QVERIFY(mean);
    QVERIFY(qAbs((*mean)[0] - (0.25 * 10 + 0.5 * 2) / 0.75) < 1e-9);
    QVERIFY(qAbs((*mean)[1] - (0.25 * 1 + 0.5 * 3) / 0.75) < 1e-9);
    QVERIFY(!table.meanOf(3, 4));
  }

  /// A right click on the plot itself, and a button that is seen: both offer to copy and save.
  void savingIsOffered_data() {
    QTest::addColumn<bool>("byButton");
    QTest::newRow("context menu of the plot") << false;
    QTest::newRow("button") << true;
  }
  void savingIsOffered() {
    QFETCH(bool, byButton);
    TimeAxis axis;
    auto* chart = new TimeChart(axis, TimeChart::Unit::MiB, twoAreas());
    ChartFrame frame("Memory", "help");
    frame.setBody(chart);
    frame.setStyleOf({});
    frame.setCsv([chart] { return chart->toCsv(); });
    frame.setDrawing([chart](const QString& path) { return chart->saveDrawing(path); });
    frame.resize(300, 150);
    frame.show();
    QVERIFY(QTest::qWaitForWindowExposed(&frame));
    QStringList offered;
    QTimer::singleShot(100, [&offered] {
      auto* menu = qobject_cast<QMenu*>(QApplication::activePopupWidget());
      if (!menu) return;
      for (const QAction* action : menu->actions()) offered << action->text();
      menu->close();
    });
    if (byButton) {
      for (auto* button : frame.findChildren<QToolButton*>())
        if (button->text() == "Save" && button->isVisible()) button->click();
    } else {
      QWidget* plot = chart->childAt(150, 60);
      QVERIFY(plot);
      const QPoint at(20, 20);
      QTest::mouseClick(plot, Qt::RightButton, {}, at);  // what a window system sends first
      QContextMenuEvent asked(QContextMenuEvent::Mouse, at, plot->mapToGlobal(at));
      QApplication::sendEvent(plot, &asked);
    }
    QTRY_VERIFY(offered.contains("Save as PNG…"));
    QVERIFY(offered.contains("Save as SVG…") && offered.contains("Save as CSV…") && offered.contains("Copy values"));
  }

  void timeTicksAndLabels() {
    const auto [ticks, step] = timeTicks(0, 3.1, 3);
    QCOMPARE(step, 2.0);
    QCOMPARE(ticks, (std::vector<double>{0, 2}));
    QCOMPARE(timeLabel(1.9, 0.1), QString("1.9 s"));
    QCOMPARE(timeLabel(125, 5), QString("2:05"));
    QCOMPARE(timeLabel(3725, 60), QString("1:02:05"));
    QCOMPARE(timeTicks(0, 7200, 4).second, 1800.0);
  }

  void exports() {
    TimeAxis axis;
    auto* chart = new TimeChart(axis, TimeChart::Unit::MiB, twoAreas());
    ChartFrame frame("Memory", "help");
    frame.setBody(chart);
    frame.setCsv([chart] { return chart->toCsv(); });
    frame.setDrawing([chart](const QString& path) { return chart->saveDrawing(path); });
    frame.resize(300, 150);
    frame.setStyleOf({});
    chart->setStyleOf({});
    chart->append(0.5, std::array{1024.0, 2.0});
    QTemporaryDir folder;
    QVERIFY(frame.save(folder.filePath("m.csv")));
    QFile csv(folder.filePath("m.csv"));
    QVERIFY(csv.open(QIODevice::ReadOnly));
    const QList<QByteArray> lines = csv.readAll().split('\n');
    QCOMPARE(lines[0], QByteArray("t_s,chunks_bytes,chunks_bytes_min,chunks_bytes_max,rest_bytes,rest_bytes_min,rest_bytes_max"));
    QCOMPARE(lines[1], QByteArray("0.5,1024,1024,1024,2,2,2"));
    QVERIFY(frame.save(folder.filePath("m.png")));
    QCOMPARE(QImage(folder.filePath("m.png")).size(), QSize(600, 300));
    QVERIFY(frame.save(folder.filePath("m.pdf")));
    QFile pdf(folder.filePath("m.pdf"));
    QVERIFY(pdf.open(QIODevice::ReadOnly) && pdf.read(4) == "%PDF");
    QVERIFY(frame.save(folder.filePath("m.svg")));
    QFile svg(folder.filePath("m.svg"));
    QVERIFY(svg.open(QIODevice::ReadOnly));
    const QByteArray drawing = svg.readAll();
    QVERIFY(drawing.contains("<svg") && drawing.contains("<text"));  // lines and letters, no picture of them
    QVERIFY(!drawing.contains("<image"));
    QVERIFY(!frame.save(folder.filePath("none/m.csv")));
  }
};

QTEST_MAIN(TestCharts)
#include "tst_charts.moc"
