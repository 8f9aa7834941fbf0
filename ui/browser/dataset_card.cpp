// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/browser/dataset_card.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QStyle>
#include <QToolButton>
#include <QVBoxLayout>

#include "engine/base/text.h"
#include "ui/browser/cube_picture.h"
#include "ui/browser/wavelength_strip.h"
#include "ui/theme/theme.h"
#include "ui/words/number_text.h"
#include "ui/words/spec_text.h"

namespace cubeloom {

namespace {

constexpr int kMostAttributes = 60;

QLabel* makeLabel(const char* role, int pixels = 12) {
  auto* label = new QLabel;
  label->setWordWrap(true);
  label->setTextFormat(Qt::PlainText);
  label->setTextInteractionFlags(Qt::TextSelectableByMouse);
  label->setFont(theme().font(pixels));
  setRole(label, role);
  return label;
}

QString text(const std::string& value) { return QString::fromStdString(value); }

/// What people use when a header says nothing: -9999, or 0 where that cannot be held.
double proposedNodata(PixelType type) { return canHold(type, -9999) ? -9999 : 0; }

}  // namespace

DatasetCard::DatasetCard(QWidget* parent)
    : QWidget(parent),
      m_title(makeLabel("strong", 14)),
      m_subtitle(makeLabel("muted")),
      m_reason(makeLabel("error")),
      m_body(new QWidget),
      m_cube(new CubePicture),
      m_access(makeLabel("value", 11)),
      m_range(makeLabel("muted")),
      m_nodata(makeLabel("muted")),
      m_notes(makeLabel("muted", 11)),
      m_spectral(new QWidget),
      m_assign(new QWidget),
      m_strip(new WavelengthStrip),
      m_value(new QLineEdit),
      m_assignButton(new QPushButton(tr("Assign"))),
      m_add(new QPushButton(tr("Add to the chain"))),
      m_fold(new QToolButton),
      m_attributes(makeLabel("muted", 11)) {
  m_title->setFont(theme().font(14, true));
  m_range->setWordWrap(false);
  m_range->setAlignment(Qt::AlignRight | Qt::AlignVCenter);
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(12, 10, 12, 12);
  column->setSpacing(4);
  column->addWidget(m_title);
  column->addWidget(m_subtitle);
  column->addWidget(m_reason);
  column->addWidget(m_body);
  column->addStretch(1);

  auto* body = new QVBoxLayout(m_body);
  body->setContentsMargins(0, 4, 0, 0);
  body->setSpacing(8);
  body->addWidget(m_cube);
  body->addWidget(m_access);
  auto* spectral = new QVBoxLayout(m_spectral);
  spectral->setContentsMargins(0, 4, 0, 0);
  spectral->setSpacing(3);
  auto* spectralHead = new QHBoxLayout;
  auto* heading = new QLabel(tr("WAVELENGTHS"));
  setRole(heading, "heading");
  spectralHead->addWidget(heading);
  spectralHead->addWidget(m_range, 1);
  spectral->addLayout(spectralHead);
  spectral->addWidget(m_strip);
  body->addWidget(m_spectral);
  body->addWidget(m_nodata);
  auto* assign = new QHBoxLayout(m_assign);
  assign->setContentsMargins(0, 0, 0, 0);
  assign->addWidget(m_value, 1);
  assign->addWidget(m_assignButton);
  m_value->setAccessibleName(tr("Value that means no data"));
  m_value->setToolTip(tr("The value that means 'no data' in this file"));
  body->addWidget(m_assign);
  body->addWidget(m_notes);
  body->addWidget(m_add);
  m_fold->setCheckable(true);
  setRole(m_fold, "flat");
  body->addWidget(m_fold);
  body->addWidget(m_attributes);
  m_attributes->hide();

  connect(m_fold, &QToolButton::toggled, m_attributes, &QWidget::setVisible);
  connect(m_add, &QPushButton::clicked, this, &DatasetCard::addRequested);
  const auto typed = [this] { return parseNumber(m_value->text().replace(QChar(0x2212), QLatin1Char('-')).toStdString()); };
  const auto mark = [this](bool wrong) {
    if (m_value->property("invalid").toBool() == wrong) return;
    m_value->setProperty("invalid", wrong);
    m_value->style()->unpolish(m_value);
    m_value->style()->polish(m_value);
  };
  const auto assignValue = [this, typed, mark] {
    const auto value = typed();
    mark(!value);
    if (value) Q_EMIT nodataAssigned(*value);
  };
  connect(m_value, &QLineEdit::textChanged, this, [typed, mark] {
    if (typed()) mark(false);
  });
  connect(m_assignButton, &QPushButton::clicked, this, assignValue);
  connect(m_value, &QLineEdit::returnPressed, this, assignValue);
}

namespace {

/// File names have no spaces: lets them break after an underscore, too.
QString breakable(QString name) { return name.replace(QLatin1Char('_'), QStringLiteral("_\u200B")); }

}  // namespace

void DatasetCard::showState(const QString& name, const QString& state, const QString& reason, bool isError) {
  m_title->setText(breakable(name));
  m_subtitle->setText(state);
  m_reason->setText(reason);
  m_reason->setVisible(!reason.isEmpty());
  setRole(m_reason, isError ? "error" : "muted");
  m_body->hide();
}

void DatasetCard::showDataset(const QString& name, const DatasetInfo& info, bool inChain) {
  m_info = info;
  m_inChain = inChain;
  m_title->setText(breakable(name));
  m_reason->hide();
  m_body->show();
  showSpec();
}

void DatasetCard::setReadPlan(std::shared_ptr<const ReadPlan> plan) {
  m_plan = std::move(plan);
  if (m_info.chosen < m_info.variables.size()) m_cube->setCube(m_info.variables[m_info.chosen].spec, m_plan);
}

void DatasetCard::setShownWavelengths(const QList<double>& nm) { m_strip->setShown(nm); }

void DatasetCard::showSpec() {
  if (m_info.chosen >= m_info.variables.size()) {
    showState(m_title->text(), text(m_info.driver), tr("it holds no array that can be opened"), true);
    return;
  }
  const VariableInfo& variable = m_info.variables[m_info.chosen];
  const ArraySpec& spec = variable.spec;
  QStringList facts;
  facts << QStringLiteral("%1 %2").arg(text(variable.name), text(std::string(pixelTypeName(spec.type)))).trimmed();
  facts << QStringLiteral("%1 %2").arg(text(m_info.driver), text(spec.storage.name)).trimmed();
  facts << crsText(spec);
  if (const QString resolution = resolutionText(spec); !resolution.isEmpty()) facts << resolution;
  facts << sizeText(m_info.fileBytes > 0 ? m_info.fileBytes : spec.bytes());
  facts.removeAll(QString());
  m_subtitle->setText(breakable(facts.join(QStringLiteral(" · "))));
  m_cube->setCube(spec, m_plan);

  QStringList access;
  for (const auto* sentences : {&m_info.cheap, &m_info.expensive})
    for (const std::string& sentence : *sentences) access << text(sentence);
  m_access->setText(access.join(QLatin1Char('\n')));
  m_access->setVisible(!access.isEmpty());

  m_strip->setSpectrum(spec);
  m_range->setText(m_strip->summary());
  m_spectral->setVisible(!m_strip->summary().isEmpty());
  showNodata();

  QStringList notes;
  for (const std::string& note : m_info.notes)
    if (spec.nodata || text(note).indexOf(QStringLiteral("nodata"), 0, Qt::CaseInsensitive) < 0) notes << text(note);
  if (m_info.variables.size() > 1) {
    QStringList names;
    for (const VariableInfo& other : m_info.variables) names << text(other.name);
    notes << tr("%1 variables: %2").arg(names.size()).arg(names.join(QStringLiteral(", ")));
  }
  m_notes->setText(notes.join(QLatin1Char('\n')));
  m_notes->setVisible(!notes.isEmpty());
  m_add->setVisible(!m_inChain);

  QStringList attributes;
  for (const AuxiliaryCoordinate& one : spec.coordinates)
    attributes << (one.dims.empty() ? QStringLiteral("%1: %2").arg(text(one.name), text(one.text()).left(200))
                                    : tr("%1: a coordinate along %2").arg(text(one.name), text(join(one.dims, ", "))));
  for (const auto& [key, value] : spec.attributes) {
    if (attributes.size() >= kMostAttributes) break;
    attributes << QStringLiteral("%1: %2").arg(text(key), text(value).left(200));
  }
  const std::size_t count = spec.attributes.size() + spec.coordinates.size();
  m_fold->setText(count == 1 ? tr("1 attribute") : tr("%1 attributes").arg(count));
  m_fold->setVisible(!attributes.isEmpty());
  m_attributes->setText(attributes.join(QLatin1Char('\n')));
  m_attributes->setVisible(m_fold->isChecked() && !attributes.isEmpty());
}

void DatasetCard::showNodata() {
  const ArraySpec& spec = m_info.variables[m_info.chosen].spec;
  if (spec.nodata) {
    m_nodata->setText(tr("nodata %1 (declared)").arg(nodataText(spec)));
    setRole(m_nodata, "muted");
  } else {
    m_nodata->setText(tr("! nodata is not declared"));
    m_nodata->setToolTip(tr("Statistics and resampling would take empty pixels for values."));
    setRole(m_nodata, "warning");
    const QString proposal = numberText(proposedNodata(spec.type));
    m_value->setText(proposal);
  }
  m_assign->setVisible(!spec.nodata && m_inChain);
}

}  // namespace cubeloom
