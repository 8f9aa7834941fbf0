// SPDX-License-Identifier: GPL-3.0-or-later
// Two numbers in a line; of wavelengths they are dragged on a spectrum, too.
#include <QLineEdit>
#include <QVBoxLayout>
#include <nlohmann/json.hpp>

#include "ui/inspector/editors.h"
#include "ui/inspector/spectrum_range.h"

namespace cubeloom {

namespace {

class RangeEditor : public ParamEditor {
 public:
  RangeEditor(const Param& param, QWidget* parent) : ParamEditor(param, parent), m_line(makeLineEditor(param, this)) {
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(4);
    column->addWidget(m_line);
    connect(m_line, &ParamEditor::edited, this, [this](const Json& value) {
      showRange(value);
      Q_EMIT edited(value);
    });
    connect(m_line, &ParamEditor::committed, this, &ParamEditor::committed);
    connect(m_line, &ParamEditor::mistaken, this, &ParamEditor::mistaken);
    if (param.unit != "nm") return;
    m_spectrum = new SpectrumRange;
    column->addWidget(m_spectrum);
    connect(m_spectrum, &SpectrumRange::dragged, this, [this](double low, double high, bool done) {
      const Json value = Json::array({low, high});
      m_line->setValue(value);
      Q_EMIT edited(value);
      if (done) Q_EMIT committed();
    });
  }

  QWidget* field() override { return m_line->field(); }
  void setValue(const Json& value) override {
    m_line->setValue(value);
    showRange(value);
  }
  void setContext(const EditorContext& context) override {
    ParamEditor::setContext(context);
    m_line->setContext(context);
    if (m_spectrum) m_spectrum->showInput(context);
  }
  QString hint() const override { return m_line->hint(); }

 private:
  void showRange(const Json& value) {
    if (!m_spectrum) return;
    const bool isRange = value.is_array() && value.size() == 2 && value[0].is_number() && value[1].is_number();
    m_spectrum->setRanges(isRange ? std::vector{std::pair(value[0].get<double>(), value[1].get<double>())}
                                  : std::vector<std::pair<double, double>>());
  }

  ParamEditor* m_line;
  SpectrumRange* m_spectrum = nullptr;
};

}  // namespace

ParamEditor* makeRangeEditor(const Param& param, QWidget* parent) { return new RangeEditor(param, parent); }

}  // namespace cubeloom
