// SPDX-License-Identifier: GPL-3.0-or-later
// The part of the world that a map shows: the way between world and screen, and its scale bar.
#include <QtTest>

#include "ui/map/map_frame.h"

using namespace cubeloom;

class TestMapFrame : public QObject {
  Q_OBJECT
 private slots:
  void mapsBetweenWorldAndScreen();
  void wordsTheScaleBar();
};

void TestMapFrame::mapsBetweenWorldAndScreen() {
  const MapFrame frame = MapFrame::fitting({0, 0, 100, 50}, {216, 216}, false);
  QCOMPARE(frame.unitsPerPixel, 0.5);
  QCOMPARE(frame.toScreen({0, 50}), QPointF(8, 58));
  QCOMPARE(frame.toWorld({8, 58}), QPointF(0, 50));
  QCOMPARE(frame.rectOf({0, 0, 100, 50}), QRectF(8, 58, 200, 100));
  const QPointF about(30, 70);
  const MapFrame closer = frame.zoomed(4, about);
  QCOMPARE(closer.unitsPerPixel, 0.125);
  QCOMPARE(closer.toWorld(about), frame.toWorld(about));
  QCOMPARE(frame.panned({10, -4}).toScreen(frame.toWorld({50, 50})), QPointF(60, 46));
  MapFrame down = frame;
  down.rowsDown = true;
  QCOMPARE(down.toWorld(down.toScreen({3, 4})), QPointF(3, 4));
  QVERIFY(down.toScreen({0, 0}).y() < down.toScreen({0, 50}).y());
  QCOMPARE(down.panned({10, -4}).toScreen(down.toWorld({50, 50})), QPointF(60, 46));
  QCOMPARE(niceLength(730), 500.0);
  QCOMPARE(niceLength(0.25), 0.2);
}

void TestMapFrame::wordsTheScaleBar() {
  QCOMPARE(scaleText(5e6, QStringLiteral("m")), QStringLiteral("5,000 km"));
  QCOMPARE(scaleText(2000, QStringLiteral("m")), QStringLiteral("2 km"));
  QCOMPARE(scaleText(200, QStringLiteral("m")), QStringLiteral("200 m"));
  QCOMPARE(scaleText(0.05, QStringLiteral("m")), QStringLiteral("5 cm"));
  QCOMPARE(scaleText(20000, QStringLiteral("px")), QStringLiteral("20,000 px"));
}

QTEST_MAIN(TestMapFrame)
#include "tst_map_frame.moc"
