// SPDX-License-Identifier: GPL-3.0-or-later
// The kinds of parameters: what each takes, what it makes of a text, and what it says of a wrong value.
#include <QTest>

#include "engine/op/param_kinds.h"

using namespace cubeloom;

class TestParamKinds : public QObject {
  Q_OBJECT
 private:
  static Param paramOf(ParamType type) {
    Param param;
    param.name = "p";
    param.type = type;
    if (type == ParamType::Choice) param.choices = {{"nearest", "one sample", {"near"}}, {"DEFLATE", "", {"zlib"}}};
    return param;
  }

 private slots:
  void everyKindHasItsRow() {
    for (const ParamKind& kind : paramKinds()) {
      QCOMPARE(&kindOf(kind.type), &kind);
      QVERIFY(*kind.name != 0);
      QVERIFY2(!Json::parse(kind.schema, nullptr, false).is_discarded(), kind.name);
      QCOMPARE(paramSchema(paramOf(kind.type)).is_object(), true);
    }
  }

  // text -> what operations get -> text again.
  void textsAreValues_data() {
    QTest::addColumn<int>("type");
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("value");
    const auto row = [](ParamType type, const char* text, const char* value) {
      QTest::addRow("%s %s", paramTypeName(type), text) << static_cast<int>(type) << QString(text) << QString(value);
    };
    row(ParamType::Text, "5", "\"5\"");
    row(ParamType::Path, "a b.tif", "\"a b.tif\"");
    row(ParamType::OutputPath, "o.tif", "\"o.tif\"");
    row(ParamType::Choice, "near", "\"nearest\"");
    row(ParamType::Choice, "Nearest", "\"nearest\"");
    row(ParamType::Choice, "deflate", "\"DEFLATE\"");
    row(ParamType::Choice, "ZLIB", "\"DEFLATE\"");
    row(ParamType::Bool, "Yes", "true");
    row(ParamType::Integer, "7", "7");
    row(ParamType::Number, "-1.5e3", "-1500.0");
    row(ParamType::Number, "nan", "\"nan\"");
    row(ParamType::Crs, "EPSG:32610", "\"EPSG:32610\"");
    row(ParamType::Resolution, "500,250", "[500, 250]");
    row(ParamType::Resolution, "Auto", "\"auto\"");
    row(ParamType::Shape, "100,200", "[100, 200]");
    row(ParamType::Bounds, "1,2,3,4.5", "[1, 2, 3, 4.5]");
    row(ParamType::Dims, "y, x", "[\"y\", \"x\"]");
    row(ParamType::Names, "band:wavelength", "{\"band\": \"wavelength\"}");
    row(ParamType::Indexers, "time:0,band:1:9:2", "{\"band\": \"1:9:2\", \"time\": 0}");
    row(ParamType::Indexers, "band:1,5,9;time:0", "{\"band\": [1, 5, 9], \"time\": 0}");
    row(ParamType::Indexers, "band:1,5;", "{\"band\": [1, 5]}");
    row(ParamType::Factors, "y:4,x:4", "{\"x\": 4, \"y\": 4}");
    row(ParamType::Selectors, "time:2022-02-24", "{\"time\": \"2022-02-24\"}");
    row(ParamType::PixelType, "Byte", "\"uint8\"");
    row(ParamType::PixelType, "FLOAT32", "\"float32\"");
    row(ParamType::Expression, "b1 + 1", "\"b1 + 1\"");
    row(ParamType::Node, "grid", "\"grid\"");
    row(ParamType::Numbers, "0.02,0.98", "[0.02, 0.98]");
    row(ParamType::Numbers, "0.5", "[0.5]");
    row(ParamType::Range, "0,0.5", "[0.0, 0.5]");
    row(ParamType::Range, "400:700", "[400.0, 700.0]");
    row(ParamType::Range, "-inf:0", "[\"-inf\", 0.0]");
    row(ParamType::Features, "plots.gpkg", "{\"path\": \"plots.gpkg\"}");
    row(ParamType::Features, "plots.gpkg|layer=fields|where=crop = 'maize'|id=name",
        "{\"path\": \"plots.gpkg\", \"layer\": \"fields\", \"where\": \"crop = 'maize'\", \"id\": \"name\"}");
    row(ParamType::Table, "[-inf,0)=1;[0,0.3)=2:water:#0000ff;5=7;nodata=0",
        "[{\"when\": \"[-inf,0)\", \"value\": 1}, {\"when\": \"[0,0.3)\", \"value\": 2, \"name\": \"water\", \"color\": \"#0000ff\"},"
        " {\"when\": \"5\", \"value\": 7}, {\"when\": \"nodata\", \"value\": 0}]");
    row(ParamType::Kernel, "1,2,1;2,4,2;1,2,1", "[[1.0, 2.0, 1.0], [2.0, 4.0, 2.0], [1.0, 2.0, 1.0]]");
    row(ParamType::Seed, "42", "42");
    row(ParamType::Palette, "viridis", "\"viridis\"");
    row(ParamType::Palette, "#000000,#ffffff", "[\"#000000\", \"#ffffff\"]");
  }
  void textsAreValues() {
    QFETCH(int, type);
    QFETCH(QString, text);
    QFETCH(QString, value);
    const Param param = paramOf(static_cast<ParamType>(type));
    const ParamKind& kind = kindOf(param.type);
    const auto checked = kind.check(param, kind.fromText(text.toStdString()));
    QVERIFY2(checked.has_value(), checked ? "" : checked.error().text().c_str());
    QVERIFY2(*checked == Json::parse(value.toStdString()), checked->dump().c_str());
    const auto again = kind.check(param, kind.fromText(kind.toText(*checked)));
    QVERIFY2(again && *again == *checked, kind.toText(*checked).c_str());
  }

  void wrongValuesAreNamed_data() {
    QTest::addColumn<int>("type");
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("says");
    const auto row = [](ParamType type, const char* text, const char* says) {
      QTest::addRow("%s %s", paramTypeName(type), text) << static_cast<int>(type) << QString(text) << QString(says);
    };
    row(ParamType::Choice, "nearst", "did you mean 'nearest'?");
    row(ParamType::Bool, "maybe", "true or false");
    row(ParamType::Integer, "2.5", "a whole number");
    row(ParamType::Integer, "two", "a number");
    row(ParamType::Number, "five", "a number");
    row(ParamType::Resolution, "-3", "positive");
    row(ParamType::Shape, "0", "at least 1");
    row(ParamType::Bounds, "1,2,3", "xmin");
    row(ParamType::Bounds, "3,2,1,4", "xmin < xmax");
    row(ParamType::Names, "band", "old name: new name");
    row(ParamType::Indexers, "time:1.5", "an index");
    row(ParamType::Factors, "y:0", "at least 1");
    row(ParamType::PixelType, "int17", "float32");
    row(ParamType::Numbers, "1,b", "numbers");
    row(ParamType::Range, "5,5", "low < high");
    row(ParamType::Range, "5", "[low, high]");
    row(ParamType::Features, "|layer=a", "'path' is missing");
    row(ParamType::Features, "a.gpkg|colour=red", "unknown key 'colour'");
    row(ParamType::Table, "[1,0)=5", "is no number, interval or nodata");
    row(ParamType::Table, "[0,1)=five", "is no number");
    row(ParamType::Table, "[0,1)=5:a:blue", "no colour");
    row(ParamType::Table, "nothing", "rows such as");
    row(ParamType::Kernel, "1,2;3,4", "odd number");
    row(ParamType::Kernel, "1,2,1;1", "differ in length");
    row(ParamType::Seed, "-1", "2^53");
    row(ParamType::Palette, "virdis", "viridis");
    row(ParamType::Palette, "#12345g,#000000", "no colour");
  }
  void wrongValuesAreNamed() {
    QFETCH(int, type);
    QFETCH(QString, text);
    QFETCH(QString, says);
    const Param param = paramOf(static_cast<ParamType>(type));
    const auto checked = kindOf(param.type).check(param, kindOf(param.type).fromText(text.toStdString()));
    QVERIFY2(!checked.has_value(), checked ? checked->dump().c_str() : "");
    QCOMPARE(checked.error().parameter, std::string("p"));
    QVERIFY2(QString::fromStdString(checked.error().text()).contains(says), checked.error().text().c_str());
  }

  void rangesHoldForEachNumber() {
    Param param = paramOf(ParamType::Numbers);
    param.minimum = 0;
    param.maximum = 1;
    QVERIFY(kindOf(param.type).check(param, Json{0, 0.5, 1}).has_value());
    const auto beyond = kindOf(param.type).check(param, Json{0.5, 1.5});
    QVERIFY2(!beyond && beyond.error().text().find("at most 1") != std::string::npos, beyond ? "" : beyond.error().text().c_str());
  }

  void parametersGiveTheirDefaults() {
    Param sigma{.name = "sigma", .type = ParamType::Number, .defaultTo = 1.5};
    Param method = paramOf(ParamType::Choice);
    method.name = "method";
    method.defaultTo = "nearest";
    Param crs{.name = "crs", .type = ParamType::Crs};
    Param range{.name = "range", .type = ParamType::Range, .defaultTo = Json::parse("[400, 700]")};
    Param table{.name = "map", .type = ParamType::Table};
    Param kernel{.name = "kernel", .type = ParamType::Kernel, .defaultTo = Json::parse("[[0, 1, 0]]")};
    Param palette{.name = "colors", .type = ParamType::Palette, .defaultTo = "gray"};
    Param plots{.name = "plots", .type = ParamType::Features, .defaultTo = "plots.gpkg|layer=a"};
    const std::vector<Param> all{sigma, method, crs, range, table, kernel, palette, plots};
    const auto params =
        Params::check(all, Json::parse("{\"method\": \"NEAR\", \"map\": [{\"when\": \"(0,1]\", \"value\": 3, \"color\": \"#0a00FF\"}]}"));
    QVERIFY2(params.has_value(), params ? "" : params.error().text().c_str());
    QCOMPARE(params->number("sigma"), 1.5);
    QCOMPARE(params->choice("method"), std::string("nearest"));
    QVERIFY(params->crs("crs").has_value() && !params->crs("crs")->isValid());
    QVERIFY(params->range("range") == std::pair(400.0, 700.0));
    QCOMPARE(params->table("map").size(), std::size_t{1});
    QVERIFY(!params->table("map")[0].hasLow && params->table("map")[0].hasHigh && params->table("map")[0].value == 3);
    QVERIFY(params->table("map")[0].color == (Rgb{10, 0, 255}));
    QVERIFY(params->kernel("kernel")->rows == 1 && params->kernel("kernel")->cols == 3);
    QVERIFY(params->palette("colors") == (std::vector<Rgb>{{0, 0, 0}, {255, 255, 255}}));
    QCOMPARE(params->features("plots")->layer, std::string("a"));
    const auto wrongCrs = Params::check(all, Json{{"crs", "EPSG:999999"}})->crs("crs");
    QVERIFY(!wrongCrs.has_value() && wrongCrs.error().parameter == "crs");
  }
};

QTEST_APPLESS_MAIN(TestParamKinds)
#include "tst_param_kinds.moc"
