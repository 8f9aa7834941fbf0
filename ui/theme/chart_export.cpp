// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/theme/chart_export.h"

#include <QApplication>
#include <QClipboard>
#include <QFileDialog>
#include <QMenu>
#include <QPainter>
#include <QSaveFile>
#include <QWidget>

namespace cubeloom {
namespace {

bool writeText(const QString& path, const QString& text) {
  QSaveFile file(path);
  if (!file.open(QIODevice::WriteOnly)) return false;
  file.write(text.toUtf8());
  return file.commit();
}

QString tr(const char* text) { return QCoreApplication::translate("ChartExport", text); }

}  // namespace

void ChartExport::fillMenu(QMenu& menu, QWidget* owner) const {
  menu.addAction(tr("Copy picture"), owner, [this] { QApplication::clipboard()->setImage(picture()); });
  if (csv) menu.addAction(tr("Copy values"), owner, [this] { QApplication::clipboard()->setText(csv()); });
  menu.addSeparator();
  const auto add = [&](const QString& text, const QString& filter, const QString& suffix) {
    menu.addAction(text, owner, [this, owner, filter, suffix] { saveWithDialog(owner, filter, suffix); });
  };
  add(tr("Save as PNG…"), tr("PNG picture (*.png)"), QStringLiteral(".png"));
  if (drawing) {
    add(tr("Save as SVG…"), tr("SVG drawing (*.svg)"), QStringLiteral(".svg"));
    add(tr("Save as PDF…"), tr("PDF drawing (*.pdf)"), QStringLiteral(".pdf"));
  }
  if (csv) add(tr("Save as CSV…"), tr("Comma-separated values (*.csv)"), QStringLiteral(".csv"));
}

bool ChartExport::save(const QString& path) const {
  if (path.endsWith(QLatin1String(".csv"), Qt::CaseInsensitive)) return csv && writeText(path, csv());
  for (const char* suffix : {".pdf", ".svg"})
    if (path.endsWith(QLatin1String(suffix), Qt::CaseInsensitive)) return drawing && drawing(path);
  return picture().save(path, "PNG");
}

void ChartExport::saveWithDialog(QWidget* owner, const QString& filter, const QString& suffix) const {
  const QString name = title.toLower().replace(u'/', u'-') + suffix;
  const QString path = QFileDialog::getSaveFileName(owner, tr("Save %1").arg(title), name, filter);
  if (!path.isEmpty() && !save(path) && failed) failed(tr("%1 could not be written").arg(path));
}

QImage pictureOf(const QWidget& widget, const QColor& ground) {
  constexpr double kRatio = 2;
  QImage image(widget.size() * kRatio, QImage::Format_RGB32);
  image.setDevicePixelRatio(kRatio);
  image.fill(ground);
  const_cast<QWidget&>(widget).render(&image);  // Qt calls it no constant, yet it changes nothing
  return image;
}

}  // namespace cubeloom
