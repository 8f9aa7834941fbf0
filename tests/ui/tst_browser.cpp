// SPDX-License-Identifier: GPL-3.0-or-later
// The data zone: what a folder offers, the lazy tree, the card, and the way of a dataset into the chain.
#include <QAbstractItemModelTester>
#include <QDir>
#include <QFile>
#include <QLabel>
#include <QLineEdit>
#include <QMimeData>
#include <QPushButton>
#include <QSettings>
#include <QSignalSpy>
#include <QStandardPaths>
#include <QTemporaryDir>
#include <QTreeView>
#include <QUrl>
#include <QtTest>

#include "app/services/services.h"
#include "engine/io/catalog/catalog_reader.h"
#include "engine/io/file_sinks.h"
#include "engine/ops/register_operations.h"
#include "tests/support/ramp_source.h"
#include "ui/browser/browser_view.h"
#include "ui/browser/cube_picture.h"
#include "ui/browser/dataset_card.h"
#include "ui/browser/find_panel.h"
#include "ui/browser/wavelength_strip.h"
#include "ui/steps/dragged_datasets.h"

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
  return {registry, std::move(provider), makeSinkProvider(), makeCatalogProvider()};
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

/// The zone with a folder in it, on screen.
struct FolderView {
  Document document;
  Session session{document};
  BrowserView view{document, session};
  QTreeView* tree = view.findChild<QTreeView*>();

  FolderView(std::shared_ptr<RampProvider> provider, const QString& folder) : document(servicesOf(std::move(provider))) {
    view.addFolder(folder);
    view.resize(280, 800);
    view.show();
  }
};

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
  void aCatalogIsATree();
  void aFileOfSeveralArraysHasThemBelowIt();
  void whatCannotBeListedSaysWhyInItsPlace();
  void factsSayWhereAndWhenADatasetIs();
  void findsByDateSensorAndPlace();
  void severalDatasetsBecomeOne();
  void aHeaderThatNobodyWaitsForIsUnread();
  void namesInCommonAreAPattern();
  void whatIsRecentCanBeRemovedAndEnterOpens();
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
  for (const char* name : {"flight.hdr", "scene.img.hdr", "lost.hdr", "strip.hdr"}) {
    QFile file(dir.filePath(QString::fromUtf8(name)));
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write("ENVI\n");
  }
  touch(dir.filePath(QStringLiteral("store.zarr/.zgroup")));
  const PlaceListing listing = listPlace({folder.path().toStdString(), {}, {}}, makeCatalogProvider().get(), {});
  QStringList names;
  for (const PlaceEntry& entry : listing.entries) names << entry.name;
  names.sort();
  QCOMPARE(names, (QStringList{QStringLiteral("b.TIF"), QStringLiteral("flight"), QStringLiteral("scene.img"), QStringLiteral("store.zarr"),
                               QStringLiteral("strip.BIL"), QStringLiteral("sub")}));
  QCOMPARE(listing.entries.front().name, QStringLiteral("sub"));
  QCOMPARE(listing.entries.front().kind, PlaceEntry::Kind::Folder);
  QCOMPARE(listing.entries.back().kind, PlaceEntry::Kind::Dataset);
  const auto flight =
      std::find_if(listing.entries.begin(), listing.entries.end(), [](const auto& e) { return e.name == QStringLiteral("flight"); });
  QCOMPARE(flight->bytes, 3.0);
}

void TestBrowser::saysWhyAFolderCannotBeListed() {
  const PlaceListing listing = listPlace({"/no/such/folder", {}, {}}, makeCatalogProvider().get(), {});
  QVERIFY(listing.isFailed);
  QCOMPARE(listing.problem, QStringLiteral("there is no file or folder /no/such/folder"));
}

void TestBrowser::listsFoldersWhenTheyAreOpened() {
  QTemporaryDir folder;
  const QDir dir(folder.path());
  touch(dir.filePath(QStringLiteral("a.tif")), 2048);
  QVERIFY(dir.mkdir(QStringLiteral("sub")));
  BrowserModel model(servicesOf(provider()));
  model.setPlaces({folder.path()}, QString());
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
  model.setPlaces({}, QString());
  QCOMPARE(model.rowCount(), 2);
}

void TestBrowser::carriesPathsByDrag() {
  BrowserModel model(servicesOf(provider()));
  model.setRecent({QStringLiteral("/data/grün 1.tif")});
  const QModelIndex recent = model.index(1, 0);
  const QModelIndex dataset = model.index(0, 0, recent);
  QVERIFY(dataset.flags() & Qt::ItemIsDragEnabled);
  QVERIFY(!(recent.flags() & Qt::ItemIsDragEnabled));
  const std::unique_ptr<QMimeData> data(model.mimeData({dataset}));
  QCOMPARE(datasetsOf(*data), (std::vector<DraggedDataset>{{QStringLiteral("/data/grün 1.tif")}}));
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
  BrowserModel model(servicesOf(provider()));
  model.setPlaces({first.path()}, QString());
  const QPersistentModelIndex place = model.index(2, 0);
  model.fetchMore(place);
  QTRY_COMPARE(model.rowCount(place), 1);
  model.setPlaces({first.path(), second.path()}, QString());
  QVERIFY(place.isValid());
  QCOMPARE(model.rowCount(place), 1);  // still listed, so a view keeps it open
  QCOMPARE(model.rowCount(), 4);
  model.setPlaces({second.path()}, QString());
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

/// The published STAC catalog of Hurricane Harvey: a catalog of a catalog, items with their dates and places, assets below them.
void TestBrowser::aCatalogIsATree() {
  BrowserModel model(servicesOf(provider()));
  const QString path = QStringLiteral(CUBELOOM_TEST_DATA "/stac/planet-disaster/hurricane-harvey/catalog.json");
  model.setPlaces({path}, QString());
  const QPersistentModelIndex catalog = model.index(2, 0);
  QCOMPARE(catalog.data(BrowserModel::KindRole).toInt(), static_cast<int>(BrowserModel::Catalog));
  model.fetchMore(catalog);
  QTRY_COMPARE(model.rowCount(catalog), 1);
  const QPersistentModelIndex below = model.index(0, 0, catalog);
  QVERIFY(model.canFetchMore(below));
  model.fetchMore(below);
  QTRY_COMPARE(model.rowCount(below), 5);
  const QModelIndex item = model.index(0, 0, below);
  QCOMPARE(item.data().toString(), QStringLiteral("20170831_172754_101c"));
  QVERIFY(model.rowCount(item) > 1);
  const DatasetFacts* facts = model.factsOf(item);
  QVERIFY(facts && facts->box && facts->span);
  QCOMPARE(facts->dates, QStringLiteral("2017-08-31"));
  QVERIFY((*facts->box)[0] > -97 && (*facts->box)[2] < -94 && (*facts->box)[1] > 28 && (*facts->box)[3] < 31);  // Houston
  QVERIFY(item.data(Qt::ToolTipRole).toString().contains(QStringLiteral("none of its assets is there")));
}

void TestBrowser::aFileOfSeveralArraysHasThemBelowIt() {
  const Services services = makeServices();
  BrowserModel model(services);
  model.setPlaces({QStringLiteral(CUBELOOM_TEST_DATA "/netcdf")}, QString());
  const QPersistentModelIndex folder = model.index(2, 0);
  model.fetchMore(folder);
  QTRY_VERIFY(model.rowCount(folder) > 5);
  const QPersistentModelIndex emit = model.match(model.index(0, 0, folder), Qt::DisplayRole, QStringLiteral("emit_l2a_like.nc")).value(0);
  QVERIFY(emit.isValid() && model.canFetchMore(emit));
  model.fetchMore(emit);
  // As ncdump lists them: reflectance, and a group "location" of five.
  QTRY_COMPARE(model.rowCount(emit), 2);
  const QModelIndex reflectance = model.index(0, 0, emit), location = model.index(1, 0, emit);
  QCOMPARE(reflectance.data(BrowserModel::VariableRole).toString(), QStringLiteral("reflectance"));
  QCOMPARE(location.data(BrowserModel::KindRole).toInt(), static_cast<int>(BrowserModel::Set));
  QCOMPARE(model.rowCount(location), 5);
  QCOMPARE(model.index(3, 0, location).data(BrowserModel::VariableRole).toString(), QStringLiteral("location/glt_x"));
  const std::unique_ptr<QMimeData> data(model.mimeData({model.index(3, 0, location)}));
  QCOMPARE(datasetsOf(*data).front().variable, QStringLiteral("location/glt_x"));
}

void TestBrowser::whatCannotBeListedSaysWhyInItsPlace() {
  QTemporaryDir folder;
  QFile broken(QDir(folder.path()).filePath(QStringLiteral("catalog.yaml")));
  QVERIFY(broken.open(QIODevice::WriteOnly));
  broken.write("sources: [unclosed");
  broken.close();
  BrowserModel model(servicesOf(provider()));
  model.setPlaces({broken.fileName()}, QString());
  const QPersistentModelIndex catalog = model.index(2, 0);
  model.fetchMore(catalog);
  QTRY_COMPARE(model.rowCount(catalog), 1);
  QCOMPARE(model.index(0, 0, catalog).data(BrowserModel::KindRole).toInt(), static_cast<int>(BrowserModel::Note));
  QVERIFY(model.index(0, 0, catalog).data().toString().contains(QStringLiteral("catalog.yaml")));
  // It is looked at again when it has been mended, and one that does not answer is no longer waited for.
  QVERIFY(broken.open(QIODevice::WriteOnly | QIODevice::Truncate));
  broken.write("sources: {}\n");
  broken.close();
  model.rescan(catalog);
  QVERIFY(model.isListing(catalog));
  model.stopListing(catalog);
  QVERIFY(!model.isListing(catalog));
  QVERIFY(model.index(0, 0, catalog).data().toString().startsWith(QStringLiteral("stopped")));
  model.rescan(catalog);
  QTRY_COMPARE(model.index(0, 0, catalog).data().toString(), QStringLiteral("no entries"));
}

/// Right values: GDAL's TransformBounds of the 150 x 200 m from EPSG:32610.
void TestBrowser::factsSayWhereAndWhenADatasetIs() {
  const auto info = provider()->info("/data/cube");
  const DatasetFacts facts = factsOf(*info);
  QVERIFY(facts.box);
  const LonLatBox right{-120.61691359154086, 34.91006184606264, -120.61522086892408, 34.91189599512191};
  for (std::size_t i = 0; i < 4; ++i) QVERIFY(std::abs((*facts.box)[i] - right[i]) < 1e-6);
  QCOMPARE(facts.shape, QStringLiteral("wavelength 5 y 40 x 30 float32"));
  QVERIFY(overlaps({170, -10, -170, 10}, {-175, 0, -174, 1}));  // across the antimeridian
  QVERIFY(!overlaps({170, -10, -170, 10}, {0, 0, 1, 1}));
  QVERIFY(!overlaps({0, 0, 1, 1}, {0, 2, 1, 3}));
}

void TestBrowser::findsByDateSensorAndPlace() {
  QTemporaryDir folder;
  auto sources = provider();
  ArraySpec flight = rampSpec(2, 20, 10, {5, 0, 717720, 0, -5, 3865865}, "EPSG:32610");
  flight.attributes["sensor type"] = "AVIRIS-NG";
  sources->add("ang20220224_rfl.tif", flight, [](const auto&) { return 1.0; });
  sources->add("ang20220412_rfl.tif", rampSpec(2, 20, 10, {5, 0, 400000, 0, -5, 5800000}, "EPSG:32633"), [](const auto&) { return 1.0; });
  for (const char* name : {"ang20220224_rfl.tif", "ang20220412_rfl.tif"}) touch(QDir(folder.path()).filePath(QString::fromUtf8(name)));
  FolderView zone(sources, folder.path());
  BrowserView& view = zone.view;
  QTreeView* tree = zone.tree;
  const auto shown = [tree](const char* name) {
    return tree->model()
               ->match(tree->model()->index(0, 0), Qt::DisplayRole, QString::fromUtf8(name), -1, Qt::MatchExactly | Qt::MatchRecursive)
               .size() == 1;
  };
  QTRY_VERIFY(shown("ang20220224_rfl.tif") && shown("ang20220412_rfl.tif"));
  auto* words = view.findChild<QLineEdit*>();
  words->setText(QStringLiteral("2022-02"));
  QVERIFY(shown("ang20220224_rfl.tif") && !shown("ang20220412_rfl.tif"));
  words->setText(QStringLiteral("aviris"));  // which its header says
  QTRY_VERIFY(shown("ang20220224_rfl.tif") && !shown("ang20220412_rfl.tif"));
  words->clear();

  view.setFinding(true);
  QTRY_VERIFY(hasText(view.find(), QStringLiteral("2 datasets listed")));
  view.find().setBox(LonLatBox{-121, 34, -120, 36});  // Santa Barbara, not Berlin
  QVERIFY(shown("ang20220224_rfl.tif") && !shown("ang20220412_rfl.tif"));
  QTRY_VERIFY(hasText(view.find(), QStringLiteral("1 of 2 datasets")));
  view.find().setBox(LonLatBox{0, -60, 1, -59});
  QVERIFY(hasText(view, QStringLiteral("No dataset lies there and then.")));
  view.find().clear();
  for (QLineEdit* field : view.find().findChildren<QLineEdit*>())
    if (field->accessibleName() == QStringLiteral("Seen from")) field->setText(QStringLiteral("2022-03"));
  QVERIFY(!shown("ang20220224_rfl.tif") && shown("ang20220412_rfl.tif"));
  view.setFinding(false);
  QVERIFY(shown("ang20220224_rfl.tif") && shown("ang20220412_rfl.tif"));

  // A rectangle drawn on the map is searched in.
  view.setFinding(true);
  QVERIFY2(view.minimumSizeHint().height() < 360, qPrintable(QString::number(view.minimumSizeHint().height())));  // of a window at 150 %
  QTRY_VERIFY(hasText(view.find(), QStringLiteral("2 datasets listed")));
  FootprintMap& map = view.find().map();
  QTest::mousePress(&map, Qt::LeftButton, {}, {2, 2});
  QTest::mouseMove(&map, {map.width() / 2, map.height() - 4});
  QTest::mouseRelease(&map, Qt::LeftButton, {}, {map.width() / 2, map.height() - 4});
  QVERIFY(view.find().box());
  QVERIFY(shown("ang20220224_rfl.tif") && !shown("ang20220412_rfl.tif"));  // the west half: California
  QTest::keyClick(&map, Qt::Key_Escape);
  QVERIFY(!view.find().box() && shown("ang20220412_rfl.tif"));
}

void TestBrowser::severalDatasetsBecomeOne() {
  QTemporaryDir folder;
  auto sources = provider();
  for (const char* name : {"a_1.tif", "a_2.tif"}) {
    sources->add(name, rampSpec(2, 20, 10, {5, 0, 717720, 0, -5, 3865865}, "EPSG:32610"), [](const auto&) { return 1.0; });
    touch(QDir(folder.path()).filePath(QString::fromUtf8(name)));
  }
  FolderView zone(sources, folder.path());
  BrowserView& view = zone.view;
  QTreeView* tree = zone.tree;
  const auto rows = [tree] {
    return tree->model()->match(tree->model()->index(0, 0), Qt::DisplayRole, QStringLiteral("a_"), -1,
                                Qt::MatchStartsWith | Qt::MatchRecursive);
  };
  QTRY_COMPARE(rows().size(), 2);
  for (const QModelIndex& row : rows()) tree->selectionModel()->select(row, QItemSelectionModel::Select | QItemSelectionModel::Rows);
  QCOMPARE(view.selected().size(), std::size_t{2});
  QVERIFY(hasText(view, QStringLiteral("2 datasets")));
  QPushButton* series = nullptr;
  for (QPushButton* button : view.findChildren<QPushButton*>())
    if (button->text() == QStringLiteral("Series in time")) series = button;
  QVERIFY(series && series->isEnabled());
  series->click();
  QCOMPARE(zone.document.chain().nodes.size(), std::size_t{3});
  const Node& last = zone.document.chain().nodes.back();
  QCOMPARE(last.op, std::string("concat"));
  QCOMPARE(last.inputs.size(), std::size_t{2});
  QCOMPARE(zone.document.chain().find(last.inputs[1])->params["path"].get<std::string>(),
           folder.filePath(QStringLiteral("a_2.tif")).toStdString());
  zone.document.undoStack()->undo();
  QVERIFY(zone.document.chain().nodes.empty());
}

void TestBrowser::aHeaderThatNobodyWaitsForIsUnread() {
  Document document(servicesOf(provider()));
  Session session(document);
  BrowserView view(document, session);
  view.model()->setRecent({QStringLiteral("/data/one"), QStringLiteral("/data/cube")});
  const QModelIndex recent = view.model()->index(1, 0);
  view.showDataset(QStringLiteral("/data/one"));
  view.showDataset(QStringLiteral("/data/cube"));  // before the first one is read, as by an arrow key held down
  QTRY_VERIFY(hasText(*view.card(), QStringLiteral("470 – 2,200 nm")));
  QVERIFY(!view.model()->index(0, 0, recent).data(BrowserModel::NoteRole).toString().contains(QStringLiteral("reading")));
}

void TestBrowser::namesInCommonAreAPattern() {
  const auto pattern = [](const QStringList& names) {
    std::vector<DraggedDataset> datasets;
    for (const QString& name : names) datasets.push_back({name});
    return commonPattern(datasets);
  };
  QCOMPARE(pattern({QStringLiteral("/d/coast_20220224.bil"), QStringLiteral("/d/coast_20220412.bil")}),
           QStringLiteral("/d/coast_20220???.bil"));
  QCOMPARE(pattern({QStringLiteral("/d/tile_9.tif"), QStringLiteral("/d/tile_10.tif")}), QStringLiteral("/d/tile_*.tif"));
  QVERIFY(pattern({QStringLiteral("/d/a.tif"), QStringLiteral("/e/a.tif")}).isEmpty());  // of two folders
  QVERIFY(pattern({QStringLiteral("/d/red"), QStringLiteral("/d/nir")}).isEmpty());      // nothing in common
  QVERIFY(pattern({QStringLiteral("/d/red.tif")}).isEmpty());
}

void TestBrowser::whatIsRecentCanBeRemovedAndEnterOpens() {
  QSettings().setValue(QStringLiteral("browser/recent"), QStringList{QStringLiteral("/data/cube")});
  Document document(servicesOf(provider()));
  Session session(document);
  BrowserView view(document, session);
  view.resize(280, 800);
  view.show();
  auto* tree = view.findChild<QTreeView*>();
  const QModelIndex recent = tree->model()->index(1, 0);
  tree->expand(recent);
  tree->setCurrentIndex(tree->model()->index(0, 0, recent));
  QTRY_VERIFY(hasText(*view.card(), QStringLiteral("470 – 2,200 nm")));
  QVERIFY(tree->currentIndex().data(Qt::ToolTipRole).toString().startsWith(QStringLiteral("/data/cube\n")));
  QTest::keyClick(tree, Qt::Key_F2);
  QVERIFY(!tree->viewport()->findChild<QLineEdit*>());
  QTest::keyClick(tree, Qt::Key_Return);
  QCOMPARE(document.chain().nodes.size(), std::size_t{1});
  tree->setCurrentIndex(tree->model()->index(0, 0, tree->model()->index(1, 0)));
  tree->setFocus();
  QTRY_VERIFY(tree->hasFocus());
  QTest::keyClick(tree, Qt::Key_Delete);
  QTRY_COMPARE(view.model()->rowCount(view.model()->index(1, 0)), 0);
  QVERIFY(QSettings().value(QStringLiteral("browser/recent")).toStringList().isEmpty());
}

QTEST_MAIN(TestBrowser)
#include "tst_browser.moc"
