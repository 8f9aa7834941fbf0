// SPDX-License-Identifier: GPL-3.0-or-later
// The bottom line: engine state, what lies under the cursor, CRS, how exact the picture is, memory.
#pragma once

#include <QStatusBar>

#include "ui/run/session.h"

class QLabel;

namespace cubeloom {

class ElidedLabel;

class StatusLine : public QStatusBar {
  Q_OBJECT
 public:
  StatusLine(Document& document, Session& session, QWidget* parent = nullptr);

 public slots:
  void setCursorText(const QString& text);
  void setCrs(const QString& text);
  void setDecimation(const QString& text);

 private:
  void refreshState();
  void refreshMemory();

  Document& m_document;
  Session& m_session;
  QLabel *m_dot, *m_state, *m_crs, *m_decimation, *m_memory;
  ElidedLabel* m_cursor;
};

}  // namespace cubeloom
