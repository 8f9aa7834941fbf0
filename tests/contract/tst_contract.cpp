// SPDX-License-Identifier: GPL-3.0-or-later
// What every registered operation promises, checked from its declaration alone: a new file in engine/ops/ is tested here without a line.
// Each operation's own `example` is run on the sample cube, which lies in a folder as cube.hdr; of category Time on a series, series.zarr.
#include <QDir>
#include <QProcess>
#include <QRegularExpression>
#include <QTemporaryDir>
#include <QTest>
#include <cmath>
#include <fstream>
#include <random>

#include "engine/base/datetime.h"
#include "engine/base/shell_words.h"
#include "engine/base/text.h"
#include "engine/chain/export_step.h"
#include "engine/io/sample/sample_cube.h"
#include "engine/op/family/same_entries.h"
#include "engine/op/param_kinds.h"
#include "engine/run/worker_pool.h"
#include "engine/walk/cost.h"
#include "engine/walk/evaluate.h"
#include "engine/walk/fit_here.h"
#include "tests/support/engine.h"
#include "tests/support/gdal_writer.h"
#include "tests/support/series_writer.h"

using namespace cubeloom;

namespace {

/// `array` and `in2` are the inputs, NaN where they have no value.
constexpr const char* kAgrees = R"(
import json, sys
import numpy, numpy as np, pandas, xarray
facts = json.load(sys.stdin)
def opened(f):
    values = np.fromfile(f['file'], '<f8').reshape(f['shape'])
    if 'nodata' in f: values[values == f['nodata']] = np.nan
    if f['dtype'][0] in 'ui' and not np.isnan(values).any(): values = values.astype(f['dtype'])
    coords = f.get('coords') or {}
    for dim in f.get('dates', []): coords[dim] = (np.asarray(coords[dim]) * 1e9).astype('datetime64[ns]')
    return xarray.DataArray(values, dims=f['dims'], coords=coords)
inputs = [opened(f) for f in facts['inputs']]
array, in2 = inputs[0], inputs[-1]
for form in facts['forms']:
    theirs, ours = eval(form['form']), opened(form['result'])
    if theirs.dims != ours.dims or theirs.shape != ours.shape:
        sys.exit('%s\ndims %s %s, ours are %s %s' % (form['form'], theirs.dims, theirs.shape, ours.dims, ours.shape))
    for dim in form['result'].get('dates', []): np.testing.assert_array_equal(theirs[dim], ours[dim], err_msg=form['form'])
    theirs, ours = np.asarray(theirs), np.asarray(ours, 'f8')
    there = ~np.isnan(ours)
    np.testing.assert_allclose(theirs[there].astype('f8'), ours[there], rtol=2e-5, atol=1e-6, err_msg=form['form'])
    if theirs.dtype.kind == 'f' and not np.isnan(theirs[~there]).all():
        sys.exit('%s\n%d values where ours is nodata' % (form['form'], (~np.isnan(theirs[~there])).sum()))
)";

bool isSame(double a, double b) { return a == b || (std::isnan(a) && std::isnan(b)); }

bool isNodata(double value, const ArraySpec& spec) { return std::isnan(value) || (spec.nodata && value == *spec.nodata); }

std::string read(const std::string& path) { return test::contentOf(path).toStdString(); }

}  // namespace

class TestContract : public QObject {
  Q_OBJECT
 private:
  // Large enough that every band range and rectangle of the examples meets it, small enough to be read a hundred times.
  static constexpr int kBands = 64, kLines = 71, kSamples = 67;
  QTemporaryDir m_folder;
  test::Engine m_engine;
  WorkerPool m_workers;

  const Declaration& current() const {
    static const Declaration kNone;
    const Operation* operation = m_engine.registry.find(split(QTest::currentDataTag(), ' ')[0]);
    return operation ? operation->declaration() : kNone;
  }
  /// Of the row: "clip" has the first example, "clip 2" the second.
  static std::string exampleOf(const Declaration& d) {
    const auto words = split(QTest::currentDataTag(), ' ');
    return words.size() < 2 ? d.example : d.moreExamples[std::stoul(words[1]) - 2];
  }

  /// A row per operation and example.
  void rows() const {
    QTest::addColumn<int>("none");
    for (const std::string& id : m_engine.registry.ids()) {
      QTest::newRow(id.c_str()) << 0;
      for (std::size_t i = 0; i < m_engine.registry.find(id)->declaration().moreExamples.size(); ++i)
        QTest::newRow((id + " " + std::to_string(i + 2)).c_str()) << 0;
    }
  }

  static Node& stepOf(Chain& chain, const Declaration& d) {
    return *std::find_if(chain.nodes.begin(), chain.nodes.end(), [&d](const Node& node) { return node.op == d.id; });
  }
  /// The cube, or where an operation needs dates or control points, a raster with them.
  static std::string inputOf(const Declaration& d, const std::string& cube) {
    if (d.category == "Time") return cube == "empty.hdr" ? "empty_series.zarr" : "series.zarr";
    if (d.id != "georeference") return cube;
    return cube == "empty.hdr" ? "empty_points.tif" : "points.tif";
  }

  /// The sample cube, the operation's example behind it, and what `more` says. Further inputs are the cube as well, labels on its grid, or
  /// a table of its lines and samples.
  Result<Chain> chainOf(const Declaration& d, const std::string& more = {}, const std::string& cube = "cube.hdr") const {
    auto words = shellWords((d.role == Role::Source ? std::string() : "open " + inputOf(d, cube) + " ! ") + exampleOf(d) + more);
    auto chain = chainFromPipeline(words, m_engine.registry);
    if (!chain) return chain;
    chain->folder = m_folder.path().toStdString();
    for (int input = 1; input < d.maxInputs(); ++input) {
      std::string beside = "open";
      const std::string name = d.inputName(input);
      const bool isWanted = name == "labels" && exampleOf(d).find("polygons=") == std::string::npos;
      if (input >= d.minInputs() && !isWanted) break;
      if (name == "labels" || name == "glt") {
        beside = name;
        chain->nodes.insert(chain->nodes.begin(), Node{beside, "open", {}, Json{{"path", name + ".tif"}}});
      }
      stepOf(*chain, d).inputs.push_back(beside);
    }
    return chain;
  }

  Result<std::shared_ptr<const Graph>> bound(const Result<Chain>& chain) const {
    if (!chain) return fail(chain.error());
    auto graph = bindChain(*chain, m_engine.registry, *m_engine.sources);
    if (!graph) return graph;
    if (const Error* error = (*graph)->firstError()) return fail(*error);
    return graph;
  }

  Result<RunReport> run(const Chain& chain, int workers) const {
    auto graph = bound(chain);
    if (!graph) return fail(graph.error());
    PlanOptions options;
    options.workers = workers;
    options.overwrite = true;
    auto plan = makePlan(*graph, *m_engine.sinks, options);
    if (!plan) return fail(plan.error());
    return Run::start(std::move(*plan), m_engine.sinks)->wait();
  }

  /// As in the example, and with every choice in turn, so that no branch of a template is left out.
  static std::vector<Json> variantsOf(const Declaration& d, const Json& given) {
    std::vector<Json> variants{given};
    for (const Param& p : d.params)
      for (const Choice& choice : p.choices) {
        variants.push_back(given);
        variants.back()[p.name] = choice.name;
      }
    return variants;
  }

  /// The last node's array as a file of doubles, and what Python has to know of it.
  Json arrayForPython(const Graph& graph, const std::string& name) const {
    const auto values = test::valuesOf(graph);
    const ArraySpec& spec = test::lastOf(graph).operation->spec();
    const std::string path = m_folder.filePath(QString::fromStdString(name)).toStdString();
    std::ofstream(path, std::ios::binary)
        .write(reinterpret_cast<const char*>(values->data()), static_cast<std::streamsize>(values->size() * sizeof(double)));
    Json json{{"file", path}, {"dims", spec.dimNames()}, {"shape", spec.shape()}, {"dtype", std::string(pixelTypeName(spec.type))}};
    if (spec.nodata && !std::isnan(*spec.nodata)) json["nodata"] = *spec.nodata;
    for (const Dim& dim : spec.dims) {
      if (dim.coordinate.unit == "datetime") json["dates"].push_back(dim.name);
      for (std::int64_t i = 0; dim.coordinate.kind != Coordinate::Kind::None && i < dim.size; ++i)
        json["coords"][dim.name].push_back(dim.coordinate.at(i));
    }
    return json;
  }

  /// Polygons with a hole, in two parts, across the grid's edge and smaller than a pixel; points on the grid and off it.
  void writeFeatures(const std::string& folder) {
    const GeoBox grid = *m_engine.sources->info(folder + "/cube.hdr")->variables[0].spec.geobox;
    const auto placed = [&grid](double col, double row) { return Json{grid.affine().x(col, row), grid.affine().y(col, row)}; };
    const auto box = [&placed](double left, double top, double right, double bottom) {
      return Json{placed(left, top), placed(right, top), placed(right, bottom), placed(left, bottom), placed(left, top)};
    };
    const auto write = [&](const std::string& name, const std::vector<std::pair<Json, Json>>& features) {
      Json all{{"type", "FeatureCollection"}, {"features", Json::array()}};
      all["crs"] = Json{{"type", "name"}, {"properties", {{"name", "urn:ogc:def:crs:" + grid.crs().label().replace(4, 1, "::")}}}};
      for (const auto& [properties, geometry] : features)
        all["features"].push_back({{"type", "Feature"}, {"properties", properties}, {"geometry", geometry}});
      std::ofstream(folder + "/" + name) << all.dump();
    };
    const auto polygon = [](const Json& rings) { return Json{{"type", "Polygon"}, {"coordinates", rings}}; };
    write("fields.geojson",
          {{{{"name", "a"}, {"crop", "maize"}}, polygon(Json::array({box(3.2, 4.1, 30.7, 22.6), box(8.5, 9.5, 12.2, 14.9)}))},
           {{{"name", "b"}, {"crop", "wheat"}},
            {{"type", "MultiPolygon"},
             {"coordinates", Json::array({Json::array({box(20.3, 10.2, 40.9, 31.4)}), Json::array({box(50.1, 50.2, 58.3, 55.7)})})}}},
           {{{"name", "edge"}, {"crop", "maize"}}, polygon(Json::array({box(60.4, 61.3, 80.2, 90.1)}))},
           {{{"name", "tiny"}, {"crop", "wheat"}}, polygon(Json::array({box(33.6, 40.6, 33.8, 40.8)}))}});
    const auto point = [&placed](double col, double row) { return Json{{"type", "Point"}, {"coordinates", placed(col, row)}}; };
    write("plots.geojson", {{{{"name", "p1"}}, point(3.4, 7.7)},
                            {{{"name", "p2"}}, point(40.2, 66.1)},
                            {{{"name", "off"}}, point(-3, 5)},
                            {{{"name", "corner"}}, point(66.9, 70.8)},
                            {{{"name", "p1 again"}}, point(3.6, 8.2)}});
  }

  /// Four years of dates that no step divides, with a season and gaps; and the same with nothing in it.
  static void writeDates(const std::string& folder) {
    constexpr int kDates = 61, kStep = 23;
    test::Series series{folder + "/series.zarr", PixelType::Float32, {}, "standard", kLines, kSamples, -9999};
    std::vector<float> values;
    for (int t = 0; t < kDates; ++t) {
      series.dates.push_back(formatDatetime((10910.0 + kStep * t + t % 5) * 86400 + 3600 * (t % 3)));
      for (int i = 0; i < kLines * kSamples; ++i) {
        const bool isCloud = (t * 7 + i * 3) % 11 == 0 || (i % 29 == 0 && t % 4 != 1);
        values.push_back(isCloud ? -9999.0F : static_cast<float>(20 * std::sin(0.4 * t) + (i * 31 + t * 17) % 23 + 0.05 * t + 40));
      }
    }
    const auto bytesOf = [&values] {
      const auto* first = reinterpret_cast<const std::byte*>(values.data());
      return std::vector<std::byte>(first, first + values.size() * sizeof(float));
    };
    QCOMPARE(test::writeSeries(series, bytesOf()), std::string());
    values.assign(values.size(), -9999);
    series.path = folder + "/empty_series.zarr";
    QCOMPARE(test::writeSeries(series, bytesOf()), std::string());
  }

  /// Labels on the cube's grid, and rasters that control points place.
  void writeRasters(const std::string& folder) {
    const GeoBox grid = *m_engine.sources->info(folder + "/cube.hdr")->variables[0].spec.geobox;
    test::GdalFile labels;
    labels.path = folder + "/labels.tif";
    labels.rows = kLines;
    labels.cols = kSamples;
    labels.crs = grid.crs().label();
    labels.geotransform = grid.affine().geotransform();
    std::vector<std::byte> zones;
    for (int i = 0; i < kLines * kSamples; ++i) zones.push_back(static_cast<std::byte>((i / kSamples / 9 + i % kSamples / 7) % 5));
    QCOMPARE(test::writeGdalFile(labels, zones), std::string());
    // The cube turned by a quarter and a bit, with a border without pixels.
    test::GdalFile glt = labels;
    glt.path = folder + "/glt.tif";
    glt.type = PixelType::Int32;
    glt.bands = 2;
    glt.rows = 80;
    glt.cols = 90;
    std::vector<std::int32_t> numbers[2];
    for (int i = 0; i < glt.rows * glt.cols; ++i) {
      const int sample = i / glt.cols - 5 + i % glt.cols / 9, line = i % glt.cols - 6;
      const bool isInside = sample >= 1 && line >= 1 && sample <= kSamples && line <= kLines;
      const int sign = i % 11 == 0 ? -1 : 1;
      numbers[0].push_back(isInside ? sign * sample : 0);
      numbers[1].push_back(isInside ? sign * line : 0);
    }
    std::vector<std::byte> both;
    for (const auto& plane : numbers) {
      const auto* first = reinterpret_cast<const std::byte*>(plane.data());
      both.insert(both.end(), first, first + plane.size() * sizeof(std::int32_t));
    }
    QCOMPARE(test::writeGdalFile(glt, both), std::string());
    test::GdalFile points;
    points.path = folder + "/points.tif";
    points.type = PixelType::Int16;
    points.rows = kLines;
    points.cols = kSamples;
    points.nodata = -999;
    for (const auto& [col, row] : {std::pair(0.0, 0.0), {67.0, 0.0}, {0.0, 71.0}, {67.0, 71.0}})
      points.controlPoints.push_back({col, row, 500000 + 9 * col + 4 * row, 4000000 - 9 * row + 3 * col});
    std::vector<std::int16_t> pixels;
    for (int i = 0; i < kLines * kSamples; ++i) pixels.push_back(static_cast<std::int16_t>(i % 13 == 0 ? -999 : i % 101));
    const auto bytesOf = [&pixels] {
      const auto* first = reinterpret_cast<const std::byte*>(pixels.data());
      return std::vector<std::byte>(first, first + pixels.size() * sizeof(std::int16_t));
    };
    QCOMPARE(test::writeGdalFile(points, bytesOf()), std::string());
    pixels.assign(pixels.size(), -999);
    points.path = folder + "/empty_points.tif";
    QCOMPARE(test::writeGdalFile(points, bytesOf()), std::string());
  }

 private slots:
  void initTestCase() {
    QVERIFY(m_workers.grow(2).has_value());
    const std::string folder = m_folder.path().toStdString();
    QVERIFY(writeSyntheticCube(SyntheticCube({kLines, kSamples, kBands, 0, 5}), folder, "cube").has_value());
    // The same cube with nothing in it but nodata.
    QVERIFY(QFile::copy(m_folder.filePath("cube.hdr"), m_folder.filePath("empty.hdr")));
    std::ofstream empty(folder + "/empty", std::ios::binary);
    const std::vector<float> values(static_cast<std::size_t>(kBands) * kLines * kSamples, SyntheticCube::kNodata);
    empty.write(reinterpret_cast<const char*>(values.data()), static_cast<std::streamsize>(values.size() * sizeof(float)));
    writeRasters(folder);
    writeFeatures(folder);
    writeDates(folder);
  }

  void saysWhatItIs_data() { rows(); }
  void saysWhatItIs() {
    const Declaration& d = current();
    QVERIFY(!d.title.empty() && !d.category.empty());
    QVERIFY2(!d.summary.empty() && d.summary.back() == '.', "a summary is one sentence");
    QVERIFY(!d.help.empty() && !d.references.empty() && !d.keywords.empty());
    QCOMPARE(shellWords(exampleOf(d)).front(), d.id);
    for (const Param& p : d.params) {
      QVERIFY2(!p.help.empty() && !labelOf(p).empty(), p.name.c_str());
      QVERIFY2((p.type == ParamType::Choice) == !p.choices.empty(), p.name.c_str());
      const bool onGround = p.type == ParamType::Resolution || p.type == ParamType::Bounds;
      QVERIFY2(!onGround || !p.unit.empty(), (p.name + " has no unit").c_str());
    }
    const auto unknown = Params::check(d.params, Json{{"no_such_parameter", 1}});
    QVERIFY(!unknown && unknown.error().parameter == "no_such_parameter");
  }

  void parametersAreSound_data() { rows(); }
  void parametersAreSound() {
    for (const Param& p : current().params) {
      const ParamKind& kind = kindOf(p.type);
      QVERIFY2(p.defaultTo.is_null() || !p.required, (p.name + " is required and has a default").c_str());
      QVERIFY2(!p.minimum || !p.maximum || *p.minimum < *p.maximum, p.name.c_str());
      QVERIFY2(!p.uiMinimum || !p.minimum || *p.uiMinimum >= *p.minimum, p.name.c_str());
      QVERIFY2(!p.uiMaximum || !p.maximum || *p.uiMaximum <= *p.maximum, p.name.c_str());
      if (!p.defaultTo.is_null()) {
        const auto value = kind.check(p, p.defaultTo);
        QVERIFY2(value.has_value(), value ? "" : value.error().text().c_str());
        const auto again = kind.check(p, kind.fromText(kind.toText(*value)));
        QVERIFY2(again && *again == *value, (p.name + " = " + kind.toText(*value)).c_str());
      }
      for (const Choice& choice : p.choices) {
        QVERIFY(*kind.check(p, choice.name) == Json(choice.name));
        QVERIFY(*kind.check(p, QString::fromStdString(choice.name).toUpper().toStdString()) == Json(choice.name));
        for (const std::string& synonym : choice.synonyms) QVERIFY(*kind.check(p, synonym) == Json(choice.name));
      }
    }
  }

  // The ends of a range are values; what lies beyond is refused under the parameter's name. What an end does to the cube is either a
  // result or an error that says what to do.
  void rangeEndsHold_data() { rows(); }
  void rangeEndsHold() {
    const Declaration& d = current();
    for (const Param& p : d.params) {
      for (const auto& [end, step] : {std::pair(p.minimum, -1.0), std::pair(p.maximum, 1.0)}) {
        if (!end) continue;
        const bool isPair = p.type == ParamType::Range;
        if (!isPair) QVERIFY2(kindOf(p.type).check(p, *end).has_value(), p.name.c_str());
        const auto beyond = kindOf(p.type).check(p, isPair ? Json{*end + step, *end + step + 0.5} : Json(*end + step));
        QVERIFY2(!beyond && beyond.error().parameter == p.name, p.name.c_str());
        if (isPair) continue;
        auto chain = chainOf(d);
        stepOf(*chain, d).params[p.name] = *end;
        if (const auto graph = bound(chain); !graph) QVERIFY2(!graph.error().hint.empty(), graph.error().text().c_str());
      }
    }
  }

  // Every operation says itself in Python and in GDAL's words, or why it cannot; what it says in Python is Python.
  void speaksOtherLanguages_data() { rows(); }
  void speaksOtherLanguages() {
    const Declaration& d = current();
    QVERIFY2(d.python.empty() || d.noPython.empty(), "a Python form, or the reason why there is none");  // those of a composite may follow
    QVERIFY2(d.gdal.empty() || d.noGdal.empty(), "a GDAL form, or the reason why there is none");        // from its steps: see below
    auto chain = chainOf(d);
    QVERIFY2(chain.has_value(), chain ? "" : chain.error().text().c_str());
    QByteArray program;
    for (const Json& values : variantsOf(d, stepOf(*chain, d).params)) {
      const auto python = exportStep(d, values, ExportLanguage::Python, m_engine.registry);
      QVERIFY2(python.has_value(), python ? "" : python.error().text().c_str());
      QVERIFY2(python->text.empty() != python->reason.empty(), "a Python form, or the reason why there is none");
      if (!python->text.empty()) program += "r = (" + QByteArray::fromStdString(python->text) + ")\n";
      const auto gdal = exportStep(d, values, ExportLanguage::Gdal, m_engine.registry);
      QVERIFY2(gdal.has_value(), gdal ? "" : gdal.error().text().c_str());
      QVERIFY2(gdal->text.empty() != gdal->reason.empty(), "a GDAL form, or the reason why there is none");
      if (!gdal->text.empty()) QVERIFY2(shellWords(gdal->text).front().starts_with("gdal"), gdal->text.c_str());
      const auto shell = exportForm(d, values, ExportLanguage::Shell);
      QVERIFY(shell.has_value() && shellWords(shell->text).front() == d.id);
    }
    if (program.isEmpty()) return;
    QProcess python;
    python.start("python3", {"-c", "import ast, sys; ast.parse(sys.stdin.read())"});
    python.write(program);
    python.closeWriteChannel();
    QVERIFY(python.waitForFinished());
    QVERIFY2(python.exitCode() == 0, (program + python.readAllStandardError()).constData());
  }

  // What an operation says in numpy and xarray alone is run beside it, on its example and with every choice that binds: the same dims, and
  // where there is a value the same.
  void pythonAgrees_data() { rows(); }
  void pythonAgrees() {
    const Declaration& d = current();
    auto chain = chainOf(d);
    QVERIFY2(chain.has_value(), chain ? "" : chain.error().text().c_str());
    if (d.role != Role::Transform) return;
    static const QRegularExpression others("scipy|rioxarray|rasterio|geopandas|exactextract|\\.rio\\b|\\.odc\\b");
    Json facts{{"forms", Json::array()}, {"inputs", Json::array()}};
    for (const Json& values : variantsOf(d, stepOf(*chain, d).params)) {
      const auto form = exportStep(d, values, ExportLanguage::Python, m_engine.registry);
      if (form->text.empty() || QString::fromStdString(form->text).contains(others)) continue;
      Chain variant = *chain;
      stepOf(variant, d).params = values;
      const auto graph = bound(variant);
      if (!graph) continue;
      facts["forms"].push_back({{"form", form->text}, {"result", arrayForPython(**graph, "out" + std::to_string(facts["forms"].size()))}});
    }
    if (facts["forms"].empty()) return;
    for (const std::string& input : stepOf(*chain, d).inputs) {
      auto alone = chainFromPipeline({"open", chain->find(input)->params["path"]}, m_engine.registry);
      alone->folder = chain->folder;
      const auto graph = bound(alone);
      QVERIFY2(graph.has_value(), graph ? "" : graph.error().text().c_str());
      facts["inputs"].push_back(arrayForPython(**graph, "in" + std::to_string(facts["inputs"].size())));
    }
    QProcess python;
    python.start("/usr/bin/python3", {"-W", "ignore", "-c", kAgrees});
    python.write(QByteArray::fromStdString(facts.dump()));
    python.closeWriteChannel();
    QVERIFY(python.waitForFinished(120000));
    QVERIFY2(python.exitCode() == 0, python.readAllStandardError().constData());
  }

  void chainsRoundTrip_data() { rows(); }
  void chainsRoundTrip() {
    const auto chain = chainOf(current());
    QVERIFY2(chain.has_value(), chain ? "" : chain.error().text().c_str());
    auto loaded = chainFromJson(chainToJson(*chain));
    QVERIFY2(loaded.has_value(), loaded ? "" : loaded.error().text().c_str());
    QVERIFY(loaded->nodes == chain->nodes);
    const auto text = chainToPipeline(*chain, m_engine.registry);
    QVERIFY2(text.has_value(), text ? "" : text.error().text().c_str());
    const auto parsed = chainFromPipeline(shellWords(text->substr(text->find('!'))), m_engine.registry);
    QVERIFY2(parsed.has_value(), parsed ? "" : parsed.error().text().c_str());
    QVERIFY2(*chainToPipeline(*parsed, m_engine.registry) == *text, text->c_str());
    Chain copy = *chain;
    if (stepOf(copy, current()).inputs.size() > 1) return;  // the order of branches is free
    QVERIFY2(parsed->nodes == chain->nodes, text->c_str());
  }

  // Boxes and scattered indices, sizes that divide nothing, at once or in shares side by side: each value is that of the whole, in no more
  // memory than promised.
  void wholeEqualsPieces_data() { rows(); }
  void wholeEqualsPieces() {
    const auto graph = bound(chainOf(current()));
    QVERIFY2(graph.has_value(), graph ? "" : graph.error().text().c_str());
    if (test::lastOf(**graph).operation->sink()) return;  // runsAlike
    const int last = test::lastIndex(**graph);
    EvaluateContext context;
    auto fitted = fitHere(**graph, last, 0, context);
    QVERIFY2(fitted.has_value(), fitted ? "" : fitted.error().text().c_str());
    const Graph& ready = fitted->graph ? *fitted->graph : **graph;
    const ArraySpec& spec = test::lastOf(ready).operation->spec();
    const auto whole = test::valuesOf(ready);
    QVERIFY2(whole.has_value(), whole ? "" : whole.error().text().c_str());
    QCOMPARE(static_cast<std::int64_t>(whole->size()), spec.count());
    const auto strides = denseStrides(spec.shape(), 1);
    std::mt19937 random(7);
    for (int trial = 0; trial < 6; ++trial) {
      Region region;
      for (const Dim& dim : spec.dims) {
        const auto size = static_cast<unsigned>(dim.size);
        const std::int64_t first = static_cast<std::int64_t>(random() % size),
                           step = trial < 3 ? 1 : 1 + static_cast<std::int64_t>(random() % 4);
        const std::int64_t most = (dim.size - 1 - first) / step + 1;
        region.push_back(IndexSet::range(first, 1 + static_cast<std::int64_t>(random() % static_cast<unsigned>(most)), step));
      }
      const Sharing sharing = trial % 2 == 0 ? Sharing{} : Sharing{5, 2, &m_workers};
      const auto cost = evaluateCost(ready, last, region, sharing);
      QVERIFY2(cost.has_value(), cost ? "" : cost.error().text().c_str());
      EvaluateContext fresh;
      fresh.sharing = sharing;
      const Block block = makeBlock(fresh.pool, spec.type, regionShape(region));
      const auto before = fresh.pool.liveBytes();
      fresh.pool.resetPeak();
      const auto done = evaluate(ready, last, region, block.view, fresh);
      QVERIFY2(done.has_value(), done ? "" : done.error().text().c_str());
      const double peak = static_cast<double>(fresh.pool.peakBytes() - before);
      QVERIFY2(peak <= cost->peakBytes + 4096, qPrintable(QString("%1 bytes of %2 promised").arg(peak).arg(cost->peakBytes)));
      QVERIFY(static_cast<double>(fresh.bytesRead) <= cost->bytesToRead * 1.0001);
      std::vector<double> piece(static_cast<std::size_t>(block.view.count()));
      copyBlock(block.view, denseView(reinterpret_cast<std::byte*>(piece.data()), PixelType::Float64, block.view.shape));
      for (std::size_t i = 0; i < piece.size(); ++i) {
        std::int64_t rest = static_cast<std::int64_t>(i), at = 0;
        for (std::size_t d = region.size(); d-- > 0;) {
          at += region[d].at(rest % region[d].count()) * strides[d];
          rest /= region[d].count();
        }
        const double expected = (*whole)[static_cast<std::size_t>(at)];
        QVERIFY2(isSame(piece[i], expected), qPrintable(QString("trial %1, element %2: %3 in a piece, %4 in the whole")
                                                            .arg(trial)
                                                            .arg(at)
                                                            .arg(piece[i], 0, 'g', 17)
                                                            .arg(expected, 0, 'g', 17)));
      }
    }
  }

  // The same bytes for any number of workers, in the memory that was promised, with the dims, shape and type that were inferred.
  void runsAlike_data() { rows(); }
  void runsAlike() {
    const Declaration& d = current();
    std::string first;
    for (const int workers : {1, 2, 7}) {
      auto chain = chainOf(d, d.role == Role::Sink ? "" : " ! write written.zarr");
      QVERIFY2(chain.has_value(), chain ? "" : chain.error().text().c_str());
      const auto graph = bound(chain);
      QVERIFY2(graph.has_value(), graph ? "" : graph.error().text().c_str());
      const ArraySpec inferred = test::lastOf(**graph).operation->spec();
      const auto report = run(*chain, workers);
      QVERIFY2(report.has_value(), report ? "" : report.error().text().c_str());
      QVERIFY2(report->status == RunStatus::Finished, report->errors.empty() ? "" : report->errors[0].text().c_str());
      QVERIFY2(report->measuredPeakBytes <= report->projectedPeakBytes,
               qPrintable(QString("%1 bytes of %2 promised").arg(report->measuredPeakBytes).arg(report->projectedPeakBytes)));
      const std::string path = report->outputs.front().path;
      const std::string bytes = read(path);
      QVERIFY(!bytes.empty());
      if (first.empty()) first = bytes;
      QVERIFY2(bytes == first, qPrintable(QString("%1 workers give other bytes than 1").arg(workers)));
      const auto info = m_engine.sources->info(path);
      QVERIFY2(info.has_value(), info ? "" : info.error().text().c_str());
      const ArraySpec& produced = info->variables[info->chosen].spec;
      if (!inferred.storedScale) QCOMPARE(produced.type, inferred.type);  // else it opens decoded, as xarray opens it
      if (d.role != Role::Sink) {
        QCOMPARE(produced.dimNames(), inferred.dimNames());
        QCOMPARE(produced.shape(), inferred.shape());
        QVERIFY(produced.geobox.has_value() == inferred.geobox.has_value());
      }
      QCOMPARE(produced.count(), inferred.count());
      QDir(QString::fromStdString(path)).removeRecursively();
      QFile::remove(QString::fromStdString(path));
    }
  }

  // Of nothing but nodata comes nothing but nodata; and where the output has the input's pixels, each nodata pixel stays one.
  void nodataStaysNodata_data() { rows(); }
  void nodataStaysNodata() {
    const Declaration& d = current();
    if (d.role != Role::Transform || !d.validFromNodata.empty()) return;
    for (const std::string cube : {"empty.hdr", "cube.hdr"}) {
      const auto graph = bound(chainOf(d, {}, cube));
      QVERIFY2(graph.has_value(), graph ? "" : graph.error().text().c_str());
      const ArraySpec &in = (*graph)->nodes.front().operation->spec(), &out = test::lastOf(**graph).operation->spec();
      bool samePixels = in.shape() == out.shape() && in.dimNames() == out.dimNames();
      for (std::size_t i = 0; samePixels && i < in.dims.size(); ++i) samePixels = firstOtherEntry(in.dims[i], out.dims[i]) < 0;
      if (cube == "cube.hdr" && !samePixels) continue;
      const auto before = test::valuesOf(
          *bound(chainFromPipeline({"open", m_folder.filePath(inputOf(d, cube).c_str()).toStdString()}, m_engine.registry)).value());
      const auto after = test::valuesOf(**graph);
      QVERIFY2(after.has_value(), after ? "" : after.error().text().c_str());
      for (std::size_t i = 0; i < after->size(); ++i)
        if (cube == "empty.hdr" || isNodata((*before)[i], in))
          QVERIFY2(isNodata((*after)[i], out), qPrintable(QString("element %1 is %2").arg(i).arg((*after)[i])));
    }
  }
};

QTEST_APPLESS_MAIN(TestContract)
#include "tst_contract.moc"
