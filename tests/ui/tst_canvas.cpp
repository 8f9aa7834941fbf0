// SPDX-License-Identifier: GPL-3.0-or-later
// The canvas: it shows the document, and everything done on it changes the document and can be undone.
#include <QApplication>
#include <QClipboard>
#include <QDropEvent>
#include <QLabel>
#include <QLineEdit>
#include <QListWidget>
#include <QMenu>
#include <QMimeData>
#include <QPointer>
#include <QtTest>

#include "engine/op/operation_search.h"
#include "tests/ui/support/fake_world.h"
#include "ui/canvas/canvas_view.h"
#include "ui/document/chain_edits.h"
#include "ui/steps/add_list.h"
#include "ui/steps/dragged_datasets.h"

using namespace cubeloom;

class CanvasTest : public QObject {
  Q_OBJECT

  struct World {
    Document document{test::fakeServices()};
    Session session{document};
    CanvasView view{document, session};
    explicit World(const Chain& chain = test::foundingChain()) {
      document.setChain(chain);
      view.resize(1000, 500);
      view.show();
      if (!QTest::qWaitForWindowExposed(&view)) qWarning("the canvas is not shown");
      view.board().setFocus();
      view.fitAll();
    }
    CanvasScene& scene() { return view.board().canvas(); }
    QPoint at(QPointF scenePos) { return view.board().mapFromScene(scenePos); }
    QPoint output(const QString& node) { return at(scene().node(node)->outputPosition()); }
    QPoint input(const QString& node, int port = 0) { return at(scene().node(node)->inputPosition(port)); }
    QPoint middle(const QString& node) { return at(scene().node(node)->frame().center()); }
    void drag(QPoint from, QPoint to, Qt::MouseButton button = Qt::LeftButton, Qt::KeyboardModifiers modifiers = {}) {
      QWidget* port = view.board().viewport();
      QTest::mousePress(port, button, modifiers, from);
      moveTo((from * 2 + to) / 3, button, modifiers);
      moveTo(to, button, modifiers);
      QTest::mouseRelease(port, button, modifiers, to);
    }
    void moveTo(QPoint to, Qt::MouseButton button, Qt::KeyboardModifiers modifiers) {
      QWidget* port = view.board().viewport();
      QMouseEvent move(QEvent::MouseMove, to, port->mapToGlobal(to), Qt::NoButton, button, modifiers);
      QApplication::sendEvent(port, &move);
    }
    std::vector<std::string> inputsOf(const char* node) { return document.chain().find(node)->inputs; }
    AddList* list() { return view.findChild<AddList*>(); }
    void key(int key, Qt::KeyboardModifiers modifiers = {}) { QTest::keyClick(&view.board(), static_cast<Qt::Key>(key), modifiers); }
  };

  static Chain loose(const char* op) {
    Chain chain = test::foundingChain();
    Node node;
    node.id = "loose";
    node.op = op;
    chain.nodes.push_back(node);
    chain.view = Json{{"positions", {{"cube", {0, 0}}, {"part", {200, 0}}, {"order", {400, 0}}, {"out", {600, 0}}, {"loose", {200, 200}}}}};
    return chain;
  }

 private slots:
  void showsTheChain() {
    World w;
    QVERIFY(test::waitForGraph(w.document));
    QCOMPARE(w.scene().nodes().size(), std::size_t(4));
    QCOMPARE(w.scene().wires().size(), std::size_t(3));
    // One item per node and one per wire: a scene of hundreds stays cheap.
    QCOMPARE(w.scene().items().size(), qsizetype(7));
    const NodeFacts& facts = w.scene().node("order")->facts();
    QCOMPARE(facts.title, QString("Transpose"));
    QCOMPARE(facts.name, QString("order"));
    QCOMPARE(facts.size, QString("10 × 40 × 30"));
    QVERIFY(!w.scene().node("out")->facts().hasOutput);
    QVERIFY(w.scene().node("cube")->facts().inputs.isEmpty());
    w.document.undoStack()->undo();
  }

  bool allInView(World& w) {
    for (const auto& [id, item] : w.scene().nodes()) {
      const QRect shown = QRect(w.at(item->frame().topLeft()), w.at(item->frame().bottomRight()));
      if (!w.view.board().viewport()->rect().adjusted(0, 30, 0, 0).contains(shown)) return false;  // 30: the heading
    }
    return true;
  }
  /// `count` steps one after the other.
  static Chain longChain(int count) {
    Chain chain = test::foundingChain();
    chain.nodes.resize(1);
    for (int i = 1; i < count; ++i) {
      Node node;
      node.id = "step" + std::to_string(i);
      node.op = "everything";
      node.inputs = {chain.nodes.back().id};
      chain.nodes.push_back(node);
    }
    return chain;
  }

  void openingAChainBringsAllIntoView() {
    World w;
    w.view.board().panBy({900, 900});
    QVERIFY(!allInView(w));
    w.document.setChain(longChain(12));
    QVERIFY(allInView(w));
    w.view.resize(700, 300);  // as when zones take their sizes
    QVERIFY(allInView(w));
    w.document.setChain(longChain(150));
    QVERIFY(allInView(w));
  }

  void layingOutBringsAllIntoView() {
    World w;
    w.document.moveNodes({{"out", {5000, 40}}, {"part", {-3000, 900}}});
    QVERIFY(!allInView(w));
    w.key(Qt::Key_L);
    QVERIFY(allInView(w));
  }

  /// Saving and editing leave the view where it is; a step added out of sight moves it, and undoing that moves it back.
  void editsKeepTheView() {
    World w;
    w.view.board().setZoom(1, {500, 250});
    w.view.board().panBy({-40, 25});
    const QPointF before = w.view.board().middle();
    Q_EMIT w.document.pathChanged();
    w.document.setParam("part", "indexers", Json{{"wavelength", "0:7"}});
    QCOMPARE(w.view.board().middle(), before);
    w.view.board().panBy({w.view.board().viewport()->width() - w.middle("out").x() - 90, 0});  // "out" is the last thing seen
    w.document.setSelection({"order"});
    w.document.moveNodes({{"order", w.document.position("out") + QPointF(20, 300)}});
    const QPointF seen = w.view.board().middle();
    w.key(Qt::Key_Tab);
    QTRY_VERIFY(w.list()->isVisible());
    QTest::keyClicks(w.list()->findChild<QLineEdit*>(), "kitchens");
    QTest::keyClick(w.list()->findChild<QLineEdit*>(), Qt::Key_Return);
    const QRect added(w.at(w.scene().node("everything")->frame().topLeft()), w.at(w.scene().node("everything")->frame().bottomRight()));
    QVERIFY(w.view.board().viewport()->rect().contains(added));
    QVERIFY(w.view.board().middle() != seen);
    w.document.undoStack()->undo();
    QVERIFY((w.view.board().middle() - seen).manhattanLength() < 3);
  }

  void aSearchWithoutAnswerSaysSo() {
    World w;
    w.key(Qt::Key_Insert);
    QTRY_VERIFY(w.list()->isVisible());
    QTest::keyClicks(w.list()->findChild<QLineEdit*>(), "zzqqxx");
    bool told = false;
    for (const QLabel* label : w.list()->findChildren<QLabel*>()) told = told || (label->isVisible() && label->text().contains("zzqqxx"));
    QVERIFY(told);
  }

  void showsErrors() {
    Chain chain = test::foundingChain();
    chain.find("cube")->params["path"] = "/data/missing.hdr";
    World w(chain);
    QVERIFY(test::waitForGraph(w.document));
    QVERIFY(w.scene().node("cube")->facts().error.contains("missing.hdr"));
    QVERIFY(!w.scene().node("out")->facts().error.isEmpty());
  }

  void wireByMouse() {
    World w(loose("rename"));
    w.drag(w.output("part"), w.input("loose"));
    QCOMPARE(w.inputsOf("loose"), std::vector<std::string>{"part"});
    w.document.undoStack()->undo();
    QVERIFY(w.inputsOf("loose").empty());
    // From the input backwards, dropped anywhere on the node.
    w.drag(w.input("loose"), w.middle("order"));
    QCOMPARE(w.inputsOf("loose"), std::vector<std::string>{"order"});
    // A connected input gives up its wire.
    w.drag(w.input("loose"), w.at({-150, 420}));
    QVERIFY(w.inputsOf("loose").empty());
  }

  void wireRefusesCycles() {
    World w;
    const Chain before = w.document.chain();
    QWidget* port = w.view.board().viewport();
    QTest::mousePress(port, Qt::LeftButton, {}, w.output("order"));
    w.moveTo(w.middle("part"), Qt::LeftButton, {});
    QVERIFY(w.scene().node("part")->marks().dimmed);
    QVERIFY(w.scene().node("cube")->marks().dimmed);
    QVERIFY(!w.scene().node("out")->marks().dimmed);
    QTest::mouseRelease(port, Qt::LeftButton, {}, w.middle("part"));
    QVERIFY(w.document.chain() == before);
    QVERIFY(!w.scene().node("part")->marks().dimmed);
  }

  void wireOnEmptyGroundOffersSteps() {
    World w;
    w.drag(w.output("part"), w.at({330, 230}));
    QTRY_VERIFY(w.list()->isVisible());
    auto* search = w.list()->findChild<QLineEdit*>();
    auto* entries = w.list()->findChild<QListWidget*>();
    for (int i = 0; i < entries->count(); ++i) QVERIFY(entries->item(i)->text() != "Open");
    QTest::keyClicks(search, "reproj");
    QCOMPARE(entries->item(0)->text(), QString("Reproject"));
    QTest::keyClick(search, Qt::Key_Return);
    QVERIFY(!w.list()->isVisible());
    QVERIFY(w.document.chain().find("reproject"));
    QCOMPARE(w.inputsOf("reproject"), std::vector<std::string>{"part"});
    QCOMPARE(w.document.selection(), QStringList{"reproject"});
  }

  void tabAddsAfterTheSelected() {
    World w;
    w.document.setSelection({"order"});
    w.key(Qt::Key_Tab);
    QTRY_VERIFY(w.list()->isVisible());
    auto* search = w.list()->findChild<QLineEdit*>();
    QTest::keyClicks(search, "kitchens");
    QTest::keyClick(search, Qt::Key_Return);
    QCOMPARE(w.inputsOf("everything"), std::vector<std::string>{"order"});
    // One undo takes it away.
    w.document.undoStack()->undo();
    QVERIFY(!w.document.chain().find("everything"));
  }

  void escapeClosesTheList() {
    World w;
    w.key(Qt::Key_Insert);
    QTRY_VERIFY(w.list()->isVisible());
    QTest::keyClick(w.list()->findChild<QLineEdit*>(), Qt::Key_Escape);
    QVERIFY(!w.list()->isVisible());
    QCOMPARE(w.document.chain().nodes.size(), std::size_t(4));
  }

  void nodeOnWireInserts() {
    World w(loose("everything"));
    const QPoint wire = (w.output("part") + w.input("order")) / 2;
    w.drag(w.middle("loose"), wire);
    QCOMPARE(w.inputsOf("loose"), std::vector<std::string>{"part"});
    QCOMPARE(w.inputsOf("order"), std::vector<std::string>{"loose"});
    // What follows made room.
    QVERIFY(w.document.position("order").x() >= w.document.position("loose").x() + 190);
    w.document.undoStack()->undo();
    QVERIFY(w.inputsOf("loose").empty());
    QCOMPARE(w.inputsOf("order"), std::vector<std::string>{"part"});
  }

  void altKeepsTheWire() {
    World w(loose("everything"));
    w.drag(w.middle("loose"), (w.output("part") + w.input("order")) / 2, Qt::LeftButton, Qt::AltModifier);
    QVERIFY(w.inputsOf("loose").empty());
    QVERIFY(w.document.position("loose") != QPointF(200, 200));
  }

  // A step that a form adds comes into sight, and undoing it moves the view back.
  void whatOthersAddIsSeen() {
    World w;
    const QPointF before = w.view.board().middle();
    const QString id = w.document.addNode(QStringLiteral("isel"), Json::object(), {4000, 3000}, {QStringLiteral("part")});
    const auto isSeen = [&] { return w.view.board().viewport()->rect().contains(w.middle(id)); };
    QTRY_VERIFY(isSeen());
    w.document.undoStack()->undo();
    QTRY_VERIFY((w.view.board().middle() - before).manhattanLength() < 3);
  }

  void moveIsOneUndoStep() {
    World w;
    const QPointF before = w.document.position("cube");
    w.drag(w.middle("cube"), w.middle("cube") + QPoint(0, 90));
    QVERIFY(w.document.position("cube").y() > before.y() + 50);
    w.document.undoStack()->undo();
    QCOMPARE(w.document.position("cube"), before);
    QCOMPARE(w.scene().node("cube")->pos(), before);
  }

  void escapeCancelsADrag() {
    World w;
    const Chain before = w.document.chain();
    QWidget* port = w.view.board().viewport();
    QTest::mousePress(port, Qt::LeftButton, {}, w.middle("cube"));
    w.moveTo(w.middle("cube") + QPoint(60, 60), Qt::LeftButton, {});
    w.moveTo(w.middle("cube") + QPoint(60, 60), Qt::LeftButton, {});
    w.key(Qt::Key_Escape);
    QTest::mouseRelease(port, Qt::LeftButton, {}, QPoint(300, 300));
    QVERIFY(w.document.chain() == before);
    QCOMPARE(w.scene().node("cube")->pos(), w.document.position("cube"));
  }

  void controlRightDragCuts() {
    World w;
    const QPoint wire = (w.output("part") + w.input("order")) / 2;
    w.drag(wire - QPoint(0, 60), wire + QPoint(0, 60), Qt::RightButton, Qt::ControlModifier);
    QVERIFY(w.inputsOf("order").empty());
    QCOMPARE(w.inputsOf("part"), std::vector<std::string>{"cube"});
    w.document.undoStack()->undo();
    QCOMPARE(w.inputsOf("order"), std::vector<std::string>{"part"});
  }

  void rubberBandSelects() {
    World w;
    const QRectF first = w.scene().rectOf({"cube", "part"});
    w.drag(w.at(first.topLeft() - QPointF(15, 15)), w.at(first.bottomRight() + QPointF(5, 15)));
    QStringList selected = w.document.selection();
    selected.sort();
    QCOMPARE(selected, (QStringList{"cube", "part"}));
  }

  void keysActOnTheSelection() {
    World w;
    w.document.setSelection({"order"});
    w.key(Qt::Key_M);
    QVERIFY(w.document.chain().find("order")->bypassed);
    w.key(Qt::Key_M);
    QVERIFY(!w.document.chain().find("order")->bypassed);
    w.key(Qt::Key_V);
    QCOMPARE(w.document.viewedNode(), QString("order"));
    w.document.setSelection({"part"});
    w.key(Qt::Key_V, Qt::ShiftModifier);
    QCOMPARE(w.document.comparedNode(), QString("part"));
    w.key(Qt::Key_Delete, Qt::ControlModifier);
    QVERIFY(!w.document.chain().find("part"));
    QCOMPARE(w.inputsOf("order"), std::vector<std::string>{"cube"});
    w.document.undoStack()->undo();
    w.document.setSelection({"part"});
    w.key(Qt::Key_Delete);
    QVERIFY(w.inputsOf("order").empty());
  }

  void arrowsWalkAndNudge() {
    World w;
    w.document.setSelection({"cube"});
    w.key(Qt::Key_Right);
    QCOMPARE(w.document.selection(), QStringList{"part"});
    w.key(Qt::Key_Right);
    w.key(Qt::Key_Left);
    w.key(Qt::Key_Left);
    QCOMPARE(w.document.selection(), QStringList{"cube"});
    const QPointF before = w.document.position("cube");
    w.key(Qt::Key_Down, Qt::AltModifier);
    QCOMPARE(w.document.position("cube"), before + QPointF(0, 10));
    w.document.undoStack()->undo();
    QCOMPARE(w.document.position("cube"), before);
  }

  void copyPasteDuplicate() {
    World w;
    w.document.setSelection({"part", "order"});
    w.key(Qt::Key_C, Qt::ControlModifier);
    QVERIFY(QApplication::clipboard()->text().contains("transpose"));
    w.key(Qt::Key_V, Qt::ControlModifier);
    QCOMPARE(w.document.chain().nodes.size(), std::size_t(6));
    w.document.setSelection({"cube"});
    w.key(Qt::Key_D, Qt::ControlModifier);
    QCOMPARE(w.document.chain().nodes.size(), std::size_t(7));
  }

  void connectsInOrder() {
    Chain chain = test::foundingChain();
    for (Node& node : chain.nodes) node.inputs.clear();
    chain.view = Json{{"positions", {{"cube", {0, 0}}, {"part", {200, 0}}, {"order", {400, 0}}, {"out", {600, 0}}}}};
    World w(chain);
    w.document.setSelection({"out", "cube", "order"});
    w.key(Qt::Key_C);
    QCOMPARE(w.inputsOf("order"), std::vector<std::string>{"cube"});
    QCOMPARE(w.inputsOf("out"), std::vector<std::string>{"order"});
  }

  void eyeShowsAndCompares() {
    World w;
    QTest::mouseClick(w.view.board().viewport(), Qt::LeftButton, {}, w.at(w.scene().node("part")->eyeRect().center()));
    QCOMPARE(w.document.viewedNode(), QString("part"));
    QVERIFY(w.scene().node("part")->marks().viewed);
    QTest::mouseClick(w.view.board().viewport(), Qt::LeftButton, Qt::ShiftModifier, w.at(w.scene().node("order")->eyeRect().center()));
    QCOMPARE(w.document.comparedNode(), QString("order"));
  }

  void renamesInPlace() {
    World w;
    w.document.setSelection({"order"});
    w.key(Qt::Key_F2);
    auto* field = w.view.findChild<QLineEdit*>(QString(), Qt::FindDirectChildrenOnly);
    QVERIFY(field && field->isVisible());
    field->setText("turned");
    QTest::keyClick(field, Qt::Key_Return);
    QVERIFY(w.document.chain().find("turned"));
    QCOMPARE(w.inputsOf("out"), std::vector<std::string>{"turned"});
    QVERIFY(!field->isVisible());
    w.document.setSelection({"turned"});
    w.key(Qt::Key_F2);
    field->setText("other");
    QTest::keyClick(field, Qt::Key_Escape);
    QVERIFY(w.document.chain().find("turned"));
  }

  void filesAndDatasetsDropIn() {
    World w;
    const auto drop = [&](QMimeData& mime, QPointF at) {
      QDragEnterEvent enter(w.at(at), Qt::CopyAction, &mime, Qt::LeftButton, {});
      QApplication::sendEvent(w.view.board().viewport(), &enter);
      if (!enter.isAccepted()) return false;
      QDropEvent event(w.at(at), Qt::CopyAction, &mime, Qt::LeftButton, {});
      QApplication::sendEvent(w.view.board().viewport(), &event);
      return true;
    };
    QMimeData files;
    files.setUrls({QUrl::fromLocalFile("/data/a b.hdr"), QUrl::fromLocalFile("/data/c.tif")});
    QVERIFY(drop(files, {100, 250}));
    // Several become one thing or each a step: a menu asks.
    const auto chooseWay = [&](const char* title) {
      QPointer<QMenu> menu = w.view.board().findChild<QMenu*>();
      if (!QTest::qWaitFor([&] { return menu && menu->isVisible(); })) return false;
      for (QAction* action : menu->actions())
        if (action->text() == QLatin1String(title)) action->trigger();
      menu->close();
      return QTest::qWaitFor([&] { return menu.isNull(); });
    };
    QVERIFY(chooseWay("Open each"));
    QCOMPARE(w.document.chain().nodes.size(), std::size_t(6));
    QCOMPARE(w.document.chain().find("open")->params["path"].get<std::string>(), std::string("/data/a b.hdr"));
    w.document.undoStack()->undo();
    QCOMPARE(w.document.chain().nodes.size(), std::size_t(4));

    QVERIFY(drop(files, {100, 250}));
    QVERIFY(chooseWay("Mosaic"));
    QCOMPARE(w.inputsOf("mosaic"), (std::vector<std::string>{"open", "open2"}));
    QCOMPARE(w.document.viewedNode(), QStringLiteral("mosaic"));
    w.document.undoStack()->undo();
    QCOMPARE(w.document.chain().nodes.size(), std::size_t(4));

    // On an input: it feeds that one.
    const std::unique_ptr<QMimeData> onPort(draggedData({{QStringLiteral("/data/cube.nc"), QStringLiteral("red")}}));
    QVERIFY(drop(*onPort, w.scene().portPosition({QStringLiteral("part"), 0})));
    QCOMPARE(w.inputsOf("part"), std::vector<std::string>{"open"});
    QCOMPARE(w.document.chain().find("open")->params["variable"].get<std::string>(), std::string("red"));
    w.document.undoStack()->undo();
    QCOMPARE(w.inputsOf("part"), std::vector<std::string>{"cube"});

    const std::unique_ptr<QMimeData> collection(draggedData({{QStringLiteral("/data/scenes"), QString(), true}}));
    QVERIFY(drop(*collection, {100, 250}));
    QCOMPARE(w.document.chain().find("load")->params["path"].get<std::string>(), std::string("/data/scenes"));
    w.document.undoStack()->undo();

    const std::unique_ptr<QMimeData> dataset(draggedData({{QStringLiteral("/data/würfel.hdr")}}));
    QVERIFY(drop(*dataset, {100, 250}));
    QCOMPARE(w.document.chain().find("open")->params["path"].get<std::string>(), std::string("/data/würfel.hdr"));

    QMimeData operation;
    operation.setData(kOperationMimeType, "everything");
    const WireItem* wire = w.scene().wires().front();
    const QString consumer = wire->consumer();
    QVERIFY(drop(operation, wire->path().pointAtPercent(0.5)));
    QCOMPARE(w.document.chain().find(consumer.toStdString())->inputs.front(), std::string("everything"));

    QMimeData chainFile;
    chainFile.setUrls({QUrl::fromLocalFile("/data/chain.cubeloom")});
    QVERIFY(!drop(chainFile, {100, 250}));
  }

  // A file of fields dropped on a step offers what takes polygons; the choice goes behind that step, and one undo takes it back.
  void fieldsDropOnSteps() {
    World w;
    QMimeData fields;
    fields.setUrls({QUrl::fromLocalFile("/data/fields of 2022.gpkg")});
    const QPointF middle = w.scene().node("order")->frame().center();
    QDragEnterEvent enter(w.at(middle), Qt::CopyAction, &fields, Qt::LeftButton, {});
    QApplication::sendEvent(w.view.board().viewport(), &enter);
    QVERIFY(enter.isAccepted());
    QDropEvent event(w.at(middle), Qt::CopyAction, &fields, Qt::LeftButton, {});
    QApplication::sendEvent(w.view.board().viewport(), &event);
    QPointer<QMenu> menu = w.view.board().findChild<QMenu*>();
    QTRY_VERIFY(menu && menu->isVisible());
    QAction* clip = nullptr;
    for (QAction* action : menu->actions())
      if (action->text().contains("Clip")) clip = action;
    QVERIFY(clip && clip->text() == "Clip (polygons)");
    clip->trigger();
    menu->close();
    QCOMPARE(w.inputsOf("clip"), std::vector<std::string>{"order"});
    QCOMPARE(w.document.chain().find("clip")->params["polygons"].get<std::string>(), std::string("/data/fields of 2022.gpkg"));
    QCOMPARE(w.document.viewedNode(), QString("clip"));
    QTRY_VERIFY(!menu);
    w.document.undoStack()->undo();
    QVERIFY(!w.document.chain().find("clip"));
  }

  void layoutKeepsNodesApart() {
    Chain chain;
    for (int i = 0; i < 60; ++i) {
      Node node;
      node.id = "n" + std::to_string(i);
      node.op = i % 7 == 0 ? "open" : "everything";
      if (i % 7 != 0) node.inputs = {"n" + std::to_string(i - 1)};
      if (i % 7 == 5) node.inputs.push_back("n" + std::to_string(i / 2));
      chain.nodes.push_back(node);
    }
    World w(chain);
    w.document.moveNodes(layoutChain(w.document));
    for (const auto& [a, first] : w.scene().nodes()) {
      for (const auto& [b, second] : w.scene().nodes())
        if (a != b) QVERIFY2(!first->frame().intersects(second->frame()), qPrintable(a + " covers " + b));
      for (const QString& input : first->facts().inputs)
        if (!input.isEmpty()) QVERIFY(w.scene().node(input)->frame().right() < first->frame().left());
    }
  }

  // A source beside its own statistics: the wire that passes the step between runs past it, not behind it.
  void wiresRunPastNodes() {
    Chain chain;
    chain.nodes = {{"cube", "open", {}, {}, false},
                   {"means", "everything", {"cube"}, {}, false},
                   {"ratio", "everything", {"cube", "means"}, {}, false}};
    const auto at = layoutOf(chain);
    QVERIFY(at.at("means").y() > at.at("cube").y());
    QCOMPARE(at.at("ratio").y(), at.at("cube").y());
    World w(chain);
    w.document.moveNodes(layoutChain(w.document));
    for (const WireItem* wire : w.scene().wires())
      for (const auto& [name, node] : w.scene().nodes())
        if (name != wire->source() && name != wire->consumer()) QVERIFY2(!wire->path().intersects(node->frame()), qPrintable(name));
  }

  void zoomKeepsThePointerInPlace() {
    World w;
    const QPoint pointer(300, 200);
    const QPointF before = w.view.board().mapToScene(pointer);
    w.view.board().setZoom(2.5, pointer);
    const QPointF after = w.view.board().mapToScene(pointer);
    QVERIFY(QLineF(before, after).length() < 1);
    w.view.board().setZoom(1e9, pointer);
    QVERIFY(w.view.board().zoom() <= 4);
  }

  void searchRanksTitlesFirst() {
    const auto registry = test::fakeServices().registry;
    QCOMPARE(searchOperations(*registry, "").size(), registry->all().size());
    QCOMPARE(searchOperations(*registry, "trans").front()->declaration().id, std::string("transpose"));
    QCOMPARE(searchOperations(*registry, "geotiff").front()->declaration().id, std::string("write"));
    QCOMPARE(searchOperations(*registry, "reporject").front()->declaration().id, std::string("reproject"));
    QVERIFY(searchOperations(*registry, "qqqqqqq").empty());
  }

  void emptyChainInvites() {
    World w{Chain{}};
    bool found = false;
    for (const QLabel* label : w.view.findChildren<QLabel*>())
      found = found || (label->isVisible() && label->text() == "Drag a dataset here or press Tab");
    QVERIFY(found);
  }
};

int main(int argc, char** argv) {
  qputenv("QT_QPA_PLATFORM", qgetenv("QT_QPA_PLATFORM").isEmpty() ? "offscreen" : qgetenv("QT_QPA_PLATFORM"));
  QApplication app(argc, argv);
  CanvasTest test;
  return QTest::qExec(&test, argc, argv);
}
#include "tst_canvas.moc"
