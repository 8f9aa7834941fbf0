// SPDX-License-Identifier: GPL-3.0-or-later
// The CRS list and its search.
#include "ui/inspector/crs_picker.h"

#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QListWidget>
#include <QPainter>
#include <QScreen>
#include <QSettings>
#include <QStyledItemDelegate>
#include <QVBoxLayout>
#include <algorithm>

#include "ui/theme/theme.h"

namespace cubeloom {

namespace {

constexpr int kCodeRole = Qt::UserRole, kAreaRole = Qt::UserRole + 1, kGroupRole = Qt::UserRole + 2, kDeprecatedRole = Qt::UserRole + 3;
constexpr int kRowHeight = 40, kRowsShown = 8, kMaxFound = 100, kMaxRecent = 5;
const char* const kRecentKey = "crs/recent";

/// Name and group on one line; code and area below.
class CrsDelegate : public QStyledItemDelegate {
 public:
  using QStyledItemDelegate::QStyledItemDelegate;
  QSize sizeHint(const QStyleOptionViewItem&, const QModelIndex&) const override { return {200, kRowHeight}; }
  void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override {
    painter->save();
    if (option.state & QStyle::State_Selected) painter->fillRect(option.rect, color(Token::AccentSoft));
    const QRect text = option.rect.adjusted(8, 2, -8, -2);
    const QRect top(text.left(), text.top(), text.width(), text.height() / 2),
        bottom(text.left(), top.bottom(), text.width(), text.height() / 2);
    const bool deprecated = index.data(kDeprecatedRole).toBool();
    const QString group = deprecated ? QObject::tr("deprecated") : index.data(kGroupRole).toString();
    painter->setFont(theme().font(11));
    painter->setPen(deprecated ? color(Token::WarningText) : color(Token::Muted));
    painter->drawText(top, Qt::AlignRight | Qt::AlignVCenter, group);
    const int used = group.isEmpty() ? 0 : painter->fontMetrics().horizontalAdvance(group) + 8;
    painter->setPen(color(Token::Muted));
    const QString code = index.data(kCodeRole).toString(), area = index.data(kAreaRole).toString();
    const QString second = area.isEmpty() ? code : code + QStringLiteral(" · ") + area;
    painter->drawText(bottom, Qt::AlignLeft | Qt::AlignVCenter, painter->fontMetrics().elidedText(second, Qt::ElideRight, bottom.width()));
    QFont name = theme().font(13);
    name.setStrikeOut(deprecated);
    painter->setFont(name);
    painter->setPen(color(Token::Text));
    painter->drawText(top, Qt::AlignLeft | Qt::AlignVCenter,
                      painter->fontMetrics().elidedText(index.data(Qt::DisplayRole).toString(), Qt::ElideRight, top.width() - used));
    painter->restore();
  }
};

CrsListing listingOf(const Crs& crs) {
  CrsListing listing;
  listing.code = crs.authority().empty() ? crs.wkt() : crs.authority();
  listing.name = crs.name();
  return listing;
}

}  // namespace

CrsPicker::CrsPicker(QWidget* parent) : QFrame(parent, Qt::Popup), m_search(new QLineEdit), m_list(new QListWidget), m_note(new QLabel) {
  setProperty("role", QStringLiteral("card"));
  setAccessibleName(tr("Coordinate reference systems"));
  m_search->setPlaceholderText(tr("Code, name or area: 32610, UTM 10N, California"));
  m_search->setAccessibleName(tr("Search coordinate reference systems"));
  m_search->installEventFilter(this);
  m_list->setItemDelegate(new CrsDelegate(m_list));
  m_list->setUniformItemSizes(true);
  m_list->setFocusPolicy(Qt::NoFocus);
  m_list->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  m_list->setFixedHeight(kRowHeight * kRowsShown);
  setRole(m_note, "muted");
  m_note->setFont(theme().font(11));
  m_note->setWordWrap(true);
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(8, 8, 8, 8);
  column->addWidget(m_search);
  column->addWidget(m_list);
  column->addWidget(m_note);
  connect(m_search, &QLineEdit::textChanged, this, &CrsPicker::search);
  connect(m_list, &QListWidget::itemClicked, this, &CrsPicker::choose);
}

QStringList CrsPicker::recent() { return QSettings().value(QLatin1String(kRecentKey)).toStringList(); }

void CrsPicker::remember(const QString& code) {
  QStringList codes = recent();
  codes.removeAll(code);
  codes.prepend(code);
  QSettings().setValue(QLatin1String(kRecentKey), codes.mid(0, kMaxRecent));
}

void CrsPicker::popup(QWidget* below, const std::optional<GeoBox>& input, const QString& none) {
  m_input = input;
  m_none = none;
  m_search->clear();
  search();
  setFixedWidth(std::max(below->width(), 380));
  adjustSize();
  const QRect room = below->screen()->availableGeometry();
  const QPoint at = below->mapToGlobal(QPoint(below->width() - width(), below->height() + 2));
  move(qBound(room.left(), at.x(), room.right() - width()), qBound(room.top(), at.y(), std::max(room.top(), room.bottom() - height())));
  show();
  m_search->setFocus(Qt::PopupFocusReason);
}

void CrsPicker::search() {
  const std::string query = m_search->text().trimmed().toStdString();
  m_note->setText(tr("searching…"));
  m_task.start(
      [query, input = m_input, codes = recent()](const CancelToken& cancel) {
        std::vector<Entry> entries;
        if (!query.empty()) {
          for (CrsListing& listing : Crs::search(query, kMaxFound)) entries.push_back({std::move(listing), {}});
          std::stable_partition(entries.begin(), entries.end(), [](const Entry& e) { return !e.listing.deprecated; });
          return entries;
        }
        const auto add = [&](const Crs& crs, const QString& group) {
          if (!crs.isValid()) return;
          CrsListing listing = listingOf(crs);
          for (const Entry& entry : entries)
            if (entry.listing.code == listing.code) return;
          entries.push_back({std::move(listing), group});
        };
        if (input && input->crs().isValid()) {
          add(input->crs(), QObject::tr("of the input"));
          if (const auto wgs84 = Crs::fromUser("EPSG:4326")) {
            const auto bounds = input->boundsIn(*wgs84);
            if (bounds && !cancel.isCanceled())
              add(Crs::utmFor((bounds->xmin + bounds->xmax) / 2, (bounds->ymin + bounds->ymax) / 2), QObject::tr("UTM of this extent"));
          }
        }
        for (const QString& code : codes) {
          if (cancel.isCanceled()) break;
          if (const auto crs = Crs::fromUser(code.toStdString())) add(*crs, QObject::tr("recent"));
        }
        for (const char* code : {"EPSG:4326", "EPSG:3857"})
          if (const auto crs = Crs::fromUser(code)) add(*crs, QObject::tr("common"));
        return entries;
      },
      [this](const std::vector<Entry>& entries) { showEntries(entries); });
}

void CrsPicker::showEntries(const std::vector<Entry>& entries) {
  m_list->clear();
  if (m_search->text().isEmpty() && !m_none.isEmpty()) new QListWidgetItem(m_none, m_list);
  for (const Entry& entry : entries) {
    auto* item = new QListWidgetItem(QString::fromStdString(entry.listing.name), m_list);
    item->setData(kCodeRole, QString::fromStdString(entry.listing.code));
    item->setData(kAreaRole, QString::fromStdString(entry.listing.area));
    item->setData(kGroupRole, entry.group);
    item->setData(kDeprecatedRole, entry.listing.deprecated);
    item->setToolTip(QString::fromStdString(entry.listing.name + "\n" + entry.listing.area));
    item->setData(Qt::AccessibleTextRole, QString::fromStdString(entry.listing.name + ", " + entry.listing.code));
  }
  m_list->setCurrentRow(0);
  const auto count = static_cast<int>(entries.size());
  m_note->setText(m_search->text().isEmpty() ? tr("Type to search all systems")
                  : count == 0               ? tr("Nothing found. WKT and PROJ strings can be pasted too: Enter takes the text")
                  : count == kMaxFound       ? tr("The first %1; add a word to narrow down").arg(count)
                                             : tr("%1 found").arg(count));
}

void CrsPicker::choose() {
  // What is not in the list may still be a WKT or PROJ string.
  const QString code = m_list->currentItem() ? m_list->currentItem()->data(kCodeRole).toString() : m_search->text().trimmed();
  if (code.isEmpty() && !m_list->currentItem()) return;
  hide();
  if (!code.isEmpty()) remember(code);
  Q_EMIT chosen(code);
}

bool CrsPicker::eventFilter(QObject* watched, QEvent* event) {
  if (watched == m_search && event->type() == QEvent::KeyPress) {
    const int rows = m_list->count(), row = m_list->currentRow();
    switch (static_cast<QKeyEvent*>(event)->key()) {
      case Qt::Key_Down: m_list->setCurrentRow(rows ? (row + 1) % rows : -1); return true;
      case Qt::Key_Up: m_list->setCurrentRow(rows ? (row + rows - 1) % rows : -1); return true;
      case Qt::Key_PageDown: m_list->setCurrentRow(std::min(rows - 1, row + kRowsShown)); return true;
      case Qt::Key_PageUp: m_list->setCurrentRow(std::max(0, row - kRowsShown)); return true;
      case Qt::Key_Return:
      case Qt::Key_Enter: choose(); return true;
      default: break;
    }
  }
  return QFrame::eventFilter(watched, event);
}

}  // namespace cubeloom
