// SPDX-License-Identifier: GPL-3.0-or-later
// A table of classes: a row per range of values, with the new value, its name and its colour; a spreadsheet's rows can be pasted.
#include <QApplication>
#include <QClipboard>
#include <QGridLayout>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QPainter>
#include <QPushButton>
#include <QStyledItemDelegate>
#include <QTableWidget>
#include <QToolButton>
#include <QVBoxLayout>
#include <QWidgetAction>
#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "ui/inspector/class_rows.h"
#include "ui/inspector/editors.h"
#include "ui/theme/icons.h"
#include "ui/theme/theme.h"
#include "ui/words/param_text.h"

namespace cubeloom {

namespace {

enum Column { From, To, Value, Name, Colour };
constexpr int kColumns = Colour + 1;
constexpr int kClassRowHeight = 26, kMostRowsShown = 8;
/// Distinct in all kinds of colour vision, dark and light.
constexpr const char* kSwatches[] = {"#1f3b73", "#1f78b4", "#8ecae6", "#0b6e4f", "#33a02c", "#b2df8a", "#f2cf5b", "#e69f00",
                                     "#d55e00", "#a3160f", "#fb9a99", "#a64ca6", "#cab2d6", "#8c564b", "#808b97", "#303030"};

/// Undo keys are the document's, as in every field.
class CellDelegate : public QStyledItemDelegate {
 public:
  using QStyledItemDelegate::QStyledItemDelegate;
  QWidget* createEditor(QWidget* parent, const QStyleOptionViewItem& option, const QModelIndex& index) const override {
    QWidget* editor = QStyledItemDelegate::createEditor(parent, option, index);
    if (editor) editor->setStyleSheet(QStringLiteral("QLineEdit { min-height: 0; padding: 0 3px; border-radius: 0; }"));
    return editor;
  }
};

class TableEditor : public ParamEditor {
 public:
  TableEditor(const Param& param, QWidget* parent)
      : ParamEditor(param, parent), m_table(new QTableWidget(0, kColumns)), m_empty(new QLabel) {
    m_table->setHorizontalHeaderLabels({tr("From"), tr("To"), tr("Value"), tr("Name"), QString()});
    m_table->horizontalHeaderItem(Colour)->setToolTip(tr("Colour"));
    m_table->verticalHeader()->hide();
    m_table->verticalHeader()->setDefaultSectionSize(kClassRowHeight);
    m_table->horizontalHeader()->setSectionResizeMode(QHeaderView::Stretch);
    m_table->horizontalHeader()->setSectionResizeMode(Colour, QHeaderView::Fixed);
    m_table->horizontalHeader()->setMinimumSectionSize(28);
    m_table->horizontalHeader()->setHighlightSections(false);
    m_table->horizontalHeader()->setDefaultAlignment(Qt::AlignLeft | Qt::AlignVCenter);
    m_table->setColumnWidth(Colour, 30);
    m_table->setStyleSheet(QStringLiteral("QHeaderView::section { padding: 3px 4px; } QTableView::item { padding: 0 2px; }"));
    m_table->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_table->setSelectionMode(QAbstractItemView::ExtendedSelection);
    m_table->setTabKeyNavigation(true);
    m_table->setEditTriggers(QAbstractItemView::DoubleClicked | QAbstractItemView::SelectedClicked | QAbstractItemView::EditKeyPressed |
                             QAbstractItemView::AnyKeyPressed);
    m_table->setItemDelegate(new CellDelegate(m_table));
    m_table->setAccessibleName(paramLabel(param));
    m_table->setAccessibleDescription(
        tr("Classes; Ctrl+V pastes rows of a spreadsheet, Delete removes rows, Alt+Up and Alt+Down move one"));
    m_table->installEventFilter(this);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(4);
    m_empty->setText(tr("No classes yet: add a row, or paste rows of a spreadsheet (from, to, value, name, colour)"));
    m_empty->setWordWrap(true);
    setRole(m_empty, "muted");
    m_empty->setFont(theme().font(11));
    column->addWidget(m_table);
    column->addWidget(m_empty);
    auto* row = new QHBoxLayout;
    row->setSpacing(6);
    auto* add = new QPushButton(tr("Add row"));
    m_remove = new QPushButton(tr("Remove"));
    auto* paste = new QPushButton(tr("Paste"));
    paste->setToolTip(tr("Rows copied in a spreadsheet: from, to, value, name, colour (Ctrl+V)"));
    m_remove->setToolTip(tr("Removes the selected rows (Delete)"));
    for (QPushButton* button : {add, m_remove, paste}) row->addWidget(button);
    row->addStretch(1);
    column->addLayout(row);
    connect(add, &QPushButton::clicked, this, &TableEditor::addRow);
    connect(m_remove, &QPushButton::clicked, this, &TableEditor::removeRows);
    connect(paste, &QPushButton::clicked, this, &TableEditor::paste);
    connect(m_table, &QTableWidget::cellChanged, this, &TableEditor::onCell);
    connect(m_table, &QTableWidget::itemSelectionChanged, this, [this] { m_remove->setEnabled(!m_table->selectedItems().isEmpty()); });
    connect(m_table, &QTableWidget::cellClicked, this, [this](int row, int column) {
      if (column == Colour) chooseColour(row);
    });
    fill({});
  }

  QWidget* field() override { return m_table; }

  void setValue(const Json& value) override {
    if (value == m_value && m_table->rowCount() > 0) return;
    m_value = value;
    fill(classRowsOf(value.is_string() ? tableFromText(value.get<std::string>()) : value));
  }

  QString hint() const override {
    return m_table->rowCount() == 0 ? QStringLiteral(" ") : tr("> 0, ≤ 1, = 5 and nodata can be typed, too");
  }

 protected:
  bool eventFilter(QObject* watched, QEvent* event) override {
    if (watched != m_table || event->type() != QEvent::KeyPress) return ParamEditor::eventFilter(watched, event);
    const auto* key = static_cast<QKeyEvent*>(event);
    if (key->matches(QKeySequence::Paste)) return paste(), true;
    if (key->matches(QKeySequence::Copy)) return copy(), true;
    if (key->key() == Qt::Key_Delete) return removeRows(), true;
    const bool isAlt = key->modifiers() & Qt::AltModifier;
    if (isAlt && (key->key() == Qt::Key_Up || key->key() == Qt::Key_Down)) return moveRow(key->key() == Qt::Key_Up ? -1 : 1), true;
    const bool isOnColour = m_table->currentColumn() == Colour && m_table->currentRow() >= 0;
    if (isOnColour && (key->key() == Qt::Key_Space || key->key() == Qt::Key_Return)) return chooseColour(m_table->currentRow()), true;
    return ParamEditor::eventFilter(watched, event);
  }

 private:
  std::vector<ClassRow> rows() const {
    std::vector<ClassRow> rows;
    rows.reserve(static_cast<std::size_t>(m_table->rowCount()));
    for (int r = 0; r < m_table->rowCount(); ++r) {
      const auto cell = [&](int column) { return m_table->item(r, column) ? m_table->item(r, column)->text().trimmed() : QString(); };
      rows.push_back({cell(From), cell(To), cell(Value), cell(Name), m_table->item(r, Colour)->data(Qt::UserRole).toString()});
    }
    return rows;
  }

  void fill(const std::vector<ClassRow>& rows) {
    const QSignalBlocker quiet(m_table);
    const int at = m_table->currentRow(), column = m_table->currentColumn();
    m_table->setRowCount(static_cast<int>(rows.size()));
    for (int r = 0; r < m_table->rowCount(); ++r) {
      const ClassRow& row = rows[static_cast<std::size_t>(r)];
      const QString texts[] = {row.from, row.to, row.value, row.name};
      for (int c = 0; c < Colour; ++c) {
        QTableWidgetItem* item = m_table->item(r, c);
        if (!item) m_table->setItem(r, c, item = new QTableWidgetItem);
        item->setText(texts[c]);
        item->setToolTip(texts[c]);
      }
      m_table->setItem(r, Colour, colourItem(row.colour));
    }
    if (at >= 0 && at < m_table->rowCount()) m_table->setCurrentCell(at, column);
    m_table->setVisible(!rows.empty());
    m_empty->setVisible(rows.empty());
    m_remove->setEnabled(!m_table->selectedItems().isEmpty());
    m_table->setFixedHeight(std::min(m_table->rowCount(), kMostRowsShown) * kClassRowHeight +
                            m_table->horizontalHeader()->sizeHint().height() + 4);
  }

  static QTableWidgetItem* colourItem(const QString& colour) {
    auto* item = new QTableWidgetItem;
    item->setData(Qt::UserRole, colour);
    item->setFlags(Qt::ItemIsEnabled | Qt::ItemIsSelectable);
    QPixmap swatch(16, 16);
    swatch.fill(colour.isEmpty() ? QColor(Qt::transparent) : QColor(colour));
    QPainter painter(&swatch);
    painter.setPen(color(Token::Waiting));
    painter.drawRect(0, 0, 15, 15);
    if (colour.isEmpty()) painter.drawLine(0, 15, 15, 0);
    painter.end();
    item->setIcon(QIcon(swatch));
    item->setToolTip(colour.isEmpty() ? QObject::tr("No colour of its own: click to choose one") : colour);
    return item;
  }

  void onCell(int row, int column) {
    if (column == Name || column == Value || column == From || column == To)
      m_table->item(row, column)->setToolTip(m_table->item(row, column)->text());
    report();
  }

  void report() {
    const std::vector<ClassRow> all = rows();
    const auto value = classTable(all);
    if (!value) {
      m_value = nullptr;
      Q_EMIT mistaken(QString::fromStdString(value.error().message + (value.error().hint.empty() ? "" : ": " + value.error().hint)));
      return;
    }
    m_value = *value;
    fill(classRowsOf(m_value));  // as it was understood
    Q_EMIT edited(m_value);
    Q_EMIT committed();
  }

  /// The next class: where the last one ends, one more than its value.
  void addRow() {
    std::vector<ClassRow> all = rows();
    all.push_back(nextClass(all));
    fill(all);
    m_table->setFocus();
    m_table->setCurrentCell(m_table->rowCount() - 1, From);
    m_table->scrollToBottom();
    report();
  }

  void removeRows() {
    std::vector<ClassRow> left = rows();
    std::vector<int> gone;
    for (const QTableWidgetItem* item : m_table->selectedItems()) gone.push_back(item->row());
    std::sort(gone.begin(), gone.end());
    gone.erase(std::unique(gone.begin(), gone.end()), gone.end());
    for (auto row = gone.rbegin(); row != gone.rend(); ++row) left.erase(left.begin() + *row);
    if (gone.empty()) return;
    m_table->clearSelection();
    fill(left);
    report();
  }

  void moveRow(int by) {
    std::vector<ClassRow> all = rows();
    const int row = m_table->currentRow(), to = row + by;
    if (row < 0 || to < 0 || to >= m_table->rowCount()) return;
    std::swap(all[static_cast<std::size_t>(row)], all[static_cast<std::size_t>(to)]);
    fill(all);
    m_table->setCurrentCell(to, m_table->currentColumn());
    report();
  }

  void copy() const { QApplication::clipboard()->setText(classText(rows())); }

  /// Pasted rows come behind what is there; what cannot be read is said, and nothing changes.
  void paste() {
    const auto pasted = classRowsFromText(QApplication::clipboard()->text());
    if (!pasted) return Q_EMIT mistaken(QString::fromStdString(pasted.error().message + ": " + pasted.error().hint));
    std::vector<ClassRow> all = rows();
    all.insert(all.end(), pasted->begin(), pasted->end());
    fill(all);
    report();
  }

  void chooseColour(int row) {
    auto* menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    auto* swatches = new QWidget;
    auto* grid = new QGridLayout(swatches);
    grid->setContentsMargins(6, 6, 6, 6);
    grid->setSpacing(4);
    const auto give = [this, row, menu](const QString& colour) {
      menu->close();
      const QSignalBlocker quiet(m_table);
      m_table->setItem(row, Colour, colourItem(colour));
      report();
    };
    int at = 0;
    for (const char* name : kSwatches) {
      auto* button = new QToolButton;
      button->setFixedSize(26, 26);
      button->setStyleSheet(
          QStringLiteral("QToolButton { background: %1; min-height: 0; min-width: 0; } QToolButton:focus { border: 2px solid %2; }")
              .arg(QLatin1String(name), color(Token::Text).name()));
      button->setToolTip(QLatin1String(name));
      button->setAccessibleName(QLatin1String(name));
      grid->addWidget(button, at / 8, at % 8);
      ++at;
      connect(button, &QToolButton::clicked, menu, [give, name] { give(QLatin1String(name)); });
    }
    auto* code = new QLineEdit(m_table->item(row, Colour)->data(Qt::UserRole).toString());
    code->setPlaceholderText(QStringLiteral("#rrggbb"));
    code->setAccessibleName(tr("Colour as #rrggbb"));
    grid->addWidget(code, 2, 0, 1, 6);
    auto* none = new QToolButton;
    none->setText(tr("none"));
    grid->addWidget(none, 2, 6, 1, 2);
    connect(none, &QToolButton::clicked, menu, [give] { give({}); });
    connect(code, &QLineEdit::textEdited, code, [code](const QString& text) { markInvalid(code, !text.isEmpty() && !isColour(text)); });
    connect(code, &QLineEdit::returnPressed, menu, [give, code] {
      if (code->text().isEmpty() || isColour(code->text())) give(code->text().toLower());
    });
    auto* action = new QWidgetAction(menu);
    action->setDefaultWidget(swatches);
    menu->addAction(action);
    menu->popup(m_table->viewport()->mapToGlobal(m_table->visualItemRect(m_table->item(row, Colour)).bottomLeft()) - QPoint(200, 0));
    code->setFocus();
  }

  QTableWidget* m_table;
  QLabel* m_empty;
  QPushButton* m_remove = nullptr;
  Json m_value;
};

}  // namespace

ParamEditor* makeTableEditor(const Param& param, QWidget* parent) { return new TableEditor(param, parent); }

}  // namespace cubeloom
