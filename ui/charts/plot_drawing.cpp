// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/charts/plot_drawing.h"

#include <qcustomplot.h>

#include <QSaveFile>
#include <QSvgGenerator>

namespace cubeloom {

bool savePlotDrawing(QCustomPlot& plot, const QString& path) {
  if (!path.endsWith(QLatin1String(".svg"), Qt::CaseInsensitive))
    return plot.savePdf(path, 0, 0, QCP::epAllowCosmetic, QStringLiteral("Cubeloom"));
  QSaveFile file(path);
  if (!file.open(QIODevice::WriteOnly)) return false;
  QSvgGenerator drawing;
  drawing.setOutputDevice(&file);
  drawing.setSize(plot.size());
  drawing.setViewBox(plot.rect());
  drawing.setTitle(QStringLiteral("Cubeloom"));
  QCPPainter painter;
  if (!painter.begin(&drawing)) return false;
  painter.setMode(QCPPainter::pmVectorized);
  painter.setMode(QCPPainter::pmNoCaching);
  plot.toPainter(&painter, plot.width(), plot.height());
  painter.end();
  return file.commit();
}

}  // namespace cubeloom
