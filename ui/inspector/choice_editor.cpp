// SPDX-License-Identifier: GPL-3.0-or-later
// Choices and yes-or-no.
#include <QCheckBox>
#include <QComboBox>
#include <QVBoxLayout>
#include <QWheelEvent>
#include <nlohmann/json.hpp>

#include "engine/base/pixel_type.h"
#include "ui/inspector/editors.h"
#include "ui/words/param_text.h"

namespace cubeloom {

namespace {

/// Lets the wheel scroll the form instead of changing a value in passing.
class CalmCombo : public QComboBox {
 protected:
  void wheelEvent(QWheelEvent* event) override { event->ignore(); }
};

QStringList choicesOf(const Param& param) {
  QStringList choices;
  if (param.type == ParamType::PixelType && param.choices.empty()) {
    for (int i = 0; i <= static_cast<int>(PixelType::Complex128); ++i) {
      const std::string_view name = pixelTypeName(static_cast<PixelType>(i));
      choices << QString::fromUtf8(name.data(), static_cast<qsizetype>(name.size()));
    }
  }
  for (const std::string& choice : param.choices) choices << QString::fromStdString(choice);
  return choices;
}

class ChoiceEditor : public ParamEditor {
 public:
  ChoiceEditor(const Param& param, QWidget* parent) : ParamEditor(param, parent), m_combo(new CalmCombo) {
    m_combo->setAccessibleName(paramLabel(param));
    m_combo->setAccessibleDescription(QString::fromStdString(param.help));
    m_combo->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    m_combo->setMinimumContentsLength(8);
    const QString standard = paramPlaceholder(param);
    if (param.defaultValue.empty()) m_combo->addItem(param.required ? tr("choose…") : tr("automatic"), QString());
    for (const QString& choice : choicesOf(param))
      m_combo->addItem(choice == standard && choice != QLatin1String("default") ? tr("%1  (default)").arg(choice) : choice, choice);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->addWidget(m_combo);
    connect(m_combo, &QComboBox::activated, this, [this, standard] {
      const QString chosen = m_combo->currentData().toString();
      // The default is not written down: the chain stays free of what it need not say.
      Q_EMIT edited(chosen.isEmpty() || chosen == standard ? Json() : Json(chosen.toStdString()));
      Q_EMIT committed();
    });
  }

  QWidget* field() override { return m_combo; }

  void setValue(const Json& value) override {
    const QString text = value.is_null() ? paramPlaceholder(m_param) : paramText(m_param, value);
    const int index =
        m_combo->findData(value.is_null() && m_param.defaultValue.empty() ? QString() : text, Qt::UserRole, Qt::MatchFixedString);
    if (index >= 0) {
      m_combo->setCurrentIndex(index);
      return;
    }
    // A value that is no choice comes from a file: it is shown as it is, with the error of the binding.
    m_combo->addItem(text, text);
    m_combo->setCurrentIndex(m_combo->count() - 1);
  }

 private:
  QComboBox* m_combo;
};

class BoolEditor : public ParamEditor {
 public:
  BoolEditor(const Param& param, QWidget* parent) : ParamEditor(param, parent), m_box(new QCheckBox(paramLabel(param))) {
    m_box->setAccessibleDescription(QString::fromStdString(param.help));
    m_default = Json::parse(param.defaultValue.empty() ? "false" : param.defaultValue, nullptr, false);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->addWidget(m_box);
    connect(m_box, &QCheckBox::clicked, this, [this](bool checked) {
      Q_EMIT edited(m_default == Json(checked) ? Json() : Json(checked));
      Q_EMIT committed();
    });
  }
  QWidget* field() override { return m_box; }
  bool hasOwnLabel() const override { return true; }
  void setValue(const Json& value) override {
    const Json& shown = value.is_null() ? m_default : value;
    m_box->setChecked(shown.is_boolean() && shown.get<bool>());
  }

 private:
  QCheckBox* m_box;
  Json m_default;
};

}  // namespace

ParamEditor* makeChoiceEditor(const Param& param, QWidget* parent) { return new ChoiceEditor(param, parent); }
ParamEditor* makeBoolEditor(const Param& param, QWidget* parent) { return new BoolEditor(param, parent); }

}  // namespace cubeloom
