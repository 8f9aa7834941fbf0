// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/canvas/feature_drop.h"

#include <QCoreApplication>
#include <QFileInfo>
#include <QMenu>

#include "ui/document/chain_layout.h"
#include "ui/document/document.h"

namespace cubeloom {
namespace {

QString tr(const char* text) { return QCoreApplication::translate("FeatureDrop", text); }

/// Behind which node the new step goes; empty: behind none.
QString behind(const Document& document, const FeatureDrop& drop) {
  if (!drop.node.isEmpty()) return drop.node;
  if (document.selection().size() == 1) return document.selection().front();
  return document.viewedNode();
}

void add(Document& document, const FeatureDrop& drop, const QString& operation, const QString& param) {
  const Json params{{param.toStdString(), drop.path.toStdString()}};
  QString id;
  if (!drop.consumer.isEmpty()) {
    id = document.insertNode(operation, params, drop.consumer, drop.port);
  } else if (const QString from = behind(document, drop); !from.isEmpty()) {
    const QPointF beside = document.position(from) + QPointF(kColumnStep, 0);
    id = document.addNode(operation, params, freePlace(beside, layoutOf(document.chain())), {from});
  } else {
    id = document.addNode(operation, params, drop.position);
  }
  if (id.isEmpty()) return;
  document.setSelection({id});
  document.setViewedNode(id);
}

}  // namespace

QMenu* featureMenu(Document& document, const FeatureDrop& drop, QWidget* owner) {
  auto* menu = new QMenu(owner);
  menu->setAttribute(Qt::WA_DeleteOnClose);
  menu->addSection(QFileInfo(drop.path).fileName());
  for (const auto& operation : document.services().registry->all()) {
    const Declaration& declaration = operation->declaration();
    for (const Param& param : declaration.params) {
      if (param.type != ParamType::Features) continue;
      const QString name = QString::fromStdString(param.name), id = QString::fromStdString(declaration.id);
      QAction* action = menu->addAction(tr("%1 (%2)").arg(QString::fromStdString(declaration.title), name));
      action->setToolTip(QString::fromStdString(param.help));
      QObject::connect(action, &QAction::triggered, &document, [&document, drop, id, name] { add(document, drop, id, name); });
    }
  }
  return menu;
}

}  // namespace cubeloom
