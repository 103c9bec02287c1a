/// A workspace with a few users, and short ways to run commands there.
#pragma once

#include <doctest/doctest.h>

#include <cariosan/limits.hpp>
#include <string>

#include "core/moderation/flood.hpp"
#include "core/moderation/rule_cache.hpp"
#include "core/use_case.hpp"
#include "unit/core/fakes.hpp"

namespace cariosan::test {

/// Alice is an admin and Budi a member of the group "orders"; both are in the direct channel "pair"; Citra is in neither.
struct Stage {
    FakeClock clock;
    FakeCrypto crypto;
    FakeMetadata metadata;
    FakePresence presence;
    AttachmentStore* attachments = nullptr;
    std::vector<std::string> attachment_types{"image/png", "audio/*"};
    Limits limits;
    Rates rates;
    World world;
    WorkspaceId shop = world.add_workspace();
    User alice = world.add_user(shop, "alice");
    User budi = world.add_user(shop, "budi");
    User citra = world.add_user(shop, "citra");
    ChannelId orders = world.add_channel(shop, ChannelType::group, "orders").id;
    ChannelId pair = world.add_channel(shop, ChannelType::direct, "pair").id;
    FakeReader reader{world};
    core::RateLimiter limiter{rates};
    core::IdGenerator ids{clock, crypto};
    core::moderation::RuleCache rules;
    core::moderation::MemoryFloodCounter floods;

    Stage() {
        world.add_member(orders, alice, Role::admin);
        world.add_member(orders, budi);
        world.add_member(pair, alice);
        world.add_member(pair, budi);
    }

    Caller backend() const { return Caller::backend(shop); }
    Caller as(const User& user) const { return Caller::user(shop, user.id); }

    core::Context context() {
        return {.reader = reader,
                .limits = limits,
                .rates = limiter,
                .ids = ids,
                .crypto = crypto,
                .metadata = metadata,
                .presence = presence,
                .rules = rules,
                .floods = floods,
                .attachments = attachments,
                .attachment_types = attachment_types,
                .now = clock.wall,
                .elapsed = clock.running,
                .epoch = "epoch-1"};
    }

    Result<core::Plan> plan(const Command& command, const Caller& caller) {
        auto now = context();
        return core::plan(command, caller, now);
    }

    /// The outcome of a command that must be answered at once.
    Outcome outcome(const Command& command, const Caller& caller) {
        auto planned = plan(command, caller);
        REQUIRE(planned.ok());
        REQUIRE(std::holds_alternative<Outcome>(*planned));
        return std::get<Outcome>(std::move(*planned));
    }

    template <class C>
    typename C::Answer answer(const C& command, const Caller& caller) {
        return std::get<typename C::Answer>(outcome(command, caller).answer);
    }

    /// The mutation that a command must become.
    template <class M>
    M mutation(const Command& command, const Caller& caller) {
        auto planned = plan(command, caller);
        REQUIRE(planned.ok());
        auto* write = std::get_if<core::PlannedMutation>(&*planned);
        REQUIRE(write != nullptr);
        REQUIRE(std::holds_alternative<M>(write->mutation));
        return std::get<M>(std::move(write->mutation));
    }

    /// The error of a command that must fail.
    Error error(const Command& command, const Caller& caller) {
        auto planned = plan(command, caller);
        REQUIRE_FALSE(planned.ok());
        return planned.error();
    }
};

inline std::string text_detail(const Error& error, std::string_view name) {
    const ErrorDetail* detail = error.detail(name);
    const auto* text = detail != nullptr ? std::get_if<std::string>(&detail->value) : nullptr;
    return text != nullptr ? *text : std::string();
}

inline std::int64_t number_detail(const Error& error, std::string_view name) {
    const ErrorDetail* detail = error.detail(name);
    const auto* number = detail != nullptr ? std::get_if<std::int64_t>(&detail->value) : nullptr;
    return number != nullptr ? *number : -1;
}

/// Whether the error is a `validation_error` about this field.
inline bool is_invalid(const Error& error, std::string_view field) {
    return error.code == ErrorCode::validation_error && text_detail(error, "field") == field;
}

/// Whether it also names this limit.
inline bool is_over(const Error& error, std::string_view field, std::int64_t limit) {
    return is_invalid(error, field) && number_detail(error, "limit") == limit;
}

}  // namespace cariosan::test
