// SPDX-License-Identifier: GPL-3.0-or-later
// Menus, shortcuts and the command palette.
#include <QActionGroup>
#include <QMenuBar>

#include "ui/canvas/canvas_view.h"
#include "ui/map/preview_view.h"
#include "ui/run/run_bar.h"
#include "ui/theme/icons.h"
#include "ui/window/command_palette.h"
#include "ui/window/help_panels.h"
#include "ui/window/main_window.h"
#include "ui/window/main_window_background.h"
#include "ui/window/settings_panel.h"
#include "ui/window/zone_dock.h"

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

QAction* MainWindow::add(QMenu* menu, const QString& text, const QKeySequence& keys, std::function<void()> run) {
  QAction* action = menu->addAction(text);
  action->setShortcut(keys);
  connect(action, &QAction::triggered, this, [run = std::move(run)] { run(); });
  return action;
}

void MainWindow::buildActions() {
  buildFileMenu();
  buildEditMenu();
  buildChainMenu();
  buildRunMenu();
  buildViewMenu();
  buildHelpMenu();
  m_runBar->addLeadingAction(m_open, true);
  m_runBar->addLeadingAction(m_undo, false);
  m_runBar->addLeadingAction(m_redo, false);
}

void MainWindow::buildFileMenu() {
  QMenu* menu = menuBar()->addMenu(tr("&File"));
  add(menu, tr("&New chain"), QKeySequence::New, [this] {
    if (maySetAside()) m_document->newChain();
  });
  m_open = add(menu, tr("&Open…"), QKeySequence::Open, [this] { chooseAndOpen(); });
  m_open->setIconText(tr("Open"));
  QMenu* chains = menu->addMenu(tr("Recent &chains"));
  connect(chains, &QMenu::aboutToShow, this, [this, chains] { fillRecent(chains, QStringLiteral("recent/chains")); });
  QMenu* datasets = menu->addMenu(tr("Recent &datasets"));
  connect(datasets, &QMenu::aboutToShow, this, [this, datasets] { fillRecent(datasets, QStringLiteral("browser/recent")); });
  add(menu, tr("Open the sa&mple"), {}, [this] { openSample(); });
  menu->addSeparator();
  add(menu, tr("&Save"), QKeySequence::Save, [this] { save(); });
  add(menu, tr("Save &as…"), QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_S), [this] { saveAs(); });
  menu->addSeparator();
  add(menu, tr("&Quit"), QKeySequence::Quit, [this] { close(); });
}

void MainWindow::buildEditMenu() {
  QMenu* menu = menuBar()->addMenu(tr("&Edit"));
  m_undo = m_document->undoStack()->createUndoAction(this, tr("Undo"));
  m_undo->setShortcut(QKeySequence::Undo);
  setThemedIcon(m_undo, "undo");
  m_redo = m_document->undoStack()->createRedoAction(this, tr("Redo"));
  m_redo->setShortcut(QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_Z));
  setThemedIcon(m_redo, "redo");
  menu->addAction(m_undo);
  menu->addAction(m_redo);
  menu->addSeparator();
  for (const char* name : {"cut", "copy", "paste", "duplicate", "remove", "removeHeal", "selectAll"}) {
    if (QAction* action = m_canvas->commands().action(QLatin1String(name))) menu->addAction(action);
  }
  menu->addSeparator();
  add(menu, tr("Command &palette…"), QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_P), [this] { openPalette(); });
  add(menu, tr("Settin&gs…"), QKeySequence(Qt::CTRL | Qt::Key_Comma), [this] { openSettings(); });
}

void MainWindow::buildChainMenu() {
  QMenu* menu = menuBar()->addMenu(tr("&Chain"));
  QMenu* steps = menu->addMenu(tr("&Add a step"));
  std::map<std::string, QMenu*> categories;
  for (const Operation* operation : m_document->services().registry->all()) {
    const Declaration& declaration = operation->declaration();
    QMenu*& category = categories[declaration.category];
    if (!category) category = steps->addMenu(QString::fromStdString(declaration.category));
    QAction* action = category->addAction(QString::fromStdString(declaration.title));
    action->setToolTip(QString::fromStdString(declaration.summary));
    action->setStatusTip(action->toolTip());
    connect(action, &QAction::triggered, this, [this, id = QString::fromStdString(declaration.id), inputs = declaration.maxInputs()] {
      const QStringList selected = m_document->selection();
      const bool follows = inputs > 0 && selected.size() == 1;
      const QString node = m_document->addNode(id, Json::object(), {}, follows ? selected : QStringList());
      m_document->setSelection({node});
    });
  }
  menu->addSeparator();
  for (const char* name : {"view", "compare", "", "rename", "bypass", "connect", "", "layout", "", "copyCommand"}) {
    if (!*name) {
      menu->addSeparator();
    } else if (QAction* action = m_canvas->commands().action(QLatin1String(name))) {
      menu->addAction(action);
    }
  }
  menu->addSeparator();
  add(menu, tr("Show the whole chain"), {}, [this] { m_canvas->fitAll(); });
}

void MainWindow::buildRunMenu() {
  QMenu* menu = menuBar()->addMenu(tr("&Run"));
  QAction* run = add(menu, tr("&Run"), QKeySequence(Qt::CTRL | Qt::Key_R), [this] {
    if (!m_session->isRunning()) m_runBar->run();
  });
  QAction* toHere = add(menu, tr("Run to &here"), QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_R), [this] { m_runBar->runToHere(); });
  QAction* pause = add(menu, tr("&Pause"), {}, [this] { m_session->setPaused(!m_session->isPaused()); });
  QAction* stop = add(menu, tr("&Stop"), QKeySequence(Qt::CTRL | Qt::Key_Period), [this] { m_session->stop(); });
  menu->addSeparator();
  add(menu, tr("&Workers"), QKeySequence(Qt::ALT | Qt::Key_W), [this] { m_runBar->enterWorkers(); });
  add(menu, tr("&Memory budget"), QKeySequence(Qt::ALT | Qt::Key_M), [this] { m_runBar->enterMemory(); });
  menu->addSeparator();
  add(menu, tr("Why it cannot run"), {}, [this] { m_runBar->showBlockers(); });
  const auto refresh = [this, run, toHere, pause, stop] {
    const bool running = m_session->isRunning();
    run->setEnabled(!running);
    toHere->setEnabled(!running && m_document->selection().size() == 1);
    pause->setEnabled(running);
    pause->setText(m_session->isPaused() ? tr("&Resume") : tr("&Pause"));
    stop->setEnabled(running);
  };
  connect(m_session.get(), &Session::runStarted, this, refresh);
  connect(m_session.get(), &Session::runFinished, this, refresh);
  connect(m_session.get(), &Session::optionsChanged, this, refresh);
  connect(m_document.get(), &Document::selectionChanged, this, refresh);
  refresh();
}

void MainWindow::buildViewMenu() {
  QMenu* menu = menuBar()->addMenu(tr("&View"));
  QMenu* go = menu->addMenu(tr("&Go to"));
  int number = 1;
  for (ZoneDock* zone : m_zones) {
    const QKeySequence keys = number <= 5 ? QKeySequence(Qt::ALT | static_cast<Qt::Key>(Qt::Key_0 + number)) : QKeySequence();
    ++number;
    add(go, zone->windowTitle(), keys, [zone] { zone->enter(); });
  }
  add(go, tr("Next zone"), QKeySequence(Qt::Key_F6), [this] { cycleZones(1); });
  add(go, tr("Previous zone"), QKeySequence(Qt::SHIFT | Qt::Key_F6), [this] { cycleZones(-1); });
  menu->addSeparator();
  for (ZoneDock* zone : m_zones) menu->addAction(zone->toggleViewAction());
  menu->addSeparator();
  m_fullScreen = menu->addAction(tr("Preview &full screen"));
  m_fullScreen->setCheckable(true);
  m_fullScreen->setShortcut(Qt::Key_F11);
  addAction(m_fullScreen);  // the menu bar is hidden then, its shortcuts with it
  connect(m_fullScreen, &QAction::triggered, this, &MainWindow::setPreviewFullScreen);
  QAction* arrange = menu->addAction(tr("&Arrange zones"));
  arrange->setCheckable(true);
  connect(arrange, &QAction::toggled, this, &MainWindow::setArranging);
  add(menu, tr("&Reset the layout"), {}, [this, arrange] {
    arrange->setChecked(false);
    resetLayout();
  });
  menu->addSeparator();
  QMenu* colours = menu->addMenu(tr("&Theme"));
  auto* group = new QActionGroup(this);
  const std::pair<Theme::Mode, QString> modes[] = {
      {Theme::Mode::System, tr("As the system")}, {Theme::Mode::Light, tr("Light")}, {Theme::Mode::Dark, tr("Dark")}};
  for (const auto& [mode, text] : modes) {
    QAction* action = colours->addAction(text);
    action->setCheckable(true);
    group->addAction(action);
    connect(action, &QAction::triggered, this, [mode = mode] {
      theme().setMode(mode);
      Settings settings = loadSettings();
      settings.theme = mode;
      saveSettings(settings);
    });
    connect(colours, &QMenu::aboutToShow, action, [action, mode = mode] { action->setChecked(theme().mode() == mode); });
  }
}

void MainWindow::openSettings() {
  if (auto* open = findChild<SettingsPanel*>()) return open->activateWindow();
  auto* panel = new SettingsPanel(m_session->system(), this);
  connect(panel, &SettingsPanel::changed, this, [this, before = loadSettings()](const Settings& now) mutable {
    theme().setMode(now.theme);
    theme().setReducedMotion(now.reducedMotion);
    if (now.workers != before.workers || now.memoryBytes != before.memoryBytes) applyRunSettings(now);
    before = now;
  });
  panel->show();
}

void MainWindow::buildHelpMenu() {
  QMenu* menu = menuBar()->addMenu(tr("&Help"));
  add(menu, tr("&Help on the step"), QKeySequence::HelpContents, [this] {
    const QString id = m_document->selection().value(0);
    const Node* node = m_document->chain().find(id.toStdString());
    const Operation* operation = node ? m_document->services().registry->find(node->op) : nullptr;
    if (operation) {
      showOperationHelp(this, operation->declaration());
    } else {
      showShortcutList(this);
    }
  });
  add(menu, tr("&Keyboard shortcuts"), {}, [this] { showShortcutList(this); });
  add(menu, tr("&About Cubeloom"), {}, [this] { showAbout(this); });
}

void MainWindow::openPalette() {
  std::vector<Command> commands;
  for (const QAction* action : menuBar()->actions()) {
    if (action->menu()) collect(action->menu(), plain(action->text()) + QStringLiteral(": "), commands);
  }
  for (const Node& node : m_document->chain().nodes) {
    const QString id = QString::fromStdString(node.id);
    commands.push_back({tr("Go to step: %1").arg(id), {}, [this, id] {
                          m_document->setSelection({id});
                          m_chainZone->enter();
                        }});
  }
  (new CommandPalette(std::move(commands), this))->open();
}

}  // namespace cubeloom
