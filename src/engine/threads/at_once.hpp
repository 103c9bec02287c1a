#pragma once

#include <functional>
#include <optional>

#include "engine/threads/no_reader.hpp"
#include "engine/threads/use_case_tools.hpp"
#include "engine/writer/pending_write.hpp"

namespace cariosan::engine {

/// Plans sends and imports from the names that `core::PlanCache` knows, without a snapshot: on the thread that submits them or,
/// behind an earlier write of their caller, on that of a reader. Thread-safe.
class AtOnce {
  public:
    /// Submits a command once more, for a reader to plan it in a snapshot.
    using ByReader = std::function<void(const Caller&, Command, Completion)>;

    /// Other nodes may change what the cache knows: then a reader has to confirm a refusal that depends on a cached name.
    /// `by_reader` is empty if there are no others.
    AtOnce(const UseCaseTools& tools, ByReader by_reader) : tools_(tools), by_reader_(std::move(by_reader)) {}

    /// Takes the command and its completion; if it needs a snapshot, returns nothing and leaves both untouched.
    std::optional<PendingWrite> plan(const Caller& caller, Command& command, Completion& completion);

  private:
    Completion or_by_reader(const Caller& caller, Command command, Completion completion) const;

    const UseCaseTools& tools_;
    const ByReader by_reader_;
    NoReader no_reader_;
};

}  // namespace cariosan::engine
