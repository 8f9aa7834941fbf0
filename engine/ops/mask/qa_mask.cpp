// SPDX-License-Identifier: GPL-3.0-or-later
// qa_mask: pixels left out by what a quality band says of them.
#include <cmath>

#include "engine/base/text.h"
#include "engine/op/family/masked.h"
#include "engine/op/family/matched.h"
#include "engine/op/knowledge/knowledge.h"

namespace cubeloom {
namespace {

Declaration declaration() {
  Declaration d;
  d.title = "Quality mask";
  d.summary = "Makes pixels nodata where a quality band says cloud, shadow, fill or the like.";
  d.help =
      "The second input is the quality band, on the same grid: whole numbers whose bits or values have a meaning. 'preset' knows those "
      "of " +
      join(knownIds("qa_flags"), ", ") +
      "; 'drop' says what goes, behind commas: a name of the preset (cloud), one with a value (cloud_confidence=3, cloud_confidence>=2), "
      "or "
      "bits by number: 3, 8-9>=2. Without it goes what the preset recommends. Nodata of the quality band goes, too. 'dilate' makes what "
      "goes "
      "grow by pixels, in a circle. Your own presets go into ~/.local/share/cubeloom/knowledge/qa_flags.json, in the form of "
      "resources/knowledge/qa_flags.json.";
  d.references = {"https://www.usgs.gov/landsat-missions/landsat-collection-2-quality-assessment-bands"};
  d.example = "qa_mask drop=0-1=3";
  d.moreExamples = {"qa_mask drop=1=1 dilate=3"};
  d.noPython = "xarray has no bits by name; np.bitwise_and takes them one by one";
  d.noGdal = "gdal_calc.py takes numpy's expressions, bit by bit";
  d.keywords = {"cloud mask", "fmask", "scl", "qa_pixel", "bits", "flags", "shadow", "quality"};
  d.inputs = {{.name = "array"}, {.name = "labels", .help = "The quality band."}};
  d.params = {{.name = "preset", .help = "Whose bits or values these are: " + join(knownIds("qa_flags"), ", ") + "."},
              {.name = "drop", .help = "What goes: names, names with a value, or bits by number."},
              invertParam("Keep what would go, and drop the rest."),
              dilateParam(),
              joinParam()};
  return d;
}

/// One condition: the value of some bits, compared.
struct BitRule {
  unsigned shift = 0;
  std::uint64_t bits = ~std::uint64_t{0};
  std::string comparison = "!=";
  double value = 0;

  bool holds(std::uint64_t flags) const {
    const auto found = static_cast<double>((flags >> shift) & bits);
    if (comparison == "=") return found == value;
    if (comparison == "!=") return found != value;
    if (comparison == ">=") return found >= value;
    if (comparison == "<=") return found <= value;
    return comparison == ">" ? found > value : found < value;
  }
};

Failure wrongRule(const std::string& message, const std::string& hint = {}) { return invalidParameter("drop", message, hint); }

Result<void> takeBits(double first, double last, BitRule& rule) {
  if (!(first >= 0 && first <= last && last <= 63) || first != std::floor(first) || last != std::floor(last))
    return wrongRule("bits " + formatNumber(first) + " to " + formatNumber(last) + " are none", "bits are numbered 0 to 63");
  rule.shift = static_cast<unsigned>(first);
  const auto count = static_cast<unsigned>(last - first) + 1;
  rule.bits = count >= 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << count) - 1;
  return {};
}

/// "cloud", "cloud_confidence>=2", "3", "8-9=3".
Result<BitRule> ruleFrom(const std::string& text, const Json& preset) {
  BitRule rule;
  const auto at = text.find_first_of("=!<>");
  const std::string name(trim(text.substr(0, at)));
  const bool isCompared = at != std::string::npos;
  if (isCompared) {
    const std::size_t end = text.find_first_not_of("=!<>", at);
    rule.comparison = text.substr(at, end == std::string::npos ? end : end - at);
    if (rule.comparison == "==") rule.comparison = "=";
    const auto value = end == std::string::npos ? std::nullopt : parseInteger(text.substr(end));
    const std::vector<std::string> known{"=", "!=", ">=", "<=", ">", "<"};
    if (!value || std::find(known.begin(), known.end(), rule.comparison) == known.end())
      return wrongRule("'" + text + "' is no condition", "as in cloud_confidence>=2");
    rule.value = static_cast<double>(*value);
  }
  const Json fields = preset.value("fields", Json::object()), classes = preset.value("classes", Json::object());
  if (fields.contains(name)) {
    CUBELOOM_TRY(takeBits(fields[name][0].get<double>(), fields[name][1].get<double>(), rule));
    return rule;
  }
  if (classes.contains(name)) {
    if (isCompared) return wrongRule("'" + name + "' is a class, not a number", "write the name alone");
    rule.comparison = "=";
    rule.value = classes[name].get<double>();
    return rule;
  }
  const auto ends = split(name, '-');
  const auto first = parseNumber(ends.front()), last = parseNumber(ends.back());
  if (first && last && ends.size() <= 2 && !name.empty()) {
    CUBELOOM_TRY(takeBits(*first, *last, rule));
    return rule;
  }
  std::vector<std::string> names;
  for (const Json& list : {fields, classes})
    for (const auto& [known, meaning] : list.items()) names.push_back(known);
  return wrongRule("'" + name + "' is not known", names.empty() ? "say a preset, or bits by number" : "known are " + join(names, ", "));
}

Result<std::shared_ptr<const BoundOperation>> bind(const Params& params, const std::vector<ArraySpec>& inputs,
                                                   const BindContext& /*context*/) {
  if (!isInteger(inputs[1].type))
    return fail(ErrorCode::UnsupportedType,
                "the quality band is " + std::string(pixelTypeName(inputs[1].type)) + ", whose bits mean nothing",
                "give one of whole numbers, or add astype to it");
  Json preset = Json::object();
  if (const std::string id = params.text("preset"); !id.empty()) {
    const auto known = knowledge("qa_flags", "preset");
    if (!known) return fail(known.error());
    auto entry = knownEntry((*known)["qa_flags"], id, "preset");
    if (!entry) return fail(entry.error());
    preset = std::move(*entry);
  }
  const std::string drop = trim(params.text("drop")).empty() ? preset.value("drop", std::string()) : params.text("drop");
  if (drop.empty()) return wrongRule("nothing says what goes", "say a preset, or bits by number, as in drop=3,8-9>=2");
  std::vector<BitRule> rules;
  for (const std::string& item : split(drop, ',')) {
    auto rule = ruleFrom(std::string(trim(item)), preset);
    if (!rule) return fail(rule.error());
    rules.push_back(std::move(*rule));
  }
  Masked masked;
  masked.dilate = params.integer("dilate");
  masked.summary =
      (params.flag("invert") ? "only " : "without ") + drop + (masked.dilate > 0 ? " + " + std::to_string(masked.dilate) + " px" : "");
  const bool isInverted = params.flag("invert");
  masked.drop = [rules, isInverted](const double* flags, std::size_t count, std::uint8_t* drops) {
    for (std::size_t i = 0; i < count; ++i) {
      if (std::isnan(flags[i])) {
        drops[i] = 1;
        continue;
      }
      const auto bits = static_cast<std::uint64_t>(static_cast<std::int64_t>(flags[i]));
      const bool holds = std::any_of(rules.begin(), rules.end(), [bits](const BitRule& rule) { return rule.holds(bits); });
      drops[i] = holds != isInverted;
    }
  };
  return bindMatched(params, {inputs, {"array", "labels"}},
                     [&masked](const std::vector<ArraySpec>& specs) { return bindMasked(specs, std::move(masked)); });
}

}  // namespace

CUBELOOM_OPERATION(qa_mask) { return makeOperation(declaration(), bind); }

}  // namespace cubeloom
