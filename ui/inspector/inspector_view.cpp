// SPDX-License-Identifier: GPL-3.0-or-later
// Follows selection, chain, binding and plan.
#include "ui/inspector/inspector_view.h"

#include <QApplication>
#include <QClipboard>
#include <QGridLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QPainter>
#include <QPushButton>
#include <QScrollArea>
#include <QScrollBar>
#include <QToolButton>
#include <QToolTip>
#include <QVBoxLayout>

#include "ui/inspector/param_form.h"
#include "ui/run/blockers.h"
#include "ui/steps/node_facts.h"
#include "ui/theme/elided_label.h"
#include "ui/theme/theme.h"
#include "ui/words/chain_text.h"
#include "ui/words/explanation.h"

namespace cubeloom {

namespace {

constexpr int kSide = 13;

QFrame* makeRule() {
  auto* rule = new QFrame;
  rule->setProperty("role", QStringLiteral("rule"));
  return rule;
}

QLabel* makeHeading(const QString& text) {
  auto* heading = new QLabel(text);
  setRole(heading, "heading");
  return heading;
}

}  // namespace

InspectorView::InspectorView(Document& document, Session& session, QWidget* parent)
    : QWidget(parent), m_document(document), m_code(document), m_session(session) {
  setMinimumWidth(260);
  setProperty("leadsFocus", true);
  setAccessibleName(tr("Inspector"));
  auto* outer = new QVBoxLayout(this);
  outer->setContentsMargins(0, 0, 0, 0);
  outer->setSpacing(0);
  auto* header = new QHBoxLayout;
  header->setContentsMargins(kSide, 4, 6, 2);
  header->setSpacing(8);
  m_title = makeHeading({});
  m_name = new ElidedLabel;
  setRole(m_name, "muted");
  m_name->setFont(theme().font(11));
  m_help = new QToolButton;
  m_help->setText(QStringLiteral("?"));
  m_help->setCheckable(true);
  m_help->setAccessibleName(tr("Explain this step"));
  m_help->setToolTip(tr("Explain this step"));
  setRole(m_help, "flat");
  header->addWidget(m_title);
  header->addWidget(m_name, 1);
  header->addWidget(m_help);
  outer->addLayout(header);

  m_empty = new QLabel(tr("Select a step to see what it does"));
  setRole(m_empty, "muted");
  m_empty->setAlignment(Qt::AlignCenter);
  m_empty->setWordWrap(true);
  outer->addWidget(m_empty, 1);

  m_scroll = new QScrollArea;
  m_scroll->setWidgetResizable(true);
  m_scroll->setFrameShape(QFrame::NoFrame);
  m_scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  m_scroll->setFocusPolicy(Qt::NoFocus);
  outer->addWidget(m_scroll, 1);
  m_body = new QWidget;
  auto* column = new QVBoxLayout(m_body);
  column->setContentsMargins(kSide, 2, kSide, 12);
  column->setSpacing(10);
  m_error = new QLabel;
  setRole(m_error, "error");
  m_error->setWordWrap(true);
  column->addWidget(m_error);
  m_formPlace = new QVBoxLayout;
  column->addLayout(m_formPlace);
  buildOutput(column);
  buildExplanation(column);
  column->addStretch(1);
  m_scroll->setWidget(m_body);

  connect(&document, &Document::selectionChanged, this, &InspectorView::followSelection);
  connect(&document, &Document::chainChanged, this, &InspectorView::followChain);
  connect(&document, &Document::graphChanged, this, &InspectorView::refresh);
  connect(&document, &Document::bindingChanged, this, &InspectorView::refreshMessages);
  connect(&session, &Session::planChanged, this, [this] {
    if (m_form) m_form->setPlanError(planErrorOf(m_session, m_node.toStdString()));
    refreshFacts();
    refreshMessages();
  });
  showNode({});
  followSelection();
}

void InspectorView::buildOutput(QVBoxLayout* column) {
  m_output = new QWidget;
  auto* lines = new QVBoxLayout(m_output);
  lines->setContentsMargins(0, 0, 0, 0);
  lines->setSpacing(8);
  lines->addWidget(makeRule());
  lines->addWidget(makeHeading(tr("OUTPUT")));
  m_factGrid = new QGridLayout;
  m_factGrid->setHorizontalSpacing(10);
  m_factGrid->setVerticalSpacing(5);
  m_factGrid->setColumnStretch(1, 1);
  lines->addLayout(m_factGrid);
  column->addWidget(m_output);

  m_note = new QFrame;
  m_note->setProperty("role", QStringLiteral("note"));
  auto* note = new QVBoxLayout(m_note);
  note->setContentsMargins(12, 9, 12, 9);
  m_noteText = new QLabel;
  m_noteText->setWordWrap(true);
  m_noteText->setFont(theme().font(12));
  m_noteText->setTextFormat(Qt::RichText);
  note->addWidget(m_noteText);
  column->addWidget(m_note);
}

void InspectorView::buildExplanation(QVBoxLayout* column) {
  column->addWidget(makeHeading(tr("COPY AS")));
  m_command = new QPushButton(tr("Command"));
  m_python = new QPushButton(tr("Python"));
  auto* row = new QHBoxLayout;
  row->setSpacing(6);
  row->addWidget(m_command);
  row->addWidget(m_python);
  row->addStretch(1);
  column->addLayout(row);
  connect(m_command, &QPushButton::clicked, this,
          [this] { QApplication::clipboard()->setText(commandFor(m_document.chain(), m_node, *m_document.services().registry)); });
  connect(m_python, &QPushButton::clicked, this, [this] {
    m_code.start(QStringLiteral("python"), m_node, [this](const Result<ExportedChain>& code) {
      if (code) QApplication::clipboard()->setText(QString::fromStdString(code->text));
      const QString said = code ? tr("Copied") : QString::fromStdString(code.error().text());
      QToolTip::showText(m_python->mapToGlobal(QPoint(0, m_python->height())), said, m_python);
    });
  });

  m_explain = new QPushButton(tr("Explain this step"));
  setRole(m_explain, "link");
  m_explain->setCheckable(true);
  column->addWidget(m_explain, 0, Qt::AlignLeft);
  m_explanation = new QLabel;
  m_explanation->setWordWrap(true);
  m_explanation->setTextFormat(Qt::RichText);
  m_explanation->setFont(theme().font(12));
  m_explanation->setOpenExternalLinks(true);
  m_explanation->setTextInteractionFlags(Qt::TextBrowserInteraction);
  m_explanation->hide();
  column->addWidget(m_explanation);
  connect(m_explain, &QPushButton::toggled, this, &InspectorView::explain);
  connect(m_help, &QToolButton::toggled, this, &InspectorView::explain);
}

void InspectorView::explain(bool open) {
  const QSignalBlocker link(m_explain), mark(m_help);
  m_explain->setChecked(open);
  m_help->setChecked(open);
  m_explanation->setVisible(open);
  if (open) QTimer::singleShot(0, this, [this] { m_scroll->ensureWidgetVisible(m_explain, 0, 200); });
}

void InspectorView::followSelection() {
  const QStringList selection = m_document.selection();
  const QString node = selection.isEmpty() ? QString() : selection.last();
  if (m_form && !node.isEmpty() && node != m_node && m_form->takeStep(node)) return m_document.setSelection({m_node});
  if (node != m_node) showNode(node);
}

void InspectorView::followChain() {
  const Node* node = m_document.chain().find(m_node.toStdString());
  if (!node || node->op != m_op)
    showNode(m_document.selection().isEmpty() ? QString() : m_document.selection().last());
  else
    refresh();
}

void InspectorView::showNode(const QString& id) {
  if (m_form) {
    m_form->flush();
    // It may be the sender of the signal that led here.
    m_form->hide();
    m_form->deleteLater();
    m_form = nullptr;
  }
  const Node* node = m_document.chain().find(id.toStdString());
  const Operation* operation = node ? m_document.services().registry->find(node->op) : nullptr;
  m_node = node ? id : QString();
  m_op = node ? node->op : std::string();
  m_scroll->setVisible(node != nullptr);
  m_empty->setVisible(!node);
  m_help->setVisible(operation != nullptr);
  m_title->setText(operation ? QString::fromStdString(operation->declaration().title).toUpper() : tr("INSPECTOR"));
  if (operation) {
    m_form = new ParamForm(m_document, id, operation->declaration(), m_question);
    m_formPlace->addWidget(m_form);
    m_explanation->setText(explanationHtml(operation->declaration()));
  }
  m_scroll->verticalScrollBar()->setValue(0);
  refresh();
}

void InspectorView::refresh() {
  if (m_form) {
    m_form->refresh();
    m_form->setPlanError(planErrorOf(m_session, m_node.toStdString()));
  }
  refreshFacts();
  refreshMessages();
}

void InspectorView::refreshFacts() {
  const std::vector<Fact> facts = m_node.isEmpty() ? std::vector<Fact>() : outputFacts(m_document, m_session, m_node);
  m_output->setVisible(!facts.empty());
  while (m_factLabels.size() < facts.size()) {
    auto* label = new QLabel;
    auto* value = new ElidedLabel(nullptr, Qt::ElideMiddle);
    setRole(label, "muted");
    setRole(value, "value");
    label->setFont(theme().font(12));
    value->setFont(theme().font(12));
    value->setAlignment(Qt::AlignRight | Qt::AlignVCenter);
    const int row = static_cast<int>(m_factLabels.size());
    m_factGrid->addWidget(label, row, 0);
    m_factGrid->addWidget(value, row, 1);
    m_factLabels.emplace_back(label, value);
  }
  for (std::size_t i = 0; i < m_factLabels.size(); ++i) {
    const auto& [label, value] = m_factLabels[i];
    label->setVisible(i < facts.size());
    value->setVisible(i < facts.size());
    if (i >= facts.size()) continue;
    label->setText(facts[i].label);
    label->setToolTip(facts[i].toolTip);
    value->setText(facts[i].value);
  }
}

void InspectorView::refreshMessages() {
  const Node* node = m_document.chain().find(m_node.toStdString());
  if (!node) {
    m_name->setText({});
    return;
  }
  m_name->setText(node->id == node->op ? QString() : m_node);
  const std::optional<Error> planError = planErrorOf(m_session, node->id);
  const NodeFacts facts = nodeFacts(m_document, m_session.plan().get(), *node, planError ? &*planError : nullptr);
  const auto graph = m_document.graph();
  const int index = graph ? graph->indexOf(node->id) : -1;
  const auto& bound = index >= 0 ? graph->nodes[static_cast<std::size_t>(index)].error : std::optional<Error>();
  const auto& error = bound ? bound : planError;
  const bool elsewhere = error && !error->parameter.empty() && m_form;  // the form shows it at its field
  QString text = elsewhere ? QString() : facts.errorDetail;
  if (facts.bypassed) text = tr("Bypassed: hands its input on unchanged (M)");
  m_error->setText(text);
  setRole(m_error, facts.bypassed ? "muted" : "error");
  m_error->setVisible(!text.isEmpty());

  QStringList warnings;
  for (const QString& warning : facts.warnings)
    warnings << QStringLiteral("<span style='color:%1'><b>!</b></span> %2").arg(color(Token::WarningText).name(), warning.toHtmlEscaped());
  m_noteText->setText(warnings.join(QStringLiteral("<br>")));
  m_note->setVisible(!warnings.isEmpty());

  const bool isKnown = !commandFor(m_document.chain(), m_node, *m_document.services().registry).isEmpty();
  m_command->setEnabled(isKnown);
  m_python->setEnabled(isKnown);
  m_python->setToolTip(tr("The chain up to this step as a Python script with xarray; the Code zone has other languages"));
  m_command->setToolTip(isKnown ? tr("The chain up to this step as a cubeloom-cli pipeline")
                                : tr("A step before has an operation or a parameter that this program does not know"));
}

void InspectorView::focusInEvent(QFocusEvent* event) {
  QWidget::focusInEvent(event);
  update();
  focusParameters();
}

void InspectorView::focusOutEvent(QFocusEvent* event) {
  QWidget::focusOutEvent(event);
  update();
}

void InspectorView::paintEvent(QPaintEvent* event) {
  QWidget::paintEvent(event);
  if (!hasFocus()) return;
  // Without a step there is no field that could show where the focus is.
  QPainter painter(this);
  painter.setPen(color(Token::Accent));
  painter.drawRect(rect().adjusted(0, 0, -1, -1));
}

void InspectorView::focusParameters() {
  if (m_form) m_form->focusFirst();
}

}  // namespace cubeloom
