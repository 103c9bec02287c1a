#include "secret_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstring>

#include "descriptor.hpp"

namespace cariosan::server {

namespace {

constexpr std::size_t kLeastBytes = 32;

Error failed(const std::string& path, const char* what) {
    return Error(ErrorCode::unavailable,
                 "cannot " + std::string(what) + " " + path + ": " + std::strerror(errno));
}

Result<std::string> read_file(const std::string& path) {
    const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file) return failed(path, "open");
    std::array<char, 4096> buffer{};
    const ssize_t count = ::read(file.get(), buffer.data(), buffer.size());
    if (count < 0) return failed(path, "read");
    std::string secret(buffer.data(), static_cast<std::size_t>(count));
    while (!secret.empty() && (secret.back() == '\n' || secret.back() == '\r')) secret.pop_back();
    return secret;
}

enum class Existing { stays, is_replaced };

/// The file must appear complete or not at all, because another process that starts now must not read half of it.
Result<Done> write_secret(const std::string& path, const std::string& secret, Existing existing) {
    const std::string fresh = path + "." + std::to_string(getpid());
    Descriptor file(::open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, S_IRUSR | S_IWUSR));
    if (!file) return failed(fresh, "make");
    const std::string line = secret + "\n";
    bool written = ::write(file.get(), line.data(), line.size()) == static_cast<ssize_t>(line.size()) &&
                   ::fsync(file.get()) == 0;
    if (written && existing == Existing::is_replaced) {
        written = ::rename(fresh.c_str(), path.c_str()) == 0;
        if (written) return Done{};
    } else if (written) {
        written = ::link(fresh.c_str(), path.c_str()) == 0 || errno == EEXIST;
    }
    Result<Done> result = written ? Result<Done>(Done{}) : failed(path, "write");
    ::unlink(fresh.c_str());
    return result;
}

}  // namespace

std::string make_secret(Crypto& crypto) {
    std::array<std::uint8_t, 32> bytes{};
    crypto.random(bytes);
    std::string text;
    for (const std::uint8_t byte : bytes) {
        constexpr std::string_view kDigits = "0123456789abcdef";
        text += kDigits[byte >> 4U];
        text += kDigits[byte & 15U];
    }
    return text;
}

Result<std::optional<std::string>> read_secret(const std::string& path) {
    if (::access(path.c_str(), F_OK) != 0 && errno == ENOENT) return std::optional<std::string>();
    auto secret = read_file(path);
    if (!secret) return secret.error();
    return std::optional(*std::move(secret));
}

Result<Done> replace_secret(const std::string& path, const std::string& secret) {
    return write_secret(path, secret, Existing::is_replaced);
}

Result<std::string> load_or_make_secret(const std::string& path, Crypto& crypto) {
    if (::access(path.c_str(), F_OK) != 0) {
        if (auto written = write_secret(path, make_secret(crypto), Existing::stays); !written)
            return written.error();
    }
    auto secret = read_file(path);
    if (secret && secret->size() < kLeastBytes) {
        return Error(ErrorCode::unavailable,
                     path + " holds no secret of at least 32 bytes; remove it to have one made");
    }
    return secret;
}

}  // namespace cariosan::server
