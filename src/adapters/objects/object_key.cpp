#include "adapters/objects/object_key.hpp"

#include <utility>

#include "adapters/objects/file_name.hpp"
#include "encoding/percent.hpp"

namespace cariosan::objects {
namespace {

/// The part up to the next slash, taken off together with it; absent if there is no slash.
std::optional<std::string_view> take_segment(std::string_view& key) {
    const std::size_t slash = key.find('/');
    if (slash == std::string_view::npos) return std::nullopt;
    const std::string_view segment = key.substr(0, slash);
    key.remove_prefix(slash + 1);
    return segment;
}

bool are_digits(std::string_view text, std::size_t count) {
    return text.size() == count && text.find_first_not_of("0123456789") == std::string_view::npos;
}

bool is_month(std::string_view text) { return are_digits(text, 2) && text >= "01" && text <= "12"; }

}  // namespace

std::string make_object_key(WorkspaceId workspace, Uuid id, Timestamp at, std::string_view file_name) {
    const std::string date = at.to_string();
    return workspace.to_string() + "/" + date.substr(0, 4) + "/" + date.substr(5, 2) + "/" + id.to_string() +
           "/" + sanitise_file_name(file_name);
}

bool is_object_key(std::string_view key, WorkspaceId workspace) {
    const auto owner = take_segment(key);
    const auto year = take_segment(key);
    const auto month = take_segment(key);
    const auto id = take_segment(key);
    // What is left is the name; a slash in it would be cut off by the sanitiser.
    return id && *owner == workspace.to_string() && are_digits(*year, 4) && is_month(*month) &&
           Uuid::parse(*id) && key.size() <= kMaxFileNameBytes && sanitise_file_name(key) == key;
}

std::optional<ObjectKey> decode_object_key(std::string_view encoded) {
    const std::size_t name_start = encoded.rfind('/') + 1;
    const auto name = encoding::percent_decode(encoded.substr(name_start));
    const auto workspace = WorkspaceId::parse(encoded.substr(0, encoded.find('/')));
    // An encoded slash in the name would be one of the key's.
    if (!name || name->find('/') != std::string::npos || !workspace) return std::nullopt;
    std::string key = std::string(encoded.substr(0, name_start)) + *name;
    if (!is_object_key(key, *workspace)) return std::nullopt;
    return ObjectKey{*workspace, std::move(key)};
}

std::optional<ObjectKey> key_of_url(std::string_view url, std::string_view base) {
    if (!url.starts_with(base)) return std::nullopt;
    url.remove_prefix(base.size());
    if (!url.starts_with('/')) return std::nullopt;
    url.remove_prefix(1);
    return decode_object_key(url);
}

bool is_object_url(std::string_view url, std::string_view base, WorkspaceId workspace) {
    const auto key = key_of_url(url, base);
    return key && key->workspace == workspace;
}

}  // namespace cariosan::objects
