/// A little of everything, to run while something fails.
#pragma once

#include <memory>

#include "conformance/model_check.hpp"

namespace cariosan::test {

/// Fails steps once armed, by their number since then. Shared by a test and the storage it opened.
class StepSwitch {
  public:
    using Rule = std::function<bool(std::int64_t step)>;

    /// For `OpenOptions::fail_step`.
    static std::function<bool(std::int64_t)> hook(const std::shared_ptr<StepSwitch>& self) {
        return [self](std::int64_t) { return self->next(); };
    }
    void arm(Rule rule) {
        rule_ = std::move(rule);
        steps_ = 0;
        fired_ = 0;
    }
    void disarm() { rule_ = nullptr; }
    std::int64_t steps() const { return steps_; }
    std::int64_t fired() const { return fired_; }

  private:
    bool next() {
        ++steps_;
        const bool fails = rule_ && rule_(steps_);
        if (fails) ++fired_;
        return fails;
    }

    Rule rule_;
    std::int64_t steps_ = 0;
    std::int64_t fired_ = 0;
};

/// Batches with all kinds of mutations, on channels of its own. The model contains what was acknowledged, and not what was
/// answered `unavailable`.
class FaultScenario {
  public:
    explicit FaultScenario(World& world) : world_(world) {}

    /// Creates users and channels; nothing may fail yet.
    void prepare();
    /// The part during which steps fail.
    void run();
    /// Checks that exactly what was acknowledged is stored, and that what failed can be repeated now.
    void check();
    /// How many batches were committed only in part.
    int isolated() const { return isolated_; }

  private:
    void commit(std::vector<Mutation> batch);
    void use_webhooks();
    void check_outbox();
    void change_messages(MessageId mentioning);
    Mutation keyed(mutation::SendMessage send);

    World& world_;
    Model model_;
    std::vector<UserId> users_;
    ChannelId one_;
    ChannelId two_;
    std::vector<Mutation> failed_sends_;
    WebhookId webhook_;
    std::size_t deliveries_ = 0;      ///< deliveries for acknowledged changes
    std::size_t finished_ = 0;  ///< of these, the ones whose end was acknowledged
    int keys_ = 0;
    int isolated_ = 0;
};

}  // namespace cariosan::test
