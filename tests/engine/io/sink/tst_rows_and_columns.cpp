// SPDX-License-Identifier: GPL-3.0-or-later
// A picture's rows and columns are those of a grid: bands and dates do not become them where a row or column was picked alone.
#include <QTemporaryDir>
#include <QTest>

#include "engine/io/file_sinks.h"
#include "tests/support/sink_requests.h"

using namespace cubeloom;

class TestRowsAndColumns : public QObject {
  Q_OBJECT

  QTemporaryDir m_folder;
  std::shared_ptr<SinkProvider> m_sinks = makeSinkProvider();

  /// "" where it can be written.
  QString refusal(const ArraySpec& spec, const std::string& name) const {
    const auto plan = m_sinks->plan(test::requestOf(m_folder.filePath(QString::fromStdString(name)).toStdString(), spec));
    return plan ? QString() : QString::fromStdString(plan.error().text());
  }
  /// Dims 'order' of which 'dim' was picked at one index.
  static ArraySpec picked(const std::string& order, const std::string& dim) {
    const ArraySpec spec = test::specOf(order, PixelType::Float32, 6, 4, 5);
    return spec.withoutDim(spec.indexOf(dim));
  }

 private slots:
  void bandsAndDatesAreNoRows() {
    for (const char* file : {"o.tif", "o.img"}) {
      const QString rows = refusal(picked("byx", "y"), file);
      QVERIFY2(rows.contains("(wavelength, x) has no rows and columns") && rows.contains("'wavelength' would become rows") &&
                   rows.contains("y=5:6"),
               qPrintable(rows));
      QVERIFY(refusal(picked("nyx", "x"), file).contains("'band' would become rows"));
      QVERIFY(refusal(picked("yxb", "x"), file).contains("'wavelength' would become columns"));
      QVERIFY(refusal(picked("tyx", "y"), file).contains("'time' would become rows"));
    }
  }

  void whatStillIsWritten() {
    for (const char* file : {"o.nc", "o.zarr"}) QCOMPARE(refusal(picked("byx", "y"), file), QString());
    for (const char* file : {"o.tif", "o.img"}) {
      QCOMPARE(refusal(picked("byx", "wavelength"), file), QString());
      QCOMPARE(refusal(picked("byx", "y").withoutDim(0), file), QString());    // (x): one row
      ArraySpec scattered = test::specOf("byx", PixelType::Float32, 6, 4, 5);  // rows picked one by one have no grid
      scattered.geobox.reset();
      scattered.yDim = scattered.xDim = -1;
      QCOMPARE(refusal(scattered, file), QString());
    }
  }
};

QTEST_GUILESS_MAIN(TestRowsAndColumns)
#include "tst_rows_and_columns.moc"
