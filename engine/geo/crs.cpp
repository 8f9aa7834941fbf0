// SPDX-License-Identifier: GPL-3.0-or-later
// Reading, naming and comparing coordinate reference systems with PROJ.
#include "engine/geo/crs.h"

#include <proj.h>
#include <proj_experimental.h>

#include <array>
#include <cctype>
#include <map>
#include <mutex>
#include <optional>
#include <utility>

#include "engine/base/text.h"
#include "engine/geo/crs_proj.h"

namespace cubeloom {
namespace {

constexpr std::size_t kMostKnown = 256;  // systems remembered

std::string textOf(const char* text) { return text ? text : ""; }

/// PROJ opens files for some words of a definition; a CRS typed by a user or found in a dataset must not be a way to do that.
std::optional<std::string> refusal(std::string_view text) {
  const std::string lower = toLower(text);
  const auto has = [&lower](std::string_view word) { return lower.find(word) != std::string::npos; };
  const bool isMarkup = text.find('[') != std::string_view::npos || text.front() == '{';  // WKT and PROJJSON cite URLs harmlessly
  if (!isMarkup && has("://")) return "a URL is not accepted";
  if (text.front() == '/' || text.front() == '.' || text.front() == '~' || text.front() == '@') return "a file is not accepted";
  if (text.size() > 2 && text[1] == ':' && (text[2] == '\\' || text[2] == '/')) return "a file is not accepted";
  if (has("init=") || has("proj=pipeline") || has("+file=") || has("+catalog=")) return "only the definition of a system is accepted";
  for (std::size_t at = lower.find("grids="); at != std::string::npos; at = lower.find("grids=", at + 1)) {
    const std::string_view grid = std::string_view(lower).substr(at + 6);
    if (grid.substr(0, 5) != "@null" && grid.substr(0, 4) != "null") return "grid files are not accepted";
  }
  return std::nullopt;
}

/// "+init=epsg:32610" and "32610" mean "EPSG:32610": the axis order that PROJ attaches to the spellings is normalised away here anyway.
std::string normalised(std::string_view text) {
  text = trim(text);
  const std::string lower = toLower(text);
  for (const std::string_view prefix : {"+init=epsg:", "init=epsg:"})
    if (lower.rfind(prefix, 0) == 0) return "EPSG:" + std::string(trim(text.substr(prefix.size())));
  if (!text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos) return "EPSG:" + std::string(text);
  const bool isProjString = lower.rfind("+proj=", 0) == 0 || lower.rfind("proj=", 0) == 0;
  if (isProjString && lower.find("type=crs") == std::string::npos) return std::string(text) + " +type=crs";
  return std::string(text);
}

bool looksLikeDefinition(const std::string& text) {
  const std::string lower = toLower(text);
  if (text.front() == '{' || text.front() == '+' || lower.rfind("proj=", 0) == 0 || lower.rfind("urn:", 0) == 0) return true;
  if (text.find('[') != std::string::npos || text.find('(') != std::string::npos) {
    std::size_t letters = 0;
    while (letters < text.size() && (std::isalnum(static_cast<unsigned char>(text[letters])) || text[letters] == '_')) ++letters;
    if (letters > 0 && letters < text.size() && (text[letters] == '[' || text[letters] == '(')) return true;
  }
  const std::size_t colon = text.find(':');
  return colon != std::string::npos && colon > 0 && text.find_first_of(" /\\") == std::string::npos;
}

/// By its exact name only: PROJ's own lookup by name would also take what merely resembles it.
ProjObject createByName(pj_ctx* context, const std::string& name) {
  static constexpr std::array<PJ_TYPE, 2> kTypes{PJ_TYPE_GEOGRAPHIC_2D_CRS, PJ_TYPE_PROJECTED_CRS};
  PJ_OBJ_LIST* found = proj_create_from_name(context, nullptr, name.c_str(), kTypes.data(), kTypes.size(), 0, 1, nullptr);
  if (!found) return nullptr;
  ProjObject object(proj_list_get_count(found) > 0 ? proj_list_get(context, found, 0) : nullptr);
  proj_list_destroy(found);
  return object;
}

/// The part of a compound system, or of one with heights, that x and y are of: rasters are warped in these only.
ProjObject horizontal(pj_ctx* context, ProjObject object) {
  while (object && proj_get_type(object.get()) == PJ_TYPE_COMPOUND_CRS) object.reset(proj_crs_get_sub_crs(context, object.get(), 0));
  if (object && proj_get_type(object.get()) == PJ_TYPE_GEOGRAPHIC_3D_CRS)
    if (ProjObject plane{proj_crs_demote_to_2D(context, nullptr, object.get())}) return plane;
  return object;
}

/// What heights are counted from; "" for a system of x and y alone. `whole` is the system with its vertical part.
std::string verticalOf(pj_ctx* context, const PJ* whole) {
  if (proj_get_type(whole) == PJ_TYPE_COMPOUND_CRS) {
    const ProjObject vertical(proj_crs_get_sub_crs(context, whole, 1));
    return vertical ? textOf(proj_get_name(vertical.get())) : std::string();
  }
  const ProjObject system(proj_crs_get_coordinate_system(context, whole));
  return system && proj_cs_get_axis_count(context, system.get()) > 2 ? "ellipsoidal height" : std::string();
}

/// Without the transformation to WGS 84 that WKT 1 may carry.
ProjObject unbound(pj_ctx* context, const PJ* object) {
  if (proj_get_type(object) == PJ_TYPE_BOUND_CRS) return ProjObject(proj_get_source_crs(context, object));
  return ProjObject(proj_clone(context, object));
}

std::string embeddedAuthority(const PJ* object) {
  const char* name = proj_get_id_auth_name(object, 0);
  const char* code = proj_get_id_code(object, 0);
  return name && code ? std::string(name) + ":" + code : std::string();
}

std::string identify(pj_ctx* context, const PJ* object) {
  if (std::string known = embeddedAuthority(object); !known.empty()) return known;
  for (const char* authority : {"EPSG", "ESRI", "OGC"}) {
    int* confidence = nullptr;
    PJ_OBJ_LIST* found = proj_identify(context, object, authority, nullptr, &confidence);
    std::string best;
    if (found && confidence && proj_list_get_count(found) > 0 && confidence[0] >= 90) {
      const ProjObject match(proj_list_get(context, found, 0));
      best = embeddedAuthority(match.get());
    }
    proj_int_list_destroy(confidence);
    proj_list_destroy(found);
    if (!best.empty()) return best;
  }
  return {};
}

/// "EPSG:32633+5773" of a compound system that has no code of its own.
std::string codesOf(pj_ctx* context, const PJ* compound) {
  const ProjObject plane(proj_crs_get_sub_crs(context, compound, 0)), vertical(proj_crs_get_sub_crs(context, compound, 1));
  if (!plane || !vertical) return {};
  const std::string first = identify(context, plane.get()), second = identify(context, vertical.get());
  constexpr std::string_view kEpsg = "EPSG:";
  return first.starts_with(kEpsg) && second.starts_with(kEpsg) ? first + "+" + second.substr(kEpsg.size()) : "";
}

}  // namespace

void ProjDeleter::operator()(PJconsts* object) const { proj_destroy(object); }
void ProjDeleter::operator()(pj_ctx* context) const { proj_context_destroy(context); }

ProjContext makeProjContext() {
  ProjContext context(proj_context_create());
  proj_log_level(context.get(), PJ_LOG_NONE);
  proj_context_set_enable_network(context.get(), 0);
  return context;
}

pj_ctx* threadProjContext() {
  thread_local const ProjContext context = makeProjContext();
  return context.get();
}

ProjObject Crs::Data::create(pj_ctx* context) const { return horizontal(context, ProjObject(proj_create(context, definition.c_str()))); }

Crs::Crs() = default;

Result<Crs> Crs::fromUser(std::string_view text) {
  const std::string_view trimmed = trim(text);
  if (trimmed.empty()) return fail(ErrorCode::CrsUnavailable, "the CRS is empty", "Give a code such as EPSG:32610, WKT or a PROJ string.");
  const std::string definition = normalised(trimmed);
  const std::string shown = definition.size() > 80 ? definition.substr(0, 77) + "..." : definition;
  if (const auto why = refusal(definition))
    return fail(ErrorCode::CrsUnavailable, "the CRS \"" + shown + "\" is not accepted: " + *why,
                "Give a code such as EPSG:32610, WKT or a PROJ string without files.");

  // The files of a campaign all say the same, and PROJ asks its database about each.
  static std::mutex mutex;
  static std::map<std::string, Crs> known;
  {
    const std::lock_guard lock(mutex);
    if (const auto found = known.find(definition); found != known.end()) return found->second;
  }
  auto crs = parse(definition);
  if (!crs)
    return fail(ErrorCode::CrsUnavailable, "PROJ does not know the CRS \"" + shown + "\"",
                "Give a code such as EPSG:32610, WKT or a PROJ string.");
  const std::lock_guard lock(mutex);
  if (known.size() >= kMostKnown) known.clear();
  known.emplace(definition, *crs);
  return *crs;
}

std::optional<Crs> Crs::parse(const std::string& definition) {
  pj_ctx* context = threadProjContext();
  ProjObject object =
      looksLikeDefinition(definition) ? ProjObject(proj_create(context, definition.c_str())) : createByName(context, definition);
  if (!object || !proj_is_crs(object.get())) return std::nullopt;
  const ProjObject plane = horizontal(context, ProjObject(proj_clone(context, object.get())));
  if (!plane) return std::nullopt;

  auto data = std::make_shared<Data>();
  static constexpr std::array<const char*, 2> kOneLine{"MULTILINE=NO", nullptr};
  data->name = textOf(proj_get_name(object.get()));
  data->wkt = textOf(proj_as_wkt(context, object.get(), PJ_WKT2_2019, kOneLine.data()));
  data->wkt1 = textOf(proj_as_wkt(context, object.get(), PJ_WKT1_GDAL, kOneLine.data()));
  data->authority = identify(context, object.get());
  if (data->authority.empty() && proj_get_type(object.get()) == PJ_TYPE_COMPOUND_CRS) data->authority = codesOf(context, object.get());
  // A code read from the database is exact; otherwise the user's own text, which loses nothing.
  data->definition = looksLikeDefinition(definition) ? definition : embeddedAuthority(object.get());

  data->vertical = verticalOf(context, unbound(context, object.get()).get());
  const ProjObject base = unbound(context, plane.get());
  const PJ_TYPE type = proj_get_type(base.get());
  data->isGeographic = type == PJ_TYPE_GEOGRAPHIC_2D_CRS || type == PJ_TYPE_GEOGRAPHIC_3D_CRS;
  if (const ProjObject system{proj_crs_get_coordinate_system(context, base.get())}) {
    double factor = 0;
    const char* unit = nullptr;
    if (proj_cs_get_axis_info(context, system.get(), 0, nullptr, nullptr, nullptr, &factor, &unit, nullptr, nullptr)) {
      data->unit = textOf(unit);
      data->unitInMetres = data->isGeographic ? 0 : factor;
    }
  }
  Crs crs;
  crs.m_data = std::move(data);
  return crs;
}

bool Crs::isValid() const { return m_data != nullptr; }
bool Crs::isGeographic() const { return m_data && m_data->isGeographic; }
std::string Crs::name() const { return m_data ? m_data->name : std::string(); }
std::string Crs::authority() const { return m_data ? m_data->authority : std::string(); }
std::string Crs::wkt() const { return m_data ? m_data->wkt : std::string(); }
std::string Crs::wkt1() const { return m_data ? m_data->wkt1 : std::string(); }
std::string Crs::verticalName() const { return m_data ? m_data->vertical : std::string(); }
std::string Crs::unitName() const { return m_data ? m_data->unit : std::string(); }
double Crs::unitInMetres() const { return m_data ? m_data->unitInMetres : 0; }

std::string Crs::definition() const {
  if (!m_data) return {};
  if (!m_data->authority.empty()) return m_data->authority;
  const bool named = !m_data->name.empty() && toLower(m_data->name) != "unknown" && toLower(m_data->name) != "unnamed";
  return named ? m_data->name : m_data->wkt;
}

std::string Crs::label() const {
  std::string text = definition();
  if (!m_data || text != m_data->wkt) return text;
  if (isGeographic()) return "custom geographic";
  // METHOD["Lambert Conic Conformal (2SP)", ...]: how a map is projected, without its numbers.
  constexpr std::string_view kMethod = "METHOD[\"";
  const std::size_t at = text.find(kMethod);
  if (at == std::string::npos) return "custom";
  const std::size_t begin = at + kMethod.size();
  std::string method = text.substr(begin, text.find('"', begin) - begin);
  if (const std::size_t variant = method.find(" ("); variant != std::string::npos) method.resize(variant);
  return "custom " + method;
}

namespace {

/// Whether the projections have the same method and parameters; true where one of the two is no projected CRS.
bool isProjectedAlike(pj_ctx* context, const PJ* one, const PJ* other) {
  if (proj_get_type(one) != PJ_TYPE_PROJECTED_CRS || proj_get_type(other) != PJ_TYPE_PROJECTED_CRS) return true;
  const ProjObject mine(proj_crs_get_coordoperation(context, one)), theirs(proj_crs_get_coordoperation(context, other));
  return mine && theirs && proj_is_equivalent_to_with_ctx(context, mine.get(), theirs.get(), PJ_COMP_EQUIVALENT) != 0;
}

}  // namespace

bool Crs::isSameAs(const Crs& other) const {
  if (m_data == other.m_data) return true;
  if (!m_data || !other.m_data) return false;
  if (m_data->definition == other.m_data->definition) return true;
  pj_ctx* context = threadProjContext();
  const ProjObject mine = m_data->create(context);
  const ProjObject theirs = other.m_data->create(context);
  if (!mine || !theirs) return false;
  // One code is one CRS whatever is said of its datum (an ensemble, shifts), but not where a file gives the code to another projection.
  const bool isOneCode = !m_data->authority.empty() && m_data->authority == other.m_data->authority;
  if (isOneCode && isProjectedAlike(context, mine.get(), theirs.get())) return true;
  return proj_is_equivalent_to_with_ctx(context, mine.get(), theirs.get(), PJ_COMP_EQUIVALENT_EXCEPT_AXIS_ORDER_GEOGCRS) != 0;
}

}  // namespace cubeloom
