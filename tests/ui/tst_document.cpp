// SPDX-License-Identifier: GPL-3.0-or-later
// The document's edits, their undo, its files and its binding, against the real operations and a small cube made here.
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QtTest>

#include "engine/io/file_provider.h"
#include "engine/io/file_sinks.h"
#include "engine/io/sample/sample_cube.h"
#include "engine/ops/register_operations.h"
#include "ui/document/chain_layout.h"
#include "ui/document/document.h"

using namespace cubeloom;

namespace {

constexpr int kBindMs = 20000;

Services services() {
  auto registry = std::make_shared<Registry>();
  registerOperations(*registry);
  return {registry, makeFileProvider(), makeSinkProvider()};
}

/// "cube: open | order: transpose(cube) | grid: reproject(order)".
QString textOf(const Chain& chain) {
  QStringList steps;
  for (const Node& node : chain.nodes) {
    QStringList inputs;
    for (const std::string& input : node.inputs) inputs << (input.empty() ? QStringLiteral("-") : QString::fromStdString(input));
    QString step = QString::fromStdString(node.id + ": " + node.op);
    if (!inputs.isEmpty()) step += QStringLiteral("(%1)").arg(inputs.join(QStringLiteral(", ")));
    steps << step + (node.bypassed ? QStringLiteral(" bypassed") : QString());
  }
  return steps.join(QStringLiteral(" | "));
}

Chain foundingChain(const std::string& cube) {
  Chain chain;
  chain.title = "founding";
  chain.nodes = {
      {"cube", "open", {}, Json{{"path", cube}}, false},
      {"order", "transpose", {"cube"}, Json{{"dims", {"wavelength", "y", "x"}}}, false},
      {"grid", "reproject", {"order"}, Json{{"crs", "EPSG:32610"}, {"resolution", 20}, {"resampling", "nearest"}}, false},
      {"out", "write", {"grid"}, Json{{"path", "out.tif"}}, false},
  };
  return chain;
}

const QString kFounding = QStringLiteral("cube: open | order: transpose(cube) | grid: reproject(order) | out: write(grid)");

}  // namespace

class TestDocument : public QObject {
  Q_OBJECT

  QTemporaryDir m_folder;
  std::string m_cube;
  Services m_services = services();

 private slots:
  void initTestCase() {
    SyntheticCubeSize size;
    size.lines = 40;
    size.samples = 48;
    size.bands = 5;
    const auto made = writeSyntheticCube(SyntheticCube(size), m_folder.path().toStdString(), "small");
    QVERIFY2(made.has_value(), made ? "" : made.error().text().c_str());
    m_cube = *made;
  }

  void everyEditIsUndoneAndRedone() {
    Document document(m_services);
    document.setChain(foundingChain(m_cube));
    const std::vector<std::pair<QString, std::function<void()>>> edits = {
        {"cube: open | order: transpose(cube) | grid: reproject(order) | isel: isel(order) | out: write(isel)",
         [&] {
           document.insertNode("isel", Json::object(), "out", 0);
           document.disconnect("isel", 0);
           document.connectNodes("order", "isel", 0);
         }},
        {"cube: open | order: transpose(cube) | out: write", [&] { document.removeNodes({"grid"}, false); }},
        {"cube: open | order: transpose(cube) | out: write(order)", [&] { document.removeNodes({"grid"}, true); }},
        {"cube: open | out: write(cube)",
         [&] {
           document.removeNodes({"grid", "order"}, true);
         }},
        {"cube: open | order: transpose(cube) | lattice: reproject(order) | out: write(lattice)",
         [&] { document.renameNode("grid", "lattice"); }},
        {"cube: open | order: transpose(cube) bypassed | grid: reproject(order) | out: write(grid)",
         [&] { document.setBypassed({"order"}, true); }},
        {kFounding + " | order2: transpose(cube) | grid2: reproject(order2)",
         [&] {
           document.duplicate({"order", "grid"});
         }},
    };
    for (const auto& [expected, edit] : edits) {
      edit();
      QCOMPARE(textOf(document.chain()), expected);
      while (document.undoStack()->canUndo()) document.undoStack()->undo();
      QCOMPARE(textOf(document.chain()), kFounding);
      while (document.undoStack()->canRedo()) document.undoStack()->redo();
      QCOMPARE(textOf(document.chain()), expected);
      while (document.undoStack()->canUndo()) document.undoStack()->undo();
      QVERIFY(!document.isModified());
    }
  }

  void changesOfOneParameterInARowAreOneUndoStep() {
    Document document(m_services);
    document.setChain(foundingChain(m_cube));
    for (const int resolution : {30, 40, 50}) document.setParam("grid", "resolution", resolution);
    QCOMPARE(document.undoStack()->count(), 1);
    document.setParam("grid", "resampling", "average");
    QCOMPARE(document.undoStack()->count(), 2);
    document.undoStack()->undo();
    document.undoStack()->undo();
    QCOMPARE(document.chain().find("grid")->params["resolution"], Json(20));
    document.setParam("grid", "resolution", nullptr);
    QVERIFY(!document.chain().find("grid")->params.contains("resolution"));
  }

  void editsAreNamedForPeople() {
    Document document(m_services);
    document.setChain(foundingChain(m_cube));
    QCOMPARE(document.stepName("grid"), QString("Reproject grid"));
    document.setParam("grid", "crs", "EPSG:4326");
    QCOMPARE(document.undoStack()->undoText(), QString("Change coordinate system of Reproject grid"));
    document.disconnect("grid", 0);
    QCOMPARE(document.undoStack()->undoText(), QString("Disconnect Reproject grid"));
  }

  /// Whoever remembers something by a step's id hears of it before that id means another step.
  void anotherChainIsAnnouncedFirst() {
    Document document(m_services);
    document.setChain(foundingChain(m_cube));
    QStringList heard;
    connect(&document, &Document::replaced, &document, [&heard] { heard << "replaced"; });
    connect(&document, &Document::chainChanged, &document, [&heard] { heard << "changed"; });
    document.setTitle("another name");
    QCOMPARE(heard, QStringList{"changed"});
    heard.clear();
    document.newChain();
    QCOMPARE(heard, (QStringList{"replaced", "changed"}));
  }

  void anEditThatChangesNothingIsNoUndoStep() {
    Document document(m_services);
    document.setChain(foundingChain(m_cube));
    document.setParam("grid", "resolution", 20);
    document.renameNode("grid", "order");  // taken
    document.renameNode("grid", "a.b");    // a dot names a port
    document.connectNodes("grid", "order", 0);
    QCOMPARE(document.undoStack()->count(), 0);
    QVERIFY(!document.isModified());
  }

  void impossibleWiresAreExplained() {
    Document document(m_services);
    document.setChain(foundingChain(m_cube));
    QCOMPARE(document.whyNot("cube", "grid", 0), QString());
    QCOMPARE(document.whyNot("grid", "order", 0), QStringLiteral("that would be a cycle"));
    QCOMPARE(document.whyNot("grid", "grid", 0), QStringLiteral("a step cannot feed itself"));
    QVERIFY(document.whyNot("grid", "cube", 0).contains(QStringLiteral("takes no input")));
    QVERIFY(document.whyNot("out", "grid", 0).contains(QStringLiteral("ends a chain")));
    QVERIFY(document.whyNot("order", "grid", 7).contains(QStringLiteral("no more than one input")));
    QVERIFY(!document.whyNot("nobody", "grid", 0).isEmpty());
  }

  void pastedNodesAreNewOnesWiredAmongThemselves() {
    Document document(m_services);
    document.setChain(foundingChain(m_cube));
    const QString text = document.copyText({"order", "grid"});
    const QStringList pasted = document.paste(text, QPointF(100, 400));
    QCOMPARE(pasted, QStringList({"order2", "grid2"}));
    QCOMPARE(textOf(document.chain()), kFounding + " | order2: transpose | grid2: reproject(order2)");
    QCOMPARE(document.position("order2"), QPointF(100, 400));
    QCOMPARE(document.position("grid2") - document.position("order2"), document.position("grid") - document.position("order"));
    QVERIFY(document.paste("not a chain", {}).isEmpty());
  }

  void nodesWithoutAPlaceFlowFromLeftToRight() {
    Document document(m_services);
    document.setChain(foundingChain(m_cube));
    QCOMPARE(document.position("order"), document.position("cube") + QPointF(kColumnStep, 0));
    QCOMPARE(document.position("out"), document.position("cube") + QPointF(3 * kColumnStep, 0));
    const QString second = document.addNode("transpose", Json::object(), {}, {"cube"});
    QCOMPARE(document.position(second), document.position("order") + QPointF(0, kRowStep));
    document.moveNodes({{"cube", QPointF(50.4, 60)}});
    QCOMPARE(document.position("cube"), QPointF(50, 60));
  }

  void aNewNodeCoversNoOther() {
    Document document(m_services);
    document.setChain(foundingChain(m_cube));
    const QPointF taken = document.position("order");
    const QString near = document.addNode("clamp", Json::object(), taken + QPointF(30, -20));
    QCOMPARE(document.position(near), taken + QPointF(30, kRowStep - 20));
    QCOMPARE(document.position(document.addNode("clamp", Json::object(), taken + QPointF(30, -20))),
             taken + QPointF(30, 2 * kRowStep - 20));
    QCOMPARE(document.position(document.addNode("clamp", Json::object(), QPointF(3000, 40))), QPointF(3000, 40));  // there is room
    document.undoStack()->undo();
    document.undoStack()->undo();
    QCOMPARE(document.position("order"), taken);
  }

  void whatIsGoneIsNeitherSelectedNorViewed() {
    Document document(m_services);
    document.setChain(foundingChain(m_cube));
    QCOMPARE(document.viewedNode(), QStringLiteral("grid"));  // the last step that is not an output
    document.setSelection({"order", "grid"});
    document.setComparedNode("cube");
    QSignalSpy selections(&document, &Document::selectionChanged), views(&document, &Document::viewChanged);
    document.removeNodes({"grid"}, true);
    QCOMPARE(document.selection(), QStringList({"order"}));
    QCOMPARE(document.viewedNode(), QString());
    QCOMPARE(document.comparedNode(), QStringLiteral("cube"));
    QCOMPARE(selections.count(), 1);
    QCOMPARE(views.count(), 1);
  }

  void savedAndOpenedItIsTheSameChain() {
    Document document(m_services);
    document.setChain(foundingChain(m_cube));
    document.moveNodes({{"cube", QPointF(10, 20)}});
    document.setBypassed({"order"}, true);
    QVERIFY(document.isModified());
    const QString path = m_folder.filePath("saved.cubeloom");
    QString error;
    QVERIFY2(document.save(path, &error), qPrintable(error));
    QVERIFY(!document.isModified());
    QCOMPARE(document.path(), path);

    Document second(m_services);
    QVERIFY2(second.open(path, &error), qPrintable(error));
    QCOMPARE(textOf(second.chain()), textOf(document.chain()));
    QCOMPARE(second.position("cube"), QPointF(10, 20));
    QVERIFY(!second.undoStack()->canUndo());

    QVERIFY(!second.open(m_folder.filePath("missing.cubeloom"), &error));
    QVERIFY(!error.isEmpty());
    QCOMPARE(second.path(), path);
  }

  void pathsFollowAChainIntoAnotherFolder() {
    Document document(m_services);
    document.setChain(foundingChain(m_cube));
    QString error;
    QVERIFY2(document.save(m_folder.filePath("here.cubeloom"), &error), qPrintable(error));
    QCOMPARE(document.chain().find("cube")->params["path"], Json("small.hdr"));
    QCOMPARE(document.chain().find("out")->params["path"], Json("out.tif"));
    QVERIFY(QDir(m_folder.path()).mkdir("below"));
    QVERIFY2(document.save(m_folder.filePath("below/there.cubeloom"), &error), qPrintable(error));
    QCOMPARE(document.chain().find("cube")->params["path"], Json(m_cube));
    QTRY_VERIFY_WITH_TIMEOUT(!document.isBinding(), kBindMs);
    QVERIFY(document.specOf("cube"));
  }

  void bindingGivesTheSpecs() {
    Document document(m_services);
    QSignalSpy bound(&document, &Document::graphChanged);
    document.setChain(foundingChain(m_cube));
    QVERIFY(document.isBinding());
    QTRY_VERIFY_WITH_TIMEOUT(!document.isBinding(), kBindMs);
    QVERIFY(bound.count() >= 1);
    const ArraySpec* grid = document.specOf("grid");
    QVERIFY(grid);
    QCOMPARE(QString::fromStdString(grid->dims[0].name), QStringLiteral("wavelength"));
    QCOMPARE(grid->dims[0].size, 5);
    QVERIFY(grid->geobox);
    QCOMPARE(grid->geobox->pixelWidth(), 20.0);

    // An edit while binding is not lost: the last chain is the one that counts.
    document.setParam("grid", "resolution", 40);
    document.setParam("grid", "resolution", 10);
    QTRY_VERIFY_WITH_TIMEOUT(!document.isBinding(), kBindMs);
    QCOMPARE(document.specOf("grid")->geobox->pixelWidth(), 10.0);
  }

  void moreThanMovingBindsAgain() {
    Document document(m_services);
    document.setChain(foundingChain(m_cube));
    QTRY_VERIFY_WITH_TIMEOUT(!document.isBinding(), kBindMs);
    document.moveNodes({{"cube", QPointF(300, 300)}});
    QVERIFY(!document.isBinding());
    document.setBypassed({"order"}, true);
    QVERIFY(document.isBinding());
    QTRY_VERIFY_WITH_TIMEOUT(!document.isBinding(), kBindMs);
    QCOMPARE(QString::fromStdString(document.specOf("grid")->dims[1].name), QStringLiteral("wavelength"));  // BIL, as in the file
  }

  void aNodeThatCannotBeBoundSaysWhy() {
    Document document(m_services);
    document.setChain(foundingChain(m_folder.filePath("nothing.hdr").toStdString()));
    QTRY_VERIFY_WITH_TIMEOUT(!document.isBinding(), kBindMs);
    QVERIFY(document.graph());
    const Error* error = document.graph()->firstError();
    QVERIFY(error);
    QCOMPARE(QString::fromStdString(error->node), QStringLiteral("cube"));
    QVERIFY(!document.specOf("grid"));
  }
};

QTEST_MAIN(TestDocument)
#include "tst_document.moc"
