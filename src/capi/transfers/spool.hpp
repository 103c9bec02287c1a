#pragma once

#include <sys/types.h>

#include <cariosan/error.hpp>
#include <memory>
#include <string>
#include <string_view>

namespace cariosan::capi {

/// A file without a name that keeps what a host hands in, since an import reads its lines more than once. Gone with this
/// object, or with the process.
class Spool {
  public:
    /// `folder` empty: the system's for temporary files. `unavailable` with the reason.
    static Result<std::unique_ptr<Spool>> make(std::string folder);
    ~Spool();
    Spool(const Spool&) = delete;
    Spool& operator=(const Spool&) = delete;

    /// Appends. `unavailable` with the reason, such as a full disk; then nothing of it is kept.
    Result<Done> write(std::string_view bytes);
    int descriptor() const noexcept { return descriptor_; }

  private:
    explicit Spool(int descriptor) : descriptor_(descriptor) {}
    const int descriptor_;
    off_t size_ = 0;
};

}  // namespace cariosan::capi
