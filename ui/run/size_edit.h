// SPDX-License-Identifier: GPL-3.0-or-later
// A field for a number of bytes: reads "2GiB", "512 MiB", "2GB", shows IEC with three significant digits.
#pragma once

#include <QLineEdit>
#include <cstdint>

namespace cubeloom {

class SizeEdit : public QLineEdit {
  Q_OBJECT
 public:
  explicit SizeEdit(QWidget* parent = nullptr);
  std::int64_t bytes() const { return m_bytes; }
  void setBytes(std::int64_t bytes);
  /// What the arrow keys step within.
  void setRange(std::int64_t minimum, std::int64_t maximum);

 signals:
  /// By the user only.
  void bytesEdited(std::int64_t bytes);

 protected:
  void keyPressEvent(QKeyEvent* event) override;

 private:
  void take();
  std::int64_t m_bytes = 0, m_minimum = 1, m_maximum = INT64_MAX;
};

}  // namespace cubeloom
