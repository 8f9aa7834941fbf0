// SPDX-License-Identifier: GPL-3.0-or-later
// A file with geometries: path, layer, the attribute that names them, a condition; or shapes drawn on the preview.
#include <QComboBox>
#include <QDir>
#include <QFileDialog>
#include <QFileInfo>
#include <QGridLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QTimer>
#include <QToolButton>
#include <QToolTip>
#include <QVBoxLayout>
#include <QWheelEvent>
#include <algorithm>
#include <nlohmann/json.hpp>

#include "engine/access/feature_layers.h"
#include "ui/async/latest_task.h"
#include "ui/document/document.h"
#include "ui/inspector/editors.h"
#include "ui/inspector/field_line.h"
#include "ui/steps/drawn_shapes.h"
#include "ui/theme/theme.h"
#include "ui/words/number_text.h"
#include "ui/words/param_text.h"

namespace cubeloom {

namespace {

constexpr int kLookPauseMs = 350;

/// Lets the wheel scroll the form.
class QuietCombo : public QComboBox {
 protected:
  void wheelEvent(QWheelEvent* event) override { event->ignore(); }
};

bool isOfPoints(const Param& param) { return param.name.find("point") != std::string::npos; }

class FeaturesEditor : public ParamEditor {
 public:
  FeaturesEditor(const Param& param, QWidget* parent)
      : ParamEditor(param, parent),
        m_path(new FieldLine),
        m_parts(new QWidget),
        m_layer(new QuietCombo),
        m_id(new QuietCombo),
        m_where(new FieldLine),
        m_draw(new QPushButton) {
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(4);
    auto* row = new QHBoxLayout;
    row->setSpacing(6);
    m_path->setPlaceholderText(isOfPoints(param) ? tr("stations.csv, plots.gpkg…") : tr("fields.gpkg, zones.geojson…"));
    m_path->setAccessibleName(paramLabel(param));
    m_path->setAccessibleDescription(QString::fromStdString(param.help));
    auto* browse = new QToolButton;
    browse->setText(QStringLiteral("…"));
    browse->setToolTip(tr("Choose a file"));
    browse->setAccessibleName(tr("Choose a file"));
    row->addWidget(m_path, 1);
    row->addWidget(browse);
    column->addLayout(row);

    auto* grid = new QGridLayout(m_parts);
    grid->setContentsMargins(0, 2, 0, 0);
    grid->setHorizontalSpacing(8);
    grid->setVerticalSpacing(4);
    grid->setColumnStretch(1, 1);
    addPart(grid, 0, m_layerLabel, tr("Layer"), m_layer);
    addPart(grid, 1, m_idLabel, tr("Named by"), m_id);
    addPart(grid, 2, m_whereLabel, tr("Only where"), m_where);
    m_id->setToolTip(tr("The attribute that names them in the result"));
    m_where->setPlaceholderText(tr("all of them"));
    m_where->setToolTip(tr("A condition as in SQL: crop = 'maize' AND area > 2"));
    column->addWidget(m_parts);
    m_parts->hide();

    setRole(m_draw, "link");
    column->addWidget(m_draw, 0, Qt::AlignLeft);
    m_look.setSingleShot(true);
    m_look.setInterval(kLookPauseMs);

    connect(m_path, &QLineEdit::textEdited, this, [this] {
      // Another file has other layers; a whole "plots.gpkg|layer=fields" may be pasted.
      const Json typed = kindText(m_path->text());
      m_value = typed;
      m_look.start();
      Q_EMIT edited(m_value);
    });
    connect(m_path, &QLineEdit::editingFinished, this, [this] {
      if (m_path->isModified()) Q_EMIT committed();
      m_path->setModified(false);
    });
    connect(m_where, &QLineEdit::textEdited, this, [this] { Q_EMIT edited(m_value = withPart("where", m_where->text().trimmed())); });
    connect(m_where, &QLineEdit::editingFinished, this, &ParamEditor::committed);
    connect(m_layer, &QComboBox::activated, this, [this] { choose("layer", m_layer->currentData().toString()); });
    connect(m_id, &QComboBox::activated, this, [this] { choose("id", m_id->currentData().toString()); });
    connect(browse, &QToolButton::clicked, this, &FeaturesEditor::browse);
    connect(m_draw, &QPushButton::clicked, this, &FeaturesEditor::draw);
    connect(&m_look, &QTimer::timeout, this, &FeaturesEditor::look);
  }

  QWidget* field() override { return m_path; }

  void setValue(const Json& value) override {
    if (value == m_value && m_isShown) return look();
    m_value = value.is_string() ? kindText(QString::fromStdString(value.get<std::string>())) : value;
    m_isShown = true;
    if (const QString path = part("path"); path != m_path->text()) m_path->setText(path);
    m_path->setModified(false);
    showParts();
    look();
  }

  void setContext(const EditorContext& context) override {
    ParamEditor::setContext(context);
    m_draw->setVisible(context.map && context.document);
    showDraw();
  }

  QString hint() const override {
    if (part("path").isEmpty()) return {};
    if (!m_problem.isEmpty()) return m_problem;
    const FeatureLayer* layer = chosenLayer();
    if (!layer) return m_layers.size() > 1 ? tr("%1 layers: choose one").arg(m_layers.size()) : QString();
    const QString what = layer->geometry == "polygons" ? tr("polygons") : layer->geometry == "points" ? tr("points") : tr("features");
    if (layer->geometry == "lines") return tr("Lines: polygons or points are needed");
    if (layer->geometry.empty()) return tr("This layer has no geometries");
    return layer->count < 0 ? what : QStringLiteral("%1 %2").arg(countText(layer->count), what);
  }

 private:
  using Layers = Result<std::vector<FeatureLayer>>;

  void addPart(QGridLayout* grid, int row, QLabel*& label, const QString& text, QWidget* field) {
    label = new QLabel(text);
    setRole(label, "muted");
    label->setFont(theme().font(12));
    label->setBuddy(field);
    field->setAccessibleName(paramLabel(m_param) + QLatin1Char(' ') + text);
    if (auto* combo = qobject_cast<QComboBox*>(field)) {
      combo->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
      combo->setMinimumContentsLength(6);
    }
    grid->addWidget(label, row, 0);
    grid->addWidget(field, row, 1);
  }

  Json kindText(const QString& text) const {
    if (text.trimmed().isEmpty()) return {};
    const Json value = featuresFromText(text.trimmed().toStdString());
    return value.size() == 1 ? value["path"] : value;
  }

  QString part(const char* name) const {
    if (m_value.is_string()) return std::string_view(name) == "path" ? QString::fromStdString(m_value.get<std::string>()) : QString();
    if (!m_value.is_object() || !m_value.contains(name) || !m_value[name].is_string()) return {};
    return QString::fromStdString(m_value[name].get<std::string>());
  }

  /// A path alone is written as a text.
  Json withPart(const char* name, const QString& text) const {
    Json value = m_value.is_object() ? m_value : m_value.is_string() ? Json{{"path", m_value}} : Json::object();
    if (text.isEmpty())
      value.erase(name);
    else
      value[name] = text.toStdString();
    if (value.empty()) return {};
    return value.size() == 1 && value.contains("path") ? value["path"] : value;
  }

  void choose(const char* name, const QString& text) {
    m_value = withPart(name, text);
    showParts();
    Q_EMIT edited(m_value);
    Q_EMIT committed();
  }

  QString filePath() const {
    const QString path = part("path");
    return path.isEmpty() || QFileInfo(path).isAbsolute() ? path : QDir(m_context.folder).filePath(path);
  }

  FeatureProvider* provider() const {
    const auto sources = m_context.document ? m_context.document->services().sources : nullptr;
    return sources ? sources->features() : nullptr;
  }

  /// Asks the engine for the layers; the file is opened on another thread.
  void look() {
    const QString path = filePath();
    const QFileInfo file(path);
    const QString print = path + QString::number(file.lastModified().toMSecsSinceEpoch()) + QString::number(file.size());
    if (print == m_lookedAt) return;
    m_lookedAt = print;
    m_task.cancel();
    m_layers.clear();
    m_problem.clear();
    FeatureLister* features = FeatureLister::of(provider());
    if (path.isEmpty() || !features) return showParts();
    m_task.start([features, keep = m_context.document->services().sources,
                  name = path.toStdString()](const CancelToken&) { return features->layers(name); },
                 [this](Layers layers) {
                   if (layers)
                     m_layers = std::move(*layers);
                   else
                     m_problem = QString::fromStdString(layers.error().text());
                   showParts();
                   Q_EMIT hintChanged();
                 });
  }

  const FeatureLayer* chosenLayer() const {
    const std::string name = part("layer").toStdString();
    if (name.empty()) return m_layers.size() == 1 ? &m_layers.front() : nullptr;
    const auto found = std::find_if(m_layers.begin(), m_layers.end(), [&name](const FeatureLayer& layer) { return layer.name == name; });
    return found == m_layers.end() ? nullptr : &*found;
  }

  /// `chosen` is shown although it may be no entry: the binding says what is wrong with it.
  static void show(QComboBox* combo, const QString& chosen) {
    int index = combo->findData(chosen);
    if (index < 0) {
      combo->addItem(chosen, chosen);
      index = combo->count() - 1;
    }
    combo->setCurrentIndex(index);
  }

  void showParts() {
    const bool hasFile = !part("path").isEmpty();
    m_layer->clear();
    if (m_layers.size() != 1) m_layer->addItem(tr("choose…"), QString());
    for (const FeatureLayer& layer : m_layers) {
      const QString name = QString::fromStdString(layer.name);
      const QString what = layer.geometry.empty() ? tr("no geometries") : QString::fromStdString(layer.geometry);
      m_layer->addItem(layer.count < 0 ? tr("%1 · %2").arg(name, what) : tr("%1 · %2 %3").arg(name, countText(layer.count), what), name);
    }
    if (m_layers.size() != 1 || !part("layer").isEmpty()) show(m_layer, part("layer"));
    const bool hasLayers = m_layers.size() > 1 || (!part("layer").isEmpty() && m_layers.size() != 1);
    m_layerLabel->setVisible(hasLayers);
    m_layer->setVisible(hasLayers);

    m_id->clear();
    m_id->addItem(tr("numbers, from 1"), QString());
    if (const FeatureLayer* layer = chosenLayer())
      for (const FeatureField& field : layer->fields) {
        QStringList examples;
        for (const std::string& example : field.examples) examples << QString::fromStdString(example).left(24);
        const QString name = QString::fromStdString(field.name);
        m_id->addItem(examples.isEmpty() ? name : tr("%1: %2…").arg(name, examples.join(QStringLiteral(", "))), name);
        m_id->setItemData(m_id->count() - 1, QString::fromStdString(field.type), Qt::ToolTipRole);
      }
    show(m_id, part("id"));
    if (m_where->text().trimmed() != part("where")) m_where->setText(part("where"));
    const bool hasAny = hasFile && (m_problem.isEmpty() || m_value.is_object());
    m_parts->setVisible(hasAny);
    showDraw();
  }

  void showDraw() {
    const bool hasFile = !part("path").isEmpty();
    m_draw->setText(hasFile               ? tr("Edit on the preview")
                    : isOfPoints(m_param) ? tr("Set points on the preview")
                                          : tr("Draw on the preview"));
    m_draw->setToolTip(hasFile ? tr("Moves corners and adds shapes; the file stays as it is, what is drawn becomes a file of its own")
                               : tr("What is drawn is saved as GeoJSON beside the chain"));
  }

  void browse() {
    const QString path =
        QFileDialog::getOpenFileName(this, paramLabel(m_param), filePath().isEmpty() ? m_context.folder : filePath(),
                                     tr("Polygons and points (*.gpkg *.geojson *.json *.shp *.fgb *.kml *.csv);;All files (*)"));
    if (path.isEmpty()) return;
    setValue(Json(path.toStdString()));
    Q_EMIT edited(m_value);
    Q_EMIT committed();
  }

  void draw() {
    if (!m_context.map || !m_context.document) return;
    if (part("path").isEmpty() || !provider() || !m_problem.isEmpty()) return ask({});
    m_draw->setEnabled(false);
    const FeaturesRequest request{filePath().toStdString(), part("layer").toStdString(), part("where").toStdString(),
                                  part("id").toStdString()};
    m_reading.start([features = provider(), keep = m_context.document->services().sources,
                     request](const CancelToken&) { return features->read(request); },
                    [this](Result<std::shared_ptr<const Features>> read) {
                      m_draw->setEnabled(true);
                      if (!read) return say(QString::fromStdString(read.error().text()));
                      const MapShapes shapes = shapesOf(**read, !isOfPoints(m_param));
                      if (const int corners = cornerCount(shapes); corners > kMostDrawnCorners)
                        return say(tr("It has %1 corners; up to %2 are edited by hand: choose some with 'Only where'")
                                       .arg(countText(corners), countText(kMostDrawnCorners)));
                      ask(shapes);
                    });
  }

  void say(const QString& text) { QToolTip::showText(m_draw->mapToGlobal(QPoint(0, m_draw->height())), text, m_draw); }

  /// The answer goes to the document, for by then another step's form may be shown.
  void ask(const MapShapes& start) {
    const bool arePolygons = !isOfPoints(m_param);
    Document* document = m_context.document;
    const QString node = m_context.node, name = QString::fromStdString(m_param.name);
    const QString stem = (document->path().isEmpty() ? QString() : QFileInfo(document->path()).completeBaseName() + QLatin1Char('_')) +
                         QStringLiteral("%1_%2").arg(node, name);
    MapQuestion::Asked asked{arePolygons ? MapQuestion::Kind::Polygons : MapQuestion::Kind::Points,
                             tr("%1 for %2").arg(paramLabel(m_param), document->stepName(node)),
                             start,
                             m_context.inputNode,
                             {}};
    asked.done = [document, node, name, stem, arePolygons, map = m_context.map](const MapShapes& shapes) {
      const Result<Json> value = saveShapes(shapes, arePolygons, QString::fromStdString(document->chain().folder), stem);
      if (value)
        document->setParam(node, name, *value);
      else
        Q_EMIT map->failed(QString::fromStdString(value.error().text()));
    };
    m_context.map->ask(std::move(asked));
  }

  FieldLine* m_path;
  QWidget* m_parts;
  QComboBox *m_layer, *m_id;
  FieldLine* m_where;
  QPushButton* m_draw;
  QLabel *m_layerLabel = nullptr, *m_idLabel = nullptr, *m_whereLabel = nullptr;
  Json m_value;
  bool m_isShown = false;
  std::vector<FeatureLayer> m_layers;
  QString m_problem, m_lookedAt;
  QTimer m_look;
  LatestTask<Layers> m_task;
  LatestTask<Result<std::shared_ptr<const Features>>> m_reading;
};

}  // namespace

ParamEditor* makeFeaturesEditor(const Param& param, QWidget* parent) { return new FeaturesEditor(param, parent); }

}  // namespace cubeloom
