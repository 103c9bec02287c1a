#pragma once

#include <cariosan/attachment_files.hpp>
#include <cariosan/error.hpp>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "adapters/folder/file_threads.hpp"
#include "adapters/folder/keeping/usage.hpp"
#include "adapters/folder/places.hpp"

namespace cariosan::folder {

/// What an upload holds while it is under way.
struct UploadHold {
    Places::Place place;
    Usage::Room room;  ///< kept if the file is stored
};

/// A file that is being written in a folder of its own, which is renamed to its place at the end: a file is there as a whole or
/// not at all, and the first upload of a key wins. All calls, and the destructor, on a thread for files, one at a time.
///
/// No descriptor is held between two calls, so that slow uploads cannot use them up.
class IncomingFile {
  public:
    /// `unique` distinguishes uploads of the same key. Reserves the room on the disk where the file system can.
    static Result<std::shared_ptr<IncomingFile>> begin(const std::string& root, UploadPermit permit, const std::string& unique,
                                                       UploadHold hold);
    /// Removes what was not finished.
    ~IncomingFile();
    IncomingFile(const IncomingFile&) = delete;
    IncomingFile& operator=(const IncomingFile&) = delete;

    Result<Done> append(std::string_view part);
    Result<UploadEnd> finish();

  private:
    IncomingFile(std::string root, UploadPermit permit, const std::string& unique, UploadHold hold);

    Result<Done> make();
    Result<Done> sync() const;
    Result<UploadEnd> compare() const;

    const std::string root_;
    const UploadPermit permit_;
    const std::string folder_;  ///< of this upload
    const std::string path_;    ///< of the content in it
    UploadHold hold_;
    std::int64_t written_ = 0;
    bool moved_ = false;
};

/// `FileWriter` over an incoming file. `threads` must outlive it.
std::unique_ptr<FileWriter> make_writer(FileThreads& threads, std::shared_ptr<IncomingFile> file);

}  // namespace cariosan::folder
