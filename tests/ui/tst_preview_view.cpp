// SPDX-License-Identifier: GPL-3.0-or-later
// The preview zone: the way between world and screen, what is read for a view, how two sides become one map, and what the user can do.
#include <QFileInfo>
#include <QLabel>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QToolButton>
#include <QtTest>
#include <cmath>

#include "engine/io/file_sinks.h"
#include "engine/ops/register_operations.h"
#include "tests/support/ramp_source.h"
#include "ui/map/map_canvas.h"
#include "ui/map/map_legend.h"
#include "ui/map/preview_view.h"
#include "ui/map/spectrum_view.h"
#include "ui/theme/theme.h"

using namespace cubeloom;
using cubeloom::test::RampProvider;
using cubeloom::test::rampSpec;

namespace {

const Affine kUtm{5, 0, 750000, 0, -5, 3843000};
const std::vector<double> kWavelengths = {470, 560, 650, 863, 1650, 2200};

double place3d(const std::vector<std::int64_t>& i) {
  return 100.0 * static_cast<double>(i[0]) + 0.01 * static_cast<double>(i[1]) + 0.00001 * static_cast<double>(i[2]);
}

std::shared_ptr<RampProvider> makeProvider() {
  auto provider = std::make_shared<RampProvider>();
  ArraySpec cube = rampSpec(6, 400, 600, kUtm, "EPSG:32610", kWavelengths);
  cube.dims[0].coordinate.aux["good"] = {1, 1, 1, 1, 0, 1};
  provider->add("cube", cube, place3d);
  provider->add("raw", rampSpec(0, 50, 60, Affine{}, ""), [](const auto& i) { return static_cast<double>(i[0]); });
  return provider;
}

Services servicesOf(std::shared_ptr<RampProvider> provider) {
  auto registry = std::make_shared<Registry>();
  registerOperations(*registry);
  return {registry, std::move(provider), makeSinkProvider()};
}

Chain chainOf(const std::string& path) {
  Chain chain;
  chain.nodes = {{"cube", "open", {}, Json{{"path", path}}, false},
                 {"grid", "reproject", {"cube"}, Json{{"crs", "EPSG:32610"}, {"resolution", 50}, {"resampling", "nearest"}}, false},
                 {"degrees", "reproject", {"cube"}, Json{{"crs", "EPSG:4326"}, {"resampling", "nearest"}}, false}};
  return chain;
}

/// A zone with its document; shown, so that frames have a size.
struct Zone {
  explicit Zone(const std::string& path = "/data/cube", std::shared_ptr<RampProvider> sources = makeProvider())
      : provider(std::move(sources)), document(servicesOf(provider)), session(document), view(document, session) {
    view.resize(700, 460);
    view.show();
    document.setChain(chainOf(path));
  }
  bool waitForPicture(int side = 0) {
    return QTest::qWaitFor(
        [&] {
          const auto& layer = side == 0 ? view.scene().composed().a : view.scene().composed().b;
          return !view.scene().isReading() && view.scene().side(side).fine && !layer.isEmpty();
        },
        30000);
  }
  std::shared_ptr<RampProvider> provider;
  Document document;
  Session session;
  PreviewView view;
};

}  // namespace

class TestPreviewView : public QObject {
  Q_OBJECT
 private slots:
  void asksForWholeCellsThatStayPut();
  void choosesTheSameColoursOnBothSides();
  void laysBOverAInAnotherCrs();
  void subtractsPlaceByPlace();
  void invitesToClickAnEye();
  void showsTheNodeWithTheEye();
  void tellsPlaceAndValues();
  void comparesTwoNodes();
  void keepsSpectraAsNumberedMarks();
  void leavesBadBandsOut();
  void spectraAreSaved();
  void obeysItsKeys();
  void saysWhyThereIsNoPicture();
  void showsRowsWithoutGeoreference();
  void readsNothingTwiceForTheSameNode();
  void anEditAboveBothSidesReadsBoth();
  void isExactOnlyWhereBothSidesAre();
  void hatchesOnlyWhatHasBeenRead();
  void anotherChainBeginsAfresh();
  void stepsThroughTime();
  void itsColoursAreExplained();
};

void TestPreviewView::asksForWholeCellsThatStayPut() {
  const ArraySpec spec = rampSpec(0, 4000, 6000, kUtm, "EPSG:32610");
  const PictureGrid grid = *pictureGrid(spec);
  MapFrame frame;
  frame.size = {400, 300};
  frame.unitsPerPixel = 37;  // 7.4 array pixels: cells of 7
  frame.centerX = 758000;
  frame.centerY = 3838000;
  const auto one = previewRequestFor(grid, frame, spec.geobox->crs(), 1, 1);
  QVERIFY(one);
  const Bounds view = frame.bounds();
  QVERIFY(one->bounds->xmin <= view.xmin && one->bounds->xmax >= view.xmax);
  QCOMPARE(one->bounds->width() / (5 * 7), static_cast<double>(one->width));
  const auto other = previewRequestFor(grid, frame.panned({3, 5}), spec.geobox->crs(), 1, 1);
  QCOMPARE(std::remainder(other->bounds->xmin - one->bounds->xmin, 35.0), 0.0);
  const auto coarse = previewRequestFor(grid, frame, spec.geobox->crs(), 1, 8);
  QVERIFY(coarse->width * 7 <= one->width + 16);
  // In another CRS the request is in the array's own.
  MapFrame degrees = MapFrame::fitting(spec.geobox->boundsIn(*Crs::fromUser("EPSG:4326")).value(), {400, 300}, false);
  const auto there = previewRequestFor(grid, degrees, *Crs::fromUser("EPSG:4326"), 1, 1);
  QVERIFY(there);
  QCOMPARE(*there->bounds, spec.geobox->bounds());
}

void TestPreviewView::choosesTheSameColoursOnBothSides() {
  const ArraySpec a = rampSpec(6, 2, 2, {}, "", kWavelengths), b = rampSpec(3, 2, 2, {}, "", {650, 863, 2200});
  const BandChoice single = singleBand(a, 3, "magma");
  QCOMPARE(bandsOf(a, single), (std::vector<std::int64_t>{3}));
  QCOMPARE(bandsOf(b, single), (std::vector<std::int64_t>{1}));
  QCOMPARE(bandsLabel(a, single), QStringLiteral("863 nm · band 4"));
  QCOMPARE(bandsLabel(a, colourInfrared()), QStringLiteral("RGB 863 · 650 · 560 nm"));
  QCOMPARE(bandsOf(a, colourInfrared()), (std::vector<std::int64_t>{3, 2, 1}));
  const ArraySpec plain = rampSpec(4, 2, 2, {}, "");
  QCOMPARE(bandsLabel(plain, colourInfrared()), QStringLiteral("RGB bands 1 · 2 · 3"));
  QCOMPARE(bandsOf(plain, singleBand(plain, 99, "gray")), (std::vector<std::int64_t>{3}));
  // Classes are shown one band at a time, in their own colours until others are chosen; what has no classes never is.
  ArraySpec classes = rampSpec(4, 2, 2, {}, "");
  classes.type = PixelType::UInt8;
  classes.classColours = {{0, 0, 0, 255}, {0, 200, 0, 255}};
  QCOMPARE(colorMapOf(classes, {}), std::string("classes"));
  QCOMPARE(bandsOf(classes, {}), (std::vector<std::int64_t>{0}));
  QCOMPARE(colorMapOf(classes, singleBand(classes, 1, "magma")), std::string("magma"));
  QCOMPARE(colorMapOf(plain, singleBand(plain, 1, "classes")), std::string("viridis"));
}

void TestPreviewView::laysBOverAInAnotherCrs() {
  // A picture in UTM whose values are its own eastings must, seen in degrees, show the easting PROJ gives for each place.
  auto values = std::make_shared<PreviewImage>();
  values->width = values->height = 400;
  values->bounds = {700000, 3800000, 740000, 3840000};
  values->bands.emplace_back();
  for (int y = 0; y < 400; ++y)
    for (int x = 0; x < 400; ++x) values->bands[0].push_back(700000.F + 100.F * (static_cast<float>(x) + 0.5F));
  const Crs utm = *Crs::fromUser("EPSG:32610"), wgs84 = *Crs::fromUser("EPSG:4326");
  const Bounds degrees{-120.75, 34.35, -120.45, 34.65};
  const auto warped = resamplePicture({values, utm, false}, wgs84, degrees, {150, 150}, false);
  QVERIFY(warped);
  const Transformer toUtm = Transformer::between(wgs84, utm).value();
  int seen = 0;
  for (int y = 5; y < 150; y += 7) {
    for (int x = 5; x < 150; x += 7) {
      double wx = degrees.xmin + (x + 0.5) / 150 * degrees.width(), wy = degrees.ymax - (y + 0.5) / 150 * degrees.height();
      toUtm.forward(&wx, &wy, 1);
      const float value = warped->bands[0][static_cast<std::size_t>(y * 150 + x)];
      const bool inside = wx > 700100 && wx < 739900 && wy > 3800100 && wy < 3839900;
      if (!inside) continue;
      ++seen;
      QVERIFY2(std::abs(static_cast<double>(value) - wx) <= 55, qPrintable(QStringLiteral("%1 at easting %2").arg(value).arg(wx)));
    }
  }
  QVERIFY(seen > 200);
}

void TestPreviewView::subtractsPlaceByPlace() {
  const auto picture = [](float value) {
    auto image = std::make_shared<PreviewImage>();
    image->width = image->height = 4;
    image->bounds = {0, 0, 4, 4};
    image->bands = {std::vector<float>(16, 3.F)};
    image->bands[0][5] = value;
    return Picture{image, Crs(), false};
  };
  ComposeRequest request;
  request.a = picture(4);
  request.b = picture(2);
  request.style.difference = true;
  request.mapSize = {4, 4};
  request.mapBounds = {0, 0, 4, 4};
  const Composed composed = compose(request, {});
  QCOMPARE(composed.difference.image.pixelColor(0, 0), QColor(247, 247, 247));
  QVERIFY(composed.difference.image.pixelColor(1, 1).red() > composed.difference.image.pixelColor(1, 1).blue());
  QCOMPARE(composed.a.image.size(), QSize(4, 4));
  request.style.locked = true;
  QCOMPARE(compose(request, {}).limitsB, compose(request, {}).limitsA);
  request.b.crs = *Crs::fromUser("EPSG:32610");
  QVERIFY(!compose(request, {}).problem.isEmpty());
}

void TestPreviewView::invitesToClickAnEye() {
  Zone zone;
  QTRY_VERIFY(zone.document.graph());
  QSignalSpy decimation(&zone.view, &PreviewView::decimationChanged);
  zone.document.setViewedNode(QStringLiteral("cube"));
  QVERIFY(zone.waitForPicture());
  zone.document.setViewedNode(QString());
  QVERIFY(zone.view.scene().lead() == nullptr);
  QCOMPARE(decimation.last().first().toString(), QString());
}

void TestPreviewView::showsTheNodeWithTheEye() {
  Zone zone;
  QSignalSpy decimation(&zone.view, &PreviewView::decimationChanged);
  QSignalSpy wavelengths(&zone.view, &PreviewView::shownWavelengthsChanged);
  zone.document.setViewedNode(QStringLiteral("cube"));
  QVERIFY(zone.waitForPicture());
  // 600 x 400 pixels of 5 m on a canvas narrower than that: every second one, or all of them, as the canvas has room.
  const PreviewImage& values = *zone.view.scene().side(0).values;
  const double perPixel = zone.view.canvas()->frame().unitsPerPixel / 5;
  QCOMPARE(values.decimation, std::max(1.0, std::floor(perPixel)));
  QVERIFY(!decimation.isEmpty());
  QCOMPARE(decimation.last().first().toString(),
           values.decimation == 1 ? QStringLiteral("exact") : QStringLiteral("1:2 decimated · exact at 1:1"));
  QCOMPARE(wavelengths.last().first().value<QList<double>>(), (QList<double>{650, 560, 470}));
  QCOMPARE(zone.view.scene().composed().a.bounds, Bounds({750000, 3841000, 753000, 3843000}));
  // The picture is painted where its ground lies.
  const QImage shot = zone.view.canvas()->grab().toImage();
  const QPointF corner = zone.view.canvas()->frame().toScreen({750010, 3842990});
  QVERIFY(shot.pixelColor(corner.toPoint()) != shot.pixelColor(corner.toPoint() - QPoint(6, 6)));
}

void TestPreviewView::tellsPlaceAndValues() {
  Zone zone;
  zone.document.setViewedNode(QStringLiteral("cube"));
  QVERIFY(zone.waitForPicture());
  QTRY_VERIFY(zone.view.scene().ground().toLonLat != nullptr);
  QSignalSpy cursor(&zone.view, &PreviewView::cursorMoved);
  zone.view.canvas()->setFrame(zone.view.canvas()->frame().zoomed(8, zone.view.canvas()->frame().toScreen({752482, 3842112})));
  QVERIFY(zone.waitForPicture());
  const QPointF place(752482.5, 3842112.5);  // centre of row 177, column 496
  Q_EMIT zone.view.canvas()->hovered(place, zone.view.canvas()->frame().toScreen(place));
  // Longitude and latitude by gdaltransform (GDAL 3.6.2).
  QCOMPARE(cursor.last().first().toString(), QStringLiteral("752,483 E 3,842,113 N 34.6899° N 120.2439° W  R 202 G 102 B 1.77"));
  // Identify tells the exact values of the place, not those of a decimated picture.
  const auto* identified = zone.view.canvas()->findChild<QLabel*>();
  QTest::qWait(100);
  QTest::keyClick(zone.view.canvas(), Qt::Key_I);
  QTRY_VERIFY(identified->isVisible());
  QVERIFY2(identified->text().contains(QStringLiteral("A Open: row 177, column 496\nband 3: 201.77")), qPrintable(identified->text()));
  QTest::keyClick(zone.view.canvas(), Qt::Key_Escape);
  QVERIFY(!identified->isVisible());
  Q_EMIT zone.view.canvas()->left();
  QCOMPARE(cursor.last().first().toString(), QString());
}

void TestPreviewView::comparesTwoNodes() {
  Zone zone;
  zone.document.setViewedNode(QStringLiteral("cube"));
  zone.document.setComparedNode(QStringLiteral("grid"));
  QVERIFY(zone.waitForPicture(0));
  QVERIFY(zone.waitForPicture(1));
  MapCanvas* canvas = zone.view.canvas();
  QVERIFY(!canvas->showsB({10, 10}));
  QVERIFY(canvas->showsB({canvas->width() - 10.0, 10}));
  canvas->setSwipe(1);
  QVERIFY(!canvas->showsB({canvas->width() - 10.0, 10}));
  zone.document.setComparedNode(QStringLiteral("degrees"));
  QVERIFY(zone.waitForPicture(1));
  QTRY_VERIFY(!zone.view.scene().ground().sidesAgree);
  QVERIFY(zone.view.scene().composed().problem.isEmpty());
  // Warped onto A's map: it covers what the canvas shows, not its own degrees.
  QTRY_COMPARE(zone.view.scene().composed().b.bounds, canvas->frame().bounds());
}

void TestPreviewView::keepsSpectraAsNumberedMarks() {
  Zone zone;
  zone.document.setViewedNode(QStringLiteral("cube"));
  zone.document.setComparedNode(QStringLiteral("grid"));
  QVERIFY(zone.waitForPicture(1));
  MapCanvas* canvas = zone.view.canvas();
  Q_EMIT canvas->clicked({750002, 3842998}, false);
  QCOMPARE(zone.view.markCount(), 1);
  QTRY_VERIFY(zone.view.spectrum()->readOut().endsWith(QStringLiteral("650 nm · band 3 · 200")));
  Q_EMIT canvas->clicked({751002, 3842000}, true);
  QCOMPARE(zone.view.markCount(), 2);
  Q_EMIT canvas->clicked({751002, 3842000}, false);
  QCOMPARE(zone.view.markCount(), 1);
  zone.view.clearMarks();
  QCOMPARE(zone.view.markCount(), 0);
}

void TestPreviewView::leavesBadBandsOut() {
  SpectrumView spectrum;
  spectrum.resize(300, 300);
  spectrum.setAxis({1, 2, 3, 4}, true);
  SpectrumCurve curve;
  curve.x = {1, 2, 3, 4};
  curve.y = {0.1, 50, 0.4, std::nan("")};
  curve.good = {true, false, true, true};
  curve.color = Qt::red;
  const auto redPixels = [&spectrum](int fromY, int toY) {
    const QImage image = spectrum.grab().toImage();
    int count = 0;
    for (int y = fromY; y < toY; ++y)
      for (int x = 0; x < image.width(); ++x) count += image.pixelColor(x, y).red() > 200 && image.pixelColor(x, y).green() < 90 ? 1 : 0;
    return count;
  };
  // Alone, bands 1 and 3 are not joined over the bad one: nothing is drawn. A fourth good value gives one stroke.
  spectrum.setCurves({curve});
  QCOMPARE(redPixels(0, 300), 0);
  curve.y[3] = 0.4;
  spectrum.setCurves({curve});
  QVERIFY(redPixels(0, 300) > 40);
  // The axis comes from the good bands (up to 0.4), so the stroke at 0.4 is near the top.
  QVERIFY(redPixels(30, 90) > 40);
  // What passes under the cursor does not move the axis of a kept mark; Home neither. Without marks, it does.
  SpectrumCurve passing = curve;
  passing.passing = true;
  passing.y = {4, 4, 4, 4};
  curve.color = Qt::blue;
  spectrum.setCurves({curve, passing});
  QCOMPARE(redPixels(30, 270), 0);
  spectrum.setCurves({passing});
  spectrum.home();
  QVERIFY(redPixels(30, 270) > 40);
}

void TestPreviewView::spectraAreSaved() {
  SpectrumView spectrum;
  spectrum.resize(300, 300);
  spectrum.setAxis({400, 500.5, 600}, true);
  SpectrumCurve a;
  a.x = {400, 500.5, 600};
  a.y = {0.125, 50, std::nan("")};
  a.good = {true, false, true};
  a.color = Qt::red;
  SpectrumCurve b = a;
  b.dashed = true;
  b.good = {};
  b.y = {1, 2, 3};
  spectrum.setCurves({a, b});
  const QString csv =
      "curve,side,wavelength_nm,value,is_good\n1,A,400,0.125,1\n1,A,500.5,50,0\n1,A,600,nan,0\n2,B,400,1,1\n2,B,500.5,2,1\n2,B,600,3,1\n";
  QCOMPARE(spectrum.toCsv(), csv);
  const QTemporaryDir folder;
  for (const char* name : {"s.csv", "s.png", "s.svg", "s.pdf"}) {
    QVERIFY2(spectrum.save(folder.filePath(name)), name);
    QVERIFY2(QFileInfo(folder.filePath(name)).size() > 100, name);
  }
  QCOMPARE(QImage(folder.filePath("s.png")).size(), QSize(600, 600));
  QVERIFY(!spectrum.save(folder.filePath("no/folder.svg")));
  QFile drawing(folder.filePath("s.svg"));
  QVERIFY(drawing.open(QIODevice::ReadOnly) && drawing.readAll().contains("SPECTRUM"));
  const auto* button = spectrum.findChild<QToolButton*>();
  QVERIFY(button && button->accessibleName() == "Copy or save Spectrum" && spectrum.rect().contains(button->geometry()));
}

void TestPreviewView::obeysItsKeys() {
  Zone zone;
  zone.document.setViewedNode(QStringLiteral("cube"));
  zone.document.setComparedNode(QStringLiteral("grid"));
  QVERIFY(zone.waitForPicture(1));
  MapCanvas* canvas = zone.view.canvas();
  const auto shown = [&zone] { return bandsOf(*zone.view.scene().lead()->spec(), zone.view.scene().bands()); };
  QTest::keyClick(canvas, Qt::Key_2);
  QCOMPARE(shown(), (std::vector<std::int64_t>{3, 2, 1}));
  QTest::keyClick(canvas, Qt::Key_4);
  QCOMPARE(shown(), (std::vector<std::int64_t>{3}));
  QTest::keyClick(canvas, Qt::Key_PageUp);
  QCOMPARE(shown(), (std::vector<std::int64_t>{2}));
  QTest::keyClick(canvas, Qt::Key_BracketRight, Qt::ShiftModifier);
  QCOMPARE(shown(), (std::vector<std::int64_t>{5}));
  QTest::keyClick(canvas, Qt::Key_D);
  QCOMPARE(canvas->compareMode(), CompareMode::Difference);
  QTRY_VERIFY(!zone.view.scene().composed().difference.isEmpty());
  QTest::keyClick(canvas, Qt::Key_S);
  QCOMPARE(canvas->compareMode(), CompareMode::Swipe);
  QTest::keyPress(canvas, Qt::Key_Space);
  QVERIFY(canvas->showsB({1, 1}));
  QTest::keyRelease(canvas, Qt::Key_Space);
  QVERIFY(!canvas->showsB({1, 1}));
  QTest::keyClick(canvas, Qt::Key_Z);
  QCOMPARE(canvas->frame().unitsPerPixel, 5.0);
  const double x = canvas->frame().centerX;
  QTest::keyClick(canvas, Qt::Key_Right);
  QVERIFY(canvas->frame().centerX > x);
  QTest::keyClick(canvas, Qt::Key_Home);
  QCOMPARE(canvas->frame().centerX, 751500.0);
  QTest::keyClick(canvas, Qt::Key_P);
  QVERIFY(!zone.view.spectrum()->isVisible());
}

void TestPreviewView::saysWhyThereIsNoPicture() {
  Zone zone("/data/nothing");
  zone.document.setViewedNode(QStringLiteral("cube"));
  QTRY_VERIFY(zone.view.scene().side(0).error.contains(QStringLiteral("/data/nothing is not there")));
}

void TestPreviewView::showsRowsWithoutGeoreference() {
  Zone zone("/data/raw");
  zone.document.setViewedNode(QStringLiteral("cube"));
  QVERIFY(zone.waitForPicture());
  QVERIFY(zone.view.canvas()->frame().rowsDown);
  QSignalSpy cursor(&zone.view, &PreviewView::cursorMoved);
  Q_EMIT zone.view.canvas()->hovered({12.5, 30.5}, zone.view.canvas()->frame().toScreen({12.5, 30.5}));
  QCOMPARE(cursor.last().first().toString(), QStringLiteral("column 12 row 30  30"));
}

void TestPreviewView::readsNothingTwiceForTheSameNode() {
  Zone zone;
  zone.document.setViewedNode(QStringLiteral("cube"));
  QVERIFY(zone.waitForPicture());
  const int reads = zone.provider->at("cube")->reads;
  QSignalSpy graph(&zone.document, &Document::graphChanged);
  zone.document.setParam(QStringLiteral("grid"), QStringLiteral("resolution"), 60);
  QTRY_VERIFY(!graph.isEmpty());
  QTest::qWait(200);
  QCOMPARE(zone.provider->at("cube")->reads.load(), reads);
  QVERIFY(!zone.view.scene().composed().a.isEmpty());
  // An edit above it does change its pixels.
  zone.document.setParam(QStringLiteral("cube"), QStringLiteral("nodata"), 1.0);
  QTRY_VERIFY(zone.provider->at("cube")->reads > reads);
}

void TestPreviewView::anEditAboveBothSidesReadsBoth() {
  Zone zone;
  zone.document.setViewedNode(QStringLiteral("grid"));
  zone.document.setComparedNode(QStringLiteral("cube"));
  QVERIFY(zone.waitForPicture(0) && zone.waitForPicture(1));
  const PreviewScene& scene = zone.view.scene();
  bool wasTakenAway = false;
  const auto look = [&] { wasTakenAway = wasTakenAway || scene.composed().a.isEmpty(); };
  QObject watch;
  QObject::connect(&scene, &PreviewScene::layersChanged, &watch, look);
  QObject::connect(&scene, &PreviewScene::stateChanged, &watch, look);
  zone.document.setParam(QStringLiteral("cube"), QStringLiteral("nodata"), 3.0);
  QTRY_VERIFY(wasTakenAway);  // what was there is another picture
  QVERIFY(zone.waitForPicture(1));
  QVERIFY(zone.waitForPicture(0));
}

void TestPreviewView::isExactOnlyWhereBothSidesAre() {
  Zone zone;
  QSignalSpy told(&zone.view, &PreviewView::decimationChanged);
  zone.document.setViewedNode(QStringLiteral("grid"));
  zone.document.setComparedNode(QStringLiteral("cube"));
  QVERIFY(zone.waitForPicture(0) && zone.waitForPicture(1));
  // 20 m a screen pixel: all of the 50 m pixels, every fourth of the 5 m ones.
  MapFrame frame = zone.view.canvas()->frame();
  frame.unitsPerPixel = 20;
  zone.view.canvas()->setFrame(frame);
  QTRY_VERIFY(!zone.view.scene().isReading() && zone.view.scene().side(0).fine && zone.view.scene().side(1).fine);
  QCOMPARE(zone.view.scene().decimationText(), QStringLiteral("A exact · B 1:4, decimated"));
  QCOMPARE(told.last().first().toString(), QStringLiteral("A exact · B 1:4 decimated · exact at 1:1"));
  frame.unitsPerPixel = 5;
  zone.view.canvas()->setFrame(frame);
  QTRY_VERIFY(!zone.view.scene().isReading() && zone.view.scene().side(1).fine);
  QTRY_COMPARE(zone.view.scene().decimationText(), QStringLiteral("exact"));
  // In another CRS its pixels are moved onto A's map.
  zone.document.setComparedNode(QStringLiteral("degrees"));
  QTRY_VERIFY(!zone.view.scene().isReading() && zone.view.scene().side(1).fine && !zone.view.scene().ground().sidesAgree);
  QVERIFY2(!zone.view.scene().decimationText().startsWith(QStringLiteral("exact")), qPrintable(zone.view.scene().decimationText()));
}

void TestPreviewView::hatchesOnlyWhatHasBeenRead() {
  MapCanvas canvas;
  canvas.resize(200, 200);
  canvas.setExtents(Bounds{0, 0, 100, 100}, std::nullopt);
  canvas.setFrame(MapFrame::fitting({0, 0, 100, 100}, {200, 200}, false));
  const auto hatched = [&canvas](const Bounds& part) {
    const QImage shot = canvas.grab().toImage();
    const QRect at = canvas.frame().rectOf(part).toRect().adjusted(2, 2, -2, -2);
    int other = 0;
    for (int y = at.top(); y < at.bottom(); ++y)
      for (int x = at.left(); x < at.right(); ++x) other += shot.pixelColor(x, y) != color(Token::Surface) ? 1 : 0;
    return other > 50;
  };
  QVERIFY(!hatched({10, 40, 90, 90}));  // above the scale bar
  Composed read;
  read.a.image = QImage(4, 4, QImage::Format_ARGB32_Premultiplied);
  read.a.image.fill(Qt::transparent);
  read.a.bounds = {0, 0, 50, 100};
  canvas.setLayers(read);
  QVERIFY(hatched({5, 40, 45, 90}));
  QVERIFY(!hatched({55, 40, 95, 90}));
}

void TestPreviewView::anotherChainBeginsAfresh() {
  Zone zone;
  zone.document.setViewedNode(QStringLiteral("cube"));
  QVERIFY(zone.waitForPicture());
  const MapFrame home = zone.view.canvas()->frame();
  zone.view.canvas()->setFrame(home.zoomed(5, {120, 80}));
  zone.view.scene().setBands(shortWave());
  Q_EMIT zone.view.canvas()->clicked({751200, 3842200}, false);
  QCOMPARE(zone.view.markCount(), 1);
  QTRY_VERIFY(zone.view.spectrum()->readOut().contains(QStringLiteral(" · band 6 · ")));
  zone.document.setChain(chainOf("/data/cube"));  // the same file under the same step's name
  zone.document.setViewedNode(QStringLiteral("cube"));
  QVERIFY(zone.waitForPicture());
  QCOMPARE(zone.view.markCount(), 0);
  QCOMPARE(zone.view.canvas()->frame(), home);
  QCOMPARE(zone.view.scene().bands(), BandChoice{});
  QVERIFY2(zone.view.spectrum()->readOut().endsWith(QStringLiteral("band 3")), qPrintable(zone.view.spectrum()->readOut()));
}

void TestPreviewView::stepsThroughTime() {
  auto sources = makeProvider();
  ArraySpec dates = rampSpec(0, 40, 60, kUtm, "EPSG:32610");
  dates.dims.insert(dates.dims.begin(), Dim{"time", 3, {}});
  dates.dims[0].coordinate.kind = Coordinate::Kind::Values;
  dates.dims[0].coordinate.values = {0, 4, 12};
  dates.dims[0].coordinate.unit = "datetime";
  dates.dims[0].coordinate.labels = {"2022-02-24", "2022-02-28", "2022-03-08"};
  dates.yDim = 1;
  dates.xDim = 2;
  dates.storage = {};
  sources->add("dates", dates, [](const auto& i) { return 1000.0 * static_cast<double>(i[0]) + static_cast<double>(i[1]); });
  Zone zone("/data/dates", sources);
  zone.document.setViewedNode(QStringLiteral("cube"));
  QVERIFY(zone.waitForPicture());
  const auto value = [&zone] { return zone.view.scene().side(0).values->bands[0][0]; };
  const auto settled = [&zone] { return !zone.view.scene().isReading() && zone.view.scene().side(0).fine; };
  QCOMPARE(value(), 0.F);
  QCOMPARE(othersText(dates, zone.view.scene().others()), QStringLiteral("2022-02-24"));
  QTest::keyClick(zone.view.canvas(), Qt::Key_PageDown);
  QTRY_VERIFY(settled() && value() == 1000.F);
  QCOMPARE(othersText(dates, zone.view.scene().others()), QStringLiteral("2022-02-28"));
  QTest::keyClick(zone.view.canvas(), Qt::Key_PageDown, Qt::ShiftModifier);
  QTRY_VERIFY(settled() && value() == 2000.F);
  QTest::keyClick(zone.view.canvas(), Qt::Key_PageUp);
  QTRY_VERIFY(settled() && value() == 1000.F);
}

// One band: a bar from the lowest to the highest value. Classes: those in view, with their names and colours. Three bands: nothing.
void TestPreviewView::itsColoursAreExplained() {
  auto provider = makeProvider();
  ArraySpec land = rampSpec(0, 50, 60, kUtm, "EPSG:32610");
  land.type = PixelType::UInt8;
  land.classNames = {"", "water", "sand", "forest"};
  land.classColours = {{0, 0, 0, 255}, {10, 60, 200, 255}, {230, 210, 150, 255}, {20, 90, 30, 255}};
  provider->add("land", land, [](const auto& i) { return i[0] < 25 ? 1.0 : 3.0; });
  Zone zone("/data/land", provider);
  zone.document.setViewedNode(QStringLiteral("cube"));
  QVERIFY(zone.waitForPicture());
  const auto legend = [&zone] {
    return legendOf(zone.view.scene().side(0), zone.view.scene().bands(), zone.view.scene().composed().limitsA);
  };
  const std::vector<MapLegend::Class> inView{{QColor(10, 60, 200), "water"}, {QColor(20, 90, 30), "forest"}};
  QCOMPARE(legend().classes, inView);
  QCOMPARE(zone.view.canvas()->accessibleDescription(), QStringLiteral("water, forest"));

  zone.document.setChain(chainOf("/data/raw"));
  zone.document.setViewedNode(QStringLiteral("cube"));
  QVERIFY(zone.waitForPicture());
  PictureStyle style = zone.view.scene().style();
  style.stretch = StretchMode::MinMax;
  zone.view.scene().setStyle(style);
  QTRY_COMPARE(zone.view.canvas()->accessibleDescription(), QStringLiteral("0 to 49"));
  QCOMPARE(legend().colorMap, QStringLiteral("viridis"));

  zone.document.setChain(chainOf("/data/cube"));
  zone.document.setViewedNode(QStringLiteral("cube"));
  QVERIFY(zone.waitForPicture());
  QVERIFY(legend().isEmpty());
}

QTEST_MAIN(TestPreviewView)
#include "tst_preview_view.moc"
