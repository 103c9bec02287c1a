/// The names of attachments in a bucket or a folder: `<workspace>/<yyyy>/<mm>/<uuid>/<sanitised name>`.
#pragma once

#include <cariosan/types.hpp>
#include <optional>
#include <string>
#include <string_view>

namespace cariosan::objects {

/// The key of a new file. `at` gives year and month, in UTC; `file_name` is any text.
std::string make_object_key(WorkspaceId workspace, Uuid id, Timestamp at, std::string_view file_name);

/// Whether `make_object_key` could have made this key for the workspace.
bool is_object_key(std::string_view key, WorkspaceId workspace);

struct ObjectKey {
    WorkspaceId workspace{};
    std::string text{};
};

/// The key whose one encoding by `percent_encode_path` this is; absent if there is none, in any workspace.
std::optional<ObjectKey> decode_object_key(std::string_view encoded);

/// The key that `url` has below `base`, by the rules of `is_object_url`; absent if it is no such address, in any workspace.
std::optional<ObjectKey> key_of_url(std::string_view url, std::string_view base);

/// Whether `url` is exactly `base` + "/" + such a key, encoded as `percent_encode_path` does. One key has one
/// such address; dot segments, encoded slashes, queries, fragments and user names are in none.
bool is_object_url(std::string_view url, std::string_view base, WorkspaceId workspace);

}  // namespace cariosan::objects
