#include "push.hpp"

#include <cariosan/adapters/fcm.hpp>
#include <cariosan/adapters/webpush.hpp>
#include <cariosan/clock.hpp>

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "descriptor.hpp"
#include "secret_file.hpp"

namespace cariosan::server {

namespace {

constexpr std::size_t kLargestKeyFile = 64 * 1024;

Error fault_of(const char* variable, const std::string& what, const char* accepted) {
    return {ErrorCode::misuse, std::string(variable) + ": " + what + "; accepted: " + accepted};
}

Result<std::string> read_key_file(const std::string& path) {
    const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    if (!file) return Error(ErrorCode::unavailable, std::strerror(errno));
    std::string text(kLargestKeyFile + 1, '\0');
    std::size_t size = 0;
    while (size < text.size()) {
        const ssize_t count = ::read(file.get(), text.data() + size, text.size() - size);
        if (count < 0) return Error(ErrorCode::unavailable, std::strerror(errno));
        if (count == 0) break;
        size += static_cast<std::size_t>(count);
    }
    if (size > kLargestKeyFile) return Error(ErrorCode::unavailable, "it is larger than 64 KiB");
    text.resize(size);
    return text;
}

/// The environment variable for an option of the sender.
const char* variable_of(const Error& error) {
    const ErrorDetail* field = error.detail("field");
    const auto* name = field == nullptr ? nullptr : std::get_if<std::string>(&field->value);
    if (name != nullptr && *name == "project_id") return "CARIOS_FCM_PROJECT_ID";
    if (name != nullptr && *name == "base_url") return "CARIOS_FCM_BASE_URL";
    return "CARIOS_FCM_SERVICE_ACCOUNT_FILE";
}

/// 32 bytes in base64url: no path that anyone would write.
bool is_key_text(std::string_view text) {
    constexpr std::size_t kLength = 43;
    return text.size() == kLength && std::ranges::all_of(text, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
    });
}

constexpr const char* kVapidKey = "CARIOS_VAPID_PRIVATE_KEY";
constexpr const char* kAcceptedVapid = "a key as \"cariosan-server vapid-key\" makes it, or a file with a key on P-256 in PEM";

Result<std::string> vapid_key_text(const Configuration& configuration) {
    const std::string& value = configuration.vapid_private_key;
    if (is_key_text(value)) return value;
    auto text = read_key_file(value);
    if (!text) return fault_of(kVapidKey, "is no key, and no file that can be read: " + text.error().message, kAcceptedVapid);
    return text;
}

Result<std::shared_ptr<PushSender>> open_for_apps(const Configuration& configuration, std::shared_ptr<Crypto> crypto) {
    constexpr const char* kAccepted = "the key file of a Google service account, the project's id, an http or https address";
    const std::string& path = configuration.fcm_service_account_file;
    if (path.empty()) return std::shared_ptr<PushSender>();
    auto text = read_key_file(path);
    if (!text) {
        return fault_of("CARIOS_FCM_SERVICE_ACCOUNT_FILE", "cannot be read: " + text.error().message,
                        "a readable file");
    }
    FcmOptions options;
    options.service_account = *std::move(text);
    options.project_id = configuration.fcm_project_id;
    if (!configuration.fcm_base_url.empty()) options.base_url = configuration.fcm_base_url;
    options.crypto = std::move(crypto);
    options.clock = system_clock();
    auto sender = open_fcm(std::move(options));
    if (!sender) return fault_of(variable_of(sender.error()), sender.error().message, kAccepted);
    return sender;
}

}  // namespace

Result<std::shared_ptr<PushSender>> open_push(const Configuration& configuration, std::shared_ptr<Crypto> crypto) {
    auto apps = open_for_apps(configuration, crypto);
    if (!apps || configuration.vapid_private_key.empty()) return apps;
    auto key = vapid_key_text(configuration);
    if (!key) return std::move(key).error();
    WebPushOptions options;
    options.private_key = *std::move(key);
    options.subject = configuration.vapid_subject;
    options.allow_private = configuration.web_push_allow_private;
    options.others = *std::move(apps);
    options.crypto = std::move(crypto);
    options.clock = system_clock();
    auto sender = open_web_push(std::move(options));
    if (sender) return sender;
    const ErrorDetail* field = sender.error().detail("field");
    const auto* name = field == nullptr ? nullptr : std::get_if<std::string>(&field->value);
    if (name != nullptr && *name == "subject")
        return fault_of("CARIOS_VAPID_SUBJECT", sender.error().message, "mailto: and an address, or an https URL");
    return fault_of(kVapidKey, sender.error().message, kAcceptedVapid);
}

Result<Done> provide_vapid_key(Configuration& configuration, Crypto& crypto) {
    if (!configuration.vapid_private_key.empty()) return Done{};
    const Database& database = configuration.database;
    const std::string path = database.in_memory() ? std::string() : database.vapid_key_path();
    std::optional<std::string> key;
    if (!path.empty()) {
        auto kept = read_secret(path);
        if (!kept) return std::move(kept).error();
        key = *std::move(kept);
    }
    if (!key) {
        auto made = make_vapid_key(crypto);
        if (!made) return std::move(made).error();
        key = *std::move(made);
        if (!path.empty()) {
            if (auto written = replace_secret(path, *key); !written) return written;
        }
    }
    configuration.vapid_private_key = *std::move(key);
    configuration.vapid_subject = "mailto:demo@cariosan.example";
    return Done{};
}

Result<std::string> push_public_key(const Configuration& configuration, Crypto& crypto) {
    if (configuration.vapid_private_key.empty()) return std::string();
    auto key = vapid_key_text(configuration);
    if (!key) return key;
    return vapid_public_key(*key, crypto);
}

}  // namespace cariosan::server
