/// The demo workspace: two users, two channels, a few messages.
#pragma once

#include <cariosan/engine.hpp>
#include <cariosan/http.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cariosan::server {

/// What the demo's people write in, and what its page begins in.
enum class DemoLanguage : std::uint8_t { english, indonesian };

/// From "en" or "id".
std::optional<DemoLanguage> parse_demo_language(std::string_view name);

struct Demo {
    DemoLanguage language = DemoLanguage::english;
    Workspace workspace;
    std::vector<User> users;
    std::vector<std::string> channels;
    std::string key;  ///< of its backend, "pk_…:sk_…"
};

/// What the page may upload, where a bucket is configured.
struct DemoUploads {
    std::vector<std::string> types;  ///< "type/subtype" or "type/*"
    std::int64_t max_bytes = 0;      ///< of one file
};

/// Makes the demo in an empty database, or finds the one made before. Nothing if the database is used for other things. The
/// key of its backend is kept in the file at `key_path`; an empty one keeps nothing. A demo that was made in another language
/// gets the conversation in this one too.
Result<std::optional<Demo>> prepare_demo(Engine& engine, DemoLanguage language, const std::string& key_path);

/// `{"language","workspace":{"id","name"},"users":[{"external_id","name","token"}…],"channels":[…],"backend_key"}` with new tokens; with
/// `"attachments":{"types","max_bytes"}` if files can be uploaded. For `is_local_browser` alone.
std::string demo_json(const Demo& demo, const std::optional<DemoUploads>& uploads, Gateway& gateway, std::chrono::seconds ttl);

}  // namespace cariosan::server
