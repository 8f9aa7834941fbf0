// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>

#include "engine/base/text.h"
#include "engine/io/file/io_error.h"
#include "engine/io/hdf5/hdf5_file.h"

namespace cubeloom {
namespace {

std::vector<hsize_t> asSizes(const std::vector<std::int64_t>& numbers) { return {numbers.begin(), numbers.end()}; }

}  // namespace

Result<void> Hdf5File::checkReads(ErrorCode code) const {
  if (const auto failure = m_input->takeFailure()) return failAt(code, m_input->path(), *failure);
  return {};
}

Result<Hdf5File::Opened*> Hdf5File::opened(std::size_t variable) {
  if (variable >= m_variables.size()) return fail(ErrorCode::Internal, "there is no such variable");
  Opened& it = m_variables[variable];
  if (it.dataset) return &it;
  Hdf5Id dataset(H5Dopen2(m_file.get(), it.name.c_str(), H5P_DEFAULT));
  it.type = dataset ? Hdf5Id(H5Dget_type(dataset.get())) : Hdf5Id();
  CUBELOOM_TRY(checkReads(ErrorCode::ReadFailed));
  if (!it.type) return hdf5Failure(ErrorCode::ReadFailed, m_input->path(), "cannot open " + it.name + " in " + m_input->path());
  it.dataset = std::move(dataset);
  return &it;
}

Result<std::vector<Hdf5Place>> Hdf5File::locate(std::size_t variable, std::int64_t first, std::int64_t count) {
  auto it = opened(variable);
  if (!it) return fail(std::move(it.error()));
  const std::vector<std::int64_t>&shape = (*it)->shape, &chunk = (*it)->chunk;
  std::vector<Hdf5Place> places(static_cast<std::size_t>(count));
  std::vector<hsize_t> origin(shape.size());
  for (std::int64_t i = 0; i < count; ++i) {
    std::int64_t number = first + i;
    for (std::size_t d = shape.size(); d-- > 0;) {
      const std::int64_t along = (shape[d] + chunk[d] - 1) / chunk[d];
      origin[d] = static_cast<hsize_t>(number % along) * static_cast<hsize_t>(chunk[d]);
      number /= along;
    }
    Hdf5Place& place = places[static_cast<std::size_t>(i)];
    m_input->noteInstead();
    std::byte untouched{};
    const bool isThere = H5Dread_chunk((*it)->dataset.get(), H5P_DEFAULT, origin.data(), &place.skipped, &untouched) >= 0;
    const auto noted = m_input->takeNoted();
    if (isThere && noted && noted->bytes <= UINT32_MAX) {
      place.offset = noted->offset;
      place.bytes = static_cast<std::uint32_t>(noted->bytes);
    }
  }
  H5Eclear2(H5E_DEFAULT);
  CUBELOOM_TRY(checkReads(ErrorCode::ReadFailed));
  return places;
}

Result<std::vector<std::byte>> Hdf5File::values(std::size_t variable, const std::vector<std::int64_t>& origin) {
  auto it = opened(variable);
  if (!it) return fail(std::move(it.error()));
  const std::vector<std::int64_t>& chunk = (*it)->chunk;
  if (origin.size() != chunk.size()) return fail(ErrorCode::Internal, "there is no such chunk");
  std::size_t bytes = (*it)->elementBytes;
  std::vector<hsize_t> count;
  for (std::size_t d = 0; d < chunk.size(); ++d) {
    if (origin[d] < 0 || origin[d] >= (*it)->shape[d]) return fail(ErrorCode::Internal, "there is no such chunk");
    bytes *= static_cast<std::size_t>(chunk[d]);
    count.push_back(static_cast<hsize_t>(std::min(chunk[d], (*it)->shape[d] - origin[d])));
  }
  std::vector<std::byte> values(bytes);
  const std::vector<hsize_t> start = asSizes(origin), room = asSizes(chunk), zero(origin.size(), 0);
  const hid_t dataset = (*it)->dataset.get();
  const Hdf5Id inFile(H5Dget_space(dataset)), inMemory(H5Screate_simple(static_cast<int>(origin.size()), room.data(), nullptr));
  const bool done = inFile && inMemory &&
                    H5Sselect_hyperslab(inFile.get(), H5S_SELECT_SET, start.data(), nullptr, count.data(), nullptr) >= 0 &&
                    H5Sselect_hyperslab(inMemory.get(), H5S_SELECT_SET, zero.data(), nullptr, count.data(), nullptr) >= 0 &&
                    H5Dread(dataset, (*it)->type.get(), inMemory.get(), inFile.get(), H5P_DEFAULT, values.data()) >= 0;
  CUBELOOM_TRY(checkReads(ErrorCode::ReadFailed));
  if (!done) return hdf5Failure(ErrorCode::ReadFailed, m_input->path(), "HDF5");
  return values;
}

}  // namespace cubeloom
