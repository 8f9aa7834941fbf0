// SPDX-License-Identifier: GPL-3.0-or-later
// The dock around a zone and its handle.
#include "ui/window/zone_dock.h"

#include <QCoreApplication>
#include <QHBoxLayout>
#include <QLabel>
#include <QToolButton>

#include "ui/theme/icons.h"

namespace cubeloom {

namespace {

QWidget* makeHandle(QDockWidget* dock) {
  auto* handle = new QWidget(dock);
  auto* row = new QHBoxLayout(handle);
  row->setContentsMargins(13, 2, 6, 2);
  auto* title = new QLabel(dock->windowTitle(), handle);
  setRole(title, "muted");
  row->addWidget(title, 1);
  const auto button = [&](const char* icon, const QString& name) {
    auto* made = new QToolButton(handle);
    setRole(made, "flat");
    setThemedIcon(made, icon, Token::Muted);
    made->setAccessibleName(name);
    made->setToolTip(name);
    row->addWidget(made);
    return made;
  };
  QObject::connect(button("fit", QObject::tr("Float or dock")), &QToolButton::clicked, dock,
                   [dock] { dock->setFloating(!dock->isFloating()); });
  QObject::connect(button("cross", QObject::tr("Hide")), &QToolButton::clicked, dock, &QDockWidget::close);
  return handle;
}

}  // namespace

ZoneDock::ZoneDock(const Zone& zone, QWidget* content, QWidget* parent)
    : QDockWidget(QCoreApplication::translate("Zones", zone.title), parent), m_zone(zone) {
  setObjectName(QLatin1String(zone.id));
  setAccessibleName(windowTitle());
  setWidget(content);
  m_handle = makeHandle(this);
  m_noHandle = new QWidget(this);
  m_noHandle->setFixedHeight(0);
  setArranging(false);
}

void ZoneDock::setArranging(bool arranging) {
  setTitleBarWidget(arranging ? m_handle : m_noHandle);
  m_handle->setVisible(arranging);
  setFeatures(arranging ? DockWidgetMovable | DockWidgetFloatable | DockWidgetClosable : DockWidgetClosable);
}

void ZoneDock::enter() {
  show();
  raise();
  QWidget* target = widget()->focusWidget();
  if (target && (!target->isVisibleTo(this) || !target->isEnabled())) target = nullptr;
  // Such a zone knows which of its parts is meant.
  if (!target && widget()->property("leadsFocus").toBool()) target = widget();
  if (!target) {
    for (QWidget* child : widget()->findChildren<QWidget*>()) {
      if (child->isVisibleTo(this) && child->isEnabled() && (child->focusPolicy() & Qt::TabFocus) != 0) {
        target = child;
        break;
      }
    }
  }
  (target ? target : widget())->setFocus(Qt::ShortcutFocusReason);
}

}  // namespace cubeloom
