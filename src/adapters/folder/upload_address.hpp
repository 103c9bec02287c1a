/// The signed address of an upload: the permit, readable, and its HMAC. Pure functions over bytes.
#pragma once

#include <cariosan/attachment_files.hpp>
#include <cariosan/crypto.hpp>
#include <optional>
#include <string>
#include <string_view>

namespace cariosan::folder {

/// Path and query, from `kFilesPath` on. The expiry counts in whole seconds; the rest is cut off.
std::string upload_address(const UploadPermit& permit, std::string_view secret, Crypto& crypto);

/// What such an address permits. Absent for any other text: each permit has exactly one address.
std::optional<UploadPermit> read_upload_address(std::string_view target, std::string_view secret, Crypto& crypto);

}  // namespace cariosan::folder
