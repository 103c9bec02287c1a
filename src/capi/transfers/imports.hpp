/// The imports that a host has open, by number. Each runs on a thread of its own, which waits for answers that the host polls.
#pragma once

#include <cariosan/engine.hpp>
#include <cariosan/import.hpp>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string_view>
#include <unordered_map>

#include "capi/items/outputs.hpp"

namespace cariosan::capi {

class ImportTask;

/// All calls from any thread.
class Imports {
  public:
    static constexpr std::size_t kMost = 8;

    explicit Imports(Outputs& outputs);
    /// Waits for those that run.
    ~Imports();

    /// `options`: the JSON of `cariosan_import_open`. `unavailable` beyond `kMost`.
    Result<std::uint64_t> open(std::string_view options);
    Result<Done> push(std::uint64_t number, std::string_view bytes);
    /// Starts it. Progress and the end are queued as output.
    Result<Done> run(std::uint64_t number, Engine& engine, TicketRef ticket);
    /// Forgets one that was not started; makes a running one end soon.
    Result<Done> close(std::uint64_t number);

    /// Makes all that run end soon, and no more begin. `finish`, which waits for them, needs the engine to answer: after `Engine::close`.
    void cancel();
    void finish();

  private:
    Result<std::shared_ptr<ImportTask>> find(std::uint64_t number);

    Outputs& outputs_;
    std::mutex mutex_;
    std::unordered_map<std::uint64_t, std::shared_ptr<ImportTask>> tasks_;
    std::uint64_t last_ = 0;
    bool cancelled_ = false;
};

}  // namespace cariosan::capi
