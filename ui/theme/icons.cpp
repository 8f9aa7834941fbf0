// SPDX-License-Identifier: GPL-3.0-or-later
// Paints the SVG icons of resources/icons in the colours of the theme.
#include "ui/theme/icons.h"

#include <QAbstractButton>
#include <QAction>
#include <QFile>
#include <QPainter>
#include <QSvgRenderer>

// The resources lie in a static library: without this call the linker would leave them out. Not allowed inside a namespace.
static void initResources() { Q_INIT_RESOURCE(cubeloom); }

namespace cubeloom {

namespace {

template <class Target>
void follow(Target* target, const char* name, Token token) {
  target->setIcon(icon(name, token));
  QObject::connect(&theme(), &Theme::changed, target, [target, name, token] { target->setIcon(icon(name, token)); });
}

}  // namespace

QPixmap iconPixmap(const char* name, Token token, int sizePx, double devicePixelRatio) {
  initResources();
  QFile file(QStringLiteral(":/icons/%1.svg").arg(QLatin1String(name)));
  if (!file.open(QIODevice::ReadOnly)) return {};
  QByteArray svg = file.readAll();
  svg.replace("currentColor", color(token).name().toLatin1());
  QPixmap pixmap(QSize(sizePx, sizePx) * devicePixelRatio);
  pixmap.setDevicePixelRatio(devicePixelRatio);
  pixmap.fill(Qt::transparent);
  QPainter painter(&pixmap);
  QSvgRenderer(svg).render(&painter, QRectF(0, 0, sizePx, sizePx));
  return pixmap;
}

QIcon icon(const char* name, Token token) {
  QIcon result;
  for (const double ratio : {1.0, 2.0, 3.0}) {
    result.addPixmap(iconPixmap(name, token, 16, ratio), QIcon::Normal);
    result.addPixmap(iconPixmap(name, Token::Waiting, 16, ratio), QIcon::Disabled);
  }
  return result;
}

void setThemedIcon(QAbstractButton* button, const char* name, Token token) { follow(button, name, token); }
void setThemedIcon(QAction* action, const char* name, Token token) { follow(action, name, token); }

}  // namespace cubeloom
