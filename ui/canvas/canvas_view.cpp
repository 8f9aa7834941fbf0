// SPDX-License-Identifier: GPL-3.0-or-later
// Puts the chain zone together and turns requests of the canvas into edits of the document.
#include "ui/canvas/canvas_view.h"

#include <QGridLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QPushButton>
#include <QVBoxLayout>

#include "ui/document/chain_edits.h"
#include "ui/document/chain_layout.h"
#include "ui/document/ports.h"
#include "ui/steps/add_list.h"
#include "ui/theme/theme.h"

namespace cubeloom {

namespace {

constexpr int kHeaderHeight = 34;

/// The id a user reads as "after X".
QString nameOf(const CanvasScene& scene, const QString& id) {
  const NodeItem* item = scene.node(id);
  return item ? item->facts().title : id;
}

}  // namespace

CanvasView::CanvasView(Document& document, Session& session, QWidget* parent)
    : QWidget(parent),
      m_document(document),
      m_session(session),
      m_runs(new RunStates(document, session, this)),
      m_scene(new CanvasScene(document, session, *m_runs, this)),
      m_board(new CanvasBoard(document, *m_scene, this)),
      m_commands(new NodeCommands(document, &session, this)),
      m_addList(new AddList(document.services().registry, this)) {
  setFocusProxy(m_board);
  setMinimumSize(320, 96);  // with the preview's, less than what a low window leaves for the centre
  buildHeader();
  buildEmptyState();

  m_portCard = new QFrame(this);
  m_portCard->setProperty("role", QStringLiteral("card"));
  m_portCard->setAttribute(Qt::WA_TransparentForMouseEvents);
  m_portStrong = new QLabel;
  m_portStrong->setFont(theme().font(11, true));
  m_portMuted = new QLabel;
  m_portMuted->setProperty("role", QStringLiteral("muted"));
  m_portMuted->setFont(theme().font(11));
  auto* lines = new QVBoxLayout(m_portCard);
  lines->setContentsMargins(12, 8, 12, 8);
  lines->setSpacing(3);
  lines->addWidget(m_portStrong);
  lines->addWidget(m_portMuted);
  m_portCard->hide();

  m_rename = new QLineEdit(this);
  m_rename->setAccessibleName(tr("New name of the step"));
  m_rename->hide();
  connect(m_rename, &QLineEdit::editingFinished, this, [this] { endRename(true); });

  connect(m_board, &CanvasBoard::addRequested, this, &CanvasView::openAddList);
  connect(m_board, &CanvasBoard::portHovered, this, &CanvasView::showPortCard);
  connect(m_board, &CanvasBoard::menuRequested, this, &CanvasView::showMenu);
  connect(m_board, &CanvasBoard::parametersRequested, this, &CanvasView::parametersRequested);
  connect(m_board, &CanvasBoard::renameRequested, this, &CanvasView::beginRename);
  connect(m_commands, &NodeCommands::renameRequested, this, &CanvasView::beginRename);
  connect(m_addList, &AddList::chosen, this, &CanvasView::addChosen);
  connect(m_addList, &AddList::closed, m_board, [this] { m_board->setFocus(Qt::PopupFocusReason); });
  connect(m_scene, &CanvasScene::nodesChanged, this, &CanvasView::onNodesChanged);
  connect(m_board, &CanvasBoard::viewMoved, this, [this] { m_isFitted = false; });
  connect(m_commands, &NodeCommands::laidOut, this, &CanvasView::fitAll);
  connect(&document, &Document::replaced, this, [this] { m_fitPending = true; });
  connect(document.undoStack(), &QUndoStack::indexChanged, this, &CanvasView::onUndone);
  m_commands->setPastePosition([this] { return m_board->aim(); });
  buildActions();
  onNodesChanged();
}

void CanvasView::buildHeader() {
  m_header = new QWidget(this);
  m_header->setAttribute(Qt::WA_TransparentForMouseEvents);
  auto* title = new QLabel(tr("CHAIN"));
  setRole(title, "heading");
  auto* hint = new QLabel(tr("Tab adds a step · drop on a wire inserts"));
  setRole(hint, "muted");
  hint->setFont(theme().font(11));
  auto* row = new QHBoxLayout(m_header);
  row->setContentsMargins(13, 0, 13, 0);
  row->addWidget(title);
  row->addStretch();
  row->addWidget(hint);
  // Steps may lie under it: its words are not drawn over theirs.
  m_header->setAutoFillBackground(true);
  const auto paint = [this] {
    QPalette palette = m_header->palette();
    palette.setColor(QPalette::Window, color(Token::Canvas));
    m_header->setPalette(palette);
  };
  connect(&theme(), &Theme::changed, m_header, paint);
  paint();
}

void CanvasView::buildEmptyState() {
  m_empty = new QFrame(this);
  auto* sentence = new QLabel(tr("Drag a dataset here or press Tab"));
  sentence->setFont(theme().font(14));
  setRole(sentence, "muted");
  auto* open = new QPushButton(tr("Open a dataset…"));
  auto* sample = new QPushButton(tr("Open the sample"));
  connect(open, &QPushButton::clicked, this, &CanvasView::openDatasetRequested);
  connect(sample, &QPushButton::clicked, this, &CanvasView::openSampleRequested);
  auto* grid = new QGridLayout(m_empty);
  grid->setVerticalSpacing(12);
  grid->addWidget(sentence, 0, 0, 1, 2, Qt::AlignCenter);
  grid->addWidget(open, 1, 0, Qt::AlignRight);
  grid->addWidget(sample, 1, 1, Qt::AlignLeft);
}

void CanvasView::buildActions() {
  const auto add = [this](const QString& name, const QString& text, const QList<QKeySequence>& keys, auto run) {
    auto* action = new QAction(text, this);
    action->setObjectName(name);
    action->setShortcuts(keys);
    action->setShortcutContext(Qt::WidgetWithChildrenShortcut);
    connect(action, &QAction::triggered, this, run);
    addAction(action);
  };
  add(QStringLiteral("addStep"), tr("Add a step…"), {Qt::Key_Insert, Qt::SHIFT | Qt::Key_A}, [this] { addStep(); });
  add(QStringLiteral("fitSelection"), tr("Fit the selection"), {Qt::Key_F}, [this] { fitSelection(); });
  add(QStringLiteral("fitAll"), tr("Fit all"), {Qt::Key_Home}, [this] { fitAll(); });
  add(QStringLiteral("fullSize"), tr("100 %"), {Qt::CTRL | Qt::Key_1}, [this] {
    m_isFitted = false;
    m_board->setZoom(1, m_board->viewport()->rect().center());
  });
}

void CanvasView::fitAll() {
  m_board->fit(m_scene->rectOf(), kHeaderHeight);
  m_isFitted = true;
}

void CanvasView::fitSelection() {
  m_board->fit(m_scene->rectOf(m_document.selection()), kHeaderHeight);
  m_isFitted = m_document.selection().isEmpty();
}

void CanvasView::revealAdded(const QString& node) {
  const QPointF before = m_board->middle();
  m_board->reveal(node);
  const QPointF after = m_board->middle();
  if (after == before) return;
  m_isFitted = false;
  m_moved = {m_document.undoStack()->index(), before, after};
}

void CanvasView::showAdded(const QString& node) {
  constexpr double kReadable = 0.6;
  if (!m_isFitted) return revealAdded(node);
  fitAll();
  const Node* added = m_document.chain().find(node.toStdString());
  if (m_board->zoom() >= kReadable || !added) return;
  // All of it would be too small to be read: the step with what feeds it.
  QStringList shown{node};
  for (const std::string& input : added->inputs) shown << QString::fromStdString(inputNode(input));
  m_board->fit(m_scene->rectOf(shown), kHeaderHeight);
  m_isFitted = false;
}

void CanvasView::onUndone(int undoIndex) {
  if (undoIndex >= m_moved.undoIndex) return;
  const Moved moved = std::exchange(m_moved, {});
  if (undoIndex == moved.undoIndex - 1 && m_board->middle() == moved.after) m_board->centerOn(moved.before);
}

void CanvasView::revealWhatWasAdded() {
  QSet<QString> nodes;
  for (const auto& [id, item] : m_scene->nodes()) nodes << id;
  const QSet<QString> before = std::exchange(m_known, nodes);
  const QSet<QString> added = nodes - before;
  if (m_fitPending || added.size() != 1 || !(before - nodes).isEmpty()) return;
  // Once the step of undo is whole.
  QMetaObject::invokeMethod(
      this, [this, id = *added.begin()] { revealAdded(id); }, Qt::QueuedConnection);
}

void CanvasView::onNodesChanged() {
  revealWhatWasAdded();
  const bool empty = m_scene->nodes().empty();
  m_empty->setVisible(empty);
  if (m_renamed.isEmpty() == false && !m_scene->node(m_renamed)) endRename(false);
  if (m_wasEmpty && !empty) m_fitPending = true;
  m_wasEmpty = empty;
  if (m_fitPending && !empty && isVisible()) {
    m_fitPending = false;
    fitAll();
  }
}

void CanvasView::showEvent(QShowEvent* event) {
  QWidget::showEvent(event);
  arrange();
  onNodesChanged();
}

void CanvasView::keyPressEvent(QKeyEvent* event) {
  if (event->key() == Qt::Key_Escape && m_rename->isVisible())
    endRename(false);
  else
    QWidget::keyPressEvent(event);
}

void CanvasView::resizeEvent(QResizeEvent* event) {
  // The middle stays in the middle.
  const QPointF middle = m_board->middle();
  QWidget::resizeEvent(event);
  arrange();
  if (m_isFitted)
    fitAll();
  else
    m_board->centerOn(middle);
}

void CanvasView::arrange() {
  m_board->setGeometry(rect());
  constexpr int kFrame = 2;  // of the focus, which is seen all around
  m_header->setGeometry(kFrame, kFrame, width() - 2 * kFrame, kHeaderHeight - kFrame);
  m_empty->adjustSize();
  m_empty->move((width() - m_empty->width()) / 2, (height() - m_empty->height()) / 2);
}

void CanvasView::addStep() {
  AddRequest request;
  request.position = m_board->aim();
  request.globalPos = m_board->viewport()->mapToGlobal(m_board->mapFromScene(request.position));
  openAddList(request);
}

void CanvasView::openAddList(AddRequest request) {
  QString hint;
  std::function<bool(const Declaration&)> accepts;
  // With one step selected the new one follows it; that is what a chain is built from, and what the keyboard needs.
  const QStringList selection = m_document.selection();
  const bool fresh = request.from.isEmpty() && request.to.isEmpty();
  if (fresh && selection.size() == 1 && m_scene->node(selection.first()) && m_scene->node(selection.first())->facts().hasOutput) {
    hint = tr("After %1 when it takes an input").arg(nameOf(*m_scene, selection.first()));
  } else if (request.intoWire) {
    hint = tr("Between %1 and %2").arg(nameOf(*m_scene, request.from), nameOf(*m_scene, request.to));
    accepts = [](const Declaration& d) { return d.maxInputs() > 0 && hasOutputPort(d); };
  } else if (!request.from.isEmpty()) {
    hint = tr("Takes the output of %1").arg(nameOf(*m_scene, request.from));
    accepts = [](const Declaration& d) { return d.maxInputs() > 0; };
  } else if (!request.to.isEmpty()) {
    hint = tr("Feeds %1").arg(nameOf(*m_scene, request.to));
    accepts = [](const Declaration& d) { return hasOutputPort(d); };
  }
  m_request = std::move(request);
  m_pointed = m_board->viewport()->underMouse();
  m_addList->popup(m_request.globalPos, hint, accepts);
}

void CanvasView::addChosen(const QString& operation) {
  const Operation* found = m_document.services().registry->find(operation.toStdString());
  if (!found) return;
  QString id;
  if (m_request.intoWire) {
    id = m_document.insertNode(operation, Json::object(), m_request.to, m_request.toPort);
  } else if (!m_request.to.isEmpty()) {
    const UndoMacro macro(m_document, tr("Add %1").arg(QString::fromStdString(found->declaration().title)));
    id = m_document.addNode(operation, Json::object(), m_request.position);
    m_document.connectNodes(id, m_request.to, m_request.toPort);
  } else {
    QStringList inputs;
    QPointF position = m_request.position;
    const QStringList selection = m_document.selection();
    const NodeItem* before = selection.size() == 1 ? m_scene->node(selection.first()) : nullptr;
    if (!m_request.from.isEmpty()) {
      inputs << m_request.from;
    } else if (before && before->facts().hasOutput && found->declaration().maxInputs() > 0) {
      inputs << selection.first();
      if (!m_pointed) position = before->pos() + QPointF(kColumnStep, 0);
    }
    id = m_document.addNode(operation, Json::object(), position, inputs);
  }
  m_request = {};
  if (id.isEmpty()) return;
  m_document.setSelection({id});
  revealAdded(id);
}

void CanvasView::showPortCard(const PortRef& port) {
  const NodeItem* item = port.isValid() ? m_scene->node(port.node) : nullptr;
  if (!item) {
    m_portCard->hide();
    return;
  }
  // An input shows what flows into it.
  const QString source = port.isOutput() ? port.node : item->facts().inputs.value(port.port);
  QStringList lines = portCardLines(m_document, m_session.plan().get(), source);
  if (source.isEmpty()) {
    lines = {tr("not connected"), tr("drag a wire here")};
  } else if (lines.isEmpty()) {
    lines = {m_document.isBinding() ? tr("reading…") : tr("not known"), item->facts().error};
  }
  const int inputs = static_cast<int>(item->facts().inputs.size());
  if (!port.isOutput() && inputs > 1) lines.first().prepend(tr("input %1 of %2 · ").arg(port.port + 1).arg(inputs));
  m_portStrong->setText(lines.first());
  m_portMuted->setText(lines.mid(1).join(QLatin1Char('\n')));
  m_portCard->layout()->activate();
  m_portCard->adjustSize();
  const QPoint below = m_board->mapFromScene(QPointF(item->frame().left(), item->frame().bottom()) + QPointF(0, 14));
  QPoint place(qBound(4, below.x(), std::max(4, width() - m_portCard->width() - 4)), below.y());
  if (place.y() + m_portCard->height() > height() - 4)
    place.setY(m_board->mapFromScene(item->frame().topLeft()).y() - m_portCard->height() - 14);
  m_portCard->move(place);
  m_portCard->show();
  m_portCard->raise();
}

void CanvasView::showMenu(QPoint globalPos, QPointF scenePos) {
  QMenu menu(this);
  const NodeItem* node = m_scene->nodeAt(scenePos);
  const WireItem* wire = node ? nullptr : m_scene->wireAt(scenePos, 8 / m_board->zoom());
  if (node) {
    if (!m_document.selection().contains(node->facts().id)) m_document.setSelection({node->facts().id});
    m_commands->fillMenu(menu);
  } else if (wire) {
    AddRequest request;
    request.globalPos = globalPos;
    request.position = scenePos;
    request.from = wire->source();
    request.to = wire->consumer();
    request.toPort = wire->port();
    request.intoWire = true;
    menu.addAction(tr("Insert a step…"), this, [this, request] { openAddList(request); });
    menu.addAction(tr("Remove the wire"), this, [this, to = wire->consumer(), port = wire->port()] { m_document.disconnect(to, port); });
  } else {
    AddRequest request;
    request.globalPos = globalPos;
    request.position = scenePos;
    menu.addAction(tr("Add a step…"), this, [this, request] { openAddList(request); });
    for (const char* name : {"paste", "selectAll", "layout"}) menu.addAction(m_commands->action(QLatin1String(name)));
    menu.addSeparator();
    for (QAction* action : actions())
      if (action->objectName().startsWith(QLatin1String("fit")) || action->objectName() == QLatin1String("fullSize"))
        menu.addAction(action);
  }
  menu.exec(globalPos);
}

void CanvasView::beginRename(const QString& node) {
  const NodeItem* item = m_scene->node(node);
  if (!item) return;
  m_board->reveal(node);
  m_renamed = node;
  const QRectF title = item->titleRect();
  const QPoint topLeft = m_board->mapFromScene(title.topLeft());
  m_rename->setGeometry(topLeft.x(), topLeft.y() - 2, std::max(130, static_cast<int>(title.width() * m_board->zoom())), 28);
  m_rename->setText(node);
  m_rename->selectAll();
  m_rename->show();
  m_rename->raise();
  m_rename->setFocus(Qt::OtherFocusReason);
}

void CanvasView::endRename(bool accept) {
  if (m_renamed.isEmpty()) return;
  const QString node = std::exchange(m_renamed, {});
  const QString name = m_rename->text().trimmed();
  m_rename->hide();
  m_board->setFocus(Qt::OtherFocusReason);
  if (accept && !name.isEmpty() && name != node) m_document.renameNode(node, name);
}

}  // namespace cubeloom
