// SPDX-License-Identifier: GPL-3.0-or-later
// The code zone: it keeps up with the chain, marks the selected step's lines, says what it cannot write, and can be copied and saved.
#include <QApplication>
#include <QClipboard>
#include <QFile>
#include <QLabel>
#include <QPushButton>
#include <QSettings>
#include <QTemporaryDir>
#include <QtTest>

#include "tests/ui/support/fake_world.h"
#include "ui/code/code_lines.h"
#include "ui/code/code_view.h"
#include "ui/steps/node_commands.h"

using namespace cubeloom;

namespace {

struct World {
  Document document{test::fakeServices()};
  CodeView view{document};
  explicit World(const Chain& chain = test::foundingChain()) {
    view.resize(900, 300);
    view.show();
    document.setChain(chain);
  }
  /// Waits until the code says this.
  bool says(const QString& text) {
    return QTest::qWaitFor([&] { return !view.isBusy() && view.code().contains(text); }, 10000);
  }
  QString note() const {
    for (const QLabel* label : view.findChildren<QLabel*>())
      if (label->isVisible() && !label->text().isEmpty()) return label->text();
    return {};
  }
};

}  // namespace

class TestCodeView : public QObject {
  Q_OBJECT
 private slots:
  void init() { QSettings().clear(); }

  void findsTheLinesOfAStep() {
    const QString script = "# A chain\nimport xarray\n\n# cube: Open, a.tif\ncube = 1\n\n# cube2: Clip\ncube2 = 2\n# more\n\n";
    QCOMPARE(linesOfStep(script, "cube", {"cube", "cube2"}), std::pair(3, 4));
    QCOMPARE(linesOfStep(script, "cube2", {"cube", "cube2"}), std::pair(6, 8));
    QCOMPARE(linesOfStep(script, "other", {"cube", "cube2", "other"}), std::pair(-1, -1));
    QCOMPARE(linesOfStep("{\n  {\"id\": \"a \\\"b\\\"\"},\n", "a \"b\"", {"a \"b\""}), std::pair(1, 1));
  }

  void keepsUpWithTheChain() {
    World w;
    QVERIFY2(w.says("transpose("), qPrintable(w.note()));
    w.document.setParam("part", "indexers", Json{{"y", "3:9"}});
    QVERIFY(w.says("slice(3, 9"));
    w.document.undoStack()->undo();
    QVERIFY(QTest::qWaitFor([&] { return !w.view.isBusy() && !w.view.code().contains("slice(3, 9"); }, 10000));
  }

  void marksTheSelectedStep() {
    World w;
    QVERIFY(w.says("# order: "));
    w.document.setSelection({"order"});
    const auto [first, last] = w.view.marked();
    const QStringList lines = w.view.code().split(u'\n');
    QVERIFY(first > 0 && lines[first].startsWith("# order: ") && lines[first + 1].startsWith("order = ") && last > first);
    w.document.setSelection({});
    QCOMPARE(w.view.marked(), std::pair(-1, -1));
  }

  void speaksEveryLanguage() {
    World w;
    for (const std::string& language : exportLanguages()) {
      w.view.setLanguage(QString::fromStdString(language));
      QTRY_VERIFY2(!w.view.isBusy() && !w.view.code().isEmpty(), language.c_str());
    }
    QCOMPARE(QSettings().value("code/language").toString(), w.view.language());
  }

  // A chain that is not valid has no code: the old one does not stand there for it.
  void saysWhyThereIsNone() {
    World w;
    QVERIFY2(w.says("transpose("), qPrintable(w.note()));
    w.document.setParam("order", "dims", Json{"height"});
    QTRY_VERIFY(!w.view.isBusy() && w.view.code().isEmpty());
    QVERIFY2(w.note().contains("height"), qPrintable(w.note()));
    w.document.newChain();
    QTRY_VERIFY(w.note().contains("Add a step"));
  }

  void isCopiedAndSaved() {
    World w;
    QVERIFY2(w.says("transpose("), qPrintable(w.note()));
    for (QPushButton* button : w.view.findChildren<QPushButton*>())
      if (button->text() == "Copy") button->click();
    QCOMPARE(QApplication::clipboard()->text(), w.view.code());
    QTemporaryDir folder;
    QVERIFY(w.view.save(folder.filePath("chain.py")));
    QFile file(folder.filePath("chain.py"));
    QVERIFY(file.open(QIODevice::ReadOnly) && file.readAll() == w.view.code().toUtf8());
    QVERIFY(file.permissions() & QFile::ExeUser);
    QVERIFY(!w.view.save(folder.filePath("no/folder/chain.py")));
  }

  void hiddenItWritesNothing() {
    World w;
    QVERIFY2(w.says("transpose("), qPrintable(w.note()));
    w.view.hide();
    w.document.setParam("part", "indexers", Json{{"y", "3:9"}});
    QVERIFY(!w.view.isBusy());
    w.view.show();
    QVERIFY(w.says("slice(3, 9"));
  }

  void aStepIsCopiedAsPython() {
    World w;
    QWidget host;
    NodeCommands commands(w.document, nullptr, &host);
    w.document.setSelection({"part"});
    QApplication::clipboard()->clear();
    commands.action("copyPython")->trigger();
    QTRY_VERIFY(QApplication::clipboard()->text().contains("# part: "));
    QVERIFY(!QApplication::clipboard()->text().contains("# order: "));
  }
};

QTEST_MAIN(TestCodeView)
#include "tst_code_view.moc"
