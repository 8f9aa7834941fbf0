// SPDX-License-Identifier: GPL-3.0-or-later
// Band math: what an expression means, and what it says when it means nothing.
#include <QProcess>
#include <QTest>
#include <cmath>
#include <nlohmann/json.hpp>

#include "engine/op/expression/expression.h"

using namespace cubeloom;

class TestExpression : public QObject {
  Q_OBJECT
 private:
  static double value(const std::string& text, const std::vector<double>& variables = {}) {
    const auto expression = Expression::parse(text);
    if (!expression) return -12345;
    std::vector<const double*> inputs;
    for (const double& v : variables) inputs.push_back(&v);
    std::vector<double> scratch;
    double out = 0;
    expression->evaluate(inputs, &out, 1, scratch);
    return out;
  }

 private slots:
  void arithmetic_data() {
    QTest::addColumn<QString>("text");
    QTest::addColumn<double>("expected");
    QTest::newRow("precedence") << "1 + 2 * 3" << 7.0;
    QTest::newRow("left to right") << "8 - 4 - 2" << 2.0;
    QTest::newRow("division, left to right") << "16 / 4 / 2" << 2.0;
    QTest::newRow("powers bind to the right") << "2 ^ 3 ^ 2" << 512.0;
    QTest::newRow("minus below a power") << "-2 ^ 2" << -4.0;
    QTest::newRow("power of a negative number") << "2 ** -1" << 0.5;
    QTest::newRow("parentheses") << "(1 + 2) * 3" << 9.0;
    QTest::newRow("comparison") << "(3 > 2) + (3 <= 2)" << 1.0;
    QTest::newRow("logic") << "1 && 0 || 1" << 1.0;
    QTest::newRow("not") << "!0" << 1.0;
    QTest::newRow("not equal is no 'not'") << "2 != 3" << 1.0;
    QTest::newRow("choice") << "0 ? 5 : 7" << 7.0;
    QTest::newRow("choice in a choice") << "0 ? 1 : 0 ? 2 : 3" << 3.0;
    QTest::newRow("where") << "where(1 < 2, 10, 20)" << 10.0;
    QTest::newRow("functions") << "sqrt(abs(-16)) + max(1, 2) + min(1, 2)" << 7.0;
    QTest::newRow("clamp") << "clamp(7, 0, 5)" << 5.0;
    QTest::newRow("modulo follows the divisor's sign") << "-1 % 3" << 2.0;
    QTest::newRow("exponent") << "1.5e2" << 150.0;
    QTest::newRow("isnan") << "isnan(0 / 0)" << 1.0;
    QTest::newRow("constant") << "cos(pi)" << -1.0;
  }
  void arithmetic() {
    QFETCH(QString, text);
    QFETCH(double, expected);
    QCOMPARE(value(text.toStdString()), expected);
  }

  // Over values of both signs, zeros and gaps: what each expression is in numpy and xarray, gap for gap.
  void pythonAgrees() {
    const double gap = std::nan("");
    const std::vector<double> each{0, -0.5, 0.5, 1, 1.5, 2.5, -3, 7.25, gap};
    std::vector<double> b1, b2, scratch;
    for (const double a : each)
      for (const double b : each) {
        b1.push_back(a);
        b2.push_back(b);
      }
    nlohmann::json facts{{"each", each}, {"expressions", nlohmann::json::array()}};
    for (const char* text : {"-b1 + b2 * 2 - b1 / 3",
                             "b1 % b2",
                             "b1 ** 0 + b2",
                             "b1 < b2",
                             "b1 <= b2",
                             "b1 > b2",
                             "b1 >= 1",
                             "b1 == b2",
                             "b1 != b2",
                             "b1 && b2",
                             "b1 || b2",
                             "!b1",
                             "b1 ? b2 : -b2",
                             "where(b1 > 0, b2, 7)",
                             "isnan(b1) + isnodata(b2)",
                             "fill(b1, b2)",
                             "round(b1) + floor(b2) + ceil(b1)",
                             "min(b1, b2) - max(b1, 0)",
                             "clamp(b1, -1, b2)",
                             "atan2(b1, b2) + sin(b1) * cos(b2)",
                             "where(isnan(b1) || b1 < 0, 0, sqrt(abs(b1)))"}) {
      const auto expression = Expression::parse(text);
      QVERIFY2(expression.has_value(), text);
      std::vector<double> ours(b1.size());
      std::vector<const double*> inputs;
      for (const ExpressionVariable& variable : expression->variables()) inputs.push_back(variable.band == 1 ? b1.data() : b2.data());
      expression->evaluate(inputs, ours.data(), ours.size(), scratch);
      facts["expressions"].push_back({{"text", text}, {"form", expression->python("band")}, {"ours", ours}});
    }
    QProcess python;
    python.start("/usr/bin/python3", {"-W", "ignore", "-c", R"(
import json, sys
import numpy, xarray
facts = json.load(sys.stdin)
each = numpy.array(facts['each'], float)
array = xarray.DataArray([numpy.repeat(each, each.size), numpy.tile(each, each.size)], dims=('band', 'x'))
for one in facts['expressions']:
    numpy.testing.assert_allclose(eval(one['form']), numpy.array(one['ours'], float), rtol=1e-15, err_msg=one['text'] + ': ' + one['form'])
)"});
    python.write(QByteArray::fromStdString(facts.dump()));
    python.closeWriteChannel();
    QVERIFY(python.waitForFinished(60000));
    const QByteArray error = python.readAllStandardError();
    QVERIFY2(python.exitCode() == 0, error.constData());
  }

  void ndviIsBitForBitFloat32() {
    const auto ndvi = Expression::parse("(nm(865) - nm(650)) / (nm(865) + nm(650))");
    QVERIFY(ndvi.has_value());
    QCOMPARE(ndvi->variables().size(), std::size_t{2});  // each band is read once
    std::vector<float> nir(5000), red(5000), out(5000), scratch;
    for (std::size_t i = 0; i < nir.size(); ++i) {
      nir[i] = 0.5F + 1e-4F * static_cast<float>(i);
      red[i] = 0.1F + 3e-5F * static_cast<float>(i);
    }
    ndvi->evaluate({nir.data(), red.data()}, out.data(), out.size(), scratch);
    for (std::size_t i = 0; i < out.size(); ++i) QCOMPARE(out[i], (nir[i] - red[i]) / (nir[i] + red[i]));
  }

  void variablesOfSeveralInputs() {
    const auto expression = Expression::parse("b7 + in2.b3 * in2.nm(650) - in3.x");
    QVERIFY(expression.has_value());
    const auto& v = expression->variables();
    QCOMPARE(v.size(), std::size_t{4});
    QCOMPARE(v[0].band, 7);
    QCOMPARE(v[1].input, 1);
    QCOMPARE(v[2].nm, 650.0);
    QVERIFY(v[3].kind == ExpressionVariable::Kind::Whole && v[3].input == 2);
    QCOMPARE(value("b1 + b2 * b1", {3, 4}), 15.0);
  }

  void errorsNameThePosition_data() {
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("position");
    QTest::newRow("ends early") << "b1 +"
                                << "position 5";
    QTest::newRow("unknown function") << "system(1)"
                                      << "position 1";
    QTest::newRow("missing parenthesis") << "(b1 + b2"
                                         << "position 9";
    QTest::newRow("too few arguments") << "max(b1)"
                                       << "position 7";
    QTest::newRow("two operands") << "b1 b2"
                                  << "position 4";
    QTest::newRow("no wavelength") << "nm()"
                                   << "position 4";
    QTest::newRow("empty") << ""
                           << "position 1";
    QTest::newRow("input 0") << "in0.b1"
                             << "position 1";
  }
  void errorsNameThePosition() {
    QFETCH(QString, text);
    QFETCH(QString, position);
    const auto expression = Expression::parse(text.toStdString());
    QVERIFY(!expression.has_value());
    QVERIFY2(expression.error().message.find(position.toStdString()) != std::string::npos, expression.error().message.c_str());
    QCOMPARE(expression.error().parameter, std::string("expression"));
  }

  void hostileTextIsRefused() {
    QVERIFY(!Expression::parse(std::string(5000, '1')).has_value());
    QVERIFY(!Expression::parse(std::string(200, '(') + "1" + std::string(200, ')')).has_value());
    QVERIFY(!Expression::parse(std::string(3000, '-') + "1").has_value());
    std::string sum = "1";
    for (int i = 0; i < 1200; ++i) sum += "+1";
    QVERIFY(!Expression::parse(sum).has_value());
  }
};

QTEST_APPLESS_MAIN(TestExpression)
#include "tst_expression.moc"
