// SPDX-License-Identifier: GPL-3.0-or-later
// Title row, legend, help and export of a chart.
#include "ui/charts/chart_frame.h"

#include <QContextMenuEvent>
#include <QLabel>
#include <QMenu>
#include <QPainter>
#include <QToolButton>
#include <QToolTip>
#include <QVBoxLayout>

namespace cubeloom {

namespace {

constexpr int kWordFromWidthPx = 290;

}  // namespace

/// Swatches with names, then a sentence as far as there is room.
class ChartFrame::Legend : public QWidget {
 public:
  using QWidget::QWidget;
  std::vector<LegendItem> items;
  QString note;
  ChartStyle style;

  QSize sizeHint() const override { return {100, m_lines * lineHeight()}; }
  QSize minimumSizeHint() const override { return {0, sizeHint().height()}; }
  /// What does not fit beside its neighbours gets a line of its own, swatch or sentence.
  void fit() {
    const int lines = layOut().lines;
    if (lines != m_lines) {
      m_lines = lines;
      updateGeometry();
    }
    update();
  }

 protected:
  void paintEvent(QPaintEvent*) override {
    QPainter painter(this);
    painter.setFont(style.small);
    const Places places = layOut();
    const int line = lineHeight();
    for (std::size_t i = 0; i < items.size(); ++i) {
      const LegendItem& item = items[i];
      const QRect patch(places.items[i] + QPoint(0, (line - 8) / 2), QSize(10, 8));
      if (!item.swatch.isNull()) {
        painter.drawImage(patch.topLeft(), item.swatch);
      } else {
        painter.setPen(QPen(item.color, 1.6, item.line));
        painter.drawLine(patch.left(), patch.center().y() + 1, patch.right() + 4, patch.center().y() + 1);
      }
      painter.setPen(style.muted);
      painter.drawText(QRect(places.items[i] + QPoint(wordAt(item), 0), QSize(width(), line)), Qt::AlignLeft | Qt::AlignVCenter, item.name);
    }
    painter.setPen(style.muted);
    const int room = std::max(0, width() - places.note.x());
    painter.drawText(QRect(places.note, QSize(room, line)), Qt::AlignLeft | Qt::AlignVCenter,
                     painter.fontMetrics().elidedText(note, Qt::ElideRight, room));
  }
  void resizeEvent(QResizeEvent*) override { fit(); }

 private:
  struct Places {
    std::vector<QPoint> items;
    QPoint note;
    int lines = 1;
  };
  int lineHeight() const { return QFontMetrics(style.small).height() + 3; }
  static int wordAt(const LegendItem& item) { return item.swatch.isNull() ? 18 : 14; }
  Places layOut() const {
    constexpr int kGap = 12;
    const QFontMetrics metrics(style.small);
    Places places;
    QPoint at;
    const auto place = [&](int wide) {
      if (at.x() > 0 && at.x() + wide > width()) {
        at = {0, at.y() + lineHeight()};
        ++places.lines;
      }
      const QPoint here = at;
      at.rx() += wide + kGap;
      return here;
    };
    for (const LegendItem& item : items) places.items.push_back(place(wordAt(item) + metrics.horizontalAdvance(item.name)));
    if (!note.isEmpty()) places.note = place(metrics.horizontalAdvance(note));
    return places;
  }
  int m_lines = 1;
};

ChartFrame::ChartFrame(const QString& title, const QString& help, QWidget* parent) : QWidget(parent), m_title(title) {
  m_export.title = title;
  m_export.picture = [this] { return pictureOf(*this, m_ground); };
  m_export.failed = [this](const QString& problem) { setNote(problem); };
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
    m_export.fillMenu(menu, this);
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

void ChartFrame::contextMenuEvent(QContextMenuEvent* event) {
  QMenu menu(this);
  m_export.fillMenu(menu, this);
  menu.exec(event->globalPos());
}

}  // namespace cubeloom
