/// Random mutations in one workspace: many that succeed, many that are refused.
#pragma once

#include <random>
#include <utility>

#include "support/model/model.hpp"
#include "support/model/mutation_maker.hpp"

namespace cariosan::test {

class RandomMutations {
  public:
    /// Both must outlive this object. The same seed and the same answers create the same mutations.
    RandomMutations(MutationMaker& make, const Model& model, unsigned seed) : make_(make), model_(model), random_(seed) {}

    /// Uses these users, and one that does not exist.
    void begin(std::vector<UserId> users);
    /// A mutation that the model covers.
    Mutation any();
    Mutation new_channel();
    std::size_t roll(std::size_t sides);
    UserId any_user() { return users_[roll(users_.size())]; }
    ChannelId any_channel();
    std::vector<TextSpan> any_spans();
    mutation::SendMessage any_send();
    mutation::EditMessage any_edit();

  private:
    std::optional<UserId> any_actor() { return roll(3) == 0 ? std::optional<UserId>() : any_user(); }
    /// One of the newest messages of a channel, and its author or somebody else.
    std::pair<Message, UserId> any_message();
    Mutation any_message_change();
    Mutation any_receipt();
    Mutation any_preferences();
    Mutation any_block();
    Mutation any_silence();
    Mutation any_membership();
    Mutation any_settings();

    MutationMaker& make_;
    const Model& model_;
    std::mt19937 random_;
    std::vector<UserId> users_;
};

}  // namespace cariosan::test
