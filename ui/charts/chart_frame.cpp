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

constexpr int kWordFromWidthPx = 290;

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

  QSize sizeHint() const override { return {100, (m_isTwoLines ? 2 : 1) * lineHeight()}; }
  QSize minimumSizeHint() const override { return {0, sizeHint().height()}; }
  /// The sentence gets a line of its own where it does not fit beside the swatches.
  void fit() {
    const bool isTwoLines = !items.empty() && !note.isEmpty() && itemsWidth() + QFontMetrics(style.small).horizontalAdvance(note) > width();
    if (isTwoLines != m_isTwoLines) {
      m_isTwoLines = isTwoLines;
      updateGeometry();
    }
    update();
  }

 protected:
  void paintEvent(QPaintEvent*) override {
    QPainter painter(this);
    painter.setFont(style.small);
    const QFontMetrics metrics = painter.fontMetrics();
    int x = 0;
    const int line = lineHeight();
    for (const LegendItem& item : items) {
      const QRect patch(x, (line - 8) / 2, 10, 8);
      if (!item.swatch.isNull()) {
        painter.drawImage(patch.topLeft(), item.swatch);
      } else {
        painter.setPen(QPen(item.color, 1.6, item.line));
        painter.drawLine(patch.left(), patch.center().y() + 1, patch.right() + 4, patch.center().y() + 1);
        x += 4;
      }
      painter.setPen(style.muted);
      painter.drawText(QRect(x + 14, 0, width(), line), Qt::AlignLeft | Qt::AlignVCenter, item.name);
      x += 14 + metrics.horizontalAdvance(item.name) + 12;
    }
    painter.setPen(style.muted);
    const int left = m_isTwoLines ? 0 : x;
    painter.drawText(QRect(left, m_isTwoLines ? line : 0, width() - left, line), Qt::AlignLeft | Qt::AlignVCenter,
                     metrics.elidedText(note, Qt::ElideRight, std::max(0, width() - left)));
  }
  void resizeEvent(QResizeEvent*) override { fit(); }

 private:
  int lineHeight() const { return QFontMetrics(style.small).height() + 3; }
  int itemsWidth() const {
    int wide = 0;
    for (const LegendItem& item : items)
      wide += 14 + QFontMetrics(style.small).horizontalAdvance(item.name) + 12 + (item.swatch.isNull() ? 4 : 0);
    return wide;
  }
  bool m_isTwoLines = false;
};

ChartFrame::ChartFrame(const QString& title, const QString& help, QWidget* parent) : QWidget(parent), m_title(title) {
  m_heading = new QLabel(title, this);
  m_readout = new QLabel(this);
  m_readout->setAlignment(Qt::AlignRight | Qt::AlignVCenter);
  m_readout->setMinimumWidth(10);
  m_help = new QToolButton(this);
  m_help->setText(QStringLiteral("?"));
  m_help->setProperty("role", QStringLiteral("flat"));
  m_help->setToolTip(help);
  m_help->setAccessibleName(tr("What %1 shows").arg(title));
  m_help->setAccessibleDescription(help);
  m_help->setFocusPolicy(Qt::TabFocus);
  connect(m_help, &QToolButton::clicked, this, [this] { QToolTip::showText(QCursor::pos(), m_help->toolTip(), m_help); });
  m_save = new QToolButton(this);
  m_save->setText(tr("Save"));
  m_save->setProperty("role", QStringLiteral("flat"));
  m_save->setToolTip(tr("Copy or save this chart: picture, drawing or values"));
  m_save->setAccessibleName(tr("Copy or save %1").arg(title));
  m_save->setFocusPolicy(Qt::TabFocus);
  connect(m_save, &QToolButton::clicked, this, [this] {
    QMenu menu(this);
    fillMenu(menu);
    menu.exec(m_save->mapToGlobal(QPoint(0, m_save->height())));
  });
  m_legend = new Legend(this);
  m_legend->hide();

  auto* row = new QHBoxLayout;
  row->setSpacing(2);
  row->addWidget(m_heading);
  row->addWidget(m_help);
  row->addWidget(m_save);
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
  if (body->accessibleName().isEmpty()) body->setAccessibleName(tr("%1, chart").arg(m_title));
}

void ChartFrame::setReadout(const QString& text) {
  if (text == m_value) return;
  m_value = text;
  // The whole of it, however little the row has room for.
  m_readout->setAccessibleName(tr("%1: %2").arg(m_title, text));
  if (m_body) m_body->setAccessibleDescription(text);
  showReadout();
}

QString ChartFrame::readout() const { return m_value; }

/// What does not fit is cut at its end, where the less important stands.
void ChartFrame::showReadout() {
  const int room = width() - m_heading->sizeHint().width() - m_help->width() - m_save->width() - 10;
  m_readout->setText(m_readout->fontMetrics().elidedText(m_value, Qt::ElideRight, std::max(0, room)));
  m_readout->setToolTip(m_readout->text() == m_value ? QString() : m_value);
}

void ChartFrame::resizeEvent(QResizeEvent* event) {
  QWidget::resizeEvent(event);
  // A narrow chart's title row has room for its number or for the word, not for both.
  m_save->setText(width() >= kWordFromWidthPx ? tr("Save") : QStringLiteral("↓"));
  m_save->setFixedWidth(m_save->fontMetrics().horizontalAdvance(m_save->text()) + 10);
  showReadout();
}

void ChartFrame::setLegend(const std::vector<LegendItem>& items) {
  m_legend->items = items;
  m_legend->setVisible(!items.empty() || !m_legend->note.isEmpty());
  m_legend->fit();
}

void ChartFrame::setNote(const QString& text) {
  if (text == m_legend->note) return;
  m_legend->note = text;
  m_legend->setToolTip(text);
  m_legend->setVisible(!m_legend->items.empty() || !text.isEmpty());
  m_legend->fit();
}

void ChartFrame::setStyleOf(const ChartStyle& style) {
  m_heading->setFont(style.heading);
  m_readout->setFont(style.value);
  for (QToolButton* button : {m_help, m_save}) {
    button->setFont(style.small);
    button->setStyleSheet(QStringLiteral("QToolButton{color:%1;min-height:0;min-width:0;padding:0}").arg(style.muted.name()));
  }
  m_help->setFixedSize(18, 18);
  m_save->setFixedSize(QFontMetrics(style.small).horizontalAdvance(m_save->text()) + 10, 18);
  m_heading->setStyleSheet(QStringLiteral("color:%1").arg(style.muted.name()));
  m_legend->style = style;
  m_legend->updateGeometry();
  m_legend->fit();
  m_ground = palette().color(QPalette::Window);
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
  fillMenu(menu);
  menu.exec(event->globalPos());
}

void ChartFrame::fillMenu(QMenu& menu) {
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
}

}  // namespace cubeloom
