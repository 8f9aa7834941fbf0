// SPDX-License-Identifier: GPL-3.0-or-later
// The inspector: forms come from declarations, edits reach the document and come back from undo, errors stand at their field.
#include <QApplication>
#include <QCheckBox>
#include <QClipboard>
#include <QComboBox>
#include <QLineEdit>
#include <QListWidget>
#include <QPushButton>
#include <QStandardPaths>
#include <QtTest>

#include "tests/ui/support/inspector_world.h"
#include "ui/inspector/crs_picker.h"
#include "ui/theme/theme.h"
#include "ui/words/chain_text.h"
#include "ui/words/explanation.h"
#include "ui/words/param_text.h"

using namespace cubeloom;

class InspectorTest : public QObject {
  Q_OBJECT

  struct World : test::InspectorWorld {
    explicit World(const QString& select, const Chain& chain = test::foundingChain()) : InspectorWorld(select, chain, 800) {}
  };

  static Chain everything() {
    Chain chain = test::foundingChain();
    Node node;
    node.id = "all";
    node.op = "everything";
    node.inputs = {"cube"};
    chain.nodes.push_back(node);
    return chain;
  }
  static Param param(ParamType type) {
    Param p;
    p.name = "p";
    p.type = type;
    return p;
  }
  static void type(QWidget* field, const QString& text) {
    auto* line = qobject_cast<QLineEdit*>(field);
    line->setFocus();
    line->selectAll();
    QTest::keyClick(line, Qt::Key_Delete);
    QTest::keyClicks(line, text);
  }

 private slots:
  void initTestCase() {
    QStandardPaths::setTestModeEnabled(true);
    QCoreApplication::setOrganizationName("cubeloom-test");
    QCoreApplication::setApplicationName("tst_inspector");
  }

  void labelsReadAsWords() {
    Param p = param(ParamType::Number);
    p.name = "rpc_height";
    QCOMPARE(paramLabel(p), QString("RPC height"));
    p.name = "crs";
    QCOMPARE(paramLabel(p), QString("CRS"));
    p.label = "coordinate system";
    QCOMPARE(paramLabel(p), QString("Coordinate system"));
    p.label.clear();
    p.name = "dims";
    QCOMPARE(paramLabel(p), QString("Dimensions"));
    p.name = "q";
    QCOMPARE(paramLabel(p), QString("Quantiles"));
  }

  void textAndValueAgree_data() {
    QTest::addColumn<int>("type");
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("json");
    const auto row = [](ParamType type, const char* text, const char* json) {
      QTest::newRow(text) << int(type) << QString(text) << QString(json);
    };
    row(ParamType::Number, "1.5", "1.5");
    row(ParamType::Number, "-9999", "-9999");
    row(ParamType::Number, "nan", "\"nan\"");
    row(ParamType::Resolution, "500 m", "500");
    row(ParamType::Resolution, "500, 250", "[500,250]");
    row(ParamType::Resolution, "auto", "\"auto\"");
    row(ParamType::Shape, "100 × 200", "[100,200]");
    row(ParamType::Bounds, "1, 2, 3, 4.5", "[1,2,3,4.5]");
    row(ParamType::Text, "a, b", "\"a, b\"");
    row(ParamType::Dims, "y, x", "[\"y\",\"x\"]");
    row(ParamType::Number, "", "null");
  }
  void textAndValueAgree() {
    QFETCH(int, type);
    QFETCH(QString, text);
    QFETCH(QString, json);
    const Param p = param(static_cast<ParamType>(type));
    const auto value = paramValue(p, text);
    QVERIFY2(value.has_value(), value ? "" : value.error().message.c_str());
    QCOMPARE(QString::fromStdString(value->dump()), json);
    const auto again = paramValue(p, paramText(p, *value));
    QVERIFY(again && *again == *value);
  }

  // The chain up to a step is copied as a command, branches too; not where a step is of an operation that nobody knows.
  void chainsAreCopiedAsCommands() {
    Chain chain;
    chain.nodes = {{"red", "open", {}, Json{{"path", "red.tif"}}},
                   {"near infrared", "open", {}, Json{{"path", "my nir.tif"}}},
                   {"ratio", "calc", {"red", "near infrared"}, Json{{"expression", "in2.x / in1.x"}}},
                   {"out", "write", {"ratio"}, Json{{"path", "ratio.tif"}}}};
    World w("out", chain);
    QPushButton* button = nullptr;
    for (QPushButton* one : w.view.findChildren<QPushButton*>())
      if (one->text() == "Command") button = one;
    QVERIFY(button);
    QTRY_VERIFY(button->isEnabled());
    button->click();
    QCOMPARE(QApplication::clipboard()->text(),
             QString("cubeloom-cli run ! red= open red.tif ! near_infrared= open 'my nir.tif' ! calc '[red]' '[near_infrared]' "
                     "'expression=in2.x / in1.x' ! write ratio.tif"));
    w.document.setSelection({"red"});
    QTRY_VERIFY(button->isEnabled());
    button->click();
    QCOMPARE(QApplication::clipboard()->text(), QString("cubeloom-cli run ! open red.tif"));

    // Paths are relative to the chain's file.
    chain.folder = "/my data";
    QCOMPARE(commandFor(chain, "red", *w.document.services().registry), QString("(cd '/my data' && cubeloom-cli run ! open red.tif)"));
    chain.nodes[0].params["path"] = "/data/red.tif";
    QCOMPARE(commandFor(chain, "red", *w.document.services().registry), QString("cubeloom-cli run ! open /data/red.tif"));
    chain.nodes[0].params["path"] = "red.tif";
    chain.folder.clear();

    // What a step looks at is part of it.
    Node grid{"grid", "reproject", {"red"}, Json{{"like", "near infrared"}}};
    chain.nodes.push_back(grid);
    const Registry& registry = *w.document.services().registry;
    QCOMPARE(commandFor(chain, "grid", registry),
             QString("cubeloom-cli run ! near_infrared= open 'my nir.tif' ! open red.tif ! reproject like=near_infrared"));
    chain.nodes[2].op = "unheard_of";
    QVERIFY(commandFor(chain, "out", registry).isEmpty() && !commandFor(chain, "red", registry).isEmpty());
  }

  void wrongTextIsNoValue() {
    QVERIFY(!paramValue(param(ParamType::Number), "five"));
    QVERIFY(!paramValue(param(ParamType::Number), "1,5"));
    QVERIFY(!paramValue(param(ParamType::Resolution), "-3"));
    QVERIFY(!paramValue(param(ParamType::Bounds), "1, 2, 3"));
    Param integer = param(ParamType::Integer);
    integer.maximum = 9;
    QVERIFY(!paramValue(integer, "10"));
    QVERIFY(!paramValue(integer, "2.5"));
    QCOMPARE(selectionValue("0:10:2").dump(), std::string("\"0:10:2\""));
    QCOMPARE(selectionValue("3").dump(), std::string("3"));
    QCOMPARE(selectionValue("1, 5, 9").dump(), std::string("[1,5,9]"));
    QCOMPARE(selectionValue("2022-02-24").dump(), std::string("\"2022-02-24\""));
  }

  void everyOperationGetsItsForm() {
    const Services services = test::fakeServices();
    for (const Operation* operation : services.registry->all()) {
      Chain chain = test::foundingChain();
      Node node;
      node.id = "probe";
      node.op = operation->declaration().id;
      if (operation->declaration().maxInputs() > 0) node.inputs = {"cube"};
      chain.nodes.push_back(node);
      World w("probe", chain);
      QVERIFY(w.form());
      for (const Param& p : operation->declaration().params)  // those of older chains only where a chain has set them
        QVERIFY2((w.editor(p.name.c_str()) == nullptr) == p.former, (operation->declaration().id + "." + p.name).c_str());
    }
  }

  void typingReachesTheDocumentOnce() {
    World w("all", everything());
    const int before = w.document.undoStack()->count();
    auto* line = qobject_cast<QLineEdit*>(w.editor("number")->field());
    type(line, "12.25");
    QTRY_COMPARE(w.params("all").value("number", Json()).dump(), std::string("12.25"));
    QCOMPARE(w.document.undoStack()->count(), before + 1);
    w.document.undoStack()->undo();
    QVERIFY(!w.params("all").contains("number"));
    QCOMPARE(line->text(), QString());
    w.document.undoStack()->redo();
    QCOMPARE(line->text(), QString("12.25"));
  }

  void wrongInputStaysOutOfTheDocument() {
    World w("all", everything());
    auto* line = qobject_cast<QLineEdit*>(w.editor("integer")->field());
    QCOMPARE(line->placeholderText(), QString("3"));
    type(line, "77");
    QTest::qWait(400);
    QVERIFY(!w.params("all").contains("integer"));
    QVERIFY(line->property("invalid").toBool());
    QVERIFY(w.shows("at most 9"));
    type(line, "7");
    QTRY_COMPARE(w.params("all").value("integer", Json()).dump(), std::string("7"));
    QVERIFY(!line->property("invalid").toBool());
    // A run goes on with what the step has: the field says which value that is.
    type(line, "77");
    QVERIFY(w.shows("; 7 stays"));
  }

  /// 4 -> 88 (no value) -> 4: the document has not changed, and the field is right again.
  void aFieldIsRightAgainWhenItsFormerValueReturns() {
    World w("all", everything());
    auto* line = qobject_cast<QLineEdit*>(w.editor("integer")->field());
    type(line, "4");
    QTRY_COMPARE(w.params("all").value("integer", Json()).dump(), std::string("4"));
    const int edits = w.document.undoStack()->count();
    type(line, "88");
    QVERIFY(line->property("invalid").toBool());
    type(line, "4");
    QVERIFY(!line->property("invalid").toBool());
    QVERIFY(!w.shows("at most 9"));
    QTest::qWait(400);
    QCOMPARE(w.document.undoStack()->count(), edits);
  }

  void undoInAFieldIsTheDocuments() {
    World w("all", everything());
    QAction* undo = w.document.undoStack()->createUndoAction(&w.view);
    undo->setShortcut(QKeySequence::Undo);
    w.view.addAction(undo);
    w.view.activateWindow();
    QVERIFY(QTest::qWaitForWindowActive(&w.view));
    auto* line = qobject_cast<QLineEdit*>(w.editor("number")->field());
    type(line, "31.5");
    QTest::keyClick(line, Qt::Key_Return);
    QCOMPARE(w.params("all").value("number", Json()).dump(), std::string("31.5"));
    QTest::keyClick(line, Qt::Key_Z, Qt::ControlModifier);
    QVERIFY(!w.params("all").contains("number"));
    QCOMPARE(line->text(), QString());
    QVERIFY(w.document.undoStack()->canRedo());

    // What is still being typed is the newest edit.
    type(line, "6.25");
    QTest::keyClick(line, Qt::Key_Z, Qt::ControlModifier);
    QVERIFY(!w.params("all").contains("number"));
    QCOMPARE(line->text(), QString());

    // What is no value is no edit: it goes, and the edit before it stays.
    auto* other = qobject_cast<QLineEdit*>(w.editor("integer")->field());
    type(other, "6");
    QTest::keyClick(other, Qt::Key_Return);
    type(other, "66");
    QTest::keyClick(other, Qt::Key_Z, Qt::ControlModifier);
    QCOMPARE(other->text(), QString("6"));
    QCOMPARE(w.params("all").value("integer", Json()).dump(), std::string("6"));
  }

  void theZoneHandsTheFocusToItsFirstField() {
    World w("all", everything());
    w.view.activateWindow();
    QVERIFY(QTest::qWaitForWindowActive(&w.view));
    w.view.setFocus(Qt::ShortcutFocusReason);
    QVERIFY(w.form()->isAncestorOf(QApplication::focusWidget()));
    w.document.setSelection({});
    w.view.setFocus(Qt::ShortcutFocusReason);
    QCOMPARE(QApplication::focusWidget(), &w.view);
    // Seen by a frame where there is no field to show it.
    QCOMPARE(w.view.grab().toImage().pixelColor(0, w.view.height() / 2), color(Token::Accent));
  }

  void leavingANodeKeepsWhatWasTyped() {
    World w("all", everything());
    type(w.editor("text")->field(), "hello");
    w.document.setSelection({"cube"});
    QCOMPARE(w.params("all").value("text", Json()).dump(), std::string("\"hello\""));
    QCOMPARE(w.view.node(), QString("cube"));
  }

  void errorStandsAtItsField() {
    Chain chain = test::foundingChain();
    chain.find("part")->params = {{"indexers", {{"depth", 3}}}};
    World w("part", chain);
    QTRY_VERIFY(w.shows("depth"));
    bool invalid = false;
    for (const QLineEdit* line : w.editor("indexers")->findChildren<QLineEdit*>()) invalid = invalid || line->property("invalid").toBool();
    QVERIFY(invalid);
  }

  void choicesAndTicks() {
    World w("all", everything());
    auto* combo = qobject_cast<QComboBox*>(w.editor("choice")->field());
    QCOMPARE(combo->currentData().toString(), QString("green"));
    combo->setCurrentIndex(combo->findData("red"));
    Q_EMIT combo->activated(combo->currentIndex());
    QCOMPARE(w.params("all").value("choice", Json()).dump(), std::string("\"red\""));
    // The default is not written down.
    combo->setCurrentIndex(combo->findData("green"));
    Q_EMIT combo->activated(combo->currentIndex());
    QVERIFY(!w.params("all").contains("choice"));
    auto* box = qobject_cast<QCheckBox*>(w.editor("bool")->field());
    box->click();
    QCOMPARE(w.params("all").value("bool", Json()), Json(true));
  }

  void dimsAreReordered() {
    World w("order");
    auto* list = qobject_cast<QListWidget*>(w.editor("dims")->field());
    QCOMPARE(list->count(), 3);
    QCOMPARE(list->item(0)->text(), QString("wavelength"));
    list->setCurrentRow(0);
    QTest::keyClick(list, Qt::Key_Down, Qt::AltModifier);
    QCOMPARE(w.params("order")["dims"].dump(), std::string("[\"y\",\"wavelength\",\"x\"]"));
    QTRY_COMPARE(list->item(0)->text(), QString("y"));
    QVERIFY(test::waitForGraph(w.document));
    QTRY_COMPARE(w.document.specOf("order")->dims[0].name, std::string("y"));
  }

  void selectionsPerDim() {
    World w("part");
    const auto lines = w.editor("indexers")->findChildren<QLineEdit*>();
    QCOMPARE(lines.size(), qsizetype(3));
    QCOMPARE(lines[1]->text(), QString("0:10"));
    QCOMPARE(lines[0]->text(), QString());
    QTRY_VERIFY(w.shows("0 to 39"));
    type(lines[0], "0:20:2");
    QTRY_COMPARE(w.params("part")["indexers"].dump(), std::string("{\"wavelength\":\"0:10\",\"y\":\"0:20:2\"}"));
  }

  void boundsFromTheInput() {
    World w("all", everything());
    for (QPushButton* button : w.editor("bounds")->findChildren<QPushButton*>()) button->click();
    QCOMPARE(w.params("all")["bounds"].dump(), std::string("[700000.0,3799800.0,700150.0,3800000.0]"));
  }

  void expressionChips() {
    World w("all", everything());
    auto* line = qobject_cast<QLineEdit*>(w.editor("expression")->field());
    for (auto* chip : w.editor("expression")->findChildren<QAbstractButton*>())
      if (chip->text() == "NIR 865") chip->click();
    QCOMPARE(line->text(), QString("nm(865)"));
    QTRY_COMPARE(w.params("all").value("expression", Json()).dump(), std::string("\"nm(865)\""));
  }

  void crsPickerOffersAndFinds() {
    QLineEdit anchor;
    anchor.show();
    CrsPicker picker;
    QSignalSpy chosen(&picker, &CrsPicker::chosen);
    picker.popup(&anchor, test::fakeSpec().geobox, "as the input");
    auto* list = picker.findChild<QListWidget*>();
    QTRY_VERIFY(list->count() > 2);
    QCOMPARE(list->item(0)->text(), QString("as the input"));
    QVERIFY(list->item(1)->text().contains("UTM zone 10N"));
    auto* search = picker.findChild<QLineEdit*>();
    QTest::keyClicks(search, "lambert california albers");
    search->setText("3310");
    QTRY_VERIFY(list->count() > 0 && list->item(0)->data(Qt::UserRole).toString() == "EPSG:3310");
    QTest::keyClick(search, Qt::Key_Return);
    QCOMPARE(chosen.first().first().toString(), QString("EPSG:3310"));
    QVERIFY(CrsPicker::recent().contains("EPSG:3310"));
  }

  void factsAreTold() {
    World w("order");
    QStringList facts;
    for (const Fact& fact : outputFacts(w.document, w.session, "order")) facts << fact.label + "=" + fact.value;
    QVERIFY2(facts.contains("shape=10 × 40 × 30"), qPrintable(facts.join("; ")));
    QVERIFY(facts.contains("size=46.9 KiB (from 93.8 KiB)"));
    QVERIFY(facts.contains("origin=700000, 3800000"));
    QVERIFY(facts.contains("extent=150 × 200 m"));
    QVERIFY(facts.contains("nodata=−9999"));
    QVERIFY(facts.contains("CRS=EPSG:32610"));
  }

  void explains() {
    const Services services = test::fakeServices();
    const QString html = explanationHtml(services.registry->find("everything")->declaration());
    QVERIFY(html.contains("Second paragraph."));
    QVERIFY(html.contains("https://doi.org/10.1000/182"));
  }

  void copiesTheCommand() {
    World w("order");
    for (QPushButton* button : w.view.findChildren<QPushButton*>())
      if (button->text() == "Command") button->click();
    const QString command = QApplication::clipboard()->text();
    QVERIFY2(command.startsWith("cubeloom-cli run ! open"), qPrintable(command));
    QVERIFY(command.contains("transpose"));
    QVERIFY(!command.contains("write"));
  }

  void followsTheSelection() {
    World w("cube");
    QCOMPARE(w.view.node(), QString("cube"));
    w.document.setSelection({});
    QVERIFY(!w.form() || !w.form()->isVisible());
    w.document.setSelection({"out"});
    w.document.removeNodes({"out"}, false);
    QVERIFY(w.view.node().isEmpty() || w.document.chain().find(w.view.node().toStdString()));
  }
};

int main(int argc, char** argv) {
  qputenv("QT_QPA_PLATFORM", qgetenv("QT_QPA_PLATFORM").isEmpty() ? "offscreen" : qgetenv("QT_QPA_PLATFORM"));
  QApplication app(argc, argv);
  InspectorTest test;
  return QTest::qExec(&test, argc, argv);
}
#include "tst_inspector.moc"
