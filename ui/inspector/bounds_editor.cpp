// SPDX-License-Identifier: GPL-3.0-or-later
// A rectangle in world units: four fields, and the input's own extent at a click.
#include <QGridLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <array>
#include <nlohmann/json.hpp>

#include "engine/base/text.h"
#include "ui/inspector/editors.h"
#include "ui/inspector/field_line.h"
#include "ui/theme/theme.h"
#include "ui/words/param_text.h"

namespace cubeloom {

namespace {

class BoundsEditor : public ParamEditor {
 public:
  BoundsEditor(const Param& param, QWidget* parent) : ParamEditor(param, parent) {
    auto* grid = new QGridLayout(this);
    grid->setContentsMargins(0, 0, 0, 0);
    grid->setHorizontalSpacing(6);
    grid->setVerticalSpacing(4);
    static const std::array<const char*, 4> kNames = {"xmin", "ymin", "xmax", "ymax"};
    for (std::size_t i = 0; i < 4; ++i) {
      m_lines[i] = new FieldLine;
      m_lines[i]->setPlaceholderText(QLatin1String(kNames[i]));
      m_lines[i]->setAccessibleName(paramLabel(param) + QLatin1Char(' ') + QLatin1String(kNames[i]));
      m_lines[i]->setToolTip(QLatin1String(kNames[i]));
      grid->addWidget(m_lines[i], static_cast<int>(i) / 2, static_cast<int>(i) % 2);
      connect(m_lines[i], &QLineEdit::textEdited, this, &BoundsEditor::onEdited);
      connect(m_lines[i], &QLineEdit::editingFinished, this, &ParamEditor::committed);
    }
    m_fromInput = new QPushButton(tr("From the input"));
    setRole(m_fromInput, "link");
    m_fromInput->setToolTip(tr("The extent of the input, to be narrowed down"));
    grid->addWidget(m_fromInput, 2, 0, 1, 2, Qt::AlignLeft);
    connect(m_fromInput, &QPushButton::clicked, this, &BoundsEditor::takeFromInput);
  }

  QWidget* field() override { return m_lines[0]; }

  void setValue(const Json& value) override {
    if (const auto typed = current(); typed && *typed == value) return;
    for (std::size_t i = 0; i < 4; ++i)
      m_lines[i]->setText(value.is_array() && value.size() == 4 ? paramText(m_param, value[i]) : QString());
  }

  void setContext(const EditorContext& context) override {
    ParamEditor::setContext(context);
    m_fromInput->setVisible(context.input && context.input->geobox);
  }

  void setInvalid(bool invalid) override {
    for (QLineEdit* line : m_lines) markInvalid(line, invalid);
  }

 private:
  /// Null when all fields are empty.
  Result<Json> current() const {
    QStringList texts;
    for (const QLineEdit* line : m_lines)
      if (!line->text().trimmed().isEmpty()) texts << line->text().trimmed();
    if (texts.isEmpty()) return Json();
    return paramValue(m_param, texts.join(QLatin1Char(',')));
  }

  void onEdited() {
    const auto value = current();
    if (value)
      Q_EMIT edited(*value);
    else
      Q_EMIT mistaken(QString::fromStdString(value.error().message));
  }

  void takeFromInput() {
    if (!m_context.input || !m_context.input->geobox) return;
    const Bounds b = m_context.input->geobox->bounds();
    const Json value = Json::array({b.xmin, b.ymin, b.xmax, b.ymax});
    setValue(value);
    Q_EMIT edited(value);
    Q_EMIT committed();
  }

  std::array<QLineEdit*, 4> m_lines{};
  QPushButton* m_fromInput;
};

}  // namespace

ParamEditor* makeBoundsEditor(const Param& param, QWidget* parent) { return new BoundsEditor(param, parent); }

}  // namespace cubeloom
