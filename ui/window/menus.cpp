// SPDX-License-Identifier: GPL-3.0-or-later
// Every action of the menu bar.
#include "ui/window/menus.h"

#include <QActionGroup>
#include <QMainWindow>
#include <QMenuBar>

#include "ui/canvas/canvas_view.h"
#include "ui/document/code_languages.h"
#include "ui/guide/guide_window.h"
#include "ui/map/preview_view.h"
#include "ui/run/run_bar.h"
#include "ui/theme/icons.h"
#include "ui/window/command_palette.h"
#include "ui/window/file_actions.h"
#include "ui/window/help_panels.h"
#include "ui/window/layout.h"
#include "ui/window/settings.h"
#include "ui/window/settings_panel.h"

namespace cubeloom {

namespace {

QString plain(QString text) { return text.remove(QLatin1Char('&')); }

void collect(const QMenu* menu, const QString& path, std::vector<Command>& commands) {
  for (QAction* action : menu->actions()) {
    if (action->isSeparator()) continue;
    const QString text = path + plain(action->text());
    if (action->menu()) {
      // Lists that are filled when shown have nothing to offer before.
      Q_EMIT action->menu()->aboutToShow();
      collect(action->menu(), text + QStringLiteral(": "), commands);
    } else if (action->isEnabled()) {
      commands.push_back({text, action->shortcut().toString(QKeySequence::NativeText), [action] { action->trigger(); }});
    }
  }
}

}  // namespace

QAction* Menus::add(QMenu* menu, const QString& text, const QKeySequence& keys, std::function<void()> run) {
  QAction* action = menu->addAction(text);
  action->setShortcut(keys);
  connect(action, &QAction::triggered, this, [run = std::move(run)] { run(); });
  return action;
}

Menus::Menus(QMainWindow& window, Document& document, Session& session, Layout& layout, FileActions& files, RunBar& runBar)
    : m_window(window), m_document(document), m_session(session), m_layout(layout), m_files(files), m_runBar(runBar) {
  buildFileMenu();
  buildEditMenu();
  buildChainMenu();
  buildRunMenu();
  buildViewMenu();
  buildHelpMenu();
  m_runBar.addLeadingAction(m_open, true);
  m_runBar.addLeadingAction(m_undo, false);
  m_runBar.addLeadingAction(m_redo, false);
}

void Menus::buildFileMenu() {
  QMenu* menu = m_window.menuBar()->addMenu(tr("&File"));
  add(menu, tr("&New chain"), QKeySequence::New, [this] { m_files.newChain(); });
  m_open = add(menu, tr("&Open…"), QKeySequence::Open, [this] { m_files.chooseAndOpen(); });
  m_open->setIconText(tr("Open"));
  QMenu* chains = menu->addMenu(tr("Recent &chains"));
  connect(chains, &QMenu::aboutToShow, this, [this, chains] { m_files.fillRecent(chains, QStringLiteral("recent/chains")); });
  QMenu* datasets = menu->addMenu(tr("Recent &datasets"));
  connect(datasets, &QMenu::aboutToShow, this, [this, datasets] { m_files.fillRecent(datasets, QStringLiteral("browser/recent")); });
  add(menu, tr("Open the sa&mple"), {}, [this] { m_files.openExample(QStringLiteral("sample")); });
  m_files.fillExamples(menu->addMenu(tr("&Examples")));
  menu->addSeparator();
  add(menu, tr("&Save"), QKeySequence::Save, [this] { m_files.save(); });
  add(menu, tr("Save &as…"), QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_S), [this] { m_files.saveAs(); });
  QMenu* code = menu->addMenu(tr("Save as co&de"));
  for (const CodeLanguage& language : codeLanguages())
    add(code, tr("%1…").arg(language.name), {}, [this, id = language.id] { m_files.saveAsCode(id); });
  menu->addSeparator();
  add(menu, tr("&Quit"), QKeySequence::Quit, [this] { m_window.close(); });
}

void Menus::buildEditMenu() {
  QMenu* menu = m_window.menuBar()->addMenu(tr("&Edit"));
  m_undo = m_document.undoStack()->createUndoAction(this, tr("Undo"));
  m_undo->setShortcut(QKeySequence::Undo);
  setThemedIcon(m_undo, "undo");
  m_redo = m_document.undoStack()->createRedoAction(this, tr("Redo"));
  m_redo->setShortcut(QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_Z));
  setThemedIcon(m_redo, "redo");
  menu->addAction(m_undo);
  menu->addAction(m_redo);
  menu->addSeparator();
  for (const char* name : {"cut", "copy", "paste", "duplicate", "remove", "removeHeal", "selectAll"}) {
    if (QAction* action = m_layout.view<CanvasView>().commands().action(QLatin1String(name))) menu->addAction(action);
  }
  menu->addSeparator();
  add(menu, tr("Command &palette…"), QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_P), [this] { openPalette(); });
  add(menu, tr("Settin&gs…"), QKeySequence(Qt::CTRL | Qt::Key_Comma), [this] { openSettings(); });
}

void Menus::buildChainMenu() {
  QMenu* menu = m_window.menuBar()->addMenu(tr("&Chain"));
  QMenu* steps = menu->addMenu(tr("&Add a step"));
  std::map<std::string, QMenu*> categories;
  for (const Operation* operation : m_document.services().registry->all()) {
    const Declaration& declaration = operation->declaration();
    QMenu*& category = categories[declaration.category];
    if (!category) category = steps->addMenu(QString::fromStdString(declaration.category));
    QAction* action = category->addAction(QString::fromStdString(declaration.title));
    action->setToolTip(QString::fromStdString(declaration.summary));
    action->setStatusTip(action->toolTip());
    connect(action, &QAction::triggered, this, [this, id = QString::fromStdString(declaration.id), inputs = declaration.maxInputs()] {
      const QStringList selected = m_document.selection();
      const bool follows = inputs > 0 && selected.size() == 1;
      const QString node = m_document.addNode(id, Json::object(), {}, follows ? selected : QStringList());
      m_document.setSelection({node});
    });
  }
  menu->addSeparator();
  for (const char* name :
       {"view", "compare", "", "rename", "bypass", "connect", "", "layout", "", "copyCommand", "copyPython", "copyGdal"}) {
    if (!*name) {
      menu->addSeparator();
    } else if (QAction* action = m_layout.view<CanvasView>().commands().action(QLatin1String(name))) {
      menu->addAction(action);
    }
  }
  menu->addSeparator();
  add(menu, tr("Show the whole chain"), {}, [this] { m_layout.view<CanvasView>().fitAll(); });
}

void Menus::buildRunMenu() {
  QMenu* menu = m_window.menuBar()->addMenu(tr("&Run"));
  QAction* run =
      add(menu, tr("&Run"), QKeySequence(Qt::CTRL | Qt::Key_R), [this] { m_session.isRunning() ? m_runBar.enqueue() : m_runBar.run(); });
  QAction* toHere = add(menu, tr("Run to &here"), QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_R), [this] { m_runBar.runToHere(); });
  QAction* pause = add(menu, tr("&Pause"), {}, [this] { m_session.setPaused(!m_session.isPaused()); });
  QAction* stop = add(menu, tr("&Stop"), QKeySequence(Qt::CTRL | Qt::Key_Period), [this] { m_session.stop(); });
  QAction* discard = add(menu, tr("&Discard what is unfinished…"), {}, [this] { m_runBar.discardPart(); });
  menu->addSeparator();
  add(menu, tr("&Workers"), QKeySequence(Qt::ALT | Qt::Key_W), [this] { m_runBar.enterWorkers(); });
  add(menu, tr("&Memory budget"), QKeySequence(Qt::ALT | Qt::Key_M), [this] { m_runBar.enterMemory(); });
  menu->addSeparator();
  add(menu, tr("Why it cannot run"), {}, [this] { m_runBar.showBlockers(); });
  const auto refresh = [this, run, toHere, pause, stop, discard] {
    const bool running = m_session.isRunning();
    run->setText(running ? tr("Put this chain into the &queue") : tr("&Run"));
    toHere->setEnabled(!running && m_document.selection().size() == 1);
    pause->setEnabled(running);
    pause->setText(m_session.isPaused() ? tr("&Continue") : tr("&Pause"));
    stop->setEnabled(running && !m_session.isStopping());
    discard->setEnabled(!running && m_session.part().has_value());
  };
  connect(&m_session, &Session::runStarted, this, refresh);
  connect(&m_session, &Session::runFinished, this, refresh);
  connect(&m_session, &Session::optionsChanged, this, refresh);
  connect(&m_session, &Session::planChanged, this, refresh);
  connect(&m_document, &Document::selectionChanged, this, refresh);
  refresh();
}

void Menus::buildViewMenu() {
  QMenu* menu = m_window.menuBar()->addMenu(tr("&View"));
  QMenu* go = menu->addMenu(tr("&Go to"));
  for (ZoneDock* dock : m_layout.docks()) {
    const Zone& zone = dock->zone();
    const QKeySequence keys = zone.key ? QKeySequence(Qt::ALT | static_cast<Qt::Key>(zone.key)) : QKeySequence();
    setThemedIcon(add(go, dock->windowTitle(), keys, [dock] { dock->enter(); }), zone.icon, Token::Muted);
  }
  add(go, tr("Next zone"), QKeySequence(Qt::Key_F6), [this] { m_layout.cycle(1); });
  add(go, tr("Previous zone"), QKeySequence(Qt::SHIFT | Qt::Key_F6), [this] { m_layout.cycle(-1); });
  menu->addSeparator();
  for (ZoneDock* dock : m_layout.docks()) {
    menu->addAction(dock->toggleViewAction());
    // One that shares its place with others is behind them.
    connect(dock->toggleViewAction(), &QAction::triggered, dock, [dock](bool shown) {
      if (shown) dock->raise();
    });
  }
  menu->addSeparator();
  QAction* fullScreen = menu->addAction(tr("Preview &full screen"));
  fullScreen->setCheckable(true);
  fullScreen->setShortcut(Qt::Key_F11);
  m_window.addAction(fullScreen);  // the menu bar is hidden then, its shortcuts with it
  connect(fullScreen, &QAction::toggled, this, [this](bool on) { m_layout.setFullScreen(on ? &m_layout.dock<PreviewView>() : nullptr); });
  QAction* arrange = menu->addAction(tr("&Arrange zones"));
  arrange->setCheckable(true);
  connect(arrange, &QAction::toggled, this, [this](bool on) { m_layout.setArranging(on); });
  add(menu, tr("&Reset the layout"), {}, [this, arrange, fullScreen] {
    arrange->setChecked(false);
    fullScreen->setChecked(false);
    m_layout.reset();
  });
  menu->addSeparator();
  buildThemeMenu(menu->addMenu(tr("&Theme")));
}

void Menus::buildThemeMenu(QMenu* menu) {
  auto* group = new QActionGroup(this);
  const std::pair<Theme::Mode, QString> modes[] = {
      {Theme::Mode::System, tr("As the system")}, {Theme::Mode::Light, tr("Light")}, {Theme::Mode::Dark, tr("Dark")}};
  for (const auto& [mode, text] : modes) {
    QAction* action = menu->addAction(text);
    action->setCheckable(true);
    group->addAction(action);
    connect(action, &QAction::triggered, this, [mode = mode] {
      theme().setMode(mode);
      Settings settings = loadSettings();
      settings.theme = mode;
      saveSettings(settings);
    });
    connect(menu, &QMenu::aboutToShow, action, [action, mode = mode] { action->setChecked(theme().mode() == mode); });
  }
}

void Menus::openSettings() {
  if (auto* open = m_window.findChild<SettingsPanel*>()) return open->activateWindow();
  auto* panel = new SettingsPanel(m_session.system(), &m_window);
  connect(panel, &SettingsPanel::changed, this, [this, before = loadSettings()](const Settings& now) mutable {
    theme().setMode(now.theme);
    theme().setReducedMotion(now.reducedMotion);
    if (now.workers != before.workers || now.memoryBytes != before.memoryBytes) applyRunSettings(now, m_session);
    before = now;
  });
  panel->show();
}

void Menus::buildHelpMenu() {
  QMenu* menu = m_window.menuBar()->addMenu(tr("&Help"));
  add(menu, tr("&Guide"), {}, [this] { openGuide(&m_window); });
  add(menu, tr("&Tutorials"), {}, [this] { openGuide(&m_window, QStringLiteral("tutorials.md")); });
  add(menu, tr("&Help on the step"), QKeySequence::HelpContents, [this] {
    const QString id = m_document.selection().value(0);
    const Node* node = m_document.chain().find(id.toStdString());
    const Operation* operation = node ? m_document.services().registry->find(node->op) : nullptr;
    if (operation) {
      const Declaration& declaration = operation->declaration();
      openGuide(&m_window, QStringLiteral("operations.md"), QString::fromStdString(declaration.title + " (" + declaration.id + ")"));
    } else {
      openGuide(&m_window);
    }
  });
  add(menu, tr("&Keyboard shortcuts"), {}, [this] { showShortcutList(&m_window); });
  add(menu, tr("&About Cubeloom"), {}, [this] { showAbout(&m_window); });
}

void Menus::openPalette() {
  std::vector<Command> commands;
  for (const QAction* action : m_window.menuBar()->actions()) {
    if (action->menu()) collect(action->menu(), plain(action->text()) + QStringLiteral(": "), commands);
  }
  for (const Node& node : m_document.chain().nodes) {
    const QString id = QString::fromStdString(node.id);
    commands.push_back({tr("Go to step: %1").arg(m_document.stepName(id)), {}, [this, id] {
                          m_document.setSelection({id});
                          m_layout.dock<CanvasView>().enter();
                        }});
  }
  (new CommandPalette(std::move(commands), &m_window))->open();
}

}  // namespace cubeloom
