// SPDX-License-Identifier: GPL-3.0-or-later
// The list and how it paints its entries.
#include "ui/steps/add_list.h"

#include <QApplication>
#include <QDrag>
#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QListWidget>
#include <QMimeData>
#include <QMouseEvent>
#include <QPainter>
#include <QScreen>
#include <QStyledItemDelegate>
#include <QVBoxLayout>

#include "engine/op/operation_search.h"
#include "ui/steps/drop_types.h"
#include "ui/theme/theme.h"

namespace cubeloom {

namespace {

constexpr int kIdRole = Qt::UserRole, kCategoryRole = Qt::UserRole + 1, kSummaryRole = Qt::UserRole + 2;
constexpr int kRowHeight = 42, kWidth = 360, kRowsShown = 8;

/// Title and category on one line, the summary below.
class EntryDelegate : public QStyledItemDelegate {
 public:
  using QStyledItemDelegate::QStyledItemDelegate;
  QSize sizeHint(const QStyleOptionViewItem&, const QModelIndex&) const override { return {kWidth - 20, kRowHeight}; }
  void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override {
    painter->save();
    if (option.state & QStyle::State_Selected) {
      painter->setRenderHint(QPainter::Antialiasing);
      painter->setPen(Qt::NoPen);
      painter->setBrush(color(Token::AccentSoft));
      painter->drawRoundedRect(option.rect.adjusted(1, 1, -1, -1), 4, 4);
    }
    const QRect text = option.rect.adjusted(10, 3, -10, -3);
    const QRect top(text.left(), text.top(), text.width(), text.height() / 2);
    const QRect bottom(text.left(), top.bottom(), text.width(), text.height() / 2);
    painter->setFont(theme().font(13, true));
    painter->setPen(color(Token::Text));
    painter->drawText(top, Qt::AlignLeft | Qt::AlignVCenter, index.data(Qt::DisplayRole).toString());
    painter->setFont(theme().font(11));
    painter->setPen(color(Token::Muted));
    painter->drawText(top, Qt::AlignRight | Qt::AlignVCenter, index.data(kCategoryRole).toString());
    const QString summary = painter->fontMetrics().elidedText(index.data(kSummaryRole).toString(), Qt::ElideRight, bottom.width());
    painter->drawText(bottom, Qt::AlignLeft | Qt::AlignVCenter, summary);
    painter->restore();
  }
};

}  // namespace

AddList::AddList(std::shared_ptr<const Registry> registry, QWidget* parent)
    : QFrame(parent, Qt::Popup), m_registry(std::move(registry)), m_search(new QLineEdit), m_list(new QListWidget), m_hint(new QLabel) {
  setProperty("role", QStringLiteral("card"));
  setAccessibleName(tr("Add a step"));
  m_search->setPlaceholderText(tr("Search steps"));
  m_search->setAccessibleName(tr("Search steps"));
  m_search->installEventFilter(this);
  m_list->setItemDelegate(new EntryDelegate(m_list));
  m_list->setUniformItemSizes(true);
  m_list->setFocusPolicy(Qt::NoFocus);
  m_list->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  m_list->setAccessibleName(tr("Steps"));
  m_list->viewport()->installEventFilter(this);
  m_hint->setProperty("role", QStringLiteral("muted"));
  m_hint->setFont(theme().font(11));
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(8, 8, 8, 8);
  column->setSpacing(6);
  column->addWidget(m_search);
  column->addWidget(m_list);
  column->addWidget(m_hint);
  setFixedWidth(kWidth);
  connect(m_search, &QLineEdit::textChanged, this, &AddList::fill);
  connect(m_list, &QListWidget::itemClicked, this, &AddList::choose);
}

void AddList::popup(QPoint globalPos, const QString& hint, std::function<bool(const Declaration&)> accepts) {
  m_accepts = std::move(accepts);
  m_place = hint;
  m_search->clear();
  fill();
  adjustSize();
  const QScreen* screen = QApplication::screenAt(globalPos);
  const QRect room = (screen ? screen : QApplication::primaryScreen())->availableGeometry();
  const QPoint last = room.bottomRight() - QPoint(width(), height());
  move(std::max(room.left(), std::min(globalPos.x(), last.x())), std::max(room.top(), std::min(globalPos.y(), last.y())));
  show();
  m_search->setFocus(Qt::PopupFocusReason);
}

void AddList::fill() {
  m_list->clear();
  for (const Operation* operation : searchOperations(*m_registry, m_search->text().toStdString(), m_accepts)) {
    const Declaration& declaration = operation->declaration();
    auto* item = new QListWidgetItem(QString::fromStdString(declaration.title), m_list);
    item->setData(kIdRole, QString::fromStdString(declaration.id));
    item->setData(kCategoryRole, QString::fromStdString(declaration.category));
    item->setData(kSummaryRole, QString::fromStdString(declaration.summary));
    item->setData(Qt::AccessibleTextRole, QString::fromStdString(declaration.title + ": " + declaration.summary));
  }
  m_list->setCurrentRow(0);
  m_list->setFixedHeight(kRowHeight * kRowsShown + 4);
  const QString words = m_search->text().trimmed();
  m_hint->setText(m_list->count() > 0 ? m_place : words.isEmpty() ? tr("No step fits here") : tr("No step is called “%1”").arg(words));
  m_hint->setVisible(!m_hint->text().isEmpty());
}

void AddList::choose() {
  const QListWidgetItem* item = m_list->currentItem();
  if (!item) return;
  const QString operation = item->data(kIdRole).toString();
  hide();
  Q_EMIT chosen(operation);
}

void AddList::startDrag() {
  const QListWidgetItem* item = m_list->itemAt(m_pressed);
  if (!item) return;
  auto* mime = new QMimeData;
  mime->setData(kOperationMimeType, item->data(kIdRole).toString().toUtf8());
  hide();
  auto* drag = new QDrag(parentWidget());
  drag->setMimeData(mime);
  drag->exec(Qt::CopyAction);
}

bool AddList::eventFilter(QObject* watched, QEvent* event) {
  if (watched == m_search && event->type() == QEvent::KeyPress) {
    const auto* key = static_cast<QKeyEvent*>(event);
    const int rows = m_list->count(), row = m_list->currentRow();
    switch (key->key()) {
      case Qt::Key_Down:
      case Qt::Key_Tab: m_list->setCurrentRow(rows ? (row + 1) % rows : -1); return true;
      case Qt::Key_Up:
      case Qt::Key_Backtab: m_list->setCurrentRow(rows ? (row + rows - 1) % rows : -1); return true;
      case Qt::Key_PageDown: m_list->setCurrentRow(std::min(rows - 1, row + kRowsShown)); return true;
      case Qt::Key_PageUp: m_list->setCurrentRow(std::max(0, row - kRowsShown)); return true;
      case Qt::Key_Return:
      case Qt::Key_Enter: choose(); return true;
      default: break;
    }
  }
  if (watched == m_list->viewport() && (event->type() == QEvent::MouseButtonPress || event->type() == QEvent::MouseMove)) {
    const auto* mouse = static_cast<QMouseEvent*>(event);
    if (event->type() == QEvent::MouseButtonPress) m_pressed = mouse->position().toPoint();
    if (event->type() == QEvent::MouseMove && (mouse->buttons() & Qt::LeftButton)) {
      if ((mouse->position().toPoint() - m_pressed).manhattanLength() >= QApplication::startDragDistance()) startDrag();
      return true;
    }
  }
  return QFrame::eventFilter(watched, event);
}

void AddList::hideEvent(QHideEvent* event) {
  QFrame::hideEvent(event);
  Q_EMIT closed();
}

}  // namespace cubeloom
