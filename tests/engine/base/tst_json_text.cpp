// SPDX-License-Identifier: GPL-3.0-or-later
// JSON of names that are no UTF-8, as Python writes and reads them: json.dumps(os.fsdecode(b"caf\xe9")) is "caf\udce9" in quotes.
#include <QTest>
#include <nlohmann/json.hpp>

#include "engine/base/json_text.h"

using namespace cubeloom;
using Json = nlohmann::json;

class TestJsonText : public QObject {
  Q_OBJECT

 private slots:
  void strayBytesAreEscapedAsPythonDoes() {
    QCOMPARE(jsonText(Json{{"path", "caf\xe9.hdr"}}), std::string(R"({"path":"caf\udce9.hdr"})"));
    QCOMPARE(jsonText(Json{"caf\xc3\xa9", "\xff\xfe"}), std::string("[\"caf\xc3\xa9\",\"\\udcff\\udcfe\"]"));
  }

  void whatIsWrittenIsRead_data() {
    QTest::addColumn<QByteArray>("text");
    QTest::newRow("plain") << QByteArray("a.hdr");
    QTest::newRow("UTF-8") << QByteArray("\xc3\xa9\xf0\x9f\x8c\x8d");
    QTest::newRow("Latin-1") << QByteArray("r\xe9sum\xe9/\xfc.tif");
    QTest::newRow("half a character") << QByteArray("a\xe2\x82");
    QTest::newRow("an encoded surrogate is no character") << QByteArray("\xed\xb3\xa9");
    QTest::newRow("U+FFFD itself") << QByteArray("\xef\xbf\xbd\xff");
    QTest::newRow("private characters") << QByteArray("\xf3\xb0\x83\xa9\xff\xf4\x8f\xbf\xbd");
    QTest::newRow("what looks like an escape") << QByteArray("\\udce9 \"\xe9\" \\\\udce9\n");
  }
  void whatIsWrittenIsRead() {
    QFETCH(QByteArray, text);
    const std::string bytes = text.toStdString();
    const Json json{{"list", {bytes, 1, nullptr}}, {"in", {{bytes, true}}}};
    for (const int indent : {-1, 2}) {
      const Json back = jsonFromText(jsonText(json, indent));
      QVERIFY(!back.is_discarded());
      QVERIFY2(back == json, jsonText(json).c_str());
    }
  }

  void whatIsNoJsonStaysNone() {
    for (const char* text : {"[", "\"\\ud800\"", "\"\\udc00\"", "[\"\\udce9\"", "\"\\udcg9\""})
      QVERIFY2(jsonFromText(text).is_discarded(), text);
    QCOMPARE(jsonFromText(R"("\ud83c\udf0d")"), Json("\xf0\x9f\x8c\x8d"));
    std::string deep(100000, '[');
    QVERIFY(jsonFromText(deep + R"("\udce9")" + std::string(100000, ']')).is_discarded());
  }
};

QTEST_APPLESS_MAIN(TestJsonText)
#include "tst_json_text.moc"
