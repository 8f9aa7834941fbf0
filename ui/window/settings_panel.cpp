// SPDX-License-Identifier: GPL-3.0-or-later
// Lays out the settings.
#include "ui/window/settings_panel.h"

#include <QCheckBox>
#include <QComboBox>
#include <QFormLayout>
#include <QLabel>
#include <QSpinBox>
#include <QVBoxLayout>

#include "ui/run/size_edit.h"
#include "ui/words/number_text.h"

namespace cubeloom {

namespace {

constexpr int kPanelWidthPx = 430, kFieldWidthPx = 230;
constexpr std::int64_t kLeastBudgetBytes = 1 << 20;

QLabel* heading(const QString& text) {
  auto* label = new QLabel(text);
  setRole(label, "heading");
  return label;
}

QLabel* hint(const QString& text) {
  auto* label = new QLabel(text);
  setRole(label, "muted");
  label->setFont(theme().font(11));
  label->setWordWrap(true);
  return label;
}

/// "As recommended (…)" and "Always:" in one box.
QComboBox* choiceOf(const QString& recommended, bool isOwn, const QString& name) {
  auto* box = new QComboBox;
  box->addItems({recommended, QObject::tr("Always as set here")});
  box->setCurrentIndex(isOwn ? 1 : 0);
  box->setFixedWidth(kFieldWidthPx);
  box->setAccessibleName(name);
  return box;
}

}  // namespace

SettingsPanel::SettingsPanel(const SystemFacts& system, QWidget* parent) : QDialog(parent), m_settings(loadSettings()) {
  setAttribute(Qt::WA_DeleteOnClose);
  setWindowTitle(tr("Settings"));
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(20, 18, 20, 18);
  auto* form = new QFormLayout;
  form->setHorizontalSpacing(18);
  form->setVerticalSpacing(8);
  form->setLabelAlignment(Qt::AlignLeft | Qt::AlignVCenter);
  form->setFieldGrowthPolicy(QFormLayout::FieldsStayAtSizeHint);
  addRunRows(form, system);
  addLookRows(form);
  column->addLayout(form);
  column->addStretch(1);
  setMinimumWidth(kPanelWidthPx);
}

void SettingsPanel::addRunRows(QFormLayout* form, const SystemFacts& system) {
  form->addRow(heading(tr("RUNS")));
  auto* workersChoice =
      choiceOf(tr("As recommended (%1)").arg(system.desktopWorkers), m_settings.workers > 0, tr("Workers of a new session"));
  workersChoice->setToolTip(QString::fromStdString(system.desktopWhy));
  auto* workers = new QSpinBox;
  workers->setRange(1, std::max(1, system.maximumWorkers));
  workers->setValue(m_settings.workers > 0 ? m_settings.workers : system.desktopWorkers);
  workers->setFixedWidth(kFieldWidthPx);
  workers->setEnabled(m_settings.workers > 0);
  workers->setAccessibleName(tr("Number of workers"));
  form->addRow(tr("Workers"), workersChoice);
  form->addRow(QString(), workers);

  const QString recommended = sizeText(static_cast<double>(system.defaultBudgetBytes));
  auto* memoryChoice = choiceOf(tr("As recommended (%1)").arg(recommended), m_settings.memoryBytes > 0, tr("Memory of a new session"));
  auto* memory = new SizeEdit;
  memory->setRange(kLeastBudgetBytes, system.memoryAvailableBytes);
  memory->setBytes(m_settings.memoryBytes > 0 ? m_settings.memoryBytes : system.defaultBudgetBytes);
  memory->setFixedWidth(kFieldWidthPx);
  memory->setEnabled(m_settings.memoryBytes > 0);
  memory->setAccessibleName(tr("Memory budget"));
  form->addRow(tr("Memory"), memoryChoice);
  form->addRow(QString(), memory);
  form->addRow(hint(tr("What a new session begins with. The fields of the run bar hold for the session.")));

  const auto takeWorkers = [this, workersChoice, workers] {
    workers->setEnabled(workersChoice->currentIndex() == 1);
    m_settings.workers = workers->isEnabled() ? workers->value() : 0;
    take();
  };
  connect(workersChoice, &QComboBox::currentIndexChanged, this, takeWorkers);
  connect(workers, &QSpinBox::valueChanged, this, takeWorkers);
  const auto takeMemory = [this, memoryChoice, memory] {
    memory->setEnabled(memoryChoice->currentIndex() == 1);
    m_settings.memoryBytes = memory->isEnabled() ? memory->bytes() : 0;
    take();
  };
  connect(memoryChoice, &QComboBox::currentIndexChanged, this, takeMemory);
  connect(memory, &SizeEdit::bytesEdited, this, takeMemory);
}

void SettingsPanel::addLookRows(QFormLayout* form) {
  auto* space = new QWidget;
  space->setFixedHeight(6);
  form->addRow(space);
  form->addRow(heading(tr("LOOK")));
  auto* mode = new QComboBox;
  mode->addItem(tr("As the system"), static_cast<int>(Theme::Mode::System));
  mode->addItem(tr("Light"), static_cast<int>(Theme::Mode::Light));
  mode->addItem(tr("Dark"), static_cast<int>(Theme::Mode::Dark));
  mode->setCurrentIndex(mode->findData(static_cast<int>(m_settings.theme)));
  mode->setFixedWidth(kFieldWidthPx);
  mode->setAccessibleName(tr("Theme"));
  form->addRow(tr("Theme"), mode);

  auto* scale = new QComboBox;
  for (const int percent : {100, 110, 125, 150, 175, 200}) scale->addItem(tr("%1 %").arg(percent), percent);
  if (scale->findData(m_settings.scalePercent) < 0) scale->addItem(tr("%1 %").arg(m_settings.scalePercent), m_settings.scalePercent);
  scale->setCurrentIndex(scale->findData(m_settings.scalePercent));
  scale->setFixedWidth(kFieldWidthPx);
  scale->setAccessibleName(tr("Size of the interface"));
  form->addRow(tr("Size"), scale);
  auto* later = hint(tr("The new size holds from the next start on."));
  later->hide();
  form->addRow(QString(), later);

  auto* motion = new QCheckBox(tr("Nothing blinks or glides"));
  motion->setChecked(m_settings.reducedMotion);
  form->addRow(tr("Reduced motion"), motion);

  connect(mode, &QComboBox::currentIndexChanged, this, [this, mode] {
    m_settings.theme = static_cast<Theme::Mode>(mode->currentData().toInt());
    take();
  });
  connect(scale, &QComboBox::currentIndexChanged, this, [this, scale, later, before = m_settings.scalePercent] {
    m_settings.scalePercent = scale->currentData().toInt();
    later->setVisible(m_settings.scalePercent != before);
    take();
  });
  connect(motion, &QCheckBox::toggled, this, [this](bool on) {
    m_settings.reducedMotion = on;
    take();
  });
}

void SettingsPanel::take() {
  saveSettings(m_settings);
  Q_EMIT changed(m_settings);
}

}  // namespace cubeloom
