#pragma once

#include <cariosan/clock.hpp>
#include <cariosan/storage.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "core/use_case.hpp"

namespace cariosan::engine {

/// The tools of every use case; shared by all threads that plan commands, unchanged while they run.
struct UseCaseTools {
    Storage& storage;
    const Limits& limits;
    core::RateLimiter& rates;
    core::RateLimiter& no_rates;  ///< for what is not metered
    core::IdGenerator& ids;
    Crypto& crypto;
    core::MetadataCheck& metadata;
    const core::PresenceLookup& presence;
    core::moderation::RuleCache& rules;
    core::moderation::FloodCounter& floods;
    AttachmentStore* attachments;  ///< absent: not configured
    const std::vector<std::string>& attachment_types;
    Clock& clock;
    core::PlanCache& cache;
    bool push = false;  ///< messages are pushed
};

/// The context of one use case. `rates` and `epoch` outlive it.
inline core::Context context_of(const UseCaseTools& tools, Reader& reader, core::RateLimiter& rates, std::string_view epoch) {
    return {.reader = reader,
            .limits = tools.limits,
            .rates = rates,
            .ids = tools.ids,
            .crypto = tools.crypto,
            .metadata = tools.metadata,
            .presence = tools.presence,
            .rules = tools.rules,
            .floods = tools.floods,
            .attachments = tools.attachments,
            .attachment_types = tools.attachment_types,
            .now = tools.clock.now(),
            .elapsed = tools.clock.elapsed(),
            .epoch = epoch,
            .push = tools.push};
}

}  // namespace cariosan::engine
