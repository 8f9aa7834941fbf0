// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/map/preview_header.h"

#include <QActionGroup>
#include <QFormLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QMenu>
#include <QPushButton>
#include <QSpinBox>
#include <QToolButton>
#include <QWidgetAction>
#include <array>

#include "ui/theme/elided_label.h"
#include "ui/theme/theme.h"

namespace cubeloom {

namespace {

QString stretchLabel(const PictureStyle& style) {
  if (!style.frozen.empty()) return PreviewHeader::tr("Stretch held");
  switch (style.stretch) {
    case StretchMode::Percent: return PreviewHeader::tr("Stretch 2–98 % of view");
    case StretchMode::MinMax: return PreviewHeader::tr("Stretch min–max of view");
    case StretchMode::Unit: break;
  }
  return PreviewHeader::tr("Stretch 0–1");
}

QString compareLabel(CompareMode mode) {
  switch (mode) {
    case CompareMode::Swipe: return PreviewHeader::tr("Swipe");
    case CompareMode::Flicker: return PreviewHeader::tr("Flicker");
    case CompareMode::Difference: return PreviewHeader::tr("Difference A − B");
    case CompareMode::Off: break;
  }
  return PreviewHeader::tr("A only");
}

QString plain(const QString& text) { return QString(text).replace(QLatin1Char('&'), QStringLiteral("&&")); }

}  // namespace

/// A narrow zone shortens the words before it hides a control, or makes its neighbours narrower.
class WordButton : public QToolButton {
 public:
  void setWords(const QString& words, bool hasArrow) {
    if (words == m_words && hasArrow == m_hasArrow) return;
    m_words = words;
    m_hasArrow = hasArrow;
    setAccessibleDescription(words);
    updateGeometry();
    shorten();
  }
  /// Not each time anew: a style sheet that is set goes through the whole look of the button.
  void setLook(const QString& rules) {
    const QString sheet = rules + QStringLiteral("QToolButton::menu-indicator { image: none; }");
    if (styleSheet() != sheet) setStyleSheet(sheet);
  }
  QSize sizeHint() const override {
    const QSize shown = QToolButton::sizeHint();
    return {shown.width() + fontMetrics().horizontalAdvance(full(m_words)) - fontMetrics().horizontalAdvance(text()), shown.height()};
  }
  QSize minimumSizeHint() const override { return {kLeastWidth, QToolButton::minimumSizeHint().height()}; }

 protected:
  void resizeEvent(QResizeEvent* event) override {
    QToolButton::resizeEvent(event);
    shorten();
  }

 private:
  static constexpr int kLeastWidth = 34;
  QString full(const QString& words) const { return m_hasArrow ? words + QStringLiteral(" ▾") : words; }
  void shorten() {
    const int missing = sizeHint().width() - width();
    const QFontMetrics metrics = fontMetrics();
    const QString fitting =
        missing > 0 ? metrics.elidedText(m_words, Qt::ElideRight, std::max(0, metrics.horizontalAdvance(m_words) - missing)) : m_words;
    setText(plain(full(fitting)));
  }

  QString m_words;
  bool m_hasArrow = false;
};

PreviewHeader::PreviewHeader(QWidget* parent) : QWidget(parent) {
  auto* row = new QHBoxLayout(this);
  row->setContentsMargins(12, 2, 8, 2);
  row->setSpacing(6);
  auto* heading = new QLabel(tr("PREVIEW"));
  setRole(heading, "heading");
  row->addWidget(heading);
  m_a = addButton(tr("Side A: the node with the eye"));
  m_b = addButton(tr("Side B: the node compared with it (Shift+V on the canvas)"));
  row->addStretch(1);
  m_bands = addButton(tr("Bands of the picture: 1 true colour, 2 infrared, 3 short wave, 4 one band"));
  m_stretch = addButton(tr("Which values become dark and bright; H stretches to the view"));
  m_compare = addButton(tr("How A and B are compared: S swipe, hold Space flicker, D difference"));
  m_decimation = new ElidedLabel;
  row->addWidget(m_decimation);
  row->addStretch(1);

  for (int side = 0; side < 2; ++side) {
    auto* menu = (side == 0 ? m_a : m_b)->menu();
    connect(menu, &QMenu::aboutToShow, this, [this, side] { fillNodeMenu(side); });
  }
  connect(m_bands->menu(), &QMenu::aboutToShow, this, &PreviewHeader::fillBandMenu);
  connect(m_stretch->menu(), &QMenu::aboutToShow, this, &PreviewHeader::fillStretchMenu);
  connect(m_compare->menu(), &QMenu::aboutToShow, this, &PreviewHeader::fillCompareMenu);
}

WordButton* PreviewHeader::addButton(const QString& tip) {
  auto* button = new WordButton;
  button->setToolTip(tip);
  button->setAccessibleName(tip);
  button->setPopupMode(QToolButton::InstantPopup);
  button->setMenu(new QMenu(button));
  button->setFocusPolicy(Qt::TabFocus);
  button->setLook({});
  button->setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Fixed);
  setRole(button, "flat");
  layout()->addWidget(button);
  return button;
}

void PreviewHeader::setNodes(std::vector<std::pair<QString, QString>> nodes) { m_nodes = std::move(nodes); }

void PreviewHeader::showScene(const PreviewScene& scene, CompareMode mode) {
  m_scene = &scene;
  m_mode = mode;
  const auto& a = scene.side(0);
  const auto& b = scene.side(1);
  m_a->setWords(a.node.isEmpty() ? tr("A") : tr("A %1").arg(a.title), a.node.isEmpty());
  m_b->setWords(b.node.isEmpty() ? tr("B") : tr("B %1").arg(b.title), b.node.isEmpty());
  m_a->setLook(QStringLiteral("QToolButton { font-weight: 600; }"));
  m_b->setLook(QStringLiteral("QToolButton { font-weight: 600; color: %1; border-left: 2px solid %1; border-radius: 0; }")
                   .arg(color(b.node.isEmpty() ? Token::Muted : Token::Accent).name()));
  const auto* lead = scene.lead();
  m_bands->setVisible(lead != nullptr);
  // Classes have their colours: there is nothing to stretch.
  m_stretch->setVisible(lead && colorMapOf(*lead->spec(), scene.bands()) != kClassColours);
  m_compare->setVisible(a.isShown() && b.isShown());
  if (lead) {
    QString shown = bandsLabel(*lead->spec(), scene.bands());
    if (const QString where = othersText(*lead->spec(), scene.others()); !where.isEmpty()) shown += QStringLiteral(" · ") + where;
    m_bands->setWords(shown, true);
    m_stretch->setWords(stretchLabel(scene.style()), true);
    m_compare->setWords(compareLabel(mode), true);
  }
  const QString decimation = scene.decimationText();
  m_decimation->setText(decimation);
  m_decimation->setToolTip(decimation + QLatin1Char('\n') +
                           tr("Array pixels per picture pixel. Every pixel shown is a real one; Z shows all of them."));
  setRole(m_decimation, decimation == QStringLiteral("exact") ? "muted" : "warning");
}

void PreviewHeader::fillNodeMenu(int side) {
  QMenu* menu = (side == 0 ? m_a : m_b)->menu();
  menu->clear();
  const QString current = m_scene ? m_scene->side(side).node : QString();
  for (const auto& [id, title] : m_nodes) {
    QAction* action = menu->addAction(plain(title));
    action->setCheckable(true);
    action->setChecked(id == current);
    connect(action, &QAction::triggered, this, [this, side, node = id] { Q_EMIT nodeChosen(side, node); });
  }
  if (!m_nodes.empty()) menu->addSeparator();
  QAction* none = menu->addAction(side == 0 ? tr("Nothing") : tr("Nothing: show A alone"));
  none->setEnabled(!current.isEmpty());
  connect(none, &QAction::triggered, this, [this, side] { Q_EMIT nodeChosen(side, QString()); });
}

void PreviewHeader::fillBandMenu() {
  QMenu* menu = m_bands->menu();
  menu->clear();
  const auto* lead = m_scene ? m_scene->lead() : nullptr;
  if (!lead) return;
  const ArraySpec spec = *lead->spec();
  const BandChoice current = m_scene->bands();
  const auto add = [&](const QString& text, const QString& key, const BandChoice& choice) {
    QAction* action = menu->addAction(text + QLatin1Char('\t') + key);
    action->setCheckable(true);
    action->setChecked(choice == current);
    connect(action, &QAction::triggered, this, [this, choice] { Q_EMIT bandsChosen(choice); });
  };
  if (!wavelengthsOf(spec).empty()) {
    add(tr("True colour 650 · 560 · 470 nm"), QStringLiteral("1"), trueColour());
    add(tr("Colour infrared 863 · 650 · 560 nm"), QStringLiteral("2"), colourInfrared());
    add(tr("Short wave 2,200 · 1,650 · 863 nm"), QStringLiteral("3"), shortWave());
  } else {
    add(tr("The array's own order"), QStringLiteral("1"), BandChoice{});
  }
  const std::int64_t first = bandsOf(spec, current).front();
  QMenu* single = menu->addMenu(tr("One band, in colours"));
  std::vector<std::string> names = colorMapNames();
  if (!spec.classColours.empty()) names.insert(names.begin(), kClassColours);
  for (const std::string& name : names) {
    QAction* action = single->addAction(QString::fromStdString(name));
    action->setCheckable(true);
    action->setChecked(bandsOf(spec, current).size() == 1 && colorMapOf(spec, current) == name);
    connect(action, &QAction::triggered, this, [this, spec, first, name] { Q_EMIT bandsChosen(singleBand(spec, first, name)); });
  }
  addBandPicker(menu->addMenu(tr("Pick bands")));
}

void PreviewHeader::addBandPicker(QMenu* menu) {
  const ArraySpec spec = *m_scene->lead()->spec();
  std::vector<std::int64_t> now = bandsOf(spec, m_scene->bands());
  now.resize(3, now.front());
  auto* panel = new QWidget;
  auto* form = new QFormLayout(panel);
  const auto wavelengths = wavelengthsOf(spec);
  std::array<QSpinBox*, 3> boxes{};
  const std::array<QString, 3> names{tr("Red"), tr("Green"), tr("Blue")};
  for (std::size_t i = 0; i < 3; ++i) {
    auto* box = new QSpinBox;
    box->setRange(1, static_cast<int>(bandCount(spec)));
    box->setValue(static_cast<int>(now[i]) + 1);
    const auto tell = [box, wavelengths](int band) {
      if (!wavelengths.empty()) box->setSuffix(QStringLiteral(" · %1 nm").arg(qRound(wavelengths[static_cast<std::size_t>(band - 1)])));
    };
    tell(box->value());
    connect(box, &QSpinBox::valueChanged, box, tell);
    form->addRow(names[i], box);
    boxes[i] = box;
  }
  auto* button = new QPushButton(tr("Show these"));
  form->addRow(button);
  connect(button, &QPushButton::clicked, this, [this, spec, boxes] {
    m_bands->menu()->close();
    Q_EMIT bandsChosen(pickedBands(spec, {boxes[0]->value() - 1, boxes[1]->value() - 1, boxes[2]->value() - 1}));
  });
  auto* action = new QWidgetAction(menu);
  action->setDefaultWidget(panel);
  menu->addAction(action);
}

void PreviewHeader::fillStretchMenu() {
  QMenu* menu = m_stretch->menu();
  menu->clear();
  if (!m_scene) return;
  const PictureStyle current = m_scene->style();
  const std::array<std::pair<QString, StretchMode>, 3> modes{{{tr("2–98 % of the view\tH"), StretchMode::Percent},
                                                              {tr("Minimum to maximum of the view"), StretchMode::MinMax},
                                                              {tr("0 to 1"), StretchMode::Unit}}};
  for (const auto& [text, mode] : modes) {
    QAction* action = menu->addAction(text);
    action->setCheckable(true);
    action->setChecked(current.stretch == mode && current.frozen.empty());
    connect(action, &QAction::triggered, this, [this, current, chosen = mode] {
      PictureStyle style = current;
      style.stretch = chosen;
      style.frozen.clear();
      Q_EMIT styleChosen(style);
    });
  }
  menu->addSeparator();
  QAction* hold = menu->addAction(tr("Hold while moving"));
  hold->setCheckable(true);
  hold->setChecked(!current.frozen.empty());
  connect(hold, &QAction::toggled, this, [this](bool on) { Q_EMIT freezeChosen(on); });
  QAction* lock = menu->addAction(tr("Same for A and B"));
  lock->setCheckable(true);
  lock->setChecked(current.locked);
  connect(lock, &QAction::toggled, this, [this, current](bool on) {
    PictureStyle style = current;
    style.locked = on;
    Q_EMIT styleChosen(style);
  });
}

void PreviewHeader::fillCompareMenu() {
  QMenu* menu = m_compare->menu();
  menu->clear();
  const std::array<std::pair<QString, CompareMode>, 4> modes{{{tr("Swipe\tS"), CompareMode::Swipe},
                                                              {tr("Flicker\tSpace"), CompareMode::Flicker},
                                                              {tr("Difference A − B\tD"), CompareMode::Difference},
                                                              {tr("A only"), CompareMode::Off}}};
  for (const auto& [text, mode] : modes) {
    QAction* action = menu->addAction(text);
    action->setCheckable(true);
    action->setChecked(mode == m_mode);
    connect(action, &QAction::triggered, this, [this, chosen = mode] { Q_EMIT compareChosen(chosen); });
  }
}

}  // namespace cubeloom
