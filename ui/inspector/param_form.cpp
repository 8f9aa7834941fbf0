// SPDX-License-Identifier: GPL-3.0-or-later
// Builds the rows and carries edits to the document.
#include "ui/inspector/param_form.h"

#include <QLabel>
#include <QPushButton>
#include <QVBoxLayout>
#include <algorithm>

#include "ui/inspector/field_line.h"
#include "ui/inspector/ports_form.h"
#include "ui/theme/elided_label.h"
#include "ui/theme/theme.h"
#include "ui/words/param_text.h"

namespace cubeloom {

namespace {

constexpr int kTypingPauseMs = 300;

}  // namespace

ParamForm::ParamForm(Document& document, const QString& node, const Declaration& declaration, MapQuestion* map, QWidget* parent)
    : QWidget(parent), m_document(document), m_node(node), m_map(map) {
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(0);
  m_advanced = new QWidget(this);
  auto* advanced = new QVBoxLayout(m_advanced);
  advanced->setContentsMargins(0, 6, 0, 0);
  advanced->setSpacing(0);
  if (PortsForm::hasPorts(declaration)) column->addWidget(m_ports = new PortsForm(document, node, declaration, map));
  bool anyAdvanced = false;
  const Node* shown = document.chain().find(node.toStdString());
  for (const Param& param : declaration.params) {
    if (param.former && !(shown && shown->params.contains(param.name))) continue;
    addRow(param, param.advanced ? advanced : column);
    anyAdvanced = anyAdvanced || param.advanced;
  }
  if (declaration.params.empty() && !m_ports) {
    auto* none = new QLabel(tr("Nothing to set"));
    setRole(none, "muted");
    column->addWidget(none);
  }
  m_more = new QPushButton(tr("More ▸"));
  setRole(m_more, "link");
  m_more->setCheckable(true);
  m_more->setVisible(anyAdvanced);
  column->addWidget(m_more, 0, Qt::AlignLeft);
  column->addWidget(m_advanced);
  m_advanced->hide();
  connect(m_more, &QPushButton::toggled, this, [this](bool open) {
    m_more->setText(open ? tr("Less ▾") : tr("More ▸"));
    m_advanced->setVisible(open);
  });
  m_pause.setSingleShot(true);
  m_pause.setInterval(kTypingPauseMs);
  connect(&m_pause, &QTimer::timeout, this, &ParamForm::flush);
  refresh();
  // What has been set is shown, also among the rarely used.
  if (shown) {
    for (const Param& param : declaration.params)
      if (param.advanced && shown->params.contains(param.name)) m_more->setChecked(true);
  }
}

ParamForm::~ParamForm() { flush(); }

void ParamForm::addRow(const Param& param, QVBoxLayout* column) {
  Row row{makeParamEditor(param, this), new ElidedLabel, new QLabel, {}};
  auto* block = new QWidget;
  auto* lines = new QVBoxLayout(block);
  lines->setContentsMargins(0, 0, 0, 10);
  lines->setSpacing(4);
  if (!row.editor->hasOwnLabel()) {
    auto* label = new QLabel(paramLabel(param));
    label->setFont(theme().font(12));
    label->setProperty("role", QStringLiteral("muted"));
    label->setBuddy(row.editor->field());
    label->setToolTip(QString::fromStdString(param.help));
    lines->addWidget(label);
  }
  lines->addWidget(row.editor);
  row.hint->setFont(theme().font(11));
  row.hint->setProperty("role", QStringLiteral("muted"));
  row.error->setFont(theme().font(11));
  row.error->setProperty("role", QStringLiteral("error"));
  row.error->setWordWrap(true);
  row.error->hide();
  lines->addWidget(row.hint);
  lines->addWidget(row.error);
  column->addWidget(block);
  m_rows[param.name] = row;
  const std::string name = param.name;
  connect(row.editor, &ParamEditor::edited, this, [this, name](const Json& value) {
    Row& row = m_rows[name];
    const bool wasWrong = !row.mistake.isEmpty();
    row.mistake.clear();
    if (wasWrong) showMessages(row);  // the former value brings no change of the document that would
    m_pending[name] = value;
    m_pause.start();
  });
  connect(row.editor, &ParamEditor::committed, this, &ParamForm::flush);
  connect(row.editor, &ParamEditor::hintChanged, this, [this, name] { showMessages(m_rows[name]); });
  connect(row.editor, &ParamEditor::mistaken, this, [this, param](const QString& why) {
    const std::string& name = param.name;
    // Run goes on with what the step has: so that is said.
    const Node* node = m_document.chain().find(m_node.toStdString());
    const auto now = node ? node->params.find(name) : Json::const_iterator();
    const QString kept = node && now != node->params.end() ? paramText(param, *now) : QString();
    m_rows[name].mistake = kept.isEmpty() ? why : tr("%1; %2 stays").arg(why, kept);
    m_pending.erase(name);
    showMessages(m_rows[name]);
  });
}

void ParamForm::flush() {
  m_pause.stop();
  const std::map<std::string, Json> pending = std::exchange(m_pending, {});
  const Node* node = m_document.chain().find(m_node.toStdString());
  if (!node) return;
  for (const auto& [name, value] : pending) {
    const auto now = node->params.find(name);
    const bool same = now == node->params.end() ? value.is_null() : *now == value;
    if (same) continue;
    m_document.setParam(m_node, QString::fromStdString(name), value);
    node = m_document.chain().find(m_node.toStdString());
  }
}

void ParamForm::refresh() {
  const std::string id = m_node.toStdString();
  const Node* node = m_document.chain().find(id);
  if (!node) return;
  EditorContext context;
  context.graph = m_document.graph();
  context.folder = QString::fromStdString(m_document.chain().folder);
  context.node = m_node;
  context.document = &m_document;
  context.map = m_map;
  if (!node->inputs.empty()) context.inputNode = QString::fromStdString(node->inputs.front());
  if (m_ports) m_ports->refresh();
  m_boundError.reset();
  const int index = context.graph ? context.graph->indexOf(id) : -1;
  if (index >= 0) {
    const BoundNode& bound = context.graph->nodes[static_cast<std::size_t>(index)];
    m_boundError = bound.error;
    context.output = context.graph->specOf(id);
    if (!bound.wires.empty() && bound.wires.front() >= 0)
      context.input = context.graph->specOf(context.graph->nodes[static_cast<std::size_t>(bound.wires.front())].id);
  }
  for (auto& [name, row] : m_rows) {
    row.editor->setContext(context);
    // What is being typed, or is no value yet, is not overwritten.
    if (m_pending.count(name) == 0 && row.mistake.isEmpty()) {
      const auto value = node->params.find(name);
      row.editor->setValue(value == node->params.end() ? Json() : *value);
    }
    showMessages(row);
  }
}

void ParamForm::setPlanError(const std::optional<Error>& error) {
  m_planError = error;
  for (auto& [name, row] : m_rows) showMessages(row);
}

bool ParamForm::dropMistakes() {
  bool dropped = false;
  for (auto& [name, row] : m_rows) {
    dropped = dropped || !row.mistake.isEmpty();
    row.mistake.clear();
  }
  if (dropped) refresh();
  return dropped;
}

bool ParamForm::event(QEvent* event) {
  if (event->type() == QEvent::ShortcutOverride && FieldLine::isUndoKey(*static_cast<QKeyEvent*>(event))) {
    // What is being typed is the newest edit. What is no value is no edit: it is taken back here, and the document stays as it is.
    flush();
    const bool isWrong = std::any_of(m_rows.begin(), m_rows.end(), [](const auto& row) { return !row.second.mistake.isEmpty(); });
    event->setAccepted(isWrong);
    return isWrong;
  }
  return QWidget::event(event);
}

void ParamForm::keyPressEvent(QKeyEvent* event) {
  if (!FieldLine::isUndoKey(*event) || !dropMistakes()) QWidget::keyPressEvent(event);
}

void ParamForm::showMessages(Row& row) {
  QString message = row.mistake;
  const auto& error = m_boundError ? m_boundError : m_planError;
  const bool bound = message.isEmpty() && error && error->parameter == row.editor->param().name;
  if (bound) {
    message = QString::fromStdString(error->message);
    if (!error->hint.empty()) message += QStringLiteral(": ") + QString::fromStdString(error->hint);
    if (row.editor->param().advanced) m_more->setChecked(true);
  }
  row.editor->setInvalid(!message.isEmpty());
  row.error->setText(message);
  row.error->setVisible(!message.isEmpty());
  const QString hint = row.editor->hint();
  row.hint->setText(hint.isEmpty() ? QString::fromStdString(row.editor->param().help) : hint);
  row.hint->setToolTip(QString::fromStdString(row.editor->param().help));
  row.hint->setVisible(message.isEmpty() && !row.hint->text().isEmpty());
}

bool ParamForm::takeStep(const QString& id) {
  return std::any_of(m_rows.begin(), m_rows.end(), [&id](const auto& row) { return row.second.editor->takeStep(id); });
}

void ParamForm::focusFirst() {
  for (QWidget* next = nextInFocusChain(); next && next != this; next = next->nextInFocusChain()) {
    if (isAncestorOf(next) && next->isVisibleTo(this) && (next->focusPolicy() & Qt::TabFocus)) {
      next->setFocus(Qt::TabFocusReason);
      return;
    }
  }
}

}  // namespace cubeloom
