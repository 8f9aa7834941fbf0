// SPDX-License-Identifier: GPL-3.0-or-later
// What is known of a run on a cluster without one: the lines of the program that leads it as snapshots, its last words as errors, and
// whether anybody listens at an address.
#include <QDir>
#include <QElapsedTimer>
#include <QTemporaryDir>
#include <QTest>

#include "engine/cluster/cluster_events.h"
#include "engine/cluster/scheduler_port.h"
#include "engine/io/sample/sample_cube.h"
#include "tests/support/engine.h"

using namespace cubeloom;
using namespace cubeloom::test;

class TestClusterEvents : public QObject {
  Q_OBJECT
  QTemporaryDir m_folder;
  Engine m_engine;

 private slots:
  void initTestCase() {
    const auto cube = writeSyntheticCube(SyntheticCube({60, 72, 5, 0, 3}), m_folder.path().toStdString(), "cube");
    QVERIFY2(cube.has_value(), cube ? "" : cube.error().text().c_str());
    QVERIFY(QDir::setCurrent(m_folder.path()));
  }

  void knocksBeforeAnythingIsLoaded() {
    QElapsedTimer timer;
    timer.start();
    const auto nobody = knockAt("tcp://127.0.0.1:1", 2);
    QVERIFY(!nobody && QString::fromStdString(nobody.error().text()).contains("connection refused"));
    for (const char* wrong : {"here", "tcp://127.0.0.1", "http://127.0.0.1:80", "tcp://127.0.0.1:0", "tcp://127.0.0.1:70000"})
      QVERIFY2(!knockAt(wrong, 2) && knockAt(wrong, 2).error().code == ErrorCode::InvalidParameter, wrong);
    QVERIFY(timer.elapsed() < 5000);
  }

  // The same chunks again, from a part that was tried twice, are counted once; times are by this program's clock.
  void eventsBecomeSnapshots() {
    const auto planned = m_engine.plan("open cube.hdr ! reproject crs=EPSG:3310 resolution=5 ! write never.tif");
    QVERIFY2(planned, planned ? "" : planned.error().text().c_str());
    ClusterEvents events(*planned, 2);
    const auto tell = [&events](double t, const char* event, Json fields) {
      fields["t"] = t;
      fields["event"] = event;
      events.take(fields.dump(), t + 10);
    };
    tell(1, "run_started", {{"parts", 6}, {"workers", 3}});
    for (int again = 0; again < 2; ++again)
      tell(2, "chunk", {{"node", "write"}, {"stage", 0}, {"index", 0}, {"worker", 1}, {"start", 1.5}, {"end", 2}, {"state", "done"}});
    const Json first{{"worker", "tcp://a:1"}, {"lanes", {0, 2}}, {"rss_bytes", 30}};
    const Json second{{"worker", "tcp://b:1"}, {"lanes", Json::array({1})}, {"rss_bytes", 12}};
    tell(2.5, "snapshot", {{"fraction", 0.5}, {"phase", "working"}, {"rss_bytes", 7}, {"by_worker", Json::array({first, second})}});
    events.take("no event at all", 13);
    tell(3, "cluster", {{"status", "worker_lost"}, {"worker", "tcp://b:1"}});
    tell(4, "cluster", {{"status", "worker_left_out"}, {"worker", "tcp://a:1"}, {"message", "its disk is full"}});
    const Snapshot& now = events.snapshot();
    QCOMPARE(now.workers, 3);
    QCOMPARE(events.chunksDone(), std::int64_t{1});
    QCOMPARE(events.events().front().start, 11.5);
    QCOMPARE(now.cluster.size(), std::size_t{2});
    QCOMPARE(now.cluster[0].lanes, (std::vector<int>{0, 2}));
    QCOMPARE(now.rssBytes, 42.0);
    const RunNote &gone = *(events.notes().end() - 2), &leftOut = events.notes().back();
    QVERIFY(gone.isWarning && gone.text.find("tcp://b:1 is gone") != std::string::npos);
    QVERIFY(leftOut.isWarning && leftOut.text.find("tcp://a:1 is given no more parts: its disk is full") != std::string::npos);
  }

  void whatEndedARunStandsFirst() {
    const auto errors =
        clusterErrors("noise\ncubeloom-cli: worker tcp://a:1: it cannot read x\ncubeloom-cli: no worker can (look at them)\n", 3);
    QCOMPARE(errors.size(), std::size_t{2});
    QCOMPARE(errors[0].message, std::string("no worker can"));
    QCOMPARE(errors[0].hint, std::string("look at them"));
    QVERIFY(clusterErrors("", -1)[0].message.find("was ended") != std::string::npos);
  }
};

QTEST_GUILESS_MAIN(TestClusterEvents)
#include "tst_cluster_events.moc"
