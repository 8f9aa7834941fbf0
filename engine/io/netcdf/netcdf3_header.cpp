// SPDX-License-Identifier: GPL-3.0-or-later
// The NetCDF classic format specification, https://docs.unidata.ucar.edu/netcdf-c/current/file_format_specifications.html.
#include "engine/io/netcdf/netcdf3_header.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <limits>

#include "engine/base/text.h"

namespace cubeloom {
namespace {

constexpr std::int64_t kMaxItems = 100000, kMaxNumbers = 65536;
constexpr std::size_t kMaxRank = 1024;
constexpr std::uint32_t kDimensions = 10, kVariables = 11, kAttributes = 12;
constexpr std::uint32_t kChar = 2;

struct ExternalType {
  std::size_t bytes = 0;
  std::optional<PixelType> pixel;
};

/// By number: 1 byte, 2 char, 3 short, 4 int, 5 float, 6 double, and CDF-5's 7 ubyte to 11 uint64.
std::optional<ExternalType> externalType(std::uint32_t number) {
  using enum PixelType;
  switch (number) {
    case 1: return ExternalType{1, Int8};
    case kChar: return ExternalType{1, std::nullopt};
    case 3: return ExternalType{2, Int16};
    case 4: return ExternalType{4, Int32};
    case 5: return ExternalType{4, Float32};
    case 6: return ExternalType{8, Float64};
    case 7: return ExternalType{1, UInt8};
    case 8: return ExternalType{2, UInt16};
    case 9: return ExternalType{4, UInt32};
    case 10: return ExternalType{8, Int64};
    case 11: return ExternalType{8, UInt64};
    default: return std::nullopt;
  }
}

double numberAt(const char* bytes, PixelType type) {
  std::uint64_t bits = 0;
  const std::size_t size = pixelTypeBytes(type);
  for (std::size_t i = 0; i < size; ++i) bits = bits << 8 | static_cast<unsigned char>(bytes[i]);
  switch (type) {
    case PixelType::Int8: return static_cast<std::int8_t>(bits);
    case PixelType::Int16: return static_cast<std::int16_t>(bits);
    case PixelType::Int32: return static_cast<std::int32_t>(bits);
    case PixelType::Int64: return static_cast<double>(static_cast<std::int64_t>(bits));
    case PixelType::Float32: return std::bit_cast<float>(static_cast<std::uint32_t>(bits));
    case PixelType::Float64: return std::bit_cast<double>(bits);
    default: return static_cast<double>(bits);
  }
}

/// Reads the header front to back; the first thing that is wrong ends it.
class Parser {
 public:
  Parser(std::string_view bytes, std::int64_t fileBytes) : m_bytes(bytes), m_fileBytes(fileBytes) {}

  Result<Netcdf3Header> parse() {
    Netcdf3Header header;
    m_version = m_bytes.size() > 3 ? static_cast<int>(m_bytes[3]) : 0;
    if (!m_bytes.starts_with("CDF") || (m_version != 1 && m_version != 2 && m_version != 5)) return wrong("it does not begin with CDF");
    m_at = 4;
    const std::uint64_t records = size();
    dims();
    attributes(header.attributes);
    variables(header);
    if (m_isShort) {
      header.truncated = true;
      return header;
    }
    if (!m_problem.empty()) return wrong(m_problem);
    if (auto placed = place(header, records); !placed) return fail(placed.error());
    return header;
  }

 private:
  struct DimInfo {
    std::string name;
    std::int64_t size = 0;
    bool isRecord = false;
  };

  static Failure wrong(const std::string& what) { return fail(ErrorCode::OpenFailed, "its NetCDF header is broken: " + what); }
  bool isOk() const { return m_problem.empty() && !m_isShort; }
  void complain(const std::string& what) {
    if (isOk()) m_problem = what;
  }
  bool need(std::uint64_t bytes) {
    if (isOk() && (bytes > m_bytes.size() || m_at > m_bytes.size() - bytes)) m_isShort = true;
    return isOk();
  }
  std::uint64_t big(std::size_t bytes) {
    if (!need(bytes)) return 0;
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < bytes; ++i) value = value << 8 | static_cast<unsigned char>(m_bytes[m_at++]);
    return value;
  }
  std::uint32_t word() { return static_cast<std::uint32_t>(big(4)); }
  /// NON_NEG: wider in CDF-5.
  std::uint64_t size() { return big(m_version == 5 ? 8 : 4); }
  std::int64_t count(const char* what, std::int64_t most) {
    const std::uint64_t n = size();
    if (n <= static_cast<std::uint64_t>(most)) return static_cast<std::int64_t>(n);
    complain(std::to_string(n) + " " + what + ", more than " + std::to_string(most));
    return 0;
  }
  std::string name() {
    const std::int64_t length = count("bytes in a name", 1024);
    const auto padded = static_cast<std::size_t>((length + 3) / 4 * 4);
    if (!need(padded)) return {};
    std::string text(m_bytes.substr(m_at, static_cast<std::size_t>(length)));
    m_at += padded;
    return text;
  }
  /// The number of items of a list that is tagged `tag`, or absent.
  std::int64_t list(std::uint32_t tag, const char* what) {
    const std::uint32_t found = word();
    const std::int64_t items = count(what, kMaxItems);
    if (found != tag && (found != 0 || items != 0)) complain("no list of " + std::string(what) + " where one should be");
    return items;
  }

  void dims() {
    int unlimited = 0;
    for (std::int64_t i = list(kDimensions, "dims"); i > 0 && isOk(); --i) {
      DimInfo dim;
      dim.name = name();
      const std::uint64_t length = size();
      dim.isRecord = length == 0;
      unlimited += dim.isRecord ? 1 : 0;
      if (length > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) complain("dim '" + dim.name + "' is too long");
      dim.size = static_cast<std::int64_t>(length);
      m_dims.push_back(std::move(dim));
    }
    if (unlimited > 1) complain("it has " + std::to_string(unlimited) + " unlimited dims");
  }

  void attributes(Attributes& attributes) {
    for (std::int64_t i = list(kAttributes, "attributes"); i > 0 && isOk(); --i) {
      const std::string key = name();
      const std::uint32_t typeNumber = word();
      const auto type = externalType(typeNumber);
      if (!type) complain("attribute '" + key + "' has the unknown type " + std::to_string(typeNumber));
      if (!isOk()) return;
      const std::int64_t length = count("values in an attribute", typeNumber == kChar ? 64 << 20 : 4 << 20);
      const std::size_t bytes = static_cast<std::size_t>(length) * type->bytes;
      if (!need((bytes + 3) / 4 * 4)) return;
      Attribute value;
      if (typeNumber == kChar) {
        value.text = std::string(m_bytes.substr(m_at, bytes));
        while (!value.text.empty() && (value.text.back() == '\0' || value.text.back() == ' ')) value.text.pop_back();
      } else if (length <= kMaxNumbers) {
        std::vector<std::string> texts;
        for (std::int64_t k = 0; k < length; ++k) {
          value.numbers.push_back(numberAt(m_bytes.data() + m_at + static_cast<std::size_t>(k) * type->bytes, *type->pixel));
          texts.push_back(*type->pixel == PixelType::Float32 ? formatSignificant(value.numbers.back(), 8)
                                                             : formatNumber(value.numbers.back()));
        }
        value.text = join(texts, ", ");
      }
      attributes[key] = std::move(value);
      m_at += (bytes + 3) / 4 * 4;
    }
  }

  void variables(Netcdf3Header& header) {
    for (std::int64_t i = list(kVariables, "variables"); i > 0 && isOk(); --i) {
      Netcdf3Variable variable;
      StoredVariable& stored = variable.stored;
      stored.name = name();
      for (std::int64_t d = count("dims of a variable", kMaxRank); d > 0 && isOk(); --d) {
        const std::uint64_t id = size();
        if (isOk() && id >= m_dims.size()) complain("variable '" + stored.name + "' has a dim that is not declared");
        if (!isOk()) return;
        const DimInfo& dim = m_dims[id];
        if (dim.isRecord && !stored.dims.empty()) complain("variable '" + stored.name + "' has the unlimited dim not as its first");
        variable.isRecord = variable.isRecord || dim.isRecord;
        std::string unique = dim.name;
        while (std::find(stored.dims.begin(), stored.dims.end(), unique) != stored.dims.end()) unique += "_";
        stored.dims.push_back(std::move(unique));
        stored.shape.push_back(dim.size);
      }
      attributes(stored.attributes);
      const std::uint32_t typeNumber = word();
      const auto type = externalType(typeNumber);
      if (isOk() && !type) complain("variable '" + stored.name + "' has the unknown type " + std::to_string(typeNumber));
      size();  // vsize: redundant, and wrong where it does not fit
      const std::uint64_t begin = big(m_version == 1 ? 4 : 8);
      if (!isOk()) return;
      if (begin > static_cast<std::uint64_t>(m_fileBytes)) complain("variable '" + stored.name + "' begins beyond the end of the file");
      variable.begin = static_cast<std::int64_t>(begin);
      stored.type = type->pixel;
      stored.swapped = type->bytes > 1 && std::endian::native == std::endian::little;
      stored.storage = variable.isRecord ? "records" : "contiguous";
      double bytes = static_cast<double>(type->bytes);
      for (std::size_t d = variable.isRecord ? 1 : 0; d < stored.shape.size(); ++d) bytes *= static_cast<double>(stored.shape[d]);
      if (bytes > static_cast<double>(m_fileBytes)) {
        complain("variable '" + stored.name + "' is declared with " + formatSize(bytes) + ", more than the file has");
        return;
      }
      variable.slabBytes = static_cast<std::int64_t>(bytes);
      header.variables.push_back(std::move(variable));
    }
  }

  /// The length of the unlimited dim, and where records lie.
  Result<void> place(Netcdf3Header& header, std::uint64_t records) const {
    int recordVariables = 0;
    std::int64_t firstRecord = std::numeric_limits<std::int64_t>::max();
    for (const Netcdf3Variable& variable : header.variables) {
      if (!variable.isRecord) continue;
      ++recordVariables;
      firstRecord = std::min(firstRecord, variable.begin);
      header.recordBytes += (variable.slabBytes + 3) / 4 * 4;
      if (header.recordBytes > m_fileBytes) return wrong("a record is larger than the file");
    }
    // The one exception of the format: the records of a single small variable are not padded.
    if (recordVariables == 1)
      for (const Netcdf3Variable& variable : header.variables)
        if (variable.isRecord) header.recordBytes = variable.slabBytes;
    const bool isStreaming = records == (m_version == 5 ? std::numeric_limits<std::uint64_t>::max() : 0xFFFFFFFFU);
    if (recordVariables > 0 && header.recordBytes > 0) {
      const std::int64_t room = (m_fileBytes - firstRecord) / header.recordBytes + 1;
      if (!isStreaming && records > static_cast<std::uint64_t>(room))
        return wrong(std::to_string(records) + " records are declared, but the file has room for " + std::to_string(room));
      header.records = isStreaming ? room - 1 : static_cast<std::int64_t>(records);
    }
    for (Netcdf3Variable& variable : header.variables) {
      if (variable.isRecord) variable.stored.shape.front() = header.records;
      std::int64_t end = variable.begin + variable.slabBytes;
      if (variable.isRecord) end += std::max<std::int64_t>(0, header.records - 1) * header.recordBytes;
      if (end > m_fileBytes)
        variable.stored.refusal = "it reaches to byte " + std::to_string(end) + ", but the file ends at " + std::to_string(m_fileBytes);
    }
    return {};
  }

  std::string_view m_bytes;
  std::int64_t m_fileBytes;
  std::size_t m_at = 0;
  int m_version = 0;
  bool m_isShort = false;
  std::string m_problem;
  std::vector<DimInfo> m_dims;
};

}  // namespace

Result<Netcdf3Header> Netcdf3Header::parse(std::string_view bytes, std::int64_t fileBytes) { return Parser(bytes, fileBytes).parse(); }

}  // namespace cubeloom
