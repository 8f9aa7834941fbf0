// SPDX-License-Identifier: GPL-3.0-or-later
// Dims by name, in order: the input's dims as a list to tick and to drag.
#include <QKeyEvent>
#include <QListWidget>
#include <QVBoxLayout>
#include <algorithm>
#include <nlohmann/json.hpp>

#include "ui/inspector/editors.h"
#include "ui/words/param_text.h"

namespace cubeloom {

namespace {

constexpr int kDimRowHeight = 26;

class DimsEditor : public ParamEditor {
 public:
  DimsEditor(const Param& param, QWidget* parent) : ParamEditor(param, parent), m_list(new QListWidget) {
    m_list->setAccessibleName(paramLabel(param));
    m_list->setAccessibleDescription(tr("Space ticks a dimension, Alt+Up and Alt+Down move it"));
    m_list->setToolTip(tr("Tick the dimensions that count; drag them into order (Alt+Up, Alt+Down)"));
    m_list->setDragDropMode(QAbstractItemView::InternalMove);
    m_list->setVerticalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_list->setFrameShape(QFrame::NoFrame);
    m_list->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    m_list->installEventFilter(this);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->addWidget(m_list);
    connect(m_list, &QListWidget::itemChanged, this, [this] { report(false); });
    connect(m_list->model(), &QAbstractItemModel::rowsMoved, this, [this] { report(true); });
  }

  QWidget* field() override { return m_list; }

  void setValue(const Json& value) override {
    m_value = value;
    fill();
  }

  void setContext(const EditorContext& context) override {
    ParamEditor::setContext(context);
    fill();
  }

 protected:
  bool eventFilter(QObject* watched, QEvent* event) override {
    // The keys act on the current row: it must be seen which one that is.
    if (watched == m_list && event->type() == QEvent::FocusIn && m_list->currentRow() < 0) m_list->setCurrentRow(0);
    if (watched == m_list && event->type() == QEvent::KeyPress) {
      const auto* key = static_cast<QKeyEvent*>(event);
      if ((key->modifiers() & Qt::AltModifier) && (key->key() == Qt::Key_Up || key->key() == Qt::Key_Down)) {
        moveCurrent(key->key() == Qt::Key_Up ? -1 : 1);
        return true;
      }
    }
    return ParamEditor::eventFilter(watched, event);
  }

 private:
  void fill() {
    if (m_filling) return;
    QStringList chosen, all;
    const Json& value = m_value.is_null() ? m_param.defaultTo : m_value;
    if (value.is_array()) {
      for (const Json& name : value)
        if (name.is_string()) chosen << QString::fromStdString(name.get<std::string>());
    }
    if (m_context.input) {
      for (const Dim& dim : m_context.input->dims) all << QString::fromStdString(dim.name);
    }
    // "..." stands for the dims that are not named, in their old order.
    if (const qsizetype rest = chosen.indexOf(QStringLiteral("...")); rest >= 0 && !all.isEmpty()) {
      chosen.removeAt(rest);
      qsizetype at = rest;
      for (const QString& name : all)
        if (!chosen.contains(name)) chosen.insert(at++, name);
    }
    QStringList shown = chosen;
    for (const QString& name : all)
      if (!shown.contains(name)) shown << name;
    m_filling = true;
    const int row = m_list->currentRow();
    m_list->clear();
    for (const QString& name : shown) {
      auto* item = new QListWidgetItem(name, m_list);
      item->setFlags(Qt::ItemIsEnabled | Qt::ItemIsSelectable | Qt::ItemIsUserCheckable | Qt::ItemIsDragEnabled);
      item->setCheckState(chosen.contains(name) ? Qt::Checked : Qt::Unchecked);
      item->setSizeHint(QSize(40, kDimRowHeight));
      if (!all.isEmpty() && !all.contains(name)) item->setToolTip(tr("The input has no such dimension"));
    }
    m_list->setCurrentRow(std::min(std::max(row, m_list->hasFocus() ? 0 : -1), static_cast<int>(shown.size()) - 1));
    m_list->setFixedHeight(std::max(1, static_cast<int>(shown.size())) * kDimRowHeight + 4);
    m_filling = false;
  }

  void moveCurrent(int by) {
    const int row = m_list->currentRow(), to = row + by;
    if (row < 0 || to < 0 || to >= m_list->count()) return;
    m_filling = true;
    QListWidgetItem* item = m_list->takeItem(row);
    m_list->insertItem(to, item);
    m_list->setCurrentRow(to);
    m_filling = false;
    report(true);
  }

  /// Ordering dims of which none is ticked means all of them.
  void report(bool moved) {
    if (m_filling) return;
    Json names = Json::array(), all = Json::array();
    for (int i = 0; i < m_list->count(); ++i) {
      const std::string name = m_list->item(i)->text().toStdString();
      all.push_back(name);
      if (m_list->item(i)->checkState() == Qt::Checked) names.push_back(name);
    }
    if (moved && names.empty()) names = all;
    m_value = names.empty() ? Json() : names;
    m_filling = true;  // a drop is still under way: the list must not be rebuilt before it ends
    Q_EMIT edited(m_value);
    Q_EMIT committed();
    m_filling = false;
    QMetaObject::invokeMethod(
        this, [this] { fill(); }, Qt::QueuedConnection);
  }

  QListWidget* m_list;
  Json m_value;
  bool m_filling = false;
};

}  // namespace

ParamEditor* makeDimsEditor(const Param& param, QWidget* parent) { return new DimsEditor(param, parent); }

}  // namespace cubeloom
