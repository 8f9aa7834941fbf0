// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/browser/folder_scan.h"

#include <QDir>
#include <QDirIterator>
#include <QFileInfo>
#include <QSet>
#include <algorithm>

namespace cubeloom {

namespace {

constexpr std::size_t kMostEntries = 5000;

const QSet<QString>& rasterSuffixes() {
  static const QSet<QString> suffixes{QStringLiteral("tif"), QStringLiteral("tiff"), QStringLiteral("nc"),  QStringLiteral("nc4"),
                                      QStringLiteral("h5"),  QStringLiteral("hdf5"), QStringLiteral("he5"), QStringLiteral("jp2")};
  return suffixes;
}

/// What the data file of "x.hdr" may be called, as the reader of ENVI cubes has it: "x", or "x." and one of these.
const QSet<QString>& enviSuffixes() {
  static const QSet<QString> suffixes{QStringLiteral("img"), QStringLiteral("bil"), QStringLiteral("bip"), QStringLiteral("bsq"),
                                      QStringLiteral("dat"), QStringLiteral("raw"), QStringLiteral("bin"), QStringLiteral("sli")};
  return suffixes;
}

bool isZarr(const QFileInfo& folder) {
  const QDir dir(folder.filePath());
  return folder.suffix().compare(QStringLiteral("zarr"), Qt::CaseInsensitive) == 0 || dir.exists(QStringLiteral(".zgroup")) ||
         dir.exists(QStringLiteral(".zarray"));
}

}  // namespace

FolderListing scanFolder(const QString& path, const CancelToken& cancel) {
  FolderListing listing;
  const QFileInfo folder(path);
  if (!folder.isDir()) {
    listing.problem = QStringLiteral("this folder is not there any more");
    return listing;
  }
  if (!folder.isReadable()) {
    listing.problem = QStringLiteral("this folder may not be read");
    return listing;
  }
  std::vector<QFileInfo> files;
  QSet<QString> headers;  // "x" and "x.img" of x.hdr and x.img.hdr
  for (QDirIterator it(path, QDir::AllEntries | QDir::NoDotAndDotDot); it.hasNext() && !cancel.isCanceled();) {
    it.next();
    const QFileInfo info = it.fileInfo();
    if (info.isDir()) {
      const bool store = isZarr(info);
      if (store || !info.fileName().startsWith(QLatin1Char('.'))) listing.entries.push_back({info.fileName(), info.filePath(), !store, 0});
    } else if (info.suffix().compare(QStringLiteral("hdr"), Qt::CaseInsensitive) == 0) {
      headers.insert(info.completeBaseName());
    } else {
      files.push_back(info);
    }
    if (listing.entries.size() + files.size() > kMostEntries) {
      listing.problem = QStringLiteral("only the first %1 entries are listed").arg(kMostEntries);
      break;
    }
  }
  for (const QFileInfo& file : files) {
    // A log, an x.img.aux.xml and other companions share their stem with the header, but are no rasters.
    const bool envi = headers.contains(file.fileName()) ||
                      (headers.contains(file.completeBaseName()) && enviSuffixes().contains(file.suffix().toLower()));
    if (envi || rasterSuffixes().contains(file.suffix().toLower()))
      listing.entries.push_back({file.fileName(), file.filePath(), false, static_cast<double>(file.size())});
  }
  std::sort(listing.entries.begin(), listing.entries.end(), [](const FolderEntry& a, const FolderEntry& b) {
    return a.isFolder != b.isFolder ? a.isFolder : QString::localeAwareCompare(a.name, b.name) < 0;
  });
  return listing;
}

}  // namespace cubeloom
