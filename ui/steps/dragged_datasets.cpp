// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/steps/dragged_datasets.h"

#include <QCoreApplication>
#include <QFileInfo>
#include <QMimeData>
#include <QUrl>
#include <algorithm>

#include "ui/document/chain_edits.h"
#include "ui/document/chain_layout.h"

namespace cubeloom {

namespace {

QString tr(const char* text) { return QCoreApplication::translate("DraggedDatasets", text); }

const char* operationOf(Together way) {
  switch (way) {
    case Together::Stack: return "stack";
    case Together::Series: return "concat";
    case Together::Mosaic: return "mosaic";
    case Together::Load: return "load";
    case Together::Each: break;
  }
  return "open";
}

QString addReader(Document& document, const DraggedDataset& dataset, QPointF corner) {
  Json params{{"path", dataset.path.toStdString()}};
  if (!dataset.variable.isEmpty()) params["variable"] = dataset.variable.toStdString();
  return document.addNode(dataset.isCollection ? QStringLiteral("load") : QStringLiteral("open"), params, corner);
}

QString undoText(const std::vector<DraggedDataset>& datasets) {
  return datasets.size() == 1 ? tr("Open %1").arg(QFileInfo(datasets.front().path).fileName())
                              : tr("Open %1 datasets").arg(datasets.size());
}

}  // namespace

QMimeData* draggedData(const std::vector<DraggedDataset>& datasets) {
  Json list = Json::array();
  QList<QUrl> urls;
  for (const DraggedDataset& dataset : datasets) {
    list.push_back(
        {{"path", dataset.path.toStdString()}, {"variable", dataset.variable.toStdString()}, {"collection", dataset.isCollection}});
    const QUrl url = QUrl::fromLocalFile(dataset.path);
    if (!urls.contains(url)) urls << url;
  }
  auto* data = new QMimeData;
  data->setData(kDatasetMimeType, QByteArray::fromStdString(list.dump()));
  data->setUrls(urls);
  return data;
}

std::vector<DraggedDataset> datasetsOf(const QMimeData& mime) {
  std::vector<DraggedDataset> datasets;
  if (mime.hasFormat(kDatasetMimeType)) {
    const Json list = Json::parse(mime.data(kDatasetMimeType).toStdString(), nullptr, false);
    if (!list.is_array()) return datasets;
    datasets.reserve(list.size());
    for (const Json& one : list)
      datasets.push_back({QString::fromStdString(one.value("path", "")), QString::fromStdString(one.value("variable", "")),
                          one.value("collection", false)});
    return datasets;
  }
  for (const QUrl& url : mime.urls())
    if (url.isLocalFile() && !url.path().endsWith(QStringLiteral(".cubeloom"), Qt::CaseInsensitive))
      datasets.push_back({url.toLocalFile(), {}, false});
  return datasets;
}

QString commonPattern(const std::vector<DraggedDataset>& datasets) {
  if (datasets.size() < 2) return {};
  const QFileInfo first(datasets.front().path);
  QString pattern = first.fileName();
  const auto isSpecial = [](QChar c) { return c == u'*' || c == u'?' || c == u'['; };
  if (std::any_of(pattern.cbegin(), pattern.cend(), isSpecial)) return {};
  qsizetype head = pattern.size(), tail = pattern.size();
  bool sameLength = true;
  QString marked = pattern;
  for (const DraggedDataset& dataset : datasets) {
    const QFileInfo file(dataset.path);
    const QString name = file.fileName();
    if (dataset.isCollection || !dataset.variable.isEmpty() || file.path() != first.path() ||
        std::any_of(name.cbegin(), name.cend(), isSpecial))
      return {};
    sameLength = sameLength && name.size() == pattern.size();
    if (sameLength)
      for (qsizetype i = 0; i < name.size(); ++i)
        if (name[i] != pattern[i]) marked[i] = u'?';
    const auto ahead = std::mismatch(pattern.cbegin(), pattern.cend(), name.cbegin(), name.cend()).first;
    const auto behind = std::mismatch(pattern.crbegin(), pattern.crend(), name.crbegin(), name.crend()).first;
    head = std::min(head, static_cast<qsizetype>(ahead - pattern.cbegin()));
    tail = std::min(tail, static_cast<qsizetype>(behind - pattern.crbegin()));
  }
  constexpr qsizetype kLeast = 3;  // of the name in common, so that the pattern takes no strangers
  if (sameLength && pattern.size() - marked.count(u'?') >= kLeast) return first.path() + u'/' + marked;
  if (head + tail < kLeast || head + tail > pattern.size()) return {};
  return first.path() + u'/' + pattern.left(head) + u'*' + pattern.right(tail);
}

std::vector<WayTogether> waysTogether(const std::vector<DraggedDataset>& datasets) {
  if (datasets.empty()) return {};
  if (datasets.size() == 1 && datasets.front().isCollection)
    return {{Together::Load, tr("Load as one cube"), tr("All of its rasters on one grid: time, band, y, x.")}};
  if (datasets.size() == 1) return {{Together::Each, tr("Open"), tr("A step that reads it.")}};
  const bool hasCollection = std::any_of(datasets.begin(), datasets.end(), [](const auto& one) { return one.isCollection; });
  const QString mixed = hasCollection ? tr("there is a folder or a catalog among them") : QString();
  const QString pattern = commonPattern(datasets);
  return {
      {Together::Stack, tr("Stack as bands"), tr("One cube on the grid that they share: each becomes bands of it."), mixed},
      {Together::Series, tr("Series in time"),
       tr("One behind the other along time, in the order of their names, on the grid that they share."), mixed},
      {Together::Mosaic, tr("Mosaic"), tr("Side by side on one grid, of whatever CRS; the first one counts where they overlap."), mixed},
      {Together::Load, tr("Load as one cube"),
       pattern.isEmpty() ? tr("All files by one name: time, band, y, x on one grid.")
                         : tr("All files called %1: time, band, y, x on one grid.").arg(QFileInfo(pattern).fileName()),
       pattern.isEmpty() ? tr("they are not files of one folder with a name in common; choose the folder or the catalog itself")
                         : QString()},
      {Together::Each, tr("Open each"), tr("A step for each, connected to nothing.")},
  };
}

QStringList addTogether(Document& document, const std::vector<DraggedDataset>& datasets, Together way, const DropPlace& place) {
  if (datasets.empty()) return {};
  const UndoMacro macro(document, undoText(datasets));
  QStringList result;
  if (way == Together::Load) {
    const QString path = datasets.size() == 1 ? datasets.front().path : commonPattern(datasets);
    if (path.isEmpty()) return {};
    result << document.addNode(QStringLiteral("load"), Json{{"path", path.toStdString()}}, place.corner);
  } else {
    QPointF corner = place.corner;
    QStringList readers;
    std::vector<DraggedDataset> inOrder = datasets;
    // Names that tell dates tell the order, too, whatever lies where in the list.
    if (way == Together::Series)
      std::stable_sort(inOrder.begin(), inOrder.end(),
                       [](const auto& a, const auto& b) { return QFileInfo(a.path).fileName() < QFileInfo(b.path).fileName(); });
    for (const DraggedDataset& dataset : inOrder) {
      readers << addReader(document, dataset, freePlace(corner, layoutOf(document.chain())));
      corner += QPointF(0, kRowStep);
    }
    result = readers;
    if (way != Together::Each) {
      const QPointF middle = place.corner + QPointF(kColumnStep, kRowStep * static_cast<double>(datasets.size() - 1) / 2);
      result = {
          document.addNode(QString::fromLatin1(operationOf(way)), Json::object(), freePlace(middle, layoutOf(document.chain())), readers)};
    }
  }
  if (!place.consumer.isEmpty() && result.size() == 1 && document.whyNot(result.front(), place.consumer, place.port).isEmpty())
    document.connectNodes(result.front(), place.consumer, place.port);
  document.setSelection(result);
  if (way != Together::Each || document.viewedNode().isEmpty()) document.setViewedNode(result.front());
  return result;
}

}  // namespace cubeloom
