#include "push.hpp"

#include <cariosan/adapters/fcm.hpp>
#include <cariosan/clock.hpp>

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <string>
#include <utility>

#include "descriptor.hpp"

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

}  // namespace

Result<std::shared_ptr<PushSender>> open_push(const Configuration& configuration, std::shared_ptr<Crypto> crypto) {
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

}  // namespace cariosan::server
