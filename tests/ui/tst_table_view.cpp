// SPDX-License-Identifier: GPL-3.0-or-later
// Arrays without a picture as tables: how they are laid out, when they are computed, what can be taken out of them.
#include <QFileInfo>
#include <QPushButton>
#include <QStackedWidget>
#include <QTableView>
#include <QTemporaryDir>
#include <QtTest>
#include <cmath>

#include "engine/io/file_sinks.h"
#include "engine/ops/register_operations.h"
#include "tests/support/ramp_source.h"
#include "ui/charts/table_plot.h"
#include "ui/map/map_canvas.h"
#include "ui/map/preview_view.h"
#include "ui/table/table_view.h"

using namespace cubeloom;
using cubeloom::test::RampProvider;
using cubeloom::test::rampSpec;
using State = TableTask::State;

namespace {

const Affine kUtm{5, 0, 750000, 0, -5, 3843000};

/// Band 1 is 100 everywhere and band 2 is 200, but for their first row, which is 10 more.
double bandAndRow(const std::vector<std::int64_t>& i) { return 100.0 * static_cast<double>(i[0] + 1) + (i[1] == 0 ? 10 : 0); }

std::shared_ptr<RampProvider> makeProvider() {
  auto provider = std::make_shared<RampProvider>();
  provider->add("cube", rampSpec(2, 10, 20, kUtm, "EPSG:32610", {560, 865}), bandAndRow);
  provider->add("large", rampSpec(2, 8000, 8000, kUtm, "EPSG:32610", {560, 865}), bandAndRow);
  return provider;
}

Services servicesOf(std::shared_ptr<RampProvider> provider) {
  auto registry = std::make_shared<Registry>();
  registerOperations(*registry);
  return {registry, std::move(provider), makeSinkProvider()};
}

/// The preview zone over a chain with the statistics of every band.
struct Zone {
  explicit Zone(const std::string& path = "/data/cube")
      : provider(makeProvider()), document(servicesOf(provider)), session(document), view(document, session) {
    view.resize(900, 460);
    view.show();
    Chain chain;
    chain.nodes = {{"cube", "open", {}, Json{{"path", path}}, false},
                   {"table", "statistics", {"cube"}, Json{{"dims", {"y", "x"}}}, false},
                   {"one", "reduce", {"cube"}, Json{{"dims", {"wavelength", "y", "x"}}, {"statistic", "max"}}, false},
                   {"out", "write", {"table"}, Json{{"path", (folder.path() + "/out.csv").toStdString()}}, false}};
    document.setChain(chain);
  }
  TableView& table() { return *view.table(); }
  State state() { return table().task().state(); }
  QPushButton* button() { return table().findChild<QPushButton*>(); }
  QStringList lineOf(int row) {
    QStringList cells;
    const auto* model = table().table()->model();
    for (int c = 0; c < model->columnCount(); ++c) cells << model->index(row, c).data().toString();
    return cells;
  }

  QTemporaryDir folder;
  std::shared_ptr<RampProvider> provider;
  Document document;
  Session session;
  PreviewView view;
};

Dim named(const std::string& name, const std::vector<std::string>& entries) {
  Dim dim{name, static_cast<std::int64_t>(entries.size()), {}};
  dim.coordinate.labels = entries;
  return dim;
}

}  // namespace

class TestTableView : public QObject {
  Q_OBJECT
 private slots:
  // Spectra of two sites: a line per wavelength, a column per site and statistic; the means are plotted.
  void laysOutTheLongestDimAsLines() {
    ArraySpec spec;
    spec.type = PixelType::Float64;
    Dim wavelength{"wavelength", 3, {}};
    wavelength.coordinate = {Coordinate::Kind::Values, 0, 1, {450, 550, 865.5}, {}, "nm", {}, {}, PixelType::Float64, {}};
    spec.dims = {named("zone", {"north", "south"}), named("statistic", {"count", "mean"}), wavelength};
    QVERIFY(isTable(spec));
    const TableLayout layout = layoutTable(spec);
    QCOMPARE(layout.lines.name, QStringLiteral("wavelength (nm)"));
    QCOMPARE(layout.lines.entries, QStringList({"450", "550", "865.5"}));
    QCOMPARE(layout.columns.entries, QStringList({"north · count", "north · mean", "south · count", "south · mean"}));
    QCOMPARE(layout.columnOffset, std::vector<std::int64_t>({0, 3, 6, 9}));
    QCOMPARE(layout.plotted, std::vector<int>({1, 3}));
  }

  // Counts beyond 2^53 keep every digit; nodata is an empty cell; a name with a comma is quoted.
  void valuesAreExact() {
    ArraySpec spec;
    spec.type = PixelType::Int64;
    spec.nodata = -1;
    spec.variable = "pixels";
    spec.dims = {named("zone", {"field, upper", "lake"})};
    std::vector<std::int64_t> values{9007199254740993, -1};
    const TableValues table(spec, denseView(reinterpret_cast<std::byte*>(values.data()), spec.type, spec.shape()));
    QCOMPARE(table.text(0, 0), QStringLiteral("9007199254740993"));
    QVERIFY(table.text(1, 0).isEmpty() && std::isnan(table.number(1, 0)));
    QCOMPARE(table.toText(u','), QStringLiteral("zone,pixels\n\"field, upper\",9007199254740993\nlake,\n"));
  }

  void pixelsAreNoTable() {
    QVERIFY(!isTable(rampSpec(2, 10, 20, kUtm, "EPSG:32610")));
    ArraySpec spec;
    spec.dims = {Dim{"sample", 2000000, {}}};
    QVERIFY(!isTable(spec));
  }

  // The mean of a band over 10 rows, the first of which is 10 more: 101 and 201.
  void theEyeShowsTheTable() {
    Zone zone;
    zone.document.setViewedNode(QStringLiteral("table"));
    QTRY_COMPARE(zone.state(), State::Done);
    QVERIFY(zone.table().isVisible() && !zone.view.canvas()->isVisible());
    QCOMPARE(zone.lineOf(0), QStringList({"560", "200", "100", "110", "101", "3"}));
    QCOMPARE(zone.lineOf(1), QStringList({"865", "200", "200", "210", "201", "3"}));
    QCOMPARE(zone.table().plotted(), QStringList({"min", "max", "mean"}));
    zone.document.setViewedNode(QStringLiteral("one"));
    QTRY_VERIFY(zone.state() == State::Done && zone.lineOf(0).size() == 2);
    // Back again nothing is read anew.
    const int reads = zone.provider->at("cube")->reads;
    zone.document.setViewedNode(QStringLiteral("table"));
    QTRY_VERIFY(zone.state() == State::Done && zone.lineOf(0).size() == 6);
    QCOMPARE(zone.provider->at("cube")->reads.load(), reads);
    zone.document.setViewedNode(QStringLiteral("cube"));
    QTRY_VERIFY(zone.view.canvas()->isVisible());
  }

  void selectedColumnsArePlottedAndCopied() {
    Zone zone;
    zone.document.setViewedNode(QStringLiteral("table"));
    QTRY_COMPARE(zone.state(), State::Done);
    zone.table().table()->selectColumn(1);
    QCOMPARE(zone.table().plotted(), QStringList({"count"}));
    QCOMPARE(zone.table().copyText(), QStringLiteral("wavelength (nm)\tcount\n560\t200\n865\t200\n"));
    zone.table().table()->clearSelection();
    QCOMPARE(zone.table().copyText().count(u'\n'), 3);
  }

  void oneValueIsATableToo() {
    Zone zone;
    zone.document.setViewedNode(QStringLiteral("one"));
    QTRY_COMPARE(zone.state(), State::Done);
    QCOMPARE(zone.lineOf(0).last(), QStringLiteral("210"));
  }

  // The output step shows what it would write, and writes nothing.
  void theEyeOfAnOutputWritesNothing() {
    Zone zone;
    zone.document.setViewedNode(QStringLiteral("out"));
    QTRY_COMPARE(zone.state(), State::Done);
    QCOMPARE(zone.lineOf(0).first(), QStringLiteral("560"));
    QVERIFY(!QFileInfo::exists(zone.folder.path() + "/out.csv"));
  }

  // What reads much is computed when asked, and stops when told.
  void muchIsComputedWhenAsked() {
    Zone zone("/data/large");
    const auto source = zone.provider->at("large");
    source->onRead = [](int, const Region&, const ReadContext& context) -> Result<void> {
      while (!context.cancel.isCanceled()) QThread::msleep(1);
      return fail(ErrorCode::Canceled, "canceled");
    };
    zone.document.setViewedNode(QStringLiteral("table"));
    QTRY_COMPARE(zone.state(), State::Offered);
    QCOMPARE(source->reads.load(), 0);
    QCOMPARE(zone.button()->text(), QStringLiteral("Compute the table"));
    QTest::mouseClick(zone.button(), Qt::LeftButton);
    QTRY_VERIFY(source->reads > 0);
    QCOMPARE(zone.button()->text(), QStringLiteral("Stop"));
    QTest::mouseClick(zone.button(), Qt::LeftButton);
    QTRY_COMPARE(zone.state(), State::Offered);
  }

  // Names below bars stand beside each other, not over each other, however narrow the plot is.
  void namesHaveRoom() {
    TablePlot plot;
    PlottedLines lines{QStringLiteral("zone"), {}, {}, false};
    PlottedColumn column{QStringLiteral("mean"), Qt::blue, {}};
    for (int i = 0; i < 15; ++i) {
      lines.entries << QStringLiteral("vegetables %1").arg(i);
      column.values.push_back(i);
    }
    plot.resize(360, 240);
    plot.show();
    plot.setData(lines, {column}, {});
    const int widest = QFontMetrics(plot.font()).horizontalAdvance(QStringLiteral("vegetables"));
    for (const int width : {360, 900, 200}) {
      plot.resize(width, 240);
      QTRY_COMPARE(plot.width(), width);
      const qsizetype shown = plot.namesShown().size();
      QVERIFY2(shown >= 1 && (shown - 1) * widest <= width, qPrintable(QString("%1 names in %2 pixels").arg(shown).arg(width)));
      QVERIFY(width < 900 || shown > 4);
    }
  }

  void aWrongParameterIsSaid() {
    Zone zone;
    zone.document.setParam(QStringLiteral("table"), QStringLiteral("dims"), Json{"height"});
    zone.document.setViewedNode(QStringLiteral("table"));
    QTRY_VERIFY(zone.view.scene().side(0).error.contains(QStringLiteral("height")));
    QVERIFY(!zone.table().isVisible());
  }
};

QTEST_MAIN(TestTableView)
#include "tst_table_view.moc"
