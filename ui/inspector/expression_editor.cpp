// SPDX-License-Identifier: GPL-3.0-or-later
// Band math: the line, and chips that put the input's wavelengths or bands into it.
#include <QLineEdit>
#include <QToolButton>
#include <QVBoxLayout>
#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "ui/inspector/editors.h"
#include "ui/theme/theme.h"

namespace cubeloom {

namespace {

struct Chip {
  QString label, insert, toolTip;
};

/// Wavelengths people reach for, as far as the input covers them; bands where there are no wavelengths.
std::vector<Chip> chipsOf(const ArraySpec& spec) {
  static constexpr std::array<std::pair<const char*, int>, 6> kUsual = {
      {{"blue", 470}, {"green", 560}, {"red", 665}, {"NIR", 865}, {"SWIR 1", 1610}, {"SWIR 2", 2200}}};
  std::vector<Chip> chips;
  const int d = spec.spectralDim();
  if (d < 0) return {{QStringLiteral("x"), QStringLiteral("x"), QObject::tr("the array itself")}};
  const Dim& dim = spec.dims[static_cast<std::size_t>(d)];
  if (dim.name == "wavelength" && dim.size > 0) {
    const double first = dim.coordinate.at(0), last = dim.coordinate.at(dim.size - 1);
    for (const auto& [name, nm] : kUsual) {
      if (nm < std::min(first, last) || nm > std::max(first, last)) continue;
      chips.push_back({QStringLiteral("%1 %2").arg(QLatin1String(name)).arg(nm), QStringLiteral("nm(%1)").arg(nm),
                       QObject::tr("the band nearest to %1 nm").arg(nm)});
    }
    return chips;
  }
  for (std::int64_t band = 1; band <= std::min<std::int64_t>(dim.size, 8); ++band) {
    const auto& labels = dim.coordinate.labels;
    const QString name = labels.size() == static_cast<std::size_t>(dim.size)
                             ? QString::fromStdString(labels[static_cast<std::size_t>(band - 1)])
                             : QString();
    chips.push_back({QStringLiteral("b%1").arg(band), QStringLiteral("b%1").arg(band), name});
  }
  return chips;
}

class ExpressionEditor : public ParamEditor {
 public:
  ExpressionEditor(const Param& param, QWidget* parent) : ParamEditor(param, parent), m_editor(makeLineEditor(param, this)) {
    m_line = qobject_cast<QLineEdit*>(m_editor->field());
    m_line->setFont(QFont(QStringLiteral("DejaVu Sans Mono"), -1));
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(4);
    column->addWidget(m_editor);
    m_chips = new QWidget;
    m_chipGrid = new QGridLayout(m_chips);
    m_chipGrid->setContentsMargins(0, 0, 0, 0);
    m_chipGrid->setSpacing(4);
    column->addWidget(m_chips);
    connect(m_editor, &ParamEditor::edited, this, &ParamEditor::edited);
    connect(m_editor, &ParamEditor::committed, this, &ParamEditor::committed);
    connect(m_editor, &ParamEditor::mistaken, this, &ParamEditor::mistaken);
  }

  QWidget* field() override { return m_line; }
  void setValue(const Json& value) override { m_editor->setValue(value); }

  void setContext(const EditorContext& context) override {
    ParamEditor::setContext(context);
    QStringList labels;
    const std::vector<Chip> chips = context.input ? chipsOf(*context.input) : std::vector<Chip>();
    for (const Chip& chip : chips) labels << chip.label;
    if (labels == m_labels) return;
    m_labels = labels;
    qDeleteAll(m_chips->findChildren<QToolButton*>());
    int at = 0;
    for (const Chip& chip : chips) {
      auto* button = new QToolButton;
      button->setText(chip.label);
      button->setToolTip(chip.toolTip);
      button->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
      button->setFocusPolicy(Qt::TabFocus);
      connect(button, &QToolButton::clicked, this, [this, text = chip.insert] {
        m_line->insert(text);
        m_line->setModified(true);
        Q_EMIT m_line->textEdited(m_line->text());
        m_line->setFocus();
      });
      m_chipGrid->addWidget(button, at / 3, at % 3);
      ++at;
    }
    m_chips->setVisible(at > 0);
  }

 private:
  ParamEditor* m_editor;
  QLineEdit* m_line;
  QWidget* m_chips;
  QGridLayout* m_chipGrid;
  QStringList m_labels;
};

}  // namespace

ParamEditor* makeExpressionEditor(const Param& param, QWidget* parent) { return new ExpressionEditor(param, parent); }

}  // namespace cubeloom
