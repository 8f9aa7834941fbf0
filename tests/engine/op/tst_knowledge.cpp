// SPDX-License-Identifier: GPL-3.0-or-later
// What is known of sensors and indices: our documents, and the users' entries that come before them.
#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>

#include "engine/op/knowledge/knowledge.h"

using namespace cubeloom;

class TestKnowledge : public QObject {
  Q_OBJECT
 private:
  QTemporaryDir m_home;

  void writeUsers(const QString& name, const QByteArray& text) const {
    QVERIFY(QDir(m_home.path()).mkpath("cubeloom/knowledge"));
    QFile file(m_home.filePath("cubeloom/knowledge/" + name + ".json"));
    QVERIFY(file.open(QIODevice::WriteOnly));
    QCOMPARE(file.write(text), text.size());
  }

 private slots:
  void initTestCase() { qputenv("XDG_DATA_HOME", m_home.path().toUtf8()); }

  // The ids of help texts are found without parsing: they are those of the entries.
  void idsAreThoseOfTheEntries_data() {
    QTest::addColumn<QString>("name");
    for (const char* name : {"indices", "qa_flags", "bad_bands", "sensors"}) QTest::addRow("%s", name) << QString(name);
  }
  void idsAreThoseOfTheEntries() {
    QFETCH(QString, name);
    const auto document = knowledge(name.toStdString(), "name");
    QVERIFY(document.has_value());
    std::vector<std::string> ids;
    for (const auto& entry : (*document)[name.toStdString()]) ids.push_back(entry["id"]);
    QVERIFY(!ids.empty());
    QCOMPARE(knownIds(name.toStdString()), ids);
  }

  // Bands are numbered from 1 to what the file must have, ranges rise.
  void badBandsAreInOrder() {
    const auto document = knowledge("bad_bands", "bands");
    QVERIFY(document.has_value());
    for (const auto& list : (*document)["bad_bands"]) {
      const std::string id = list["id"];
      QVERIFY2(list.contains("bands") ? list.contains("count") : list.contains("ranges"), id.c_str());
      double last = 0;
      for (const auto& range : list.contains("bands") ? list["bands"] : list["ranges"]) {
        QVERIFY2(range[0] > last && range[1] >= range[0], id.c_str());
        last = range[1];
      }
      if (list.contains("count")) QVERIFY2(last <= list["count"], id.c_str());
    }
  }

  // The guide of the SHIFT campaign keeps 337 of AVIRIS-NG's 425 bands.
  void theGuidesListOfAvirisNg() {
    const auto document = knowledge("bad_bands", "bands");
    QVERIFY(document.has_value());
    const auto list = knownEntry((*document)["bad_bands"], "AVIRIS-NG", "bands");
    QVERIFY(list.has_value());
    int dropped = 0;
    for (const auto& range : (*list)["bands"]) dropped += range[1].get<int>() - range[0].get<int>() + 1;
    QCOMPARE(list->at("count").get<int>() - dropped, 337);
  }

  void theUsersEntryComesFirst() {
    writeUsers("indices", R"({"indices": [{"id": "ndvi", "title": "Mine", "formula": "N - R", "source": "me"}]})");
    const auto document = knowledge("indices", "name");
    QVERIFY(document.has_value());
    const auto& list = (*document)["indices"];
    QCOMPARE(list[0]["title"].get<std::string>(), std::string("Mine"));
    QCOMPARE(list.size(), knownIds("indices").size());  // it stands instead of ours
    QCOMPARE((*knownEntry(list, "NDVI", "name"))["formula"].get<std::string>(), std::string("N - R"));
  }

  void aFileThatIsNoneIsNamed() {
    writeUsers("sensors", "[1, 2");
    const auto document = knowledge("sensors", "sensor");
    QVERIFY(!document.has_value());
    QVERIFY2(document.error().message.find("sensors.json") != std::string::npos, document.error().message.c_str());
  }
};

QTEST_GUILESS_MAIN(TestKnowledge)
#include "tst_knowledge.moc"
