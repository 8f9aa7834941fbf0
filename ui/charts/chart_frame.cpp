// SPDX-License-Identifier: GPL-3.0-or-later
// Title row, legend, help and export of a chart.
#include "ui/charts/chart_frame.h"

#include <QApplication>
#include <QClipboard>
#include <QContextMenuEvent>
#include <QFileDialog>
#include <QLabel>
#include <QMenu>
#include <QPainter>
#include <QSaveFile>
#include <QToolButton>
#include <QToolTip>
#include <QVBoxLayout>

namespace cubeloom {

namespace {

bool writeText(const QString& path, const QString& text) {
  QSaveFile file(path);
  if (!file.open(QIODevice::WriteOnly)) return false;
  file.write(text.toUtf8());
  return file.commit();
}

}  // namespace

/// Swatches with names, then a sentence as far as there is room.
class ChartFrame::Legend : public QWidget {
 public:
  using QWidget::QWidget;
  std::vector<LegendItem> items;
  QString note;
  ChartStyle style;

  QSize sizeHint() const override { return {100, QFontMetrics(style.small).height() + 3}; }
  QSize minimumSizeHint() const override { return {0, sizeHint().height()}; }

 protected:
  void paintEvent(QPaintEvent*) override {
    QPainter painter(this);
    painter.setFont(style.small);
    const QFontMetrics metrics = painter.fontMetrics();
    int x = 0;
    for (const LegendItem& item : items) {
      const QRect patch(x, (height() - 8) / 2, 10, 8);
      if (!item.swatch.isNull()) {
        painter.drawImage(patch.topLeft(), item.swatch);
      } else {
        painter.setPen(QPen(item.color, 1.6, item.line));
        painter.drawLine(patch.left(), patch.center().y() + 1, patch.right() + 4, patch.center().y() + 1);
        x += 4;
      }
      painter.setPen(style.muted);
      painter.drawText(QRect(x + 14, 0, width(), height()), Qt::AlignLeft | Qt::AlignVCenter, item.name);
      x += 14 + metrics.horizontalAdvance(item.name) + 12;
    }
    painter.setPen(style.muted);
    painter.drawText(QRect(x, 0, width() - x, height()), Qt::AlignLeft | Qt::AlignVCenter,
                     metrics.elidedText(note, Qt::ElideRight, width() - x));
  }
};

ChartFrame::ChartFrame(const QString& title, const QString& help, QWidget* parent) : QWidget(parent), m_title(title) {
  m_heading = new QLabel(title, this);
  m_readout = new QLabel(this);
  m_readout->setAlignment(Qt::AlignRight | Qt::AlignVCenter);
  m_readout->setMinimumWidth(10);
  m_readout->setAccessibleName(tr("%1, current value").arg(title));
  m_help = new QToolButton(this);
  m_help->setText(QStringLiteral("?"));
  m_help->setProperty("role", QStringLiteral("flat"));
  m_help->setToolTip(help);
  m_help->setAccessibleName(tr("What %1 shows").arg(title));
  m_help->setAccessibleDescription(help);
  m_help->setFocusPolicy(Qt::TabFocus);
  connect(m_help, &QToolButton::clicked, this, [this] { QToolTip::showText(QCursor::pos(), m_help->toolTip(), m_help); });
  m_legend = new Legend(this);
  m_legend->hide();

  auto* row = new QHBoxLayout;
  row->setSpacing(2);
  row->addWidget(m_heading);
  row->addWidget(m_help);
  row->addStretch(1);
  row->addWidget(m_readout);
  m_layout = new QVBoxLayout(this);
  m_layout->setContentsMargins(0, 0, 0, 0);
  m_layout->setSpacing(2);
  m_layout->addLayout(row);
  m_layout->addWidget(m_legend);
}

void ChartFrame::setBody(QWidget* body) {
  m_body = body;
  m_layout->insertWidget(1, body, 1);
  // The body hands its context menu to the frame.
  body->setContextMenuPolicy(Qt::NoContextMenu);
}

void ChartFrame::setReadout(const QString& text) {
  m_value = text;
  showReadout();
}

QString ChartFrame::readout() const { return m_value; }

/// What does not fit is cut at its end, where the less important stands.
void ChartFrame::showReadout() {
  const int room = width() - m_heading->sizeHint().width() - m_help->width() - 8;
  m_readout->setText(m_readout->fontMetrics().elidedText(m_value, Qt::ElideRight, std::max(0, room)));
  m_readout->setToolTip(m_readout->text() == m_value ? QString() : m_value);
}

void ChartFrame::resizeEvent(QResizeEvent* event) {
  QWidget::resizeEvent(event);
  showReadout();
}

void ChartFrame::setLegend(const std::vector<LegendItem>& items) {
  m_legend->items = items;
  m_legend->setVisible(!items.empty() || !m_legend->note.isEmpty());
  m_legend->update();
}

void ChartFrame::setNote(const QString& text) {
  if (text == m_legend->note) return;
  m_legend->note = text;
  m_legend->setToolTip(text);
  m_legend->setVisible(!m_legend->items.empty() || !text.isEmpty());
  m_legend->update();
}

void ChartFrame::setStyleOf(const ChartStyle& style) {
  m_heading->setFont(style.heading);
  m_readout->setFont(style.value);
  m_help->setFont(style.small);
  m_help->setFixedSize(18, 18);
  m_help->setStyleSheet(QStringLiteral("QToolButton{color:%1;min-height:0;min-width:0;padding:0}").arg(style.muted.name()));
  m_heading->setStyleSheet(QStringLiteral("color:%1").arg(style.muted.name()));
  m_legend->style = style;
  m_legend->updateGeometry();
  m_ground = palette().color(QPalette::Window);
  m_legend->update();
}

QImage ChartFrame::picture() const {
  const double ratio = 2;  // sharp in a paper
  QImage image(size() * ratio, QImage::Format_RGB32);
  image.setDevicePixelRatio(ratio);
  image.fill(m_ground);
  const_cast<ChartFrame*>(this)->render(&image);
  return image;
}

bool ChartFrame::save(const QString& path) const {
  if (path.endsWith(QLatin1String(".csv"), Qt::CaseInsensitive)) return m_csv && writeText(path, m_csv());
  for (const char* suffix : {".pdf", ".svg"})
    if (path.endsWith(QLatin1String(suffix), Qt::CaseInsensitive)) return m_drawing && m_drawing(path);
  return picture().save(path, "PNG");
}

void ChartFrame::saveWithDialog(const QString& filter, const QString& suffix) {
  const QString path =
      QFileDialog::getSaveFileName(this, tr("Save %1").arg(m_title), m_title.toLower().replace(u'/', u'-') + suffix, filter);
  if (!path.isEmpty() && !save(path)) setNote(tr("%1 could not be written").arg(path));
}

void ChartFrame::contextMenuEvent(QContextMenuEvent* event) {
  QMenu menu(this);
  menu.addAction(tr("Copy picture"), this, [this] { QApplication::clipboard()->setImage(picture()); });
  if (m_csv) menu.addAction(tr("Copy values"), this, [this] { QApplication::clipboard()->setText(m_csv()); });
  menu.addSeparator();
  menu.addAction(tr("Save as PNG…"), this, [this] { saveWithDialog(tr("PNG picture (*.png)"), QStringLiteral(".png")); });
  if (m_drawing) {
    menu.addAction(tr("Save as SVG…"), this, [this] { saveWithDialog(tr("SVG drawing (*.svg)"), QStringLiteral(".svg")); });
    menu.addAction(tr("Save as PDF…"), this, [this] { saveWithDialog(tr("PDF drawing (*.pdf)"), QStringLiteral(".pdf")); });
  }
  if (m_csv)
    menu.addAction(tr("Save as CSV…"), this, [this] { saveWithDialog(tr("Comma-separated values (*.csv)"), QStringLiteral(".csv")); });
  menu.exec(event->globalPos());
}

}  // namespace cubeloom
