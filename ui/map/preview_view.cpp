// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/map/preview_view.h"

#include <QKeyEvent>
#include <QLabel>
#include <QSplitter>
#include <QStackedWidget>
#include <QToolTip>
#include <QVBoxLayout>
#include <algorithm>
#include <cmath>

#include "engine/base/text.h"
#include "ui/map/map_canvas.h"
#include "ui/map/pixel_identity.h"
#include "ui/map/preview_header.h"
#include "ui/map/sketch_tool.h"
#include "ui/map/spectrum_view.h"
#include "ui/table/table_view.h"
#include "ui/theme/theme.h"
#include "ui/words/number_text.h"

namespace cubeloom {

namespace {

constexpr std::size_t kMostMarks = 8;  // as many as there are colours

QString degrees(double value, QChar positive, QChar negative) {
  return QStringLiteral("%1° %2").arg(QString::number(std::abs(value), 'f', 4)).arg(value < 0 ? negative : positive);
}

}  // namespace

/// A kept place with its spectra.
struct PreviewView::Mark {
  int number = 1;
  QPointF world;
  QColor color;
  PlaceSpectra spectra;
  LatestTask<PlaceSpectra> task;
};

PreviewView::PreviewView(Document& document, Session& session, QWidget* parent)
    : QWidget(parent),
      m_document(document),
      m_session(session),
      m_header(new PreviewHeader),
      m_canvas(new MapCanvas),
      m_sketch(new SketchTool(*m_canvas)),
      m_spectrum(new SpectrumView),
      m_table(new TableView),
      m_pages(new QStackedWidget),
      m_identified(new QLabel(m_canvas)) {
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(0);
  column->addWidget(m_header);
  auto* splitter = new QSplitter(Qt::Horizontal);
  splitter->setContentsMargins(8, 0, 8, 8);
  splitter->setHandleWidth(8);
  splitter->setStyleSheet(QStringLiteral("QSplitter::handle { background: transparent; }"));
  splitter->setChildrenCollapsible(false);
  splitter->addWidget(m_canvas);
  splitter->addWidget(m_spectrum);
  splitter->setStretchFactor(0, 1);
  splitter->setStretchFactor(1, 0);
  m_pages->addWidget(splitter);
  m_pages->addWidget(m_table);
  column->addWidget(m_pages, 1);
  setFocusProxy(m_canvas);
  // Not a tooltip: that would take the cursor's leave for its own end.
  m_identified->setAttribute(Qt::WA_TransparentForMouseEvents);
  m_identified->setAccessibleName(tr("Values under the cursor"));
  m_identified->hide();

  connect(&document, &Document::replaced, this, [this] {
    m_hoverTask.cancel();
    m_hover = {};
    clearMarks();
    m_scene.forget();
    m_spectrum->home();
  });
  connect(&document, &Document::graphChanged, this, &PreviewView::followDocument);
  connect(&document, &Document::viewChanged, this, &PreviewView::followDocument);
  connect(&document, &Document::bindingChanged, this, &PreviewView::showState);
  connect(&m_scene, &PreviewScene::layersChanged, this, [this] {
    const Composed& composed = m_scene.composed();
    m_canvas->setLayers(composed);
    m_canvas->setLegends(legendOf(m_scene.side(0), m_scene.bands(), composed.limitsA),
                         legendOf(m_scene.side(1), m_scene.bands(), composed.limitsB));
    showState();
  });
  connect(&m_scene, &PreviewScene::stateChanged, this, &PreviewView::showState);
  connect(&session, &Session::optionsChanged, this, &PreviewView::showTable);
  connect(&m_scene, &PreviewScene::homeChanged, this, [this] {
    clearMarks();
    goHome();
  });
  connect(m_canvas, &MapCanvas::frameChanged, this, [this] { m_scene.setFrame(m_canvas->frame(), m_canvas->devicePixelRatioF()); });
  connect(m_canvas, &MapCanvas::hovered, this, &PreviewView::hover);
  connect(m_canvas, &MapCanvas::clicked, m_identified, &QWidget::hide);
  connect(m_canvas, &MapCanvas::frameChanged, m_identified, &QWidget::hide);
  connect(m_canvas, &MapCanvas::clicked, this, &PreviewView::keep);
  connect(m_canvas, &MapCanvas::left, this, [this] {
    m_hoverWanted.reset();
    m_hoverTask.cancel();
    m_hover = {};
    showCurves();
    Q_EMIT cursorMoved(QString());
  });
  connect(m_spectrum, &SpectrumView::bandBrowsed, this, [this](int band) {
    if (const auto* lead = m_scene.lead()) setBands(singleBand(*lead->spec(), band, m_scene.bands().colorMap));
  });
  connect(m_header, &PreviewHeader::nodeChosen, this, [this](int side, const QString& id) {
    if (side == 0)
      m_document.setViewedNode(id);
    else
      m_document.setComparedNode(id);
  });
  connect(m_header, &PreviewHeader::bandsChosen, this, &PreviewView::setBands);
  connect(m_header, &PreviewHeader::styleChosen, this, [this](const PictureStyle& style) { m_scene.setStyle(style); });
  connect(m_header, &PreviewHeader::freezeChosen, this, [this](bool frozen) {
    PictureStyle style = m_scene.style();
    style.frozen = frozen ? m_scene.composed().limitsA : Limits{};
    m_scene.setStyle(style);
  });
  connect(m_header, &PreviewHeader::compareChosen, this, &PreviewView::setCompare);
  connect(&theme(), &Theme::changed, this, [this] {
    for (auto& mark : m_marks) mark->color = theme().series(mark->number - 1);
    showMarks();
    showCurves();
    showState();
  });
  followDocument();
}

PreviewView::~PreviewView() = default;

void PreviewView::setQuestion(MapQuestion* question) {
  m_question = question;
  m_sketch->setQuestion(question);
  connect(&m_document, &Document::replaced, question, &MapQuestion::cancel);
  connect(question, &MapQuestion::changed, this, [this] {
    // A table cannot be drawn on, nor can nothing: then the step that feeds the asking one is shown.
    const auto* asked = m_question->asked();
    if (asked && !asked->whereFrom.isEmpty() && !m_scene.side(0).isShown()) m_document.setViewedNode(asked->whereFrom);
  });
}

void PreviewView::followDocument() {
  const auto graph = m_document.graph();
  std::vector<std::pair<QString, QString>> nodes;
  if (graph)
    for (const BoundNode& node : graph->nodes)
      if (node.partOf < 0) nodes.emplace_back(QString::fromStdString(node.id), m_document.stepName(QString::fromStdString(node.id)));
  m_header->setNodes(std::move(nodes));
  // While a newer chain is being bound, this graph is about to be replaced, and the chain says already more than it.
  if (m_document.isBinding() && graph) return showState();
  const auto setSide = [&](int side, const QString& id) {
    return m_scene.setSide(side, id, graph, graph ? pixelIdentity(m_document.chain(), *graph, id.toStdString()) : std::string());
  };
  const bool changedA = setSide(0, m_document.viewedNode());
  const bool changedB = setSide(1, m_document.comparedNode() == m_document.viewedNode() ? QString() : m_document.comparedNode());
  if (changedA || changedB) {
    m_hover = {};
    for (auto& mark : m_marks) readMark(*mark);
    showCurves();
  }
  showTable();
  showState();
}

void PreviewView::showTable() {
  const auto& a = m_scene.side(0);
  m_pages->setCurrentIndex(a.isTable ? 1 : 0);
  if (!a.isTable) return m_table->clear();
  // What a step of output would write is the table of its input: looking at it writes nothing.
  const BoundNode& node = a.graph->nodes[static_cast<std::size_t>(a.index)];
  const BoundNode& shown = node.isSink && !node.inputs.empty() ? a.graph->nodes[static_cast<std::size_t>(node.inputs.front())] : node;
  m_table->showTable(m_document.stepName(a.node),
                     {a.graph, shown.id, a.identity, m_document.services().sinks, m_session.workers(), m_session.memoryBudgetBytes()});
}

void PreviewView::showState() {
  const auto& a = m_scene.side(0);
  const auto& b = m_scene.side(1);
  const auto extent = [](const PreviewScene::Side& side) {
    return side.isShown() ? std::optional<Bounds>(side.grid->box.bounds()) : std::nullopt;
  };
  std::optional<Bounds> extentB = extent(b);
  if (extentB && a.isShown() && !m_scene.ground().sidesAgree) extentB = m_scene.ground().boundsOfB;
  m_canvas->setExtents(extent(a), extentB);
  m_header->showScene(m_scene, m_canvas->compareMode());

  const MapGround& ground = m_scene.ground();
  m_sketch->setGround(ground.crs, m_scene.lead() != nullptr);
  double metres = ground.metresPerUnit;
  // Poleward of 89 degrees a bar along a parallel says nothing any more.
  if (ground.geographic) metres = 111319.49 * std::cos(std::clamp(m_canvas->frame().centerY, -89.0, 89.0) * M_PI / 180);
  m_canvas->setScale(metres, ground.crs.isValid() ? QStringLiteral("m") : QStringLiteral("px"));

  QString title, detail;
  bool isError = true;
  if (!a.error.isEmpty()) {
    title = tr("No picture of %1").arg(a.title.isEmpty() ? a.node : a.title);
    detail = a.error;
  } else if (!b.error.isEmpty()) {
    title = tr("No picture of %1").arg(b.title.isEmpty() ? b.node : b.title);
    detail = b.error;
  } else if (!m_scene.composed().problem.isEmpty()) {
    title = tr("A and B do not lie on one map");
    detail = m_scene.composed().problem;
  } else {
    isError = false;
    if (a.node.isEmpty() && b.node.isEmpty()) {
      title = tr("Click an eye");
      detail = tr("The eye of a node shows its picture here, run or not.");
    } else if (!m_scene.lead()) {
      title = m_document.isBinding() || !m_document.graph() ? tr("Reading headers…") : tr("This node has no picture");
    }
  }
  m_canvas->setMessage(title, detail, isError);

  QString decimation = m_scene.decimationText();
  if (decimation.contains(QStringLiteral(", decimated")))
    decimation = decimation.replace(QStringLiteral(", decimated"), QStringLiteral(" decimated")) + tr(" · exact at 1:1");
  if (decimation != m_decimation) {
    m_decimation = decimation;
    Q_EMIT decimationChanged(decimation);
  }
  const QString crs = m_scene.lead() ? ground.label : QString();
  if (crs != m_crs) Q_EMIT crsChanged(m_crs = crs);

  QList<double> shown;
  if (const auto* lead = m_scene.lead()) {
    const ArraySpec& spec = *lead->spec();
    std::vector<double> axis = wavelengthsOf(spec);
    const bool isWavelength = !axis.empty();
    if (!isWavelength)
      for (std::int64_t i = 0; i < bandCount(spec); ++i) axis.push_back(static_cast<double>(i + 1));
    const std::vector<std::int64_t> bands = bandsOf(spec, m_scene.bands());
    for (const std::int64_t band : bands)
      if (isWavelength) shown << axis[static_cast<std::size_t>(band)];
    m_spectrum->setAxis(axis, isWavelength);
    m_spectrum->setShown(axis[static_cast<std::size_t>(bands.front())]);
  } else {
    m_spectrum->setAxis({}, true);
  }
  if (shown != m_shownWavelengths) {
    m_shownWavelengths = shown;
    Q_EMIT shownWavelengthsChanged(shown);
  }
}

void PreviewView::goHome() {
  showState();
  m_canvas->home(m_scene.lead() && m_scene.lead()->grid->rowsDown);
}

std::array<SpectrumSource, 2> PreviewView::spectrumSources() const {
  std::array<SpectrumSource, 2> sources;
  for (int i = 0; i < 2; ++i) {
    const auto& side = m_scene.side(i);
    if (side.isShown())
      sources[static_cast<std::size_t>(i)] = {side.graph, side.index, *side.grid, othersWithin(*side.spec(), m_scene.others())};
  }
  return sources;
}

void PreviewView::hover(QPointF world, QPointF screen) {
  if (!m_scene.lead()) return;
  m_hoverScreen = screen;
  m_hoverWanted = world;
  Q_EMIT cursorMoved(placeText(world) + valuesText(world, screen));
  readHover();
}

void PreviewView::readHover() {
  // The read in progress is finished, not canceled: on a slow disk a moving cursor would otherwise never get an answer.
  if (!m_hoverWanted || m_hoverTask.isBusy() || !m_spectrum->isVisible()) return;
  const QPointF place = *m_hoverWanted;
  m_hoverWanted.reset();
  m_hoverTask.start([sources = spectrumSources(), place,
                     crs = m_scene.ground().crs](const CancelToken& cancel) { return readSpectra(sources, place, crs, cancel); },
                    [this](PlaceSpectra spectra) {
                      m_hover = std::move(spectra);
                      showCurves();
                      readHover();
                    });
}

void PreviewView::keep(QPointF world, bool add) {
  if (!m_scene.lead()) return;
  if (!add) m_marks.clear();
  if (m_marks.size() >= kMostMarks) m_marks.erase(m_marks.begin());
  auto mark = std::make_unique<Mark>();
  while (std::any_of(m_marks.begin(), m_marks.end(), [&mark](const auto& other) { return other->number == mark->number; })) ++mark->number;
  mark->world = world;
  mark->color = theme().series(mark->number - 1);
  m_marks.push_back(std::move(mark));
  readMark(*m_marks.back());
  if (m_question) m_question->setLastPlace(MapShapes{m_scene.ground().crs, {{QString(), {QPolygonF({world})}}}});
  showMarks();
  showCurves();
}

void PreviewView::readMark(Mark& mark) {
  mark.task.start([sources = spectrumSources(), place = mark.world,
                   crs = m_scene.ground().crs](const CancelToken& cancel) { return readSpectra(sources, place, crs, cancel); },
                  [this, &mark](PlaceSpectra spectra) {
                    mark.spectra = std::move(spectra);
                    showCurves();
                  });
}

void PreviewView::clearMarks() {
  m_marks.clear();
  showMarks();
  showCurves();
}

void PreviewView::showMarks() {
  std::vector<MapMark> marks;
  for (const auto& mark : m_marks) marks.push_back({mark->number, mark->world, mark->color});
  m_canvas->setMarks(std::move(marks));
}

void PreviewView::showCurves() {
  std::vector<SpectrumCurve> curves;
  const auto add = [&](const PlaceSpectra& spectra, const QColor& ink, bool passing) {
    for (int i = 0; i < 2; ++i) {
      const auto& values = spectra.values[static_cast<std::size_t>(i)];
      const ArraySpec* spec = m_scene.side(i).spec();
      if (values.empty() || !spec || static_cast<std::int64_t>(values.size()) != bandCount(*spec)) continue;
      SpectrumCurve curve;
      curve.x = wavelengthsOf(*spec);
      for (std::size_t k = curve.x.size(); k < values.size(); ++k) curve.x.push_back(static_cast<double>(k + 1));
      curve.y = values;
      if (const int d = spec->spectralDim(); d >= 0) {
        const auto& aux = spec->dims[static_cast<std::size_t>(d)].coordinate.aux;
        if (const auto good = aux.find("good"); good != aux.end())
          for (const double flag : good->second) curve.good.push_back(flag != 0);
      }
      curve.color = ink;
      curve.dashed = i == 1 && m_scene.side(0).isShown();
      curve.passing = passing;
      curves.push_back(std::move(curve));
    }
  };
  add(m_hover, color(Token::Muted), true);
  for (const auto& mark : m_marks) add(mark->spectra, mark->color, false);
  // The read-out tells the place under the cursor; without one, the last mark.
  if (m_hover.values[0].empty() && m_hover.values[1].empty()) std::reverse(curves.begin(), curves.end());
  m_spectrum->setCurves(std::move(curves));
}

QString PreviewView::placeText(QPointF world) const {
  const MapGround& ground = m_scene.ground();
  if (!ground.crs.isValid())
    return tr("column %1 row %2")
        .arg(countText(static_cast<std::int64_t>(std::floor(world.x()))), countText(static_cast<std::int64_t>(std::floor(world.y()))));
  double x = world.x(), y = world.y();
  if (ground.toLonLat) ground.toLonLat->forward(&x, &y, 1);
  QString lonLat = std::isfinite(x) && std::isfinite(y)
                       ? degrees(y, QLatin1Char('N'), QLatin1Char('S')) + QLatin1Char(' ') + degrees(x, QLatin1Char('E'), QLatin1Char('W'))
                       : QString();
  if (ground.geographic) return lonLat;
  return QStringLiteral("%1 E %2 N %3").arg(countText(std::llround(world.x())), countText(std::llround(world.y())), lonLat);
}

QString PreviewView::valuesText(QPointF world, QPointF screen) const {
  const std::vector<float> values = m_scene.valuesAt(m_canvas->showsB(screen) ? 1 : 0, world);
  if (values.empty()) return {};
  if (std::all_of(values.begin(), values.end(), [](float v) { return std::isnan(v); })) return tr(" no data");
  if (values.size() == 1) return QStringLiteral("  %1").arg(significantText(static_cast<double>(values[0]), 4));
  return QStringLiteral("  R %1 G %2 B %3")
      .arg(significantText(static_cast<double>(values[0]), 3), significantText(static_cast<double>(values[1]), 3),
           significantText(static_cast<double>(values[2]), 3));
}

void PreviewView::setCompare(CompareMode mode) {
  m_canvas->setCompareMode(mode);
  PictureStyle style = m_scene.style();
  if (style.difference != (mode == CompareMode::Difference)) {
    style.difference = mode == CompareMode::Difference;
    m_scene.setStyle(style);
  }
  showState();
}

void PreviewView::setBands(const BandChoice& choice) { m_scene.setBands(choice); }

void PreviewView::stepBand(int by) {
  const auto* lead = m_scene.lead();
  if (!lead) return;
  const std::int64_t now = bandsOf(*lead->spec(), m_scene.bands()).front();
  setBands(singleBand(*lead->spec(), now + by, m_scene.bands().colorMap));
}

bool PreviewView::stepTime(int by) {
  const auto* lead = m_scene.lead();
  if (!lead) return false;
  const ArraySpec& spec = *lead->spec();
  const std::vector<int> dims = otherDims(spec);
  if (dims.empty()) return false;
  std::size_t stepped = 0;
  for (std::size_t k = 0; k < dims.size(); ++k)
    if (spec.dims[static_cast<std::size_t>(dims[k])].name == "time") stepped = k;
  const std::int64_t size = spec.dims[static_cast<std::size_t>(dims[stepped])].size;
  if (size < 2) return false;
  std::vector<std::int64_t> others = m_scene.others();
  others.resize(std::max(others.size(), dims.size()), 0);
  others[stepped] = std::clamp<std::int64_t>(others[stepped] + by, 0, size - 1);
  m_scene.setOthers(others);
  m_hover = {};
  for (auto& mark : m_marks) readMark(*mark);
  showCurves();
  return true;
}

void PreviewView::stretchToView() {
  PictureStyle style = m_scene.style();
  style.stretch = StretchMode::Percent;
  const bool held = !style.frozen.empty();
  style.frozen.clear();
  m_scene.setStyle(style);
  if (held) QToolTip::showText(mapToGlobal(QPoint(12, 28)), tr("Stretched to the view; it follows the view again."), this);
}

void PreviewView::oneToOne() {
  const auto* lead = m_scene.lead();
  if (!lead) return;
  MapFrame frame = m_canvas->frame();
  const double wanted = std::min(lead->grid->box.pixelWidth(), lead->grid->box.pixelHeight()) * m_canvas->devicePixelRatioF();
  m_canvas->setFrame(frame.zoomed(frame.unitsPerPixel / wanted,
                                  m_canvas->underMouse() ? m_hoverScreen : QPointF(frame.size.width() / 2.0, frame.size.height() / 2.0)));
}

void PreviewView::identify() {
  if (!m_scene.lead()) return;
  const QPointF world = m_canvas->frame().toWorld(m_hoverScreen);
  QStringList lines{placeText(world)};
  for (int i = 0; i < 2; ++i) {
    const auto& side = m_scene.side(i);
    if (!side.isShown() || m_hover.rows[static_cast<std::size_t>(i)] < 0) continue;
    QStringList values;
    for (const std::int64_t band : bandsOf(*side.spec(), m_scene.bands())) {
      const auto& spectrum = m_hover.values[static_cast<std::size_t>(i)];
      if (static_cast<std::size_t>(band) >= spectrum.size()) continue;
      const double value = spectrum[static_cast<std::size_t>(band)];
      values << tr("band %1: %2").arg(band + 1).arg(std::isnan(value) ? tr("no data") : QString::fromStdString(formatNumber(value)));
    }
    lines << tr("%1 %2: row %3, column %4")
                 .arg(i == 0 ? QStringLiteral("A") : QStringLiteral("B"), side.title)
                 .arg(m_hover.rows[static_cast<std::size_t>(i)])
                 .arg(m_hover.cols[static_cast<std::size_t>(i)])
          << values;
  }
  m_identified->setText(lines.join(QLatin1Char('\n')));
  m_identified->setStyleSheet(QStringLiteral("QLabel { background: %1; border: 1px solid %2; border-radius: 4px; padding: 6px 8px; }")
                                  .arg(color(Token::Surface).name(), color(Token::Grid).name()));
  m_identified->adjustSize();
  const QPoint beside = m_hoverScreen.toPoint() + QPoint(14, 14);
  m_identified->move(std::clamp(beside.x(), 0, std::max(0, m_canvas->width() - m_identified->width())),
                     std::clamp(beside.y(), 0, std::max(0, m_canvas->height() - m_identified->height())));
  m_identified->show();
}

void PreviewView::keyPressEvent(QKeyEvent* event) {
  const bool shift = event->modifiers().testFlag(Qt::ShiftModifier);
  if (event->modifiers() & (Qt::ControlModifier | Qt::AltModifier | Qt::MetaModifier)) return event->ignore();
  const bool wasIdentified = m_identified->isVisible();
  m_identified->hide();
  switch (event->key()) {
    case Qt::Key_BracketLeft:
    case Qt::Key_BraceLeft: return stepBand(shift ? -10 : -1);
    case Qt::Key_BracketRight:
    case Qt::Key_BraceRight: return stepBand(shift ? 10 : 1);
    case Qt::Key_PageUp:
      if (!stepTime(shift ? -10 : -1)) stepBand(shift ? -10 : -1);
      return;
    case Qt::Key_PageDown:
      if (!stepTime(shift ? 10 : 1)) stepBand(shift ? 10 : 1);
      return;
    case Qt::Key_1: return setBands(trueColour());
    case Qt::Key_2: return setBands(colourInfrared());
    case Qt::Key_3: return setBands(shortWave());
    case Qt::Key_4: return stepBand(0);
    case Qt::Key_H: return stretchToView();
    case Qt::Key_Z: return oneToOne();
    case Qt::Key_S: return setCompare(m_canvas->compareMode() == CompareMode::Swipe ? CompareMode::Off : CompareMode::Swipe);
    case Qt::Key_D: return setCompare(m_canvas->compareMode() == CompareMode::Difference ? CompareMode::Swipe : CompareMode::Difference);
    case Qt::Key_P: return m_spectrum->setVisible(!m_spectrum->isVisible());
    case Qt::Key_I: return wasIdentified ? void() : identify();
    case Qt::Key_Home: return goHome();
    case Qt::Key_Space:
      if (!event->isAutoRepeat()) m_canvas->setFlickered(true);
      return;
    case Qt::Key_Backspace: return clearMarks();
    case Qt::Key_Escape:
      if (wasIdentified) return;
      if (m_scene.isReading()) return m_scene.cancelReading();
      break;
    default: break;
  }
  event->ignore();
}

void PreviewView::keyReleaseEvent(QKeyEvent* event) {
  if (event->key() == Qt::Key_Space && !event->isAutoRepeat()) return m_canvas->setFlickered(false);
  event->ignore();
}

}  // namespace cubeloom
