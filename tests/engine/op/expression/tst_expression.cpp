// SPDX-License-Identifier: GPL-3.0-or-later
// Band math: what an expression means, and what it says when it means nothing.
#include <QProcess>
#include <QTest>
#include <algorithm>
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
    QTest::newRow("min and max of any number") << "min(3, 1, 2) + 10 * max(1, 5, 2, 4) + max(100)" << 151.0;
    QTest::newRow("mean") << "mean(1, 2, 6)" << 3.0;
    QTest::newRow("natural logarithm") << "ln(e)" << 1.0;
    QTest::newRow("words of logic") << "not 1 == 2 and (0 or 3 > 2)" << 1.0;
    QTest::newRow("not binds looser than a comparison, ! tighter") << "(not 2 == 3) * 10 + (!2 == 0)" << 11.0;
    QTest::newRow("bits") << "(12 & 10) * 100 + (12 | 3) + xor(12, 10)" << 821.0;
    QTest::newRow("bits of a negative number") << "(-1 & 255) + ~5" << 249.0;
    QTest::newRow("shifts") << "(1 << 10) + (1024 >> 3) + (-5 >> 1)" << 1149.0;
    QTest::newRow("bits bind tighter than comparisons, as in Python") << "12 & 8 == 8" << 1.0;
    QTest::newRow("shifts bind tighter than bits") << "1 | 1 << 2 & 4" << 5.0;
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
      facts["expressions"].push_back({{"text", text}, {"form", expression->python()}, {"ours", ours}});
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

  // The same formula in numpy, as a person would write it: gap for gap. Bits are those of whole numbers.
  void numpyAgrees() {
    const double gap = std::nan("");
    const std::vector<double> each{0, 1, 2, 3, 7, 12, 255, 65535, 4294967295.0, -1, -6, gap};
    std::vector<double> b1, b2, scratch;
    for (const double a : each)
      for (const double b : each) {
        b1.push_back(a);
        b2.push_back(b);
      }
    const std::vector<std::pair<const char*, const char*>> pairs{
        {"b1 & b2", "bits(numpy.bitwise_and, a, b)"},
        {"b1 | b2", "bits(numpy.bitwise_or, a, b)"},
        {"xor(b1, b2)", "bits(numpy.bitwise_xor, a, b)"},
        {"~b1", "bits(lambda p, q: numpy.bitwise_not(p), a, a)"},
        {"(b1 & 3) << 4", "bits(lambda p, q: numpy.left_shift(numpy.bitwise_and(p, q), 4), a, 3 + 0 * a)"},
        {"b1 >> 2", "bits(lambda p, q: numpy.right_shift(p, 2), a, a)"},
        {"min(b1, b2, 5)", "numpy.minimum(numpy.minimum(a, b), 5)"},
        {"max(b1, 2, b2, -b1)", "numpy.max([a, 2 + 0 * a, b, -a], axis=0)"},
        {"mean(b1, b2, 4)", "(a + b + 4) / 3"},
        {"ln(abs(b1) + 1)", "numpy.log(abs(a) + 1)"},
        {"b1 > 2 and not b2 > 2", "logic(lambda: (a > 2) & ~(b > 2), (a <= 2) | (b > 2))"},
        {"b1 > 2 or b2 > 2", "logic(lambda: (a > 2) | (b > 2), (a > 2) | (b > 2))"},
        {"where((fill(b1, 0) & 1) == 1, b2, -1)",
         "numpy.where(bits(numpy.bitwise_and, numpy.nan_to_num(a), 1 + 0 * numpy.nan_to_num(a)) == 1, b, -1)"},
        {"fill(b1, b2)", "numpy.where(numpy.isnan(a), b, a)"},
    };
    nlohmann::json facts{{"a", b1}, {"b", b2}, {"each", each}, {"pairs", nlohmann::json::array()}};
    for (const auto& [text, numpy] : pairs) {
      const auto expression = Expression::parse(text);
      QVERIFY2(expression.has_value(), expression ? "" : expression.error().text().c_str());
      std::vector<double> ours(b1.size());
      std::vector<const double*> inputs;
      for (const ExpressionVariable& variable : expression->variables()) inputs.push_back(variable.band == 1 ? b1.data() : b2.data());
      expression->evaluate(inputs, ours.data(), ours.size(), scratch);
      facts["pairs"].push_back({{"text", text}, {"numpy", numpy}, {"ours", ours}, {"form", expression->python()}});
    }
    facts["several"] = pythonOf(*parseExpressions("sum=b1 + nm(650); gap=isnodata(b1); one=nm(650)"), {});
    QProcess python;
    python.start("/usr/bin/python3", {"-W", "ignore", "-c", R"(
import json, sys
import numpy, xarray
facts = json.load(sys.stdin)
a, b = numpy.array(facts['a'], float), numpy.array(facts['b'], float)
array = xarray.DataArray([a, b], dims=('band', 'x'))
known = ~numpy.isnan(a) & ~numpy.isnan(b)
def bits(of, p, q):
    both = ~numpy.isnan(p) & ~numpy.isnan(q)
    return numpy.where(both, of(numpy.where(both, p, 0).astype('int64'), numpy.where(both, q, 0).astype('int64')), numpy.nan)
def logic(of, decided):
    return numpy.where(known | decided, of(), numpy.nan)
for one in facts['pairs']:
    ours = numpy.array(one['ours'], float)
    numpy.testing.assert_allclose(ours, eval(one['numpy']), rtol=1e-15, err_msg=one['text'])
    numpy.testing.assert_allclose(ours, numpy.broadcast_to(eval(one['form']), ours.shape), rtol=1e-15, err_msg=one['text'] + ': ' + one['form'])
array = array.rename(band='wavelength').assign_coords(wavelength=[450, 650])
several = eval(facts['several'].replace('isel(band', 'isel(wavelength'))
assert several.dims == ('band', 'x') and list(several.band_name.values) == ['sum', 'gap', 'one'] and list(several.band.values) == [1, 2, 3]
numpy.testing.assert_array_equal(several.values, [a + b, numpy.isnan(a), b])
)"});
    python.write(QByteArray::fromStdString(facts.dump()));
    python.closeWriteChannel();
    QVERIFY(python.waitForFinished(60000));
    const QByteArray error = python.readAllStandardError();
    QVERIFY2(python.exitCode() == 0, error.constData());
  }

  // Bits are those of whole numbers: what may be a fraction has none.
  void bitsAreOfWholeNumbers_data() {
    QTest::addColumn<QString>("text");
    QTest::addColumn<bool>("isFine");  // where b1 is a whole number and b2 is not
    QTest::newRow("whole band") << "b1 & 3" << true;
    QTest::newRow("fraction") << "b2 & 3" << false;
    QTest::newRow("rounded") << "round(b2) >> 1" << true;
    QTest::newRow("sum of whole numbers") << "~(b1 + 2 * b1)" << true;
    QTest::newRow("quotient") << "b1 / 2 & 1" << false;
    QTest::newRow("conditions") << "(b2 > 0.5) & (b2 < 0.7)" << true;
    QTest::newRow("constant") << "b1 & 0.5" << false;
    QTest::newRow("choice") << "where(b2 > 1, b1, 7) | 1" << true;
    QTest::newRow("no bits") << "b2 * 0.5" << true;
  }
  void bitsAreOfWholeNumbers() {
    QFETCH(QString, text);
    QFETCH(bool, isFine);
    const auto expression = Expression::parse(text.toStdString());
    QVERIFY2(expression.has_value(), expression ? "" : expression.error().text().c_str());
    std::vector<bool> isWhole;
    for (const ExpressionVariable& variable : expression->variables()) isWhole.push_back(variable.band == 1);
    QCOMPARE(expression->checkBits(isWhole).has_value(), isFine);
  }

  // Each word that is listed is one that the parser knows, and each has a line.
  void everyWordIsListed() {
    int functions = 0;
    for (const ExpressionWord& word : expressionWords()) {
      QVERIFY2(!std::string(word.help).empty() && !std::string(word.form).empty(), word.name);
      if (std::string(word.kind) != "function") continue;
      ++functions;
      std::string call = word.form;  // "clamp(a, low, high)" with bands in place of names
      const auto open = call.find('(');
      std::string filled = call.substr(0, open + 1);
      const auto count = 1 + std::count(call.begin(), call.end(), ',');
      for (int i = 0; i < count; ++i) filled += (i > 0 ? ",b" : "b") + std::to_string(i + 1);
      const auto expression = Expression::parse(filled + ")");
      QVERIFY2(expression.has_value(), filled.c_str());
      QCOMPARE(call.substr(0, open), std::string(word.name));
    }
    QVERIFY(functions > 25);
  }

  void severalExpressions() {
    const auto several = parseExpressions("ndvi = (b2 - b1) / (b2 + b1); evi=b3 == 1; name=band(\"a;b=c\") ;");
    QVERIFY2(several.has_value(), several ? "" : several.error().text().c_str());
    QCOMPARE(several->size(), std::size_t{3});
    QVERIFY((*several)[0].name == "ndvi" && (*several)[1].name == "evi" && (*several)[2].name == "name");
    QCOMPARE((*several)[2].expression.variables()[0].name, std::string("a;b=c"));
    QVERIFY(parseExpressions("b1 == b2")->front().name.empty());
    const auto says = [](const char* text) {
      const auto wrong = parseExpressions(text);
      return wrong ? std::string() : wrong.error().text();
    };
    QVERIFY2(says("a=b1; b2").find("position 6 begins an expression without a name") != std::string::npos, says("a=b1; b2").c_str());
    QVERIFY(says("a=b1; a=b2").find("two expressions are called 'a'") != std::string::npos);
    QVERIFY2(says("a=b1; c=b2 +").find("position 13") != std::string::npos, says("a=b1; c=b2 +").c_str());
    QVERIFY(!parseExpressions("").has_value() && !parseExpressions(";").has_value());
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
    QTest::newRow("too few arguments") << "pow(b1)"
                                       << "position 7";
    QTest::newRow("two operands") << "b1 b2"
                                  << "position 4";
    QTest::newRow("no wavelength") << "nm()"
                                   << "position 4";
    QTest::newRow("empty") << ""
                           << "position 1";
    QTest::newRow("name without quotes") << "band(B04)"
                                         << "position 6";
    QTest::newRow("misspelt function") << "1 + sqr(b1)"
                                       << "did you mean sqrt?";
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
