// SPDX-License-Identifier: GPL-3.0-or-later
// Coordinates that cannot be those of their CRS are said.
#include <QtTest>

#include "engine/geo/plausible_place.h"

using namespace cubeloom;

class TestPlausiblePlace : public QObject {
  Q_OBJECT

  static QString said(const Affine& affine, const char* crs) {
    return QString::fromStdString(implausiblePlace(GeoBox(180, 360, affine, *crs == 0 ? Crs() : Crs::fromUser(crs).value())));
  }

 private slots:
  void metresUnderDegrees() {
    const QString note = said({30, 0, 399960, 0, -30, 4900020}, "EPSG:4326");
    QVERIFY2(note.contains("x 399960 to 410760 and y 4894620 to 4900020") && note.contains("EPSG:4326"), qPrintable(note));
    QVERIFY(!said({1, 0, 0, 0, -1, 200}, "EPSG:4258").isEmpty());    // latitudes from 20 to 200
    QVERIFY(!said({10, 0, 0, 0, -0.1, 10}, "EPSG:4326").isEmpty());  // ten times round the Earth
  }

  void degreesUnderMetres() {
    const QString note = said({0.0001, 0, -71.3, 0, -0.0001, 42.6}, "EPSG:32619");
    QVERIFY2(note.contains("look like degrees") && note.contains("EPSG:32619") && note.contains("metre"), qPrintable(note));
    QVERIFY(!said({0.25, 0, 10, 0, -0.25, 60}, "EPSG:3035").isEmpty());
  }

  void whatCanBe() {
    QCOMPARE(said({1, 0, -180, 0, -1, 90}, "EPSG:4326"), QString());
    QCOMPARE(said({1, 0, 0, 0, -1, 90.5}, "EPSG:4326"), QString());  // centres at the poles
    QCOMPARE(said({1, 0, 180, 0, 1, -90}, "EPSG:4326"), QString());  // 180 to 540, rows northwards
    QCOMPARE(said({1, 0, 0, 0, -1, 200}, "EPSG:4807"), QString());   // grads
    QCOMPARE(said({30, 0, 399960, 0, -30, 4900020}, "EPSG:32633"), QString());
    QCOMPARE(said({0.05, 0, 399960, 0, -0.05, 4900020}, "EPSG:32633"), QString());
    QCOMPARE(said({1000, 0, -180000, 0, -1000, 90000}, "EPSG:3031"), QString());  // round the pole, which is 0, 0
    QCOMPARE(said({30, 0, 399960, 0, -30, 4900020}, ""), QString());
  }
};

QTEST_APPLESS_MAIN(TestPlausiblePlace)
#include "tst_plausible_place.moc"
