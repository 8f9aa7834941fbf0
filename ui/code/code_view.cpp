// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/code/code_view.h"

#include <QApplication>
#include <QClipboard>
#include <QComboBox>
#include <QFileDialog>
#include <QFontDatabase>
#include <QHBoxLayout>
#include <QLabel>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QSettings>
#include <QTextBlock>
#include <QVBoxLayout>
#include <algorithm>

#include "ui/code/code_lines.h"
#include "ui/document/code_languages.h"
#include "ui/theme/theme.h"

namespace cubeloom {

namespace {

constexpr int kDelayMs = 200;
const QString kLanguageKey = QStringLiteral("code/language");

/// What recomputes a chain that is written in `language`; empty: nothing does.
QString proverOf(const QString& language) {
  if (language == QStringLiteral("python") || language == QStringLiteral("notebook")) return QStringLiteral("python");
  return language == QStringLiteral("gdal") ? language : QString();
}

}  // namespace

CodeView::CodeView(Document& document, QWidget* parent)
    : QWidget(parent),
      m_document(document),
      m_task(document),
      m_proof(document),
      m_languages(new QComboBox),
      m_scope(new QComboBox),
      m_copy(new QPushButton(tr("Copy"))),
      m_save(new QPushButton(tr("Save as…"))),
      m_prove(new QPushButton(tr("Prove it"))),
      m_note(new QLabel),
      m_proven(new QLabel),
      m_text(new QPlainTextEdit) {
  for (const CodeLanguage& one : codeLanguages()) m_languages->addItem(one.name, one.id);
  m_languages->setAccessibleName(tr("Language of the code"));
  m_languages->setToolTip(m_languages->accessibleName());
  m_scope->addItems({tr("the whole chain"), tr("up to the selected step")});
  m_scope->setAccessibleName(tr("How much of the chain"));
  m_scope->setToolTip(m_scope->accessibleName());
  m_note->setWordWrap(true);
  m_note->setTextInteractionFlags(Qt::TextSelectableByMouse);
  m_note->hide();
  m_proven->setWordWrap(true);
  m_proven->setTextInteractionFlags(Qt::TextSelectableByMouse);
  m_proven->setAccessibleName(tr("Result of the proof"));
  m_proven->hide();
  m_prove->setObjectName(QStringLiteral("prove"));
  m_text->setReadOnly(true);
  m_text->setLineWrapMode(QPlainTextEdit::NoWrap);
  m_text->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
  m_text->setAccessibleName(tr("The chain as code"));
  QFont mono = QFontDatabase::systemFont(QFontDatabase::FixedFont);
  mono.setFamilies({QStringLiteral("DejaVu Sans Mono"), mono.family()});
  mono.setPixelSize(12);
  m_text->setFont(mono);

  auto* row = new QHBoxLayout;
  row->setSpacing(8);
  row->addWidget(m_languages);
  row->addWidget(m_scope);
  row->addStretch(1);
  row->addWidget(m_prove);
  row->addWidget(m_copy);
  row->addWidget(m_save);
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(12, 4, 12, 8);
  column->setSpacing(6);
  column->addLayout(row);
  column->addWidget(m_note);
  column->addWidget(m_proven);
  column->addWidget(m_text, 1);
  setFocusProxy(m_text);

  m_timer.setSingleShot(true);
  m_timer.setInterval(kDelayMs);
  connect(&m_timer, &QTimer::timeout, this, &CodeView::write);
  connect(&document, &Document::chainChanged, this, &CodeView::writeSoon);
  connect(&document, &Document::replaced, this, &CodeView::writeSoon);
  // What was proven of the chain before would pass for this one's.
  connect(&document, &Document::chainChanged, this, &CodeView::forgetProof);
  connect(&document, &Document::replaced, this, &CodeView::forgetProof);
  connect(&document, &Document::selectionChanged, this, [this] {
    if (m_scope->currentIndex() == 1)
      writeSoon();
    else
      mark();
  });
  connect(m_languages, &QComboBox::currentIndexChanged, this, [this] {
    QSettings().setValue(kLanguageKey, language());
    forgetProof();
    writeSoon();
  });
  connect(m_scope, &QComboBox::currentIndexChanged, this, &CodeView::writeSoon);
  connect(m_copy, &QPushButton::clicked, this, [this] { QApplication::clipboard()->setText(code()); });
  connect(m_save, &QPushButton::clicked, this, &CodeView::saveWithDialog);
  connect(m_prove, &QPushButton::clicked, this, &CodeView::prove);
  connect(&theme(), &Theme::changed, this, &CodeView::mark);
  const int kept = m_languages->findData(QSettings().value(kLanguageKey, QStringLiteral("python")));
  m_languages->setCurrentIndex(std::max(0, kept));
}

void CodeView::setLanguage(const QString& language) { m_languages->setCurrentIndex(std::max(0, m_languages->findData(language))); }
QString CodeView::language() const { return m_languages->currentData().toString(); }
QString CodeView::code() const { return m_text->toPlainText(); }

void CodeView::showEvent(QShowEvent* event) {
  QWidget::showEvent(event);
  if (m_isStale) writeSoon();
}

void CodeView::writeSoon() {
  m_isStale = true;
  if (isVisible()) m_timer.start();
}

void CodeView::write() {
  m_isStale = false;
  if (m_document.chain().nodes.empty()) return showCode(ExportedChain{});
  const bool isPart = m_scope->currentIndex() == 1 && m_document.selection().size() == 1;
  m_task.start(language(), isPart ? m_document.selection().front() : QString(),
               [this](const Result<ExportedChain>& exported) { showCode(exported); });
}

void CodeView::showCode(const Result<ExportedChain>& exported) {
  QStringList notes;
  if (!exported) {
    notes << QString::fromStdString(exported.error().text());
  } else {
    for (const StepLeftOut& step : exported->leftOut)
      notes << tr("%1 is left out: %2").arg(QString::fromStdString(step.node), QString::fromStdString(step.reason));
    if (exported->text.empty()) notes << tr("Add a step: its code appears here.");
    const QString text = QString::fromStdString(exported->text);
    if (text != code()) m_text->setPlainText(text);
  }
  // What was written for the chain before would pass for this one's.
  if (!exported) m_text->clear();
  setRole(m_note, exported ? (exported->leftOut.empty() ? "muted" : "warning") : "error");
  m_note->setText(notes.join(u'\n'));
  m_note->setVisible(!notes.isEmpty());
  m_copy->setEnabled(!code().isEmpty());
  m_save->setEnabled(!code().isEmpty());
  refreshProve();
  mark();
}

void CodeView::prove() {
  if (m_proof.isBusy()) return forgetProof();
  showProof("muted", tr("Recomputing random windows by the exported program, and here…"));
  m_proof.start(proverOf(language()), [this](const Proof& proof) {
    switch (proof.outcome) {
      case Proof::Outcome::Equal: return showProof("strong", QStringLiteral("✓ ") + proof.text);
      case Proof::Outcome::Rounding: return showProof("strong", QStringLiteral("≈ ") + proof.text);
      case Proof::Outcome::Differs: return showProof("warning", QStringLiteral("! ") + proof.text);
      case Proof::Outcome::Failed: return showProof("error", tr("Not proven: %1").arg(proof.text));
    }
  });
  refreshProve();
}

void CodeView::forgetProof() {
  m_proof.cancel();
  showProof("muted", {});
}

void CodeView::showProof(const char* role, const QString& text) {
  setRole(m_proven, role);
  m_proven->setText(text);
  m_proven->setVisible(!text.isEmpty());
  refreshProve();
}

void CodeView::refreshProve() {
  const bool isBusy = m_proof.isBusy(), isPart = m_scope->currentIndex() == 1;
  m_prove->setText(isBusy ? tr("Cancel") : tr("Prove it"));
  m_prove->setEnabled(isBusy || (!code().isEmpty() && !proverOf(language()).isEmpty()));
  m_prove->setToolTip(isBusy                           ? tr("Give the comparison up")
                      : proverOf(language()).isEmpty() ? tr("A chain is proven as Python, notebook or GDAL commands")
                      : isPart ? tr("Recompute random windows of the whole chain by this code, and compare them pixel for pixel")
                               : tr("Recompute random windows by this code, and compare them pixel for pixel with the engine's"));
}

void CodeView::mark() {
  m_marked = {-1, -1};
  if (m_document.selection().size() == 1) {
    QStringList nodes;
    for (const Node& node : m_document.chain().nodes) nodes << QString::fromStdString(node.id);
    m_marked = linesOfStep(code(), m_document.selection().front(), nodes);
  }
  QList<QTextEdit::ExtraSelection> marks;
  for (int line = m_marked.first; line >= 0 && line <= m_marked.second; ++line) {
    QTextEdit::ExtraSelection one;
    one.format.setBackground(color(Token::AccentSoft));
    one.format.setProperty(QTextFormat::FullWidthSelection, true);
    one.cursor = QTextCursor(m_text->document()->findBlockByNumber(line));
    marks << one;
  }
  m_text->setExtraSelections(marks);
  if (m_marked.first < 0) return;
  // The last line first, so that both ends are seen where there is room; else the first.
  for (const int line : {m_marked.second, m_marked.first}) {
    m_text->setTextCursor(QTextCursor(m_text->document()->findBlockByNumber(line)));
    m_text->ensureCursorVisible();
  }
}

bool CodeView::save(const QString& path) const { return saveCode(path, code()); }

void CodeView::saveWithDialog() {
  const CodeLanguage written = codeLanguage(language());
  const QString path = QFileDialog::getSaveFileName(this, tr("Save as code"), codeFileName(m_document.path(), written),
                                                    tr("%1 (*%2)").arg(written.name, written.suffix));
  if (path.isEmpty() || save(path)) return;
  setRole(m_note, "error");
  m_note->setText(tr("%1 could not be written").arg(path));
  m_note->show();
}

}  // namespace cubeloom
