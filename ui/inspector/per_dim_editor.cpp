// SPDX-License-Identifier: GPL-3.0-or-later
// One row per dim of the input: what to keep of it (by position or by value), or its new name.
#include <QGridLayout>
#include <QLabel>
#include <QLineEdit>
#include <QScreen>
#include <QToolButton>
#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "ui/inspector/editors.h"
#include "ui/inspector/entry_picker.h"
#include "ui/inspector/field_line.h"
#include "ui/theme/elided_label.h"
#include "ui/theme/theme.h"
#include "ui/words/number_text.h"
#include "ui/words/param_text.h"
#include "ui/words/spec_text.h"

namespace cubeloom {

namespace {

/// The coordinate's first and last value with its unit: "377 to 2,501 nm", "2022-02-24 to 2022-03-08".
QString coordinateRange(const Dim& dim) {
  const Coordinate& c = dim.coordinate;
  if (dim.size == 0 || c.kind == Coordinate::Kind::None) return {};
  const auto last = static_cast<std::size_t>(dim.size - 1);
  if (c.unit == "datetime" && c.labels.size() > last) {
    const QString from = QString::fromStdString(c.labels.front()), to = QString::fromStdString(c.labels[last]);
    return from == to ? from : QObject::tr("%1 to %2").arg(from, to);
  }
  const auto text = [](double v) { return significantText(v, 7); };
  const QString unit = c.unit.empty() || c.unit == "1" ? QString() : QLatin1Char(' ') + shortUnit(c.unit);
  return QObject::tr("%1 to %2%3").arg(text(c.at(0)), text(c.at(dim.size - 1)), unit);
}

class PerDimEditor : public ParamEditor {
 public:
  PerDimEditor(const Param& param, QWidget* parent) : ParamEditor(param, parent), m_grid(new QGridLayout(this)) {
    m_grid->setContentsMargins(0, 0, 0, 0);
    m_grid->setHorizontalSpacing(8);
    m_grid->setVerticalSpacing(2);
    m_grid->setColumnStretch(1, 1);
  }

  QWidget* field() override {
    if (m_rows.empty()) return this;
    return m_rows.begin()->second.line;
  }

  void setValue(const Json& value) override {
    m_value = value;
    build();
    for (auto& [dim, row] : m_rows) {
      const auto found = m_value.is_object() ? m_value.find(dim) : m_value.end();
      const Json one = m_value.is_object() && found != m_value.end() ? *found : Json();
      if (parse(row.line->text()) != one) row.line->setText(selectionText(one));
    }
  }

  void setContext(const EditorContext& context) override {
    ParamEditor::setContext(context);
    setValue(m_value);
  }

  void setInvalid(bool invalid) override {
    // Only rows that say something can be wrong.
    for (auto& [dim, row] : m_rows) markInvalid(row.line, invalid && !row.line->text().isEmpty());
  }

 private:
  struct Row {
    QLabel* label;
    QLineEdit* line;
    ElidedLabel* range;
    QToolButton* pick;
  };

  Json parse(const QString& text) const {
    if (m_param.type != ParamType::Names) return selectionValue(text);
    return text.trimmed().isEmpty() ? Json() : Json(text.trimmed().toStdString());
  }

  /// Rows for the input's dims, and for names in the value that the input does not have.
  void build() {
    std::vector<std::string> wanted;
    if (m_context.input) wanted = m_context.input->dimNames();
    if (m_value.is_object()) {
      for (const auto& [name, ignored] : m_value.items())
        if (std::find(wanted.begin(), wanted.end(), name) == wanted.end()) wanted.push_back(name);
    }
    if (wanted != m_order) {
      for (auto& [dim, row] : m_rows) {
        delete row.label;
        delete row.line;
        delete row.range;
        delete row.pick;
      }
      m_rows.clear();
      m_order = wanted;
      for (std::size_t i = 0; i < wanted.size(); ++i) addRow(wanted[i], static_cast<int>(2 * i));
    }
    for (auto& [dim, row] : m_rows) describe(dim, row);
  }

  void addRow(const std::string& dim, int gridRow) {
    const QString name = QString::fromStdString(dim);
    Row row{new QLabel(name), new FieldLine, new ElidedLabel, new QToolButton};
    row.line->setAccessibleName(paramLabel(m_param) + QLatin1Char(' ') + name);
    row.range->setFont(theme().font(11));
    setRole(row.range, "muted");
    row.label->setBuddy(row.line);
    m_grid->addWidget(row.label, gridRow, 0);
    m_grid->addWidget(row.line, gridRow, 1);
    m_grid->addWidget(row.range, gridRow + 1, 1);
    row.pick->setText(QStringLiteral("☑"));
    row.pick->setToolTip(tr("Tick entries of %1").arg(name));
    row.pick->setAccessibleName(row.pick->toolTip());
    m_grid->addWidget(row.pick, gridRow, 2);
    connect(row.pick, &QToolButton::clicked, this, [this, dim] { pick(dim); });
    connect(row.line, &QLineEdit::textEdited, this, &PerDimEditor::report);
    connect(row.line, &QLineEdit::editingFinished, this, &ParamEditor::committed);
    m_rows[dim] = row;
  }

  void pick(const std::string& name) {
    const int d = m_context.input ? m_context.input->indexOf(name) : -1;
    if (d < 0) return;
    const Row& row = m_rows[name];
    auto* picker = new EntryPicker(m_context.input->dims[static_cast<std::size_t>(d)], m_param.type == ParamType::Indexers,
                                   row.line->text(), m_context, this);
    connect(picker, &EntryPicker::chosen, this, [this, name](const QString& selection) {
      const auto found = m_rows.find(name);
      if (found == m_rows.end()) return;
      found->second.line->setText(selection);
      report();
      Q_EMIT committed();
    });
    const QPoint corner = row.pick->mapToGlobal(QPoint(row.pick->width() - picker->width(), row.pick->height() + 2));
    const QRect screen = row.pick->screen()->availableGeometry();
    picker->move(std::max(screen.left(), corner.x()), std::max(screen.top(), std::min(corner.y(), screen.bottom() - picker->height())));
    picker->show();
    picker->setFocus();
  }

  void describe(const std::string& name, const Row& row) {
    const int d = m_context.input ? m_context.input->indexOf(name) : -1;
    QString range;
    if (d >= 0) {
      const Dim& dim = m_context.input->dims[static_cast<std::size_t>(d)];
      const QString values = coordinateRange(dim);
      const QString positions = tr("0 to %1").arg(countText(dim.size - 1));
      if (m_param.type == ParamType::Factors) range = tr("of %1").arg(countText(dim.size));
      if (m_param.type == ParamType::Selectors) range = values.isEmpty() ? positions : values;
      if (m_param.type == ParamType::Indexers) range = values.isEmpty() ? positions : positions + QStringLiteral(" · ") + values;
    } else if (m_context.input) {
      range = tr("the input has no such dimension");
    }
    const bool isSelection = m_param.type == ParamType::Indexers || m_param.type == ParamType::Selectors;
    row.pick->setVisible(isSelection && m_context.input && EntryPicker::isFor(*m_context.input, d));
    row.line->setPlaceholderText(m_param.type == ParamType::Names     ? QString::fromStdString(name)
                                 : m_param.type == ParamType::Factors ? QStringLiteral("1")
                                                                      : tr("all"));
    row.range->setText(range);
    row.range->setVisible(!range.isEmpty());
  }

  void report() {
    Json value = Json::object();
    for (const auto& [dim, row] : m_rows) {
      Json one = parse(row.line->text());
      if (!one.is_null()) value[dim] = std::move(one);
    }
    m_value = value.empty() ? Json() : value;
    Q_EMIT edited(m_value);
  }

  QGridLayout* m_grid;
  Json m_value;
  std::vector<std::string> m_order;
  std::map<std::string, Row> m_rows;
};

}  // namespace

ParamEditor* makePerDimEditor(const Param& param, QWidget* parent) { return new PerDimEditor(param, parent); }

}  // namespace cubeloom
