#pragma once

#include <cariosan/attachments.hpp>
#include <cariosan/error.hpp>
#include <cariosan/types.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "adapters/folder/folder_names.hpp"
#include "adapters/folder/keeping/removal.hpp"
#include "adapters/folder/keeping/usage.hpp"

namespace cariosan::folder {

/// Walks through the whole folder, some files at a time, and takes away what nobody needs: files that no message names a day after
/// they were uploaded, uploads that broke off as long ago, and what was set aside by a server that ended. A walk begins at the
/// start and every six hours. Files of workspaces that the storage does not know are left alone: they may be another storage's.
///
/// One thread at a time. Holds at most four descriptors.
class Cleaning {
  public:
    Cleaning(const std::string& root, Usage& usage, Removal& removal) : root_(root), usage_(usage), removal_(removal) {}

    /// As `AttachmentStore::tidy`.
    Result<std::uint64_t> step(Timestamp now, FileNames& names);

  private:
    /// What is walked through, in this order.
    enum class Part : std::uint8_t { erased, incoming, files, none };

    void begin(Part part);
    Result<std::uint64_t> look_at(const std::string& name, Timestamp now, FileNames& names);
    Result<std::uint64_t> look_at_file(const std::string& path, Timestamp now, FileNames& names);

    const std::string& root_;
    Usage& usage_;
    Removal& removal_;
    std::optional<Timestamp> begun_{};
    Part part_ = Part::none;
    std::vector<FolderNames> walk_{};  ///< the folders down to where the walk is
};

}  // namespace cariosan::folder
