// SPDX-License-Identifier: GPL-3.0-or-later
// What is noted of an input when it is opened, a plan says too: once, however many steps open it.
#include <QTemporaryDir>
#include <QTest>

#include "tests/support/engine.h"
#include "tests/support/gdal_writer.h"

using namespace cubeloom;

class TestInputNotes : public QObject {
  Q_OBJECT
 private:
  test::Engine m_engine;
  QTemporaryDir m_folder;

  std::string at(const std::string& name) const { return m_folder.filePath(QString::fromStdString(name)).toStdString(); }

 private slots:
  /// Two bands of scales of their own.
  void initTestCase() {
    test::GdalFile file;
    file.path = at("stored.tif");
    file.type = PixelType::UInt8;
    file.bands = 2;
    file.cols = 2;
    file.scales = {{0.5, 0}, {0.25, 3}};
    QCOMPARE(test::writeGdalFile(file, {std::byte{1}, std::byte{2}, std::byte{3}, std::byte{4}}), std::string());
  }

  void plansSayThem() {
    const auto info = m_engine.sources->info(at("stored.tif")).value();
    QVERIFY(!info.notes.empty());
    const Json path{{"path", at("stored.tif")}};
    Chain chain;
    chain.nodes = {{"a", "open", {}, path, false},
                   {"b", "open", {}, path, false},
                   {"sum", "calc", {"a", "b"}, Json{{"expression", "b1+in2.b2"}}, false},
                   {"out", "write", {"sum"}, Json{{"path", at("sum.tif")}}, false}};
    const auto graph = bindChain(chain, m_engine.registry, *m_engine.sources);
    QVERIFY2(graph.has_value(), graph ? "" : graph.error().text().c_str());
    const auto plan = makePlan(*graph, *m_engine.sinks, {});
    QVERIFY2(plan.has_value(), plan ? "" : plan.error().text().c_str());
    for (const std::string& note : info.notes) {
      if (note.starts_with("nodata is not declared")) continue;  // a warning of open, in its own words
      const auto times = std::count_if(plan->warnings.begin(), plan->warnings.end(),
                                       [&note](const PlanWarning& said) { return said.message == note && said.isNote; });
      QVERIFY2(times == 1, (note + ": " + std::to_string(times) + " times").c_str());
    }
  }

  /// Steps are marked for faults alone.
  void notesAreNoWarnings() {
    const auto graph = m_engine.bind("open " + at("stored.tif") + " nodata=9").value();
    const BoundOperation& open = *graph->nodes.back().operation;
    QVERIFY(open.warnings().empty());
    QVERIFY(!open.notes().empty());
  }
};

QTEST_APPLESS_MAIN(TestInputNotes)
#include "tst_input_notes.moc"
