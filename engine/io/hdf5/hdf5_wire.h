// SPDX-License-Identifier: GPL-3.0-or-later
// What is asked of the process that looks into HDF5 files, and what it tells: where values lie, not the values, which are read here.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/result.h"
#include "engine/io/file/message.h"
#include "engine/io/hdf5/hdf5_filters.h"
#include "engine/io/source/variable_file.h"

namespace cubeloom {

/// A chunk is believed up to this size; 512 MiB.
constexpr double kMostHdf5ChunkBytes = 512.0 * 1024 * 1024;
/// What is declared larger no file can hold.
constexpr double kMostHdf5ArrayBytes = 4.6e18;

/// How the values of one variable are stored.
struct Hdf5Layout {
  /// Why they cannot be read, and whether that is for want of a filter or of numbers; empty: they can.
  std::string problem, remedy;
  bool isUnsupported = false;
  std::optional<std::int64_t> denseOffset;      ///< all in one piece from this byte on
  std::vector<std::int64_t> chunk;              ///< elements per dim; of what is not stored in chunks: pieces to read it in
  std::uint32_t elementBytes = 0;               ///< 0: not looked at
  bool isLocated = false;                       ///< chunks that locate() finds
  bool isAllocated = true;                      ///< false: all is `fill`
  std::vector<Hdf5Filters::Kind> filters = {};  ///< of located chunks
  std::vector<std::uint8_t> fill = {};          ///< one element, in the file's byte order
  double storedBytes = 0;
};

/// All that opening a file tells.
struct Hdf5Facts {
  std::int64_t file = 0;  ///< its number in the reader
  std::string driver;
  std::vector<StoredVariable> variables;
  std::vector<Hdf5Layout> layouts;  ///< of each of them
  std::map<std::string, Attributes> groups;
  std::vector<std::string> notes;
};

/// A stored chunk: none where `bytes` is 0. Bit i of `skipped`: filter i was not applied to it.
struct Hdf5Place {
  std::int64_t offset = 0;
  std::uint32_t bytes = 0, skipped = 0;
};

enum class Hdf5Verb : std::uint8_t { Open, Locate, Values, Close };

struct Hdf5Question {
  Hdf5Verb verb = Hdf5Verb::Open;
  std::string path = {};                  ///< of Open
  std::int64_t file = 0;                  ///< of all others
  std::uint64_t variable = 0;             ///< of Locate and Values
  std::int64_t first = 0, count = 0;      ///< of Locate: chunks by their row-major number
  std::vector<std::int64_t> origin = {};  ///< of Values: the chunk's first element; its values come through the shared memory,
  std::int64_t from = 0, bytes = 0;       ///< these bytes of them
};

template <class A>
void fields(A& a, Attribute& v) {
  a(v.text, v.numbers);
}
template <class A>
void fields(A& a, StoredVariable& v) {
  a(v.group, v.name, v.dims, v.shape, v.type, v.swapped, v.refusal, v.storage, v.attributes, v.texts, v.notes);
}
template <class A>
void fields(A& a, Hdf5Layout& l) {
  a(l.problem, l.remedy, l.isUnsupported, l.denseOffset, l.chunk, l.elementBytes, l.isLocated, l.isAllocated, l.filters, l.fill,
    l.storedBytes);
}
template <class A>
void fields(A& a, Hdf5Facts& f) {
  a(f.file, f.driver, f.variables, f.layouts, f.groups, f.notes);
}
template <class A>
void fields(A& a, Hdf5Place& p) {
  a(p.offset, p.bytes, p.skipped);
}
template <class A>
void fields(A& a, Hdf5Question& q) {
  a(q.verb, q.path, q.file, q.variable, q.first, q.count, q.origin, q.from, q.bytes);
}

/// The whole of `PROGRAM --reader hdf5 FOLDER...`.
int serveHdf5Reader(const std::vector<std::string>& folders);

}  // namespace cubeloom
