// SPDX-License-Identifier: GPL-3.0-or-later
// The texts of the help menu.
#include "ui/window/help_panels.h"

#include <QCoreApplication>
#include <QDialog>
#include <QTextBrowser>
#include <QVBoxLayout>

#include "ui/theme/theme.h"

namespace cubeloom {

namespace {

struct Key {
  const char* keys;
  const char* action;
};

struct Section {
  const char* title;
  std::vector<Key> keys;
};

const std::vector<Section>& sections() {
  static const std::vector<Section> all = {
      {"Everywhere",
       {{"Ctrl+O", "open chains or datasets"},
        {"Ctrl+S", "save the chain"},
        {"Ctrl+Z, Ctrl+Shift+Z", "undo, redo"},
        {"Ctrl+Shift+P", "command palette"},
        {"Ctrl+R", "run"},
        {"Ctrl+Shift+R", "run to the selected step"},
        {"Ctrl+.", "stop"},
        {"Alt+W, Alt+M", "workers, memory budget"},
        {"Ctrl+,", "settings"},
        {"Alt+1 … 6", "data, chain, preview, inspector, monitor, code"},
        {"F6, Shift+F6", "next, previous zone or the run bar"},
        {"F11", "preview full screen"},
        {"F1", "the guide, at the selected step"}}},
      {"Chain",
       {{"Tab, Insert, Shift+A", "add a step"},
        {"Arrows", "walk along the wires"},
        {"Alt+arrows", "move the step"},
        {"Enter", "its parameters"},
        {"F2", "rename"},
        {"V, Shift+V", "view here, compare here"},
        {"M", "bypass"},
        {"Ctrl+D", "duplicate"},
        {"Delete, Ctrl+Delete", "delete, delete and reconnect"},
        {"C", "connect the selected steps"},
        {"L, F, Home, Ctrl+1", "lay out, fit selection, fit all, 100 %"}}},
      {"Preview",
       {{"[ ]", "band, with Shift ten at once"},
        {"PgUp, PgDn", "date, or band where there is one date"},
        {"1 … 4", "composites"},
        {"H, Z", "stretch to the view, one to one"},
        {"S, D", "swipe, difference"},
        {"Space", "flicker while held"},
        {"P, I", "spectrum, identify"}}},
      {"Monitor",
       {{"Space", "hold or follow"},
        {"Wheel, W A S D", "zoom and pan"},
        {"Drag", "measure"},
        {"Ctrl+drag", "restrict"},
        {"Home", "whole run"}}},
  };
  return all;
}

void showText(QWidget* parent, const QString& title, const QString& html, QSize size) {
  auto* window = new QDialog(parent);
  window->setAttribute(Qt::WA_DeleteOnClose);
  window->setWindowTitle(title);
  auto* text = new QTextBrowser(window);
  text->setOpenExternalLinks(true);
  text->setFrameShape(QFrame::NoFrame);
  text->document()->setDocumentMargin(18);
  text->setHtml(html);
  auto* column = new QVBoxLayout(window);
  column->setContentsMargins(0, 0, 0, 0);
  column->addWidget(text);
  window->resize(size);
  window->show();
}

}  // namespace

void showShortcutList(QWidget* parent) {
  QString html = QStringLiteral("<table cellpadding='3' width='100%'>");
  for (const Section& section : sections()) {
    html += QStringLiteral("<tr><td colspan='2'><br><b>%1</b></td></tr>").arg(QLatin1String(section.title));
    for (const Key& key : section.keys) {
      html += QStringLiteral("<tr><td width='45%' style='color:%1'>%2</td><td>%3</td></tr>")
                  .arg(color(Token::Muted).name(), QString::fromUtf8(key.keys), QString::fromUtf8(key.action));
    }
  }
  showText(parent, QObject::tr("Keyboard shortcuts"), html + QStringLiteral("</table>"), {460, 720});
}

void showAbout(QWidget* parent) {
  showText(parent, QObject::tr("About Cubeloom"),
           QObject::tr(
               "<h2>Cubeloom %1</h2><p>A workbench for image cubes larger than memory: build a chain of steps, see any of them before it "
               "is run, know what a run reads, writes and needs before it starts.</p><p>Free software under the GNU General Public "
               "License, version 3 or later. It stands on Qt, GDAL, PROJ, oneTBB and QCustomPlot.</p>")
               .arg(QCoreApplication::applicationVersion()),
           {420, 260});
}

}  // namespace cubeloom
