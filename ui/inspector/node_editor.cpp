// SPDX-License-Identifier: GPL-3.0-or-later
// Another step of the chain, whose grid or dates are taken: chosen in a list, or by a click on it; or a file.
#include <QComboBox>
#include <QDir>
#include <QFileDialog>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QToolButton>
#include <QVBoxLayout>
#include <QWheelEvent>
#include <nlohmann/json.hpp>

#include "ui/document/chain_edits.h"
#include "ui/document/document.h"
#include "ui/inspector/editors.h"
#include "ui/theme/theme.h"
#include "ui/words/param_text.h"
#include "ui/words/spec_text.h"

namespace cubeloom {

namespace {

const QString kFile = QStringLiteral("\x01");

class StepCombo : public QComboBox {
 protected:
  void wheelEvent(QWheelEvent* event) override { event->ignore(); }
};

class NodeEditor : public ParamEditor {
 public:
  NodeEditor(const Param& param, QWidget* parent) : ParamEditor(param, parent), m_combo(new StepCombo), m_point(new QToolButton) {
    m_combo->setAccessibleName(paramLabel(param));
    m_combo->setAccessibleDescription(QString::fromStdString(param.help));
    m_combo->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    m_combo->setMinimumContentsLength(8);
    m_point->setText(QStringLiteral("◎"));
    m_point->setCheckable(true);
    m_point->setToolTip(tr("Then click the step on the canvas"));
    m_point->setAccessibleName(tr("Choose by a click on the canvas"));
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(6);
    row->addWidget(m_combo, 1);
    row->addWidget(m_point);
    m_point->installEventFilter(this);
    connect(m_point, &QToolButton::toggled, this, &ParamEditor::hintChanged);
    connect(m_combo, &QComboBox::activated, this, [this] {
      m_point->setChecked(false);
      const QString chosen = m_combo->currentData().toString();
      if (chosen == kFile) return browse();
      give(chosen);
    });
  }

  QWidget* field() override { return m_combo; }

  void setValue(const Json& value) override {
    m_value = value.is_string() ? QString::fromStdString(value.get<std::string>()) : QString();
    fill();
  }
  void setContext(const EditorContext& context) override {
    ParamEditor::setContext(context);
    m_point->setVisible(context.document != nullptr);
    fill();
  }

  QString hint() const override {
    if (m_point->isChecked()) return tr("Click a step on the canvas; Esc leaves");
    const ArraySpec* spec = m_context.graph && !m_value.isEmpty() ? m_context.graph->specOf(m_value.toStdString()) : nullptr;
    if (!spec || !spec->geobox) return {};
    return QStringLiteral("%1 · %2").arg(resolutionText(*spec), QString::fromStdString(spec->geobox->crs().label()));
  }

  bool takeStep(const QString& id) override {
    if (!m_point->isChecked() || !m_context.document) return false;
    m_point->setChecked(false);
    if (!isAllowed(id)) {
      Q_EMIT mistaken(tr("%1 comes after this step: choose one before it").arg(m_context.document->stepName(id)));
      return true;
    }
    give(id);
    fill();
    return true;
  }

 protected:
  bool eventFilter(QObject* watched, QEvent* event) override {
    if (watched == m_point && event->type() == QEvent::KeyPress && static_cast<QKeyEvent*>(event)->key() == Qt::Key_Escape &&
        m_point->isChecked()) {
      m_point->setChecked(false);
      return true;
    }
    return ParamEditor::eventFilter(watched, event);
  }

 private:
  /// A step that depends on this one cannot be looked at by it, and one that writes has nothing to look at.
  bool isAllowed(const QString& id) const { return id != m_context.node && !dependsOn(*m_context.document, id, m_context.node); }

  void give(const QString& id) {
    m_value = id;
    Q_EMIT edited(id.isEmpty() ? Json() : Json(id.toStdString()));
    Q_EMIT committed();
  }

  void fill() {
    m_combo->clear();
    m_combo->addItem(m_param.required ? tr("choose…") : tr("none"), QString());
    if (m_context.document)
      for (const Node& node : m_context.document->chain().nodes) {
        const QString id = QString::fromStdString(node.id);
        if (!isAllowed(id)) continue;
        m_combo->addItem(m_context.document->stepName(id), id);
      }
    m_combo->addItem(tr("A file…"), kFile);
    int index = m_combo->findData(m_value);
    if (index < 0) {
      m_combo->insertItem(m_combo->count() - 1, m_value, m_value);  // a file, or a step that is gone: the binding says so
      index = m_combo->count() - 2;
    }
    m_combo->setCurrentIndex(index);
  }

  void browse() {
    const QString path = QFileDialog::getOpenFileName(this, paramLabel(m_param), m_context.folder);
    if (!path.isEmpty()) give(path);
    fill();
  }

  QComboBox* m_combo;
  QToolButton* m_point;
  QString m_value;
};

}  // namespace

ParamEditor* makeNodeEditor(const Param& param, QWidget* parent) { return new NodeEditor(param, parent); }

}  // namespace cubeloom
