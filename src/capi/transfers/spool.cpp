#include "capi/transfers/spool.hpp"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <utility>

namespace cariosan::capi {
namespace {

Error cannot_keep(int reason) {
    return {ErrorCode::unavailable, std::string("cannot keep the lines to import in a temporary file: ") + std::strerror(reason)};
}

}  // namespace

Result<std::unique_ptr<Spool>> Spool::make(std::string folder) {
    if (folder.empty()) {
        std::error_code none;
        folder = std::filesystem::temp_directory_path(none).string();
    }
    std::string path = std::move(folder) + "/cariosan-import-XXXXXX";
    const int descriptor = ::mkstemp(path.data());
    if (descriptor < 0) return cannot_keep(errno);
    std::unique_ptr<Spool> spool(new Spool(descriptor));
    if (::unlink(path.c_str()) != 0 || ::fcntl(descriptor, F_SETFD, FD_CLOEXEC) != 0) return cannot_keep(errno);
    return spool;
}

Spool::~Spool() { ::close(descriptor_); }

Result<Done> Spool::write(std::string_view bytes) {
    off_t end = size_;
    while (!bytes.empty()) {
        const ssize_t count = ::pwrite(descriptor_, bytes.data(), bytes.size(), end);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) {
            Error failure = cannot_keep(errno);
            if (::ftruncate(descriptor_, size_) != 0) return cannot_keep(errno);
            return failure;
        }
        bytes.remove_prefix(static_cast<std::size_t>(count));
        end += count;
    }
    size_ = end;
    return Done{};
}

}  // namespace cariosan::capi
