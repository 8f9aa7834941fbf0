// SPDX-License-Identifier: GPL-3.0-or-later
// The inspector beside a chain of the fake world, and what a test asks of its form.
#pragma once

#include <QLabel>
#include <QtTest>

#include "tests/ui/support/fake_world.h"
#include "ui/inspector/inspector_view.h"
#include "ui/inspector/param_editor.h"
#include "ui/inspector/param_form.h"
#include "ui/steps/map_question.h"
#include "ui/theme/elided_label.h"

namespace cubeloom::test {

struct InspectorWorld {
  Document document{fakeServices()};
  Session session{document};
  MapQuestion question;
  InspectorView view{document, session};

  /// With the step `select` selected.
  InspectorWorld(const QString& select, const Chain& chain, int height) {
    view.setQuestion(&question);
    document.setChain(chain);
    if (!waitForGraph(document)) qWarning("the chain was not bound");
    view.resize(320, height);
    view.show();
    if (!QTest::qWaitForWindowExposed(&view)) qWarning("the inspector is not shown");
    document.setSelection({select});
  }

  ParamForm* form() { return view.findChild<ParamForm*>(); }
  ParamEditor* editor(const char* name) {
    for (ParamEditor* editor : form()->findChildren<ParamEditor*>())
      if (editor->param().name == name && !qobject_cast<ParamEditor*>(editor->parentWidget())) return editor;
    return nullptr;
  }
  const Json& params(const char* node) { return document.chain().find(node)->params; }
  bool shows(const QString& text) {
    for (const QLabel* label : view.findChildren<QLabel*>()) {
      const auto* elided = qobject_cast<const ElidedLabel*>(label);
      if (label->isVisible() && (elided ? elided->text() : label->text()).contains(text)) return true;
    }
    return false;
  }
};

}  // namespace cubeloom::test
