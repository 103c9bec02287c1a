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

/// The language of the demo's conversation and, at first, of its page.
enum class DemoLanguage : std::uint8_t { english, indonesian };

/// Parses "en" or "id".
std::optional<DemoLanguage> parse_demo_language(std::string_view name);

struct Demo {
    DemoLanguage language = DemoLanguage::english;
    Workspace workspace;
    std::vector<User> users;
    std::vector<std::string> channels;
    std::string key;  ///< API key pair of its backend, "pk_…:sk_…"
};

/// What the page may upload, if a bucket is configured.
struct DemoUploads {
    std::vector<std::string> types;  ///< "type/subtype" or "type/*"
    std::int64_t max_bytes = 0;      ///< per file
};

/// Creates the demo in an empty database, or finds the existing one. Absent if the database is used for other things. The
/// API key pair of the demo's backend is stored in the file at `key_path`, or not stored if that is empty. If the demo was
/// created in another language, the conversation is added in this one.
Result<std::optional<Demo>> prepare_demo(Engine& engine, DemoLanguage language, const std::string& key_path);

/// `{"language","workspace":{"id","name"},"users":[{"external_id","name","token"}…],"channels":[…],"backend_key"}` with new
/// tokens, plus `"attachments":{"types","max_bytes"}` if files can be uploaded, and `"push_key"` if browsers can be notified. Only
/// give this to a client for which `is_local_browser` holds.
std::string demo_json(const Demo& demo, const std::optional<DemoUploads>& uploads, const std::string& push_key, Gateway& gateway, std::chrono::seconds ttl);

}  // namespace cariosan::server
