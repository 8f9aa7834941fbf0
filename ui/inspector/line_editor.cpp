// SPDX-License-Identifier: GPL-3.0-or-later
// One-line fields: text, path, number, resolution, shape, expression.
#include <QFileDialog>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QToolButton>
#include <QVBoxLayout>
#include <cmath>
#include <nlohmann/json.hpp>

#include "engine/base/text.h"
#include "engine/op/param_kinds.h"
#include "ui/inspector/editors.h"
#include "ui/inspector/field_line.h"
#include "ui/theme/theme.h"
#include "ui/words/number_text.h"
#include "ui/words/param_text.h"
#include "ui/words/spec_text.h"

namespace cubeloom {

namespace {

class LineEditor : public ParamEditor {
 public:
  LineEditor(const Param& param, QWidget* parent) : ParamEditor(param, parent), m_line(new FieldLine), m_unit(new QLabel(m_line)) {
    m_line->setPlaceholderText(paramPlaceholder(param));
    m_line->setAccessibleName(paramLabel(param));
    m_line->setAccessibleDescription(QString::fromStdString(param.help));
    m_line->installEventFilter(this);
    setRole(m_unit, "muted");
    m_unit->setAttribute(Qt::WA_TransparentForMouseEvents);
    m_row = new QHBoxLayout(this);
    m_row->setContentsMargins(0, 0, 0, 0);
    m_row->setSpacing(6);
    m_row->addWidget(m_line, 1);
    const ParamEditorKind editor = kindOf(param.type).editor;
    if (editor == ParamEditorKind::InputFile || editor == ParamEditorKind::OutputFile) addBrowse();
    if (param.type == ParamType::Resolution) addWords({QStringLiteral("auto"), QStringLiteral("fit"), QStringLiteral("same")});
    connect(m_line, &QLineEdit::textEdited, this, &LineEditor::onEdited);
    connect(m_line, &QLineEdit::editingFinished, this, [this] {
      if (m_line->isModified()) Q_EMIT committed();
      m_line->setModified(false);
    });
    showUnit(QString::fromStdString(param.unit == "units of the CRS" ? std::string() : param.unit));
  }

  QWidget* field() override { return m_line; }

  void setValue(const Json& value) override {
    // A text that means the value stays as it was typed.
    const auto typed = paramValue(m_param, m_line->text());
    if (typed && *typed == value) return;
    m_line->setText(paramText(m_param, value));
    m_line->setModified(false);
  }

  void setContext(const EditorContext& context) override {
    ParamEditor::setContext(context);
    if (m_param.unit != "units of the CRS") return;
    const ArraySpec* spec = context.output ? context.output : context.input;
    const bool known = spec && spec->geobox && spec->geobox->crs().isValid();
    showUnit(known ? shortUnit(spec->geobox->crs().unitName()) : QString());
  }

  QString hint() const override {
    if (m_param.type == ParamType::Resolution) return resolutionHint();
    const QString range = paramRange(m_param);
    if (range.isEmpty()) return {};
    const QString help = QString::fromStdString(m_param.help);
    return help.isEmpty() ? range : range + QStringLiteral(" · ") + help;
  }

 protected:
  bool eventFilter(QObject* watched, QEvent* event) override {
    if (watched == m_line && event->type() == QEvent::Resize) placeUnit();
    if (watched == m_line && event->type() == QEvent::KeyPress &&
        (m_param.type == ParamType::Integer || m_param.type == ParamType::Number)) {
      const int key = static_cast<QKeyEvent*>(event)->key();
      if (key == Qt::Key_Up || key == Qt::Key_Down) return stepBy(key == Qt::Key_Up ? 1 : -1);
    }
    return ParamEditor::eventFilter(watched, event);
  }

  void replaceText(const QString& text) {
    m_line->setText(text);
    onEdited(text);
    Q_EMIT committed();
  }

  QLineEdit* line() { return m_line; }
  QHBoxLayout* row() { return m_row; }

 private:
  void onEdited(const QString& text) {
    const auto value = paramValue(m_param, text);
    if (value)
      Q_EMIT edited(*value);
    else
      Q_EMIT mistaken(QString::fromStdString(value.error().message + (value.error().hint.empty() ? "" : " (" + value.error().hint + ")")));
  }

  bool stepBy(int steps) {
    const QString text = m_line->text().isEmpty() ? m_line->placeholderText() : m_line->text();
    const auto number = parseNumber(text.toStdString());
    if (!number || !std::isfinite(*number)) return false;
    // A tenth of the magnitude, so that 0.05 and 5000 both move by something useful.
    const double magnitude =
        m_param.type == ParamType::Integer || *number == 0 ? 1 : std::pow(10, std::floor(std::log10(std::abs(*number))) - 1);
    double next = std::round((*number + steps * magnitude) / magnitude) * magnitude;
    if (m_param.minimum) next = std::max(next, *m_param.minimum);
    if (m_param.maximum) next = std::min(next, *m_param.maximum);
    replaceText(significantText(next, 12));
    return true;
  }

  QString resolutionHint() const {
    const ArraySpec *in = m_context.input, *out = m_context.output;
    if (!in || !out || !in->geobox || !out->geobox) return {};
    const QString result = resolutionText(*out);
    if (!in->geobox->crs().isSameAs(out->geobox->crs())) return tr("gives %1, from %2").arg(result, resolutionText(*in));
    const double ratio = out->geobox->pixelWidth() / in->geobox->pixelWidth();
    if (std::abs(ratio - 1) < 1e-9) return tr("%1, as the input").arg(result);
    return ratio > 1 ? tr("%1: %2 × the input's").arg(result, significantText(ratio, 4))
                     : tr("%1: 1/%2 of the input's").arg(result, significantText(1 / ratio, 4));
  }

  void showUnit(const QString& unit) {
    m_unit->setText(unit);
    m_unit->adjustSize();
    m_line->setTextMargins(0, 0, unit.isEmpty() ? 0 : m_unit->width() + 6, 0);
    placeUnit();
  }
  void placeUnit() { m_unit->move(m_line->width() - m_unit->width() - 9, (m_line->height() - m_unit->height()) / 2); }

  void addBrowse() {
    auto* browse = new QToolButton;
    browse->setText(QStringLiteral("…"));
    browse->setToolTip(tr("Choose a file"));
    browse->setAccessibleName(tr("Choose a file"));
    m_row->addWidget(browse);
    connect(browse, &QToolButton::clicked, this, [this] {
      const QFileInfo now(m_line->text());
      const QString start = now.isAbsolute() ? now.absoluteFilePath() : m_context.folder + QLatin1Char('/') + m_line->text();
      const bool isInput = kindOf(m_param.type).editor == ParamEditorKind::InputFile;
      const QString path =
          isInput ? QFileDialog::getOpenFileName(this, paramLabel(m_param), start)
                  : QFileDialog::getSaveFileName(this, paramLabel(m_param), start, {}, nullptr, QFileDialog::DontConfirmOverwrite);
      if (!path.isEmpty()) replaceText(path);
    });
  }

  void addWords(const QStringList& words) {
    auto* button = new QToolButton;
    button->setText(QStringLiteral("▾"));
    button->setAccessibleName(tr("Other ways to say it"));
    button->setPopupMode(QToolButton::InstantPopup);
    button->setStyleSheet(QStringLiteral("QToolButton::menu-indicator { image: none; }"));
    auto* menu = new QMenu(button);
    for (const QString& word : words) menu->addAction(word, this, [this, word] { replaceText(word); });
    button->setMenu(menu);
    m_row->addWidget(button);
  }

  QLineEdit* m_line;
  QLabel* m_unit;
  QHBoxLayout* m_row;
};

}  // namespace

ParamEditor* makeLineEditor(const Param& param, QWidget* parent) { return new LineEditor(param, parent); }

}  // namespace cubeloom
