// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/io/cf/cf_flags.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "engine/base/text.h"

namespace cubeloom {
namespace {

/// "#ffff64", or with opacity "#ffff64ff".
std::optional<std::array<std::uint8_t, 4>> colourOf(std::string_view word) {
  constexpr std::size_t kOpaque = 6, kWithOpacity = 8;
  constexpr int kHexadecimal = 16;
  if (word.starts_with('#')) word.remove_prefix(1);
  if (word.size() != kOpaque && word.size() != kWithOpacity) return std::nullopt;
  std::array<std::uint8_t, 4> colour{0, 0, 0, 255};
  for (std::size_t i = 0; i < word.size() / 2; ++i) {
    const std::string_view level = word.substr(2 * i, 2);
    const auto [end, error] = std::from_chars(level.data(), level.data() + level.size(), colour[i], kHexadecimal);
    if (error != std::errc() || end != level.data() + level.size()) return std::nullopt;
  }
  return colour;
}

void setColours(const std::vector<double>& numbers, ArraySpec& spec) {
  constexpr double kMostClasses = 65536;
  const auto found = spec.attributes.find("flag_colors");
  if (found == spec.attributes.end()) return;
  std::string text = found->second;
  std::replace(text.begin(), text.end(), ',', ' ');
  std::vector<std::array<std::uint8_t, 4>> colours;
  for (const std::string& word : split(text, ' ')) {
    if (trim(word).empty()) continue;
    const auto colour = colourOf(trim(word));
    if (!colour) return;
    colours.push_back(*colour);
  }
  if (!numbers.empty() && numbers.size() != colours.size()) return;
  std::vector<std::array<std::uint8_t, 4>> byNumber;
  for (std::size_t i = 0; i < colours.size(); ++i) {
    const double number = numbers.empty() ? static_cast<double>(i) : numbers[i];
    if (number != std::floor(number) || number < 0 || number >= kMostClasses) return;
    const auto place = static_cast<std::size_t>(number);
    if (byNumber.size() <= place) byNumber.resize(place + 1, {0, 0, 0, 255});
    byNumber[place] = colours[i];
  }
  spec.classColours = std::move(byNumber);
  spec.attributes.erase(found);  // outputs make it anew
}

}  // namespace

void setFlags(const StoredVariable& variable, const ValueDecoder& decoder, ArraySpec& spec) {
  if (decoder.isScaled || !isInteger(spec.type)) return;
  std::vector<double> values;
  for (const char* key : {"flag_values", "flag_masks"}) {
    const auto found = variable.attributes.find(key);
    if (found == variable.attributes.end() || found->second.numbers.empty()) continue;
    std::vector<double> numbers;
    std::vector<std::string> texts;
    for (const double number : found->second.numbers) {
      numbers.push_back(asStored(number, decoder.stored));
      texts.push_back(formatNumber(numbers.back()));
    }
    spec.attributes[key] = join(texts, ", ");
    if (std::string_view(key) == "flag_values") values = std::move(numbers);
  }
  setColours(values, spec);
}

}  // namespace cubeloom
