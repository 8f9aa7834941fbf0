// SPDX-License-Identifier: GPL-3.0-or-later
// The outline: a well-behaved model over the same document, with the same commands as the canvas.
#include <QAbstractItemModelTester>
#include <QApplication>
#include <QTreeView>
#include <QtTest>

#include "tests/ui/support/fake_world.h"
#include "ui/document/chain_edits.h"
#include "ui/outline/outline_view.h"

using namespace cubeloom;

class OutlineTest : public QObject {
  Q_OBJECT
 private slots:
  void modelFollowsEveryEdit() {
    Document document(test::fakeServices());
    OutlineModel model(document);
    QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    document.setChain(test::foundingChain());
    QVERIFY(test::waitForGraph(document));
    QCOMPARE(model.rowCount(), 4);
    QCOMPARE(model.index(0, 0).data().toString(), QString("Open · cube"));
    QCOMPARE(model.rowCount(model.index(0, 0)), 0);
    const QModelIndex part = model.indexOf("part");
    QCOMPARE(model.rowCount(part), 1);
    QCOMPARE(model.index(0, 0, part).data().toString(), QString("Input: Open cube"));
    QCOMPARE(part.siblingAtColumn(OutlineModel::State).data().toString(), QString("ready"));
    QVERIFY(part.siblingAtColumn(OutlineModel::Output).data().toString().contains("λ 10"));

    document.addNode("everything", Json::object(), {}, {"part"});
    document.connectNodes("order", "everything", 1);
    document.removeNodes({"part"}, true);
    document.setBypassed({"order"}, true);
    QCOMPARE(model.indexOf("order").siblingAtColumn(OutlineModel::State).data().toString(), QString("bypassed"));
    while (document.undoStack()->canUndo()) document.undoStack()->undo();
    while (document.undoStack()->canRedo()) document.undoStack()->redo();
    QVERIFY(test::waitForGraph(document));
    QCOMPARE(model.rowCount(), 4);
  }

  void errorsAreTold() {
    Document document(test::fakeServices());
    OutlineModel model(document);
    Chain chain = test::foundingChain();
    chain.find("cube")->params["path"] = "/data/missing.hdr";
    document.setChain(chain);
    QVERIFY(test::waitForGraph(document));
    QCOMPARE(model.indexOf("cube").siblingAtColumn(OutlineModel::State).data().toString(), QString("error"));
    QVERIFY(model.indexOf("cube").data(Qt::ToolTipRole).toString().contains("missing.hdr"));
  }

  void renames() {
    Document document(test::fakeServices());
    document.setChain(test::foundingChain());
    OutlineModel model(document);
    QVERIFY(model.setData(model.indexOf("order"), "turned", Qt::EditRole));
    QVERIFY(document.chain().find("turned"));
    QVERIFY(!model.setData(model.indexOf("turned"), "cube", Qt::EditRole));
    QVERIFY(!model.setData(model.indexOf("turned"), "  ", Qt::EditRole));
  }

  void selectionGoesBothWays() {
    Document document(test::fakeServices());
    document.setChain(test::foundingChain());
    OutlineView view(document);
    view.resize(500, 300);
    view.show();
    QVERIFY(QTest::qWaitForWindowExposed(&view));
    document.setSelection({"order"});
    QCOMPARE(view.model().nodeAt(view.tree().currentIndex()), QString("order"));
    view.tree().setCurrentIndex(view.model().indexOf("part"));
    QCOMPARE(document.selection(), QStringList{"part"});
  }

  void keysActOnSteps() {
    Document document(test::fakeServices());
    document.setChain(test::foundingChain());
    OutlineView view(document);
    view.show();
    QVERIFY(QTest::qWaitForWindowExposed(&view));
    view.tree().setFocus();
    view.tree().setCurrentIndex(view.model().indexOf("part"));
    QTest::keyClick(&view.tree(), Qt::Key_M);
    QVERIFY(document.chain().find("part")->bypassed);
    QTest::keyClick(&view.tree(), Qt::Key_Delete, Qt::ControlModifier);
    QVERIFY(!document.chain().find("part"));
    QCOMPARE(document.chain().find("order")->inputs, std::vector<std::string>{"cube"});
  }
};

int main(int argc, char** argv) {
  qputenv("QT_QPA_PLATFORM", qgetenv("QT_QPA_PLATFORM").isEmpty() ? "offscreen" : qgetenv("QT_QPA_PLATFORM"));
  QApplication app(argc, argv);
  OutlineTest test;
  return QTest::qExec(&test, argc, argv);
}
#include "tst_outline.moc"
