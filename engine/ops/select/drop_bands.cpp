// SPDX-License-Identifier: GPL-3.0-or-later
// drop_bands: the cube without bands that hold no signal, as a view.
#include "engine/base/text.h"
#include "engine/op/family/along_dim.h"
#include "engine/op/knowledge/knowledge.h"
#include "engine/op/view/select_operation.h"

namespace cubeloom {
namespace {

Declaration declaration() {
  Declaration d;
  d.title = "Drop bands";
  d.summary = "Leaves out bands: those the file marks bad, numbers, ranges of wavelengths, or a sensor's known list.";
  d.help =
      "'bands' is one or more of these behind commas: 'bad' (what the header's bbl marks), a number from 1 (7), numbers from-to (1-7), "
      "wavelengths from-to in nm (1340-1450nm), or the name of a list: " +
      join(knownIds("bad_bands"), ", ") +
      ". Your own lists go into ~/.local/share/cubeloom/knowledge/bad_bands.json, in the form of resources/knowledge/bad_bands.json. "
      "Names, "
      "wavelengths, fwhm and all else go with the bands that stay.";
  d.references = {"https://www.nv5geospatialsoftware.com/docs/enviheaderfiles.html",
                  "Gao, B.-C., Goetz, A. F. H. (1990): Column atmospheric water vapor and vegetation liquid water retrievals. "
                  "doi:10.1029/JD095iD04p03549"};
  d.example = "drop_bands bands=1-4,1340-1450nm";
  d.noPython = "which bands go depends on what the file says of them";
  d.noGdal = "gdal_translate -b names the bands that stay";
  d.keywords = {"bad bands", "bbl", "water vapour", "noise", "remove", "exclude", "subset"};
  d.params = {{.name = "bands", .help = "bad, numbers, ranges in nm, or a known list.", .defaultTo = "bad"}};
  return d;
}

Failure wrongBands(const std::string& message, const std::string& hint = {}) { return invalidParameter("bands", message, hint); }

/// Which bands of `dim` go.
class Dropped {
 public:
  explicit Dropped(const Dim& dim) : m_dim(dim), m_goes(static_cast<std::size_t>(dim.size), false) {}

  Result<void> add(const std::string& item) {
    const std::string word = toLower(item);
    if (word == "bad") return addBad();
    const bool isInNm = word.ends_with("nm");
    const auto ends = split(isInNm ? word.substr(0, word.size() - 2) : word, word.find(':') != std::string::npos ? ':' : '-');
    const auto low = parseNumber(ends.front()), high = parseNumber(ends.back());
    if (!low || !high || ends.size() > 2) return addKnown(item);
    return isInNm ? addWavelengths(*low, *high) : addNumbers(*low, *high);
  }

  Result<std::vector<std::int64_t>> kept() const {
    std::vector<std::int64_t> kept;
    for (std::int64_t i = 0; i < m_dim.size; ++i)
      if (!m_goes[static_cast<std::size_t>(i)]) kept.push_back(i);
    if (kept.empty()) return wrongBands("all " + formatCount(m_dim.size) + " bands would go");
    return kept;
  }

 private:
  Result<void> addBad() {
    const auto good = m_dim.coordinate.aux.find("good");
    if (good == m_dim.coordinate.aux.end())
      return wrongBands("the file marks no bad bands (no bbl in its header)",
                        "name them: numbers, ranges in nm, or " + join(knownIds("bad_bands"), ", "));
    for (std::size_t i = 0; i < m_goes.size(); ++i) m_goes[i] = m_goes[i] || good->second[i] == 0;
    return {};
  }

  Result<void> addNumbers(double low, double high) {
    if (low != std::floor(low) || high != std::floor(high) || !(low >= 1 && low <= high && high <= static_cast<double>(m_dim.size)))
      return wrongBands(
          formatNumber(low) + "-" + formatNumber(high) + " are no bands: they are numbered 1 to " + std::to_string(m_dim.size),
          "wavelengths end in nm, as in 1340-1450nm");
    for (auto i = static_cast<std::size_t>(low); i <= static_cast<std::size_t>(high); ++i) m_goes[i - 1] = true;
    return {};
  }

  Result<void> addWavelengths(double low, double high) {
    if (m_dim.coordinate.unit != "nm")
      return wrongBands("the bands have no wavelengths", "give their numbers, 1 to " + std::to_string(m_dim.size));
    if (!(low <= high))
      return wrongBands(formatNumber(low) + "-" + formatNumber(high) + "nm is no range", "the lower wavelength comes first");
    for (std::int64_t i = 0; i < m_dim.size; ++i) {
      const double nm = m_dim.coordinate.at(i);
      if (nm >= low && nm <= high) m_goes[static_cast<std::size_t>(i)] = true;
    }
    return {};
  }

  Result<void> addKnown(const std::string& id) {
    const auto known = knowledge("bad_bands", "bands");
    if (!known) return fail(known.error());
    const auto list = knownEntry((*known)["bad_bands"], id, "bands");
    if (!list) return fail(list.error());
    if (list->contains("count") && (*list)["count"] != m_dim.size)
      return wrongBands("the list '" + id + "' numbers " + (*list)["count"].dump() + " bands, the array has " + std::to_string(m_dim.size),
                        "take it before other bands are left out");
    for (const Json& range : list->value("ranges", Json::array()))
      CUBELOOM_TRY(addWavelengths(range[0].get<double>(), range[1].get<double>()));
    for (const Json& range : list->value("bands", Json::array())) CUBELOOM_TRY(addNumbers(range[0].get<double>(), range[1].get<double>()));
    return {};
  }

  const Dim& m_dim;
  std::vector<bool> m_goes;
};

Result<std::shared_ptr<const BoundOperation>> bind(const Params& params, const std::vector<ArraySpec>& inputs,
                                                   const BindContext& /*context*/) {
  const ArraySpec& input = inputs[0];
  const int d = input.spectralDim();
  if (d < 0) return wrongBands("there is no wavelength or band dim", "the dims are " + dimList(input));
  const Dim& dim = input.dims[static_cast<std::size_t>(d)];
  Dropped dropped(dim);
  for (const std::string& item : split(params.text("bands"), ',')) CUBELOOM_TRY(dropped.add(std::string(trim(item))));
  auto kept = dropped.kept();
  if (!kept) return fail(kept.error());
  const auto left = static_cast<std::int64_t>(kept->size());
  return makeSelection(input, {{dim.name, {IndexSet::list(std::move(*kept))}}},
                       formatCount(left) + " of " + formatCount(dim.size) + " bands stay");
}

}  // namespace

CUBELOOM_OPERATION(drop_bands) { return makeOperation(declaration(), bind); }

}  // namespace cubeloom
