// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/charts/plot_look.h"

#include <qcustomplot.h>

#include <QSaveFile>
#include <QSvgGenerator>

namespace cubeloom {

void stylePlot(QCustomPlot& plot, const ChartStyle& style, const QColor& ground) {
  plot.setBackground(ground);
  plot.axisRect()->setBackground(style.surface);
  for (QCPAxis* axis : {plot.xAxis, plot.yAxis}) {
    axis->setTickLabelColor(style.muted);
    axis->setTickLabelFont(style.small);
    axis->setLabelColor(style.muted);
    axis->setLabelFont(style.small);
    axis->setBasePen(QPen(style.grid));
    axis->setTickPen(QPen(style.grid));
    axis->setSubTickPen(Qt::NoPen);
    axis->grid()->setPen(QPen(style.grid, 1, Qt::DotLine));
    axis->grid()->setZeroLinePen(QPen(style.grid));
  }
}

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
