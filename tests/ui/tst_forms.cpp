// SPDX-License-Identifier: GPL-3.0-or-later
// Forms of the richer parameters: files with geometries, shapes drawn on the preview, classes, ticked entries, other steps, picked spectra.
#include <QApplication>
#include <QClipboard>
#include <QComboBox>
#include <QLineEdit>
#include <QListWidget>
#include <QPushButton>
#include <QStandardPaths>
#include <QTableWidget>
#include <QTemporaryDir>
#include <QToolButton>
#include <QtTest>

#include "tests/ui/support/inspector_world.h"
#include "ui/inspector/class_rows.h"
#include "ui/inspector/entry_picker.h"
#include "ui/inspector/ports_form.h"
#include "ui/inspector/spectrum_range.h"
#include "ui/map/map_canvas.h"
#include "ui/map/preview_view.h"
#include "ui/map/sketch.h"
#include "ui/map/sketch_tool.h"
#include "ui/steps/drawn_shapes.h"
#include "ui/theme/theme.h"

using namespace cubeloom;

class FormsTest : public QObject {
  Q_OBJECT

  /// open -> clip, reclassify, spectral_angle, band_depth, sel, align beside each other.
  static Chain manySteps() {
    Chain chain;
    const auto add = [&](const char* id, const char* op, Json params) {
      Node node;
      node.id = id;
      node.op = op;
      if (std::string_view(op) != "open") node.inputs = {"cube"};
      node.params = std::move(params);
      chain.nodes.push_back(node);
    };
    add("cube", "open", {{"path", "/data/cube.hdr"}});
    add("part", "clip", Json::object());
    add("classes", "reclassify", Json::object());
    add("angle", "spectral_angle", Json::object());
    add("depth", "band_depth", Json::object());
    add("chosen", "sel", Json::object());
    add("grid", "reproject", Json::object());
    return chain;
  }

  struct World : test::InspectorWorld {
    explicit World(const char* select) : InspectorWorld(select, manySteps(), 900) {
      QTest::qWait(50);  // what is added to a window that is shown already shows with the next events
    }
    QPushButton* button(const QString& text) {
      for (QPushButton* button : view.findChildren<QPushButton*>())
        if (button->isVisible() && button->text() == text) return button;
      return nullptr;
    }
  };

  static void choose(QComboBox* combo, const QString& data) {
    combo->setCurrentIndex(combo->findData(data));
    Q_EMIT combo->activated(combo->currentIndex());
  }
  static QComboBox* comboOf(ParamEditor* editor, const QString& name) {
    for (QComboBox* combo : editor->findChildren<QComboBox*>())
      if (combo->accessibleName().contains(name)) return combo;
    return nullptr;
  }
  static QString dump(const Json& value) { return QString::fromStdString(value.dump()); }

 private slots:
  void initTestCase() {
    QStandardPaths::setTestModeEnabled(true);
    QCoreApplication::setApplicationName("tst_forms");
    theme().applyToApplication();
  }

  void polygonsAreDrawnAndTakenBack() {
    Sketch sketch(MapQuestion::Kind::Polygons);
    sketch.add({0, 0});
    sketch.add({10, 0});
    QVERIFY2(sketch.close().contains("3 corners"), "two corners are no polygon");
    sketch.add({10, 10});
    sketch.undo();
    QCOMPARE(sketch.open().size(), 2);
    sketch.redo();
    QCOMPARE(sketch.close(), QString());
    QCOMPARE(sketch.shapes().size(), std::size_t(1));
    QCOMPARE(sketch.shapes()[0].name, QString("1"));
    QCOMPARE(sketch.shapeAt({8, 3}), 0);
    QCOMPARE(sketch.shapeAt({3, 8}), -1);

    const Sketch::Corner corner = sketch.insertBehind({0, 0, 2}, {0, 10});
    QCOMPARE(sketch.shapes()[0].rings[0].size(), 4);
    sketch.beginMove();
    sketch.move(corner, {-5, 10});
    sketch.move(corner, {-6, 10});
    sketch.undo();  // one step, however far it was dragged
    QCOMPARE(sketch.shapes()[0].rings[0][3], QPointF(0, 10));
    sketch.select(corner);
    QVERIFY(sketch.removeSelected());
    QCOMPARE(sketch.shapes()[0].rings[0].size(), 3);
    sketch.select({0, 0, 1});
    QVERIFY(sketch.removeSelected());  // a triangle without a corner is none
    QVERIFY(sketch.shapes().empty());
    QVERIFY(!sketch.removeSelected());
    sketch.undo();
    QCOMPARE(sketch.shapes().size(), std::size_t(1));
  }

  void drawnShapesAreAFileThatTheParameterNames() {
    QTemporaryDir folder;
    MapShapes shapes{*Crs::fromUser("EPSG:32610"), {{"1", {QPolygonF({{700010, 3799900}, {700060, 3799950}, {700060, 3799900}})}}}};
    const auto value = saveShapes(shapes, true, folder.path(), "part_polygons");
    QVERIFY(value);
    QCOMPARE(dump(*value), QString("\"part_polygons_1.geojson\""));
    QFile file(folder.filePath("part_polygons_1.geojson"));
    QVERIFY(file.open(QIODevice::ReadOnly));
    const Json json = Json::parse(file.readAll().toStdString());
    QCOMPARE(dump(json["crs"]["properties"]["name"]), QString("\"urn:ogc:def:crs:EPSG::32610\""));
    // Closed and counter-clockwise, as RFC 7946 has it; it was drawn clockwise.
    QCOMPARE(dump(json["features"][0]["geometry"]["coordinates"]),
             QString("[[[700060.0,3799900.0],[700060.0,3799950.0],[700010.0,3799900.0],[700060.0,3799900.0]]]"));
    // The next drawing is another file: undo leads back to the one before.
    shapes.shapes[0].name = "meadow";
    QCOMPARE(dump(*saveShapes(shapes, true, folder.path(), "part_polygons")),
             QString("{\"id\":\"name\",\"path\":\"part_polygons_2.geojson\"}"));
    // A picture without a CRS: a file that has none either.
    shapes.crs = Crs();
    QCOMPARE(dump(*saveShapes(shapes, true, folder.path(), "pixels")), QString("{\"id\":\"name\",\"path\":\"pixels_1.csv\"}"));
    QFile table(folder.filePath("pixels_1.csv"));
    QVERIFY(table.open(QIODevice::ReadOnly));
    QCOMPARE(QString(table.readAll()),
             QString("name,WKT\n\"meadow\",\"POLYGON ((700010 3799900, 700060 3799950, 700060 3799900, 700010 3799900))\"\n"));
    const auto refused = saveShapes(shapes, true, "/proc/nowhere", "x");
    QVERIFY(!refused);
    QCOMPARE(refused.error().code, ErrorCode::WriteFailed);
  }

  void aFileOffersItsLayersAndAttributes() {
    World world("part");
    ParamEditor* editor = world.editor("polygons");
    auto* path = qobject_cast<QLineEdit*>(editor->field());
    QVERIFY(path);
    path->setFocus();
    QTest::keyClicks(path, "two.gpkg");
    QTest::keyClick(path, Qt::Key_Return);
    QCOMPARE(dump(world.params("part")["polygons"]), QString("\"two.gpkg\""));
    QComboBox* layer = comboOf(editor, "Layer");
    QTRY_COMPARE(layer->count(), 3);
    QVERIFY(layer->isVisible());
    QCOMPARE(layer->itemText(1), QString("fields · 12 polygons"));
    QTRY_VERIFY(world.shows("2 layers: choose one"));
    choose(layer, "fields");
    QComboBox* id = comboOf(editor, "Named by");
    QCOMPARE(id->itemText(1), QString("name: north, south…"));
    choose(id, "name");
    QCOMPARE(dump(world.params("part")["polygons"]), QString("{\"id\":\"name\",\"layer\":\"fields\",\"path\":\"two.gpkg\"}"));
    QTRY_VERIFY(world.shows("12 polygons"));
    world.document.undoStack()->undo();
    QTRY_VERIFY(!world.params("part")["polygons"].contains("id"));
    // A file with one layer needs no choice, and numbers are the names again.
    path->selectAll();
    QTest::keyClicks(path, "one.gpkg");
    QTest::keyClick(path, Qt::Key_Return);
    QTRY_VERIFY(!layer->isVisible());
    QCOMPARE(dump(world.params("part")["polygons"]), QString("\"one.gpkg\""));
    path->selectAll();
    QTest::keyClicks(path, "missing.gpkg");
    QTRY_VERIFY(world.shows("there is no file"));
  }

  void polygonsAreDrawnOnThePreview() {
    World world("part");
    PreviewView preview(world.document, world.session);
    preview.setQuestion(&world.question);
    preview.resize(700, 460);
    preview.show();
    QVERIFY(QTest::qWaitForWindowExposed(&preview));
    world.document.setViewedNode("cube");
    QTRY_VERIFY_WITH_TIMEOUT(preview.scene().lead() && preview.scene().side(0).fine, 20000);
    QPushButton* draw = world.button("Draw on the preview");
    QVERIFY(draw);
    draw->click();
    QVERIFY(preview.sketchTool()->isActive());
    QVERIFY(preview.sketchTool()->isVisible());

    MapCanvas* canvas = preview.canvas();
    const auto at = [&](double x, double y) { return canvas->frame().toScreen({x, y}).toPoint(); };
    for (const auto& [x, y] : {std::pair(700030.0, 3799850.0), std::pair(700100.0, 3799850.0), std::pair(700100.0, 3799900.0)})
      QTest::mouseClick(canvas, Qt::LeftButton, {}, at(x, y));
    QTest::keyClick(canvas, Qt::Key_Backspace);
    QCOMPARE(preview.sketchTool()->sketch().open().size(), 2);
    QTest::keyClick(canvas, Qt::Key_Z, Qt::ControlModifier);  // the drawing's own undo, not the chain's
    QCOMPARE(preview.sketchTool()->sketch().open().size(), 3);
    QTest::keyClick(canvas, Qt::Key_Return);
    QCOMPARE(preview.sketchTool()->sketch().shapes().size(), std::size_t(1));
    // A corner is dragged.
    QTest::mousePress(canvas, Qt::LeftButton, {}, at(700100, 3799900));
    QTest::mouseMove(canvas, at(700100, 3799920));
    QTest::mouseMove(canvas, at(700100, 3799930));
    QTest::mouseRelease(canvas, Qt::LeftButton, {}, at(700100, 3799930));
    QVERIFY(std::abs(preview.sketchTool()->sketch().shapes()[0].rings[0][2].y() - 3799930) < 2);
    QCOMPARE(world.params("part").size(), std::size_t(0));
    QTest::keyClick(canvas, Qt::Key_Return);
    QVERIFY(!preview.sketchTool()->isActive());
    const QString value = dump(world.params("part")["polygons"]);
    QVERIFY2(value.contains("part_polygons_") && value.endsWith(".geojson\""), qPrintable(value));
    world.document.undoStack()->undo();
    QVERIFY(!world.params("part").contains("polygons"));
    // Esc leaves the step as it was.
    world.button("Draw on the preview")->click();
    QTest::mouseClick(canvas, Qt::LeftButton, {}, at(700030, 3799850));
    QTest::keyClick(canvas, Qt::Key_Escape);
    QVERIFY2(preview.sketchTool()->isActive(), "the first Esc lets go of the open polygon");
    QTest::keyClick(canvas, Qt::Key_Escape);
    QVERIFY(!preview.sketchTool()->isActive());
    QVERIFY(!world.params("part").contains("polygons"));
  }

  void aClickOnThePreviewIsTheReference() {
    World world("angle");
    QPushButton* pick = world.button("Pick on the preview");
    QVERIFY(pick);
    pick->click();
    QVERIFY(world.question.asked());
    QCOMPARE(world.question.asked()->whereFrom, QString("cube"));
    const int before = world.document.undoStack()->count();
    // In column 4 and row 2 of 5 m pixels from 700000, 3800000: the centre is 22.5 m to the east and 12.5 m to the south.
    world.question.answer({*Crs::fromUser("EPSG:32610"), {{"1", {QPolygonF({QPointF(700021, 3799988)})}}}});
    QCOMPARE(world.document.undoStack()->count(), before + 1);
    const Node* angle = world.document.chain().find("angle");
    QCOMPARE(angle->inputs.size(), std::size_t(2));
    const Node* reference = world.document.chain().find(angle->inputs[1]);
    QCOMPARE(reference->op, std::string("sel"));
    QCOMPARE(dump(reference->params["indexers"]), QString("{\"x\":700022.5,\"y\":3799987.5}"));
    QVERIFY(test::waitForGraph(world.document));
    QCOMPARE(world.document.specOf(QString::fromStdString(reference->id))->dims.size(), std::size_t(1));
    QTRY_VERIFY(world.shows("wavelength 20"));
    // Picked again, the former one gives way.
    const std::size_t steps = world.document.chain().nodes.size();
    QCOMPARE(usePickedSpectra(world.document, "angle", 1, {*Crs::fromUser("EPSG:32610"), {{"1", {QPolygonF({QPointF(700001, 3799999)})}}}}),
             QString());
    QCOMPARE(world.document.chain().nodes.size(), steps);
    QVERIFY(test::waitForGraph(world.document));
    // Several are a step that samples points.
    QCOMPARE(usePickedSpectra(world.document, "angle", 1,
                              {*Crs::fromUser("EPSG:32610"),
                               {{"1", {QPolygonF({QPointF(700001, 3799999)})}}, {"2", {QPolygonF({QPointF(700051, 3799949)})}}}}),
             QString());
    angle = world.document.chain().find("angle");
    QCOMPARE(world.document.chain().find(angle->inputs[1])->op, std::string("sample_points"));
    QVERIFY(test::waitForGraph(world.document));
    QVERIFY(usePickedSpectra(world.document, "angle", 1, {*Crs::fromUser("EPSG:32610"), {{"1", {QPolygonF({QPointF(0, 0)})}}}})
                .contains("outside"));
  }

  void classesOfASpreadsheetArePasted() {
    const auto rows = classRowsFromText("from\tto\tclass\tname\tcolour\n0\t0,3\t1\tbare\t#f2cf5b\n0,3\t\t2\tgreen\t\nnodata\t\t0\t\t\n");
    QVERIFY(rows);
    // An end that is left empty makes one value of it, as in a list of codes.
    QCOMPARE(dump(*classTable(*rows)), QString("[{\"color\":\"#f2cf5b\",\"name\":\"bare\",\"value\":1.0,\"when\":\"[0,0.3)\"},"
                                               "{\"name\":\"green\",\"value\":2.0,\"when\":\"0.3\"},{\"value\":0.0,\"when\":\"nodata\"}]"));
    const auto signs = classRowsFromText("-inf;<0;1\n>0;<=1;2\n>=1;;3");
    QVERIFY(signs);
    QCOMPARE(dump(*classTable(*signs)),
             QString("[{\"value\":1.0,\"when\":\"[-inf,0)\"},{\"value\":2.0,\"when\":\"(0,1]\"},{\"value\":3.0,\"when\":\"[1,inf]\"}]"));
    const auto pairs = classRowsFromText("11,1\n12,1\n21,2");
    QVERIFY(pairs);
    QCOMPARE(dump(*classTable(*pairs)),
             QString("[{\"value\":1.0,\"when\":\"11\"},{\"value\":1.0,\"when\":\"12\"},{\"value\":2.0,\"when\":\"21\"}]"));
    for (const auto& [text, said] : std::initializer_list<std::pair<const char*, const char*>>{{"1;2;3\n4;x;5", "line 2"},
                                                                                               {"1;2;3\n4;x;5", "'x' is no number"},
                                                                                               {"3;1;2", "above"},
                                                                                               {"0;1;2;a;red", "no colour"},
                                                                                               {"", "no text"}}) {
      const auto wrong = classRowsFromText(text);
      QVERIFY(!wrong);
      QVERIFY2(wrong.error().message.find(said) != std::string::npos, wrong.error().message.c_str());
      QVERIFY(!wrong.error().hint.empty());
    }
  }

  void classesAreEditedInATable() {
    World world("classes");
    auto* table = world.view.findChild<QTableWidget*>();
    QVERIFY(table);
    QVERIFY(world.shows("No classes yet"));
    world.button("Add row")->click();
    world.button("Add row")->click();
    QCOMPARE(dump(world.params("classes")["map"]), QString("[{\"value\":1.0,\"when\":\"[0,1)\"},{\"value\":2.0,\"when\":\"[1,2)\"}]"));
    table->item(0, 1)->setText("0.3");
    QCOMPARE(table->item(0, 1)->text(), QString("< 0.3"));
    QCOMPARE(dump(world.params("classes")["map"][0]), QString("{\"value\":1.0,\"when\":\"[0,0.3)\"}"));
    table->item(0, 0)->setText("abc");
    QTRY_VERIFY(world.shows("row 1: From 'abc' is no number"));
    QCOMPARE(dump(world.params("classes")["map"][0]), QString("{\"value\":1.0,\"when\":\"[0,0.3)\"}"));
    table->item(0, 0)->setText("> 0");
    QCOMPARE(dump(world.params("classes")["map"][0]), QString("{\"value\":1.0,\"when\":\"(0,0.3)\"}"));
    table->setFocus();
    table->setCurrentCell(0, 0);
    QTest::keyClick(table, Qt::Key_Down, Qt::AltModifier);
    QCOMPARE(dump(world.params("classes")["map"][1]), QString("{\"value\":1.0,\"when\":\"(0,0.3)\"}"));
    QApplication::clipboard()->setText("5\t6\t9\twood\t#0b6e4f\n");
    QTest::keyClick(table, Qt::Key_V, Qt::ControlModifier);
    QCOMPARE(table->rowCount(), 3);
    QCOMPARE(dump(world.params("classes")["map"][2]),
             QString("{\"color\":\"#0b6e4f\",\"name\":\"wood\",\"value\":9.0,\"when\":\"[5,6)\"}"));
    table->clearSelection();
    table->selectRow(2);
    QTest::keyClick(table, Qt::Key_Delete);
    QCOMPARE(world.params("classes")["map"].size(), std::size_t(2));
    world.document.undoStack()->undo();
    QTRY_VERIFY(table->rowCount() != 2);
  }

  void tickedEntriesAreTheShortestSelection() {
    Dim bands{"wavelength", 6, {}};
    bands.coordinate.kind = Coordinate::Kind::Values;
    bands.coordinate.values = {400.5, 500, 600, 700, 800, 900};
    bands.coordinate.unit = "nm";
    QCOMPARE(selectionOf(bands, {0, 1, 2, 3, 4, 5}, false, false), QString());
    QCOMPARE(selectionOf(bands, {0, 1, 2}, false, false), QString("400:600"));
    QCOMPARE(selectionOf(bands, {0, 1, 4}, false, false), QString("400:500, 800"));
    QCOMPARE(selectionOf(bands, {0, 1, 2}, true, false), QString("0:3"));
    QCOMPARE(selectionOf(bands, {0, 1, 4}, true, false), QString("0, 1, 4"));
    QCOMPARE(selectionOf(bands, {4}, true, false), QString("4"));
    QCOMPARE(selectionOf(bands, {4}, true, true), QString("4,"));
    Dim times{"time", 3, {}};
    times.coordinate.kind = Coordinate::Kind::Values;
    times.coordinate.values = {1645660800, 1649721600, 1652227200};
    times.coordinate.labels = {"2022-02-24T00:00:00Z", "2022-04-12T00:00:00Z", "2022-05-11T00:00:00Z"};
    times.coordinate.unit = "datetime";
    QCOMPARE(selectionOf(times, {0, 2}, false, false), QString("2022-02-24, 2022-05-11"));
    QCOMPARE(selectionOf(times, {1}, false, false), QString("2022-04-12"));
  }

  void entriesAreTicked() {
    World world("chosen");
    QToolButton* tick = nullptr;
    for (QToolButton* button : world.view.findChildren<QToolButton*>())
      if (button->isVisible() && button->accessibleName() == "Tick entries of wavelength") tick = button;
    QVERIFY(tick);
    for (QToolButton* button : world.view.findChildren<QToolButton*>())
      QVERIFY2(!(button->isVisible() && button->accessibleName() == "Tick entries of x"), "rows and columns are not ticked one by one");
    tick->click();
    auto* picker = world.view.findChild<EntryPicker*>();
    QVERIFY(picker);
    auto* list = picker->findChild<QListWidget*>();
    QCOMPARE(list->count(), 20);
    QCOMPARE(list->item(3)->text(), QString("700 nm · band 4"));
    QCOMPARE(list->item(3)->checkState(), Qt::Checked);
    for (int i = 5; i < 20; ++i) list->item(i)->setCheckState(Qt::Unchecked);
    QCOMPARE(dump(world.params("chosen")["indexers"]), QString("{\"wavelength\":\"400:800\"}"));
    auto* spectrum = picker->findChild<SpectrumRange*>();
    QVERIFY(spectrum && spectrum->hasWavelengths());
    Q_EMIT spectrum->dragged(1000, 1200, true);
    QCOMPARE(dump(world.params("chosen")["indexers"]), QString("{\"wavelength\":\"1000:1200\"}"));
    picker->close();
  }

  void aRangeIsDraggedOnTheSpectrum() {
    World world("depth");
    auto* spectrum = world.editor("range")->findChild<SpectrumRange*>();
    QVERIFY(spectrum && spectrum->isVisible());
    const int left = 6, right = spectrum->width() - 6, y = spectrum->height() / 2;
    const auto x = [&](double nm) { return left + qRound((nm - 400) / 1900 * (right - left)); };
    QTest::mousePress(spectrum, Qt::LeftButton, {}, {x(1000), y});
    QTest::mouseMove(spectrum, {x(1200), y});
    QTest::mouseMove(spectrum, {x(1500), y});
    QTest::mouseRelease(spectrum, Qt::LeftButton, {}, {x(1500), y});
    QCOMPARE(dump(world.params("depth")["range"]), QString("[1000.0,1500.0]"));
    spectrum->setFocus();
    QTest::keyClick(spectrum, Qt::Key_Right, Qt::ShiftModifier);
    QCOMPARE(dump(world.params("depth")["range"]), QString("[1000.0,1600.0]"));
    world.document.undoStack()->undo();
    QTRY_VERIFY(world.params("depth").value("range", Json()) != Json::array({1000.0, 1600.0}));
  }

  void anotherStepIsChosenByAClick() {
    World world("grid");
    ParamEditor* editor = world.editor("like");
    QVERIFY(editor);
    auto* combo = qobject_cast<QComboBox*>(editor->field());
    QVERIFY(combo->findData("part") >= 0);
    QVERIFY2(combo->findData("grid") < 0, "a step is not like itself");
    choose(combo, "part");
    QCOMPARE(dump(world.params("grid")["like"]), QString("\"part\""));
    auto* point = editor->findChild<QToolButton*>();
    point->setChecked(true);
    world.document.setSelection({"classes"});
    QCOMPARE(dump(world.params("grid")["like"]), QString("\"classes\""));
    QCOMPARE(world.view.node(), QString("grid"));
    QCOMPARE(world.document.selection(), QStringList{"grid"});
    QVERIFY(!point->isChecked());
    world.document.setSelection({"classes"});
    QCOMPARE(world.view.node(), QString("classes"));
  }
};

QTEST_MAIN(FormsTest)
#include "tst_forms.moc"
