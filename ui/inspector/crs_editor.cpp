// SPDX-License-Identifier: GPL-3.0-or-later
// The field of a coordinate reference system; it opens the picker.
#include <QComboBox>
#include <QKeyEvent>
#include <QVBoxLayout>
#include <QWheelEvent>
#include <nlohmann/json.hpp>

#include "ui/inspector/crs_picker.h"
#include "ui/inspector/editors.h"
#include "ui/words/param_text.h"
#include "ui/words/spec_text.h"

namespace cubeloom {

namespace {

/// Looks and acts as a combo box, but its list is the picker.
class PickerCombo : public QComboBox {
 public:
  explicit PickerCombo(std::function<void()> open) : m_open(std::move(open)) {}
  void showPopup() override { m_open(); }

 protected:
  void wheelEvent(QWheelEvent* event) override { event->ignore(); }
  void keyPressEvent(QKeyEvent* event) override {
    if (event->key() == Qt::Key_Return || event->key() == Qt::Key_Down || event->key() == Qt::Key_Space)
      m_open();
    else
      QWidget::keyPressEvent(event);  // NOLINT(bugprone-parent-virtual-call): a combo box would step through its entries
  }

 private:
  std::function<void()> m_open;
};

class CrsEditor : public ParamEditor {
 public:
  CrsEditor(const Param& param, QWidget* parent) : ParamEditor(param, parent), m_picker(new CrsPicker(this)) {
    m_combo = new PickerCombo([this] {
      const ArraySpec* spec = m_context.input ? m_context.input : m_context.output;
      m_picker->popup(m_combo, spec ? spec->geobox : std::nullopt, m_param.required ? QString() : noneText());
    });
    m_combo->setAccessibleName(paramLabel(param));
    m_combo->setAccessibleDescription(QString::fromStdString(param.help));
    m_combo->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    m_combo->setMinimumContentsLength(8);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->addWidget(m_combo);
    connect(m_picker, &CrsPicker::chosen, this, [this](const QString& code) { give(code.isEmpty() ? Json() : Json(code.toStdString())); });
    refresh();
  }

  QWidget* field() override { return m_combo; }

  void setValue(const Json& value) override {
    m_value = value;
    refresh();
  }

  void setContext(const EditorContext& context) override {
    ParamEditor::setContext(context);
    refresh();
  }

  QString hint() const override {
    const ArraySpec *in = m_context.input, *out = m_context.output;
    if (!in || !out || !in->geobox || !out->geobox || !in->geobox->crs().isValid()) return {};
    return in->geobox->crs().isSameAs(out->geobox->crs()) ? tr("same as the input: no datum operation") : tr("from %1").arg(crsText(*in));
  }

 private:
  void give(const Json& value) {
    setValue(value);
    Q_EMIT edited(value);
    Q_EMIT committed();
  }

  QString noneText() const { return m_context.input ? tr("as the input") : tr("as the file says"); }

  void refresh() {
    QString text = paramText(m_param, m_value);
    if (m_value.is_null()) {
      text = m_param.required ? tr("choose…") : noneText();
    } else if (m_context.output && m_context.output->geobox && m_context.output->geobox->crs().isValid()) {
      // The binding has looked the code up already; nothing is asked of PROJ here.
      const Crs& crs = m_context.output->geobox->crs();
      if (QString::fromStdString(crs.authority()).compare(text, Qt::CaseInsensitive) == 0)
        text += QStringLiteral(" · ") + QString::fromStdString(crs.name());
    }
    m_combo->clear();
    m_combo->addItem(text.simplified());
    m_combo->setToolTip(text);
  }

  CrsPicker* m_picker;
  PickerCombo* m_combo;
  Json m_value;
};

}  // namespace

ParamEditor* makeCrsEditor(const Param& param, QWidget* parent) { return new CrsEditor(param, parent); }

}  // namespace cubeloom
