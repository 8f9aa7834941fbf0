// SPDX-License-Identifier: GPL-3.0-or-later
// Systems read from every spelling that datasets and users bring, their equality, and transformation with x first.
#include <QtTest>
#include <cmath>
#include <thread>
#include <vector>

#include "engine/geo/crs.h"

using namespace cubeloom;

namespace {

Crs crsOf(const std::string& text) { return Crs::fromUser(text).value_or(Crs()); }

// As ENVI headers carry it ("coordinate system string").
const char* const kEsriUtm10 =
    R"(PROJCS["WGS_1984_UTM_Zone_10N",GEOGCS["GCS_WGS_1984",DATUM["D_WGS_1984",SPHEROID["WGS_1984",6378137.0,298.257223563]],)"
    R"(PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]],PROJECTION["Transverse_Mercator"],PARAMETER["False_Easting",500000.0],)"
    R"(PARAMETER["False_Northing",0.0],PARAMETER["Central_Meridian",-123.0],PARAMETER["Scale_Factor",0.9996],)"
    R"(PARAMETER["Latitude_Of_Origin",0.0],UNIT["Meter",1.0]])";

const char* const kGdalUtm10 =
    R"(PROJCS["WGS 84 / UTM zone 10N",GEOGCS["WGS 84",DATUM["WGS_1984",SPHEROID["WGS 84",6378137,298.257223563,AUTHORITY["EPSG","7030"]],)"
    R"(AUTHORITY["EPSG","6326"]],PRIMEM["Greenwich",0],UNIT["degree",0.0174532925199433]],PROJECTION["Transverse_Mercator"],)"
    R"(PARAMETER["latitude_of_origin",0],PARAMETER["central_meridian",-123],PARAMETER["scale_factor",0.9996],)"
    R"(PARAMETER["false_easting",500000],PARAMETER["false_northing",0],UNIT["metre",1]])";

}  // namespace

class TestCrs : public QObject {
  Q_OBJECT

 private slots:
  /// People are told what it is, programs get all of it.
  void oneWithoutNameHasAShortLabel() {
    const auto labelOf = [](const char* text) { return QString::fromStdString(Crs::fromUser(text).value().label()); };
    const Crs lambert = Crs::fromUser("+proj=lcc +lat_0=37.5 +lon_0=-120 +lat_1=31 +lat_2=43 +x_0=1000 +ellps=sphere +units=m").value();
    QCOMPARE(QString::fromStdString(lambert.label()), QString("custom Lambert Conic Conformal"));
    QCOMPARE(lambert.definition(), lambert.wkt());
    QCOMPARE(labelOf("+proj=sinu +R=6371007.181 +units=m"), QString("custom Sinusoidal"));
    QCOMPARE(labelOf("+proj=longlat +a=6378100 +b=6356700"), QString("custom geographic"));
    QCOMPARE(labelOf("EPSG:32633"), QString("EPSG:32633"));
    QCOMPARE(Crs::fromUser("EPSG:32633").value().definition(), std::string("EPSG:32633"));
  }

  void oneSystemManySpellings_data();
  void oneSystemManySpellings();
  void differentSystems();
  void facts();
  void emptyIsUnknown();
  void refused_data();
  void refused();
  void wktReadsBack();
  void transformsXFirst();
  void pointsThatCannotBe();
  void identityLeavesBitsAlone();
  void manyThreads();
  void search();
  void utmZones();
};

void TestCrs::oneSystemManySpellings_data() {
  QTest::addColumn<QString>("text");
  QTest::newRow("esri wkt") << kEsriUtm10;
  QTest::newRow("gdal wkt") << kGdalUtm10;
  QTest::newRow("lower case") << "epsg:32610";
  QTest::newRow("number") << " 32610 ";
  QTest::newRow("urn") << "urn:ogc:def:crs:EPSG::32610";
  QTest::newRow("init") << "+init=epsg:32610";
  QTest::newRow("proj") << "+proj=utm +zone=10 +datum=WGS84 +units=m +no_defs";
  QTest::newRow("name") << "WGS 84 / UTM zone 10N";
  QTest::newRow("wkt2") << QString::fromStdString(crsOf("EPSG:32610").wkt());
  QTest::newRow("wkt1") << QString::fromStdString(crsOf("EPSG:32610").wkt1());
}

void TestCrs::oneSystemManySpellings() {
  QFETCH(QString, text);
  const auto crs = Crs::fromUser(text.toStdString());
  QVERIFY2(crs, crs ? "" : crs.error().text().c_str());
  QVERIFY(crs->isSameAs(crsOf("EPSG:32610")));
  QVERIFY(crsOf("EPSG:32610").isSameAs(*crs));
  QVERIFY(!crs->isSameAs(crsOf("EPSG:32611")));
  QVERIFY(Transformer::between(*crs, crsOf("EPSG:32610")).value().isIdentity());
}

void TestCrs::differentSystems() {
  QVERIFY(!crsOf("EPSG:32610").isSameAs(crsOf("EPSG:26910")));  // NAD83 is not WGS 84
  QVERIFY(!crsOf("EPSG:4326").isSameAs(crsOf("EPSG:4269")));
  QVERIFY(crsOf("EPSG:4326").isSameAs(crsOf("OGC:CRS84")));  // x is first in both
  QVERIFY(!crsOf("EPSG:3857").isSameAs(crsOf("EPSG:3395")));
}

void TestCrs::facts() {
  const Crs utm = crsOf("EPSG:32610");
  QCOMPARE(utm.name(), std::string("WGS 84 / UTM zone 10N"));
  QCOMPARE(utm.authority(), std::string("EPSG:32610"));
  QCOMPARE(utm.label(), std::string("EPSG:32610"));
  QCOMPARE(utm.unitName(), std::string("metre"));
  QCOMPARE(utm.unitInMetres(), 1.0);
  QVERIFY(!utm.isGeographic());
  QVERIFY(utm.wkt().rfind("PROJCRS[", 0) == 0);
  QVERIFY(utm.wkt1().rfind("PROJCS[", 0) == 0);

  QCOMPARE(crsOf(kGdalUtm10).authority(), std::string("EPSG:32610"));
  QCOMPARE(crsOf(kEsriUtm10).authority(), std::string("EPSG:32610"));
  QCOMPARE(crsOf("ESRI:102008").authority(), std::string("ESRI:102008"));

  const Crs lonLat = crsOf("EPSG:4326");
  QVERIFY(lonLat.isGeographic());
  QCOMPARE(lonLat.unitName(), std::string("degree"));
  QCOMPARE(lonLat.unitInMetres(), 0.0);

  QCOMPARE(crsOf("EPSG:2225").unitName(), std::string("US survey foot"));
  QVERIFY(std::abs(crsOf("EPSG:2225").unitInMetres() - 0.3048006096) < 1e-9);
  QCOMPARE(crsOf("+proj=lcc +lat_1=25 +lat_2=60 +lat_0=42.5 +lon_0=-100 +R=6370000 +units=km").unitInMetres(), 1000.0);
  QVERIFY(crsOf("+proj=lcc +lat_1=25 +lat_2=60 +lat_0=42.5 +lon_0=-100 +R=6370000 +units=km").authority().empty());
  QVERIFY(crsOf("EPSG:32610+5773").isSameAs(utm));  // the horizontal part
}

void TestCrs::emptyIsUnknown() {
  const Crs none;
  QVERIFY(!none.isValid());
  QVERIFY(!none.isGeographic());
  QCOMPARE(none.name(), std::string());
  QCOMPARE(none.wkt(), std::string());
  QCOMPARE(none.label(), std::string());
  QCOMPARE(none.unitInMetres(), 0.0);
  QVERIFY(none.isSameAs(Crs()));
  QVERIFY(!none.isSameAs(crsOf("EPSG:4326")));
  QVERIFY(!crsOf("EPSG:4326").isSameAs(none));
  QVERIFY(!Transformer::between(none, crsOf("EPSG:4326")));
}

void TestCrs::refused_data() {
  QTest::addColumn<QString>("text");
  for (const char* text : {"", "   ", "EPSG:999999", "EPSG:", "nonsense", "http://epsg.io/32610.wkt", "https://x/y", "/etc/passwd",
                           "./a.prj", "C:\\a.prj", "@file", "+proj=longlat +nadgrids=/etc/passwd", "+init=/etc/passwd:1", "PROJCS[", "{}",
                           "+proj=pipeline +step +proj=utm +zone=10", "+proj=nothing", "utm"})
    QTest::newRow(text) << text;
}

void TestCrs::refused() {
  QFETCH(QString, text);
  const auto crs = Crs::fromUser(text.toStdString());
  QVERIFY(!crs);
  QCOMPARE(crs.error().code, ErrorCode::CrsUnavailable);
  QVERIFY(!crs.error().hint.empty());
}

void TestCrs::wktReadsBack() {
  for (const char* code : {"EPSG:3310", "EPSG:3035", "EPSG:31985", "EPSG:3577", "ESRI:102008", "EPSG:4283", "EPSG:32660"}) {
    QVERIFY(crsOf(crsOf(code).wkt()).isSameAs(crsOf(code)));
    QVERIFY(crsOf(crsOf(code).wkt1()).isSameAs(crsOf(code)));
  }
}

void TestCrs::transformsXFirst() {
  const Transformer toUtm = Transformer::between(crsOf("EPSG:4326"), crsOf("EPSG:32610")).value();
  double x = -123, y = 0;
  toUtm.forward(&x, &y, 1);
  QVERIFY(std::abs(x - 500000) < 1e-6 && std::abs(y) < 1e-6);
  toUtm.inverse(&x, &y, 1);
  QVERIFY(std::abs(x + 123) < 1e-12 && std::abs(y) < 1e-12);
}

void TestCrs::pointsThatCannotBe() {
  const Transformer t = Transformer::between(crsOf("EPSG:4326"), crsOf("EPSG:32610")).value();
  std::vector<double> x{-123, 0, -123, INFINITY, NAN}, y{45, 500, 45, 0, 0};
  t.forward(x.data(), y.data(), x.size());
  QVERIFY(std::isfinite(x[0]) && std::isfinite(x[2]));
  QCOMPARE(x[0], x[2]);
  for (const std::size_t i : {1, 3, 4}) QVERIFY(std::isinf(x[i]) && std::isinf(y[i]));
}

void TestCrs::identityLeavesBitsAlone() {
  const Transformer t = Transformer::between(crsOf(kEsriUtm10), crsOf("EPSG:32610")).value();
  double x = 717720.1, y = 3865865.3;
  t.forward(&x, &y, 1);
  t.inverse(&x, &y, 1);
  QCOMPARE(x, 717720.1);
  QCOMPARE(y, 3865865.3);
}

void TestCrs::manyThreads() {
  const Crs from = crsOf(kEsriUtm10), to = crsOf("EPSG:3310");
  std::vector<double> results(8);
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < results.size(); ++i)
    threads.emplace_back([&, i] {
      double x = 717720, y = 3865865;
      if (from.isSameAs(crsOf("EPSG:32610")) && !from.isSameAs(to)) Transformer::between(from, to).value().forward(&x, &y, 1);
      results[i] = x;
    });
  for (std::thread& thread : threads) thread.join();
  for (const double x : results) QCOMPARE(x, results[0]);
  QVERIFY(results[0] != 717720);
}

void TestCrs::search() {
  const auto byCode = Crs::search("32610", 5);
  QVERIFY(!byCode.empty());
  QCOMPARE(byCode.front().code, std::string("EPSG:32610"));
  QVERIFY(byCode.front().west <= -123 && byCode.front().east >= -123 && byCode.front().north > byCode.front().south);
  const auto byName = Crs::search("wgs 84 utm 10n", 50);
  QVERIFY(std::any_of(byName.begin(), byName.end(), [](const CrsListing& l) { return l.code == "EPSG:32610"; }));
  const auto byArea = Crs::search("california albers", 50);
  QVERIFY(std::any_of(byArea.begin(), byArea.end(), [](const CrsListing& l) { return l.code == "EPSG:3310"; }));
  QCOMPARE(Crs::search("utm", 7).size(), std::size_t(7));
  QVERIFY(Crs::search("no such place at all", 10).empty());
}

void TestCrs::utmZones() {
  QCOMPARE(Crs::utmFor(-120.5, 34.5).authority(), std::string("EPSG:32610"));
  QCOMPARE(Crs::utmFor(151, -33).authority(), std::string("EPSG:32756"));
  QCOMPARE(Crs::utmFor(180, 10).authority(), std::string("EPSG:32601"));
  QCOMPARE(Crs::utmFor(-180, 10).authority(), std::string("EPSG:32601"));
  QCOMPARE(Crs::utmFor(179.9, 10).authority(), std::string("EPSG:32660"));
  QCOMPARE(Crs::utmFor(240, 10).authority(), std::string("EPSG:32611"));
  QVERIFY(!Crs::utmFor(NAN, 10).isValid());
}

QTEST_APPLESS_MAIN(TestCrs)
#include "tst_crs.moc"
