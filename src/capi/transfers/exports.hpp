/// The exports that a host has open, by number.
#pragma once

#include <cariosan/export.hpp>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>

namespace cariosan::capi {

/// All calls from any thread. The gateway of its exports must outlive it.
class Exports {
  public:
    static constexpr std::size_t kMost = 64;

    /// `unavailable` beyond `kMost`.
    Result<std::uint64_t> add(std::unique_ptr<Exporter> exporter);
    /// As `Exporter::next`; calls for one export wait for each other. `not_found` if there is none of this number.
    Result<std::optional<std::string>> next(std::uint64_t number);
    Result<Done> remove(std::uint64_t number);

  private:
    struct Entry {
        std::mutex mutex;
        std::unique_ptr<Exporter> exporter;
    };

    std::mutex mutex_;
    std::unordered_map<std::uint64_t, std::shared_ptr<Entry>> entries_;
    std::uint64_t last_ = 0;
};

}  // namespace cariosan::capi
