// SPDX-License-Identifier: GPL-3.0-or-later
// The data zone: what a folder offers, the lazy tree, the card, and the way of a dataset into the chain.
#include <QAbstractItemModelTester>
#include <QDir>
#include <QFile>
#include <QLabel>
#include <QLineEdit>
#include <QMimeData>
#include <QSettings>
#include <QSignalSpy>
#include <QStandardPaths>
#include <QTemporaryDir>
#include <QTreeView>
#include <QUrl>
#include <QtTest>

#include "engine/io/file_sinks.h"
#include "engine/ops/register_operations.h"
#include "tests/support/ramp_source.h"
#include "ui/browser/browser_view.h"
#include "ui/browser/cube_picture.h"
#include "ui/browser/dataset_card.h"
#include "ui/browser/wavelength_strip.h"
#include "ui/steps/drop_types.h"

using namespace cubeloom;
using cubeloom::test::RampProvider;
using cubeloom::test::rampSpec;

namespace {

void touch(const QString& path, int bytes = 3) {
  QFile file(path);
  QVERIFY(file.open(QIODevice::WriteOnly));
  file.write(QByteArray(bytes, 'x'));
}

Services servicesOf(std::shared_ptr<RampProvider> provider) {
  auto registry = std::make_shared<Registry>();
  registerOperations(*registry);
  return {registry, std::move(provider), makeSinkProvider()};
}

std::shared_ptr<RampProvider> provider() {
  auto made = std::make_shared<RampProvider>();
  made->add("cube", rampSpec(5, 40, 30, {5, 0, 717720, 0, -5, 3865865}, "EPSG:32610", {470, 560, 650, 860, 2200}),
            [](const auto& i) { return static_cast<double>(i[0]); });
  return made;
}

bool hasText(const QWidget& parent, const QString& text) {
  for (const QLabel* label : parent.findChildren<QLabel*>())
    if (label->text().contains(text) && !label->isHidden()) return true;
  return false;
}

}  // namespace

class TestBrowser : public QObject {
  Q_OBJECT
 private slots:
  void initTestCase();
  void init();
  void listsRastersAndPairsHeaders();
  void saysWhyAFolderCannotBeListed();
  void listsFoldersWhenTheyAreOpened();
  void carriesPathsByDrag();
  void showsTheCardOfADataset();
  void saysWhyADatasetIsUnsupported();
  void addsADatasetToTheChain();
  void assignsNodataAfterTheOpenNode();
  void remembersFolders();
  void searchesLoadedRows();
  void summarisesWavelengths();
  void addingAFolderKeepsTheOthers();
  void whatCannotBeOpenedIsNotRecent();
  void aSearchWithoutAnswerSaysSo();
  void theCardBelongsToTheOpenChain();
  void aWrongNodataIsMarkedUntilItIsMended();
};

void TestBrowser::initTestCase() {
  QStandardPaths::setTestModeEnabled(true);
  QCoreApplication::setOrganizationName(QStringLiteral("cubeloom-test"));
  QCoreApplication::setApplicationName(QStringLiteral("tst_browser"));
}

void TestBrowser::init() { QSettings().clear(); }

void TestBrowser::listsRastersAndPairsHeaders() {
  QTemporaryDir folder;
  const QDir dir(folder.path());
  for (const char* name : {"flight", "flight.hdr", "scene.img", "scene.img.hdr", "scene.img.aux.xml", "b.TIF", "notes.txt", "alone.img",
                           "lost.hdr", "flight.log", "flight.txt", "flight.prj", "strip.BIL", "strip.hdr", "strip.log"})
    touch(dir.filePath(QString::fromUtf8(name)));
  QVERIFY(dir.mkdir(QStringLiteral("sub")) && dir.mkdir(QStringLiteral("store.zarr")) && dir.mkdir(QStringLiteral(".hidden")));
  const FolderListing listing = scanFolder(folder.path(), {});
  QStringList names;
  for (const FolderEntry& entry : listing.entries) names << entry.name;
  names.sort();
  QCOMPARE(names, (QStringList{QStringLiteral("b.TIF"), QStringLiteral("flight"), QStringLiteral("scene.img"), QStringLiteral("store.zarr"),
                               QStringLiteral("strip.BIL"), QStringLiteral("sub")}));
  QCOMPARE(listing.entries.front().name, QStringLiteral("sub"));
  QVERIFY(listing.entries.front().isFolder);
  QCOMPARE(listing.entries.back().isFolder, false);
  const auto flight =
      std::find_if(listing.entries.begin(), listing.entries.end(), [](const auto& e) { return e.name == QStringLiteral("flight"); });
  QCOMPARE(flight->bytes, 3.0);
}

void TestBrowser::saysWhyAFolderCannotBeListed() {
  QCOMPARE(scanFolder(QStringLiteral("/no/such/folder"), {}).problem, QStringLiteral("this folder is not there any more"));
}

void TestBrowser::listsFoldersWhenTheyAreOpened() {
  QTemporaryDir folder;
  const QDir dir(folder.path());
  touch(dir.filePath(QStringLiteral("a.tif")), 2048);
  QVERIFY(dir.mkdir(QStringLiteral("sub")));
  BrowserModel model;
  model.setFolders({folder.path()}, QString());
  model.setRecent({QStringLiteral("/data/x.tif")});
  model.setChainDatasets({{QStringLiteral("cube"), QStringLiteral("/data/cube.hdr")}});
  const QPersistentModelIndex place = model.index(model.rowCount() - 1, 0);
  QCOMPARE(place.data(BrowserModel::PathRole).toString(), folder.path());
  QVERIFY(model.hasChildren(place));
  QCOMPARE(model.rowCount(place), 0);
  QVERIFY(model.canFetchMore(place));
  const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);  // opens everything it meets
  model.fetchMore(place);
  QVERIFY(!model.canFetchMore(place));
  QTRY_COMPARE(model.rowCount(place), 2);
  QCOMPARE(model.index(1, 0, place).data().toString(), QStringLiteral("a.tif"));
  QCOMPARE(model.index(1, 0, place).data(BrowserModel::NoteRole).toString(), QStringLiteral("2.00 KiB"));
  QCOMPARE(place.data(BrowserModel::NoteRole).toString(), QStringLiteral("1 dataset · 2.00 KiB"));
  touch(dir.filePath(QStringLiteral("b.tif")));
  model.rescan(place);
  QTRY_COMPARE(model.rowCount(place), 3);
  model.setHeaderState(dir.filePath(QStringLiteral("a.tif")), HeaderState::Unsupported, QStringLiteral("unsupported"));
  QCOMPARE(model.index(1, 0, place).data(BrowserModel::NoteRole).toString(), QStringLiteral("unsupported"));
  model.setFolders({}, QString());
  QCOMPARE(model.rowCount(), 2);
}

void TestBrowser::carriesPathsByDrag() {
  BrowserModel model;
  model.setRecent({QStringLiteral("/data/grün 1.tif")});
  const QModelIndex recent = model.index(1, 0);
  const QModelIndex dataset = model.index(0, 0, recent);
  QVERIFY(dataset.flags() & Qt::ItemIsDragEnabled);
  QVERIFY(!(recent.flags() & Qt::ItemIsDragEnabled));
  const std::unique_ptr<QMimeData> data(model.mimeData({dataset}));
  QCOMPARE(QString::fromUtf8(data->data(kDatasetMimeType)), QStringLiteral("/data/grün 1.tif"));
  QCOMPARE(data->urls(), QList<QUrl>{QUrl::fromLocalFile(QStringLiteral("/data/grün 1.tif"))});
}

void TestBrowser::showsTheCardOfADataset() {
  Document document(servicesOf(provider()));
  Session session(document);
  BrowserView view(document, session);
  view.showDataset(QStringLiteral("/data/cube"));
  QVERIFY(hasText(*view.card(), QStringLiteral("reading header")));
  QTRY_VERIFY(hasText(*view.card(), QStringLiteral("ramp float32 · RAMP lines · EPSG:32610 · 5 m")));
  QVERIFY(hasText(*view.card(), QStringLiteral("Cheap here: whole lines.")));
  QVERIFY(hasText(*view.card(), QStringLiteral("470 – 2,200 nm")));
  QVERIFY(hasText(*view.card(), QStringLiteral("nodata is not declared")));
  const auto* cube = view.card()->findChild<CubePicture*>();
  QCOMPARE(cube->accessibleName(), QStringLiteral("Cube of wavelength 5 y 40 x 30"));
  auto plan = std::make_shared<ReadPlan>();
  plan->lines = 40;
  plan->touched = {{3, 1}, {20, 2}};
  view.card()->setReadPlan(plan);
  QVERIFY(cube->accessibleName().endsWith(QStringLiteral("the chain reads 3 of 40 lines")));
}

void TestBrowser::saysWhyADatasetIsUnsupported() {
  Document document(servicesOf(provider()));
  Session session(document);
  BrowserView view(document, session);
  QSignalSpy status(&view, &BrowserView::status);
  view.showDataset(QStringLiteral("/data/broken"));
  QTRY_COMPARE(status.count(), 1);
  QVERIFY(hasText(*view.card(), QStringLiteral("/data/broken is not a raster")));
}

void TestBrowser::addsADatasetToTheChain() {
  Document document(servicesOf(provider()));
  Session session(document);
  BrowserView view(document, session);
  view.addToChain(QStringLiteral("/data/cube"));
  QCOMPARE(document.chain().nodes.size(), std::size_t{1});
  QCOMPARE(document.chain().nodes[0].op, std::string("open"));
  QCOMPARE(document.chain().nodes[0].params["path"].get<std::string>(), std::string("/data/cube"));
  // It is at once among the chain's datasets and the recent ones, and its card is shown.
  const auto onCard = view.findChild<DatasetCard*>()->findChildren<QLabel*>();
  QVERIFY(std::any_of(onCard.begin(), onCard.end(), [](const QLabel* label) { return label->text() == QStringLiteral("cube"); }));
  QCOMPARE(view.model()->index(0, 0, view.model()->index(0, 0)).data(BrowserModel::NodeRole).toString(),
           QString::fromStdString(document.chain().nodes[0].id));
  QTRY_COMPARE(view.model()->rowCount(view.model()->index(1, 0)), 1);
  document.undoStack()->undo();
  QCOMPARE(view.model()->rowCount(view.model()->index(0, 0)), 0);
}

void TestBrowser::assignsNodataAfterTheOpenNode() {
  Document document(servicesOf(provider()));
  Session session(document);
  BrowserView view(document, session);
  view.addToChain(QStringLiteral("/data/cube"));
  const QString open = QString::fromStdString(document.chain().nodes[0].id);
  const QString order = document.addNode(QStringLiteral("transpose"), Json{{"dims", {"y", "x", "wavelength"}}}, {}, {open});
  QTRY_VERIFY(hasText(*view.card(), QStringLiteral("nodata is not declared")));
  Q_EMIT view.card()->nodataAssigned(-9999);
  QCOMPARE(document.chain().nodes.size(), std::size_t{3});
  const Node* last = document.chain().find(order.toStdString());
  const Node* between = document.chain().find(last->inputs[0]);
  QCOMPARE(between->op, std::string("assign_nodata"));
  QCOMPARE(between->params["nodata"].get<double>(), -9999.0);
  QCOMPARE(between->inputs[0], open.toStdString());
}

void TestBrowser::remembersFolders() {
  QTemporaryDir folder;
  Document document(servicesOf(provider()));
  Session session(document);
  {
    BrowserView view(document, session);
    view.addFolder(folder.path());
    view.addFolder(folder.path());
  }
  BrowserView again(document, session);
  QCOMPARE(again.folders(), QStringList{folder.path()});
  again.removeFolder(folder.path());
  QCOMPARE(BrowserView(document, session).folders(), QStringList());
}

void TestBrowser::searchesLoadedRows() {
  QTemporaryDir folder;
  touch(QDir(folder.path()).filePath(QStringLiteral("ang20220224_rfl.tif")));
  touch(QDir(folder.path()).filePath(QStringLiteral("emit_cwc.tif")));
  Document document(servicesOf(provider()));
  Session session(document);
  BrowserView view(document, session);
  view.addFolder(folder.path());
  view.resize(280, 600);
  const auto rowsShown = [&view](const QString& name) {
    const auto* tree = view.findChild<QTreeView*>();
    return tree->model()->match(tree->model()->index(0, 0), Qt::DisplayRole, name, -1, Qt::MatchExactly | Qt::MatchRecursive).size();
  };
  QTRY_COMPARE(rowsShown(QStringLiteral("emit_cwc.tif")), 1);
  QTest::keyClicks(view.findChild<QLineEdit*>(), QStringLiteral("rfl 20220224"));
  QCOMPARE(rowsShown(QStringLiteral("emit_cwc.tif")), 0);
  QCOMPARE(rowsShown(QStringLiteral("ang20220224_rfl.tif")), 1);
}

void TestBrowser::summarisesWavelengths() {
  WavelengthStrip strip;
  ArraySpec spec = rampSpec(4, 2, 2, {}, "", {377.2, 500, 1400, 2500.9});
  strip.setSpectrum(spec);
  QCOMPARE(strip.summary(), QStringLiteral("377 – 2,501 nm"));
  spec.dims[0].coordinate.aux["good"] = {1, 1, 0, 0};
  strip.setSpectrum(spec);
  QCOMPARE(strip.summary(), QStringLiteral("377 – 2,501 nm · 2 bad"));
  strip.setSpectrum(rampSpec(4, 2, 2, {}, ""));
  QVERIFY(strip.summary().isEmpty());
}

void TestBrowser::addingAFolderKeepsTheOthers() {
  QTemporaryDir first, second;
  touch(QDir(first.path()).filePath(QStringLiteral("a.tif")));
  BrowserModel model;
  model.setFolders({first.path()}, QString());
  const QPersistentModelIndex place = model.index(2, 0);
  model.fetchMore(place);
  QTRY_COMPARE(model.rowCount(place), 1);
  model.setFolders({first.path(), second.path()}, QString());
  QVERIFY(place.isValid());
  QCOMPARE(model.rowCount(place), 1);  // still listed, so a view keeps it open
  QCOMPARE(model.rowCount(), 4);
  model.setFolders({second.path()}, QString());
  QVERIFY(!place.isValid());
  QCOMPARE(model.index(2, 0).data(BrowserModel::PathRole).toString(), second.path());
}

void TestBrowser::whatCannotBeOpenedIsNotRecent() {
  Document document(servicesOf(provider()));
  Session session(document);
  BrowserView view(document, session);
  view.addToChain(QStringLiteral("/data/broken"));
  view.addToChain(QStringLiteral("/data/cube"));
  const QModelIndex recent = view.model()->index(1, 0);
  QTRY_COMPARE(view.model()->rowCount(recent), 1);
  QCOMPARE(view.model()->index(0, 0, recent).data(BrowserModel::PathRole).toString(), QStringLiteral("/data/cube"));
  QCOMPARE(QSettings().value(QStringLiteral("browser/recent")).toStringList(), QStringList{QStringLiteral("/data/cube")});
}

void TestBrowser::aSearchWithoutAnswerSaysSo() {
  Document document(servicesOf(provider()));
  Session session(document);
  BrowserView view(document, session);
  view.resize(280, 600);
  view.show();
  QTest::keyClicks(view.findChild<QLineEdit*>(), QStringLiteral("qqzz17"));
  QVERIFY(hasText(view, QStringLiteral("“qqzz17”")));
  view.findChild<QLineEdit*>()->clear();
  QVERIFY(!hasText(view, QStringLiteral("“qqzz17”")));
}

void TestBrowser::theCardBelongsToTheOpenChain() {
  auto sources = provider();
  sources->add("other", rampSpec(3, 20, 10, {5, 0, 717720, 0, -5, 3865865}, "EPSG:32610"), [](const auto&) { return 1.0; });
  Document document(servicesOf(sources));
  Session session(document);
  BrowserView view(document, session);
  const auto chainOf = [](const char* path) {
    Chain chain;
    chain.nodes = {{"data", "open", {}, Json{{"path", path}}, false}};
    return chain;
  };
  document.setChain(chainOf("/data/cube"));
  document.setSelection({QStringLiteral("data")});
  QTRY_VERIFY(hasText(*view.card(), QStringLiteral("470 – 2,200 nm")));
  document.setChain(chainOf("/data/other"));  // a step of the same name
  document.setSelection({QStringLiteral("data")});
  const auto* cube = view.card()->findChild<CubePicture*>();
  QTRY_COMPARE(cube->accessibleName().left(25), QStringLiteral("Cube of band 3 y 20 x 10").left(25));
  document.newChain();
  QVERIFY(view.card()->isHidden() || !view.card()->isVisibleTo(&view));
}

void TestBrowser::aWrongNodataIsMarkedUntilItIsMended() {
  Document document(servicesOf(provider()));
  Session session(document);
  BrowserView view(document, session);
  view.addToChain(QStringLiteral("/data/cube"));
  QTRY_VERIFY(hasText(*view.card(), QStringLiteral("nodata is not declared")));
  auto* value = view.card()->findChild<QLineEdit*>();
  value->setText(QStringLiteral("none"));
  QTest::keyClick(value, Qt::Key_Return);
  QVERIFY(value->property("invalid").toBool());
  QCOMPARE(document.chain().nodes.size(), std::size_t{1});
  value->setText(QStringLiteral("-77"));
  QVERIFY(!value->property("invalid").toBool());
}

QTEST_MAIN(TestBrowser)
#include "tst_browser.moc"
