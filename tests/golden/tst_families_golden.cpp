// SPDX-License-Identifier: GPL-3.0-or-later
// Filters along spectra and in planes beside scipy's, numpy's and gdaldem's answers (tests/data/golden/make_families.py).
#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTemporaryDir>
#include <QTest>
#include <cmath>

#include "tests/support/engine.h"
#include "tests/support/envi_writer.h"

using namespace cubeloom;

class TestFamiliesGolden : public QObject {
  Q_OBJECT
 private:
  test::Engine m_engine;
  QTemporaryDir m_folder;
  QJsonObject m_golden;

  void write(const QString& name) const {
    const std::string path = m_folder.filePath(name).toStdString();
    std::string bytes;
    for (const auto& value : m_golden[name].toArray()) {
      const auto number = static_cast<float>(value.toDouble());
      bytes.append(reinterpret_cast<const char*>(&number), sizeof(number));
    }
    test::writeFile(path, bytes);
    test::writeFile(path + ".hdr", m_golden["header"].toString().toStdString());
  }

 private slots:
  void initTestCase() {
    QFile file(QString(CUBELOOM_TEST_DATA) + "/golden/families.json");
    QVERIFY(file.open(QIODevice::ReadOnly));
    m_golden = QJsonDocument::fromJson(file.readAll()).object();
    write("whole");
    write("holed");
  }

  void agrees_data() {
    QTest::addColumn<QJsonObject>("golden");
    const QJsonArray cases = m_golden["cases"].toArray();
    QVERIFY(cases.size() > 20);
    for (const auto& one : cases) {
      const QJsonObject golden = one.toObject();
      QTest::newRow(qPrintable(golden["input"].toString() + ": " + golden["steps"].toString())) << golden;
    }
  }
  void agrees() {
    QFETCH(QJsonObject, golden);
    const auto path = m_folder.filePath(golden["input"].toString()).toStdString();
    const auto graph = m_engine.bind("open " + path + " ! " + golden["steps"].toString().toStdString());
    QVERIFY2(graph.has_value(), graph ? "" : graph.error().text().c_str());
    const ArraySpec& spec = (*graph)->nodes.back().operation->spec();
    QVERIFY(spec.nodata && std::isnan(*spec.nodata));
    const auto values = test::valuesOf(**graph);
    QVERIFY2(values.has_value(), values ? "" : values.error().text().c_str());
    const QJsonArray expected = golden["expected"].toArray();
    QCOMPARE(values->size(), static_cast<std::size_t>(expected.size()));
    double scale = 0;
    for (const auto& value : expected) scale = std::max(scale, std::abs(value.toDouble()));
    for (std::size_t i = 0; i < values->size(); ++i) {
      const double got = (*values)[i];
      const auto want = expected[static_cast<int>(i)];
      const bool agrees = want.isNull() ? std::isnan(got) : std::abs(got - want.toDouble()) <= 2e-6 * scale;
      QVERIFY2(agrees, qPrintable(QString("element %1 is %2, expected %3").arg(i).arg(got).arg(want.isNull() ? NAN : want.toDouble())));
    }
  }
};

QTEST_APPLESS_MAIN(TestFamiliesGolden)
#include "tst_families_golden.moc"
