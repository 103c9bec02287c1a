#pragma once

#include <cariosan/attachment_files.hpp>
#include <cariosan/error.hpp>
#include <memory>
#include <string>

#include "adapters/folder/file_threads.hpp"
#include "adapters/folder/places.hpp"

namespace cariosan::folder {

/// Opens the file of a key for reading; null if there is none. On a thread for files. `threads` must outlive the reader, which
/// holds no descriptor between two reads.
Result<std::unique_ptr<FileReader>> open_stored(FileThreads& threads, const std::string& root, const std::string& key,
                                                Places::Place place);

}  // namespace cariosan::folder
