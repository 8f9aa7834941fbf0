// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/inspector/ports_form.h"

#include <QComboBox>
#include <QFileInfo>
#include <QLabel>
#include <QPushButton>
#include <QVBoxLayout>
#include <QWheelEvent>
#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "engine/op/param.h"
#include "ui/document/chain_edits.h"
#include "ui/document/chain_layout.h"
#include "ui/document/document.h"
#include "ui/steps/drawn_shapes.h"
#include "ui/theme/elided_label.h"
#include "ui/theme/theme.h"
#include "ui/words/number_text.h"

namespace cubeloom {

namespace {

class PortCombo : public QComboBox {
 protected:
  void wheelEvent(QWheelEvent* event) override { event->ignore(); }
};

QString inputAt(const Node& node, int port) {
  const auto at = static_cast<std::size_t>(port);
  return at < node.inputs.size() ? QString::fromStdString(node.inputs[at]) : QString();
}

/// "wavelength 60 · point 3"
QString sizesOf(const ArraySpec& spec) {
  QStringList parts;
  for (const Dim& dim : spec.dims) parts << QStringLiteral("%1 %2").arg(QString::fromStdString(dim.name), countText(dim.size));
  return parts.join(QStringLiteral(" · "));
}

/// What takes the pixel under a place: by its coordinates where these are those of rows and columns, else by its position.
struct PixelStep {
  QString op;
  Json indexers;
};
Result<PixelStep> pixelStep(const ArraySpec& spec, QPointF place) {
  if (spec.yDim < 0 || spec.xDim < 0)
    return fail(ErrorCode::GridMismatch, QObject::tr("the first input has no rows and columns").toStdString(), {});
  const Dim &y = spec.dims[static_cast<std::size_t>(spec.yDim)], &x = spec.dims[static_cast<std::size_t>(spec.xDim)];
  double row = place.y(), col = place.x();
  if (spec.geobox) {
    const Affine inverse = spec.geobox->affine().inverse();
    row = inverse.y(place.x(), place.y());
    col = inverse.x(place.x(), place.y());
  }
  row = std::floor(row);
  col = std::floor(col);
  if (!(row >= 0 && col >= 0 && row < static_cast<double>(y.size) && col < static_cast<double>(x.size)))
    return fail(ErrorCode::InvalidParameter, QObject::tr("the place lies outside of the first input").toStdString(),
                QObject::tr("click within its picture").toStdString());
  const bool hasCoordinates = spec.geobox && spec.geobox->isAxisAligned() && y.coordinate.kind != Coordinate::Kind::None &&
                              x.coordinate.kind != Coordinate::Kind::None;
  if (!hasCoordinates)
    return PixelStep{QStringLiteral("isel"), {{y.name, static_cast<std::int64_t>(row)}, {x.name, static_cast<std::int64_t>(col)}}};
  return PixelStep{QStringLiteral("sel"),
                   {{y.name, y.coordinate.at(static_cast<std::int64_t>(row))}, {x.name, x.coordinate.at(static_cast<std::int64_t>(col))}}};
}

/// Of operations on spectra those inputs that are compared with the first one's.
bool takesSpectra(const Declaration& declaration, const Port& port) {
  return declaration.category == "Spectra" && port.grid == Port::Grid::Same;
}

}  // namespace

QString usePickedSpectra(Document& document, const QString& node, int port, const MapShapes& places) {
  const Node* asking = document.chain().find(node.toStdString());
  const QString from = asking ? inputAt(*asking, 0) : QString();
  const ArraySpec* spec = from.isEmpty() ? nullptr : document.specOf(from);
  if (!spec) return QObject::tr("There is no input whose spectra could be taken: wire one first");
  const Crs own = spec->geobox ? spec->geobox->crs() : Crs();
  const MapShapes here{own, inCrs(places, own)};
  if (here.shapes.empty()) return QObject::tr("The place lies outside of the first input: click within its picture");
  QString op = QStringLiteral("sample_points");
  Json params;
  if (here.shapes.size() == 1) {
    const auto pixel = pixelStep(*spec, here.shapes.front().rings.front().front());
    if (!pixel) return QString::fromStdString(pixel.error().text());
    op = pixel->op;
    params = {{"indexers", pixel->indexers}};
  } else {
    const QString stem = (document.path().isEmpty() ? QString() : QFileInfo(document.path()).completeBaseName() + QLatin1Char('_')) + node +
                         QStringLiteral("_spectra");
    auto file = saveShapes(here, false, QString::fromStdString(document.chain().folder), stem);
    if (!file) return QString::fromStdString(file.error().text());
    params = {{"points", *file}};
  }
  const UndoMacro macro(document,
                        here.shapes.size() == 1 ? QObject::tr("Pick a spectrum") : QObject::tr("Pick %1 spectra").arg(here.shapes.size()));
  // What was picked before for this port alone gives way.
  const QString before = inputAt(*asking, port);
  const Node* old = before.isEmpty() ? nullptr : document.chain().find(before.toStdString());
  const bool isOwn = old && (old->op == "sel" || old->op == "isel" || old->op == "sample_points") && old->inputs.size() == 1 &&
                     old->inputs.front() == from.toStdString() && document.chain().consumersOf(old->id).size() == 1;
  const QPointF beside = isOwn ? document.position(before) : document.position(from) + QPointF(0, kRowStep);
  const QString viewed = document.viewedNode();
  if (isOwn) document.removeNodes({before}, false);
  const QString id = document.addNode(op, params, beside, {from});
  document.connectNodes(id, node, port);
  document.setSelection({node});
  if (!viewed.isEmpty() && viewed != before) document.setViewedNode(viewed);
  return {};
}

bool PortsForm::hasPorts(const Declaration& declaration) {
  return std::any_of(declaration.inputs.begin(), declaration.inputs.end(),
                     [&](const Port& port) { return &port != &declaration.inputs.front() && !port.many; });
}

PortsForm::PortsForm(Document& document, const QString& node, const Declaration& declaration, MapQuestion* map, QWidget* parent)
    : QWidget(parent), m_document(document), m_node(node), m_map(map) {
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(0);
  for (std::size_t i = 1; i < declaration.inputs.size(); ++i) {
    const Port& port = declaration.inputs[i];
    if (port.many) continue;
    QString label = QString::fromStdString(port.name);
    label[0] = label[0].toUpper();
    Row row{static_cast<int>(i), label, new PortCombo, new ElidedLabel, QString::fromStdString(port.help)};
    auto* block = new QWidget;
    auto* lines = new QVBoxLayout(block);
    lines->setContentsMargins(0, 0, 0, 10);
    lines->setSpacing(4);
    auto* name = new QLabel(port.optional ? tr("%1 (input, optional)").arg(label) : tr("%1 (input)").arg(label));
    name->setFont(theme().font(12));
    setRole(name, "muted");
    name->setBuddy(row.combo);
    name->setToolTip(row.help);
    row.combo->setAccessibleName(name->text());
    row.combo->setAccessibleDescription(row.help);
    row.combo->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    row.combo->setMinimumContentsLength(8);
    row.hint->setFont(theme().font(11));
    setRole(row.hint, "muted");
    lines->addWidget(name);
    lines->addWidget(row.combo);
    lines->addWidget(row.hint);
    if (takesSpectra(declaration, port) && m_map) {
      auto* pickButton = new QPushButton(tr("Pick on the preview"));
      setRole(pickButton, "link");
      pickButton->setToolTip(tr("A click takes the spectrum of that pixel; Shift+click takes several"));
      lines->addWidget(pickButton, 0, Qt::AlignLeft);
      connect(pickButton, &QPushButton::clicked, this, [this, row] { pick(row); });
    }
    column->addWidget(block);
    connect(row.combo, &QComboBox::activated, this, [this, row] { connectStep(row, row.combo->currentData().toString()); });
    m_rows.push_back(row);
  }
  refresh();
}

void PortsForm::refresh() {
  const Node* node = m_document.chain().find(m_node.toStdString());
  if (!node) return;
  for (const Row& row : m_rows) {
    const QString now = inputAt(*node, row.port);
    row.combo->clear();
    row.combo->addItem(tr("nothing"), QString());
    for (const Node& other : m_document.chain().nodes) {
      const QString id = QString::fromStdString(other.id);
      if (id == now || m_document.whyNot(id, m_node, row.port).isEmpty()) row.combo->addItem(m_document.stepName(id), id);
    }
    row.combo->setCurrentIndex(std::max(0, row.combo->findData(now)));
    const ArraySpec* spec = now.isEmpty() ? nullptr : m_document.specOf(now);
    row.hint->setText(spec ? sizesOf(*spec) : row.help);
    row.hint->setToolTip(row.help);
    row.hint->setVisible(!row.hint->text().isEmpty());
  }
}

void PortsForm::connectStep(const Row& row, const QString& id) {
  const Node* node = m_document.chain().find(m_node.toStdString());
  if (!node || inputAt(*node, row.port) == id) return;
  if (id.isEmpty())
    m_document.disconnect(m_node, row.port);
  else
    m_document.connectNodes(id, m_node, row.port);
}

void PortsForm::pick(const Row& row) {
  const Node* node = m_document.chain().find(m_node.toStdString());
  if (!node) return;
  MapQuestion::Asked asked{
      MapQuestion::Kind::Spectra, tr("%1 for %2").arg(row.label, m_document.stepName(m_node)), {}, inputAt(*node, 0), {}};
  // By the time of the answer another step's form may be shown.
  asked.done = [document = &m_document, node = m_node, port = row.port, map = m_map](const MapShapes& places) {
    if (const QString why = usePickedSpectra(*document, node, port, places); !why.isEmpty()) Q_EMIT map->failed(why);
  };
  m_map->ask(std::move(asked));
}

}  // namespace cubeloom
