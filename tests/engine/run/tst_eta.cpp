// SPDX-License-Identifier: GPL-3.0-or-later
// How long a run still takes, told while recorded runs are replayed: formats, warps and reductions, one and two workers, on a machine that
// compiled other things meanwhile.
#include <QDir>
#include <QFile>
#include <QTest>

#include "engine/run/eta.h"

using namespace cubeloom;

namespace {

struct Recording {
  double end = 0, copied = 0, flushed = 0;
  std::vector<double> chunks;  ///< when each was done
};

Recording load(const QString& path) {
  Recording recording;
  QFile file(path);
  if (!file.open(QIODevice::ReadOnly)) return recording;
  const QList<QByteArray> head = file.readLine().split(' ');  // "# 45.8 s, 16 chunks, 0 bytes copied and 1000 flushed ..."
  recording.end = head[1].toDouble();
  recording.copied = head[5].toDouble();
  recording.flushed = head[9].toDouble();
  while (!file.atEnd()) recording.chunks.push_back(file.readLine().toDouble());
  return recording;
}

/// What is told at a time, and whether it was right.
struct Told {
  double fraction = 0;
  bool isRight = false;
  double width = 0;  ///< of the range, as a share of its middle
};

/// Ten snapshots a second, as the window and the progress bar take them.
std::vector<Told> replay(const Recording& recording) {
  EtaEstimator estimator;
  estimator.expectAfterwards(publishingSeconds(recording.copied, recording.flushed));
  std::vector<Told> told;
  const auto total = static_cast<std::int64_t>(recording.chunks.size());
  std::int64_t done = 0;
  for (double now = 0.1; now < recording.end; now += 0.1) {
    while (done < total && recording.chunks[static_cast<std::size_t>(done)] <= now) ++done;
    const double fraction = static_cast<double>(done) / static_cast<double>(total);
    estimator.add(now, fraction, done, total);
    if (const auto range = estimator.estimate()) {
      const double left = recording.end - now;
      told.push_back({fraction, range->first <= left && left <= range->second,
                      (range->second - range->first) / (0.5 * (range->first + range->second))});
    }
  }
  return told;
}

/// A run of equal chunks, one each `period` seconds.
std::optional<std::pair<double, double>> steady(int chunks, int done, double period) {
  EtaEstimator estimator;
  double now = 0;
  for (int i = 1; i <= done; ++i) estimator.add(now = i * period, static_cast<double>(i) / chunks, i, chunks);
  return estimator.estimate();
}

}  // namespace

class TestEta : public QObject {
  Q_OBJECT
 private slots:
  void recordedRunsEndWhenTold() {
    int right = 0, all = 0, firstRight = 0, firsts = 0;
    std::vector<double> widths;
    const QDir folder(QString(CUBELOOM_TEST_DATA) + "/eta");
    const QStringList names = folder.entryList({"*.csv"});
    QVERIFY(names.size() >= 25);
    for (const QString& name : names) {
      const Recording recording = load(folder.filePath(name));
      QVERIFY2(recording.end > 5 && recording.flushed > 0, qPrintable(name));
      const std::vector<Told> told = replay(recording);
      if (told.empty()) continue;
      int rightHere = 0;
      for (const Told& one : told) {
        rightHere += one.isRight ? 1 : 0;
        widths.push_back(one.width);
      }
      right += rightHere;
      all += static_cast<int>(told.size());
      const auto quarter = std::find_if(told.begin(), told.end(), [](const Told& one) { return one.fraction >= 0.25; });
      if (quarter == told.end()) continue;
      ++firsts;
      firstRight += quarter->isRight ? 1 : 0;
    }
    std::nth_element(widths.begin(), widths.begin() + static_cast<std::ptrdiff_t>(widths.size() / 2), widths.end());
    qInfo("%d of %d ranges hold the end (%.0f %%), %d of %d first ones; half of them are narrower than %.2f of their middle", right, all,
          100.0 * right / all, firstRight, firsts, widths[widths.size() / 2]);
    QVERIFY(right >= 0.8 * all);
    QVERIFY(firstRight >= 0.6 * firsts);
    // A range from nothing to for ever would hold everything: half of them must say something.
    QVERIFY(widths[widths.size() / 2] < 1.4);
  }

  void evenWorkGivesANarrowRange() {
    const auto range = steady(400, 100, 0.2);  // 20 s done, 60 s to come
    QVERIFY(range.has_value());
    QVERIFY2(range->first > 45 && range->first < 60, qPrintable(QString::number(range->first)));
    QVERIFY2(range->second > 60 && range->second < 75, qPrintable(QString::number(range->second)));
  }

  void tooEarlyTellsNothing() {
    QVERIFY(!steady(400, 19, 0.3));   // 5.7 s, but too few chunks
    QVERIFY(!steady(400, 40, 0.12));  // 4.8 s
    QVERIFY(steady(16, 5, 1.2));      // a quarter of few chunks
  }

  void afterTheLastChunkTheFileIsStillToBePutTogether() {
    EtaEstimator estimator;
    estimator.expectAfterwards(publishingSeconds(8e9, 8e9));
    for (int i = 1; i <= 50; ++i) estimator.add(i, i / 50.0, i, 50);
    const auto range = estimator.estimate();
    QVERIFY(range && range->first > 5 && range->second < 60);
    // Longer than expected: it is told that it may take as long again, never nothing.
    estimator.add(200, 1, 50, 50);
    const auto late = estimator.estimate();
    QVERIFY(late && late->first == 0 && late->second > 60);
  }

  void otherWorkersBeginAnew() {
    EtaEstimator estimator;
    for (int i = 1; i <= 50; ++i) estimator.add(i, i / 200.0, i, 200);
    QVERIFY(estimator.estimate());
    estimator.reset();
    QVERIFY(!estimator.estimate());
  }
};

QTEST_APPLESS_MAIN(TestEta)
#include "tst_eta.moc"
